"""Models of several quantiles at one setting, each a function from rows to a model.

All have up to `ROUNDS` trees of up to `LEAVES` leaves, of at least 20 rows, the rate
`RATE`, one thread, and stop after `PATIENCE` rounds without improvement on the same
validation rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightgbm as lgb
import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from skmo import MultiQuantileRegressor

ROUNDS, LEAVES, RATE, PATIENCE = 200, 15, 0.1, 20
Rows = tuple[np.ndarray, np.ndarray]
Predict = Callable[[np.ndarray], np.ndarray]
Train = Callable[[np.ndarray, Rows, Rows], Predict]


def _boosters(
    levels: np.ndarray, train: Rows, val: Rows, **params: Any
) -> list[lgb.Booster]:
    """A model for each quantile."""
    found = []
    for level in levels.tolist():
        given = {
            "objective": "quantile",
            "alpha": level,
            "learning_rate": RATE,
            "num_leaves": LEAVES,
            "verbosity": -1,
            "num_threads": 1,
            "deterministic": True,
            "force_col_wise": True,
            "seed": 1,
            **params,
        }
        patience = given.pop("patience", PATIENCE)
        rounds = given.pop("rounds", ROUNDS)
        data = lgb.Dataset(*train, params={"feature_pre_filter": False, **given})
        stop = lgb.early_stopping(patience, verbose=False)
        watched = [lgb.Dataset(*val, reference=data)]
        booster = lgb.train(given, data, rounds, watched, callbacks=[stop])
        found.append(booster)
    return found


def _predictions(boosters: list[lgb.Booster], X: np.ndarray) -> np.ndarray:
    return np.column_stack([b.predict(X, num_threads=1) for b in boosters])


def separate(levels: np.ndarray, train: Rows, val: Rows) -> Predict:
    """LightGBM, one model per quantile."""
    boosters = _boosters(levels, train, val)
    return lambda X: _predictions(boosters, X)


def separate_twice(levels: np.ndarray, train: Rows, val: Rows) -> Predict:
    """The same averaged with a second one, as long in its steps as skmo's heads.

    What heads gain by being a second ensemble. Its features are drawn for each tree,
    as the two would be much the same otherwise.
    """
    first = _boosters(levels, train, val)
    second = _boosters(
        levels,
        train,
        val,
        learning_rate=1.5 * RATE,
        rounds=2 * ROUNDS // 3,
        patience=2 * PATIENCE // 3,
        feature_fraction=0.8,
    )
    return lambda X: (_predictions(first, X) + _predictions(second, X)) / 2


def shared(**params: Any) -> Train:
    """skmo's `MultiQuantileRegressor`, before it puts predictions in order."""

    def train(levels: np.ndarray, rows: Rows, val: Rows) -> Predict:
        model = MultiQuantileRegressor(
            levels,
            n_estimators=ROUNDS,
            num_leaves=LEAVES,
            learning_rate=RATE,
            n_iter_no_change=PATIENCE,
            random_state=0,
            n_jobs=1,
            **params,
        )
        model.fit(*rows, X_val=val[0], y_val=val[1])
        above = super(MultiQuantileRegressor, model)
        return lambda X: model._predict_from(above._raw_predict(X))

    return train


def histogram(levels: np.ndarray, train: Rows, val: Rows) -> Predict:
    """scikit-learn's, one model per quantile."""
    models = [
        HistGradientBoostingRegressor(
            loss="quantile",
            quantile=level,
            max_iter=ROUNDS,
            learning_rate=RATE,
            max_leaf_nodes=LEAVES,
            early_stopping=True,
            n_iter_no_change=PATIENCE,
            random_state=0,
        ).fit(*train, X_val=val[0], y_val=val[1])
        for level in levels
    ]
    return lambda X: np.column_stack([model.predict(X) for model in models])


def catboost(levels: np.ndarray, train: Rows, val: Rows) -> Predict:
    """CatBoost's MultiQuantile loss: oblivious trees with a value per quantile."""
    from catboost import CatBoostRegressor

    model = CatBoostRegressor(
        loss_function="MultiQuantile:alpha=" + ",".join(f"{a:.6g}" for a in levels),
        iterations=ROUNDS,
        learning_rate=RATE,
        early_stopping_rounds=PATIENCE,
        random_seed=0,
        thread_count=1,
        verbose=False,
        allow_writing_files=False,
    ).fit(*train, eval_set=val)
    return lambda X: model.predict(X, thread_count=1)


MODELS: dict[str, Train] = {
    "lightgbm": separate,
    "lightgbm_twice": separate_twice,
    "skmo": shared(),
    "skmo_eigen": shared(structure="eigen"),
    "skmo_boost": shared(heads="boost"),
    "random": shared(heads="none"),
    "objective": shared(structure="objective", heads="none"),
    "eigen": shared(structure="eigen", heads="none"),
    "sum": shared(structure="sum", heads="none"),
    "apart": shared(structure="apart", heads="none"),
    "scikit-learn": histogram,
    "catboost": catboost,
}
