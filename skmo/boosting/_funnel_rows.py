"""Losses and gradients of a funnel's stages over a set of rows."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np

from ..objectives import ConditionalLoss, Stage, StageLoss
from ._coder import TargetCoder
from ._gramian import draw_rows
from ._pulls import Pulls
from ._reconcile import Reconciler
from ._rows import TargetRows
from ._stage_conflict import stage_conflict

_MIN_CURVATURE = 1e-16
# Rows that the conflict between stages is measured on, to about one per cent.
_WATCHED_ROWS = 4_000


def conditional_target(target: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Each stage's outcome for those who reached the one before, else NaN.

    Parameters
    ----------
    target : ndarray of shape (n_samples, n_stages)
        1 where a stage was reached, NaN where that is unknown.
    weight : ndarray of shape (n_samples, 1) or (n_samples, n_stages), or None
        A weight of 0 is no observation.
    """
    found = target.copy()
    found[:, 1:][target[:, :-1] != 1] = np.nan
    if weight is not None:
        found[np.broadcast_to(weight, found.shape) == 0] = np.nan
    return found


class FunnelRows(TargetRows):
    """The stages of some rows, and what their losses are.

    Parameters
    ----------
    coder : TargetCoder
        Of the stages given those before, fitted on `conditional_target`.
    target : ndarray of shape (n_samples, n_stages)
        1 where a stage was reached, 0 where not, NaN where that is unknown.
    weight : ndarray of shape (n_samples, 1) or (n_samples, n_stages), or None
    n_threads : int
    losses : list of (StageLoss, float)
        What is summed up for every stage but the first, whose loss is the plain
        log loss.
    reconciler : Reconciler or None
        What becomes of the pull of a stage's loss on the scores of earlier
        stages; None where it is stopped.
    seed : int, default=0
        Draws the rows that the conflict is measured on.
    """

    def __init__(
        self,
        coder: TargetCoder,
        target: np.ndarray,
        weight: np.ndarray | None,
        n_threads: int = 1,
        *,
        losses: list[tuple[StageLoss, float]],
        reconciler: Reconciler | None,
        seed: int = 0,
    ):
        own = TargetRows(coder, conditional_target(target, weight), weight, n_threads)
        self.coder, self.blocks, self.weight = coder, own.blocks, own.weight
        self._losses, self._target, self._imputed = losses, target, None
        self._reconciler = reconciler
        if not any(loss.coupled for loss, _ in losses):
            self._reconciler = None
        self._plain = [(type(loss), w) for loss, w in losses] == [(ConditionalLoss, 1)]
        self.reads_others = any(
            loss.reads_earlier or loss.coupled for loss, _ in losses
        )
        self._watched = draw_rows(
            len(own), _WATCHED_ROWS, np.random.default_rng([seed, 2**33])
        )
        self._reports = True
        self._set_own(own)

    def _set_own(self, own: TargetRows) -> None:
        """Set what follows from the rows' targets and weights."""
        self._own = own
        self.pulls = self.reconciled = None
        self._frozen = self.coder.constant
        self._set_shares()
        if self._plain:
            self.observed, self.weight_sums = own.observed, own.weight_sums
            self.shared_hessian = own.shared_hessian
            self._gradient_weights = own.weight_sums
            return
        self.shared_hessian = False
        counted, informative, weight = self._count()
        informative &= weight > 0
        self.observed = None if informative.all() else informative
        self._gradient_weights = weight.sum(axis=0, where=informative)
        # Where no row has a gradient there is no loss to watch either.
        sums = (counted * weight).sum(axis=0)
        self.weight_sums = np.where(self._gradient_weights > 0, sums, 0.0)

    def _count(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """By row and stage: what it counts in the mean, whether it has a gradient,
        and its weight.
        """
        shape = self._target.shape
        counted, informative = np.zeros(shape), np.zeros(shape, dtype=bool)
        for k in range(shape[1]):
            stage = self._stage(k, slice(None), np.zeros(shape))
            for loss, _ in self._stage_losses(k):
                counted[:, k] = np.maximum(counted[:, k], loss.counted(stage))
                informative[:, k] |= loss.informative(stage)
        weight = np.ones((1, 1)) if self.weight is None else self.weight
        return counted, informative, np.broadcast_to(weight, shape).astype(np.float64)

    def rates(self) -> np.ndarray:
        """The share of the rows that came as far as each stage, (n_stages,)."""
        counted, _, weight = self._count()
        total = counted * weight
        reached = total.sum(axis=0, where=self._target == 1)
        return reached / np.maximum(total.sum(axis=0), np.finfo(np.float64).tiny)

    def _set_shares(self) -> None:
        """Set which share of the rows that came so far each stage is known of."""
        n, n_stages = self._target.shape
        known = ~np.isnan(self._target)
        if self.weight is not None:
            known &= self.weight > 0
        self._observed_shares, self._known = np.ones(n_stages), None
        if known.all():
            return
        self._known = np.ones((n, n_stages))
        for k in range(1, n_stages):
            reached = self._target[:, k - 1] == 1
            weight = None if self.weight is None else self.weight[reached].max(axis=1)
            if known[reached, k].any():
                share = np.average(known[reached, k], weights=weight)
                self._observed_shares[k] = share
            if k + 1 < n_stages:
                share = np.where(reached, self._observed_shares[k], 1.0)
                self._known[:, k + 1] = self._known[:, k] * share

    def _stage_losses(self, k: int) -> list[tuple[StageLoss, float]]:
        return self._losses if k else [(ConditionalLoss(), 1.0)]

    @property
    def gradient_weights(self) -> np.ndarray:
        return self._gradient_weights

    def freeze(self, objectives: np.ndarray) -> None:
        self._frozen = objectives

    def memory(self) -> Any:
        return None if self._reconciler is None else self._reconciler.memory()

    def remember(self, memory: Any) -> None:
        if self._reconciler is not None:
            self._reconciler.remember(memory)

    def impute(self, imputed: np.ndarray) -> None:
        """Take another model's probabilities, (n_samples, n_stages)."""
        self._imputed = imputed

    def take(self, rows: np.ndarray, n_threads: int = 1) -> FunnelRows:
        part = copy(self)
        own = self._own.take(rows, n_threads)
        part.blocks, part.weight = own.blocks, own.weight
        part._target = self._target[rows]
        part._imputed = None if self._imputed is None else self._imputed[rows]
        part._reports = False
        if self._reconciler is not None:
            part._reconciler = self._reconciler.restarted()
        part._set_own(own)
        return part

    def own(self) -> TargetRows:
        """Each stage on the rows that reached the one before."""
        return self._own

    def losses(self, scores: np.ndarray) -> np.ndarray:
        if self._plain:
            return self._own.losses(scores)
        parts = self.blocks.map(
            lambda rows: self._weighted(rows, self._derive(rows, scores)[0])
        )
        return self._mean([part.sum(axis=0) for part in parts])

    def losses_with_own(self, scores: np.ndarray, own: np.ndarray) -> np.ndarray:
        def block(rows: slice) -> np.ndarray:
            score, best = scores[rows].astype(np.float64), own[rows]
            loss = np.zeros(score.shape)
            for k in range(score.shape[1]):
                mixed = score[:, : k + 1].copy()
                mixed[:, k] = best[:, k]
                stage = self._stage(k, rows, mixed)
                for part, weight in self._stage_losses(k):
                    loss[:, k] += weight * part.derivatives(stage).loss
            return self._weighted(rows, loss).sum(axis=0)

        return self._mean(self.blocks.map(block))

    def gradients(
        self, scores: np.ndarray, gradient: np.ndarray, hessian: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        if self._plain:
            return self._own.gradients(scores, gradient, hessian)
        if self._reconciler is not None:
            losses = self._joint_gradients(scores, gradient, hessian)
        else:
            losses = self._own_gradients(scores, gradient, hessian)
        np.maximum(hessian, _MIN_CURVATURE, out=hessian, where=gradient != 0)
        return losses, self._energy(gradient)

    def _own_gradients(
        self, scores: np.ndarray, gradient: np.ndarray, hessian: np.ndarray
    ) -> np.ndarray:
        """Fill in each stage's derivatives by its own score; the losses."""

        def block(rows: slice) -> np.ndarray:
            loss, g, h = self._derive(rows, scores)
            gradient[rows] = self._weighted(rows, np.einsum("nkk->nk", g))
            hessian[rows] = self._weighted(rows, np.einsum("nkk->nk", h))
            return self._weighted(rows, loss).sum(axis=0)

        return self._mean(self.blocks.map(block))

    def _joint_gradients(
        self, scores: np.ndarray, gradient: np.ndarray, hessian: np.ndarray
    ) -> np.ndarray:
        """Fill in what the stages' pulls on each score come to; the losses."""
        self._make_room()

        def block(rows: slice) -> tuple[np.ndarray, np.ndarray]:
            loss, *pulls = self._derive(rows, scores)
            g, h = (self._weighted(rows, pull) for pull in pulls)
            self.pulls.gradient[rows] = g
            if self._curvature is None:
                gradient[rows], hessian[rows] = self._reconciler.merge(g, h)
            else:
                self._curvature[rows] = h
            root = g / self._root_weight(rows)
            products = np.einsum("nks,njs->skj", root, root)
            return self._weighted(rows, loss).sum(axis=0), products

        losses, products = zip(*self.blocks.map(block), strict=True)
        losses, by_score = self._mean(losses), np.sum(products, axis=0)
        self.pulls.products = by_score.sum(axis=0)
        if self._curvature is not None:
            moving = by_score[~self._frozen].sum(axis=0) / len(self)
            moving[self.coder.constant] = moving[:, self.coder.constant] = 0.0
            self._balance(moving, losses, gradient, hessian)
        return losses

    def _make_room(self) -> None:
        """Arrays for the pulls, and for their curvature if it is summed up later."""
        if self.pulls is not None:
            return
        n, n_stages = self._target.shape
        shape = (n, n_stages, n_stages)
        self.pulls = Pulls(np.empty(shape, dtype=np.float32), np.empty(0))
        self._curvature = None
        if not self._reconciler.by_rows:
            self._curvature = np.empty(shape, dtype=np.float32)
            self._reconciler.first_losses = self.losses(self.new_scores())

    def _balance(
        self,
        products: np.ndarray,
        losses: np.ndarray,
        gradient: np.ndarray,
        hessian: np.ndarray,
    ) -> None:
        """Fill in the sums with the balancer's weights."""
        weights = self._reconciler.weights(products, losses)
        self.reconciled = weights

        def block(rows: slice) -> None:
            pull, curvature = self.pulls.gradient[rows], self._curvature[rows]
            gradient[rows] = np.einsum("nks,k->ns", pull, weights)
            # Negative weights turn gradients round; steps stay steps.
            hessian[rows] = np.einsum("nks,k->ns", curvature, np.abs(weights))

        self.blocks.map(block)

    def _energy(self, gradient: np.ndarray) -> np.ndarray:
        """Sum over rows of the squared gradients, a row counting by its weight.

        That is the stage's own weight where no other pulls on its score.
        """

        def block(rows: slice) -> np.ndarray:
            root = self._root_weight(rows)[:, 0]
            if self._reconciler is None and self.weight is not None:
                root = np.sqrt(np.where(self.weight[rows] > 0, self.weight[rows], 1.0))
            root = gradient[rows] / root
            return np.einsum("ns,ns->s", root, root, dtype=np.float64)

        return np.sum(self.blocks.map(block), axis=0)

    def _stage(self, k: int, rows: slice | np.ndarray, score: np.ndarray) -> Stage:
        target = self._target[rows]
        reached = np.ones(len(target)) if k == 0 else target[:, k - 1]
        imputed = None if self._imputed is None else self._imputed[rows, k]
        known = 1.0 if self._known is None else self._known[rows, k]
        share = self._observed_shares[k]
        return Stage(score[:, : k + 1], target[:, k], reached, imputed, share, known)

    def _derive(
        self, rows: slice | np.ndarray, scores: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Losses (n, K) and their derivatives by all scores (n, K, K), unweighted."""
        score = scores[rows].astype(np.float64)
        n, n_stages = score.shape
        loss = np.zeros((n, n_stages))
        gradient, curvature = np.zeros((2, n, n_stages, n_stages))
        for k in range(n_stages):
            stage = self._stage(k, rows, score)
            for part, weight in self._stage_losses(k):
                found = part.derivatives(stage)
                loss[:, k] += weight * found.loss
                gradient[:, k, : k + 1] += weight * found.gradient
                curvature[:, k, : k + 1] += weight * found.curvature
        return loss, gradient, curvature

    def _root_weight(self, rows: slice) -> np.ndarray:
        """Roots of what the rows count, (n, 1, 1); 1 for a row without weight."""
        if self.weight is None:
            return np.ones((1, 1, 1))
        weight = self.weight[rows].max(axis=1).astype(np.float64)
        return np.sqrt(np.where(weight > 0, weight, 1.0))[:, None, None]

    def _weighted(self, rows: slice, values: np.ndarray) -> np.ndarray:
        """Values by row and stage (and score), times the weights."""
        if self.weight is None:
            return values
        weight = self.weight[rows]
        return values * weight.reshape(*weight.shape, *[1] * (values.ndim - 2))

    def conflict(self, scores: np.ndarray) -> np.ndarray | None:
        """`stage_conflict` on a sample of rows, whatever the losses trained on.

        None for rows that `take` took, whose conflict nobody asks for.
        """
        if not self._reports:
            return None
        rows = slice(None) if self._watched is None else self._watched
        score = scores[rows].astype(np.float64)
        stages = [self._stage(k, rows, score) for k in range(score.shape[1])]
        weight = np.ones((1, 1)) if self.weight is None else self.weight[rows]
        return stage_conflict(stages, np.broadcast_to(weight, score.shape))
