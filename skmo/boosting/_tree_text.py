"""Trees in LightGBM's text format, and sums of trees with other leaf values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ._grown import read_numbers

_VALUE_LINES = re.compile(r"^(leaf_value|internal_value)=.*$", flags=re.MULTILINE)
# Bits in a word of the sets of categories that go left.
_WORD = 32


@dataclass(frozen=True)
class TreeText:
    """One tree in LightGBM's text format.

    Attributes
    ----------
    text : str
        The lines below ``Tree=...``.
    """

    text: str

    def numbers(self, key: str, dtype: type = np.int64) -> np.ndarray:
        """One array of the tree, such as ``split_feature``."""
        return read_numbers("\n" + self.text + "\n", key, dtype)

    @cached_property
    def leaf_values(self) -> np.ndarray:
        return self.numbers("leaf_value", np.float64)

    @property
    def n_rows(self) -> int:
        """How many rows the tree was grown on."""
        return int(self.numbers("leaf_count").sum())

    def with_values(self, values: np.ndarray) -> list[str]:
        """The texts with other leaf values (n_leaves, n_columns), one per column.

        The values of inner nodes are the means of their rows.
        """
        before, between, after = _VALUE_LINES.split(self.text)[::2]
        means = self._means(values)
        return [
            f"{before}leaf_value={_line(leaves)}{between}"
            f"internal_value={_line(nodes)}{after}"
            for leaves, nodes in zip(values.T, means.T, strict=True)
        ]

    def _means(self, values: np.ndarray) -> np.ndarray:
        """The mean of each inner node's rows, (n_nodes, n_columns)."""
        left, right = self.numbers("left_child"), self.numbers("right_child")
        leaf_counts = self.numbers("leaf_count")
        n_nodes = len(left)
        # Inner nodes first, then leaves, so that ~leaf indexes from the end.
        counts = np.concatenate([np.zeros(n_nodes), leaf_counts])[:, None]
        sums = np.zeros((n_nodes + len(values), values.shape[1]))
        sums[n_nodes:] = values * leaf_counts[:, None]
        for node in range(n_nodes - 1, -1, -1):
            for child in (left[node], right[node]):
                below = child if child >= 0 else n_nodes + ~child
                counts[node] += counts[below]
                sums[node] += sums[below]
        return sums[:n_nodes] / np.maximum(counts[:n_nodes], 1)

    def left_categories(self) -> dict[int, np.ndarray]:
        """The categories that go left, by inner node with a categorical split."""
        if not int(self.numbers("num_cat")[0]):
            return {}
        bounds = self.numbers("cat_boundaries")
        words = self.numbers("cat_threshold", np.uint32)
        thresholds = self.numbers("threshold", np.float64)
        found = {}
        for node in np.flatnonzero(self.numbers("decision_type") & 1):
            which = int(thresholds[node])
            chosen = words[bounds[which] : bounds[which + 1]]
            bits = (chosen[:, None] >> np.arange(_WORD, dtype=np.uint32)) & 1
            found[int(node)] = np.flatnonzero(bits.ravel())
        return found

    def with_categories(self, values: dict[int, np.ndarray]) -> TreeText:
        """The tree for categories that go by other whole numbers.

        Parameters
        ----------
        values : dict of int to ndarray of int
            The numbers of each feature's categories, in the order of those that the
            tree has now.
        """
        left = self.left_categories()
        if not left or not values:
            return self
        features = self.numbers("split_feature")
        thresholds = self.numbers("threshold", np.float64)
        sets: list[np.ndarray] = [np.empty(0, dtype=np.uint32)] * len(left)
        for node, codes in left.items():
            numbers = values.get(int(features[node]))
            numbers = codes if numbers is None else numbers[codes]
            sets[int(thresholds[node])] = _bitset(numbers)
        lines = {
            "cat_boundaries": np.cumsum([0, *map(len, sets)]),
            "cat_threshold": np.concatenate(sets),
        }
        text = self.text
        for name, array in lines.items():
            line = f"{name}=" + " ".join(map(str, array.tolist()))
            text = re.sub(rf"^{name}=.*$", line, text, flags=re.MULTILINE)
        return TreeText(text)


def _line(numbers: np.ndarray) -> str:
    return " ".join(map(repr, numbers.tolist()))


