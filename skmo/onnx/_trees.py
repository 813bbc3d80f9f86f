"""Sums of trees as the attributes of ONNX's TreeEnsembleRegressor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..boosting import TreeSum, TreeText, ValuedTree

# The bits of LightGBM's decision_type.
_CATEGORICAL, _DEFAULT_LEFT = 1, 2
# What its next two bits say of missing values.
_MISSING_IS_NONE, _MISSING_IS_ZERO = 0, 1


def tree_attributes(
    trees: TreeSum, categories: Mapping[int, np.ndarray], dtype: type
) -> dict[str, Any]:
    """The trees, each with the values of all its scores at once.

    Parameters
    ----------
    trees : TreeSum
    categories : mapping of int to ndarray
        What the categories of each feature are in the input, in the order of the
        codes in the trees; features that are not named have the codes.
    dtype : type
        float32 or float64: what the graph computes in.

    Returns
    -------
    dict
        Names and values of the attributes, arrays as ``dtype`` or int64.
    """
    found: dict[str, Any] = {"n_targets": trees.n_scores, "post_transform": "NONE"}
    parts = [_tree(tree, categories, dtype) for tree in trees.trees]
    if parts:
        found["base_values"] = trees.constants.astype(dtype)
    else:
        parts = [_leaf(trees.constants)]
    lengths = [len(part["nodes_nodeids"]) for part in parts]
    found["nodes_treeids"] = np.repeat(np.arange(len(parts)), lengths)
    lengths = [len(part["target_ids"]) for part in parts]
    found["target_treeids"] = np.repeat(np.arange(len(parts)), lengths)
    for name in parts[0]:
        found[name] = np.concatenate([part[name] for part in parts])
    for name in ("nodes_values", "target_weights"):
        found[name] = found[name].astype(dtype)
    return found


def _leaf(values: np.ndarray) -> dict[str, np.ndarray]:
    """A tree that is a leaf, as ONNX needs one at least.

    (onnxruntime 1.32 does not add ``base_values`` to such a tree alone.)
    """
    nodes = _Nodes()
    nodes.add("LEAF")
    return {
        **nodes.arrays(),
        "target_nodeids": np.zeros(len(values), dtype=np.int64),
        "target_ids": np.arange(len(values)),
        "target_weights": values,
    }


class _Nodes:
    """The nodes of one tree, in the order of their numbers."""

    def __init__(self) -> None:
        self._rows: list[tuple] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(
        self,
        mode: str,
        feature: int = 0,
        value: float = 0.0,
        true: int = 0,
        false: int = 0,
        missing_is_true: bool = False,
    ) -> None:
        self._rows.append((mode, feature, value, true, false, int(missing_is_true)))

    def arrays(self) -> dict[str, np.ndarray]:
        modes, features, values, true, false, missing = zip(*self._rows, strict=True)
        return {
            "nodes_nodeids": np.arange(len(modes)),
            "nodes_modes": np.array(modes),
            "nodes_featureids": np.array(features),
            "nodes_values": np.array(values, dtype=np.float64),
            "nodes_truenodeids": np.array(true),
            "nodes_falsenodeids": np.array(false),
            "nodes_missing_value_tracks_true": np.array(missing),
        }


def _tree(
    valued: ValuedTree, categories: Mapping[int, np.ndarray], dtype: type
) -> dict[str, np.ndarray]:
    values = valued.values
    n_leaves, n_columns = values.shape
    nodes = _branches(valued.tree, categories, dtype)
    first_leaf = n_leaves - 1
    return {
        **nodes.arrays(),
        "target_nodeids": first_leaf + np.repeat(np.arange(n_leaves), n_columns),
        "target_ids": np.tile(valued.columns, n_leaves),
        "target_weights": values.ravel(),
    }


def _branches(
    tree: TreeText, categories: Mapping[int, np.ndarray], dtype: type
) -> _Nodes:
    """Inner nodes by LightGBM's numbers, then leaves, then what splits need more."""
    left, right = tree.numbers("left_child"), tree.numbers("right_child")
    n_inner = len(left)
    left, right = (
        np.where(child >= 0, child, n_inner + ~child).tolist()
        for child in (left, right)
    )
    features = tree.numbers("split_feature").tolist()
    kinds = tree.numbers("decision_type").tolist()
    thresholds = tree.numbers("threshold", np.float64)
    rounded = _down(thresholds, dtype).tolist()
    sets = tree.left_categories()
    nodes = _Nodes()
    later: list[tuple] = []
    room = n_inner + n_inner + 1
    for node in range(n_inner):
        feature, kind = features[node], kinds[node]
        if kind & _CATEGORICAL:
            # Equal to the first, or the second, …: all lead to the left.
            chosen = sets[node]
            if feature in categories:
                chosen = categories[feature][chosen]
            chain = [("BRANCH_EQ", feature, value, left[node]) for value in chosen]
            ends = [*range(room + len(later), room + len(later) + len(chain) - 1)]
            links = [
                (*step, false)
                for step, false in zip(chain, [*ends, right[node]], strict=True)
            ]
            nodes.add(*links[0])
            later.extend(links[1:])
            continue
        compare = ("BRANCH_LEQ", feature, rounded[node], left[node], right[node])
        missing = kind >> 2 & 3
        default_left = bool(kind & _DEFAULT_LEFT)
        if missing == _MISSING_IS_ZERO:
            default = left[node] if default_left else right[node]
            nodes.add("BRANCH_EQ", feature, 0.0, default, room + len(later), True)
            later.append(compare)
        elif missing == _MISSING_IS_NONE:  # it is taken for 0
            nodes.add(*compare, bool(thresholds[node] >= 0))
        else:
            nodes.add(*compare, default_left)
    for _ in range(n_inner + 1):
        nodes.add("LEAF")
    for step in later:
        nodes.add(*step)
    return nodes


def _down(thresholds: np.ndarray, dtype: type) -> np.ndarray:
    """The greatest numbers of the type that are not above the thresholds.

    A float32 is at most a threshold if it is at most that number.
    """
    with np.errstate(over="ignore"):
        rounded = thresholds.astype(dtype)
    above = rounded > thresholds
    rounded[above] = np.nextafter(rounded[above], dtype(-np.inf))
    return rounded
