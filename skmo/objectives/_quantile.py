"""Quantiles of weighted values, for one group or for many at once."""

from __future__ import annotations

import numpy as np

# Quotients this close (relatively) to an integer are taken to be one: 0.3 / 0.1
# is 2.9999999999999996, and would miss the value at mass position 3.
_ROUNDING = 1e-9
# Rows per group from which picking within each group costs less than sorting all.
_PICK_FROM = 24


def weighted_quantile(
    values: np.ndarray, alpha: float, weight: np.ndarray | None = None
) -> float:
    """Quantile of weighted values, by linear interpolation.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
        Finite values, in any order.
    alpha : float
        The quantile's level, in [0, 1].
    weight : array-like of shape (n_samples,), default=None
        Weights of at least 0; a row of weight 0 is ignored. None means equal
        weights.

    Returns
    -------
    float
        NaN if no row has a positive weight.

    See Also
    --------
    grouped_quantile : The quantiles of many groups, with the definition.

    Examples
    --------
    >>> from skmo.objectives import weighted_quantile
    >>> weighted_quantile([3.0, 1.0, 2.0, 4.0], 0.5)
    2.5
    >>> weighted_quantile([1.0, 2.0], 0.5, weight=[1.0, 2.0])
    2.0
    """
    values = np.asarray(values)
    groups = np.zeros(values.shape, dtype=np.uint8)
    return float(grouped_quantile(values, groups, 1, alpha, weight)[0])


def grouped_quantile(
    values: np.ndarray,
    groups: np.ndarray,
    n_groups: int,
    alpha: float,
    weight: np.ndarray | None = None,
) -> np.ndarray:
    """Quantile of weighted values within each group, by linear interpolation.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
        Finite values, in any order.
    groups : array-like of shape (n_samples,), int
        The group of each value, in [0, n_groups).
    n_groups : int
        Number of groups.
    alpha : float
        The quantile's level, in [0, 1].
    weight : array-like of shape (n_samples,), default=None
        Weights of at least 0; a row of weight 0 is ignored. None means equal
        weights.

    Returns
    -------
    ndarray of shape (n_groups,), float64
        NaN for a group that has no row of positive weight.

    Notes
    -----
    Without weights this is definition 7 of Hyndman and Fan [1]_, which is
    NumPy's default and what LightGBM's ``PercentileFun`` computes [2]_: the
    value at position ``(n - 1) * alpha`` of the sorted values, interpolated
    between its two neighbours.

    With weights, positions are masses. Let ``u`` be the smallest positive
    weight of the whole input, ``W`` the weight of the group and
    ``p = (W / u - 1) * alpha``. The result interpolates with the fraction
    ``p - floor(p)`` between the values that cover the masses ``floor(p) * u``
    and ``(floor(p) + 1) * u``. Hence scaling all weights changes nothing,
    equal weights give the unweighted quantile, and integer weights whose
    smallest is 1 act as repetitions. Weights far larger than ``u`` leave
    nothing to interpolate: the result is then a value of the input. LightGBM's
    ``WeightedPercentileFun`` has neither of the first two properties.

    References
    ----------
    .. [1] R. J. Hyndman and Y. Fan, "Sample quantiles in statistical
       packages", The American Statistician 50(4), 1996, definition 7.
    .. [2] LightGBM 4, ``src/objective/regression_objective.hpp``,
       ``PercentileFun``.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.objectives import grouped_quantile
    >>> values = np.array([5.0, 1.0, 3.0, 10.0])
    >>> grouped_quantile(values, np.array([0, 0, 0, 2]), 3, 0.5)
    array([ 3., nan, 10.])
    """
    values, groups = np.asarray(values), np.asarray(groups)
    if weight is not None:
        weight = np.asarray(weight, dtype=np.float64)
        seen = weight > 0
        if not seen.all():
            values, groups, weight = values[seen], groups[seen], weight[seen]
    if weight is None:
        return Grouping(groups, n_groups).quantile(values, alpha)
    quantiles = np.full(n_groups, np.nan)
    if values.size == 0:
        return quantiles

    count = np.bincount(groups, minlength=n_groups)
    filled = np.flatnonzero(count)
    last = np.cumsum(count)[filled] - 1
    first = last - count[filled] + 1
    order = _sort_within_groups(values, groups, n_groups)
    mass = _snap(weight / weight.min())
    covered = np.cumsum(mass[order])
    before = covered[first] - mass[order[first]]
    position = _snap((covered[last] - before - 1.0) * alpha)
    floor = np.floor(position)
    lower = np.searchsorted(covered, before + floor, side="right")
    upper = np.searchsorted(covered, before + floor + 1.0, side="right")
    # A position at the very end has no upper neighbour (and no fraction).
    lower, upper = np.clip(lower, first, last), np.clip(upper, first, last)
    low = values[order[lower]].astype(np.float64)
    high = values[order[upper]].astype(np.float64)
    quantiles[filled] = low + (position - floor) * (high - low)
    return quantiles


class Grouping:
    """Rows in order of their group, for quantiles of several values of each.

    Parameters
    ----------
    groups : ndarray of shape (n_samples,), int
    n_groups : int
    """

    def __init__(self, groups: np.ndarray, n_groups: int):
        self._n_groups = n_groups
        count = np.bincount(groups, minlength=n_groups)
        self._filled = np.flatnonzero(count)
        self._last = np.cumsum(count)[self._filled] - 1
        self._first = self._last - count[self._filled] + 1
        self._groups = groups
        self._order = None if n_groups == 1 else _sort_small(groups, n_groups)

    def quantile(self, values: np.ndarray, alpha: float) -> np.ndarray:
        """`grouped_quantile` of unweighted values, (n_groups,) float64."""
        quantiles = np.full(self._n_groups, np.nan)
        if values.size == 0:
            return quantiles
        first, last = self._first, self._last
        position = _snap((last - first) * alpha)
        floor = np.floor(position)
        lower = first + floor.astype(np.intp)
        upper = np.minimum(lower + 1, last)
        if values.size < _PICK_FROM * len(first):
            order = _sort_within_groups(values, self._groups, self._n_groups)
            ordered = values[order]
        else:
            ordered = values.copy() if self._order is None else values[self._order]
            places = zip(first.tolist(), last.tolist(), lower.tolist(), strict=True)
            for start, end, place in places:
                place -= start
                kth = (place, place + 1) if start + place < end else place
                ordered[start : end + 1].partition(kth)
        low, high = (ordered[at].astype(np.float64) for at in (lower, upper))
        quantiles[self._filled] = low + (position - floor) * (high - low)
        return quantiles


def _sort_within_groups(
    values: np.ndarray, groups: np.ndarray, n_groups: int
) -> np.ndarray:
    """The order that sorts by group, then by value."""
    order = np.argsort(values)
    if n_groups == 1:
        return order
    # The same order as lexsort's, several times faster.
    return order[_sort_small(groups[order], n_groups)]


def _sort_small(groups: np.ndarray, n_groups: int) -> np.ndarray:
    """The order that sorts by group: a radix sort, as NumPy has for small integers."""
    small = groups.astype(np.min_scalar_type(n_groups - 1))
    return np.argsort(small, kind="stable")


def _snap(quotient: np.ndarray) -> np.ndarray:
    """Round what is within rounding error of an integer."""
    nearest = np.rint(quotient)
    close = np.abs(quotient - nearest) <= _ROUNDING * np.maximum(nearest, 1.0)
    return np.where(close, nearest, quotient)
