"""What becomes of a fit, and of the cluster, where something fails.

A worker that is stopped (SIGSTOP) or hangs is none of these: nothing tells it from a
busy one. One that Dask ends for its memory dies as a killed one does.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from distributed import CancelledError, Client, Future, get_worker
from numpy.testing import assert_array_equal

from skmo.dask._worker import listen
from skmo.exceptions import WorkerLostError
from skmo.objectives import SquaredError
from tests.cluster.workers import (
    N_WORKERS,
    TIME_LIMIT,
    InThread,
    assert_as_local,
    assert_nothing_is_open,
    endless_fit,
    left_open,
    n_exchanges,
    ranks,
    regressor,
    rows,
    within,
)

# Seconds, on a machine that is busy; it takes less than one where it is not.
pytestmark = pytest.mark.processes

SOON = 20
ROOT = Path(__file__).parents[2]


class RaisesOn(SquaredError):
    """Raises on one worker, from some call on."""

    def __init__(self, worker: str, n_calls: int):
        self.worker, self.n_calls = worker, n_calls

    def gradient_hessian(self, target, score, gradient, hessian):
        if get_worker().address == self.worker:
            self._calls = getattr(self, "_calls", 0) + 1
            if self._calls > self.n_calls:
                raise ZeroDivisionError("the fault")
        super().gradient_hessian(target, score, gradient, hessian)


def assert_usable(client: Client) -> None:
    """The cluster fits again, with as many workers as it has."""
    X, Y = rows()
    assert_as_local(within(TIME_LIMIT, lambda: regressor(client).fit(X, Y)), X, Y)
    assert_nothing_is_open(client)


@pytest.mark.parametrize("rank", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_a_killed_worker(client, rank):
    fit = endless_fit(client)
    worker = of_rank(client, rank)
    pid = client.run(os.getpid, workers=[worker])[worker]
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(WorkerLostError, match=f"The worker {worker} was lost"):
        fit.result(SOON)
    assert_usable(client)  # with the survivors, or with a new one already


def of_rank(client: Client, rank: int) -> str:
    """The worker of a rank in the fit that is under way."""
    of_workers = client.run(ranks)
    return next(worker for worker, found in of_workers.items() if found == [rank])


# At once, and in mid-fit.
@pytest.mark.parametrize(("which", "n_calls"), [(0, 20), (1, 0), (2, 20)])
def test_an_exception_on_one_worker(client, which, n_calls):
    worker = sorted(client.nthreads())[which]
    X, Y = rows()
    faulty = regressor(client, objective=RaisesOn(worker, n_calls), n_estimators=50)
    fit = InThread(lambda: faulty.fit(X, Y))
    with pytest.raises(ZeroDivisionError, match="the fault") as raised:
        fit.result(SOON)
    assert raised.value.__notes__ == [f"Raised on the worker {worker}."]
    assert not hasattr(faulty, "n_iter_")
    assert_usable(client)


@pytest.mark.parametrize("n_clients", [1, 2])
def test_two_fits_at_once(cluster, client, n_clients):
    X, Y = rows()
    expected = regressor(client).fit(X, Y).predict(X.compute())
    with Client(cluster, set_as_default=False) as other:
        clients = [client, client if n_clients == 1 else other]
        fits = [InThread(lambda c=c: regressor(c).fit(X, Y)) for c in clients * 2]
        for fit in fits:
            assert_array_equal(fit.result(TIME_LIMIT).predict(X.compute()), expected)


def test_no_default_client(cluster, client):
    X, Y = rows()
    with Client(cluster, set_as_default=False) as other:
        assert_as_local(within(TIME_LIMIT, lambda: regressor(other).fit(X, Y)), X, Y)


@pytest.mark.slow
def test_a_worker_joins(cluster, client):
    fit = endless_fit(client)
    before = set(client.nthreads())
    cluster.scale(N_WORKERS + 1)
    try:
        client.wait_for_workers(N_WORKERS + 1, timeout=TIME_LIMIT)
        assert fit.running()
        joined = client.run(n_exchanges, workers=[*{*client.nthreads()} - before])
        assert [*joined.values()] == [0]
        cancel(client)
        with pytest.raises(CancelledError):
            fit.result(SOON)
        X, Y = rows((150,) * 6)
        assert_as_local(within(TIME_LIMIT, lambda: regressor(client).fit(X, Y)), X, Y)
    finally:
        joined = [w for w in client.nthreads() if w not in before]
        client.retire_workers(joined)
        cluster.scale(N_WORKERS)


def cancel(client: Client) -> None:
    """Cancel all tasks of all fits."""
    keys = [key for key in client.futures if key.startswith("skmo-fit")]
    client.cancel([Future(key, client) for key in keys])


def test_a_cancelled_fit(client):
    fit = endless_fit(client)
    cancel(client)
    with pytest.raises(CancelledError):
        fit.result(SOON)
    assert_usable(client)


def test_a_client_that_goes_before_the_workers_have_met(cluster, client):
    """A port is closed once nobody holds the result of the task that opened it."""
    worker = min(client.nthreads())
    with Client(cluster, set_as_default=False) as other:
        port = other.submit(listen, "skmo-fit-alone", 0, b"key", workers=[worker])
        host, number = port.result(SOON)
        opened = client.run(left_open, workers=[worker])[worker]
        assert opened == ["('skmo-fit-alone', 0)", f"port {number}"]
        socket.create_connection((host, number), 5).close()
    assert_nothing_is_open(client)


CLIENT = """
import _thread, signal, sys, threading, time
from distributed import Client
from skmo.dask._worker import _OPEN
from tests.cluster.workers import ENDLESS, n_exchanges, regressor, rows

# A background job's children ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
X, Y = rows()
with Client(sys.argv[1]) as client:
    def watch():
        while sum(n > 300 for n in client.run(n_exchanges).values()) < 3:
            time.sleep(0.1)
        print("begun", flush=True)
        if sys.argv[2] == "interrupt":
            _thread.interrupt_main()

    threading.Thread(target=watch, daemon=True).start()
    try:
        regressor(client, **ENDLESS).fit(X, Y)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@pytest.fixture
def run_client(cluster):
    """Run a client in a process of its own, up to the middle of a fit."""
    processes = []

    def run(how: str) -> subprocess.Popen:
        command = [sys.executable, "-c", CLIENT, cluster.scheduler_address, how]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert within(TIME_LIMIT, process.stdout.readline) == "begun\n"
        return process

    yield run
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


def test_an_interrupted_client(client, run_client):
    process = run_client("interrupt")
    assert within(SOON, process.stdout.readline) == "interrupted\n"
    assert process.wait(SOON) == 0
    assert_usable(client)


@pytest.mark.slow
def test_a_killed_client(client, run_client):
    process = run_client("")
    process.kill()
    assert_nothing_is_open(client)
    assert_usable(client)
