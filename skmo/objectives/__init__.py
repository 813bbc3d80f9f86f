"""Losses that a target can be trained on.

An objective gives the loss of one target as a function of its raw score, with
first and second derivative. Name one in an estimator's ``objective`` parameter,
pass an instance to set its parameters, or subclass :class:`Objective`.
"""

from ._base import Objective
from ._location import AbsoluteError, Huber, Quantile, SquaredError
from ._log_link import Gamma, Poisson, Tweedie
from ._logistic import Binary, CrossEntropy
from ._quantile import grouped_quantile, weighted_quantile
from ._registry import OBJECTIVES, get_objective
from ._softmax import Multiclass

__all__ = [
    "OBJECTIVES",
    "AbsoluteError",
    "Binary",
    "CrossEntropy",
    "Gamma",
    "Huber",
    "Multiclass",
    "Objective",
    "Poisson",
    "Quantile",
    "SquaredError",
    "Tweedie",
    "get_objective",
    "grouped_quantile",
    "weighted_quantile",
]
