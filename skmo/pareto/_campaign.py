"""All fits of one search: those found in the cache, and the others in parallel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._cache import ResultStore, digest, fingerprint
from ._evaluate import Outcome, Plan, Rows, Trunk, evaluate, fit_trunk, refit
from ._progress import Job, run_jobs
from ._scoring import ObjectiveScores


@dataclass
class Campaign:
    """Fits of one estimator along preferences.

    Attributes
    ----------
    plan : Plan
    rows : Rows
    preferences : ndarray of shape (n_preferences, n_objectives)
    scores : ObjectiveScores
    store : ResultStore
    error_score : "raise" or float
    n_jobs : int or None
    verbose : int
    """

    plan: Plan
    rows: Rows
    preferences: np.ndarray
    scores: ObjectiveScores
    store: ResultStore
    error_score: Any
    n_jobs: int | None
    verbose: int

    def __post_init__(self) -> None:
        self._base = None
        if self.store.folder is not None:
            plan, rows, scorers = self.plan, self.rows, self.scores.scorers
            # A list, as the order of the scores is that of the objectives.
            objectives = None if scorers is None else list(scorers.items())
            self._base = fingerprint(
                plan.estimator,
                *(plan.parameter, plan.n_shared, objectives),
                *(rows.X, rows.y, rows.fit_params, rows.score_params),
            )

    def evaluate(
        self, splits: Sequence[tuple[np.ndarray, np.ndarray]]
    ) -> list[Outcome]:
        """The outcomes of each preference, on each split."""
        pairs = [(p, j) for p in self.preferences for j in range(len(splits))]
        keys = [self._key("scores", p, *splits[j]) for p, j in pairs]
        outcomes = [self.store.load(key) for key in keys]
        missing = [i for i, outcome in enumerate(outcomes) if outcome is None]
        trained = {j: splits[j][0] for j in sorted({pairs[i][1] for i in missing})}
        trunks = dict(zip(trained, self._trunks(trained.values()), strict=True))
        jobs = []
        for i in missing:
            p, j = pairs[i]
            options = (self.scores, self.error_score, trunks[j])
            arguments = (self.plan, self.rows, splits[j], p, *options)
            jobs.append(Job(keys[i], evaluate, arguments))
        for i, outcome in zip(missing, self._run(jobs, "fits"), strict=True):
            outcomes[i] = outcome
        return outcomes

    def refit(self, chosen: Iterable[int]) -> list:
        """The estimators of some preferences, fitted on all rows."""
        preferences = [self.preferences[i] for i in chosen]
        keys = [self._key("model", p, None, None) for p in preferences]
        models = [self.store.load(key) for key in keys]
        missing = [i for i, model in enumerate(models) if model is None]
        (trunk,) = self._trunks([None], "raise") if missing else (None,)
        jobs = [
            Job(keys[i], refit, (self.plan, self.rows, preferences[i], trunk))
            for i in missing
        ]
        for i, model in zip(missing, self._run(jobs, "refits"), strict=True):
            models[i] = model
        return models

    def _trunks(
        self, parts: Iterable[np.ndarray | None], error_score: Any = None
    ) -> list[Trunk | None]:
        """The shared rounds on each part of the rows; None where there are none."""
        parts = list(parts)
        if not (self.plan.n_shared or self.plan.fitted_once):
            return [None] * len(parts)
        n_objectives = self.preferences.shape[1]
        p = np.full(n_objectives, 1.0 / n_objectives)
        keys = [self._key("trunk", p, part, None) for part in parts]
        trunks = [self.store.load(key) for key in keys]
        missing = [i for i, trunk in enumerate(trunks) if trunk is None]
        error_score = error_score or self.error_score
        jobs = [
            Job(keys[i], fit_trunk, (self.plan, self.rows, parts[i], p, error_score))
            for i in missing
        ]
        for i, trunk in zip(missing, self._run(jobs, "shared rounds"), strict=True):
            trunks[i] = trunk
        return trunks

    def _key(
        self,
        kind: str,
        preference: np.ndarray,
        train: np.ndarray | None,
        test: np.ndarray | None,
    ) -> str | None:
        if self._base is None:
            return None
        return digest(self._base, kind, preference, train, test)

    def _run(self, jobs: Sequence[Job], title: str) -> list:
        return run_jobs(
            jobs, self.store, n_jobs=self.n_jobs, verbose=self.verbose, title=title
        )
