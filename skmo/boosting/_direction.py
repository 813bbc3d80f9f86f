"""From many gradients per row to the one a tree is grown on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..balancing import Balancer
from ._gramian import (
    cosines,
    draw_rows,
    inverse,
    nearest_correlation,
    sample_size,
    structure_gramian,
)
from ._rows import TargetRows
from ._trajectory import MAX_OBJECTIVES, history_cosines, watched_rows
from ._weigher import Weigher
from .structure import StructureRule, StructureState


@dataclass(frozen=True)
class RoundDirection:
    """What a round's tree is grown on.

    Attributes
    ----------
    weights : ndarray of shape (n_objectives,)
        Summing to 1; 0 for an objective that has stopped.
    direction : ndarray of shape (n_scores,), float32
        Over the raw gradients. All zero where nothing is left to learn.
    cosines : ndarray of shape (n_objectives, n_objectives), float32, or None
        Between the objectives' gradients, for the history.
    """

    weights: np.ndarray
    direction: np.ndarray
    cosines: np.ndarray | None = None


@dataclass
class Derivatives:
    """What the objectives say of the present scores.

    Attributes
    ----------
    gradient : ndarray of shape (n_samples, n_scores), float32
    hessian : ndarray of shape (n_samples, n_scores) or (n_samples, 1), float32
    losses, losses_val : ndarray of shape (n_objectives,)
        On training and on validation rows; NaN where there are none.
    energy : ndarray of shape (n_scores,)
        Weighted sum over rows of the squared gradients.
    """

    gradient: np.ndarray
    hessian: np.ndarray
    losses: np.ndarray
    losses_val: np.ndarray
    energy: np.ndarray

    @classmethod
    def room(cls, shape: tuple[int, int], hessian: np.ndarray) -> Derivatives:
        """Room for those of so many rows and scores; ``hessian`` is such."""
        nothing = np.empty(0)
        gradient = np.empty(shape, dtype=np.float32)
        return cls(gradient, hessian, nothing, nothing, nothing)


def _near_one(direction: np.ndarray) -> np.ndarray:
    """The direction as float32, its largest entry between 1/2 and 1.

    Its length means nothing, and the squares of one over tiny gradients overflow.
    Halved or doubled, no digit is lost.
    """
    _, exponent = np.frexp(np.abs(direction).max())
    return np.ldexp(direction, -exponent).astype(np.float32)


def to_one(weights: np.ndarray) -> np.ndarray:
    """Weights over their sum; unchanged where all are 0."""
    if not weights.any():
        return weights
    # Over the largest first, as the sum of huge ones may overflow.
    weights = weights / weights.max()
    return weights / weights.sum()


class StructureGradient:
    """Weigh the objectives, choose a direction, project the gradients on it.

    Parameters
    ----------
    rule : StructureRule
    balancer : Balancer
        Its memory is cleared.
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
        # The sign of a gradient means nothing to a tree's structure.
        self._weigher = Weigher(balancer, preference)
        self._seed = seed
        # Draws apart from the rounds', which are seeded by non-negative numbers.
        rng = np.random.default_rng([seed, 2**32])
        n_total = train.span.n_total
        self._watched = watched_rows(n_total, len(self._owner), rng)
        self._observed = train.counted()
        self._first_losses: np.ndarray | None = None

    def memory(self) -> Any:
        """What it remembers from round to round."""
        return self._weigher.memory(), self._first_losses

    def remember(self, memory: Any) -> None:
        """Take back what `memory` gave."""
        weigher, self._first_losses = memory
        self._weigher.remember(weigher)

    def weigh(
        self, n_round: int, found: Derivatives, active: np.ndarray
    ) -> RoundDirection:
        """The objectives' weights and the direction over the raw gradients.

        Parameters
        ----------
        n_round : int
            Draws depend on the seed and this alone.
        found : Derivatives
        active : ndarray of shape (n_objectives,), bool
            Objectives that still learn.
        """
        gradient, energy, losses = found.gradient, found.energy, found.losses
        rng = np.random.default_rng([self._seed, n_round])
        # Root mean squares. A weight counts as that many rows, so that weights
        # equal repetition.
        norms = np.sqrt(energy / self._train.span.n_total)
        active = active & (np.bincount(self._owner, norms, self._n_objectives) > 0)
        if not active.any():
            nothing = np.zeros(len(norms), dtype=np.float32)
            return RoundDirection(np.zeros(self._n_objectives), nothing)
        if self._first_losses is None:
            # Rounds are counted on after a warm start, whose scores are further on.
            if n_round > 0:
                first = self._train.losses(self._train.new_scores())
            else:
                first = losses
            self._first_losses = np.where(first > 0, first, 1.0)
        between_scores, between = self._products(gradient, active, rng)
        return self._train.communicator.decide(
            lambda: self._choose(norms, losses, active, between_scores, between, rng)
        )

    def _choose(
        self,
        norms: np.ndarray,
        losses: np.ndarray,
        active: np.ndarray,
        between_scores: np.ndarray | None,
        between: np.ndarray | None,
        rng: np.random.Generator,
    ) -> RoundDirection:
        weights = self._weights(between_scores, losses, active)
        if not weights.any():
            nothing = np.zeros(len(norms), dtype=np.float32)
            return RoundDirection(weights, nothing)
        if len(norms) == 1:
            return RoundDirection(weights, np.ones(1, dtype=np.float32), between)
        state = StructureState(self._owner, weights, between_scores)
        direction = self._direction(state, rng) * inverse(norms)
        return RoundDirection(weights, _near_one(direction), between)

    def _products(
        self, gradient: np.ndarray, active: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Cosines between scores, where somebody needs them, and objectives."""
        found = between = None
        if self._rule.needs_gramian or self._balancer.needs_gramian:
            n_total = self._train.span.n_total
            n = sample_size(n_total, gradient.shape[1])
            found = self._cosines(gradient, draw_rows(n_total, n, rng))
        if self._n_objectives <= MAX_OBJECTIVES:
            watched = found
            if watched is None:
                watched = self._cosines(gradient, self._watched)
            between = history_cosines(watched, self._owner, active)
        if found is not None and self._observed is not None:
            found = nearest_correlation(found)
        return found, between

    def _cosines(self, gradient: np.ndarray, rows: np.ndarray | None) -> np.ndarray:
        """Between the scores, over these of all processes' rows (None: all)."""
        rows = self._train.span.pick(rows)
        weight, observed = self._train.weight, self._observed
        if rows is not None:
            gradient = np.take(gradient, rows, axis=0, mode="clip")  # the fast mode
            weight = None if weight is None else weight[rows]
            observed = None if observed is None else observed[rows]
        if weight is not None and weight.shape[1] > 1:
            weight = weight[:, self._owner]
        if observed is not None:
            observed = observed[:, self._owner]
        return cosines(gradient, weight, observed, self._train.communicator)

    def _weights(
        self, between_scores: np.ndarray | None, losses: np.ndarray, active: np.ndarray
    ) -> np.ndarray:
        """The balancer's weights of the objectives that still learn, scaled to 1."""
        gramian = np.eye(len(active))
        if self._balancer.needs_gramian:
            gramian = structure_gramian(
                between_scores, self._owner, linear=self._rule.linear
            )
        shares = losses / self._first_losses
        return to_one(self._weigher.weights(gramian, shares, active))

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


def project(
    gradient: np.ndarray,
    hessian: np.ndarray,
    direction: np.ndarray,
    train: TargetRows,
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """The structure gradient ``G r`` and its Hessian ``H r**2``, per row.

    The direction is lengthened such that the Hessian is 1 in the mean: gains
    do not depend on it, but LightGBM's ``min_sum_hessian_in_leaf`` and
    ``reg_lambda`` then count in rows, as they do for squared error. With one
    score both are the score's own, untouched.

    Returns
    -------
    g, h : ndarray of shape (n_samples,), float32
        A Hessian of None is 1 for all rows.
    direction : ndarray of shape (n_scores,), float32
        As lengthened.
    """
    n, n_scores = gradient.shape
    if n_scores == 1:
        h = None if train.unit_hessian else hessian[:, 0]
        return gradient[:, 0], h, direction
    g = np.empty(n, dtype=np.float32)
    if train.unit_hessian:
        direction = direction / np.linalg.norm(direction)

        def block_gradient(rows: slice) -> None:
            np.einsum("ij,j->i", gradient[rows], direction, out=g[rows])

        train.blocks.map(block_gradient)
        return g, None, direction
    squares = direction**2
    if hessian.shape[1] == 1:
        squares = squares.sum(keepdims=True)
    h = np.empty(n, dtype=np.float32)

    def block(rows: slice) -> float:
        # einsum, as BLAS may sum in another order for another thread count.
        np.einsum("ij,j->i", gradient[rows], direction, out=g[rows])
        np.einsum("ij,j->i", hessian[rows], squares, out=h[rows])
        return h[rows].sum(dtype=np.float64)

    (total,) = train.communicator.sum(np.sum(train.blocks.map(block), keepdims=True))
    mean = total[0] / train.span.n_total
    if mean > 0.0:
        length = np.float32(1.0 / np.sqrt(mean))
        g *= length
        h *= length**2
        direction = direction * length
    return g, h, direction
