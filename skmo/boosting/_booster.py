"""The shared-gradient booster: the round loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..balancing import Balancer
from ._checkpoint import Checkpoint
from ._coder import TargetCoder
from ._direction import RoundDirection, StructureGradient, project
from ._grown import Tree
from ._importance import GainImportance, split_gains
from ._leaves import leaf_prior, leaf_sums, newton_steps
from ._renewal import renew_by_quantile
from ._result import BoostingResult
from ._rows import TargetRows
from ._stopping import EarlyStopping
from ._trajectory import history_cosines, score_squares, stationarity_gap
from ._tree import TreeGrower
from .structure import StructureRule

# Rounds without a possible split after which a fit ends. A random direction
# may fail where the next one splits; this many in a row do not fail by chance.
_MAX_IDLE_ROUNDS = 10


@dataclass(frozen=True)
class LeafSettings:
    """How leaf values are computed.

    Attributes
    ----------
    learning_rate, reg_alpha, reg_lambda : float
    cat_l2 : float
        What LightGBM adds to ``reg_lambda`` in leaves made by a categorical
        split; 0 without categorical features.
    min_rows : int
        Observed rows below which a leaf value is shrunk.
    """

    learning_rate: float
    reg_alpha: float = 0.0
    reg_lambda: float = 0.0
    cat_l2: float = 0.0
    min_rows: int = 0


@dataclass(frozen=True)
class _Part:
    """A tree of a round, and the scores it has values for.

    Attributes
    ----------
    tree : Tree
    direction : ndarray of shape (n_scores,)
        What it was grown on.
    scores : ndarray of int
    gradient, hessian : ndarray of shape (n_leaves, len(scores))
        Summed over its leaves.
    """

    tree: Tree
    direction: np.ndarray
    scores: np.ndarray
    gradient: np.ndarray
    hessian: np.ndarray

    def wide(self, values: np.ndarray, n_scores: int) -> np.ndarray:
        """Columns of its scores among columns of all; 0 elsewhere."""
        if values.shape[1] == n_scores:
            return values
        full = np.zeros((len(values), n_scores), dtype=values.dtype)
        full[:, self.scores] = values
        return full


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
    ):
        self.rule, self.balancer = rule, balancer
        self.preference = preference
        self.leaves = leaves
        self.n_estimators = n_estimators
        self.patience, self.tol = patience, tol
        self.seed = seed
        self.report = report

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
        structure = StructureGradient(
            self.rule, self.balancer, train, self.preference, self.seed
        )
        gradient = np.empty(scores.shape, dtype=np.float32)
        hessian = train.new_hessian()
        importance = GainImportance(coder.owner, result.total_gains, result.importances)
        stopping = self._stopping(val, result, best_val)
        checkpoints = []
        if train.reads_others and val is not None and self.patience is not None:
            pairs = ((scores, best), (scores_val, best_val))
            checkpoints = [Checkpoint(s, coder.owner, b) for s, b in pairs]
        cell_weights = train.cell_weights()
        idle, n_round = 0, forest.n_rounds
        train.freeze(coder.constant)
        losses, energy = train.gradients(scores, gradient, hessian)
        _check_finite(energy, coder)
        if result.prior is None:
            result.prior = leaf_prior(energy, hessian)
            result.scale = _mean_squares(energy, train)
        while forest.n_rounds < self.n_estimators and idle < _MAX_IDLE_ROUNDS:
            start = time.perf_counter()
            # How much each objective weighs, and the direction to grow on.
            active = ~(coder.constant | stopping.stopped)
            chosen = structure.weigh(n_round, gradient, energy, losses, active)
            n_round += 1
            if not chosen.direction.any():
                break
            # A tree on one gradient per row; or one for each score.
            parts = self._grow(grower, gradient, hessian, chosen.direction, train)
            if not parts:
                idle += 1
                continue
            idle = 0
            gap = self._gap(parts, cell_weights, train, result.scale, active)
            weights, cosines = _seen(chosen, train, active)
            conflict = train.conflict(scores)
            # A value per leaf and score, from the objectives' own derivatives.
            values = [self._leaf_values(p, result.prior, train, scores) for p in parts]
            for part, table in zip(parts, values, strict=True):
                # An objective that has stopped, or is constant, stays where it is.
                table[:, ~active[coder.owner]] = 0.0
                importance.add(part.tree.split_feature, self._gains(part, scores))
                # Move the scores.
                _advance(scores, table, part.tree.leaf, train)
                if val is not None:
                    _advance(scores_val, table, part.tree.leaf_val, val)
            forest.add_round(values)
            # Look at the objectives again: who improved, who stops?
            losses, energy = train.gradients(scores, gradient, hessian)
            _check_finite(energy, coder)
            losses_val, best_loss = np.full(len(losses), np.nan), None
            if val is not None:
                losses_val = val.losses(scores_val)
            if checkpoints:
                best_loss = val.losses_with_own(scores_val, checkpoints[1].best)
            improved = stopping.update(forest.n_rounds, losses_val, best_loss)
            importance.keep(improved)
            back = [c.update(improved, stopping.stopped) for c in checkpoints]
            if any(back):
                train.freeze(coder.constant | stopping.stopped)
                losses, energy = train.gradients(scores, gradient, hessian)
                losses_val = val.losses(scores_val)
            seconds = time.perf_counter() - start
            result.record(losses, losses_val, weights, cosines, conflict, gap, seconds)
            if self.report is not None:
                self.report(result.history, coder.loss_unit)
            if stopping.finished:
                break
        forest.structures.append(grower.finish())
        result.n_iter = stopping.best_round
        result.total_gains, result.importances = importance.total, importance.best
        return result

    def _stopping(
        self,
        val: TargetRows | None,
        result: BoostingResult,
        best_val: np.ndarray | None,
    ) -> EarlyStopping:
        n_objectives = len(result.n_iter)
        best_loss = np.zeros(n_objectives)
        watched = np.zeros(n_objectives, dtype=bool)
        if val is not None and self.patience is not None:
            start = val.new_scores() if best_val is None else best_val
            best_loss = np.nan_to_num(val.losses(start))
            watched = (val.weight_sums > 0) & ~result.coder.constant
        return EarlyStopping(
            self.patience or 0,
            self.tol,
            watched,
            result.n_iter,
            best_loss,
            result.forest.n_rounds,
        )

    def _grow(
        self,
        grower: TreeGrower,
        gradient: np.ndarray,
        hessian: np.ndarray,
        direction: np.ndarray,
        train: TargetRows,
    ) -> list[_Part]:
        """The round's trees; none where no split meets the requirements."""
        n_scores = len(direction)
        directions = [direction]
        if self.rule.apart:
            directions = list(np.eye(n_scores, dtype=np.float32)[direction != 0])
        parts = []
        for r in directions:
            scores = np.flatnonzero(r) if self.rule.apart else np.arange(n_scores)
            g, h, share = gradient, hessian, 1.0
            if len(scores) < n_scores:
                # Untouched, as for a single score.
                g = np.ascontiguousarray(g[:, scores])
                h = np.ascontiguousarray(h[:, scores % h.shape[1]])
                share = train.share_observed(train.coder.owner[scores[0]])
            row_g, row_h, r = project(g, h, r[scores], train.blocks)
            tree = grower.grow(row_g, row_h, share)
            if tree is not None:
                sums = [
                    leaf_sums(tree.leaf, part, tree.n_leaves, train.blocks, tree.bag)
                    for part in (g, h)
                ]
                sums[1] = np.broadcast_to(sums[1], sums[0].shape)
                parts.append(_Part(tree, r, scores, *sums))
        return parts

    def _gains(self, part: _Part, scores: np.ndarray) -> np.ndarray:
        """The gain of each split for each score, (n_splits, n_scores)."""
        sums = part.gradient, part.hessian
        gains = split_gains(part.tree, *sums, self.leaves.reg_lambda)
        return part.wide(gains, scores.shape[1])

    def _gap(
        self,
        parts: list[_Part],
        cell_weights: np.ndarray | None,
        train: TargetRows,
        scale: np.ndarray,
        active: np.ndarray,
    ) -> float:
        """The Pareto-stationarity gap by the leaf values of the round's trees."""
        owner, n_objectives = train.coder.owner, len(active)
        products = np.zeros((n_objectives, n_objectives))
        for part in parts:
            totals = _leaf_weights(part.tree, cell_weights, train)
            if train.pulls is not None:
                total = totals.max(axis=1).astype(np.float64)
                products += train.pulls.on_leaves(
                    part.tree, part.scores, total, train.blocks
                )
                continue
            sums = part.wide(part.gradient, len(owner))
            squares = score_squares(sums, totals, owner)
            products += np.diag(np.bincount(owner, squares, n_objectives))
        return stationarity_gap(products, scale, active)

    def _leaf_values(
        self, part: _Part, prior: np.ndarray, train: TargetRows, scores: np.ndarray
    ) -> np.ndarray:
        """The step of each leaf and score, (n_leaves, n_scores)."""
        settings, tree = self.leaves, part.tree
        reg_lambda: np.ndarray | float = settings.reg_lambda
        if self.rule.apart:  # grown for its score alone
            prior = np.zeros_like(prior)
        if settings.cat_l2 > 0:
            reg_lambda = _leaf_l2(
                tree, part.gradient, part.hessian, part.direction, settings
            )
        steps = newton_steps(
            part.gradient,
            part.hessian,
            learning_rate=settings.learning_rate,
            reg_alpha=settings.reg_alpha,
            reg_lambda=reg_lambda + prior[part.scores],
        )
        values = part.wide(steps, scores.shape[1])
        renew_by_quantile(
            values, tree, train, scores, settings.learning_rate, part.scores
        )
        if train.observed is not None and settings.min_rows > 0 and not self.rule.apart:
            values *= self._support(tree, train)
        return values.astype(scores.dtype)

    def _support(self, tree: Tree, train: TargetRows) -> np.ndarray:
        """Factor of leaf values that too few observed rows stand behind.

        A tree's leaves hold ``min_child_samples`` rows, but an objective may
        observe few of them. Its step is that of a leaf filled up to so many
        rows with rows of average curvature and no gradient.
        """
        counts = leaf_sums(
            tree.leaf, train.observed, tree.n_leaves, train.blocks, tree.bag
        )
        return np.minimum(counts / self.leaves.min_rows, 1.0)[:, train.coder.owner]


