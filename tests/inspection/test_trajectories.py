"""Pictures over the rounds: convergence, conflict, weights."""

import sys
from itertools import pairwise

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from skmo.inspection import ConflictDisplay, ConvergenceDisplay, WeightsDisplay

DISPLAYS = [ConvergenceDisplay, ConflictDisplay, WeightsDisplay]
N_ROUNDS = 40


class Fitted(BaseEstimator):
    """What the displays read of an estimator, without training one."""

    def fit(self, history, names, n_iter):
        self.history_ = history
        self.objective_names_ = names
        self.n_iter_ = n_iter
        return self


def make_history(n_objectives, n_rounds=N_ROUNDS, *, validated=True, seed=0):
    """The last objective stops after three quarters if there are others."""
    rng = np.random.default_rng(seed)
    at = np.arange(n_rounds)[:, None]
    losses = rng.uniform(0.5, 5, n_objectives) * (0.5 + np.exp(-at / 15))
    weights = rng.uniform(0.1, 1, (n_rounds, n_objectives))
    steps = rng.normal(size=(n_rounds, n_objectives, 3))
    steps /= np.linalg.norm(steps, axis=2, keepdims=True)
    cosines = (steps @ steps.transpose(0, 2, 1)).astype(np.float32)
    if n_objectives > 1:
        stop = 3 * n_rounds // 4
        weights[stop:, -1] = 0
        cosines[stop:, -1] = cosines[stop:, :, -1] = np.nan
    pairs = cosines[:, *np.triu_indices(n_objectives, 1)]
    conflict = np.full(n_rounds, np.nan)
    some = np.isfinite(pairs).any(axis=1)
    conflict[some] = np.nanmean(
        np.where(np.isnan(pairs[some]), np.nan, pairs[some] < 0), axis=1
    )
    history = {
        "train_loss": losses,
        "weights": weights / weights.sum(axis=1, keepdims=True),
        "seconds": np.full(n_rounds, 0.01),
        "cosines": cosines,
        "conflict": conflict,
        "gap": np.exp(-at[:, 0] / 5),
    }
    if validated:
        history["val_loss"] = losses * (1 + 0.01 * at)
    return history


def make_estimator(n_objectives, n_rounds=N_ROUNDS, *, long=False, **options):
    prefix = "an_objective_with_a_name_of_some_length_" if long else "target"
    return Fitted().fit(
        make_history(n_objectives, n_rounds, **options),
        [f"{prefix}{k}" for k in range(n_objectives)],
        np.maximum(n_rounds - np.arange(n_objectives), 0),
    )


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


def legend_texts(display):
    return [text.get_text() for text in display.legend_.get_texts()]


# All three --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("display", "n_objectives"),
    [
        (display, n_objectives)
        for display in DISPLAYS
        for n_objectives in (1, 2, 5, 20)
        if n_objectives > 1 or display is not ConflictDisplay
    ],
)
@pytest.mark.parametrize(
    ("size", "layout"),
    [
        ((8, 6), "constrained"),
        ((3, 3), "tight"),
        ((9, 3), "tight"),
        ((3, 3), None),
    ],
)
def test_draws_in_any_axes(display, n_objectives, size, layout, new_axes, request):
    ax = new_axes(figsize=size, layout=layout)
    estimator = make_estimator(n_objectives, long=True, validated=layout is None)
    if layout == "tight" and size == (3, 3):
        # Matplotlib says itself that names leave no room.
        request.applymarker(pytest.mark.filterwarnings("ignore:Tight layout"))
    drawn = display.from_estimator(estimator, ax=ax)
    assert isinstance(drawn, display)
    assert drawn.ax_ is ax
    assert drawn.figure_ is ax.figure
    ax.figure.draw_without_rendering()


@pytest.mark.parametrize("display", DISPLAYS)
@pytest.mark.parametrize("n_rounds", [1, 2])
def test_draws_few_rounds(display, n_rounds, axes):
    display.from_estimator(make_estimator(3, n_rounds), ax=axes)
    axes.figure.draw_without_rendering()


@pytest.mark.parametrize("display", DISPLAYS)
@pytest.mark.parametrize("style", ["default", "dark_background", "ggplot"])
def test_makes_its_own_figure_in_any_style(display, style):
    pyplot = pytest.importorskip("matplotlib.pyplot", reason="plots need matplotlib")
    pyplot.switch_backend("agg")
    with pyplot.style.context(style):
        drawn = display.from_estimator(make_estimator(9))
        drawn.figure_.canvas.draw()
    pyplot.close(drawn.figure_)


