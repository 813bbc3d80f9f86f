"""Derivatives and losses of rankings: by hand, against loops, and their symmetries."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo.metrics import ndcg_score
from skmo.objectives import RANKING_OBJECTIVES, XENDCG, LambdaRank
from tests.objectives import ranking_oracle as oracle
from tests.objectives.ranking_oracle import NAN

each_objective = pytest.mark.parametrize("cls", RANKING_OBJECTIVES.values())
# Of queries: single documents, pairs, few, and more than any truncation tested.
SIZES = [1, 1, 2, 2, 2, 3, 5, 8, 13, 21, 34, 70]
LABEL_GAIN = [0.0, 1.0, 1.0, 4.5, 9.0]


def derivatives(loss, score):
    """Loss, gradient and Hessian; what was in the arrays does not matter."""
    gradient, hessian = np.full((2, len(score)), NAN, dtype=np.float32)
    value = loss.gradient_hessian(score, gradient, hessian)
    return value, gradient, hessian


def make_queries(seed=0, missing=True, weighted=True, ties=True):
    """Grades 0 to 4, codes with gaps, weights or None, scores."""
    rng = np.random.default_rng(seed)
    sizes = rng.permutation(SIZES)
    query = np.repeat(2 * np.arange(len(sizes)), sizes)
    target = rng.integers(5, size=len(query)).astype(float)
    # Two queries without a gain or a difference.
    target[query == query[-1]] = 0.0
    target[query == 4] = 3.0
    weight = rng.integers(1, 4, size=len(query)) / 2 if weighted else None
    if missing:
        target[rng.random(len(query)) < 0.2] = NAN
        if weighted:
            weight[rng.random(len(query)) < 0.1] = 0.0
    score = 2.0 * rng.normal(size=len(query))
    if ties:
        score = np.round(score)
    return target, query, weight, score


def compare(found, expected):
    scale = np.abs(expected).max()
    assert_allclose(found, expected, rtol=2e-5, atol=1e-6 * scale)


def test_one_pair_by_hand():
    # The worse document is first: exchanging the two is worth 1 - 1 / log2(3) of the
    # best DCG, which is 1, and the probability of the wrong order is 0.731.
    score, arguments = np.array([1.0, 0.0]), (np.array([0.0, 1.0]), np.zeros(2, int))
    worth = 1 - 1 / math.log2(3)
    wrong = 1 / (1 + math.exp(-1))
    plain = LambdaRank(norm=False).over(*arguments)
    value, gradient, hessian = derivatives(plain, score)
    assert value == pytest.approx(worth)
    assert_allclose(gradient, [worth * wrong, -worth * wrong], rtol=1e-6)
    assert_allclose(hessian, 2 * [worth * wrong * (1 - wrong)], rtol=1e-6)
    # 1.01 for the distance of 1; the logarithm for both documents' pulls.
    pull = worth * wrong / 1.01
    damped = pull * math.log2(1 + 2 * pull) / (2 * pull)
    _, gradient, _ = derivatives(LambdaRank().over(*arguments), score)
    assert_allclose(gradient, [damped, -damped], rtol=1e-6)
    # Equal scores: no distance, in the order of the rows, at the mean discount.
    value, gradient, _ = derivatives(LambdaRank().over(*arguments), np.zeros(2))
    assert value == pytest.approx(worth / 2)
    assert_allclose(gradient, [math.log2(1 + worth) / 2 * s for s in (1, -1)], 1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("truncation", [1, 5, 1000])
@pytest.mark.parametrize("norm", [True, False])
@pytest.mark.parametrize("sigmoid", [1.0, 2.0])
@pytest.mark.parametrize("gain", ["exponential", "linear", LABEL_GAIN])
def test_lambdarank_is_the_sum_over_pairs(dtype, truncation, norm, sigmoid, gain):
    parameters = {
        "truncation": truncation,
        "norm": norm,
        "sigmoid": sigmoid,
        "gain": gain,
    }
    for seed in range(4):
        ties, weighted = seed % 2 == 0, seed < 2
        *data, score = make_queries(seed, ties=ties, weighted=weighted)
        score = score.astype(dtype)
        loss = LambdaRank(**parameters).over(*data)
        _, gradient, hessian = derivatives(loss, score)
        expected = oracle.lambdarank(*data, score, **parameters)
        compare(gradient, expected[0])
        compare(hessian, expected[1])
        informative = oracle.informative_rows(*data, gain)
        assert_array_equal(loss.informative, informative)
        assert not gradient[~informative].any()
        assert not hessian[~informative].any()


@pytest.mark.parametrize("norm", [True, False])
def test_lambdarank_of_equal_scores(norm):
    *data, score = make_queries(1)
    _, gradient, _ = derivatives(LambdaRank(norm=norm).over(*data), 0 * score + 7)
    compare(gradient, oracle.lambdarank(*data, 0 * score + 7, norm=norm)[0])


@pytest.mark.parametrize("offset", [1e6, -1e6])
def test_lambdarank_keeps_the_digits_of_small_differences(offset):
    *data, score = make_queries(2, ties=False)
    _, gradient, _ = derivatives(LambdaRank().over(*data), 1e-3 * score + offset)
    compare(gradient, oracle.lambdarank(*data, 1e-3 * score + offset)[0])


@pytest.mark.parametrize("scale", [30.0, 1e3, 1e10])
@pytest.mark.parametrize("sigmoid", [1e-6, 1.0, 1e6])
@each_objective
def test_extreme_scores_give_finite_derivatives(cls, sigmoid, scale):
    *data, score = make_queries(3, ties=False)
    objective = cls(sigmoid=sigmoid) if cls is LambdaRank else cls()
    with np.errstate(all="raise"):
        value, *found = derivatives(objective.over(*data), scale * score)
    assert 0 <= value <= 1
    assert np.isfinite(found).all()
    assert (found[1] >= 0).all()


@pytest.mark.parametrize("gain", ["exponential", "linear", LABEL_GAIN])
def test_xendcg_is_the_sum_over_documents(gain):
    for seed in range(3):
        *data, score = make_queries(seed, weighted=seed > 0)
        loss = XENDCG(gain=gain).over(*data, seed=7)
        for call in range(2):
            informative = oracle.informative_rows(*data, gain)
            uniform = np.zeros(len(score))
            random = np.random.default_rng([7, call]).random(informative.sum())
            uniform[informative] = random
            _, gradient, hessian = derivatives(loss, score)
            expected = oracle.xendcg(*data, score, uniform, gain)
            compare(gradient, expected[0])
            compare(hessian, expected[1])


def test_xendcg_where_one_document_has_all_of_the_softmax():
    # With the distance d and the shares s of the blurred gains the terms are, for
    # d to infinity: a = (1 - s0, -s1), b = (-s1, 1 - s0), c = (1 - s0, -s1).
    loss = XENDCG().over(np.array([0.0, 2.0]), np.zeros(2, int), seed=3)
    phi = np.array([1.0, 4.0]) - np.random.default_rng([3, 0]).random(2)
    s0, s1 = phi / phi.sum()
    for distance in (20.0, 50.0, 500.0):
        loss = XENDCG().over(np.array([0.0, 2.0]), np.zeros(2, int), seed=3)
        _, gradient, hessian = derivatives(loss, np.array([distance, 0.0]))
        expected = [2 * (1 - s0) - s1, 1 - s0 - 2 * s1]
        assert_allclose(gradient, expected, rtol=1e-5)
        assert_allclose(hessian, np.exp(-distance), rtol=1e-5, atol=1e-30)


def test_xendcg_draws_anew_and_repeats():
    *data, score = make_queries(4)
    loss, again, other = (XENDCG().over(*data, seed=s) for s in (1, 1, 2))
    first, second = (derivatives(loss, score)[1] for _ in range(2))
    assert np.abs(first - second).max() > 0.01
    for expected in (first, second):
        assert_array_equal(derivatives(again, score)[1], expected)
        again.loss(score)  # draws nothing
    assert np.abs(derivatives(other, score)[1] - first).max() > 0.01


@each_objective
@pytest.mark.parametrize("gain", ["exponential", "linear"])
@pytest.mark.parametrize("k", [1, 5, 1000])
@pytest.mark.parametrize("weighted", [True, False])
def test_loss_is_one_minus_ndcg(cls, gain, k, weighted):
    for seed in range(3):
        target, query, weight, score = make_queries(seed, weighted=weighted)
        loss = cls(truncation=k, gain=gain).over(target, query, weight)
        ndcg = ndcg_score(
            target, score, group_ids=query, k=k, gain=gain, sample_weight=weight
        )
        assert loss.loss(score) == pytest.approx(1 - ndcg, abs=1e-12)
        assert derivatives(loss, score)[0] == loss.loss(score)
        ideal = np.nan_to_num(target)
        assert loss.loss(ideal) == pytest.approx(0, abs=1e-12)
        total = 0.0
        for rows in oracle.queries_of(target, query, weight):
            if target[rows].max() > 0:
                total += 1.0 if weight is None else np.mean(weight[rows])
        assert loss.weight_sum == pytest.approx(total)


@each_objective
@pytest.mark.parametrize(
    ("target", "weight", "expected"),
    [
        ([0.0, 0.0, 0.0], None, NAN),
        ([NAN, NAN, NAN], None, NAN),
        ([1.0, 2.0, 0.0], [0.0, 0.0, 0.0], NAN),
        ([2.0, 2.0, NAN], None, 0.0),
        ([], None, NAN),
    ],
)
def test_nothing_to_learn(cls, target, weight, expected):
    target = np.array(target)
    weight = None if weight is None else np.array(weight)
    loss = cls().over(target, np.zeros(len(target), int), weight)
    score = np.arange(float(len(target)))
    value, gradient, hessian = derivatives(loss, score)
    assert_array_equal([value, loss.loss(score)], [expected, expected])
    assert_array_equal(loss.weight_sum, 0.0 if math.isnan(expected) else 1.0)
    assert not loss.informative.any()
    assert not gradient.any()
    assert not hessian.any()


@each_objective
def test_rows_left_out_are_as_if_not_there(cls):
    *data, score = make_queries(5)
    target, _, weight = data
    kept = ~np.isnan(target) & (weight > 0)
    assert 0 < kept.sum() < len(kept)
    value, *found = derivatives(cls().over(*data), score)
    fewer = cls().over(*(part[kept] for part in data))
    expected, *expected_found = derivatives(fewer, score[kept])
    assert value == expected
    for part, expected_part in zip(found, expected_found, strict=True):
        assert_array_equal(part[kept], expected_part)


@each_objective
def test_weights_multiply(cls):
    target, query, weight, score = make_queries(6, missing=False)
    value, *plain = derivatives(cls().over(target, query), score)
    _, *weighted = derivatives(cls().over(target, query, weight), score)
    for one, other in zip(plain, weighted, strict=True):
        assert_allclose(other, one * weight, rtol=1e-6)
    doubled = cls().over(target, query, np.full(len(query), 2.0))
    assert derivatives(doubled, score)[0] == pytest.approx(value)


@each_objective
def test_shifting_the_scores_of_a_query_changes_nothing(cls):
    *data, score = make_queries(7)
    shift = np.random.default_rng(0).integers(-8, 8, size=data[1].max() + 1)
    for one, other in zip(
        derivatives(cls().over(*data), score),
        derivatives(cls().over(*data), score + shift[data[1]]),
        strict=True,
    ):
        assert_array_equal(one, other)


def test_the_order_of_queries_does_not_matter():
    *data, score = make_queries(8)
    query = data[1]
    order = np.argsort(-query, kind="stable")
    value, *found = derivatives(LambdaRank().over(*data), score)
    data[1] = query.max() - query
    moved = LambdaRank().over(*(None if p is None else p[order] for p in data))
    expected, *expected_found = derivatives(moved, score[order])
    assert value == pytest.approx(expected, rel=1e-12)
    for one, other in zip(found, expected_found, strict=True):
        assert_allclose(one[order], other, rtol=1e-5, atol=1e-7)


def test_pulls_of_lambdarank_cancel_within_each_query():
    target, query, _, score = make_queries(9, weighted=False, ties=False)
    _, gradient, _ = derivatives(LambdaRank().over(target, query), score)
    sums = np.bincount(query, gradient)
    assert np.abs(gradient).max() > 0.1
    assert_allclose(sums, 0, atol=1e-6)


@each_objective
def test_many_queries_of_many_sizes(cls):
    """More than one block, of every kind: each query's result is its own alone."""
    rng = np.random.default_rng(0)
    sizes = np.concatenate([rng.integers(1, 40, size=900), [3000, 5000, 20_000]])
    query = np.repeat(np.arange(len(sizes)), rng.permutation(sizes))
    target = rng.integers(3, size=len(query)).astype(float)
    score = rng.normal(size=len(query))
    loss = cls(truncation=3).over(target, query)
    value, gradient, hessian = derivatives(loss, score)
    ndcg = ndcg_score(target, score, group_ids=query, k=3)
    assert value == pytest.approx(1 - ndcg, abs=1e-10)
    if cls is LambdaRank:
        weight = None
        expected = oracle.lambdarank(target, query, weight, score, truncation=3)
        compare(gradient, expected[0])
        compare(hessian, expected[1])
