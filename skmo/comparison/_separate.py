"""The other side of the comparison: one LightGBM model per target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from sklearn.base import clone

from ..boosting import check_lightgbm_params, train_single
from ..objectives import (
    AbsoluteError,
    Binary,
    CrossEntropy,
    Gamma,
    Huber,
    Multiclass,
    Objective,
    Poisson,
    Quantile,
    SquaredError,
    Tweedie,
)

# Each objective's name in LightGBM, and its parameters from the instance and the
# observed training targets. Looked up by exact type: a user's subclass may
# compute anything.
_LIGHTGBM: dict[type, tuple[str, Callable[[Any, np.ndarray], dict[str, Any]]]] = {
    SquaredError: ("regression", lambda o, y: {}),
    AbsoluteError: ("regression_l1", lambda o, y: {}),
    Quantile: ("quantile", lambda o, y: {"alpha": o.alpha}),
    Huber: ("huber", lambda o, y: {"alpha": _huber_threshold(o, y)}),
    Poisson: ("poisson", lambda o, y: {"poisson_max_delta_step": o.max_delta_step}),
    Gamma: ("gamma", lambda o, y: {}),
    Tweedie: ("tweedie", lambda o, y: {"tweedie_variance_power": o.power}),
    Binary: ("binary", lambda o, y: {}),
    CrossEntropy: ("cross_entropy", lambda o, y: {}),
    Multiclass: ("multiclass", lambda o, y: {"num_class": o.n_scores(y)}),
}


def _huber_threshold(objective: Huber, y: np.ndarray) -> float:
    return objective.delta * (y.std() if objective.units == "std" else 1.0)


class SeparateModel(Protocol):
    """A fitted model of one target."""

    best_iteration: int

    def predict(self, X: Any) -> np.ndarray:
        """Predictions from encoded features, (n_samples,) or one column a class."""


@dataclass
class EncodedRows:
    """Features and targets (float64, NaN where unobserved) of some rows."""

    X: Any
    Y: np.ndarray

    def observed(self, k: int) -> tuple[Any, np.ndarray]:
        rows = np.flatnonzero(~np.isnan(self.Y[:, k]))
        return self.X[rows], self.Y[rows, k]


def fit_separate(
    estimator: Any,
    k: int,
    train: EncodedRows,
    validation: EncodedRows,
    *,
    seed: int,
) -> SeparateModel:
    """Fit LightGBM to target ``k`` with the settings of a fitted skmo estimator.

    Parameters
    ----------
    estimator : estimator
        Fitted on ``train``; its parameters are the settings.
    k : int
    train, validation : EncodedRows
        Rows that do not observe the target are left out.
    seed : int

    Returns
    -------
    SeparateModel
    """
    params = estimator.get_params(deep=False)
    objective = estimator.objectives_[k]
    X, y = train.observed(k)
    X_val: Any = None
    y_val: np.ndarray | None = None
    if params["early_stopping"] and not np.isnan(validation.Y[:, k]).all():
        X_val, y_val = validation.observed(k)
    if type(objective) not in _LIGHTGBM:
        return _OneObjective(estimator, objective, X, y, X_val, y_val)
    if (y == y[0]).all():
        return _Constant(objective, y)
    name, own_params = _LIGHTGBM[type(objective)]
    return train_single(
        X,
        y,
        objective_name=name,
        params={
            **estimator._tree_params(),
            "learning_rate": estimator.learning_rate,
            **check_lightgbm_params(params["lightgbm_params"]),
            **own_params(objective, y),
        },
        n_estimators=params["n_estimators"],
        X_val=X_val,
        y_val=y_val,
        patience=params["n_iter_no_change"],
        categorical=estimator._features.categorical,
        n_jobs=estimator._n_threads(X),
        seed=seed % 2**31,
    )


class _Constant:
    """The best constant, for training targets that are all equal.

    There is nothing to boost, and LightGBM aborts on some (counts of 0).
    """

    best_iteration = 0

    def __init__(self, objective: Objective, y: np.ndarray):
        score = objective.init_score(y, None)
        # One row: a score per class, or a single score.
        rows = score[np.newaxis, :] if objective.multi_score else score
        self._prediction = objective.inverse_link(rows)

    def predict(self, X: Any) -> np.ndarray:
        return np.repeat(self._prediction, X.shape[0], axis=0)


class _OneObjective:
    """skmo on a single target, for a loss LightGBM does not have.

    With one objective the shared trees are LightGBM's own for that loss.
    """

    def __init__(
        self,
        estimator: Any,
        objective: Objective,
        X: Any,
        y: np.ndarray,
        X_val: Any,
        y_val: np.ndarray | None,
    ):
        model = clone(estimator)
        name = "objectives" if "objectives" in model.get_params() else "objective"
        # What weighs objectives against each other has nothing to weigh here.
        model.set_params(
            **{name: [objective]},
            structure="random",
            balancer="equal",
            preference=None,
            categorical_features=estimator._features.categorical or None,
            early_stopping="auto" if X_val is not None else False,
        )
        # Targets stay 2-D, and so do predictions.
        y_val = None if y_val is None else y_val[:, None]
        self._model = model.fit(X, y[:, None], X_val=X_val, y_val=y_val)
        self.best_iteration = int(self._model.n_iter_[0])

    def predict(self, X: Any) -> np.ndarray:
        if self._model.objectives_[0].task == "classification":
            return self._model.predict_proba(X)[0]
        return self._model.predict(X)[:, 0]
