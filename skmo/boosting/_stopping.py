"""Early stopping, objective by objective."""

from __future__ import annotations

import numpy as np


class EarlyStopping:
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
