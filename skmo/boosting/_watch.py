"""Who is told of the rounds of a fit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._run import Run


class Watch:
    """Is told before and after each round, and may end the rounds.

    This one does nothing; `SharedBooster.fit` takes subclasses of it.
    """

    def before(self, run: Run) -> None:
        """Called before a round."""

    def after(self, run: Run) -> None:
        """Called after a round that grew a tree."""

    @contextmanager
    def guard(self, run: Run) -> Iterator[None]:
        """Surrounds all rounds: an exception swallowed here ends them."""
        yield
