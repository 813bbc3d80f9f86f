"""Workers at several addresses, without nannies."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import dask
import pytest
from distributed import Client, LocalCluster

from skmo.dask._worker import listen
from skmo.exceptions import WorkerLostError
from tests.cluster.conftest import CONFIG
from tests.cluster.workers import (
    TIME_LIMIT,
    assert_as_local,
    assert_nothing_is_open,
    endless_fit,
    regressor,
    rows,
    within,
)

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[2]
OWN, OTHER = "127.0.0.1", "127.0.0.2"
# Of a network between this namespace and another one.
NEAR, FAR, NAMESPACE = "10.213.7.1", "10.213.7.2", f"skmo{os.getpid()}"

Start = Callable[[Sequence[str], dict[str, Sequence[str]]], Client]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a scheduler at the first address, and a worker at each.

    Workers are run by a command of their own. None of them is left.
    """
    with ExitStack() as stack:

        def run(hosts: Sequence[str], by: dict[str, Sequence[str]]) -> Client:
            stack.enter_context(dask.config.set(CONFIG))
            cluster = LocalCluster(
                n_workers=0,
                host=hosts[0],
                dashboard_address=f"{hosts[0]}:0",
                silence_logs=50,
            )
            stack.enter_context(cluster)
            for host in hosts:
                stack.callback(stop, start_worker(cluster, host, by.get(host, ())))
            client = stack.enter_context(Client(cluster))
            client.wait_for_workers(len(hosts), timeout=TIME_LIMIT)
            return client

        yield run


def start_worker(
    cluster: LocalCluster, host: str, by: Sequence[str]
) -> subprocess.Popen:
    command = [sys.executable, "-m", "distributed.cli.dask_worker"]
    options = ["--no-nanny", "--nthreads", "1", "--host", host, "--no-dashboard"]
    return subprocess.Popen(
        [*by, *command, cluster.scheduler_address, *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )


def stop(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()


def worker_at(client: Client, host: str) -> str:
    return next(w for w in client.nthreads() if w.startswith(f"tcp://{host}:"))


@pytest.fixture
def two_addresses(start) -> Client:
    try:
        socket.create_server((OTHER, 0)).close()
    except OSError as error:
        pytest.skip(f"{OTHER} is no address of this machine: {error}")
    return start([OWN, OTHER], {})


@pytest.mark.slow
def test_two_addresses(two_addresses):
    client = two_addresses
    X, Y = rows()
    assert_as_local(within(TIME_LIMIT, lambda: regressor(client).fit(X, Y)), X, Y)
    assert_nothing_is_open(client)

    # Each port is at its worker's own address.
    port = client.submit(
        listen, "skmo-fit-a", 0, b"key", workers=[worker_at(client, OTHER)]
    )
    host, number = port.result(10)
    assert host == OTHER
    socket.create_connection((OTHER, number), 5).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((OWN, number), 5)
    client.cancel(port)
    assert_nothing_is_open(client)

    # Nobody restarts a worker that is killed.
    fit = endless_fit(client, 2)
    worker = worker_at(client, OTHER)
    os.kill(client.run(os.getpid, workers=[worker])[worker], signal.SIGKILL)
    with pytest.raises(WorkerLostError, match=f"The worker {worker} was lost"):
        fit.result(20)
    assert [*client.nthreads()] == [worker_at(client, OWN)]
    assert_as_local(within(TIME_LIMIT, lambda: regressor(client).fit(X, Y)), X, Y)
    assert_nothing_is_open(client)


def ip(*command: str) -> None:
    subprocess.run(["ip", *command], check=True, capture_output=True, text=True)


@pytest.fixture
def two_hosts(start) -> Iterator[Client]:
    """A worker here and one in a network namespace of its own."""
    with ExitStack() as stack:
        try:
            ip("netns", "add", NAMESPACE)
            stack.callback(ip, "netns", "del", NAMESPACE)
            link, there = "skmo-near", ("-n", NAMESPACE)
            ip("link", "add", link, "type", "veth", "peer", "far", "netns", NAMESPACE)
            ip("addr", "add", f"{NEAR}/24", "dev", link)
            ip("link", "set", link, "up")
            ip(*there, "addr", "add", f"{FAR}/24", "dev", "far")
            ip(*there, "link", "set", "far", "up")
            ip(*there, "link", "set", "lo", "up")
        except (OSError, subprocess.CalledProcessError) as error:
            why = getattr(error, "stderr", None) or error
            pytest.skip(f"network namespaces are not to be had: {why}")
        yield start([NEAR, FAR], {FAR: ["ip", "netns", "exec", NAMESPACE]})


@pytest.mark.slow
def test_a_host_that_vanishes(two_hosts):
    """No connection is closed: nobody answers any longer."""
    client = two_hosts
    X, Y = rows()
    assert_as_local(within(TIME_LIMIT, lambda: regressor(client).fit(X, Y)), X, Y)
    fit = endless_fit(client, 2)
    # About half a minute later, by TCP's probes.
    far = worker_at(client, FAR)
    ip("-n", NAMESPACE, "link", "set", "far", "down")
    with pytest.raises(WorkerLostError, match=f"The worker {far} was lost"):
        fit.result(90)
    ip("-n", NAMESPACE, "link", "set", "far", "up")
    assert_as_local(within(TIME_LIMIT, lambda: regressor(client).fit(X, Y)), X, Y)
    assert_nothing_is_open(client)
