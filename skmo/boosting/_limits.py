"""Bounds on losses, which follow the losses of models trained for one objective."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Limits:
    """The most that each loss may be after so many rounds.

    Attributes
    ----------
    train, val : ndarray of shape (n_rounds + 1, n_objectives)
        On training and on validation rows, infinite where there is no bound; the
        first row before the first round, the last for all rounds beyond.
    """

    train: np.ndarray
    val: np.ndarray

    def at(self, n_rounds: int, *, validation: bool) -> np.ndarray:
        """The bounds after ``n_rounds`` rounds, (n_objectives,)."""
        limits = self.val if validation else self.train
        return limits[min(n_rounds, len(limits) - 1)]

    @classmethod
    def from_references(
        cls,
        references: dict[int, tuple[np.ndarray, np.ndarray]],
        bounds: dict[int, float],
        units: tuple[np.ndarray, np.ndarray],
    ) -> Limits:
        """What may be lost of each reference model's score.

        With the score ``1 - loss / unit`` of a model trained for the objective
        alone, a share of it may be lost.

        Parameters
        ----------
        references : dict of int to (ndarray, ndarray)
            The reference models' training and validation losses, by objective: the
            first ones before the first round, then one a round.
        bounds : dict of int to float
            Shares of the score that may be lost.
        units : (ndarray, ndarray), each of shape (n_objectives,)
            What training and validation losses are measured against.
        """
        n_rounds = max(len(train) for train, _ in references.values())
        tables = []
        for part, unit in enumerate(units):
            table = np.full((n_rounds, len(unit)), np.inf)
            for k, losses in references.items():
                loss = losses[part]
                loss = np.pad(loss, (0, n_rounds - len(loss)), mode="edge")
                # A model that is worse than a constant leaves nothing to lose.
                loss = np.minimum(loss, unit[k])
                table[:, k] = loss + bounds[k] * (unit[k] - loss)
            tables.append(table)
        return cls(*tables)
