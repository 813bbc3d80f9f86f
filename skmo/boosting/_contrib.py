"""What each feature contributes to the scores: LightGBM's SHAP values."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from ._export import lightgbm_text
from ._tree import QUIET, read_booster
from ._tree_text import TreeSum, ValuedTree
from ._turns import ModelTurns

# Cells of a block of sparse rows that is made dense.
_DENSE_CELLS = 1 << 22


def only_scores(trees: TreeSum, columns: slice) -> TreeSum:
    """Some of the scores."""
    kept = []
    for tree in trees.trees:
        inside = (tree.columns >= columns.start) & (tree.columns < columns.stop)
        if inside.any():
            places = tree.columns[inside] - columns.start
            values = tree.values[:, inside]
            kept.append(ValuedTree(tree.tree, places, values, tree.n_round))
    return TreeSum(trees.constants[columns], kept, trees.feature_infos)


def contributions(
    trees: TreeSum, X: np.ndarray | sp.csr_matrix, n_threads: int = 1
) -> np.ndarray:
    """Contributions of the features to the scores, and what they add up from.

    Parameters
    ----------
    trees : TreeSum
    X : ndarray or csr_matrix of shape (n_samples, n_features)
        Encoded as the trees read it.
    n_threads : int

    Returns
    -------
    ndarray of shape (n_samples, n_scores, n_features + 1)
    """
    n_samples, n_features = X.shape
    names = [f"Column_{j}" for j in range(n_features)]
    booster = read_booster(lightgbm_text(trees, objective=None, feature_names=names))
    turns = ModelTurns()
    shape = (n_samples, trees.n_scores, n_features + 1)
    found = np.empty(shape)
    # LightGBM gives sparse contributions for sparse rows, slowly.
    size = max(_DENSE_CELLS // n_features, 1) if sp.issparse(X) else n_samples
    for start in range(0, n_samples, size):
        rows = X[start : start + size]
        with turns.taken(True, n_threads) as n_granted:
            part = booster.predict(
                rows.toarray() if sp.issparse(rows) else rows,
                pred_contrib=True,
                num_threads=n_granted,
                **QUIET,
            )
        found[start : start + size] = part.reshape(-1, *shape[1:])
    return found
