"""Errors of scores, comparisons of points and the scorer."""

from __future__ import annotations

import sys
from functools import cache, partial
from unittest.mock import patch

import numpy as np
import pandas as pd
from sklearn.linear_model import RidgeClassifier

from skmo import MultiObjectiveEstimator
from skmo.metrics import (
    hypervolume,
    inverted_generational_distance,
    is_pareto_efficient,
    make_scorer,
    maximum_weighted_loss,
    ndcg_score,
    pareto_improvement,
    r2_score,
    relative_improvement,
)
from skmo.metrics._points import objective_index

from .case import Case

COVERS = {"metrics"}

N = 60
X = np.random.default_rng(0).normal(size=(N, 3))
# Of two values, positive and of three classes.
Y = np.column_stack([X[:, 0] > 0, np.exp(X[:, 1]), np.digitize(X[:, 2], [-0.5, 0.5])])
FAST = {"n_estimators": 2, "n_jobs": 1, "random_state": 0, "heads": "none"}
inf, nan = np.inf, np.nan


@cache
def model(names=None):
    targets = Y if names is None else pd.DataFrame(Y, columns=list(names))
    objectives = ["binary", "gamma", "multiclass"]
    return MultiObjectiveEstimator(objectives, **FAST).fit(X, targets)


def score(y=Y, **options):
    make_scorer(**options)(model(), X, y)


def score_named():
    names = ("click", "min", "stars")
    targets = pd.DataFrame(Y, columns=list(names))
    make_scorer(combine=None)(model(names), X, targets)


def score_ridge():
    labels = Y[:, 0].astype(int)
    make_scorer("neg_log_loss")(RidgeClassifier().fit(X, labels), X, labels)


def ndcg(y_true=(0, 1, 2), y_pred=(0.1, 0.2, 0.3), **options):
    ndcg_score(np.array(y_true), np.array(y_pred), **options)


def hypervolume_without_moocore():
    with patch.dict(sys.modules, {"moocore": None}):
        hypervolume(np.ones((2, 6)), 0)


def deviation(y_true, y_pred, sample_weight=None):
    return float(np.average(np.abs(y_true - y_pred), weights=sample_weight))


bad_input = partial(Case, error=ValueError)

