"""One objective's loss over a set of rows, whatever kind of objective it is."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from ._coder import TargetCoder
from ._rows import TargetRows


class Reader(Protocol):
    """One objective's loss as a function of one score per row.

    Attributes
    ----------
    weight_sum : float
        Total weight of what the loss is a mean over: rows or queries.
    informative : ndarray of shape (n_samples,), bool
        The rows that may have a gradient.
    """

    weight_sum: float
    informative: np.ndarray

    def constant_loss(self) -> float: ...

    def loss_unit(self) -> float: ...

    def loss(self, score: np.ndarray) -> float: ...

    def smooth_loss(self, score: np.ndarray) -> float: ...

    def memory(self) -> Any: ...

    def remember(self, memory: Any) -> None: ...

    def gradient_hessian(
        self, score: np.ndarray, gradient: np.ndarray, hessian: np.ndarray
    ) -> float: ...


class RowReader:
    """A pointwise objective over rows.

    Parameters
    ----------
    coder : TargetCoder
        Of this objective alone.
    target : ndarray of shape (n_samples,)
        Scaled; NaN where unobserved.
    weight : ndarray of shape (n_samples,) or None
    n_threads : int
    """

    def __init__(
        self,
        coder: TargetCoder,
        target: np.ndarray,
        weight: np.ndarray | None,
        n_threads: int,
    ):
        weight = None if weight is None else weight[:, None]
        self._rows = TargetRows(coder, target[:, None], weight, n_threads)
        self.weight_sum = float(self._rows.weight_sums[0])
        counted = self._rows.counted()
        self.informative = np.ones(len(target), dtype=bool)
        if counted is not None:
            self.informative = counted[:, 0].copy()
        if weight is not None:
            self.informative &= weight[:, 0] > 0
        self.target = self._rows.target(0)
        self._constant_loss: float | None = None

    def constant_loss(self) -> float:
        """The loss of the constant that suits these rows best; NaN without any."""
        if self.weight_sum == 0:
            return float("nan")
        return float(self._rows.losses(self._rows.constant_scores())[0])

    def loss_unit(self) -> float:
        """What the loss is measured against."""
        return self.constant_loss()

    def memory(self) -> None:
        """Nothing: rows remember nothing from call to call."""
        return None

    def remember(self, memory: None) -> None:
        """Take back what `memory` gave."""

    def close(self) -> None:
        """End the threads."""
        self._rows.close()

    def loss(self, score: np.ndarray) -> float:
        return float(self._rows.losses(score[:, None])[0])

    def smooth_loss(self, score: np.ndarray) -> float:
        """The loss as a share of the best constant's."""
        if self._constant_loss is None:
            self._constant_loss = self.constant_loss()
        return self.loss(score) / (self._constant_loss or 1.0)

    def gradient_hessian(
        self, score: np.ndarray, gradient: np.ndarray, hessian: np.ndarray
    ) -> float:
        if self._rows.shared_hessian:
            # It is the rows' weight, which the rows keep to themselves.
            hessian[:] = self._rows.new_hessian()[:, 0]
        found = self._rows.gradients(
            score[:, None], gradient[:, None], hessian[:, None]
        )
        return float(found[0][0])
