"""The workers of a fit, as the booster speaks with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..boosting import Communicator, Features, LightGBMNetwork, Span
from ._mesh import Mesh
from ._sketch import joined

# Draws the rows that bins are found from; any constant would do.
_BIN_SEED = 0


class CancelledFitError(RuntimeError):
    """Nobody waits for this fit any longer."""


class MeshCommunicator(Communicator):
    """Brings together what the processes of a mesh know.

    Parameters
    ----------
    mesh : Mesh
    network : LightGBMNetwork
        LightGBM's own use of the mesh.
    cancelled : callable
        Whether the fit is no longer wanted; asked after each tree.
    """

    def __init__(
        self, mesh: Mesh, network: LightGBMNetwork, cancelled: Callable[[], bool]
    ):
        self._mesh, self._network, self._cancelled = mesh, network, cancelled
        self.rank, self.n_workers = mesh.rank, mesh.n_workers
        self.lightgbm_params = {}
        if self.n_workers > 1:
            self.lightgbm_params = {
                "tree_learner": "data",
                "num_machines": self.n_workers,
            }

    def span(self, n_rows: int) -> Span:
        counts = np.zeros(self.n_workers, dtype=np.int64)
        counts[self.rank] = n_rows
        counts = self._mesh.allreduce_sum(counts)
        return Span(int(counts[: self.rank].sum()), n_rows, int(counts.sum()))

    def sum(self, *arrays: np.ndarray) -> list[np.ndarray]:
        # One message, as many small ones would wait for the network each. Counts are
        # whole numbers that float64 holds.
        flat = [np.asarray(a, dtype=np.float64).ravel() for a in arrays]
        total = self._mesh.allreduce_sum(np.concatenate(flat))
        parts = np.split(total, np.cumsum([len(part) for part in flat[:-1]]))
        return [
            part.reshape(array.shape).astype(array.dtype, copy=False)
            for part, array in zip(parts, arrays, strict=True)
        ]

    def decide(self, answer: Callable[[], Any]) -> Any:
        return self._mesh.broadcast(answer() if self.rank == 0 else None)

    def together(self, *columns: np.ndarray | None) -> list[np.ndarray | None] | None:
        found = self._mesh.gather(columns)
        if found is None:
            return None
        return [joined(parts) for parts in zip(*found, strict=True)]

    def bin_sample(self, X: Features, size: int) -> Features | None:
        if self.n_workers == 1:
            return None
        span, rows = self.span(X.shape[0]), None
        if span.n_total > size:
            rng = np.random.default_rng(_BIN_SEED)
            rows = np.sort(rng.choice(span.n_total, size, replace=False))
            rows = span.pick(rows)
        found = self._mesh.gather(X if rows is None else X[rows])
        return self._mesh.broadcast(None if found is None else joined(found))

    def check(self) -> None:
        self._network.raise_if_failed()
        if self._cancelled():
            raise CancelledFitError("The fit was cancelled.")
