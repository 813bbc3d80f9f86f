"""Errors of pictures over the rounds of training."""

from __future__ import annotations

from functools import partial

import numpy as np
from sklearn.linear_model import Ridge

from skmo.inspection import ConflictDisplay, ConvergenceDisplay, WeightsDisplay

from ._inspection_fakes import axes, fitted
from .case import Case

NAMES = ["click", "sale"]
COSINES = np.ones((3, 2, 2))
REPORT = {key: np.full((3, 1), 0.5) for key in ("share", "size_ratio", "reversed")}


def losses(ax=None, **options):
    options = {"losses": np.ones((3, 2)), "names": NAMES, **options}
    ConvergenceDisplay(**options).plot(ax)


def cosines(ax=None, **options):
    ConflictDisplay(**{"cosines": COSINES, "names": NAMES, **options}).plot(ax)


def report(changed=None, *, ax=None, **options):
    """A report of a funnel, with some entries changed."""
    options = {"report": {**REPORT, **(changed or {})}, "names": NAMES, **options}
    ConflictDisplay(**options).plot(ax)


def weights(values=((1.0, 1.0), (0.5, 1.5)), **options):
    WeightsDisplay(**{"weights": values, "names": NAMES, **options}).plot()


bad_input = partial(Case, error=ValueError)

