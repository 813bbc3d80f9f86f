"""The generator of conflicting targets: its correlations, its front, its seed."""

from __future__ import annotations

import re
from itertools import combinations
from math import exp, sin, sqrt

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize

from skmo import MultiObjectiveRegressor
from skmo.datasets import make_conflicting
from skmo.metrics import is_pareto_efficient

CONFLICTS = (0.0, 0.25, 0.5, 0.75, 1.0)
# Of any two targets' means at these, by the number of targets.
CORRELATIONS = {
    2: (1.0, 0.5, 0.0, -0.5, -1.0),
    3: (1.0, 0.5, 0.0, -0.25, -0.5),
    5: (1.0, 0.5, 0.0, -0.125, -0.25),
}
each_conflict = pytest.mark.parametrize(
    ("n_targets", "conflict", "correlation"),
    [
        (n_targets, *pair)
        for n_targets, found in CORRELATIONS.items()
        for pair in zip(CONFLICTS, found, strict=True)
    ],
)


def with_truth(n_samples=20_000, **parameters):
    settings = {"random_state": 0, "return_truth": True}
    return make_conflicting(n_samples, **{**settings, **parameters})


def losses(Y, prediction):
    return ((Y - prediction[:, np.newaxis]) ** 2).mean(axis=0)


@each_conflict
def test_truth_solves_the_equations_of_the_notes(n_targets, conflict, correlation):
    X, _, truth = with_truth(5, n_targets=n_targets, conflict=conflict)
    for row, means in zip(X, truth, strict=True):
        h = []
        for k in range(n_targets):
            x = row[4 * k : 4 * k + 4]
            wave = sin(2 * x[1]) / sqrt((1 - exp(-8)) / 2)
            h.append(x[0] / sqrt(2) + wave / 2 + x[2] * x[3] / 2)
        middle = sum(h) / n_targets
        along = sqrt(1 + (n_targets - 1) * correlation)
        expected = [
            sqrt(1 - correlation) * (cause - middle) + along * middle for cause in h
        ]
        assert_allclose(means, expected, rtol=1e-12, atol=1e-12)


@each_conflict
def test_correlations_of_means_and_targets(n_targets, conflict, correlation):
    noise = np.linspace(0.3, 1.5, n_targets)
    _, Y, truth = with_truth(n_targets=n_targets, conflict=conflict, noise=noise)
    assert_allclose(truth.var(axis=0), 1, atol=0.05)
    assert_allclose(Y.var(axis=0), 1 + noise**2, rtol=0.05)
    for j, k in combinations(range(n_targets), 2):
        # A standard error of 0.0085 at the most.
        found = np.corrcoef(truth[:, j], truth[:, k])[0, 1]
        assert abs(found - correlation) < 0.04
        shrunk = correlation / sqrt((1 + noise[j] ** 2) * (1 + noise[k] ** 2))
        found = np.corrcoef(Y[:, j], Y[:, k])[0, 1]
        assert abs(found - shrunk) < 0.04


@pytest.mark.parametrize("conflict", CONFLICTS)
def test_cosine_of_the_first_round_is_the_formulas(conflict):
    X, Y = make_conflicting(20_000, conflict=conflict, noise=[0.5, 1.0], random_state=0)
    model = MultiObjectiveRegressor(
        n_estimators=1, heads="none", n_jobs=1, random_state=0
    ).fit(X, Y)
    expected = (1 - 2 * conflict) / sqrt(1.25 * 2.0)
    # Of up to 10 000 rows, perhaps: a standard error of 0.01.
    assert abs(model.history_["cosines"][0, 0, 1] - expected) < 0.045


def test_cosine_at_equal_weights_worked_by_hand():
    # Half way between unrelated means, each pull is half their difference and noise:
    # 1/2 of variance against 1/2, and 1/4 of noise in both: -(1/2) / (3/4).
    _, Y, truth = with_truth(conflict=0.5)
    left = truth.mean(axis=1, keepdims=True) - Y
    cosine = left[:, 0] @ left[:, 1] / np.prod(np.linalg.norm(left, axis=0))
    assert abs(cosine + 2 / 3) < 0.02


def test_truth_is_the_conditional_mean():
    # In bins of the predicted mean the average outcome agrees within 4.5 standard
    # errors: for 30 bins, false alarms are rarer than 1 in 4000 seeds.
    _, Y, truth = with_truth(n_targets=3, conflict=0.8)
    for y, mean in zip(Y.T, truth.T, strict=True):
        for rows in np.array_split(np.argsort(mean), 10):
            residual = y[rows] - mean[rows]
            error = residual.std() / sqrt(len(rows))
            assert abs(residual.mean()) < 4.5 * error


