"""The other libraries' trees of all targets, at the settings of `speed.py`.

XGBoost grows the very shape of tree (31 leaves, best split first); CatBoost's
symmetric trees have 32 leaves at its default depth.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Predictor = Callable[[np.ndarray], np.ndarray]


def fit_xgboost(X: np.ndarray, Y: np.ndarray, rounds: int, n_threads: int) -> Predictor:
    import xgboost as xgb

    params = {
        "tree_method": "hist",
        "multi_strategy": "multi_output_tree",
        "grow_policy": "lossguide",
        "max_leaves": 31,
        "max_depth": 0,
        "learning_rate": 0.1,
        "nthread": n_threads,
        "verbosity": 0,
    }
    model = xgb.train(params, xgb.QuantileDMatrix(X, Y, nthread=n_threads), rounds)
    return model.inplace_predict


def fit_catboost(
    X: np.ndarray, Y: np.ndarray, rounds: int, n_threads: int
) -> Predictor:
    from catboost import CatBoostRegressor

    model = CatBoostRegressor(
        loss_function="MultiRMSE",
        iterations=rounds,
        depth=5,
        learning_rate=0.1,
        thread_count=n_threads,
        verbose=False,
        allow_writing_files=False,
    )
    return model.fit(X, Y).predict


PEERS = {"XGBoost": fit_xgboost, "CatBoost": fit_catboost}
