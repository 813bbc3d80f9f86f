"""Errors of pictures of trees."""

from __future__ import annotations

from functools import partial

from sklearn.linear_model import Ridge

from skmo.inspection import TreeDisplay

from ._inspection_fakes import forest
from .case import Case


def plot(*, without=(), **options):
    """A node that was split, and its leaves, without some columns."""
    nodes = {
        "node_index": ["0-S0", "0-L0", "0-L1"],
        "left_child": ["0-L0", None, None],
        "right_child": ["0-L1", None, None],
        "parent_index": [None, "0-S0", "0-S0"],
        "split_feature": ["age", None, None],
        "threshold": [30.25, None, None],
        "decision_type": ["<=", None, None],
        "count": [10, 6, 4],
        "value_click": [0.1, 0.5, -0.5],
        "value_time": [-3.0, -5.0, 0.0],
    }
    nodes = {name: cells for name, cells in nodes.items() if name not in without}
    TreeDisplay(**{"nodes": nodes, **options}).plot()


def two_trees():
    plot(nodes=forest().to_dataframe())


def draw(*arguments, **options):
    TreeDisplay.from_estimator(forest(), *arguments, **options)


bad_input = partial(Case, error=ValueError)

CASES = {
    "tree of another library": bad_input(
        lambda: TreeDisplay.from_estimator(Ridge().fit([[0], [1]], [0, 1])),
        parameter="TreeDisplay draws trees of skmo's estimators",
        value="Ridge is none",
        remedy="In a pipeline it is the last step, pipeline[-1]",
    ),
    "tree_index": bad_input(
        partial(draw, "first"),
        parameter="The 'tree_index' parameter",
        value="Got 'first' instead",
        remedy="must be an int",
    ),
    "feature_names": bad_input(
        partial(draw, feature_names=["age"]),
        parameter="The 'feature_names' parameter",
        value="Got 1 instead",
        remedy="a name for each of the 2 features",
    ),
    "max_depth": bad_input(
        partial(plot, max_depth=0),
        parameter="The 'max_depth' parameter",
        value="Got 0 instead",
        remedy="must be an int from 1, or None",
    ),
    "labels": bad_input(
        partial(plot, labels=["click"]),
        parameter="The 'labels' parameter",
        value="Got ['click'] instead",
        remedy="one entry for each of the columns ['click', 'time']",
    ),
    "unknown column": bad_input(
        partial(plot, names=["click", "price"]),
        parameter="The 'names' parameter",
        value="Got ['click', 'price'] instead",
        remedy="at least one of ['click', 'time'], and no others",
    ),
    "no column": bad_input(
        partial(plot, names=[]),
        parameter="The 'names' parameter",
        value="Got [] instead",
        remedy="at least one of ['click', 'time'], and no others",
    ),
    "nodes without a column": bad_input(
        partial(plot, without=["threshold"]),
        parameter="nodes must have the columns",
        value="it lacks ['threshold']",
        remedy="of to_dataframe for one tree",
    ),
    "nodes of two trees": bad_input(
        two_trees,
        parameter="nodes must be those of one tree",
        value="Got 2 roots",
        remedy="pass the rows of one tree_index",
    ),
}
