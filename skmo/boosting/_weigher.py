"""A balancer's weights over rounds in which objectives may stop."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..balancing import Balancer


class Weigher:
    """Asks a balancer about the objectives that still learn.

    Parameters
    ----------
    balancer : Balancer
        Its memory is cleared.
    preference : ndarray of shape (n_objectives,) or None
    signed : bool, default=False
        Whether negative weights mean something; otherwise they count as 0.
    """

    def __init__(
        self,
        balancer: Balancer,
        preference: np.ndarray | None,
        *,
        signed: bool = False,
    ):
        self.balancer, self._preference = balancer, preference
        self._signed = signed
        self._active: np.ndarray | None = None
        balancer.reset()

    def memory(self) -> tuple[np.ndarray | None, dict[str, Any]]:
        """Who learnt in the last round, and all that the balancer remembers."""
        return self._active, vars(self.balancer)

    def remember(self, memory: tuple[np.ndarray | None, dict[str, Any]]) -> None:
        """Take back what `memory` gave."""
        self._active, state = memory
        vars(self.balancer).clear()
        vars(self.balancer).update(state)

    def weights(
        self,
        gramian: np.ndarray,
        losses: np.ndarray,
        active: np.ndarray,
        bounds: np.ndarray | None = None,
    ) -> np.ndarray:
        """The balancer's weights on its own scale.

        Parameters
        ----------
        gramian : ndarray of shape (n_objectives, n_objectives)
        losses : ndarray of shape (n_objectives,)
            In shares of the first ones, so that units decide nothing.
        active : ndarray of shape (n_objectives,), bool
            Objectives that still learn.
        bounds : ndarray of shape (n_objectives,), optional
            On the losses; infinite where there is none.

        Returns
        -------
        ndarray of shape (n_objectives,)
            0 for objectives that do not learn; all 0 where nothing is left to do.

        Raises
        ------
        ValueError
            If the balancer does not return finite weights that are not all 0.
        """
        weights = np.zeros(len(active))
        if not active.any():
            return weights
        self._keep(active)
        preference = self._preference
        if preference is not None:
            preference = preference[active]
            if not preference.any():
                return weights
        options = {} if bounds is None else {"bounds": bounds[active]}
        found = np.asarray(
            self.balancer.weights(
                gramian[np.ix_(active, active)],
                # A loss with imputed outcomes may be negative.
                np.maximum(losses, 0.0)[active],
                preference=preference,
                **options,
            ),
            dtype=np.float64,
        )
        n = np.count_nonzero(active)
        good = found.shape == (n,) and np.isfinite(found).all()
        if good and not self._signed and not self.balancer.nonnegative:
            found = np.maximum(found, 0.0)
        if good and n < len(active) and not found.any():
            # Whom the balancer listens to has stopped: nothing is left to do.
            return weights
        good = good and found.any() and (self._signed or (found >= 0).all())
        if not good:
            least = "" if self._signed else " of at least 0"
            raise ValueError(
                f"The balancer {self.balancer!r} must return {n} finite weights"
                f"{least}, not all 0. Got {found} instead."
            )
        weights[active] = found
        return weights

    def _keep(self, active: np.ndarray) -> None:
        """Let the balancer forget the objectives that have stopped."""
        before, self._active = self._active, active
        if before is None:
            before = np.ones(len(active), dtype=bool)
        if (active & ~before).any():
            self.balancer.reset()
        elif (active != before).any():
            self.balancer.keep(active[before])
