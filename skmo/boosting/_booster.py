"""The shared-gradient booster: the round loop."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from ..balancing import Balancer
from ._best_scores import BestScores
from ._coder import TargetCoder
from ._direction import RoundDirection, StructureGradient
from ._importance import GainImportance, split_gains
from ._leaf_values import LeafSettings, leaf_values
from ._limits import Limits
from ._parts import Part, grow_parts, joint_gap
from ._result import BoostingResult
from ._rows import TargetRows
from ._run import Run
from ._score_gradient import ScoreGradient
from ._stopping import EarlyStopping, JointCriterion, JointStopping
from ._trajectory import history_cosines
from ._tree import TreeGrower
from ._watch import Watch
from .structure import StructureRule


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
        limits: Limits | None = None,
    ):
        self.rule, self.balancer = rule, balancer
        self.preference = preference
        self.leaves = leaves
        self.n_estimators = n_estimators
        self.patience, self.tol = patience, tol
        self.seed = seed
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
        *,
        watch: Watch | None = None,
        saved: dict[str, Any] | None = None,
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
        watch : Watch, optional
            Is told of the rounds, and may end them.
        saved : dict, optional
            What `Run.save` gave in a fit of the same data, to go on from.
        """
        if scores is None:
            scores = train.new_scores()
        if scores_val is None and val is not None:
            scores_val = val.new_scores()
        best_scores = []
        if train.reads_others and val is not None and self.patience is not None:
            pairs = ((scores, best), (scores_val, best_val))
            best_scores = [BestScores(s, result.coder.owner, b) for s, b in pairs]
        run = Run(
            grower,
            train,
            val,
            result,
            scores,
            scores_val,
            rule=self.rule,
            structure=self._direction(train, val),
            stopping=self._stopping(val, result, best_val),
            importance=GainImportance(
                result.coder.reader, result.total_gains, result.importances
            ),
            best_scores=best_scores,
        )
        if saved is None:
            run.begin()
        else:
            run.restore(saved)
        watch = Watch() if watch is None else watch
        with watch.guard(run):
            while run.goes_on(self.n_estimators):
                if not run.idle:
                    watch.before(run)
                if self._round(run):
                    watch.after(run)
        return run.finish()

    def _round(self, run: Run) -> bool:
        """One round of boosting: weigh, grow, give values, move, look again.

        Returns
        -------
        bool
            Whether trees were added.
        """
        start = time.perf_counter()
        found, train, val, scores = run.found, run.train, run.val, run.scores
        result, coder, apart = run.result, run.result.coder, self.rule.apart
        # How much each objective weighs, and the direction to grow on.
        active = run.active
        chosen = run.structure.weigh(run.n_round, found, active)
        run.n_round += 1
        run.exhausted = not chosen.direction.any()
        if run.exhausted:
            return False
        # A tree on one gradient per row; or one for each score.
        parts = grow_parts(run.grower, found, chosen.direction, train, apart=apart)
        run.idle = 0 if parts else run.idle + 1
        if not parts:
            return False
        gap = joint_gap(parts, run.cell_weights, train, result.scale, active)
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
            # Move the scores.
            _advance(scores, table, part.tree.leaf, train)
            if val is not None:
                _advance(run.scores_val, table, part.tree.leaf_val, val)
        # Look at the objectives again: who improved, who stops?
        run.look()
        best_loss = None
        if run.best_scores:
            best_loss = val.losses_with_own(run.scores_val, run.best_scores[1].best)
        watched = self._watched(val, run.scores_val, found.losses_val)
        # Nothing is added to the result before here: an exception undoes the round.
        for part in parts:
            run.importance.add(part.tree.split_feature, self._gains(part, coder))
        result.forest.add_round(values)
        improved = run.stopping.update(run.n_rounds, watched, best_loss)
        run.importance.keep(improved)
        back = [b.update(improved, run.stopping.stopped) for b in run.best_scores]
        if any(back):
            run.freeze_stopped()
            run.look()
        seconds = time.perf_counter() - start
        losses = found.losses, found.losses_val
        result.record(*losses, weights, cosines, conflict, gap, seconds)
        return True

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
        # Four times as fast as an index of rows, which checks each of them.
        scores[block_rows] += np.take(values, leaf[block_rows], axis=0, mode="clip")

    rows.blocks.map(block)
