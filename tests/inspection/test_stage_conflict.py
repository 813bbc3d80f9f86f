"""A funnel's conflict between stages, as a picture."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from skmo.inspection import ConflictDisplay

KEYS = ["share", "size_ratio", "reversed"]
NAMES = ["click", "basket", "purchase", "return", "repeat"]
NOTHING = "no rows in conflict"


class Fitted(BaseEstimator):
    """What the display reads of a funnel, without training one."""

    def fit(self, report, names):
        n_rounds = len(report["share"])
        self.history_ = {"train_loss": np.ones((n_rounds, len(names)))}
        self.objective_names_ = self.stage_names_ = names
        self.conflict_report_ = report
        return self


def make_report(n_stages, n_rounds=40, *, seed=0):
    rng = np.random.default_rng(seed)
    shape = (n_rounds, n_stages - 1)
    share = rng.uniform(0, 1, shape)
    return {
        "share": share,
        "size_ratio": rng.uniform(0.5, 2, shape),
        "reversed": rng.uniform(0, 1, shape),
        "mean_cosine": 1 - 2 * share,
    }


def make_display(n_stages=3, n_rounds=40, **options):
    report = make_report(n_stages, n_rounds)
    return ConflictDisplay(report=report, names=NAMES[:n_stages], **options)


@pytest.fixture
def new_axes():
    """Function that makes axes which no pyplot holds on to."""
    module = pytest.importorskip("matplotlib.figure", reason="plots need matplotlib")

    def make(*shape, layout="constrained", **options):
        return module.Figure(layout=layout, **options).subplots(*shape)

    return make


@pytest.fixture
def axes(new_axes):
    return new_axes(figsize=(7, 5))


def line_data(display, key):
    return np.column_stack([line.get_ydata() for line in display.lines_[key]])


def titles(display):
    return [panel.get_title(loc="left") for panel in display.axes_]


def legend_texts(display):
    return [text.get_text() for text in display.legend_.get_texts()]


# What is drawn ----------------------------------------------------------------------


def test_a_funnel_has_a_line_for_each_stage_but_the_last(axes):
    report = make_report(4)
    drawn = ConflictDisplay.from_estimator(
        Fitted().fit(report, NAMES[:4]), smooth=1, ax=axes
    )
    assert isinstance(drawn, ConflictDisplay)
    assert [*drawn.lines_] == KEYS
    for key, panel in zip(KEYS, drawn.axes_, strict=True):
        np.testing.assert_array_equal(line_data(drawn, key), report[key])
        assert drawn.lines_[key][0].axes is panel
        assert drawn.lines_[key][0].get_xdata().tolist() == [*range(1, 41)]
        colours = [line.get_color() for line in drawn.lines_[key]]
        assert colours == [line.get_color() for line in drawn.lines_["share"]]
    assert legend_texts(drawn) == NAMES[:3]
    assert drawn.ax_ is drawn.axes_[0] is axes
    assert drawn.figure_ is axes.figure
    assert drawn.image_ is drawn.mean_cosines_ is drawn.line_ is None
    assert titles(drawn) == [
        "rows in conflict",
        "pull of later stages (own = 1)",
        "of those, moved the wrong way",
    ]


def test_two_stages_are_named_in_titles(axes):
    names = ["a$_$click", "the_conversion_of_a_click"]
    drawn = ConflictDisplay(report=make_report(2), names=names).plot(axes)
    assert drawn.legend_ is None
    assert titles(drawn) == [
        "a\\$_\\$click, pulled by the_conve…_a_click\nrows in conflict",
        "pull of the_conve…_a_click (own = 1)",
        "of those, moved the wrong way",
    ]


def test_long_names_fit_in_small_axes(new_axes):
    ax = new_axes(figsize=(3, 3))
    names = [f"a_stage_with_a_name_of_some_length_{k}" for k in range(2)]
    drawn = ConflictDisplay(report=make_report(2), names=names).plot(ax)
    ax.figure.draw_without_rendering()
    for panel in drawn.axes_:
        assert panel._left_title.get_window_extent().x1 <= ax.figure.bbox.x1


def test_shares_are_percentages_of_all_there_are(axes):
    drawn = make_display().plot(axes)
    axes.figure.draw_without_rendering()
    for panel in drawn.axes_[[0, 2]]:
        low, high = panel.get_ylim()
        assert low < 0
        assert high > 1
        labels = [label.get_text() for label in panel.get_yticklabels()]
        assert labels[0] == "0%"
        assert labels[-1] == "100%"


@pytest.mark.parametrize(
    ("ratios", "scale"),
    [
        ([0.0, 0.2, 0.5], "linear"),
        ([0.2, 0.5, 3.0], "linear"),
        ([0.01, 0.02, 0.03], "log"),  # far from 1, which is seen too
        ([1.0, 5.0, 100.0], "log"),
        ([0.0, 0.1, 100.0], "log"),
    ],
)
def test_ratios_are_seen_beside_one(ratios, scale, axes):
    report = make_report(2, 3)
    report["size_ratio"] = np.reshape(ratios, (3, 1))
    drawn = ConflictDisplay(report=report, names=NAMES[:2]).plot(axes)
    panel = drawn.axes_[1]
    assert panel.get_yscale() == scale
    assert [1, 1] in [list(line.get_ydata()) for line in panel.lines]
    low, high = panel.get_ylim()
    assert low < 1 < high
    assert high > max(ratios)
    axes.figure.draw_without_rendering()


def test_moving_average(axes):
    from skmo.inspection._rounds import moving_mean

    drawn = make_display().plot(axes)
    report = make_report(3)
    for key in KEYS:
        # A twentieth of 40.
        np.testing.assert_allclose(line_data(drawn, key), moving_mean(report[key], 2))
    assert drawn.axes_[2].get_xlabel() == "round (mean of 2 rounds)"
    with pytest.raises(ValueError, match="smooth must be"):
        make_display(smooth=0).plot(axes)


@pytest.mark.parametrize(
    ("rounds", "seen"),
    [
        (slice(0, 3), [1, 2, 3]),
        (slice(-2, None), [39, 40]),
        (range(4, 10, 2), [5, 7, 9]),
        ([7, 3, 3], [4, 8]),
        ([5], [6]),
    ],
)
def test_rounds_are_those_drawn(rounds, seen, new_axes):
    from skmo.inspection._rounds import moving_mean

    for smooth in (1, 2):
        drawn = make_display(rounds=rounds, smooth=smooth).plot(new_axes())
        window = min(smooth, len(seen))
        for key, values in make_report(3).items():
            if key not in KEYS:
                continue
            line = drawn.lines_[key][1]
            known = np.isfinite(line.get_ydata())
            assert line.get_xdata()[known].tolist() == seen
            # Of all rounds, so that fewer of them do not change the ends.
            expected = moving_mean(values, window)[np.subtract(seen, 1), 1]
            np.testing.assert_allclose(line.get_ydata()[known], expected)
        low, high = drawn.axes_[0].get_xlim()
        assert (low, high) == ((5.5, 6.5) if len(seen) == 1 else (seen[0], seen[-1]))
        drawn.figure_.draw_without_rendering()


def test_rounds_that_are_not_there(axes):
    for rounds in (slice(90, 99), [], [0.5], "all"):
        with pytest.raises(ValueError, match="rounds"):
            make_display(rounds=rounds).plot(axes)


def test_rounds_without_conflict_are_a_gap(axes):
    report = make_report(3, 5)
    report["size_ratio"][:, 1] = [np.nan, 0.5, np.nan, 0.2, 0.3]
    drawn = ConflictDisplay(report=report, names=NAMES[:3], smooth=1).plot(axes)
    line = drawn.lines_["size_ratio"][1]
    np.testing.assert_array_equal(line.get_ydata(), report["size_ratio"][:, 1])
    assert line.get_markevery() == [1]  # no line would show it
    assert drawn.lines_["size_ratio"][0].get_marker() == "None"
    axes.figure.draw_without_rendering()


@pytest.mark.parametrize("n_rounds", [1, 30])
def test_without_any_conflict_it_says_so(n_rounds, axes):
    report = make_report(3, n_rounds)
    report["share"][:] = 0
    report["size_ratio"][:] = report["reversed"][:] = np.nan
    drawn = ConflictDisplay(report=report, names=NAMES[:3]).plot(axes)
    axes.figure.draw_without_rendering()
    said = [[text.get_text() for text in panel.texts] for panel in drawn.axes_]
    assert said == [[], [NOTHING], [NOTHING]]
    assert not line_data(drawn, "share").any()


def test_without_any_pull_it_says_so(axes):
    report = {key: np.full((3, 1), np.nan) for key in KEYS}
    drawn = ConflictDisplay(report=report, names=NAMES[:2]).plot(axes)
    axes.figure.draw_without_rendering()
    assert [text.get_text() for text in drawn.axes_[0].texts] == [
        "no later stage pulls"
    ]


def test_draws_a_real_fit(axes):
    from skmo import EntireSpaceClassifier
    from skmo.datasets import make_funnel

    X, Y = make_funnel(300, rates=(0.7, 0.6, 0.5), random_state=0)
    model = EntireSpaceClassifier(n_estimators=4, heads="none", random_state=0)
    drawn = ConflictDisplay.from_estimator(model.fit(X, Y), ax=axes)
    for key in KEYS:
        np.testing.assert_array_equal(
            line_data(drawn, key), model.conflict_report_[key]
        )
    assert legend_texts(drawn) == model.stage_names_[:2]
    axes.figure.draw_without_rendering()


# Where it is drawn ------------------------------------------------------------------


@pytest.mark.parametrize("n_stages", [2, 5])
@pytest.mark.parametrize(
    ("size", "layout"),
    [
        ((8, 6), "constrained"),
        ((3, 3), None),
        ((9, 3), "constrained"),
        ((12, 4), "tight"),
        ((3, 3), "tight"),
    ],
)
@pytest.mark.parametrize("n_rounds", [1, 300])
def test_draws_in_any_axes(n_stages, size, layout, n_rounds, new_axes):
    ax = new_axes(figsize=size, layout=layout)
    drawn = make_display(n_stages, n_rounds).plot(ax)
    ax.figure.draw_without_rendering()
    assert ax.figure.axes == [*drawn.axes_]
    boxes = [panel.bbox for panel in drawn.axes_]
    assert not boxes[0].overlaps(boxes[1])
    assert not boxes[1].overlaps(boxes[2])
    if n_stages > 2:
        legend = drawn.legend_.get_window_extent()
        assert all(not legend.overlaps(box) for box in boxes)
        assert legend.x0 >= 0
        assert legend.y0 >= 0
        assert legend.x1 <= ax.figure.bbox.x1


def test_panels_are_stacked_or_side_by_side_in_flat_axes(new_axes):
    drawn = make_display().plot(new_axes(figsize=(7, 5)))
    drawn.figure_.draw_without_rendering()
    first, second, third = (panel.get_position() for panel in drawn.axes_)
    assert first.y0 > second.y1 > third.y1
    np.testing.assert_allclose([first.height, second.height], third.height)
    labels = [panel.get_xlabel() for panel in drawn.axes_]
    assert labels == ["", "", "round (mean of 2 rounds)"]
    drawn = make_display().plot(new_axes(figsize=(9, 3)))
    drawn.figure_.draw_without_rendering()
    first, second, third = (panel.get_position() for panel in drawn.axes_)
    assert first.x1 < second.x0 < third.x0
    assert len({panel.get_xlabel() for panel in drawn.axes_}) == 1


@pytest.mark.parametrize("size", [(3, 3), (4, 5), (7, 5)])
@pytest.mark.parametrize("layout", ["constrained", None])
def test_few_numbers_on_logarithmic_axes(size, layout, new_axes):
    report = make_report(5)
    report["size_ratio"] = np.geomspace(1e-4, 2, 160).reshape(40, 4)
    ax = new_axes(figsize=size, layout=layout)
    drawn = ConflictDisplay(report=report, names=NAMES, smooth=1).plot(ax)
    drawn.figure_.draw_without_rendering()
    panel = drawn.axes_[1]
    low, high = panel.get_ylim()
    ticks = panel.yaxis.get_major_ticks()
    boxes = [
        tick.label1.get_window_extent()
        for tick in ticks
        if low <= tick.get_loc() <= high
    ]
    assert 2 <= len(boxes) <= 9
    for below, above in pairwise(boxes):
        assert not below.overlaps(above)


@pytest.mark.parametrize("shape", [(3,), (1, 3)])
@pytest.mark.parametrize("layout", ["constrained", None])
def test_the_users_three_axes(shape, layout, new_axes):
    panels = new_axes(*shape, figsize=(8, 7), layout=layout)
    drawn = make_display(5).plot(panels)
    panels[0].figure.draw_without_rendering()
    assert drawn.axes_.tolist() == panels[0].figure.axes == panels.tolist()
    assert {panel.get_xlabel() for panel in panels} == {"round (mean of 2 rounds)"}
    # The legend took as much of each.
    sizes = np.array([panel.get_position().size for panel in panels])
    np.testing.assert_allclose(sizes, sizes[[0, 0, 0]], rtol=0.02)
    legend = drawn.legend_.get_window_extent()
    assert not any(legend.overlaps(panel.bbox) for panel in panels)


def test_two_axes_are_too_few(new_axes):
    panels = new_axes(2)
    for wrong in (panels, [panels[0]], [*panels, 3], 3):
        with pytest.raises(ValueError, match="ax must be matplotlib axes or three"):
            make_display().plot(wrong)


def test_neighbours_and_insets(new_axes):
    left, right = new_axes(1, 2, figsize=(9, 5), layout=None)
    other, cell = right.get_position().bounds, left.get_position()
    drawn = make_display().plot(left)
    assert right.get_position().bounds == other
    for panel in drawn.axes_:
        box = panel.get_position()
        assert box.x0 >= cell.x0 - 1e-9
        assert box.y0 >= cell.y0 - 1e-9
        assert box.x1 <= cell.x1 + 1e-9
        assert box.y1 <= cell.y1 + 1e-9
    for place, height in (((0.2, 0.2, 0.6, 0.6), 5), ((0.1, 0.2, 0.8, 0.2), 8)):
        figure = new_axes(figsize=(10, height), layout=None).figure
        make_display().plot(figure.add_axes(place))
        make_display().plot(figure.axes[0].inset_axes((0.5, 0.5, 0.4, 0.4)))
        figure.draw_without_rendering()


@pytest.mark.parametrize("size", [(7, 5), (9, 3)])
@pytest.mark.parametrize("layout", ["constrained", None])
def test_ink_is_that_of_the_axes(size, layout):
    pyplot = pytest.importorskip("matplotlib.pyplot", reason="plots need matplotlib")
    from matplotlib.colors import to_rgba
    from matplotlib.figure import Figure

    with pyplot.style.context("dark_background"):
        ax = Figure(figsize=size, layout=layout).subplots()
    report = make_report(3)
    report["reversed"][:] = np.nan
    drawn = ConflictDisplay(report=report, names=NAMES[:3]).plot(ax)
    drawn.figure_.draw_without_rendering()
    inks = {to_rgba(text.get_color()) for text in drawn.legend_.get_texts()}
    for panel in drawn.axes_:
        texts = [panel.xaxis.label, *panel.get_xticklabels(), *panel.texts]
        texts += [*panel.get_yticklabels(), panel._left_title]
        inks |= {to_rgba(text.get_color()) for text in texts}
        inks |= {to_rgba(spine.get_edgecolor()) for spine in panel.spines.values()}
        assert to_rgba(panel.get_facecolor()) == to_rgba("black")
    assert inks == {to_rgba("white")}


@pytest.mark.parametrize("style", ["default", "dark_background", "ggplot"])
def test_makes_its_own_figure_in_any_style(style):
    pyplot = pytest.importorskip("matplotlib.pyplot", reason="plots need matplotlib")
    pyplot.switch_backend("agg")
    with pyplot.style.context(style):
        drawn = ConflictDisplay.from_estimator(Fitted().fit(make_report(5), NAMES))
        drawn.figure_.canvas.draw()
    pyplot.close(drawn.figure_)


# Errors -----------------------------------------------------------------------------


def without(key):
    return {k: values for k, values in make_report(3).items() if k != key}


@pytest.mark.parametrize(
    ("report", "message"),
    [
        (np.ones((3, 2)), "report must be a dict.*conflict_report_.*got ndarray"),
        (without("share"), "report has no 'share'.*may be NaN"),
        (without("reversed"), "report has no 'reversed'"),
        (
            make_report(4),
            r"\['share'\].*\(n_rounds, n_stages - 1\).*3 names.*\(40, 3\)",
        ),
        (make_report(2), "names needs all stages, the last one too"),
        ({**make_report(3), "size_ratio": [1.0, 2.0]}, r"\['size_ratio'\] must have"),
        ({key: np.empty((0, 2)) for key in KEYS}, "at least one round"),
        (
            {**make_report(3), "reversed": np.ones((7, 2))},
            "same rounds; got 40 of 'share', 40 of 'size_ratio', 7 of 'reversed'",
        ),
        ({**make_report(3), "share": np.full((40, 2), 35.0)}, "not in percent; got 35"),
        ({**make_report(3), "size_ratio": -np.ones((40, 2))}, "at least 0; got -1"),
    ],
)
def test_bad_reports(report, message, axes):
    with pytest.raises(ValueError, match=message):
        ConflictDisplay(report=report, names=NAMES[:3]).plot(axes)


def test_either_cosines_or_a_report(axes):
    cosines, report = [np.eye(2)], make_report(2, 1)
    names = NAMES[:2]
    with pytest.raises(ValueError, match="pass one of them; got neither"):
        ConflictDisplay(names=names).plot(axes)
    with pytest.raises(ValueError, match="pass one of them; got both"):
        ConflictDisplay(cosines=cosines, report=report, names=names).plot(axes)
    with pytest.raises(ValueError, match="Leave out conflict"):
        ConflictDisplay(report=report, conflict=[0.0], names=names).plot(axes)
    drawn = ConflictDisplay(cosines=cosines, names=names).plot(axes)
    assert drawn.axes_ is drawn.lines_ is drawn.legend_ is None


def test_errors_of_from_estimator():
    with pytest.raises(ValueError, match="without a round of boosting"):
        ConflictDisplay.from_estimator(Fitted().fit(make_report(3, 0), NAMES[:3]))
    with pytest.raises(ValueError, match="at least two objectives"):
        ConflictDisplay(report=make_report(2), names=["click"]).plot()
