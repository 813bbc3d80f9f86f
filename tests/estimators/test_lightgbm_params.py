"""``lightgbm_params``: what passes through, and what would break shared trees."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest

from skmo import MultiObjectiveRegressor

FAST = {
    "n_estimators": 5,
    "num_leaves": 7,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
}


def fit(params, real):
    return MultiObjectiveRegressor(**FAST, lightgbm_params=params).fit(*real)


# What LightGBM calls the parameters that the estimator sets, and by which of ours.
OWNED = {
    "num_iterations": "n_estimators",
    "learning_rate": "learning_rate",
    "num_leaves": "num_leaves",
    "max_depth": "max_depth",
    "min_data_in_leaf": "min_child_samples",
    "min_gain_to_split": "min_split_gain",
    "lambda_l1": "reg_alpha",
    "lambda_l2": "reg_lambda",
    "bagging_fraction": "subsample",
    "bagging_freq": "subsample_freq",
    "feature_fraction": "colsample_bytree",
    "max_bin": "max_bin",
    "categorical_feature": "categorical_features",
    "num_threads": "n_jobs",
    "seed": "random_state",
    "bagging_seed": "random_state",
    "early_stopping_round": "n_iter_no_change",
    "verbosity": "verbose",
}
BREAKING = {
    "reg_sqrt": True,
    "sigmoid": 0.5,
    "alpha": 0.7,
    "fair_c": 2.0,
    "tweedie_variance_power": 1.2,
    "poisson_max_delta_step": 0.5,
    "objective": "mse",
    "num_class": 3,
    "metric": "auc",
    "boost_from_average": True,
    "is_unbalance": True,
    "scale_pos_weight": 2.0,
    "pos_bagging_fraction": 0.5,
    "neg_bagging_fraction": 0.5,
    "linear_tree": True,
    "monotone_constraints": [1, 0, 0],
    "max_delta_step": 0.1,
    "path_smooth": 1.0,
    "tree_learner": "voting",
    "num_machines": 2,
    "machines": "a,b",
    "boosting": "dart",
    "data_sample_strategy": "goss",
}


def aliases(name):
    """By LightGBM's own table."""
    return sorted(lgb.basic._ConfigAliases.get(name))


@pytest.mark.parametrize(
    ("name", "own"), [(a, own) for name, own in OWNED.items() for a in aliases(name)]
)
def test_lightgbm_parameters_of_the_estimator(name, own, real):
    message = rf"lightgbm_params\['{name}'\] is refused.*'{own}' parameter instead"
    with pytest.raises(ValueError, match=message):
        fit({"min_data_in_bin": 2, name: 1}, real)


@pytest.mark.parametrize(
    ("name", "value"),
    [(a, value) for name, value in BREAKING.items() for a in aliases(name)],
)
def test_lightgbm_parameters_that_break_shared_trees(name, value, real):
    message = rf"lightgbm_params\['{name}'\].*is refused.*(instead|Remove)"
    with pytest.raises(ValueError, match=message):
        fit({name: value}, real)


@pytest.mark.parametrize("value", ["dart", "rf", "goss"])
def test_other_boosting(value, real):
    with pytest.raises(ValueError, match=f"'boosting'.*'{value}'.*refused"):
        fit({"boosting": value}, real)


@pytest.mark.parametrize(
    "params",
    [{"deterministic": False}, {"force_row_wise": True}, {"feature_pre_filter": True}],
)
def test_lightgbm_parameters_that_break_promises(params, real):
    """The same result for every n_jobs, and no aborts on few rows."""
    (name,) = params
    with pytest.raises(ValueError, match=rf"lightgbm_params\['{name}'\].*refused"):
        fit(params, real)


def test_harmless_lightgbm_parameters_pass(real):
    X = real[0]
    plain = fit(None, real).predict(X)
    for name, value in [
        ("extra_trees", True),
        ("feature_fraction_bynode", 0.4),
        ("min_data_in_bin", 20),
        ("min_sum_hessian_in_leaf", 50.0),
        ("interaction_constraints", [[0], [1], [2, 3, 4]]),
    ]:
        est = fit({name: value}, real)
        assert not np.array_equal(est.predict(X), plain), name
    assert np.array_equal(fit({"boosting": "gbdt"}, real).predict(X), plain)
