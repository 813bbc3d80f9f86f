"""Errors of estimators about their parameters."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn import config_context

from ._estimators_rows import (
    GRADES,
    LABELS,
    QID,
    STAGES,
    B,
    N,
    X,
    Y,
    bad_input,
    classifier,
    column,
    funnel,
    mixed,
    quantile_regressor,
    ranker,
    regressor,
)


def fit(**params):
    regressor(**params).fit(X, Y)


def fit_mixed(*objectives, **params):
    mixed(*objectives, **params).fit(X, B)


def fit_ranker(**params):
    ranker(**params).fit(X, GRADES, qid=QID)


def fit_shared(*objectives, **params):
    objectives = objectives or ("squared_error", "huber")
    mixed(*objectives, shared_score=True, **params).fit(X, Y)


def fit_quantiles(*quantiles):
    quantile_regressor(*quantiles).fit(X, Y[:, 0])


def fit_again(first, then):
    est = regressor(warm_start=True, **first).fit(X, Y)
    est.set_params(**then).fit(X, Y)


def fit_quantiles_again():
    est = quantile_regressor(0.25, 0.75, warm_start=True).fit(X, Y[:, 0])
    est.set_params(quantiles=[0.1, 0.75]).fit(X, Y[:, 0])


def bound_without_validation():
    params = {"shared_score": True, "bounds": {0: 0.125}, "early_stopping": False}
    est = mixed("squared_error", "huber", **params)
    est.fit(X, Y, X_val=X, y_val=column(Y, np.nan, 0))


def fit_unchecked(**params):
    """Without scikit-learn's check of parameters, which is told before."""
    with config_context(skip_parameter_validation=True):
        fit(**params)


OBJECTIVES = {
    "objectives of a regressor": bad_input(
        lambda: fit(objective=["huber"]),
        parameter="The 'objective' parameter lists",
        value="lists 1 objectives, but y has 2 target(s)",
        remedy="list one for each, or pass one for all",
    ),
    "objectives of a classifier": bad_input(
        lambda: classifier(objective=["binary"] * 3).fit(X, LABELS),
        parameter="The 'objective' parameter lists",
        value="lists 3 objectives, but y has 2 target(s)",
        remedy="list one for each, or pass one for all",
    ),
    "objectives of a mix": bad_input(
        lambda: fit_mixed("huber"),
        parameter="The 'objectives' parameter lists",
        value="lists 1 objectives, but y has 2 target(s)",
        remedy="list one for each, or pass 'auto'",
    ),
    "objectives of a ranker": bad_input(
        lambda: fit_ranker(objectives=["lambdarank"]),
        parameter="The 'objectives' parameter lists",
        value="lists 1 objectives, but y has 2 label(s)",
        remedy="list one for each, or pass one for all",
    ),
    "one name for a mix": bad_input(
        lambda: fit_mixed(objectives="huber"),
        parameter="The 'objectives' parameter must be",
        value="Got 'huber' instead",
        remedy="for all 2 target(s) alike pass ['huber'] * 2",
    ),
    "classes for a regressor": bad_input(
        lambda: fit(objective="multiclass"),
        parameter="The 'objective' parameter holds",
        value="Multiclass()",
        remedy="Use MultiObjectiveClassifier, or MultiObjectiveEstimator",
    ),
    "values for a classifier": bad_input(
        lambda: classifier(objective="squared_error").fit(X, LABELS),
        parameter="The 'objective' parameter holds",
        value="SquaredError()",
        remedy="Use MultiObjectiveRegressor, or MultiObjectiveEstimator",
    ),
    "classes for a ranker": bad_input(
        lambda: fit_ranker(objectives="multiclass"),
        parameter="The 'objectives' parameter holds",
        value="Multiclass()",
        remedy="Use 'lambdarank' or 'binary'",
    ),
    "names of stages": bad_input(
        lambda: funnel(stage_names=["click", "click"]).fit(X, STAGES),
        parameter="The 'stage_names' parameter must hold",
        value="Got ['click', 'click'] instead",
        remedy="a different name for each of the 2 columns of y",
    ),
    "number of names of stages": bad_input(
        lambda: funnel(stage_names=["click"]).fit(X, STAGES),
        parameter="The 'stage_names' parameter must hold",
        value="Got ['click'] instead",
        remedy="a different name for each of the 2 columns of y",
    ),
    "quantiles out of order": bad_input(
        lambda: fit_quantiles(0.75, 0.25),
        parameter="The 'quantiles' parameter of MultiQuantileRegressor",
        value="Got [0.75, 0.25] instead",
        remedy="increasing numbers, in the range (0, 1), such as",
    ),
    "quantiles out of range": bad_input(
        lambda: fit_quantiles(0.5, 1.5),
        parameter="The 'quantiles' parameter of MultiQuantileRegressor",
        value="Got [0.5, 1.5] instead",
        remedy="increasing numbers, in the range (0, 1), such as",
    ),
    "quantiles of text": bad_input(
        lambda: fit_quantiles("median"),
        parameter="The 'quantiles' parameter",
        value="Got ['median']:",
        remedy="must hold numbers",
    ),
    "shape of preference": bad_input(
        lambda: fit(preference=[1, 2, 3]),
        parameter="The 'preference' parameter must have shape",
        value="Got shape (3,) instead",
        remedy="(2,), one importance per objective",
    ),
    "negative preference": bad_input(
        lambda: fit(preference=[1, -1]),
        parameter="The 'preference' parameter must hold",
        value="Got [1.0, -1.0] instead",
        remedy="finite importances of at least 0",
    ),
    "no preference": bad_input(
        lambda: fit(preference=[0, 0]),
        parameter="The 'preference' parameter must hold",
        value="Got [0.0, 0.0] instead",
        remedy="not all 0",
    ),
    "preference of text": bad_input(
        lambda: fit(preference=["much", "less"]),
        parameter="The 'preference' parameter",
        value="Got ['much', 'less']:",
        remedy="must hold numbers",
    ),
}

