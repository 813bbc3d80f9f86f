"""A fit on a cluster, as the client conducts it."""

from __future__ import annotations

import copy
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from distributed import Client, Future, Semaphore

from ..exceptions import WorkerLostError, warn_user
from ._communicator import CancelledFitError
from ._mesh import PeerLostError
from ._partitions import place_ranks, split_evenly
from ._worker import Place, listen, train

# Seconds between looks at which workers are left, and for survivors to end.
_LOOK_EVERY, _GRACE = 0.5, 10.0
# What those raise who only notice that another one has ended.
_NOTICED = (PeerLostError, CancelledFitError)


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
    with _alone(client):
        n_threads = dict(client.nthreads())
        if not n_threads:
            raise RuntimeError(
                "The Dask cluster has no worker. Wait for one: "
                "client.wait_for_workers(1)."
            )
        n_ranks = min(len(n_threads), len(parts))
        workers = parts.place(client, n_ranks, sorted(n_threads))
        by_rank = parts.split(n_ranks)
        by_rank_val, n_weights_val = [None] * n_ranks, 0
        if parts_val is not None:
            by_rank_val, n_weights_val = parts_val.split(n_ranks), parts_val.n_weights
        with _ports(client, workers) as (fit, addresses, futures):
            for rank, worker in enumerate(workers):
                future = client.submit(
                    train,
                    _for_worker(estimator, rank, n_threads[worker]),
                    Place(fit, rank, addresses, n_weights_val),
                    by_rank[rank],
                    by_rank_val[rank],
                    key=f"{fit}-{rank}",
                    **_only_on(worker),
                )
                futures.append(future)
            _watch(client, futures, workers)
            fitted, warned, traffic = client.gather(futures[0])
    for message, category in warned:
        warn_user(message, category)
    return fitted, traffic


@contextmanager
def _alone(client: Client) -> Iterator[None]:
    """Hold the cluster, as two fits may wait for workers that the other one holds.

    It is a lease, which the client renews and which so ends with it. A MultiLock would
    never be released where a client is killed.
    """
    lease = Semaphore(
        max_leases=1,
        name="skmo-fit",
        scheduler_rpc=client.scheduler,
        loop=client.loop,
    )
    lease.register()
    try:
        # In short steps: where it is interrupted, the last one is soon given up.
        while not lease.acquire(timeout=_LOOK_EVERY):
            pass
        try:
            yield
        finally:
            lease.release()
    finally:
        if hasattr(lease, "refresh_callback"):  # else leases never end
            client.loop.add_callback(lease.refresh_callback.stop)


@contextmanager
def _ports(
    client: Client, workers: list[str]
) -> Iterator[tuple[str, list[tuple[str, int]], list[Future]]]:
    """A fit's name, its workers' open ports, and a list for the tasks that use them.

    When it is left, these tasks have ended.
    """
    fit, key = f"skmo-fit-{secrets.token_hex(8)}", secrets.token_bytes(32)
    opened: list[Future] = []
    tasks: list[Future] = []
    try:
        for rank, worker in enumerate(workers):
            name = f"{fit}-listen-{rank}"
            future = client.submit(listen, fit, rank, key, key=name, **_only_on(worker))
            opened.append(future)
        _watch(client, opened, workers)
        yield fit, client.gather(opened), tasks
    except BaseException as error:
        client.cancel(opened)
        _await_end(client, tasks, workers)
        raise _cause(client, error, tasks, workers) from None
    finally:
        client.cancel([*opened, *tasks])


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
    BaseException
        What the first failing task raised.
    """
    while any(not future.done() for future in futures):
        waited_for = next(future for future in futures if not future.done())
        with suppress(TimeoutError):
            waited_for.exception(timeout=_LOOK_EVERY)
        present = client.nthreads()
        for worker, future in zip(workers, futures, strict=True):
            if future.done() and future.status != "finished":
                raise _raised(client, future, worker)
            if not future.done() and worker not in present:
                raise _lost(worker)


def _raised(client: Client, future: Future, worker: str) -> BaseException:
    """What a failed or cancelled task raises, with its traceback."""
    try:
        client.gather(future)
    except BaseException as error:
        if future.status == "error":
            error.add_note(f"Raised on the worker {worker}.")
        return error


def _lost(worker: str) -> WorkerLostError:
    return WorkerLostError(
        f"The worker {worker} was lost during the fit. Nothing was kept; fit again "
        "once the cluster has its workers. If it ran out of memory, use more workers "
        "or smaller partitions."
    )


def _await_end(client: Client, futures: list[Future], workers: list[str]) -> None:
    """Wait for tasks that are about to fail, on those workers that are left."""
    until = time.monotonic() + _GRACE
    while time.monotonic() < until:
        present = client.nthreads()
        ending = [
            future
            for worker, future in zip(workers, futures, strict=False)
            if worker in present and not future.done()
        ]
        if not ending:
            return
        with suppress(TimeoutError):
            ending[0].exception(timeout=_LOOK_EVERY)


def _cause(
    client: Client, error: BaseException, futures: list[Future], workers: list[str]
) -> BaseException:
    """Why the fit failed: what one worker raised, rather than that others noticed."""
    if not isinstance(error, _NOTICED):
        return error
    raised = {
        rank: _raised(client, future, worker)
        for rank, (worker, future) in enumerate(zip(workers, futures, strict=False))
        if future.status == "error"
    }
    for found in raised.values():
        if not isinstance(found, _NOTICED):
            return found
    # Whoever misses another one leaves, too, and may be missed first: the lost worker
    # is at the end of the chain, where nobody speaks.
    missed: list[int] = []
    while isinstance(error, PeerLostError) and error.rank not in missed:
        missed.append(error.rank)
        error = raised.get(error.rank)
    if error is None:
        return _lost(workers[missed[-1]])
    names = " and ".join(workers[rank] for rank in missed[-2:])
    return WorkerLostError(
        f"The connection between the workers {names} was lost during the fit. Nothing "
        "was kept; see to the network, and fit again."
    )
