"""Leaf values of objectives whose curvature tells nothing: quantiles."""

from __future__ import annotations

import numpy as np

from ..objectives import grouped_quantile
from ._grown import Tree
from ._rows import TargetRows


def renew_by_quantile(
    values: np.ndarray,
    tree: Tree,
    train: TargetRows,
    scores: np.ndarray,
    learning_rate: float,
    columns: np.ndarray,
) -> None:
    """Replace the steps of `Objective.leaf_quantile` objectives, in place.

    The pinball loss has no curvature: in place of a Newton step a leaf moves
    towards the quantile of its residuals, its exact minimiser.

    Parameters
    ----------
    values : ndarray of shape (n_leaves, n_scores)
    tree : Tree
    train : TargetRows
    scores : ndarray of shape (n_samples, n_scores)
        Before the tree.
    learning_rate : float
    columns : ndarray of int
        The scores that the tree has values for.

    References
    ----------
    Friedman, "Greedy function approximation: a gradient boosting machine",
    Annals of Statistics 29 (2001), algorithm 3 (least absolute deviation).
    """
    coder = train.coder
    if coder.shares_score:
        return  # No one objective's quantile is the step of them all.
    for k, objective in enumerate(coder.objectives):
        column = coder.scores[k].start
        if objective.leaf_quantile is None or column not in columns:
            continue
        target = train.target(k)
        kept = ~np.isnan(target)
        if tree.bag is not None:
            kept &= tree.bag
        weight = train.weight_of(k)
        if weight is not None:
            kept &= weight > 0
            weight = weight[kept]
        rows = np.flatnonzero(kept)
        residual = target[rows] - scores[rows, column]
        quantile = grouped_quantile(
            residual, tree.leaf[rows], tree.n_leaves, objective.leaf_quantile, weight
        )
        values[:, column] = learning_rate * np.nan_to_num(quantile)
