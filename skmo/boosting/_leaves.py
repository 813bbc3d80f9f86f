"""Leaf values: sums over a leaf's rows, and the step they give."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from ._blocks import RowBlocks


def leaf_sums(
    leaf: np.ndarray,
    values: np.ndarray,
    n_leaves: int,
    blocks: RowBlocks,
    row_weight: np.ndarray | None = None,
) -> np.ndarray:
    """Sum the rows of ``values`` that share a leaf.

    A sparse one-hot product in float32 within each block of rows, added up in
    float64 over the blocks: several times faster than ``np.bincount`` per
    column, and no sum runs over more rows than a block holds.

    Parameters
    ----------
    leaf : ndarray of shape (n_rows,), int32
    values : ndarray of shape (n_rows, n_scores), float32
    n_leaves : int
    blocks : RowBlocks
    row_weight : ndarray of shape (n_rows,), float32, optional
        Factor of each row, 0 for a row out of the bag.

    Returns
    -------
    ndarray of shape (n_leaves, n_scores), float64
    """
    total = np.zeros((n_leaves, values.shape[1]))
    for part in blocks.map(
        lambda rows: _block_sums(
            leaf[rows],
            values[rows],
            n_leaves,
            None if row_weight is None else row_weight[rows],
        )
    ):
        total += part
    return total


def _block_sums(
    leaf: np.ndarray,
    values: np.ndarray,
    n_leaves: int,
    row_weight: np.ndarray | None,
) -> np.ndarray:
    n = len(leaf)
    if row_weight is None:
        row_weight = np.ones(n, dtype=np.float32)
    one_hot = sp.csc_matrix(
        (row_weight, leaf, np.arange(n + 1, dtype=np.int32)),
        shape=(n_leaves, n),
        copy=False,
    )
    return one_hot @ values


def newton_steps(
    gradient: np.ndarray,
    hessian: np.ndarray,
    *,
    learning_rate: float,
    reg_alpha: float,
    reg_lambda: np.ndarray | float,
) -> np.ndarray:
    r"""The leaf values :math:`-\eta\, T_\alpha(\sum G) / (\sum H + \lambda)`.

    :math:`T_\alpha` is soft thresholding, as LightGBM applies ``reg_alpha``.

    Parameters
    ----------
    gradient, hessian : ndarray of shape (n_leaves, n_scores)
        Sums over each leaf's rows.
    learning_rate, reg_alpha : float
    reg_lambda : float or ndarray of shape (n_leaves, 1)

    Returns
    -------
    ndarray of shape (n_leaves, n_scores), float64
        0 where a leaf holds no observed row of the objective.

    References
    ----------
    Chen and Guestrin, "XGBoost: a scalable tree boosting system", KDD 2016,
    equation 5.
    """
    if reg_alpha > 0:
        gradient = np.sign(gradient) * np.maximum(np.abs(gradient) - reg_alpha, 0.0)
    curvature = hessian + reg_lambda
    step = np.zeros_like(gradient)
    np.divide(gradient, curvature, out=step, where=curvature > 0)
    return -learning_rate * step
