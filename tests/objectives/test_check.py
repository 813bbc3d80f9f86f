"""The check for objectives of the user's own: it passes ours and finds faults."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.optimize import minimize_scalar

from skmo.objectives import (
    Binary,
    CrossEntropy,
    Multiclass,
    Objective,
    Poisson,
    Quantile,
    SquaredError,
    check_objective,
)
from skmo.objectives._check_case import draw_target


def test_every_objective_passes(case):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_objective(case.objective)
        check_objective(case.objective, np.tile(case.target, 2))


class Square(Objective):
    """A sound one, which the others below spoil."""

    def init_score(self, target, weight):
        return np.array([np.average(target, weights=weight)])

    def loss(self, target, score):
        return (target - score) ** 2 / 2

    def gradient_hessian(self, target, score, gradient, hessian):
        gradient[...] = score - target
        hessian[...] = 1


def test_the_least_an_objective_can_be_passes():
    check_objective(Square())


class Insensitive(Square):
    """Nothing to pay for small errors; predictions are held within a range."""

    def init_score(self, target, weight):
        def mean_loss(constant):
            return np.average(self.loss(target, constant), weights=weight)

        bounds = target.min(), target.max()
        return np.array([minimize_scalar(mean_loss, bounds=bounds).x])

    def loss(self, target, score):
        return np.maximum(np.abs(target - score) - 0.5, 0) ** 2 / 2

    def gradient_hessian(self, target, score, gradient, hessian):
        error = score - target
        gradient[...] = np.sign(error) * np.maximum(np.abs(error) - 0.5, 0)
        hessian[...] = 1

    def inverse_link(self, score):
        return np.clip(score, -1, 1)


class Sure(CrossEntropy):
    """Probabilities of exactly 0 and 1."""

    def inverse_link(self, score):
        return np.round(super().inverse_link(score), 1)


class Even(Square):
    """The second derivative is known, so there is no array to write it to."""

    constant_hessian = True

    def gradient_hessian(self, target, score, gradient, hessian):
        assert hessian is None
        gradient[...] = score - target


class Shallow(Square):
    """A step is longer than Newton's, and still goes down."""

    def gradient_hessian(self, target, score, gradient, hessian):
        gradient[...] = score - target
        hessian[...] = 0.4


@pytest.mark.parametrize("cls", [Insensitive, Sure, Even, Shallow])
def test_ends_of_what_is_allowed_pass(cls):
    check_objective(cls())


def test_it_asks_the_same_of_every_objective():
    class Recorder(Square):
        def init_score(self, target, weight):
            asked.append((target, np.zeros(0) if weight is None else weight))
            return super().init_score(target, weight)

    calls = []
    for _ in range(2):
        asked = []
        check_objective(Recorder())
        calls.append(asked)
    for first, second in zip(*calls, strict=True):
        for a, b in zip(first, second, strict=True):
            assert_array_equal(a, b)


def spoilt(base, match, **methods):
    name = next(iter(methods))
    cls = type(f"Bad{base.__name__}", (base,), methods)
    return pytest.param(cls, match, id=f"{base.__name__}.{name}: {match}")


def writing(gradient, hessian):
    def gradient_hessian(self, target, score, g, h):
        g[...] = gradient(target, score)
        h[...] = hessian(target, score)

    return gradient_hessian


def returning(self, target, score, gradient, hessian):
    return score - target, np.ones_like(score)


def rebinding(self, target, score, gradient, hessian):
    gradient = score - target
    hessian = np.ones_like(score)
    assert gradient.shape == hessian.shape


def one_target_only(self, target, score):
    losses = [float(t - s) ** 2 / 2 for t, s in zip(target, score, strict=True)]
    return np.array(losses, dtype=score.dtype)


def forgetful(self, alpha=0.3):
    self.alpha = alpha / 2


def copying_badly(self, memo):
    return type(self)(alpha=0.7)


def guessing_without_weights(self, target, weight):
    if weight is None:
        return np.array([target.mean() + 0.01])
    return np.array([np.average(target, weights=weight)])


