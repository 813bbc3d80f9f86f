"""Errors of the booster: of LightGBM's parameters and of plug-ins of the user's own."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np

from skmo import MultiObjectiveEstimator, MultiObjectiveRegressor
from skmo.balancing import Balancer
from skmo.boosting import TreeError
from skmo.boosting._one_score_coder import OneScoreCoder
from skmo.boosting.structure import StructureRule
from skmo.objectives import Objective, SquaredError

from .case import Case

COVERS = {"boosting"}

N = 60
X = np.random.default_rng(0).normal(size=(N, 3))
Y = np.column_stack([X[:, 0] + X[:, 1], X[:, 1] - X[:, 2]])
FAST = {"n_estimators": 2, "n_jobs": 1, "random_state": 0, "heads": "none"}


class OwnSquare(Objective):
    """A user's squared error."""

    def init_score(self, target, weight):
        return np.array([np.average(target, weights=weight)])

    def loss(self, target, score):
        return 0.5 * (target - score) ** 2

    def gradient_hessian(self, target, score, gradient, hessian):
        np.subtract(score, target, out=gradient)
        hessian[...] = 1.0


class Direction(StructureRule):
    def __init__(self, value):
        self.value = value

    def direction(self, state, rng):
        return np.array(self.value)


class Weights(Balancer):
    nonnegative = True

    def __init__(self, value):
        self.value = value

    def _weights(self, gramian, losses, preference):
        return np.array(self.value)


class Signed(Weights):
    """Weights of any sign, which separate trees can use."""

    nonnegative = False


def fit(**params):
    MultiObjectiveRegressor(**{**FAST, **params}).fit(X, Y)


def fit_with(**methods):
    """A fit in which the second objective goes wrong."""
    spoilt = type("Spoilt", (OwnSquare,), methods)()
    MultiObjectiveEstimator([SquaredError(), spoilt], **FAST).fit(X, Y)


def passed(**params):
    fit(lightgbm_params=params)


def later(first, then):
    """What a method gives at scores of one value, and what as soon as they differ."""

    def method(self, target, score, *out):
        return (first if np.ptp(score) == 0 else then)(self, target, score, *out)

    return method


def uphill(self, target, score, gradient, hessian):
    np.subtract(score, target, out=gradient)
    hessian[...] = -1.0


def steep(self, target, score, gradient, hessian):
    gradient[...] = np.inf
    hessian[...] = 1.0


def rebinding(self, target, score, gradient, hessian):
    gradient = score - target
    assert gradient is not None


def some_nan(self, target, score, gradient, hessian):
    gradient[...] = np.where(target > target.min(), score - target, np.nan)
    hessian[...] = 1.0


def on_two_machines():
    two = SimpleNamespace(n_workers=2)
    OneScoreCoder([SquaredError(), SquaredError()]).fit(Y, None, two)


bad_input = partial(Case, error=ValueError)
breakdown = partial(Case, error=FloatingPointError)

