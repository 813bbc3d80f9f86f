"""CatBoost at its defaults (symmetric trees): one per target, and its joint losses."""

from __future__ import annotations

from typing import Any

import numpy as np
from catboost import CatBoost
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


def fit_separate(
    problem: Problem, train: np.ndarray, val: np.ndarray, run: Run
) -> Fitted:
    """One model per target, on the rows where it is observed."""

    def fit_one(rows: np.ndarray, rows_val: np.ndarray, k: int) -> Fitted:
        binary = problem.binary[k]
        loss = "Logloss" if binary else "RMSE"
        model, capped = _train(problem, rows, rows_val, problem.Y[:, k], loss, run)

        def predict(X: Any) -> np.ndarray:
            if binary:
                return _predict(model, problem, X, "Probability")[:, 1]
            return _predict(model, problem, X, "RawFormulaVal")

        return Fitted(predict, [model.tree_count_], capped)

    return per_target(problem, train, val, fit_one)


def fit_joint(problem: Problem, train: np.ndarray, val: np.ndarray, run: Run) -> Fitted:
    """One model of all targets: MultiRMSE (with missing values) or MultiLogloss."""
    binary, missing = problem.binary.all(), has_missing_targets(problem)
    if not one_kind(problem):
        raise Unsupported("no mixed losses")
    if binary and missing:
        raise Unsupported("no missing labels")
    loss = "MultiLogloss" if binary else "MultiRMSE"
    if missing:
        loss = "MultiRMSEWithMissingValues"
    scale = Scale.of(problem, train)
    model, capped = _train(problem, train, val, scale.forth(problem.Y), loss, run)
    kind = "Probability" if binary else "RawFormulaVal"
    return Fitted(
        lambda X: scale.back(_predict(model, problem, X, kind)),
        [model.tree_count_],
        capped,
    )


def _train(
    problem: Problem,
    rows: np.ndarray,
    rows_val: np.ndarray,
    y: np.ndarray,
    loss: str,
    run: Run,
) -> tuple[CatBoost, bool]:
    """A model cut at its best round, and whether it ran into the cap."""
    model = CatBoost(
        {
            "loss_function": loss,
            "iterations": ROUNDS,
            "learning_rate": LEARNING_RATE,
            "od_type": "Iter",
            "od_wait": PATIENCE,
            "cat_features": [f"f{i}" for i in problem.categorical] or None,
            "thread_count": run.n_jobs,
            "random_seed": run.seed,
            "verbose": False,
            "allow_writing_files": False,
        }
    )
    X = problem.X
    held_out = (frame(problem, X[rows_val]), y[rows_val])
    model.fit(frame(problem, X[rows]), y[rows], eval_set=held_out)
    (history,) = model.get_evals_result()["validation"].values()
    # The history ends at the round that stopped it, not at the one it is cut to.
    return model, len(history) >= ROUNDS


def _predict(model: CatBoost, problem: Problem, X: Any, kind: str) -> np.ndarray:
    count = model.get_param("thread_count")
    return model.predict(frame(problem, X), prediction_type=kind, thread_count=count)
