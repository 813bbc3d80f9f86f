"""The commands of ``python -m skmo``."""

from ._commands import main

__all__ = ["main"]
