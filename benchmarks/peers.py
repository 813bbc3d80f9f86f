"""The libraries a user would try instead, on the same folds and rows.

CatBoost's joint losses (symmetric trees, its default) and XGBoost's vector-leaf
trees, each with its own early stopping on the rows `quality.py` uses. What a
library cannot do is recorded in its place.
"""

from __future__ import annotations

import numpy as np


class Unsupported(Exception):
    """The library has no joint loss for these targets."""


def fit_catboost(problem, train, val, settings):
    """CatBoost with MultiRMSE, or MultiLogloss where all targets are labels."""
    from catboost import CatBoost

    Y = problem.Y
    if problem.binary.all():
        loss = "MultiLogloss"
    elif not problem.binary.any():
        missing = np.isnan(Y).any()
        loss = "MultiRMSEWithMissingValues" if missing else "MultiRMSE"
    else:
        raise Unsupported("no mixed losses")
    if loss == "MultiLogloss" and np.isnan(Y).any():
        raise Unsupported("no missing labels")
    model = CatBoost(
        {
            "loss_function": loss,
            "iterations": settings.rounds,
            "learning_rate": settings.learning_rate,
            "od_type": "Iter",
            "od_wait": settings.patience,
            "thread_count": settings.n_jobs,
            "random_seed": settings.seed,
            "verbose": False,
            "allow_writing_files": False,
        }
    )
    X = problem.X
    model.fit(X[train], Y[train], eval_set=(X[val], Y[val]))
    # The rank of the raw scores of labels is all that AUC reads.
    return model.predict, model.tree_count_


def fit_xgboost(problem, train, val, settings):
    """XGBoost with ``multi_strategy="multi_output_tree"``."""
    import xgboost as xgb

    Y = problem.Y
    if np.isnan(Y).any():
        raise Unsupported("no missing targets")
    if problem.binary.all():
        kind, objective = xgb.XGBClassifier, "binary:logistic"
    elif not problem.binary.any():
        kind, objective = xgb.XGBRegressor, "reg:squarederror"
    else:
        raise Unsupported("no mixed losses")
    model = kind(
        objective=objective,
        multi_strategy="multi_output_tree",
        tree_method="hist",
        n_estimators=settings.rounds,
        learning_rate=settings.learning_rate,
        early_stopping_rounds=settings.patience,
        n_jobs=settings.n_jobs,
        random_state=settings.seed,
    )
    X = problem.X
    model.fit(X[train], Y[train], eval_set=[(X[val], Y[val])], verbose=False)
    predict = model.predict_proba if problem.binary.all() else model.predict
    return predict, model.best_iteration + 1


PEERS = {"catboost": fit_catboost, "xgboost": fit_xgboost}
