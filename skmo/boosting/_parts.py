"""The trees of a round: one for all scores, or one for each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ._direction import Derivatives, project
from ._grown import Tree
from ._leaves import leaf_sums
from ._rows import TargetRows
from ._trajectory import score_squares, stationarity_gap
from ._tree import TreeGrower


@dataclass(frozen=True)
class Part:
    """A tree of a round, and the scores it has values for.

    Attributes
    ----------
    tree : Tree
    direction : ndarray of shape (n_scores,)
        What it was grown on.
    scores : ndarray of int
    gradient, hessian : ndarray of shape (n_leaves, len(scores))
        Summed over its leaves.
    """

    tree: Tree
    direction: np.ndarray
    scores: np.ndarray
    gradient: np.ndarray
    hessian: np.ndarray

    def wide(self, values: np.ndarray, n_scores: int) -> np.ndarray:
        """Columns of its scores among columns of all; 0 elsewhere."""
        if values.shape[1] == n_scores:
            return values
        full = np.zeros((len(values), n_scores), dtype=values.dtype)
        full[:, self.scores] = values
        return full


def grow_parts(
    grower: TreeGrower,
    found: Derivatives,
    direction: np.ndarray,
    train: TargetRows,
    *,
    apart: bool,
) -> list[Part]:
    """The round's trees; none where no split meets the requirements.

    Parameters
    ----------
    grower : TreeGrower
    found : Derivatives
    direction : ndarray of shape (n_scores,)
    train : TargetRows
    apart : bool
        Whether each score with a direction gets a tree of its own.
    """
    n_scores = len(direction)
    directions = [direction]
    if apart:
        directions = list(np.eye(n_scores, dtype=np.float32)[direction != 0])
    parts = []
    for r in directions:
        scores = np.flatnonzero(r) if apart else np.arange(n_scores)
        g, h, share = found.gradient, found.hessian, 1.0
        if len(scores) < n_scores:
            # Untouched, as for a single score.
            g = np.ascontiguousarray(g[:, scores])
            h = np.ascontiguousarray(h[:, scores % h.shape[1]])
            share = train.share_observed(train.coder.owner[scores[0]])
        row_g, row_h, r = project(g, h, r[scores], train)
        tree = grower.grow(row_g, row_h, share)
        if tree is not None:
            *sums, counts = train.communicator.sum(
                leaf_sums(tree.leaf, g, tree.n_leaves, train.blocks, tree.bag),
                _hessian_sums(tree, h, train),
                tree.counts,
            )
            sums[1] = np.broadcast_to(sums[1], sums[0].shape)
            parts.append(Part(replace(tree, counts=counts), r, scores, *sums))
    return parts


def _hessian_sums(tree: Tree, hessian: np.ndarray, train: TargetRows) -> np.ndarray:
    """The Hessian summed over the leaves: their rows where it is 1."""
    if train.unit_hessian:
        return tree.counts[:, np.newaxis].astype(np.float64)
    return leaf_sums(tree.leaf, hessian, tree.n_leaves, train.blocks, tree.bag)


def joint_gap(
    parts: list[Part],
    cell_weights: np.ndarray | None,
    train: TargetRows,
    scale: np.ndarray,
    active: np.ndarray,
) -> float:
    """The Pareto-stationarity gap by the leaf values of the round's trees.

    Parameters
    ----------
    parts : list of Part
    cell_weights : ndarray or None
        See `TargetRows.cell_weights`.
    train : TargetRows
    scale, active : ndarray of shape (n_objectives,)
        See `stationarity_gap`.
    """
    owner, n_objectives = train.coder.owner, len(active)
    if train.pulls is not None and cell_weights is not None:
        # A row counts once, whichever objectives observe it.
        cell_weights = cell_weights.max(axis=1, keepdims=True)
    products = np.zeros((n_objectives, n_objectives))
    for part in parts:
        totals = _leaf_weights(part.tree, cell_weights, train)
        if train.pulls is not None:
            total = totals[:, 0].astype(np.float64)
            products += train.pulls.on_leaves(
                part.tree, part.scores, total, train.blocks
            )
            continue
        sums = part.wide(part.gradient, len(owner))
        squares = score_squares(sums, totals, owner)
        np.fill_diagonal(
            products, np.diag(products) + np.bincount(owner, squares, n_objectives)
        )
    return stationarity_gap(products, scale, active)


def _leaf_weights(
    tree: Tree, cell_weights: np.ndarray | None, train: TargetRows
) -> np.ndarray:
    """Weights of the leaves' observed targets, (n_leaves, 1 or n_objectives)."""
    if cell_weights is None:
        return tree.counts[:, np.newaxis]
    sums = leaf_sums(tree.leaf, cell_weights, tree.n_leaves, train.blocks, tree.bag)
    return train.communicator.sum(sums)[0]
