"""Trees in LightGBM's text format: are they trees?

All trees of a model are checked at once: tree by tree it would take several times as
long as LightGBM's own reader.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from ..exceptions import ModelFileError

# LightGBM's greatest number of leaves, and a depth its recursions can bear.
_MAX_LEAVES = 131072
_MAX_DEPTH = 4096
_MAX_INT = 2**31 - 1

# The characters of numbers; that they make some is left to `float`, which is faster.
_CHARACTERS = {
    np.int64: re.compile(r"[-0-9 ]*"),
    np.float64: re.compile(r"[-+.0-9eEinfa ]*"),
}
# A tree's lines, in LightGBM's order: entries per inner node or leaf, and their type.
_LINES = {
    "split_feature": ("node", np.int64),
    "split_gain": ("node", np.float64),
    "threshold": ("node", np.float64),
    "decision_type": ("node", np.int64),
    "left_child": ("node", np.int64),
    "right_child": ("node", np.int64),
    "leaf_value": ("leaf", np.float64),
    "leaf_weight": ("leaf", np.float64),
    "leaf_count": ("leaf", np.int64),
    "internal_value": ("node", np.float64),
    "internal_weight": ("node", np.float64),
    "internal_count": ("node", np.int64),
}
_NAMES = ["num_leaves", "num_cat", *_LINES, "is_linear", "shrinkage"]
_NAMES_CATEGORICAL = [*_NAMES[:-2], "cat_boundaries", "cat_threshold", *_NAMES[-2:]]
# Lines that some versions write for a tree without a split, and some leave empty.
_OPTIONAL = ("leaf_weight", "leaf_count")


def check_trees(trees: Sequence[Mapping[str, str]], n_features: int) -> np.ndarray:
    """Check trees by their lines.

    Parameters
    ----------
    trees : sequence of mapping
        Of each tree the lines by their names.
    n_features : int

    Returns
    -------
    ndarray of shape (n_trees,), int
        The leaves of each tree.

    Raises
    ------
    ModelFileError
        If LightGBM's reader could not be given them.
    """
    if not trees:
        return np.zeros(0, dtype=np.int64)
    for tree in trees:
        names = list(tree)
        if names != _NAMES and names != _NAMES_CATEGORICAL:
            raise ModelFileError("A LightGBM tree does not have the lines it should.")
        if tree["is_linear"] != "0":
            raise ModelFileError("A LightGBM tree has linear models in its leaves.")
    read = partial(_numbers, trees)
    leaves = read("num_leaves", np.int64)
    n_cat = read("num_cat", np.int64)
    _check(leaves.min() >= 1 and leaves.max() <= _MAX_LEAVES, "num_leaves")
    _check(n_cat.min() >= 0, "num_cat")
    read("shrinkage", np.float64)
    found = {}
    for name, (unit, dtype) in _LINES.items():
        lengths = leaves - 1 if unit == "node" else leaves
        if name in _OPTIONAL:
            empty = [not tree[name] for tree in trees]
            lengths = np.where((leaves == 1) & empty, 0, lengths)
        found[name] = read(name, dtype, lengths)
    for name in ("leaf_count", "internal_count"):
        _check(_within(found[name], 0, _MAX_INT), name)
    _check(_within(found["split_feature"], 0, n_features - 1), "split_feature")
    # Bit 0: categorical, 1: missing goes left, 2 and 3: what counts as missing.
    _check(_within(found["decision_type"], 0, 11), "decision_type")
    _check_topology(found["left_child"], found["right_child"], leaves)
    _check_categories(trees, found, leaves - 1, n_cat)
    return leaves


def _numbers(
    trees: Sequence[Mapping[str, str]],
    name: str,
    dtype: type,
    lengths: np.ndarray | None = None,
) -> np.ndarray:
    """A line's numbers, one tree's after the other's; one each without lengths."""
    lines = [tree[name] for tree in trees]
    found = np.array([line.count(" ") + 1 if line else 0 for line in lines])
    _check((found == (1 if lengths is None else lengths)).all(), name)
    text = " ".join(line for line in lines if line)
    if not text:
        return np.zeros(0, dtype=dtype)
    _check(_CHARACTERS[dtype].fullmatch(text), name)
    convert = int if dtype is np.int64 else float
    try:
        return np.fromiter(map(convert, text.split(" ")), dtype=dtype)
    except (ValueError, OverflowError) as error:
        raise _misfit(name) from error


