"""Changes of the data that must change nothing, or exactly so much.

Bit-equal where no rounding differs: sums run in the same order over the same numbers,
or over numbers times a power of two.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from skmo import MultiObjectiveEstimator, MultiObjectiveRegressor
from skmo.boosting.structure import StructureRule

from .strategies import (
    FEATURES,
    KINDS,
    QUICK,
    REAL,
    SEEDS,
    features,
    outputs,
    problems,
    signal,
)
from .test_layouts import ordinary

# Apart from those whose numbers, times a power of two, leave the range of floats.
_MILD = [name for name in FEATURES if name not in ("huge", "tiny", "all scales")]
# And of targets those that no loss is too far scaled by quartiles for.
_IN_REACH = [name for name in REAL if name not in ("all scales", "heavy tails")]


def assert_same(one, other, X, X_other=None):
    found = outputs(other, X if X_other is None else X_other)
    for name, expected in outputs(one, X).items():
        assert_array_equal(found[name], expected, err_msg=name)


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "ranker"])
@given(data=st.data(), seed=SEEDS, n_more=st.integers(1, 30))
def test_an_unobserved_row_is_an_absent_one(kind, data, seed, n_more):
    """Wherever it lies; its features are bins of nothing, its weight weighs nothing."""
    problem = data.draw(ordinary(kind))
    rng = np.random.default_rng(seed)
    n = len(problem.X) + n_more
    kept = np.sort(rng.choice(n, len(problem.X), replace=False))

    def among(values, others):
        wide = np.full((n, *values.shape[1:]), others, dtype=float)
        wide[kept] = values
        return wide

    weight = None if problem.weight is None else among(problem.weight, 3.0)
    more = problem.on(
        X=among(problem.X, 5.0), Y=among(problem.Y, np.nan), weight=weight
    )
    assert_same(problem.fit_or_reject(), more.fit(), problem.X)


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "ranker"])
@given(data=st.data(), seed=SEEDS)
def test_weight_zero_is_unobserved(kind, data, seed):
    problem = data.draw(
        problems(
            [kind],
            n_rows=st.integers(20, 60),
            holes=("none", "few"),
            weights=("none",),
            params=st.fixed_dictionaries({}),
        )
    )
    rng = np.random.default_rng(seed)
    zero = rng.random(problem.Y.shape[: 1 if kind == "funnel" else None]) < 0.3
    weights = problem.on(weight=np.where(zero, 0.0, 1.0))
    kept = zero[:, None] if zero.ndim < problem.Y.ndim else zero
    unobserved = problem.on(
        Y=np.where(kept, np.nan, problem.Y), weight=np.ones(zero.shape)
    )
    expected = unobserved.fit_or_reject()
    if kind in ("classifier", "estimator"):
        # Classes count that only unweighted rows have: with probability 0.
        found, expected = weights.fit().predict(problem.X), expected.predict(problem.X)
        if not np.array_equal(found, expected):
            assert_unseen_classes(problem, zero)
        return
    assert_same(expected, weights.fit(), problem.X)


def assert_unseen_classes(problem, zero):
    """Whether some class has no weight: one more score draws other directions."""
    names = problem.params.get("objectives", ["multiclass"] * problem.n_targets)
    for k, name in enumerate(names):
        column, weighed = problem.Y[:, k], ~(zero if zero.ndim == 1 else zero[:, k])
        seen = column[weighed & ~np.isnan(column)]
        if name == "multiclass" and set(seen) != set(column[~np.isnan(column)]):
            return
    raise AssertionError("weights of 0 changed the predictions")


class Along(StructureRule):
    """A direction by the objectives' tags, in whatever order they come."""

    def __init__(self, values=()):
        self.values = values

    def direction(self, state, rng):
        return np.array(self.values, dtype=float)[state.owner]


@given(
    seed=SEEDS,
    n=st.integers(10, 60),
    targets=st.lists(st.sampled_from(_IN_REACH), min_size=2, max_size=5),
    data=st.data(),
)
def test_permuting_objectives_permutes_results(seed, n, targets, data):
    """With trees apart, whose structure nobody else has a say in, to the last bit."""
    rng = np.random.default_rng(seed)
    X = features(rng, n, ["normal", "few values"])
    Y = np.column_stack([REAL[name](rng, signal(X)) for name in targets])
    order = np.array(data.draw(st.permutations(range(len(targets)))))
    kind = data.draw(st.sampled_from(["squared_error", "absolute_error", "huber"]))
    est = MultiObjectiveRegressor(kind, structure="apart", **QUICK)
    expected = est.fit(X, Y).predict(X)
    losses = est.history_["train_loss"]
    permuted = est.fit(X, Y[:, order])
    assert_array_equal(permuted.predict(X), expected[:, order])
    assert_array_equal(permuted.history_["train_loss"], losses[:, order])


