"""What the properties found, each by itself and as small as it gets."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo import MultiObjectiveRegressor, MultiQuantileRegressor
from skmo.boosting._gramian import cosines

FAST = {
    "n_estimators": 5,
    "num_leaves": 5,
    "min_child_samples": 5,
    "n_jobs": 1,
    "random_state": 0,
}


@pytest.fixture
def counts():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 3))
    return X, rng.poisson(np.exp(X[:, :2])).astype(float)


def test_cosines_of_long_gradients_with_holes():
    """The product of two squared lengths of 1e20 is beyond float32."""
    g = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    seen = np.ones((50, 2), bool)
    seen[:9, 1] = g[:9, 1] = 0
    assert_allclose(
        cosines(np.float32(1e10) * g, None, seen), cosines(g, None, seen), rtol=1e-6
    )


@pytest.mark.parametrize("scales", [(1e15, 1e15), (1e-13, 1.0), (1e-13, 1e14)])
def test_counts_in_any_unit(scales, counts):
    """Directions over gradients of 1e-15 were squared in float32."""
    X, Y = counts
    unit = MultiObjectiveRegressor("poisson", heads="none", **FAST).fit(X, Y)
    Y = np.minimum(Y * np.array(scales) / Y.max(axis=0), scales)
    est = MultiObjectiveRegressor("poisson", heads="none", **FAST).fit(X, Y)
    expected = unit.score_objectives(X, counts[1])
    # Trees weigh the objectives by their Hessians, whose shares differ.
    assert_allclose(est.score_objectives(X, Y), expected, atol=0.1)


@pytest.mark.parametrize(
    ("scale", "message"),
    [(1e17, "1e.17, more than 1e.15.*Divide"), (1e-20, "1e-20, less.*Multiply")],
)
def test_counts_beyond_float32_are_refused(scale, message, counts):
    X, Y = counts
    Y[:, 1] *= scale / Y[:, 1].max()
    with pytest.raises(ValueError, match=f"'target1'.*{message}"):
        MultiObjectiveRegressor("poisson", **FAST).fit(X, Y)


@pytest.mark.parametrize("objective", ["absolute_error", "huber", "quantile"])
@pytest.mark.parametrize("n_targets", [1, 2])
def test_an_outlier_beyond_float32_is_refused(objective, n_targets, counts):
    """Its loss was infinite, and so the mean of all."""
    X, Y = counts
    Y[3, 0] = 1e40
    est = MultiObjectiveRegressor(objective, **FAST)
    with pytest.raises(ValueError, match=r"'target0' in y holds 1e.40.*clip"):
        est.fit(X, Y[:, :n_targets])


@pytest.mark.parametrize("where", ["y_val", "y"])
def test_other_rows_beyond_float32_are_refused(where, counts):
    X, Y = counts
    far = np.where(np.arange(len(Y)) == 3, 1e25, Y[:, 1])
    far = np.column_stack([Y[:, 0], far])
    est = MultiObjectiveRegressor(**FAST).fit(X, Y)
    expected = est.predict(X)
    call = {
        "y": lambda: est.score(X, far),
        "y_val": lambda: est.fit(X, Y, X_val=X, y_val=far),
    }[where]
    with pytest.raises(ValueError, match=f"'target1' in {where} holds 1e.25.*spread"):
        call()
    assert_array_equal(est.predict(X), expected)


@pytest.mark.parametrize("fault", ["unweighted", "far"])
def test_errors_of_quantiles_name_the_target_as_given(fault, counts):
    """They called it by a quantile, "q0.1", as if `y` had such a column."""
    X, Y = counts
    y, weight = Y[:, 0], np.ones(len(Y))
    if fault == "far":
        y[3] = 1e40
    else:
        y[3:] = np.nan
        weight[:3] = 0
    with pytest.raises(ValueError, match=r"^Target 'y' "):
        MultiQuantileRegressor(**FAST).fit(X, y, weight)


@pytest.mark.parametrize("objective", ["squared_error", "poisson"])
@pytest.mark.parametrize("n", [60, 700])
def test_large_weights_of_a_single_large_target(objective, n):
    """Weighted squares of 1e40 overflowed: one target's weights keep their unit."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 3))
    y = 1e14 * np.exp(X[:, 0].clip(-2, 2))
    weight = 10.0 ** rng.uniform(-12, 12, n)
    est = MultiObjectiveRegressor(objective, **FAST).fit(X, y, weight)
    loss = est.history_["train_loss"]
    assert np.isfinite(est.predict(X)).all()
    assert (np.diff(loss, axis=0) < 0).all()
    assert_array_equal(est.history_["cosines"], 1)