@pytest.mark.parametrize("display", [ConvergenceDisplay, WeightsDisplay])
@pytest.mark.parametrize("n_objectives", [2, 10, 20])
@pytest.mark.parametrize(
    ("size", "layout"),
    [((8, 5), "constrained"), ((3, 4), "constrained"), ((4, 4), None), ((3, 4), None)],
)
def test_legends_are_beside_the_data_and_in_the_figure(
    display, n_objectives, size, layout, new_axes
):
    ax = new_axes(figsize=size, layout=layout)
    drawn = display.from_estimator(make_estimator(n_objectives), ax=ax)
    ax.figure.draw_without_rendering()
    legend = drawn.legend_.get_window_extent()
    assert all(not legend.overlaps(part.bbox) for part in ax.figure.axes)
    labels = [part.xaxis.label for part in ax.figure.axes if part.get_xlabel()]
    assert all(not legend.overlaps(text.get_window_extent()) for text in labels)
    figure = ax.figure.bbox
    assert legend.x0 >= 0
    assert legend.y0 >= 0
    assert legend.x1 <= figure.x1


@pytest.mark.parametrize("display", DISPLAYS)
def test_neighbours_keep_their_place_where_there_is_no_layout(display, new_axes):
    left, right = new_axes(1, 2, figsize=(8, 5), layout=None)
    cell, other = left.get_position().bounds, right.get_position().bounds
    display.from_estimator(make_estimator(4), ax=left)
    assert right.get_position().bounds == other
    for part in left.figure.axes:
        if part is not right:
            x, y, width, height = part.get_position().bounds
            assert x >= cell[0] - 1e-9
            assert y >= cell[1] - 1e-9
            assert x + width <= cell[0] + cell[2] + 1e-9
            assert y + height <= cell[1] + cell[3] + 1e-9


@pytest.mark.parametrize("display", DISPLAYS)
def test_axes_outside_grids_and_in_subfigures(display):
    module = pytest.importorskip("matplotlib.figure", reason="plots need matplotlib")
    figure = module.Figure(figsize=(8, 5))
    display.from_estimator(make_estimator(4), ax=figure.add_axes((0.2, 0.2, 0.7, 0.7)))
    inset = figure.subplots().inset_axes((0.5, 0.5, 0.4, 0.4))
    display.from_estimator(make_estimator(4), ax=inset)
    figure.draw_without_rendering()
    figure = module.Figure(figsize=(8, 5), layout="constrained")
    half = figure.subfigures(1, 2)[1]
    drawn = display.from_estimator(make_estimator(4), ax=half.subplots())
    assert drawn.figure_ is half
    figure.draw_without_rendering()


@pytest.mark.parametrize("display", DISPLAYS)
def test_names_are_shown_as_they_are(display, new_axes):
    ax = new_axes(figsize=(9, 7))
    estimator = make_estimator(3)
    names = ["_hidden", "a$_$b", "the_beginning_and_then_the_end"]
    estimator.objective_names_ = names
    drawn = display.from_estimator(estimator, ax=ax)
    ax.figure.draw_without_rendering()
    if display is ConflictDisplay:
        assert [text.get_text() for text in ax.get_yticklabels()] == [
            "_hidden",
            r"a\$_\$b",
            "the_beg…he_end",
        ]
    else:
        expected = ["_hidden", r"a\$_\$b", "the_begin…_the_end"]
        assert set(expected) <= set(legend_texts(drawn))


@pytest.mark.parametrize("display", DISPLAYS)
def test_ink_is_that_of_the_axes(display):
    pyplot = pytest.importorskip("matplotlib.pyplot", reason="plots need matplotlib")
    from matplotlib.colors import to_rgba
    from matplotlib.figure import Figure

    with pyplot.style.context("dark_background"):
        ax = Figure(layout="constrained").subplots()
    drawn = display.from_estimator(make_estimator(20), ax=ax)
    white = to_rgba("white")
    if display is ConflictDisplay:
        assert to_rgba(drawn.colorbar_.ax.yaxis.label.get_color()) == white
    else:
        texts = drawn.legend_.get_texts()
        assert {to_rgba(text.get_color()) for text in texts} == {white}


