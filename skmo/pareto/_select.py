"""Which point of a Pareto front to take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from ..metrics._points import importances, objective_index

# Scores this close, as shares of their range on the front, count as equal.
_EQUAL = 1e-12


def select_point(
    front: np.ndarray,
    names: Sequence[str],
    *,
    preference: Any = None,
    bounds: Any = None,
    knee: bool = False,
) -> int:
    """The index into the front of the point that one of three criteria chooses.

    Parameters
    ----------
    front : ndarray of shape (n_points, n_objectives)
        Finite scores, of which greater is better, that do not dominate another.
    names : sequence of str
        The objectives' names.
    preference : array-like of shape (n_objectives,), default=None
        Importances: see `closest_to_ideal`.
    bounds : mapping, default=None
        From an objective's name or index to its least score: see `within_bounds`.
    knee : bool, default=False
        Whether to take the knee: see `find_knee`.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        Unless there is exactly one criterion, it is valid, and a point meets it.
    """
    n_criteria = (preference is not None) + (bounds is not None) + bool(knee)
    if n_criteria != 1:
        raise ValueError(
            "Pass exactly one of preference=, bounds= and knee=True to select by. Got "
            f"preference={preference!r:.200}, bounds={bounds!r:.200}, "
            f"knee={knee!r:.200}."
        )
    if preference is not None:
        return closest_to_ideal(front, importances(preference, len(names)))
    if bounds is not None:
        return within_bounds(front, check_bounds(bounds, names), names)
    return find_knee(front)


def find_knee(front: np.ndarray) -> int:
    """Where the front bulges most: the greatest sum of scaled scores.

    Its distance is that from the plane through the points which have the best
    score of one objective and the worst scores of the others. Of equal ones the
    point with the greatest least scaled score is taken, then the first.
    """
    scaled = _scaled(front)
    return _best(scaled.sum(axis=1), scaled.min(axis=1))


def closest_to_ideal(front: np.ndarray, preference: np.ndarray) -> int:
    """The least weighted Chebyshev distance from the best scores.

    Of equal ones, the point with the greatest weighted sum of scaled scores is
    taken, then with the greatest sum, then the first.
    """
    scaled = _scaled(front)
    furthest = (preference * (1.0 - scaled)).max(axis=1)
    return _best(-furthest, scaled @ preference, scaled.sum(axis=1))


def within_bounds(
    front: np.ndarray, bounds: Mapping[int, float], names: Sequence[str]
) -> int:
    """The best of the other objectives where the bounds are met.

    One other objective is maximised; of several, or if all are bounded of all,
    the knee of the points that remain is taken.
    """
    met = np.all([front[:, k] >= least for k, least in bounds.items()], axis=0)
    places = np.flatnonzero(met)
    if not len(places):
        asked = ", ".join(f"{names[k]} >= {least:g}" for k, least in bounds.items())
        best = ", ".join(f"{names[k]} {front[:, k].max():g}" for k in bounds)
        raise ValueError(
            f"No point of the front meets the bounds {asked}. The greatest scores, "
            f"each for itself, are {best}: lower the bounds, or search on."
        )
    others = [k for k in range(front.shape[1]) if k not in bounds]
    return int(places[find_knee(front[np.ix_(places, others or list(bounds))])])


def check_bounds(bounds: Any, names: Sequence[str]) -> dict[int, float]:
    """The least scores by the objectives' indices."""
    if not isinstance(bounds, Mapping) or not bounds:
        raise ValueError(
            "The 'bounds' to select by must map names or indices of objectives to "
            f"their least scores. Got {bounds!r:.200} instead."
        )
    found: dict[int, float] = {}
    for key, least in bounds.items():
        k = objective_index(key, names, "The 'bounds' parameter")
        if not isinstance(least, Real) or isinstance(least, bool) or np.isnan(least):
            raise ValueError(
                f"The bound of objective {key!r} must be a number, its least score. "
                f"Got {least!r:.200} instead."
            )
        if k in found:
            raise ValueError(
                f"The 'bounds' name the objective {names[k]!r} twice: {bounds!r:.200}. "
                "Give one bound."
            )
        found[k] = float(least)
    return found


def _scaled(front: np.ndarray) -> np.ndarray:
    """Scores from 0, the worst on the front, to 1; 1 where all are equal."""
    worst, best = front.min(axis=0), front.max(axis=0)
    # Halves first: the range of huge numbers may overflow.
    spread = best / 2 - worst / 2
    scaled = np.ones_like(front)
    np.divide(front / 2 - worst / 2, spread, out=scaled, where=spread > 0)
    return scaled


def _best(*criteria: np.ndarray) -> int:
    """The greatest by the first criterion, ties by the next, then the first."""
    left = np.arange(len(criteria[0]))
    for values in criteria:
        left = left[values[left] >= values[left].max() - _EQUAL]
    return int(left[0])