@each_conflict
def test_losses_of_one_prediction_are_the_formulas(n_targets, conflict, correlation):
    noise = np.linspace(0.2, 0.8, n_targets)
    _, Y, truth = with_truth(
        50_000, n_targets=n_targets, conflict=conflict, noise=noise
    )
    rng = np.random.RandomState(1)
    for weights in [*np.eye(n_targets), *rng.dirichlet(np.ones(n_targets), size=4)]:
        apart = ((weights - np.eye(n_targets)) ** 2).sum(axis=1)
        expected = noise**2 + (1 - correlation) * apart
        # Squares of heavier tails than the normal's: a standard error below 1.2 %.
        assert_allclose(losses(Y, truth @ weights), expected, rtol=0.05, atol=1e-12)
        left = (truth @ weights)[:, np.newaxis] - Y
        dots = (weights - np.eye(n_targets)) @ (weights - np.eye(n_targets)).T
        for j, k in combinations(range(n_targets), 2):
            cosine = (1 - correlation) * dots[j, k] / sqrt(expected[j] * expected[k])
            found = left[:, j] @ left[:, k] / (len(Y) * sqrt(np.prod(expected[[j, k]])))
            assert abs(found - cosine) < 0.04


@pytest.mark.parametrize("conflict", CONFLICTS)
def test_front_of_two_targets_is_the_curve(conflict):
    _, Y, truth = with_truth(100_000, conflict=conflict, noise=0.5)
    for weight in (0.0, 0.2, 0.5, 0.9):
        p = truth @ [weight, 1 - weight]
        # Above the loss of each target's own mean: the noise is the same in both.
        above = losses(Y, p) - ((Y - truth) ** 2).mean(axis=0)
        roots = np.sqrt(np.maximum(above, 0)).sum()
        assert abs(roots - 2 * sqrt(conflict)) < 0.03


@pytest.mark.parametrize("n_targets", [2, 3])
def test_no_prediction_is_below_the_front(n_targets):
    """Weighted sums over free predictions, minimised by another's solver."""
    _, _, truth = with_truth(40, n_targets=n_targets, conflict=0.7)
    for weights in np.random.RandomState(0).dirichlet(np.ones(n_targets), size=3):
        found = minimize(
            lambda p, w=weights: w @ losses(truth, p),
            np.zeros(len(truth)),
            method="BFGS",
            options={"gtol": 1e-9},
        )
        assert_allclose(found.x, truth @ weights, atol=1e-4)
    # Of mixtures none beats another in all losses, and nothing near them does.
    rng = np.random.RandomState(1)
    mixed = truth @ rng.dirichlet(np.ones(n_targets), size=30).T
    near = mixed + rng.choice([0.01, 0.1], size=30) * rng.normal(size=mixed.shape)
    tried = np.array([losses(truth, p) for p in np.hstack([mixed, near]).T])
    assert is_pareto_efficient(tried, greater_is_better=False)[:30].all()


@pytest.mark.parametrize("conflict", CONFLICTS)
def test_predictions_of_their_own_leave_the_noise(conflict):
    noise = [0.1, 0.5, 2.0]
    _, Y, truth = with_truth(n_targets=3, conflict=conflict, noise=noise)
    # A variance of 20 000 normal draws has a standard error of 1 %.
    assert_allclose(((Y - truth) ** 2).mean(axis=0), np.square(noise), rtol=0.045)
    correlation = np.corrcoef((Y - truth).T)[np.triu_indices(3, 1)]
    assert np.abs(correlation).max() < 0.035


@pytest.mark.parametrize("n_targets", [1, 2, 4])
def test_ends_of_the_conflict(n_targets):
    *_, alike = with_truth(100, n_targets=n_targets, conflict=0)
    assert_allclose(alike, np.tile(alike[:, :1], n_targets), atol=1e-9)
    *_, opposed = with_truth(100, n_targets=n_targets, conflict=1)
    if n_targets == 1:
        assert_array_equal(alike, opposed)
    else:
        assert_allclose(opposed.sum(axis=1), 0, atol=1e-6)


