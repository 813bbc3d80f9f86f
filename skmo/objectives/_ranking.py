"""What every objective of rankings provides."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator


class QueryLoss(ABC):
    """A ranking objective's loss on given queries, as a function of the scores.

    Made by :meth:`RankingObjective.over`; it may hold what the grades alone decide.

    Attributes
    ----------
    weight_sum : float
        Total weight of the queries the loss is a mean over: 0 if there is none.
    informative : ndarray of shape (n_samples,), bool
        The rows that may have a gradient.
    """

    weight_sum: float
    informative: np.ndarray

    @abstractmethod
    def loss(self, score: np.ndarray) -> float:
        """The loss: weighted mean over the queries that count.

        Parameters
        ----------
        score : ndarray of shape (n_samples,), float32 or float64
            Finite.

        Returns
        -------
        float
            In [0, 1] for 1 - NDCG; NaN where ``weight_sum`` is 0.
        """

    def constant_loss(self) -> float:
        """The loss of equal scores."""
        return self.loss(np.zeros(len(self.informative)))

    def loss_unit(self) -> float:
        """The worst loss: a score of 0, where a perfect ranking has 1."""
        return 1.0

    def smooth_loss(self, score: np.ndarray) -> float:
        """A loss that falls smoothly with the gradients, 1 for equal scores.

        What balancers are given to compare objectives by. Left to `loss` where a
        subclass does not say otherwise.

        Parameters
        ----------
        score : ndarray of shape (n_samples,), float32 or float64
            Finite.

        Returns
        -------
        float
        """
        return self.loss(score)

    def memory(self) -> Any:
        """What is remembered from call to call, for a fit that is resumed.

        A loss with random draws returns what tells where they stand, such as their
        number, as something that can be pickled; the default is None.

        Returns
        -------
        object
        """
        return None

    def remember(self, memory: Any) -> None:
        """Take back what `memory` gave, to go on from there.

        Parameters
        ----------
        memory : object
        """
        return None

    @abstractmethod
    def gradient_hessian(
        self, score: np.ndarray, gradient: np.ndarray, hessian: np.ndarray
    ) -> float:
        """Write the derivatives by the scores, times the rows' weights.

        They belong to the sum over queries, not to the mean.

        Parameters
        ----------
        score : ndarray of shape (n_samples,), float32 or float64
            Finite.
        gradient, hessian : ndarray of shape (n_samples,), float32
            Written in place: 0 in rows that are not ``informative``.

        Returns
        -------
        float
            The loss at these scores.
        """


class RankingObjective(BaseEstimator, ABC):
    """A loss of the order in which one score puts the documents of queries.

    The sibling of :class:`Objective` for losses that are not a sum over rows:
    :meth:`over` lays the queries out once, and what it returns gives the loss and
    its derivatives round after round. Subclass it and write ``over`` to rank by a
    loss of your own. An objective holds its parameters and nothing learnt.

    Attributes
    ----------
    task : {"ranking"}
    groupwise : bool
        True: rows of one query belong together.
    standardise, robust, constant_hessian, multi_score, leaf_quantile, loss_degree
        As in :class:`Objective`: scores are used as they are, one per row.
    """

    task: ClassVar[str] = "ranking"
    groupwise: ClassVar[bool] = True
    standardise: ClassVar[bool] = False
    robust: ClassVar[bool] = False
    loss_degree: ClassVar[int] = 1
    constant_hessian: ClassVar[bool] = False
    multi_score: ClassVar[bool] = False
    leaf_quantile: ClassVar[float | None] = None

    def validate_params(self) -> None:
        """Check the parameters; raise ``ValueError`` naming the bad one."""
        return None

    def check_target(self, target: np.ndarray) -> None:
        """Raise ``ValueError`` if a grade is outside the objective's domain.

        Parameters
        ----------
        target : ndarray of shape (n_observed,), float64
            The grades of the judged rows.
        """
        return None

    def n_scores(self, target: np.ndarray) -> int:
        """Number of scores: 1."""
        return 1

    def with_scale(self, scale: float, spread: float) -> RankingObjective:
        """The objective itself: grades are not scaled."""
        return self

    def init_score(self, target: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        """The constant score to start from: 0, as all constants rank alike.

        Returns
        -------
        ndarray of shape (1,), float64
        """
        return np.zeros(1)

    def inverse_link(self, score: np.ndarray) -> np.ndarray:
        """Predictions from scores: the scores.

        Returns
        -------
        ndarray, shape of ``score``
        """
        return score

    @abstractmethod
    def over(
        self,
        target: np.ndarray,
        query: np.ndarray,
        weight: np.ndarray | None = None,
        *,
        seed: int = 0,
        n_threads: int = 1,
    ) -> QueryLoss:
        """The loss on these queries.

        Parameters
        ----------
        target : ndarray of shape (n_samples,), float64
            Grades, NaN where a row is not judged. Such a row is left out of its
            query altogether, as is one of weight 0.
        query : ndarray of shape (n_samples,), int
            Each row's query, in ascending order.
        weight : ndarray of shape (n_samples,), default=None
            Weights of the rows, at least 0. None means equal weights.
        seed : int, default=0
            For losses with a random part, at least 0.
        n_threads : int, default=1
            How many threads the loss may use. skmo's own use one: their operations
            are too short for threads to help.

        Returns
        -------
        QueryLoss

        Raises
        ------
        ValueError
            If the lengths differ or a query's rows are apart.
        """
