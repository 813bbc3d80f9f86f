"""Points in the space of objectives: which are efficient, how far they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ._points import importances, per_objective, points_of, signs


def is_pareto_efficient(
    scores: ArrayLike, *, greater_is_better: bool | ArrayLike = True
) -> np.ndarray:
    """Which points no other point dominates.

    A point dominates another if it is at least as good in every objective and
    better in one. Equal points do not dominate each other: either all of them are
    efficient or none.

    Parameters
    ----------
    scores : array-like of shape (n_points, n_objectives)
        One row per point, such as the scores of one model. A row with NaN is never
        efficient and dominates none; infinities are compared like other numbers.
    greater_is_better : bool or array-like of shape (n_objectives,), default=True
        False for losses.

    Returns
    -------
    ndarray of shape (n_points,), bool

    Raises
    ------
    ValueError
        If ``scores`` has another shape, or ``greater_is_better`` is neither one
        bool nor one per objective.

    See Also
    --------
    hypervolume : How much the efficient points dominate, as one number.
    pareto_improvement : Whether one model dominates another, up to a tolerance.

    Notes
    -----
    Takes :math:`O(n \\log n)` for two objectives. For more of them a sorted point
    is compared with the efficient points before it, which is quadratic where all
    are efficient.

    Examples
    --------
    The third point is worse than the second in both objectives.

    >>> from skmo.metrics import is_pareto_efficient
    >>> is_pareto_efficient([[3, 1], [2, 2], [1, 1]])
    array([ True,  True, False])

    With the first objective a loss, the second point dominates the first.

    >>> is_pareto_efficient([[3, 1], [2, 2], [1, 1]], greater_is_better=[False, True])
    array([False,  True,  True])
    """
    points = points_of(scores, "scores")
    points = points * signs(greater_is_better, points.shape[1])
    complete = ~np.isnan(points).any(axis=1)
    efficient = np.zeros(len(points), dtype=bool)
    efficient[complete] = efficient_rows(points[complete])
    return efficient


def inverted_generational_distance(
    scores: ArrayLike,
    reference_front: ArrayLike,
    *,
    plus: bool = False,
    greater_is_better: bool | ArrayLike = True,
) -> float:
    """Mean distance from a reference front's points to the nearest point reached.

    Less is better, 0 best: every point of the reference front is reached.

    Parameters
    ----------
    scores : array-like of shape (n_points, n_objectives)
        The points reached, such as the scores of models. Rows with NaN count
        nothing.
    reference_front : array-like of shape (n_reference_points, n_objectives)
        Points to be reached, finite: the best known trade-offs, spread as evenly as
        the distances are meant to be weighted.
    plus : bool, default=False
        Whether to take IGD+, whose distance counts only the objectives in which a
        point falls short of the reference.
    greater_is_better : bool or array-like of shape (n_objectives,), default=True
        False for losses. Only IGD+ depends on it.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If a set of points has no row (without NaN) or another number of objectives,
        the reference front is not finite, or ``plus`` or ``greater_is_better`` is
        not boolean.

    Notes
    -----
    With the points reached :math:`A` and the reference front :math:`R`, greater
    being better,

    .. math:: \\mathrm{IGD}(A, R)
              = \\frac{1}{|R|} \\sum_{r \\in R} \\min_{a \\in A} d(r, a)

    where :math:`d` is the Euclidean distance, and for IGD+

    .. math:: d^+(r, a) = \\sqrt{\\textstyle\\sum_k \\max(r_k - a_k, 0)^2}.

    IGD may prefer a set whose points are all dominated by another's, as below. IGD+,
    which is weakly Pareto compliant [1]_, does not. Objectives are compared as they
    are; bring those of different units to one scale first.

    References
    ----------
    .. [1] H. Ishibuchi, H. Masuda, Y. Tanigaki, Y. Nojima. "Modified Distance
       Calculation in Generational Distance and Inverted Generational Distance",
       EMO 2015. The abstract only could be read; formulae, with a mean of
       distances, and the example, the paper's fourth, as in moocore's documentation.

    Examples
    --------
    Two sets of losses. Every point of the second is dominated by one of the first,
    which IGD+ sees and IGD does not.

    >>> from skmo.metrics import inverted_generational_distance as igd
    >>> front = [[10, 0], [6, 1], [2, 2], [1, 6], [0, 10]]
    >>> better, worse = [[4, 2], [3, 3], [2, 4]], [[8, 2], [4, 4], [2, 8]]
    >>> round(igd(better, front), 3), round(igd(worse, front), 3)
    (3.707, 2.591)
    >>> options = {"plus": True, "greater_is_better": False}
    >>> round(igd(better, front, **options), 3), round(igd(worse, front, **options), 3)
    (1.483, 2.26)
    """
    points = points_of(scores, "scores")
    front = points_of(reference_front, "reference_front")
    sign = signs(greater_is_better, points.shape[1])
    if front.shape[1] != points.shape[1]:
        raise ValueError(
            "scores and reference_front must have one column per objective each. Got "
            f"the shapes {points.shape} and {front.shape}."
        )
    if not len(front) or not np.isfinite(front).all():
        raise ValueError(
            "reference_front must hold at least one point and be finite: drop the "
            f"points that are not. Got {front.tolist()!r:.200}."
        )
    if not isinstance(plus, bool | np.bool_):
        raise ValueError(f"plus must be True or False. Got {plus!r:.200}.")
    points = points[~np.isnan(points).any(axis=1)]
    if not len(points):
        raise ValueError(
            "scores must hold at least one point without NaN: there is no distance to "
            f"an empty set. Got the shape {np.shape(scores)}."
        )
    return float(np.mean([_distance(r, points, sign, plus) for r in front]))


def maximum_weighted_loss(
    losses: ArrayLike,
    preference: ArrayLike | None = None,
    *,
    ideal: ArrayLike | None = None,
) -> float | np.ndarray:
    """The largest loss by the preference: how well a model keeps to it.

    Less is better. On a given Pareto front it is least where the weighted losses of
    all objectives are equal, if there is such a point: losses in inverse proportion
    to the importances.

    Parameters
    ----------
    losses : array-like of shape (n_objectives,) or (n_points, n_objectives)
        The losses of one model, or of several, one per row.
    preference : array-like of shape (n_objectives,), default=None
        Importances, at least 0 and not all 0; only their ratios count. None means
        equal ones. An objective of importance 0 counts nothing, whatever its loss.
    ideal : float or array-like of shape (n_objectives,), default=None
        The ideal point, finite: losses that would be perfect. None means 0.

    Returns
    -------
    float or ndarray of shape (n_points,)
        One value per model; NaN where a loss that counts is NaN.

    Raises
    ------
    ValueError
        If ``losses`` holds no objective or has another shape, or ``preference`` or
        ``ideal`` does not suit it.

    See Also
    --------
    skmo.balancing.Tchebycheff : Weights that minimise it.

    Notes
    -----
    With :math:`K` objectives, the preference :math:`p` summing to 1 and the ideal
    point :math:`z`,

    .. math:: \\mathrm{MWL} = \\max_{k : p_k > 0} K p_k (\\ell_k - z_k),

    the weighted Chebyshev scalarisation. The factor :math:`K` is ours: with equal
    importances it is the largest excess over the ideal point itself. The differences
    are signed, so that losses below the ideal point do not count as far from it.

    References
    ----------
    The name is from "Multi-objective ranking with directions of preferences",
    Amazon Science, 2022, which proposes it as a measure for models trained towards a
    preference. The abstract only could be read, which has no formula.

    Examples
    --------
    >>> from skmo.metrics import maximum_weighted_loss
    >>> maximum_weighted_loss([0.2, 0.5])
    0.5

    If the second objective matters three times as much, the second model is better.

    >>> maximum_weighted_loss([[0.2, 0.5], [0.6, 0.2]], preference=[1, 3])
    array([0.75, 0.3 ])
    """
    losses = np.asarray(losses, dtype=np.float64)
    if losses.ndim not in (1, 2) or not losses.shape[-1]:
        raise ValueError(
            "losses must have shape (n_objectives,) or (n_points, n_objectives) with "
            f"at least one objective. Got the shape {losses.shape}."
        )
    n_objectives = losses.shape[-1]
    importance = importances(preference, n_objectives)
    counts = importance > 0
    ideal = per_objective(0.0 if ideal is None else ideal, "ideal", n_objectives)
    excess = losses - ideal
    worst = (n_objectives * importance[counts] * excess[..., counts]).max(axis=-1)
    return float(worst) if losses.ndim == 1 else worst


def efficient_rows(points: np.ndarray) -> np.ndarray:
    """Mask of the rows that no other dominates; greater is better, no NaN."""
    if not len(points):
        return np.zeros(0, dtype=bool)
    # The best first: whatever dominates a point comes before it.
    order = np.lexsort(points.T[::-1])[::-1]
    ordered = points[order]
    first = np.r_[True, (ordered[1:] != ordered[:-1]).any(axis=1)]
    # Of different points, only the objectives after the first are left to compare.
    kept = _culled(ordered[first, 1:])
    efficient = np.empty(len(points), dtype=bool)
    efficient[order] = kept[np.cumsum(first) - 1]
    return efficient


def _culled(points: np.ndarray) -> np.ndarray:
    """Mask of the rows that are not at most an earlier one in all columns."""
    n_points, n_columns = points.shape
    if n_columns == 1:
        best = np.maximum.accumulate(points[:, 0])
        return np.r_[True, points[1:, 0] > best[:-1]]
    left, columns = np.arange(n_points), np.ascontiguousarray(points.T)
    i = 0
    while i < len(left):
        keep = np.ones(len(left), dtype=bool)
        keep[i + 1 :] = (columns[:, i + 1 :] > columns[:, i, None]).any(axis=0)
        if not keep.all():
            left, columns = left[keep], columns[:, keep]
        i += 1
    return np.isin(np.arange(n_points), left)


def _distance(
    reference: np.ndarray, points: np.ndarray, sign: np.ndarray, plus: bool
) -> float:
    """From one point of the reference front to the nearest of the points."""
    gap = sign * (reference - points)
    if plus:
        gap = np.maximum(gap, 0.0)
    return np.sqrt((gap**2).sum(axis=1).min())
