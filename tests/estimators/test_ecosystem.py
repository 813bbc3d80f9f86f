"""The estimators inside scikit-learn's tools."""

from __future__ import annotations

import pickle

import joblib
import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.inspection import permutation_importance
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_predict,
    cross_val_score,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from skmo import (
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRegressor,
)
from skmo.boosting.structure import ObjectiveDirection
from skmo.objectives import Quantile, SquaredError

FAST = {
    "n_estimators": 8,
    "num_leaves": 7,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
}
ESTIMATORS = [
    MultiObjectiveRegressor(**FAST),
    MultiObjectiveClassifier(**FAST),
    MultiObjectiveEstimator(["multiclass", "squared_error"], **FAST),
]
FOLDS = KFold(3, shuffle=True, random_state=0)


def with_holes(Y):
    return np.where(np.random.default_rng(0).random(Y.shape) < 0.2, np.nan, Y)


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
class TestEveryEstimator:
    """The labels serve all three: numbers for one, classes for the others."""

    def test_pipeline_is_the_steps(self, estimator, labels):
        X, Y = labels
        scaled = StandardScaler().fit_transform(X)
        pipe = make_pipeline(StandardScaler(), estimator).fit(X, Y)
        alone = clone(estimator).fit(scaled, Y)
        assert_array_equal(pipe.predict(X), alone.predict(scaled))
        assert pipe.score(X, Y) == alone.score(scaled, Y)

    def test_grid_search_with_missing_targets(self, estimator, labels):
        X, Y = labels[0], with_holes(labels[1])
        search = GridSearchCV(
            clone(estimator).set_params(n_estimators=20),
            {"learning_rate": [1e-6, 0.2]},
            cv=FOLDS,
            error_score="raise",
        ).fit(X, Y)
        assert search.best_params_ == {"learning_rate": 0.2}
        assert search.best_score_ > 0.3
        # Next to nothing is learnt at the other rate.
        assert abs(search.cv_results_["mean_test_score"][0]) < 0.1

    def test_cross_val_predict_is_out_of_fold(self, estimator, labels):
        X, Y = labels
        out = cross_val_predict(estimator, X, Y, cv=FOLDS)
        for train, test in FOLDS.split(X):
            fold = clone(estimator).fit(X[train], Y[train])
            assert_array_equal(out[test], fold.predict(X[test]))

    def test_permutation_importance(self, estimator, labels):
        X, Y = labels
        result = permutation_importance(
            clone(estimator).fit(X, Y), X, Y, n_repeats=2, random_state=0
        )
        mean = result.importances_mean
        assert mean[:2].min() > 5 * np.abs(mean[2:]).max()

    def test_clone_is_unfitted_and_alike(self, estimator, labels):
        X, Y = labels
        fitted = clone(estimator).fit(X, Y)
        copy = clone(fitted)
        assert not hasattr(copy, "n_iter_")
        assert repr(copy) == repr(estimator)
        assert_array_equal(copy.fit(X, Y).predict(X), fitted.predict(X))

    @pytest.mark.parametrize("how", ["pickle", "joblib"])
    def test_round_trip(self, how, estimator, labels, tmp_path):
        X, Y = labels
        fitted = clone(estimator).set_params(warm_start=True).fit(X, Y)
        if how == "pickle":
            loaded = pickle.loads(pickle.dumps(fitted))
        else:
            joblib.dump(fitted, tmp_path / "model.joblib")
            loaded = joblib.load(tmp_path / "model.joblib")
        assert_array_equal(loaded.predict(X), fitted.predict(X))
        assert_array_equal(loaded.apply(X), fitted.apply(X))
        for one, other in zip(
            loaded.staged_predict(X), fitted.staged_predict(X), strict=True
        ):
            assert_array_equal(one, other)
        # Training goes on from a loaded model as from the one that was saved.
        for model in (loaded, fitted):
            model.set_params(n_estimators=12).fit(X, Y)
        assert loaded.apply(X).shape == (len(X), 12)
        assert_array_equal(loaded.predict(X), fitted.predict(X))

    def test_fit_leaves_parameters_alone(self, estimator, labels):
        before = repr(estimator.get_params())
        copy = clone(estimator)
        copy.fit(*labels)
        assert repr(copy.get_params()) == before