def overflowing_in_float32(self, target, score, gradient, hessian):
    gradient[...] = np.exp(score) - target
    with np.errstate(over="ignore"):
        hessian[...] = np.exp(score) + np.exp(2 * score)


def filling(self, target, score, gradient, hessian):
    target[np.isnan(target)] = 0
    score[...] = np.clip(score, -1, 1)
    gradient[...] = score - target
    hessian[...] = 1


@pytest.mark.parametrize(
    ("cls", "match"),
    [
        spoilt(Square, "finite array of shape", init_score=lambda s, t, w: t.mean()),
        spoilt(
            Square, "finite array of shape", init_score=lambda s, t, w: np.zeros((1, 1))
        ),
        spoilt(
            Square, "constant of least", init_score=lambda s, t, w: np.array([t.max()])
        ),
        spoilt(
            Square, "constant of least", init_score=lambda s, t, w: np.array([t.mean()])
        ),
        spoilt(
            Square, "one number per target", loss=lambda s, t, f: np.mean((t - f) ** 2)
        ),
        spoilt(
            Square, "one number per target", loss=lambda s, t, f: (t[:5] - f[:5]) ** 2
        ),
        spoilt(Square, "as many repeated rows", init_score=guessing_without_weights),
        spoilt(
            Square,
            "the loss of a row depends on whether other targets are NaN",
            loss=lambda s, t, f: (t - f) ** 2 / 2 * float(np.isfinite(t).mean()),
        ),
        spoilt(
            Square,
            "the gradient of a row depends on whether other targets are NaN",
            gradient_hessian=writing(
                lambda t, f: (f - t) * np.isfinite(t).mean(), lambda t, f: 1
            ),
        ),
        spoilt(
            Square,
            "the hessian of a row depends on whether other targets are NaN",
            gradient_hessian=writing(
                lambda t, f: f - t, lambda t, f: np.isfinite(t).mean()
            ),
        ),
        spoilt(
            Square,
            "the hessian of float32 scores -50 from the start is -1",
            gradient_hessian=writing(
                lambda t, f: f - t, lambda t, f: np.where(f < -20, -1, 1)
            ),
        ),
        spoilt(
            Square,
            "the loss of float32 scores -50 from the start is inf",
            loss=lambda s, t, f: np.where(f < -20, np.inf, (t - f) ** 2 / 2),
        ),
        spoilt(
            Poisson,
            "the hessian of float32 scores 50 from the start is inf",
            gradient_hessian=overflowing_in_float32,
        ),
        spoilt(Square, "at least 0", loss=lambda s, t, f: -((t - f) ** 2)),
        spoilt(
            Square,
            "gradient is",
            gradient_hessian=writing(lambda t, f: t - f, lambda t, f: 1),
        ),
        spoilt(
            Square,
            "gradient is",
            gradient_hessian=writing(lambda t, f: 2 * (f - t), lambda t, f: 1),
        ),
        spoilt(
            Square,
            "must be positive",
            gradient_hessian=writing(lambda t, f: f - t, lambda t, f: -1),
        ),
        spoilt(
            Square,
            "must be positive",
            gradient_hessian=writing(lambda t, f: f - t, lambda t, f: np.nan),
        ),
        spoilt(
            Square,
            "'hessian' is too small",
            gradient_hessian=writing(lambda t, f: f - t, lambda t, f: 0.01),
        ),
        spoilt(Square, "return None. Got a tuple", gradient_hessian=returning),
        spoilt(Square, "not gradient =", gradient_hessian=rebinding),
        spoilt(Square, "changes its arguments", gradient_hessian=filling),
        spoilt(
            Square,
            "depends on whether other targets are NaN",
            loss=lambda s, t, f: (t - f) ** 2 / 2 + 0 * t.max(),
        ),
        spoilt(Square, "several targets at once", loss=one_target_only),
        spoilt(
            Square, "beside another", loss=lambda s, t, f: (t - f) ** 2 / 2 * t.ndim
        ),
        spoilt(Square, "of the scores' shape", inverse_link=lambda s, f: f[:1]),
        spoilt(Square, "must not fall", inverse_link=lambda s, f: -f),
        spoilt(
            Square,
            r"from 1\.40.* to 1\.46.*: 'hessian' is too small",
            gradient_hessian=writing(lambda t, f: f - t, lambda t, f: 0.045),
        ),
        spoilt(
            Square,
            "must be positive; 'hessian' holds -2.",
            gradient_hessian=writing(
                lambda t, f: f - t, lambda t, f: np.where(t > t.min(), 0.5, -2.0)
            ),
        ),
        spoilt(Square, "'task' is 'guess'", task="guess"),
        spoilt(Square, "probabilities", task="probability"),
        spoilt(Square, "'leaf_quantile'", leaf_quantile=2.0),
        spoilt(Square, "'leaf_quantile'", leaf_quantile=1.0),
        spoilt(Square, "'leaf_quantile'", leaf_quantile=0.0),
        spoilt(Quantile, "a copy has other parameters", __deepcopy__=copying_badly),
        spoilt(Quantile, "clone fails.*modifies parameter", __init__=forgetful),
        spoilt(
            Quantile,
            "constant of least",
            init_score=lambda s, t, w: np.array([np.average(t, weights=w)]),
        ),
        spoilt(SquaredError, "loss_degree", loss_degree=1),
        spoilt(
            # Between one and two times the loss, by the target's place.
            SquaredError,
            "loss_degree",
            loss=lambda s, t, f: (t - f) ** 2 / 2 * (1.5 + np.sin(t) / 2),
        ),
        spoilt(
            SquaredError,
            "is float64",
            loss=lambda s, t, f: np.float64(0.5) * np.ones(1) * (t - f) ** 2,
        ),
        spoilt(
            Poisson,
            "scores 50 from the start",
            gradient_hessian=writing(
                lambda t, f: np.exp(f) - t,
                lambda t, f: np.where(f > 20, np.inf, np.exp(f)),
            ),
        ),
        spoilt(Multiclass, "sum to 1", inverse_link=lambda s, f: np.full(f.shape, 0.5)),
        spoilt(Binary, "probabilities", inverse_link=lambda s, f: f),
    ],
)
def test_faults_are_found(cls, match):
    with pytest.raises(AssertionError, match=match) as found:
        check_objective(cls())
    assert repr(cls()) in str(found.value)


