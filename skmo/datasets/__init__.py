"""Generators of problems with several targets."""

from ._feed import make_feed

__all__ = ["make_feed"]
