"""Fixed data, and what every estimator is asked to predict of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from skmo import (
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRanker,
    MultiObjectiveRegressor,
    MultiQuantileRegressor,
)

FILE = Path(__file__).with_name("predictions.json")
N_ROWS, N_KEPT = 600, 40
# Defaults, apart from time and seed.
PARAMS: dict[str, Any] = {"n_estimators": 40, "n_jobs": 1, "random_state": 0}
# Where gradients take few values many splits tie but for rounding, and a digit that
# another processor rounds otherwise may tip them. These draws have no such split:
# energies that differ by 1e-7 leave the predictions within 1e-7.
UNTIED = {**PARAMS, "n_estimators": 20, "random_state": 1}


def data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features with holes and a category, three real signals, noise.

    From a stream that NumPy has promised not to change (NEP 19), and rounded, so that
    the last digit of a sine is nobody's business.
    """
    rng = np.random.RandomState(20)
    X = np.round(rng.normal(size=(N_ROWS, 6)), 3)
    X[:, 4] = rng.randint(0, 8, N_ROWS)
    signals = np.column_stack(
        [
            2 * X[:, 0] + (X[:, 4] == 3),
            np.round(np.sin(2 * X[:, 1]), 6) * 5 + X[:, 0],
            np.abs(X[:, 2]) - X[:, 0] * X[:, 1],
        ]
    )
    X[rng.random_sample(X.shape) < 0.05] = np.nan
    return X, signals, np.round(rng.normal(size=signals.shape), 3)


def _regressor():
    X, signals, noise = data()
    est = MultiObjectiveRegressor(categorical_features=[4], **PARAMS)
    est.fit(X, signals + noise)
    return {"predict": est.predict(X)}


def _one_target():
    X, signals, noise = data()
    y = signals[:, 0] + noise[:, 0]
    return {"predict": MultiObjectiveRegressor(**PARAMS).fit(X, y).predict(X)}


def _classifier():
    X, signals, noise = data()
    three = np.digitize(signals[:, 1] + noise[:, 1], [-2.0, 2.0])
    Y = np.column_stack([signals[:, 0] + noise[:, 0] > 0, three])
    est = MultiObjectiveClassifier(**PARAMS).fit(X, Y)
    two, three = est.predict_proba(X)
    return {"two": two[:, 1], "three": three}


def _mix() -> tuple[np.ndarray, np.ndarray]:
    """A label, a count, a real target with a quarter unobserved, a heavy tail."""
    X, signals, noise = data()
    Y = np.column_stack(
        [
            signals[:, 0] + noise[:, 0] > 0,
            np.floor(np.abs(signals[:, 2] + noise[:, 2])),
            np.where(noise[:, 1] < -0.67, np.nan, signals[:, 1]),
            signals[:, 0] + noise[:, 2] ** 3,
        ]
    )
    return X, Y


_MIX = ["binary", "poisson", "squared_error", "huber"]


def _estimator():
    """With validation rows: early stopping by objective, and heads chosen by them."""
    X, Y = _mix()
    est = MultiObjectiveEstimator(_MIX, **{**PARAMS, "n_estimators": 120})
    est.fit(X[150:], Y[150:], X_val=X[:150], y_val=Y[:150])
    return {"predict": est.predict(X)}


def _balanced():
    """Every row and column drawn, a balancer, another structure rule."""
    X, Y = _mix()
    est = MultiObjectiveEstimator(
        _MIX,
        structure="eigen",
        balancer="mgda",
        subsample=0.8,
        colsample_bytree=0.8,
        heads="none",
        **PARAMS,
    )
    return {"predict": est.fit(X, Y).predict(X)}


def _one_score():
    X, signals, noise = data()
    Y = np.column_stack([signals[:, 0] + noise[:, 0], signals[:, 1] + 1])
    est = MultiObjectiveEstimator(
        ["squared_error", "huber"], shared_score=True, **PARAMS
    )
    return {"predict": est.fit(X, Y).predict(X)}


def _ranker(combine: str):
    X, signals, noise = data()
    Y = np.clip(np.round(signals[:, :2] / 2 + noise[:, :2] + 1), 0, 4)
    est = MultiObjectiveRanker(combine=combine, **PARAMS)
    return {"predict": est.fit(X, Y, qid=np.arange(N_ROWS) // 12).predict(X)}


def _funnel(loss: str):
    X, signals, noise = data()
    pulls = signals[:, :2] + noise[:, :2]
    Y = np.column_stack([pulls[:, 0] > -1, (pulls > [-1, 0]).all(axis=1)])
    est = EntireSpaceClassifier(loss=loss, **UNTIED).fit(X, Y.astype(float))
    return {"proba": est.predict_proba(X)}


def _quantiles():
    X, signals, noise = data()
    y = signals[:, 0] + noise[:, 0] * np.abs(X[:, 3]).clip(0.1)
    y[np.isnan(y)] = 0.0
    est = MultiQuantileRegressor((0.1, 0.5, 0.9), **UNTIED).fit(X, y)
    return {"predict": est.predict(X)}


CASES: dict[str, Callable[[], dict[str, np.ndarray]]] = {
    "regressor": _regressor,
    "one target": _one_target,
    "classifier": _classifier,
    "estimator": _estimator,
    "balanced": _balanced,
    "one score": _one_score,
    "ranker of scores": lambda: _ranker("scores"),
    "ranker of gradients": lambda: _ranker("gradients"),
    "funnel": lambda: _funnel("conditional"),
    "funnel on all rows": lambda: _funnel("entire_space"),
    "quantiles": _quantiles,
}


def predictions(name: str) -> dict[str, np.ndarray]:
    """The first rows' predictions of a case."""
    return {key: values[:N_KEPT] for key, values in CASES[name]().items()}


def kept() -> dict[str, dict[str, np.ndarray]]:
    """What `FILE` holds."""
    cases = json.loads(FILE.read_text(encoding="utf-8"))["predictions"]
    return {
        name: {key: np.array(values) for key, values in found.items()}
        for name, found in cases.items()
    }
