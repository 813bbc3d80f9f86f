"""Checks of parameters and targets, with their error messages."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real

import numpy as np


def check_real(
    owner: object,
    name: str,
    low: float,
    high: float,
    *,
    closed: str = "neither",
) -> None:
    """Check that a parameter is a real number in a range.

    Parameters
    ----------
    owner : object
        The object that holds the parameter.
    name : str
        The parameter, an attribute of ``owner``.
    low, high : float
        The ends of the range.
    closed : {"neither", "left", "right", "both"}, default="neither"
        Which ends belong to the range.

    Raises
    ------
    ValueError
        If the value is not a real number (a bool is none) or is out of range.
    """
    value = getattr(owner, name)
    left = closed in ("left", "both")
    right = closed in ("right", "both")
    if isinstance(value, Real) and not isinstance(value, bool | np.bool_):
        above = value >= low if left else value > low
        below = value <= high if right else value < high
        if above and below:
            return
    interval = f"{'[' if left else '('}{low:g}, {high:g}{']' if right else ')'}"
    raise ValueError(
        f"The {name!r} parameter of {type(owner).__name__} must be a float in the "
        f"range {interval}. Got {value!r:.200} instead."
    )


def check_option(owner: object, name: str, options: Sequence[str]) -> None:
    """Check that a parameter is one of some strings.

    Parameters
    ----------
    owner : object
        The object that holds the parameter.
    name : str
        The parameter, an attribute of ``owner``.
    options : sequence of str
        The values allowed.

    Raises
    ------
    ValueError
        If the value is none of them.
    """
    value = getattr(owner, name)
    if isinstance(value, str) and value in options:
        return
    listed = ", ".join(repr(option) for option in options)
    raise ValueError(
        f"The {name!r} parameter of {type(owner).__name__} must be a str among "
        f"{{{listed}}}. Got {value!r:.200} instead."
    )


def check_domain(
    objective: str, target: np.ndarray, valid: np.ndarray, domain: str, remedy: str
) -> None:
    """Check that every target is one the objective is defined for.

    Parameters
    ----------
    objective : str
        The objective's name in the registry.
    target : ndarray of shape (n_observed,)
        The targets.
    valid : ndarray of shape (n_observed,), bool
        Which of them are in the domain.
    domain : str
        The domain in words, to follow "needs".
    remedy : str
        A sentence that says what to do instead.

    Raises
    ------
    ValueError
        If a target is outside the domain: how many are, the first of them and
        the remedy.
    """
    outside = np.flatnonzero(~valid)
    if outside.size == 0:
        return
    raise ValueError(
        f"The {objective!r} objective needs {domain}; got {outside.size} value(s) "
        f"outside, the first being {float(target[outside[0]])}. {remedy}"
    )
