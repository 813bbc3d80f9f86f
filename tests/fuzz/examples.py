"""How many random cases there are, and how they are drawn."""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random

import pytest

pytest.importorskip("hypothesis", reason="random cases are drawn by hypothesis")

from hypothesis import given, settings
from hypothesis import strategies as st

# How many times the usual number: SKMO_EXAMPLES=100 searches for an hour or two.
FACTOR = float(os.environ.get("SKMO_EXAMPLES", 1))


def seeds(n: int) -> list[int]:
    """Seeds for cases that are run in a process of their own."""
    return list(range(round(n * FACTOR)))


def random_cases(n: int) -> Callable:
    """Call a test with ``rng``, the same ones in every run."""

    def decorate(test: Callable) -> Callable:
        drawn = settings(
            max_examples=round(n * FACTOR),
            derandomize=True,
            deadline=None,
            database=None,
        )(given(rng=st.integers(0, 2**32 - 1).map(Random))(test))
        return drawn

    return decorate
