"""A fit on several processes gives the model that one process gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import make_regression

from skmo import (
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRegressor,
)
from skmo.balancing import BALANCERS, Fixed
from skmo.boosting.structure import STRUCTURE_RULES
from tests.cluster.ranks import assert_same_trees, cut, fit_in_ranks

N = 900
# Where Hessians differ between rows, LightGBM's data-parallel learner takes a leaf's
# share of them for its share of the rows, and so holds to another fewest rows: here
# every bin of a leaf has more than one.
ANY_COUNT = {"min_child_samples": 1, "num_leaves": 8, "max_bin": 15}
FEW_LEAVES = {**ANY_COUNT, "num_leaves": 4, "learning_rate": 0.3}
# Uneven partitions, and the ranks that hold them.
SPLITS = {
    1: ([], [slice(0, 1)]),
    2: ([500], [slice(0, 1), slice(1, 2)]),
    3: ([5, 300, 310], [slice(0, 1), slice(1, 3), slice(3, 4)]),
}


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    X, Y = make_regression(N, 8, n_targets=3, noise=10.0, random_state=0)
    X[::17, 2] = np.nan
    return X, Y


def by_rank(rows: tuple, n_ranks: int) -> list[list]:
    ends, slices = SPLITS[n_ranks]
    parts = cut(rows, ends)
    return [parts[part] for part in slices]


def check(
    estimator: Any,
    rows: tuple,
    n_ranks: int,
    val: tuple | None = None,
    labels: Any = False,
) -> Any:
    """Fit both ways and compare; the local estimator."""
    local = estimator
    val_args = () if val is None else val
    local.fit(rows[0], rows[1], rows[2], *val_args)
    by_val, n_weights = None, 0
    if val is not None:
        by_val = [cut(val, []), *([] for _ in range(n_ranks - 1))]
        n_weights = 0 if val[2] is None else val[2].reshape(len(val[2]), -1).shape[1]
    found = fit_in_ranks(
        estimator,
        by_rank(rows, n_ranks),
        by_val,
        labels=labels,
        n_weights_val=n_weights,
    )
    for fitted in found:
        assert_same_trees(fitted, local)
        assert_array_equal(fitted.n_iter_, local.n_iter_)
        scores, expected = fitted._raw_predict(rows[0]), local._raw_predict(rows[0])
        assert_allclose(scores, expected, rtol=0, atol=1e-6 * np.abs(expected).max())
        for name, values in local.history_.items():
            if name != "seconds":
                assert_allclose(fitted.history_[name], values, rtol=1e-4, atol=1e-5)
    for fitted in found[1:]:  # not by a digit apart from each other
        assert_array_equal(fitted._raw_predict(rows[0]), found[0]._raw_predict(rows[0]))
    return local


def regressor(**params: Any) -> MultiObjectiveRegressor:
    defaults = {"n_estimators": 15, "heads": "none", "random_state": 0, "n_jobs": 1}
    return MultiObjectiveRegressor(**{**defaults, **params})


@pytest.mark.parametrize("n_ranks", SPLITS)
def test_real_targets(data, n_ranks):
    check(regressor(n_estimators=40), (*data, None), n_ranks)


@pytest.mark.parametrize("n_ranks", [2, 3])
@pytest.mark.parametrize("wide", [False, True], ids=["rows", "cells"])
def test_weights_and_missing_targets(data, n_ranks, wide):
    X, Y = data
    rng = np.random.default_rng(1)
    Y = np.where(rng.random(Y.shape) < 0.3, np.nan, Y)
    weight = rng.integers(0, 4, Y.shape if wide else len(Y)).astype(float)
    check(regressor(**ANY_COUNT), (X, Y, weight), n_ranks)


@pytest.mark.parametrize("n_ranks", [2, 3])
def test_missing_targets_on_one_rank_only(data, n_ranks):
    X, Y = data
    Y = Y.copy()
    Y[:3, 0] = np.nan
    check(regressor(**ANY_COUNT), (X, Y, None), n_ranks)


@pytest.mark.parametrize("rule", STRUCTURE_RULES)
def test_structure_rules(data, rule):
    check(regressor(structure=rule, n_estimators=6), (*data, None), 3)


@pytest.mark.parametrize(
    "balancer",
    # Those that remember or draw, and two of the others, which see the same sums.
    [
        name
        for name, balancer in BALANCERS.items()
        if balancer._per_objective
        or "random_state" in balancer._get_param_names()
        or name in ("mgda", "fixed")
    ],
)
@pytest.mark.filterwarnings("ignore::skmo.exceptions.IneffectiveBalancerWarning")
def test_balancers(data, balancer):
    chosen = Fixed([1.0, 2.0, 3.0]) if balancer == "fixed" else balancer
    estimator = regressor(balancer=chosen, n_estimators=4)
    check(estimator, (*data, None), 3)


@pytest.mark.parametrize("n_ranks", [2, 3])
@pytest.mark.parametrize("weighted", [False, True])
def test_early_stopping(data, n_ranks, weighted):
    X, Y = data
    rng = np.random.default_rng(2)
    noise = rng.normal(0, 300, Y[600:].shape)
    weight = rng.random(len(Y)) + 0.5 if weighted else None
    parts = [None, None] if weight is None else [weight[:600], weight[600:]]
    local = check(
        regressor(n_estimators=60, n_iter_no_change=3, **FEW_LEAVES),
        (X[:600], Y[:600], parts[0]),
        n_ranks,
        (X[600:], Y[600:] + noise, parts[1]),
    )
    assert local.n_iter_.max() < 60


@pytest.mark.parametrize("n_ranks", [2, 3])
def test_held_out_rows_are_those_of_one_process(data, n_ranks):
    estimator = regressor(early_stopping=True, validation_fraction=0.3)
    check(estimator, (*data, None), n_ranks)


@pytest.mark.parametrize("objective", ["absolute_error", "huber", "poisson"])
def test_other_losses(data, objective):
    X, Y = data
    Y = np.abs(Y) if objective == "poisson" else Y
    check(regressor(objective=objective, **ANY_COUNT), (X, Y, None), 3)


def test_medians_with_weights_and_missing_targets(data):
    X, Y = data
    Y = Y.copy()
    Y[::5, 1] = np.nan
    weight = np.random.default_rng(3).random(len(Y)) + 0.1
    estimator = regressor(objective="absolute_error", **ANY_COUNT)
    check(estimator, (X, Y, weight), 3)


def test_one_target(data):
    X, Y = data
    check(regressor(), (X, Y[:, 0], None), 3)


def test_sparse_features(data):
    X, Y = data
    X = sp.csr_matrix(np.where(X > 0, X, 0.0))
    check(regressor(), (X, Y, None), 3)


@pytest.mark.parametrize("n_ranks", [2, 3])
def test_labels(data, n_ranks):
    X, Y = data
    labels = np.column_stack([Y[:, 0] > 50, np.digitize(Y[:, 1], [-50, 50])])
    estimator = MultiObjectiveClassifier(
        n_estimators=10, heads="none", random_state=0, n_jobs=1, **ANY_COUNT
    )
    check(estimator, (X, labels, None), n_ranks, labels=True)


def test_mixed_objectives(data):
    X, Y = data
    Y = np.column_stack([Y[:, 0], Y[:, 1] > 0, np.digitize(Y[:, 2], [-50, 50])])
    estimator = MultiObjectiveEstimator(
        ["squared_error", "binary", "multiclass"],
        n_estimators=10,
        heads="none",
        random_state=0,
        n_jobs=1,
        **ANY_COUNT,
    )
    check(estimator, (X, Y, None), 3, labels=[False, False, True])


def test_no_split_is_possible(data):
    X, Y = data
    with pytest.warns(UserWarning, match="No tree could be grown"):
        check(regressor(min_split_gain=1e9), (X, Y, None), 3)


@pytest.mark.parametrize("params", [{"subsample": 0.7}, {"colsample_bytree": 0.5}])
def test_sampling_agrees_between_ranks(data, params):
    """Rows are drawn per process, so the model is another than that of one."""
    found = fit_in_ranks(regressor(**params), by_rank((*data, None), 3))
    X = data[0]
    for fitted in found[1:]:
        assert_same_trees(fitted, found[0])
        assert_array_equal(fitted.predict(X), found[0].predict(X))
    assert found[0].score(*data) > 0.5


def test_a_refit_is_the_same_to_the_last_bit(data):
    first, second = (
        fit_in_ranks(regressor(), by_rank((*data, None), 3))[0] for _ in range(2)
    )
    assert_array_equal(first.predict(data[0]), second.predict(data[0]))


def test_fewest_rows_where_hessians_differ(data):
    """The ranks agree with each other, and nearly with one process."""
    X, Y = data
    Y = np.where(np.random.default_rng(1).random(Y.shape) < 0.3, np.nan, Y)
    estimator = regressor(n_estimators=40)
    found = fit_in_ranks(estimator, by_rank((X, Y, None), 3))
    for fitted in found[1:]:
        assert_same_trees(fitted, found[0])
    local = estimator.fit(X, Y)
    assert found[0].score(X, Y) == pytest.approx(local.score(X, Y), abs=0.02)


def test_no_fewest_rows(data):
    """LightGBM's own check would abort at leaves it takes for empty."""
    X, Y = data
    weight = np.random.default_rng(1).integers(0, 4, Y.shape).astype(float)
    params = {"min_child_samples": 0, "num_leaves": 60}
    fit_in_ranks(regressor(**params), by_rank((X, Y, weight), 3))
