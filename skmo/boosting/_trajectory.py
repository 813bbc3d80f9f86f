"""What a fit remembers of the objectives' gradients, round by round."""

from __future__ import annotations

import numpy as np

from ..balancing import MGDA
from ._gramian import draw_rows, objective_cosines

# Cosines of more objectives than this would fill the memory, (n_rounds, K, K).
MAX_OBJECTIVES = 64
_ROWS, _PRODUCTS = 10_000, 5e7


def watched_rows(
    n_rows: int, n_scores: int, rng: np.random.Generator
) -> np.ndarray | None:
    """The rows whose gradients are compared in every round; None for all."""
    n = min(_ROWS, max(int(_PRODUCTS / n_scores**2), 1000))
    return draw_rows(n_rows, n, rng)


def history_cosines(
    between_scores: np.ndarray, owner: np.ndarray, active: np.ndarray
) -> np.ndarray:
    """Between objectives, (n_objectives, n_objectives) float32.

    NaN for objectives that have stopped.
    """
    found = objective_cosines(between_scores, owner).astype(np.float32)
    found[~active] = np.nan
    found[:, ~active] = np.nan
    return found


def conflict_share(between: np.ndarray, owner: np.ndarray) -> float:
    """The share of pairs with a negative cosine; NaN without a pair.

    Objectives with several scores are left out: their likeness has no sign.
    """
    single = np.bincount(owner) == 1
    between = between[np.ix_(single, single)]
    pairs = between[np.triu_indices(len(between), 1)]
    pairs = pairs[np.isfinite(pairs)]
    return float((pairs < 0).mean()) if pairs.size else float("nan")


def score_squares(
    sums: np.ndarray, totals: np.ndarray, owner: np.ndarray
) -> np.ndarray:
    """Squared lengths of the scores' gradients by a tree's leaf values.

    In coordinates in which the leaves' indicators over the rows are orthonormal;
    a row counts 1 over the total weight.

    Parameters
    ----------
    sums : ndarray of shape (n_leaves, n_scores)
        Weighted gradients summed over the leaves' rows.
    totals : ndarray of shape (n_leaves, 1) or (n_leaves, n_objectives)
        Weights of the rows that observe the objective, summed likewise.
    owner : ndarray of shape (n_scores,), int
    """
    totals = np.broadcast_to(totals, (len(sums), 1 + owner.max()))[:, owner]
    squares = np.divide(
        sums**2, totals, out=np.zeros(sums.shape), where=totals > 0
    ).sum(axis=0)
    return squares / np.maximum(totals.sum(axis=0), np.finfo(float).tiny)


def stationarity_gap(
    products: np.ndarray, scale: np.ndarray, active: np.ndarray
) -> float:
    r"""Norm of the min-norm convex combination of the objectives' gradients.

    With respect to the leaf values of the round's trees, and each objective in
    units of its whole gradient before the first tree. Objectives with scores of
    their own have orthogonal gradients, and the minimum is known: with lengths
    :math:`\gamma_k` it is :math:`(\sum_k \gamma_k^{-2})^{-1/2}`.

    Parameters
    ----------
    products : ndarray of shape (n_objectives, n_objectives)
        Inner products of the gradients.
    scale : ndarray of shape (n_objectives,)
        Weighted mean of the squared gradient before the first tree.
    active : ndarray of shape (n_objectives,), bool
        Objectives that still learn.
    """
    # What had no gradient at first has no unit either.
    active = active & (scale > 0)
    unit = np.sqrt(scale[active])
    squares = np.diag(products)[active] / scale[active]
    if not squares.size or not squares.all():
        return 0.0
    if np.count_nonzero(products) == np.count_nonzero(np.diag(products)):
        return float(1.0 / np.sqrt((1.0 / squares).sum()))
    products = products[np.ix_(active, active)] / np.outer(unit, unit)
    weights = MGDA().weights(products)
    return float(np.sqrt(max(weights @ products @ weights, 0.0)))
