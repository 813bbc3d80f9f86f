"""What a fit did, in pictures."""

from ._report_card import ReportCardDisplay

__all__ = ["ReportCardDisplay"]
