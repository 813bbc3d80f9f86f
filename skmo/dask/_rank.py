"""One process's part in a fit, whatever has brought the processes together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..boosting import lightgbm_network
from ..estimators._rows import Given, Rows
from ..estimators._session import Asked
from ._communicator import MeshCommunicator
from ._mesh import Mesh
from ._partitions import Part
from ._sketch import joined


class Data(NamedTuple):
    """The rows of one process.

    Attributes
    ----------
    parts : sequence of Part
        For training; every one has an observed target.
    parts_val : sequence of Part or None
        For validation, maybe none of them on this process. None where there are none
        at all.
    n_weights_val : int
        Columns of the validation rows' weights; 0 without weights.
    """

    parts: Sequence[Part]
    parts_val: Sequence[Part] | None = None
    n_weights_val: int = 0


def train_rank(
    mesh: Mesh, estimator: Any, data: Data, cancelled: Callable[[], bool]
) -> Any:
    """Take part in a fit.

    Parameters
    ----------
    mesh : Mesh
        To the other processes.
    estimator : MultiObjectiveBase
        With its encodings learnt, the same on all processes. It is fitted in place.
    data : Data
    cancelled : callable
        Whether the fit is no longer wanted.

    Returns
    -------
    MultiObjectiveBase
        The estimator.
    """
    with lightgbm_network(mesh) as network:
        communicator = MeshCommunicator(mesh, network, cancelled)

        def read() -> tuple[Rows, Rows | None]:
            train = _encode(estimator, data.parts, communicator)
            if data.parts_val is None:
                return train, None
            if not data.parts_val:
                return train, _no_rows(train, data.n_weights_val)
            names = ("y_val", "sample_weight_val")
            return train, _encode(estimator, data.parts_val, communicator, names)

        return estimator._fit_rows(read, Asked(None, None, {}))


def _encode(
    estimator: Any,
    parts: Sequence[Part],
    communicator: MeshCommunicator,
    names: tuple[str, str] = ("y", "sample_weight"),
) -> Rows:
    """Encoded rows of some partitions."""
    rows = [estimator._encode_rows(Given(*part), names) for part in parts]
    return Rows(
        joined([r.X for r in rows]),
        np.concatenate([r.target for r in rows]),
        joined([r.weight for r in rows]),
        None,
        communicator,
    )


def _no_rows(like: Rows, n_weights: int) -> Rows:
    """No rows at all, but of the features and targets of ``like``."""
    weight = np.empty((0, n_weights)) if n_weights else None
    return Rows(like.X[:0], like.target[:0], weight, None, like.communicator)
