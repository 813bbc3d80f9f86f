"""Shared trees against one LightGBM per target, at the same settings.

Per data set: the mean score (R² of real targets, AUC of binary ones) of both,
the number of objectives that are not worse than the separate model's by more
than 0.002 and the largest loss, trees grown (the sum over separate models) and
fit seconds. Both models have the same rounds, rate, tree
settings and early stopping rows; three folds unless the set has its own split.

    python benchmarks/quality.py enb wq emotions
    python benchmarks/quality.py --structure random,objective,eigen,sum
    python benchmarks/quality.py --peers catboost,xgboost enb wq emotions
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings

import datasets
import lightgbm as lgb
import numpy as np
from peers import PEERS, Unsupported
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import train_test_split

from skmo import MultiObjectiveEstimator

SETS = ["adme_biogen", "emotions", "yeast", "enb", "wq", "oes97", "kuairand_flat"]
TOLERANCE = 0.002
LEAST_OF_A_CLASS = 10


def scores(problem: datasets.Problem, Y: np.ndarray, P: np.ndarray) -> np.ndarray:
    """R² or AUC of each target over its observed rows.

    NaN where fewer than ten rows are of the rarer class: such an AUC is noise.
    """
    result = np.full(Y.shape[1], np.nan)
    for k, binary in enumerate(problem.binary):
        rows = ~np.isnan(Y[:, k])
        y, p = Y[rows, k], P[rows, k]
        if binary and min(np.sum(y == 0), np.sum(y == 1)) >= LEAST_OF_A_CLASS:
            result[k] = roc_auc_score(y, p)
        elif not binary and np.ptp(y) > 0:
            result[k] = r2_score(y, p)
    return result


def fit_separate(problem, train, val, settings) -> list[lgb.Booster]:
    models = []
    for k, binary in enumerate(problem.binary):
        rows, rows_val = (r[~np.isnan(problem.Y[r, k])] for r in (train, val))
        params = {
            "objective": "binary" if binary else "regression",
            "verbosity": -1,
            "num_threads": settings.n_jobs,
            "seed": settings.seed,
            "learning_rate": settings.learning_rate,
            "min_data_in_leaf": settings.min_child_samples,
            "bagging_fraction": settings.subsample,
            "bagging_freq": 1,
            "feature_fraction_bynode": settings.colsample_bynode,
            "feature_pre_filter": False,
        }
        data = lgb.Dataset(
            problem.X[rows],
            problem.Y[rows, k],
            categorical_feature=problem.categorical,
            params=params,
        )
        models.append(
            lgb.train(
                params,
                data,
                settings.rounds,
                valid_sets=[
                    data.create_valid(problem.X[rows_val], problem.Y[rows_val, k])
                ],
                callbacks=[lgb.early_stopping(settings.patience, verbose=False)],
            )
        )
    return models


def fit_shared(problem, train, val, settings, structure) -> MultiObjectiveEstimator:
    return MultiObjectiveEstimator(
        objectives=["binary" if b else "squared_error" for b in problem.binary],
        n_estimators=settings.rounds,
        learning_rate=settings.learning_rate,
        min_child_samples=settings.min_child_samples,
        subsample=settings.subsample,
        lightgbm_params={"feature_fraction_bynode": settings.colsample_bynode},
        n_iter_no_change=settings.patience,
        structure=structure,
        categorical_features=problem.categorical,
        n_jobs=settings.n_jobs,
        random_state=settings.seed,
    ).fit(
        problem.X[train],
        problem.Y[train],
        X_val=problem.X[val],
        y_val=problem.Y[val],
    )


def run(name: str, settings: argparse.Namespace) -> list[dict[str, float]]:
    """Separate models and each structure rule over the folds of one set."""
    problem = datasets.load(name)
    settings.min_child_samples = settings.min_rows or (
        20 if len(problem.Y) >= 1000 else 5
    )
    models = ["separate", *settings.structure, *settings.peers]
    found = {model: [] for model in models}
    trees = {model: [] for model in models}
    seconds = dict.fromkeys(models, 0.0)
    for rest, test in problem.folds:
        train, val = train_test_split(rest, test_size=0.2, random_state=settings.seed)
        X_test, Y_test = problem.X[test], problem.Y[test]
        for model in list(models):
            start = time.perf_counter()
            if model in PEERS:
                try:
                    predict, n_trees = PEERS[model](problem, train, val, settings)
                except Unsupported as word:
                    print(f"{name:<15}{model:<11}unsupported: {word}", flush=True)
                    models.remove(model)
                    continue
                seconds[model] += time.perf_counter() - start
                predicted = predict(X_test)
                trees[model].append(n_trees)
            elif model == "separate":
                boosters = fit_separate(problem, train, val, settings)
                seconds[model] += time.perf_counter() - start
                predicted = np.column_stack([b.predict(X_test) for b in boosters])
                trees[model].append(np.sum([b.best_iteration for b in boosters]))
            else:
                shared = fit_shared(problem, train, val, settings, model)
                seconds[model] += time.perf_counter() - start
                predicted = shared.predict(X_test)
                trees[model].append(shared.n_iter_.max())
            found[model].append(scores(problem, Y_test, predicted))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a target without a score
        mean = {model: np.nanmean(found[model], axis=0) for model in models}
    rows = []
    for model in models:
        difference = mean[model] - mean["separate"]
        scored = ~np.isnan(difference)
        rows.append(
            {
                "set": name,
                "model": model,
                "score": mean[model][scored].mean(),
                "not_worse": int(np.sum(difference[scored] >= -TOLERANCE)),
                "n_scored": int(scored.sum()),
                "worst": difference[scored].min(),
                "trees": np.mean(trees[model]),
                "seconds": seconds[model],
            }
        )
    return rows


def main() -> None:
    warnings.filterwarnings("ignore", message="Overriding the parameters")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", default=SETS)
    parser.add_argument("--structure", default="random", help="several: a,b,c")
    parser.add_argument("--peers", default="", help="catboost,xgboost if installed")
    parser.add_argument("--learning-rate", type=float, default=0.05)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--patience", type=int, default=50)
    parser.add_argument("--min-rows", type=int, help="default 20; 5 below 1000 rows")
    parser.add_argument("--subsample", type=float, default=1.0)
    parser.add_argument("--colsample-bynode", type=float, default=1.0)
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    settings = parser.parse_args()
    settings.structure = settings.structure.split(",")
    settings.peers = settings.peers.split(",") if settings.peers else []
    if not datasets.available():
        sys.exit(f"No data sets at {datasets.ROOT}: set SKMO_DATA to their folder.")
    print(
        f"{'set':<15}{'model':<11}{'score':>7}{'not worse':>11}{'worst':>9}"
        f"{'trees':>7}{'fit s':>8}"
    )
    for name in settings.sets:
        for row in run(name, settings):
            print(
                f"{row['set']:<15}{row['model']:<11}{row['score']:>7.4f}"
                f"{row['not_worse']:>6} of {row['n_scored']:<2}{row['worst']:>8.4f}"
                f"{row['trees']:>7.0f}{row['seconds']:>8.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