def _bitset(numbers: np.ndarray) -> np.ndarray:
    words = np.zeros(int(numbers.max(initial=0)) // _WORD + 1, dtype=np.uint32)
    bits = np.uint32(1) << (numbers % _WORD).astype(np.uint32)
    np.bitwise_or.at(words, numbers // _WORD, bits)
    return words


@dataclass(frozen=True)
class ValuedTree:
    """A tree with a value per leaf for some of the scores.

    Attributes
    ----------
    tree : TreeText
    columns : ndarray of shape (n_columns,), int
        The scores.
    values : ndarray of shape (n_leaves, n_columns), float64
    n_round : int or None
        The round of the shared trees that it belongs to, from 0; None for a head's.
    """

    tree: TreeText
    columns: np.ndarray
    values: np.ndarray
    n_round: int | None


@dataclass(frozen=True)
class TreeSum:
    """Scores as constants plus sums of trees.

    Attributes
    ----------
    constants : ndarray of shape (n_scores,), float64
    trees : list of ValuedTree
    feature_infos : str or None
        LightGBM's line about the features' ranges, where a tree was grown.
    """

    constants: np.ndarray
    trees: list[ValuedTree]
    feature_infos: str | None = None

    @property
    def n_scores(self) -> int:
        return len(self.constants)

    def times(self, factors: np.ndarray) -> TreeSum:
        """Each score multiplied by its factor, (n_scores,)."""
        return self._with(
            self.constants * factors,
            lambda t: (t.columns, t.values * factors[t.columns]),
        )

    def plus(self, constants: np.ndarray) -> TreeSum:
        """Each score with its constant added, (n_scores,)."""
        return TreeSum(self.constants + constants, self.trees, self.feature_infos)

    def mixed(self, weights: np.ndarray) -> TreeSum:
        """One score, the weighted sum of all, by weights (n_scores,)."""
        one = np.zeros(1, dtype=np.int64)
        return self._with(
            np.array([self.constants @ weights]),
            lambda t: (one, t.values @ weights[t.columns][:, None]),
        )

    def with_more(self, other: TreeSum, columns: slice) -> TreeSum:
        """With another sum added to some of the scores."""
        constants = self.constants.copy()
        constants[columns] += other.constants
        places = np.arange(columns.start, columns.stop)
        more = [
            ValuedTree(t.tree, places[t.columns], t.values, None) for t in other.trees
        ]
        infos = self.feature_infos or other.feature_infos
        return TreeSum(constants, self.trees + more, infos)

    def with_categories(self, values: dict[int, np.ndarray]) -> TreeSum:
        """See `TreeText.with_categories`."""
        trees = [
            ValuedTree(t.tree.with_categories(values), t.columns, t.values, t.n_round)
            for t in self.trees
        ]
        infos = (self.feature_infos or "").split()
        for j, numbers in values.items():
            if infos and infos[j] != "none":
                infos[j] = ":".join(map(str, numbers.tolist()))
        return TreeSum(self.constants, trees, " ".join(infos) or None)

    def _with(
        self,
        constants: np.ndarray,
        change: Callable[[ValuedTree], tuple[np.ndarray, np.ndarray]],
    ) -> TreeSum:
        trees = [ValuedTree(t.tree, *change(t), t.n_round) for t in self.trees]
        return TreeSum(constants, trees, self.feature_infos)


def read_model(text: str) -> tuple[dict[str, str], list[TreeText]]:
    """The header's lines by name, and the trees, of LightGBM's text format."""
    head, *parts = re.split(r"^Tree=\d+\n", text, flags=re.MULTILINE)
    if parts:
        parts[-1] = parts[-1].split("\nend of trees")[0]
    lines = (line.partition("=") for line in head.splitlines())
    trees = [TreeText(part.rstrip("\n")) for part in parts]
    return {name: value for name, _, value in lines}, trees


def shared_sum(
    structures: Sequence[str],
    values: Sequence[np.ndarray],
    ends: Sequence[int],
    n_rounds: np.ndarray,
    constants: np.ndarray,
) -> TreeSum:
    """Trees that several scores share.

    Parameters
    ----------
    structures : sequence of str
        Models whose trees, one model's after the other's, the values belong to.
    values : sequence of ndarray of shape (n_leaves, n_scores)
        One per tree.
    ends : sequence of int
        Number of trees after each round.
    n_rounds : ndarray of shape (n_scores,), int
        Rounds that each score is made of.
    constants : ndarray of shape (n_scores,)

    Returns
    -------
    TreeSum
        A tree has the scores alone that it moves.
    """
    infos, texts = None, []
    for structure in structures:
        header, trees = read_model(structure)
        infos = infos or header.get("feature_infos")
        texts.extend(trees)
    found = []
    first = 0
    for n_round, end in enumerate(ends[: int(n_rounds.max(initial=0))]):
        for t in range(first, end):
            moved = (values[t] != 0).any(axis=0) & (n_round < n_rounds)
            columns = np.flatnonzero(moved)
            if len(columns):
                chosen = values[t][:, columns].astype(np.float64)
                found.append(ValuedTree(texts[t], columns, chosen, n_round))
        first = end
    return TreeSum(constants.astype(np.float64), found, infos)


def single_sum(text: str, n_scores: int, n_rounds: int) -> TreeSum:
    """The first rounds of a LightGBM model, whose constants are in its trees."""
    header, trees = read_model(text)
    constants, found = np.zeros(n_scores), []
    for t, tree in enumerate(trees[: n_rounds * n_scores]):
        values = tree.leaf_values[:, None]
        column = np.array([t % n_scores])
        if len(values) == 1:
            constants[column] += values[0]
        else:
            found.append(ValuedTree(tree, column, values, None))
    return TreeSum(constants, found, header.get("feature_infos"))