def _check(good: object, name: str) -> None:
    if not good:
        raise _misfit(name)


def _misfit(name: str) -> ModelFileError:
    return ModelFileError(f"The line {name!r} of a LightGBM tree does not fit it.")


def _within(values: np.ndarray, low: int, high: int) -> bool:
    return values.size == 0 or (values.min() >= low and values.max() <= high)


def _check_topology(left: np.ndarray, right: np.ndarray, leaves: np.ndarray) -> None:
    """Every node but the root is the child of one that comes before it."""
    n_nodes = np.repeat(leaves - 1, leaves - 1)
    # Of each node: its place in its tree, and where the tree's nodes and leaves begin.
    place = np.arange(len(left)) - np.repeat(
        np.cumsum(leaves - 1) - (leaves - 1), leaves - 1
    )
    start = np.repeat(np.cumsum(2 * leaves - 1) - (2 * leaves - 1), leaves - 1)
    used = np.zeros(int((2 * leaves - 1).sum()), dtype=np.int64)
    for child in (left, right):
        inner = child >= 0
        leaf = ~child
        good = np.where(
            inner, (child > place) & (child < n_nodes), (leaf <= n_nodes) & ~inner
        )
        _check(good.all(), "left_child or right_child")
        # Inner nodes first, then leaves.
        np.add.at(used, start + np.where(inner, child, n_nodes + leaf), 1)
    roots = np.cumsum(2 * leaves - 1) - (2 * leaves - 1)
    used[roots] += 1
    _check((used == 1).all(), "left_child or right_child")
    ends = np.cumsum(leaves - 1)
    for t in np.flatnonzero(leaves > _MAX_DEPTH):
        nodes = slice(ends[t] - leaves[t] + 1, ends[t])
        _check_depth(left[nodes], right[nodes])


def _check_depth(left: np.ndarray, right: np.ndarray) -> None:
    depth = np.zeros(len(left), dtype=np.int64)
    for node in range(len(left)):
        for child in (left[node], right[node]):
            if child >= 0:
                depth[child] = depth[node] + 1
    if depth.max() >= _MAX_DEPTH:
        raise ModelFileError(
            f"A LightGBM tree is more than {_MAX_DEPTH} splits deep, which files do "
            "not hold. Limit 'max_depth'."
        )


def _check_categories(
    trees: Sequence[Mapping[str, str]],
    found: Mapping[str, np.ndarray],
    n_nodes: np.ndarray,
    n_cat: np.ndarray,
) -> None:
    """Categorical splits name a set of their tree's, and sets have their words."""
    categorical = found["decision_type"] & 1 == 1
    index = found["threshold"][categorical]
    _check((index == np.floor(index)).all(), "threshold")
    limit = np.repeat(n_cat, n_nodes)[categorical]
    _check(((index >= 0) & (index < limit)).all(), "num_cat")
    chosen = [tree for tree in trees if "cat_boundaries" in tree]
    _check(len(chosen) == (n_cat > 0).sum(), "num_cat")
    for tree, n in zip(chosen, n_cat[n_cat > 0], strict=True):
        bounds = _numbers([tree], "cat_boundaries", np.int64, np.array([n + 1]))
        good = bounds[0] == 0 and (np.diff(bounds) >= 0).all()
        _check(good, "cat_boundaries")
        words = _numbers([tree], "cat_threshold", np.int64, bounds[-1:])
        _check(_within(words, 0, 2**32 - 1), "cat_threshold")
