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
    display = make_display(seconds={"separate": 4.0, "skmo": 2.0}).plot(ax=axes)
    labels = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert labels[0] == "click  (AUC)"
    assert labels[2] == "a_name_of_more_than_26_le…  (R²)"
    texts = [text.get_text() for text in display.ax_.texts]
    assert {"+0.0100", "-0.0200", "+0.0010", "not scored"} <= set(texts)
    (right,) = display.ax_.child_axes
    scores = [label.get_text() for label in right.get_yticklabels()]
    assert scores[1] == "0.7000 → 0.7100"
    assert scores[4] == "– → –"
    title = display.ax_.get_title(loc="left")
    assert title == "skmo (2.0 s) against separate LightGBM (4.0 s)"


def test_makes_its_own_figure_8_inches_wide():
    pyplot = pytest.importorskip("matplotlib.pyplot", reason="plots need matplotlib")
    pyplot.switch_backend("agg")
    display = make_display().plot()
    assert display.figure_.get_size_inches()[0] == 8
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
    for display in (
        ReportCardDisplay.from_result(result, ax=axes),
        result.plot(ax=axes.figure.subplots()),
    ):
        assert display.tolerance == 0.01
        assert (display.names, display.separate) == (["click"], [0.7])


def test_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'pip install "skmo\[plot\]"'):
        make_display().plot()
