"""Levels of quantiles as users pass them, checked, and predictions at some."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from ._targets import numbers

# Levels this far outside those trained are rounding: (1 - 0.8) / 2 is below 0.1.
_ROUNDING = 1e-9


def check_levels(quantiles: Any, owner: str) -> np.ndarray:
    """The levels as float64, (n_quantiles,), increasing and in (0, 1)."""
    levels = numbers(quantiles, "The 'quantiles' parameter")
    found = levels.tolist()
    levels = np.atleast_1d(levels)
    inside = levels.ndim == 1 and levels.size > 0
    inside = inside and bool(((levels > 0) & (levels < 1)).all())
    if not inside or not (np.diff(levels) > 0).all():
        raise ValueError(
            f"The 'quantiles' parameter of {owner} must be a number, or increasing "
            "numbers, in the range (0, 1), such as (0.1, 0.5, 0.9). Got "
            f"{found!r:.200} instead."
        )
    return levels


def level_names(levels: np.ndarray) -> list[str]:
    """What the columns of predictions are called, "q0.1" for 0.1 up to rounding."""
    return [f"q{level:.10g}" for level in levels]


def central_levels(coverage: Any) -> np.ndarray:
    """The two levels between which lies this share of a distribution."""
    if not isinstance(coverage, Real) or not 0 < coverage < 1:
        raise ValueError(
            f"'coverage' must be a float in the range (0, 1). Got {coverage!r:.200} "
            "instead."
        )
    return np.array([(1 - coverage) / 2, (1 + coverage) / 2])


def at_levels(
    quantiles: Any, trained: np.ndarray, predictions: np.ndarray
) -> np.ndarray:
    """Predictions at some levels, between those trained linearly in the level.

    Parameters
    ----------
    quantiles : array-like of shape (n_levels,) or float
    trained : ndarray of shape (n_quantiles,)
    predictions : ndarray of shape (n_samples, n_quantiles)
        Not decreasing in any row.

    Returns
    -------
    ndarray of shape (n_samples, n_levels), or (n_samples,) for a single number
    """
    levels = numbers(quantiles, "'quantiles'")
    low, high = trained[0], trained[-1]
    inside = (levels >= low - _ROUNDING) & (levels <= high + _ROUNDING)
    if levels.ndim > 1 or levels.size == 0 or not inside.all():
        raise ValueError(
            f"'quantiles' must be levels from {low} to {high}, those trained. Got "
            f"{levels.tolist()!r:.200} instead: train further ones by the 'quantiles' "
            "parameter."
        )
    flat = np.clip(np.atleast_1d(levels), low, high)
    # Rounding must not make a trained level an interpolated one.
    nearest = trained[np.abs(flat[:, None] - trained).argmin(axis=1)]
    flat = np.where(np.abs(flat - nearest) <= _ROUNDING, nearest, flat)
    upper = np.searchsorted(trained, flat)
    lower = np.maximum(upper - 1, 0)
    gap = np.where(upper > lower, trained[upper] - trained[lower], 1.0)
    share = np.where(upper > lower, (flat - trained[lower]) / gap, 1.0)
    found = predictions[:, lower]
    found = found + share * (predictions[:, upper] - found)
    # The trained prediction itself, not one rounded.
    found[:, share == 1.0] = predictions[:, upper[share == 1.0]]
    return found[:, 0] if levels.ndim == 0 else found
