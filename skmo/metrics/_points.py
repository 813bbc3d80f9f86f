"""Checks of points, directions and preferences in the space of objectives."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def points_of(values: ArrayLike, name: str) -> np.ndarray:
    """Points as rows, checked, as float64."""
    points = np.asarray(values, dtype=np.float64)
    if points.ndim != 2 or not points.shape[1]:
        raise ValueError(
            f"{name} must have shape (n_points, n_objectives), one row per point; put "
            f"a single point into a list. Got the shape {points.shape}."
        )
    return points


def check_tolerance(tolerance: float, function: str) -> None:
    """By how much a score may fall and count as held."""
    if not isinstance(tolerance, Real) or not 0 <= tolerance < np.inf:
        raise ValueError(
            f"The 'tolerance' parameter of {function} must be a float in the range "
            f"[0, inf). Got {tolerance!r:.200} instead."
        )


def signs(greater_is_better: bool | ArrayLike, n_objectives: int) -> np.ndarray:
    """1 for objectives of which more is better, -1 for losses."""
    greater = np.asarray(greater_is_better)
    # Numbers other than 0 and 1, such as signs, would all count as true.
    boolean = greater.dtype.kind in "biu" and np.isin(greater, (0, 1)).all()
    if not boolean or greater.shape not in ((), (n_objectives,)):
        raise ValueError(
            "greater_is_better must be True, False or one of them per objective, shape "
            f"({n_objectives},). Got {greater_is_better!r:.200}."
        )
    return np.where(np.broadcast_to(greater, n_objectives), 1.0, -1.0)


def per_objective(value: ArrayLike, name: str, n_objectives: int) -> np.ndarray:
    """One finite number per objective, checked; a single one serves all."""
    vector = _numbers(value)
    if vector.shape not in ((), (n_objectives,)) or not np.isfinite(vector).all():
        raise ValueError(
            f"{name} must be a finite number or one per objective, shape "
            f"({n_objectives},). Got {value!r:.200}."
        )
    return np.broadcast_to(vector, n_objectives)


def importances(
    preference: ArrayLike | None, n_objectives: int, name: str = "preference"
) -> np.ndarray:
    """The preference, checked, summing to 1; None for equal ones."""
    if preference is None:
        return np.full(n_objectives, 1.0 / n_objectives)
    p = _numbers(preference)
    suits = p.shape == (n_objectives,) and np.isfinite(p).all()
    if not suits or (p < 0).any() or not p.any():
        raise ValueError(
            f"{name} must be None or hold {n_objectives} importances, one per "
            f"objective, finite, at least 0 and not all 0. Got {preference!r:.200}."
        )
    # Twice, as the sum of huge numbers may overflow.
    p = p / p.max()
    return p / p.sum()


def objective_index(key: Any, names: Sequence[Any], parameter: str) -> int:
    """The place of an objective that is given by its name or index."""
    if key in names:
        return list(names).index(key)
    integer = isinstance(key, Integral) and not isinstance(key, bool)
    if integer and -len(names) <= key < len(names):
        return int(key) % len(names)
    raise ValueError(
        f"{parameter} has the unknown objective {key!r:.200}. The objectives are "
        f"{', '.join(map(str, names))}, or by index 0 to {len(names) - 1}."
    )


def _numbers(values: ArrayLike) -> np.ndarray:
    """In float64; NaN, which no check lets pass, for what are no numbers."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        return np.array(np.nan)
