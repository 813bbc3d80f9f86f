"""The shared-gradient booster: the round loop."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from ..balancing import Balancer
from ._checkpoint import Checkpoint
from ._coder import TargetCoder
from ._direction import Derivatives, RoundDirection, StructureGradient
from ._importance import GainImportance, split_gains
from ._leaf_values import LeafSettings, leaf_values
from ._leaves import leaf_prior
from ._limits import Limits
from ._parts import Part, grow_parts, joint_gap
from ._result import BoostingResult
from ._rows import TargetRows
from ._score_gradient import ScoreGradient
from ._stopping import EarlyStopping, JointCriterion, JointStopping
from ._trajectory import history_cosines
from ._tree import TreeGrower
from .structure import StructureRule

# Rounds without a possible split after which a fit ends. A random direction
# may fail where the next one splits; this many in a row do not fail by chance.
_MAX_IDLE_ROUNDS = 10


class SharedBooster:
    """Boosts all objectives with one tree a round.

    Parameters
    ----------
    rule : StructureRule
    balancer : Balancer
    preference : ndarray of shape (n_objectives,) or None
    leaves : LeafSettings
    n_estimators : int
        Rounds in all, those of an earlier fit included.
    patience : int or None
        Rounds without improvement after which an objective stops; None to
        never stop.
    tol : float
        A validation loss must fall by more than this share of the least so far
        to count as an improvement.
    seed : int
    report : callable, optional
        Called after each round with the history so far and the factors from
        its losses to the user's units.
    limits : Limits, optional
        Bounds on the losses of objectives that share a score.
    """

    def __init__(
        self,
        rule: StructureRule,
        balancer: Balancer,
        preference: np.ndarray | None = None,
        *,
        leaves: LeafSettings,
        n_estimators: int,
        patience: int | None,
        tol: float,
        seed: int,
        report: Callable[[dict[str, list], np.ndarray], None] | None = None,
        limits: Limits | None = None,
    ):
        self.rule, self.balancer = rule, balancer
        self.preference = preference
        self.leaves = leaves
        self.n_estimators = n_estimators
        self.patience, self.tol = patience, tol
        self.seed = seed
        self.report = report
        self.limits = limits

    def fit(
        self,
        grower: TreeGrower,
        train: TargetRows,
        val: TargetRows | None,
        result: BoostingResult,
        scores: np.ndarray | None = None,
        scores_val: np.ndarray | None = None,
        best: np.ndarray | None = None,
        best_val: np.ndarray | None = None,
    ) -> BoostingResult:
        """Add rounds to ``result``, in place.

        Parameters
        ----------
        grower : TreeGrower
            On the same rows as ``train`` and ``val``.
        train, val : TargetRows
        result : BoostingResult
            Empty, or of an earlier fit.
        scores, scores_val : ndarray of shape (n_samples, n_scores), optional
            Where boosting goes on from; updated in place. None starts at the
            constants.
        best, best_val : ndarray of shape (n_samples, n_scores), optional
            Scores with the trees of an earlier fit that each objective predicts
            with. None means the constants.
        """
        coder, forest = result.coder, result.forest
        if scores is None:
            scores = train.new_scores()
        if scores_val is None and val is not None:
            scores_val = val.new_scores()
        importance = GainImportance(
            coder.reader, result.total_gains, result.importances
        )
        stopping = self._stopping(val, result, best_val)
        checkpoints = []
        if train.reads_others and val is not None and self.patience is not None:
            pairs = ((scores, best), (scores_val, best_val))
            checkpoints = [Checkpoint(s, coder.owner, b) for s, b in pairs]
        cell_weights = train.cell_weights()
        idle, n_round = 0, forest.n_rounds
        train.freeze(coder.constant)
        found = Derivatives.room(scores.shape, train.new_hessian())
        if coder.shares_score:
            train.set_units()
        _look(found, train, val, scores, scores_val)
        if result.prior is None:
            result.prior = leaf_prior(found.energy, found.hessian)
            result.scale = _mean_squares(found.energy, train)
        structure = self._direction(train, val)
        while forest.n_rounds < self.n_estimators and idle < _MAX_IDLE_ROUNDS:
            start = time.perf_counter()
            # How much each objective weighs, and the direction to grow on.
            active = ~(coder.constant | stopping.stopped)
            chosen = structure.weigh(n_round, found, active)
            n_round += 1
            if not chosen.direction.any():
                break
            # A tree on one gradient per row; or one for each score.
            apart = self.rule.apart
            parts = grow_parts(grower, found, chosen.direction, train, apart=apart)
            if not parts:
                idle += 1
                continue
            idle = 0
            gap = joint_gap(parts, cell_weights, train, result.scale, active)
            weights, cosines = _seen(chosen, train, active)
            conflict = train.conflict(scores)
            # A value per leaf and score, from the objectives' own derivatives.
            values = [
                leaf_values(p, scores, train, result.prior, self.leaves, apart=apart)
                for p in parts
            ]
            for part, table in zip(parts, values, strict=True):
                # An objective that has stopped, or is constant, stays where it is.
                table[:, ~active[coder.owner]] = 0.0
                importance.add(part.tree.split_feature, self._gains(part, coder))
                # Move the scores.
                _advance(scores, table, part.tree.leaf, train)
                if val is not None:
                    _advance(scores_val, table, part.tree.leaf_val, val)
            forest.add_round(values)
            # Look at the objectives again: who improved, who stops?
            _look(found, train, val, scores, scores_val)
            best_loss = None
            if checkpoints:
                best_loss = val.losses_with_own(scores_val, checkpoints[1].best)
            watched = self._watched(val, scores_val, found.losses_val)
            improved = stopping.update(forest.n_rounds, watched, best_loss)
            importance.keep(improved)
            back = [c.update(improved, stopping.stopped) for c in checkpoints]
            if any(back):
                train.freeze(coder.constant | stopping.stopped)
                _look(found, train, val, scores, scores_val)
            seconds = time.perf_counter() - start
            losses = found.losses, found.losses_val
            result.record(*losses, weights, cosines, conflict, gap, seconds)
            if self.report is not None:
                self.report(result.history, coder.loss_unit)
            if stopping.finished:
                break
        forest.structures.append(grower.finish())
        result.n_iter = stopping.best_round
        result.total_gains, result.importances = importance.total, importance.best
        return result

    def _direction(
        self, train: TargetRows, val: TargetRows | None
    ) -> StructureGradient | ScoreGradient:
        """What weighs the objectives: where trees are grown, or on their one score."""
        if train.coder.shares_score:
            return ScoreGradient(
                self.balancer, train, val, self.preference, self.limits
            )
        return StructureGradient(
            self.rule, self.balancer, train, self.preference, self.seed
        )

    def _stopping(
        self,
        val: TargetRows | None,
        result: BoostingResult,
        best_val: np.ndarray | None,
    ) -> EarlyStopping | JointStopping:
        n_objectives, n_done = len(result.n_iter), result.forest.n_rounds
        losses, watched = None, np.zeros(n_objectives, dtype=bool)
        if val is not None and self.patience is not None:
            start = val.new_scores() if best_val is None else best_val
            losses = self._watched(val, start, val.losses(start))
            watched = (val.weight_sums > 0) & ~result.coder.constant
        patience = self.patience or 0
        if not result.coder.shares_score:
            best = np.zeros(n_objectives) if losses is None else np.nan_to_num(losses)
            return EarlyStopping(
                patience, self.tol, watched, result.n_iter, best, n_done
            )
        criterion = None
        if watched.any():
            first = np.ones(n_objectives)
            if not self._compares_losses(val):
                first = val.constant_losses()
            criterion = JointCriterion(
                self.balancer,
                self.preference,
                first,
                self.limits,
                watched,
            )
        else:
            losses = None
        return JointStopping(
            patience, self.tol, criterion, result.n_iter, losses, n_done
        )

    def _compares_losses(self, rows: TargetRows | None) -> bool:
        """Whether the balancer weighs objectives of one score by smooth losses."""
        shared = rows is not None and rows.coder.shares_score
        return shared and self.balancer.needs_losses and self.limits is None

    def _watched(
        self, val: TargetRows | None, scores: np.ndarray | None, losses: np.ndarray
    ) -> np.ndarray:
        """The losses that early stopping goes by: those the balancer compares."""
        return val.smooth_losses(scores) if self._compares_losses(val) else losses

    def _gains(self, part: Part, coder: TargetCoder) -> np.ndarray:
        """The gain of each split for what each objective reads."""
        sums = part.gradient, part.hessian
        gains = split_gains(part.tree, *sums, self.leaves.reg_lambda)
        return part.wide(gains, coder.n_scores)[:, coder.reads]


def _look(
    found: Derivatives,
    train: TargetRows,
    val: TargetRows | None,
    scores: np.ndarray,
    scores_val: np.ndarray | None,
) -> None:
    """Fill in the objectives' derivatives and losses at these scores."""
    found.losses, found.energy = train.gradients(scores, found.gradient, found.hessian)
    _check_finite(found.energy, train)
    _check_losses(found.losses, train)
    nothing = np.full(len(found.losses), np.nan)
    found.losses_val = nothing if val is None else val.losses(scores_val)


