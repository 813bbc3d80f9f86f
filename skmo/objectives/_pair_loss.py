"""How well scores order pairs of documents: the loss behind ranking gradients."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

# Pairs per query. A mean over hundreds of queries hardly feels which ones are drawn,
# and all pairs of long queries would cost more than the gradients.
_MAX_PAIRS = 512


class PairLoss:
    r"""The logistic loss of pairs of documents, 1 for equal scores.

    With gains :math:`G` the mean over queries of

    .. math:: \frac{\sum_{G_i > G_j} (G_i - G_j) \log_2(1 + e^{-\sigma (f_i - f_j)})}
        {\sum_{G_i > G_j} (G_i - G_j)} .

    Of long queries 512 pairs, drawn once.

    Parameters
    ----------
    queries : sequence of ndarray of shape (n_queries, size), int
        The rows of each query, in blocks of queries; as many as there are gains where
        padded.
    weights : sequence of ndarray of shape (n_queries,)
        The queries' weights.
    gain : ndarray of shape (n_rows,)
    sigmoid : float

    References
    ----------
    Burges, Shaked, Renshaw, Lazier, Deeds, Hamilton and Hullender, "Learning to rank
    using gradient descent", ICML 2005 (RankNet), from memory; here pairs weigh by the
    difference of their gains.
    """

    def __init__(
        self,
        queries: Sequence[np.ndarray],
        weights: Sequence[np.ndarray],
        gain: np.ndarray,
        sigmoid: float,
    ):
        rng = np.random.default_rng(0)
        parts = [
            _pairs(rows, weight, gain, rng)
            for rows, weight in zip(queries, weights, strict=True)
        ]
        self._sigmoid = sigmoid
        self._better, self._worse, self._weight = (
            np.concatenate(columns) for columns in zip(*parts, strict=True)
        )
        self._weight /= self._weight.sum() * np.log(2.0)

    def __call__(self, score: np.ndarray) -> float:
        """The loss of scores (n_rows,)."""
        gap = score[self._worse].astype(np.float64) - score[self._better]
        return float(np.logaddexp(0.0, self._sigmoid * gap) @ self._weight)


def _pairs(
    rows: np.ndarray, weight: np.ndarray, gain: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of the better and the worse document of each pair, and its weight."""
    gains = np.append(gain, -np.inf)[rows].astype(np.float32)
    real = np.isfinite(gains)
    gap = np.where(real, gains, 0.0)
    gap = gap[:, :, None] - gap[:, None, :]
    gap[~(real[:, :, None] & real[:, None, :])] = 0.0
    query, better, worse = np.nonzero(gap > 0)
    gap = gap[query, better, worse].astype(np.float64)
    if len(query) > _MAX_PAIRS:
        # A random order within each query, of which the first are kept.
        order = np.lexsort((rng.random(len(query)), query))
        starts = np.searchsorted(query, np.arange(len(rows)))
        order = np.sort(order[np.arange(len(query)) - starts[query] < _MAX_PAIRS])
        query, better, worse, gap = (a[order] for a in (query, better, worse, gap))
    share = gap / np.bincount(query, gap, minlength=len(rows))[query]
    return rows[query, better], rows[query, worse], share * weight[query]
