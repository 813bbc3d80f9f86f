"""What each objective gained from each feature."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ._grown import Tree
from ._memory import Remembers
from ._nodes import NodeTable

if TYPE_CHECKING:
    from ._result import BoostingResult


def split_gains(
    tree: Tree, gradient: np.ndarray, hessian: np.ndarray, reg_lambda: float
) -> np.ndarray:
    r"""The gain of each split for each score.

    With :math:`q = (\sum G)^2 / (\sum H + \lambda)` of the rows below a node,
    the gain is :math:`q_{left} + q_{right} - q_{node}`, at least 0: LightGBM's
    gain without L1 penalty, of each score's own gradients where LightGBM takes
    the structure gradient.

    Parameters
    ----------
    tree : Tree
    gradient, hessian : ndarray of shape (n_leaves, n_scores)
        Sums over each leaf's rows.
    reg_lambda : float

    Returns
    -------
    ndarray of shape (n_leaves - 1, n_scores)
    """
    n_nodes = len(tree.split_feature)
    # Inner nodes first, then leaves, so that ~leaf indexes from the end.
    sums = np.zeros((2, n_nodes + tree.n_leaves, gradient.shape[1]))
    sums[0, n_nodes:], sums[1, n_nodes:] = gradient, hessian
    children = np.column_stack([tree.left_child, tree.right_child])
    children = np.where(children < 0, n_nodes + ~children, children)
    # A node is numbered before the nodes below it.
    for node in range(n_nodes - 1, -1, -1):
        sums[:, node] = sums[:, children[node, 0]] + sums[:, children[node, 1]]
    curvature = sums[1] + reg_lambda
    quality = np.zeros_like(curvature)
    np.divide(sums[0] ** 2, curvature, out=quality, where=curvature > 0)
    gains = quality[children[:, 0]] + quality[children[:, 1]] - quality[:n_nodes]
    # A split made for other objectives may cost this one more penalty than it
    # explains: it gained nothing there.
    return np.maximum(gains, 0.0)


class GainImportance(Remembers):
    """Total gain per objective and feature, as of each objective's best round.

    Parameters
    ----------
    owner : ndarray of shape (n_scores,), int
        The objective each score belongs to.
    total, best : ndarray of shape (n_objectives, n_features)
        What earlier fits gained: in all, and by each objective's best round.
    """

    _memory: ClassVar = ("total", "best")

    def __init__(self, owner: np.ndarray, total: np.ndarray, best: np.ndarray):
        self._owner = owner
        self.total = total.copy()
        self.best = best.copy()

    def add(self, features: np.ndarray, gains: np.ndarray) -> None:
        """Add one tree's splits: (n_splits,) features, (n_splits, n_scores) gains."""
        used, place = np.unique(features, return_inverse=True)
        by_feature = np.zeros((len(used), gains.shape[1]))
        np.add.at(by_feature, place, gains)
        by_objective = np.zeros((len(self.total), len(used)))
        np.add.at(by_objective, self._owner, by_feature.T)
        self.total[:, used] += by_objective

    def keep(self, objectives: np.ndarray) -> None:
        """Take the total so far as the best of these objectives."""
        self.best[objectives] = self.total[objectives]


def used_trees(result: BoostingResult) -> np.ndarray:
    """Which shared trees each score is made of, (n_trees, n_scores) of bool.

    Those of its objective's rounds that have a value for it: a tree grown for other
    scores alone has none.
    """
    forest, owner = result.forest, result.coder.owner
    n_trees = np.array([0, *forest.ends])[result.n_iter[owner]]
    used = np.zeros((forest.n_trees, len(owner)), dtype=bool)
    for t, values in enumerate(forest.values):
        used[t] = (t < n_trees) & (values != 0).any(axis=0)
    return used


def split_counts(result: BoostingResult) -> np.ndarray:
    """Splits in the shared trees of each objective, (n_objectives, n_features)."""
    used = used_trees(result)
    features = result.forest.splits("split_feature", np.int64)
    counts = np.zeros(result.importances.shape, dtype=np.int64)
    for k, columns in enumerate(result.coder.scores):
        chosen = [features[t] for t in np.flatnonzero(used[:, columns].any(axis=1))]
        if chosen:
            counts[k] = np.bincount(np.concatenate(chosen), minlength=counts.shape[1])
    return counts


def structure_importance(result: BoostingResult, kind: str) -> np.ndarray:
    """What the shared trees themselves split on, (n_features,).

    ``kind`` is "gain", in the structure gradient, or "split". Trees that no score is
    made of do not count.
    """
    used = used_trees(result).any(axis=1)
    n_features = result.importances.shape[1]
    features = result.forest.splits("split_feature", np.int64)
    if kind == "split":
        added, total = [1] * len(features), np.zeros(n_features, dtype=np.int64)
    else:
        added = result.forest.splits("split_gain", np.float64)
        total = np.zeros(n_features)
    for t in np.flatnonzero(used):
        np.add.at(total, features[t], added[t])
    return total


def shared_nodes(
    result: BoostingResult, start: int = 0, stop: int | None = None
) -> list[tuple[NodeTable, np.ndarray]]:
    """Shared trees, and their leaves' values (n_leaves, n_scores).

    NaN where a score is not made of the tree.
    """
    used, forest = used_trees(result)[start:stop], result.forest
    return [
        (table, np.where(kept, values.astype(np.float64), np.nan))
        for table, values, kept in zip(
            forest.nodes(start, stop), forest.values[start:stop], used, strict=True
        )
    ]
