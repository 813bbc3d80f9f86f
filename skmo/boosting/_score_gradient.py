"""From the gradients of objectives that share a score to the one it moves by."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..balancing import Balancer
from ._direction import Derivatives, RoundDirection
from ._joint_rows import JointRows
from ._limits import Limits
from ._trajectory import MAX_OBJECTIVES, history_cosines
from ._weigher import Weigher


class ScoreGradient:
    """Weigh objectives that read one score, and sum up their gradients.

    Parameters
    ----------
    balancer : Balancer
        Its memory is cleared.
    train : JointRows
    val : JointRows or None
    preference : ndarray of shape (n_objectives,) or None
    limits : Limits or None
        On the losses, held on the validation rows where there are any. Without them
        the balancer is given the smooth losses of the training rows.
    """

    def __init__(
        self,
        balancer: Balancer,
        train: JointRows,
        val: JointRows | None,
        preference: np.ndarray | None,
        limits: Limits | None,
    ):
        self._weigher = Weigher(balancer, preference, signed=True)
        self._train, self._limits = train, limits
        self._watch_val = val is not None
        first = train.constant_losses()
        if self._watch_val:
            # An objective that no validation row observes is held by its training loss.
            first_val = val.constant_losses()
            first = np.where(np.isnan(first_val), first, first_val)
        self._first_losses = np.where(first > 0, first, 1.0)

    def memory(self) -> Any:
        """What it remembers from round to round."""
        return self._weigher.memory()

    def remember(self, memory: Any) -> None:
        """Take back what `memory` gave."""
        self._weigher.remember(memory)

    def weigh(
        self, n_round: int, found: Derivatives, active: np.ndarray
    ) -> RoundDirection:
        """The objectives' weights; ``found`` gets the sums they make.

        Parameters
        ----------
        n_round : int
            Draws depend on the seed and this alone.
        found : Derivatives
            Its gradient and Hessian are filled in.
        active : ndarray of shape (n_objectives,), bool
            Objectives that still learn.
        """
        train, balancer = self._train, self._weigher.balancer
        products = train.products_in_units()
        active = active & (np.diag(products) > 0)
        losses, bounds = np.ones(len(active)), None
        if self._limits is not None:
            losses, bounds = self._bounded(n_round, found)
        elif balancer.needs_losses:
            losses = np.nan_to_num(train.smooth_losses())
        weights = self._weigher.weights(products, losses, active, bounds)
        total = np.abs(weights).sum()
        if total == 0:
            return RoundDirection(weights, np.zeros(1, dtype=np.float32))
        weights = weights / total
        chosen = weights
        if balancer.draws_labels:
            chosen = train.draw_labels(weights, balancer.generator(n_round))
        train.merge(chosen, found.gradient, found.hessian)
        cosines = None
        if len(weights) <= MAX_OBJECTIVES:
            owner = np.arange(len(weights))
            cosines = history_cosines(train.pulls.cosines, owner, active)
        return RoundDirection(weights, np.ones(1, dtype=np.float32), cosines)

    def _bounded(
        self, n_round: int, found: Derivatives
    ) -> tuple[np.ndarray, np.ndarray]:
        """Losses and their bounds, as shares of the constants' losses."""
        losses = found.losses_val if self._watch_val else found.losses
        losses = np.where(np.isnan(losses), found.losses, losses)
        limits = self._limits.at(n_round, validation=self._watch_val)
        return np.nan_to_num(losses) / self._first_losses, limits / self._first_losses
