"""Fit one model on all folds of one data set and print the record as JSON.

`quality.py` starts it in a process of its own, so that a peak of memory belongs to
one model and a model that takes too long can be ended.
"""

from __future__ import annotations

import importlib.metadata
import json
import resource
import sys
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import datasets
import numpy as np
from models import get_model
from protocol import Fit, Run, Unsupported, skmo_settings
from scoring import loss, score

PACKAGES = ("lightgbm", "catboost", "xgboost", "scikit-learn", "numpy")


def main() -> None:
    name, model, seed, n_jobs = sys.argv[1:]
    warnings.filterwarnings("ignore")
    run = Run(int(seed), int(n_jobs))
    try:
        problem = datasets.load(name)
        record = measure(problem, get_model(model), run)
    except Unsupported as word:
        record = {"status": "unsupported", "word": str(word)}
    except datasets.Unavailable as reason:
        record = {"status": "unavailable", "word": str(reason)}
    except ModuleNotFoundError as error:
        record = {"status": "unavailable", "word": f"{error.name} is not installed"}
    # Libraries print too: the record is the last line.
    print("\n" + json.dumps({**record, "versions": versions()}), flush=True)


def measure(problem: datasets.Problem, fit: Fit, run: Run) -> dict[str, Any]:
    """Scores, losses, seconds and rounds of each fold, and the peak of memory."""
    before = restart_peak()
    folds = []
    for rest, test in problem.folds:
        train, val = datasets.inner_split(problem, rest, run.seed)
        X_test, Y_test = problem.X[test], problem.Y[test]
        start = time.perf_counter()
        model = fit(problem, train, val, run)
        fitted = time.perf_counter()
        predicted = model.predict(X_test)
        done = time.perf_counter()
        columns = list(zip(Y_test.T, predicted.T, problem.binary, strict=True))
        folds.append(
            {
                "score": [_number(score(*column)) for column in columns],
                "loss": [_number(loss(*column)) for column in columns],
                "fit_seconds": round(fitted - start, 4),
                "predict_seconds": round(done - fitted, 4),
                "rounds": model.rounds,
                "capped": bool(model.capped),
            }
        )
    return {
        "status": "ok",
        "targets": problem.targets,
        "binary": problem.binary.tolist(),
        "shape": list(problem.X.shape),
        "settings": skmo_settings(problem),
        "folds": folds,
        "peak_mib": round((peak() - before) / 1024, 1),
    }


def _number(value: float) -> float | None:
    """NaN is no JSON."""
    return None if np.isnan(value) else round(value, 6)


def restart_peak() -> int:
    """Resident KiB now; on Linux the peak so far, of reading the data, is forgotten."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return peak()


def peak() -> int:
    """Peak resident KiB of this process."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        (line,) = [line for line in lines if line.startswith("VmHWM")]
        return int(line.split()[1])
    unit = 1024 if sys.platform == "darwin" else 1  # macOS counts bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit


def versions() -> dict[str, str]:
    found = {}
    if "skmo" in sys.modules:  # of the clone, which need not be installed
        found["skmo"] = sys.modules["skmo"].__version__
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    main()
