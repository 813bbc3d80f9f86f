"""What the generators check."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any


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


def import_pandas(function: str) -> Any:
    try:
        import pandas
    except ImportError as error:
        raise ImportError(
            f'{function}(as_frame=True) needs pandas: pip install "skmo[pandas]".'
        ) from error
    return pandas
