"""Whatever the data: finite predictions of the right shape, or an error first."""

from __future__ import annotations

from contextlib import contextmanager
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmo import MultiObjectiveClassifier, MultiObjectiveRegressor
from skmo.boosting import TreeGrower

from .strategies import (
    EXTREME_FEATURES,
    FEATURES,
    KINDS,
    QUICK,
    SEEDS,
    features,
    outputs,
    problems,
    signal,
)

# Steps this long may leave what exponentials can hold; the fit says so.
_LONG_STEP = 1.0


@contextmanager
def trees_grown():
    """A list that gets an entry for each tree."""
    grown, grow = [], TreeGrower.grow

    def counting(self, *args):
        grown.append(None)
        return grow(self, *args)

    with mock.patch.object(TreeGrower, "grow", counting):
        yield grown


def fitted_or_refused(problem):
    """The estimator, or None where the data were refused before the first tree."""
    with trees_grown() as grown:
        try:
            return problem.fit()
        except (ValueError, FloatingPointError) as error:
            refused, message = isinstance(error, ValueError), str(error)
    if refused:
        assert not grown, f"refused after {len(grown)} trees: {message}"
    else:
        assert problem.params.get("learning_rate", 0) >= _LONG_STEP, message
        assert "learning_rate" in message
    # A sentence of skmo's own, not one of a library beneath.
    assert "LightGBM" not in message
    assert len(message) > 40
    return None


def assert_sound(problem, est):
    """All an estimator says of itself and of its rows is finite and fits together."""
    n, k = len(problem.X), est.n_objectives_
    for name, values in outputs(est, problem.X).items():
        assert len(values) == n, name
        assert np.isfinite(values).all(), name
        if "log" not in name and "proba" in name:
            assert ((values >= 0) & (values <= 1)).all(), name
    history = est.history_
    lengths = {len(values) for values in history.values()}
    assert len(lengths) == 1
    n_rounds = lengths.pop()
    assert ((est.n_iter_ >= 0) & (est.n_iter_ <= n_rounds)).all()
    weights = history["weights"]
    assert weights.shape == (n_rounds, k)
    assert np.isfinite(weights).all()
    assert np.isfinite(history["gap"]).all()
    assert not np.isinf(history["train_loss"]).any()
    if "cosines" in history:
        # NaN for objectives that have stopped or share no row.
        assert not (np.abs(history["cosines"]) > 1 + 1e-5).any()
    shares = est.objective_importances_
    assert shares.shape == (k, problem.X.shape[1])
    assert np.isfinite(shares).all()
    assert (shares >= 0).all()


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_finite_or_refused(kind, data):
    problem = data.draw(problems([kind]))
    est = fitted_or_refused(problem)
    if est is not None:
        assert_sound(problem, est)


# scikit-learn 1.6 adds up X to see whether it is finite.
@pytest.mark.filterwarnings("ignore:invalid value encountered in reduce:RuntimeWarning")
@given(
    seed=SEEDS,
    n=st.integers(2, 40),
    kinds=st.lists(
        st.sampled_from([*EXTREME_FEATURES, *FEATURES]), min_size=1, max_size=4
    ),
    narrow=st.booleans(),
)
def test_features_to_the_ends_of_floats(seed, n, kinds, narrow):
    """Numbers of up to 1.7e308, and of 5e-324, in either precision."""
    rng = np.random.default_rng(seed)
    X = features(rng, n, kinds)
    if narrow:
        with np.errstate(over="ignore"):
            X = np.clip(X, -3e38, 3e38).astype(np.float32)
    Y = np.column_stack([signal(X), rng.normal(size=n)])
    est = MultiObjectiveRegressor(**QUICK).fit(X, Y)
    assert np.isfinite(est.predict(X)).all()
    assert np.isfinite(est.predict(-X)).all()
    assert np.isfinite(est.predict(np.full_like(X, np.nan))).all()


