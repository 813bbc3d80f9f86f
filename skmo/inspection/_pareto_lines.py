"""Lines through a Pareto front's points: its border, its region and its rays."""

from __future__ import annotations

import numpy as np

from ._pareto_points import Points

_NO_PREFERENCE = 1e-9  # of the largest; below, a ray is its objective's axis


def staircase(scores: np.ndarray, sign: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Corners of the border of what points in two objectives attain.

    Parameters
    ----------
    scores : ndarray of shape (n_points, 2)
    sign : ndarray of shape (2,)
    ends : ndarray of shape (2,)
        Where the border ends: the first objective's value at its start and the
        second's at its end, no better than any score.

    Returns
    -------
    corners : ndarray of shape (n_corners, 2)
        From the worst value of the first objective to its best.
    """
    values = scores * sign
    order = np.lexsort((-values[:, 1], -values[:, 0]))
    kept: list[np.ndarray] = []
    for value in values[order]:
        if not kept or value[1] > kept[-1][1]:
            kept.append(value)
    at = np.array(kept[::-1])
    low = ends * sign
    x = np.concatenate([low[:1], at[:, 0].repeat(2)])
    y = np.concatenate([at[:, 1].repeat(2), low[1:]])
    return np.column_stack([x, y]) * sign


def attained_region(points: Points) -> np.ndarray | None:
    """Corners of what lies between two objectives' front and the reference.

    Its area is the hypervolume. None if no point dominates the reference.
    """
    if points.reference is None:
        return None
    better = (points.sign * (points.scores - points.reference) > 0).all(axis=1)
    if not better.any():
        return None
    line = staircase(points.scores[better], points.sign, points.reference)
    return np.concatenate([line, points.reference[None]])


def rays(points: Points) -> np.ndarray | None:
    """Start and end of every preference's ray, of shape (n_points, 2, n_objectives).

    From the ideal point, along equal products of preference and gap, to where it
    leaves the box that the worst values span. None if they span none.
    """
    if points.preferences is None:
        return None
    values = points.sign * points.scores
    ideal, scale = points.ideal, points.sign
    if ideal is None:
        ideal = points.sign * values.max(axis=0)
        scale = points.sign * np.ptp(values, axis=0)
    span = ideal - points.worst
    if (scale == 0).any() or (span == 0).any():
        return None
    shares = points.preferences / points.preferences.max(axis=1, keepdims=True)
    none = shares < _NO_PREFERENCE
    # Such an objective's gap is free and the others' are 0: the ray is along its axis.
    steps = scale / np.where(none, 1.0, shares)
    steps = np.where(none.any(axis=1, keepdims=True), none * scale, steps)
    with np.errstate(divide="ignore", invalid="ignore"):
        length = np.where(steps == 0, np.inf, span / steps).min(axis=1)
    ends = ideal - length[:, None] * steps
    return np.stack([np.broadcast_to(ideal, ends.shape), ends], axis=1)
