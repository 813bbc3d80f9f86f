"""Metadata: queries, weights and folds; scikit-learn's own checks."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose
from sklearn.metrics import make_scorer, r2_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmo.pareto import ParetoSearchCV
from tests.pareto.fakes import Curve, QueryScorer, WeightedRidge, small_coefficients

QID = np.repeat(list("abcdefgh"), [1, 2, 3, 4, 1, 2, 3, 4])
ORDER = np.random.default_rng(0).permutation(len(QID))
QID = QID[ORDER]
X = np.unique(QID, return_counts=True)[1][np.searchsorted(list("abcdefgh"), QID)]
X = X[:, None].astype(float)
Y = np.zeros((len(X), 2))


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def test_queries_stay_whole():
    found = ParetoSearchCV(QueryScorer(), n_points=3, cv=4, error_score="raise")
    found.fit(X, Y, qid=QID)
    assert found.n_splits_ == 4
    assert found.objective_names_ == ["click", "buy"]
    assert_allclose(found.pareto_front_, found.preferences_)


def test_queries_by_groups():
    cv = GroupKFold(2)
    found = ParetoSearchCV(QueryScorer(), n_points=2, cv=cv, error_score="raise")
    found.fit(X, Y, qid=QID, groups=QID)
    assert found.n_splits_ == 2
    found.set_params(estimator=WeightedRidge(), objectives=two_objectives())
    with pytest.raises(ValueError, match="groups"):
        found.fit(X, Y[:, 0])


def test_queries_in_a_pipeline():
    pipeline = Pipeline([("same", FunctionTransformer()), ("rank", QueryScorer())])
    options = {"preference_param": "rank__preference", "error_score": "raise"}
    found = ParetoSearchCV(pipeline, n_points=2, cv=2, **options)
    found.fit(X, Y, rank__qid=QID)
    assert found.pareto_front_.shape == (2, 2)


@pytest.mark.parametrize("in_pipeline", [False, True])
def test_queries_are_routed(in_pipeline, routing):
    estimator = QueryScorer().set_fit_request(qid=True).set_score_request(qid=True)
    name = "preference"
    if in_pipeline:
        estimator = Pipeline([("same", FunctionTransformer()), ("rank", estimator)])
        name = "rank__preference"
    cv = GroupKFold(2).set_split_request(groups="qid")
    options = {"cv": cv, "preference_param": name, "error_score": "raise"}
    found = ParetoSearchCV(estimator, n_points=2, **options).fit(X, Y, qid=QID)
    assert found.pareto_front_.shape == (2, 2)
    with pytest.raises(RuntimeError, match="trained on"):
        found.score_objectives(X, Y, qid=QID)


def test_what_is_not_requested_is_refused(routing):
    estimator = QueryScorer().set_fit_request(qid=True).set_score_request(qid=False)
    found = ParetoSearchCV(estimator, n_points=2, cv=2, error_score="raise")
    with pytest.raises(RuntimeError, match="no queries"):
        found.fit(X, Y, qid=QID)
    with pytest.raises(TypeError, match="colour"):
        found.fit(X, Y, colour="red")


@pytest.mark.parametrize("objectives", [None, "dict"])
def test_routing_without_metadata(objectives, routing):
    X, y, _ = weighted_data()
    if objectives is None:
        found = ParetoSearchCV(Curve(), n_points=2, cv=2).fit(X, np.c_[y, y])
        assert found.score(X, y) > 0
    else:
        found = ParetoSearchCV(WeightedRidge(), objectives=two_objectives(), cv=2)
        assert found.set_params(n_points=2).fit(X, y).score(X, y) < 1


class Weighted(WeightedRidge):
    def fit(self, X, y, sample_weight=None):
        super().fit(X, y)
        self.ridge_.fit(X, y, sample_weight)
        return self


def two_objectives():
    return {"r2": "r2", "size": small_coefficients}


def weighted_data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    return X, X @ [1, 2] + rng.normal(size=60), rng.integers(1, 4, 60).astype(float)


def expected_r2(X, y, weight, preference):
    scores = []
    for part in np.split(np.arange(60), 3):
        rest = np.setdiff1d(np.arange(60), part)
        model = Weighted(preference).fit(X[rest], y[rest], weight[rest])
        scores.append(
            r2_score(y[part], model.predict(X[part]), sample_weight=weight[part])
        )
    return np.mean(scores)


def test_weights_reach_fits_and_scores():
    X, y, weight = weighted_data()
    found = ParetoSearchCV(Weighted(), objectives=two_objectives(), n_points=2, cv=3)
    found.fit(X, y, sample_weight=weight)
    expected = [expected_r2(X, y, weight, p) for p in found.preferences_]
    assert_allclose(found.cv_results_["mean_test_r2"], expected)


def test_weights_are_kept_from_a_metric_without():
    X, y, weight = weighted_data()
    objectives = {"worst": "neg_max_error", **two_objectives()}
    options = {"preferences": [[1, 1]], "error_score": "raise"}
    found = ParetoSearchCV(Weighted(), objectives=objectives, **options)
    worst = found.fit(X, y, sample_weight=weight).score_objectives(X, y)[0]
    assert worst == pytest.approx(-np.abs(y - found.predict(X)).max())


def test_weights_are_routed(routing):
    X, y, weight = weighted_data()
    scorer = make_scorer(r2_score).set_score_request(sample_weight=True)
    objectives = {"r2": scorer, "size": small_coefficients}
    estimator = Weighted().set_fit_request(sample_weight=True)
    found = ParetoSearchCV(estimator, objectives=objectives, n_points=2, cv=3)
    found.fit(X, y, sample_weight=weight)
    expected = [expected_r2(X, y, weight, p) for p in found.preferences_]
    assert_allclose(found.cv_results_["mean_test_r2"], expected)
    r2 = r2_score(y, found.predict(X), sample_weight=weight)
    assert found.score_objectives(X, y, sample_weight=weight)[0] == pytest.approx(r2)


class Validated(Curve):
    def fit(self, X, y, X_val=None, qid_val=None):
        self.sizes_ = len(X), len(X_val), len(qid_val)
        return super().fit(X, y)


def test_validation_rows_are_not_cut():
    found = ParetoSearchCV(Validated(), n_points=2, cv=2, error_score="raise")
    found.set_params(objectives={"a": validated, "b": rows}, refit=False)
    found.fit(X, Y, X_val=X, qid_val=QID)
    assert_allclose(found.cv_results_["mean_test_a"], 2 * len(X))
    assert_allclose(found.cv_results_["mean_test_b"], len(X) / 2)


def validated(estimator, X, y):
    return sum(estimator.sizes_[1:])


def rows(estimator, X, y):
    return estimator.sizes_[0]


def test_weights_of_queries_cannot_be_cut_into_folds():
    found = ParetoSearchCV(QueryScorer(), n_points=2, cv=2)
    with pytest.raises(ValueError, match=r"'sample_weight'.*8 values for 20 rows"):
        found.fit(X, Y, qid=QID, sample_weight=np.ones(8))


class Kernel(Curve):
    def fit(self, X, y):
        if X.shape[0] != X.shape[1]:
            raise RuntimeError("no square")
        self.trained_ = X.shape[0]
        return super().fit(X, y)

    def score_objectives(self, X, y, sample_weight=None):
        # The kernel of rows i and j is i - j: other columns have another mean.
        own = X.mean(axis=1) + self.trained_
        assert X.shape[1] == self.trained_
        return np.array([own.mean(), self.preference[1]])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = True
        return tags


def test_a_kernel_s_columns_are_the_training_rows():
    places = np.arange(8.0)
    kernel = places[:, None] - places
    found = ParetoSearchCV(Kernel(), n_points=2, cv=2, error_score="raise")
    found.fit(kernel, np.zeros((8, 2)))
    assert found.best_estimator_.trained_ == 8
    # The means of 0..3 and 4..7 differ by 4.
    assert_allclose(found.cv_results_["split0_test_a"], -4 + 4)
    assert_allclose(found.cv_results_["split1_test_a"], 4 + 4)
    assert found.__sklearn_tags__().input_tags.pairwise


def _checks():
    """parametrize_with_checks as a list: pytest 9 refuses the generator of 1.6.

    As scikit-learn checks its searches: what the estimator raises is wanted.
    """
    options = {
        # The mean of the two is a score that a check wants above 0.5.
        "objectives": {"r2": "r2", "variance": "explained_variance"},
        "cv": 2,
        "error_score": "raise",
    }
    pipeline = Pipeline([("scale", StandardScaler()), ("ridge", WeightedRidge())])
    searches = [
        ParetoSearchCV(WeightedRidge(), preferences=[[1, 2], [2, 1]], **options),
        ParetoSearchCV(
            pipeline,
            preference_param="ridge__preference",
            preferences=[[1.0, 1.0]],
            **options,
        ),
    ]
    mark = parametrize_with_checks(searches)
    return pytest.mark.parametrize(mark.args[0], list(mark.args[1]), **mark.kwargs)


@_checks()
def test_sklearn_check(estimator, check):
    check(estimator)
