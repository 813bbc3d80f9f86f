"""Fits on workers that are processes, and what they leave behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import dask.array as da
import numpy as np
import psutil
from distributed import Client, Worker
from numpy.testing import assert_allclose
from sklearn.datasets import make_regression

from skmo import MultiObjectiveRegressor
from skmo.dask import DaskMultiObjectiveRegressor
from skmo.dask._mesh import Mesh
from skmo.dask._worker import _OPEN

N_WORKERS = 3
# Seconds after which what has not come counts as hanging, on however busy a machine.
TIME_LIMIT = 120
PARAMS = {"n_estimators": 10, "num_leaves": 8, "heads": "none", "random_state": 0}
# More rounds than any test waits for.
ENDLESS = {**PARAMS, "n_estimators": 1_000_000}


def rows(sizes: Sequence[int] = (300, 300, 300)) -> tuple[da.Array, da.Array]:
    """Features and three targets in partitions of these sizes."""
    n = sum(sizes)
    X, Y = make_regression(n, 6, n_targets=3, noise=10.0, random_state=0)
    return tuple(da.from_array(d, (tuple(sizes), (d.shape[1],))) for d in (X, Y))


def regressor(client: Client, **params: Any) -> DaskMultiObjectiveRegressor:
    return DaskMultiObjectiveRegressor(**{**PARAMS, "client": client, **params})


def assert_as_local(fitted: Any, X: Any, Y: Any) -> None:
    """The predictions are those of a fit on one machine."""
    X, Y = X.compute(), Y.compute()
    expected = MultiObjectiveRegressor(**PARAMS, n_jobs=1).fit(X, Y).predict(X)
    scale = np.abs(expected).max()
    assert_allclose(fitted.predict(X), expected, rtol=0, atol=1e-6 * scale)


class InThread:
    """A call in a thread of its own, which must end in time."""

    def __init__(self, function: Callable[[], Any]):
        self._result: Any = None
        self.error: BaseException | None = None

        def run() -> None:
            try:
                self._result = function()
            except BaseException as error:
                self.error = error

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    def running(self) -> bool:
        return self._thread.is_alive()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)
        assert not self.running(), f"still running after {seconds} s"

    def result(self, seconds: float) -> Any:
        self.join(seconds)
        if self.error is not None:
            raise self.error
        return self._result


def within(seconds: float, function: Callable[[], Any], *, until: bool = False) -> Any:
    """What a call returns in time; or wait until what it returns is true."""
    if not until:
        return InThread(function).result(seconds)
    end = time.monotonic() + seconds
    while not (found := function()):
        assert time.monotonic() < end, f"not after {seconds} s"
        time.sleep(0.1)
    return found


def endless_fit(client: Client, n_workers: int = N_WORKERS) -> InThread:
    """A fit that is under way on so many workers."""
    X, Y = rows()
    fit = InThread(lambda: regressor(client, **ENDLESS).fit(X, Y))

    def begun() -> bool:
        assert fit.running(), fit.error
        return sum(n > 300 for n in client.run(n_exchanges).values()) == n_workers

    within(TIME_LIMIT, begun, until=True)
    return fit


def ranks() -> list[int]:
    """This worker's ranks in the fits that are under way."""
    return [rank for _, rank in list(_OPEN)]


def n_exchanges() -> int:
    """The exchanges of this worker's fit so far."""
    meshes = [opened for opened in list(_OPEN.values()) if isinstance(opened, Mesh)]
    return sum(sum(dict(mesh.traffic.calls).values()) for mesh in meshes)


def left_open(dask_worker: Worker) -> list[str]:
    """What fits have left open in this worker."""
    of_dask = {dask_worker.port, dask_worker.http_server.port}
    connections = psutil.Process().net_connections("tcp")
    ports = {c.laddr.port for c in connections if c.status == psutil.CONN_LISTEN}
    threads = [thread.name for thread in threading.enumerate()]
    return [
        *map(str, _OPEN),
        *(f"port {port}" for port in sorted(ports - of_dask)),
        *(name for name in threads if name.startswith("skmo-")),
    ]


def assert_nothing_is_open(client: Client) -> None:
    """Soon no worker has a port, a connection, a thread or a task of a fit."""
    end = time.monotonic() + 3
    while True:
        found = {w: kept for w, kept in client.run(left_open).items() if kept}
        tasks = {w: keys for w, keys in client.processing().items() if keys}
        if not found and not tasks:
            return
        assert time.monotonic() < end, (found, tasks)
        time.sleep(0.1)
