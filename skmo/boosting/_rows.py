"""Losses and gradients of all objectives over a set of rows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..objectives import Objective
from ._blocks import RowBlocks
from ._coder import TargetCoder, observed

# The log-probability of a class that does not occur.
_RARE_CLASS_SCORE = np.log(1e-15)


@dataclass
class _Group:
    """Targets that share an objective, worked on as one block of columns."""

    objective: Objective
    targets: list[int] = field(default_factory=list)
    scores: list[int] = field(default_factory=list)


class TargetRows:
    """Encoded targets and weights of some rows.

    Parameters
    ----------
    coder : TargetCoder
        Fitted on the training rows.
    target : ndarray of shape (n_samples, n_objectives)
        In the user's units, NaN where unobserved.
    weight : ndarray of shape (n_samples, 1) or (n_samples, n_objectives), or None
    n_threads : int

    Attributes
    ----------
    blocks : RowBlocks
    shared_hessian : bool
        Whether the Hessian is the rows' weight for all scores, so that it
        needs no array of its own.
    observed : ndarray of shape (n_samples, n_objectives), bool, or None
        Which targets are observed; None where all are.
    weight_sums : ndarray of shape (n_objectives,)
        Total weight of each objective's observed rows.
    """

    def __init__(
        self,
        coder: TargetCoder,
        target: np.ndarray,
        weight: np.ndarray | None,
        n_threads: int = 1,
    ):
        self.coder = coder
        self.target = coder.encode(target)
        self.weight = None if weight is None else weight.astype(np.float32)
        self.blocks = RowBlocks(len(target), coder.n_scores, n_threads)
        self._groups = _group(coder)
        observed_rows = ~np.isnan(self.target)
        self._missing = not observed_rows.all()
        self.observed = observed_rows if self._missing else None
        if weight is None:
            self.weight_sums = observed_rows.sum(axis=0).astype(np.float64)
        else:
            cells = np.broadcast_to(weight, observed_rows.shape)
            self.weight_sums = cells.sum(axis=0, where=observed_rows, dtype=np.float64)
        self.shared_hessian = (
            all(o.constant_hessian for o in coder.objectives)
            and not self._missing
            and (weight is None or weight.shape[1] == 1)
        )

    def __len__(self) -> int:
        return len(self.target)

    def new_scores(self) -> np.ndarray:
        """The score matrix at the constants of least loss."""
        return np.tile(self.coder.init_scores, (len(self), 1))

    def constant_scores(self) -> np.ndarray:
        """The scores of the constant prediction that suits these rows best."""
        scores = self.new_scores()
        for k, objective in enumerate(self.coder.objectives):
            constant = objective.init_score(*observed(self.target, self.weight, k))
            columns = self.coder.scores[k]
            scores[:, columns] = _RARE_CLASS_SCORE  # of classes beyond these rows'
            scores[:, columns.start : columns.start + len(constant)] = constant
        return scores

    def new_hessian(self) -> np.ndarray:
        """Room for the Hessian, or its values where ``shared_hessian``."""
        if not self.shared_hessian:
            return np.empty((len(self), self.coder.n_scores), dtype=np.float32)
        if self.weight is None:
            return np.ones((len(self), 1), dtype=np.float32)
        return self.weight

    def losses(self, scores: np.ndarray) -> np.ndarray:
        """Mean loss of each objective on scaled targets; NaN if unobserved."""
        return self._mean(
            self.blocks.map(lambda rows: self._block_losses(rows, scores))
        )

    def gradients(
        self, scores: np.ndarray, gradient: np.ndarray, hessian: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Fill the weighted gradient and Hessian in place.

        Returns
        -------
        losses : ndarray of shape (n_objectives,)
        energy : ndarray of shape (n_scores,)
            Sum over rows of the squared gradients.
        """

        def block(rows: slice) -> tuple[np.ndarray, np.ndarray]:
            losses = self._block_losses(rows, scores)
            self._block_gradients(rows, scores, gradient, hessian)
            g = gradient[rows]
            return losses, np.einsum("ij,ij->j", g, g, dtype=np.float64)

        parts = self.blocks.map(block)
        energy = np.sum([energy for _, energy in parts], axis=0)
        return self._mean([losses for losses, _ in parts]), energy

    def _mean(self, parts: list[np.ndarray]) -> np.ndarray:
        total = np.sum(parts, axis=0)
        mean = np.full(len(total), np.nan)
        np.divide(total, self.weight_sums, out=mean, where=self.weight_sums > 0)
        return mean

    def _block_losses(self, rows: slice, scores: np.ndarray) -> np.ndarray:
        losses = np.empty(len(self.coder.objectives))
        for group in self._groups:
            target = _columns(self.target[rows], group.targets)
            score = _columns(scores[rows], group.scores)
            if group.objective.multi_score:
                target = target[:, 0]
            loss = group.objective.loss(target, score).reshape(len(target), -1)
            self._weigh(loss, rows, group.targets, target.reshape(loss.shape))
            losses[group.targets] = loss.sum(axis=0, dtype=np.float64)
        return losses

    def _block_gradients(
        self,
        rows: slice,
        scores: np.ndarray,
        gradient: np.ndarray,
        hessian: np.ndarray,
    ) -> None:
        for group in self._groups:
            objective = group.objective
            target = _columns(self.target[rows], group.targets)
            score = _columns(scores[rows], group.scores)
            g = _columns(gradient[rows], group.scores)
            h = None if self.shared_hessian else _columns(hessian[rows], group.scores)
            objective.gradient_hessian(
                target[:, 0] if objective.multi_score else target,
                score,
                g,
                None if objective.constant_hessian else h,
            )
            if h is not None and objective.constant_hessian:
                h[...] = 1.0
            for derivative in (g,) if h is None else (g, h):
                self._weigh(derivative, rows, group.targets, target)
            if not isinstance(_selector(group.scores), slice):
                gradient[rows, group.scores] = g
                if h is not None:
                    hessian[rows, group.scores] = h

    def _weigh(
        self, values: np.ndarray, rows: slice, targets: list[int], target: np.ndarray
    ) -> None:
        """Multiply by the weights in place; unobserved cells become 0."""
        if self._missing:
            np.copyto(values, 0.0, where=np.isnan(target))
        if self.weight is not None:
            weight = self.weight[rows]
            values *= weight if weight.shape[1] == 1 else _columns(weight, targets)


def _group(coder: TargetCoder) -> list[_Group]:
    groups: dict[object, _Group] = {}
    for k, objective in enumerate(coder.objectives):
        key: object = k
        if not objective.multi_score:
            params = objective.get_params(deep=False)
            key = (type(objective), repr(sorted(params.items())))
        group = groups.setdefault(key, _Group(objective))
        group.targets.append(k)
        group.scores.extend(range(coder.scores[k].start, coder.scores[k].stop))
    return list(groups.values())


def _selector(columns: list[int]) -> slice | list[int]:
    """A slice where the columns are neighbours, so that indexing copies nothing."""
    if columns == list(range(columns[0], columns[0] + len(columns))):
        return slice(columns[0], columns[-1] + 1)
    return columns


def _columns(block: np.ndarray, columns: list[int]) -> np.ndarray:
    return block[:, _selector(columns)]
