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

FAST = {
    "n_estimators": 10,
    "num_leaves": 7,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
}


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
    est = MultiObjectiveEstimator([LogCosh(), "huber", SquaredError()], **FAST).fit(
        X, Y
    )
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


def spoilt(**methods):
    return type("Spoilt", (OwnSquare,), methods)()


def writing(gradient, hessian):
    def gradient_hessian(self, target, score, g, h):
        g[...] = gradient(target, score)
        h[...] = hessian(target, score)

    return gradient_hessian


def rebinding(self, target, score, gradient, hessian):
    gradient = score - target
    assert gradient is not None


WRONG_OBJECTIVES = {
    "a number as the start": (
        {"init_score": lambda self, y, w: y.mean()},
        r"init_score of Spoilt\(\) must return a finite array of shape \(1,\)",
    ),
    "two starts": (
        {"init_score": lambda self, y, w: y[:2]},
        r"init_score of Spoilt\(\) must return a finite array of shape \(1,\)",
    ),
    "no start": (
        {"init_score": lambda self, y, w: None},
        r"init_score of Spoilt.*Got None",
    ),
    "an infinite start": (
        {"init_score": lambda self, y, w: np.array([np.inf])},
        "init_score of Spoilt.*finite",
    ),
    "a mean loss": (
        {"loss": lambda self, y, f: np.mean((y - f) ** 2)},
        r"loss of Spoilt.*shape \(300, 1\), one loss per target. Got a float",
    ),
    "losses of another shape": (
        {"loss": lambda self, y, f: ((y - f) ** 2)[:5]},
        r"loss of Spoilt.*Got an array of shape \(5, 1\)",
    ),
    "derivatives returned": (
        {"gradient_hessian": lambda self, y, f, g, h: (f - y, np.ones_like(f))},
        r"must write into its arguments.*Got a tuple",
    ),
    "nothing written": ({"gradient_hessian": rebinding}, "left 300 of 300 gradients"),
    "some NaN": (
        {
            "gradient_hessian": writing(
                lambda y, f: np.where(y > y.min(), f - y, np.nan), lambda y, f: 1
            )
        },
        "left 1 of 300 gradients NaN or infinite",
    ),
    "a negative curvature": (
        {"gradient_hessian": writing(lambda y, f: f - y, lambda y, f: -1)},
        r"300 of 300 second derivatives that are not positive.*-1\. Write",
    ),
    "no curvature": (
        {"gradient_hessian": writing(lambda y, f: f - y, lambda y, f: np.nan)},
        "300 of 300 second derivatives that are not positive.*nan",
    ),
}


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("wrong", WRONG_OBJECTIVES)
def test_wrong_objectives_are_told_before_training(wrong, alone, real, no_training):
    X, Y = real
    methods, message = WRONG_OBJECTIVES[wrong]
    objectives = [spoilt(**methods)] if alone else ["huber", spoilt(**methods), "huber"]
    est = MultiObjectiveEstimator(objectives, **FAST)
    with pytest.raises(ValueError, match=f"(?s){message}"):
        est.fit(X, Y[:, : len(objectives)])
    assert not hasattr(est, "objectives_")


def test_missing_targets_excuse_nothing_else(holed):
    X, Y = holed
    sound = spoilt(
        gradient_hessian=writing(lambda y, f: f - y, lambda y, f: np.where(y > 0, 1, 1))
    )
    # NaN where the target is NaN is fine, also in the Hessian.
    sloppy = spoilt(
        gradient_hessian=writing(lambda y, f: f - y, lambda y, f: 1 + 0 * y)
    )
    found = [
        MultiObjectiveEstimator([o, "huber", "huber"], **FAST).fit(X, Y).predict(X)
        for o in (sound, sloppy)
    ]
    assert_array_equal(*found)
    bad = spoilt(gradient_hessian=writing(lambda y, f: f - y, lambda y, f: -y))
    with pytest.raises(ValueError, match="second derivatives that are not positive"):
        MultiObjectiveEstimator([bad, "huber", "huber"], **FAST).fit(X, Y)


def later(first, then):
    """What a method gives at scores of one value, and what as soon as they differ."""
    return lambda *args: (first if np.ptp(args[-1]) == 0 else then)(*args)


def test_objectives_that_go_wrong_later(real):
    X, Y = real
    uphill = spoilt(
        gradient_hessian=writing(
            lambda y, f: f - y, later(lambda y, f: 1, lambda y, f: -1)
        )
    )
    no_loss = spoilt(
        loss=later(OwnSquare.loss, lambda self, y, f: np.full(y.shape, np.nan))
    )
    for bad, message in (
        (uphill, r"second derivatives of objective 1 \(Spoilt\(\)\).*in a leaf"),
        (no_loss, r"loss of objective 1 \(Spoilt\(\)\) is NaN"),
    ):
        est = MultiObjectiveEstimator(["huber", bad, "huber"], **FAST)
        with pytest.raises(FloatingPointError, match=message):
            est.fit(X, Y)
        assert not hasattr(est, "objectives_")


@pytest.mark.parametrize(
    "weights", [None, [1.0], [1.0, np.nan], [0.0, 0.0], [1.0, -1.0], [[1.0, 1.0]]]
)
def test_wrong_balancers_are_told_before_training(weights, real, no_training):
    X, Y = real[0], real[1][:, :2]
    est = MultiObjectiveRegressor(balancer=Recorder(weights_=weights), **FAST)
    message = r"The balancer Recorder.* must return 2 finite weights of at least 0"
    with pytest.raises(ValueError, match=message):
        est.fit(X, Y)


@pytest.mark.parametrize(
    "direction", [None, [1.0], [0.0, 0.0], [1.0, np.inf], np.ones((2, 1))]
)
def test_wrong_structure_rules_are_told_before_training(direction, real, no_training):
    class Wrong(StructureRule):
        def direction(self, state, rng):
            return direction

    X, Y = real[0], real[1][:, :2]
    message = r"The structure rule Wrong\(\) must return a finite direction of shape"
    with pytest.raises(ValueError, match=message):
        MultiObjectiveRegressor(structure=Wrong(), **FAST).fit(X, Y)


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
