"""The report card's picture."""

import sys

import numpy as np
import pytest

from skmo.inspection import ReportCardDisplay

CHANGES = [0.01, -0.02, 0.001, np.nan]


@pytest.fixture
def axes():
    figure = pytest.importorskip("matplotlib.figure", reason="plots need matplotlib")
    return figure.Figure().subplots()


def make_display(**options):
    return ReportCardDisplay(
        names=["click", "long_view", "a_name_of_more_than_26_letters", "rare"],
        metrics=["AUC", "AUC", "R2", "AUC"],
        separate=[0.7, 0.6, 0.5, np.nan],
        skmo=np.add([0.7, 0.6, 0.5, 0.5], CHANGES),
        tolerance=0.002,
        **options,
    )


def test_dots_stand_at_the_changes(axes):
    from matplotlib.colors import to_rgba

    from skmo.inspection._report_card import BETTER, SAME, WORSE

    display = make_display(seconds={"separate": 4.0, "skmo": 2.0}).plot(ax=axes)
    assert display.ax_ is axes
    assert display.figure_ is axes.figure
    dots = display.ax_.collections
    offsets = np.vstack([dot.get_offsets() for dot in dots])
    expected = [[0, 0], [0.01, 0], [0, 1], [-0.02, 1], [0, 2], [0.001, 2]]
    np.testing.assert_allclose(offsets, expected, atol=1e-12)
    colours = [tuple(dot.get_facecolor()[0]) for dot in dots[1::2]]
    assert colours == [to_rgba(colour) for colour in (BETTER, WORSE, SAME)]
    low, high = display.ax_.get_xlim()
    assert low < -0.02
    assert high > 0.01


def test_labels_name_scores_and_times(axes):
    options = {"seconds": {"separate": 4.0, "skmo": 2.0}, "verdict": "click rose."}
    display = make_display(**options).plot(ax=axes)
    labels = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert labels[0] == "click  (AUC)"
    assert labels[2] == "a_name_of_more_than_26_le…  (R²)"
    texts = [text.get_text() for text in display.ax_.texts]
    assert {"+0.0100", "−0.0200", "+0.0010", "not scored"} <= set(texts)
    assert {"0.7000 → 0.7100", "– → –"} <= set(texts)
    assert "click rose." in texts
    title = display.ax_.get_title(loc="left")
    assert title == "skmo (2.0 s) against separate LightGBM (4.0 s)"


def test_long_verdicts_are_wrapped_and_cut(axes):
    verdict = " ".join(f"target{k} fell by 0.0123," for k in range(40))
    display = make_display(verdict=verdict).plot(ax=axes)
    (text,) = (t for t in axes.texts if t.get_text().startswith("target0 fell"))
    lines = text.get_text().splitlines()
    assert len(lines) == 4
    assert lines[-1].endswith("…")
    assert display.figure_ is axes.figure


@pytest.mark.parametrize(
    "changes",
    [
        [0.005, 0.007, 0.03],
        [-0.0006, -0.3],
        [0.0],
        [0.01, -0.0123, 0.0005, np.nan],
        np.linspace(-0.05, 0.01, 14),
    ],
)
@pytest.mark.parametrize("extras", [False, True], ids=["", "folds and peers"])
@pytest.mark.parametrize("width", [8, 5])
def test_no_text_meets_another_text_or_a_dot(changes, extras, width):
    figure = pytest.importorskip("matplotlib.figure", reason="plots need matplotlib")
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox

    n = len(changes)
    options = {}
    if extras:
        half = 0.5 * np.abs(changes)
        options = {
            "intervals": np.column_stack([changes - half, changes + half]),
            "confidence": 0.95,
            "peers": {"catboost": np.full(n, 0.71), "forest": np.full(n, 0.1)},
        }
    height = ReportCardDisplay.figure_size(n, len(options.get("peers", ())))[1]
    axes = figure.Figure(
        figsize=(width, height + (width < 8)), layout="constrained"
    ).subplots()
    ReportCardDisplay(
        names=[f"objective_with_a_long_name_{k}" for k in range(n)],
        metrics=["AUC"] * n,
        separate=np.full(n, 0.7),
        skmo=np.add(0.7, changes),
        tolerance=0.002,
        seconds={"separate": 10.0, "skmo": 10.0},
        verdict="No Pareto improvement: " + "a fell by 0.0123, " * n,
        **options,
    ).plot(ax=axes)
    axes.figure.draw_without_rendering()
    low, high = axes.get_xlim()
    ticks = [t for t in axes.get_xticklabels() if low <= t.get_position()[0] <= high]
    title = axes.get_title(loc="left")
    titles = [t for t in axes.findobj(Text) if t.get_text() == title]
    texts = [*axes.texts, *axes.get_yticklabels(), *ticks, axes.xaxis.label, *titles]
    if extras:
        texts += axes.get_legend().get_texts()
    texts = [text for text in texts if text.get_text()]
    boxes = [text.get_window_extent() for text in texts]
    assert len(boxes) >= (3 if width == 8 else 2) * n + 6
    dots = [
        Bbox.from_bounds(*axes.transData.transform((x, row)) - 5, 10, 10)
        for row, change in enumerate(changes)
        for x in (0, change)
        if np.isfinite(change)
    ]
    meeting = [
        (text.get_text(), other)
        for i, (text, box) in enumerate(zip(texts, boxes, strict=True))
        for other in [*boxes[i + 1 :], *dots]
        if box.overlaps(other)
    ]
    assert meeting == []
    width, height = axes.figure.bbox.size
    for box in boxes:
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= width
        assert box.y1 <= height


