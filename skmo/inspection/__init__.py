"""What a fit did, in tables and pictures."""

from ._comparison import ComparisonResult
from ._report_card import ReportCardDisplay

__all__ = ["ComparisonResult", "ReportCardDisplay"]
