"""A cluster whose workers are processes."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import dask
import psutil
import pytest
from distributed import Client, LocalCluster

from tests.cluster.workers import N_WORKERS, TIME_LIMIT, assert_nothing_is_open

CONFIG = {
    # A lease ends this long after its client, and is looked at this often.
    "distributed.scheduler.locks.lease-timeout": "4s",
    "distributed.scheduler.locks.lease-validation-interval": "1s",
    # Else a cluster gives up a worker that was killed twice in so much time.
    "distributed.deploy.lost-worker-timeout": "120s",
}


@pytest.fixture(scope="session")
def cluster() -> Iterator[LocalCluster]:
    """Three workers of one thread each, under nannies."""
    with (
        dask.config.set(CONFIG),
        LocalCluster(
            n_workers=N_WORKERS,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
            preload=["tests.cluster.workers"],
        ) as cluster,
    ):
        yield cluster
        processes = psutil.Process().children(recursive=True)
    # Python's process that cleans up after multiprocessing ends with this one.
    _, alive = psutil.wait_procs(processes, timeout=5)
    assert not [p for p in alive if "resource_tracker" not in " ".join(p.cmdline())]


@pytest.fixture
def client(cluster: LocalCluster) -> Iterator[Client]:
    """A client of the cluster; after the test no worker has anything open."""
    with Client(cluster) as client:
        client.wait_for_workers(N_WORKERS, timeout=TIME_LIMIT)
        yield client
        client.wait_for_workers(N_WORKERS, timeout=TIME_LIMIT)
        assert_nothing_is_open(client)
