"""Errors of objectives, by themselves: nothing is trained."""

from __future__ import annotations

from functools import partial

import numpy as np

from skmo.objectives import (
    OBJECTIVES,
    XENDCG,
    Binary,
    Huber,
    InversePropensityLoss,
    LambdaRank,
    Multiclass,
    Poisson,
    Quantile,
    SquaredError,
    Tweedie,
    check_objective,
    get_objective,
    get_ranking_objective,
    get_stage_losses,
)

from .case import Case

COVERS = {"objectives"}


class Year(SquaredError):
    def check_target(self, target):
        if (target < 1900).any():
            raise ValueError("years from 1900")


class Guess(SquaredError):
    task = "guess"


class Cubic(SquaredError):
    """Its loss does not grow as it says."""

    loss_degree = 3


class Mean(SquaredError):
    standardise = False

    def loss(self, target, score):
        return np.mean(super().loss(target, score))


class Returning(SquaredError):
    standardise = False

    def gradient_hessian(self, target, score, gradient, hessian):
        return score - target, np.ones_like(score)


def target(objective, *values):
    objective.check_target(np.array(values))


def outside(name, value):
    target(OBJECTIVES[name](), 1.0, value, 1.0)


def rank(query=(0, 0, 1), weight=None):
    weight = None if weight is None else np.array(weight)
    LambdaRank().over(np.array([0.0, 1.0, 2.0]), np.array(query), weight)


bad_input = partial(Case, error=ValueError)
# Of the checks for authors of objectives.
fault = partial(Case, error=AssertionError)

