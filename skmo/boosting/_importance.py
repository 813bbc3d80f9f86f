"""What each objective gained from each feature."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ._grown import Tree
from ._memory import Remembers


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
        by_feature = np.zeros((self.total.shape[1], gains.shape[1]))
        np.add.at(by_feature, features, gains)
        np.add.at(self.total, self._owner, by_feature.T)

    def keep(self, objectives: np.ndarray) -> None:
        """Take the total so far as the best of these objectives."""
        self.best[objectives] = self.total[objectives]
