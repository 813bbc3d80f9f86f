"""The nodes of grown trees as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class NodeTable:
    """The nodes of one tree: each before those below it, the left ones first.

    Attributes
    ----------
    names : list of str
        LightGBM's: S0, S1, … for splits, L0, L1, … for leaves.
    depth : ndarray of shape (n_nodes,), int
        1 for the root.
    parent, left, right : ndarray of shape (n_nodes,), int
        Places of other nodes in this table, -1 where there is none.
    feature, leaf : ndarray of shape (n_nodes,), int
        Of a split its feature, of a leaf its index; else -1.
    threshold : list of (float, str or None)
        Of a split the greatest number that goes left, or the categories that do,
        "0||2".
    decision, missing_type : list of (str or None)
    missing_left : ndarray of shape (n_nodes,), bool
    gain, value, weight, count : ndarray of shape (n_nodes,), float
        As LightGBM has them, of the gradient it grew the tree on.
    """

    names: list[str]
    depth: np.ndarray
    parent: np.ndarray
    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    leaf: np.ndarray
    threshold: list[Any]
    decision: list[str | None]
    missing_type: list[str | None]
    missing_left: np.ndarray
    gain: np.ndarray
    value: np.ndarray
    weight: np.ndarray
    count: np.ndarray

    @classmethod
    def read(cls, root: Mapping[str, Any]) -> NodeTable:
        """Of a tree as LightGBM dumps it."""
        found: list[tuple[Mapping[str, Any], int, int]] = []
        children: list[list[int]] = []
        waiting = [(root, 1, -1)]
        while waiting:
            node, depth, parent = waiting.pop()
            place = len(found)
            found.append((node, depth, parent))
            children.append([])
            if parent >= 0:
                children[parent].append(place)
            if "split_index" in node:
                for side in ("right_child", "left_child"):
                    waiting.append((node[side], depth + 1, place))
        nodes = [node for node, _, _ in found]
        splits = ["split_index" in node for node in nodes]
        both = [pair or [-1, -1] for pair in children]

        def numbers(inner: str, outer: str | None) -> np.ndarray:
            pairs = zip(nodes, splits, strict=True)
            keys = ((n, inner if split else outer) for n, split in pairs)
            return np.array([n.get(key, np.nan) for n, key in keys], dtype=np.float64)

        return cls(
            names=[
                f"S{n['split_index']}" if split else f"L{n.get('leaf_index', 0)}"
                for n, split in zip(nodes, splits, strict=True)
            ],
            depth=np.array([depth for _, depth, _ in found]),
            parent=np.array([parent for _, _, parent in found]),
            left=np.array([pair[0] for pair in both]),
            right=np.array([pair[1] for pair in both]),
            feature=np.array([n.get("split_feature", -1) for n in nodes]),
            leaf=np.array(
                [
                    -1 if split else n.get("leaf_index", 0)
                    for n, split in zip(nodes, splits, strict=True)
                ]
            ),
            threshold=[n.get("threshold") for n in nodes],
            decision=[n.get("decision_type") for n in nodes],
            missing_type=[n.get("missing_type") for n in nodes],
            missing_left=np.array([bool(n.get("default_left")) for n in nodes]),
            gain=numbers("split_gain", None),
            value=numbers("internal_value", "leaf_value"),
            weight=numbers("internal_weight", "leaf_weight"),
            count=numbers("internal_count", "leaf_count"),
        )

    @property
    def is_leaf(self) -> np.ndarray:
        return self.leaf >= 0

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Values of all nodes: at splits the mean over the rows below.

        Parameters
        ----------
        values : ndarray of shape (n_leaves, n_columns)

        Returns
        -------
        ndarray of shape (n_nodes, n_columns)
        """
        counts = np.where(self.is_leaf, np.nan_to_num(self.count, nan=1.0), 0.0)
        full = np.zeros((len(self.leaf), values.shape[1]))
        full[self.is_leaf] = values[self.leaf[self.is_leaf]]
        sums = full * counts[:, np.newaxis]
        for node in range(len(full) - 1, 0, -1):
            counts[self.parent[node]] += counts[node]
            sums[self.parent[node]] += sums[node]
        inner = ~self.is_leaf
        full[inner] = sums[inner] / np.maximum(counts[inner], 1.0)[:, np.newaxis]
        return full


def read_nodes(dumped: Iterable[Mapping[str, Any]]) -> list[NodeTable]:
    """Tables of the trees that LightGBM dumped."""
    return [NodeTable.read(tree["tree_structure"]) for tree in dumped]
