"""Predictions of LightGBM's from several threads."""

from __future__ import annotations

import os
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar


class Turns:
    """A queue for calls of several kinds, some of which may run side by side.

    Who comes first goes first, so that none waits for ever.

    Parameters
    ----------
    joins : callable
        Of the kind that is running and that of another call: whether it may join.
    """

    _all: ClassVar[weakref.WeakSet[Turns]] = weakref.WeakSet()

    def __init__(self, joins: Callable[[Any, Any], bool]):
        self._joins = joins
        self._begin()
        self._all.add(self)

    def _begin(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._waiting: deque[object] = deque()
        self._running: set[object] = set()
        self._kind: Any = None

    @contextmanager
    def taken(self, kind: Any) -> Iterator[Any]:
        """Surrounds a call; gives the kind that is running, which it must be of."""
        call = object()

        def may_run() -> bool:
            first = self._waiting[0] is call
            return first and (not self._running or self._joins(self._kind, kind))

        # Wherever an interrupt comes, nobody is left waiting.
        try:
            with self._changed:
                self._waiting.append(call)
                self._changed.wait_for(may_run)
                if not self._running:
                    self._kind = kind
                self._running.add(call)
                self._waiting.popleft()
                if self._waiting:
                    self._changed.notify_all()
            yield self._kind
        finally:
            with self._changed:
                self._running.discard(call)
                if call in self._waiting:
                    self._waiting.remove(call)
                if self._waiting:
                    self._changed.notify_all()

    @classmethod
    def forked(cls) -> None:
        """The threads of other calls do not live on in a child: begin anew."""
        for turns in list(cls._all):
            turns._begin()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=Turns.forked)

# LightGBM's number of threads is one for the whole process: a call that changes it lets
# others, of any model, write beyond what they have laid out for their threads (tried
# with 4.7). So all that run have the same. Who may have more makes do with fewer.
_THREADS = Turns(lambda running, more: running <= more)


class ModelTurns:
    """Who may ask one LightGBM model for predictions.

    During a call LightGBM keeps the range of trees in the model itself, behind a lock
    that other calls share: those of different ranges read and write beyond their memory
    (tried with 4.7). Calls for all trees may run side by side; any other is alone.
    """

    def __init__(self) -> None:
        self._turns = Turns(lambda running, all_trees: running and all_trees)

    @contextmanager
    def taken(self, all_trees: bool, n_threads: int) -> Iterator[int]:
        """Surrounds a call; gives the number of threads, at most ``n_threads``."""
        with self._turns.taken(all_trees), _THREADS.taken(n_threads) as n_threads:
            yield n_threads

    def __reduce__(self) -> tuple[type, tuple[()]]:
        """A copy of a model has turns of its own."""
        return type(self), ()
