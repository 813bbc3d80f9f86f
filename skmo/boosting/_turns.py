"""Predictions of one LightGBM model from several threads."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Who may ask a LightGBM model for predictions.

    During a call LightGBM keeps the range of trees in the model itself, behind a lock
    that other calls share. Calls of different ranges read and write beyond their
    memory (tried with 4.7). Those of all trees may run side by side, any other waits
    until it is alone. Who comes first goes first, so that none waits for ever.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._waiting: deque[object] = deque()
        self._running: set[object] = set()
        self._alone: object | None = None

    @contextmanager
    def taken(self, all_trees: bool) -> Iterator[None]:
        """Surrounds a call."""
        call = object()

        def may_run() -> bool:
            first = self._waiting[0] is call and self._alone is None
            return first and (all_trees or not self._running)

        # Wherever an interrupt comes, nobody is left waiting.
        try:
            with self._changed:
                self._waiting.append(call)
                self._changed.wait_for(may_run)
                self._running.add(call)
                if not all_trees:
                    self._alone = call
                self._waiting.popleft()
                if self._waiting:
                    self._changed.notify_all()
            yield
        finally:
            with self._changed:
                self._running.discard(call)
                if self._alone is call:
                    self._alone = None
                if call in self._waiting:
                    self._waiting.remove(call)
                if self._waiting:
                    self._changed.notify_all()

    def __reduce__(self) -> tuple[type, tuple[()]]:
        """A copy of a model has turns of its own."""
        return type(self), ()
