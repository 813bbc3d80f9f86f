"""scikit-learn's random forest, per target: nothing to tune, nothing to stop."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from ..objectives import (
    Binary,
    CrossEntropy,
    Gamma,
    Multiclass,
    Poisson,
    SquaredError,
    Tweedie,
)
from ._peers import Model, Task, Unsupported

_N_TREES, _MIN_LEAF = 100, 5
_POSITIVE = (Poisson, Gamma, Tweedie)


def errors() -> tuple[type[Exception], ...]:
    return (ValueError,)


def fit_one(task: Task, k: int) -> Model:
    """A model of target ``k``."""
    kind = type(task.objectives[k])
    labels = kind in (Binary, Multiclass)
    if not labels and kind not in (SquaredError, CrossEntropy, *_POSITIVE):
        raise Unsupported(f"no {kind.__name__} loss, only means")
    X, y, _ = task.target(k)
    if sp.issparse(X) and np.isnan(X.data).any():
        raise Unsupported("no missing features in a sparse X")
    model = (RandomForestClassifier if labels else RandomForestRegressor)(
        n_estimators=_N_TREES,
        min_samples_leaf=_MIN_LEAF,
        n_jobs=task.n_threads,
        random_state=task.seed,
    )
    # A mean of 0 would make the deviance of a positive value infinite.
    floor = y.mean() * 1e-3 if kind in _POSITIVE else -np.inf
    return _Forest(model.fit(X, y), kind, floor)


class _Forest:
    def __init__(self, model: Any, kind: type, floor: float):
        self._model, self._kind, self._floor = model, kind, floor

    def predict(self, X: Any) -> np.ndarray:
        if self._kind is Multiclass:
            return self._model.predict_proba(X)
        if self._kind is Binary:
            return self._model.predict_proba(X)[:, 1]
        return np.maximum(self._model.predict(X), self._floor)
