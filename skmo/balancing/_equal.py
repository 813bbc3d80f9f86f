"""The same weight for all."""

from __future__ import annotations

import numpy as np

from ._base import Balancer


class Equal(Balancer):
    """Every objective weighs the same, or as the preference says.

    Known as equal weighting or linear scalarisation.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.balancing import Equal
    >>> Equal().weights(np.eye(4))
    array([0.25, 0.25, 0.25, 0.25])
    >>> Equal().weights(np.eye(2), preference=np.array([3.0, 1.0]))
    array([0.75, 0.25])
    """

    def weights(
        self,
        gramian: np.ndarray,
        losses: np.ndarray | None = None,
        *,
        preference: np.ndarray | None = None,
    ) -> np.ndarray:
        if preference is None:
            preference = np.ones(len(gramian))
        return np.asarray(preference, dtype=np.float64) / np.sum(preference)
