"""The ranking generator: its queries, its grades, its conflict, its seed."""

from __future__ import annotations

import re
from itertools import combinations
from math import exp, sin, sqrt

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import brentq
from scipy.stats import norm, spearmanr
from sklearn.metrics import ndcg_score as sklearn_ndcg

from skmo.datasets import make_multi_ranking
from skmo.metrics import ndcg_score

CONFLICTS = (0.0, 0.25, 0.5, 0.75, 1.0)
LABELS = ["relevance", "freshness", "quality", "authority", "popularity"]


def with_truth(n_queries=1000, **parameters):
    settings = {"random_state": 0, "return_truth": True}
    return make_multi_ranking(n_queries, **{**settings, **parameters})


def within_queries(values, qid):
    """Values less their query's mean."""
    means = [np.bincount(qid, column) / np.bincount(qid) for column in values.T]
    return values - np.column_stack(means)[qid]


@pytest.mark.parametrize(
    ("n_labels", "correlations"),
    [
        (1, (0.0, 0.0, 0.0, 0.0, 0.0)),  # Of nothing with anything.
        (2, (1.0, 0.5, 0.0, -0.5, -1.0)),
        (3, (1.0, 0.5, 0.0, -0.25, -0.5)),
        (5, (1.0, 0.5, 0.0, -0.125, -0.25)),
    ],
)
def test_truth_solves_the_equations_of_the_notes(n_labels, correlations):
    spread = sqrt((1 - exp(-8)) / 2)
    for conflict, correlation in zip(CONFLICTS, correlations, strict=True):
        X, *_, truth = with_truth(5, n_labels=n_labels, conflict=conflict)
        for row, utilities in zip(X, truth, strict=True):
            h = []
            for k in range(n_labels):
                x = row[2 + 4 * k : 6 + 4 * k]
                wave = sin(2 * x[1]) / spread
                h.append(x[0] / sqrt(2) + wave / 2 + x[2] * x[3] / 2)
            mean = sum(h) / n_labels
            along = sqrt(1 + (n_labels - 1) * correlation)
            expected = [
                sqrt(1 - correlation) * (value - mean)
                + along * mean
                + 0.7 * (row[0] + row[1]) / sqrt(2)
                for value in h
            ]
            assert_allclose(utilities, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("n_labels", [2, 4])
@pytest.mark.parametrize("conflict", CONFLICTS)
def test_correlation_of_the_utilities_within_queries(n_labels, conflict):
    *_, qid, truth = with_truth(n_labels=n_labels, conflict=conflict)
    spread = within_queries(truth, qid)
    # Without the 1000 means the 19 000 other degrees of freedom have variance 1; the
    # correlation of as many rows has a standard deviation of 0.007.
    variance = (spread**2).sum(axis=0) / (len(qid) - 1000)
    assert_allclose(variance, 1, atol=0.06)
    expected = 1 - 2 * conflict
    if conflict > 0.5:
        expected /= n_labels - 1
    for j, k in combinations(range(n_labels), 2):
        found = np.corrcoef(spread[:, j], spread[:, k])[0, 1]
        assert abs(found - expected) < 0.035


@pytest.mark.parametrize("n_labels", [2, 3])
def test_more_conflict_orders_the_documents_more_differently(n_labels):
    agreement = []
    for conflict in np.linspace(0, 1, 9):
        *_, qid, truth = with_truth(100, n_labels=n_labels, conflict=conflict)
        rows = np.split(truth, np.flatnonzero(np.diff(qid)) + 1)
        agreement.append(np.mean([spearmanr(r[:, 0], r[:, 1])[0] for r in rows]))
    assert (np.diff(agreement) < -0.01).all()
    assert abs(agreement[0] - 1) < 1e-9
    assert abs(agreement[4]) < 0.1
    if n_labels == 2:
        assert abs(agreement[-1] + 1) < 1e-9


@pytest.mark.parametrize("conflict", CONFLICTS)
def test_truth_ranks_by_its_own_label(conflict):
    _, Y, qid, truth = with_truth(300, n_labels=3, conflict=conflict)
    anything = np.random.RandomState(1).normal(size=Y.shape)
    own, random = (
        ndcg_score(Y, scores, group_ids=qid, multioutput="raw_values")
        for scores in (truth, anything)
    )
    assert (own > 0.93).all()
    # Noise is in the grades: no ranking from X is perfect.
    assert (own < 0.98).all()
    assert (random < 0.65).all()


def test_truth_ranks_by_its_own_label_as_scikit_learn_measures():
    _, Y, qid, truth = with_truth(100)
    for y, u in zip(Y.T, truth.T, strict=True):
        scores = [
            sklearn_ndcg([2 ** y[qid == q] - 1], [u[qid == q]])
            for q in range(100)
            if y[qid == q].any()
        ]
        assert np.mean(scores) > 0.93


def test_conflict_costs_the_other_label():
    scores = []
    for conflict in CONFLICTS:
        _, Y, qid, truth = with_truth(300, conflict=conflict)
        scores.append(ndcg_score(Y[:, 1], truth[:, 0], group_ids=qid))
    assert (np.diff(scores) < -0.04).all()
    assert scores[0] > 0.93
    assert scores[-1] < 0.5


@pytest.mark.parametrize("parameters", [{}, {"n_labels": 5, "conflict": 1.0}])
def test_grades_have_their_shares(parameters):
    _, Y, _ = make_multi_ranking(random_state=0, **parameters)
    for y in Y.T:
        assert set(y) == {0, 1, 2, 3, 4}
        counts = np.bincount(y.astype(int))
        expected = len(y) * np.array([0.6, 0.2, 0.1, 0.07, 0.03])
        assert np.abs(counts.cumsum() - expected.cumsum()).max() < 1 + 1e-9


def test_grades_are_cut_from_noisy_utilities():
    # In bins of the truth the share above a grade agrees within 4.5 standard errors
    # with that of a normal noise: for 80 bins, false alarms are rarer than 1 in 1500
    # seeds.
    _, Y, _, truth = with_truth()
    for y, u in zip(Y.T, truth.T, strict=True):
        for grade in range(4):
            above = y > grade

            def chance(cut, u=u):
                return norm.sf((cut - u) / 0.4)

            cut = brentq(lambda c, a=above, f=chance: f(c).mean() - a.mean(), -9, 9)
            for rows in np.array_split(np.argsort(u), 10):
                p = chance(cut)[rows]
                error = sqrt((p * (1 - p)).mean() / len(rows))
                assert abs(above[rows].mean() - p.mean()) < 4.5 * error + 1e-4


def test_noise_of_the_grades_is_each_labels_own():
    # The labels agree: only the noise sets their grades apart.
    _, Y, _, truth = with_truth(conflict=0.0)
    assert_allclose(truth[:, 0], truth[:, 1], rtol=1e-9, atol=1e-9)
    assert 0.05 < (Y[:, 0] != Y[:, 1]).mean() < 0.6


@pytest.mark.parametrize("mean_size", [2, 2.0, 2.5, 16, np.float32(50)])
def test_sizes_of_queries(mean_size):
    X, Y, qid = make_multi_ranking(2000, mean_size=mean_size, random_state=0)
    assert len(X) == len(Y) == len(qid)
    assert np.issubdtype(qid.dtype, np.integer)
    assert set(np.diff(qid)) <= {0, 1}
    sizes = np.bincount(qid)
    assert len(sizes) == 2000
    assert sizes.min() == 2
    # Geometric from 1, which has this variance, one more.
    deviation = sqrt((mean_size - 1) * (mean_size - 2))
    assert abs(sizes.mean() - mean_size) <= 4.5 * deviation / sqrt(2000)
    assert abs(sizes.std() - deviation) <= 0.15 * deviation


def test_features():
    X, Y, qid = make_multi_ranking(1000, n_labels=3, n_noise_features=5, random_state=0)
    assert X.shape == (len(qid), 2 + 12 + 5)
    assert X.dtype == Y.dtype == np.float64
    first = np.searchsorted(qid, np.arange(1000))
    assert_array_equal(X[:, :2], X[first[qid], :2])
    for columns in (X[first, :2], X[:, 2:]):
        error = 1 / sqrt(len(columns))
        assert np.abs(columns.mean(axis=0)).max() < 4.5 * error
        assert np.abs(columns.std(axis=0) - 1).max() < 4.5 * error
    correlation = np.corrcoef(np.column_stack([X[:, 2:], Y]).T)
    of_features, of_noise = correlation[:17, :17], correlation[12:17, 17:]
    assert np.abs(of_features - np.eye(17)).max() < 0.035
    assert np.abs(of_noise).max() < 0.035


@pytest.mark.parametrize("missing", [0.0, 0.3, 0.9])
def test_missing_grades_beyond_the_first_label(missing):
    _, Y, _ = make_multi_ranking(500, n_labels=3, missing=missing, random_state=0)
    unjudged = np.isnan(Y)
    assert not unjudged[:, 0].any()
    error = sqrt(missing * (1 - missing) / len(Y))
    for column in (unjudged[:, 1], unjudged[:, 2]):
        assert abs(column.mean() - missing) <= 4.5 * error
    both = unjudged[:, 1:].all(axis=1).mean()
    assert abs(both - missing**2) <= 4.5 * error
    # At random: no matter the grade.
    _, full, _ = make_multi_ranking(500, n_labels=3, random_state=0)
    top = full[:, 1] > 0
    assert abs(unjudged[top, 1].mean() - missing) <= 4.5 * error / sqrt(top.mean())


@pytest.mark.parametrize(
    "changed", [{"conflict": 0.9}, {"missing": 0.5}, {"n_noise_features": 1}]
)
def test_what_a_parameter_leaves_as_it_is(changed):
    X, Y, qid, truth = with_truth(50, n_labels=3)
    others = with_truth(50, n_labels=3, **changed)
    assert_array_equal(X[:, :15], others[0][:, :15])
    assert_array_equal(qid, others[2])
    if "conflict" in changed:
        assert not np.allclose(truth, others[3])
    else:
        judged = ~np.isnan(others[1])
        assert_array_equal(Y[judged], others[1][judged])
        assert_array_equal(truth, others[3])


def test_same_seed_same_data_and_numpy_global_state_untouched():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, again = (with_truth(50, missing=0.2, random_state=3) for _ in range(2))
    instance = with_truth(50, missing=0.2, random_state=np.random.RandomState(3))
    other = with_truth(50, missing=0.2, random_state=4)
    without_truth = make_multi_ranking(50, missing=0.2, random_state=3)
    assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    assert (len(instance), len(without_truth)) == (4, 3)
    for same in (again, instance, without_truth):
        for a, b in zip(first[: len(same)], same, strict=True):
            assert_array_equal(a, b)
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[1], other[1], equal_nan=True)


