"""Rows that several processes hold: what they know is brought together here."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import numpy as np
import scipy.sparse as sp

Features = np.ndarray | sp.csr_matrix
Answer = TypeVar("Answer")


class Span(NamedTuple):
    """A process's rows among those of all processes, in the ranks' order.

    Attributes
    ----------
    first, n_rows : int
        Where they start, and how many they are.
    n_total : int
        All processes' rows.
    """

    first: int
    n_rows: int
    n_total: int

    def pick(self, rows: np.ndarray | None) -> np.ndarray | None:
        """The process's own of these rows, counted from its first.

        ``rows`` are indices among all rows, ascending; None stands for all, here and
        in what is returned.
        """
        if rows is None or self.n_rows == self.n_total:
            return rows
        begin, end = np.searchsorted(rows, [self.first, self.first + self.n_rows])
        return rows[begin:end] - self.first


class Communicator:
    """The only process of a fit, which holds all rows.

    The rounds of boosting ask nothing else of other processes, so a fit on several
    is the same code with another communicator. Each process must call the same
    methods in the same order.

    Attributes
    ----------
    rank, n_workers : int
    lightgbm_params : dict
        What makes LightGBM grow the same tree on all processes.
    """

    rank = 0
    n_workers = 1
    lightgbm_params: dict[str, object] = {}  # noqa: RUF012

    def span(self, n_rows: int) -> Span:
        """Where this process's ``n_rows`` rows lie among those of all."""
        return Span(0, n_rows, n_rows)

    def sum(self, *arrays: np.ndarray) -> list[np.ndarray]:
        """Each array's sum over the processes, the same to the last bit on all."""
        return list(arrays)

    def any(self, flag: bool) -> bool:
        """Whether it is so on some process."""
        return bool(self.sum(np.array([flag], dtype=np.int64))[0].any())

    def decide(self, answer: Callable[[], Answer]) -> Answer:
        """What ``answer`` returns on the first process, for all.

        For whatever must not differ by a digit, as other processors may make it. It
        must not ask the communicator for anything.
        """
        return answer()

    def together(self, *columns: np.ndarray | None) -> list[np.ndarray | None] | None:
        """All processes' entries, one rank's after the other's.

        On the first process alone: None elsewhere. A column that is None is so on
        all.
        """
        return list(columns)

    def bin_sample(self, X: Features, size: int) -> Features | None:
        """Rows drawn from those of all processes, to find features' bins from.

        The same on all, at most ``size``. None where LightGBM draws them itself.
        """
        return None

    def check(self) -> None:
        """Raise if LightGBM lost another process while it grew a tree."""


ALONE = Communicator()
