"""What other libraries cannot do, which a comparison reports and does not raise."""

from __future__ import annotations

import sys
from unittest.mock import MagicMock, patch

import numpy as np
import scipy.sparse as sp

from skmo.comparison import _peer_catboost, _peer_forest, _peer_xgboost
from skmo.comparison._peers import Task, Unsupported, _fit_joint
from skmo.comparison._separate import EncodedRows
from skmo.objectives import Binary, Gamma, Huber, Quantile, SquaredError

from .case import Case

X = np.arange(60.0).reshape(20, 3)
LABELS = np.arange(20.0) % 2


def task(*objectives, missing=False, constant=False, categorical=(), features=X):
    """What a peer is asked for."""
    targets = np.column_stack([LABELS] * len(objectives))
    if missing:
        targets[3, 0] = np.nan
    if constant:
        targets[:, 0] = 1.0
    rows = EncodedRows(features, targets)
    return Task(
        objectives=[objective() for objective in objectives],
        train=rows,
        validation=rows,
        n_estimators=2,
        learning_rate=0.1,
        patience=None,
        categorical=list(categorical),
        n_threads=1,
        seed=0,
    )


def sparse_with_gaps():
    features = sp.csr_matrix(X)
    features.data[0] = np.nan
    return features


def catboost_features():
    """CatBoost need not be there for what comes before it is called."""
    with patch.dict(sys.modules, {"catboost": MagicMock()}):
        _peer_catboost._features(sp.csr_matrix(X), [0])


# What a library cannot do is said in the report, behind the peer's and the target's
# names, and no one's fault.
CASES = {
    name: Case(call, Unsupported, None, words, None)
    for name, words, call in (
        (
            "joint of one target",
            "nothing to share with a single target",
            lambda: _fit_joint(_peer_xgboost, task(SquaredError)),
        ),
        (
            "loss of CatBoost",
            "no Gamma loss",
            lambda: _peer_catboost.fit_one(task(Gamma), 0),
        ),
        (
            "labels of CatBoost",
            "no missing labels",
            lambda: _peer_catboost.fit_joint(task(Binary, Binary, missing=True)),
        ),
        (
            "mixed losses of CatBoost",
            "no mixed losses, only squared errors or labels of 0 and 1",
            lambda: _peer_catboost.fit_joint(task(Binary, SquaredError)),
        ),
        (
            "constants of CatBoost",
            "no target that is constant in training",
            lambda: _peer_catboost.fit_joint(
                task(SquaredError, SquaredError, constant=True)
            ),
        ),
        (
            "categories of CatBoost",
            "no categories in a sparse X",
            catboost_features,
        ),
        (
            "loss of XGBoost",
            "no Huber loss",
            lambda: _peer_xgboost.fit_one(task(Huber), 0),
        ),
        (
            "mixed losses of XGBoost",
            "no mixed losses, only squared errors or labels of 0 and 1",
            lambda: _peer_xgboost.fit_joint(task(Binary, SquaredError)),
        ),
        (
            "targets of XGBoost",
            "no missing targets",
            lambda: _peer_xgboost.fit_joint(
                task(SquaredError, SquaredError, missing=True)
            ),
        ),
        (
            "categories of XGBoost",
            "no categorical features in vector-leaf trees",
            lambda: _peer_xgboost.fit_joint(task(Binary, Binary, categorical=[0])),
        ),
        (
            "loss of the forest",
            "no Quantile loss, only means",
            lambda: _peer_forest.fit_one(task(Quantile), 0),
        ),
        (
            "features of the forest",
            "no missing features in a sparse X",
            lambda: _peer_forest.fit_one(
                task(SquaredError, features=sparse_with_gaps()), 0
            ),
        ),
    )
}
