"""Scores of rankings: documents in queries, graded by several relevances."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._observed import documented, per_target

_GAINS = {"exponential": lambda y: np.exp2(y) - 1.0, "linear": lambda y: y}


@documented(
    "scores that documents are ranked by, the greatest first",
    ">>> nan = float('nan')",
    ">>> grades = [[3, 0], [2, nan], [0, 2], [1, 1]]",
    ">>> scores = [[0.9, 0.1], [0.2, 0.8], [0.5, 0.7], [0.1, 0.3]]",
    ">>> ndcg_score(grades, scores, multioutput='raw_values')",
    "array([0.950..., 1.        ])",
    ">>> ndcg_score(grades, scores, group_ids=['a', 'a', 'b', 'b'])",
    "0.907...",
    parameter="""
        A query weighs the mean weight of its rows, as in LightGBM.
    group_ids : array-like of shape (n_samples,), default=None
        The query of each row, in any order; None makes all rows one query.
    k : int, default=None
        Count the first ``k`` ranks only; None counts all.
    gain : {"exponential", "linear"}, default="exponential"
        What a grade is worth: :math:`2^y - 1`, as in LightGBM and the LETOR
        benchmarks, or :math:`y`, as in scikit-learn's ``ndcg_score``.""",
    undefined="the score needs one query with a grade above 0.",
    notes="""
    The mean over queries of DCG over the best DCG of the query's observed rows,

    .. math:: \\mathrm{DCG@k} = \\sum_{r=1}^{k} \\mathrm{gain}(y_r) / \\log_2(1 + r)

    [1]_, with ``y_r`` the grade at rank ``r`` and equal scores averaged over
    their ranks [2]_, as scikit-learn does. A query without a grade above 0 has no
    best ranking and is left out of the mean; LightGBM counts it as 1.

    References
    ----------
    .. [1] K. Järvelin, J. Kekäläinen. "Cumulated gain-based evaluation of IR
       techniques", ACM Transactions on Information Systems 20(4), 2002; the
       exponential gain as in C. Burges, "From RankNet to LambdaRank to
       LambdaMART: an overview", Microsoft Research, MSR-TR-2010-82.
    .. [2] F. McSherry, M. Najork. "Computing information retrieval performance
       measures efficiently in the presence of tied scores", ECIR 2008.
    """,
)
def ndcg_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    group_ids: ArrayLike | None = None,
    k: int | None = None,
    gain: str = "exponential",
    multioutput: str = "uniform_average",
) -> float | np.ndarray:
    """Normalised discounted cumulative gain of rankings, mean over queries."""
    if not isinstance(gain, str) or gain not in _GAINS:
        raise ValueError(
            "The 'gain' parameter must be a str among 'exponential' and 'linear'. "
            f"Got {gain!r:.200} instead."
        )
    if k is not None and (not isinstance(k, Integral) or isinstance(k, bool) or k < 1):
        raise ValueError(
            "The 'k' parameter must be an int in the range [1, inf) or None (all "
            f"ranks). Got {k!r:.200} instead."
        )
    query = _queries(group_ids, len(np.asarray(y_true)))

    def score(y, p, sample_weight=None, query=None):
        return _mean_ndcg(_gains(y, gain), _finite(p), query, k, sample_weight)

    return per_target(
        score, y_true, y_pred, sample_weight, multioutput, rows={"query": query}
    )


def _queries(group_ids: Any, n_rows: int) -> np.ndarray:
    """Each row's query as an index."""
    if group_ids is None:
        return np.zeros(n_rows, dtype=np.intp)
    missing = group_ids.isna() if hasattr(group_ids, "isna") else None
    values = np.asarray(group_ids)
    if values.shape != (n_rows,):
        raise ValueError(
            f"group_ids must hold the query of every row, shape ({n_rows},). Got "
            f"{values.shape} instead."
        )
    if missing is None:
        missing = np.array([v is None or v != v for v in values.tolist()], dtype=bool)
    if np.any(missing):
        raise ValueError(
            f"group_ids is missing in {int(np.sum(missing))} rows: drop them first."
        )
    return np.unique(values, return_inverse=True)[1].reshape(n_rows)


def _gains(grades: np.ndarray, gain: str) -> np.ndarray:
    if grades.min() < 0:
        raise ValueError(
            f"y_true holds the grade {grades.min():g}, but grades must be at least 0. "
            "Shift them so that the least is 0."
        )
    with np.errstate(over="ignore"):
        gains = _GAINS[gain](grades)
    if not np.isfinite(gains).all():
        raise ValueError(
            f"y_true holds the grade {grades.max():g}, which is worth more than a "
            f"float holds with gain={gain!r}. Use finite grades, or gain='linear'."
        )
    return gains


def _finite(scores: np.ndarray) -> np.ndarray:
    bad = ~np.isfinite(scores)
    if bad.any():
        raise ValueError(
            "y_pred must be finite where y_true is observed. Got "
            f"{scores[bad][0]} in {int(bad.sum())} of {len(scores)} rows."
        )
    return scores


def _mean_ndcg(
    gains: np.ndarray,
    scores: np.ndarray,
    query: np.ndarray,
    k: int | None,
    weight: np.ndarray | None,
) -> float | None:
    """The weighted mean over the queries that have a gain; None without one."""
    query = np.unique(query, return_inverse=True)[1].reshape(len(gains))
    best = _dcg(gains, gains, query, k)
    reached = _dcg(gains, scores, query, k)
    defined = best > 0
    if not defined.any():
        return None
    weights = None
    if weight is not None:
        weights = (np.bincount(query, weight) / np.bincount(query))[defined]
    return float(np.average(reached[defined] / best[defined], weights=weights))


def _dcg(
    gains: np.ndarray, scores: np.ndarray, query: np.ndarray, k: int | None
) -> np.ndarray:
    """Each query's DCG, ties averaged over their ranks."""
    order = np.lexsort((-scores, query))
    query, scores = query[order], scores[order]
    starts = np.flatnonzero(np.r_[True, query[1:] != query[:-1]])
    rank = np.arange(len(query)) - starts[query]
    discount = 1.0 / np.log2(rank + 2.0)
    if k is not None:
        discount[rank >= k] = 0.0
    tied = np.r_[False, (query[1:] == query[:-1]) & (scores[1:] == scores[:-1])]
    runs = np.flatnonzero(~tied)
    run = np.cumsum(~tied) - 1
    shared = np.add.reduceat(discount, runs) / np.bincount(run)
    return np.bincount(query, gains[order] * shared[run])
