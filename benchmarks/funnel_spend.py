"""A funnel that ends in an amount: visit, conversion, spend.

    python benchmarks/funnel_spend.py

Hillstrom's e-mail campaign, the folds of `funnel.py`. ``MultiObjectiveEstimator``
learns the three targets together, each on the rows that reached the one before (NaN
elsewhere): two labels and, of the 578 rows that converted, the amount by a Gamma
deviance. The mean spend is then the product of the two probabilities and the amount;
"all rows" learns the spend of everybody by a Tweedie deviance instead. Against the same
from LightGBM models of their own. Prints log losses of the stages, and of the spend the
R² and the Tweedie deviance (power 1.5) over all test rows, a mean over the folds with
the differences' standard errors; and appends nothing.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import datasets
import funnel_data
import lightgbm as lgb
import numpy as np
from funnel_protocol import LEARNING_RATE, LEAVES, PATIENCE, ROUNDS, lightgbm_settings
from sklearn.metrics import d2_tweedie_score, log_loss, mean_tweedie_deviance, r2_score

from skmo import MultiObjectiveEstimator

TARGETS = ("visit", "conversion", "spend")
POWER = 1.5
KINDS = {
    "product": ("binary", "binary", "gamma"),
    "all rows": ("binary", "binary", "tweedie"),
}


def targets(Y: np.ndarray, kind: str) -> np.ndarray:
    """What is learnt: each target where the one before happened, or everywhere."""
    if kind == "all rows":
        return Y
    found = Y.copy()
    found[:, 1:][Y[:, :-1] == 0] = np.nan
    return found


def fit_skmo(X, Y, X_val, Y_val, X_test, kind, categorical, n_jobs):
    model = MultiObjectiveEstimator(
        objectives=list(KINDS[kind]),
        n_estimators=ROUNDS,
        learning_rate=LEARNING_RATE,
        num_leaves=LEAVES,
        n_iter_no_change=PATIENCE,
        categorical_features=categorical,
        n_jobs=n_jobs,
        random_state=0,
    )
    model.fit(X, targets(Y, kind), X_val=X_val, y_val=targets(Y_val, kind))
    return model.predict(X_test)


def fit_separate(X, Y, X_val, Y_val, X_test, kind, categorical, n_jobs):
    found = []
    pairs = zip(targets(Y, kind).T, targets(Y_val, kind).T, strict=True)
    for objective, (y, y_val) in zip(KINDS[kind], pairs, strict=True):
        seen, seen_val = ~np.isnan(y), ~np.isnan(y_val)
        data = lgb.Dataset(X[seen], y[seen], categorical_feature=categorical)
        params = {**lightgbm_settings(n_jobs), "objective": objective}
        booster = lgb.train(
            params,
            data,
            ROUNDS,
            valid_sets=[data.create_valid(X_val[seen_val], y_val[seen_val])],
            callbacks=[lgb.early_stopping(PATIENCE, verbose=False)],
        )
        found.append(booster.predict(X_test))
    return np.column_stack(found)


def measure(Y: np.ndarray, predicted: np.ndarray, kind: str) -> list[float]:
    if kind == "product":
        predicted = np.cumprod(predicted, axis=1)
    spend = np.maximum(predicted[:, 2], 1e-9)
    return [
        *(log_loss(Y[:, k], predicted[:, k]) for k in range(2)),
        r2_score(Y[:, 2], spend),
        mean_tweedie_deviance(Y[:, 2], spend, power=POWER),
        d2_tweedie_score(Y[:, 2], spend, power=POWER),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n-jobs", type=int, default=1)
    arguments = parser.parse_args()
    problem = datasets.load(funnel_data.LOGS["hillstrom"].name)
    Y = problem.Y[:, [problem.targets.index(name) for name in TARGETS]]
    scores: dict[tuple[str, str], list[list[float]]] = {}
    for rest, test in problem.folds:
        train, val = datasets.inner_split(problem, rest, 0)
        for kind in KINDS:
            for name, fit in (("LightGBM", fit_separate), ("skmo", fit_skmo)):
                predicted = fit(
                    *(Z[rows] for rows in (train, val) for Z in (problem.X, Y)),
                    problem.X[test],
                    kind,
                    problem.categorical,
                    arguments.n_jobs,
                )
                found = measure(Y[test], predicted, kind)
                scores.setdefault((kind, name), []).append(found)
    print(f"{'':<22}{'visit':>9}{'conversion':>12}{'R2':>10}{'deviance':>11}{'D2':>10}")
    for kind in KINDS:
        for name in ("LightGBM", "skmo"):
            mean = np.mean(scores[kind, name], axis=0)
            print(f"{kind + ', ' + name:<22}{mean[0]:9.5f}{mean[1]:12.5f}", end="")
            print(f"{mean[2]:10.5f}{mean[3]:11.5f}{mean[4]:10.5f}")
        gain = np.subtract(scores[kind, "skmo"], scores[kind, "LightGBM"])
        error = gain.std(axis=0, ddof=1) / np.sqrt(len(gain))
        words = [
            f"{g:+.5f} ± {e:.5f}" for g, e in zip(gain.mean(0), error, strict=True)
        ]
        print(f"{'  difference':<22}{', '.join(words)}", flush=True)


if __name__ == "__main__":
    main()