@pytest.mark.parametrize("n_targets", [1, 2, 64, 65, 300])
@given(seed=SEEDS, n=st.integers(2, 30), holes=st.booleans())
def test_from_one_target_to_three_hundred(n_targets, seed, n, holes):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    Y = rng.normal(size=(n, n_targets)) * 10.0 ** rng.uniform(-30, 30, n_targets)
    if holes:
        Y[1:][rng.random((n - 1, n_targets)) < 0.5] = np.nan
    est = MultiObjectiveRegressor(**QUICK).fit(X, Y)
    assert est.predict(X).shape == Y.shape
    # Squared error's leaf values are shares of means: within what was observed.
    observed = np.nanmin(Y, axis=0), np.nanmax(Y, axis=0)
    low, high = (np.broadcast_to(ends, Y.shape) for ends in observed)
    margin = 1e-5 * np.maximum(np.abs(low), np.abs(high))  # float32's rounding
    assert (est.predict(X) >= low - margin).all()
    assert (est.predict(X) <= high + margin).all()


@pytest.mark.parametrize("least", [0, 1])
@given(seed=SEEDS, n=st.integers(2, 120), n_targets=st.integers(1, 3))
def test_a_row_for_each_leaf(least, seed, n, n_targets):
    """One full step of squared error then repeats the targets."""
    rng = np.random.default_rng(seed)
    X = rng.permutation(n)[:, None].astype(float)
    Y = rng.normal(size=(n, n_targets))
    params = {"num_leaves": n, "min_child_samples": least, "learning_rate": 1.0}
    narrow_bins = {"min_data_in_bin": 1}
    est = MultiObjectiveRegressor(
        **{**QUICK, **params, "n_estimators": 25},
        lightgbm_params=narrow_bins,
    ).fit(X, Y)
    loss = est.history_["train_loss"]
    assert np.isfinite(est.predict(X)).all()
    assert (loss[-1] <= loss[0]).all()
    if n_targets == 1:
        assert est.score(X, Y) > 0.9


@pytest.mark.parametrize("n_levels", [1, 2, 10_000])
@given(seed=SEEDS, missing=st.booleans())
def test_categories_from_one_level_to_ten_thousand(n_levels, seed, missing):
    rng = np.random.default_rng(seed)
    n = max(60, n_levels)
    codes = np.arange(n) % n_levels
    X = np.column_stack([rng.permutation(codes), rng.normal(size=n)]).astype(float)
    Y = np.column_stack([codes % 2 + X[:, 1], rng.normal(size=n)])
    if missing:
        X[rng.random(n) < 0.3, 0] = np.nan
    est = MultiObjectiveRegressor(
        categorical_features=[0], **{**QUICK, "n_estimators": 2}
    ).fit(X, Y)
    strange = np.array([[1e9, 0.0], [-1.0, 0.0], [np.nan, 0.0], [0.5, np.nan]])
    assert np.isfinite(est.predict(X)).all()
    predicted = est.predict(strange)
    assert np.isfinite(predicted).all()
    # What was never seen counts as missing.
    missing_rows = np.column_stack([np.full(4, np.nan), strange[:, 1]])
    np.testing.assert_array_equal(predicted, est.predict(missing_rows))


@given(seed=SEEDS, n=st.integers(30, 400), rare=st.integers(1, 3))
def test_extreme_imbalance(seed, n, rare):
    """A few positives of many: probabilities of both classes stay, and sum to 1."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    Y = np.zeros((n, 2), dtype=int)
    Y[:rare, 0] = 1
    Y[rare:, 1] = 1
    est = MultiObjectiveClassifier(**{**QUICK, "n_estimators": 30}).fit(X, Y)
    for p in est.predict_proba(X):
        assert ((p > 0) & (p < 1)).all()
        np.testing.assert_allclose(p.sum(axis=1), 1.0, rtol=1e-12)
