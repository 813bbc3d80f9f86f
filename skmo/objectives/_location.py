"""Losses of the difference between target and score.

Parameters are made Python floats before they meet an array: a NumPy float64, which
a grid search passes, would make every operation on float32 one on float64.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from sklearn.base import clone

from ._base import Objective
from ._quantile import weighted_quantile
from ._validation import check_option, check_real


class SquaredError(Objective):
    """Half the squared error; the score is the conditional mean.

    Any real target is allowed.

    Notes
    -----
    For a target ``y`` and a score ``f``: loss ``(y - f)**2 / 2``, gradient
    ``f - y``, Hessian 1. Training starts from the weighted mean.

    References
    ----------
    .. [1] J. H. Friedman, "Greedy function approximation: a gradient boosting
       machine", Annals of Statistics 29(5), 2001, Algorithm 2.
    .. [2] LightGBM 4, ``src/objective/regression_objective.hpp``,
       ``RegressionL2loss``.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.objectives import SquaredError
    >>> SquaredError().loss(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([0., 2.])
    """

    standardise: ClassVar[bool] = True
    loss_degree: ClassVar[int] = 2
    constant_hessian: ClassVar[bool] = True

    @property
    def loss_is_half_square(self) -> bool:
        """Not of a subclass, whose loss may be another."""
        return type(self) is SquaredError

    def init_score(self, target, weight):
        return np.array([np.average(target, weights=weight)])

    def loss(self, target, score):
        loss = target - score
        np.square(loss, out=loss)
        loss *= 0.5
        return loss

    def gradient_hessian(self, target, score, gradient, hessian):
        np.subtract(score, target, out=gradient)


class AbsoluteError(Objective):
    """Absolute error; the score is the conditional median.

    Any real target is allowed.

    Notes
    -----
    For a target ``y`` and a score ``f``: loss ``|y - f|``, gradient
    ``sign(f - y)``. The second derivative is 0 almost everywhere, so the
    Hessian is declared to be 1 and leaves take the median of their residuals.
    Training starts from the weighted median (see
    :func:`~skmo.objectives.weighted_quantile`).

    References
    ----------
    .. [1] J. H. Friedman, "Greedy function approximation: a gradient boosting
       machine", Annals of Statistics 29(5), 2001, Algorithm 3.
    .. [2] LightGBM 4, ``src/objective/regression_objective.hpp``,
       ``RegressionL1loss``.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.objectives import AbsoluteError
    >>> AbsoluteError().init_score(np.array([1.0, 2.0, 30.0]), None)
    array([2.])
    """

    standardise: ClassVar[bool] = True
    robust: ClassVar[bool] = True
    loss_degree: ClassVar[int] = 1
    constant_hessian: ClassVar[bool] = True
    leaf_quantile: ClassVar[float] = 0.5

    def init_score(self, target, weight):
        return np.array([weighted_quantile(target, 0.5, weight)])

    def loss(self, target, score):
        loss = target - score
        return np.abs(loss, out=loss)

    def gradient_hessian(self, target, score, gradient, hessian):
        # Several times faster than np.sign, whose branches are unpredictable here.
        np.greater(score, target, out=gradient)
        gradient -= np.less(score, target)


class Quantile(Objective):
    """Pinball loss; the score is a conditional quantile.

    Any real target is allowed.

    Parameters
    ----------
    alpha : float, default=0.9
        The quantile's level, in (0, 1).

    Notes
    -----
    For a target ``y`` and a score ``f``: loss ``alpha * (y - f)`` if
    ``y >= f``, else ``(1 - alpha) * (f - y)``. The gradient is ``-alpha`` where
    ``f < y`` and ``1 - alpha`` elsewhere: at ``f = y``, where the loss has a
    kink, this is LightGBM's choice [2]_. The Hessian is declared to be 1 and
    leaves take the quantile of their residuals. Training starts from the
    weighted quantile (see :func:`~skmo.objectives.weighted_quantile`), which
    interpolates: a constant of least loss up to the gap between two
    neighbouring targets.

    References
    ----------
    .. [1] R. Koenker and G. Bassett, "Regression quantiles", Econometrica
       46(1), 1978.
    .. [2] LightGBM 4, ``src/objective/regression_objective.hpp``,
       ``RegressionQuantileloss``.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.objectives import Quantile
    >>> Quantile(alpha=0.75).loss(np.array([4.0, 0.0]), np.array([0.0, 4.0]))
    array([3., 1.])
    """

    standardise: ClassVar[bool] = True
    robust: ClassVar[bool] = True
    loss_degree: ClassVar[int] = 1
    constant_hessian: ClassVar[bool] = True

    def __init__(self, alpha: float = 0.9):
        self.alpha = alpha

    @property
    def leaf_quantile(self) -> float:
        """The level of the quantile that leaves take: ``alpha``."""
        return self.alpha

    def validate_params(self):
        check_real(self, "alpha", 0, 1)

    def init_score(self, target, weight):
        return np.array([weighted_quantile(target, self.alpha, weight)])

    def loss(self, target, score):
        loss = target - score
        alpha = float(self.alpha)
        return np.maximum(alpha * loss, (alpha - 1.0) * loss, out=loss)

    def gradient_hessian(self, target, score, gradient, hessian):
        np.greater_equal(score, target, out=gradient)
        gradient -= float(self.alpha)


class Huber(Objective):
    """Huber's loss: squared near zero, absolute beyond a threshold.

    Any real target is allowed.

    Parameters
    ----------
    delta : float, default=1.35
        The residual beyond which the loss grows linearly, in (0, inf).
    units : {"std", "target"}, default="std"
        Whether ``delta`` counts standard deviations of the target or is in the
        target's own units.

    Notes
    -----
    For a residual ``r = f - y`` of the score ``f`` from the target ``y``: loss
    ``r**2 / 2`` if ``|r| <= delta``, else ``delta * (|r| - delta / 2)``;
    gradient ``r`` clipped to ``[-delta, delta]``; the Hessian is declared to be
    1, as in LightGBM [3]_ (it is 0 beyond the threshold). With normal noise of
    known scale, 1.35 standard deviations of the noise keep 95 % of the mean's
    efficiency; the target's standard deviation exceeds the noise's.

    The methods read ``delta`` in the units of the targets they are given;
    ``with_scale`` converts it to these, whichever ``units`` says. Training
    starts from the constant of least loss, Huber's location estimate
    [1]_; LightGBM starts from the mean.

    References
    ----------
    .. [1] P. J. Huber, "Robust estimation of a location parameter", Annals of
       Mathematical Statistics 35(1), 1964.
    .. [2] J. H. Friedman, "Greedy function approximation: a gradient boosting
       machine", Annals of Statistics 29(5), 2001, Algorithm 4.
    .. [3] LightGBM 4, ``src/objective/regression_objective.hpp``,
       ``RegressionHuberLoss``.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.objectives import Huber
    >>> Huber(delta=1.0).loss(np.array([0.0, 0.0]), np.array([1.0, 3.0]))
    array([0.5, 2.5])
    >>> Huber(delta=10.0, units="target").with_scale(4.0, 1.0)
    Huber(delta=2.5, units='target')
    """

    standardise: ClassVar[bool] = True
    robust: ClassVar[bool] = True
    loss_degree: ClassVar[int] = 2
    constant_hessian: ClassVar[bool] = True

    def __init__(self, delta: float = 1.35, units: str = "std"):
        self.delta = delta
        self.units = units

    def validate_params(self):
        check_real(self, "delta", 0, np.inf)
        check_option(self, "units", ("std", "target"))

    def with_scale(self, scale, spread):
        unit = spread if self.units == "std" else 1.0 / scale
        return clone(self).set_params(delta=float(self.delta * unit), units="target")

    def init_score(self, target, weight):
        return np.array([_huber_location(target, weight, self.delta)])

    def loss(self, target, score):
        loss = target - score
        np.abs(loss, out=loss)
        near = np.minimum(loss, float(self.delta))
        # near * (|r| - near / 2) is the loss on both sides of the threshold.
        loss -= 0.5 * near
        loss *= near
        return loss

    def gradient_hessian(self, target, score, gradient, hessian):
        np.subtract(score, target, out=gradient)
        delta = float(self.delta)
        np.clip(gradient, -delta, delta, out=gradient)


def _huber_location(
    target: np.ndarray, weight: np.ndarray | None, delta: float
) -> float:
    """The constant of least Huber loss.

    Newton's method on the loss's derivative, which is increasing and piecewise
    linear: exact after finitely many steps. A bracket, halved where a step
    leaves it, guards against cycles.
    """
    weight = np.ones_like(target) if weight is None else weight
    low, high = target.min(), target.max()
    centre = weighted_quantile(target, 0.5, weight)
    for _ in range(100):
        residual = centre - target
        pull = weight * np.clip(residual, -delta, delta)
        slope = pull.sum()
        # Also where the loss is flat: between two far clusters of equal weight.
        if abs(slope) <= np.finfo(np.float64).eps * np.abs(pull).sum():
            break
        low, high = (low, centre) if slope > 0 else (centre, high)
        curvature = weight[np.abs(residual) <= delta].sum()
        step = -slope / curvature if curvature > 0 else np.inf
        proposal = centre + step
        if proposal == centre:
            break
        centre = proposal if low < proposal < high else 0.5 * (low + high)
    return float(centre)
