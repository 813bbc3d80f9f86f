"""Errors of the estimators for Dask, without a cluster."""

from __future__ import annotations

import importlib
import sys
from contextlib import nullcontext, suppress
from functools import partial
from unittest.mock import MagicMock, patch

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd

from skmo.dask import DaskMultiObjectiveEstimator, DaskMultiObjectiveRegressor
from skmo.dask._communicator import CancelledFitError, MeshCommunicator
from skmo.dask._connect import Listener
from skmo.dask._fit import Partitions, _ports, _watch, fit_on_workers
from skmo.dask._mesh import _EAGER, Mesh, PeerLostError
from skmo.dask._worker import Place, train
from skmo.exceptions import WorkerLostError

from .case import Case

COVERS = {"dask"}

N = 60
rng = np.random.default_rng(0)
X, Y = rng.normal(size=(N, 3)), rng.normal(size=(N, 2))
HOSTS = [("10.0.0.1", 8001), ("10.0.0.2", 8002)]
WORKERS = ["tcp://10.0.0.1:9001", "tcp://10.0.0.2:9002"]

bad_input = partial(Case, error=ValueError)


def lazy(values, rows=(20, 40)):
    chunks = (rows,) if values.ndim == 1 else (rows, *values.shape[1:])
    return da.from_array(values, chunks=chunks)


def frame(values, npartitions=3):
    return dd.from_pandas(pd.DataFrame(values), npartitions=npartitions)


class Here:
    """A client whose only worker is this thread; it trains nothing."""

    def compute(self, tasks):
        return dask.compute(*tasks, scheduler="synchronous")

    def map(self, function, values, *, pure, **more):
        return [function(value, **more) for value in values]

    def gather(self, values):
        return values


def fit(given=None, targets=None, *more, cls=DaskMultiObjectiveRegressor, **params):
    """What `fit` says before workers train; of good features and targets, if None."""
    given = lazy(X) if given is None else given
    targets = lazy(Y) if targets is None else targets
    with patch("skmo.dask._mixin.default_client", Here):
        cls(n_estimators=2, random_state=0, **params).fit(given, targets, *more)


def unobserved(columns=slice(None)):
    found = Y.copy()
    found[:, columns] = np.nan
    return lazy(found)


def import_without_distributed():
    with patch.dict(sys.modules, {"distributed": None}):
        for name in [name for name in sys.modules if name.startswith("skmo.dask")]:
            del sys.modules[name]
        importlib.import_module("skmo.dask")


def client(n_workers=2, **more):
    """A client of workers that are only names."""
    found = MagicMock(**more)
    found.nthreads.return_value = dict.fromkeys(WORKERS[:n_workers], 1)
    return found


def future(status):
    found = MagicMock(status=status)
    found.done.return_value = status != "pending"
    return found


def fit_without_workers():
    with patch("skmo.dask._fit._alone", lambda client: nullcontext()):
        fit_on_workers(client(0), None, Partitions([], np.array([]), 0), None)


def lose_a_worker():
    _watch(client(1), [future("finished"), future("pending")], WORKERS)


def lose_a_peer():
    """One process misses another, which nobody has heard of since."""
    of_two = client()
    of_two.submit.return_value = future("finished")
    with _ports(of_two, WORKERS):
        raise PeerLostError(1, HOSTS[1], "it closed the connection")


def mesh(**peer):
    """The first of two processes; what the other one does."""
    return Mesh(0, HOSTS, {1: MagicMock(**peer)})


def send_to_nobody():
    with mesh(**{"send.side_effect": BrokenPipeError("broken pipe")}) as found:
        found.broadcast("hello")


def receive_from_nobody():
    with mesh(**{"receive.side_effect": EOFError}) as found:
        found.gather("hello")


def go_on_after_an_error():
    with mesh(**{"receive.side_effect": EOFError}) as found:
        with suppress(PeerLostError):
            found.gather("hello")
        found._error.__traceback__ = None  # it is raised anew
        found.broadcast("hello")


def send_after_the_end():
    found = mesh()
    found.close()
    found.allreduce_sum(np.zeros(_EAGER))


def wait_for_nobody():
    listener = Listener("127.0.0.1", b"key")
    listener.connect(0, [listener.address, HOSTS[1]], 0.0)


def begin_after_the_end():
    listener = Listener("127.0.0.1", b"key")
    listener.close()
    listener.connect(0, [listener.address, HOSTS[1]], 1.0)


def check_a_cancelled_fit():
    network = MagicMock()
    MeshCommunicator(Mesh(0, HOSTS[:1], {}), network, lambda: True).check()


