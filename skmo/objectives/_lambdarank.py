"""LambdaRank: pairs of documents, weighted by what their exchange would change."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar

import numpy as np

from .._sklearn import Interval
from ._ndcg import NDCGObjective
from ._queries import NDCGLoss
from ._ranking import QueryLoss

# LightGBM's: keeps the division by a score difference from exploding.
_MIN_DISTANCE = 0.01


class LambdaRank(NDCGObjective):
    """LambdaRank for NDCG, as in LightGBM's ``lambdarank``.

    Each pair of documents of a query with different grades pulls the better one
    up and the other down, the harder the more NDCG would gain or lose if the two
    changed places. Pairs count if at least one of them is among the first
    ``truncation`` ranks.

    Parameters
    ----------
    truncation : int, default=30
        The ranks of interest: for pairs, for the best DCG that NDCG is relative to,
        and for the loss, 1 - NDCG@truncation. A little more than the number of
        results shown trains best, as LightGBM's documentation has it.
    sigmoid : float, default=1.0
        Steepness of the probability that the pair is in the right order, between
        1e-6 and 1e6.
    norm : bool, default=True
        Whether to weigh pairs of close scores more, and to dampen queries of large
        total gradient.
    gain : {"exponential", "linear"} or array-like, default="exponential"
        What a grade ``y`` is worth: :math:`2^y - 1`, :math:`y`, or entry ``y`` of a
        list, which must not decrease; grades are then integers.

    Notes
    -----
    With the documents at ranks :math:`i < j` in order of score :math:`f`, equal
    ones in the order of the rows, one of gain :math:`g_h` more than the other's
    :math:`g_l`, and :math:`d_r = 1 / \\log_2(1 + r)`,

    .. math:: \\Delta = \\frac{(g_h - g_l) (d_i - d_j)}{\\max \\mathrm{DCG@k}},
              \\qquad \\rho = \\frac{1}{1 + e^{\\sigma (f_h - f_l)}},

    the pair adds :math:`\\sigma \\rho \\Delta` to the gradient of the lower-graded
    document, takes it from the other's, and adds
    :math:`\\sigma^2 \\rho (1 - \\rho) \\Delta` to both Hessians [1]_. With ``norm``
    [2]_, :math:`\\Delta` is divided by :math:`0.01 + |f_h - f_l|`, unless all scores
    of the query are equal, and the query's derivatives are multiplied by
    :math:`\\log_2(1 + S) / S`, ``S`` the sum of the absolute gradients of pairs, both
    documents counted. Weights of rows multiply their derivatives last.

    Deviations from LightGBM: :math:`\\rho` is exact, not from a table; queries may be
    of any size and grades fractions; rows of weight 0 are left out; a query without a
    gain is left out of the loss, where LightGBM's NDCG counts it as 1.

    References
    ----------
    .. [1] C. Burges, "From RankNet to LambdaRank to LambdaMART: an overview",
       Microsoft Research, MSR-TR-2010-82.
    .. [2] LightGBM 4, ``src/objective/rank_objective.hpp``, ``LambdarankNDCG``.

    Examples
    --------
    The second document is the better one, and should go up.

    >>> import numpy as np
    >>> from skmo.objectives import LambdaRank
    >>> grades, query = np.array([0.0, 1.0, 0.0]), np.array([0, 0, 0])
    >>> loss = LambdaRank(norm=False).over(grades, query)
    >>> gradient, hessian = np.empty((2, 3), dtype=np.float32)
    >>> value = loss.gradient_hessian(np.array([2.0, 1.0, 0.0]), gradient, hessian)
    >>> round(value, 3)
    0.369
    >>> gradient.round(3)
    array([ 0.27 , -0.305,  0.035], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **NDCGObjective._parameter_constraints,
        # Beyond, float32 would lose what the sigmoid is multiplied with.
        "sigmoid": [Interval(Real, 1e-6, 1e6, closed="both")],
        "norm": ["boolean"],
    }

    def __init__(
        self,
        truncation: int = 30,
        sigmoid: float = 1.0,
        norm: bool = True,
        gain: Any = "exponential",
    ):
        self.truncation = truncation
        self.sigmoid = sigmoid
        self.norm = norm
        self.gain = gain

    def over(
        self,
        target: np.ndarray,
        query: np.ndarray,
        weight: np.ndarray | None = None,
        *,
        seed: int = 0,
        n_threads: int = 1,
    ) -> QueryLoss:
        return _PairLoss(
            self._gains(target),
            query,
            weight,
            int(self.truncation),
            float(self.sigmoid),
            bool(self.norm),
        )


