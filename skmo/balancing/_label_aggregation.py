"""One label per query, drawn anew in every round."""

from __future__ import annotations

from numbers import Integral
from typing import ClassVar

import numpy as np
from sklearn.utils import check_random_state

from ._base import Balancer, uniform


class LabelAggregation(Balancer):
    """Every query learns one of the labels, drawn by the preference.

    Known as stochastic label aggregation (SLA). What the combined gradient is under
    `Equal`, the drawn one is on average, but each query pulls in one direction at a
    time: labels that disagree on a query do not cancel. Where the losses are not of
    queries but of single rows, each row is given a label.

    Parameters
    ----------
    random_state : int, RandomState instance or None, default=None
        Where the draws come from. Estimators set it where it is None.

    Notes
    -----
    The weights are the probabilities of the labels, the preference over its sum or
    1 / n_objectives; they are the same in every round. The draws are the
    estimator's, by ``generator``, anew in every round and where objectives share one
    score. Where they have scores of their own nothing is drawn, and the weights are
    those of `Equal`.

    Deviation: the paper trains an ordinary ranker on labels aggregated beforehand.
    Drawing in every round lets each query see all of its labels over the rounds.

    References
    ----------
    Carmel, Haramaty, Lazerson and Lewin-Eytan, "Multi-Objective Ranking
    Optimization for Product Search Using Stochastic Label Aggregation", The Web
    Conference (WWW) 2020. The paper's text was not at hand; the method is as its
    abstract and summaries by others describe it.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.balancing import LabelAggregation
    >>> balancer = LabelAggregation(random_state=0)
    >>> p = balancer.weights(np.eye(2), preference=[3.0, 1.0])
    >>> p
    array([0.75, 0.25])

    The labels of eight queries in the first two rounds:

    >>> balancer.generator(0).choice(2, size=8, p=p)
    array([0, 0, 0, 0, 1, 1, 0, 0])
    >>> balancer.generator(1).choice(2, size=8, p=p)
    array([1, 0, 1, 1, 0, 0, 1, 0])
    """

    takes_preference: ClassVar[bool] = True
    draws_labels: ClassVar[bool] = True
    _parameter_constraints: ClassVar[dict[str, list]] = {
        "random_state": ["random_state"],
    }
    _drawn: int | None = None

    def __init__(self, random_state: int | np.random.RandomState | None = None):
        self.random_state = random_state

    def _weights(
        self,
        gramian: np.ndarray,
        losses: np.ndarray | None,
        preference: np.ndarray | None,
    ) -> np.ndarray:
        return uniform(len(gramian)) if preference is None else preference

    def generator(self, n_round: int) -> np.random.Generator:
        """Where an estimator's draws of one round come from.

        Parameters
        ----------
        n_round : int
            At least 0.

        Returns
        -------
        numpy.random.Generator
            At its start, which is the same for the same round until ``reset``, and
            with an integer ``random_state`` always.
        """
        if self._drawn is None:
            seed = self.random_state
            if not isinstance(seed, Integral):
                seed = check_random_state(seed).randint(np.iinfo(np.int32).max)
            self._drawn = int(seed)
        return np.random.default_rng([self._drawn, n_round])

    def reset(self) -> None:
        """Forget earlier calls; an integer ``random_state`` starts again."""
        super().reset()
        self._drawn = None