@pytest.mark.parametrize("display", DISPLAYS)
def test_errors_of_from_estimator(display):
    from skmo import MultiObjectiveEstimator

    with pytest.raises(NotFittedError):
        display.from_estimator(MultiObjectiveEstimator())
    with pytest.raises(ValueError, match="without a round of boosting"):
        display.from_estimator(make_estimator(3, 0))
    other = make_estimator(3)
    del other.history_
    with pytest.raises(ValueError, match="Fitted has none"):
        display.from_estimator(other)
    keys = {
        ConvergenceDisplay: ["gap"],
        ConflictDisplay: ["cosines", "conflict"],
        WeightsDisplay: ["weights"],
    }
    for key in keys[display]:
        older = make_estimator(3)
        del older.history_[key]
        with pytest.raises(ValueError, match=f"no '{key}'.*older version.*again"):
            display.from_estimator(older)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ConvergenceDisplay(losses=[[1.0]], names=["a"]),
        lambda: ConflictDisplay(cosines=[np.eye(2)], names=["a", "b"]),
        lambda: WeightsDisplay(weights=[[1.0]], names=["a"]),
    ],
)
def test_without_matplotlib(make, monkeypatch):
    display = make()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'pip install "skmo\[plot\]"') as caught:
        display.plot()
    assert type(display).__name__ in str(caught.value)


@pytest.mark.parametrize("display", DISPLAYS)
def test_draws_a_real_fit(display, new_axes):
    from skmo import MultiObjectiveEstimator
    from skmo.datasets import make_feed

    X, Y = make_feed(300, random_state=0)
    model = MultiObjectiveEstimator(n_estimators=4, heads="none", random_state=0)
    model.fit(X, Y)
    drawn = display.from_estimator(model, ax=new_axes())
    drawn.figure_.draw_without_rendering()


# Convergence ------------------------------------------------------------------------


def test_losses_are_relative_to_the_first_round(axes):
    estimator = make_estimator(3)
    drawn = ConvergenceDisplay.from_estimator(estimator, ax=axes)
    losses = estimator.history_["val_loss"]
    lines = np.column_stack([line.get_ydata() for line in drawn.lines_])
    np.testing.assert_allclose(lines, losses / losses[0])
    assert drawn.lines_[0].get_xdata().tolist() == [*range(1, N_ROUNDS + 1)]
    at = estimator.n_iter_ - 1
    expected = np.column_stack([at + 1, lines[at, range(3)]])
    np.testing.assert_allclose(drawn.dots_.get_offsets(), expected)
    assert drawn.median_line_ is None
    assert axes.get_ylabel() == "validation loss (first = 1)"
    assert legend_texts(drawn) == estimator.objective_names_
    np.testing.assert_array_equal(
        drawn.gap_line_.get_ydata(), estimator.history_["gap"]
    )
    assert drawn.gap_ax_.get_xlim() == axes.get_xlim()
    assert drawn.gap_ax_.get_yscale() == "log"


def test_kind_of_loss(new_axes):
    estimator = make_estimator(2)
    drawn = ConvergenceDisplay.from_estimator(
        estimator, kind="train_loss", ax=new_axes()
    )
    losses = estimator.history_["train_loss"]
    np.testing.assert_allclose(drawn.lines_[1].get_ydata(), losses[:, 1] / losses[0, 1])
    assert drawn.ax_.get_ylabel() == "training loss (first = 1)"
    estimator = make_estimator(2, validated=False)
    drawn = ConvergenceDisplay.from_estimator(estimator, ax=new_axes())
    assert drawn.kind == "train_loss"
    with pytest.raises(ValueError, match=r"X_val, y_val.*kind='train_loss'"):
        ConvergenceDisplay.from_estimator(estimator, kind="val_loss")
    with pytest.raises(ValueError, match="kind must be"):
        ConvergenceDisplay.from_estimator(estimator, kind="loss")


def test_many_objectives_have_best_worst_and_median(axes):
    from skmo.inspection._rounds import BEST, WORST

    estimator = make_estimator(20)
    losses = np.ones((N_ROUNDS, 20))
    losses[1:] = np.linspace(0.9, 0.5, 20)
    losses[1:, 4] = 0.2
    losses[1:, 7] = 1.1
    losses[1:, 9] = np.nan
    estimator.history_["val_loss"] = losses
    drawn = ConvergenceDisplay.from_estimator(estimator, ax=axes)
    assert [k for k in range(20) if drawn.lines_[k].get_color() == BEST] == [4]
    assert [k for k in range(20) if drawn.lines_[k].get_color() == WORST] == [7]
    np.testing.assert_allclose(
        drawn.median_line_.get_ydata(), np.nanmedian(losses, axis=1)
    )
    expected = ["best: target4", "worst: target7", "median of 20", "18 others"]
    assert legend_texts(drawn) == expected


