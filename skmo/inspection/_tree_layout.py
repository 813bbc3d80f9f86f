"""Where the nodes of a tree stand, and what their branches say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

_REQUIRED = (
    "node_index",
    "left_child",
    "right_child",
    "parent_index",
    "split_feature",
    "threshold",
    "decision_type",
    "count",
)


@dataclass
class Node:
    """A node that is drawn.

    Attributes
    ----------
    place : int
        Its row among those given.
    depth : int
        0 for the root.
    children : list of Node
        None for a row of the picture: a leaf, or what is below the greatest depth.
    n_leaves : int
        Below it, 1 for a leaf.
    y : float
        Rows from the top.
    """

    place: int
    depth: int
    children: list[Node] = field(default_factory=list)
    n_leaves: int = 1
    y: float = 0.0

    def walk(self) -> list[Node]:
        """This node and those below it."""
        found, waiting = [], [self]
        while waiting:
            node = waiting.pop()
            found.append(node)
            waiting.extend(node.children[::-1])
        return found


def check_nodes(nodes: Any) -> dict[str, list]:
    """The columns of one tree's nodes as lists.

    Raises
    ------
    ValueError
        If columns are missing, or the nodes are not those of one tree.
    """
    missing = [name for name in _REQUIRED if name not in nodes]
    if missing:
        raise ValueError(
            "nodes must have the columns of to_dataframe for one tree; it lacks "
            f"{missing}."
        )
    columns = {name: list(nodes[name]) for name in nodes}
    roots = sum(is_none(parent) for parent in columns["parent_index"])
    if roots != 1:
        raise ValueError(
            f"nodes must be those of one tree, which has one root. Got {roots} roots: "
            "pass the rows of one tree_index."
        )
    return columns


def is_none(value: Any) -> bool:
    """Whether a cell is empty: None, or NaN in a data frame."""
    return value is None or value != value


def read_tree(columns: Mapping[str, Sequence], max_depth: int | None) -> Node:
    """The tree down to a depth, a row for each end of it."""
    place = {name: i for i, name in enumerate(columns["node_index"])}

    def children(i: int) -> list[int]:
        sides = (columns[f"{side}_child"][i] for side in ("left", "right"))
        return [place[name] for name in sides if not is_none(name)]

    start = [is_none(parent) for parent in columns["parent_index"]].index(True)
    root = Node(start, 0)
    order, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        order.append(node)
        below = children(node.place)
        if max_depth is None or node.depth < max_depth:
            node.children = [Node(i, node.depth + 1) for i in below]
            waiting.extend(node.children[::-1])
        elif below:
            node.n_leaves = _count_leaves(below, children)
    rows = 0
    for node in order:  # the left ones first
        if not node.children:
            node.y = float(rows)
            rows += 1
    for node in reversed(order):
        if node.children:
            node.y = float(np.mean([child.y for child in node.children]))
            node.n_leaves = sum(child.n_leaves for child in node.children)
    return root


def _count_leaves(waiting: list[int], children: Any) -> int:
    found = 0
    while waiting:
        below = children(waiting.pop())
        found += not below
        waiting.extend(below)
    return found


def branch_words(
    columns: Mapping[str, Sequence], place: int, longest: int
) -> tuple[str, str]:
    """What the left and the right branch of a split say, in so many letters."""
    name = str(columns["split_feature"][place])
    threshold = columns["threshold"][place]
    empty = _takes_missing(columns, place)
    if columns["decision_type"][place] == "==":
        words = _categories(str(threshold).split("||"), longest, name)
    else:
        words = [f" ≤ {_short(threshold)}", f" > {_short(threshold)}"]
    words = [
        w + (" ∅" if side == empty else "") for w, side in zip(words, "lr", strict=True)
    ]
    room = max(longest - max(map(len, words)), 4)
    name = middle(name, room)
    return name + words[0], name + words[1]


def _takes_missing(columns: Mapping[str, Sequence], place: int) -> str | None:
    """The side of missing values, where the feature had any in training."""
    kinds = columns.get("missing_type")
    if kinds is None or kinds[place] != "NaN":
        return None
    return str(columns["missing_direction"][place])[0]


def _categories(left: list[str], longest: int, name: str) -> list[str]:
    """Those that go left, as many as there is room for, and the others."""
    room = max(longest - min(len(name), longest // 2) - 5, 6)
    shown = left[:1]
    for category in left[1:]:
        if len(", ".join([*shown, category])) > room:
            break
        shown.append(category)
    more = len(left) - len(shown)
    words = ", ".join([middle(shown[0], room), *shown[1:]])
    return [f": {words}" + (f" +{more}" if more else ""), ": others"]


def _short(number: Any) -> str:
    return f"{float(number):.3g}".replace("-", "−")


def middle(text: str, longest: int) -> str:
    """A text without its middle where it is too long."""
    if len(text) <= longest:
        return text
    tail = (longest - 1) // 2
    return f"{text[: longest - 1 - tail]}…{text[len(text) - tail :]}"
