"""The pairwise loss that balancers compare ranking objectives by."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo.objectives import XENDCG, LambdaRank
from skmo.objectives._pair_loss import _MAX_PAIRS, _drawn

NAN = np.nan


def by_loops(target, query, score, weight=None, sigmoid=1.0):
    """Pair by pair; a query weighs the mean weight of its judged rows."""
    total, count = 0.0, 0.0
    for q in np.unique(query):
        rows = np.flatnonzero((query == q) & ~np.isnan(target))
        gain = 2.0 ** target[rows] - 1
        num = den = 0.0
        for i, a in enumerate(rows):
            for j, b in enumerate(rows):
                if gain[i] > gain[j]:
                    gap = gain[i] - gain[j]
                    num += gap * np.log2(1 + np.exp(-sigmoid * (score[a] - score[b])))
                    den += gap
        if den:
            w = 1.0 if weight is None else weight[rows].mean()
            total, count = total + w * num / den, count + w
    return total / count


def rows_of_queries(seed=0):
    rng = np.random.default_rng(seed)
    query = np.repeat(np.arange(25), rng.integers(1, 12, 25))
    target = rng.integers(0, 4, len(query)).astype(float)
    target[rng.random(len(query)) < 0.2] = NAN
    target[query == 3] = 2.0  # nothing to order
    return query, target, rng.normal(size=len(query)), rng.uniform(0.5, 2, len(query))


def test_by_hand():
    """One pair of gains 3 and 0, scores 2 apart the wrong way."""
    loss = LambdaRank().over(np.array([2.0, 0.0]), np.zeros(2, int))
    assert_allclose(loss.smooth_loss(np.array([0.0, 2.0])), np.log2(1 + np.exp(2.0)))


@pytest.mark.parametrize("objective", [LambdaRank(), LambdaRank(sigmoid=2.0), XENDCG()])
@pytest.mark.parametrize("weighted", [False, True])
def test_pair_by_pair(objective, weighted):
    query, target, score, weight = rows_of_queries()
    weight = weight if weighted else None
    loss = objective.over(target, query, weight)
    sigmoid = getattr(objective, "sigmoid", 1.0)
    expected = by_loops(target, query, score, weight, sigmoid)
    assert_allclose(loss.smooth_loss(score), expected, rtol=1e-6)
    # A query's level orders nothing.
    level = np.random.default_rng(1).normal(size=query.max() + 1)
    assert_allclose(loss.smooth_loss(score + level[query]), expected, rtol=1e-6)


def test_equal_scores_are_1_and_the_right_order_is_less():
    query, target, *_ = rows_of_queries()
    loss = LambdaRank().over(target, query)
    assert_allclose(loss.smooth_loss(np.full(len(query), 7.0)), 1.0)
    right = np.nan_to_num(target)
    assert loss.smooth_loss(20 * right) < 1e-3
    assert loss.smooth_loss(-right) > 1.5


def test_of_long_queries_some_pairs_stand_for_all():
    rng = np.random.default_rng(0)
    query = np.repeat(np.arange(40), 80)
    target = rng.integers(0, 5, len(query)).astype(float)
    score = target + rng.normal(size=len(query))
    loss = LambdaRank().over(target, query)
    found = loss.smooth_loss(score)
    assert len(loss._pair_loss._weight) == 40 * _MAX_PAIRS
    assert_allclose(found, by_loops(target, query, score), rtol=0.02)
    again = LambdaRank().over(target, query)
    assert again.smooth_loss(score) == found


def test_one_pair_is_drawn_from_each_of_equal_stretches():
    """And all of a query that has few."""
    n_pairs = np.array([3, 0, 10 * _MAX_PAIRS, _MAX_PAIRS, 3 * _MAX_PAIRS // 2])
    pair, query = _drawn(n_pairs, np.random.default_rng(0))
    assert_array_equal(np.bincount(query), np.minimum(n_pairs, _MAX_PAIRS))
    start = np.cumsum(n_pairs) - n_pairs
    place = pair - start[query]
    assert_array_equal(place[query == 0], np.arange(3))
    assert_array_equal(place[query == 3], np.arange(_MAX_PAIRS))
    assert_array_equal(place[query == 2] // 10, np.arange(_MAX_PAIRS))
    assert set(place[query == 2] % 10) == set(range(10))
    last = place[query == 4]
    assert (np.diff(last) >= 0).all()
    assert 0 <= last[0] < last[-1] < n_pairs[4]


def test_nothing_to_order():
    loss = LambdaRank().over(np.ones(4), np.zeros(4, int))
    assert loss.smooth_loss(np.arange(4.0)) == 0.0
