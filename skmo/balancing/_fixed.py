"""Weights chosen by hand."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ._base import Balancer, numbers, vector

_NAME = "The 'values' parameter of Fixed"


class Fixed(Balancer):
    """Weights chosen by hand, the same in every round.

    Where `Equal` follows an estimator's ``preference``, these weights belong to
    the balancer, so that a search over ``balancer__values`` can vary them.

    Parameters
    ----------
    values : array-like of shape (n_objectives,)
        The weights, at least 0 and not all 0, returned as they are. There is
        no default: a call without them is an error.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.balancing import Fixed
    >>> Fixed(values=[0.9, 0.1]).weights(np.eye(2))
    array([0.9, 0.1])
    """

    _per_objective: ClassVar[tuple[str, ...]] = ("_kept",)

    def __init__(self, values: ArrayLike | None = None):
        self.values = values

    def validate_params(self) -> None:
        if self.values is None:
            raise ValueError(
                "The 'values' parameter of Fixed must be given: one weight per "
                "objective, such as Fixed(values=[0.9, 0.1]). Got None instead."
            )
        values = numbers(self.values, _NAME)
        if values.ndim != 1:
            raise ValueError(
                "The 'values' parameter of Fixed must hold one weight per objective. "
                f"Got an array of shape {values.shape} instead."
            )
        if not _checked(values, len(values)).any():
            raise ValueError(
                "The 'values' parameter of Fixed must be more than 0 for one objective "
                f"at least. Got {values.tolist()} instead."
            )

    def keep(self, kept: np.ndarray) -> None:
        if getattr(self, "_kept", None) is None:
            self._kept = _checked(self.values, len(self.values))
        super().keep(kept)

    def _weights(
        self,
        gramian: np.ndarray,
        losses: np.ndarray | None,
        preference: np.ndarray | None,
    ) -> np.ndarray:
        # Those of the objectives that have not stopped.
        if getattr(self, "_kept", None) is None:
            self._kept = _checked(self.values, len(gramian))
        return self._kept.copy()

    def _criterion(self, losses: np.ndarray, preference: np.ndarray) -> float:
        values = getattr(self, "_kept", None)
        if values is None:
            values = _checked(self.values, len(losses))
        return super()._criterion(losses, values / (values.sum() or 1.0))


def _checked(values: ArrayLike, n: int) -> np.ndarray:
    return vector(values, n, _NAME)
