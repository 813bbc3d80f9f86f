"""The other side of the comparison: one LightGBM model per target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from sklearn.base import clone

from ..boosting import (
    SingleRows,
    check_lightgbm_params,
    native_objective,
    train_single,
)
from ..objectives import Objective


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
    native = native_objective(objective, y, objective.n_scores(y))
    if native is None:
        return _OneObjective(estimator, objective, X, y, X_val, y_val)
    if (y == y[0]).all():
        return Constant(objective, y)
    name, own_params = native
    return train_single(
        SingleRows(X, y),
        None if X_val is None else SingleRows(X_val, y_val),
        objective_name=name,
        params={
            **estimator._tree_params(),
            "learning_rate": estimator.learning_rate,
            **check_lightgbm_params(params["lightgbm_params"]),
            **own_params,
        },
        n_estimators=params["n_estimators"],
        patience=params["n_iter_no_change"],
        categorical=estimator._features.categorical,
        n_threads=estimator._n_threads(X),
        seed=seed % 2**31,
    )


class Constant:
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
            heads="none",
            head_params=None,
            categorical_features=estimator._features.categorical or None,
            early_stopping="auto" if X_val is not None else False,
        )
        # Targets stay 2-D, and so do predictions.
        y_val = None if y_val is None else y_val[:, None]
        self._model = model.fit(X, y[:, None], X_val=X_val, y_val=y_val)
        self.best_iteration = int(self._model.n_iter_[0])

    def predict(self, X: Any) -> np.ndarray:
        task = self._model.objectives_[0].task
        if task == "regression":
            return np.asarray(self._model.predict(X))[:, 0]
        probabilities = self._model.predict_proba(X)[0]
        return probabilities if task == "classification" else probabilities[:, 1]
