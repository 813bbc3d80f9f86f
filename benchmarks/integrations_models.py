"""The models whose integrations are compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from catboost import CatBoostRegressor
from lightgbm import LGBMRegressor
from sklearn.multioutput import MultiOutputRegressor
from xgboost import XGBRegressor

from skmo import MultiObjectiveRegressor

ROUNDS = 10


@dataclass(frozen=True)
class Model:
    """A model of several targets.

    Attributes
    ----------
    kind : str
    make : callable
        An estimator that is not fitted.
    n_rounds : str
        The name of its parameter for the number of rounds.
    """

    kind: str
    make: Callable[..., Any]
    n_rounds: str = "n_estimators"


def _skmo(**params: Any) -> Any:
    return MultiObjectiveRegressor(
        **{"n_estimators": ROUNDS, "random_state": 0, "n_jobs": 1, **params}
    )


def _separate(**params: Any) -> Any:
    base = {"n_estimators": ROUNDS, "verbose": -1, "random_state": 0, "n_jobs": 1}
    return MultiOutputRegressor(LGBMRegressor(**{**base, **params}))


def _xgboost(**params: Any) -> Any:
    base = {"n_estimators": ROUNDS, "random_state": 0, "n_jobs": 1}
    return XGBRegressor(
        multi_strategy="multi_output_tree", tree_method="hist", **{**base, **params}
    )


def _catboost(**params: Any) -> Any:
    base = {"iterations": ROUNDS, "random_seed": 0, "thread_count": 1}
    base["learning_rate"] = 0.3  # its default suits a thousand rounds
    return CatBoostRegressor(
        loss_function="MultiRMSE",
        allow_writing_files=False,
        verbose=0,
        **{**base, **params},
    )


MODELS = {
    "skmo": Model("skmo", _skmo),
    "LightGBM per target": Model("separate", _separate, "estimator__n_estimators"),
    "XGBoost vector leaf": Model("xgboost", _xgboost),
    "CatBoost joint": Model("catboost", _catboost, "iterations"),
}
