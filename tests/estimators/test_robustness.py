"""Outliers, unusual plug-ins, added rounds: what once went wrong."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo import (
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRegressor,
)
from skmo.balancing import Balancer
from skmo.boosting.structure import StructureRule
from skmo.exceptions import NoTreesWarning, ValidationWarning
from skmo.objectives import Objective, SquaredError

FAST = {
    "n_estimators": 20,
    "num_leaves": 7,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
}


@pytest.mark.parametrize("outlier", [1e9, 1e12])
@pytest.mark.parametrize("n_targets", [1, 2])
def test_one_outlier_does_not_blunt_a_robust_loss(outlier, n_targets, real):
    """Centre and scale of a robust loss come from quantiles, not from moments."""
    X, Y = real
    y = Y[:, 0].copy()
    clean = np.arange(len(y)) > 0
    y[0] = outlier
    reference = lgb.train(
        {"objective": "regression_l1", "num_leaves": 7, "verbosity": -1},
        lgb.Dataset(X, y),
        20,
    )
    target = y if n_targets == 1 else np.column_stack([y, -y])
    est = MultiObjectiveRegressor("absolute_error", **FAST).fit(X, target)
    predicted = est.predict(X).reshape(len(X), -1)[:, 0]
    error = np.abs(predicted - y)[clean].mean()
    constant = np.abs(np.median(y) - y)[clean].mean()
    assert np.abs(reference.predict(X) - y)[clean].mean() < 0.8 * constant
    assert error < 0.8 * constant


def test_importances_stay_shares_under_a_penalty(real):
    X, Y = real
    est = MultiObjectiveRegressor(reg_lambda=200.0, **FAST).fit(X, Y)
    assert (est.objective_importances_ >= 0).all()
    assert_allclose(est.objective_importances_.sum(axis=1), 1.0)


def test_warm_start_judges_new_validation_rows_by_themselves(real):
    """Rows whose losses are a hundred times as large must not stop a fit at once."""
    X, Y = real
    est = MultiObjectiveRegressor(
        warm_start=True, n_iter_no_change=5, **{**FAST, "n_estimators": 10}
    ).fit(X[100:], Y[100:], X_val=X[:100], y_val=Y[:100])
    before = est.n_iter_.copy()
    est.set_params(n_estimators=60)
    est.fit(X[100:], Y[100:], X_val=X[:100], y_val=10 * Y[:100])
    assert (est.n_iter_ > before).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [("objective", "huber"), ("objective", ["huber"]), ("categorical_features", [0])],
)
def test_warm_start_refuses_other_encodings(name, value, real):
    X, Y = real
    est = MultiObjectiveRegressor(warm_start=True, **FAST).fit(X, Y)
    expected = est.predict(X)
    est.set_params(**{name: value})
    with pytest.raises(ValueError, match=f"'{name}' parameter was changed"):
        est.fit(X, Y)
    assert_array_equal(est.predict(X), expected)  # the old model is still there


class Returning(StructureRule):
    def __init__(self, value=0.0):
        self.value = value

    def direction(self, state, rng):
        return np.full(len(state.owner), self.value)


class Weighing(Balancer):
    def __init__(self, value=0.0):
        self.value = value

    def _weights(self, gramian, losses, preference):
        return np.full(len(gramian), self.value)


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_a_rule_or_balancer_that_gives_nothing_is_named(value, real):
    X, Y = real
    with pytest.raises(ValueError, match=r"structure rule Returning.*finite direction"):
        MultiObjectiveRegressor(structure=Returning(value), **FAST).fit(X, Y)
    with pytest.raises(ValueError, match=r"balancer Weighing.*3 finite weights"):
        MultiObjectiveRegressor(balancer=Weighing(value), **FAST).fit(X, Y)
    with pytest.raises(ValueError, match="balancer Weighing"):
        MultiObjectiveRegressor(balancer=Weighing(-1.0), **FAST).fit(X, Y)


class Shifted(SquaredError):
    """Aims beside the target, by an array that prints with an ellipsis."""

    def __init__(self, table=None):
        self.table = table

    def gradient_hessian(self, target, score, gradient, hessian):
        np.subtract(score, target + np.float32(self.table[1000]), out=gradient)


def test_objectives_with_other_arrays_are_not_mixed_up(real):
    X, Y = real
    tables = np.zeros(2000), np.zeros(2000)
    tables[1][1000] = 10.0
    est = MultiObjectiveEstimator(
        objectives=[Shifted(tables[0]), Shifted(tables[1])],
        **{**FAST, "n_estimators": 100},
    ).fit(X, np.column_stack([Y[:, 0], Y[:, 0]]))
    shift = (est.predict(X)[:, 1] - est.predict(X)[:, 0]) / est._result.coder.scale[0]
    assert_allclose(shift.mean(), 10.0, atol=0.5)


def test_an_objective_defined_in_a_function_can_be_fitted(real):
    class Local(Objective):  # cannot be pickled
        def init_score(self, target, weight):
            return np.array([np.average(target, weights=weight)])

        def loss(self, target, score):
            return 0.5 * (score - target) ** 2

        def gradient_hessian(self, target, score, gradient, hessian):
            np.subtract(score, target, out=gradient)
            hessian[...] = 1.0

    X, Y = real
    est = MultiObjectiveEstimator(objectives=[Local()] * 3, **FAST).fit(X, Y)
    assert est.score(X, Y) > 0.2


def test_no_split_is_told():
    rng = np.random.default_rng(0)
    X, Y = np.ones((300, 2)), rng.normal(size=(300, 2))
    with pytest.warns(NoTreesWarning, match="constants") as caught:
        MultiObjectiveRegressor(**FAST).fit(X, Y)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("n_targets", [1, 2])
def test_a_stopped_objective_keeps_its_scores(n_targets, real):
    X, Y = real
    est = MultiObjectiveRegressor(n_iter_no_change=3, **{**FAST, "n_estimators": 300})
    est.fit(X[100:], Y[100:, :2], X_val=X[:100], y_val=Y[:100, :2])
    first = int(np.argmin(est.n_iter_))
    stopped = est.n_iter_[first] + 3
    losses = est.history_["val_loss"][stopped - 1 :, first]
    assert len(losses) > 1
    assert_array_equal(losses, losses[0])


def test_classifier_takes_an_objective_per_column(labels):
    X, Y = labels
    est = MultiObjectiveClassifier(["multiclass"] + ["auto"] * (Y.shape[1] - 1), **FAST)
    est.fit(X, Y)
    assert est._result.coder.n_scores > 0
    assert type(est.objectives_[0]).__name__ == "Multiclass"
    with pytest.raises(ValueError, match="lists 1 objectives"):
        MultiObjectiveClassifier(["auto"], **FAST).fit(X, Y)


def test_numbers_in_strings_are_numbers(real):
    X, Y = real
    plain = MultiObjectiveRegressor(**FAST).fit(X, Y).predict(X)
    for kind in (str, object):
        strings = Y.astype(str).astype(kind)
        found = MultiObjectiveRegressor(**FAST).fit(X, strings).predict(X)
        assert_array_equal(found, plain)


def test_weights_beyond_float32_are_refused(real):
    X, Y = real
    weight = np.ones(len(X))
    for value in (1e39, 1e-50):
        weight[3] = value
        with pytest.raises(ValueError, match="sample_weight holds weights from"):
            MultiObjectiveRegressor(**FAST).fit(X, Y, weight)


def test_weights_of_one_objective_may_have_a_unit_of_their_own(real):
    """Preferences say who matters; the unit of a column of weights does not."""
    X, Y = real
    W = np.random.default_rng(0).uniform(0.5, 2, Y.shape)
    expected = MultiObjectiveRegressor(**FAST).fit(X, Y, W)
    found = MultiObjectiveRegressor(**FAST).fit(X, Y, W * [1, 1024, 1 / 1024])
    assert_allclose(found.predict(X), expected.predict(X), rtol=1e-3, atol=1e-3)


def test_validation_weights_may_leave_an_objective_out(real):
    X, Y = real
    W = np.ones_like(Y[:50])
    W[:, 1] = 0
    est = MultiObjectiveRegressor(**FAST)
    with pytest.warns(ValidationWarning, match="target1"):
        est.fit(X[50:], Y[50:], X_val=X[:50], y_val=Y[:50], sample_weight_val=W)
    assert np.isnan(est.history_["val_loss"][:, 1]).all()
    assert np.isfinite(est.history_["val_loss"][:, [0, 2]]).all()
    assert est.n_iter_[1] == len(est.history_["seconds"])
