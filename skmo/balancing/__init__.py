"""Balancers: how much each objective weighs in a round."""

from ._base import Balancer
from ._equal import Equal

BALANCERS: dict[str, type[Balancer]] = {"equal": Equal}

__all__ = ["BALANCERS", "Balancer", "Equal"]
