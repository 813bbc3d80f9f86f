"""A progress line on a terminal."""

from __future__ import annotations

import shutil
import sys
import time


class ProgressLine:
    """Rewrite one line of standard error after each step; leave it empty.

    Parameters
    ----------
    total : int
        The number of steps.
    shown : bool or None, default=None
        None shows it only if standard error is a terminal.
    """

    def __init__(self, total: int, shown: bool | None = None):
        self.total = total
        self.shown = sys.stderr.isatty() if shown is None else shown
        self._done = -1
        self._length = 0

    def __enter__(self) -> ProgressLine:
        self._started = time.perf_counter()
        return self

    def step(self, text: str) -> None:
        """Say what is done next."""
        self._done += 1
        filled = round(24 * self._done / self.total)
        elapsed = time.perf_counter() - self._started
        self._write(
            f"[{'#' * filled}{'.' * (24 - filled)}] {self._done}/{self.total} "
            f"{elapsed:.0f} s  {text}"
        )

    def __exit__(self, *exception: object) -> None:
        self._write("")
        if self.shown:
            sys.stderr.write("\r")
            sys.stderr.flush()

    def _write(self, line: str) -> None:
        if not self.shown:
            return
        # A line that wraps could not be rewritten.
        line = line[: shutil.get_terminal_size().columns - 1]
        # Spaces, not escape codes: they clear the rest on every terminal.
        sys.stderr.write(f"\r{line.ljust(self._length)}")
        sys.stderr.flush()
        self._length = len(line)
