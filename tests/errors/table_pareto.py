"""Errors of searches along preferences."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.pareto.fakes import Curve, WeightedRidge

from ._pareto_choice import CASES as OF_THE_CHOICE
from ._pareto_fits import InTurn, Never, One, OwnNames, Round, Table, X, Y, fit
from .case import Case

COVERS = {"pareto"}


def take(*preferences, **params):
    fit(preferences=list(preferences), n_points=None, **params)


def in_a_file():
    Path("results").write_text("mine")
    fit(cache="results")


def cached_local():
    class Local:
        def __call__(self, estimator, X, y):
            return 0.0

    fit(objectives={"a": "r2", "b": Local()}, cache="results")


def pair_of_scores(estimator, X, y):
    return [0.25, 0.5]


def no_score(estimator, X, y):
    """Computes, and returns nothing."""


bad_input = partial(Case, error=ValueError)

CASES = {
    # Its parameters.
    "estimator": bad_input(
        partial(fit, "Curve"),
        parameter="The 'estimator' parameter",
        value="Got 'Curve' instead",
        remedy="with methods 'fit' and 'get_params'",
    ),
    "estimator's class": bad_input(
        partial(fit, Ridge),
        parameter="The 'estimator' parameter",
        value="Ridge'> instead",
        remedy="an estimator, an object with",
    ),
    "long estimator": bad_input(
        partial(fit, list(range(1000))),
        parameter="The 'estimator' parameter",
        value="50, 51, 5 instead",
        remedy="with methods 'fit' and 'get_params'",
    ),
    "no such parameter": bad_input(
        partial(fit, Ridge()),
        parameter="which preference_param needs",
        value="Ridge has no parameter 'preference'",
        remedy="Pass an estimator that has it",
    ),
    "parameter of a step": bad_input(
        partial(fit, make_pipeline(StandardScaler(), Curve())),
        parameter="which preference_param needs",
        value="Curve has no parameter 'preference'",
        remedy="Did you mean 'curve__preference'?",
    ),
    "warm start of what has none": bad_input(
        partial(fit, warm_start=0.5),
        parameter="which warm_start=0.5 needs",
        value="Curve has no parameter 'warm_start'",
        remedy="Pass an estimator that has it",
    ),
    "no round to share": bad_input(
        partial(fit, Round(), warm_start=0.1),
        parameter="warm_start=0.1 of n_estimators=2",
        value="is 0 rounds to share",
        remedy="or pass warm_start=0.",
    ),
    "no round left": bad_input(
        partial(fit, Round(), warm_start=0.9),
        parameter="warm_start=0.9 of n_estimators=2",
        value="is 2 rounds to share",
        remedy="at least 1 shared and 1 left",
    ),
    "preferences and points": bad_input(
        partial(fit, preferences=[[1, 2]], n_points=3),
        parameter="preferences= or n_points=",
        value="n_points=3",
        remedy="not both",
    ),
    "preferences of words": bad_input(
        partial(take, ["much", "little"]),
        parameter="The 'preferences' parameter",
        value="Got [['much', 'little']] instead",
        remedy="one row per preference and one importance per objective",
    ),
    "one preference": bad_input(
        partial(take, 1, 2),
        parameter="The 'preferences' parameter",
        value="Got shape (2,) instead",
        remedy="must have shape (n_preferences, n_objectives)",
    ),
    "negative preference": bad_input(
        partial(take, [1, 2], [1, -2]),
        parameter="The 'preferences' parameter",
        value="Row 1 is [1.0, -2.0]",
        remedy="finite importances of at least 0",
    ),
    "preference for nothing": bad_input(
        partial(take, [0, 0]),
        parameter="The 'preferences' parameter",
        value="Row 0 is [0.0, 0.0]",
        remedy="not all 0 in a row",
    ),
    "cv": bad_input(
        partial(fit, cv=[]),
        parameter="the 'cv' parameter",
        value="Got [] instead",
        remedy="at least one fold",
    ),
    "cache": bad_input(
        partial(fit, cache=3),
        parameter="The 'cache' parameter",
        value="Got 3 instead",
        remedy="a folder's path, a joblib.Memory or None",
    ),
    "cache in a file": bad_input(
        in_a_file,
        parameter="cache=",
        value="'results' is a file",
        remedy="Name a folder",
    ),
    "cache of what cannot be pickled": bad_input(
        cached_local,
        parameter="cache= needs an estimator, objectives and data",
        value="cached_local.<locals>.Local",
        remedy="or pass cache=None",
    ),
    "reference_point": bad_input(
        partial(fit, reference_point=[0, 0, 0]),
        parameter="The 'reference_point' parameter",
        value="[0, 0, 0]",
        remedy="one per objective, shape (2,)",
    ),
    # The objectives.
    "list of objectives": bad_input(
        partial(fit, objectives=["r2", "max_error"]),
        parameter="The 'objectives' parameter",
        value="Got ['r2', 'max_error'] instead",
        remedy="a dict from names to scorers, or None",
    ),
    "one objective": bad_input(
        partial(fit, objectives={"fit": "r2"}),
        parameter="the 'objectives' parameter",
        value="names ['fit']",
        remedy="With one, use GridSearchCV",
    ),
    "key of an objective": bad_input(
        partial(fit, objectives={"a": "r2", 1: "r2"}),
        parameter="The 'objectives' parameter",
        value="Got the key 1 instead",
        remedy="must have strings for keys",
    ),
    "no scorer": bad_input(
        partial(fit, objectives={"a": "r2", "b": 3}),
        parameter="objectives['b']",
        value="Got 3 instead",
        remedy="the name of a scorer or a callable (estimator, X, y) -> float",
    ),
    "unknown scorer": bad_input(
        partial(fit, objectives={"a": "r2", "b": "rmse"}),
        parameter="objectives['b']",
        value="Got 'rmse' instead",
        remedy="one of the names that sklearn.metrics.get_scorer_names() lists",
    ),
    "scorer that forgot to return": bad_input(
        partial(fit, objectives={"a": no_score, "b": no_score}),
        parameter="The scorer of objective 'a'",
        value="Got None instead",
        remedy="must return a number",
    ),
    "scorer of several": bad_input(
        partial(fit, objectives={"a": pair_of_scores, "b": pair_of_scores}),
        parameter="The scorer of objective 'a'",
        value="Got [0.25, 0.5] instead",
        remedy="must return a number",
    ),
    "no objectives": bad_input(
        partial(fit, WeightedRidge()),
        parameter="objectives={name: scorer, ...}",
        value="WeightedRidge has no method 'score_objectives'",
        remedy="name what is to be traded off",
    ),
    "table of scores": bad_input(
        partial(fit, Table()),
        parameter="Table.score_objectives",
        value="Got shape (2, 2) instead",
        remedy="one score per objective, shape (n_objectives,)",
    ),
    "one score": bad_input(
        partial(fit, One(names=["up"])),
        parameter="or objectives=",
        value="the estimator scores ['up'] only",
        remedy="Pass a y of several targets",
    ),
    "names alike": bad_input(
        partial(fit, Curve(names=["a", "a"])),
        parameter="Objectives must have names of their own",
        value="Got ['a', 'a']",
        remedy="rename the columns of y",
    ),
    "names that change": bad_input(
        partial(fit, OwnNames()),
        parameter="The objectives must be the same in all fits",
        value="Got ['a', 'b0.33'] and ['a', 'b0.67']",
        remedy="give the targets names of their own",
    ),
    # The data.
    "no y": bad_input(
        partial(fit, y=None),
        parameter="requires y to be passed",
        value="the target y is None",
        remedy="Pass y, or objectives=",
    ),
    "one target": bad_input(
        partial(fit, y=Y[:, 0]),
        parameter="y has a single target",
        value="its shape is (8,)",
        remedy="pass a y of shape (n_samples, n_objectives)",
    ),
    "sizes of groups": bad_input(
        partial(fit, given={"group": [4, 4]}),
        parameter="'group' cannot be cut into folds",
        value="the shape (2,) and not a value for each of the 8 rows",
        remedy="as qid: np.repeat(np.arange(len(group)), group)",
    ),
    "weights of groups": bad_input(
        partial(fit, given={"sample_weight": [1.0, 2.0]}),
        parameter="'sample_weight' cannot be cut into folds",
        value="2 values for 8 rows",
        remedy="Pass one per row",
    ),
    "unknown metadata": Case(
        lambda: fit().score(X, Y, colour="red"),
        TypeError,
        "take no argument",
        "'colour'",
        "Leave it out, or have a scorer among the 'objectives' that takes it",
    ),
    # What comes of the fits.
    "all fail": bad_input(
        partial(fit, Curve(fail=lambda preference: True), error_score=np.nan),
        parameter="error_score='raise'",
        value="All the 4 fits failed",
        remedy="Set error_score='raise' to debug",
    ),
    "never a score": bad_input(
        partial(fit, Never()),
        parameter="every objective of ['a', 'b']",
        value="there is none at all of b",
        remedy="See cv_results_ for the scores, and set error_score='raise'",
    ),
    "no point with all scores": bad_input(
        partial(fit, InTurn()),
        parameter="every objective of ['a', 'b']",
        value="No point has a finite score",
        remedy="See cv_results_ for the scores, and set error_score='raise'",
    ),
    **OF_THE_CHOICE,
}
ELSEWHERE: dict[tuple[str, str], str] = {}
