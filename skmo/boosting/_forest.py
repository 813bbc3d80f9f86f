"""The fitted shared trees: structures, and a value per leaf and score."""

from __future__ import annotations

import re
from collections.abc import Iterator
from weakref import WeakKeyDictionary

import numpy as np
import scipy.sparse as sp

from ._blocks import RowBlocks
from ._nodes import NodeTable
from ._tree import TreeStructure
from ._tree_text import TreeSum, shared_sum

# Rows predicted at once: (rows, trees) leaf ids of about 64 MiB at most.
_MAX_LEAF_CELLS = 1 << 23
# The largest table of leaf values that is kept from call to call: 32 MiB.
_MAX_KEPT_CELLS = 1 << 22
# Rows for which it takes longer to set a sparse product up than to do without.
_FEW_ROWS = 8


class Forest:
    """Shared trees with a value per leaf and score.

    Parameters
    ----------
    init_scores : ndarray of shape (n_scores,)
        Scores have its dtype.

    Attributes
    ----------
    structures : list of TreeStructure
        One per fit that added trees.
    values : list of ndarray of shape (n_leaves, n_scores)
        One per tree.
    ends : list of int
        Number of trees after each round; a round may have several.
    """

    def __init__(self, init_scores: np.ndarray):
        self.init_scores = init_scores
        self.structures: list[TreeStructure] = []
        self.values: list[np.ndarray] = []
        self.ends: list[int] = []

    @property
    def n_trees(self) -> int:
        return len(self.values)

    @property
    def n_rounds(self) -> int:
        return len(self.ends)

    def add_round(self, values: list[np.ndarray]) -> None:
        """Add the trees of a round by the values of their leaves."""
        self.values.extend(values)
        self.ends.append(len(self.values))

    def copy(self) -> Forest:
        """A forest that trees can be added to without touching this one."""
        forest = Forest(self.init_scores)
        forest.structures = list(self.structures)
        forest.values = list(self.values)
        forest.ends = list(self.ends)
        return forest

    def tree_sum(self, n_rounds: np.ndarray) -> TreeSum:
        """The scores of `scores` as trees with values of their own."""
        texts = [structure.text for structure in self.structures]
        return shared_sum(texts, self.values, self.ends, n_rounds, self.init_scores)

    def leaves(
        self,
        X: np.ndarray | sp.csr_matrix,
        start: int = 0,
        stop: int | None = None,
        n_threads: int = 1,
    ) -> np.ndarray:
        """Leaf of each row in each tree, (n_samples, stop - start), int32."""
        stop = self.n_trees if stop is None else stop
        parts = []
        first = 0
        for structure in self.structures:
            last = first + structure.n_trees
            begin, end = max(start, first), min(stop, last)
            if begin < end:
                parts.append(structure.leaves(X, begin - first, end - first, n_threads))
            first = last
        if not parts:
            return np.empty((X.shape[0], 0), dtype=np.int32)
        return parts[0] if len(parts) == 1 else np.hstack(parts)

    def nodes(self, start: int = 0, stop: int | None = None) -> list[NodeTable]:
        """The trees ``start`` to ``stop - 1`` as tables."""
        stop = self.n_trees if stop is None else stop
        found, first = [], 0
        for structure in self.structures:
            last = first + structure.n_trees
            begin, end = max(start, first), min(stop, last)
            if begin < end:
                found += structure.nodes(begin - first, end - first)
            first = last
        return found

    def splits(self, key: str, dtype: type) -> list[np.ndarray]:
        """One array of LightGBM's text per tree, such as ``split_feature``."""
        lines = re.compile(rf"^{key}=(.*)$", re.MULTILINE)
        return [
            np.array(line.split(), dtype=dtype)
            for structure in self.structures
            for line in lines.findall(structure.text)
        ]

    def scores(
        self,
        X: np.ndarray | sp.csr_matrix,
        n_rounds: np.ndarray,
        n_threads: int = 1,
        dtype: type | None = None,
    ) -> np.ndarray:
        """Scores from the trees of each score's first ``n_rounds`` rounds.

        Parameters
        ----------
        X : ndarray or csr_matrix
        n_rounds : ndarray of shape (n_scores,), int
        n_threads : int
        dtype : type, default=None
            What the trees are summed in. None takes that of training.

        Returns
        -------
        ndarray of shape (n_samples, n_scores)
        """
        n_samples = X.shape[0]
        start = self.init_scores.astype(dtype or self.init_scores.dtype)
        scores = np.tile(start, (n_samples, 1))
        n_trees = np.array([0, *self.ends])[n_rounds]
        stop = int(n_trees.max(initial=0))
        if stop == 0:
            return scores
        table, offsets = self._table(n_trees, stop, scores.dtype)
        chunk = max(_MAX_LEAF_CELLS // stop, 1)
        for start in range(0, n_samples, chunk):
            rows = slice(start, min(start + chunk, n_samples))
            # A slice of a sparse matrix is a copy, even of all rows.
            part = X if chunk >= n_samples else X[rows]
            leaves = self.leaves(part, 0, stop, n_threads)
            leaves += offsets
            self._add(scores[rows], leaves, table, n_threads)
        return scores

    def staged_scores(
        self,
        X: np.ndarray | sp.csr_matrix,
        n_rounds: np.ndarray,
        n_threads: int = 1,
        dtype: type | None = None,
    ) -> Iterator[np.ndarray]:
        """The scores after each round, up to the longest of ``n_rounds``.

        A score stays as it is after its own last round. Each array is new.
        """
        start = self.init_scores.astype(dtype or self.init_scores.dtype)
        scores = np.tile(start, (X.shape[0], 1))
        first = 0
        for n_round, end in enumerate(self.ends[: int(n_rounds.max(initial=0))]):
            leaves = self.leaves(X, first, end, n_threads)
            for leaf, values in zip(leaves.T, self.values[first:end], strict=True):
                scores += (values * (n_round < n_rounds))[leaf]
            first = end
            yield scores.copy()

    def _table(
        self, n_trees: np.ndarray, stop: int, dtype: np.dtype
    ) -> tuple[np.ndarray, np.ndarray]:
        """All leaves' values, 0 beyond a score's last tree; where trees start.

        Kept for the next call, which without it would take longer for one row than
        the trees do.
        """
        key = (n_trees.tobytes(), dtype, self.n_trees)
        kept, *found = _KEPT_TABLES.get(self, (None,))
        if kept == key:
            return tuple(found)
        sizes = [len(values) for values in self.values[:stop]]
        table = np.concatenate(self.values[:stop]).astype(dtype, copy=False)
        tree = np.repeat(np.arange(stop), sizes)
        np.copyto(table, 0.0, where=tree[:, None] >= n_trees)
        offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32)
        if table.size <= _MAX_KEPT_CELLS:
            _KEPT_TABLES[self] = (key, table, offsets)
        return table, offsets

    @staticmethod
    def _add(
        scores: np.ndarray, leaves: np.ndarray, table: np.ndarray, n_threads: int
    ) -> None:
        """Add the values of the rows' leaves: a sparse product, in blocks."""
        n_trees = leaves.shape[1]
        if len(scores) <= _FEW_ROWS and scores.shape[1] > 1:
            # Summed in the same order.
            for row, chosen in zip(scores, leaves, strict=True):
                row += np.take(table, chosen, axis=0, mode="clip").sum(axis=0)
            return

        def block(rows: slice) -> None:
            chosen = leaves[rows]
            one_hot = sp.csr_matrix(
                (
                    np.ones(chosen.size, dtype=table.dtype),
                    chosen.ravel(),
                    np.arange(0, chosen.size + 1, n_trees, dtype=np.int32),
                ),
                shape=(len(chosen), len(table)),
                copy=False,
            )
            scores[rows] += one_hot @ table

        with RowBlocks(len(scores), n_trees + scores.shape[1], n_threads) as blocks:
            blocks.map(block)


# What each forest last predicted from: no part of its state, which is saved.
_KEPT_TABLES: WeakKeyDictionary[Forest, tuple] = WeakKeyDictionary()
