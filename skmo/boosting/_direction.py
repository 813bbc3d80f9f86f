"""From many gradients per row to the one a tree is grown on."""

from __future__ import annotations

import numpy as np

from ..balancing import Balancer
from ._blocks import RowBlocks
from ._rows import TargetRows
from .structure import StructureRule, StructureState

# Rows from which Gramians are estimated: K = 100 objectives cost 2 GFLOP a round.
_GRAMIAN_ROWS = 100_000


def gramian(
    gradient: np.ndarray, weight: np.ndarray | None, rng: np.random.Generator
) -> np.ndarray:
    """Cosines between the scores' gradients over rows, (n_scores, n_scores).

    The diagonal is 1 (0 for a gradient that vanishes). Beyond 100 000 rows the
    cosines are estimated from a seeded sample of so many. BLAS adds them up, and
    another number of BLAS threads (not ``n_jobs``) may change their last digits.

    Parameters
    ----------
    gradient : ndarray of shape (n_samples, n_scores)
        Times the weights.
    weight : ndarray of shape (n_samples, 1) or (n_samples, n_scores), or None
        A row counts by its weight, as that many rows would.
    rng : numpy.random.Generator
    """
    n = len(gradient)
    if n > _GRAMIAN_ROWS:
        rows = np.sort(rng.choice(n, _GRAMIAN_ROWS, replace=False, shuffle=False))
        gradient = gradient[rows]
        weight = None if weight is None else weight[rows]
    if weight is not None:
        root = np.sqrt(weight)
        gradient = np.divide(
            gradient, root, out=np.zeros_like(gradient), where=root > 0
        )
    products = (gradient.T @ gradient).astype(np.float64)
    scale = inverse(np.sqrt(np.diag(products)))
    return scale[:, None] * products * scale


def inverse(norms: np.ndarray) -> np.ndarray:
    """1 / norms, and 0 for a norm of 0."""
    return np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0)


class StructureGradient:
    """Weigh the objectives, choose a direction, project the gradients on it.

    Parameters
    ----------
    rule : StructureRule
    balancer : Balancer
    train : TargetRows
    preference : ndarray of shape (n_objectives,) or None
    seed : int
    """

    def __init__(
        self,
        rule: StructureRule,
        balancer: Balancer,
        train: TargetRows,
        preference: np.ndarray | None,
        seed: int,
    ):
        self._rule, self._balancer = rule, balancer
        self._owner = train.coder.owner
        self._n_objectives = len(train.coder.objectives)
        self._train = train
        self._preference = preference
        self._seed = seed

    def weigh(
        self,
        n_round: int,
        gradient: np.ndarray,
        energy: np.ndarray,
        losses: np.ndarray,
        active: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        """The objectives' weights and the direction over the raw gradients.

        Parameters
        ----------
        n_round : int
            Draws depend on the seed and this alone.
        gradient : ndarray of shape (n_samples, n_scores)
        energy : ndarray of shape (n_scores,)
            Weighted sum over rows of the squared gradients.
        losses : ndarray of shape (n_objectives,)
        active : ndarray of shape (n_objectives,), bool
            Objectives that still learn.

        Returns
        -------
        weights : ndarray of shape (n_objectives,)
            Summing to 1; 0 for an objective that has stopped.
        direction : ndarray of shape (n_scores,), float32
            All zero where nothing is left to learn.
        """
        rng = np.random.default_rng([self._seed, n_round])
        # Root mean squares. A weight counts as that many rows, so that weights
        # equal repetition.
        norms = np.sqrt(energy / len(gradient))
        active = active & (np.bincount(self._owner, norms, self._n_objectives) > 0)
        products = None
        if self._rule.needs_gramian or self._balancer.needs_gramian:
            weight = self._train.weight
            if weight is not None and weight.shape[1] > 1:
                weight = weight[:, self._owner]
            products = gramian(gradient, weight, rng)
        weights = self._weights(products, losses)
        weights = np.where(active, weights, 0.0)
        if weights.sum() == 0.0:
            return weights, np.zeros(len(norms), dtype=np.float32)
        weights /= weights.sum()
        if len(norms) == 1:
            return weights, np.ones(1, dtype=np.float32)
        state = StructureState(self._owner, weights, products)
        direction = self._direction(state, rng)
        return weights, (direction * inverse(norms)).astype(np.float32)

    def _weights(self, products: np.ndarray | None, losses: np.ndarray) -> np.ndarray:
        n = self._n_objectives
        if self._balancer.needs_gramian:
            of_objectives = objective_gramian(products, self._owner)
        else:
            of_objectives = np.eye(n)
        weights = np.asarray(
            self._balancer.weights(of_objectives, losses, preference=self._preference),
            dtype=np.float64,
        )
        good = weights.shape == (n,) and np.isfinite(weights).all()
        if not good or (weights < 0).any() or not weights.any():
            raise ValueError(
                f"The balancer {self._balancer!r} must return {n} finite weights of at "
                f"least 0, not all 0. Got {weights} instead."
            )
        return weights

    def _direction(self, state: StructureState, rng: np.random.Generator) -> np.ndarray:
        direction = np.asarray(self._rule.direction(state, rng), dtype=np.float64)
        shape = self._owner.shape
        good = direction.shape == shape and np.isfinite(direction).all()
        if not good or not direction.any():
            raise ValueError(
                f"The structure rule {self._rule!r} must return a finite direction of "
                f"shape {shape}, not all 0. Got {direction} instead."
            )
        return direction / np.linalg.norm(direction)


def objective_gramian(products: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """From a Gramian of scores to one of objectives.

    The scores' own where each objective has one; otherwise an entry is the
    Frobenius norm of the block of products between two objectives' scores.
    """
    n_objectives = int(owner.max()) + 1
    if n_objectives == len(owner):
        return products
    squares = np.zeros((n_objectives, n_objectives))
    np.add.at(squares, (owner[:, None], owner[None, :]), products**2)
    return np.sqrt(squares)


def project(
    gradient: np.ndarray,
    hessian: np.ndarray,
    direction: np.ndarray,
    blocks: RowBlocks,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The structure gradient ``G r`` and its Hessian ``H r**2``, per row.

    The direction is lengthened such that the Hessian is 1 in the mean: gains
    do not depend on it, but LightGBM's ``min_sum_hessian_in_leaf`` and
    ``reg_lambda`` then count in rows, as they do for squared error. With one
    score both are the score's own, untouched.

    Returns
    -------
    g, h : ndarray of shape (n_samples,), float32
    direction : ndarray of shape (n_scores,), float32
        As lengthened.
    """
    n, n_scores = gradient.shape
    if n_scores == 1:
        return gradient[:, 0], hessian[:, 0], direction
    squares = direction**2
    if hessian.shape[1] == 1:
        squares = squares.sum(keepdims=True)
    g, h = np.empty(n, dtype=np.float32), np.empty(n, dtype=np.float32)

    def block(rows: slice) -> float:
        # einsum, as BLAS may sum in another order for another thread count.
        np.einsum("ij,j->i", gradient[rows], direction, out=g[rows])
        np.einsum("ij,j->i", hessian[rows], squares, out=h[rows])
        return h[rows].sum(dtype=np.float64)

    mean = sum(blocks.map(block)) / n
    if mean > 0.0:
        length = np.float32(1.0 / np.sqrt(mean))
        g *= length
        h *= length**2
        direction = direction * length
    return g, h, direction