def test_features():
    X, Y = make_conflicting(20_000, n_targets=3, n_noise_features=5, random_state=0)
    assert X.shape == (20_000, 12 + 5)
    assert Y.shape == (20_000, 3)
    assert X.dtype == Y.dtype == np.float64
    error = 1 / sqrt(len(X))
    assert np.abs(X.mean(axis=0)).max() < 4.5 * error
    assert np.abs(X.std(axis=0) - 1).max() < 4.5 * error
    correlation = np.corrcoef(np.column_stack([X, Y]).T)
    assert np.abs(correlation[:17, :17] - np.eye(17)).max() < 0.035
    assert np.abs(correlation[12:17, 17:]).max() < 0.035


@pytest.mark.parametrize(
    "changed", [{"conflict": 0.9}, {"noise": 1.0}, {"n_noise_features": 1}]
)
def test_what_a_parameter_leaves_as_it_is(changed):
    X, Y, truth = with_truth(100)
    others = with_truth(100, **changed)
    assert_array_equal(X[:, :9], others[0][:, :9])
    if "conflict" in changed:
        assert not np.allclose(truth, others[2])
        assert_allclose(Y - truth, others[1] - others[2], atol=1e-12)
        return
    assert_array_equal(truth, others[2])
    longer = 2 if "noise" in changed else 1
    assert_allclose(longer * (Y - truth), others[1] - truth, atol=1e-12)


def test_same_seed_same_data_and_numpy_global_state_untouched():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, again = (with_truth(50, random_state=3) for _ in range(2))
    instance = with_truth(50, random_state=np.random.RandomState(3))
    other = with_truth(50, random_state=4)
    without_truth = make_conflicting(50, random_state=3)
    assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    assert (len(instance), len(without_truth)) == (3, 2)
    for same in (again, instance, without_truth):
        for a, b in zip(first[: len(same)], same, strict=True):
            assert_array_equal(a, b)
    for a, b in zip(first, other, strict=True):
        assert not np.array_equal(a, b)


def test_a_generator_that_is_shared_goes_on():
    rng = np.random.RandomState(0)
    (first, _), (second, _) = (make_conflicting(50, random_state=rng) for _ in "ab")
    assert not np.array_equal(first, second)


def test_frames_hold_the_same_numbers():
    pytest.importorskip("pandas", reason="frames need pandas")
    arrays = with_truth(20, n_noise_features=2)
    frames = with_truth(20, n_noise_features=2, as_frame=True)
    features = [*(f"x{j}" for j in range(8)), "noise0", "noise1"]
    assert list(frames[0].columns) == features
    for frame in frames[1:]:
        assert list(frame.columns) == ["target0", "target1"]
    for frame, array in zip(frames, arrays, strict=True):
        assert_array_equal(frame, array)
    assert len(make_conflicting(5, as_frame=True, random_state=0)) == 2


@pytest.mark.parametrize("n_samples", [1, 2])
@pytest.mark.parametrize("n_targets", [1, 3])
@pytest.mark.parametrize("conflict", [0, 1])
def test_tiny(n_samples, n_targets, conflict):
    with np.errstate(all="raise", under="ignore"):
        X, Y, truth = with_truth(
            n_samples,
            n_targets=n_targets,
            conflict=conflict,
            noise=0,
            n_noise_features=0,
        )
    assert X.shape == (n_samples, 4 * n_targets)
    assert Y.shape == (n_samples, n_targets)
    assert_array_equal(Y, truth)


@pytest.mark.parametrize(
    ("name", "bad", "words"),
    [
        ("n_samples", 0, "[1, inf)"),
        ("n_samples", 10.5, "[1, inf)"),
        ("n_targets", 0, "[1, inf)"),
        ("n_targets", "two", "[1, inf)"),
        ("n_noise_features", -1, "[0, inf)"),
        ("conflict", -0.1, "[0, 1]"),
        ("conflict", 1.1, "[0, 1]"),
        ("conflict", float("nan"), "[0, 1]"),
        ("conflict", None, "[0, 1]"),
        ("noise", -0.1, "[0, inf)"),
        ("noise", float("inf"), "[0, inf)"),
        ("noise", [0.1], "a sequence of 2 of them, one per target"),
        ("noise", [0.1, float("nan")], "[0, inf)"),
        ("noise", "loud", "a sequence of 2 of them, one per target"),
    ],
)
def test_bad_parameters(name, bad, words):
    start = re.escape(f"The {name!r} parameter of make_conflicting must")
    with pytest.raises(ValueError, match=start) as error:
        make_conflicting(**{name: bad})
    assert words in str(error.value)
    assert f"Got {bad!r} instead." in str(error.value)
