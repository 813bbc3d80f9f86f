"""Preferences that spread over all ways to divide importance."""

from __future__ import annotations

from itertools import combinations
from math import comb
from numbers import Integral
from typing import Any

import numpy as np


def preference_rays(
    n_objectives: int, n_points: int, *, ends: bool = False
) -> np.ndarray:
    """Preferences spread evenly over the simplex.

    Parameters
    ----------
    n_objectives : int
        At least 2.
    n_points : int
        The number of preferences, at least 1.
    ends : bool, default=False
        Whether an importance may be 0. If so, each objective alone is among the
        preferences, and ``n_points`` must be at least ``n_objectives``.

    Returns
    -------
    ndarray of shape (n_points, n_objectives)
        Rows that sum to 1, in lexicographic order: the importance of the first
        objective rises. The same in every call.

    Raises
    ------
    ValueError
        If a number is too small or no integer.

    Notes
    -----
    The points are those of the simplex lattice that Das and Dennis [1]_ take for
    weights: with :math:`H` divisions all :math:`(a_1, …, a_K) / H` of integers
    that sum to :math:`H`, at least 1 each without the ends:
    :math:`\\binom{H - 1}{K - 1}` points, and :math:`\\binom{H + K - 1}{K - 1}`
    with them. For two objectives there is a lattice of every size. For more,
    other numbers of points thin the smallest lattice that has as many: from its
    first corner on, always the point furthest from those taken is taken (so, the
    other corners first), the first of equally far ones. Every point then keeps
    its least importance of 1 / H, which a fill by random or low-discrepancy
    points would not. With many objectives the next smaller lattice may hold a
    small part of the points asked for, all close to the centre.

    References
    ----------
    .. [1] I. Das, J. E. Dennis. "Normal-boundary intersection: a new method for
       generating the Pareto surface in nonlinear multicriteria optimization
       problems", SIAM Journal on Optimization 8(3), 1998. The abstract was at
       hand, and the lattice as others describe it.

    Examples
    --------
    >>> from skmo.pareto import preference_rays
    >>> preference_rays(2, 3)
    array([[0.25, 0.75],
           [0.5 , 0.5 ],
           [0.75, 0.25]])
    >>> preference_rays(3, 3, ends=True)
    array([[0., 0., 1.],
           [0., 1., 0.],
           [1., 0., 0.]])
    """
    _check_count(n_objectives, "n_objectives", 2)
    _check_count(n_points, "n_points", 1)
    if ends and n_points < n_objectives:
        raise ValueError(
            f"n_points={n_points} cannot hold the {n_objectives} ends, each objective "
            "alone: ask for as many points, or pass ends=False."
        )
    n_divisions = 1 if ends else n_objectives
    while _size(n_objectives, n_divisions, ends) < n_points:
        n_divisions += 1
    points = _lattice(n_objectives, n_divisions, ends)
    return points[np.sort(_spread(points, n_points))] / n_divisions


def _check_count(value: Any, name: str, least: int) -> None:
    integer = isinstance(value, Integral) and not isinstance(value, bool)
    if not integer or value < least:
        raise ValueError(
            f"The {name!r} parameter must be an int in the range [{least}, inf). Got "
            f"{value!r:.200} instead."
        )


def _size(n_objectives: int, n_divisions: int, ends: bool) -> int:
    stars = n_divisions + n_objectives if ends else n_divisions
    return comb(stars - 1, n_objectives - 1)


def _lattice(n_objectives: int, n_divisions: int, ends: bool) -> np.ndarray:
    """All integers that sum to ``n_divisions``, in lexicographic order."""
    total = n_divisions + n_objectives if ends else n_divisions
    bars = np.array(list(combinations(range(1, total), n_objectives - 1)))
    parts = np.diff(bars, axis=1, prepend=0, append=total)
    return parts - 1 if ends else parts


def _spread(points: np.ndarray, n_points: int) -> np.ndarray:
    """Indices of the first point, a corner, and of the furthest from those taken."""
    if n_points == len(points):
        return np.arange(n_points)
    points = points.astype(np.float64)
    taken, nearest = [0], ((points - points[0]) ** 2).sum(axis=1)
    while len(taken) < n_points:
        taken.append(int(nearest.argmax()))
        gap = ((points - points[taken[-1]]) ** 2).sum(axis=1)
        nearest = np.minimum(nearest, gap)
    return np.array(taken)


def check_preferences(preferences: Any) -> np.ndarray:
    """Preferences as rows that sum to 1.

    Raises
    ------
    ValueError
        Unless there are at least one row and two columns of finite importances
        of at least 0, not all 0 in a row.
    """
    try:
        values = np.array(preferences, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            "The 'preferences' parameter must hold numbers, one row per preference "
            f"and one importance per objective. Got {preferences!r:.200} instead."
        ) from error
    if values.ndim != 2 or values.shape[0] < 1 or values.shape[1] < 2:
        raise ValueError(
            "The 'preferences' parameter must have shape (n_preferences, "
            "n_objectives), with at least one preference and two objectives. Got "
            f"shape {values.shape} instead."
        )
    good = np.isfinite(values).all(axis=1) & (values >= 0).all(axis=1)
    bad = np.flatnonzero(~good | ~values.any(axis=1))
    if len(bad):
        raise ValueError(
            "The 'preferences' parameter must hold finite importances of at least 0, "
            f"not all 0 in a row. Row {bad[0]} is {values[bad[0]].tolist()}."
        )
    # Twice, as the sum of huge numbers may overflow.
    values /= values.max(axis=1, keepdims=True)
    return values / values.sum(axis=1, keepdims=True)
