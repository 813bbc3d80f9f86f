"""What parameters may be, and what they mean to LightGBM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from .._sklearn import Interval, StrOptions
from ..balancing import Balancer
from ..boosting.structure import StructureRule
from ..objectives import Objective
from ._targets import numbers

PARAMETER_CONSTRAINTS: dict[str, list] = {
    "n_estimators": [Interval(Integral, 1, None, closed="left")],
    "learning_rate": [Interval(Real, 0, None, closed="neither")],
    "num_leaves": [Interval(Integral, 2, 131072, closed="both")],
    "max_depth": [Interval(Integral, -1, None, closed="left")],
    "min_child_samples": [Interval(Integral, 0, None, closed="left")],
    "min_split_gain": [Interval(Real, 0, None, closed="left")],
    "reg_alpha": [Interval(Real, 0, None, closed="left")],
    "reg_lambda": [Interval(Real, 0, None, closed="left")],
    "subsample": [Interval(Real, 0, 1, closed="right")],
    "subsample_freq": [Interval(Integral, 0, None, closed="left")],
    "colsample_bytree": [Interval(Real, 0, 1, closed="right")],
    "max_bin": [Interval(Integral, 2, None, closed="left")],
    "structure": [str, StructureRule, type],
    "balancer": [str, Balancer, type],
    "preference": ["array-like", None],
    "categorical_features": [StrOptions({"from_dtype"}), "array-like", None],
    "early_stopping": [StrOptions({"auto"}), "boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
    "tol": [Interval(Real, 0, 1, closed="left"), None],
    "heads": [StrOptions({"none", "boost", "blend", "auto"})],
    "head_params": [dict, None],
    "lightgbm_params": [dict, None],
    "warm_start": ["boolean"],
    "on_interrupt": [StrOptions({"raise", "keep"})],
    "n_jobs": [Integral, None],
    "random_state": ["random_state"],
    "verbose": ["verbose"],
}


def lightgbm_tree_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """The trees' parameters under LightGBM's own names."""
    return {
        "num_leaves": params["num_leaves"],
        "max_depth": params["max_depth"],
        "min_data_in_leaf": params["min_child_samples"],
        "min_gain_to_split": params["min_split_gain"],
        "lambda_l1": params["reg_alpha"],
        "lambda_l2": params["reg_lambda"],
        "bagging_fraction": params["subsample"],
        "bagging_freq": params["subsample_freq"],
        "feature_fraction": params["colsample_bytree"],
        "max_bin": params["max_bin"],
    }


def cat_l2(lightgbm_params: Mapping[str, Any], categorical: bool) -> float:
    """What LightGBM adds to ``reg_lambda`` in leaves of a categorical split."""
    return lightgbm_params.get("cat_l2", 10.0) if categorical else 0.0


def check_preference(preference: Any, n_objectives: int) -> np.ndarray | None:
    """The importances as an array, or None."""
    if preference is None:
        return None
    preference = numbers(preference, "The 'preference' parameter")
    if preference.shape != (n_objectives,):
        raise ValueError(
            f"The 'preference' parameter must have shape ({n_objectives},), "
            f"one importance per objective. Got shape {preference.shape} instead."
        )
    finite = np.isfinite(preference).all() and (preference >= 0).all()
    if not finite or not preference.any():
        raise ValueError(
            "The 'preference' parameter must hold finite importances of at least "
            f"0, not all 0. Got {preference.tolist()!r:.200} instead."
        )
    return preference


def check_subsample(subsample: float, subsample_freq: int, n_train: int) -> None:
    """Rows must be left to grow a tree on."""
    if subsample_freq > 0 and subsample * n_train < 1:
        raise ValueError(
            f"The 'subsample' parameter leaves no row to grow a tree on: {subsample} "
            f"of {n_train} rows. Raise it."
        )


def check_objectives(objectives: Sequence[Objective]) -> None:
    """Check each objective's own parameters."""
    for objective in objectives:
        objective.validate_params()


def draw_seed(random_state: Any) -> int:
    """One integer per fit; an integer is its own."""
    if isinstance(random_state, Integral):
        return int(random_state)
    return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))
