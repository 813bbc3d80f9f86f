"""XGBoost, per target or with vector leaves, otherwise at its defaults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..objectives import (
    AbsoluteError,
    Binary,
    CrossEntropy,
    Gamma,
    Multiclass,
    Poisson,
    Quantile,
    SquaredError,
    Tweedie,
)
from ._peers import Column, Model, Task, Unsupported, standardised

# Parameters from an instance and its targets. XGBoost's Huber loss is another one
# ("pseudo-Huber").
_LOSSES: dict[type, tuple[str, Callable[[Any, np.ndarray], dict[str, Any]]]] = {
    SquaredError: ("reg:squarederror", lambda o, y: {}),
    AbsoluteError: ("reg:absoluteerror", lambda o, y: {}),
    Quantile: ("reg:quantileerror", lambda o, y: {"quantile_alpha": o.alpha}),
    Poisson: ("count:poisson", lambda o, y: {"max_delta_step": o.max_delta_step}),
    Gamma: ("reg:gamma", lambda o, y: {}),
    Tweedie: ("reg:tweedie", lambda o, y: {"tweedie_variance_power": o.power}),
    Binary: ("binary:logistic", lambda o, y: {}),
    CrossEntropy: ("binary:logistic", lambda o, y: {}),
    Multiclass: ("multi:softprob", lambda o, y: {"num_class": o.n_scores(y)}),
}


def errors() -> tuple[type[Exception], ...]:
    from xgboost.core import XGBoostError

    return (XGBoostError, ValueError)


def fit_one(task: Task, k: int) -> Model:
    """A model of target ``k``."""
    objective = task.objectives[k]
    if type(objective) not in _LOSSES:
        raise Unsupported(f"no {type(objective).__name__} loss")
    loss, own = _LOSSES[type(objective)]
    X, y, stop = task.target(k)
    params = {"objective": loss, **own(objective, y)}
    model = _Booster(task, params, X, y, stop)
    return _Classes(model) if type(objective) is Multiclass else model


def fit_joint(task: Task) -> list[Model]:
    """Models of all targets that share their trees."""
    n = len(task.objectives)
    centre, spread = np.zeros(n), np.ones(n)
    if task.all_are(SquaredError):
        loss = "reg:squarederror"
        centre, spread = standardised(task.train.Y)
    elif task.all_are((Binary, CrossEntropy)):
        loss = "binary:logistic"
    else:
        raise Unsupported("no mixed losses, only squared errors or labels of 0 and 1")
    if not task.complete((SquaredError, Binary, CrossEntropy)):
        raise Unsupported("no missing targets")
    if task.categorical:
        raise Unsupported("no categorical features in vector-leaf trees")
    parts = [(p.X, (p.Y - centre) / spread) for p in (task.train, task.validation)]
    stop = None if task.patience is None else parts[1]
    params = {"objective": loss, "multi_strategy": "multi_output_tree"}
    model = _Booster(task, params, *parts[0], stop)
    return [Column(model.predict, k, centre[k], spread[k]) for k in range(n)]


class _Classes:
    """Probabilities of float32 that sum to 1 in float64."""

    def __init__(self, model: Model):
        self._model = model

    def predict(self, X: Any) -> np.ndarray:
        found = self._model.predict(X)
        return found / found.sum(axis=1, keepdims=True)


class _Booster:
    def __init__(
        self, task: Task, params: dict[str, Any], X: Any, y: np.ndarray, stop: Any
    ):
        import xgboost as xgb

        self._categorical = task.categorical
        rows = self._matrix(X, y)
        options: dict[str, Any] = {}
        if stop is not None:
            options = {
                "evals": [(self._matrix(*stop), "validation")],
                "early_stopping_rounds": task.patience,
                "verbose_eval": False,
            }
        self._model = xgb.train(
            {
                "tree_method": "hist",
                "learning_rate": task.learning_rate,
                "nthread": task.n_threads,
                "seed": task.seed,
                "verbosity": 0,
                **params,
            },
            rows,
            task.n_estimators,
            **options,
        )
        self._n_rounds = task.n_estimators
        if stop is not None:
            self._n_rounds = self._model.best_iteration + 1

    def _matrix(self, X: Any, y: np.ndarray | None = None) -> Any:
        import xgboost as xgb

        types = ["c" if j in self._categorical else "q" for j in range(X.shape[1])]
        return xgb.DMatrix(X, y, feature_types=types, enable_categorical=True)

    def predict(self, X: Any) -> np.ndarray:
        found = self._model.predict(
            self._matrix(X), iteration_range=(0, self._n_rounds)
        )
        return np.asarray(found, np.float64)