def _seen(
    chosen: RoundDirection, train: TargetRows, active: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None]:
    """The round's weights and cosines: of shared scores, if objectives have them."""
    weights, cosines = chosen.weights, chosen.cosines
    if train.reconciled is not None:
        weights = train.reconciled / max(np.abs(train.reconciled).sum(), 1.0)
    if train.pulls is not None and cosines is not None:
        owner = np.arange(len(active))
        cosines = history_cosines(train.pulls.cosines, owner, active)
    return weights, cosines


def _leaf_weights(
    tree: Tree, cell_weights: np.ndarray | None, train: TargetRows
) -> np.ndarray:
    """Weights of the leaves' observed targets, (n_leaves, 1 or n_objectives)."""
    if cell_weights is None:
        return tree.counts[:, np.newaxis]
    return leaf_sums(tree.leaf, cell_weights, tree.n_leaves, train.blocks, tree.bag)


def _leaf_l2(
    tree: Tree,
    g: np.ndarray,
    h: np.ndarray,
    direction: np.ndarray,
    settings: LeafSettings,
) -> np.ndarray:
    """The L2 penalty LightGBM used in each leaf, (n_leaves, 1).

    LightGBM adds ``cat_l2`` where a many-versus-many categorical split made
    the leaf. Its own output for the structure gradient tells which: it is the
    Newton step with one penalty or with the other.
    """
    r = direction.astype(np.float64)
    g, h = g @ r, h @ r**2
    misfit = []
    for l2 in (settings.reg_lambda, settings.reg_lambda + settings.cat_l2):
        step = newton_steps(
            g, h, learning_rate=1.0, reg_alpha=settings.reg_alpha, reg_lambda=l2
        )
        misfit.append(np.abs(step - tree.outputs))
    plain, categorical = misfit
    return settings.reg_lambda + settings.cat_l2 * (categorical < plain)[:, None]


def _advance(
    scores: np.ndarray, values: np.ndarray, leaf: np.ndarray, rows: TargetRows
) -> None:
    """Add each row's leaf value to its scores, in place."""

    def block(block_rows: slice) -> None:
        scores[block_rows] += values[leaf[block_rows]]

    rows.blocks.map(block)


def _mean_squares(energy: np.ndarray, train: TargetRows) -> np.ndarray:
    """The objectives' weighted mean squared gradients; 1 where there is none."""
    sums = train.gradient_weights
    total = np.bincount(train.coder.owner, energy, len(sums))
    if train.pulls is not None:
        total = np.diag(train.pulls.products)
    return np.divide(total, sums, out=np.ones(len(sums)), where=total > 0)


def _check_finite(energy: np.ndarray, coder: TargetCoder) -> None:
    bad = coder.owner[~np.isfinite(energy)]
    if bad.size:
        k = int(bad[0])
        raise FloatingPointError(
            f"The gradient of objective {k} ({coder.objectives[k]!r}) is no longer "
            "finite. Lower 'learning_rate', scale its target, or check the "
            "objective's gradient_hessian if it is your own."
        )
