"""What every balancer provides."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator


class Balancer(BaseEstimator, ABC):
    """From the objectives' Gramian and losses to their weights.

    A balancer is a small function of a small matrix: it can be used, and is
    tested, without training anything. One that remembers between calls keeps
    its memory in private attributes and clears it in ``reset``.

    Attributes
    ----------
    needs_gramian : bool
        Whether ``weights`` reads the Gramian's entries; it is computed only then.
    """

    needs_gramian: ClassVar[bool] = False

    def reset(self) -> None:
        """Forget earlier calls."""
        return None

    @abstractmethod
    def weights(
        self,
        gramian: np.ndarray,
        losses: np.ndarray | None = None,
        *,
        preference: np.ndarray | None = None,
    ) -> np.ndarray:
        """The objectives' weights.

        Parameters
        ----------
        gramian : ndarray of shape (n_objectives, n_objectives)
            Inner products of the objectives' gradients, each scaled to length
            1. A balancer that does not need them reads the number of
            objectives from its shape alone.
        losses : ndarray of shape (n_objectives,), optional
            The objectives' current training losses.
        preference : ndarray of shape (n_objectives,), optional
            Importances, non-negative. None means equal ones.

        Returns
        -------
        ndarray of shape (n_objectives,)
            Non-negative, summing to 1.
        """