CASES = {
    # Which one.
    "near name": bad_input(
        partial(get_objective, "hubr"),
        parameter="Unknown objective",
        value="'hubr'",
        remedy="Did you mean 'huber'? Valid names: ",
    ),
    "no name": bad_input(
        partial(get_objective, 3),
        parameter="The 'objective' parameter",
        value="Got 3 instead",
        remedy="or an instance of Objective",
    ),
    "ranking by name": bad_input(
        partial(get_ranking_objective, "lambdarnk"),
        parameter="Unknown objective",
        value="'lambdarnk'",
        remedy="Did you mean 'lambdarank'? Valid names: ",
    ),
    "loss of stages by name": bad_input(
        partial(get_stage_losses, "conditionl"),
        parameter="Unknown loss",
        value="'conditionl'",
        remedy="Did you mean 'conditional'? Valid names: ",
    ),
    "weight of a loss": bad_input(
        partial(get_stage_losses, {"conditional": 1.0, "ips": -0.5}),
        parameter="The weights of a 'loss' that is a mix",
        value="Got -0.5 for 'ips'",
        remedy="must be finite numbers of at least 0",
    ),
    "text for a weight": bad_input(
        partial(get_stage_losses, {"conditional": "?" * 1000}),
        parameter="The weights of a 'loss' that is a mix",
        value="Got '" + "?" * 199 + " for 'conditional'",
        remedy="must be finite numbers of at least 0",
    ),
    "losses of no weight": bad_input(
        partial(get_stage_losses, {"conditional": 0.0}),
        parameter="A 'loss' that is a mix",
        value="Got {'conditional': 0.0} instead",
        remedy="must have a positive weight",
    ),
    "empty mix of losses": bad_input(
        partial(get_stage_losses, {}),
        parameter="A 'loss' that is a mix",
        value="Got {} instead",
        remedy="must have a positive weight",
    ),
    # Parameters.
    "open range": bad_input(
        Quantile(alpha=1.0).validate_params,
        parameter="The 'alpha' parameter of Quantile",
        value="Got 1.0 instead",
        remedy="must be a float in the range (0, 1)",
    ),
    "closed range": bad_input(
        Poisson(max_delta_step=9).validate_params,
        parameter="The 'max_delta_step' parameter of Poisson",
        value="Got 9 instead",
        remedy="must be a float in the range [0, 5]",
    ),
    "half-open range": bad_input(
        InversePropensityLoss(min_propensity=0.0).validate_params,
        parameter="The 'min_propensity' parameter of InversePropensityLoss",
        value="Got 0.0 instead",
        remedy="must be a float in the range (0, 1]",
    ),
    "infinite range": bad_input(
        Huber(delta=-1).validate_params,
        parameter="The 'delta' parameter of Huber",
        value="Got -1 instead",
        remedy="must be a float in the range (0, inf)",
    ),
    "no number": bad_input(
        Tweedie(power=[1.5] * 1000).validate_params,
        parameter="The 'power' parameter of Tweedie",
        value="Got [1.5, 1.5,",
        remedy="must be a float in the range (1, 2)",
    ),
    "option": bad_input(
        Huber(units="metres").validate_params,
        parameter="The 'units' parameter of Huber",
        value="Got 'metres' instead",
        remedy="must be a str among {'std', 'target'}",
    ),
    "falling gains": bad_input(
        LambdaRank(gain=[0.0, 2.0, 1.0]).validate_params,
        parameter="The 'gain' parameter of LambdaRank",
        value="Got [0.0, 2.0, 1.0] instead",
        remedy="must hold the gain of the grades 0, 1, ...: finite, at least 0 and not",
    ),
    "no gains": bad_input(
        XENDCG(gain=[]).validate_params,
        parameter="The 'gain' parameter of XENDCG",
        value="Got [] instead",
        remedy="must hold the gain of the grades 0, 1, ...: finite, at least 0 and not",
    ),
    "gains of text": bad_input(
        XENDCG(gain=["little", "much"]).validate_params,
        parameter="The 'gain' parameter of XENDCG",
        value="Got ['little', 'much'] instead",
        remedy="must hold the gain of the grades 0, 1, ...: finite, at least 0 and not",
    ),
    # Targets.
    "count below 0": bad_input(
        partial(outside, "poisson", -2.5),
        parameter="The 'poisson' objective needs targets >= 0",
        value="got 1 value(s) outside, the first being -2.5",
        remedy="Use 'squared_error' or 'huber'",
    ),
    "amount of 0": bad_input(
        partial(outside, "gamma", 0.0),
        parameter="The 'gamma' objective needs targets > 0",
        value="got 1 value(s) outside, the first being 0.0",
        remedy="Use 'tweedie', which allows zeros",
    ),
    "amount below 0": bad_input(
        partial(outside, "tweedie", -1.0),
        parameter="The 'tweedie' objective needs targets >= 0",
        value="got 1 value(s) outside, the first being -1.0",
        remedy="Use 'squared_error' or 'huber'",
    ),
    "neither 0 nor 1": bad_input(
        partial(target, Binary(), 0.0, 0.5, 0.25),
        parameter="The 'binary' objective needs targets in {0, 1}",
        value="got 2 value(s) outside, the first being 0.5",
        remedy="Use 'cross_entropy' for probabilities, 'multiclass' for classes",
    ),
    "no probability": bad_input(
        partial(outside, "cross_entropy", 1.5),
        parameter="The 'cross_entropy' objective needs targets in [0, 1]",
        value="got 1 value(s) outside, the first being 1.5",
        remedy="Use 'squared_error' for other real targets",
    ),
    "no class": bad_input(
        partial(target, Multiclass(), 0.0, 1.5),
        parameter="The 'multiclass' objective needs class indices 0, 1, 2, ...",
        value="got 1 value(s) outside, the first being 1.5",
        remedy="Encode the classes, for example by sklearn.preprocessing.LabelEncoder",
    ),
    "grade below 0": bad_input(
        partial(target, LambdaRank(), 0.0, -1.0),
        parameter="LambdaRank needs finite grades of at least 0",
        value="got 1 value(s) outside, the first being -1",
        remedy="Shift the grades so that the least is 0",
    ),
    "grade too large": bad_input(
        partial(target, XENDCG(), 0.0, 1024.0),
        parameter="XENDCG has no gain",
        value="for the grade 1024.",
        remedy="Use smaller grades, or gain='linear'",
    ),
    "grade without a gain": bad_input(
        partial(target, LambdaRank(gain=[0.0, 1.0, 3.0]), 0.0, 3.0),
        parameter="LambdaRank has no gain",
        value="for the grade 3.",
        remedy="With a list of 3 gains, grades are the integers 0 to 2",
    ),
    # Queries.
    "queries of fewer rows": bad_input(
        partial(rank, query=(0, 0)),
        parameter="'query' must",
        value="Got (2,) instead",
        remedy="have the target's shape (3,)",
    ),
    "weights of fewer rows": bad_input(
        partial(rank, weight=[[1.0], [1.0], [1.0]]),
        parameter="'weight' must",
        value="Got (3, 1) instead",
        remedy="have the target's shape (3,)",
    ),
    "torn queries": bad_input(
        partial(rank, query=(5, 7, 5)),
        parameter="'query' must be in ascending order",
        value="Got 5 after 7 in row 2",
        remedy="sort the rows by it",
    ),
    # The checks of an objective of the user's own.
    "class to check": fault(
        partial(check_objective, SquaredError),
        parameter="is no instance of Objective",
        value="SquaredError'>",
        remedy="pass one, with its parameters set",
    ),
    "few targets to check by": bad_input(
        partial(check_objective, SquaredError(), [1.0, 2.0]),
        parameter="'target' must",
        value="Got [1.0, 2.0] instead",
        remedy="hold at least 10 finite values in one dimension",
    ),
    "matrix to check by": bad_input(
        partial(check_objective, SquaredError(), np.ones((1000, 2))),
        parameter="'target' must",
        value="Got [[1.0, 1.0], [1.0, 1.0],",
        remedy="hold at least 10 finite values in one dimension",
    ),
    "nothing to check by": bad_input(
        partial(check_objective, Year()),
        parameter="check_target of Year() refuses",
        value="real values, counts, positive values, shares, bits",
        remedy="pass 'target'",
    ),
    "checked task": fault(
        partial(check_objective, Guess()),
        parameter="Guess(): 'task'",
        value="is 'guess'",
        remedy="it must be 'regression', 'probability' or 'classification'",
    ),
    "checked units": fault(
        partial(check_objective, Cubic()),
        parameter="Cubic(): with standardise = True",
        value="(here 3)",
        remedy="must be c ** loss_degree",
    ),
    "checked loss": fault(
        partial(check_objective, Mean()),
        parameter="Mean(): loss must",
        value="Got shape ()",
        remedy="return one number per target, in an array of the targets' shape (41,)",
    ),
    "checked derivatives": fault(
        partial(check_objective, Returning()),
        parameter="Returning(): gradient_hessian must",
        value="Got a tuple",
        remedy="write into 'gradient' and 'hessian' and return None",
    ),
}

ELSEWHERE: dict[tuple[str, str], str] = {}