CATEGORICAL = {
    "another word for the categorical features": bad_input(
        lambda: fit(categorical_features="town"),
        parameter="The 'categorical_features' parameter of MultiObjectiveRegressor",
        value="Got 'town' instead",
        remedy="a str among {'from_dtype'}, an array-like or None",
    ),
    "another word where parameters are not checked": bad_input(
        lambda: fit_unchecked(categorical_features="town"),
        parameter="The 'categorical_features' parameter must be",
        value="Got 'town' instead",
        remedy="'from_dtype', None, a boolean mask, indices or column names",
    ),
    "a mask of the categorical features": bad_input(
        lambda: fit(categorical_features=[True, False]),
        parameter="The 'categorical_features' mask must have shape",
        value="Got (2,) instead",
        remedy="(3,), one entry per feature",
    ),
    "indices of the categorical features": bad_input(
        lambda: fit(categorical_features=[0, 3]),
        parameter="The 'categorical_features' indices must be",
        value="Got [0, 3] instead",
        remedy="in [0, 2]",
    ),
    "names of the categorical features": bad_input(
        lambda: regressor(categorical_features=["town"]).fit(
            pd.DataFrame(X, columns=["a", "b", "c"]), Y
        ),
        parameter="'categorical_features' names columns",
        value="X does not have: ['town']",
        remedy="Its columns are ['a', 'b', 'c']",
    ),
    "names of an array's categorical features": bad_input(
        lambda: fit(categorical_features=["town"]),
        parameter="'categorical_features' names columns",
        value="X does not have: ['town']",
        remedy="X has no column names: pass indices",
    ),
    "sparse categories": bad_input(
        lambda: regressor(categorical_features=[1]).fit(sp.csr_matrix(X), Y),
        parameter="'categorical_features' needs a dense X",
        value="Got [1] and a csr_matrix",
        remedy="convert it with X.toarray(), or set categorical_features=None",
    ),
}

TRAINING = {
    "a share of less than a row": bad_input(
        lambda: fit(subsample=0.01),
        parameter="The 'subsample' parameter leaves no row",
        value="0.01 of 60 rows",
        remedy="Raise it",
    ),
    "no threads": bad_input(
        lambda: fit(n_jobs=0),
        parameter="The 'n_jobs' parameter",
        value="Got 0 instead",
        remedy="a number of threads, -1 for all processors or None",
    ),
    "fewer rounds than before": bad_input(
        lambda: fit_again({}, {"n_estimators": 1}),
        parameter="n_estimators=",
        value="n_estimators=1 must be at least the 2 rounds already trained",
        remedy="Raise it, or set warm_start=False",
    ),
    "another objective than before": bad_input(
        lambda: fit_again({"objective": "huber"}, {"objective": "absolute_error"}),
        parameter="The 'objective' parameter was changed",
        value="from 'huber' to 'absolute_error'",
        remedy="Set warm_start=False to fit anew",
    ),
    "other quantiles than before": bad_input(
        fit_quantiles_again,
        parameter="The 'quantiles' parameter was changed",
        value="from [0.25, 0.75] to [0.1, 0.75]",
        remedy="Set warm_start=False to fit anew",
    ),
    "parameters of own learners": bad_input(
        lambda: fit(head_params={"num_leafs": 5}),
        parameter="The 'head_params' parameter must map parameters to values",
        value="Got the key 'num_leafs'",
        remedy="the objectives are target0, target1.",
    ),
    "parameters of many own learners": bad_input(
        lambda: regressor(head_params={"num_leafs": 5}).fit(
            X, np.ones((N, 9)) * X[:1, :1]
        ),
        parameter="The 'head_params' parameter must map parameters to values",
        value="Got the key 'num_leafs'",
        remedy="target7, ….",
    ),
    "no dict for an own learner": bad_input(
        lambda: fit(head_params={"target0": 3}),
        parameter="head_params['target0'] must be",
        value="Got 3.",
        remedy="a dict of parameters",
    ),
    "a parameter of one own learner": bad_input(
        lambda: fit(head_params={"target0": {"n_jobs": 2}}),
        parameter="head_params['target0']",
        value="'n_jobs' is no parameter of a head",
        remedy="It may have n_estimators",
    ),
}