def test_what_is_no_objective():
    with pytest.raises(AssertionError, match="no instance of Objective"):
        check_objective(SquaredError)


def test_a_target_may_be_a_list_of_whole_numbers():
    seen = []

    class Recorder(Square):
        def loss(self, target, score):
            seen.append(target.dtype.kind)
            return super().loss(target, score)

    check_objective(Recorder(), list(range(20)))
    assert set(seen) == {"f"}


@pytest.mark.parametrize("target", [[1.0, 2.0], np.ones((20, 2)), np.full(20, np.nan)])
def test_bad_targets(target):
    with pytest.raises(ValueError, match="'target' must hold at least 10"):
        check_objective(SquaredError(), target)


def test_targets_that_cannot_be_drawn():
    class Year(Square):
        def check_target(self, target):
            if (target < 1900).any():
                raise ValueError("years from 1900")

    refused = "real values, counts, positive values, shares, bits: pass 'target'."
    with pytest.raises(ValueError, match=rf"^check_target of .* refuses {refused}$"):
        check_objective(Year())
    check_objective(Year(), 1900.0 + np.arange(20))
    with pytest.raises(ValueError, match="years from 1900"):
        check_objective(Year(), np.arange(20.0))


def test_what_is_drawn():
    """The first kind in the domain, of which all that matters occurs."""
    real = draw_target(SquaredError(), None)
    assert (real < 0).any()
    assert (real > 0).any()
    count = draw_target(Poisson(), None)
    assert_array_equal(count, np.round(count))
    assert {0.0, 1.0, 2.0} < set(count)
    share = draw_target(CrossEntropy(), None)
    assert ((share > 0) & (share < 1)).all()
    assert set(draw_target(Binary(), None)) == {0.0, 1.0}
    assert set(draw_target(Multiclass(), None)) == {0.0, 1.0, 2.0, 3.0}
