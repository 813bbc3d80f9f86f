"""Losses and gradients of all objectives over a set of rows."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from ._blocks import RowBlocks
from ._coder import TargetCoder, observed, pad_scores
from ._communicator import ALONE, Communicator, Span
from ._groups import Group, columns_of, group_targets, put, selector
from ._plugins import check_derivatives, check_loss, check_written
from ._pulls import Pulls
from ._sums import column_products, column_sums


class TargetRows:
    """Encoded targets and weights of some rows.

    Parameters
    ----------
    coder : TargetCoder
        Fitted on the training rows.
    target : ndarray of shape (n_samples, n_objectives)
        In the user's units, NaN where unobserved.
    weight : ndarray of shape (n_samples, 1) or (n_samples, n_objectives), or None
        With several scores each column is divided by the mean of its positive
        weights: what it is worth to a tree must not depend on their unit.
    n_threads : int
    communicator : Communicator
        With the processes that hold further rows.

    Attributes
    ----------
    blocks : RowBlocks
    span : Span
        Where the rows lie among those of all processes.
    shared_hessian : bool
        Whether the Hessian is the rows' weight for all scores, so that it
        needs no array of its own.
    observed : ndarray of shape (n_samples, n_objectives), bool, or None
        Which targets are observed; None where all are.
    weight_sums : ndarray of shape (n_objectives,)
        Total weight of each objective's observed rows.
    reads_others : bool
        Whether a loss depends on the scores of other objectives.
    pulls : Pulls or None
        Each objective's own gradient as `gradients` last found it, where
        objectives share scores.
    reconciled : ndarray of shape (n_objectives,) or None
        What the objectives weighed there in the sum, if a balancer said so.
    """

    communicator: Communicator = ALONE
    reads_others: bool = False
    pulls: Pulls | None = None
    reconciled: np.ndarray | None = None
    # Whether `gradients` was called before.
    _derived: bool = False

    def __init__(
        self,
        coder: TargetCoder,
        target: np.ndarray,
        weight: np.ndarray | None,
        n_threads: int = 1,
        communicator: Communicator = ALONE,
    ):
        self.coder, self.communicator = coder, communicator
        self.blocks = RowBlocks(len(target), coder.n_scores, n_threads)
        self._groups = group_targets(coder)
        for group in self._groups:
            group.target = coder.encode(target, group.targets)
        if weight is not None and coder.n_scores > 1:
            weight = unit_weights(weight, communicator)
        self._know(~np.isnan(target), weight)

    def _know(self, observed_rows: np.ndarray, weight: np.ndarray | None) -> None:
        """Set what follows from which targets are observed, and their weights."""
        self._place = {
            k: (group, column)
            for group in self._groups
            for column, k in enumerate(group.targets)
        }
        # Found here, and anew: all processes come past.
        self.span = self.communicator.span(len(observed_rows))
        self._missing = self.communicator.any(not observed_rows.all())
        self.observed = observed_rows if self._missing else None
        if weight is None:
            self.weight = None
            sums = observed_rows.sum(axis=0).astype(np.float64)
        else:
            self.weight = weight.astype(np.float32)
            cells = np.broadcast_to(weight, observed_rows.shape)
            sums = cells.sum(axis=0, where=observed_rows, dtype=np.float64)
        (self.weight_sums,) = self.communicator.sum(sums)
        self.shared_hessian = (
            all(o.constant_hessian for o in self.coder.objectives)
            and not self._missing
            and (weight is None or weight.shape[1] == 1)
        )

    @property
    def unit_hessian(self) -> bool:
        """Whether the Hessian is 1 for all rows and scores."""
        return self.shared_hessian and self.weight is None

    @cached_property
    def span(self) -> Span:
        """Where the rows lie among those of all processes."""
        return self.communicator.span(len(self))

    def take(self, rows: np.ndarray, n_threads: int = 1) -> TargetRows:
        """Some of these rows, their weights as they are."""
        part = copy(self)
        part.communicator = ALONE
        part.blocks = RowBlocks(len(rows), self.coder.n_scores, n_threads)
        part._groups = [replace(g, target=g.target[rows]) for g in self._groups]
        shape = (len(rows), len(self.coder.objectives))
        part._know(
            np.ones(shape, bool) if self.observed is None else self.observed[rows],
            None if self.weight is None else self.weight[rows],
        )
        return part

    def only(self, coder: TargetCoder, k: int) -> TargetRows:
        """These rows for objective ``k`` alone; ``coder`` is its coder."""
        target = self.target(k)[:, np.newaxis].astype(np.float64)
        weight = self.weight_of(k)
        return TargetRows(
            coder, target, None if weight is None else weight[:, np.newaxis]
        )

    @property
    def gradient_weights(self) -> np.ndarray:
        """Total weight of the rows that each objective has a gradient of."""
        return self.weight_sums

    def freeze(self, objectives: np.ndarray) -> None:
        """Take note of the objectives whose scores no longer move."""

    def memory(self) -> Any:
        """A copy of what `gradients` remembers from call to call, or None."""
        return None

    def remember(self, memory: Any) -> None:
        """Take back what `memory` gave."""

    def own(self) -> TargetRows:
        """The rows as each objective's own learner sees them."""
        return self

    def conflict(self, scores: np.ndarray) -> np.ndarray | None:
        """How objectives pull apart on shared scores; None where they share none."""
        return None

    def counted(self) -> np.ndarray | None:
        """Which targets are observed and weigh something; None where all do.

        Shape (n_samples, n_objectives), bool.
        """
        found = self.observed
        if self.weight is not None and self.weight.shape[1] > 1:
            weighing = self.weight > 0
            if self.communicator.any(not weighing.all()):
                found = weighing if found is None else found & weighing
        return found

    def share_observed(self, k: int) -> float:
        """The share of the rows that have a gradient of objective ``k``."""
        if self.observed is None:
            return 1.0
        (n_observed,) = self.communicator.sum(self.observed[:, [k]].sum(axis=0))
        return float(n_observed[0] / self.span.n_total)

    def cell_weights(self) -> np.ndarray | None:
        """What each target of each row weighs; None where all weigh 1.

        Shape (n_samples, 1) or (n_samples, n_objectives), float32, 0 where a
        target was not observed.
        """
        if self.observed is None:
            return self.weight
        seen = self.observed.astype(np.float32)
        return seen if self.weight is None else seen * self.weight

    def observes(self, k: int) -> np.ndarray:
        """Which rows observe objective ``k``, (n_samples,) bool."""
        if self.observed is None:
            return np.ones(len(self), dtype=bool)
        return self.observed[:, k]

    def weight_of(self, k: int) -> np.ndarray | None:
        """The weights of objective ``k``, (n_samples,), or None."""
        if self.weight is None:
            return None
        return self.weight[:, k if self.weight.shape[1] > 1 else 0]

    def close(self) -> None:
        """End the threads."""
        self.blocks.close()

    def __len__(self) -> int:
        return self.blocks.n_rows

    def target(self, k: int) -> np.ndarray:
        """The scaled target ``k``, (n_samples,) float32, NaN where unobserved."""
        group, column = self._place[k]
        return group.target[:, column]

    def new_scores(self) -> np.ndarray:
        """The score matrix at the constants of least loss."""
        return np.tile(self.coder.init_scores, (len(self), 1))

    def constant_scores(self) -> np.ndarray:
        """The scores of the constant prediction that suits these rows best."""
        scores = self.new_scores()
        for k, objective in enumerate(self.coder.objectives):
            weight = self.weight
            if weight is not None and weight.shape[1] > 1:
                weight = weight[:, [k]]
            constant = objective.init_score(
                *observed(self.target(k)[:, None], weight, 0)
            )
            columns = self.coder.scores[k]
            scores[:, columns] = pad_scores(constant, columns.stop - columns.start)
        return scores

    def constant_losses(self) -> np.ndarray:
        """The losses of the constant prediction that suits these rows best."""
        return self.losses(self.constant_scores())

    def loss_units(self) -> np.ndarray:
        """What losses are measured against, so that 0 is perfect and 1 is poor."""
        return self.constant_losses()

    def new_hessian(self) -> np.ndarray:
        """Room for the Hessian, or its values where ``shared_hessian``."""
        if not self.shared_hessian:
            return np.empty((len(self), self.coder.n_scores), dtype=np.float32)
        if self.weight is None:
            return np.ones((len(self), 1), dtype=np.float32)
        return self.weight

    def losses(self, scores: np.ndarray) -> np.ndarray:
        """Mean loss of each objective on scaled targets; NaN if unobserved."""
        parts = self.blocks.map(lambda rows: self._work(rows, scores)[0])
        return self._mean(self.communicator.sum(np.sum(parts, axis=0)))

    def losses_with_own(self, scores: np.ndarray, own: np.ndarray) -> np.ndarray:
        """Each objective's loss where its own scores are those of ``own``."""
        return self.losses(own)

    def gradients(
        self, scores: np.ndarray, gradient: np.ndarray, hessian: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Fill the weighted gradient and Hessian in place.

        Returns
        -------
        losses : ndarray of shape (n_objectives,)
        energy : ndarray of shape (n_scores,)
            Weighted sum over rows of the squared (unweighted) gradients.
        """
        parts = self.blocks.map(
            lambda rows: self._work(rows, scores, gradient, hessian)
        )
        self._derived = True
        losses, energy = zip(*parts, strict=True)
        losses, energy = self.communicator.sum(
            np.sum(losses, axis=0), np.sum(energy, axis=0)
        )
        return self._mean([losses]), energy

    def _mean(self, parts: Sequence[np.ndarray]) -> np.ndarray:
        """The mean losses by those summed over parts of all rows."""
        total = np.sum(parts, axis=0)
        mean = np.full(len(total), np.nan)
        np.divide(total, self.weight_sums, out=mean, where=self.weight_sums > 0)
        return mean

    def _work(
        self,
        rows: slice,
        scores: np.ndarray,
        gradient: np.ndarray | None = None,
        hessian: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Summed losses of a block of rows; its derivatives, if there is room."""
        losses = np.empty(len(self.coder.objectives))
        energy = np.zeros(self.coder.n_scores)
        for group in self._groups:
            target = group.target[rows]
            score = columns_of(scores[rows], group.scores)
            mask = np.isnan(target) if self._missing else None
            column = target[:, 0] if group.objective.multi_score else target
            if gradient is not None:
                energy[group.scores] = self._derive(
                    group, rows, column, score, mask, gradient, hessian
                )
                if group.objective.loss_is_half_square:
                    losses[group.targets] = energy[group.scores] / 2
                    continue
            loss = check_loss(
                group.objective.loss(column, score), column, group.objective
            ).reshape(target.shape)
            loss = self._weigh(loss, rows, group, mask)
            # Early stopping compares losses by their last digits.
            losses[group.targets] = column_sums(loss)
        return losses, energy

    def _derive(
        self,
        group: Group,
        rows: slice,
        target: np.ndarray,
        score: np.ndarray,
        mask: np.ndarray | None,
        gradient: np.ndarray,
        hessian: np.ndarray | None,
    ) -> np.ndarray:
        """Fill in one group's derivatives; its energy."""
        constant = group.objective.constant_hessian
        g = self._room(gradient, rows, group)
        h = None if self.shared_hessian else self._room(hessian, rows, group)
        written = None if constant else h
        if not self._derived:
            # To see whether something is written at all.
            for values in (g, h):
                if values is not None:
                    values.fill(np.nan)
        returned = group.objective.gradient_hessian(target, score, g, written)
        check_written(returned, group.objective)
        if constant and h is not None:
            h.fill(1.0)
        if not self._derived:
            check_derivatives(g, written, mask, group.objective)
        weighted = self._weigh(g, rows, group, mask)
        put(weighted, gradient, rows, group)
        if h is not None:
            put(self._weigh(h, rows, group, mask), hessian, rows, group)
        if self.coder.n_scores == 1:
            # Its weights are not brought to a mean of 1: weighted squares may be beyond
            # float32.
            g = g.astype(np.float64)
        return column_products(g, weighted)

    def _room(self, values: np.ndarray, rows: slice, group: Group) -> np.ndarray:
        """Where a group's derivatives are written: in place, if in one piece.

        Not where they are weighted, as the energy needs both.
        """
        part = values[rows, selector(group.scores)]
        if self.weight is None and part.flags.c_contiguous:
            return part
        return np.empty((part.shape[0], len(group.scores)), dtype=np.float32)

    def _weigh(
        self, values: np.ndarray, rows: slice, group: Group, mask: np.ndarray | None
    ) -> np.ndarray:
        """Values times weights; masked cells become 0, in place."""
        if mask is not None:
            np.copyto(values, 0.0, where=mask)
        if self.weight is None:
            return values
        weight = self.weight[rows]
        if weight.shape[1] > 1:
            weight = columns_of(weight, group.targets)
        return values * weight


def unit_weights(weight: np.ndarray, communicator: Communicator = ALONE) -> np.ndarray:
    """Weights over the mean of the positive ones, column by column."""
    counts, sums = communicator.sum((weight > 0).sum(axis=0), weight.sum(axis=0))
    mean = sums / np.maximum(counts, 1)
    return weight / np.where(mean > 0, mean, 1.0)