def test_cross_val_predict_of_probabilities(labels):
    X, Y = labels
    estimator = ESTIMATORS[1]
    out = cross_val_predict(estimator, X, Y, cv=FOLDS, method="predict_proba")
    assert [p.shape for p in out] == [(len(X), 2), (len(X), 3)]
    single = cross_val_predict(estimator, X, Y[:, 1], cv=3, method="predict_proba")
    assert single.shape == (len(X), 3)
    for p in [*out, single]:
        assert_allclose(p.sum(axis=1), 1)


def test_scorers_by_name(real, labels):
    X, Y = real
    estimator = clone(ESTIMATORS[0]).set_params(n_estimators=30)
    by_name = cross_val_score(estimator, X, Y, cv=FOLDS, scoring="r2")
    assert by_name.min() > 0.5
    assert_allclose(by_name, cross_val_score(estimator, X, Y, cv=FOLDS), rtol=1e-4)
    X, Y = labels
    auc = cross_val_score(ESTIMATORS[1], X, Y[:, 0], cv=3, scoring="roc_auc")
    assert auc.min() > 0.9


def test_nested_parameters(real):
    X, Y = real
    estimator = MultiObjectiveRegressor(Quantile(), **FAST)
    estimator.set_params(objective__alpha=0.5, structure="sum")
    assert estimator.objective.alpha == 0.5
    assert estimator.get_params()["objective__alpha"] == 0.5
    search = GridSearchCV(
        estimator,
        {
            "objective__alpha": [0.1, 0.5],
            "structure": ["random", ObjectiveDirection()],
        },
        cv=FOLDS,
        error_score="raise",
    ).fit(X, Y)
    assert len(search.cv_results_["params"]) == 4
    # A search over the losses themselves.
    search = GridSearchCV(
        ESTIMATORS[0],
        {"objective": ["huber", SquaredError(), ["squared_error"] * 3]},
        cv=FOLDS,
        error_score="raise",
    ).fit(X, Y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.usefixtures("routing")
def test_sample_weight_is_routed(real):
    X, Y = real
    weight = np.random.default_rng(0).integers(0, 3, len(X)).astype(float)
    asked = clone(ESTIMATORS[0]).set_fit_request(sample_weight=True)
    asked.set_score_request(sample_weight=True)
    expected = clone(ESTIMATORS[0]).fit(X, Y, sample_weight=weight).predict(X)
    plain = clone(ESTIMATORS[0]).fit(X, Y).predict(X)
    assert np.abs(expected - plain).max() > 0.1

    search = GridSearchCV(asked, {"num_leaves": [7]}, cv=FOLDS, error_score="raise")
    for outer in (asked, search):
        pipe = Pipeline([("model", clone(outer))]).fit(X, Y, sample_weight=weight)
        assert_array_equal(pipe.predict(X), expected)
    scores = []
    for train, test in FOLDS.split(X):
        fold = clone(ESTIMATORS[0]).fit(X[train], Y[train], weight[train])
        scores.append(fold.score(X[test], Y[test], weight[test]))
    assert_allclose(pipe[-1].best_score_, np.mean(scores))


@pytest.mark.usefixtures("routing")
def test_metadata_nobody_asked_for_is_refused(real):
    X, Y = real
    with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
        GridSearchCV(ESTIMATORS[0], {"num_leaves": [7]}, cv=FOLDS).fit(
            X, Y, sample_weight=np.ones(len(X))
        )


@pytest.mark.usefixtures("routing")
def test_validation_rows_pass_through_a_pipeline(real):
    X, Y = real
    X = 100 * X + 7
    model = clone(ESTIMATORS[0]).set_fit_request(X_val=True, y_val=True)
    pipe = Pipeline(
        [("scale", StandardScaler()), ("model", model)], transform_input=["X_val"]
    ).fit(X[:200], Y[:200], X_val=X[200:], y_val=Y[200:])
    scaler = StandardScaler().fit(X[:200])
    alone = clone(ESTIMATORS[0]).fit(
        scaler.transform(X[:200]),
        Y[:200],
        X_val=scaler.transform(X[200:]),
        y_val=Y[200:],
    )
    history = pipe["model"].history_
    assert_array_equal(history["val_loss"], alone.history_["val_loss"])


def test_feature_names_pass_through_a_pipeline(real):
    pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
    X, Y = real
    frame = pd.DataFrame(X, columns=list("abcde"))
    pipe = make_pipeline(StandardScaler(), clone(ESTIMATORS[0]))
    pipe.set_output(transform="pandas").fit(frame, Y)
    assert pipe[-1].feature_names_in_.tolist() == list("abcde")
    assert pipe.predict(frame).shape == Y.shape
    assert isinstance(pipe.predict(frame), np.ndarray)
