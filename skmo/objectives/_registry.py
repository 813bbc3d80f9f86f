"""The objectives that have a name."""

from __future__ import annotations

from .._registry import resolve
from ._base import Objective
from ._location import AbsoluteError, Huber, Quantile, SquaredError
from ._log_link import Gamma, Poisson, Tweedie
from ._logistic import Binary, CrossEntropy
from ._softmax import Multiclass

OBJECTIVES: dict[str, type[Objective]] = {
    "squared_error": SquaredError,
    "absolute_error": AbsoluteError,
    "huber": Huber,
    "quantile": Quantile,
    "poisson": Poisson,
    "gamma": Gamma,
    "tweedie": Tweedie,
    "binary": Binary,
    "cross_entropy": CrossEntropy,
    "multiclass": Multiclass,
}


def get_objective(objective: str | Objective | type[Objective]) -> Objective:
    """The objective that a name, a class or an instance stands for.

    Parameters
    ----------
    objective : str, Objective or subclass of Objective
        A name or a class gives a new instance with default parameters, an
        instance a clone. Parameters are not checked.

    Returns
    -------
    Objective

    Raises
    ------
    ValueError
        If it is none of these, with the list of names.

    Examples
    --------
    >>> from skmo.objectives import Quantile, get_objective
    >>> get_objective("huber")
    Huber()
    >>> get_objective(Quantile(alpha=0.25))
    Quantile(alpha=0.25)
    """
    return resolve(objective, OBJECTIVES, Objective, "objective")
