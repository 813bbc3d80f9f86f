"""What parts of a fit remember from round to round."""

from __future__ import annotations

from typing import Any, ClassVar


class Remembers:
    """Hands out, and takes back, what it remembers from round to round.

    Everything else follows from the data and the parameters, so that a fit that was
    stopped goes on where these are put back.
    """

    _memory: ClassVar[tuple[str, ...]] = ()

    def memory(self) -> dict[str, Any]:
        """The attributes themselves, not copies: to be pickled at once."""
        return {name: getattr(self, name) for name in self._memory}

    def remember(self, memory: dict[str, Any]) -> None:
        """Take back what `memory` gave."""
        for name in self._memory:
            setattr(self, name, memory[name])