def test_intervals_and_the_line_of_what_is_no_worse(axes):
    intervals = [[0.001, 0.02], [-0.03, -0.01], [-0.001, 0.003], [np.nan, np.nan]]
    display = make_display(intervals=intervals, confidence=0.9).plot(ax=axes)
    lines = [line for line in axes.lines if line.get_marker() == "|"]
    np.testing.assert_allclose([line.get_xdata() for line in lines], intervals[:3])
    assert [line.get_ydata()[0] for line in lines] == [0, 1, 2]
    assert display.ax_.get_xlabel().endswith("bars: 90 % intervals over folds")
    (edge,) = (line for line in axes.lines if line.get_xdata()[0] == -0.002)
    assert edge.get_linestyle() != "-"
    assert "no worse: −0.002" in [text.get_text() for text in axes.texts]


def test_peers_have_marks_and_a_legend(axes):
    peers = {
        "catboost": [0.705, np.nan, 0.5, np.nan],
        "forest": [0.7, 0.1, 0.9, 0.5],
        "mine": [0.7, 0.6, 0.5, np.nan],
        "xgboost_joint": [np.nan] * 4,
    }
    make_display(peers=peers).plot(ax=axes)
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["skmo", "separate", "CatBoost", "random forest", "mine"]
    low, high = axes.get_xlim()
    # One mark below its row each; forest's far-off ones are arrows at the edges.
    marks = {mark.get_label(): mark.get_offsets() for mark in axes.collections}
    np.testing.assert_allclose(marks["CatBoost"][:, 0], [0.005, 0], atol=1e-12)
    np.testing.assert_allclose(marks["random forest"][:, 0], [0], atol=1e-12)
    at = [x for mark in axes.collections for x in mark.get_offsets()[:, 0]]
    assert all(low <= x <= high for x in at)
    assert low > -0.1
    assert high < 0.1


def test_makes_its_own_figure_8_inches_wide():
    pyplot = pytest.importorskip("matplotlib.pyplot", reason="plots need matplotlib")
    pyplot.switch_backend("agg")
    display = make_display().plot()
    assert display.figure_.get_size_inches()[0] == 8
    assert tuple(display.figure_.get_size_inches()) == display.figure_size(4)
    display.figure_.canvas.draw()
    pyplot.close(display.figure_)


def test_no_change_at_all(axes):
    display = ReportCardDisplay(
        names=["a"], metrics=["AUC"], separate=[0.5], skmo=[0.5]
    ).plot(ax=axes)
    low, high = display.ax_.get_xlim()
    assert low < 0 < high


def test_from_result(axes):
    from skmo.comparison import ComparisonResult

    record = {"objective": "click", "metric": "AUC", "separate": 0.7, "skmo": 0.8}
    result = ComparisonResult(
        [{**record, "difference": 0.1}],
        seconds={"separate": 1.0, "skmo": 1.0},
        n_rows={},
        tolerance=0.01,
    )
    folds = ComparisonResult(
        [{**record, "difference": 0.1, "lower": 0.0, "upper": 0.2, "forest": 0.75}],
        seconds={"separate": 1.0, "skmo": 1.0, "forest": 1.0},
        n_rows={},
        tolerance=0.01,
        peers=["forest"],
        confidence=0.95,
        fold_records=[{"fold": 0}, {"fold": 1}],
    )
    drawn = folds.plot(ax=axes.figure.subplots())
    assert drawn.intervals.tolist() == [[0.0, 0.2]]
    assert drawn.peers == {"forest": [0.75]}
    assert drawn.confidence == 0.95
    for display in (
        ReportCardDisplay.from_result(result, ax=axes),
        result.plot(ax=axes.figure.subplots()),
    ):
        assert display.tolerance == 0.01
        assert (display.names, display.separate) == (["click"], [0.7])
        assert display.verdict == result.verdict


def test_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'pip install "skmo\[plot\]"'):
        make_display().plot()