def test_best_is_judged_where_its_dot_is(axes):
    losses = np.ones((3, 11))
    losses[1, 0] = 0.1
    losses[2, 1] = 0.5
    names = [f"t{k}" for k in range(11)]
    options = {"losses": losses, "names": names}
    drawn = ConvergenceDisplay(n_iter=[2, *[3] * 10], **options).plot(axes)
    assert legend_texts(drawn)[0] == "best: t0"
    drawn = ConvergenceDisplay(**options).plot(axes)
    assert legend_texts(drawn)[0] == "best: t1"
    assert drawn.dots_ is None


def test_losses_that_are_not_measured(axes):
    losses = [
        [np.nan, 4.0, np.nan, 0.0],
        [2.0, np.nan, np.nan, 0.0],
        [1.0, 2, np.nan, 1],
    ]
    drawn = ConvergenceDisplay(
        losses=losses, names=list("abcd"), n_iter=[1, 3, 3, 0]
    ).plot(axes)
    lines = [line.get_ydata() for line in drawn.lines_]
    np.testing.assert_allclose(lines[0], [np.nan, 1, 0.5])
    np.testing.assert_allclose(lines[1], [1, np.nan, 0.5])
    np.testing.assert_allclose(lines[2], [np.nan] * 3)
    np.testing.assert_allclose(lines[3], [1, 1, np.nan])
    assert legend_texts(drawn) == ["a", "b", "c (no loss)", "d"]
    seen = ~np.ma.getmaskarray(drawn.dots_.get_offsets()).any(axis=1)
    assert seen.tolist() == [False, True, False, False]
    axes.figure.draw_without_rendering()


def test_nothing_measured_at_all(new_axes):
    for n_objectives in (2, 12):
        losses = np.full((3, n_objectives), np.nan)
        names = [f"t{k}" for k in range(n_objectives)]
        gap = [np.nan] * 3
        ax = new_axes()
        ConvergenceDisplay(losses=losses, names=names, gap=gap).plot(ax)
        ax.figure.draw_without_rendering()


def test_negative_losses_that_fall_go_down(axes):
    drawn = ConvergenceDisplay(losses=[[-1.0], [-1.5]], names=["a"]).plot(axes)
    np.testing.assert_allclose(drawn.lines_[0].get_ydata(), [1, 0.5])


def test_axes_are_logarithmic_where_that_reads_better(new_axes):
    def scales(losses, gap):
        drawn = ConvergenceDisplay(losses=losses, names=["a"], gap=gap).plot(new_axes())
        drawn.figure_.draw_without_rendering()
        return drawn.ax_.get_yscale(), drawn.gap_ax_.get_yscale()

    assert scales([[1.0], [0.5]], [1.0, 0.9]) == ("linear", "linear")
    assert scales([[1.0], [0.01]], [1.0, 0.01]) == ("log", "log")
    assert scales([[1.0], [0.0]], [1.0, 0.0]) == ("linear", "linear")
    assert scales([[1.0], [0.9], [0.8]], [1.0, 0.0, 1e-3])[1] == "log"
    assert scales([[1.0], [0.9]], [0.0, 0.0])[1] == "linear"


@pytest.mark.parametrize("span", [21, 80, 2e3, 1e14])
@pytest.mark.parametrize(
    ("size", "layout"),
    [
        ((7, 5), "constrained"),
        ((3, 3), None),
        ((9, 3), "constrained"),
        ((10, 12), None),
    ],
)
def test_logarithmic_axes_have_few_plain_numbers(span, size, layout, new_axes):
    ax = new_axes(figsize=size, layout=layout)
    down = span ** -np.linspace(0, 1, N_ROUNDS)
    losses = np.column_stack([down, np.sqrt(down)])
    drawn = ConvergenceDisplay(losses=losses, names=["a", "b"], gap=0.8 * down)
    drawn.plot(ax)
    ax.figure.draw_without_rendering()
    for part in (drawn.ax_, drawn.gap_ax_):
        assert part.get_yscale() == "log"
        low, high = part.get_ylim()
        ticks = part.yaxis.get_major_ticks()
        labels = [tick.label1 for tick in ticks if low <= tick.get_loc() <= high]
        boxes = [label.get_window_extent() for label in labels]
        assert not any(below.overlaps(above) for below, above in pairwise(boxes))
        assert 2 <= len(labels) <= 9
        texts = [label.get_text() for label in labels]
        assert [f"{float(text):g}" for text in texts] == texts
        assert not any(label.get_text() for label in part.get_yminorticklabels())


