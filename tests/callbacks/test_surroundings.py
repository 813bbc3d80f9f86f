"""Callbacks in scikit-learn's tools: clones, searches, routing, pipelines."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmo import MultiObjectiveRanker, MultiObjectiveRegressor
from skmo.callbacks import record_evaluation

FAST = {"n_estimators": 4, "num_leaves": 5, "n_jobs": 1, "random_state": 0}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 3))
    return X, np.column_stack([X[:, 0], X[:, 1] ** 2])


def regressor(**params):
    return MultiObjectiveRegressor(**{**FAST, "heads": "none", **params})


def test_a_search_hands_the_same_callbacks_to_all_folds(data):
    losses, fits = {}, []

    def first(env):
        if env.iteration == env.begin_iteration:
            fits.append(env.params["num_leaves"])

    search = GridSearchCV(regressor(), {"num_leaves": [3, 5]}, cv=2)
    search.fit(*data, callbacks=[first, record_evaluation(losses)])
    assert fits[:4] == [3, 3, 5, 5]
    # The last fit, that of the best parameters on all rows, is what is left.
    assert fits[4:] == [search.best_params_["num_leaves"]]
    history = search.best_estimator_.history_["train_loss"]
    assert losses["training"]["target0"] == history[:, 0].tolist()


def test_callbacks_are_routed(data):
    called = []
    with sklearn.config_context(enable_metadata_routing=True):
        est = regressor().set_fit_request(callbacks=True)
        cross_validate(est, *data, cv=2, params={"callbacks": [called.append]})
    assert len(called) == 8


@pytest.mark.parametrize("cls", [MultiObjectiveRegressor, MultiObjectiveRanker])
def test_what_can_be_requested(cls):
    requests = cls().get_metadata_routing().fit.requests
    assert {"callbacks", "resume_from"} <= set(requests)


def test_in_a_pipeline(data):
    called = []
    pipe = make_pipeline(StandardScaler(), regressor())
    pipe.fit(*data, multiobjectiveregressor__callbacks=[called.append])
    assert len(called) == 4
