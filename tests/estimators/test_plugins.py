"""Losses, structure rules and balancers of the user's own."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from skmo import MultiObjectiveEstimator, MultiObjectiveRegressor
from skmo.balancing import Balancer, Equal
from skmo.boosting.structure import ObjectiveDirection, StructureRule
from skmo.objectives import Objective, SquaredError

FAST = {"n_estimators": 10, "num_leaves": 7, "n_jobs": 1, "random_state": 0}


class LogCosh(Objective):
    """A smooth absolute error: log(cosh(sharpness (y - f))) / sharpness**2."""

    standardise = True
    loss_degree = 2

    def __init__(self, sharpness=1.0):
        self.sharpness = sharpness

    def validate_params(self):
        if self.sharpness <= 0:
            raise ValueError("The 'sharpness' parameter of LogCosh must be positive.")

    def with_scale(self, scale, spread):
        return LogCosh(self.sharpness * scale)

    def init_score(self, target, weight):
        return np.array([np.average(target, weights=weight)])

    def loss(self, target, score):
        z = self.sharpness * (target - score)
        return (np.logaddexp(z, -z) - np.log(2)) / self.sharpness**2

    def gradient_hessian(self, target, score, gradient, hessian):
        z = self.sharpness * (score - target)
        z[np.abs(z) < 1e-3] = 1e-3
        gradient[...] = np.tanh(z) / self.sharpness
        hessian[...] = np.tanh(z) / z  # the curvature of a parabola above the loss


class OwnSquare(Objective):
    """The least a subclass can define: the squared error, as LightGBM sees it."""

    def init_score(self, target, weight):
        return np.array([np.average(target, weights=weight)])

    def loss(self, target, score):
        return (target - score) ** 2 / 2

    def gradient_hessian(self, target, score, gradient, hessian):
        gradient[...] = score - target
        hessian[...] = 1


class Broken(OwnSquare):
    def gradient_hessian(self, target, score, gradient, hessian):
        gradient[...] = np.inf
        hessian[...] = 1


class Axis(StructureRule):
    """Every tree for one objective."""

    def __init__(self, index=0):
        self.index = index

    def direction(self, state, rng):
        return (state.owner == self.index).astype(float)


class Recorder(Balancer):
    """Fixed weights; remembers what it was shown."""

    needs_gramian = True
    needs_losses = True
    takes_preference = True
    seen: list = []  # noqa: RUF012 (shared on purpose: fit works on a clone)

    def __init__(self, weights_=(0.5, 0.5)):
        self.weights_ = weights_

    def reset(self):
        self.seen.clear()

    def _weights(self, gramian, losses, preference):
        self.seen.append((gramian, losses, preference))
        return np.asarray(self.weights_)


@pytest.mark.parametrize("objective", [LogCosh(sharpness=2.0), LogCosh, OwnSquare()])
def test_own_objective(objective, real):
    X, Y = real
    est = MultiObjectiveRegressor(objective, **{**FAST, "n_estimators": 40}).fit(X, Y)
    expected = MultiObjectiveRegressor(**{**FAST, "n_estimators": 40}).fit(X, Y)
    assert est.score(X, Y) > 0.5
    assert np.corrcoef(est.predict(X).T, expected.predict(X).T)[0, 3] > 0.95
    assert (np.diff(est.history_["train_loss"][[0, -1]], axis=0) < 0).all()
    loaded = pickle.loads(pickle.dumps(est))
    assert_array_equal(loaded.predict(X), est.predict(X))


def test_own_objective_alone_is_its_built_in_twin(real):
    X, Y = real
    own = MultiObjectiveRegressor(OwnSquare(), **FAST).fit(X, Y[:, 0])
    built_in = MultiObjectiveRegressor(**FAST).fit(X, Y[:, 0])
    assert_array_equal(own.apply(X), built_in.apply(X))
    assert_allclose(own.predict(X), built_in.predict(X), rtol=1e-4, atol=1e-4)


def test_own_objective_among_others(real):
    X, Y = real
    est = MultiObjectiveEstimator(
        [LogCosh(), "huber", SquaredError()], **FAST, heads="none"
    ).fit(X, Y)
    assert [type(o).__name__ for o in est.objectives_] == [
        "LogCosh",
        "Huber",
        "SquaredError",
    ]
    # The loss is in the user's units, whatever it was trained on.
    loss = LogCosh().loss(Y[:, 0], est.predict(X)[:, 0]).mean()
    assert_allclose(est.history_["train_loss"][-1, 0], loss, rtol=1e-4)


def test_a_broken_objective_is_named(real):
    X, Y = real
    est = MultiObjectiveEstimator(["huber", Broken(), "huber"], **FAST)
    with pytest.raises(ValueError, match=r"(?s)gradient_hessian of Broken.*infinite"):
        est.fit(X, Y)


def test_own_objective_checks_its_parameters(real):
    with pytest.raises(ValueError, match="'sharpness' parameter of LogCosh"):
        MultiObjectiveRegressor(LogCosh(-1)).fit(*real)


@pytest.mark.parametrize("index", [0, 1])
def test_own_structure_rule(index, real):
    X, Y = real
    est = MultiObjectiveRegressor(structure=Axis(index), **FAST).fit(X, Y)
    alone = MultiObjectiveRegressor(**FAST).fit(X, Y[:, index])
    # From the second tree on, the prior of shared trees' leaf values shows.
    assert_array_equal(est.apply(X)[:, 0], alone.apply(X)[:, 0])
    assert est.get_params()["structure__index"] == index
    assert_array_equal(clone(est).fit(X, Y).predict(X), est.predict(X))


@pytest.mark.parametrize("structure", [ObjectiveDirection, ObjectiveDirection()])
def test_a_class_or_an_instance_is_the_name(structure, real):
    X, Y = real
    named = MultiObjectiveRegressor(structure="objective", balancer="equal", **FAST)
    other = MultiObjectiveRegressor(structure=structure, balancer=Equal, **FAST)
    assert_array_equal(other.fit(X, Y).predict(X), named.fit(X, Y).predict(X))


def test_own_balancer(real):
    X, Y = real[0], real[1][:, :2]
    balancer = Recorder(weights_=(0.9, 0.1))
    est = MultiObjectiveRegressor(balancer=balancer, preference=[2, 1], **FAST)
    est.fit(X, Y)
    assert_allclose(est.history_["weights"], np.tile([0.9, 0.1], (10, 1)))
    assert len(Recorder.seen) == 10
    for gramian, losses, preference in Recorder.seen:
        assert_allclose(np.diag(gramian), 1, rtol=1e-4)
        assert gramian.shape == (2, 2)
        assert losses.shape == (2,)
        assert_allclose(preference, [2 / 3, 1 / 3])
    losses = np.array([losses for _, losses, _ in Recorder.seen])
    assert (np.diff(losses, axis=0) <= 0).all()
    est.fit(X, Y)
    assert len(Recorder.seen) == 10