def test_the_gap_has_a_panel_below_or_the_users(new_axes):
    estimator = make_estimator(3)
    alone = new_axes()
    drawn = ConvergenceDisplay.from_estimator(estimator, gap=False, ax=alone)
    assert drawn.gap_ax_ is drawn.gap_line_ is None
    assert alone.figure.axes == [alone]
    del estimator.history_["gap"]
    ConvergenceDisplay.from_estimator(estimator, gap=False, ax=new_axes())

    single = new_axes()
    drawn = ConvergenceDisplay.from_estimator(make_estimator(3), ax=single)
    single.figure.draw_without_rendering()
    assert drawn.gap_ax_.get_position().y1 < single.get_position().y0
    assert drawn.gap_ax_.get_xlabel() == "round"
    assert single.get_xlabel() == ""

    pair = new_axes(2)
    drawn = ConvergenceDisplay.from_estimator(make_estimator(3), ax=pair)
    assert (drawn.ax_, drawn.gap_ax_) == tuple(pair)
    assert pair[0].figure.axes == list(pair)
    with pytest.raises(ValueError, match="pair of axes, but there is no gap"):
        ConvergenceDisplay.from_estimator(estimator, gap=False, ax=pair)
    for wrong in (new_axes(3), [pair[0]], 3):
        with pytest.raises(ValueError, match="ax must be"):
            ConvergenceDisplay.from_estimator(make_estimator(3), ax=wrong)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"losses": [1.0, 2.0]}, r"losses must have the shape \(n_rounds, n_obj"),
        ({"losses": [[1.0]]}, "2 names"),
        ({"losses": np.empty((0, 2))}, "at least one round"),
        ({"losses": np.ones((3, 2)), "gap": [1.0]}, "gap .* 3 rounds; got 1"),
        ({"losses": np.ones((3, 2)), "gap": np.ones((3, 2))}, "gap must have"),
        ({"losses": np.ones((3, 2)), "n_iter": [1]}, "n_iter must have"),
    ],
)
def test_errors_of_convergence(options, message, axes):
    with pytest.raises(ValueError, match=message):
        ConvergenceDisplay(names=["a", "b"], **options).plot(axes)


# Conflict ---------------------------------------------------------------------------


def test_cosines_are_averaged_where_both_learn(axes):
    estimator = make_estimator(4)
    drawn = ConflictDisplay.from_estimator(estimator, smooth=1, ax=axes)
    expected = np.nanmean(estimator.history_["cosines"].astype(float), axis=0)
    np.testing.assert_allclose(drawn.mean_cosines_, expected)
    np.testing.assert_array_equal(drawn.image_.get_array(), drawn.mean_cosines_)
    assert drawn.image_.get_clim() == (-1, 1)
    texts = [[text.get_text() for text in row] for row in drawn.text_]
    assert texts[0][0] == "1.00"
    assert texts[1][2] == f"{expected[1, 2]:.2f}".replace("-", "−")
    conflict = estimator.history_["conflict"]
    np.testing.assert_allclose(drawn.line_.get_ydata(), conflict)
    low, high = drawn.conflict_ax_.get_ylim()
    assert low < 0
    assert high > 1
    assert drawn.conflict_ax_.get_title(loc="left") == "pairs in conflict"


@pytest.mark.parametrize(
    ("rounds", "expected"),
    [
        (slice(0, 2), 0.3),
        (slice(-1, None), -1.0),
        (range(1, 3), -0.2),
        ([2], -1.0),
        (np.array([True, False, False]), 0.0),
        (None, -0.4 / 3),
    ],
)
def test_rounds_to_average_over(rounds, expected, axes):
    cosines = [[[1, c], [c, 1]] for c in (0.0, 0.6, -1.0)]
    options = {"names": ["a", "b"], "conflict": [0, 0, 1.0], "rounds": rounds}
    drawn = ConflictDisplay(cosines=cosines, **options).plot(axes)
    np.testing.assert_allclose(drawn.mean_cosines_[0, 1], expected)


@pytest.mark.parametrize("rounds", [slice(5, 9), [], range(2, 9), [0.5], "all"])
def test_rounds_that_are_not_there(rounds, axes):
    cosines = np.ones((3, 2, 2))
    with pytest.raises(ValueError, match="rounds"):
        ConflictDisplay(cosines=cosines, names=["a", "b"], rounds=rounds).plot(axes)


def test_values_are_written_for_up_to_eight(new_axes):
    for n_objectives, written in ((8, True), (9, False)):
        drawn = ConflictDisplay.from_estimator(
            make_estimator(n_objectives), ax=new_axes(figsize=(8, 8))
        )
        assert (drawn.text_ is not None) == written


