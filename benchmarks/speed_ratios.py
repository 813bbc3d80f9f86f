"""The ratios that `speed.py` publishes and checks: how each is taken, and its aim."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import scipy.sparse as sp
from datasets import load
from speed_fits import (
    N_THREADS,
    fit_lightgbm,
    fit_skmo,
    make,
    memory,
    one_target,
    separate,
    timed,
)
from speed_peers import PEERS

from skmo import MultiObjectiveClassifier

N_SAMPLED_LABELS = 12


@dataclass(frozen=True)
class Ratio:
    """One figure.

    Attributes
    ----------
    what : str
        What is divided by what.
    aim : str
        Such as "<= 1.8"; empty where none is set.
    once : callable
        Takes it once.
    rises : bool
        Whether more is better.
    quick : bool
        Whether `speed.py check` takes it unless told otherwise.
    """

    what: str
    aim: str
    once: Callable[[], float]
    rises: bool = False
    quick: bool = True


def fit(n: int, n_targets: int, rounds: int) -> float:
    X, Y = make(n, n_targets)
    one, _ = timed(fit_lightgbm, X, one_target(Y), rounds)
    return timed(fit_skmo, X, Y, rounds)[0] / one


def predict(n: int, n_targets: int, rounds: int = 100) -> float:
    X, Y = make(n, n_targets)
    train = slice(0, 20_000)
    one = fit_lightgbm(X[train], one_target(Y[train]), rounds)
    shared = fit_skmo(X[train], Y[train], rounds)
    base, _ = timed(lambda: one.predict(X, num_threads=N_THREADS))
    return timed(shared.predict, X)[0] / base


def single_row(wrapped: bool, rounds: int = 100, calls: int = 1000) -> float:
    X, Y = make(20_000, 16)
    shared = fit_skmo(X, Y, rounds)
    if wrapped:
        params = {"n_estimators": rounds, "verbosity": -1, "n_jobs": 1}
        base = lgb.LGBMRegressor(**params).fit(X, Y[:, 0]).predict
    else:
        booster = fit_lightgbm(X, one_target(Y), rounds)

        def base(row: np.ndarray) -> np.ndarray:
            return booster.predict(row, num_threads=1)

    seconds = np.array(
        [
            (timed(base, row)[0], timed(shared.predict, row)[0])
            for row in np.split(X[:calls], calls)
        ]
    )
    shared_median, base_median = np.median(seconds[:, 1]), np.median(seconds[:, 0])
    return float(shared_median / base_median)


def delicious(rounds: int = 100) -> float:
    """983 labels of 16 105 sparse rows: separate models of a dozen, times 983 / 12."""
    problem = load("delicious")
    X, Y = sp.csr_matrix(problem.X, dtype=np.float32), problem.Y.astype(np.float32)
    labels = np.random.default_rng(0).choice(Y.shape[1], N_SAMPLED_LABELS, False)
    model = MultiObjectiveClassifier(
        n_estimators=rounds,
        heads="none",
        early_stopping=False,
        n_jobs=N_THREADS,
        random_state=0,
    )
    shared, _ = timed(model.fit, X, Y)
    params = {"objective": "binary", "num_threads": N_THREADS, "verbosity": -1}

    def train(k: int) -> None:
        lgb.train(params, lgb.Dataset(X, np.ascontiguousarray(Y[:, k])), rounds)

    one = sum(timed(train, k)[0] for k in labels) / len(labels)
    return Y.shape[1] * one / shared


def growth(rounds: int = 10) -> float:
    """Seconds a row at three million rows over those at three hundred thousand."""
    seconds = {}
    for n in (300_000, 3_000_000):
        X, Y = make(n, 16)
        seconds[n] = timed(fit_skmo, X, Y, rounds)[0] / n
    return seconds[3_000_000] / seconds[300_000]


def peer(name: str, rounds: int = 50) -> float:
    """A peer's fit over skmo's; its score on 50 000 further rows is printed."""
    X, Y = make(250_000, 16)
    (X, X_test), (Y, Y_test) = np.split(X, [200_000]), np.split(Y, [200_000])

    def score(prediction: np.ndarray) -> float:
        return float(np.mean(1 - ((prediction - Y_test) ** 2).mean(0) / Y_test.var(0)))

    own, model = timed(fit_skmo, X, Y, rounds)
    other, predicts = timed(PEERS[name], X, Y, rounds, N_THREADS)
    print(
        f"  R2 of skmo {score(model.predict(X_test)):.4f} ({own:.1f} s), "
        f"of {name} {score(predicts(X_test)):.4f} ({other:.1f} s)",
        flush=True,
    )
    return other / own


def imports() -> float:
    """A new process's seconds for skmo over those for the two it is built on."""
    clock = "import time; s = time.perf_counter(); import {}; print(time.perf_counter()"
    # With bytecode in place, as from the second import on.
    environment = {**os.environ}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def seconds(names: str) -> float:
        command = [sys.executable, "-c", f"{clock.format(names)} - s)"]
        return float(subprocess.check_output(command, env=environment))

    names = "skmo", "lightgbm, sklearn"
    # The least of several, as whatever else runs makes an import only slower.
    skmo, built_on = np.min([[seconds(n) for n in names] for _ in range(7)], axis=0)
    return skmo / built_on


def apart() -> float:
    shared, total = separate(200_000, 16, 100)
    return total / shared


ONE = "÷ one LightGBM fit of as many trees"
RATIOS = {
    "fit_16": Ratio(f"fit, 16 targets {ONE}", "≤ 1.8", lambda: fit(200_000, 16, 100)),
    "fit_256": Ratio(
        f"fit, 256 targets, 100 000 rows {ONE}", "≤ 12", lambda: fit(100_000, 256, 30)
    ),
    "separate_16": Ratio(
        "16 LightGBM fits ÷ fit, 16 targets", "", apart, rises=True, quick=False
    ),
    "separate_983": Ratio(
        "983 LightGBM fits ÷ fit, delicious", "≥ 20", delicious, rises=True, quick=False
    ),
    "predict_16": Ratio(
        "predict, 16 targets ÷ one LightGBM model's",
        "≤ 1.5",
        lambda: predict(200_000, 16),
    ),
    "row_16": Ratio(
        "predict of one row ÷ LightGBM's `Booster.predict`",
        "≤ 3",
        lambda: single_row(False),
    ),
    "row_16_wrapped": Ratio(
        "predict of one row ÷ `LGBMRegressor.predict`", "", lambda: single_row(True)
    ),
    "growth": Ratio(
        "seconds a row, 3 000 000 rows ÷ 300 000 rows", "≤ 1.1", growth, quick=False
    ),
    "import": Ratio("`import skmo` ÷ `import lightgbm, sklearn`", "≤ 1.2", imports),
    "xgboost": Ratio(
        "XGBoost's fit (vector leaves) ÷ fit, 16 targets, 50 trees",
        "≥ 5",
        lambda: peer("XGBoost"),
        rises=True,
        quick=False,
    ),
    "catboost": Ratio(
        "CatBoost's fit (`MultiRMSE`) ÷ fit, 16 targets, 50 trees",
        "≥ 5",
        lambda: peer("CatBoost"),
        rises=True,
        quick=False,
    ),
    "memory": Ratio(
        "peak memory over LightGBM's ÷ the float32 scores, 1 000 000 rows",
        "≤ 3",
        lambda: memory(1_000_000, 16, 10),
        quick=False,
    ),
}
