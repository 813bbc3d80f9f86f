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


@dataclass(frozen=True)
class TreeReader:
    """Reads the trees of a fitted estimator in the user's terms.

    Parameters
    ----------
    result : BoostingResult
    features : FeatureEncoder
    feature_names, objective_names, score_names : list of str
    factor : ndarray of shape (n_scores,)
        From the booster's scores to the user's.
    """

    result: BoostingResult
    features: FeatureEncoder
    feature_names: list[str]
    objective_names: list[str]
    score_names: list[str]
    factor: np.ndarray

    def shared(self, start: int = 0, stop: int | None = None) -> list[ValuedNodes]:
        """Shared trees, by their part in predictions."""
        result, factor = self.result, self.factor.copy()
        for columns, head in zip(result.coder.scores, result.heads, strict=True):
            if head is not None:
                share = head.shared_share
                factor[columns] *= share if share > 0 else np.nan
        return [
            ValuedNodes(None, table, values * factor)
            for table, values in shared_nodes(result, start, stop)
        ]

    def own(self) -> Iterator[ValuedNodes]:
        """The objectives' own trees, by their part in predictions."""
        coder = self.result.coder
        pairs = zip(coder.scores, self.result.heads, strict=True)
        for k, (columns, head) in enumerate(pairs):
            if head is None:
                continue
            for table, own in head.trees.valued_nodes():
                values = np.full((len(own), coder.n_scores), np.nan)
                values[:, columns] = own * self.factor[columns] * head.share
                yield ValuedNodes(k, table, values)

    def columns(self, index: int, tree: ValuedNodes) -> dict[str, list]:
        """One tree's rows of the frame, column by column."""
        table = tree.table
        found = _lightgbm_columns(index, table, self.feature_names, self.features)
        values = table.spread(tree.values)
        for name, column in zip(self.score_names, values.T, strict=True):
            found[VALUE + name] = column.tolist()
        found["weight"] = table.weight.tolist()
        # LightGBM does not count the rows of a tree without a split.
        found["count"] = [int(n) if n == n else np.nan for n in table.count]
        head = None if tree.head is None else self.objective_names[tree.head]
        found["head"] = [head] * len(table.names)
        return found

    def one(self, index: int) -> dict[str, list]:
        """The rows of tree ``index``.

        Raises
        ------
        ValueError
            If there is no such tree.
        """
        n_shared = self.result.forest.n_trees
        if 0 <= index < n_shared:
            return self.columns(index, self.shared(index, index + 1)[0])
        n_trees = n_shared
        for tree in self.own():
            if n_trees == index:
                return self.columns(index, tree)
            n_trees += 1
        raise ValueError(
            f"The 'tree_index' parameter must be from 0 to {n_trees - 1}, as there are "
            f"{n_trees} trees. Got {index!r} instead."
            if n_trees
            else f"There is no tree for 'tree_index' {index!r}, as none could be "
            "grown: lower 'min_child_samples' or 'min_split_gain', or pass features "
            "that vary."
        )

    def frame(self, trees: str) -> Any:
        """The pandas DataFrame that `to_dataframe` documents, without attributes."""
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError(
                'to_dataframe needs pandas: pip install "skmo[pandas]".'
            ) from error
        values = [VALUE + name for name in self.score_names]
        rows: dict[str, list] = {name: [] for name in (*_BEFORE, *values, *_AFTER)}
        chosen: list[ValuedNodes] = [] if trees == "own" else self.shared()
        if trees != "shared":
            chosen = [*chosen, *self.own()]
        first = self.result.forest.n_trees if trees == "own" else 0
        for index, tree in enumerate(chosen, start=first):
            for name, column in self.columns(index, tree).items():
                rows[name].extend(column)
        frame = pd.DataFrame(rows)
        return frame if len(frame) else frame.astype(dict.fromkeys(values, np.float64))


# How the names of the columns of values begin.
VALUE = "value_"
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


def _lightgbm_columns(
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
    }


def threshold_of(features: FeatureEncoder, j: int, threshold: Any) -> Any:
    """A split's threshold; of a categorical one the categories that go left."""
    if not isinstance(threshold, str):
        return np.nan if threshold is None else threshold
    return "||".join(map(str, left_categories(features, j, threshold)))


def left_categories(features: FeatureEncoder, j: int, threshold: str) -> list[Any]:
    """The user's categories behind LightGBM's codes, "0||2"."""
    known = features.categories(j)
    return [plain(known[int(code)]) for code in threshold.split("||")]


def plain(label: Any) -> Any:
    """A label for words: whole numbers without a point."""
    whole = isinstance(label, float) and label.is_integer()
    return int(label) if whole else label