def test_objectives_that_never_learned_together(axes):
    cosines = np.full((2, 2, 2), np.nan)
    cosines[0, 0, 0] = cosines[1, 1, 1] = 1
    conflict = [np.nan, np.nan]
    drawn = ConflictDisplay(cosines=cosines, names=["a", "b"], conflict=conflict)
    drawn.plot(axes)
    np.testing.assert_array_equal(drawn.mean_cosines_, [[1, np.nan], [np.nan, 1]])
    assert drawn.text_[0, 1].get_text() == "–"
    axes.figure.draw_without_rendering()


def test_shares_are_left_out_where_no_pair_has_a_sign(new_axes):
    estimator = make_estimator(3)
    estimator.history_["cosines"] = np.abs(estimator.history_["cosines"])
    estimator.history_["conflict"] = np.full(N_ROUNDS, np.nan)
    drawn = ConflictDisplay.from_estimator(estimator, ax=new_axes())
    assert drawn.conflict_ax_ is drawn.line_ is None
    bar = drawn.colorbar_.ax
    assert drawn.figure_.axes == [drawn.ax_, bar]
    drawn.figure_.draw_without_rendering()
    pair = new_axes(2)
    drawn = ConflictDisplay.from_estimator(estimator, ax=pair)
    assert drawn.conflict_ax_ is pair[1]
    assert drawn.line_ is None
    assert [text.get_text() for text in pair[1].texts] == ["no pairs with a sign"]
    assert not pair[1].axison
    drawn.figure_.draw_without_rendering()


@pytest.mark.parametrize(
    ("smooth", "expected"),
    [
        (1, [0, 0.5, np.nan, 1, np.nan, 0.5, 1]),
        (3, [0.25, 0.25, np.nan, 1, np.nan, 0.75, 0.75]),
    ],
)
def test_rounds_without_a_share_are_a_gap(smooth, expected, axes):
    conflict = [0, 0.5, np.nan, 1, np.nan, 0.5, 1]
    cosines = np.ones((7, 2, 2))
    drawn = ConflictDisplay(
        cosines=cosines, names=["a", "b"], conflict=conflict, smooth=smooth
    ).plot(axes)
    np.testing.assert_allclose(drawn.line_.get_ydata(), expected)
    assert drawn.line_.get_markevery() == [3]  # no line would show it
    axes.figure.draw_without_rendering()


def test_multiclass_objectives_have_no_share(new_axes):
    from skmo import MultiObjectiveClassifier

    rng = np.random.default_rng(0)
    X = rng.normal(size=(150, 3))
    Y = np.digitize(X[:, :2] + 0.3 * rng.normal(size=(150, 2)), [-0.5, 0.5])
    model = MultiObjectiveClassifier(n_estimators=3, heads="none", random_state=0)
    drawn = ConflictDisplay.from_estimator(model.fit(X, Y), ax=new_axes())
    assert drawn.conflict_ax_ is None
    assert (drawn.mean_cosines_ >= 0).all()


def test_no_minus_before_a_zero(axes):
    cosines = [[[1, -0.001], [-0.001, 1]]]
    drawn = ConflictDisplay(cosines=cosines, names=["a", "b"]).plot(axes)
    assert drawn.text_[0, 1].get_text() == "0.00"
    assert drawn.conflict_ax_ is drawn.line_ is None


def test_texts_are_seen_on_their_cells(axes):
    cosines = [[[1, 0, -1], [0, 1, 0], [-1, 0, 1]]]
    drawn = ConflictDisplay(cosines=cosines, names=list("abc")).plot(axes)
    colours = [text.get_color() for text in drawn.text_[0]]
    assert colours == ["white", "black", "white"]


def test_the_shares_have_a_panel_below_or_on_the_right_or_the_users(new_axes):
    estimator = make_estimator(3)
    high = ConflictDisplay.from_estimator(estimator, ax=new_axes(figsize=(5, 6)))
    high.figure_.draw_without_rendering()
    assert high.conflict_ax_.get_position().y1 < high.ax_.get_position().y0
    wide = ConflictDisplay.from_estimator(estimator, ax=new_axes(figsize=(9, 3)))
    wide.figure_.draw_without_rendering()
    assert wide.conflict_ax_.get_position().x0 > wide.ax_.get_position().x1
    pair = new_axes(1, 2)
    drawn = ConflictDisplay.from_estimator(estimator, ax=pair)
    assert (drawn.ax_, drawn.conflict_ax_) == tuple(pair)
    with pytest.raises(ValueError, match="pair of axes, but there is no conflict"):
        ConflictDisplay(cosines=np.ones((1, 2, 2)), names=["a", "b"]).plot(pair)


