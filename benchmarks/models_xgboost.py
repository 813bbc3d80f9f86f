"""XGBoost with its default depth: one output per tree, and vector leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xgboost as xgb
from datasets import Problem
from frames import frame
from protocol import (
    LEARNING_RATE,
    PATIENCE,
    ROUNDS,
    Fitted,
    Run,
    Scale,
    Unsupported,
    has_missing_targets,
    one_kind,
    per_target,
)

View = Callable[[Any], Any]


def fit_one_output(
    problem: Problem, train: np.ndarray, val: np.ndarray, run: Run
) -> Fitted:
    """Trees of one target each: ``multi_strategy="one_output_per_tree"``.

    One call for all targets, with one early stopping for all, as XGBoost does by
    default; where it cannot (missing or mixed targets), one model per target.
    """

    def view(X: Any) -> Any:
        return frame(problem, X)

    if one_kind(problem) and not has_missing_targets(problem):
        return _fit_all(problem, train, val, run, "one_output_per_tree", view)

    def fit_one(rows: np.ndarray, rows_val: np.ndarray, k: int) -> Fitted:
        binary, y = problem.binary[k], problem.Y[:, k]
        model = _train(problem, rows, rows_val, y, run, binary, view)

        def predict(X: Any) -> np.ndarray:
            if binary:
                return model.predict_proba(view(X))[:, 1]
            return model.predict(view(X))

        return Fitted(predict, [model.best_iteration + 1], _capped(model))

    return per_target(problem, train, val, fit_one)


def fit_vector_leaf(
    problem: Problem, train: np.ndarray, val: np.ndarray, run: Run
) -> Fitted:
    """Trees of all targets: ``multi_strategy="multi_output_tree"``.

    Vector leaves know no categories (XGBoost 3.2): it reads their codes as numbers.
    """
    if has_missing_targets(problem):
        raise Unsupported("no missing targets")
    if not one_kind(problem):
        raise Unsupported("no mixed losses")
    return _fit_all(problem, train, val, run, "multi_output_tree", lambda X: X)


def _fit_all(
    problem: Problem,
    train: np.ndarray,
    val: np.ndarray,
    run: Run,
    strategy: str,
    view: View,
) -> Fitted:
    binary, scale = problem.binary.all(), Scale.of(problem, train)
    Y = scale.forth(problem.Y)
    model = _train(problem, train, val, Y, run, binary, view, multi_strategy=strategy)
    predict = model.predict_proba if binary else model.predict
    return Fitted(
        lambda X: scale.back(predict(view(X))),
        [model.best_iteration + 1],
        _capped(model),
    )


def _train(
    problem: Problem,
    rows: np.ndarray,
    rows_val: np.ndarray,
    y: np.ndarray,
    run: Run,
    binary: bool,
    view: View,
    **keywords: Any,
) -> xgb.XGBModel:
    kind = xgb.XGBClassifier if binary else xgb.XGBRegressor
    model = kind(
        n_estimators=ROUNDS,
        learning_rate=LEARNING_RATE,
        early_stopping_rounds=PATIENCE,
        enable_categorical=True,
        n_jobs=run.n_jobs,
        random_state=run.seed,
        **keywords,
    )
    X = problem.X
    held_out = [(view(X[rows_val]), y[rows_val])]
    return model.fit(view(X[rows]), y[rows], eval_set=held_out, verbose=False)


def _capped(model: xgb.XGBModel) -> bool:
    (history,) = model.evals_result()["validation_0"].values()
    return len(history) >= ROUNDS
