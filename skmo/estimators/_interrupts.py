"""Ctrl-C between rounds instead of within one."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType


class HeldInterrupts:
    """Holds SIGINT back until it is asked for.

    Only where Python would handle it: in the main thread, and unless the process
    ignores it. What a handler of the user's own does, it does later.

    Parameters
    ----------
    hold : bool
        False to do nothing.
    """

    def __init__(self, *, hold: bool):
        self._hold = hold
        self._before = None
        self._held: tuple[int, FrameType | None] | None = None

    def __enter__(self) -> HeldInterrupts:
        main = threading.current_thread() is threading.main_thread()
        if self._hold and main and callable(signal.getsignal(signal.SIGINT)):
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._held = number, frame

    def deliver(self) -> None:
        """Do what would have been done at once: raise KeyboardInterrupt, usually."""
        held, self._held = self._held, None
        if held is not None:
            self._before(*held)
