"""All trees of a fitted estimator, node by node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..boosting import BoostingResult, NodeTable, shared_nodes

if TYPE_CHECKING:
    from ._features import FeatureEncoder


@dataclass(frozen=True)
class ValuedNodes:
    """A tree, and what it adds to the scores.

    Attributes
    ----------
    head : int or None
        The objective whose own tree it is.
    table : NodeTable
    values : ndarray of shape (n_leaves, n_scores)
        NaN where a score is not made of the tree.
    """

    head: int | None
    table: NodeTable
    values: np.ndarray


def all_trees(
    result: BoostingResult, factor: np.ndarray, trees: str = "all"
) -> Iterator[ValuedNodes]:
    """The shared trees, then the objectives' own ones, by their parts in predictions.

    Parameters
    ----------
    result : BoostingResult
    factor : ndarray of shape (n_scores,)
        From the booster's scores to the user's.
    trees : {"all", "shared", "own"}
    """
    coder, factor_shared = result.coder, factor.copy()
    for columns, head in zip(coder.scores, result.heads, strict=True):
        if head is not None:
            share = head.shared_share
            factor_shared[columns] *= share if share > 0 else np.nan
    if trees != "own":
        for table, values in shared_nodes(result):
            yield ValuedNodes(None, table, values * factor_shared)
    if trees != "shared":
        for k, (columns, head) in enumerate(
            zip(coder.scores, result.heads, strict=True)
        ):
            if head is None:
                continue
            for table, own in head.trees.valued_nodes():
                values = np.full((len(own), coder.n_scores), np.nan)
                values[:, columns] = own * factor[columns] * head.share
                yield ValuedNodes(k, table, values)


def tree_frame(
    result: BoostingResult,
    trees: str,
    *,
    score_names: Sequence[str],
    objective_names: Sequence[str],
    feature_names: Sequence[str],
    features: FeatureEncoder,
    factor: np.ndarray,
    constants: np.ndarray,
) -> Any:
    """The pandas DataFrame that `to_dataframe` documents.

    ``factor`` (n_scores,) leads from the booster's scores to the user's, whose
    ``constants`` are what they are without any tree.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(
            'to_dataframe needs pandas: pip install "skmo[pandas]".'
        ) from error
    names = [f"value_{name}" for name in score_names]
    columns: dict[str, list] = {name: [] for name in (*_BEFORE, *names, *_AFTER)}
    first = result.forest.n_trees if trees == "own" else 0
    for index, tree in enumerate(all_trees(result, factor, trees), start=first):
        found = _columns(index, tree.table, feature_names, features)
        for name, values in zip(names, tree.table.spread(tree.values).T, strict=True):
            found[name] = values.tolist()
        head = None if tree.head is None else objective_names[tree.head]
        found["head"] = [head] * len(tree.table.names)
        for name, values in found.items():
            columns[name].extend(values)
    frame = pd.DataFrame(columns)
    if not len(frame):
        frame = frame.astype(dict.fromkeys(names, np.float64))
    frame.attrs["constants"] = dict(zip(names, constants.tolist(), strict=True))
    return frame


_BEFORE = (
    "tree_index",
    "node_depth",
    "node_index",
    "left_child",
    "right_child",
    "parent_index",
    "split_feature",
    "split_gain",
    "threshold",
    "decision_type",
    "missing_direction",
    "missing_type",
)
_AFTER = ("weight", "count", "head")


def _columns(
    index: int,
    table: NodeTable,
    feature_names: Sequence[str],
    features: FeatureEncoder,
) -> dict[str, list]:
    """What LightGBM's `trees_to_dataframe` has, but for the value."""
    names = [f"{index}-{name}" for name in table.names]

    def at(places: np.ndarray) -> list[str | None]:
        return [None if place < 0 else names[place] for place in places]

    splits = (~table.is_leaf).tolist()
    return {
        "tree_index": [index] * len(names),
        "node_depth": table.depth.tolist(),
        "node_index": names,
        "left_child": at(table.left),
        "right_child": at(table.right),
        "parent_index": at(table.parent),
        "split_feature": [
            feature_names[j] if split else None
            for j, split in zip(table.feature, splits, strict=True)
        ],
        "split_gain": table.gain.tolist(),
        "threshold": [
            threshold_of(features, j, threshold)
            for j, threshold in zip(table.feature, table.threshold, strict=True)
        ],
        "decision_type": table.decision,
        "missing_direction": [
            ("left" if left else "right") if split else None
            for left, split in zip(table.missing_left, splits, strict=True)
        ],
        "missing_type": table.missing_type,
        "weight": table.weight.tolist(),
        "count": table.count.tolist(),
    }


def threshold_of(features: FeatureEncoder, j: int, threshold: Any) -> Any:
    """A split's threshold; of a categorical one the categories that go left."""
    if not isinstance(threshold, str):
        return np.nan if threshold is None else threshold
    return "||".join(map(str, left_categories(features, j, threshold)))


def left_categories(features: FeatureEncoder, j: int, threshold: str) -> list[Any]:
    """The user's categories behind LightGBM's codes, "0||2"."""
    known = features.categories(j)
    return [known[int(code)] for code in threshold.split("||")]
