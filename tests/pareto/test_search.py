"""ParetoSearchCV: the front, what it publishes, and the model in use."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmo import (
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveRegressor,
)
from skmo.datasets import make_funnel
from skmo.metrics import hypervolume
from skmo.pareto import ParetoSearchCV, preference_rays
from tests.pareto.fakes import Curve, Dented, WeightedRidge, small_coefficients

X = np.arange(24.0).reshape(12, 2)
Y = np.column_stack([np.arange(12.0), np.arange(12.0)[::-1]])


def search(estimator=None, **params):
    params = {"cv": 3, **params}
    return ParetoSearchCV(Curve() if estimator is None else estimator, **params)


def test_an_analytic_front():
    found = search(n_points=5).fit(X, Y)
    rays = preference_rays(2, 5)
    assert_array_equal(found.preferences_, rays)
    assert_allclose(found.pareto_front_, rays / np.linalg.norm(rays, axis=1)[:, None])
    assert_array_equal(found.pareto_index_, np.arange(5))
    assert_array_equal(found.pareto_preferences_, rays)
    assert found.objective_names_ == ["a", "b"]
    assert found.best_index_ == 2
    assert found.best_estimator_.preference == [0.5, 0.5]
    assert found.n_splits_ == 3
    assert_allclose(found.reference_point_, found.pareto_front_.min(axis=0))
    volume = hypervolume(found.pareto_front_, found.reference_point_)
    assert found.hypervolume_ == pytest.approx(volume)
    assert volume > 0


def test_dominated_points_are_left_out():
    found = search(Dented(), preferences=[[1, 4], [2, 3], [3, 2], [4, 1]]).fit(X, Y)
    assert_array_equal(found.pareto_index_, [0, 1, 3])
    assert_allclose(found.pareto_front_, [[0.04, 0.64], [0.16, 0.36], [0.64, 0.04]])
    assert_array_equal(found.cv_results_["pareto_efficient"], [True, True, False, True])
    assert len(found.pareto_estimators_) == 3
    # The reference is the worst of all points, the dominated one's, too.
    assert_allclose(found.reference_point_, [0, 0])
    assert found.hypervolume_ == pytest.approx(
        0.04 * 0.64 + (0.16 - 0.04) * 0.36 + (0.64 - 0.16) * 0.04
    )


def test_reference_point_is_taken():
    found = search(n_points=1, reference_point=0.0).fit(X, Y)
    assert found.hypervolume_ == pytest.approx(0.5)
    assert_array_equal(found.reference_point_, [0, 0])
    found = search(n_points=1, reference_point=[0.5, 0.0]).fit(X, Y)
    assert found.hypervolume_ == pytest.approx((0.5**0.5 - 0.5) * 0.5**0.5)


class OneFoldBetter(Curve):
    def score_objectives(self, X, y, sample_weight=None):
        return np.array([X[0, 0], 2.0 * self.preference[1]])


def test_results_are_a_table_as_in_grid_search():
    found = search(OneFoldBetter(), n_points=3).fit(X, Y)
    results = found.cv_results_
    assert {len(column) for column in results.values()} == {3}
    assert_array_equal(results["split0_test_a"], [0, 0, 0])
    assert_array_equal(results["split1_test_a"], [8, 8, 8])
    assert_array_equal(results["split2_test_a"], [16, 16, 16])
    assert_array_equal(results["mean_test_a"], [8, 8, 8])
    assert_allclose(results["std_test_a"], np.std([0, 8, 16]))
    assert_allclose(results["mean_test_b"], [1.5, 1, 0.5])
    assert results["params"][0] == {"preference": [0.25, 0.75]}
    assert results["param_preference"][2] == [0.75, 0.25]
    assert (results["mean_fit_time"] >= 0).all()


def test_select_changes_the_model_in_use():
    found = search(n_points=5).fit(X, Y)
    assert found.predict(X)[0] == 0.5
    assert found.select(preference=[1, 0]) == 4
    assert found.best_index_ == 4
    assert found.predict(X)[0] == pytest.approx(5 / 6)
    assert_array_equal(found.best_scores_, found.pareto_front_[4])
    assert found.best_params_["preference"] == found.preferences_[4].tolist()
    assert found.select(bounds={"b": 0.8}) == 1
    assert found.select(knee=True) == 2
    with pytest.raises(ValueError, match="b >= 2"):
        found.select(bounds={"b": 2.0})
    assert found.best_index_ == 2


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("knee", 2),
        ({"preference": [0, 1]}, 0),
        ({"bounds": {"a": 0.8}}, 3),
        ({"preference": None, "knee": True}, 2),
        (lambda front: front[:, 0].argmax(), 4),
    ],
)
def test_selection(selection, expected):
    assert search(n_points=5, selection=selection).fit(X, Y).best_index_ == expected


def test_bounds_that_no_point_meets_leave_the_front():
    found = search(n_points=5, selection={"bounds": {"a": 2}})
    with pytest.raises(ValueError, match="No point of the front meets"):
        found.fit(X, Y)
    assert found.select(knee=True) == 2
    assert found.predict(X)[0] == 0.5


def test_objectives_by_scorers():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    y = X @ [1, 2, 3] + rng.normal(size=60)
    objectives = {"r2": "r2", "size": small_coefficients}
    found = search(WeightedRidge(), objectives=objectives, n_points=4).fit(X, y)
    assert found.objective_names_ == ["r2", "size"]
    assert len(found.pareto_front_) == 4
    expected = [
        cross_val_score(WeightedRidge(p), X, y, cv=3).mean() for p in found.preferences_
    ]
    assert_allclose(found.cv_results_["mean_test_r2"], expected)
    r2 = found.best_estimator_.score(X, y)
    size = small_coefficients(found.best_estimator_, X, y)
    assert_allclose(found.score_objectives(X, y), [r2, size])
    assert found.score(X, y) == pytest.approx((r2 + size) / 2)


def test_skmo_in_a_pipeline_with_names_and_weights():
    pd = pytest.importorskip("pandas", reason="the data are frames")
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(90, 3)), columns=list("uvw"))
    Y = pd.DataFrame({"up": X.u + X.v, "down": X.v - X.u})
    model = MultiObjectiveRegressor(
        n_estimators=10, heads="none", structure="sum", random_state=0, n_jobs=1
    )
    pipeline = make_pipeline(StandardScaler(), model)
    name = "multiobjectiveregressor__preference"
    weight = rng.random(90)
    found = search(pipeline, preference_param=name, n_points=3)
    found.fit(X, Y, multiobjectiveregressor__sample_weight=weight)
    assert found.objective_names_ == ["up", "down"]
    assert list(found.feature_names_in_) == list("uvw")
    assert found.n_features_in_ == 3
    assert found.predict(X).shape == (90, 2)
    train, test = list(KFold(3).split(X))[1]
    alone = clone(pipeline).set_params(**{name: found.preferences_[0].tolist()})
    alone.fit(
        *(X.iloc[train], Y.iloc[train]),
        multiobjectiveregressor__sample_weight=weight[train],
    )
    expected = alone[-1].score_objectives(
        alone[0].transform(X.iloc[test]), Y.iloc[test], weight[test]
    )
    scores = [found.cv_results_[f"split1_test_{n}"][0] for n in ("up", "down")]
    assert_allclose(scores, expected)
    with_weight = found.score_objectives(
        X, Y, multiobjectiveregressor__sample_weight=weight
    )
    assert_allclose(with_weight, found.score_objectives(X, Y, sample_weight=weight))


def test_parallel_fits_are_the_same():
    one, two = (search(n_points=4, n_jobs=n).fit(X, Y) for n in (1, 2))
    assert_array_equal(one.pareto_front_, two.pareto_front_)


def test_without_refit_nothing_predicts():
    found = search(n_points=3).fit(X, Y).set_params(refit=False).fit(X, Y)
    assert found.best_index_ == 1
    assert not hasattr(found, "predict")
    assert not hasattr(found, "pareto_estimators_")
    assert not hasattr(found, "best_estimator_")
    with pytest.raises(AttributeError) as caught:
        found.predict(X)
    assert "refit=False" in str(caught.value.__cause__)


def test_before_fit():
    found = search()
    assert hasattr(found, "predict")
    assert not hasattr(found, "predict_proba")
    assert not hasattr(found, "n_features_in_")
    with pytest.raises(NotFittedError):
        found.predict(X)
    with pytest.raises(NotFittedError):
        found.select(knee=True)


def test_one_point_and_equal_points():
    found = search(preferences=[[1, 1], [2, 2]]).fit(X, Y)
    assert found.best_index_ == 0
    assert found.hypervolume_ == 0
    assert_array_equal(found.pareto_index_, [0, 1])


def test_many_objectives():
    names = tuple("abc")
    found = search(Curve(names=names), n_points=10).fit(X, np.c_[Y, Y[:, 0]])
    assert found.preferences_.shape == (10, 3)
    assert len(found.pareto_front_) == 10
    assert_allclose(found.best_params_["preference"], [1 / 3] * 3)


def test_more_objectives_than_hypervolume_takes(monkeypatch):
    """Without moocore the front is there all the same."""
    monkeypatch.setitem(sys.modules, "moocore", None)
    estimator = Curve(names=tuple("abcdef"))
    Y = np.zeros((12, 6))
    with pytest.warns(UserWarning, match="hypervolume_ is NaN.*moocore"):
        found = search(estimator, n_points=8).fit(X, Y)
    assert np.isnan(found.hypervolume_)
    assert len(found.pareto_front_) == 8


@pytest.mark.parametrize("cls", [MultiObjectiveClassifier, EntireSpaceClassifier])
def test_classifiers_with_unobserved_labels(cls):
    X, Y = make_funnel(400, random_state=0)[:2]
    Y = np.asarray(Y, dtype=float)
    Y[::7, -1] = np.nan
    estimator = cls(n_estimators=5, random_state=0, n_jobs=1)
    found = search(estimator, n_points=2, cv=2).fit(X, Y)
    assert_array_equal(found.predict(X), found.best_estimator_.predict(X))
    assert len(found.classes_) == Y.shape[1]
    assert is_classifier(found)


@pytest.mark.parametrize("tqdm", [True, False])
def test_progress(tqdm, capsys, monkeypatch):
    if tqdm:
        pytest.importorskip("tqdm", reason="draws the bar")
    else:
        monkeypatch.setitem(sys.modules, "tqdm", None)
    search(n_points=2, verbose=1).fit(X, Y)
    shown = capsys.readouterr()
    assert ("fits: 100%" in shown.err) == tqdm
    assert ("fits: 6/6\nrefits: 1/2\nrefits: 2/2" in shown.out) != tqdm
    search(n_points=2).fit(X, Y)
    assert capsys.readouterr() == ("", "")
