"""Cross-fitted probabilities of what was not observed."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.model_selection import KFold

from skmo.boosting import (
    LeafSettings,
    OwnSettings,
    TargetCoder,
    TargetRows,
    conditional_target,
    impute,
)
from skmo.datasets import make_funnel
from skmo.objectives import Binary

TREES = {"num_leaves": 5, "min_data_in_leaf": 10}
SEED = 3


@pytest.fixture
def problem():
    X, Y = make_funnel(
        700, rates=(0.7, 0.6, 0.5), signal=2.5, n_noise_features=0, random_state=0
    )
    return X[:600], Y[:600], X[600:]


def run(X, Y, X_val=None, weight=None):
    target = conditional_target(Y, weight)
    coder = TargetCoder([Binary() for _ in Y.T]).fit(target, weight)
    settings = OwnSettings(
        dict(TREES),
        LeafSettings(learning_rate=0.2),
        n_estimators=3,  # of the booster: the models stop by themselves
        patience=5,
        tol=0.0,
        seed=0,
    )
    rows = TargetRows(coder, target, weight)
    return impute(X, rows, X_val, settings, categorical=(), n_threads=1, seed=SEED)


def folds(seen):
    """The rows each of the three models has not seen."""
    split = KFold(3, shuffle=True, random_state=SEED).split(seen)
    return [seen[held] for _, held in split]


@pytest.mark.parametrize("weighted", [False, True])
def test_by_models_of_the_other_folds(weighted, problem):
    X, Y, X_val = problem
    weight = None
    if weighted:
        weight = np.random.default_rng(0).uniform(0.5, 2, len(Y))
        weight[::7] = 0
        weight /= weight[weight > 0].mean()
    found, found_val = run(
        X, Y, X_val, None if weight is None else weight[:, np.newaxis]
    )
    for k in (1, 2):
        seen = np.flatnonzero(Y[:, k - 1] == 1)
        if weighted:
            seen = seen[weight[seen] > 0]
        chance, chance_val = [], []
        for held in folds(seen):
            data, watched = (
                {
                    "data": X[rows],
                    "label": Y[rows, k],
                    "weight": None if weight is None else weight[rows],
                }
                for rows in (np.setdiff1d(seen, held), held)
            )
            params = {"objective": "binary", "learning_rate": 0.2, **TREES}
            params |= {"verbosity": -1, "deterministic": True, "force_col_wise": True}
            params["feature_pre_filter"] = False
            train = lgb.Dataset(**data, params=params)
            model = lgb.train(
                params,
                train,
                1000,
                valid_sets=[train.create_valid(**watched)],
                callbacks=[lgb.early_stopping(5, verbose=False)],
            )
            assert_allclose(found[held, k], model.predict(X[held]), rtol=1e-5)
            chance.append(model.predict(X))
            chance_val.append(model.predict(X_val))
        others = np.setdiff1d(np.arange(len(X)), seen)
        assert len(others) > 100
        assert_allclose(found[others, k], np.mean(chance, axis=0)[others], rtol=1e-5)
        assert_allclose(found_val[:, k], np.mean(chance_val, axis=0), rtol=1e-5)
    assert np.isnan(found[:, 0]).all()
    assert np.isnan(found_val[:, 0]).all()


def test_a_rows_own_outcome_says_nothing_of_it(problem, monkeypatch):
    """But for the number of rounds, which is chosen by the rows not seen."""
    monkeypatch.setattr("skmo.boosting._imputation._MAX_ROUNDS", 1)
    X, Y, _ = problem
    before, nothing = run(X, Y)
    assert nothing is None
    seen = np.flatnonzero(Y[:, 0] == 1)
    for held in folds(seen):
        other = Y.copy()
        other[held, 1] = np.roll(other[held, 1], 1)
        other[held, 2] = 0
        after, _ = run(X, other)
        same = after[:, 1] == before[:, 1]
        assert same[held].all()
        assert not same[np.setdiff1d(np.arange(len(X)), held)].any()


def test_it_says_more_than_the_rate(problem):
    X, Y, _ = problem
    found, _ = run(X, Y)
    reached = Y[:, 0] == 1
    p, y, rate = found[reached, 1], Y[reached, 1], Y[reached, 1].mean()
    loss = -np.where(y == 1, np.log(p), np.log1p(-p)).mean()
    constant = -rate * np.log(rate) - (1 - rate) * np.log(1 - rate)
    assert loss < 0.95 * constant


@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_a_stage_without_two_outcomes(outcome, problem):
    X, Y, X_val = problem
    Y = Y[:, :2].copy()
    Y[:, 1] = Y[:, 0] * outcome
    for part in run(X, Y, X_val):
        assert_allclose(part[:, 1], outcome, atol=1e-6)


@pytest.mark.parametrize("n_seen", [2, 5])
def test_hardly_any_rows(n_seen, problem):
    """Too few for three models: their rate."""
    X, Y, X_val = problem
    Y = Y[:, :2].copy()
    seen = np.flatnonzero(Y[:, 0] == 1)
    Y[seen[n_seen:]] = 0
    Y[seen[:n_seen], 1] = np.arange(n_seen) % 2
    for part in run(X, Y, X_val):
        assert_allclose(part[:, 1], (n_seen // 2) / n_seen, rtol=1e-6)


def test_models_that_see_a_single_outcome(problem):
    """One row of two outcomes among nine: the fold that holds it out has none."""
    X, Y, X_val = problem
    Y = Y[:, :2].copy()
    seen = np.flatnonzero(Y[:, 0] == 1)
    Y[seen[9:]] = 0
    Y[seen[:9], 1] = np.arange(9) == 4
    for part in run(X, Y, X_val):
        assert ((part[:, 1] >= 0) & (part[:, 1] <= 1)).all()
