"""Generators and loaders of problems with several targets."""

from ._feed import FEED_FEATURES, FEED_TARGETS, make_feed
from ._funnel import make_funnel
from ._multi_ranking import make_multi_ranking
from ._openml import (
    fetch_emotions,
    fetch_energy_efficiency,
    fetch_river_flow,
    fetch_scene,
    fetch_water_quality,
    fetch_yeast,
)

__all__ = [
    "FEED_FEATURES",
    "FEED_TARGETS",
    "fetch_emotions",
    "fetch_energy_efficiency",
    "fetch_river_flow",
    "fetch_scene",
    "fetch_water_quality",
    "fetch_yeast",
    "make_feed",
    "make_funnel",
    "make_multi_ranking",
]
