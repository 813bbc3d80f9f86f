"""Scores of several targets, some of them unobserved, and what they add up to.

Every score ignores the rows whose target is NaN, target by target, and is
otherwise scikit-learn's function of the same name, `ndcg_score` aside.
`make_scorer` makes scorers of them for scikit-learn's searches. Sets of points, one
per model, are judged by their Pareto front.
"""

from ._hypervolume import hypervolume
from ._improvement import pareto_improvement, relative_improvement
from ._pareto import (
    inverted_generational_distance,
    is_pareto_efficient,
    maximum_weighted_loss,
)
from ._ranking import ndcg_score
from ._scorer import make_scorer
from ._scores import (
    average_precision_score,
    brier_score_loss,
    d2_log_loss_score,
    d2_pinball_score,
    d2_tweedie_score,
    log_loss,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)

__all__ = [
    "average_precision_score",
    "brier_score_loss",
    "d2_log_loss_score",
    "d2_pinball_score",
    "d2_tweedie_score",
    "hypervolume",
    "inverted_generational_distance",
    "is_pareto_efficient",
    "log_loss",
    "make_scorer",
    "maximum_weighted_loss",
    "mean_absolute_error",
    "ndcg_score",
    "pareto_improvement",
    "r2_score",
    "relative_improvement",
    "roc_auc_score",
    "root_mean_squared_error",
]
