"""Weights and unobserved targets: what counts, and how much."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo import (
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRegressor,
)
from skmo.objectives import Quantile

FAST = {
    "n_estimators": 10,
    "num_leaves": 7,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
}
# The real targets of `mixed`: two real, one of counts.
OBJECTIVES = [
    "squared_error",
    "absolute_error",
    "huber",
    Quantile(alpha=0.7),
    "poisson",
    "tweedie",
]


def regressor(**params):
    return MultiObjectiveRegressor(**{**FAST, **params})


@pytest.mark.parametrize("n_objectives", [1, 3])
@pytest.mark.parametrize("how", ["weight", "weights", "nan", "nan and weight"])
def test_a_row_that_counts_for_nothing_is_absent(how, n_objectives, real):
    """Exactly: it leaves no mark on bins, leaf sizes or sums either."""
    X, Y = real[0], real[1][:, :n_objectives]
    kept = np.arange(len(X)) % 3 != 0
    expected = regressor().fit(X[kept], Y[kept])
    X, Y = X.copy(), Y.copy()
    X[~kept], Y[~kept] = 1e6, -1e6
    weight = None
    if "weight" in how:
        weight = np.where(kept, 1.0, 0.0)
        if how == "weights":
            weight = np.tile(weight[:, None], n_objectives)
    if "nan" in how:
        Y[~kept] = np.nan
        if weight is not None:
            weight = np.where(kept, 1.0, 5.0)
    est = regressor().fit(X, Y, sample_weight=weight)
    X = real[0]
    tolerance = {"rtol": 0} if weight is None else {"rtol": 1e-5, "atol": 1e-6}
    assert_allclose(est.predict(X), expected.predict(X), **tolerance)
    assert_array_equal(est.apply(X), expected.apply(X))


@pytest.mark.parametrize("objective", [*OBJECTIVES, "binary"], ids=str)
def test_an_unobserved_target_is_an_absent_row(objective, mixed):
    X, Y = mixed
    y = Y[:, 0 if objective == "binary" else 2]
    missing = np.arange(len(y)) % 3 == 0
    est = MultiObjectiveEstimator([objective], **FAST)
    full = est.fit(X, np.where(missing, np.nan, y)).predict(X)
    assert_array_equal(est.fit(X[~missing], y[~missing]).predict(X), full)
    assert np.ptp(full) > 0.1


def test_an_unobserved_target_does_not_move_its_own_leaf(real):
    """Its leaf values come from observed rows alone, whoever grew the tree."""
    X, Y = real
    Y = Y.copy()
    Y[100:, 0] = np.nan
    W = np.ones_like(Y)
    W[100:, 0] = 0
    given = np.where(np.isnan(Y), 1e9, Y)  # behind a weight of 0
    by_nan, by_weight = regressor().fit(X, Y), regressor().fit(X, given, W)
    assert_array_equal(by_nan.apply(X), by_weight.apply(X))
    assert_allclose(by_nan.predict(X), by_weight.predict(X), rtol=1e-6, atol=1e-6)
    # One leaf's step towards the mean of its observed rows, by hand.
    est = regressor(
        n_estimators=1, learning_rate=1.0, min_child_samples=1, heads="none"
    ).fit(X, Y)
    leaf, prediction = est.apply(X)[:, 0], est.predict(X)
    for index in np.unique(leaf):
        for k in range(3):
            own = Y[leaf == index, k]
            own = own[~np.isnan(own)]
            # One row more, at the mean that the fit starts from.
            start = np.nanmean(Y[:, k])
            expected = start + (own - start).sum() / (len(own) + 1)
            assert_allclose(prediction[leaf == index, k], expected, rtol=1e-4)


@pytest.mark.parametrize(
    "objective",
    [
        "squared_error",
        "absolute_error",
        "huber",
        "poisson",
        "tweedie",
        "gamma",
        "binary",
    ],
)
def test_whole_weights_are_repetitions(objective, real):
    """Where LightGBM counts weights: one bin per value, leaves limited by Hessians.

    Its bins and ``min_child_samples`` count rows: with them the two are alike, not
    the same. So are quantiles other than the median, which interpolate between rows,
    and mixtures of several objectives.
    """
    X, y = np.round(real[0], 1), real[1][:, 0]
    if objective == "binary":
        y = (y > 0).astype(float)
    elif objective in ("poisson", "tweedie", "gamma"):
        y = np.exp(0.3 * y)
    weight = np.random.default_rng(0).integers(1, 4, len(X))
    est = MultiObjectiveEstimator(
        [objective],
        **FAST,
        min_child_samples=1,
        lightgbm_params={"min_data_in_bin": 1, "min_sum_hessian_in_leaf": 3},
    )
    est.fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    repeated, leaves = est.predict(X), est.apply(X)
    est.fit(X, y, sample_weight=weight)
    assert_array_equal(est.apply(X), leaves)
    assert_allclose(est.predict(X), repeated, rtol=1e-5, atol=1e-5)
    assert np.abs(est.fit(X, y).predict(X) - repeated).max() > 0.01


@pytest.mark.parametrize("structure", ["random", "eigen", "sum"])
def test_weights_are_nearly_repetitions_for_mixtures(structure, real):
    X, Y = real
    weight = np.random.default_rng(0).integers(1, 4, len(X))
    est = regressor(n_estimators=40, structure=structure)
    est.fit(np.repeat(X, weight, axis=0), np.repeat(Y, weight, axis=0))
    repeated = est.score(X, Y, weight)
    assert abs(est.fit(X, Y, weight).score(X, Y, weight) - repeated) < 0.05


def test_one_weight_per_row_or_per_target(holed):
    X, Y = holed
    weight = np.random.default_rng(0).uniform(0.2, 3, len(X))
    by_row = regressor().fit(X, Y, weight)
    for same in (weight[:, None], np.tile(weight[:, None], 3), weight.tolist()):
        est = regressor().fit(X, Y, same)
        assert_allclose(est.predict(X), by_row.predict(X), rtol=1e-5, atol=1e-5)
    plain = regressor().fit(X, Y)
    assert np.abs(plain.predict(X) - by_row.predict(X)).max() > 0.1
    ones = regressor().fit(X, Y, np.ones(len(X)))
    assert_allclose(ones.predict(X), plain.predict(X), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("factor", [2.0**-20, 2.0**20])
@pytest.mark.parametrize("n_objectives", [1, 3])
def test_only_relations_of_weights_count(n_objectives, factor, real):
    X, Y = real[0], real[1][:, :n_objectives]
    weight = np.random.default_rng(0).uniform(0.2, 3, len(X))
    expected = regressor().fit(X, Y, weight)
    if n_objectives == 1 and factor < 1:
        # LightGBM's own limit on a leaf's Hessians, in the weights' units.
        factor = 2.0**-4
    scaled = regressor().fit(X, Y, weight * factor)
    assert_array_equal(scaled.n_iter_, 10)
    assert_allclose(scaled.predict(X), expected.predict(X), rtol=1e-4, atol=1e-4)


def test_large_counts_are_learnt_like_small_ones(mixed):
    X, _ = mixed
    rng = np.random.default_rng(0)
    scores = []
    for mean in (1e3, 1e7):
        Y = rng.poisson(mean * np.exp(0.5 * X[:, :2]))
        est = regressor(objective="poisson", n_estimators=30).fit(X, Y)
        assert_array_equal(est.n_iter_, 30)
        scores.append(est.score(X, Y))
    assert scores[0] > 0.7
    assert abs(scores[0] - scores[1]) < 0.05


def test_weights_of_one_target_leave_the_others_means(real):
    X, Y = real
    W = np.ones_like(Y)
    W[Y[:, 1] > 0, 1] = 20
    est, plain = regressor(n_estimators=1), regressor(n_estimators=1)
    est.set_params(learning_rate=1e-9).fit(X, Y, W)
    plain.set_params(learning_rate=1e-9).fit(X, Y)
    means = np.average(Y, axis=0, weights=W)
    assert_allclose(est.predict(X)[0], means, rtol=1e-5)
    assert_allclose(plain.predict(X)[0], Y.mean(axis=0), rtol=1e-5)
    assert means[1] > Y[:, 1].mean() + 1


def test_weighted_labels(labels):
    X, Y = labels
    weight = np.where(Y[:, 1] == 2, 50.0, 1.0)
    plain = MultiObjectiveClassifier(**FAST).fit(X, Y)
    heavy = MultiObjectiveClassifier(**FAST).fit(X, Y, weight)
    gain = heavy.predict_proba(X)[1][:, 2] - plain.predict_proba(X)[1][:, 2]
    assert gain.mean() > 0.1
    assert (heavy.predict(X)[:, 1] == 2).sum() > (plain.predict(X)[:, 1] == 2).sum()


def test_validation_weights(real):
    X, Y = real
    kept = np.arange(100) % 2 == 0
    val = {"X_val": X[200:], "y_val": np.where(kept[:, None], Y[200:], 1e9)}
    est = regressor().fit(X[:200], Y[:200], **val, sample_weight_val=1.0 * kept)
    fewer = regressor().fit(X[:200], Y[:200], X_val=X[200:][kept], y_val=Y[200:][kept])
    assert_allclose(est.history_["val_loss"], fewer.history_["val_loss"], rtol=1e-5)
    assert_array_equal(est.n_iter_, fewer.n_iter_)
