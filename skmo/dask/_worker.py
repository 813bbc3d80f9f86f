"""What a worker does in a fit: two tasks, and how they are ended from outside."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from distributed import Worker, get_worker
from distributed.comm import get_address_host

from ._communicator import CancelledFitError
from ._connect import Listener
from ._mesh import Mesh
from ._partitions import Part
from ._rank import Data, train_rank

# The listeners and meshes of the fits this process takes part in, by fit and rank.
_OPEN: dict[tuple[str, int], Listener | Mesh] = {}
_LOCK = threading.Lock()
# Seconds in which all workers must have begun, after tasks they are busy with.
_BEGIN_WITHIN = 600.0
# Seconds between looks at whether the client still wants a fit.
_LOOK_EVERY = 0.25


@dataclass(frozen=True)
class Place:
    """One worker's place in a fit.

    Attributes
    ----------
    fit : str
        Names the fit.
    rank : int
    addresses : list of (str, int)
        Where each rank listens.
    n_weights_val : int
        Columns of the validation rows' weights; 0 without weights.
    """

    fit: str
    rank: int
    addresses: Sequence[tuple[str, int]]
    n_weights_val: int


def listen(fit: str, rank: int, key: bytes) -> tuple[str, int]:
    """Open a port for the other workers of a fit, and say where.

    It is open, and so is later the mesh, as long as anybody holds this task's result:
    a client that is gone holds none.
    """
    worker = get_worker()
    listener = Listener(_own_host(worker), key)
    with _LOCK:
        _OPEN[fit, rank] = listener
    task = worker.get_current_task()
    worker.loop.add_callback(_end_when_released, worker, task, (fit, rank))
    return listener.address


def _end_when_released(worker: Worker, task: str, place: tuple[str, int]) -> None:
    """End a worker's part in a fit once nobody holds the result of ``task``."""
    found = worker.state.tasks.get(task)
    if found is None or found.state in ("cancelled", "resumed"):
        with _LOCK:
            opened = _OPEN.pop(place, None)
        if opened is not None:
            opened.end()
    elif place in _OPEN:
        worker.loop.call_later(_LOOK_EVERY, _end_when_released, worker, task, place)


def train(
    estimator: Any,
    place: Place,
    parts: Sequence[Part],
    parts_val: Sequence[Part] | None,
) -> tuple[Any, list[tuple[str, type[Warning]]], Any]:
    """Take part in a fit.

    Parameters
    ----------
    estimator : MultiObjectiveBase
        With its encodings learnt.
    place : Place
    parts : sequence of Part
        Training rows; every one has an observed target.
    parts_val : sequence of Part or None
        Validation rows, if there are any at all; maybe none on this worker.

    Returns
    -------
    fitted : MultiObjectiveBase or None
        From rank 0 alone.
    warned : list of (str, type)
        What the fit warned of, and the category.
    traffic : Traffic
    """
    here = (place.fit, place.rank)
    listener = _OPEN.get(here)
    try:
        if listener is None:
            raise ConnectionError("The port is closed.")
        peers = listener.connect(place.rank, place.addresses, _BEGIN_WITHIN)
        with Mesh(place.rank, place.addresses, peers) as mesh:
            with _LOCK:
                if here in _OPEN:
                    _OPEN[here] = mesh
            data = Data(parts, parts_val, place.n_weights_val)
            return *_train(mesh, estimator, data, here), mesh.traffic
    except ConnectionError as error:
        if here not in _OPEN:
            raise CancelledFitError("The fit was ended.") from error
        raise
    finally:
        with _LOCK:
            _OPEN.pop(here, None)


def _train(
    mesh: Mesh, estimator: Any, data: Data, here: tuple[str, int]
) -> tuple[Any, list[tuple[str, type[Warning]]]]:
    """The fitted estimator and what was warned of, from rank 0 alone."""

    def cancelled() -> bool:
        return here not in _OPEN

    if mesh.rank > 0:
        train_rank(mesh, estimator, data, cancelled)
        return None, []
    # By one rank alone, as filters of warnings belong to the process, and workers may
    # be threads of one.
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        fitted = train_rank(mesh, estimator, data, cancelled)
    return fitted, [(str(warning.message), warning.category) for warning in found]


def _own_host(worker: Worker) -> str:
    """The address that the scheduler knows the worker by."""
    if worker.address.startswith("inproc://"):
        return "127.0.0.1"
    return get_address_host(worker.address)
