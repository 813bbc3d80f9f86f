"""One LightGBM per target: at LightGBM's defaults, at skmo's settings, two of them."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
from datasets import Problem
from protocol import (
    LEARNING_RATE,
    PATIENCE,
    ROUNDS,
    Fitted,
    Run,
    per_target,
    skmo_settings,
)

# What the two members of the ensemble draw, where the settings draw nothing.
BAGGING = {"subsample": 0.8, "subsample_freq": 1}
DRAWS = ("subsample", "colsample_bytree", "colsample_bynode")


def fit_defaults(
    problem: Problem, train: np.ndarray, val: np.ndarray, run: Run
) -> Fitted:
    """LightGBM's own tree settings."""
    return _fit(problem, train, val, run, {})


def fit_same(problem: Problem, train: np.ndarray, val: np.ndarray, run: Run) -> Fitted:
    """The tree settings of skmo."""
    return _fit(problem, train, val, run, skmo_settings(problem))


def fit_ensemble(
    problem: Problem, train: np.ndarray, val: np.ndarray, run: Run
) -> Fitted:
    """The mean of two models per target at skmo's settings.

    The baseline of whatever mixes a shared model with separate ones: as many models,
    but nothing shared. The two differ by their seeds' draws of rows and features.
    """
    settings = skmo_settings(problem)
    if all(settings.get(name, 1.0) == 1.0 for name in DRAWS):
        settings |= BAGGING
    pair = [
        _fit(problem, train, val, Run(2 * run.seed + i, run.n_jobs), settings)
        for i in (1, 2)
    ]
    return Fitted(
        lambda X: np.mean([model.predict(X) for model in pair], axis=0),
        [n for model in pair for n in model.rounds],
        any(model.capped for model in pair),
    )


def _fit(
    problem: Problem,
    train: np.ndarray,
    val: np.ndarray,
    run: Run,
    settings: dict[str, Any],
) -> Fitted:
    def fit_one(rows: np.ndarray, rows_val: np.ndarray, k: int) -> Fitted:
        return fitted(train_one(problem, rows, rows_val, k, run, settings), run)

    return per_target(problem, train, val, fit_one)


def train_one(
    problem: Problem,
    rows: np.ndarray,
    rows_val: np.ndarray,
    k: int,
    run: Run,
    settings: dict[str, Any],
    callbacks: tuple = (),
) -> lgb.Booster:
    """One target's model, stopped on the validation rows."""
    params = {
        "objective": "binary" if problem.binary[k] else "regression",
        "learning_rate": LEARNING_RATE,
        "num_threads": run.n_jobs,
        "seed": run.seed,
        "verbosity": -1,
        **settings,
    }
    X, y = problem.X, problem.Y[:, k]
    data = lgb.Dataset(
        X[rows], y[rows], categorical_feature=problem.categorical, params=params
    )
    return lgb.train(
        params,
        data,
        ROUNDS,
        valid_sets=[data.create_valid(X[rows_val], y[rows_val])],
        callbacks=[lgb.early_stopping(PATIENCE, verbose=False), *callbacks],
    )


def fitted(booster: lgb.Booster, run: Run) -> Fitted:
    return Fitted(
        lambda X: booster.predict(X, num_threads=run.n_jobs),
        [booster.best_iteration],
        booster.current_iteration() >= ROUNDS,
    )
