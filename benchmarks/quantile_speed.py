"""How long quantiles take from shared trees, against a LightGBM model for each.

Generated rows with 20 features, 30 trees of 31 leaves, one thread and no validation
rows; in turns in one process, by its processor's seconds. Ratios are medians over the
turns. "with heads" is the estimator's default, which without validation rows trains
three more times.

    OMP_NUM_THREADS=1 python benchmarks/quantile_speed.py
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import lightgbm as lgb
import numpy as np

from skmo import MultiQuantileRegressor

ROWS, LEVELS, ROUNDS = (5_000, 50_000), (3, 9, 19), 30


def separate(X: np.ndarray, y: np.ndarray, levels: np.ndarray) -> Callable:
    boosters = []
    for level in levels.tolist():
        params = {
            "objective": "quantile",
            "alpha": level,
            "verbosity": -1,
            "num_threads": 1,
        }
        boosters.append(lgb.train(params, lgb.Dataset(X, y), ROUNDS))
    return lambda X: [booster.predict(X, num_threads=1) for booster in boosters]


def shared(X: np.ndarray, y: np.ndarray, levels: np.ndarray, heads: str) -> Callable:
    model = MultiQuantileRegressor(
        levels, n_estimators=ROUNDS, heads=heads, n_jobs=1, random_state=0
    )
    return model.fit(X, y).predict


def timed(work: Callable, *args: object) -> tuple[float, object]:
    start = time.process_time()
    found = work(*args)
    return time.process_time() - start, found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    print("rows, quantiles, LightGBM s, fit, predict, fit with heads")
    for n in ROWS:
        X = rng.normal(size=(n, 20))
        y = X[:, 0] + np.exp(0.5 * X[:, 1]) * rng.normal(size=n)
        for n_levels in LEVELS:
            levels = np.arange(1, n_levels + 1) / (n_levels + 1)
            runs = []
            for _ in range(arguments.repeats):
                theirs, predict = timed(separate, X, y, levels)
                their_predict, _ = timed(predict, X)
                ours, predict = timed(shared, X, y, levels, "none")
                our_predict, _ = timed(predict, X)
                headed, _ = timed(shared, X, y, levels, "auto")
                ratio = our_predict / their_predict
                runs.append((theirs, ours / theirs, ratio, headed / theirs))
            found = "{:.2f}, {:.2f}, {:.2f}, {:.2f}".format(*np.median(runs, axis=0))
            print(f"{n}, {n_levels}, {found}", flush=True)


if __name__ == "__main__":
    main()
