"""Errors of fitted estimators."""

from __future__ import annotations

import sys
from functools import cache, partial
from unittest.mock import patch

import numpy as np
import pandas as pd
from sklearn import clone

from skmo.estimators._estimator import has_probabilities
from skmo.inspection import TreeDisplay

from ._estimators_rows import (
    GRADES,
    LABELS,
    QID,
    N,
    X,
    Y,
    bad_input,
    classifier,
    mixed,
    quantile_regressor,
    ranker,
    regressor,
)
from .case import Case


@cache
def of_values(**params):
    return regressor(**params).fit(X, pd.DataFrame(Y, columns=["price", "age"]))


@cache
def of_labels():
    return classifier().fit(X, LABELS)


@cache
def of_quantiles():
    return quantile_regressor(0.25, 0.75).fit(X, Y[:, 0])


@cache
def of_grades(**params):
    return ranker(**params).fit(X, GRADES, qid=QID)


def without(library, call):
    with patch.dict(sys.modules, {library: None}):
        call()


def predict_frame(library):
    est = regressor().set_output(predict=library).fit(X, Y)
    without(library, lambda: est.predict(X))


FITTED = {
    "columns of y in a score": bad_input(
        lambda: of_values().score(X, Y[:, :1]),
        parameter="y has",
        value="1 target(s), but this MultiObjectiveRegressor has 2",
        remedy="pass those of fit, NaN where they were not observed",
    ),
    "order of y in a score": bad_input(
        lambda: of_values().score(X, pd.DataFrame(Y, columns=["age", "price"])),
        parameter="y has the columns",
        value="['age', 'price']",
        remedy="fitted with ['price', 'age']: bring them into that order",
    ),
    "probabilities of values": Case(
        lambda: has_probabilities(mixed("huber", "quantile")),
        AttributeError,
        "among the 'objectives'",
        "Got ['huber', 'quantile']",
        "needs a 'binary', 'cross_entropy' or 'multiclass' objective",
    ),
    "probabilities of who knows what": Case(
        lambda: has_probabilities(mixed()),
        AttributeError,
        "among the 'objectives'",
        "Got 'auto'",
        "what 'auto' stands for is known after fit",
    ),
    "probabilities of a fitted estimator": Case(
        lambda: mixed("huber", "huber").fit(X, Y).predict_proba(X),
        AttributeError,
        "'MultiObjectiveEstimator' has no attribute",
        "'predict_proba'",
        None,
    ),
    "kind of importance": bad_input(
        lambda: of_values().importances("weight"),
        parameter="The 'kind' parameter",
        value="Got 'weight' instead",
        remedy="must be 'gain' or",
    ),
    "trees of an importance": bad_input(
        lambda: of_values().importances(trees="first"),
        parameter="The 'trees' parameter",
        value="Got 'first' instead",
        remedy="must be 'all' or 'shared' or 'own'",
    ),
    "container": bad_input(
        lambda: regressor().set_output(predict="dask"),
        parameter="The 'predict' parameter of set_output",
        value="Got 'dask' instead",
        remedy="one of ['default', 'pandas', 'polars'] or None",
    ),
    "container of transform": bad_input(
        lambda: regressor().set_output(transform="dask"),
        parameter="The 'transform' parameter of set_output",
        value="Got 'dask' instead",
        remedy="one of ['default', 'pandas', 'polars'] or None",
    ),
    "two containers": bad_input(
        lambda: regressor().set_output(predict="pandas", transform="polars"),
        parameter="set_output got predict",
        value="predict='pandas' and transform='polars'",
        remedy="pass predict alone",
    ),
    "predictions without pandas": Case(
        partial(predict_frame, "pandas"),
        ImportError,
        "Predictions are configured to be pandas data frames",
        "pandas is not installed",
        'pip install "skmo[pandas]", or call set_output',
    ),
    "predictions without polars": Case(
        partial(predict_frame, "polars"),
        ImportError,
        "Predictions are configured to be polars data frames",
        "polars is not installed",
        "pip install polars, or call set_output(predict='default')",
    ),
    "trees without pandas": Case(
        lambda: without("pandas", of_labels().to_dataframe),
        ImportError,
        "to_dataframe needs",
        "pandas",
        'pip install "skmo[pandas]"',
    ),
    "tree": bad_input(
        lambda: TreeDisplay.from_estimator(of_values(), 7),
        parameter="The 'tree_index' parameter",
        value="Got 7 instead",
        remedy="must be from 0 to 1, as there are 2 trees",
    ),
    "no tree": bad_input(
        lambda: TreeDisplay.from_estimator(of_values(min_child_samples=N)),
        parameter="There is no tree for 'tree_index'",
        value="'tree_index' 0,",
        remedy="lower 'min_child_samples' or 'min_split_gain'",
    ),
    "coverage": bad_input(
        lambda: of_quantiles().predict_interval(X, coverage=95),
        parameter="'coverage'",
        value="Got 95 instead",
        remedy="must be a float in the range (0, 1)",
    ),
    "levels": bad_input(
        lambda: of_quantiles().predict(X, quantiles=[0.5, 0.875]),
        parameter="'quantiles' must be levels",
        value="Got [0.5, 0.875] instead",
        remedy="train further ones by the 'quantiles' parameter",
    ),
    "levels of an interval": bad_input(
        lambda: of_quantiles().predict_interval(X, coverage=0.75),
        parameter="'quantiles' must be levels",
        value="Got [0.125, 0.875] instead",
        remedy="from 0.25 to 0.75, those trained",
    ),
    "levels of text": bad_input(
        lambda: of_quantiles().predict(X, quantiles="median"),
        parameter="'quantiles' must hold numbers",
        value="Got 'median':",
        remedy="must hold numbers",
    ),
    "preference of one score": bad_input(
        lambda: of_grades(combine="gradients").predict(X, preference=[1, 2]),
        parameter="the 'preference' is settled in training",
        value="Got [1, 2]:",
        remedy="leave it out, or fit with combine='scores'",
    ),
    "scores of one score": bad_input(
        lambda: of_grades(combine="gradients").predict_objectives(X),
        parameter="With combine='gradients'",
        value="there is one score for all labels",
        remedy="use predict, or fit with combine='scores'",
    ),
    "shape of a ranker's preference": bad_input(
        lambda: of_grades(combine="scores").predict(X, preference=[1]),
        parameter="The 'preference' parameter must have shape",
        value="Got shape (1,) instead",
        remedy="(2,), one importance per objective",
    ),
}

