"""One grown tree, and how its parts are read off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_EPS = np.finfo(np.float64).eps
# Beyond this the table would leave the cache.
_MAX_CELLS = 1 << 16


@dataclass(frozen=True)
class Tree:
    """One grown tree over the training rows.

    Attributes
    ----------
    leaf, leaf_val : ndarray of shape (n_samples,), int32
        The leaf of each training and validation row.
    bag : ndarray of shape (n_samples,), bool, or None
        The training rows it was grown on; None means all.
    outputs : ndarray of shape (n_leaves,)
        LightGBM's own leaf outputs, for the structure gradient.
    counts : ndarray of shape (n_leaves,), int
        The leaves' rows, of those it was grown on.
    split_feature, left_child, right_child : ndarray of shape (n_leaves - 1,)
        Its topology: a child is an inner node, or ``~leaf`` where negative.
    """

    leaf: np.ndarray
    leaf_val: np.ndarray | None
    bag: np.ndarray | None
    outputs: np.ndarray
    counts: np.ndarray
    split_feature: np.ndarray
    left_child: np.ndarray
    right_child: np.ndarray

    @property
    def n_leaves(self) -> int:
        return len(self.outputs)


def match_leaves(
    moves: np.ndarray, outputs: np.ndarray, magnitude: float
) -> np.ndarray | None:
    """The leaf whose output each score moved by; None where that is unclear.

    A table over the range of the outputs, fine enough for the nearest output to be
    the same within a cell, is looked up twenty times as fast as a sorted list.

    Parameters
    ----------
    moves : ndarray of shape (n_samples,)
        Overwritten.
    outputs : ndarray of shape (n_leaves,)
    magnitude : float
        The largest score, whose rounding the moves have.
    """
    order = np.argsort(outputs)
    ordered = outputs[order]
    gaps = np.diff(ordered)
    if not gaps.size:
        return np.zeros(len(moves), dtype=np.int32)
    if gaps.min() <= 16 * _EPS * magnitude:
        return None
    order, bounds = order.astype(np.int32), ordered[:-1] + gaps / 2
    # Four cells to the narrowest gap: an output is over a cell from all bounds.
    n_cells = 4 * (ordered[-1] - ordered[0]) / gaps.min()
    if n_cells > min(_MAX_CELLS, len(moves)):
        return order[np.searchsorted(bounds, moves)]
    width = gaps.min() / 4
    centres = ordered[0] + width * (np.arange(int(n_cells) + 2) + 0.5)
    table = order[np.searchsorted(bounds, centres)]
    moves -= ordered[0]
    moves *= 1.0 / width
    return np.take(table, moves.astype(np.intp), mode="clip")


def read_numbers(text: str, key: str, dtype: type) -> np.ndarray:
    """One array of a tree in LightGBM's text format."""
    start = text.index(f"\n{key}=") + len(key) + 2
    return np.array(text[start : text.index("\n", start)].split(), dtype=dtype)


def without_outputs(text: str, objective: str) -> str:
    """Trees in LightGBM's text format with 0 for their own outputs.

    These steps on the structure gradient predict nothing, and are a third of a text.
    Nor does it matter what told LightGBM the gradients: ``objective`` stands for all.
    """

    def zeros(line: re.Match) -> str:
        return line[1] + " ".join("0" * (line[2].count(" ") + 1))

    # By the sizes LightGBM would look for trees where they were.
    text = re.sub(r"^tree_sizes=.*\n", "", text, count=1, flags=re.MULTILINE)
    text = re.sub(r"^objective=.*\n", "", text, count=1, flags=re.MULTILINE)
    for old, new in (
        (r"^shrinkage=.*$", "shrinkage=1"),
        (r"^\[learning_rate: .*\]$", "[learning_rate: 1]"),
        (r"^\[objective: .*\]$", f"[objective: {objective}]"),
    ):
        text = re.sub(old, new, text, flags=re.MULTILINE)
    return re.sub(r"^((?:leaf|internal)_value=)(.+)$", zeros, text, flags=re.MULTILINE)


def join_texts(texts: Sequence[str]) -> str:
    """One model of the trees of several, in LightGBM's text format.

    What surrounds the trees is the first one's; the seeds in it are those of its own
    trees alone.
    """
    header, _, footer = _around_trees(texts[0])
    trees = [tree for text in texts for tree in _around_trees(text)[1]]
    trees = [f"Tree={t}\n{tree}" for t, tree in enumerate(trees)]
    sizes = " ".join(str(len(tree.encode())) for tree in trees)
    header = re.sub(r"^tree_sizes=.*$", f"tree_sizes={sizes}", header, flags=re.M)
    return "".join([header, *trees, footer])


def _around_trees(text: str) -> tuple[str, list[str], str]:
    """What comes before the trees, the trees without their numbers, and the rest."""
    end = text.index("end of trees\n")
    header, *trees = re.split(r"^Tree=\d+\n", text[:end], flags=re.M)
    return header, trees, text[end:]