def test_too_many_or_too_few_objectives():
    estimator = make_estimator(65, 2)
    del estimator.history_["cosines"], estimator.history_["conflict"]
    with pytest.raises(ValueError, match=r"up to 64 .* there are 65.* columns of y"):
        ConflictDisplay.from_estimator(estimator)
    with pytest.raises(ValueError, match="at least two objectives"):
        ConflictDisplay.from_estimator(make_estimator(1))
    with pytest.raises(ValueError, match="at least two objectives"):
        ConflictDisplay(cosines=[[[1.0]]], names=["a"]).plot()
    with pytest.raises(ValueError, match="cosines must have the shape"):
        ConflictDisplay(cosines=np.eye(2), names=["a", "b"]).plot()


def test_draws_sixty_four(new_axes):
    drawn = ConflictDisplay.from_estimator(make_estimator(64, 5), ax=new_axes())
    drawn.figure_.draw_without_rendering()
    n_names = len(drawn.ax_.get_yticklabels())
    assert 1 < n_names < 64


# Weights ----------------------------------------------------------------------------


def band(area):
    """Lower and upper edge of a band at the first round."""
    (path,) = area.get_paths()
    first = path.vertices[path.vertices[:, 0] == path.vertices[:, 0].min(), 1]
    return first.min(), first.max()


def test_bands_are_stacked_in_order(axes):
    estimator = make_estimator(4)
    drawn = WeightsDisplay.from_estimator(estimator, smooth=1, ax=axes)
    weights = estimator.history_["weights"]
    np.testing.assert_allclose(drawn.weights_, weights)
    edges = [0, *weights[0].cumsum()]
    bands = [band(area) for area in drawn.areas_]
    np.testing.assert_allclose(bands, [*pairwise(edges)])
    assert drawn.labels_ == estimator.objective_names_
    assert legend_texts(drawn) == [*drawn.labels_[::-1], "equal weights"]
    assert axes.get_ylabel() == "weight"
    assert drawn.lines_ is None


def test_reference_is_what_those_that_learn_would_share(axes):
    weights = [[0.2, 0.3, 0.5], [0.5, 0.0, 0.5], [0.6, 0.4, 0.0]]
    options = {"weights": weights, "names": list("abc"), "smooth": 1}
    drawn = WeightsDisplay(**options).plot(axes)
    edges = [line.get_ydata() for line in drawn.reference_]
    # The second objective is 0 for a round, the third from there on.
    np.testing.assert_allclose(edges, [[1 / 3, 1 / 3, 0.5], [2 / 3, 2 / 3, 1]])
    drawn = WeightsDisplay(kind="line", **options).plot(axes)
    (level,) = drawn.reference_
    np.testing.assert_allclose(level.get_ydata(), [1 / 3, 1 / 3, 0.5])
    lines = [line.get_ydata() for line in drawn.lines_]
    np.testing.assert_allclose(lines, np.transpose(weights))
    assert drawn.areas_ is None


def test_who_learns_can_be_told(axes):
    # The second stopped, was revived, and like the third weighs nothing at last.
    weights = [[0.5, 0.5, 0], [1, 0, 0], [0, 0.6, 0.4], [1, 0, 0]]
    active = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1], [1, 1, 1]], dtype=bool)
    options = {"weights": weights, "names": list("abc"), "smooth": 1}
    drawn = WeightsDisplay(active=active, **options).plot(axes)
    edges = [line.get_ydata() for line in drawn.reference_]
    np.testing.assert_allclose(edges[0], [0.5, 1, 1 / 3, 1 / 3])
    np.testing.assert_allclose(edges[1], [1, 1, 2 / 3, 2 / 3])
    for wrong in (active[:, :2], active[0]):
        with pytest.raises(ValueError, match="active must have the shape"):
            WeightsDisplay(active=wrong, **options).plot(axes)
    with pytest.raises(ValueError, match=r"active .* 4 rounds; got 3"):
        WeightsDisplay(active=active[:3], **options).plot(axes)


