"""Rows and estimators that the tables of `skmo.estimators` share."""

from __future__ import annotations

from functools import partial

import numpy as np

from skmo import (
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRanker,
    MultiObjectiveRegressor,
    MultiQuantileRegressor,
)

from .case import Case

FAST = {
    "n_estimators": 2,
    "num_leaves": 3,
    "min_child_samples": 1,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
}
N = 60
rng = np.random.default_rng(0)
X = rng.normal(size=(N, 3))
Y = rng.normal(size=(N, 2))
LABELS = (Y > 0).astype(int)
B = LABELS.astype(float)
# Of stages: the second one happens in a third of the rows where the first one did.
STAGES = np.column_stack([np.arange(N) % 2, np.arange(N) % 6 == 1]).astype(float)
# Of the ranker: 15 queries of 4 rows.
QID = np.repeat(np.arange(15), 4)
GRADES = np.column_stack([np.arange(N) % 4, np.arange(N) % 3]).astype(float)

bad_input = partial(Case, error=ValueError)


def regressor(**params):
    return MultiObjectiveRegressor(**{**FAST, **params})


def classifier(**params):
    return MultiObjectiveClassifier(**{**FAST, **params})


def mixed(*objectives, **params):
    if objectives:
        params["objectives"] = list(objectives)
    return MultiObjectiveEstimator(**{**FAST, **params})


def funnel(**params):
    return EntireSpaceClassifier(**{**FAST, **params})


def quantile_regressor(*quantiles, **params):
    if quantiles:
        params["quantiles"] = list(quantiles)
    return MultiQuantileRegressor(**{**FAST, **params})


def ranker(**params):
    params = {**FAST, **params}
    del params["heads"]
    return MultiObjectiveRanker(**params)


def put(array, value, at=(5, 1)):
    """A copy with another value in one place."""
    array = np.array(array, dtype=object if isinstance(value, str | None) else None)
    array[at] = value
    return array


def column(array, value, k=1):
    """A copy with the same value all over a column."""
    array = np.array(array, dtype=object if isinstance(value, str) else None)
    array[:, k] = value
    return array
