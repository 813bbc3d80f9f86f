"""Small fitted models of every kind, and what it means that two are the same."""

from __future__ import annotations

import copy
import datetime
import io
from functools import cache

import numpy as np

import skmo
from skmo.balancing import Tchebycheff
from skmo.boosting import SingleModel
from skmo.boosting._tree import TreeStructure
from skmo.boosting.structure import SumDirection
from skmo.datasets import make_funnel, make_multi_ranking
from skmo.objectives import Huber, Quantile, SquaredError, Tweedie

FAST = {
    "n_estimators": 4,
    "num_leaves": 5,
    "min_child_samples": 5,
    "n_jobs": 1,
    "random_state": 0,
}


class Scaled(SquaredError):
    """An objective of a user's own, which LightGBM does not have."""

    def __init__(self, factor=1.0):
        self.factor = factor

    def loss(self, target, score):
        return self.factor * super().loss(target, score)


class OwnRegressor(skmo.MultiObjectiveRegressor):
    """An estimator of a user's own."""


def numbers(n=200, n_targets=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    X[::9, 1] = np.nan
    Y = np.nan_to_num(X) @ rng.normal(size=(4, n_targets)) + rng.normal(
        size=(n, n_targets)
    )
    return X, Y


def positive():
    X, Y = numbers()
    return X, np.column_stack(
        [Y[:, 0] > 0, np.digitize(Y[:, 1], [-1, 1]), Y[:, 2] ** 2]
    )


def regressor(**params):
    X, Y = numbers()
    return skmo.MultiObjectiveRegressor(**{**FAST, **params}).fit(X, Y), X, Y


def classifier(columns, **params):
    X, Y = numbers()
    rows = np.column_stack([np.digitize(y, [-1, 1]) for y in Y.T])[:, : len(columns)]
    labels = [
        np.array(classes)[rows[:, k] % len(classes)]
        if not isinstance(classes, np.ndarray)
        else classes[rows[:, k] % len(classes)]
        for k, classes in enumerate(columns)
    ]
    y = labels[0]
    if len(columns) > 1:
        kinds = {column.dtype.kind for column in labels}
        y = np.empty((len(X), len(columns)), dtype=object if len(kinds) > 1 else None)
        y = y.astype(labels[0].dtype) if len(kinds) == 1 else y
        for k, column in enumerate(labels):
            y[:, k] = column.tolist() if y.dtype == object else column
    return skmo.MultiObjectiveClassifier(**{**FAST, **params}).fit(X, y), X, y


def mixed(**params):
    X, Y = positive()
    est = skmo.MultiObjectiveEstimator(
        ["binary", "multiclass", Tweedie(power=1.3)], **{**FAST, **params}
    )
    return est.fit(X, Y), X, Y


def shared(**params):
    X, Y = numbers(n_targets=2)
    est = skmo.MultiObjectiveEstimator(
        ["squared_error", Quantile(alpha=0.2)],
        shared_score=True,
        **{**FAST, **params},
    )
    return est.fit(X, Y), X, Y


def funnel(**params):
    X, Y = make_funnel(300, rates=(0.6, 0.7), random_state=0)
    est = skmo.EntireSpaceClassifier(["click", "buy"], **{**FAST, **params})
    return est.fit(X, Y), X, Y


def ranker(combine):
    X, Y, qid = make_multi_ranking(20, mean_size=10, random_state=0)
    est = skmo.MultiObjectiveRanker(combine=combine, **FAST)
    return est.fit(X, Y, qid=qid), X, Y


MODELS = {
    "regressor": lambda: regressor(heads="none"),
    "blend": lambda: regressor(heads="blend"),
    "boost": lambda: regressor(heads="boost"),
    "plugins": lambda: regressor(
        objective=Huber(delta=1.0),
        structure=SumDirection(),
        balancer=Tchebycheff(),
        preference=np.array([1.0, 2.0, 3.0]),
        heads="none",
    ),
    "one target": lambda: _one_target(),
    "quantiles": lambda: _one_target(skmo.MultiQuantileRegressor),
    "labels": lambda: classifier([["a", "b", "c"], ["no", "yes"]]),
    "mixed labels": lambda: classifier([["a", "b", "c"], [0, 1], [False, True]]),
    "float labels": lambda: classifier([[0.0, 1.0, 7.0]]),
    "estimator": lambda: mixed(heads="blend"),
    "shared score": shared,
    "bounds": lambda: shared(bounds={0: 0.1}),
    "funnel": funnel,
    "funnel losses": lambda: funnel(loss={"dr": 1.0, "entire_space": 0.2}),
    "ranker": lambda: ranker("gradients"),
    "ranker of scores": lambda: ranker("scores"),
}


def _one_target(cls=skmo.MultiObjectiveRegressor):
    X, Y = numbers(n_targets=1)
    return cls(**FAST).fit(X, Y[:, 0]), X, Y[:, 0]


@cache
def _fitted(name):
    return MODELS[name]()


def fitted(name):
    """An estimator of `MODELS` to be changed, and its training rows."""
    est, X, y = _fitted(name)
    return copy.copy(est), X, y


def saved(est, **params):
    """The bytes of the estimator's file."""
    file = io.BytesIO()
    est.save_model(file, **params)
    return file.getvalue()


def loaded(content, **params):
    return skmo.load_model(io.BytesIO(content), **params)


def assert_same(a, b, where="model"):
    """Two objects are of the same types and values all the way down."""
    assert type(a) is type(b), where
    if isinstance(a, np.ndarray):
        assert a.dtype == b.dtype, where
        assert a.shape == b.shape, where
        if a.dtype == object:
            assert_same(a.ravel().tolist(), b.ravel().tolist(), where)
        else:
            np.testing.assert_array_equal(a, b, err_msg=where)
        assert b.flags.writeable, where
    elif isinstance(a, (list, tuple)):
        assert len(a) == len(b), where
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            assert_same(x, y, f"{where}[{i}]")
    elif isinstance(a, dict):
        assert_same(list(a), list(b), f"keys of {where}")
        for key in a:
            assert_same(a[key], b[key], f"{where}[{key!r}]")
    elif isinstance(a, TreeStructure):
        assert trees(a.text) == trees(b.text), where
    elif isinstance(a, SingleModel):
        texts = [m._booster.model_to_string(num_iteration=-1) for m in (a, b)]
        assert trees(texts[0]) == trees(texts[1]), where
        assert a.best_iteration == b.best_iteration, where
    elif isinstance(a, np.random.RandomState):
        assert_same(a.get_state(), b.get_state(), where)
    elif isinstance(a, slice) or not hasattr(a, "__dict__") or _is_value(a):
        assert a == b or a != a, where
    else:
        assert_same(vars(a), vars(b), where)


def _is_value(a):
    return isinstance(a, (type, datetime.date)) or type(a).__module__.startswith(
        "pandas"
    )


def trees(text):
    """LightGBM's text without what is not of the model."""
    head = text.partition("end of trees")[0]
    return [line for line in head.split("\n") if not line.startswith("tree_sizes")]
