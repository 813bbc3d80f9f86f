"""CatBoost, per target or with its joint losses, otherwise at its defaults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp

from ..objectives import (
    AbsoluteError,
    Binary,
    CrossEntropy,
    Huber,
    Multiclass,
    Poisson,
    Quantile,
    SquaredError,
    Tweedie,
)
from ._peers import Column, Model, Task, Unsupported, standardised

# The loss from an instance and its targets, and the form of predictions.
_LOSSES: dict[type, tuple[Callable[[Any, np.ndarray], str], str]] = {
    SquaredError: (lambda o, y: "RMSE", "RawFormulaVal"),
    AbsoluteError: (lambda o, y: "MAE", "RawFormulaVal"),
    Quantile: (lambda o, y: f"Quantile:alpha={o.alpha}", "RawFormulaVal"),
    Huber: (
        lambda o, y: f"Huber:delta={o.with_scale(1.0, y.std()).delta}",
        "RawFormulaVal",
    ),
    Poisson: (lambda o, y: "Poisson", "Exponent"),
    Tweedie: (lambda o, y: f"Tweedie:variance_power={o.power}", "Exponent"),
    Binary: (lambda o, y: "Logloss", "Probability"),
    CrossEntropy: (lambda o, y: "CrossEntropy", "Probability"),
    Multiclass: (lambda o, y: "MultiClass", "Probability"),
}


def errors() -> tuple[type[Exception], ...]:
    from catboost import CatBoostError

    return (CatBoostError, ValueError)


def fit_one(task: Task, k: int) -> Model:
    """A model of target ``k``."""
    objective = task.objectives[k]
    if type(objective) not in _LOSSES:
        raise Unsupported(f"no {type(objective).__name__} loss")
    loss, form = _LOSSES[type(objective)]
    X, y, stop = task.target(k)
    model = _fitted(task, loss(objective, y), X, y, stop)
    return _OneTarget(model, form, task.categorical, type(objective) is Multiclass)


def fit_joint(task: Task) -> list[Model]:
    """Models of all targets that share their trees."""
    n = len(task.objectives)
    if task.all_are(SquaredError):
        missing = not task.complete(SquaredError)
        loss = "MultiRMSEWithMissingValues" if missing else "MultiRMSE"
        form, (centre, spread) = "RawFormulaVal", standardised(task.train.Y)
    elif task.all_are((Binary, CrossEntropy)):
        if not task.complete((Binary, CrossEntropy)):
            raise Unsupported("no missing labels")
        loss = "MultiLogloss" if task.all_are(Binary) else "MultiCrossEntropy"
        form, centre, spread = "Probability", np.zeros(n), np.ones(n)
    else:
        raise Unsupported("no mixed losses, only squared errors or labels of 0 and 1")
    if (np.nanmin(task.train.Y, axis=0) == np.nanmax(task.train.Y, axis=0)).any():
        raise Unsupported("no target that is constant in training")
    parts = []
    for part in (task.train, task.validation):
        seen = np.flatnonzero(~np.isnan(part.Y).all(axis=1))
        parts.append((part.X[seen], (part.Y[seen] - centre) / spread))
    stop = None if task.patience is None else parts[1]
    model = _fitted(task, loss, *parts[0], stop)

    def predict(X: Any) -> np.ndarray:
        return np.asarray(
            model.predict(_features(X, task.categorical), prediction_type=form)
        )

    return [Column(predict, k, centre[k], spread[k]) for k in range(n)]


def _fitted(task: Task, loss: str, X: Any, y: np.ndarray, stop: Any) -> Any:
    from catboost import CatBoost, Pool

    options: dict[str, Any] = {}
    if stop is not None:
        options = {"od_type": "Iter", "od_wait": task.patience}
        stop = Pool(_features(stop[0], task.categorical), stop[1])
    model = CatBoost(
        {
            "loss_function": loss,
            "iterations": task.n_estimators,
            "learning_rate": task.learning_rate,
            "thread_count": task.n_threads,
            "random_seed": task.seed,
            "verbose": False,
            "allow_writing_files": False,
            **options,
        }
    )
    return model.fit(Pool(_features(X, task.categorical), y), eval_set=stop)


def _features(X: Any, categorical: list[int]) -> Any:
    """Features as CatBoost takes them, categories as categories."""
    from catboost import FeaturesData

    if sp.issparse(X):
        if categorical:
            raise Unsupported("no categories in a sparse X")
        return X
    X = np.asarray(X)
    others = np.setdiff1d(np.arange(X.shape[1]), categorical)
    real = np.ascontiguousarray(X[:, others], dtype=np.float32)
    codes = X[:, categorical].astype("S32").astype(object)
    return FeaturesData(
        num_feature_data=real if real.size else None,
        cat_feature_data=codes if codes.size else None,
    )


class _OneTarget:
    def __init__(self, model: Any, form: str, categorical: list[int], classes: bool):
        self._model, self._form = model, form
        self._categorical, self._classes = categorical, classes

    def predict(self, X: Any) -> np.ndarray:
        found = self._model.predict(
            _features(X, self._categorical), prediction_type=self._form
        )
        found = np.asarray(found, np.float64)
        return found if found.ndim == 1 or self._classes else found[:, -1]
