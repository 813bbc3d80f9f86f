"""OptunaSearchCV of optuna-integration over the estimators."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmo import MultiObjectiveClassifier, MultiObjectiveRegressor
from skmo.metrics import make_scorer

optuna = pytest.importorskip("optuna", reason="the extra 'tune'")
integration = pytest.importorskip(
    "optuna_integration", reason="OptunaSearchCV is in optuna-integration"
)
# What Optuna says of itself: the class is experimental, and uses a module that the
# next major version drops.
pytestmark = [
    pytest.mark.filterwarnings("ignore:OptunaSearchCV is experimental"),
    pytest.mark.filterwarnings("ignore:`optuna.terminator` module"),
]

FAST = {
    "n_estimators": 15,
    "num_leaves": 7,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
}
FOLDS = KFold(2, shuffle=True, random_state=0)
SPACE = {
    "learning_rate": optuna.distributions.CategoricalDistribution([1e-6, 0.3]),
    "num_leaves": optuna.distributions.IntDistribution(3, 7),
}


@pytest.fixture(autouse=True)
def silent():
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(level)


def search(estimator, space, **params):
    return integration.OptunaSearchCV(
        estimator, space, cv=FOLDS, n_trials=6, random_state=0, **params
    )


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4))
    Y = np.column_stack([X[:, 0], -X[:, 1]]) + 0.1 * rng.normal(size=(200, 2))
    return X, Y


@pytest.mark.parametrize("kind", [MultiObjectiveRegressor, MultiObjectiveClassifier])
def test_the_best_trial_is_refitted(kind, data):
    X, Y = data
    if kind is MultiObjectiveClassifier:
        Y = (Y > 0).astype(int)
    found = search(kind(**FAST), SPACE).fit(X, Y)
    assert found.best_params_["learning_rate"] == 0.3
    best = kind(**FAST).set_params(**found.best_params_)
    assert_allclose(found.best_score_, cross_val_score(best, X, Y, cv=FOLDS).mean())
    assert_array_equal(found.predict(X), best.fit(X, Y).predict(X))
    assert found.score(X, Y) == best.score(X, Y)


def test_missing_targets_a_pipeline_and_one_objective(data):
    X, Y = data
    Y = np.where(np.random.default_rng(1).random(Y.shape) < 0.3, np.nan, Y)
    pipe = make_pipeline(StandardScaler(), MultiObjectiveRegressor(**FAST))
    space = {f"multiobjectiveregressor__{name}": v for name, v in SPACE.items()}
    scoring = make_scorer("r2", objective=1)
    found = search(pipe, space, scoring=scoring).fit(X, Y)
    best = clone(pipe).set_params(**found.best_params_)
    scores = cross_val_score(best, X, Y, cv=FOLDS, scoring=scoring)
    assert_allclose(found.best_score_, scores.mean())
    assert found.best_score_ > 0.5
