"""Losses of a positive mean, whose logarithm is the score."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from ._base import Objective
from ._validation import check_domain, check_real

# exp(80) = 5.5e34 and exp(-80) = 1.8e-35 are ordinary float32 numbers, with room
# left for products. Scores of real models are nowhere near.
_MAX_EXPONENT = 80.0
# Upper bound of products of an exponential and a target, in float32 too.
_HUGE = 1e36
# LightGBM refuses a target that is zero throughout; here it starts from this mean.
_MEAN_OF_ZEROS = 1e-10


def _clip(exponent: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    return np.clip(exponent, -_MAX_EXPONENT, _MAX_EXPONENT, out=out)


class _LogLink(Objective):
    """What the objectives with the mean ``exp(score)`` share."""

    task: ClassVar[str] = "regression"

    def init_score(self, target, weight):
        mean = np.average(target, weights=weight)
        return np.array([np.log(mean if mean > 0 else _MEAN_OF_ZEROS)])

    def inverse_link(self, score):
        mean = _clip(score)
        return np.exp(mean, out=mean)


class Poisson(_LogLink):
    """Half the Poisson deviance, for counts and other targets of at least 0.

    The score is the logarithm of the conditional mean.

    Parameters
    ----------
    max_delta_step : float, default=0.7
        The Hessian is ``exp(max_delta_step)`` times the second derivative,
        which shortens the steps. In [0, 5]; LightGBM's
        ``poisson_max_delta_step``.

    Notes
    -----
    For a target ``y`` and a score ``f``: loss
    ``exp(f) - y * f - y + y * log(y)``, gradient ``exp(f) - y``, Hessian
    ``exp(f + max_delta_step)``. Scores are clipped to [-80, 80] inside ``exp``.
    Training starts from the logarithm of the weighted mean; a target that is
    zero throughout starts from the mean 1e-10.

    References
    ----------
    .. [1] P. McCullagh and J. A. Nelder, "Generalized Linear Models", 2nd
       edition, Chapman & Hall, 1989, section 2.3.
    .. [2] LightGBM 4, ``src/objective/regression_objective.hpp``,
       ``RegressionPoissonLoss``.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.objectives import Poisson
    >>> score = Poisson().init_score(np.array([0.0, 1.0, 5.0]), None)
    >>> Poisson().inverse_link(score)
    array([2.])
    """

    def __init__(self, max_delta_step: float = 0.7):
        self.max_delta_step = max_delta_step

    def validate_params(self):
        check_real(self, "max_delta_step", 0, 5, closed="both")

    def check_target(self, target):
        remedy = "Use 'squared_error' or 'huber' for targets of both signs."
        check_domain("poisson", target, target >= 0, "targets >= 0", remedy)

    def loss(self, target, score):
        score = _clip(score)
        zero = target == 0
        # By the mean's ratio to the target: the textbook form subtracts numbers
        # far larger than the loss.
        loss = _bregman(score - np.log(target + zero))
        loss *= target
        loss += zero * np.exp(score)
        return loss

    def gradient_hessian(self, target, score, gradient, hessian):
        _clip(score, out=gradient)
        np.exp(gradient, out=gradient)
        np.multiply(gradient, math.exp(self.max_delta_step), out=hessian)
        gradient -= target


class Gamma(_LogLink):
    """Half the gamma deviance, for targets above 0 with a constant coefficient
    of variation.

    The score is the logarithm of the conditional mean.

    Notes
    -----
    For a target ``y`` and a score ``f``: loss
    ``y * exp(-f) + f - log(y) - 1``, gradient ``1 - y * exp(-f)``, Hessian
    ``y * exp(-f)``. The latter is computed as ``exp(log(y) - f)`` with the
    exponent clipped to [-80, 80]. Training starts from the logarithm of the
    weighted mean.

    References
    ----------
    .. [1] P. McCullagh and J. A. Nelder, "Generalized Linear Models", 2nd
       edition, Chapman & Hall, 1989, section 2.3.
    .. [2] LightGBM 4, ``src/objective/regression_objective.hpp``,
       ``RegressionGammaLoss``.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.objectives import Gamma
    >>> Gamma().loss(np.array([1.0, np.e]), np.array([0.0, 0.0])).round(3)
    array([0.   , 0.718])
    """

    def check_target(self, target):
        remedy = "Use 'tweedie', which allows zeros, or 'squared_error'."
        check_domain("gamma", target, target > 0, "targets > 0", remedy)

    def loss(self, target, score):
        return _bregman(np.log(target) - score)

    def gradient_hessian(self, target, score, gradient, hessian):
        np.log(target, out=hessian)
        hessian -= score
        _clip(hessian, out=hessian)
        np.exp(hessian, out=hessian)
        np.subtract(1.0, hessian, out=gradient)


class Tweedie(_LogLink):
    """Half the Tweedie deviance, for targets above 0 with a lump at 0.

    The score is the logarithm of the conditional mean.

    Parameters
    ----------
    power : float, default=1.5
        The variance grows as this power of the mean; in (1, 2). The ends are
        :class:`Poisson` and :class:`Gamma`. LightGBM's
        ``tweedie_variance_power``.

    Notes
    -----
    For a target ``y``, a score ``f`` and the power ``p``: loss
    ``y**(2-p) / ((1-p) * (2-p)) - y * exp((1-p) * f) / (1-p)
    + exp((2-p) * f) / (2-p)``, gradient
    ``-y * exp((1-p) * f) + exp((2-p) * f)``, Hessian its derivative, which is
    positive. Scores are clipped to [-80, 80] inside ``exp`` and the products
    with ``y`` are bounded by 1e36. Training starts from the logarithm of the
    weighted mean; a target that is zero throughout starts from the mean 1e-10.

    References
    ----------
    .. [1] B. Jorgensen, "Exponential dispersion models", Journal of the Royal
       Statistical Society B 49(2), 1987.
    .. [2] LightGBM 4, ``src/objective/regression_objective.hpp``,
       ``RegressionTweedieLoss``.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.objectives import Tweedie
    >>> Tweedie(power=1.5).loss(np.array([0.0, 1.0]), np.array([0.0, 0.0]))
    array([2., 0.])
    """

    def __init__(self, power: float = 1.5):
        self.power = power

    def validate_params(self):
        check_real(self, "power", 1, 2)

    def check_target(self, target):
        remedy = "Use 'squared_error' or 'huber' for targets of both signs."
        check_domain("tweedie", target, target >= 0, "targets >= 0", remedy)

    def loss(self, target, score):
        low, high = 1.0 - float(self.power), 2.0 - float(self.power)
        score = _clip(score)
        zero = target == 0
        # As in Poisson: by the mean's ratio to the target.
        excess = _clip(score - np.log(target + zero))
        loss = np.expm1(high * excess) / high - np.expm1(low * excess) / low
        np.maximum(loss, 0.0, out=loss)
        loss *= target**high
        loss += zero * (np.exp(high * score) / high)
        return loss

    def gradient_hessian(self, target, score, gradient, hessian):
        low, high = 1.0 - float(self.power), 2.0 - float(self.power)
        _clip(score, out=gradient)
        pull = low * gradient
        np.exp(pull, out=pull)
        with np.errstate(over="ignore"):
            pull *= target
        np.minimum(pull, _HUGE, out=pull)
        gradient *= high
        np.exp(gradient, out=gradient)
        np.multiply(gradient, high, out=hessian)
        gradient -= pull
        pull *= -low
        hessian += pull


def _bregman(excess: np.ndarray) -> np.ndarray:
    """``exp(x) - 1 - x``: accurate near 0, never negative, finite."""
    loss = _clip(excess)
    np.expm1(loss, out=loss)
    loss -= excess
    return np.maximum(loss, 0.0, out=loss)
