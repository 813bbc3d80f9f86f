"""Scores as of each objective's best round."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ._memory import Remembers


class BestScores(Remembers):
    """Takes an objective that stops back to the round it predicts with.

    Where losses read the scores of other objectives these must be the scores
    they predict with: those of an objective that has stopped are put back to its
    best round, instead of staying where it ran out of patience.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_scores)
        As before the first round; later rounds change it in place.
    owner : ndarray of shape (n_scores,), int
    best : ndarray of shape (n_samples, n_scores), default=None
        As of the best rounds of an earlier fit. None means ``scores``.

    Attributes
    ----------
    best : ndarray of shape (n_samples, n_scores)
        Each objective's scores as of its best round so far.
    """

    _memory: ClassVar = ("best", "_stopped")

    def __init__(
        self, scores: np.ndarray, owner: np.ndarray, best: np.ndarray | None = None
    ):
        self._scores, self._owner = scores, owner
        self.best = (scores if best is None else best).copy()
        self._stopped = np.zeros(len(owner), dtype=bool)

    def update(self, improved: np.ndarray, stopped: np.ndarray) -> bool:
        """Keep the scores of some objectives, put back those of others.

        Parameters
        ----------
        improved, stopped : ndarray of shape (n_objectives,), bool
            Objectives whose best round is this one, and those that have stopped.

        Returns
        -------
        bool
            Whether scores were put back.
        """
        keep = improved[self._owner]
        back = stopped[self._owner] & ~self._stopped
        self.best[:, keep] = self._scores[:, keep]
        self._scores[:, back] = self.best[:, back]
        self._stopped |= back
        return bool(back.any())
