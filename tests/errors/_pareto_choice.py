"""Errors of the choice of a search's point, and of rays."""

from __future__ import annotations

from functools import partial

from sklearn.exceptions import NotFittedError

from skmo.pareto import preference_rays

from ._pareto_fits import X, Y, fit, search
from .case import Case


def select(**criterion):
    fit().select(**criterion)


def use(**params):
    """Predict with the model in use."""
    fit(**params).score(X, Y)


def use_none():
    """Predict after a fit whose bounds no point met."""
    unmet = search(selection={"bounds": {"a": 2.0}})
    try:
        unmet.fit(X, Y)
    except ValueError:
        unmet.predict(X)


bad_input = partial(Case, error=ValueError)

CASES = {
    "selection": bad_input(
        partial(fit, selection="best"),
        parameter="The 'selection' parameter",
        value="Got 'best' instead",
        remedy="must be 'knee', a dict of one criterion",
    ),
    "selection by two criteria": bad_input(
        partial(fit, selection={"bounds": {"a": 1}, "knee": True}),
        parameter="The 'selection' parameter",
        value="Got {'bounds': {'a': 1}, 'knee': True} instead",
        remedy="{'preference': ...} or {'bounds': ...}",
    ),
    "selection off the front": bad_input(
        partial(fit, selection=lambda front: 99),
        parameter="The 'selection' parameter's callable",
        value="Got 99 instead",
        remedy="an index into the front, from 0 to 1",
    ),
    "no criterion": bad_input(
        select,
        parameter="preference=, bounds= and knee=True",
        value="Got preference=None, bounds=None, knee=False",
        remedy="Pass exactly one of",
    ),
    "two criteria": bad_input(
        partial(select, preference=[1, 3], knee=True),
        parameter="preference=, bounds= and knee=True",
        value="Got preference=[1, 3], bounds=None, knee=True",
        remedy="Pass exactly one of",
    ),
    "list of bounds": bad_input(
        partial(select, bounds=[1, 2]),
        parameter="The 'bounds' to select by",
        value="Got [1, 2] instead",
        remedy="must map names or indices of objectives to their least scores",
    ),
    "bound of no number": bad_input(
        partial(select, bounds={"a": "high"}),
        parameter="The bound of objective 'a'",
        value="Got 'high' instead",
        remedy="must be a number, its least score",
    ),
    "bound given twice": bad_input(
        partial(select, bounds={"a": 1, 0: 2}),
        parameter="The 'bounds' name the objective 'a' twice",
        value="{'a': 1, 0: 2}",
        remedy="Give one bound",
    ),
    "bounds that no point meets": bad_input(
        partial(select, bounds={"a": 0.95, "b": 2}),
        parameter="meets the bounds a >= 0.95, b >= 2",
        value="a 0.894427, b 0.894427",
        remedy="lower the bounds, or search on",
    ),
    "no refit": Case(
        partial(use, refit=False),
        AttributeError,
        "refit=False",
        "ParetoSearchCV was initialised with refit=False",
        "Pass refit=True, or fit an estimator with best_params_",
    ),
    "no model in use": Case(
        use_none, NotFittedError, None, "No model of the front is in use", "select()"
    ),
    # Rays.
    "n_objectives": bad_input(
        partial(preference_rays, 1, 3),
        parameter="The 'n_objectives' parameter",
        value="Got 1 instead",
        remedy="an int in the range [2, inf)",
    ),
    "n_points": bad_input(
        partial(preference_rays, 2, 2.5),
        parameter="The 'n_points' parameter",
        value="Got 2.5 instead",
        remedy="an int in the range [1, inf)",
    ),
    "too few points for the ends": bad_input(
        partial(preference_rays, 3, 2, ends=True),
        parameter="n_points=2",
        value="cannot hold the 3 ends",
        remedy="or pass ends=False",
    ),
}
