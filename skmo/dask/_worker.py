"""What a worker does in a fit: two tasks, and how they are ended from outside."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from distributed import get_worker
from distributed.comm import get_address_host

from ._connect import Listener
from ._mesh import Mesh
from ._partitions import Part
from ._rank import Data, train_rank

# The listeners and meshes of the fits this process takes part in.
_OPEN: dict[str, dict[int, Listener | Mesh]] = {}
_LOCK = threading.Lock()
# Seconds in which all workers must have begun, after tasks they are busy with.
_BEGIN_WITHIN = 600.0


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
    """Open a port for the other workers of a fit, and say where."""
    listener = Listener(_own_host(), key)
    _note(fit, rank, listener)
    return listener.address


def end(fit: str) -> None:
    """Close what a fit has open in this process, so that it fails or has ended."""
    with _LOCK:
        found = list(_OPEN.pop(fit, {}).values())
    for connections in found:
        connections.close()


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
    with _LOCK:
        listener = _OPEN.get(place.fit, {}).get(place.rank)
    if listener is None:
        raise RuntimeError(f"The fit {place.fit} was ended before it began.")
    peers = listener.connect(place.rank, place.addresses, _BEGIN_WITHIN)
    mesh = Mesh(place.rank, place.addresses, peers)
    _note(place.fit, place.rank, mesh)
    data = Data(parts, parts_val, place.n_weights_val)
    with mesh:
        if place.rank > 0:
            train_rank(mesh, estimator, data, _cancelled())
            return None, [], mesh.traffic
        # By one rank alone, as filters of warnings belong to the process, and workers
        # may be threads of one.
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            fitted = train_rank(mesh, estimator, data, _cancelled())
    warned = [(str(warning.message), warning.category) for warning in found]
    return fitted, warned, mesh.traffic


def _note(fit: str, rank: int, connections: Listener | Mesh) -> None:
    with _LOCK:
        _OPEN.setdefault(fit, {})[rank] = connections


def _own_host() -> str:
    """The address that the scheduler knows the worker by."""
    address = get_worker().address
    if address.startswith("inproc://"):
        return "127.0.0.1"
    return get_address_host(address)


def _cancelled() -> Callable[[], bool]:
    """Whether the running task was cancelled, or its client is gone."""
    worker = get_worker()
    key = worker.get_current_task()

    def cancelled() -> bool:
        task = worker.state.tasks.get(key)
        return task is None or task.state in ("cancelled", "resumed")

    return cancelled
