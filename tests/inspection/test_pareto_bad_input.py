"""Pictures of Pareto fronts: bad input."""

import sys

import numpy as np
import pytest

from skmo.inspection import ParetoFrontDisplay
from tests.inspection.pareto_fronts import FRONT, make_display


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
        ({"bounds": {0: 0.1, -2: 0.2}}, "bounds must name every objective once; -2"),
        ({"bounds": {0: "high"}}, "bounds must hold numbers; got 'high'"),
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
