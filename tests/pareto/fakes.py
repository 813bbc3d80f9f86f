"""Estimators whose scores are known, for the tests of searches."""

from __future__ import annotations

import uuid
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline


class Curve(BaseEstimator):
    """Its scores are the preference on the unit circle (or sphere), or what a
    table says.

    Every fit leaves a file in the folder ``log``; the file's text is its rows.
    """

    stop_after: int | None = None

    def __init__(
        self, preference=None, log=None, fail=None, n_jobs=None, names=("a", "b")
    ):
        self.preference = preference
        self.log = log
        self.fail = fail
        self.n_jobs = n_jobs
        self.names = names

    def fit(self, X, y, sample_weight=None):
        if self.log is not None:
            if self.stop_after is not None and fits(self.log) >= self.stop_after:
                raise KeyboardInterrupt
            Path(self.log, uuid.uuid4().hex).write_text(str(len(X)))
        if self.fail is not None and self.fail(self.preference):
            raise RuntimeError("this preference fails")
        self.objective_names_ = list(self.names)
        self.n_features_in_ = np.shape(X)[1]
        self.weight_ = 1.0 if sample_weight is None else np.mean(sample_weight)
        return self

    def predict(self, X):
        return np.full(len(X), self.preference[0])

    def score_objectives(self, X, y, sample_weight=None):
        p = np.asarray(self.preference)
        return p / np.linalg.norm(p)


class Dented(Curve):
    """On a front that bulges inwards, with a dominated point at (0.6, 0.4)."""

    def score_objectives(self, X, y, sample_weight=None):
        p = np.asarray(self.preference)
        return np.array([0.0, 0.0]) if np.isclose(p[0], 0.6) else p**2


class WeightedRidge(RegressorMixin, BaseEstimator):
    """A regressor of one target that trades size of coefficients for its error."""

    def __init__(self, preference=(1.0, 1.0)):
        self.preference = preference

    def fit(self, X, y):
        error, size = self.preference
        self.ridge_ = Ridge(alpha=size / max(error, 1e-3)).fit(X, y)
        self.n_features_in_ = self.ridge_.n_features_in_
        if hasattr(self.ridge_, "feature_names_in_"):
            self.feature_names_in_ = self.ridge_.feature_names_in_
        return self

    def predict(self, X):
        return self.ridge_.predict(X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.target_tags.multi_output = True
        return tags


def small_coefficients(estimator, X, y):
    """An objective beside the error."""
    model = estimator[-1] if isinstance(estimator, Pipeline) else estimator
    return -float(np.sum(model.ridge_.coef_**2))


class QueryScorer(BaseEstimator):
    """A ranker that refuses queries torn apart, and learns nothing."""

    def __init__(self, preference=None):
        self.preference = preference

    def fit(self, X, y, qid=None):
        _refuse_torn(X, qid)
        self.objective_names_ = ["click", "buy"]
        self.queries_ = set(np.asarray(qid).tolist())
        return self

    def predict(self, X):
        return np.zeros(len(X))

    def score(self, X, y, qid=None):
        return self.score_objectives(X, y, qid).mean()

    def score_objectives(self, X, y, qid=None):
        _refuse_torn(X, qid)
        if self.queries_ & set(np.asarray(qid).tolist()):
            raise RuntimeError("a query of the test part was trained on")
        return np.asarray(self.preference)


def _refuse_torn(X, qid):
    """The first feature of the tests' data is the number of rows of the query."""
    if qid is None:
        raise RuntimeError("no queries")
    _, place, size = np.unique(qid, return_inverse=True, return_counts=True)
    if not np.array_equal(size[place], np.asarray(X)[:, 0]):
        raise RuntimeError("a query is torn")


def fits(log) -> int:
    return sum(1 for _ in Path(log).iterdir())
