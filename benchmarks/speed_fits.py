"""The data and the fits that `speed.py` times, and what memory they take."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import lightgbm as lgb
import numpy as np

from skmo import MultiObjectiveRegressor

N_FEATURES = 50
N_THREADS = 2


def make(n: int, n_targets: int) -> tuple[np.ndarray, np.ndarray]:
    """Targets that mix eight non-linear factors, with noise; float32."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, N_FEATURES), dtype=np.float32)
    factors = [
        X[:, i] + np.sin(3 * X[:, i + 8]) + X[:, i + 16] * X[:, i + 24]
        for i in range(8)
    ]
    loadings = rng.standard_normal((8, n_targets), dtype=np.float32)
    Y = np.column_stack(factors) @ loadings
    Y += 3 * rng.standard_normal(Y.shape, dtype=np.float32)
    return X, Y


def one_target(Y: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(Y[:, 0])


def fit_lightgbm(X: np.ndarray, y: np.ndarray, rounds: int) -> lgb.Booster:
    params = {"objective": "regression", "num_threads": N_THREADS, "verbosity": -1}
    return lgb.train(params, lgb.Dataset(X, y), rounds)


def fit_skmo(X: np.ndarray, Y: np.ndarray, rounds: int) -> MultiObjectiveRegressor:
    # The claim is about shared trees; heads would add a model per target.
    return MultiObjectiveRegressor(
        n_estimators=rounds, heads="none", n_jobs=N_THREADS, random_state=0
    ).fit(X, Y)


class Clock:
    """What seconds are counted by: the wall, or the processor's of all threads."""

    read = staticmethod(time.perf_counter)


def timed(function: Callable, *args) -> tuple[float, object]:
    start = Clock.read()
    result = function(*args)
    return Clock.read() - start, result


def compare(n: int, n_targets: int, rounds: int, repeats: int) -> dict[str, float]:
    """Median seconds of both fits and predictions, and their median ratios."""
    X, Y = make(n, n_targets)
    runs = []
    for _ in range(repeats):
        one, booster = timed(fit_lightgbm, X, one_target(Y), rounds)
        shared, estimator = timed(fit_skmo, X, Y, rounds)
        predict_one, _ = timed(lambda m=booster: m.predict(X, num_threads=N_THREADS))
        predict_shared, _ = timed(estimator.predict, X)
        runs.append((one, shared, predict_one, predict_shared))
    runs = np.array(runs)
    one, shared, predict_one, predict_shared = np.median(runs, axis=0)
    return {
        "one": one,
        "shared": shared,
        "fit": np.median(runs[:, 1] / runs[:, 0]),
        "predict": np.median(runs[:, 3] / runs[:, 2]),
    }


def separate(n: int, n_targets: int, rounds: int) -> tuple[float, float]:
    """Seconds of a shared fit and of really training every target apart."""
    X, Y = make(n, n_targets)
    shared, _ = timed(fit_skmo, X, Y, rounds)
    total = sum(timed(fit_lightgbm, X, y, rounds)[0] for y in np.ascontiguousarray(Y.T))
    return shared, total


def peak(model: str, n: int, n_targets: int, rounds: int) -> None:
    """Print the peak memory that a fit adds to its data, in bytes (child process)."""
    X, Y = make(n, n_targets)
    fit_lightgbm(X[:1000], one_target(Y[:1000]), 2)
    fit_skmo(X[:1000], Y[:1000], 2)  # both libraries have what they load once
    # Making the data takes more than a fit: the peak counts from here (Linux).
    Path("/proc/self/clear_refs").write_text("5")
    before = highest()
    if model == "lightgbm":
        fit_lightgbm(X, one_target(Y), rounds)
    else:
        fit_skmo(X, Y, rounds)
    print(highest() - before)


def highest() -> int:
    """The most memory that this process has held, in bytes."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def memory(n: int, n_targets: int, rounds: int) -> float:
    """Peak memory beyond LightGBM's, in sizes of the float32 score matrix."""
    bytes_ = {}
    for model in ("lightgbm", "skmo"):
        script = Path(__file__).with_name("speed.py")
        command = [sys.executable, script, "peak", model, str(n), str(n_targets)]
        printed = subprocess.run(
            [*command, str(rounds)], capture_output=True, text=True, check=True
        )
        bytes_[model] = int(printed.stdout)
    extra = bytes_["skmo"] - bytes_["lightgbm"]
    return extra / (n * n_targets * 4)
