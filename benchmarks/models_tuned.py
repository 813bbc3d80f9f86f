"""One LightGBM per target with its own small random search."""

from __future__ import annotations

import time
from typing import Any

import lightgbm as lgb
import numpy as np
from datasets import Problem
from models_lightgbm import fitted, train_one
from protocol import Fitted, Run, per_target

# The search of a target may take this many times its fit at the defaults...
BUDGET = 5.0
# ...and tries at most this many settings, the defaults among them.
N_CANDIDATES = 10


class _OutOfTime(Exception):
    """A candidate was still training when the search had to end."""


def fit_tuned(problem: Problem, train: np.ndarray, val: np.ndarray, run: Run) -> Fitted:
    """The best of at most ten settings per target, by its validation loss.

    The search draws leaves, rows per leaf, rate, rows, features per node and the L2
    penalty. It starts with LightGBM's defaults and ends, for each target, after five
    times the seconds of that first fit; a candidate not done by then is thrown away.
    """

    def fit_one(rows: np.ndarray, rows_val: np.ndarray, k: int) -> Fitted:
        rng = np.random.default_rng((run.seed, k))
        start = time.perf_counter()
        best = train_one(problem, rows, rows_val, k, run, {})
        deadline = start + BUDGET * (time.perf_counter() - start)

        def watch(env: Any) -> None:
            if time.perf_counter() > deadline:
                raise _OutOfTime

        for _ in range(N_CANDIDATES - 1):
            try:
                model = train_one(problem, rows, rows_val, k, run, _draw(rng), (watch,))
            except _OutOfTime:
                break
            if _loss(model) < _loss(best):
                best = model
        return fitted(best, run)

    return per_target(problem, train, val, fit_one)


def _draw(rng: np.random.Generator) -> dict[str, Any]:
    def log_uniform(low: float, high: float) -> float:
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))

    return {
        "num_leaves": round(log_uniform(4, 128)),
        "min_child_samples": round(log_uniform(2, 100)),
        "learning_rate": log_uniform(0.02, 0.2),
        "subsample": rng.uniform(0.5, 1.0),
        "subsample_freq": 1,
        "colsample_bynode": rng.uniform(0.3, 1.0),
        "reg_lambda": log_uniform(1e-3, 30.0),
    }


def _loss(model: lgb.Booster) -> float:
    (loss,) = model.best_score["valid_0"].values()
    return loss
