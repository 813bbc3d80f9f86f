"""What a fit did, in pictures and objective by objective."""

from ..estimators._ranker_view import ObjectiveRanker
from ..estimators._view import ObjectiveClassifier, ObjectiveRegressor
from ._conflict import ConflictDisplay
from ._convergence import ConvergenceDisplay
from ._pareto_front import ParetoFrontDisplay
from ._report_card import ReportCardDisplay
from ._tree import TreeDisplay
from ._weights import WeightsDisplay

__all__ = [
    "ConflictDisplay",
    "ConvergenceDisplay",
    "ObjectiveClassifier",
    "ObjectiveRanker",
    "ObjectiveRegressor",
    "ParetoFrontDisplay",
    "ReportCardDisplay",
    "TreeDisplay",
    "WeightsDisplay",
]
