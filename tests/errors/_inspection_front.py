"""Errors of pictures of Pareto fronts."""

from __future__ import annotations

from functools import partial

import numpy as np
from sklearn.linear_model import Ridge

from skmo.inspection import ParetoFrontDisplay

from ._inspection_fakes import axes
from .case import Case

FRONT = np.array([[0.2, 0.9], [0.6, 0.7], [0.8, 0.3]])


def plot(scores=FRONT, **options):
    ParetoFrontDisplay(scores, **options).plot()


def plot_as(n_objectives, ax=None, **options):
    """One point, drawn so."""
    ParetoFrontDisplay(np.ones((1, n_objectives))).plot(ax, **options)


def twice(first, second, **options):
    """Two fronts of the same objectives on the same axes."""
    ax = axes()
    ParetoFrontDisplay(FRONT, **first).plot(ax)
    ParetoFrontDisplay(FRONT, **second).plot(ax, **options)


def plot_points(scores=((1.0, 1.0), (2.0, 2.0)), **options):
    ParetoFrontDisplay.from_scores(scores, **options)


bad_input = partial(Case, error=ValueError)

CASES = {
    "estimator without a front": bad_input(
        lambda: ParetoFrontDisplay.from_estimator(Ridge().fit([[0], [1]], [0, 1])),
        parameter="draws a fitted ParetoSearchCV's pareto_front_",
        value="Ridge has none",
        remedy="Draw scores of your own with from_scores",
    ),
    # Points.
    "one row of scores": bad_input(
        partial(plot, [0.1, 0.2]),
        parameter="scores must have the shape (n_points, n_objectives)",
        value="got the shape (2,)",
        remedy="at least one point and two objectives",
    ),
    "score that is NaN": bad_input(
        partial(plot, [[0.1, 0.2], [0.1, np.nan]]),
        parameter="scores must be finite",
        value="got nan in row 1",
        remedy="from_scores leaves such rows out",
    ),
    "no finite scores": bad_input(
        partial(plot_points, [[np.nan, 1.0], [1.0, np.inf]]),
        parameter="scores must have a finite row",
        value="every row has NaN or inf",
        remedy="must have a finite row",
    ),
    "selected behind the front": bad_input(
        partial(plot_points, selected=0),
        parameter="selected must be a point of the front",
        value="point 0 is dominated by another or not finite",
        remedy="The front is [1]",
    ),
    "selected of too few": bad_input(
        partial(plot, selected=3),
        parameter="selected must be the index of one of the 3 points",
        value="got 3",
        remedy="from 0 to 2, or None",
    ),
    "objective_names": bad_input(
        partial(plot, objective_names=["click"]),
        parameter="objective_names must have a name",
        value="got ['click']",
        remedy="for each of the 2 columns of scores",
    ),
    "preferences of others": bad_input(
        partial(plot, preferences=[[1, 1]]),
        parameter="preferences must have the shape of scores",
        value="got the shape (1, 2)",
        remedy="of scores, (3, 2)",
    ),
    "negative preference": bad_input(
        partial(plot, preferences=[[1, 1], [-1, 2], [1, 1]]),
        parameter="preferences must be finite numbers",
        value="got [-1.0, 2.0]",
        remedy="of at least 0, with one above 0 in each row",
    ),
    "negative deviation": bad_input(
        partial(plot, std=[[0.1, 0.1], [0.1, 0.1], [0.1, -0.1]]),
        parameter="std must be finite numbers",
        value="got [0.1, -0.1]",
        remedy="of at least 0; got",
    ),
    "dominated of other objectives": bad_input(
        partial(plot, dominated=[[0.1, 0.1, 0.1]]),
        parameter="dominated must have the shape (n_dominated, n_objectives)",
        value="got the shape (1, 3)",
        remedy="scores have 2 columns",
    ),
    "dominated without a score": bad_input(
        partial(plot, dominated=[[0.1, 0.1], [np.nan, 0.1]]),
        parameter="dominated must be finite",
        value="got nan in row 1",
        remedy="Leave out the points that have no score",
    ),
    "ideal": bad_input(
        partial(plot, ideal=[0.7, 1.0]),
        parameter="ideal must be at least as good as every score",
        value="got 0.7 for 'objective 0'",
        remedy="of which there is 0.8",
    ),
    # Bounds.
    "bounds of others": bad_input(
        partial(plot, bounds=[0.1]),
        parameter="bounds must have a value for each of the 2 objectives",
        value="got the shape (1,)",
        remedy="NaN where there is none, or be a dict",
    ),
    "infinite bound": bad_input(
        partial(plot, bounds=[np.inf, 0]),
        parameter="bounds must be values that can be met",
        value="got [inf, 0]",
        remedy="or NaN",
    ),
    "bound of no number": bad_input(
        partial(plot, bounds={0: "high"}),
        parameter="bounds must hold numbers",
        value="got 'high' for the objective 0",
        remedy="must hold numbers",
    ),
    "bound given twice": bad_input(
        partial(plot, bounds={0: 0.1, -2: 0.2}),
        parameter="bounds must name every objective once",
        value="-2 is one that has the bound 0.1 already",
        remedy="every objective once",
    ),
    # The picture.
    "kind": bad_input(
        partial(plot_as, 2, kind="line"),
        parameter="kind must be",
        value="got 'line'",
        remedy="one of ('auto', 'curve', 'scatter3d', 'pairs', 'parallel')",
    ),
    "kind for fewer": bad_input(
        partial(plot_as, 3, kind="curve"),
        parameter="kind='curve' draws 2 objectives",
        value="there are 3",
        remedy="use kind='auto', or pass those columns of scores alone",
    ),
    "too many pairs": bad_input(
        partial(plot_as, 9, kind="pairs"),
        parameter="kind='pairs' draws up to 8 objectives",
        value="there are 9",
        remedy="use kind='parallel', or pass some columns of scores",
    ),
    # Axes and a figure, which nothing is wrong with.
    "axes and a figure": bad_input(
        partial(plot_as, 2, "axes", fig="figure"),
        parameter="Pass ax or fig",
        value=None,
        remedy="not both: axes have a figure of their own",
    ),
    "axes of words": bad_input(
        partial(plot_as, 2, "axes"),
        parameter="ax must be matplotlib axes",
        value="got ['axes']",
        remedy="must be matplotlib axes;",
    ),
    "axes of words for panels": bad_input(
        partial(plot_as, 3, ["left", "right"], kind="pairs"),
        parameter="ax must be matplotlib axes",
        value="got ['left', 'right']",
        remedy="or 3 of them, one for each panel",
    ),
    "flat axes": bad_input(
        lambda: plot_as(3, axes(), kind="scatter3d"),
        parameter="ax must have three dimensions",
        value="kind='scatter3d'",
        remedy="make it with figure.add_subplot(projection='3d'), or leave ax out",
    ),
    "axes with another kind": bad_input(
        partial(twice, {}, {}, kind="parallel"),
        parameter="ax has a front of 2 objectives",
        value="drawn as 'curve', and this one of 2 would be 'parallel'",
        remedy="Draw both in one kind, or on axes of their own",
    ),
    "axes with other objectives": bad_input(
        partial(
            twice, {"objective_names": ["a", "b"]}, {"objective_names": ["b", "a"]}
        ),
        parameter="ax has a front of the objectives ['a', 'b']",
        value="this one is of ['b', 'a']",
        remedy="or bring the columns of scores into one order",
    ),
    "axes with losses": bad_input(
        partial(twice, {}, {"greater_is_better": False}),
        parameter="ax has a front of the objectives",
        value="or of others of which less is better",
        remedy="Draw it on axes of its own",
    ),
}