VIEWS = {
    "objective by another name": bad_input(
        lambda: of_values().for_objective("cost"),
        parameter="The 'objective' parameter",
        value="Got 'cost' instead",
        remedy="must be one of ['price', 'age']",
    ),
    "objective by another number": bad_input(
        lambda: of_values().for_objective(2),
        parameter="The 'objective' parameter",
        value="Got 2 instead",
        remedy="must be one of ['price', 'age'] or an index below 2",
    ),
    "objective of no name": bad_input(
        lambda: of_values().for_objective(None),
        parameter="The 'objective' parameter",
        value="Got None instead",
        remedy="must be one of ['price', 'age'] or an index below 2",
    ),
    "fit of a view": Case(
        lambda: of_values().for_objective("age").fit(X, Y[:, 1]),
        TypeError,
        "cannot be fitted, as all objectives are trained together",
        "'age'",
        "pass FrozenEstimator(view) of sklearn.frozen",
    ),
    "clone of a view": Case(
        lambda: clone(of_values().for_objective("age")),
        TypeError,
        "cannot be cloned, as a clone is not fitted",
        "'age'",
        "Pass FrozenEstimator(view) of sklearn.frozen",
    ),
    "score of a view by all targets": bad_input(
        lambda: of_values().for_objective("age").score(X, Y),
        parameter="y must hold the target 'age' alone",
        value="Got 2 columns",
        remedy="leave the others out",
    ),
    "score of a view by nothing": bad_input(
        lambda: of_values().for_objective("age").score(X, np.full(N, np.nan)),
        parameter="Target 'age' has no observed value in y",
        value="all 60 are NaN",
        remedy="Pass rows that have one",
    ),
}

CASES = FITTED | VIEWS
