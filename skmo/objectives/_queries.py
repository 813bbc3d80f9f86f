"""Queries laid out in blocks, and 1 - NDCG over them."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

import numpy as np

from ._pair_loss import PairLoss
from ._ranking import QueryLoss

# Scores of a block, padding included: at least the first, or NumPy's calls cost more
# than their work; at most the second, for the temporaries to stay in the cache.
_MIN_CELLS, _MAX_CELLS = 1 << 12, 1 << 14
# In between, sizes within a block differ by at most this factor, or by this number.
_SIZE_RATIO, _SIZE_GAP = 0.8, 2
# Ranks after every document; its distance to any score is finite in float32.
_PADDING_SCORE = -1e38


class Block(NamedTuple):
    """Queries of similar size, padded to the largest.

    Attributes
    ----------
    rows : ndarray of shape (n_queries, size), int
        Positions among the informative rows, their number where padded.
    weight : ndarray of shape (n_queries,)
        The queries' weights in the loss.
    """

    rows: np.ndarray
    weight: np.ndarray


class NDCGLoss(QueryLoss):
    """1 - NDCG@k of queries; subclasses add the derivatives.

    Parameters
    ----------
    gain : ndarray of shape (n_samples,), float64
        What each row is worth, at least 0; NaN where it is not judged.
    query : ndarray of shape (n_samples,), int
        In ascending order.
    weight : ndarray of shape (n_samples,) or None
    truncation : int
        The ranks that count.
    sigmoid : float, default=1.0
        Steepness of the pairwise loss that balancers are given.
    """

    def __init__(
        self,
        gain: np.ndarray,
        query: np.ndarray,
        weight: np.ndarray | None,
        truncation: int,
        sigmoid: float = 1.0,
    ):
        self._sigmoid, self._pair_loss = sigmoid, None
        kept = _kept_rows(gain, query, weight)
        gain, query = gain[kept], query[kept]
        weight = None if weight is None else weight[kept].astype(np.float64)
        starts = np.flatnonzero(np.diff(query, prepend=-1))
        sizes = np.diff(starts, append=len(query))
        most, least = _extremes(gain, starts)
        query_weight = np.ones(len(starts))
        if weight is not None and len(starts):
            query_weight = np.add.reduceat(weight, starts) / sizes
        self.weight_sum = float(query_weight[most > 0].sum())
        # Queries of equal gains have no wrong order: their loss is 0.
        differs = most > least
        inside = np.repeat(differs, sizes)
        self._rows = np.flatnonzero(kept)[inside]
        self.informative = np.zeros(len(kept), dtype=bool)
        self.informative[self._rows] = True
        self._weight = None if weight is None else weight[inside].astype(np.float32)
        largest = int(sizes[differs].max(initial=0))
        # By rank, and their sums over the ranks before each.
        self._discount = 1.0 / np.log2(np.arange(largest) + 2.0)
        counted = np.where(np.arange(largest) < truncation, self._discount, 0.0)
        self._discount_before = np.append(0.0, np.cumsum(counted))
        # Shares of the query's greatest gain first: no sum overflows.
        self._gain = np.append(gain[inside] / np.repeat(most, sizes)[inside], 0.0)
        sizes = sizes[differs]
        self._blocks = _blocks(sizes, query_weight[differs])
        for block in self._blocks:
            ideal = -np.sort(-self._gain[block.rows], axis=1)
            best = ideal @ counted[: ideal.shape[1]]
            real = block.rows < len(self._rows)
            self._gain[block.rows[real]] /= np.repeat(best, real.sum(axis=1))

    def loss(self, score: np.ndarray) -> float:
        padded = self._padded(score)
        total = 0.0
        for block in self._blocks:
            _, ranked, gain = self._ranking(block, padded)
            total += self._block_loss(block, ranked, gain)
        return self._mean(total)

    def smooth_loss(self, score: np.ndarray) -> float:
        if not self._blocks:
            return self.loss(score)
        if self._pair_loss is None:
            self._pair_loss = PairLoss(
                [block.rows for block in self._blocks],
                [block.weight for block in self._blocks],
                self._gain[:-1],
                self._sigmoid,
            )
        return self._pair_loss(self._padded(score))

    def gradient_hessian(
        self, score: np.ndarray, gradient: np.ndarray, hessian: np.ndarray
    ) -> float:
        padded = self._padded(score)
        derivatives = np.empty((2, len(padded)), dtype=np.float32)
        total = 0.0
        # Exponentials of large differences under- or overflow to what they tend to.
        with np.errstate(over="ignore", under="ignore"):
            self._begin()
            for block in self._blocks:
                rows, ranked, gain = self._ranking(block, padded)
                total += self._block_loss(block, ranked, gain)
                # Queries in the last axis, where NumPy's inner loops run.
                rows, ranked, gain = rows.T.copy(), ranked.T.copy(), gain.T
                found = self._derivatives(rows, ranked, gain.astype(np.float32))
                derivatives[0, rows], derivatives[1, rows] = found
            derivatives = derivatives[:, :-1]
            if self._weight is not None:
                derivatives *= self._weight
        for out, values in zip((gradient, hessian), derivatives, strict=True):
            out.fill(0.0)
            out[self._rows] = values
        return self._mean(total)

    def _begin(self) -> None:
        """Called before the derivatives of a round."""
        return None

    @abstractmethod
    def _derivatives(
        self, rows: np.ndarray, score: np.ndarray, gain: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """First and second derivative for the queries of a block.

        Parameters
        ----------
        rows : ndarray of shape (size, n_queries), int
            Positions among the informative rows by rank; their number if padded.
        score : ndarray of shape (size, n_queries)
            In descending order, ``_PADDING_SCORE`` where padded.
        gain : ndarray of shape (size, n_queries), float32
            As shares of the best DCG, 0 where padded.
        """

    def _padded(self, score: np.ndarray) -> np.ndarray:
        """The informative rows' scores and that of the padding."""
        padded = np.empty(len(self._rows) + 1, dtype=score.dtype)
        score.take(self._rows, out=padded[:-1])
        padded[-1] = _PADDING_SCORE
        return padded

    def _ranking(
        self, block: Block, padded: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows, scores and gains of a block by rank, equal scores in row order."""
        order = np.argsort(-padded[block.rows], axis=1, kind="stable")
        rows = np.take_along_axis(block.rows, order, axis=1)
        return rows, padded[rows], self._gain[rows]

    def _block_loss(self, block: Block, ranked: np.ndarray, gain: np.ndarray) -> float:
        """Sum over queries of weight times 1 - NDCG, ties averaged over ranks."""
        first = np.ones(ranked.shape, dtype=bool)
        np.not_equal(ranked[:, 1:], ranked[:, :-1], out=first[:, 1:])
        query, start = np.nonzero(first)
        size = ranked.shape[1]
        runs = query * size + start
        length = np.diff(runs, append=ranked.size)
        before = self._discount_before
        discount = (before[start + length] - before[start]) / length
        gains = np.add.reduceat(gain.ravel(), runs)
        ndcg = np.bincount(query, gains * discount, minlength=len(ranked))
        return float(np.maximum(1.0 - ndcg, 0.0) @ block.weight)

    def _mean(self, total: float) -> float:
        return total / self.weight_sum if self.weight_sum > 0 else float("nan")


def _kept_rows(
    gain: np.ndarray, query: np.ndarray, weight: np.ndarray | None
) -> np.ndarray:
    """Mask of the rows that are judged and have a weight."""
    for name, column in (("query", query), ("weight", weight)):
        if column is not None and column.shape != gain.shape:
            raise ValueError(
                f"{name!r} must have the target's shape {gain.shape}. Got "
                f"{column.shape} instead."
            )
    falls = np.flatnonzero(query[1:] < query[:-1])
    if len(falls):
        i = falls[0]
        raise ValueError(
            "'query' must be in ascending order, so that a query's rows are "
            f"neighbours. Got {query[i + 1]} after {query[i]} in row {i + 1}: sort the "
            "rows by it."
        )
    kept = ~np.isnan(gain)
    if weight is not None:
        kept &= weight > 0
    return kept


def _extremes(gain: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each query's greatest and least gain."""
    if len(starts) == 0:
        return np.zeros(0), np.zeros(0)
    return np.maximum.reduceat(gain, starts), np.minimum.reduceat(gain, starts)


def _blocks(sizes: np.ndarray, weight: np.ndarray) -> list[Block]:
    """Blocks of queries that follow each other in the informative rows."""
    starts = np.cumsum(sizes) - sizes
    order = np.argsort(-sizes, kind="stable")
    ordered = sizes[order]
    n_rows, blocks, first = int(sizes.sum()), [], 0
    while first < len(order):
        size = int(ordered[first])
        close = min(_SIZE_RATIO * size, size - _SIZE_GAP)
        similar = int(np.searchsorted(-ordered, -close, side="right")) - first
        count = min(max(similar, _MIN_CELLS // size), _MAX_CELLS // size)
        chosen = order[first : first + max(count, 1)]
        column = np.arange(size)
        rows = starts[chosen, np.newaxis] + column
        rows[column >= sizes[chosen, np.newaxis]] = n_rows
        blocks.append(Block(rows, weight[chosen]))
        first += len(chosen)
    return blocks
