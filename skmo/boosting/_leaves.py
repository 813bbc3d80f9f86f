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
    bag: np.ndarray | None = None,
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
    bag : ndarray of shape (n_rows,), bool, optional
        The rows that count; None means all.

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
            None if bag is None else bag[rows],
        )
    ):
        total += part
    return total


def _block_sums(
    leaf: np.ndarray,
    values: np.ndarray,
    n_leaves: int,
    bag: np.ndarray | None,
) -> np.ndarray:
    n = len(leaf)
    ones = np.ones(n, np.float32) if bag is None else bag.astype(np.float32)
    one_hot = sp.csc_matrix(
        (ones, leaf, np.arange(n + 1, dtype=np.int32)),
        shape=(n_leaves, n),
        copy=False,
    )
    return one_hot @ values


def leaf_prior(energy: np.ndarray, curvature: np.ndarray) -> np.ndarray:
    r"""The L2 penalty that weighs like one row, for each score.

    A shared tree's leaf may hold next to nothing of an objective it was not
    grown for: twenty rows without a positive of a rare label but one have a
    Hessian of nearly 0, and a Newton step that is off the scale. With a normal
    prior of variance :math:`\tau^2` on leaf values the step's penalty is
    :math:`\varphi / \tau^2`, where :math:`\varphi = E[g^2] / E[h]` is the noise
    of one row in units of its curvature; here :math:`\tau = 1`, one standard
    deviation of a standardised target or one unit of log-odds or logarithm. At
    the constants that a fit starts from it is 1 for squared error and log loss
    and the dispersion for counts. It counts in rows of weight 1.

    A single objective needs no prior, since its trees are grown for it alone:
    its penalty is 0, and LightGBM's trees are reproduced.

    Parameters
    ----------
    energy : ndarray of shape (n_scores,)
        Weighted sum over rows of the squared gradients, at the constants.
    curvature : ndarray of shape (n_scores,) or (1,)
        Weighted sum over rows of the Hessians.

    Returns
    -------
    ndarray of shape (n_scores,), float64

    References
    ----------
    A penalty of 1 is the default of Chen and Guestrin, "XGBoost: a scalable
    tree boosting system", KDD 2016 (its equation 2), where it is not scaled by
    the loss.
    """
    if len(energy) == 1:
        return np.zeros(1)
    curvature = np.broadcast_to(curvature, energy.shape)
    return np.divide(energy, curvature, out=np.zeros(len(energy)), where=curvature > 0)


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
    reg_lambda : float, or ndarray that broadcasts over leaves and scores

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
