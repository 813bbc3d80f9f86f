"""What the generators check."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np


def check_integer(
    function: str, name: str, value: Any, least: int, most: int | None = None
) -> None:
    good = isinstance(value, Integral) and value >= least
    if not good or (most is not None and value > most):
        end = "inf)" if most is None else f"{most}]"
        raise ValueError(
            f"The {name!r} parameter of {function} must be an int in the range "
            f"[{least}, {end}. Got {value!r:.200} instead."
        )


def check_share(
    function: str,
    name: str,
    value: Any,
    low: float,
    high: float,
    closing: str = "]",
    opening: str = "[",
) -> None:
    """A number from ``low`` to ``high``, which round brackets leave out."""
    if not _within(value, low, high, opening + closing):
        raise ValueError(
            f"The {name!r} parameter of {function} must be a float in the range "
            f"{opening}{low}, {high}{closing}. Got {value!r:.200} instead."
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
    several = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    if several or (isinstance(value, np.ndarray) and value.ndim == 1):
        values = list(value)
    else:
        values = [value] * n_targets
    good = len(values) == n_targets and all(
        _within(one, low, high, ends) for one in values
    )
    if not good:
        raise ValueError(
            f"The {name!r} parameter of {function} must be a float in the range "
            f"{ends[0]}{low}, {high}{ends[1]} or a sequence of {n_targets} of them, "
            f"one per target. Got {value!r:.200} instead."
        )
    return np.array(values, dtype=np.float64)


def _within(value: Any, low: float, high: float, ends: str) -> bool:
    return (
        isinstance(value, Real)
        and low <= value <= high
        and not (ends[0] == "(" and value == low)
        and not (ends[1] == ")" and value == high)
    )


def import_pandas(function: str) -> Any:
    try:
        import pandas
    except ImportError as error:
        raise ImportError(
            f'{function}(as_frame=True) needs pandas: pip install "skmo[pandas]".'
        ) from error
    return pandas
