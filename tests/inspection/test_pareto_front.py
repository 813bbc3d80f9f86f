"""Pictures of Pareto fronts of any kind: where they are drawn, and beside what."""

import pickle

import numpy as np
import pytest

from skmo.inspection import ParetoFrontDisplay
from tests.inspection.pareto_fronts import FRONT, legend_texts, make_display

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


@pytest.mark.parametrize(("n_objectives", "kind"), KINDS)
@pytest.mark.parametrize(
    ("size", "layout", "n_points"),
    [((8, 6), "constrained", 1), ((4, 3), None, 30)],
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


@pytest.mark.parametrize(
    ("n_objectives", "kind", "style"),
    [(*pair, "dark_background") for pair in KINDS]
    + [(3, "auto", style) for style in ("default", "ggplot")],
)
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
