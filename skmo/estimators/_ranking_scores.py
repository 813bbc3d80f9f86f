"""Mixing the scores of several rankings into one."""

from __future__ import annotations

import numpy as np


def within_query_spread(scores: np.ndarray, query: np.ndarray) -> np.ndarray:
    """The scores' standard deviations within queries, (n_objectives,).

    The root of the mean variance over rows; 1 for scores that do not vary, as those
    of a label without trees. A query's level of score orders nothing, so that it
    does not count.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_objectives)
    query : ndarray of shape (n_samples,), int
        Never falling.
    """
    starts = np.flatnonzero(np.r_[True, query[1:] != query[:-1]])
    sizes = np.diff(np.r_[starts, len(query)])
    scores = scores.astype(np.float64)
    means = np.add.reduceat(scores, starts, axis=0) / sizes[:, None]
    spread = np.sqrt(((scores - np.repeat(means, sizes, axis=0)) ** 2).mean(axis=0))
    return np.where(spread > 0, spread, 1.0)


def mixing_weights(preference: np.ndarray | None, spread: np.ndarray) -> np.ndarray:
    """What each label's score counts, (n_objectives,).

    Parameters
    ----------
    preference : ndarray of shape (n_objectives,) or None
        None means equal ones.
    spread : ndarray of shape (n_objectives,)
    """
    if preference is None:
        preference = np.ones(len(spread))
    return preference / preference.sum() / spread
