"""Single targets whose quantiles are predicted: real ones, and some with known ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import datasets
import numpy as np
from scipy import stats
from splits import Split, inner_folds, outer_folds

# Of each real set the target, and how many rows at most (drawn with one seed).
REAL = {
    "airfoil_self_noise": 0,
    "wage": 0,
    "gas_turbine": 0,
    "naval_propulsion": 0,
    "parkinsons": 0,
    "phonon_dielectric": 0,
    "facebook_posts": 0,
    "enb": 0,
    "slump": 0,
}
MOST_ROWS = 4000
N_GENERATED = 3000


@dataclass
class Problem:
    """One target, its folds, and its true quantiles where they are known.

    Attributes
    ----------
    X : ndarray of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,)
    folds : list of (training, validation, test rows)
    quantile : callable or None
        From a level to the true quantiles, (n_samples,).
    """

    name: str
    X: np.ndarray
    y: np.ndarray
    folds: list[tuple[np.ndarray, np.ndarray, np.ndarray]]
    quantile: Callable[[float], np.ndarray] | None = None


def _spread(X: np.ndarray) -> np.ndarray:
    return 0.2 + np.exp(X[:, 2])


# Noise around sin(3 x0) + x1, times a spread that a third feature decides.
NOISE = {
    "normal": (stats.norm(), _spread),
    "heavy": (stats.t(3), _spread),
    "skewed": (stats.gamma(1.5), _spread),
    # The same at all rows: nothing but the location is there to be learnt.
    "even": (stats.norm(), np.ones_like),
}
SETS = (*NOISE, *REAL)


def load(name: str) -> Problem:
    return _generated(name) if name in NOISE else _real(name)


def _generated(name: str) -> Problem:
    rng = np.random.default_rng([7, list(NOISE).index(name)])
    X = rng.uniform(-1, 1, size=(N_GENERATED, 8))
    noise, spread = NOISE[name]
    location, width = np.sin(3 * X[:, 0]) + X[:, 1], 0.5 * spread(X)
    if width.ndim > 1:
        width = width[:, 0]
    y = location + width * noise.rvs(N_GENERATED, random_state=rng)
    folds = _folds(outer_folds(len(y), None, False), None, False)
    return Problem(name, X, y, folds, lambda a: location + width * noise.ppf(a))


def _real(name: str) -> Problem:
    found = datasets.load(name)
    y = found.Y[:, REAL[name]]
    rows = np.flatnonzero(~np.isnan(y))
    if len(rows) > MOST_ROWS:
        rows = np.random.default_rng(0).permutation(rows)[:MOST_ROWS]
        rows.sort()
    groups = None if found.groups is None else found.groups[rows]
    outer = outer_folds(len(rows), groups, found.time_ordered)
    folds = _folds(outer, groups, found.time_ordered)
    return Problem(name, np.asarray(found.X, float)[rows], y[rows], folds)


def _folds(
    outer: list[Split], groups: np.ndarray | None, time_ordered: bool
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    inner = [inner_folds(rest, groups, time_ordered, 0) for rest, _ in outer]
    return [(*rows, test) for rows, (_, test) in zip(inner, outer, strict=True)]