class _PairLoss(NDCGLoss):
    """1 - NDCG with the derivatives of LambdaRank."""

    def __init__(
        self,
        gain: np.ndarray,
        query: np.ndarray,
        weight: np.ndarray | None,
        truncation: int,
        sigmoid: float,
        norm: bool,
    ):
        super().__init__(gain, query, weight, truncation)
        self._truncation, self._sigmoid, self._norm = truncation, sigmoid, norm

    def _derivatives(self, rows, score, gain):
        # In float64 up to their differences, and in units of 1 / sigmoid.
        score, discount = score.astype(np.float64), self._discount[: len(score)]
        near = None
        if self._norm:
            near, discount = self._near(rows, score), self._sigmoid * discount
        score *= self._sigmoid
        gradient, hessian, pull = _pair_sums(
            score, gain, discount, near, self._truncation
        )
        factor = np.full(len(pull), self._sigmoid)
        if self._norm:
            total = 2.0 * self._sigmoid * pull.astype(np.float64)
            some = total > 0
            factor[some] *= np.log1p(total[some]) / (np.log(2.0) * total[some])
        gradient *= factor.astype(np.float32)
        hessian *= (self._sigmoid * factor).astype(np.float32)
        return gradient, hessian

    def _near(self, rows: np.ndarray, score: np.ndarray) -> np.ndarray:
        """What is added to distances that divide: all are divided by 1 if all are 0."""
        worst = np.where(rows < len(self._rows), score, score[0]).min(axis=0)
        near = np.where(score[0] == worst, 1.0, _MIN_DISTANCE)
        return (self._sigmoid * near).astype(np.float32)


def _pair_sums(
    score: np.ndarray,
    gain: np.ndarray,
    discount: np.ndarray,
    near: np.ndarray | None,
    truncation: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sums over pairs of lambda, of its derivative and of its absolute value.

    Parameters
    ----------
    score : ndarray of shape (size, n_queries), float64
        Times sigmoid, in descending order.
    gain : ndarray of shape (size, n_queries), float32
    discount : ndarray of shape (size,), float64
        By rank; times what the distance is to be taken in.
    near : ndarray of shape (n_queries,), float32, or None
        Added to the score difference that a pair's weight is divided by; None does
        not divide.
    truncation : int

    Returns
    -------
    gradient, hessian : ndarray of shape (size, n_queries), float32
    pull : ndarray of shape (n_queries,), float32
        One document of each pair counted.
    """
    size, n_queries = score.shape
    gradient = np.zeros(score.shape, dtype=np.float32)
    hessian = np.zeros(score.shape, dtype=np.float32)
    pull = np.zeros(n_queries, dtype=np.float32)
    row = np.empty(n_queries, dtype=np.float32)
    buffers = np.empty((6, size, n_queries), dtype=np.float32)
    # The document at rank i against all after it: each pair once.
    for i in range(min(truncation, size - 1)):
        w, t, q, g, low, h = buffers[:, : size - 1 - i]
        gap = (discount[i] - discount[i + 1 :]).astype(np.float32)[:, np.newaxis]
        np.subtract(score[i + 1 :], score[i], out=t, casting="same_kind")
        if near is None:
            w[...] = gap
        else:
            np.subtract(near, t, out=w)
            np.divide(gap, w, out=w)
        # t / (1 + t) is rho of a pair in the right order, 1 / (1 + t) of another.
        np.exp(t, out=t)
        np.add(t, 1.0, out=q)
        np.reciprocal(q, out=q)
        w *= q
        # The difference in gain, split into g >= 0 and low <= 0.
        np.subtract(gain[i], gain[i + 1 :], out=g)
        np.minimum(g, 0.0, out=low)
        g -= low
        np.subtract(g, low, out=h)
        q *= t
        h *= q
        h *= w
        g *= t
        g += low
        g *= w
        gradient[i + 1 :] += g
        gradient[i] -= np.add.reduce(g, axis=0, out=row)
        hessian[i + 1 :] += h
        hessian[i] += np.add.reduce(h, axis=0, out=row)
        if near is not None:
            np.abs(g, out=g)
            pull += np.add.reduce(g, axis=0, out=row)
    return gradient, hessian, pull
