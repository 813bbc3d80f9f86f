"""What LightGBM calls each objective."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..objectives import (
    AbsoluteError,
    Binary,
    CrossEntropy,
    Gamma,
    Huber,
    Multiclass,
    Objective,
    Poisson,
    Quantile,
    SquaredError,
    Tweedie,
)

# Each objective's name in LightGBM, and its parameters from the instance, the
# targets (in the units the model is trained in) and the number of scores. Looked
# up by exact type: a user's subclass may compute anything.
_LIGHTGBM: dict[type, tuple[str, Callable[[Any, np.ndarray, int], dict[str, Any]]]] = {
    SquaredError: ("regression", lambda o, y, n: {}),
    AbsoluteError: ("regression_l1", lambda o, y, n: {}),
    Quantile: ("quantile", lambda o, y, n: {"alpha": o.alpha}),
    Huber: ("huber", lambda o, y, n: {"alpha": _huber_threshold(o, y)}),
    Poisson: ("poisson", lambda o, y, n: {"poisson_max_delta_step": o.max_delta_step}),
    Gamma: ("gamma", lambda o, y, n: {}),
    Tweedie: ("tweedie", lambda o, y, n: {"tweedie_variance_power": o.power}),
    Binary: ("binary", lambda o, y, n: {}),
    CrossEntropy: ("cross_entropy", lambda o, y, n: {}),
    Multiclass: ("multiclass", lambda o, y, n: {"num_class": n}),
}


def _huber_threshold(objective: Huber, y: np.ndarray) -> float:
    return objective.delta * (y.std() if objective.units == "std" else 1.0)


def native_objective(
    objective: Objective, y: np.ndarray, n_scores: int
) -> tuple[str, dict[str, Any]] | None:
    """LightGBM's name and parameters of an objective; None where it has none.

    Parameters
    ----------
    objective : Objective
    y : ndarray of shape (n_observed,)
        The training targets.
    n_scores : int

    Returns
    -------
    (str, dict) or None
    """
    if type(objective) not in _LIGHTGBM:
        return None
    name, parameters = _LIGHTGBM[type(objective)]
    return name, parameters(objective, y, n_scores)
