"""Data, estimators and a tuner that take no time."""

from __future__ import annotations

import numpy as np
import optuna
from optuna.distributions import (
    FloatDistribution,
)
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.datasets import make_regression

from skmo.tuning import ParetoTunerCV

X, Y = make_regression(300, 5, n_targets=2, noise=5.0, random_state=0)
SPACE = {"x": FloatDistribution(0.0, 1.0), "y": FloatDistribution(0.0, 1.0)}


class TradeOff(RegressorMixin, BaseEstimator):
    """Two scores of its parameters: a concave front at ``y=0``, and what y costs."""

    fits = 0

    def __init__(self, x=0.25, y=0.5, preference=None, other=None, n_jobs=None):
        self.x = x
        self.y = y
        self.preference = preference
        self.other = other
        self.n_jobs = n_jobs

    def fit(self, X, y, sample_weight=None):
        type(self).fits += 1
        self.objective_names_ = ["first", "second"]
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X):
        return np.full((len(X), 2), self.x)

    def score_objectives(self, X, y):
        return np.array([self.x - self.y, 1.0 - self.x**2 - self.y])


class Fragile(TradeOff):
    """Fails on a part of the space."""

    def fit(self, X, y):
        if self.x > 0.5:
            raise RuntimeError(f"no fit of x={self.x}")
        return super().fit(X, y)


def r2_of(k):
    def score(estimator, X, y):
        residual = y[:, k] - estimator.predict(X)[:, k]
        return 1.0 - (residual**2).sum() / ((y[:, k] - y[:, k].mean()) ** 2).sum()

    return score


FIRST, SECOND = r2_of(0), r2_of(1)


def tuner(estimator=None, space=SPACE, **params):
    params = {"n_trials": 6, "cv": 2, "random_state": 0, **params}
    return ParetoTunerCV(
        TradeOff() if estimator is None else estimator, space, **params
    )


def parameters(search):
    """What was tried, in order, whatever became of it."""
    return [dict(sorted(params.items())) for params in search.cv_results_["params"]]


def tpe(seed):
    return optuna.samplers.TPESampler(n_startup_trials=3, seed=seed)


def nsga2(seed):
    return optuna.samplers.NSGAIISampler(population_size=3, seed=seed)
