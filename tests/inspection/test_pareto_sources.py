"""Pictures of Pareto fronts of any points and of searches."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from skmo.inspection import ParetoFrontDisplay
from skmo.pareto._front import ParetoFrontMixin
from tests.inspection.pareto_fronts import BEHIND, FRONT, legend_texts


def test_from_scores_finds_the_front(axes):
    scores = np.array([BEHIND[0], FRONT[2], [np.nan, 2.0], FRONT[0], FRONT[1]])
    std = np.arange(10.0).reshape(5, 2)
    preferences = np.ones((5, 2))
    preferences[2] = np.nan  # of a point that is not drawn
    drawn = ParetoFrontDisplay.from_scores(
        scores, std=std, preferences=preferences, selected=3, ax=axes, label="all"
    )
    np.testing.assert_array_equal(drawn.scores, FRONT[[2, 0, 1]])
    np.testing.assert_array_equal(drawn.dominated, BEHIND)
    np.testing.assert_array_equal(drawn.std, std[[1, 3, 4]])
    assert drawn.selected == 1
    assert drawn.ax_ is axes
    assert legend_texts(drawn) == ["all", "dominated", "preferences"]


class Search(ParetoFrontMixin, BaseEstimator):
    """What the display reads of a search, without any fit."""

    def __init__(self, selection="knee"):
        self.selection = selection

    def fit(self):
        table = np.vstack([BEHIND, FRONT, [[np.nan, 0.1]]])
        self.objective_names_ = ["a", "b"]
        self.pareto_index_ = np.array([1, 2, 3])
        self.pareto_front_ = FRONT
        self.pareto_preferences_ = np.array([[0.2, 0.8], [0.5, 0.5], [0.8, 0.2]])
        self.cv_results_ = {
            "mean_test_a": table[:, 0],
            "mean_test_b": table[:, 1],
            "std_test_a": np.arange(5) / 100,
            "std_test_b": np.arange(5) / 50,
            "params": [{}] * 5,
        }
        self.reference_point_ = np.array([0.2, 0.3])
        self._use_selection()
        return self


def test_from_estimator_reads_a_search(axes):
    search = Search(selection={"preference": [1, 0]}).fit()
    drawn = ParetoFrontDisplay.from_estimator(search, ax=axes)
    np.testing.assert_array_equal(drawn.scores, FRONT)
    np.testing.assert_array_equal(drawn.dominated, BEHIND)
    np.testing.assert_allclose(drawn.std, [[0.01, 0.02], [0.02, 0.04], [0.03, 0.06]])
    assert tuple(drawn.text_.xy) == (0.8, 0.3)
    assert axes.get_ylabel() == "b"
    assert drawn.bounds is None
    assert len(drawn.rays_.get_segments()) == 3


def test_preferences_of_other_objectives_are_not_drawn(axes):
    search = Search().fit()
    search.pareto_preferences_ = np.ones((3, 4))
    drawn = ParetoFrontDisplay.from_estimator(search, ax=axes)
    assert drawn.preferences is None
    assert drawn.rays_ is None


def test_from_estimator_has_the_bounds_that_were_met(new_figure):
    def shown(**options):
        drawn = ParetoFrontDisplay.from_estimator(search, fig=new_figure(), **options)
        return drawn.bounds, drawn.selected

    search = Search(selection={"bounds": {"a": 0.7}}).fit()
    assert shown() == ({"a": 0.7}, 2)
    assert shown(bounds={"b": 0.1}) == ({"b": 0.1}, 2)
    search.select(bounds={-1: 0.5})
    assert shown() == ({-1: 0.5}, 1)
    search.select(preference=[1, 0])
    assert shown() == (None, 2)


def test_from_estimator_draws_a_search_whose_bounds_nothing_met(new_figure):
    search = Search(selection={"bounds": {"a": 2}})
    with pytest.raises(ValueError, match="No point of the front"):
        search.fit()
    drawn = ParetoFrontDisplay.from_estimator(search, fig=new_figure())
    assert drawn.selected is None
    assert drawn.bounds is None


def test_axes_may_have_numbers_of_their_own(new_figure):
    ax = new_figure().add_subplot()
    ax.set_xscale("log")
    ax.yaxis.set_major_formatter("{x:.2f} %")
    ParetoFrontDisplay(FRONT).plot(ax)
    assert ax.get_xscale() == "log"
    assert ax.yaxis.get_major_formatter()(0.5, 0) == "0.50 %"
    ax.figure.draw_without_rendering()


def test_errors_of_from_estimator():
    with pytest.raises(NotFittedError):
        ParetoFrontDisplay.from_estimator(Search())
    other = Search().fit()
    del other.pareto_front_
    with pytest.raises(ValueError, match=r"Search has none.*from_scores"):
        ParetoFrontDisplay.from_estimator(other)


def test_draws_a_real_search(new_figure):
    from skmo import MultiObjectiveEstimator
    from skmo.datasets import make_feed
    from skmo.pareto import ParetoSearchCV

    X, Y = make_feed(300, random_state=0)
    model = MultiObjectiveEstimator(n_estimators=3, heads="none", random_state=0)
    search = ParetoSearchCV(model, n_points=3, cv=2, refit=False)
    search.fit(X, Y)
    drawn = ParetoFrontDisplay.from_estimator(search, fig=new_figure())
    assert len(drawn.scores) + len(drawn.dominated) == len(search.preferences_)
    drawn.figure_.draw_without_rendering()
