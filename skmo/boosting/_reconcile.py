"""One gradient per score out of those of several objectives."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np

from ..balancing import Balancer
from ._weigher import Weigher

#: What may be done where objectives pull on the same score.
CONFLICTS = ("ignore", "stop_gradient", "project", "balance")


class Reconciler:
    """Weighs or bends the gradients of objectives that share scores.

    Parameters
    ----------
    conflict : {"ignore", "project", "balance"}
        The plain sum; the sum after `project_conflicts`; or the sum with the
        balancer's weights.
    balancer : Balancer, default=None
        For "balance".
    preference : ndarray of shape (n_objectives,), default=None
        Handed to the balancer.

    Attributes
    ----------
    first_losses : ndarray of shape (n_objectives,) or None
        Those of the constants, to be set before `weights` is called.
    """

    def __init__(
        self,
        conflict: str,
        balancer: Balancer | None = None,
        preference: np.ndarray | None = None,
    ):
        self.conflict = conflict
        self._balancer, self._preference = balancer, preference
        self.first_losses: np.ndarray | None = None
        self._weigher: Weigher | None = None

    def restarted(self) -> Reconciler:
        """One that remembers nothing, for another fit."""
        balancer = deepcopy(self._balancer)
        if balancer is not None:
            balancer.reset()
        return Reconciler(self.conflict, balancer, self._preference)

    def memory(self) -> Any:
        """A copy of what the balancer remembers; None before the first weights."""
        return None if self._weigher is None else deepcopy(self._weigher.memory())

    def remember(self, memory: Any) -> None:
        """Take back what `memory` gave."""
        self._weigher = None
        if memory is not None:
            self._weigher = Weigher(self._balancer, self._preference, signed=True)
            self._weigher.remember(memory)

    @property
    def by_rows(self) -> bool:
        """Whether each row is dealt with by itself."""
        return self.conflict != "balance"

    def merge(
        self, gradient: np.ndarray, curvature: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Sum over objectives, row by row.

        What a projection changes is added to the curvature, as the losses have
        none there that would bound the step.

        Parameters
        ----------
        gradient, curvature : ndarray of shape (n_samples, n_objectives, n_scores)

        Returns
        -------
        gradient, curvature : ndarray of shape (n_samples, n_scores)
        """
        total, bend = gradient.sum(axis=1), curvature.sum(axis=1)
        if self.conflict == "project":
            projected = project_conflicts(gradient).sum(axis=1)
            return projected, bend + np.abs(projected - total)
        return total, bend

    def weights(self, products: np.ndarray, losses: np.ndarray) -> np.ndarray:
        """The balancer's weights, scaled to a mean absolute value of 1.

        Parameters
        ----------
        products : ndarray of shape (n_objectives, n_objectives)
            Gramian of the objectives' gradients by the scores that still move. An
            objective that moves none of them weighs 0.
        losses : ndarray of shape (n_objectives,)
        """
        if self._weigher is None:
            self._weigher = Weigher(self._balancer, self._preference, signed=True)
        active = np.diag(products) > 0
        first = np.nan_to_num(self.first_losses)
        shares = np.nan_to_num(losses) / np.where(first > 0, first, 1.0)
        weights = self._weigher.weights(products, shares, active)
        total = np.abs(weights).sum()
        return weights * (np.count_nonzero(active) / total) if total > 0 else weights


def project_conflicts(gradient: np.ndarray) -> np.ndarray:
    """PCGrad in every row by itself.

    A gradient that opposes another (a negative inner product) loses its part
    along it, objective by objective in their order. The paper draws the order at
    random; with two objectives there is but one.

    Parameters
    ----------
    gradient : ndarray of shape (n_samples, n_objectives, n_scores)

    Returns
    -------
    ndarray of the same shape

    References
    ----------
    Yu, Kumar, Gupta, Levine, Hausman, Finn, "Gradient surgery for multi-task
    learning", NeurIPS 2020, algorithm 1.
    """
    projected = gradient.copy()
    squares = np.einsum("nks,nks->nk", gradient, gradient)
    for k in range(gradient.shape[1]):
        for j in range(gradient.shape[1]):
            if j == k:
                continue
            product = np.einsum("ns,ns->n", projected[:, k], gradient[:, j])
            against = (product < 0) & (squares[:, j] > 0)
            share = np.divide(
                product, squares[:, j], out=np.zeros_like(product), where=against
            )
            projected[:, k] -= share[:, None] * gradient[:, j]
    return projected