SHARED = {
    "objectives that read a score differently": bad_input(
        lambda: fit_shared("squared_error", "binary"),
        parameter="With shared_score=True all objectives must",
        value="Got [SquaredError(), Binary()]",
        remedy="all as a value (such as 'squared_error'",
    ),
    "a score per class": bad_input(
        lambda: mixed("multiclass", "multiclass", shared_score=True).fit(X, B),
        parameter="With shared_score=True all objectives must",
        value="Got [Multiclass(), Multiclass()]",
        remedy="all as log-odds ('binary', 'cross_entropy')",
    ),
    "own learners of one score": bad_input(
        lambda: fit_shared(heads="boost"),
        parameter="heads='boost' and head_params=None",
        value="Got heads='boost'",
        remedy="leave them at 'auto' (or 'none') and None",
    ),
    "bounds of several scores": bad_input(
        lambda: fit_mixed("huber", "huber", bounds={0: 0.125}),
        parameter="The 'bounds' parameter needs one score for all",
        value="Got bounds={0: 0.125}",
        remedy="shared_score=True, or leave it at None",
    ),
    "bounds of a ranker's scores": bad_input(
        lambda: fit_ranker(combine="scores", bounds={0: 0.125}),
        parameter="The 'bounds' parameter needs one score for all",
        value="Got bounds={0: 0.125}",
        remedy="combine='gradients', or leave it at None",
    ),
    "a set of bounds": bad_input(
        lambda: fit_shared(bounds={0.125}),
        parameter="The 'bounds' parameter must be",
        value="Got {0.125}",
        remedy="a dict or a sequence",
    ),
    "number of bounds": bad_input(
        lambda: fit_shared(bounds=[0.125]),
        parameter="The 'bounds' parameter must have",
        value="Got 1 entries",
        remedy="one entry per objective, 2, or be a dict",
    ),
    "a bound of no objective": bad_input(
        lambda: fit_shared(bounds={"price": 0.125}),
        parameter="The 'bounds' parameter names",
        value="names 'price'",
        remedy="the objectives are ['target0', 'target1']",
    ),
    "a bound out of range": bad_input(
        lambda: fit_shared(bounds={0: 1.5}),
        parameter="The 'bounds' parameter holds the share",
        value="Got 1.5 for 0",
        remedy="at least 0 and below 1",
    ),
    "a bound of text": bad_input(
        lambda: fit_shared(bounds={"target1": "all"}),
        parameter="The 'bounds' parameter holds the share",
        value="Got 'all' for 'target1'",
        remedy="at least 0 and below 1",
    ),
    "two bounds of one objective": bad_input(
        lambda: fit_shared(bounds={0: 0.125, -2: 0.25}),
        parameter="The 'bounds' parameter names objective 'target0' twice",
        value="{0: 0.125, -2: 0.25}",
        remedy="Keep one",
    ),
    "bounds of all objectives": bad_input(
        lambda: fit_shared(bounds=[0.125, 0.25]),
        parameter="The 'bounds' parameter bounds all objectives",
        value="Got {0: 0.125, 1: 0.25}",
        remedy="leave one out",
    ),
    "nothing to gain": bad_input(
        lambda: fit_shared(bounds={0: 0.125}, preference=[1, 0]),
        parameter="The 'preference' parameter is 0 for all",
        value="Got preference=[1.0, 0.0]",
        remedy="raise one of them",
    ),
    "a bound that no validation row tells of": bad_input(
        bound_without_validation,
        parameter="bounds['target0']=0.125",
        value="=0.125 cannot be held",
        remedy="Pass rows that have, or none",
    ),
}

CASES = OBJECTIVES | CATEGORICAL | TRAINING | SHARED
