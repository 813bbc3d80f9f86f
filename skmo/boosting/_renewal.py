"""Leaf values of objectives whose curvature tells nothing: quantiles."""

from __future__ import annotations

import numpy as np

from ..objectives import grouped_quantile
from ..objectives._quantile import Grouping
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
    towards the quantile of its residuals, which minimises it (but for the interpolation
    between two rows, as in LightGBM).

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
    grouping, alone = None, train.communicator.n_workers == 1
    for k, objective in enumerate(coder.objectives):
        column = coder.scores[k].start
        if objective.leaf_quantile is None or column not in columns:
            continue
        level = objective.leaf_quantile
        if train.observed is None and train.weight is None and alone:
            # All objectives see the same rows: sort them by leaf once.
            if grouping is None:
                rows = slice(None) if tree.bag is None else np.flatnonzero(tree.bag)
                grouping = Grouping(tree.leaf[rows], tree.n_leaves)
            residual = train.target(k)[rows] - scores[rows, column]
            quantile = grouping.quantile(residual, level)
        else:
            quantile = _of_some_rows(k, level, tree, train, scores[:, column])
        values[:, column] = learning_rate * np.nan_to_num(quantile)


def _of_some_rows(
    k: int, level: float, tree: Tree, train: TargetRows, score: np.ndarray
) -> np.ndarray:
    """Quantiles of the observed rows' residuals by their weights."""
    target = train.target(k)
    kept = ~np.isnan(target)
    if tree.bag is not None:
        kept &= tree.bag
    weight = train.weight_of(k)
    if weight is not None:
        kept &= weight > 0
        weight = weight[kept]
    rows = np.flatnonzero(kept)
    residual = target[rows] - score[rows]
    # Quantiles are no sums: one process sees the residuals of all.
    found = train.communicator.together(residual, tree.leaf[rows], weight)
    return train.communicator.decide(
        lambda: grouped_quantile(*found[:2], tree.n_leaves, level, found[2])
    )
