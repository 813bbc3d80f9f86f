"""What a search has after a fit, one that raised, and a second one."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.exceptions import NotFittedError

from skmo.pareto import ParetoSearchCV
from tests.pareto.fakes import Curve, fits

X = np.arange(24.0).reshape(12, 2)
Y = np.column_stack([np.arange(12.0), np.arange(12.0)[::-1]])


def first(estimator, X, y):
    return estimator.preference[0]


def second(estimator, X, y):
    return estimator.preference[1]


NAMED = {"a": first, "b": second}


def search(estimator=None, **params):
    params = {"cv": 3, "n_points": 3, **params}
    return ParetoSearchCV(Curve() if estimator is None else estimator, **params)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"selection": {"bounds": {"nope": 1}}}, "'nope'.*a, b"),
        ({"selection": {"preference": [1, 2, 3]}}, "2 importances"),
        ({"reference_point": [1, 2, 3]}, r"'reference_point'.*shape \(2,\)"),
        ({"selection": {"knee": False}}, "'selection' parameter"),
        ({"estimator": Curve}, "an object with methods"),
    ],
)
def test_bad_choices_among_known_objectives_cost_no_fit(params, message, tmp_path):
    params = {"estimator": Curve(log=str(tmp_path)), "objectives": NAMED} | params
    with pytest.raises(ValueError, match=message):
        search(**params).fit(X, Y)
    assert fits(tmp_path) == 0


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"selection": {"bounds": {"nope": 1}}}, "'nope'.*a, b"),
        ({"selection": {"bounds": {"a": 2}}}, "No point of the front"),
        ({"selection": {"preference": [1, 2, 3]}}, "2 importances"),
        ({"selection": lambda front: 3}, "index into the front"),
        ({"reference_point": [1, 2, 3]}, r"'reference_point'.*shape \(2,\)"),
    ],
)
def test_bad_choices_cost_no_model(params, message):
    found = search(**params)
    with pytest.raises(ValueError, match=message):
        found.fit(X, Y)
    assert len(found.pareto_front_) == len(found.pareto_estimators_) == 3
    with pytest.raises(NotFittedError, match=r"call select\(\)"):
        found.predict(X)
    assert found.select(knee=True) == 1
    assert_array_equal(found.predict(X), np.full(12, 0.5))


OF_A_CHOICE = ["best_index_", "best_scores_", "best_params_", "best_estimator_"]


def test_nothing_is_left_of_an_earlier_choice():
    found = search().fit(X, Y)
    assert all(hasattr(found, name) for name in OF_A_CHOICE)
    found.set_params(selection={"bounds": {0: 2}})
    with pytest.raises(ValueError, match="No point of the front"):
        found.fit(X, Y)
    assert not any(hasattr(found, name) for name in OF_A_CHOICE)


class Lost(Curve):
    def score_objectives(self, X, y, sample_weight=None):
        return np.array([np.inf, 0.0])


def test_nothing_is_left_of_an_earlier_front():
    found = search().fit(X, Y).set_params(estimator=Lost())
    with pytest.raises(ValueError, match="No point has a finite score"):
        found.fit(X, Y)
    assert np.isinf(found.cv_results_["mean_test_a"]).all()
    published = ["pareto_front_", "pareto_index_", "pareto_preferences_"]
    for name in [*published, "pareto_estimators_", "hypervolume_", *OF_A_CHOICE]:
        assert not hasattr(found, name)


def test_without_refit_the_reason_is_told():
    found = search(refit=False).fit(X, Y)
    for call in (found.score, found.score_objectives):
        with pytest.raises(AttributeError, match="refit=False"):
            call(X, Y)
    with pytest.raises(AttributeError, match="refit=False"):
        found.n_features_in_  # noqa: B018


def test_scores_are_those_of_the_fit():
    found = search(objectives=NAMED).fit(X, Y)
    found.select(preference=[1, 0])
    found.set_params(objectives={"x": second, "y": first})
    assert_array_equal(found.score_objectives(X, Y), [0.75, 0.25])
