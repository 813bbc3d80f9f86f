"""ParetoSearchCV: fits that fail, scores that are not there, bad input."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmo.pareto import ParetoSearchCV
from tests.pareto.fakes import Curve, WeightedRidge

X = np.arange(24.0).reshape(12, 2)
Y = np.column_stack([np.arange(12.0), np.arange(12.0)[::-1]])


def search(estimator=None, **params):
    params = {"cv": 3, **params}
    return ParetoSearchCV(Curve() if estimator is None else estimator, **params)


def first_fails(preference):
    return preference[0] < 0.3


def test_a_point_that_fails_is_left_out():
    estimator = Curve(fail=first_fails)
    found = search(estimator, n_points=3)
    with pytest.warns(FitFailedWarning, match="3 fits failed out of 9(?s:.*)this pref"):
        found.fit(X, Y)
    assert_array_equal(found.pareto_index_, [1, 2])
    assert np.isnan(found.cv_results_["mean_test_a"][0])
    with pytest.warns(FitFailedWarning, match="set to -1"):
        found.set_params(error_score=-1).fit(X, Y)
    assert found.cv_results_["mean_test_a"][0] == -1
    with pytest.raises(RuntimeError, match="this preference fails"):
        found.set_params(error_score="raise").fit(X, Y)
    with pytest.raises(ValueError, match=r"All the 3 fits(?s:.*)this preference"):
        search(estimator, preferences=[[0.2, 0.8]]).fit(X, Y)


class Undefined(Curve):
    """The second objective has no score in the first fold, or ever."""

    def score_objectives(self, X, y, sample_weight=None):
        score = np.array(super().score_objectives(X, y))
        if X[0, 0] == 0 or self.names[0] == "never":
            score[1] = np.nan
        return score


def test_a_fold_without_a_score_is_left_out_of_the_mean():
    found = search(Undefined(), n_points=3)
    with pytest.warns(UserWarning, match="No fit has a score of 'b' in some folds"):
        found.fit(X, Y)
    rays = found.preferences_
    assert_allclose(found.pareto_front_, rays / np.linalg.norm(rays, axis=1)[:, None])
    assert_allclose(found.cv_results_["std_test_b"], 0, atol=1e-12)
    assert np.isnan(found.cv_results_["split0_test_b"]).all()


class Gaps(Curve):
    """No score of one objective in one fold, of a preference that matters."""

    def score_objectives(self, X, y, sample_weight=None):
        score = np.array(super().score_objectives(X, y))
        if X[0, 0] == 0 and self.preference[0] > 0.6:
            score[1] = np.nan if self.preference[0] < 0.8 else np.inf
        return score


def test_a_point_without_a_score_is_left_out_with_a_warning():
    found = search(Gaps(), preferences=[[1, 3], [1, 1], [3, 1], [9, 1]])
    with pytest.warns(UserWarning, match="2 of 4 points have no finite score of 'b'"):
        found.fit(X, Y)
    assert_array_equal(found.pareto_index_, [0, 1])


class BadFold(Curve):
    def score_objectives(self, X, y, sample_weight=None):
        if X[0, 0] == 0:
            raise RuntimeError("this fold fails")
        return super().score_objectives(X, y)


def test_a_fold_that_fails_for_all_is_not_left_out():
    with (
        pytest.warns(FitFailedWarning, match="this fold fails"),
        pytest.raises(ValueError, match="No point has a finite score"),
    ):
        search(BadFold(), n_points=2).fit(X, Y)


@pytest.mark.filterwarnings("ignore:No fit has a score")
def test_no_score_at_all():
    with pytest.raises(ValueError, match="none at all of b"):
        search(Undefined(names=("never", "b"))).fit(X, Y)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"estimator": Ridge()}, "Ridge has no parameter 'preference'"),
        ({"estimator": "Curve"}, "'estimator' parameter must be an estimator"),
        (
            {"estimator": make_pipeline(StandardScaler(), Curve())},
            "Did you mean 'curve__preference'",
        ),
        ({"estimator": WeightedRidge()}, "has no method 'score_objectives'"),
        ({"objectives": {"r2": "r2"}}, "at least two objectives"),
        ({"objectives": ["r2", "max_error"]}, "dict from names to scorers"),
        ({"objectives": {"a": "r2", "b": 3}}, r"objectives\['b'\].*Got 3"),
        ({"objectives": {"a": "r2", 1: "r2"}}, "Got the key 1"),
        ({"preferences": [[1, 2, 3]], "n_points": 3}, "not both"),
        ({"preferences": [[1, -1]]}, "at least 0"),
        ({"n_points": 0}, "'n_points'"),
        ({"warm_start": 1.0}, "'warm_start'"),
        ({"warm_start": 0.5}, "no parameter 'warm_start', which warm_start=0.5 needs"),
        ({"selection": "best"}, "'selection'.*'best'"),
        ({"selection": {"bound": {"a": 1}}}, "'selection'"),
        ({"selection": {"bounds": {"a": 1}, "knee": True}}, "'selection'"),
        ({"selection": lambda front: 99}, "index into the front"),
        ({"selection": {"bounds": {"c": 1}}}, "'c'"),
        ({"reference_point": [np.nan, 0]}, "'reference_point'"),
        ({"reference_point": "worst"}, "'reference_point'"),
        ({"reference_point": []}, "'reference_point'"),
        ({"reference_point": [1, 2, 3]}, r"'reference_point'.*shape \(2,\)"),
        ({"cache": 3}, "'cache'"),
        ({"estimator": Curve(names=["a"])}, "one score per objective|argument 2"),
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
def test_bad_parameters(params, message):
    with pytest.raises(ValueError, match=message):
        search(**{"n_points": None, **params}).fit(X, Y)


def test_one_target_has_nothing_to_trade_off():
    with pytest.raises(ValueError, match="target y is None"):
        search().fit(X)
    with pytest.raises(ValueError, match="y has a single target"):
        search().fit(X, Y[:, 0])
    with pytest.raises(ValueError, match=r"at least two objectives.*'up'"):
        search(OneObjective(names=["up"]), preferences=[[1, 1]]).fit(X, Y[:, 0])


class OneObjective(Curve):
    def score_objectives(self, X, y, sample_weight=None):
        return np.array([1.0])


def test_names_of_their_own():
    with pytest.raises(ValueError, match=r"names of their own.*\['a', 'a'\]"):
        search(Curve(names=("a", "a"))).fit(X, Y)


def test_unknown_metadata_of_a_score():
    with pytest.raises(TypeError, match="'colour'"):
        search(n_points=2).fit(X, Y).score(X, Y, colour="red")


def test_group_sizes_cannot_be_cut_into_folds():
    with pytest.raises(ValueError, match=r"'group'.*qid"):
        search(n_points=2).fit(X, Y, group=[6, 6])