def test_frames_hold_the_same_numbers():
    pytest.importorskip("pandas", reason="frames need pandas")
    settings = {"n_labels": 6, "n_noise_features": 2, "missing": 0.3}
    arrays = with_truth(20, **settings)
    frames = with_truth(20, as_frame=True, **settings)
    X, Y, qid, truth = frames
    features = ["query0", "query1", *(f"doc{j}" for j in range(24)), "noise0", "noise1"]
    assert list(X.columns) == features
    assert list(Y.columns) == list(truth.columns) == [*LABELS, "label5"]
    assert qid.name == "qid"
    for frame, array in zip(frames, arrays, strict=True):
        assert_array_equal(frame, array)
    assert len(make_multi_ranking(5, as_frame=True, random_state=0)) == 3


@pytest.mark.parametrize("n_labels", [1, 2])
@pytest.mark.parametrize("conflict", [0, 1])
def test_tiny(n_labels, conflict):
    with np.errstate(all="raise", under="ignore"):
        X, Y, qid = make_multi_ranking(
            1,
            n_labels=n_labels,
            mean_size=2,
            conflict=conflict,
            n_noise_features=0,
            random_state=0,
        )
    assert X.shape == (2, 2 + 4 * n_labels)
    assert_array_equal(np.sort(Y, axis=0), [[0] * n_labels, [4] * n_labels])
    assert_array_equal(qid, [0, 0])


@pytest.mark.parametrize(
    ("name", "bad", "words"),
    [
        ("n_queries", 0, "[1, inf)"),
        ("n_queries", 10.5, "[1, inf)"),
        ("n_labels", 0, "[1, inf)"),
        ("n_labels", "two", "[1, inf)"),
        ("n_noise_features", -1, "[0, inf)"),
        ("mean_size", 1.9, "[2, 1000000]"),
        ("mean_size", float("nan"), "[2, 1000000]"),
        ("mean_size", float("inf"), "[2, 1000000]"),
        ("conflict", -0.1, "[0, 1]"),
        ("conflict", 1.1, "[0, 1]"),
        ("conflict", None, "[0, 1]"),
        ("missing", 1.0, "[0, 1)"),
        ("missing", float("nan"), "[0, 1)"),
    ],
)
def test_bad_parameters(name, bad, words):
    start = re.escape(f"The {name!r} parameter of make_multi_ranking must")
    with pytest.raises(ValueError, match=start) as error:
        make_multi_ranking(**{name: bad})
    assert words in str(error.value)
    assert f"Got {bad!r} instead." in str(error.value)
