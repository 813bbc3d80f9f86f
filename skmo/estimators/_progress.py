"""What ``verbose`` prints."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from ..boosting import Head
from ..callbacks import CallbackEnv, log_evaluation

_MAX_SHOWN = 8


def report_rounds(verbose: int) -> list[Callable[[CallbackEnv], None]]:
    """The callback that prints a line every so many rounds, if there is to be one."""
    return [log_evaluation(10 if verbose == 1 else 1)] if verbose else []


def say(verbose: int, text: str) -> None:
    """Tell what takes a while."""
    if verbose:
        print(text)


@contextmanager
def shown_heads(
    verbose: int, names: Sequence[str]
) -> Iterator[Callable[[list[Head | None]], list[Head | None]]]:
    """Tell that own learners are trained, and of which; hands the heads through."""
    start = time.perf_counter()
    say(verbose, "heads: training learners of the objectives' own …")

    def show(heads: list[Head | None]) -> list[Head | None]:
        kept = [n for n, head in zip(names, heads, strict=True) if head is not None]
        shown = ", ".join(kept[:_MAX_SHOWN]) or "none"
        more = f", … ({len(kept)} objectives)" if len(kept) > _MAX_SHOWN else ""
        seconds = time.perf_counter() - start
        say(verbose, f"heads: {shown}{more} kept ({seconds:.1f} s)")
        return heads

    yield show
