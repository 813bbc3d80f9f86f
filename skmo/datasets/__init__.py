"""Generators of problems with several targets, and the names of their columns."""

from ._feed import FEED_FEATURES, FEED_TARGETS, make_feed
from ._funnel import make_funnel
from ._multi_ranking import make_multi_ranking

__all__ = [
    "FEED_FEATURES",
    "FEED_TARGETS",
    "make_feed",
    "make_funnel",
    "make_multi_ranking",
]
