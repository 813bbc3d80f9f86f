"""One score of a forest as a model that LightGBM reads."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from ._forest import Forest
from ._grown import read_numbers

_FOOTER = """end of trees

feature_importances:

parameters:

end of parameters

pandas_categorical:null
"""
_STUMP = (
    "num_leaves=1",
    "num_cat=0",
    "split_feature=",
    "split_gain=",
    "threshold=",
    "decision_type=",
    "left_child=",
    "right_child=",
    "leaf_value={}",
    "leaf_weight=",
    "leaf_count=",
    "internal_value=",
    "internal_weight=",
    "internal_count=",
    "is_linear=0",
    "shrinkage=1",
)


def lightgbm_text(
    forest: Forest,
    weights: np.ndarray,
    n_rounds: np.ndarray,
    feature_names: Sequence[str] | None = None,
) -> str:
    """A weighted sum of a forest's scores in LightGBM's text format.

    Parameters
    ----------
    forest : Forest
    weights : ndarray of shape (n_scores,)
    n_rounds : ndarray of shape (n_scores,), int
        Rounds each score is made of.
    feature_names : sequence of str, optional
        None keeps LightGBM's, Column_0, …

    Returns
    -------
    str
        One tree for each of the forest's, with the constants in the first. The
        trees' text is LightGBM's own but for the values.
    """
    n_trees = np.array([0, *forest.ends])[n_rounds]
    stop = int(n_trees.max(initial=0))
    constant = float(forest.init_scores.astype(np.float64) @ weights)
    header, trees = "", []
    for structure in forest.structures:
        head, *parts = re.split(r"^Tree=\d+\n", structure.text, flags=re.MULTILINE)
        header = header or head
        if parts:
            parts[-1] = parts[-1].split("\nend of trees")[0]
        trees.extend(parts)
    sections = []
    for t, text in enumerate(trees[:stop]):
        values = forest.values[t].astype(np.float64) @ (weights * (t < n_trees))
        sections.append(_with_values(text.rstrip("\n"), values + constant * (t == 0)))
    if not sections:
        sections = ["\n".join(_STUMP).format(repr(constant))]
    sections = [f"Tree={t}\n{text}\n\n\n" for t, text in enumerate(sections)]
    return "".join([_header(header, sections, feature_names), *sections, _FOOTER])


def _header(
    header: str, sections: Sequence[str], feature_names: Sequence[str] | None
) -> str:
    sizes = " ".join(str(len(text.encode())) for text in sections)
    lines = []
    for line in header.rstrip("\n").split("\n"):
        name = line.partition("=")[0]
        if name == "tree_sizes":
            continue
        if name == "feature_names" and feature_names is not None:
            names = (re.sub(r'[\s,:"\[\]{}]+', "_", name) for name in feature_names)
            line = "feature_names=" + " ".join(names)
        lines.append(line)
    return "\n".join([*lines, f"tree_sizes={sizes}", "", ""])


def _with_values(text: str, values: np.ndarray) -> str:
    """A tree's text with other leaf values, and their means at inner nodes."""
    left, right = (
        read_numbers(text, f"{s}_child", np.int64) for s in ("left", "right")
    )
    leaf_counts = read_numbers(text, "leaf_count", np.int64)
    n_nodes = len(left)
    # Inner nodes first, then leaves, so that ~leaf indexes from the end.
    counts = np.concatenate([np.zeros(n_nodes), leaf_counts])
    sums = np.concatenate([np.zeros(n_nodes), values * leaf_counts])
    for node in range(n_nodes - 1, -1, -1):
        for child in (left[node], right[node]):
            below = child if child >= 0 else n_nodes + ~child
            counts[node] += counts[below]
            sums[node] += sums[below]
    means = sums[:n_nodes] / np.maximum(counts[:n_nodes], 1)
    for name, numbers in (("leaf_value", values), ("internal_value", means)):
        line = f"{name}=" + " ".join(repr(float(value)) for value in numbers)
        text = re.sub(rf"^{name}=.*$", line, text, flags=re.MULTILINE)
    return text
