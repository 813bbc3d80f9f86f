"""Early stopping: objective by objective, or of all at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
from sklearn.base import clone

from ..balancing import Balancer
from ._limits import Limits
from ._memory import Remembers


class EarlyStopping(Remembers):
    """Watch each objective's validation loss and stop it on its own.

    Parameters
    ----------
    patience : int
        Rounds without improvement after which an objective stops.
    tol : float
        A loss must fall by more than this share of the least so far to count as
        an improvement.
    watched : ndarray of shape (n_objectives,), bool
        Objectives with validation rows. The others never stop by themselves.
    best_round : ndarray of shape (n_objectives,), int
        Where each objective stands before the first new round (0, or what an
        earlier fit found).
    best_loss : ndarray of shape (n_objectives,)
        Its validation loss there.
    n_done : int
        Rounds done by earlier fits; patience counts from here.

    Attributes
    ----------
    best_round : ndarray of shape (n_objectives,), int
        Number of rounds with the least validation loss so far; for an
        objective that is not watched, the number of rounds done.
    stopped : ndarray of shape (n_objectives,), bool
    """

    _memory: ClassVar = ("best_round", "stopped", "_best_loss", "_last_gain")

    def __init__(
        self,
        patience: int,
        tol: float,
        watched: np.ndarray,
        best_round: np.ndarray,
        best_loss: np.ndarray,
        n_done: int = 0,
    ):
        self.patience = patience
        self.tol = tol
        self.watched = watched
        self.best_round = best_round.astype(np.int64)
        self.stopped = np.zeros(len(watched), dtype=bool)
        self._best_loss = np.where(watched, best_loss, np.finfo(np.float64).max)
        self._last_gain = np.full(len(watched), n_done)

    def update(
        self, n_rounds: int, losses: np.ndarray, best: np.ndarray | None = None
    ) -> np.ndarray:
        """Take in the validation losses after ``n_rounds`` rounds.

        Parameters
        ----------
        n_rounds : int
        losses : ndarray of shape (n_objectives,)
        best : ndarray of shape (n_objectives,), optional
            The losses of the best rounds so far, where they change with other
            objectives' scores. None means as they were.

        Returns
        -------
        ndarray of shape (n_objectives,), bool
            The objectives whose best round is this one.
        """
        if best is not None:
            self._best_loss = np.where(self.watched, best, self._best_loss)
        improved = ~self.stopped & self.watched
        # A loss with imputed outcomes may be negative.
        improved &= losses < self._best_loss - self.tol * np.abs(self._best_loss)
        self._best_loss[improved] = losses[improved]
        improved |= ~self.watched
        self.best_round[improved] = n_rounds
        self._last_gain[improved] = n_rounds
        self.stopped |= self.watched & (n_rounds - self._last_gain >= self.patience)
        return improved

    @property
    def finished(self) -> bool:
        """Whether every watched objective has stopped (and there is one)."""
        return bool(self.watched.any() and self.stopped[self.watched].all())


class JointStopping(Remembers):
    """Stops all objectives of a shared score at once.

    A round counts as better where the criterion falls, and any round that keeps the
    bounds is better than one that does not. No objective decides alone.

    Parameters
    ----------
    patience : int
        Rounds without improvement after which training stops.
    tol : float
        The criterion must fall by more than this share to count.
    criterion : callable
        From the losses (n_objectives,) to (violation, value). None where there is
        nothing to watch.
    best_round : ndarray of shape (n_objectives,), int
        Where an earlier fit stands, or 0.
    losses : ndarray of shape (n_objectives,) or None
        The validation losses there; None as well.
    n_done : int
        Rounds done by earlier fits.

    Attributes
    ----------
    best_round : ndarray of shape (n_objectives,), int
    stopped : ndarray of shape (n_objectives,), bool
    """

    _memory: ClassVar = ("best_round", "stopped", "_best", "_last_gain")

    def __init__(
        self,
        patience: int,
        tol: float,
        criterion: Callable[[np.ndarray], tuple[float, float]] | None,
        best_round: np.ndarray,
        losses: np.ndarray | None,
        n_done: int = 0,
    ):
        self.patience, self.tol = patience, tol
        self.best_round = best_round.astype(np.int64)
        self.stopped = np.zeros(len(best_round), dtype=bool)
        self._criterion = criterion
        self._best = None if losses is None else criterion(losses)
        self._last_gain = n_done

    def update(
        self, n_rounds: int, losses: np.ndarray, best: np.ndarray | None = None
    ) -> np.ndarray:
        """Take in the validation losses after ``n_rounds`` rounds.

        Returns
        -------
        ndarray of shape (n_objectives,), bool
            All true where this round is the best one, else all false.
        """
        improved = True
        if self._best is not None:
            found = self._criterion(losses)
            improved = self._better(found)
            if improved:
                self._best = found
        if improved:
            self.best_round[:] = n_rounds
            self._last_gain = n_rounds
        if self._best is not None:
            self.stopped[:] = n_rounds - self._last_gain >= self.patience
        return np.full(len(self.stopped), improved)

    def _better(self, found: tuple[float, float]) -> bool:
        (violation, value), (least, best) = found, self._best
        if violation > 0 or least > 0:
            return violation < least - self.tol * least
        return value < best - self.tol * abs(best)

    @property
    def finished(self) -> bool:
        return bool(self.stopped.all())


class JointCriterion:
    """The one number that tells which of two rounds of a shared score is better.

    Parameters
    ----------
    balancer : Balancer
        Its `criterion` weighs the losses.
    preference : ndarray of shape (n_objectives,) or None
    first_losses : ndarray of shape (n_objectives,)
        What losses are taken as shares of.
    limits : Limits or None
        Bounds to be kept by the end of training.
    watched : ndarray of shape (n_objectives,), bool
        The objectives with validation rows.
    """

    def __init__(
        self,
        balancer: Balancer,
        preference: np.ndarray | None,
        first_losses: np.ndarray,
        limits: Limits | None,
        watched: np.ndarray,
    ):
        self._first = np.where(first_losses > 0, first_losses, 1.0)
        self._bounds = np.full(len(watched), np.inf)
        if limits is not None:
            self._bounds = limits.val[-1] / self._first
        self._watched = watched
        # A bounded objective is a constraint alone.
        self._counted = watched & np.isinf(self._bounds)
        if not self._counted.any():
            self._counted = watched
        self._balancer = clone(balancer)
        self._balancer.reset()
        if not self._counted.all():
            self._balancer.keep(self._counted)
        self._preference = None
        if preference is not None and preference[self._counted].any():
            self._preference = preference[self._counted]

    def __call__(self, losses: np.ndarray) -> tuple[float, float]:
        """How far the worst bound is missed, and the balancer's criterion."""
        shares = np.maximum(losses / self._first, 0.0)
        violation = np.maximum(shares - self._bounds, 0.0)[self._watched].max()
        value = self._balancer.criterion(shares[self._counted], self._preference)
        return float(violation), value