OF_ANY_ESTIMATOR = {
    "estimator of another library": bad_input(
        lambda: ConvergenceDisplay.from_estimator(Ridge().fit([[0], [1]], [0, 1])),
        parameter="ConvergenceDisplay draws an estimator's history_",
        value="Ridge has none",
        remedy="in a pipeline it is the last step, pipeline[-1]",
    ),
    "no round": bad_input(
        lambda: WeightsDisplay.from_estimator(fitted(n_rounds=0)),
        parameter="as n_estimators=0 or no tree could be grown",
        value="the estimator was fitted without a round of boosting",
        remedy="n_estimators=0",
    ),
    "older estimator": bad_input(
        lambda: WeightsDisplay.from_estimator(fitted(without=["weights"])),
        parameter="The estimator's history_",
        value="has no 'weights'",
        remedy="Fit it again.",
    ),
    "older estimator without a gap": bad_input(
        lambda: ConvergenceDisplay.from_estimator(fitted(without=["gap"])),
        parameter="The estimator's history_",
        value="has no 'gap'",
        remedy="Fit it again, or draw the losses alone with gap=False",
    ),
}
OF_CONVERGENCE = {
    "kind of loss": bad_input(
        lambda: ConvergenceDisplay.from_estimator(fitted(), kind="test_loss"),
        parameter="kind must be",
        value="got 'test_loss'",
        remedy="'auto', 'train_loss' or 'val_loss'",
    ),
    "no validation rows": bad_input(
        lambda: ConvergenceDisplay.from_estimator(fitted(), kind="val_loss"),
        parameter="fit was given no validation rows (X_val, y_val)",
        value="history_ has no 'val_loss'",
        remedy="Use kind='train_loss'",
    ),
    "losses of one objective": bad_input(
        partial(losses, losses=[1.0, 2.0]),
        parameter="losses must have the shape (n_rounds, n_objectives)",
        value="got the shape (2,)",
        remedy="there are 2 names",
    ),
    "losses of no round": bad_input(
        partial(losses, losses=np.empty((0, 2))),
        parameter="losses must have a row",
        value="got none",
        remedy="for at least one round",
    ),
    "gap of other rounds": bad_input(
        partial(losses, gap=[0.1, 0.2]),
        parameter="gap must have a value",
        value="got 2",
        remedy="for each of the 3 rounds",
    ),
    "gap of each objective": bad_input(
        partial(losses, gap=np.ones((3, 2))),
        parameter="gap must have the shape (n_rounds,)",
        value="got the shape (3, 2)",
        remedy="(n_rounds,)",
    ),
    "n_iter": bad_input(
        partial(losses, n_iter=[3]),
        parameter="n_iter must have the shape",
        value="got the shape (1,)",
        remedy="(n_objectives,) and there are 2 names",
    ),
    "axes for no gap": bad_input(
        lambda: losses(axes(2)),
        parameter="ax is a pair of axes",
        value="there is no gap to draw",
        remedy="pass single axes, or the gap",
    ),
    "axes of words": bad_input(
        partial(losses, "axes", gap=[0.1] * 3),
        parameter="ax must be matplotlib axes",
        value="got 'axes'",
        remedy="or a pair of them, the second for the gap",
    ),
}
OF_CONFLICT = {
    "cosines of too many": bad_input(
        lambda: ConflictDisplay.from_estimator(
            fitted([f"o{k}" for k in range(65)], without=["cosines"])
        ),
        parameter="history_ has no 'cosines'",
        value="there are 65",
        remedy="Fit an estimator to some of the columns of y",
    ),
    "one objective": bad_input(
        lambda: ConflictDisplay.from_estimator(fitted(["click"])),
        parameter="ConflictDisplay needs at least two objectives",
        value="got the names ['click']",
        remedy="at least two",
    ),
    "neither cosines nor a report": bad_input(
        partial(cosines, cosines=None),
        parameter="either cosines or a report",
        value="got neither",
        remedy="pass one of them",
    ),
    "cosines and a report": bad_input(
        partial(cosines, report=REPORT),
        parameter="either cosines or a report",
        value="got both",
        remedy="pass one of them",
    ),
    # Nothing is wrong with the value.
    "conflict of a report": bad_input(
        partial(report, conflict=[0.0] * 3),
        parameter="conflict, the share of pairs, goes with cosines",
        value=None,
        remedy="Leave out conflict",
    ),
    "cosines of other objectives": bad_input(
        partial(cosines, names=["click", "sale", "time"]),
        parameter="cosines must have the shape (n_rounds, n_objectives, n_objectives)",
        value="got the shape (3, 2, 2)",
        remedy="there are 3 names",
    ),
    "rounds of words": bad_input(
        partial(cosines, rounds="last"),
        parameter="rounds must be",
        value="got 'last'",
        remedy="a slice or whole numbers from 0 below the 3 rounds",
    ),
    "rounds after the last": bad_input(
        partial(cosines, rounds=list(range(1000))),
        parameter="rounds must be",
        value="50, 51, 5.",
        remedy="a slice or whole numbers from 0 below the 3 rounds",
    ),
    "rounds of none": bad_input(
        partial(cosines, rounds=slice(3, None)),
        parameter="rounds must choose",
        value="got slice(3, None, None)",
        remedy="at least one of the 3 rounds",
    ),
    "smooth": bad_input(
        partial(cosines, smooth=0),
        parameter="smooth must be",
        value="got 0",
        remedy="'auto' or a whole number of rounds from 1",
    ),
    "axes for no conflict": bad_input(
        lambda: cosines(axes(2)),
        parameter="ax is a pair of axes",
        value="there is no conflict to draw",
        remedy="pass single axes, or the conflict",
    ),
}
OF_A_FUNNEL = {
    "list as report": bad_input(
        partial(report, report=[0.5]),
        parameter="report must be a dict",
        value="got list",
        remedy="such as the conflict_report_ of EntireSpaceClassifier",
    ),
    "report without an entry": bad_input(
        partial(report, report={"share": REPORT["share"]}),
        parameter="report has no 'size_ratio'",
        value="no 'size_ratio'",
        remedy="one that is not known may be NaN throughout",
    ),
    "report of other rounds": bad_input(
        partial(report, {"reversed": np.ones((2, 1))}),
        parameter="report must have each entry",
        value="got 3 of 'share', 3 of 'size_ratio', 2 of 'reversed'",
        remedy="of the same rounds",
    ),
    "report of other stages": bad_input(
        partial(report, {"share": np.ones((3, 2))}),
        parameter="report['share'] must have the shape (n_rounds, n_stages - 1)",
        value="got the shape (3, 2)",
        remedy="names needs all stages, the last one too",
    ),
    "report of no round": bad_input(
        partial(report, {key: np.empty((0, 1)) for key in REPORT}),
        parameter="report['share'] must have a row",
        value="got none",
        remedy="for at least one round",
    ),
    "percents": bad_input(
        partial(report, {"share": np.full((3, 1), 35.0)}),
        parameter="report['share'] must have numbers",
        value="got 35",
        remedy="from 0 to 1, not in percent",
    ),
    "negative ratio": bad_input(
        partial(report, {"size_ratio": np.full((3, 1), -0.5)}),
        parameter="report['size_ratio'] must have numbers",
        value="got -0.5",
        remedy="of at least 0",
    ),
    "two axes for a funnel": bad_input(
        partial(report, ax=[1, 2]),
        parameter="ax must be matplotlib axes",
        value="got [1, 2]",
        remedy="or three of them, for the rows in conflict",
    ),
}
OF_WEIGHTS = {
    "kind of picture": bad_input(
        partial(weights, kind="bands"),
        parameter="kind must be",
        value="got 'bands'",
        remedy="'auto', 'area' or 'line'",
    ),
    "area of negative weights": bad_input(
        partial(weights, [[1.0, 1.0], [2.5, -0.5]], kind="area"),
        parameter="kind='area' needs weights of at least 0",
        value="the least is -0.5",
        remedy="Use kind='line'",
    ),
}
KINDS = {
    "any": OF_ANY_ESTIMATOR,
    "convergence": OF_CONVERGENCE,
    "conflict": OF_CONFLICT,
    "funnel": OF_A_FUNNEL,
    "weights": OF_WEIGHTS,
}
