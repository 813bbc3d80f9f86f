"""Searches to fail, and estimators for them."""

from __future__ import annotations

import warnings

import numpy as np

from skmo.pareto import ParetoSearchCV
from tests.pareto.fakes import Curve

X = np.arange(16.0).reshape(8, 2)
Y = np.column_stack([np.arange(8.0), np.arange(8.0)[::-1]])


def search(estimator=None, **params):
    params = {"n_points": 2, "cv": 2, "error_score": "raise", **params}
    return ParetoSearchCV(Curve() if estimator is None else estimator, **params)


def fit(estimator=None, *, y=Y, given=None, **params):
    """A search, fitted with what else is given to ``fit``."""
    # Of fits that fail and folds without a score, before the error.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return search(estimator, **params).fit(X, y, **(given or {}))


class Round(Curve):
    """Of as many rounds as it is told, the first of which may be shared."""

    def __init__(self, preference=None, warm_start=False, n_estimators=2):
        super().__init__(preference)
        self.warm_start = warm_start
        self.n_estimators = n_estimators


class Table(Curve):
    """A table where a row is asked for."""

    def score_objectives(self, X, y):
        return np.eye(2)


class One(Curve):
    def score_objectives(self, X, y):
        return np.ones(1)


class OwnNames(Curve):
    """Other names with each preference."""

    def fit(self, X, y):
        super().fit(X, y)
        self.objective_names_ = ["a", f"b{self.preference[0]:.2f}"]
        return self


class Never(Curve):
    """No score of the second objective."""

    def score_objectives(self, X, y):
        return np.array([1.0, np.nan])


class InTurn(Curve):
    """No score of the first objective in one fold, of the second in the other."""

    def score_objectives(self, X, y):
        score = np.array([1.0, 1.0])
        score[int(X[0, 0] == 0)] = -np.inf
        return score