def _seen(
    chosen: RoundDirection, train: TargetRows, active: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None]:
    """The round's weights and cosines: of shared scores, if objectives have them."""
    weights, cosines = chosen.weights, chosen.cosines
    if train.reconciled is not None:
        weights = train.reconciled / max(np.abs(train.reconciled).sum(), 1.0)
    own_scores = not train.coder.shares_score
    if own_scores and train.pulls is not None and cosines is not None:
        owner = np.arange(len(active))
        cosines = history_cosines(train.pulls.cosines, owner, active)
    return weights, cosines


def _advance(
    scores: np.ndarray, values: np.ndarray, leaf: np.ndarray, rows: TargetRows
) -> None:
    """Add each row's leaf value to its scores, in place."""

    def block(block_rows: slice) -> None:
        scores[block_rows] += values[leaf[block_rows]]

    rows.blocks.map(block)


def _mean_squares(energy: np.ndarray, train: TargetRows) -> np.ndarray:
    """The objectives' weighted mean squared gradients.

    Over the rows each has one of, or 1 where there is none; on shared scores, whose
    gradients are compared with each other, over all rows, or 0.
    """
    sums = train.gradient_weights
    if train.pulls is not None:
        weights = train.cell_weights()
        total = len(train) if weights is None else weights.max(axis=1).sum()
        return np.diag(train.pulls.products) / total
    total = np.bincount(train.coder.owner, energy, len(sums))
    return np.divide(total, sums, out=np.ones(len(sums)), where=total > 0)


def _check_losses(losses: np.ndarray, train: TargetRows) -> None:
    # A NaN would never count as an improvement, and all rounds be for nothing.
    bad = np.flatnonzero(np.isnan(losses) & (train.weight_sums > 0))
    if bad.size:
        k = int(bad[0])
        raise FloatingPointError(
            f"The loss of objective {k} ({train.coder.objectives[k]!r}) is NaN. Lower "
            "'learning_rate', scale its target, or check the objective's loss if it "
            "is your own."
        )


def _check_finite(energy: np.ndarray, train: TargetRows) -> None:
    coder = train.coder
    bad = coder.owner[~np.isfinite(energy)]
    if bad.size:
        if train.pulls is not None and coder.shares_score:
            bad = np.flatnonzero(~np.isfinite(np.diag(train.pulls.products)))
        k = int(bad[0])
        raise FloatingPointError(
            f"The gradient of objective {k} ({coder.objectives[k]!r}) is no longer "
            "finite. Lower 'learning_rate', scale its target, or check the "
            "objective's gradient_hessian if it is your own."
        )
