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
    """Rows of the better and the worse document of each pair, and its weight.

    By ascending gain a document is better than all before its equals, so that pairs
    can be numbered, and drawn, without listing them.
    """
    gains = np.append(gain, np.inf)[rows]
    order = np.argsort(gains, axis=1, kind="stable")
    rows, gains = (np.take_along_axis(a, order, axis=1) for a in (rows, gains))
    first = np.ones(gains.shape, dtype=bool)
    first[:, 1:] = gains[:, 1:] > gains[:, :-1]
    place = np.arange(gains.shape[1])
    n_worse = np.maximum.accumulate(np.where(first, place, 0), axis=1)
    n_worse[np.isinf(gains)] = 0  # padding
    ends = np.cumsum(n_worse)
    pair, query = _drawn(n_worse.sum(axis=1), rng)
    better = np.searchsorted(ends, pair, side="right")
    rank = pair - (ends - n_worse.ravel())[better]
    worse = query * gains.shape[1] + rank
    gap = gains.ravel()[better] - gains.ravel()[worse]
    share = gap / np.bincount(query, gap, minlength=len(rows))[query]
    return rows.ravel()[better], rows.ravel()[worse], share * weight[query]


def _drawn(
    n_pairs: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of pairs, counted on over the queries, and the query of each.

    All of a query with few; else one from each of as many equal stretches.
    """
    n_drawn = np.minimum(n_pairs, _MAX_PAIRS)
    query = np.repeat(np.arange(len(n_pairs)), n_drawn)
    stretch = np.arange(len(query)) - (np.cumsum(n_drawn) - n_drawn)[query]
    within = np.where(n_pairs > n_drawn, 1.0, 0.0)[query] * rng.random(len(query))
    number = np.floor((stretch + within) * (n_pairs / np.maximum(n_drawn, 1))[query])
    start = np.cumsum(n_pairs) - n_pairs
    return start[query] + number.astype(np.int64), query
