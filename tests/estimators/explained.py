"""Fitted estimators of every kind, that the tests of explanations share."""

from __future__ import annotations

from functools import cache

import numpy as np
import scipy.sparse as sp

from skmo import (
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRanker,
    MultiObjectiveRegressor,
)
from skmo.datasets import make_funnel, make_multi_ranking
from skmo.objectives import SquaredError

FAST = {
    "n_estimators": 6,
    "num_leaves": 6,
    "min_child_samples": 5,
    "n_jobs": 1,
    "random_state": 0,
}


class OwnLoss(SquaredError):
    """One that LightGBM has not, so that heads are forests of skmo's."""


def features(n=240, seed=0):
    X = np.random.default_rng(seed).normal(size=(n, 5))
    X[::9, 4] = np.nan
    return X


def reals(X, seed=1):
    """On scales of their own, and far from 0."""
    rng = np.random.default_rng(seed)
    Y = np.column_stack([3 * X[:, 0] + 50, np.sin(2 * X[:, 1]), X[:, 2] ** 2 - X[:, 0]])
    return Y + 0.2 * rng.normal(size=Y.shape)


def mix(X, seed=2):
    """A label, a count, a number and one of three classes."""
    rng = np.random.default_rng(seed)
    label = X[:, 0] + 0.5 * rng.normal(size=len(X)) > 0
    count = rng.poisson(np.exp(0.5 * X[:, 1]))
    three = np.digitize(X[:, 2] + 0.3 * rng.normal(size=len(X)), [-0.5, 0.5])
    return np.column_stack([label, count, reals(X)[:, 0], three]).astype(float)


MIX = ["binary", "poisson", "squared_error", "multiclass"]


def regressor(X=None, **params):
    X = features() if X is None else X
    est = MultiObjectiveRegressor(**{**FAST, "heads": "none", **params})
    return est.fit(X, reals(np.asarray(X.todense()) if sp.issparse(X) else X)), X


def estimator(**params):
    X = features()
    return MultiObjectiveEstimator(MIX, **{**FAST, **params}).fit(X, mix(X)), X


def _stopped():
    X, X_val = features(), features(120, seed=3)
    est = MultiObjectiveRegressor(
        **{**FAST, "n_estimators": 30, "learning_rate": 0.5}, n_iter_no_change=3
    )
    return est.fit(X, reals(X), X_val=X_val, y_val=reals(X_val, seed=5)), X


def _warm():
    est, X = regressor(warm_start=True)
    return est.set_params(n_estimators=12).fit(X, reals(X)), X


def _single():
    X = features()
    return MultiObjectiveRegressor(**FAST).fit(X, reals(X)[:, 0]), X


def _classifier():
    X = features()
    Y = mix(X)[:, [0, 3]].astype(int)
    labels = np.column_stack(
        [np.array(["no", "yes"])[Y[:, 0]], np.array(["x", "y", "z"])[Y[:, 1]]]
    )
    return MultiObjectiveClassifier(**FAST).fit(X, labels), X


def _funnel():
    X, Y = make_funnel(400, rates=(0.6, 0.6, 0.6), random_state=0)
    return EntireSpaceClassifier(**FAST).fit(X, Y), X


def _ranker(combine):
    X, Y, qid = make_multi_ranking(25, mean_size=8, random_state=0)
    est = MultiObjectiveRanker(combine=combine, **FAST)
    return est.fit(X, Y, qid=qid), X


def _one_score():
    X = features()
    est = MultiObjectiveEstimator(["squared_error"] * 2, shared_score=True, **FAST)
    return est.fit(X, reals(X)[:, 1:]), X


def _one_probability():
    X = features()
    Y = np.column_stack([X[:, 0] > 0, X[:, 1] > 0]).astype(float)
    est = MultiObjectiveEstimator(["binary"] * 2, shared_score=True, **FAST)
    return est.fit(X, Y), X


def _frame():
    import pandas as pd

    values = features()
    X = pd.DataFrame(values, columns=["a", "b", "c", "d", "e e"])
    X["kind"] = pd.Categorical(np.array(["u", "v", "w"])[np.arange(len(X)) % 3])
    Y = pd.DataFrame(mix(values), columns=["click", "count", "time", "kind"])
    Y["time"] += 4 * (X["kind"] == "v")
    return MultiObjectiveEstimator(MIX, **FAST).fit(X, Y), X


_CASES = {
    "shared trees": regressor,
    "trees apart": lambda: regressor(structure="apart"),
    "heads that blend": lambda: regressor(heads="blend"),
    "heads that boost": lambda: regressor(heads="boost"),
    "heads of an own loss": lambda: regressor(objective=OwnLoss, heads="blend"),
    "boosting heads of an own loss": lambda: regressor(
        objective=OwnLoss, heads="boost"
    ),
    "stopped early": _stopped,
    "warm start": _warm,
    "one target": _single,
    "sparse": lambda: regressor(
        sp.csr_matrix(np.nan_to_num(features()) * (features() > 0))
    ),
    "mixed": lambda: estimator(heads="none"),
    "mixed, heads": lambda: estimator(heads="blend"),
    "mixed, heads that boost": lambda: estimator(heads="boost"),
    "one score": _one_score,
    "one probability": _one_probability,
    "labels": _classifier,
    "funnel": _funnel,
    "ranker": lambda: _ranker("scores"),
    "ranker, one score": lambda: _ranker("gradients"),
    "frame": _frame,
}
NAMES = list(_CASES)


@cache
def fitted(name):
    """A case's estimator and its rows; not to be changed."""
    return _CASES[name]()


def user_scores(est, X):
    """What contributions must add up to, by public methods, (n_samples, n_scores)."""
    name = type(est).__name__
    if name == "EntireSpaceClassifier":
        p = est.predict_conditional_proba(X)
        return np.log(p) - np.log1p(-p)
    if name == "MultiObjectiveRanker":
        own = est.combine == "scores"
        return est.predict_objectives(X) if own else est.predict(X)[:, np.newaxis]
    if name == "MultiObjectiveRegressor":
        return est.predict(X).reshape(len(np.asarray(est.apply(X))), -1)
    if name == "MultiObjectiveClassifier":
        two, three = est.predict_proba(X)
        return np.column_stack([np.log(two[:, 1] / two[:, 0]), _centred(three)])
    if est.shared_score:
        found = est.predict(X)[:, np.newaxis]
        labels = est.classes_[0] is not None
        return np.log(found / (1 - found)) if labels else found
    found = est.predict(X).astype(float)
    p = est.predict_proba(X)
    return np.column_stack(
        [
            np.log(p[0][:, 1] / p[0][:, 0]),
            np.log(found[:, 1]),
            found[:, 2],
            _centred(p[3]),
        ]
    )


def comparable(est, scores):
    """Scores of classes count up to a number they have in common."""
    coder = est._result.coder
    scores = scores.copy()
    for part in coder.scores:
        if part.stop - part.start > 1:
            scores[:, part] -= scores[:, part].mean(axis=1, keepdims=True)
    return scores


def _centred(probability):
    logs = np.log(probability)
    return logs - logs.mean(axis=1, keepdims=True)
