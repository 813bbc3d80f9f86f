"""Generators of problems with several targets, and the names of their columns."""

from ._conflicting import make_conflicting
from ._feed import FEED_FEATURES, FEED_TARGETS, make_feed
from ._funnel import make_funnel
from ._multi_ranking import make_multi_ranking
from ._multi_target import make_multi_target

__all__ = [
    "FEED_FEATURES",
    "FEED_TARGETS",
    "make_conflicting",
    "make_feed",
    "make_funnel",
    "make_multi_ranking",
    "make_multi_target",
]
