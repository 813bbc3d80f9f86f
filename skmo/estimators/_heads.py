"""What ``heads`` and ``head_params`` ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .._sklearn import validate_parameter_constraints
from ..boosting import LeafSettings, OwnSettings, TreeGrower, check_lightgbm_params
from ._parameters import (
    PARAMETER_CONSTRAINTS,
    cat_l2,
    check_subsample,
    lightgbm_tree_params,
)

# What a learner of its own may have of its own.
_PARAMETERS = (
    "n_estimators",
    "learning_rate",
    "num_leaves",
    "max_depth",
    "min_child_samples",
    "min_split_gain",
    "reg_alpha",
    "reg_lambda",
    "subsample",
    "subsample_freq",
    "colsample_bytree",
    "max_bin",
    "n_iter_no_change",
    "lightgbm_params",
)

# The learners of heads="auto" take steps twice as long, up to .15, in half the rounds:
# over nine small data sets half of separate models' time, and 97 % of the objectives
# did not lose to them (three times as long: a third of the time, 95 %). On all sets of
# the benchmark but cal500 94 % did not (docs/benchmarks/quality.rst).
_AUTO_FACTOR = 2.0
_AUTO_RATE = 0.15


def head_parameters(
    head_params: Mapping[str, Any] | None, names: Sequence[str]
) -> list[dict[str, Any]]:
    """Each objective's own parameters, checked.

    Raises
    ------
    ValueError
        For an unknown name or a value out of range.
    """
    if head_params is None:
        return [{} for _ in names]
    strangers = [key for key in head_params if key not in _PARAMETERS]
    if not strangers:
        _check(head_params, "head_params")
        return [dict(head_params) for _ in names]
    unknown = [key for key in strangers if key not in names]
    if unknown or len(strangers) < len(head_params):
        raise ValueError(
            "The 'head_params' parameter must map parameters to values, for all "
            "objectives alike, or names of objectives to such dicts. Got the key "
            f"{(unknown or strangers)[0]!r:.200}. The parameters are "
            f"{', '.join(_PARAMETERS)}; the objectives are {', '.join(names[:8])}"
            f"{', …' if len(names) > 8 else ''}."
        )
    for name, own in head_params.items():
        if not isinstance(own, Mapping):
            raise ValueError(
                f"head_params[{name!r}] must be a dict of parameters. Got {own!r:.200}."
            )
        _check(own, f"head_params[{name!r}]")
    return [dict(head_params.get(name, {})) for name in names]


def _check(params: Mapping[str, Any], where: str) -> None:
    for name in params:
        if name not in _PARAMETERS:
            raise ValueError(
                f"{where}: {name!r} is no parameter of a head. It may have "
                f"{', '.join(_PARAMETERS)}."
            )
    validate_parameter_constraints(PARAMETER_CONSTRAINTS, dict(params), where)
    check_lightgbm_params(params.get("lightgbm_params"))


def check_trainable(settings: OwnSettings, n_train: int) -> None:
    """Raise for what LightGBM would refuse once the shared trees are trained."""
    fraction = settings.tree_params["bagging_fraction"]
    check_subsample(fraction, settings.tree_params["bagging_freq"], n_train)
    TreeGrower(np.zeros((4, 1)), settings.tree_params)


def own_settings(
    params: Mapping[str, Any],
    own: Mapping[str, Any],
    *,
    quick: bool,
    categorical: bool,
    tol: float,
    seed: int,
) -> OwnSettings:
    """How one objective's own trees are grown.

    Parameters
    ----------
    params : mapping
        The estimator's parameters.
    own : mapping
        Those of this objective's head, which take precedence.
    quick : bool
        Whether to learn in longer steps, unless ``own`` names the rate.
    categorical : bool
        Whether there are categorical features.
    tol : float
        What counts as improvement.
    seed : int
    """
    values = {**params, **own}
    further = check_lightgbm_params(values["lightgbm_params"])
    settings = OwnSettings(
        tree_params={**lightgbm_tree_params(values), **further},
        leaves=LeafSettings(
            learning_rate=values["learning_rate"],
            reg_alpha=values["reg_alpha"],
            reg_lambda=values["reg_lambda"],
            cat_l2=cat_l2(further, categorical),
        ),
        n_estimators=values["n_estimators"],
        patience=values["n_iter_no_change"],
        tol=tol,
        seed=seed,
    )
    factor = min(_AUTO_FACTOR, _AUTO_RATE / settings.learning_rate)
    if quick and "learning_rate" not in own and factor > 1:
        return settings.faster(factor)
    return settings