CASES = {
    # LightGBM's parameters.
    "set by the estimator": bad_input(
        partial(passed, eta=0.5),
        parameter="lightgbm_params[",
        value="['eta'] is refused",
        remedy="set the estimator's 'learning_rate' parameter instead",
    ),
    "breaks shared trees": bad_input(
        partial(passed, monotone_constraints=[1, 0, 0]),
        parameter="lightgbm_params[",
        value="['monotone_constraints'] is refused",
        remedy="which the shared trees do not use. Remove it.",
    ),
    "weights": bad_input(
        partial(passed, is_unbalance=True),
        parameter="lightgbm_params[",
        value="['is_unbalance'] is refused",
        remedy="pass sample_weight instead",
    ),
    "near name": bad_input(
        partial(passed, extra_treez=True),
        parameter="lightgbm_params[",
        value="['extra_treez'] is no parameter of LightGBM",
        remedy="Did you mean 'extra_tree' or ",
    ),
    "far name": bad_input(
        partial(passed, **{"?" * 100: True}),
        parameter="lightgbm_params[",
        value="['" + "?" * 79 + "] is no parameter of LightGBM",
        remedy="Remove it.",
    ),
    "number for a name": bad_input(
        partial(fit, lightgbm_params={7: True}),
        parameter="lightgbm_params[",
        value="[7] is no parameter of LightGBM",
        remedy="Remove it.",
    ),
    "kind of boosting": bad_input(
        partial(passed, boosting_type="dart"),
        parameter="lightgbm_params['boosting_type']",
        value="='dart' is refused",
        remedy="only plain gradient boosting with row bagging makes known. Remove it.",
    ),
    "kind of sampling": bad_input(
        partial(passed, data_sample_strategy="goss"),
        parameter="lightgbm_params['data_sample_strategy']",
        value="='goss' is refused",
        remedy="only plain gradient boosting with row bagging makes known. Remove it.",
    ),
    # What is wrong, LightGBM says.
    "refused by LightGBM": Case(
        partial(passed, extra_seed="many"),
        TreeError,
        parameter="LightGBM refused its data or parameters",
        value="many",
        remedy="Check 'lightgbm_params' and the tree parameters.",
    ),
    "one score on several machines": bad_input(
        on_two_machines,
        parameter="Objectives that share a score",
        value="Got 2 workers",
        remedy="set shared_score=False, or use the estimator of skmo itself",
    ),
    # A structure rule or balancer of the user's own.
    "direction of zeros": bad_input(
        partial(fit, structure=Direction([0.0, 0.0])),
        parameter="The structure rule Direction(value=[0.0, 0.0]) must",
        value="Got [0. 0.] instead",
        remedy="return a finite direction of shape (2,), not all 0",
    ),
    "direction's shape": bad_input(
        partial(fit, structure=Direction([1.0])),
        parameter="The structure rule Direction(value=[1.0]) must",
        value="Got [1.] instead",
        remedy="return a finite direction of shape (2,), not all 0",
    ),
    "infinite weights": bad_input(
        partial(fit, balancer=Weights([1.0, np.inf])),
        parameter="The balancer Weights(value=[1.0, inf]) must",
        value="Got [ 1. inf] instead",
        remedy="return 2 finite weights of at least 0, not all 0",
    ),
    "weights below 0": bad_input(
        partial(fit, balancer=Weights([1.0, -1.0])),
        parameter="The balancer Weights(value=[1.0, -1.0]) must",
        value="Got [ 1. -1.] instead",
        remedy="return 2 finite weights of at least 0, not all 0",
    ),
    "signed weights of zeros": bad_input(
        partial(
            MultiObjectiveEstimator(
                [SquaredError(), SquaredError()],
                balancer=Signed([0.0, 0.0]),
                shared_score=True,
                **FAST,
            ).fit,
            X,
            Y,
        ),
        parameter="The balancer Signed(value=[0.0, 0.0]) must",
        value="Got [0. 0.] instead",
        remedy="return 2 finite weights, not all 0",
    ),
    # An objective of the user's own.
    "number to start from": bad_input(
        partial(fit_with, init_score=lambda self, target, weight: 0.25),
        parameter="init_score of Spoilt() must",
        value="Got 0.25 instead",
        remedy="return a finite array of shape (1,)",
    ),
    "starts without end": bad_input(
        partial(fit_with, init_score=lambda self, target, weight: list(range(1000))),
        parameter="init_score of Spoilt() must",
        value="Got [0, 1, 2,",
        remedy="return a finite array of shape (1,)",
    ),
    "no start": bad_input(
        partial(fit_with, init_score=lambda self, target, weight: "zero"),
        parameter="init_score of Spoilt() must",
        value="Got 'zero' instead",
        remedy="return a finite array of shape (1,)",
    ),
    "mean loss": bad_input(
        partial(fit_with, loss=lambda self, target, score: 0.5),
        parameter="loss of Spoilt() must",
        value="Got a float instead",
        remedy="return an array of the targets' shape (60, 1), one loss per target",
    ),
    "losses of fewer": bad_input(
        partial(fit_with, loss=lambda self, target, score: np.zeros((5, 1))),
        parameter="loss of Spoilt() must",
        value="Got an array of shape (5, 1) instead",
        remedy="return an array of the targets' shape (60, 1), one loss per target",
    ),
    "returned derivatives": bad_input(
        partial(fit_with, gradient_hessian=lambda self, t, s, g, h: (s - t, s)),
        parameter="gradient_hessian of Spoilt() must",
        value="Got a tuple instead",
        remedy="write into its arguments 'gradient' and 'hessian' (gradient[...] = ..",
    ),
    "no gradient": bad_input(
        partial(fit_with, gradient_hessian=rebinding),
        parameter="gradient_hessian of Spoilt() left",
        value="60 of 60 gradients NaN or infinite",
        remedy="must write finite numbers into 'gradient' (gradient[...] = ...",
    ),
    "some gradients": bad_input(
        partial(fit_with, gradient_hessian=some_nan),
        parameter="gradient_hessian of Spoilt() left",
        value="1 of 60 gradients NaN or infinite",
        remedy="must write finite numbers into 'gradient' (gradient[...] = ...",
    ),
    "negative curvature": bad_input(
        partial(fit_with, gradient_hessian=uphill),
        parameter="gradient_hessian of Spoilt() gave 60 of 60 second derivatives",
        value="the first being -1.",
        remedy="Write a positive upper bound into 'hessian'",
    ),
    # What goes wrong in later rounds.
    "curvature turns negative": breakdown(
        partial(fit_with, gradient_hessian=later(OwnSquare.gradient_hessian, uphill)),
        parameter="The second derivatives of objective 1 (Spoilt()) sum to",
        value="sum to -",
        remedy="take an upper bound where the loss is not convex",
    ),
    "loss turns NaN": breakdown(
        partial(
            fit_with,
            loss=later(OwnSquare.loss, lambda self, t, s: np.full(t.shape, np.nan)),
        ),
        parameter="The loss of objective 1 (Spoilt())",
        value="is NaN",
        remedy="Lower 'learning_rate', scale its target, or check the objective's loss",
    ),
    "gradient overflows": breakdown(
        partial(fit_with, gradient_hessian=later(OwnSquare.gradient_hessian, steep)),
        parameter="The gradient of objective 1 (Spoilt())",
        value="is no longer finite",
        remedy="Lower 'learning_rate', scale its target, or check the objective's grad",
    ),
}

ELSEWHERE = {
    ("boosting/_network.py", "LightGBMNetwork.raise_if_failed"): (
        "hands on an error of skmo.dask, whose own place has a case"
    ),
    ("boosting/_tree.py", "_stop_early.callback"): (
        "no error: so LightGBM is told that it has trained enough"
    ),
}
