"""The derivatives of rankings against LightGBM's own, through what it trains."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest
from numpy.testing import assert_allclose

from skmo.metrics import ndcg_score
from skmo.objectives import XENDCG, LambdaRank

SETTINGS = {
    "verbosity": -1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "max_bin": 255,
    "min_data_in_bin": 1,
    "metric": "none",
}
NAMES = {
    "truncation": "lambdarank_truncation_level",
    "sigmoid": "sigmoid",
    "norm": "lambdarank_norm",
    "gain": "label_gain",
}


def make_data(seed, n_queries=40, most=60):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, most, size=n_queries)
    query = np.repeat(np.arange(n_queries), sizes)
    X = rng.normal(size=(len(query), 5))
    quality = X[:, 0] + 0.5 * X[:, 1] * X[:, 2] + rng.normal(size=len(query))
    target = np.digitize(quality, [-0.5, 0.5, 1.2, 2.0]).astype(float)
    # Every query has a gain and a difference.
    first = np.flatnonzero(np.diff(query, prepend=-1))
    target[first], target[first + 1] = 0.0, 4.0
    weight = rng.uniform(0.5, 2.0, size=len(query))
    return X, target, query, weight, rng.normal(size=len(query))


def leaf_steps(data, reg_lambda, objective, **parameters):
    """Leaf of each row and the leaves' values after one round of LightGBM."""
    X, target, query, weight, score = data
    parameters = {
        **SETTINGS,
        "objective": objective,
        "learning_rate": 1.0,
        "num_leaves": 200,
        "min_data_in_leaf": 1,
        "min_sum_hessian_in_leaf": 1e-6,
        "reg_lambda": reg_lambda,
        **parameters,
    }
    train = lgb.Dataset(
        X, target, weight=weight, group=np.bincount(query), init_score=score
    )
    model = lgb.train(parameters, train, num_boost_round=1)
    leaf = model.predict(X, pred_leaf=True).reshape(-1)
    return leaf, np.array([model.get_leaf_output(0, i) for i in range(leaf.max() + 1)])


def compare_steps(leaf, values, reg_lambda, gradient, hessian):
    """The leaves' Newton steps are those of our sums."""
    g, h = np.bincount(leaf, gradient), np.bincount(leaf, hessian)
    # LightGBM's table of the sigmoid has steps of 5e-5 / sigmoid, and pulls cancel.
    atol = 2e-4 * np.bincount(leaf, np.abs(gradient)) + 1e-6
    error = np.abs(g + values * (h + reg_lambda))
    assert len(values) > 30
    assert (error <= atol).all()
    assert np.abs(values).max() > 0.1


def derivatives(loss, score):
    gradient, hessian = np.empty((2, len(score)), dtype=np.float32)
    loss.gradient_hessian(score, gradient, hessian)
    return gradient, hessian


@pytest.mark.parametrize("reg_lambda", [0.0, 1.0])
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"truncation": 3},
        {"truncation": 100, "norm": False},
        {"sigmoid": 2.0},
        {"sigmoid": 0.3, "norm": False, "truncation": 5},
        {"gain": [0.0, 1.0, 2.0, 6.0, 7.0]},
    ],
    ids=str,
)
@pytest.mark.parametrize("equal", [False, True], ids=["scores", "equal scores"])
def test_lambdarank_gives_the_steps_of_lightgbm(reg_lambda, parameters, equal):
    *data, score = make_data(0)
    if equal:
        score = np.zeros(len(score))
    named = {NAMES[name]: value for name, value in parameters.items()}
    found = leaf_steps((*data, score), reg_lambda, "lambdarank", **named)
    loss = LambdaRank(**parameters).over(*data[1:])
    compare_steps(*found, reg_lambda, *derivatives(loss, score))


def lightgbm_uniform(query, seed=5):
    """LightGBM's random numbers of the first round, by its linear congruences."""
    numbers = []
    for code, size in enumerate(np.bincount(query)):
        state = seed + code
        for _ in range(size):
            state = (214013 * state + 2531011) % 2**32
            numbers.append((state >> 16 & 0x7FFF) / 32768)
    return np.array(numbers)


class Replay:
    """Stands in for NumPy's generator."""

    def __init__(self, numbers):
        self.numbers = numbers

    def random(self, size):
        assert size == len(self.numbers)
        return self.numbers


@pytest.mark.parametrize("reg_lambda", [0.0, 1.0])
def test_xendcg_gives_the_steps_of_lightgbm(reg_lambda, monkeypatch):
    *data, score = make_data(1)
    replay = Replay(lightgbm_uniform(data[2]))
    found = leaf_steps((*data, score), reg_lambda, "rank_xendcg", objective_seed=5)
    loss = XENDCG().over(*data[1:])
    monkeypatch.setattr(np.random, "default_rng", lambda seed: replay)
    compare_steps(*found, reg_lambda, *derivatives(loss, score))


def test_boosting_on_our_derivatives_ranks_as_well_as_lightgbm():
    X, target, query, weight, _ = make_data(2, n_queries=300, most=30)
    loss = LambdaRank().over(target, query, weight)
    group = np.bincount(query)
    X_test, y_test, query_test, _, _ = make_data(3, n_queries=300, most=30)
    found = {}
    for objective in ("lambdarank", lambda s, _: derivatives(loss, s)):
        train = lgb.Dataset(X, target, weight=weight, group=group)
        parameters = {**SETTINGS, "objective": objective, "num_leaves": 15}
        model = lgb.train(parameters, train, num_boost_round=50)
        found[objective] = [
            ndcg_score(target, model.predict(X), group_ids=query, k=10),
            ndcg_score(y_test, model.predict(X_test), group_ids=query_test, k=10),
        ]
    native, ours = found.values()
    assert native[0] > 0.8
    assert_allclose(ours, native, atol=1e-3)
