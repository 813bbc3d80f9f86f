"""Losses of a probability, whose log-odds are the score."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.special import expit

from ._base import Objective
from ._validation import check_domain

# LightGBM's kEpsilon: the distance a starting probability keeps from 0 and 1.
_EPSILON = 1e-15
# The Hessian underflows to 0 beyond |score| = 104 in float32.
_MIN_HESSIAN = 1e-16


class _Logistic(Objective):
    """What the objectives with the probability ``expit(score)`` share."""

    task: ClassVar[str] = "probability"

    def init_score(self, target, weight):
        mean = np.average(target, weights=weight)
        probability = np.clip(mean, _EPSILON, 1.0 - _EPSILON)
        return np.array([np.log(probability / (1.0 - probability))])

    def inverse_link(self, score):
        return expit(score)

    def gradient_hessian(self, target, score, gradient, hessian):
        # The probability of the less likely side, tail / (1 + tail) with
        # tail = exp(-|score|), keeps its digits in float32, where 1 - p loses them.
        tail = np.abs(score)
        np.negative(tail, out=tail)
        np.exp(tail, out=tail)
        np.add(tail, 1.0, out=hessian)
        np.reciprocal(hessian, out=hessian)
        tail *= hessian
        hessian *= tail
        np.maximum(hessian, _MIN_HESSIAN, out=hessian)
        # p - y is (1 - y) - tail for a positive score, and tail - y for a
        # negative one (signbit 1). By the sign bit: np.where is far slower, and
        # the bit alone tells -0.0 from 0.0 as copysign does.
        np.signbit(score, out=gradient)
        gradient += target
        np.subtract(1.0, gradient, out=gradient)
        gradient -= np.copysign(tail, score, out=tail)


class Binary(_Logistic):
    """Log loss of a target that is 0 or 1.

    The score is the log-odds of the value 1.

    Notes
    -----
    For a target ``y``, a score ``f`` and ``p = 1 / (1 + exp(-f))``: loss
    ``-y * log(p) - (1 - y) * log(1 - p)``, gradient ``p - y``, Hessian
    ``p * (1 - p)`` but at least 1e-16. Training starts from the log-odds of the
    weighted mean, clipped to [1e-15, 1 - 1e-15].

    References
    ----------
    .. [1] J. H. Friedman, "Greedy function approximation: a gradient boosting
       machine", Annals of Statistics 29(5), 2001, Algorithm 5 (whose scores are
       half of these).
    .. [2] LightGBM 4, ``src/objective/binary_objective.hpp``.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.objectives import Binary
    >>> score = Binary().init_score(np.array([0.0, 1.0, 1.0, 1.0]), None)
    >>> Binary().inverse_link(score)
    array([0.75])
    """

    def check_target(self, target):
        valid = (target == 0) | (target == 1)
        remedy = "Use 'cross_entropy' for probabilities, 'multiclass' for classes."
        check_domain("binary", target, valid, "targets in {0, 1}", remedy)

    def loss(self, target, score):
        return _log_loss(target, score)


class CrossEntropy(_Logistic):
    """Kullback-Leibler divergence from a target that is a probability.

    The score is the log-odds of the predicted probability.

    Notes
    -----
    For a target ``y`` in [0, 1], a score ``f`` and ``p = 1 / (1 + exp(-f))``:
    loss ``y * log(y / p) + (1 - y) * log((1 - y) / (1 - p))``, which is the
    cross-entropy less its least value, so that a perfect score has loss 0;
    gradient ``p - y``, Hessian ``p * (1 - p)`` but at least 1e-16. Training
    starts from the log-odds of the weighted mean, clipped to
    [1e-15, 1 - 1e-15].

    References
    ----------
    .. [1] S. Kullback and R. A. Leibler, "On information and sufficiency",
       Annals of Mathematical Statistics 22(1), 1951.
    .. [2] LightGBM 4, ``src/objective/xentropy_objective.hpp``,
       ``CrossEntropy``.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.objectives import CrossEntropy
    >>> loss = CrossEntropy().loss(np.array([0.5, 1.0]), np.array([0.0, 0.0]))
    >>> loss.round(3)
    array([0.   , 0.693])
    """

    def check_target(self, target):
        valid = (target >= 0) & (target <= 1)
        remedy = "Use 'squared_error' for other real targets."
        check_domain("cross_entropy", target, valid, "targets in [0, 1]", remedy)

    def loss(self, target, score):
        loss = _log_loss(target, score)
        loss += _x_log_x(target)
        loss += _x_log_x(1.0 - target)
        return np.maximum(loss, 0.0, out=loss)


def _x_log_x(x: np.ndarray) -> np.ndarray:
    return x * np.log(x + (x == 0))


def _log_loss(target: np.ndarray, score: np.ndarray) -> np.ndarray:
    """``log(1 + exp(score)) - target * score`` without overflow."""
    loss = np.log1p(np.exp(-np.abs(score)))
    loss += np.maximum(score, 0.0) - target * score
    return loss
