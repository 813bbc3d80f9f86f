"""What estimators with one score for all objectives share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from copy import copy
from numbers import Integral, Real
from typing import Any

import numpy as np

from ..balancing import AugmentedLagrangian, Balancer, Equal
from ..boosting import (
    BoostingResult,
    HeadTrainer,
    JointRows,
    Limits,
    OneScoreCoder,
    SharedBooster,
    TargetCoder,
    TargetRows,
)
from ..boosting.structure import StructureRule
from ..objectives import Objective
from ._base import MultiObjectiveBase
from ._parameters import check_preference
from ._progress import say
from ._rows import Rows
from ._training import BoosterInputs


class OneScoreMixin(MultiObjectiveBase):
    """Objectives that pull on one score, where the estimator is told so."""

    bounds: Any

    @property
    @abstractmethod
    def _shares_score(self) -> bool:
        """Whether the parameters ask for one score."""

    def _coder(self) -> TargetCoder:
        if self._shares_score:
            preference = check_preference(self.preference, self.n_objectives_)
            return OneScoreCoder(self.objectives_, preference)
        return super()._coder()

    def _target_rows(
        self, coder: TargetCoder, train: Rows, val: Rows | None, n_threads: int
    ) -> tuple[TargetRows, TargetRows | None]:
        if not self._shares_score and train.query is None:
            return super()._target_rows(coder, train, val, n_threads)

        def rows(part: Rows) -> JointRows:
            return JointRows(
                coder,
                part.target,
                part.weight,
                n_threads,
                query=part.query,
                # Draws of added rounds must not repeat the first ones.
                seed=self._seed + self._n_done(),
            )

        return rows(train), None if val is None else rows(val)

    def _check_balancer(
        self,
        balancer: Balancer,
        structure: StructureRule,
        coder: TargetCoder,
        preference: np.ndarray | None,
    ) -> Balancer:
        bounds = check_bounds(self.bounds, self.objective_names_)
        if not self._shares_score:
            if bounds:
                raise ValueError(
                    f"The 'bounds' parameter needs one score for all objectives. Got "
                    f"bounds={self.bounds!r:.200}; {self._one_score_hint}, or leave it "
                    "at None."
                )
            return super()._check_balancer(balancer, structure, coder, preference)
        if bounds and isinstance(balancer, Equal):
            # It weighs what has no bound as "equal" does.
            balancer = AugmentedLagrangian()
        balancer.check_preference(preference)
        if bounds and preference is not None:
            check_something_to_gain(preference, bounds, self.objective_names_)
        limits = np.full(self.n_objectives_, np.inf)
        limits[list(bounds)] = 1.0
        balancer.check_bounds(limits)
        return balancer

    _one_score_hint = "set shared_score=True"

    def _train_before(
        self, inputs: BoosterInputs, booster: SharedBooster
    ) -> Limits | None:
        names = self.objective_names_
        bounds = check_bounds(self.bounds, names)
        if not bounds:
            return None
        say(self.verbose, f"bounds: training {len(bounds)} model(s) to compare with …")
        return _reference_limits(inputs, booster, bounds, names)

    def _use_before(
        self, found: Limits | None, inputs: BoosterInputs, booster: SharedBooster
    ) -> None:
        booster.limits = found

    def _head_trainer(self, X: Any) -> HeadTrainer | None:
        if not self._shares_score:
            return super()._head_trainer(X)
        if self.heads in ("boost", "blend") or self.head_params:
            raise ValueError(
                "Objectives that share one score have no learners of their own. Got "
                f"heads={self.heads!r} and head_params={self.head_params!r:.200}: "
                "leave them at 'auto' (or 'none') and None."
            )
        return None

    def _scored_rows(self, target: np.ndarray, weight: np.ndarray | None) -> TargetRows:
        if self._shares_score:
            return JointRows(self._result.coder, target, weight)
        return super()._scored_rows(target, weight)


def check_one_link(objectives: Sequence[Objective]) -> None:
    """Objectives that share a score must mean the same by it.

    Raises
    ------
    ValueError
        If their inverse links differ, or one has several scores.
    """
    links = {type(objective).inverse_link for objective in objectives}
    several = any(objective.multi_score for objective in objectives)
    if len(links) > 1 or several:
        raise ValueError(
            "With shared_score=True all objectives must read the score alike: all as a "
            "value (such as 'squared_error', 'quantile', 'huber'), all as log-odds "
            "('binary', 'cross_entropy') or all as a logarithm ('poisson', 'gamma', "
            f"'tweedie'). Got {list(objectives)!r:.200}."
        )


def check_bounds(bounds: Any, names: Sequence[str]) -> dict[int, float]:
    """The share of its score that each bounded objective may lose.

    Parameters
    ----------
    bounds : mapping of str or int to float, sequence of (float or None), or None
    names : sequence of str

    Raises
    ------
    ValueError
        For an unknown objective, or a share outside of [0, 1).
    """
    if bounds is None:
        return {}
    if isinstance(bounds, set | frozenset):
        raise ValueError(
            f"The 'bounds' parameter must be a dict or a sequence. Got {bounds!r:.200}."
        )
    if not isinstance(bounds, Mapping):
        if len(bounds) != len(names):
            raise ValueError(
                f"The 'bounds' parameter must have one entry per objective, "
                f"{len(names)}, or be a dict. Got {len(bounds)} entries."
            )
        bounds = {k: bound for k, bound in enumerate(bounds) if bound is not None}
    found = {}
    for key, share in bounds.items():
        known = key in names or (
            isinstance(key, Integral)
            and not isinstance(key, bool)
            and -len(names) <= key < len(names)
        )
        if not known:
            raise ValueError(
                f"The 'bounds' parameter names {key!r:.200}, but the objectives are "
                f"{list(names)!r:.200}."
            )
        k = list(names).index(key) if key in names else int(key) % len(names)
        good = isinstance(share, Real) and not isinstance(share, bool)
        if not good or not 0 <= share < 1:
            raise ValueError(
                "The 'bounds' parameter holds the share of an objective's score that "
                f"may be lost, at least 0 and below 1. Got {share!r:.200} for "
                f"{key!r:.200}; 0.01 is one per cent."
            )
        if k in found:
            raise ValueError(
                f"The 'bounds' parameter names objective {names[k]!r} twice: "
                f"{bounds!r:.200}. Keep one."
            )
        found[k] = float(share)
    if len(found) == len(names):
        raise ValueError(
            "The 'bounds' parameter bounds all objectives, which leaves none to gain. "
            f"Got {bounds!r:.200}: leave one out."
        )
    return found


def check_something_to_gain(
    preference: np.ndarray, bounds: Mapping[int, float], names: Sequence[str]
) -> None:
    """An objective without a bound must have a preference of more than 0."""
    free = [k for k in range(len(names)) if k not in bounds]
    if not preference[free].any():
        raise ValueError(
            f"The 'preference' parameter is 0 for all objectives that 'bounds' leaves "
            f"free, {[names[k] for k in free]}, so that nothing is left to gain. Got "
            f"preference={preference.tolist()!r:.200}: raise one of them."
        )


def _own_start(rows: JointRows | None, k: int) -> np.ndarray | None:
    """The scores from which a model of objective ``k`` alone would start."""
    if rows is None:
        return None
    coder = rows.coder
    if not coder.shares_score:
        return rows.new_scores()
    return np.full((len(rows), 1), coder.own_constants[k])


def _reference_limits(
    inputs: BoosterInputs,
    booster: SharedBooster,
    bounds: dict[int, float],
    names: Sequence[str],
) -> Limits:
    """Train each bounded objective alone; what may be lost of its losses."""
    train, val = inputs.train, inputs.val
    references = {}
    for k in bounds:
        if val is not None and val.weight_sums[k] == 0:
            raise ValueError(
                f"bounds[{names[k]!r}]={bounds[k]} cannot be held: no validation row "
                "has it observed. Pass rows that have, or none."
            )
        reference = copy(booster)
        reference.balancer, reference.limits = Equal(), None
        reference.preference = np.eye(len(names))[k]
        result = BoostingResult.start(train.coder, inputs.grower.X.shape[1])
        starts = [_own_start(part, k) for part in (train, val)]
        first = [
            part.losses(start)[k]
            for part, start in zip((train, val), starts, strict=True)
            if part is not None
        ]
        best_val = None if val is None else starts[1].copy()
        reference.fit(inputs.grower, train, val, result, *starts, best_val=best_val)
        inputs.grower.restart()
        n_rounds, history = int(result.n_iter[k]), result.history
        losses = [
            np.array([start, *(row[k] for row in history[name][:n_rounds])])
            for start, name in zip(first, ("train_loss", "val_loss"), strict=False)
        ]
        # Without validation rows the training rows stand for them.
        references[k] = losses[0], losses[-1]
    units = train.loss_units(), (val or train).loss_units()
    return Limits.from_references(references, bounds, units)
