"""How many threads an estimator is granted."""

from __future__ import annotations

import os
from numbers import Integral
from typing import Any

import joblib


class _OpenMP:
    """What is known of the OpenMP library in this process.

    GNU's does not survive a fork: a child whose parent has used threads waits for
    them for ever as soon as it asks for some. With a single thread it does not ask.
    """

    threads_used = False
    lost_in_fork = False

    @classmethod
    def forked(cls) -> None:
        cls.lost_in_fork = cls.threads_used


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_OpenMP.forked)


def check_n_jobs(n_jobs: Any) -> None:
    """Raise ``ValueError`` for 0; the rest is in the parameter constraints."""
    if isinstance(n_jobs, Integral) and n_jobs == 0:
        raise ValueError(
            "The 'n_jobs' parameter must be a number of threads, -1 for all processors "
            "or None. Got 0 instead."
        )


def granted_threads(n_jobs: int | None) -> int:
    """How many threads ``n_jobs`` grants in this process."""
    check_n_jobs(n_jobs)
    # joblib.effective_n_jobs would count the machines of a cluster's backend, too.
    n = joblib.cpu_count()
    if n_jobs is None:
        n = min(n, _openmp_limit() or n)
    elif n_jobs > 0:
        n = int(n_jobs)
    else:
        n = max(n + 1 + int(n_jobs), 1)
    if _OpenMP.lost_in_fork:
        return 1
    _OpenMP.threads_used |= n > 1
    return n


def _openmp_limit() -> int | None:
    """OMP_NUM_THREADS, which joblib sets in the processes it starts."""
    # The first number of a list is that of threads which are not nested.
    text = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return int(text) if text.isdecimal() and int(text) > 0 else None
