"""What the generators check."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np


def check_integer(function: str, name: str, value: Any, least: int) -> None:
    if not isinstance(value, Integral) or value < least:
        raise ValueError(
            f"The {name!r} parameter of {function} must be an int in the range "
            f"[{least}, inf). Got {value!r} instead."
        )


def check_share(
    function: str, name: str, value: Any, low: float, high: float, closing: str = "]"
) -> None:
    """A number from ``low`` to ``high``, which ``closing`` is ")" leaves out."""
    good = isinstance(value, Real) and low <= value <= high
    if not good or (closing == ")" and value == high):
        raise ValueError(
            f"The {name!r} parameter of {function} must be a float in the range "
            f"[{low}, {high}{closing}. Got {value!r} instead."
        )


def per_target(
    function: str,
    name: str,
    value: Any,
    n_targets: int,
    low: float,
    high: float,
    ends: str = "[]",
) -> np.ndarray:
    """A number for all targets or a sequence of one each, as one each.

    Those that ``ends`` has round brackets for are left out of the range.
    """
    several = isinstance(value, Sequence | np.ndarray) and np.ndim(value) == 1
    values = list(value) if several else [value] * n_targets
    good = len(values) == n_targets and all(
        isinstance(v, Real)
        and low <= v <= high
        and not (ends[0] == "(" and v == low)
        and not (ends[1] == ")" and v == high)
        for v in values
    )
    if not good:
        raise ValueError(
            f"The {name!r} parameter of {function} must be a float in the range "
            f"{ends[0]}{low}, {high}{ends[1]} or a sequence of {n_targets} of them, "
            f"one per target. Got {value!r} instead."
        )
    return np.array(values, dtype=np.float64)


def import_pandas(function: str) -> Any:
    try:
        import pandas
    except ImportError as error:
        raise ImportError(
            f'{function}(as_frame=True) needs pandas: pip install "skmo[pandas]".'
        ) from error
    return pandas
