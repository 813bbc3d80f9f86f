"""Preferences as numbers between 0 and 1 that a sampler can draw independently."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..metrics._points import importances

# Of an equal share: an objective of no importance at all is another problem, and
# methods that take logarithms of a preference have no answer to it.
_LEAST = 0.01


def simplex_point(sticks: Sequence[float]) -> list[float]:
    """Importances that sum to 1, from one number in [0, 1] fewer.

    Of what is left of the unit, objective k takes the Beta(1, K - k) quantile, so
    that independent uniform numbers make a uniform point of the simplex (breaking a
    stick). No number is superfluous, as one of K that are normalised would be.
    """
    n = len(sticks) + 1
    rest, shares = 1.0, []
    for k, stick in enumerate(sticks, start=1):
        kept = rest * (1.0 - stick) ** (1.0 / (n - k))
        shares.append(rest - kept)
        rest = kept
    shares.append(rest)
    return [(1.0 - _LEAST) * share + _LEAST / n for share in shares]


def sticks_of(preference: Sequence[float]) -> list[float]:
    """The inverse of `simplex_point`; what lies beyond its reach is moved into it."""
    point = np.asarray(preference, dtype=np.float64)
    n = len(point)
    shares = (point / point.sum() - _LEAST / n) / (1.0 - _LEAST)
    shares = np.clip(shares, 0.0, None)
    rest, sticks = shares.sum(), []
    for k, share in enumerate(shares[:-1], start=1):
        kept = max(rest - share, 0.0)
        sticks.append(1.0 - (kept / rest) ** (n - k) if rest > 0 else 0.0)
        rest = kept
    return [float(np.clip(stick, 0.0, 1.0)) for stick in sticks]


def stick_names(param: str, n_objectives: int) -> list[str]:
    """What the numbers are called in the study."""
    return [f"{param}_{k}" for k in range(n_objectives - 1)]


def suggest_preference(trial: Any, param: str, n_objectives: int) -> list[float]:
    """A preference drawn by a trial's sampler."""
    names = stick_names(param, n_objectives)
    return simplex_point([trial.suggest_float(name, 0.0, 1.0) for name in names])


def start_preference(
    param: str, preference: Any, n_objectives: int
) -> dict[str, float]:
    """The numbers of the estimator's own preference, None being an equal one."""
    try:
        point = importances(preference, n_objectives)
    except ValueError:  # which the estimator raises, when it is trained with it
        return {}
    return dict(zip(stick_names(param, n_objectives), sticks_of(point), strict=True))
