"""The picture of a tree."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression

from skmo import MultiObjectiveEstimator, MultiObjectiveRegressor
from skmo.inspection import TreeDisplay

matplotlib = pytest.importorskip("matplotlib", reason="plots need matplotlib")

FAST = {"min_child_samples": 5, "n_jobs": 1, "random_state": 0, "heads": "none"}


def node(name, count, value, *, split=None, parent=None, left=None, right=None):
    feature, threshold, kind = split or (None, None, None)
    return {
        "node_index": f"0-{name}",
        "left_child": left and f"0-{left}",
        "right_child": right and f"0-{right}",
        "parent_index": parent and f"0-{parent}",
        "split_feature": feature,
        "threshold": threshold,
        "decision_type": kind,
        "missing_type": "NaN" if feature == "age" else "None" if feature else None,
        "missing_direction": "right" if feature else None,
        "count": count,
        "value_click": value[0],
        "value_time": value[1],
    }


def columns(rows):
    return {name: [row[name] for row in rows] for name in rows[0]}


@pytest.fixture
def nodes():
    """age splits 100 rows into 60 and 40, and kind the 40 into 10 and 30."""
    return columns(
        [
            node(
                "S0", 100, (0.1, -3), split=("age", 30.25, "<="), left="L0", right="S1"
            ),
            node("L0", 60, (0.5, -5.0), parent="S0"),
            node(
                "S1",
                40,
                (-0.5, 0.0),
                split=("kind", "book||film", "=="),
                parent="S0",
                left="L1",
                right="L2",
            ),
            node("L1", 10, (1.0, 0.0), parent="S1"),
            node("L2", 30, (-1.0, 0.0), parent="S1"),
        ]
    )


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4))
    Y = X[:, [0, 1]] @ rng.normal(size=(2, 10)) + 0.1 * rng.normal(size=(300, 10))
    return MultiObjectiveRegressor(n_estimators=3, num_leaves=12, **FAST).fit(X, Y)


def widths(display, k=0):
    return [bar.get_width() for bar in display.bars_[k]]


def words(display):
    return [text.get_text() for text in display.texts_]


def all_words(display):
    return [text.get_text() for text in display.ax_.texts]


class TestDrawing:
    def test_says_what_the_branches_take(self, nodes, new_figure):
        axes = new_figure(figsize=(12, 4)).subplots()
        display = TreeDisplay(nodes=nodes).plot(ax=axes)
        assert words(display) == [
            "age ≤ 30.2",
            "age > 30.2 ∅",
            "kind: book, film",
            "kind: others",
        ]

    def test_bars_are_the_values_over_the_greatest(self, nodes, axes):
        display = TreeDisplay(nodes=nodes).plot(ax=axes)
        assert display.names_ == ["click", "time"]
        click, time = np.array(widths(display)), np.array(widths(display, 1))
        assert_allclose(click / click.max(), [0.5, 1, -1])
        assert_allclose(time / time.min(), [1, 0, 0])
        assert {"click", "± 1", "time", "± 5"} <= set(all_words(display))

    def test_rows_are_the_leaves_with_their_counts(self, nodes, axes):
        display = TreeDisplay(nodes=nodes).plot(ax=axes)
        found = all_words(display)
        assert [found.count(n) for n in ("60", "10", "30", "40")] == [1, 1, 1, 0]
        centres = [bar.get_y() + bar.get_height() / 2 for bar in display.bars_[0]]
        assert_allclose(centres, [0, 1, 2])

    def test_thick_branches_are_taken_by_many(self, nodes, axes):
        TreeDisplay(nodes=nodes).plot(ax=axes)
        root, many, few, *_ = [line.get_linewidth() for line in axes.lines]
        assert root > many > few

    def test_leaves_below_the_greatest_depth_are_one(self, nodes, axes):
        display = TreeDisplay(nodes=nodes, max_depth=1).plot(ax=axes)
        assert_allclose(np.array(widths(display)) / max(widths(display)), [1, -1])
        assert [bar.get_alpha() for bar in display.bars_[0]] == [None, 0.5]
        found = " ".join(all_words(display))
        assert "2 leaves" in found
        assert "3 leaves; drawn to depth 1, means below (pale)" in found

    def test_takes_a_frame(self, nodes, axes):
        pd = pytest.importorskip("pandas", reason="data frames")
        whole = TreeDisplay(nodes=nodes).plot(ax=axes)
        again = TreeDisplay(nodes=pd.DataFrame(nodes)).plot(ax=axes)
        assert words(again) == words(whole)
        assert widths(again) == widths(whole)

    def test_objectives_without_a_value_are_left_out(self, nodes, axes):
        nodes["value_time"] = [np.nan] * 5
        display = TreeDisplay(nodes=nodes).plot(ax=axes)
        assert (display.names_, display.omitted_) == (["click"], ["time"])
        assert any("1 of 2 columns of values" in text for text in all_words(display))
        display = TreeDisplay(nodes=nodes, names=["time"]).plot(ax=axes)
        assert widths(display) == [0, 0, 0]
        assert "no value" in all_words(display)

    def test_long_names_lose_their_middle(self, nodes, axes):
        nodes["split_feature"][0] = "n" * 60 + "end"
        nodes["threshold"][2] = "||".join(f"category {k}" for k in range(30))
        display = TreeDisplay(nodes=nodes).plot(ax=axes)
        assert words(display)[0].startswith("nn")
        assert "…" in words(display)[0]
        assert words(display)[0].endswith("d ≤ 30.2")
        assert max(map(len, words(display))) < 40
        assert "+2" in words(display)[2]

    def test_names_are_no_formulas(self, nodes, axes):
        nodes["split_feature"][0] = "a$b$"
        TreeDisplay(nodes=nodes).plot(ax=axes)
        axes.figure.canvas.draw()

    def test_a_tree_of_one_leaf(self, axes):
        nodes = columns([node("L0", np.nan, (0.0, 0.0))])
        display = TreeDisplay(nodes=nodes).plot(ax=axes)
        assert display.texts_ == []
        assert widths(display) == [0]
        axes.figure.canvas.draw()

    @pytest.mark.parametrize(
        ("layout", "style"),
        [(None, "dark_background"), ("constrained", "default"), ("tight", "default")],
    )
    @pytest.mark.parametrize("size", [(2, 1), (7, 5), (20, 3)])
    def test_any_axes(self, fitted, new_figure, layout, size, style):
        with matplotlib.pyplot.style.context(style):
            figure = new_figure(layout=layout, figsize=size)
            left, right = figure.subplots(1, 2)
            TreeDisplay.from_estimator(fitted, ax=left)
            TreeDisplay.from_estimator(fitted, 1, ax=right, objectives=[0])
            figure.canvas.draw()

    def test_branches_do_not_meet_each_others_words(self, fitted):
        """In a figure of its own there is room for all."""
        display = TreeDisplay.from_estimator(fitted, max_depth=None)
        figure = display.figure_
        figure.canvas.draw()
        boxes = [text.get_window_extent() for text in display.texts_]
        for i, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:i])
        matplotlib.pyplot.close(figure)


class TestFromEstimator:
    @pytest.mark.parametrize("tree_index", [0, 2, np.int64(1)])
    def test_draws_the_tree_of_to_dataframe(self, fitted, axes, tree_index):
        pytest.importorskip("pandas", reason="to_dataframe")
        display = TreeDisplay.from_estimator(
            fitted, tree_index, max_depth=None, ax=axes
        )
        frame = fitted.to_dataframe()
        leaves = frame[(frame["tree_index"] == tree_index) & frame["left_child"].isna()]
        values = leaves["value_target3"].to_numpy()
        bars = np.array(widths(display, 3))
        assert_allclose(
            bars / np.abs(bars).max(), values / np.abs(values).max(), atol=1e-12
        )
        assert any(f"shared tree {tree_index} of 3" in t for t in all_words(display))

    def test_more_than_eight_objectives(self, fitted, axes):
        display = TreeDisplay.from_estimator(fitted, ax=axes)
        assert display.names_ == [f"target{k}" for k in range(8)]
        assert display.omitted_ == ["target8", "target9"]
        assert any("8 of 10 columns of values" in text for text in all_words(display))

    def test_objectives_by_name_and_index(self, fitted, axes):
        display = TreeDisplay.from_estimator(
            fitted, objectives=["target9", 0, -10], ax=axes
        )
        assert display.names_ == ["target9", "target0"]
        display = TreeDisplay.from_estimator(fitted, objectives="target4", ax=axes)
        assert display.names_ == ["target4"]

    def test_other_names(self, fitted, axes):
        display = TreeDisplay.from_estimator(
            fitted,
            objectives=[1, 0],
            labels=["clicks", "time"],
            feature_names=["age", "beta", "gamma", "delta"],
            ax=axes,
        )
        assert display.names_ == ["target1", "target0"]
        assert {"clicks", "time"} <= set(all_words(display))
        assert {word.split()[0] for word in words(display)} == {"age", "beta"}

    def test_own_trees_and_classes(self, axes):
        rng = np.random.default_rng(0)
        X = rng.normal(size=(200, 3))
        Y = np.column_stack([X[:, 0], np.digitize(X[:, 1], [-0.5, 0.5])])
        est = MultiObjectiveEstimator(
            ["squared_error", "multiclass"],
            **{**FAST, "heads": "boost"},
            n_estimators=4,
            head_params={"n_estimators": 3},
        ).fit(X, Y)
        assert "boost" in est.heads_
        first = est.objective_names_[est.heads_.index("boost")]
        n_shared = est.apply(X).shape[1]
        display = TreeDisplay.from_estimator(est, n_shared, ax=axes)
        assert any(f"of {first} alone" in text for text in all_words(display))
        assert all(name.startswith(first) for name in display.names_)
        display = TreeDisplay.from_estimator(est, objectives=[1], ax=axes)
        assert display.names_ == ["target1_0", "target1_1", "target1_2"]

    def test_makes_a_figure_as_large_as_the_tree(self, fitted):
        small = TreeDisplay.from_estimator(fitted, max_depth=1, objectives=[0])
        large = TreeDisplay.from_estimator(fitted, max_depth=None)
        sizes = [display.figure_.get_size_inches() for display in (small, large)]
        assert (sizes[0] < sizes[1]).all()
        for display in (small, large):
            matplotlib.pyplot.close(display.figure_)


class TestBadUse:
    @pytest.mark.parametrize("tree_index", [3, -1, 10**9])
    def test_of_trees_that_there_are_not(self, fitted, tree_index):
        with pytest.raises(
            ValueError, match="must be from 0 to 2, as there are 3 trees"
        ):
            TreeDisplay.from_estimator(fitted, tree_index)

    @pytest.mark.parametrize("tree_index", [0.0, "0", True, None])
    def test_of_indices(self, fitted, tree_index):
        with pytest.raises(ValueError, match="'tree_index' parameter must be an int"):
            TreeDisplay.from_estimator(fitted, tree_index)

    def test_without_trees(self):
        X = np.random.default_rng(0).normal(size=(30, 2))
        est = MultiObjectiveRegressor(**{**FAST, "min_child_samples": 30}).fit(X, X)
        with pytest.raises(ValueError, match="There is no tree"):
            TreeDisplay.from_estimator(est)

    def test_of_other_estimators(self):
        with pytest.raises(NotFittedError):
            TreeDisplay.from_estimator(MultiObjectiveRegressor())
        other = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
        with pytest.raises(ValueError, match="LinearRegression is none"):
            TreeDisplay.from_estimator(other)

    def test_of_objectives(self, fitted):
        with pytest.raises(ValueError, match="'objective' parameter must be one of"):
            TreeDisplay.from_estimator(fitted, objectives=["price"])

    @pytest.mark.parametrize("max_depth", [0, -1, 2.5, True, "all"])
    def test_of_depths(self, nodes, max_depth):
        with pytest.raises(
            ValueError, match="'max_depth' parameter must be an int from"
        ):
            TreeDisplay(nodes=nodes, max_depth=max_depth).plot()

    @pytest.mark.parametrize("names", [["price"], []])
    def test_of_names(self, nodes, names):
        with pytest.raises(
            ValueError, match="'names' parameter must have at least one of"
        ):
            TreeDisplay(nodes=nodes, names=names).plot()

    def test_of_other_names(self, nodes, fitted):
        with pytest.raises(ValueError, match="'labels' parameter must have one entry"):
            TreeDisplay(nodes=nodes, labels=["click"]).plot()
        with pytest.raises(ValueError, match="a name for each of the 4 features"):
            TreeDisplay.from_estimator(fitted, feature_names=["age"])

    def test_of_nodes(self, nodes):
        two = {name: [*values, *values] for name, values in nodes.items()}
        with pytest.raises(ValueError, match="Got 2 roots"):
            TreeDisplay(nodes=two).plot()
        del nodes["threshold"]
        with pytest.raises(ValueError, match=r"it lacks \['threshold'\]"):
            TreeDisplay(nodes=nodes).plot()

    def test_without_matplotlib(self, nodes, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(ImportError, match="TreeDisplay needs matplotlib"):
            TreeDisplay(nodes=nodes).plot()
