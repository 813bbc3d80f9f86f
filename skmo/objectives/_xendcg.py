"""XE-NDCG: cross-entropy between randomised gains and the scores' softmax."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._ndcg import NDCGObjective
from ._queries import NDCGLoss
from ._ranking import QueryLoss

# Less than any share of the softmax that float64 tells from 0.
_TINY = 1e-300


class XENDCG(NDCGObjective):
    """XE-NDCG, as in LightGBM's ``rank_xendcg``.

    The softmax of a query's scores is trained towards the shares of its documents'
    gains, blurred anew in every round. The whole query counts, and the time taken
    grows with its size only, where that of :class:`LambdaRank` grows with its pairs.

    Parameters
    ----------
    truncation : int, default=30
        The ranks that count in the loss, 1 - NDCG@truncation. The derivatives do
        not depend on it.
    gain : {"exponential", "linear"} or array-like, default="exponential"
        What a grade ``y`` is worth: :math:`2^y - 1`, :math:`y`, or entry ``y`` of a
        list, which must not decrease; grades are then integers.

    Notes
    -----
    With the softmax :math:`\\rho` of the query's scores and

    .. math:: \\phi_i = \\mathrm{gain}(y_i) + 1 - \\gamma_i, \\qquad
              \\gamma_i \\sim U[0, 1),

    which for the exponential gain is the paper's :math:`2^{y_i} - \\gamma_i` [1]_, the
    gradient is the sum of three terms and the Hessian :math:`\\rho_i (1 - \\rho_i)`:

    .. math:: a_i = \\rho_i - \\frac{\\phi_i}{\\sum_j \\phi_j}, \\qquad
              b_i = \\rho_i \\sum_{j \\ne i} \\frac{a_j}{1 - \\rho_j}, \\qquad
              c_i = \\rho_i \\sum_{j \\ne i} \\frac{b_j}{1 - \\rho_j},

    as in LightGBM [2]_. They are no derivatives of one function: numerator and
    denominator of a Newton step whose inverse Hessian is approximated to the third
    order [3]_. Weights of rows multiply them last.

    Deviations from LightGBM: the random numbers; queries of equal gains are left out,
    which LightGBM trains towards equal scores on average; rows of weight 0 are left
    out; the terms are exact also where one document has all of the softmax.

    References
    ----------
    .. [1] S. Bruch, "An alternative cross entropy loss for learning-to-rank", WWW
       2021, arXiv:1911.09798. The abstract only could be read; formulae as in [2]_.
    .. [2] LightGBM 4, ``src/objective/rank_objective.hpp``, ``RankXENDCG``.
    .. [3] The author's account in LightGBM's issue 3673, which names Section 4.3 of
       the paper.

    Examples
    --------
    The second document is the better one, and should go up.

    >>> import numpy as np
    >>> from skmo.objectives import XENDCG
    >>> grades, query = np.array([0.0, 3.0, 0.0]), np.array([0, 0, 0])
    >>> loss = XENDCG().over(grades, query, seed=0)
    >>> gradient, hessian = np.empty((2, 3), dtype=np.float32)
    >>> value = loss.gradient_hessian(np.zeros(3), gradient, hessian)
    >>> np.sign(gradient)
    array([ 1., -1.,  1.], dtype=float32)
    >>> hessian.round(3)
    array([0.222, 0.222, 0.222], dtype=float32)
    """

    def __init__(self, truncation: int = 30, gain: Any = "exponential"):
        self.truncation = truncation
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
        gain = self._gains(target)
        return _CrossEntropyLoss(gain, query, weight, int(self.truncation), seed)


class _CrossEntropyLoss(NDCGLoss):
    """1 - NDCG with the derivatives of XE-NDCG."""

    def __init__(
        self,
        gain: np.ndarray,
        query: np.ndarray,
        weight: np.ndarray | None,
        truncation: int,
        seed: int,
    ):
        super().__init__(gain, query, weight, truncation)
        self._worth = np.append(gain[self._rows], 0.0)
        self._seed, self._n_calls = seed, 0

    def memory(self) -> int:
        return self._n_calls

    def remember(self, memory: int) -> None:
        self._n_calls = memory

    def _begin(self):
        random = np.random.default_rng([self._seed, self._n_calls])
        self._n_calls += 1
        # 0 for the padding.
        blur = np.append(1.0 - random.random(len(self._rows)), 0.0)
        self._blurred = self._worth + blur

    def _derivatives(self, rows, score, gain):
        aim = self._blurred[rows]
        aim /= aim.max(axis=0)
        aim /= aim.sum(axis=0)
        return _expansion(score.astype(np.float64), aim)


def _expansion(score: np.ndarray, aim: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The gradient's three terms summed, and the Hessian.

    Parameters
    ----------
    score : ndarray of shape (size, n_queries), float64
        In descending order.
    aim : ndarray of shape (size, n_queries), float64
        Shares of the blurred gains, 0 where padded.
    """
    rho = np.exp(score - score[0])
    total = rho.sum(axis=0)
    rest = np.maximum(_others(rho), _TINY) / total
    rho /= total
    term = rho - aim
    gradient = term.copy()
    for _ in range(2):
        term /= rest
        term = rho * _others(term)
        gradient += term
    rest *= rho
    return gradient, rest


def _others(x: np.ndarray) -> np.ndarray:
    """Each entry's sum over the others of its column.

    The first, which may exceed the others by all digits, is left out of its sum
    rather than subtracted.
    """
    others = x.sum(axis=0) - x
    others[0] = x[1:].sum(axis=0)
    return others
