"""Several quantiles of one target: shared trees against a model for each.

On every set (`quantile_data.py`) and fold the models (`quantile_models.py`) are trained
in turn in this process, and timed by its processor's seconds. Written are, for each,
the mean pinball loss of the predictions as they come, sorted by row, and after
isotonic regression by row; how often they cross; what share of the targets lies below
each quantile; and the distance to the true quantiles where these are known. An
interrupted run goes on where it stopped; `quantiles_tables.py` makes the tables.

    OMP_NUM_THREADS=1 python benchmarks/quantiles.py
    python benchmarks/quantiles.py --levels 3 --sets wage,enb --models lightgbm,skmo
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import quantile_data
from quantile_data import Problem
from quantile_models import MODELS

LEVELS = {
    3: np.array([0.1, 0.5, 0.9]),
    9: np.arange(1, 10) / 10,
    19: np.arange(1, 20) / 20,
}
# The structures are compared with 9 levels, and the slowest peer with 3. With 19,
# two sets. Not run: "apart", LightGBM's very trees in more time.
ONLY = {
    3: ["lightgbm", "skmo", "skmo_eigen", "random", "scikit-learn", "catboost"],
    9: [name for name in MODELS if name not in ("scikit-learn", "apart", "skmo_boost")],
    19: ["lightgbm", "skmo", "skmo_eigen", "random"],
}
SETS_OF_19 = ("normal", "wage")
OUT = Path(__file__).parent / "results" / "quantiles.jsonl"


def pinball(y: np.ndarray, predictions: np.ndarray, levels: np.ndarray) -> float:
    """The mean over rows and levels."""
    error = y[:, None] - predictions
    return float(np.maximum(levels * error, (levels - 1) * error).mean())


def isotonic(values: np.ndarray) -> np.ndarray:
    """The nearest rows that do not fall, by the min-max formula."""
    n, n_levels = values.shape
    sums = np.concatenate([np.zeros((n, 1)), np.cumsum(values, axis=1)], axis=1)
    found = np.empty_like(values)
    for k in range(n_levels):
        best = np.full(n, -np.inf)
        for i in range(k + 1):
            ends = np.arange(k, n_levels)
            means = (sums[:, ends + 1] - sums[:, [i]]) / (ends + 1 - i)
            best = np.maximum(best, means.min(axis=1))
        found[:, k] = best
    return found


def measure(
    problem: Problem, levels: np.ndarray, model: str, fold: int
) -> dict[str, Any]:
    train, val, test = problem.folds[fold]
    X, y = problem.X, problem.y
    start = time.process_time()
    predict = MODELS[model](levels, (X[train], y[train]), (X[val], y[val]))
    fitted = time.process_time()
    raw = predict(X[test])
    predicted = time.process_time()
    ordered = np.sort(raw, axis=1)
    below = (y[test][:, None] <= ordered).mean(axis=0)
    found = {
        "raw": pinball(y[test], raw, levels),
        "sorted": pinball(y[test], ordered, levels),
        "isotonic": pinball(y[test], isotonic(raw), levels),
        "crossing": float((np.diff(raw, axis=1) < 0).any(axis=1).mean()),
        "coverage": np.abs(below - levels).mean(),
        "inside": float(below[-1] - below[0]),
        "fit": fitted - start,
        "predict": predicted - fitted,
    }
    if problem.quantile is not None:
        truth = np.column_stack([problem.quantile(a)[test] for a in levels])
        found["distance"] = float(np.abs(ordered - truth).mean() / y.std())
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--levels", default="3,9,19")
    parser.add_argument("--sets", default=",".join(quantile_data.SETS))
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    names, models = arguments.sets.split(","), arguments.models.split(",")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    done = set()
    if arguments.out.exists():
        records = map(json.loads, arguments.out.read_text().splitlines())
        done = {(r["levels"], r["set"], r["model"], r["fold"]) for r in records}
    for n_levels in map(int, arguments.levels.split(",")):
        for name in names:
            if n_levels == 19 and name not in SETS_OF_19:
                continue
            if name in quantile_data.REAL and not datasets.available():
                print(f"{name}: skipped, no data at {datasets.ROOT}", flush=True)
                continue
            problem = quantile_data.load(name)
            for fold in range(len(problem.folds)):
                for model in models:
                    key = (n_levels, name, model, fold)
                    if key in done or model not in ONLY[n_levels]:
                        continue
                    found = measure(problem, LEVELS[n_levels], model, fold)
                    record = dict(
                        zip(("levels", "set", "model", "fold"), key, strict=True)
                    )
                    with arguments.out.open("a") as file:
                        file.write(json.dumps({**record, **found}) + "\n")
            print(f"{n_levels} {name} {time.process_time():.0f} s", flush=True)


if __name__ == "__main__":
    main()