def test_who_learns_is_read_from_the_cosines(new_axes):
    estimator = make_estimator(3)
    history = estimator.history_
    cosines = np.repeat(np.eye(3)[None], N_ROUNDS, axis=0)
    cosines[10:20, 1] = cosines[10:20, :, 1] = np.nan
    history["cosines"] = cosines
    history["weights"] = np.eye(3)[np.arange(N_ROUNDS) % 2]
    drawn = WeightsDisplay.from_estimator(estimator, smooth=1, ax=new_axes())
    first = np.full(N_ROUNDS, 1 / 3)
    first[10:20] = 0.5
    np.testing.assert_allclose(drawn.reference_[0].get_ydata(), first)
    # Without them one that is 0 up to the last round has stopped.
    del history["cosines"], history["conflict"]
    drawn = WeightsDisplay.from_estimator(estimator, smooth=1, ax=new_axes())
    assert drawn.active is None
    first = np.full(N_ROUNDS, 0.5)
    first[-1] = 0
    np.testing.assert_allclose(drawn.reference_[0].get_ydata(), first)


def test_equal_weights_lie_on_the_reference(axes):
    weights = np.full((60, 3), 1 / 3)
    weights[30:] = [0.5, 0.5, 0]
    drawn = WeightsDisplay(weights=weights, names=list("abc")).plot(axes)
    edges = np.column_stack([line.get_ydata() for line in drawn.reference_])
    np.testing.assert_allclose(edges, drawn.weights_.cumsum(axis=1)[:, :-1])


def test_the_largest_of_many_and_the_others(new_axes):
    estimator = make_estimator(20)
    weights = estimator.history_["weights"]
    drawn = WeightsDisplay.from_estimator(estimator, smooth=1, ax=new_axes())
    largest = np.argsort(-weights.mean(axis=0))[:7]
    assert drawn.labels_ == [*(f"target{k}" for k in largest), "13 others"]
    np.testing.assert_allclose(drawn.weights_[:, :7], weights[:, largest])
    np.testing.assert_allclose(drawn.weights_.sum(axis=1), 1)
    assert len(drawn.areas_) == len(drawn.reference_) + 1 == 8
    drawn = WeightsDisplay.from_estimator(
        estimator, smooth=1, kind="line", ax=new_axes()
    )
    others = np.delete(weights, largest, axis=1)
    np.testing.assert_allclose(drawn.lines_[-1].get_ydata(), others.mean(axis=1))
    assert drawn.labels_[-1] == "13 others, mean"


def test_negative_weights_are_lines(new_axes):
    options = {"weights": [[-0.5, 1.5], [0.5, 0.5]], "names": ["a", "b"]}
    drawn = WeightsDisplay(**options).plot(new_axes())
    assert drawn.areas_ is None
    assert drawn.ax_.get_ylim()[0] < -0.5
    with pytest.raises(ValueError, match="Use kind='line'"):
        WeightsDisplay(kind="area", **options).plot(new_axes())
    with pytest.raises(ValueError, match="kind must be"):
        WeightsDisplay(kind="bar", **options).plot(new_axes())


def test_a_single_objective_has_no_reference(new_axes):
    for kind in ("area", "line"):
        options = {"weights": np.ones((3, 1)), "names": ["a"], "kind": kind}
        drawn = WeightsDisplay(**options).plot(new_axes())
        assert drawn.reference_ == []
        assert legend_texts(drawn) == ["a"]


def test_moving_average(axes):
    from skmo.inspection._rounds import moving_mean

    rng = np.random.default_rng(0)
    values = rng.random((11, 2))
    values[3, 0] = values[8:, 1] = np.nan
    for window in (1, 2, 5, 11):
        expected = values.copy()
        for (at, k), value in np.ndenumerate(values):
            if np.isfinite(value):
                low = max(at - (window - 1) // 2, 0)
                expected[at, k] = np.nanmean(values[low : at + window // 2 + 1, k])
        np.testing.assert_allclose(moving_mean(values, window), expected)
    estimator = make_estimator(3)
    drawn = WeightsDisplay.from_estimator(estimator, ax=axes)
    assert axes.get_ylabel() == "weight (mean of 2 rounds)"  # a twentieth of 40
    np.testing.assert_allclose(
        drawn.weights_, moving_mean(estimator.history_["weights"], 2)
    )
    WeightsDisplay.from_estimator(estimator, smooth=1000, ax=axes)
    assert axes.get_ylabel() == "weight (mean of 40 rounds)"


@pytest.mark.parametrize("smooth", [0, -1, 2.5, True, "none", None])
def test_bad_windows(smooth, axes):
    with pytest.raises(ValueError, match="smooth must be"):
        WeightsDisplay(weights=[[1.0]], names=["a"], smooth=smooth).plot(axes)
    with pytest.raises(ValueError, match="smooth must be"):
        ConflictDisplay(cosines=[np.eye(2)], names=["a", "b"], smooth=smooth).plot(axes)
