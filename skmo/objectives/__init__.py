"""Losses that a target can be trained on.

An objective gives the loss of one target as a function of its raw score, with
first and second derivative. Name one in an estimator's ``objective`` parameter,
pass an instance to set its parameters, or subclass :class:`Objective`.
"""

from ._base import Objective
from ._check import check_objective
from ._lambdarank import LambdaRank
from ._location import AbsoluteError, Huber, Quantile, SquaredError
from ._log_link import Gamma, Poisson, Tweedie
from ._logistic import Binary, CrossEntropy
from ._quantile import grouped_quantile, weighted_quantile
from ._ranking import QueryLoss, RankingObjective
from ._ranking_registry import RANKING_OBJECTIVES, get_ranking_objective
from ._registry import OBJECTIVES, get_objective
from ._softmax import Multiclass
from ._stage import Stage, StageDerivatives, StageLoss, log_cumulative
from ._stage_losses import (
    ConditionalLoss,
    DoublyRobustLoss,
    EntireSpaceLoss,
    InversePropensityLoss,
)
from ._stage_registry import STAGE_LOSSES, get_stage_losses
from ._xendcg import XENDCG

__all__ = [
    "OBJECTIVES",
    "RANKING_OBJECTIVES",
    "STAGE_LOSSES",
    "XENDCG",
    "AbsoluteError",
    "Binary",
    "ConditionalLoss",
    "CrossEntropy",
    "DoublyRobustLoss",
    "EntireSpaceLoss",
    "Gamma",
    "Huber",
    "InversePropensityLoss",
    "LambdaRank",
    "Multiclass",
    "Objective",
    "Poisson",
    "Quantile",
    "QueryLoss",
    "RankingObjective",
    "SquaredError",
    "Stage",
    "StageDerivatives",
    "StageLoss",
    "Tweedie",
    "check_objective",
    "get_objective",
    "get_ranking_objective",
    "get_stage_losses",
    "grouped_quantile",
    "log_cumulative",
    "weighted_quantile",
]