CASES = {
    # Scores of targets.
    "average": bad_input(
        partial(r2_score, [1.0, 2.0], [1.0, 2.0], multioutput="variance_weighted"),
        parameter="The 'multioutput' parameter",
        value="Got 'variance_weighted' instead",
        remedy="must be a str among 'raw_values' and 'uniform_average'",
    ),
    "shapes of targets": bad_input(
        partial(r2_score, np.ones((3, 2)), np.ones((3, 1))),
        parameter="y_true and y_pred must",
        value="Got (3, 2) and (3, 1)",
        remedy="have the same shape, (n_samples,) or (n_samples, n_objectives)",
    ),
    "targets of three axes": bad_input(
        partial(r2_score, np.ones((3, 2, 1)), np.ones((3, 2, 1))),
        parameter="y_true and y_pred must",
        value="Got (3, 2, 1) and (3, 2, 1)",
        remedy="have the same shape, (n_samples,) or (n_samples, n_objectives)",
    ),
    # NDCG.
    "gain": bad_input(
        partial(ndcg, gain="quadratic"),
        parameter="The 'gain' parameter",
        value="Got 'quadratic' instead",
        remedy="must be a str among 'exponential' and 'linear'",
    ),
    "list of gains": bad_input(
        partial(ndcg, gain=[0, 1, 3]),
        parameter="The 'gain' parameter",
        value="Got [0, 1, 3] instead",
        remedy="must be a str among 'exponential' and 'linear'",
    ),
    "ranks": bad_input(
        partial(ndcg, k=0),
        parameter="The 'k' parameter",
        value="Got 0 instead",
        remedy="must be an int in the range [1, inf) or None (all ranks)",
    ),
    "queries of fewer rows": bad_input(
        partial(ndcg, group_ids=[1, 2]),
        parameter="group_ids must",
        value="Got (2,) instead",
        remedy="hold the query of every row, shape (3,)",
    ),
    "missing query": bad_input(
        partial(ndcg, group_ids=["a", None, "b"]),
        parameter="group_ids is missing",
        value="in 1 rows",
        remedy="drop them first",
    ),
    "missing queries of pandas": bad_input(
        partial(ndcg, group_ids=pd.Series([1, None, None])),
        parameter="group_ids is missing",
        value="in 2 rows",
        remedy="drop them first",
    ),
    "grade below 0": bad_input(
        partial(ndcg, y_true=[0, -1, 2]),
        parameter="y_true holds",
        value="the grade -1,",
        remedy="Shift them so that the least is 0",
    ),
    "grade too large": bad_input(
        partial(ndcg, y_true=[0, 2000, 2]),
        parameter="y_true holds",
        value="the grade 2000, which is worth more than a float holds",
        remedy="Use finite grades, or gain='linear'",
    ),
    "prediction of NaN": bad_input(
        partial(ndcg, y_pred=[0.1, nan, 0.3]),
        parameter="y_pred must",
        value="Got nan in 1 of 3 rows",
        remedy="be finite where y_true is observed",
    ),
    # Points.
    "one point": bad_input(
        partial(is_pareto_efficient, [1, 2]),
        parameter="scores must",
        value="Got the shape (2,)",
        remedy="one row per point; put a single point into a list",
    ),
    "points of no objectives": bad_input(
        partial(is_pareto_efficient, np.empty((2, 0))),
        parameter="scores must",
        value="Got the shape (2, 0)",
        remedy="have shape (n_points, n_objectives)",
    ),
    "signs": bad_input(
        partial(is_pareto_efficient, [[1, 2]], greater_is_better=[1, -1]),
        parameter="greater_is_better must",
        value="Got [1, -1]",
        remedy="be True, False or one of them per objective, shape (2,)",
    ),
    "signs of fewer": bad_input(
        partial(is_pareto_efficient, [[1, 2]], greater_is_better=[True]),
        parameter="greater_is_better must",
        value="Got [True]",
        remedy="be True, False or one of them per objective, shape (2,)",
    ),
    "unknown objective": bad_input(
        partial(objective_index, "sales", ["click", "buy"], "bounds"),
        parameter="bounds has the unknown objective",
        value="'sales'",
        remedy="The objectives are click, buy, or by index 0 to 1",
    ),
    "reference": bad_input(
        partial(hypervolume, [[1, 2]], [0]),
        parameter="reference must",
        value="Got [0]",
        remedy="be a finite number or one per objective, shape (2,)",
    ),
    "infinite reference": bad_input(
        partial(hypervolume, [[1, 2]], [0, -inf]),
        parameter="reference must",
        value="Got [0, -inf]",
        remedy="be a finite number or one per objective, shape (2,)",
    ),
    "text for a reference": bad_input(
        partial(hypervolume, [[1, 2]], "nadir"),
        parameter="reference must",
        value="Got 'nadir'",
        remedy="be a finite number or one per objective, shape (2,)",
    ),
    "infinite point": bad_input(
        partial(hypervolume, [[3, 4], [1, inf]], 0),
        parameter="scores holds a point that is infinitely better",
        value="[1.0, inf]",
        remedy="Use finite scores",
    ),
    "many objectives without moocore": Case(
        hypervolume_without_moocore,
        ImportError,
        parameter="hypervolume of more than 5 objectives",
        value="here 6",
        remedy='needs moocore: pip install "skmo[pareto]"',
    ),
    "columns of a front": bad_input(
        partial(inverted_generational_distance, [[1, 2]], [[1, 2, 3]]),
        parameter="scores and reference_front must",
        value="Got the shapes (1, 2) and (1, 3)",
        remedy="have one column per objective each",
    ),
    "empty front": bad_input(
        partial(inverted_generational_distance, [[1, 2]], np.empty((0, 2))),
        parameter="reference_front must",
        value="Got []",
        remedy="hold at least one point and be finite",
    ),
    "front of NaN": bad_input(
        partial(inverted_generational_distance, [[1, 2]], [[1, nan]] * 1000),
        parameter="reference_front must",
        value="Got [[1.0, nan], [1.0, nan],",
        remedy="be finite: drop the points that are not",
    ),
    "plus": bad_input(
        partial(inverted_generational_distance, [[1, 2]], [[1, 2]], plus="yes"),
        parameter="plus must",
        value="Got 'yes'",
        remedy="be True or False",
    ),
    "points of NaN": bad_input(
        partial(inverted_generational_distance, [[nan, 2]], [[1, 2]]),
        parameter="scores must",
        value="Got the shape (1, 2)",
        remedy="hold at least one point without NaN",
    ),
    "number for losses": bad_input(
        partial(maximum_weighted_loss, 1.0),
        parameter="losses must",
        value="Got the shape ()",
        remedy="have shape (n_objectives,) or (n_points, n_objectives)",
    ),
    "preference of fewer": bad_input(
        partial(maximum_weighted_loss, [1, 2], [1]),
        parameter="preference must",
        value="Got [1]",
        remedy="hold 2 importances, one per objective, finite, at least 0 and not all",
    ),
    "preference of zeros": bad_input(
        partial(maximum_weighted_loss, [1, 2], [0, 0]),
        parameter="preference must",
        value="Got [0, 0]",
        remedy="hold 2 importances, one per objective, finite, at least 0 and not all",
    ),
    "ideal": bad_input(
        partial(maximum_weighted_loss, [1, 2], ideal=[1]),
        parameter="ideal must",
        value="Got [1]",
        remedy="be a finite number or one per objective, shape (2,)",
    ),
    # One model and another.
    "tolerance below 0": bad_input(
        partial(pareto_improvement, [0.0], [1.0], tolerance=-0.1),
        parameter="The 'tolerance' parameter of pareto_improvement",
        value="Got -0.1 instead",
        remedy="must be a float in the range [0, inf)",
    ),
    "text for a tolerance": bad_input(
        partial(pareto_improvement, [0.0], [1.0], tolerance="much"),
        parameter="The 'tolerance' parameter of pareto_improvement",
        value="Got 'much' instead",
        remedy="must be a float in the range [0, inf)",
    ),
    "scores of fewer": bad_input(
        partial(pareto_improvement, [0.5, 0.6], [0.5]),
        parameter="reference and candidate must",
        value="Got the shapes (2,) and (1,)",
        remedy="hold one score per objective",
    ),
    "score of NaN": bad_input(
        partial(relative_improvement, [0.5, nan], [0.5, 0.75]),
        parameter="A score is NaN",
        value="Got reference [0.5, nan] and candidate [0.5, 0.75]",
        remedy="leave that objective out of both models'",
    ),
    "reference of 0": bad_input(
        partial(relative_improvement, [0.5, 0.0], [0.5, 0.75]),
        parameter="relative to a reference score of 0",
        value="Got the reference [0.5, 0.0]",
        remedy="leave that objective out of both models'",
    ),
    "signs of improvements": bad_input(
        partial(pareto_improvement, [0.5, 2], [0.5, 3], greater_is_better=[1, -1]),
        parameter="greater_is_better must",
        value="Got [1, -1]",
        remedy="be True, False or one of them per objective, shape (2,)",
    ),
    # The scorer.
    "metric": bad_input(
        partial(make_scorer, "f1"),
        parameter="The 'metric' parameter",
        value="Got 'f1' instead",
        remedy="must be a callable or one of ['auto', 'r2',",
    ),
    "list of metrics": bad_input(
        partial(make_scorer, ["r2", "auto"]),
        parameter="The 'metric' parameter",
        value="Got ['r2', 'auto'] instead",
        remedy="must be a callable or one of ['auto', 'r2',",
    ),
    "combination": bad_input(
        partial(make_scorer, combine="max"),
        parameter="The 'combine' parameter",
        value="Got 'max' instead",
        remedy="must be 'mean', 'min' or None",
    ),
    "objective": bad_input(
        partial(make_scorer, objective=True),
        parameter="The 'objective' parameter",
        value="Got True instead",
        remedy="must be an objective's index or name, or None (all)",
    ),
    "objective's name": bad_input(
        partial(score, objective="click"),
        parameter="The 'objective' parameter",
        value="Got 'click' instead",
        remedy="must name one of ['target0', 'target1', 'target2']",
    ),
    "objective's index": bad_input(
        partial(score, objective=3),
        parameter="The 'objective' parameter",
        value="Got 3 instead",
        remedy="must be an index below 3, the number of objectives",
    ),
    "targets of fewer": bad_input(
        partial(score, Y[:, :1]),
        parameter="y has",
        value="1 target(s), but the scored MultiObjectiveEstimator has 3",
        remedy="pass the targets it was fitted with",
    ),
    "target's name": bad_input(
        score_named,
        parameter="A target is named",
        value="'min', as the combination of all targets is with combine=None",
        remedy="rename the target, or combine='mean' or 'min'",
    ),
    "values for two classes": bad_input(
        partial(score, metric="average_precision", objective=1),
        parameter="metric='average_precision' scores targets of two values",
        value="objective 'target1' has values such as",
        remedy="Use metric='auto', or name the 'objective' to score",
    ),
    "three classes for two": bad_input(
        partial(score, metric="roc_auc", objective=2),
        parameter="metric='roc_auc' scores targets of two values",
        value="objective 'target2' has 3 classes",
        remedy="Use metric='auto', or name the 'objective' to score",
    ),
    "labels for numbers": bad_input(
        partial(score, metric="r2"),
        parameter="metric='r2' scores numbers",
        value="objective 'target2' holds labels",
        remedy="Use metric='auto', 'roc_auc' or 'neg_log_loss'",
    ),
    "labels for a function": bad_input(
        partial(score, metric=deviation),
        parameter="metric='deviation' scores numbers",
        value="objective 'target2' holds labels",
        remedy="Use metric='auto', 'roc_auc' or 'neg_log_loss'",
    ),
    "no probabilities": bad_input(
        partial(score, metric="neg_log_loss"),
        parameter="metric='neg_log_loss' scores probabilities",
        value="the model has none for objective 'target1'",
        remedy="name another 'objective', or score a model with predict_proba",
    ),
    "no probabilities of scikit-learn": bad_input(
        score_ridge,
        parameter="metric='neg_log_loss' scores probabilities",
        value="the model has none for objective 'target0'",
        remedy="name another 'objective', or score a model with predict_proba",
    ),
}

ELSEWHERE: dict[tuple[str, str], str] = {}
