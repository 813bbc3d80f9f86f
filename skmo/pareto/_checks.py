"""Whether a search's parameters suit each other and the data."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._preferences import check_preferences, preference_rays
from ._scoring import ObjectiveScores, final_step


def check_estimator(
    estimator: Any, scores: ObjectiveScores, preference_param: str | None = None
) -> None:
    """Raise for what cannot be fitted with parameters, or not be scored."""
    methods = [hasattr(estimator, name) for name in ("fit", "get_params")]
    if not all(methods) or isinstance(estimator, type):
        raise ValueError(
            "The 'estimator' parameter must be an estimator, an object with methods "
            f"'fit' and 'get_params'. Got {estimator!r:.200} instead."
        )
    if preference_param is not None:
        check_parameter(estimator, preference_param, "preference_param")
    scores.check_estimator(estimator)


def search_preferences(
    preferences: Any, n_points: int | None, y: Any, scores: ObjectiveScores
) -> np.ndarray:
    """The preferences of a search, given or spread evenly."""
    if preferences is None:
        n_objectives = target_count(y, scores)
        default = 10 * (n_objectives - 1) + 1
        return preference_rays(n_objectives, n_points or default)
    if n_points is not None:
        raise ValueError(
            f"Pass either preferences= or n_points={n_points}, which takes evenly "
            "spread ones, not both."
        )
    return check_preferences(preferences)


def target_count(y: Any, scores: ObjectiveScores) -> int:
    """The number of importances that a preference of the estimator has.

    One per target; where there is a single target, one per score.
    """
    shape = np.shape(y)
    if len(shape) == 2 and shape[1] > 1:
        return shape[1]
    if scores.scorers is not None:
        return len(scores.scorers)
    if y is None:
        raise ValueError(
            "This search requires y to be passed, but the target y is None. Pass y, or "
            "objectives={name: scorer, ...} that need none."
        )
    raise ValueError(
        f"y has a single target, as its shape is {shape}, so there is nothing to "
        "trade off: pass a y of shape (n_samples, n_objectives), or "
        "objectives={name: scorer, ...}, or the 'preferences' if the estimator makes "
        "several objectives of one target."
    )


def check_parameter(estimator: Any, name: str, known_as: str) -> None:
    """Raise where an estimator lacks a parameter, with those that look like it."""
    params = estimator.get_params()
    if name in params:
        return
    last = name.rpartition("__")[2]
    near = [known for known in params if known.rpartition("__")[2] == last]
    hint = f"Did you mean {near[0]!r}?" if near else "Pass an estimator that has it."
    raise ValueError(
        f"{type(final_step(estimator)).__name__} has no parameter {name!r}, which "
        f"{known_as} needs. {hint}"
    )


def shared_rounds(estimator: Any, preference_param: str, share: float) -> int:
    """The rounds that all preferences have in common; 0 for none."""
    if not share:
        return 0
    prefix = preference_param.removesuffix(preference_param.rpartition("__")[2])
    for name in ("warm_start", "n_estimators"):
        check_parameter(estimator, prefix + name, f"warm_start={share}")
    n_estimators = estimator.get_params()[f"{prefix}n_estimators"]
    n_shared = round(share * n_estimators)
    if not 0 < n_shared < n_estimators:
        raise ValueError(
            f"warm_start={share} of n_estimators={n_estimators} is {n_shared} rounds "
            "to share; there must be at least 1 shared and 1 left. Change one of the "
            "two, or pass warm_start=0."
        )
    return n_shared
