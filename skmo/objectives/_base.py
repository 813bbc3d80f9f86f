"""What every objective provides."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator


class Objective(BaseEstimator, ABC):
    """The loss of one target as a function of its raw score.

    An objective is a set of pure functions: it holds its parameters and
    nothing learnt from data, so one instance may serve many targets.
    Subclass it to train on a loss of your own; the methods without a default
    are the ones to write. Weights, missing targets and the choice of trees are
    the booster's business: an objective sees observed rows only where it sums
    (``check_target``, ``init_score``) and may return NaN for a NaN target
    where it works row by row (``loss``, ``gradient_hessian``).

    Shapes: with one score per target, ``target`` and ``score`` are arrays of
    one common shape, usually (n_samples, n_targets) with several targets that
    share the objective, and every operation is elementwise. With one score
    per class (``multi_score``), ``target`` is (n_samples,) of class indices
    and ``score`` is (n_samples, n_scores).

    Attributes
    ----------
    task : {"regression", "probability", "classification"}
        What ``inverse_link`` returns: a real prediction, the probability of
        the value 1, or one probability per class.
    standardise : bool
        Whether the loss keeps its meaning under a shift and a scaling of the
        target. The booster then trains on the standardised target and maps
        predictions back.
    robust : bool
        For ``standardise`` objectives: whether far-off targets pull with a
        bounded force. Centre and scale are then taken from quantiles, which
        they do not move either.
    loss_degree : int
        For ``standardise`` objectives: the loss of a target scaled by ``c`` is
        ``c ** loss_degree`` times the loss.
    constant_hessian : bool
        Whether the Hessian is 1 everywhere; ``gradient_hessian`` is then
        called with ``hessian=None``.
    multi_score : bool
        Whether one target reads several scores (one per class).
    loss_is_half_square : bool
        Whether the loss is half the squared gradient. The booster then has it from
        the gradient, and calls ``loss`` only where it needs no gradient.
    leaf_quantile : float or None
        If a number, leaf values are this quantile of the leaf's residuals
        (target minus score) instead of a Newton step, as the loss's second
        derivative says nothing about the step's length.
    """

    task: ClassVar[str] = "regression"
    standardise: ClassVar[bool] = False
    robust: ClassVar[bool] = False
    loss_degree: ClassVar[int] = 1
    constant_hessian: ClassVar[bool] = False
    multi_score: ClassVar[bool] = False
    loss_is_half_square: bool = False
    leaf_quantile: float | None = None

    def validate_params(self) -> None:
        """Check the parameters; raise ``ValueError`` naming the bad one."""
        return None

    def check_target(self, target: np.ndarray) -> None:
        """Raise ``ValueError`` if a value is outside the objective's domain.

        Parameters
        ----------
        target : ndarray of shape (n_observed,), float64
            The observed (finite) values of one target, in the user's units.
        """
        return None

    def n_scores(self, target: np.ndarray) -> int:
        """Number of scores one target needs, given its observed values."""
        return 1

    def with_scale(self, scale: float, spread: float) -> Objective:
        """The same objective for a target divided by ``scale``.

        Only objectives with a parameter in the target's units need it.

        Parameters
        ----------
        scale : float
            What the target in the user's units was divided by.
        spread : float
            Standard deviation of the divided target (1 for a constant one).
        """
        return self

    @abstractmethod
    def init_score(self, target: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        """The constant score of least weighted loss.

        Parameters
        ----------
        target : ndarray of shape (n_observed,), float64
        weight : ndarray of shape (n_observed,), float64, or None
            None means equal weights.

        Returns
        -------
        ndarray of shape (n_scores,), float64
            Finite, also for a target that holds a single value.
        """

    @abstractmethod
    def loss(self, target: np.ndarray, score: np.ndarray) -> np.ndarray:
        """Loss per row (and target): at least 0, and 0 for a perfect score.

        Returns
        -------
        ndarray, shape of ``target``
        """

    @abstractmethod
    def gradient_hessian(
        self,
        target: np.ndarray,
        score: np.ndarray,
        gradient: np.ndarray,
        hessian: np.ndarray | None,
    ) -> None:
        """Write the loss's first and second derivative by the score.

        Parameters
        ----------
        target : ndarray, float32 (or float64)
        score : ndarray
        gradient : ndarray, shape of ``score``
            Written in place.
        hessian : ndarray, shape of ``score``, or None
            Written in place: positive (the diagonal, or an upper bound of it).
            None where ``constant_hessian`` is true.
        """

    def inverse_link(self, score: np.ndarray) -> np.ndarray:
        """Predictions from scores: elementwise, or per row if ``multi_score``.

        Returns
        -------
        ndarray, shape of ``score``
        """
        return score
