"""scikit-learn's random forest, which takes several targets at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from datasets import Problem
from protocol import Fitted, Run, Scale, Unsupported, has_missing_targets, one_kind
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor


def fit_forest(
    problem: Problem, train: np.ndarray, val: np.ndarray, run: Run
) -> Fitted:
    """A forest at its defaults, 100 trees, on the early stopping rows as well.

    It stops nothing early, so its users would not hold them out.
    """
    if has_missing_targets(problem):
        raise Unsupported("no missing targets")
    if not one_kind(problem):
        raise Unsupported("no mixed losses")
    rows = np.concatenate([train, val])
    X, scale = problem.X[rows], Scale.of(problem, rows)
    if not problem.binary.all():
        forest = RandomForestRegressor(n_jobs=run.n_jobs, random_state=run.seed)
        forest.fit(X, scale.forth(problem.Y[rows]))
        return Fitted(lambda X: scale.back(forest.predict(X)), [len(forest)])
    labels = RandomForestClassifier(n_jobs=run.n_jobs, random_state=run.seed)
    labels.fit(X, problem.Y[rows])

    def predict(X: Any) -> np.ndarray:
        pairs = zip(labels.predict_proba(X), labels.classes_, strict=True)
        return np.column_stack([_of_one(p, classes) for p, classes in pairs])

    return Fitted(predict, [len(labels)])


def _of_one(probabilities: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """The probability of 1, also where training saw one class only."""
    return probabilities[:, classes == 1].sum(axis=1)
