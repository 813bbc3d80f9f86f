"""Between targets in the user's units and the one score they all pull on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..objectives import Objective
from ._coder import (
    MAX_SPREAD,
    MIN_SPREAD,
    TargetCoder,
    moments,
    observed,
    quartiles,
)
from ._communicator import ALONE, Communicator


class OneScoreCoder(TargetCoder):
    """What is learnt from the targets of one score before the first tree.

    The score has one meaning, so targets that are standardised have a common centre
    and unit, that of all their values; only a single one keeps its unit, as
    elsewhere. Training starts from the mean of the objectives' own constants by the
    preference.

    Parameters
    ----------
    objectives : sequence of Objective or RankingObjective
        One per target, each with a single score.
    preference : ndarray of shape (n_objectives,), default=None
        None means equal ones.

    Attributes
    ----------
    own_constants : ndarray of shape (n_objectives,)
        Where each objective would start if it were alone.
    """

    def __init__(
        self,
        objectives: Sequence[Objective],
        preference: np.ndarray | None = None,
    ):
        super().__init__(objectives)
        self._preference = preference

    def fit(
        self,
        target: np.ndarray,
        weight: np.ndarray | None,
        communicator: Communicator = ALONE,
    ) -> OneScoreCoder:
        if communicator.n_workers > 1:
            raise ValueError(
                "Objectives that share a score are trained on one machine only. Got "
                f"{communicator.n_workers} workers: set shared_score=False, or use the "
                "estimator of skmo itself."
            )
        n_objectives = len(self.objectives)
        columns = [observed(target, weight, k) for k in range(n_objectives)]
        centre, scale = self._origin(columns)
        self.centre = np.full(n_objectives, centre)
        self.scale = np.full(n_objectives, scale)
        constants = []
        self._varies = any(np.ptp(values) > 0 for values, _ in columns)
        for k, (values, weights) in enumerate(columns):
            values = (values - centre) / scale
            spread = moments(values, weights)[1]
            self.objectives[k] = self.objectives[k].with_scale(scale, spread)
            constants.append(self.objectives[k].init_score(values, weights))
        # A constant target pulls on the score like any other.
        self.constant = np.zeros(n_objectives, dtype=bool)
        self.scores = [slice(0, 1)] * n_objectives
        self.owner = np.zeros(1, dtype=np.int64)
        self.own_constants = np.concatenate(constants)
        preference = self._preference
        if preference is not None:  # their sum may overflow
            preference = preference / preference.max()
        start = np.average(self.own_constants, weights=preference)
        self.init_scores = np.array([start])
        return self

    @property
    def nothing_varies(self) -> bool:
        return not self._varies

    def _origin(self, columns: list[tuple]) -> tuple[float, float]:
        """The common centre and scale; 0 and 1 where a loss forbids them."""
        if not all(objective.standardise for objective in self.objectives):
            return 0.0, 1.0
        found = np.array([moments(*column) for column in columns])
        if all(objective.robust for objective in self.objectives):
            found = np.array(
                [
                    quartiles(*column, spread)
                    for column, (_, spread) in zip(columns, found, strict=True)
                ]
            )
        centre = float(found[:, 0].mean())
        spread = float(np.sqrt(np.mean(found[:, 1] ** 2 + (found[:, 0] - centre) ** 2)))
        alone = len(columns) == 1 and MIN_SPREAD < spread < MAX_SPREAD
        return centre, 1.0 if alone or spread == 0 else spread

    def predict(self, scores: np.ndarray) -> list[np.ndarray]:
        """The prediction all objectives share, (n_samples,) float64."""
        value = self.objectives[0].inverse_link(scores[:, 0].astype(np.float64))
        return [value * self.scale[0] + self.centre[0]]
