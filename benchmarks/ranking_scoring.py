"""What is measured of rankings, and how sure it is.

NDCG at a cut-off is that of `skmo.metrics.ndcg_score`, kept by query, so that queries
can be drawn again without training again.
"""

from __future__ import annotations

import numpy as np
from ranking_data import Part
from scipy.special import rel_entr

from skmo.objectives import LambdaRank

SHOWN = 5  # ranks the models are judged by
TRAINED = 30  # ranks of the objectives' losses
RESAMPLES = 1000


def ndcg_by_query(
    grades: np.ndarray, scores: np.ndarray, query: np.ndarray, k: int
) -> np.ndarray:
    """NDCG@k of each query in its order in the rows, NaN of one without a gain."""
    starts = np.flatnonzero(np.r_[True, query[1:] != query[:-1]])
    rows = zip(np.split(grades, starts[1:]), np.split(scores, starts[1:]), strict=True)
    return np.array([_ndcg(np.exp2(y) - 1, s, k) for y, s in rows])


def _ndcg(gains: np.ndarray, scores: np.ndarray, k: int) -> float:
    if not gains.any():
        return np.nan
    discount = 1 / np.log2(np.arange(len(gains)) + 2.0)
    discount[k:] = 0
    best = np.sort(gains)[::-1] @ discount
    # Equal scores share the mean of their gains.
    values, tied = np.unique(-scores, return_inverse=True)
    tied = tied.reshape(-1)
    mean = np.bincount(tied, gains, len(values)) / np.bincount(tied)
    return float(mean[np.sort(tied)] @ discount / best)


def measure(part: Part, train: np.ndarray, test: np.ndarray) -> dict[str, object]:
    """Of the scores of training and test rows; what a record holds of a point."""
    shown = [ndcg_by_query(y, test, part.query_test, SHOWN) for y in part.Y_test.T]
    return {
        "ndcg": [[_number(value) for value in values] for values in shown],
        "train_loss": losses(part.Y_train, train, part.query_train),
        "test_loss": losses(part.Y_test, test, part.query_test),
        "train_smooth": smooth_losses(part.Y_train, train, part.query_train),
        "test_smooth": smooth_losses(part.Y_test, test, part.query_test),
    }


def losses(Y: np.ndarray, scores: np.ndarray, query: np.ndarray) -> list[float]:
    """1 - NDCG@30 by label."""
    found = [ndcg_by_query(y, scores, query, TRAINED) for y in Y.T]
    return [round(1 - float(np.nanmean(values)), 7) for values in found]


def smooth_losses(Y: np.ndarray, scores: np.ndarray, query: np.ndarray) -> list[float]:
    """The pairwise losses that skmo's balancers compare, by label; 1 of a constant.

    They mean something of scores trained for them, whose scale they depend on.
    """
    found = [LambdaRank().over(y, query).smooth_loss(scores) for y in Y.T]
    return [round(float(value), 7) for value in found]


def constant_losses(part: Part) -> dict[str, list[float]]:
    """The losses of a constant score: its ties put in all orders, on average."""
    return {
        "train_loss": losses(
            part.Y_train, np.zeros(len(part.Y_train)), part.query_train
        ),
        "test_loss": losses(part.Y_test, np.zeros(len(part.Y_test)), part.query_test),
        "train_smooth": [1.0, 1.0],
        "test_smooth": [1.0, 1.0],
    }


def _number(value: float) -> float | None:
    """NaN is no JSON."""
    return None if np.isnan(value) else round(float(value), 7)


def hypervolumes(points: np.ndarray) -> np.ndarray:
    """Of many sets of points in two objectives, from (0, 0).

    Parameters
    ----------
    points : ndarray of shape (..., n_points, 2)

    Returns
    -------
    ndarray of shape (...)
    """
    order = np.argsort(-points[..., 0], axis=-1, kind="stable")
    x, y = (np.take_along_axis(points[..., j], order, axis=-1) for j in (0, 1))
    top = np.maximum.accumulate(y, axis=-1)
    return (x * np.diff(top, axis=-1, prepend=0)).sum(axis=-1)


def resampled(ndcg: np.ndarray) -> np.ndarray:
    """Points by queries drawn again, the same draws for all that have as many queries.

    Parameters
    ----------
    ndcg : ndarray of shape (n_points, 2, n_queries)
        NaN of queries without a gain.

    Returns
    -------
    ndarray of shape (n_resamples, n_points, 2)
    """
    n = ndcg.shape[-1]
    rng = np.random.default_rng(0)
    counts = rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(float)
    known = ~np.isnan(ndcg)
    totals = np.einsum("rq,pkq->rpk", counts, np.where(known, ndcg, 0), optimize=True)
    return totals / np.einsum("rq,pkq->rpk", counts, known.astype(float), optimize=True)


def non_uniformity(preferred: np.ndarray) -> float:
    """Divergence of losses times preferences, as shares, from equal ones.

    Mahapatra and Rajan, "Multi-Task Learning with User Preferences", ICML 2020: 0 where
    the losses are in the proportion that the preference asks for.
    """
    shares = preferred / preferred.sum()
    return float(rel_entr(shares, 1 / len(shares)).sum())
