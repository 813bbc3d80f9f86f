"""The Gramians of the objectives' gradients, and what the history keeps of them."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo import MultiObjectiveEstimator, MultiObjectiveRegressor
from skmo.boosting._gramian import (
    cosines,
    nearest_correlation,
    objective_cosines,
    sample_size,
    structure_gramian,
)
from skmo.boosting._trajectory import (
    conflict_share,
    history_cosines,
    score_squares,
    stationarity_gap,
    watched_rows,
)


def test_cosines_by_hand():
    """(3, 4) and (4, 3) are 24/25 alike; a vanishing gradient is like nothing."""
    G = np.array([[3, 4, 0], [4, 3, 0]], dtype=np.float32)
    assert_allclose(cosines(G, None), [[1, 0.96, 0], [0.96, 1, 0], [0, 0, 0]])


def test_cosines_over_jointly_observed_rows_by_hand():
    """Two copies, both seen in 40 of 50 rows: 1, shrunk by 40 / (40 + 10).

    With zeros for what was not observed it would be 40 / sqrt(50 * 40) of 1.
    """
    g = np.random.default_rng(0).normal(size=50)
    seen = np.ones((50, 3), bool)
    seen[40:, 1] = False
    seen[:, 2] = False
    G = np.column_stack([g, np.where(seen[:, 1], g, 0), np.zeros(50)]).astype("f4")
    expected = [[1, 0.8, 0], [0.8, 1, 0], [0, 0, 0]]
    assert_allclose(cosines(G, None, seen), expected, atol=1e-6)


def test_cosines_of_different_rows_are_made_a_gramian():
    C = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    found = nearest_correlation(C)
    assert np.linalg.eigvalsh(C)[0] < -0.5
    assert np.linalg.eigvalsh(found)[0] > -1e-12
    assert_allclose(np.diag(found), 1)
    assert_allclose(np.sign(found), np.sign(C))
    assert nearest_correlation(np.eye(3)).tolist() == np.eye(3).tolist()


def test_cosines_count_weights_as_rows():
    rng = np.random.default_rng(0)
    G = rng.normal(size=(400, 3)).astype(np.float32)
    w = rng.integers(0, 4, 400)
    repeated = cosines(np.repeat(G, w, axis=0), None)
    weight = w[:, None].astype(np.float32)
    assert_allclose(cosines(G * weight, weight), repeated, atol=1e-5)
    per_score = np.tile(weight, 3)
    assert_allclose(cosines(G * per_score, per_score), repeated, atol=1e-5)


@pytest.mark.parametrize(
    ("n_rows", "n_scores", "expected"),
    [
        (500, 3, 500),
        (10**6, 16, 100_000),
        (10**6, 1000, 4000),
        (10**6, 200, 50_000),
    ],
)
def test_sample_size(n_rows, n_scores, expected):
    assert sample_size(n_rows, n_scores) == expected


def gradients_of(n, owner, seed=0):
    rng = np.random.default_rng(seed)
    G = rng.normal(size=(n, len(owner)))
    return G / np.linalg.norm(G, axis=0)


@pytest.mark.parametrize("owner", [[0, 1, 2], [0, 1, 1, 1, 2, 2]])
def test_squared_gramian_is_that_of_what_the_weights_multiply(owner):
    """Entry (k, j) is the Frobenius cosine of the objectives' sums of g gᵀ."""
    owner = np.array(owner)
    G = gradients_of(40, owner)
    sums = [sum(np.outer(g, g) for g in G.T[owner == k]) for k in range(3)]
    units = [A / np.linalg.norm(A) for A in sums]
    expected = [[(A * B).sum() for A in units] for B in units]
    found = structure_gramian(G.T @ G, owner, linear=False)
    assert_allclose(found, expected, rtol=1e-12)
    assert (np.linalg.eigvalsh(found) > 0).all()


def test_linear_gramian_is_the_expected_one():
    """With one score each the cosines; mixtures of several have no sign."""
    owner = np.array([0, 1, 1, 2])
    C = gradients_of(40, owner)
    C = C.T @ C
    assert_allclose(structure_gramian(C, np.arange(4), linear=True), C, rtol=0)
    found = structure_gramian(C, owner, linear=True)
    assert_allclose(found, [[1, 0, C[0, 3]], [0, 1, 0], [C[3, 0], 0, 1]], atol=1e-12)
    # E[u' C_kk u] over unit u is the trace over the number of scores.
    rng = np.random.default_rng(0)
    u = rng.normal(size=(20_000, 2))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    sampled = np.einsum("ni,ij,nj->n", u, C[1:3, 1:3], u).mean()
    assert sampled == pytest.approx(found[1, 1], abs=0.01)