DATA = {
    "no collection": Case(
        lambda: fit(lazy(X), Y),
        TypeError,
        "y must be a Dask array or data frame",
        "Got ndarray instead",
        "use dask.array.from_array or dask.dataframe.from_pandas",
    ),
    "no collection of validation rows": Case(
        lambda: fit(None, None, None, X, lazy(Y)),
        TypeError,
        "X_val must be a Dask array or data frame",
        "Got ndarray instead",
        "or the estimator of skmo itself, which needs no cluster",
    ),
    "shape of X": bad_input(
        lambda: fit(lazy(X[:, 0])),
        parameter="X must have shape",
        value="Got (60,)",
        remedy="(n_samples, n_features)",
    ),
    "shape of y": bad_input(
        lambda: fit(None, lazy(Y[:, :, None])),
        parameter="y must have",
        value="Got 3.",
        remedy="1 or 2 dimensions",
    ),
    "rows of y": bad_input(
        lambda: fit(None, lazy(Y[1:], (19, 40))),
        parameter="y has",
        value="59 rows, but X has 60",
        remedy="pass one for each of these",
    ),
    "rows of y_val": bad_input(
        lambda: fit(None, None, None, lazy(X), lazy(Y[1:], (19, 40))),
        parameter="y_val has",
        value="59 rows, but X_val has 60",
        remedy="pass one for each of these",
    ),
    "partitions of y": bad_input(
        lambda: fit(frame(X), frame(Y, 2)),
        parameter="y has",
        value="2 partitions, but X has 3",
        remedy="Repartition one like the other",
    ),
    "rows of a partition of y": bad_input(
        lambda: fit(frame(X), frame(Y[1:])),
        parameter="A partition of X has",
        value="20 rows, but that of y has 19",
        remedy="rows that belong together must be in the same partition",
    ),
    "rows of a partition of weights": bad_input(
        lambda: fit(frame(X), frame(Y), frame(Y[1:, 0])),
        parameter="A partition of X has",
        value="20 rows, but that of sample_weight has 19",
        remedy="rows that belong together must be in the same partition",
    ),
    "rows of a partition of y_val": bad_input(
        lambda: fit(None, None, None, frame(X), frame(Y[1:])),
        parameter="A partition of X_val has",
        value="20 rows, but that of y_val has 19",
        remedy="rows that belong together must be in the same partition",
    ),
    "nothing observed": bad_input(
        lambda: fit(None, None, lazy(np.zeros(N))),
        parameter="y has no observed value",
        value="in its 60 row(s)",
        remedy="Pass rows that have",
    ),
    "nothing to validate": bad_input(
        lambda: fit(None, None, None, lazy(X), unobserved()),
        parameter="y_val has no observed value",
        value="in its 60 row(s)",
        remedy="Pass rows that have",
    ),
    "a target never observed": bad_input(
        lambda: fit(None, unobserved(1)),
        parameter="Target 'target1' has no observed value in y",
        value="all 60 are NaN",
        remedy="Drop the column",
    ),
}

PARAMETERS = {
    "own learners": bad_input(
        lambda: fit(heads="auto"),
        parameter="heads=",
        value="'auto' is not possible on a cluster",
        remedy="Set heads='none', or use MultiObjectiveRegressor",
    ),
    "a shared score": bad_input(
        lambda: fit(cls=DaskMultiObjectiveEstimator, shared_score=True),
        parameter="shared_score=",
        value="True is not possible on a cluster",
        remedy="Set shared_score=False, or use MultiObjectiveEstimator",
    ),
    "an interrupt": bad_input(
        lambda: fit(on_interrupt="keep"),
        parameter="on_interrupt=",
        value="'keep' is not possible on a cluster",
        remedy="Set on_interrupt='raise', or use MultiObjectiveRegressor",
    ),
    "quantised gradients": bad_input(
        lambda: fit(lightgbm_params={"use_quantized_grad": True}),
        parameter="lightgbm_params['use_quantized_grad']",
        value="is refused",
        remedy="Remove it",
    ),
}

CLUSTER = {
    "no distributed": Case(
        import_without_distributed,
        ImportError,
        "skmo.dask needs Dask",
        "'distributed' is missing",
        'pip install "skmo[dask]"',
    ),
    "no worker": Case(
        fit_without_workers,
        RuntimeError,
        None,
        "The Dask cluster has no worker",
        "Wait for one: client.wait_for_workers(1)",
    ),
    "a lost worker": Case(
        lose_a_worker,
        WorkerLostError,
        None,
        "The worker tcp://10.0.0.2:9002 was lost during the fit",
        "use more workers or smaller partitions",
    ),
    "a worker that another one misses": Case(
        lose_a_peer,
        WorkerLostError,
        None,
        "The worker tcp://10.0.0.2:9002 was lost during the fit",
        "fit again once the cluster has its workers",
    ),
}

# Workers tell them each other; the client, which knows why, tells the user.
NOTICED = {
    "a peer that takes nothing": Case(
        send_to_nobody,
        PeerLostError,
        None,
        "Rank 1 at 10.0.0.2:8002 was lost: broken pipe.",
        None,
    ),
    "a peer that gives nothing": Case(
        receive_from_nobody,
        PeerLostError,
        None,
        "Rank 1 at 10.0.0.2:8002 was lost: it closed the connection.",
        None,
    ),
    "a mesh after an error": Case(
        go_on_after_an_error,
        PeerLostError,
        None,
        "Rank 1 at 10.0.0.2:8002 was lost: it closed the connection.",
        None,
    ),
    "a mesh after its end": Case(
        send_after_the_end,
        PeerLostError,
        None,
        "Rank 1 at 10.0.0.2:8002 was lost: this process ended its part.",
        None,
    ),
    "a peer that does not come": Case(
        wait_for_nobody,
        TimeoutError,
        None,
        "Rank 0 waited 0 s for the ranks [1] at [('10.0.0.2', 8002)]",
        "See whether other tasks keep these workers busy",
    ),
    "a listener after its end": Case(
        begin_after_the_end,
        ConnectionError,
        None,
        "The fit was ended before it began",
        None,
    ),
    "a fit that nobody waits for": Case(
        check_a_cancelled_fit, CancelledFitError, None, "The fit was cancelled", None
    ),
    "a task of a fit that is over": Case(
        lambda: train(None, Place("fit", 0, HOSTS, 0), [], None),
        CancelledFitError,
        None,
        "The fit was ended",
        None,
    ),
}

CASES = DATA | PARAMETERS | CLUSTER | NOTICED
ELSEWHERE = {
    ("dask/_fit.py", "_watch"): "it passes on what was raised on a worker: "
    "test_an_exception_on_one_worker in tests/cluster/test_faults.py",
}
