"""One trial: its parameters cross-validated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed

from ..pareto._evaluate import Outcome, Rows, evaluate, refit
from ..pareto._scoring import ObjectiveScores
from ._space import SearchSpace
from ._study import OUTCOMES, TrialFailedError


@dataclass(frozen=True)
class TrialPlan:
    """How an estimator is fitted with a trial's parameters."""

    estimator: Any

    def fit(self, rows: Rows, params: dict[str, Any], _: None = None) -> Any:
        """A clone, fitted; the parameters stay as they are, even if it alters them."""
        own = {name: clone(value, safe=False) for name, value in params.items()}
        model = clone(self.estimator).set_params(**own)
        return model.fit(rows.X, rows.y, **rows.fit_params)


@dataclass(frozen=True)
class TrialObjective:
    """From a trial to its mean scores.

    Attributes
    ----------
    plan : TrialPlan
    space : SearchSpace
    rows : Rows
    splits : sequence of (ndarray, ndarray)
    scores : ObjectiveScores
    n_objectives : int
    error_score : "raise" or float
    n_jobs : int or None
    """

    plan: TrialPlan
    space: SearchSpace
    rows: Rows
    splits: Sequence[tuple[np.ndarray, np.ndarray]]
    scores: ObjectiveScores
    n_objectives: int
    error_score: Any
    n_jobs: int | None

    def __call__(self, trial: Any) -> list[float]:
        """The mean of each objective over the folds in which it has a score.

        Raises
        ------
        TrialFailedError
            If a fit failed, or an objective has no finite mean.
        """
        params = self.space.params(trial)
        # The folds in parallel, not the trials: a sampler learns from every trial,
        # and the study does not depend on the number of jobs.
        outcomes = Parallel(n_jobs=self.n_jobs)(
            delayed(evaluate)(
                *(self.plan, self.rows, split, params, self.scores),
                *(self.error_score, None),
            )
            for split in self.splits
        )
        self._check_number(outcomes)
        trial.set_user_attr(OUTCOMES, [asdict(outcome) for outcome in outcomes])
        return _means(outcomes)

    def refit(self, params: Sequence[dict[str, Any]]) -> list[Any]:
        """The estimators with some trials' parameters, fitted on all rows."""
        return Parallel(n_jobs=self.n_jobs)(
            delayed(refit)(self.plan, self.rows, own, None) for own in params
        )

    def _check_number(self, outcomes: Sequence[Outcome]) -> None:
        numbers = {len(o.scores) for o in outcomes if o.error is None}
        if numbers - {self.n_objectives}:
            raise ValueError(
                f"The estimator's score_objectives returned {max(numbers)} scores "
                f"where y has {self.n_objectives} targets. Name the scores to tune "
                "for, objectives={name: scorer, ...}."
            )


def outcomes_of(trial: Any) -> list[Outcome]:
    """What came of a finished trial on each fold."""
    return [Outcome(**fields) for fields in trial.user_attrs[OUTCOMES]]


def _means(outcomes: Sequence[Outcome]) -> list[float]:
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    if errors:
        raise TrialFailedError(errors[0].strip().splitlines()[-1])
    scores = np.array([list(outcome.scores.values()) for outcome in outcomes])
    known = ~np.isnan(scores)
    total = np.where(known, scores, 0.0).sum(axis=0)
    means = np.full(len(total), np.nan)
    np.divide(total, known.sum(axis=0), out=means, where=known.any(axis=0))
    if not np.isfinite(means).all():
        raise TrialFailedError(f"The mean scores are not all finite: {means}.")
    return means.tolist()
