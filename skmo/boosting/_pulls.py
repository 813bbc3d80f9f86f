"""The gradients of objectives that share scores, before they become one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._blocks import RowBlocks
from ._gramian import inverse
from ._grown import Tree
from ._leaves import leaf_sums


@dataclass
class Pulls:
    """How each objective pulls on each score.

    Attributes
    ----------
    gradient : ndarray of shape (n_samples, n_objectives, n_scores), float32
        Of each objective's weighted loss by every score.
    products : ndarray of shape (n_objectives, n_objectives)
        Inner products of the objectives' gradients over rows and scores, a row
        counting by its weight.
    """

    gradient: np.ndarray
    products: np.ndarray

    @property
    def cosines(self) -> np.ndarray:
        """Between the objectives' gradients, (n_objectives, n_objectives)."""
        scale = inverse(np.sqrt(np.diag(self.products)))
        return scale[:, None] * self.products * scale

    def on_leaves(
        self, tree: Tree, scores: np.ndarray, totals: np.ndarray, blocks: RowBlocks
    ) -> np.ndarray:
        """Inner products of the gradients by a tree's leaf values.

        Parameters
        ----------
        tree : Tree
        scores : ndarray of int
            Those the tree has values for.
        totals : ndarray of shape (n_leaves,)
            What the rows of each leaf count.
        blocks : RowBlocks

        Returns
        -------
        ndarray of shape (n_objectives, n_objectives)
            In coordinates in which the leaves' indicators over the rows are
            orthonormal; a row counts 1 over the total.
        """
        n, n_objectives, _ = self.gradient.shape
        columns = self.gradient[:, :, scores].reshape(n, -1)
        sums = leaf_sums(tree.leaf, columns, tree.n_leaves, blocks, tree.bag)
        sums *= np.sqrt(inverse(totals * totals.sum()))[:, None]
        sums = sums.reshape(tree.n_leaves, n_objectives, -1)
        return np.einsum("lks,ljs->kj", sums, sums)