def test_objective_cosines_by_hand():
    """Blocks of squares [1], [.36, .64] and [[1, 0], [0, 1]]: RV 1 / √(1 · 2)."""
    C = np.eye(4)
    C[0, 1:] = C[1:, 0] = [0.6, -0.8, -0.3]
    found = objective_cosines(C, np.array([0, 1, 1, 2]))
    expected = [[1, 0.5**0.25, -0.3], [0.5**0.25, 1, 0], [-0.3, 0, 1]]
    assert_allclose(found, expected, rtol=1e-12)
    assert objective_cosines(C, np.arange(4)) is C


def test_conflict_share_by_hand():
    nan = np.nan
    C = np.array([[1, -0.1, 0.2], [-0.1, 1, -0.3], [0.2, -0.3, 1]])
    alone = np.arange(3)
    assert conflict_share(C, alone) == pytest.approx(2 / 3)
    stopped = np.array([[1, nan, 0.2], [nan, nan, nan], [0.2, nan, 1]])
    assert conflict_share(stopped, alone) == 0.0
    assert np.isnan(conflict_share(np.ones((1, 1)), np.arange(1)))
    # The second objective has several scores: only the first and the last count.
    assert conflict_share(C, np.array([0, 1, 1, 2])) == 0.0
    assert np.isnan(conflict_share(C, np.array([0, 0, 1, 1, 2])))


def gap_of(sums, totals, owner, scale, active):
    """The gap of objectives with scores of their own."""
    squares = np.bincount(owner, score_squares(sums, totals, owner), len(active))
    return stationarity_gap(np.diag(squares), scale, active)


def test_gap_of_gradients_that_meet_is_the_min_norm():
    """The line from (1, 0) to (-1, 2) passes the origin at (1/2, 1/2)."""
    gradients = np.array([[1.0, 0.0], [-1.0, 2.0]])
    products, both = gradients @ gradients.T, np.ones(2, dtype=bool)
    line = np.linspace(0, 1, 100_001)[:, None]
    shortest = np.linalg.norm(line * gradients[0] + (1 - line) * gradients[1], axis=1)
    found = stationarity_gap(products, np.ones(2), both)
    assert found == pytest.approx(shortest.min(), rel=1e-6)
    assert found**2 == pytest.approx(0.5)
    # In units of lengths 1 and 2: (1, 0) and (-1/2, 1).
    units = gradients / [[1.0], [2.0]]
    shortest = np.linalg.norm(line * units[0] + (1 - line) * units[1], axis=1)
    found = stationarity_gap(products, np.array([1.0, 4.0]), both)
    assert found == pytest.approx(shortest.min(), rel=1e-6)


def test_gap_by_hand():
    """Leaves of 2 and 3 rows, sums (4, 6) and (0, 3), scales 4 and 1.

    γ₁² = (16/2 + 36/3) / 5 / 4 = 1, γ₂² = (0 + 9/3) / 5 / 1 = 0.6:
    1 / (1/1 + 1/0.6) = 0.375.
    """
    sums, totals = np.array([[4.0, 0.0], [6.0, 3.0]]), np.array([[2.0], [3.0]])
    owner, scale = np.arange(2), np.array([4.0, 1.0])
    both, first = np.ones(2, bool), np.array([True, False])
    found = gap_of(sums, totals, owner, scale, both)
    assert found**2 == pytest.approx(0.375)
    assert gap_of(sums, totals, owner, scale, first) == pytest.approx(1.0)
    # Only the second leaf observes the second objective: γ₂² = 9/3 / 3 = 1.
    seen = np.array([[2.0, 0.0], [3.0, 3.0]])
    assert gap_of(sums, seen, owner, scale, both) ** 2 == pytest.approx(0.5)
    sums[:, 1] = 0.0
    assert gap_of(sums, totals, owner, scale, both) == 0.0


def test_gap_is_the_min_norm_of_the_leaf_gradients():
    """Against the minimum over the simplex, by a fine grid."""
    rng = np.random.default_rng(0)
    sums, totals = rng.normal(size=(6, 2)), rng.integers(1, 9, (6, 1)).astype(float)
    gradients = sums / np.sqrt(totals * totals.sum())
    share = np.linspace(0, 1, 100_001)
    norms = np.hypot(
        share * np.linalg.norm(gradients[:, 0]),
        (1 - share) * np.linalg.norm(gradients[:, 1]),
    )
    found = gap_of(sums, totals, np.arange(2), np.ones(2), np.ones(2, bool))
    assert found == pytest.approx(norms.min(), rel=1e-8)


@pytest.mark.parametrize("holed", [False, True])
def test_gap_counts_weights_as_repetition(holed):
    rng = np.random.default_rng(0)
    X = rng.integers(0, 4, (300, 3)).astype(float)  # the same bins for both
    Y = X[:, :2] + rng.normal(size=(300, 2))
    if holed:
        Y[rng.random(Y.shape) < 0.3] = np.nan
    w = rng.integers(1, 6, 300)
    params = {"n_estimators": 1, "heads": "none", "min_child_samples": 1}
    params |= {"random_state": 0, "num_leaves": 2}
    weighted = MultiObjectiveRegressor(**params).fit(X, Y, sample_weight=w)
    repeated = MultiObjectiveRegressor(**params)
    repeated.fit(np.repeat(X, w, axis=0), np.repeat(Y, w, axis=0))
    gap = repeated.history_["gap"][0]
    assert 0 < gap < 0.71
    assert weighted.history_["gap"][0] == pytest.approx(gap, rel=1e-4)


