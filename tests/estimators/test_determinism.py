"""One seed, one model."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmo import (
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRegressor,
)

FAST = {"n_estimators": 8, "num_leaves": 7, "random_state": 0}
SETTINGS = {
    "plain": {},
    "objective": {"structure": "objective", "heads": "none"},
    "eigen": {"structure": "eigen", "heads": "none"},
    "sum": {"structure": "sum", "heads": "none"},
    "sampled": {"subsample": 0.6, "colsample_bytree": 0.6},
    "sampled now and then": {"subsample": 0.6, "subsample_freq": 3},
    "extra trees": {"lightgbm_params": {"extra_trees": True}, "heads": "none"},
    "hold-out": {"early_stopping": True},
}


def fingerprint(est, X):
    """Everything a fit decides, as one list of arrays."""
    return [
        est.predict(X),
        est.apply(X),
        est.n_iter_,
        est.objective_importances_,
        *(v for k, v in est.history_.items() if k != "seconds"),
    ]


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        assert_array_equal(a, b)


@pytest.fixture(scope="module")
def tall():
    """More rows than a block holds, so that threads really share the work."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20_000, 4)).astype(np.float32)
    Y = X[:, :3] * [1, 2, 3] + rng.normal(size=(20_000, 3))
    return X, np.where(rng.random(Y.shape) < 0.1, np.nan, Y)


@pytest.mark.parametrize("params", SETTINGS.values(), ids=SETTINGS)
def test_bits_do_not_depend_on_run_or_threads(params, tall):
    X, Y = tall
    fits = [
        MultiObjectiveRegressor(**FAST, **params, n_jobs=n_jobs).fit(X, Y)
        for n_jobs in (1, 2, 2)
    ]
    prints = [fingerprint(est, X) for est in fits]
    assert_same(prints[0], prints[1])
    assert_same(prints[1], prints[2])


def test_many_scores(tall):
    """Blocks of few rows."""
    X, Y = tall[0][:700], np.hstack([np.nan_to_num(tall[1][:700])] * 100)
    one, two = (
        MultiObjectiveRegressor(**FAST, heads="none", n_jobs=n).fit(X, Y).predict(X)
        for n in (1, 2)
    )
    assert_array_equal(one, two)


@pytest.mark.parametrize("name", [n for n in SETTINGS if n not in ("sum",)])
def test_the_seed_decides(name, real):
    """The shared trees'; learners of their own draw nothing at these settings."""
    X, Y = real
    params = {**FAST, **SETTINGS[name], "heads": "none", "n_jobs": 1}
    est = MultiObjectiveRegressor(**params)
    first = est.fit(X, Y).predict(X)
    assert_array_equal(est.fit(X, Y).predict(X), first)
    assert not np.array_equal(
        est.set_params(random_state=1).fit(X, Y).predict(X), first
    )


@pytest.mark.parametrize("seed", [2**32 - 1, np.int64(5), np.random.RandomState])
def test_kinds_of_seeds(seed, real):
    X, Y = real

    def fit():
        state = seed(3) if isinstance(seed, type) else seed
        est = MultiObjectiveRegressor(**{**FAST, "random_state": state}, n_jobs=1)
        return est.set_params(subsample=0.7, early_stopping=True).fit(X, Y).predict(X)

    assert_array_equal(fit(), fit())


def test_a_random_state_moves_on(real):
    X, Y = real
    state = np.random.RandomState(0)
    params = {**FAST, "random_state": state, "heads": "none"}
    est = MultiObjectiveRegressor(**params, n_jobs=1)
    assert not np.array_equal(est.fit(X, Y).predict(X), est.fit(X, Y).predict(X))


def test_numpys_global_state_is_left_alone(labels, mixed):
    def state():
        return np.random.get_state(legacy=False)["state"]  # noqa: NPY002

    before = state()
    MultiObjectiveClassifier(**FAST, subsample=0.5, early_stopping=True, n_jobs=1).fit(
        *labels
    ).predict_proba(labels[0])
    MultiObjectiveEstimator(**FAST, structure="eigen", n_jobs=1).fit(*mixed)
    assert state()["pos"] == before["pos"]
    assert_array_equal(state()["key"], before["key"])


def test_fit_leaves_its_input_alone(holed):
    X, Y = (a.copy() for a in holed)
    W = np.random.default_rng(0).integers(0, 3, Y.shape).astype(float)
    weight = W.copy()
    preference = np.array([1.0, 2.0, 3.0])
    est = MultiObjectiveRegressor(**FAST, preference=preference, n_jobs=1)
    est.fit(X, Y, W, X_val=X, y_val=Y, sample_weight_val=W)
    est.predict(X)
    est.score(X, Y, W)
    assert_array_equal(X, holed[0])
    assert_array_equal(Y, holed[1])
    assert_array_equal(W, weight)
    assert_array_equal(preference, [1, 2, 3])
