"""Whether a tuner's parameters suit each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def check_end(n_trials: int | None, timeout: float | None) -> None:
    """A study must have an end."""
    if n_trials is None and timeout is None:
        raise ValueError(
            "With n_trials=None and timeout=None the study would not end: pass one of "
            "them."
        )


def check_error_score(error_score: Any) -> None:
    """A number would be tuned for."""
    if error_score != "raise" and not np.isnan(error_score):
        raise ValueError(
            "The 'error_score' parameter must be 'raise' or np.nan: a failed trial has "
            f"no score that could be tuned for. Got {error_score!r:.200} instead."
        )


def check_callbacks(callbacks: Sequence[Callable] | None) -> None:
    """Before the first trial is made, not after it."""
    strangers = [callback for callback in callbacks or () if not callable(callback)]
    if strangers:
        raise ValueError(
            "The 'callbacks' parameter must hold callables of a study and a trial. Got "
            f"{strangers[0]!r:.200} instead."
        )
