"""Generators and loaders of problems with several targets."""

from ._conflicting import make_conflicting
from ._drug_screen import DRUG_SCREEN_ENDPOINTS, make_drug_screen
from ._feed import FEED_FEATURES, FEED_TARGETS, make_feed
from ._funnel import make_funnel
from ._multi_ranking import make_multi_ranking
from ._multi_target import make_multi_target
from ._openml import (
    fetch_emotions,
    fetch_energy_efficiency,
    fetch_river_flow,
    fetch_scene,
    fetch_water_quality,
    fetch_yeast,
)

__all__ = [
    "DRUG_SCREEN_ENDPOINTS",
    "FEED_FEATURES",
    "FEED_TARGETS",
    "fetch_emotions",
    "fetch_energy_efficiency",
    "fetch_river_flow",
    "fetch_scene",
    "fetch_water_quality",
    "fetch_yeast",
    "make_conflicting",
    "make_drug_screen",
    "make_feed",
    "make_funnel",
    "make_multi_ranking",
    "make_multi_target",
]
