"""Pictures of Pareto fronts: what is drawn, where, and beside what."""

import pickle
import sys

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from skmo.inspection import ParetoFrontDisplay
from skmo.inspection._pareto_lines import staircase
from skmo.metrics import hypervolume

KINDS = [
    (2, "curve"),
    (2, "pairs"),
    (2, "parallel"),
    (3, "auto"),
    (3, "pairs"),
    (3, "scatter3d"),
    (4, "parallel"),
    (4, "pairs"),
    (8, "parallel"),
]
NAME = "an_objective_with_a_name_of_some_length_"
# Three points, and a fourth that the second dominates.
FRONT = np.array([[0.2, 0.9], [0.6, 0.7], [0.8, 0.3]])
BEHIND = np.array([[0.5, 0.6]])


def make_display(n_objectives, n_points=9, *, seed=0, **options):
    """A display with all it can have, of points on a sphere."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(n_objectives), n_points)
    scores = 0.5 + 0.4 * np.sqrt(shares)
    options = {
        "objective_names": [f"{NAME}{k}" for k in range(n_objectives)],
        "preferences": shares,
        "dominated": scores[:3] - 0.05,
        "std": np.full(scores.shape, 0.01),
        "selected": n_points // 2,
        "bounds": [0.6] + [np.nan] * (n_objectives - 1),
        "reference": 0.4,
        **options,
    }
    return ParetoFrontDisplay(scores, **options)


@pytest.fixture
def new_figure():
    """Function that makes figures which no pyplot holds on to."""
    module = pytest.importorskip("matplotlib.figure", reason="plots need matplotlib")

    def make(layout="constrained", **options):
        return module.Figure(layout=layout, **options)

    return make


@pytest.fixture
def axes(new_figure):
    return new_figure(figsize=(7, 5)).subplots()


def legend_texts(display):
    return [text.get_text() for text in display.legend_.get_texts()]


# Any kind ---------------------------------------------------------------------------


@pytest.mark.parametrize(("n_objectives", "kind"), KINDS)
@pytest.mark.parametrize(
    ("size", "layout", "n_points"),
    [((8, 6), "constrained", 30), ((4, 3), "constrained", 1), ((4, 3), None, 30)],
)
def test_draws_in_any_figure(n_objectives, kind, size, layout, n_points, new_figure):
    figure = new_figure(layout, figsize=size)
    display = make_display(n_objectives, n_points)
    drawn = display.plot(fig=figure, kind=kind)
    assert drawn is display
    assert drawn.figure_ is figure
    assert drawn.ax_ is drawn.axes_[0]
    n_pairs = n_objectives * (n_objectives - 1) // 2
    expected = {"pairs": n_pairs, "auto": n_pairs + 1}.get(kind, 1)
    assert drawn.axes_.shape == (expected,)
    figure.draw_without_rendering()


@pytest.mark.parametrize(("n_objectives", "kind"), KINDS)
@pytest.mark.parametrize("style", ["default", "dark_background", "ggplot"])
def test_makes_its_own_figure_in_any_style(n_objectives, kind, style):
    pyplot = pytest.importorskip("matplotlib.pyplot", reason="plots need matplotlib")
    from matplotlib.colors import to_rgba

    pyplot.switch_backend("agg")
    with pyplot.style.context(style):
        drawn = make_display(n_objectives).plot(kind=kind)
        drawn.figure_.canvas.draw()
        ink = to_rgba(pyplot.figure().add_subplot().xaxis.label.get_color())
    pyplot.close("all")
    assert {to_rgba(text.get_color()) for text in drawn.legend_.get_texts()} == {ink}


@pytest.mark.parametrize(("n_objectives", "kind"), KINDS)
@pytest.mark.parametrize(
    ("size", "layout"), [((8, 6), None), ((4, 4), "constrained"), ((4, 4), None)]
)
def test_legends_are_beside_the_data_and_in_the_figure(
    n_objectives, kind, size, layout, new_figure
):
    figure = new_figure(layout, figsize=size)
    drawn = make_display(n_objectives).plot(fig=figure, kind=kind)
    figure.draw_without_rendering()
    legend = drawn.legend_.get_window_extent()
    labels = [ax.xaxis.label for ax in drawn.axes_ if ax.get_xlabel()]
    flat = [ax for ax in drawn.axes_ if not hasattr(ax, "zaxis")]
    assert all(not legend.overlaps(ax.bbox) for ax in flat)
    assert all(not legend.overlaps(text.get_window_extent()) for text in labels)
    corners = [legend.x0, legend.y0, -legend.x1, -legend.y1]
    assert min(corners + np.array([0, 0, *figure.bbox.size])) >= -1


@pytest.mark.parametrize(("n_objectives", "kind"), KINDS)
def test_several_fronts_share_axes_and_legend(n_objectives, kind, new_figure):
    first = make_display(n_objectives)
    first.plot(fig=new_figure(figsize=(8, 6)), kind=kind, label="first")
    before = legend_texts(first)
    parts = list(first.figure_.axes)
    names = [ax.get_xlabel() for ax in parts]
    second = make_display(n_objectives, 5, seed=1, objective_names=None)
    second.plot(first.axes_, kind=kind, label="_second")
    third = make_display(n_objectives, 4, seed=2).plot(second.ax_, kind=kind)
    assert legend_texts(third) == [*before, "_second", "Pareto front 3"]
    assert before[0] == "first"
    assert len(set(before)) == len(before)
    assert first.figure_.axes == parts
    assert [ax.get_xlabel() for ax in parts] == names
    assert (third.axes_ == first.axes_).all()
    shown = [first, second, third]
    artists = [d.points_[0] if d.points_ else d.lines_[0] for d in shown]
    key = "edgecolor" if first.points_ else "color"
    assert len({str(artist.properties()[key]) for artist in artists}) == 3
    first.figure_.draw_without_rendering()


def test_cleared_axes_start_anew(axes):
    drawn = ParetoFrontDisplay(FRONT).plot(axes, label="first")
    axes.clear()
    drawn = ParetoFrontDisplay(FRONT[:, [1, 0]]).plot(axes, label="second")
    assert legend_texts(drawn) == ["second"]
    assert axes.get_xlabel() == "objective 0"


@pytest.mark.parametrize(("n_objectives", "kind"), [(2, "curve"), (4, "parallel")])
def test_figures_can_be_pickled(n_objectives, kind, new_figure):
    drawn = make_display(n_objectives).plot(fig=new_figure(), kind=kind)
    figure = pickle.loads(pickle.dumps(drawn.figure_))
    again = make_display(n_objectives).plot(figure.axes[0], kind=kind, label="again")
    assert legend_texts(again) == [*legend_texts(drawn), "again"]


def test_neighbours_keep_their_place_where_there_is_no_layout(new_figure):
    left, right = new_figure(None, figsize=(10, 5)).subplots(1, 2)
    cell, other = left.get_position().bounds, right.get_position().bounds
    drawn = make_display(3).plot(left)
    assert right.get_position().bounds == other
    for part in drawn.axes_:
        x, y, width, height = part.get_position().bounds
        assert min(x - cell[0], y - cell[1]) >= -1e-9
        assert x + width <= cell[0] + cell[2] + 1e-9
        assert y + height <= cell[1] + cell[3] + 1e-9


@pytest.mark.parametrize(("n_objectives", "kind"), KINDS)
def test_axes_outside_grids_and_in_subfigures(n_objectives, kind, new_figure):
    solid = {"projection": "3d"} if kind == "scatter3d" else {}
    figure = new_figure(None, figsize=(8, 6))
    ax = figure.add_axes((0.2, 0.2, 0.7, 0.7), **solid)
    assert make_display(n_objectives).plot(ax, kind=kind).ax_ is ax
    figure.draw_without_rendering()
    half = new_figure(figsize=(12, 6)).subfigures(1, 2)[1]
    drawn = make_display(n_objectives).plot(fig=half, kind=kind)
    assert drawn.figure_ is half
    half.figure.draw_without_rendering()


def test_axes_of_the_users_own(new_figure):
    panels = new_figure(figsize=(9, 3)).subplots(1, 3)
    drawn = make_display(3).plot(panels, kind="pairs")
    assert (drawn.axes_ == panels).all()
    solid = new_figure().add_subplot(projection="3d")
    four = [*new_figure(figsize=(9, 3)).subplots(1, 3), solid]
    drawn = make_display(3).plot(four)
    assert list(drawn.axes_) == four


def test_names_are_shown_as_they_are(axes, new_figure):
    names = ["_hidden", "a$_$b"]
    drawn = ParetoFrontDisplay(
        FRONT, objective_names=names, greater_is_better=[True, False]
    ).plot(axes)
    axes.figure.draw_without_rendering()
    assert drawn.ax_.get_xlabel() == "_hidden"
    assert drawn.ax_.get_ylabel() == r"a\$_\$b (less is better)"
    ax = new_figure(figsize=(7, 4)).subplots()
    ParetoFrontDisplay(FRONT, objective_names=names).plot(ax, kind="parallel")
    ax.figure.draw_without_rendering()
    assert [text.get_text() for text in ax.get_xticklabels()] == [
        "_hidden",
        r"a\$_\$b",
    ]


# Two objectives ---------------------------------------------------------------------


def test_staircase_by_hand(axes):
    drawn = ParetoFrontDisplay(FRONT, reference=[0.0, 0.1], selected=1).plot(axes)
    corners = [
        [0.0, 0.9],
        [0.2, 0.9],
        [0.2, 0.7],
        [0.6, 0.7],
        [0.6, 0.3],
        [0.8, 0.3],
        [0.8, 0.1],
    ]
    np.testing.assert_array_equal(drawn.line_.get_xydata(), corners)
    np.testing.assert_array_equal(drawn.points_[0].get_offsets(), FRONT)
    assert tuple(drawn.text_.xy) == (0.6, 0.7)
    # 0.2 x 0.8 + 0.4 x 0.6 + 0.2 x 0.2
    assert area(drawn.region_.get_xy()) == pytest.approx(0.44)


def area(corners):
    """Of a polygon, by the shoelace formula."""
    x, y = np.asarray(corners).T
    return abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2


@pytest.mark.parametrize("better", [True, False, [True, False], [False, True]])
def test_staircase_bounds_what_is_attained(better):
    rng = np.random.default_rng(3)
    scores = rng.normal(size=(40, 2)).round(1)  # with ties
    sign = np.where(np.broadcast_to(better, 2), 1.0, -1.0)
    ends = sign * (sign * scores).min(axis=0)
    corners = staircase(scores, sign, ends) * sign
    values = scores * sign
    for x in np.linspace(values[:, 0].min(), values[:, 0].max(), 200) + 1e-6:
        beyond = values[:, 0] >= x
        right = corners[:, 0] >= x
        if beyond.any():
            assert corners[right][0, 1] == values[beyond, 1].max()
    assert (np.diff(corners[:, 0]) >= 0).all()
    assert (np.diff(corners[:, 1]) <= 0).all()
    assert (np.diff(corners, axis=0) == 0).any(axis=1).all()  # along the axes


@pytest.mark.parametrize("better", [True, False, [True, False]])
def test_shaded_area_is_the_hypervolume(better, new_figure):
    rng = np.random.default_rng(4)
    scores, reference = rng.uniform(size=(30, 2)), np.array([0.4, 0.55])
    drawn = ParetoFrontDisplay.from_scores(
        scores, reference=reference, greater_is_better=better, fig=new_figure()
    )
    expected = hypervolume(scores, reference, greater_is_better=better)
    assert area(drawn.region_.get_xy()) == pytest.approx(expected)


def test_nothing_is_shaded_where_no_point_beats_the_reference(axes):
    drawn = ParetoFrontDisplay(FRONT, reference=[0.8, 0.0]).plot(axes)
    assert drawn.region_ is None
    assert drawn.line_.get_xydata()[-1].tolist() == [0.8, 0.0]


def test_rays_by_hand(axes, new_figure):
    # The best are (0.8, 0.9), the worst (0.2, 0.3): a range of 0.6 in both.
    preferences = [[2.0, 1.0], [1.0, 1.0], [0.0, 5.0]]
    drawn = ParetoFrontDisplay(FRONT, preferences=preferences).plot(axes)
    lines = np.array(drawn.rays_.get_segments())
    assert (lines[:, 0] == [0.8, 0.9]).all()
    np.testing.assert_allclose(lines[:, 1], [[0.5, 0.3], [0.2, 0.3], [0.2, 0.9]])
    drawn = ParetoFrontDisplay(FRONT, preferences=preferences, ideal=[1.0, 1.1]).plot(
        new_figure().subplots()
    )
    lines = np.array(drawn.rays_.get_segments())
    np.testing.assert_allclose(lines[:, 1], [[0.6, 0.3], [0.2, 0.3], [0.2, 1.1]])
    assert drawn.ax_.get_xlim()[1] < 0.9  # the ideal leaves the view as it is


@pytest.mark.parametrize("sign", [1, -1])
def test_rays_lead_to_what_the_search_would_choose(sign, axes):
    from skmo.pareto._select import closest_to_ideal

    angles = np.linspace(0.05, 1.5, 25)
    front = np.column_stack([np.cos(angles), 5 * np.sin(angles)])
    preference = np.array([0.3, 0.7])
    drawn = ParetoFrontDisplay(
        sign * front,
        preferences=np.tile(preference, (25, 1)),
        greater_is_better=sign > 0,
    ).plot(axes)
    start, end = sign * drawn.rays_.get_segments()[0]
    chosen = front[closest_to_ideal(front, preference)]
    along = (chosen - start) @ (end - start) / ((end - start) @ (end - start))
    gap = np.ptp(front, axis=0)
    nearest = start + along * (end - start)
    assert 0 < along < 1
    assert (np.abs(nearest - chosen) < 0.06 * gap).all()


def test_no_rays(new_figure):
    figure = new_figure()
    drawn = ParetoFrontDisplay(FRONT[:1], preferences=[[1, 1]]).plot(fig=figure)
    assert drawn.rays_ is None  # one point spans no range
    many = np.column_stack([np.arange(26.0), -np.arange(26.0)])
    drawn = ParetoFrontDisplay(many, preferences=np.ones((26, 2)))
    assert drawn.plot(fig=new_figure()).rays_ is None


def test_points_that_miss_bounds_are_hollow(axes):
    drawn = ParetoFrontDisplay(
        FRONT,
        objective_names=["a", "b"],
        bounds={"a": 0.6, 1: 0.3},
        greater_is_better=[True, False],
    ).plot(axes)
    axes.figure.draw_without_rendering()
    hollow = (drawn.points_[0].get_facecolor() == 1).all(axis=1)
    assert hollow.tolist() == [True, True, False]
    patches = [p for p in axes.get_children() if p.get_zorder() == 0.5]
    boxes = [
        patch.get_transform().transform_path(patch.get_path()) for patch in patches
    ]
    inside = [
        [path.contains_point(axes.transData.transform(at)) for path in boxes]
        for at in ([0.5, 0.25], [0.7, 0.4], [0.7, 0.25])
    ]
    assert inside == [[True, False], [False, True], [False, False]]
    assert legend_texts(drawn) == ["Pareto front", "misses a bound"]


def test_a_bound_is_always_in_view(axes):
    drawn = ParetoFrontDisplay(FRONT, bounds=[2.0, -np.inf]).plot(axes)
    assert drawn.ax_.get_xlim()[1] > 2
    assert drawn.ax_.get_ylim()[0] > 0


def test_error_bars_are_the_standard_deviations(axes):
    std = [[0.01, 0.02], [0.03, np.nan], [0.0, 0.04]]
    ParetoFrontDisplay(FRONT, std=std).plot(axes)
    (bars,) = axes.containers
    across, along = (c.get_segments() for c in bars.lines[2])
    widths = [np.ptp(segment[:, 0]) for segment in across]
    np.testing.assert_allclose(widths, [0.02, 0.06, 0])
    heights = [np.ptp(along[k][:, 1]) for k in (0, 2)]
    np.testing.assert_allclose(heights, [0.04, 0.08])


@pytest.mark.parametrize("better", [True, False, [True, False]])
@pytest.mark.parametrize("selected", range(3))
def test_the_name_of_the_selected_is_in_the_axes(better, selected, new_figure):
    sign = np.where(np.broadcast_to(better, 2), 1, -1)
    for size in [(7, 5), (4, 3)]:
        figure = new_figure(figsize=size)
        display = ParetoFrontDisplay(
            FRONT * sign, selected=selected, greater_is_better=better
        )
        drawn = display.plot(fig=figure)
        figure.draw_without_rendering()
        text, box = drawn.text_.get_window_extent(), drawn.ax_.bbox
        assert box.x0 <= text.x0
        assert text.x1 <= box.x1 + 2


# Parallel coordinates ---------------------------------------------------------------


def test_parallel_coordinates_by_hand(axes):
    scores = [[1.0, 10.0, 0.5], [3.0, 30.0, 0.5]]
    drawn = ParetoFrontDisplay(
        scores,
        dominated=[[2.0, 50.0, 0.5]],
        selected=1,
        bounds=[2.0, 20.0, np.nan],
        greater_is_better=[True, False, True],
    ).plot(axes, kind="parallel")
    lines = [line.get_ydata().tolist() for line in drawn.lines_]
    assert lines == [[0.0, 1.0, 0.5], [1.0, 0.5, 0.5]]
    widths = [line.get_linewidth() for line in drawn.lines_]
    assert widths[1] > 2 * widths[0]
    # The first misses the first bound, the second the second.
    assert all(line.is_dashed() for line in drawn.lines_)
    texts = [text.get_text() for text in axes.texts]
    assert texts == ["1.0", "3.0", "50", "10", "0.475", "0.525"]
    # A wider range of another front moves the lines and their ends.
    other = ParetoFrontDisplay(
        [[5.0, 10.0, 0.5]], greater_is_better=[True, False, True]
    ).plot(axes, kind="parallel")
    assert drawn.lines_[1].get_ydata().tolist() == [0.5, 0.5, 0.5]
    assert other.lines_[0].get_ydata().tolist() == [1.0, 1.0, 0.5]
    assert axes.texts[1].get_text() == "5.0"


@pytest.mark.parametrize(
    ("value", "other", "expected"),
    [
        (0.91234, 0.90001, "0.912"),
        (-0.5, 0.5, "−0.5"),
        (12.3, 45.6, "12"),
        (2e6, 1e6, "2e+06"),
        (1.0, 1.0 + 1e-9, "1"),
    ],
)
def test_numbers_at_the_ends(value, other, expected):
    from skmo.inspection._pareto_parallel import number

    assert number(value, other) == expected


# Any points, searches ---------------------------------------------------------------


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


class Search(BaseEstimator):
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
        }
        self.best_index_ = 2
        self.reference_point_ = np.array([0.2, 0.3])
        return self


def test_from_estimator_reads_a_search(axes):
    drawn = ParetoFrontDisplay.from_estimator(Search().fit(), ax=axes)
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
    for bounds, shown in [({"a": 0.7}, True), ({-2: 0.7}, True), ({"b": 0.5}, False)]:
        search = Search(selection={"bounds": bounds}).fit()
        drawn = ParetoFrontDisplay.from_estimator(search, fig=new_figure())
        assert drawn.bounds == (bounds if shown else None)
        drawn = ParetoFrontDisplay.from_estimator(
            search, bounds={"b": 0.1}, fig=new_figure()
        )
        assert drawn.bounds == {"b": 0.1}


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


# Bad input --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scores": [0.1, 0.2]}, r"scores must have the shape.*\(2,\)"),
        ({"scores": [[0.1], [0.2]]}, "two objectives"),
        ({"scores": np.empty((0, 2))}, "at least one point"),
        ({"scores": [[0.1, np.nan]]}, "scores must be finite.*row 0.*from_scores"),
        ({"objective_names": ["a"]}, "objective_names must have a name for each"),
        ({"objective_names": "ab"}, "objective_names must have a name for each"),
        ({"preferences": [[1, 1]]}, "preferences must have the shape of scores"),
        ({"preferences": [[1, 1], [0, 0], [1, 1]]}, "one above 0 in each row"),
        ({"preferences": [[1, 1], [-1, 2], [1, 1]]}, r"preferences.*\[-1.0, 2.0\]"),
        ({"std": [[0.1, 0.1]] * 2}, "std must have the shape of scores"),
        ({"std": [[0.1, -0.1]] * 3}, "std must be finite numbers of at least 0"),
        ({"dominated": [[0.1, 0.1, 0.1]]}, "dominated must have the shape"),
        ({"dominated": [[0.1, np.nan]]}, "dominated must be finite"),
        ({"selected": 3}, "selected must be the index of one of the 3 points"),
        ({"selected": -1}, "selected must be the index"),
        ({"selected": True}, "selected must be the index"),
        ({"bounds": [0.1]}, "bounds must have a value for each of the 2"),
        ({"bounds": {"c": 0.1}}, "bounds has the unknown objective 'c'"),
        ({"bounds": {2: 0.1}}, "bounds has the unknown objective 2"),
        ({"bounds": [np.inf, 0]}, "bounds must be values that can be met"),
        ({"reference": [0.1]}, "reference must be a finite number"),
        ({"reference": np.nan}, "reference must be a finite number"),
        ({"ideal": 0.7}, "ideal must be at least as good.*'objective 0'.*0.8"),
        ({"greater_is_better": "yes"}, "greater_is_better must be True"),
        ({"greater_is_better": [True] * 3}, "greater_is_better must be True"),
    ],
)
def test_bad_parameters(options, message, axes):
    display = ParetoFrontDisplay(**{"scores": FRONT, **options})
    with pytest.raises(ValueError, match=message):
        display.plot(axes)


@pytest.mark.parametrize(
    ("n_objectives", "options", "message"),
    [
        (2, {"kind": "line"}, "kind must be one of"),
        (3, {"kind": "curve"}, "draws 2 objectives and there are 3"),
        (2, {"kind": "scatter3d"}, "draws 3 objectives and there are 2"),
        (9, {"kind": "pairs"}, "up to 8 objectives and there are 9.*parallel"),
        (2, {"ax": "axes"}, "ax must be matplotlib axes; got"),
    ],
)
def test_bad_ways_to_plot(n_objectives, options, message):
    with pytest.raises(ValueError, match=message):
        make_display(n_objectives).plot(**options)


def test_bad_axes(new_figure):
    panels = new_figure(figsize=(8, 4)).subplots(2, 2)
    with pytest.raises(ValueError, match="or 3 of them, one for each panel"):
        make_display(3).plot(panels, kind="pairs")
    with pytest.raises(ValueError, match="ax must have three dimensions"):
        make_display(3).plot(panels)
    with pytest.raises(ValueError, match="projection='3d'"):
        make_display(3).plot(panels[0, 0], kind="scatter3d")
    with pytest.raises(ValueError, match="Pass ax or fig, not both"):
        make_display(2).plot(panels[0, 0], fig=new_figure())


def test_many_pairs_are_drawn(new_figure):
    drawn = make_display(8).plot(fig=new_figure(figsize=(8, 8)), kind="pairs")
    assert len(drawn.axes_) == 28
    assert drawn.axes_[27].get_xlabel().endswith("h_6")


def test_fronts_that_do_not_go_together(axes):
    ParetoFrontDisplay(FRONT, objective_names=["a", "b"]).plot(axes)
    with pytest.raises(ValueError, match=r"2 objectives, drawn as 'curve'"):
        ParetoFrontDisplay(FRONT).plot(axes, kind="parallel")
    with pytest.raises(ValueError, match=r"\['a', 'b'\].*\['b', 'a'\]"):
        ParetoFrontDisplay(FRONT, objective_names=["b", "a"]).plot(axes)
    with pytest.raises(ValueError, match="less is better"):
        ParetoFrontDisplay(FRONT, greater_is_better=False).plot(axes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scores": [[np.nan, 1.0]]}, "finite row"),
        ({"scores": [[1, 1], [2, 2]], "selected": 0}, r"dominated.*front is \[1\]"),
        ({"scores": [[1, 1]], "selected": 1}, "one of the 1 points"),
        ({"scores": [[1, 1]], "std": [[1, 1]] * 2}, "std must have the shape"),
        ({"scores": [[1, 1]], "greater_is_better": 2}, "greater_is_better"),
    ],
)
def test_bad_input_of_from_scores(options, message):
    with pytest.raises(ValueError, match=message):
        ParetoFrontDisplay.from_scores(**options)


def test_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'pip install "skmo\[plot\]"') as caught:
        ParetoFrontDisplay(FRONT).plot()
    assert "ParetoFrontDisplay" in str(caught.value)