@given(seed=SEEDS, n=st.integers(30, 80), n_targets=st.integers(2, 12), data=st.data())
def test_permuting_objectives_of_shared_trees_permutes_results(
    seed, n, n_targets, data
):
    """With the structure's draws fixed; objectives of several kinds, holes, weights.

    The structure gradient is summed over objectives in another order. Its last digit
    differs, which may tip a split between near-equal gains: one round, of clear
    signals, and few leaves.
    """
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    kinds = np.arange(n_targets) % 3
    Y = np.column_stack([3 * X[:, 0], X[:, 0] > 0, np.exp(X[:, 0])])[:, kinds]
    Y[rng.random(Y.shape) < 0.1] = np.nan
    W = rng.uniform(0.5, 2.0, Y.shape)
    names = np.array(["squared_error", "binary", "poisson"])[kinds]
    preference = rng.uniform(1.0, 3.0, n_targets)
    draws = rng.uniform(0.5, 1.0, n_targets)
    order = np.array(data.draw(st.permutations(range(n_targets))))

    def fit(order):
        est = MultiObjectiveEstimator(
            names[order].tolist(),
            structure=Along(draws[order].tolist()),
            preference=preference[order],
            **{**QUICK, "n_estimators": 1, "num_leaves": 2},
        )
        return est.fit(X, Y[:, order], W[:, order])

    one, other = fit(np.arange(n_targets)), fit(order)
    assert_array_equal(one.apply(X), other.apply(X))
    assert_allclose(other.predict(X), one.predict(X)[:, order], rtol=1e-6)
    for name in ("train_loss", "weights"):
        assert_allclose(
            other.history_[name], one.history_[name][:, order], rtol=1e-6, err_msg=name
        )


@given(seed=SEEDS, n=st.integers(30, 80), n_targets=st.integers(1, 12))
def test_permuting_rows_permutes_predictions(seed, n, n_targets):
    """To rounding, for sums run in another order; one round of clear signals."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    Y = 3 * X[:, :1] + rng.normal(size=(n, n_targets))
    Y[rng.random(Y.shape) < 0.1] = np.nan
    Y[0] = 0.0
    weight = rng.uniform(0.5, 2.0, n)
    order = rng.permutation(n)
    est = MultiObjectiveRegressor(**{**QUICK, "n_estimators": 1, "num_leaves": 2})
    expected = est.fit(X, Y, weight).predict(X)
    losses = est.history_["train_loss"]
    permuted = est.fit(X[order], Y[order], weight[order])
    assert_allclose(permuted.predict(X), expected, rtol=1e-6, atol=1e-6)
    assert_allclose(permuted.history_["train_loss"], losses, rtol=1e-6)


@pytest.mark.parametrize("n_targets", [1, 3])
@given(
    seed=SEEDS,
    n=st.integers(10, 60),
    power=st.integers(-60, 60),
    name=st.sampled_from(["linear", "noise", "steps", "almost constant", "far away"]),
)
def test_scaling_a_squared_error_target_scales_its_predictions(
    n_targets, seed, n, power, name
):
    """By a power of two, which loses no digit, exactly; the others stay."""
    # A single target keeps its scale, on which LightGBM's thresholds count.
    power = power if n_targets > 1 else power % 20
    rng = np.random.default_rng(seed)
    X = features(rng, n, ["normal", "few values"])
    Y = np.column_stack(
        [REAL[name](rng, signal(X)), *rng.normal(size=(n_targets - 1, n))]
    )
    factor = np.array([2.0**power] + [1.0] * (n_targets - 1))
    est = MultiObjectiveRegressor(**QUICK)
    expected = np.reshape(est.fit(X, Y).predict(X), Y.shape)
    found = np.reshape(est.fit(X, Y * factor).predict(X), Y.shape)
    assert_array_equal(found, expected * factor)


@pytest.mark.parametrize("n_targets", [1, 3])
@given(seed=SEEDS, n=st.integers(10, 60), power=st.integers(-20, 20))
def test_scaling_all_weights_changes_nothing(n_targets, seed, n, power):
    """By a power of two, with several targets; a single one's are LightGBM's."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    Y = X[:, [0]] + rng.normal(size=(n, n_targets))
    weight = rng.uniform(0.5, 2.0, n)
    power = abs(power) if n_targets == 1 else power
    params = {"lightgbm_params": {"min_sum_hessian_in_leaf": 0.0}}
    est = MultiObjectiveRegressor(**QUICK, **params)
    expected = est.fit(X, Y, weight).predict(X)
    assert_array_equal(est.fit(X, Y, weight * 2.0**power).predict(X), expected)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), power=st.integers(-40, 40))
def test_scaling_a_feature_changes_nothing(kind, data, power):
    """Thresholds lie half way between values: times a power of two they move along."""
    problem = data.draw(ordinary(kind, feature_kinds=_MILD))
    # LightGBM takes what is within 1e-35 of 0 for 0, and so no power below -40.
    scaled = problem.on(X=problem.X * 2.0**power)
    assert_same(problem.fit_or_reject(), scaled.fit(), problem.X, scaled.X)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), value=st.sampled_from([0.0, 3.0, np.nan]))
def test_a_constant_feature_changes_nothing(kind, data, value):
    problem = data.draw(ordinary(kind))
    column = np.full((len(problem.X), 1), value)
    more = problem.on(X=np.hstack([problem.X, column]))
    one, est = problem.fit_or_reject(), more.fit()
    assert_same(one, est, problem.X, more.X)
    assert not est.objective_importances_[:, -1].any()


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_a_copy_of_a_feature_changes_nothing(kind, data):
    """Of equal gains the first feature's counts."""
    problem = data.draw(ordinary(kind))
    more = problem.on(X=np.hstack([problem.X, problem.X[:, :1]]))
    assert_same(problem.fit_or_reject(), more.fit(), problem.X, more.X)
