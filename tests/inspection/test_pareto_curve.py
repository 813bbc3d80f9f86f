"""Pictures of Pareto fronts of two objectives."""

import numpy as np
import pytest

from skmo.inspection import ParetoFrontDisplay
from skmo.inspection._pareto_lines import staircase
from skmo.metrics import hypervolume
from tests.inspection.pareto_fronts import FRONT, legend_texts


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
