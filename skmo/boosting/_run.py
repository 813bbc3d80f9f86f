"""One run of the booster: all that its rounds change."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ._best_scores import BestScores
from ._direction import Derivatives, StructureGradient
from ._importance import GainImportance
from ._leaves import leaf_prior
from ._result import BoostingResult
from ._rows import TargetRows
from ._score_gradient import ScoreGradient
from ._stopping import EarlyStopping, JointStopping
from ._tree import TreeGrower, TreeStructure
from .structure import StructureRule

# Rounds without a possible split after which a fit ends. A random direction
# may fail where the next one splits; this many in a row do not fail by chance.
_MAX_IDLE_ROUNDS = 10


@dataclass
class Run:
    """All that the rounds of a fit change.

    Attributes
    ----------
    grower : TreeGrower
    train, val : TargetRows
    result : BoostingResult
    scores, scores_val : ndarray of shape (n_samples, n_scores)
    rule : StructureRule
    structure : StructureGradient or ScoreGradient
    stopping : EarlyStopping or JointStopping
    importance : GainImportance
    best_scores : list of BestScores
        Of the training and the validation rows, or none.
    found : Derivatives
        At the present scores.
    cell_weights : ndarray or None
        See `TargetRows.cell_weights`.
    n_round : int
        Rounds begun, those that grew no tree included.
    idle : int
        The last rounds in a row that grew no tree.
    exhausted : bool
        Whether nothing is left to learn.
    """

    grower: TreeGrower
    train: TargetRows
    val: TargetRows | None
    result: BoostingResult
    scores: np.ndarray
    scores_val: np.ndarray | None
    rule: StructureRule
    structure: StructureGradient | ScoreGradient
    stopping: EarlyStopping | JointStopping
    importance: GainImportance
    best_scores: list[BestScores]
    n_round: int = 0
    idle: int = 0
    exhausted: bool = False

    def __post_init__(self):
        self.found = Derivatives.room(self.scores.shape, self.train.new_hessian())
        self.cell_weights = self.train.cell_weights()
        self.n_round = self.n_rounds
        # Structures of earlier fits; this one's are joined to one when it ends.
        self._n_structures = len(self.result.forest.structures)
        self._memory: Any = None
        self.train.freeze(self.result.coder.constant)
        if self.result.coder.shares_score:
            self.train.set_units()

    @property
    def n_rounds(self) -> int:
        """Rounds that grew a tree, those of earlier fits included."""
        return self.result.forest.n_rounds

    @property
    def active(self) -> np.ndarray:
        """The objectives that still learn, (n_objectives,) bool."""
        return ~(self.result.coder.constant | self.stopping.stopped)

    @property
    def consistent(self) -> bool:
        """Whether the last round was completed."""
        return len(self.result.history["seconds"]) == self.n_rounds

    def goes_on(self, n_estimators: int) -> bool:
        """Whether another round follows."""
        enough = self.n_rounds >= n_estimators or self.idle >= _MAX_IDLE_ROUNDS
        return not (enough or self.exhausted or self.stopping.finished)

    def begin(self) -> None:
        """Look at the objectives for the first time."""
        self.look()
        result = self.result
        if result.prior is None:
            result.prior = leaf_prior(self.found.energy, self._curvature())
            result.scale = _mean_squares(self.found.energy, self.train)

    def _curvature(self) -> np.ndarray:
        """The Hessian summed over all rows, (n_scores,) or (1,)."""
        if len(self.found.energy) == 1:
            return np.ones(1)  # one score has no prior, and a shared one no Hessian yet
        curvature = self.found.hessian.sum(axis=0, dtype=np.float64)
        return self.train.communicator.sum(curvature)[0]

    def look(self) -> None:
        """Find the objectives' derivatives and losses at the present scores."""
        found, train = self.found, self.train
        # A look may draw, or move a balancer: to repeat it, this is put back.
        self._memory = train.memory()
        found.losses, found.energy = train.gradients(
            self.scores, found.gradient, found.hessian
        )
        _check_finite(found.energy, train)
        _check_losses(found.losses, train)
        found.losses_val = np.full(len(found.losses), np.nan)
        if self.val is not None:
            found.losses_val = self.val.losses(self.scores_val)

    def freeze_stopped(self) -> None:
        """Tell the rows whose scores no longer move."""
        self.train.freeze(self.result.coder.constant | self.stopping.stopped)

    def cut(self) -> None:
        """Take the trees grown so far from LightGBM, whose draws start anew.

        LightGBM tells nobody where its random numbers stand, so a fit can be
        continued from here alone.
        """
        n_trees = self._n_growing()
        if n_trees:
            self.result.forest.structures.append(self.grower.finish(n_trees))
            self.grower.restart(self.n_rounds)

    def save(self) -> dict[str, Any]:
        """What `restore` goes on from, after a `cut`; to be pickled at once."""
        kept = {f.name for f in fields(self.result)} - {"coder", "heads"}
        return {
            "scores": (self.scores, self.scores_val),
            "result": {name: getattr(self.result, name) for name in sorted(kept)},
            "structure": self.structure.memory(),
            "rule": vars(self.rule),
            "rows": self._memory,
            "stopping": self.stopping.memory(),
            "importance": self.importance.memory(),
            "best_scores": [kept.memory() for kept in self.best_scores],
            "counts": (self.n_round, self.idle, self._n_structures),
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Go on from where `save` was called, instead of `begin`."""
        for scores, values in zip(
            (self.scores, self.scores_val), saved["scores"], strict=True
        ):
            if scores is not None:
                scores[:] = values
        for name, value in saved["result"].items():
            setattr(self.result, name, value)
        self.structure.remember(saved["structure"])
        vars(self.rule).update(saved["rule"])
        self.stopping.remember(saved["stopping"])
        self.importance.remember(saved["importance"])
        for kept, memory in zip(self.best_scores, saved["best_scores"], strict=True):
            kept.remember(memory)
        self.n_round, self.idle, self._n_structures = saved["counts"]
        self.grower.restart(self.n_rounds)
        self.train.remember(saved["rows"])
        if self.best_scores:
            self.freeze_stopped()
        self.look()

    def finish(self) -> BoostingResult:
        """The result, with what was kept elsewhere until now."""
        structures, first = self.result.forest.structures, self._n_structures
        n_trees = self._n_growing()
        if n_trees or len(structures) == first:
            structures.append(self.grower.finish(n_trees))
        structures[first:] = [TreeStructure.joined(structures[first:])]
        self._fill(self.result)
        return self.result

    def result_now(self) -> BoostingResult:
        """A copy of the result, as if the fit had ended here."""
        result = self.result.copy()
        n_trees = self._n_growing()
        if n_trees:
            result.forest.structures.append(self.grower.finish(n_trees))
        self._fill(result)
        return result

    def _fill(self, result: BoostingResult) -> None:
        result.n_iter = self.stopping.best_round.copy()
        result.total_gains = self.importance.total.copy()
        result.importances = self.importance.best.copy()

    def _n_growing(self) -> int:
        """Trees that LightGBM still holds."""
        forest = self.result.forest
        return forest.n_trees - sum(part.n_trees for part in forest.structures)


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
