"""What a fit did, in pictures."""

from ._conflict import ConflictDisplay
from ._convergence import ConvergenceDisplay
from ._pareto_front import ParetoFrontDisplay
from ._report_card import ReportCardDisplay
from ._tree import TreeDisplay
from ._weights import WeightsDisplay

__all__ = [
    "ConflictDisplay",
    "ConvergenceDisplay",
    "ParetoFrontDisplay",
    "ReportCardDisplay",
    "TreeDisplay",
    "WeightsDisplay",
]