def test_watched_rows_are_a_seeded_sample():
    rows = watched_rows(30_000, 2, np.random.default_rng(1))
    assert len(np.unique(rows)) == 10_000
    assert_array_equal(rows, watched_rows(30_000, 2, np.random.default_rng(1)))
    assert len(watched_rows(30_000, 200, np.random.default_rng(1))) == 1250
    assert watched_rows(500, 2, np.random.default_rng(1)) is None


def test_history_cosines_leave_stopped_objectives_out():
    C = np.array([[1, -0.6], [-0.6, 1]])
    found = history_cosines(C, np.arange(2), np.array([True, False]))
    assert found.dtype == np.float32
    assert_array_equal(np.isnan(found), [[False, True], [True, True]])
    assert_allclose(history_cosines(C, np.arange(2), np.ones(2, bool)), C, rtol=1e-6)


def test_history_of_gradients():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 4))
    y = X[:, 0] + X[:, 1]
    Y = np.column_stack([y, -y, X[:, 2]]) + 0.1 * rng.normal(size=(600, 3))
    est = MultiObjectiveRegressor(n_estimators=30, num_leaves=7, random_state=0)
    est.fit(X[:400], Y[:400], X_val=X[400:], y_val=Y[400:])
    history = est.history_
    assert history["cosines"].shape == (30, 3, 3)
    # At the constants the gradients are the centred targets, sign reversed.
    assert_allclose(
        history["cosines"][0], np.corrcoef(Y[:400], rowvar=False), atol=1e-4
    )
    assert_allclose(history["cosines"][:, 0, 0], 1, rtol=1e-5)
    shares = (history["cosines"][:, [0, 0, 1], [1, 2, 2]] < 0).mean(axis=1)
    assert_allclose(history["conflict"], shares)
    gap = history["gap"]
    assert gap.shape == (30,)
    assert (gap > 0).all()
    assert gap[-10:].mean() < 0.5 * gap[:10].mean()


def test_history_of_many_objectives_leaves_the_cosines_out():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 3))
    Y = X @ rng.normal(size=(3, 65))
    est = MultiObjectiveRegressor(n_estimators=2, heads="none").fit(X, Y)
    assert sorted(est.history_) == ["gap", "seconds", "train_loss", "weights"]


def test_a_pickle_holds_the_history_once():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 3))
    Y = X @ rng.normal(size=(3, 40))
    est = MultiObjectiveRegressor(n_estimators=30, heads="none", num_leaves=4)
    est.fit(X, Y)
    cosines_size = est.history_["cosines"].nbytes
    assert len(pickle.dumps(est)) < 1.8 * cosines_size
    before = est.history_["weights"].shape
    est.set_params(n_estimators=40, warm_start=True).fit(X, Y)
    assert est.history_["cosines"].shape == (40, 40, 40)
    assert before == (30, 40)
    assert pickle.loads(pickle.dumps(est)).history_["gap"].shape == (40,)


def test_missing_targets_do_not_hide_duplicates():
    """Three copies, each observed in a third of the rows, and a lone target."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 4))
    Y = X[:, [0, 0, 0, 1]] + 0.01 * rng.normal(size=(3000, 4))
    Y[:, :3][rng.random((3000, 3)) < 0.66] = np.nan
    params = {"n_estimators": 2, "heads": "none", "random_state": 0}
    est = MultiObjectiveRegressor(balancer="mgda", **params).fit(X, Y)
    assert est.history_["weights"][0, 3] == pytest.approx(0.5, abs=0.03)
    # A weight of 0 is as good as missing.
    filled, W = np.nan_to_num(Y), np.where(np.isnan(Y), 0.0, 1.0)
    weighted = MultiObjectiveRegressor(balancer="mgda", **params)
    weighted.fit(X, filled, sample_weight=W)
    assert weighted.history_["weights"][0, 3] == pytest.approx(0.5, abs=0.03)


def test_the_number_of_classes_does_not_matter():
    """Two unrelated objectives weigh the same, whatever their classes."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2000, 4))
    for n_classes in (3, 8):
        Y = np.column_stack([X[:, 0], rng.integers(0, n_classes, 2000)])
        Y = np.column_stack([Y, X[:, 1]])
        est = MultiObjectiveEstimator(
            ["squared_error", "multiclass", "squared_error"],
            balancer="nash_mtl",
            n_estimators=1,
            heads="none",
            random_state=0,
        ).fit(X, Y)
        assert_allclose(est.history_["weights"][0], 1 / 3, atol=0.01)
        assert est.history_["conflict"].shape == (1,)
