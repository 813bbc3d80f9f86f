"""The volume that a set of points dominates."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from ._pareto import efficient_rows
from ._points import per_objective, points_of, signs

_OWN = 5  # objectives that the code below is fast enough for


def hypervolume(
    scores: ArrayLike,
    reference: ArrayLike,
    *,
    greater_is_better: bool | ArrayLike = True,
) -> float:
    """The volume of what the points dominate, down to a reference point.

    Greater is better. Where every point of one set is equalled or dominated by a
    point of another and not the other way round, the other's volume is larger. Two
    volumes compare only if the reference point is the same.

    Parameters
    ----------
    scores : array-like of shape (n_points, n_objectives)
        One row per point, such as the scores of one model. Points that are not
        better than the reference in every objective count nothing, nor do dominated
        points and rows with NaN.
    reference : float or array-like of shape (n_objectives,)
        The reference point, finite: scores that any useful model exceeds. One number
        serves all objectives.
    greater_is_better : bool or array-like of shape (n_objectives,), default=True
        False for losses; the reference is then an upper bound.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If ``scores`` has another shape or holds infinity in a point that would
        count, or ``reference`` or ``greater_is_better`` does not suit it.
    ImportError
        For more than five objectives, if moocore is not installed.

    See Also
    --------
    is_pareto_efficient : Which points are not dominated.

    Notes
    -----
    The Lebesgue measure of the union of the boxes between the reference and each
    point [1]_. It is exact. For up to three objectives a sweep over the last one
    keeps the staircase of the first two, in :math:`O(n \\log n)` comparisons [2]_.
    For four and five, WFG [3]_ takes each point's exclusive volume, its own box less
    what the points before it dominate inside; it is sliced along the last objective,
    where the points are sorted. For more, moocore's ``hypervolume`` is called.

    Objectives in different units count by their scale: multiplying a score by a
    factor, reference included, multiplies the volume.

    References
    ----------
    .. [1] E. Zitzler, L. Thiele. "Multiobjective Optimization Using Evolutionary
       Algorithms - A Comparative Case Study", PPSN V, 1998.
    .. [2] N. Beume, C. M. Fonseca, M. López-Ibáñez, L. Paquete, J. Vahrenhold. "On
       the complexity of computing the hypervolume indicator", IEEE Transactions on
       Evolutionary Computation 13(5), 2009.
    .. [3] L. While, L. Bradstreet, L. Barone. "A Fast Way of Calculating Exact
       Hypervolumes", IEEE Transactions on Evolutionary Computation 16(1), 2012.

    Of the papers, the third's abstract only could be read.

    Examples
    --------
    Boxes of 3 x 1 and 2 x 2 that share 2 x 1.

    >>> from skmo.metrics import hypervolume
    >>> hypervolume([[3, 1], [2, 2]], 0)
    5.0

    Two losses, no more than 4 of which are of use.

    >>> hypervolume([[1, 3], [2, 2]], 4, greater_is_better=False)
    5.0
    """
    points = points_of(scores, "scores")
    n_objectives = points.shape[1]
    sign = signs(greater_is_better, n_objectives)
    reference = per_objective(reference, "reference", n_objectives)
    compute = _volume if n_objectives <= _OWN else _moocore(n_objectives)
    with np.errstate(over="ignore"):
        edges = sign * (points - reference)
    better = (edges > 0).all(axis=1)
    endless = better & ~np.isfinite(edges).all(axis=1)
    if endless.any():
        raise ValueError(
            "scores holds a point that is infinitely better than the reference, "
            f"{points[endless][0].tolist()}, which leaves no volume to compare. Use "
            "finite scores."
        )
    return float(compute(edges[better]))


def _moocore(n_objectives: int) -> Callable[[np.ndarray], float]:
    """The volume as moocore computes it."""
    try:
        import moocore
    except ImportError as error:
        raise ImportError(
            f"hypervolume of more than {_OWN} objectives, here {n_objectives}, needs "
            'moocore: pip install "skmo[pareto]".'
        ) from error
    origin = np.zeros(n_objectives)
    return lambda edges: moocore.hypervolume(edges, ref=origin, maximise=True)


def _volume(edges: np.ndarray) -> float:
    """Of the union of boxes between 0 and each row."""
    n_objectives = edges.shape[1]
    if n_objectives < 3:
        return _volume(np.column_stack([edges, np.ones(len(edges))]))
    if n_objectives == 3:
        return _swept(edges)
    edges = _descending(edges[efficient_rows(edges)])
    faces, heights = edges[:, :-1], edges[:, -1]
    volume = 0.0
    for i, face in enumerate(faces):
        # As the points before reach at least as high, what this one adds is as high
        # all over.
        covered = _volume(np.minimum(faces[:i], face))
        volume += (face.prod() - covered) * heights[i]
    return volume


def _swept(edges: np.ndarray) -> float:
    """Of the union of boxes in three dimensions, from the highest down."""
    # The staircase of the first two: its corners, xs ascending and ys descending.
    xs: list[float] = []
    ys: list[float] = []
    volume = 0.0
    for x, y, z in _descending(edges).tolist():
        start = end = bisect_left(xs, x)
        height = ys[end] if end < len(xs) else 0.0
        if height >= y:
            continue
        right, area = x, 0.0
        while start and ys[start - 1] <= y:
            start -= 1
            area += (right - xs[start]) * (y - height)
            right, height = xs[start], ys[start]
        area += (right - (xs[start - 1] if start else 0.0)) * (y - height)
        volume += area * z
        xs[start:end], ys[start:end] = [x], [y]
    return volume


def _descending(points: np.ndarray) -> np.ndarray:
    """Rows by the last column, ties by the one before it."""
    return points[np.lexsort(points.T)[::-1]]
