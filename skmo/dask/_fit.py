"""A fit on a cluster, as the client conducts it."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from distributed import Client, Future, MultiLock, wait

from ..exceptions import WorkerLostError, warn_user
from ._communicator import CancelledFitError
from ._mesh import PeerLostError
from ._partitions import place_ranks, split_evenly
from ._worker import Place, end, listen, train

# Seconds between looks at which workers are left, and for survivors to end.
_LOOK_EVERY, _GRACE = 0.5, 60.0


@dataclass(frozen=True)
class Partitions:
    """Partitions on the cluster that have rows to learn from.

    Attributes
    ----------
    futures : list of Future
        Of `Part`.
    n_rows : ndarray of shape (n_partitions,), int
    n_weights : int
        Columns of the rows' weights; 0 without weights.
    """

    futures: list[Future]
    n_rows: np.ndarray
    n_weights: int

    def __len__(self) -> int:
        return len(self.futures)

    def split(self, n_ranks: int) -> list[list[Future]]:
        """Those of each rank; of the last ranks none, where there are too few."""
        slices = split_evenly(self.n_rows, min(n_ranks, len(self)))
        empty = [[] for _ in range(n_ranks - len(slices))]
        return [self.futures[part] for part in slices] + empty

    def place(self, client: Client, n_ranks: int, workers: list[str]) -> list[str]:
        """A worker for each rank, such that few rows move."""
        held = client.who_has(self.futures)
        holders = [held.get(future.key, ()) for future in self.futures]
        slices = split_evenly(self.n_rows, n_ranks)
        return place_ranks(slices, self.n_rows, holders, workers)


def fit_on_workers(
    client: Client, estimator: Any, parts: Partitions, parts_val: Partitions | None
) -> tuple[Any, Any]:
    """Train ``estimator`` on the workers of a cluster.

    Parameters
    ----------
    client : distributed.Client
    estimator : MultiObjectiveBase
        With its encodings learnt.
    parts, parts_val : Partitions
        Training rows, and validation rows or None.

    Returns
    -------
    fitted : MultiObjectiveBase
    traffic : Traffic
        What the first rank sent, and how long it waited.

    Raises
    ------
    WorkerLostError
        If a worker died.
    """
    n_threads = dict(client.nthreads())
    if not n_threads:
        raise RuntimeError(
            "The Dask cluster has no worker. Wait for one: client.wait_for_workers(1)."
        )
    n_ranks = min(len(n_threads), len(parts))
    workers = parts.place(client, n_ranks, sorted(n_threads))
    by_rank = parts.split(n_ranks)
    by_rank_val, n_weights_val = [None] * n_ranks, 0
    if parts_val is not None:
        by_rank_val, n_weights_val = parts_val.split(n_ranks), parts_val.n_weights
    # Two fits that each wait for a worker the other one holds would wait for ever.
    with MultiLock(workers, client=client), _ports(client, workers) as (fit, addresses):
        futures = [
            client.submit(
                train,
                _for_worker(estimator, rank, n_threads[worker]),
                Place(fit, rank, addresses, n_weights_val),
                by_rank[rank],
                by_rank_val[rank],
                key=f"{fit}-{rank}",
                **_only_on(worker),
            )
            for rank, worker in enumerate(workers)
        ]
        try:
            _watch(client, futures, workers)
            found = client.gather(futures[0])
        except BaseException as error:
            _end(client, fit, futures, workers)
            raise _cause(error, futures, workers) from None
        finally:
            client.cancel(futures)
    fitted, warned, traffic = found
    for message, category in warned:
        warn_user(message, category)
    return fitted, traffic


@contextmanager
def _ports(
    client: Client, workers: list[str]
) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """A fit's name, and the ports its workers have opened for each other."""
    fit, key = f"skmo-fit-{secrets.token_hex(8)}", secrets.token_bytes(32)
    opened = [
        client.submit(
            listen, fit, rank, key, key=f"{fit}-listen-{rank}", **_only_on(worker)
        )
        for rank, worker in enumerate(workers)
    ]
    try:
        _watch(client, opened, workers)
        yield fit, client.gather(opened)
    finally:
        client.cancel(opened)
        left = [worker for worker in workers if worker in client.nthreads()]
        # What a worker that has just died held open died with it.
        client.run(end, fit, workers=left, on_error="ignore")


def _only_on(worker: str) -> dict[str, Any]:
    return {
        "workers": [worker],
        "allow_other_workers": False,
        "retries": 0,
        "pure": False,
    }


def _for_worker(estimator: Any, rank: int, n_threads: int) -> Any:
    """The estimator with the threads of its worker; rank 0 tells of the progress."""
    found = copy.copy(estimator)
    granted = n_threads if estimator.n_jobs is None else estimator.n_jobs
    found.n_jobs = min(granted, n_threads) if granted > 0 else n_threads
    found.verbose = estimator.verbose if rank == 0 else 0
    return found


def _watch(client: Client, futures: list[Future], workers: list[str]) -> None:
    """Wait for all futures, as long as their workers are there and none fails.

    Raises
    ------
    WorkerLostError
        If a worker is gone: a task that is bound to it would wait for ever.
    Exception
        What the first failing task raised.
    """
    pending = set(futures)
    while pending:
        try:
            done, pending = wait(
                pending, timeout=_LOOK_EVERY, return_when="FIRST_COMPLETED"
            )
        except TimeoutError:
            done = set()
        for future in done:
            if future.status != "finished":
                client.gather(future)  # raises
        present = client.nthreads()
        lost = [
            (rank, worker)
            for rank, (worker, future) in enumerate(zip(workers, futures, strict=True))
            if worker not in present and not future.done()
        ]
        if lost:
            raise _lost(*lost[0])


def _lost(rank: int, worker: str) -> WorkerLostError:
    return WorkerLostError(
        f"The worker {worker} (rank {rank}) was lost during the fit. Nothing was "
        "kept; fit again once the cluster has its workers. If it ran out of memory, "
        "use more workers or smaller partitions."
    )


def _end(client: Client, fit: str, futures: list[Future], workers: list[str]) -> None:
    """Make all tasks of a fit end, and wait until they have."""
    present = client.nthreads()
    client.run(
        end, fit, workers=[w for w in workers if w in present], on_error="ignore"
    )
    # A task of a worker that is gone stays pending for ever.
    ending = [f for w, f in zip(workers, futures, strict=True) if w in present]
    with suppress(TimeoutError):
        wait(ending, timeout=_GRACE)


def _cause(
    error: BaseException, futures: list[Future], workers: list[str]
) -> BaseException:
    """Why the fit failed: what one worker raised, rather than that others noticed."""
    noticed = PeerLostError | CancelledFitError
    if not isinstance(error, noticed):
        return error
    for worker, future in zip(workers, futures, strict=True):
        found = future.exception(timeout=_GRACE) if future.status == "error" else None
        if found is not None and not isinstance(found, noticed):
            found.add_note(f"Raised on the worker {worker}.")
            return found
    if isinstance(error, PeerLostError):
        return _lost(error.rank, workers[error.rank])
    return error
