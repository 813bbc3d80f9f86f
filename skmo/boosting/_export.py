"""Fitted scores as a model that LightGBM reads."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from ._result import BoostingResult
from ._tree_text import TreeSum

_STUMP = (
    "num_leaves=1",
    "num_cat=0",
    "split_feature=",
    "split_gain=",
    "threshold=",
    "decision_type=",
    "left_child=",
    "right_child=",
    "leaf_value={value!r}",
    "leaf_weight=",
    "leaf_count={count}",
    "internal_value=",
    "internal_weight=",
    "internal_count=",
    "is_linear=0",
    "shrinkage=1",
)


def combined_sum(result: BoostingResult) -> TreeSum:
    """Shared trees and heads as one sum of trees for each score."""
    coder = result.coder
    factors = np.ones(coder.n_scores)
    for columns, head in zip(coder.scores, result.heads, strict=True):
        if head is not None and not head.continues:
            factors[columns] = 1.0 - head.share
    total = result.forest.tree_sum(result.n_iter[coder.owner]).times(factors)
    for columns, head in zip(coder.scores, result.heads, strict=True):
        if head is not None:
            own = head.trees.tree_sum()
            share = 1.0 if head.continues else head.share
            total = total.with_more(own.times(np.full(own.n_scores, share)), columns)
    return total


def lightgbm_text(
    trees: TreeSum,
    *,
    objective: str | None,
    feature_names: Sequence[str],
    pandas_categorical: list[list[Any]] | None = None,
) -> str:
    """A model with a tree per score and iteration in LightGBM's text format.

    Parameters
    ----------
    trees : TreeSum
    objective : str or None
        LightGBM's line of the objective, by which it turns raw scores into
        predictions. None leaves them as they are.
    feature_names : sequence of str
        With what LightGBM forbids in names.
    pandas_categorical : list of list, default=None
        The categories of each categorical feature, for data frames.

    Returns
    -------
    str
        The trees' text is LightGBM's own but for the values. Scores with fewer trees
        than others are padded with one leaf of 0; the constants are in the first
        iteration's trees, where LightGBM has them.
    """
    sections = [f"Tree={t}\n{text}\n\n\n" for t, text in enumerate(_tree_texts(trees))]
    n_scores = trees.n_scores
    infos = trees.feature_infos or " ".join(["none"] * len(feature_names))
    header = [
        "tree",
        "version=v4",
        f"num_class={n_scores}",
        f"num_tree_per_iteration={n_scores}",
        "label_index=0",
        f"max_feature_idx={len(feature_names) - 1}",
        *([] if objective is None else [f"objective={objective}"]),
        "feature_names=" + " ".join(allowed_names(feature_names)),
        f"feature_infos={infos}",
        "tree_sizes=" + " ".join(str(len(text)) for text in sections),
    ]
    name = "custom" if objective is None else objective.split()[0]
    footer = [
        "end of trees",
        "",
        "feature_importances:",
        "",
        "parameters:",
        "[boosting: gbdt]",
        f"[objective: {name}]",
        f"[num_class: {n_scores}]",
        "",
        "end of parameters",
        "",
        f"pandas_categorical:{json.dumps(pandas_categorical)}",
        "",
    ]
    return "".join(["\n".join(header), "\n\n", *sections, "\n".join(footer)])


def allowed_names(names: Sequence[str]) -> list[str]:
    """Names without the characters that LightGBM forbids, each different."""
    found: list[str] = []
    taken: set[str] = set()
    for j, name in enumerate(names):
        name = re.sub(r'[\s,:"\[\]{}]+', "_", name) or f"Column_{j}"
        unique, n = name, 0
        while unique in taken:
            n += 1
            unique = f"{name}_{n}"
        taken.add(unique)
        found.append(unique)
    return found


def _tree_texts(trees: TreeSum) -> list[str]:
    """The trees, iteration by iteration, one for each score."""
    n_scores = trees.n_scores
    places = _places(trees)
    n_iterations = 1 + max((int(place.max()) for place in places), default=0)
    n_rows = max((tree.tree.n_rows for tree in trees.trees), default="")
    stump = "\n".join(_STUMP)
    texts = [stump.format(value=0.0, count=n_rows)] * (n_iterations * n_scores)
    for column, constant in enumerate(trees.constants.tolist()):
        texts[column] = stump.format(value=constant, count=n_rows)
    for tree, place in zip(trees.trees, places, strict=True):
        values = tree.values + trees.constants[tree.columns] * (place == 0)
        cells = place * n_scores + tree.columns
        for cell, text in zip(cells, tree.tree.with_values(values), strict=True):
            texts[cell] = text
    return texts


def _places(trees: TreeSum) -> list[np.ndarray]:
    """The iteration of each tree, for each of its scores.

    Trees of one round stand in the same iteration as far as they are of different
    scores. Later rounds stand behind, and a round's number is its iteration where
    no score has two trees in a round. A head's trees follow on their score's last.
    """
    free = np.zeros(trees.n_scores, dtype=np.int64)
    start, current = 0, None
    places = []
    for tree in trees.trees:
        if tree.n_round is None:
            start = 0
        elif tree.n_round != current:
            start, current = max(int(free.max()), tree.n_round), tree.n_round
        place = np.maximum(free[tree.columns], start)
        free[tree.columns] = place + 1
        places.append(place)
    return places
