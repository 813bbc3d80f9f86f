"""What a Pareto front's picture shows of a search."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted


def read_search(search: Any, display: type) -> dict[str, Any]:
    """A fitted search's front, and the rest, as parameters of the display."""
    check_is_fitted(search)
    front = getattr(search, "pareto_front_", None)
    if front is None:
        raise ValueError(
            f"{display.__name__}.from_estimator draws a fitted ParetoSearchCV's "
            f"pareto_front_, and {type(search).__name__} has none. Draw scores of "
            "your own with from_scores."
        )
    names = list(search.objective_names_)
    mean, std = (
        np.column_stack([search.cv_results_[f"{part}_test_{name}"] for name in names])
        for part in ("mean", "std")
    )
    at = np.asarray(search.pareto_index_)
    beside = np.isfinite(mean).all(axis=1)
    beside[at] = False
    return {
        "scores": front,
        "objective_names": names,
        "preferences": _preferences(search),
        "dominated": mean[beside],
        "std": std[at],
        "selected": getattr(search, "best_index_", None),
        "bounds": getattr(search, "_met_bounds", None),
        "reference": search.reference_point_,
    }


def _preferences(search: Any) -> Any:
    """The points' preferences, if they are of the objectives that are scored."""
    preferences = getattr(search, "pareto_preferences_", None)
    alike = np.shape(preferences) == search.pareto_front_.shape
    return preferences if alike else None
