"""What boosting leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .._plain import pack_object, unpack_object
from ._coder import TargetCoder
from ._forest import Forest
from ._trajectory import conflict_share

if TYPE_CHECKING:
    from ._heads import Head


@dataclass
class BoostingResult:
    """What boosting leaves behind.

    Attributes
    ----------
    coder : TargetCoder
    forest : Forest
    n_iter : ndarray of shape (n_objectives,), int
        Trees each objective predicts with.
    total_gains : ndarray of shape (n_objectives, n_features)
        Gains of all trees.
    importances : ndarray of shape (n_objectives, n_features)
        Gains of each objective's own trees.
    prior : ndarray of shape (n_scores,) or None
        What `leaf_prior` found before the first tree.
    scale : ndarray of shape (n_objectives,) or None
        Each objective's mean squared gradient before the first tree.
    heads : list of (Head or None)
        Each objective's own learner, where it has one.
    history : dict of str to list
        One entry a round, as in the estimators' ``history_`` but with losses of
        the scaled targets.
    conflicts : list of ndarray
        What `TargetRows.conflict` found before each round.
    """

    coder: TargetCoder
    forest: Forest
    n_iter: np.ndarray
    total_gains: np.ndarray
    importances: np.ndarray
    history: dict[str, list] = field(
        default_factory=lambda: {
            "train_loss": [],
            "val_loss": [],
            "weights": [],
            "cosines": [],
            "conflict": [],
            "gap": [],
            "seconds": [],
        }
    )
    prior: np.ndarray | None = None
    scale: np.ndarray | None = None
    heads: list[Head | None] = field(default_factory=list)
    conflicts: list[np.ndarray] = field(default_factory=list)

    @classmethod
    def start(cls, coder: TargetCoder, n_features: int) -> BoostingResult:
        """A result without trees."""
        n_objectives = len(coder.objectives)
        return cls(
            coder,
            Forest(coder.init_scores),
            n_iter=np.zeros(n_objectives, dtype=np.int64),
            total_gains=np.zeros((n_objectives, n_features)),
            importances=np.zeros((n_objectives, n_features)),
            heads=[None] * n_objectives,
        )

    def copy(self) -> BoostingResult:
        """A result that rounds can be added to without touching this one.

        Heads suit the trees they were made for, so it has none.
        """
        return BoostingResult(
            self.coder,
            self.forest.copy(),
            self.n_iter.copy(),
            self.total_gains,
            self.importances,
            {name: list(values) for name, values in self.history.items()},
            self.prior,
            self.scale,
            [None] * len(self.heads),
            list(self.conflicts),
        )

    def __getstate__(self) -> dict[str, Any]:
        return pack_object(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(vars(unpack_object(state, type(self))))

    def record(
        self,
        losses: np.ndarray,
        losses_val: np.ndarray,
        weights: np.ndarray,
        cosines: np.ndarray | None,
        conflict: np.ndarray | None,
        gap: float,
        seconds: float,
    ) -> None:
        """Note a round in the history."""
        entries = {
            "train_loss": losses,
            "val_loss": losses_val,
            "weights": weights,
            "gap": gap,
            "seconds": seconds,
        }
        if cosines is not None:
            entries["cosines"] = cosines
            entries["conflict"] = conflict_share(cosines, self.coder.reader)
        if conflict is not None:
            self.conflicts.append(conflict)
        for name, entry in entries.items():
            self.history[name].append(entry)
