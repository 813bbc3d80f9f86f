"""Which LightGBM parameters pass through, and which would break shared trees."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from ._tree import known_parameters

# LightGBM's names and aliases, by what sets them here.
_OWN = {
    "n_estimators": "num_iterations num_iteration n_iter num_tree num_trees num_round "
    "num_rounds nrounds num_boost_round n_estimators max_iter",
    "learning_rate": "learning_rate shrinkage_rate eta",
    "num_leaves": "num_leaves num_leaf max_leaves max_leaf max_leaf_nodes",
    "max_depth": "max_depth",
    "min_child_samples": "min_data_in_leaf min_data_per_leaf min_data "
    "min_child_samples min_samples_leaf",
    "min_split_gain": "min_gain_to_split min_split_gain",
    "reg_alpha": "lambda_l1 reg_alpha l1_regularization",
    "reg_lambda": "lambda_l2 reg_lambda lambda l2_regularization",
    "subsample": "bagging_fraction sub_row subsample bagging",
    "subsample_freq": "bagging_freq subsample_freq",
    "colsample_bytree": "feature_fraction sub_feature colsample_bytree",
    "max_bin": "max_bin max_bins",
    "categorical_features": "categorical_feature cat_feature categorical_column "
    "cat_column categorical_features",
    "n_jobs": "num_threads num_thread nthread nthreads n_jobs",
    "random_state": "seed random_seed random_state bagging_seed bagging_fraction_seed",
    "n_iter_no_change": "early_stopping_round early_stopping_rounds early_stopping "
    "n_iter_no_change",
    "tol": "early_stopping_min_delta",
    "verbose": "verbosity verbose",
}

_WEIGHTS = "pass sample_weight instead"
_LEAVES = "it constrains LightGBM's leaf values, which the shared trees do not use"
_SAME_TREES = "skmo sets it, so that all n_jobs give the same trees on any data"
_LOSS = "the losses come from the estimator's objectives"

_BREAKING = {
    "objective objective_type app application loss": _LOSS,
    "num_class num_classes": _LOSS,
    "metric metrics metric_types": _LOSS,
    "boost_from_average": _LOSS,
    "reg_sqrt sigmoid alpha fair_c tweedie_variance_power": _LOSS,
    "poisson_max_delta_step": _LOSS,
    "is_unbalance unbalance unbalanced_sets": _WEIGHTS,
    "scale_pos_weight": _WEIGHTS,
    "pos_bagging_fraction pos_sub_row pos_subsample pos_bagging": _WEIGHTS,
    "neg_bagging_fraction neg_sub_row neg_subsample neg_bagging": _WEIGHTS,
    "bagging_by_query": "rows are sampled one by one",
    "linear_tree linear_trees": "leaves hold one constant per objective",
    "monotone_constraints mc monotone_constraint monotonic_cst": _LEAVES,
    "max_delta_step max_tree_output max_leaf_output": _LEAVES,
    "path_smooth": _LEAVES,
    "tree_learner tree tree_type tree_learner_type": "training is on one machine",
    "num_machines num_machine": "training is on one machine",
    "machines workers nodes": "training is on one machine",
    "deterministic": _SAME_TREES,
    "force_col_wise": _SAME_TREES,
    "force_row_wise": _SAME_TREES,
    "feature_pre_filter": _SAME_TREES,
}

# Other kinds of boosting reweigh or drop LightGBM's own trees.
_ALLOWED_BOOSTING = ("gbdt", "gbrt")
_BOOSTING = ("boosting", "boosting_type", "boost")
_SAMPLING = "data_sample_strategy"


def check_lightgbm_params(params: Mapping[str, Any] | None) -> dict[str, Any]:
    """The parameters to pass through.

    Raises
    ------
    ValueError
        For a name that LightGBM does not have, that a parameter of the estimator
        sets, or that would break shared trees; the message says which and why.
    """
    if params is None:
        return {}
    known = known_parameters()
    for name in params:
        for own, aliases in _OWN.items():
            if name in aliases.split():
                raise ValueError(
                    f"lightgbm_params[{name!r}] is refused: set the estimator's "
                    f"{own!r} parameter instead."
                )
        for aliases, why in _BREAKING.items():
            if name in aliases.split():
                raise ValueError(
                    f"lightgbm_params[{name!r}] is refused: {why}. Remove it."
                )
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=3)
            hint = f"Did you mean {' or '.join(map(repr, near))}?"
            raise ValueError(
                f"lightgbm_params[{name!r:.80}] is no parameter of LightGBM. "
                f"{hint if near else 'Remove it.'}"
            )
        boosting = name in _BOOSTING and params[name] not in _ALLOWED_BOOSTING
        if boosting or (name == _SAMPLING and params[name] != "bagging"):
            raise ValueError(
                f"lightgbm_params[{name!r}]={params[name]!r} is refused: leaf values "
                "are computed from the rows a tree was grown on, which only plain "
                "gradient boosting with row bagging makes known. Remove it."
            )
    return dict(params)
