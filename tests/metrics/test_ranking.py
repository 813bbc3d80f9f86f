"""NDCG by hand, against scikit-learn's, and with unjudged documents."""

import numpy as np
import pytest
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import ndcg_score as sklearn_ndcg

from skmo.metrics import ndcg_score


def test_by_hand():
    # Ranked by score the grades are 3, 0, 2, 1: gains 7, 0, 3, 1.
    y, p = [3, 2, 0, 1], [0.9, 0.2, 0.5, 0.1]
    reached = 7 + 3 / 2 + 1 / np.log2(5)
    best = 7 + 3 / np.log2(3) + 1 / 2
    assert ndcg_score(y, p) == pytest.approx(reached / best)
    assert ndcg_score(y, p, k=2) == pytest.approx(7 / (7 + 3 / np.log2(3)))
    linear = (3 + 2 / 2 + 1 / np.log2(5)) / (3 + 2 / np.log2(3) + 1 / 2)
    assert ndcg_score(y, p, gain="linear") == pytest.approx(linear)


def test_ties_share_their_ranks():
    # Both documents have the mean of the discounts 1 and 1 / log2(3).
    shared = (1 + 1 / np.log2(3)) / 2
    assert ndcg_score([1, 0], [0.5, 0.5]) == pytest.approx(shared)
    # At k = 1 the second rank counts nothing.
    assert ndcg_score([1, 0], [0.5, 0.5], k=1) == pytest.approx(0.5)


@pytest.mark.parametrize("k", [None, 1, 3, 50])
@pytest.mark.parametrize("gain", ["exponential", "linear"])
def test_equals_scikit_learn_query_by_query(k, gain):
    rng = np.random.default_rng(0)
    queries = rng.integers(12, size=200)
    Y = rng.integers(5, size=(200, 2)).astype(float)
    P = rng.integers(6, size=Y.shape) / 6  # with ties
    Y[rng.uniform(size=Y.shape) < 0.3] = np.nan
    expected = np.zeros(2)
    for j in range(2):
        values = []
        for query in np.unique(queries):
            rows = (queries == query) & ~np.isnan(Y[:, j])
            gains = 2 ** Y[rows, j] - 1 if gain == "exponential" else Y[rows, j]
            assert rows.sum() > 1
            values.append(sklearn_ndcg([gains], [P[rows, j]], k=k))
        expected[j] = np.mean(values)
    names = np.array([f"query {q}" for q in queries])
    raw = ndcg_score(Y, P, group_ids=names, k=k, gain=gain, multioutput="raw_values")
    np.testing.assert_allclose(raw, expected, rtol=1e-12)


def test_queries_without_a_positive_grade_are_left_out():
    y, p = [1, 0, 0, 0, 2], [0.1, 0.2, 0.3, 0.4, 0.5]
    # The first query ranks its document second; the second has nothing to rank; the
    # third is one document.
    expected = (1 / np.log2(3) + 1) / 2
    assert ndcg_score(y, p, group_ids=[0, 0, 1, 1, 2]) == pytest.approx(expected)
    with pytest.warns(UndefinedMetricWarning, match="not defined"):
        assert np.isnan(ndcg_score([0, 0], [0.1, 0.2]))


def test_a_query_weighs_the_mean_of_its_rows():
    y, p, groups = [1, 0, 1, 0], [0.1, 0.2, 0.2, 0.1], [0, 0, 1, 1]
    score = ndcg_score(y, p, group_ids=groups, sample_weight=[1, 3, 4, 4])
    assert score == pytest.approx((2 / np.log2(3) + 4) / 6)
    # Without its second row the first query is ranked perfectly.
    score = ndcg_score(y, p, group_ids=groups, sample_weight=[1, 0, 1, 1])
    assert score == pytest.approx(1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gain": "quadratic"}, "'gain' parameter must be .*'quadratic'"),
        ({"k": 0}, r"'k' parameter must be an int in the range \[1, inf\).* Got 0"),
        ({"k": 1.5}, "'k' parameter must be an int"),
        ({"k": True}, "'k' parameter must be an int"),
        ({"group_ids": [1, 2]}, r"group_ids must hold .*\(3,\). Got \(2,\)"),
        ({"group_ids": [1, np.nan, 2]}, "group_ids is missing in 1 rows"),
        ({"group_ids": ["a", None, "b"]}, "group_ids is missing in 1 rows"),
        ({"y_true": [0, -1, 2]}, "holds the grade -1, but grades must be at least 0"),
        ({"y_true": [0, 2000, 2]}, "grade 2000.*gain='linear'"),
        (
            {"y_pred": [0, np.nan, 2]},
            "y_pred must be finite .* Got nan in 1 of 3",
        ),
    ],
)
def test_bad_input(options, message):
    arguments = {"y_true": [0, 1, 2], "y_pred": [0.1, 0.2, 0.3], **options}
    with pytest.raises(ValueError, match=message):
        ndcg_score(arguments.pop("y_true"), arguments.pop("y_pred"), **arguments)
