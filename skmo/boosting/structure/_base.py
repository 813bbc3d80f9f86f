"""What every structure rule provides."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator


@dataclass(frozen=True)
class StructureState:
    """What a rule may look at before a tree is grown.

    Attributes
    ----------
    owner : ndarray of shape (n_scores,), int
        The objective each score belongs to.
    weights : ndarray of shape (n_objectives,)
        The balancer's weights, non-negative, 0 for an objective that has
        stopped.
    gramian : ndarray of shape (n_scores, n_scores) or None
        Cosines between the scores' gradients over the rows. Present where the
        rule's ``needs_gramian`` is true.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.boosting.structure import StructureState
    >>> state = StructureState(
    ...     owner=np.array([0, 1, 1]), weights=np.array([0.5, 0.5])
    ... )
    >>> state.score_weights
    array([0.5 , 0.25, 0.25])
    """

    owner: np.ndarray
    weights: np.ndarray
    gramian: np.ndarray | None = None

    @property
    def score_weights(self) -> np.ndarray:
        """An objective's weight shared out evenly over its scores."""
        n_scores = np.bincount(self.owner, minlength=len(self.weights))
        return (self.weights / np.maximum(n_scores, 1))[self.owner]

    def unit_directions(self, rng: np.random.Generator) -> np.ndarray:
        """One unit direction inside each objective's own scores.

        It is 1 for an objective with one score and uniform on the sphere for
        one with several (softmax gradients sum to zero over the classes, so
        the plain sum would vanish there).
        """
        direction = np.ones(len(self.owner))
        n_scores = np.bincount(self.owner, minlength=len(self.weights))
        for k in np.flatnonzero(n_scores > 1):
            scores = np.flatnonzero(self.owner == k)
            draw = rng.standard_normal(len(scores))
            direction[scores] = draw / np.linalg.norm(draw)
        return direction


class StructureRule(BaseEstimator, ABC):
    """From a round's state to the direction the next tree is grown on.

    A tree needs one gradient per row; objectives give ``n_scores`` of them.
    The rule returns the direction ``r`` of the projection ``g = G r`` (and
    ``h = H r**2``), where each column of ``G`` has been scaled to mean square
    1. The direction's length and sign do not matter.

    Subclass it and write ``direction`` to grow trees on a rule of your own.

    Attributes
    ----------
    needs_gramian : bool
        Whether ``direction`` reads the state's Gramian; it is computed only then.
    linear : bool
        Whether the balancer's weights multiply the gradients themselves, so that
        opposed ones cancel in the sum. Otherwise they are shares of the trees'
        attention, and signs do not matter. It decides which Gramian the balancer
        is given.
    apart : bool
        Whether the direction is taken apart: a tree for each score where it is not
        0, with values for that score alone.
    """

    needs_gramian: ClassVar[bool] = False
    linear: ClassVar[bool] = False
    apart: ClassVar[bool] = False

    @abstractmethod
    def direction(self, state: StructureState, rng: np.random.Generator) -> np.ndarray:
        """The direction of one round.

        Parameters
        ----------
        state : StructureState
        rng : numpy.random.Generator
            Seeded by the estimator's ``random_state`` and the round, so a
            draw depends on nothing else.

        Returns
        -------
        ndarray of shape (n_scores,)
            Finite, not all zero.
        """
