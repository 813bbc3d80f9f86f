"""The generator of real targets: its causes, its best scores, its seed."""

from __future__ import annotations

import re
from itertools import combinations
from math import cos, exp, hypot, pi, sin, sqrt

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from skmo.datasets import make_multi_target


def with_truth(n_samples=20_000, **parameters):
    settings = {"random_state": 0, "return_truth": True}
    return make_multi_target(n_samples, **{**settings, **parameters})


def cause(x):
    wave = sin(2 * x[1]) / sqrt((1 - exp(-8)) / 2)
    return x[0] / sqrt(2) + wave / 2 + x[2] * x[3] / 2


def weights(k, n_targets, n_causes):
    """Of the Notes, one by one."""
    turn = pi * (k + 0.5) / max(n_targets, n_causes)
    found = [sqrt(0.5), *(cos(c * turn) for c in range(1, n_causes))]
    return [value / hypot(*found) for value in found]


@pytest.mark.parametrize("n_targets", [1, 2, 5])
@pytest.mark.parametrize("n_causes", [1, 2, 5])
@pytest.mark.parametrize("sharing", [0.0, 0.3, 1.0])
def test_truth_solves_the_equations_of_the_notes(n_targets, n_causes, sharing):
    X, _, truth = with_truth(6, n_targets=n_targets, n_causes=n_causes, sharing=sharing)
    for row, means in zip(X, truth, strict=True):
        h = [cause(row[4 * c :]) for c in range(n_causes)]
        for k, mean in enumerate(means):
            w = weights(k, n_targets, n_causes)
            shared = sum(a * b for a, b in zip(w, h, strict=True))
            own = cause(row[4 * (n_causes + k) :])
            expected = sqrt(sharing) * shared + sqrt(1 - sharing) * own
            assert_allclose(mean, expected, rtol=1e-12, atol=1e-12)


def test_weights_worked_by_hand():
    # Two targets, two causes: rows of a matrix that turns by 45 degrees.
    assert_allclose(weights(0, 2, 2), [sqrt(0.5), sqrt(0.5)])
    assert_allclose(weights(1, 2, 2), [sqrt(0.5), -sqrt(0.5)])
    # Three targets, two causes: 1 / sqrt 2 and cos 30, 90, 150 degrees, scaled.
    assert_allclose(weights(0, 3, 2), [sqrt(0.4), sqrt(0.6)])
    assert_allclose(weights(1, 3, 2), [1, 0], atol=1e-15)
    assert_allclose(weights(2, 3, 2), [sqrt(0.4), -sqrt(0.6)])


@pytest.mark.parametrize(
    ("parameters", "correlations"),
    [
        # Of targets 0 and 1, 0 and 2, 1 and 2: sharing times the products above.
        ({"n_causes": 1, "sharing": 0.7}, [0.7, 0.7, 0.7]),
        ({"n_causes": 1, "sharing": 0.0}, [0.0, 0.0, 0.0]),
        ({"n_causes": 1, "sharing": 1.0}, [1.0, 1.0, 1.0]),
        ({"n_causes": 2, "sharing": 0.5}, [0.5 * sqrt(0.4), -0.1, 0.5 * sqrt(0.4)]),
        ({"n_causes": 3, "sharing": 1.0}, [0.0, 0.0, 0.0]),
        ({"n_causes": 7, "sharing": 1.0}, None),
    ],
)
def test_correlations_and_variances_of_the_conditional_means(parameters, correlations):
    *_, truth = with_truth(n_targets=3, **parameters)
    # The fourth moment of a cause is below 3.4: the standard errors of a variance and
    # of a correlation are below 0.011 and 0.0085.
    assert_allclose(truth.mean(axis=0), 0, atol=0.035)
    assert_allclose(truth.var(axis=0), 1, atol=0.05)
    if correlations is None:
        w = [weights(k, 3, 7) for k in range(3)]
        correlations = [np.dot(w[j], w[k]) for j, k in combinations(range(3), 2)]
    found = np.corrcoef(truth.T)[np.triu_indices(3, 1)]
    assert_allclose(found, correlations, atol=0.04)


def test_closer_targets_are_more_alike():
    *_, truth = with_truth(n_targets=6, n_causes=2, sharing=1.0)
    found = np.corrcoef(truth.T)[0]
    assert (np.diff(found) < 0).all()
    assert found[1] > 0.9
    assert found[-1] < -0.2


@pytest.mark.parametrize("best_score", [0.05, 0.5, 0.95, [0.9, 0.2, 0.6, 0.4]])
@pytest.mark.parametrize("sharing", [0.0, 0.8])
def test_truth_reaches_the_best_score_and_no_more(best_score, sharing):
    _, Y, truth = with_truth(best_score=best_score, sharing=sharing)
    # 1 - R2 is a ratio of variances: its standard error is below 0.012 here.
    assert_allclose(
        r2_score(Y, truth, multioutput="raw_values"),
        np.broadcast_to(best_score, 4),
        atol=0.04,
    )
    # What the truth leaves is of each target alone, and no function of X has it.
    residual = Y - truth
    correlation = np.corrcoef(residual.T)[np.triu_indices(4, 1)]
    assert np.abs(correlation).max() < 0.035
    for scale in (0.9, 1.1):
        for y, mean in zip(Y.T, truth.T, strict=True):
            if y.var() < 5:  # where 20 000 rows can tell
                assert r2_score(y, scale * mean) < r2_score(y, mean)


def test_truth_is_the_conditional_mean():
    # In bins of the predicted mean the average outcome agrees within 4.5 standard
    # errors: for 40 bins, false alarms are rarer than 1 in 3000 seeds.
    _, Y, truth = with_truth()
    for y, mean in zip(Y.T, truth.T, strict=True):
        for rows in np.array_split(np.argsort(mean), 10):
            residual = y[rows] - mean[rows]
            error = residual.std() / sqrt(len(rows))
            assert abs(residual.mean()) < 4.5 * error


def test_best_score_of_1_is_without_noise():
    _, Y, truth = with_truth(500, best_score=1)
    assert_array_equal(Y, truth)


def test_causes_are_not_linear():
    # Half of a cause's variance is of its first feature; sin 2x and x have the
    # covariance 2 exp(-2), which leaves a line 0.57 of the whole.
    X, _, truth = with_truth(sharing=0.6)
    found = LinearRegression().fit(X, truth).predict(X)
    line = 0.5 + (2 * exp(-2)) ** 2 / (2 * (1 - exp(-8)))
    assert_allclose(r2_score(truth, found, multioutput="raw_values"), line, atol=0.03)


@pytest.mark.parametrize("missing", [0.0, 0.3, [0.0, 0.1, 0.9, 0.5]])
def test_missing_at_random_each_at_its_rate(missing):
    _, Y, truth = with_truth(missing=missing)
    gone = np.isnan(Y)
    rates = np.broadcast_to(missing, 4)
    error = np.sqrt(rates * (1 - rates) / len(Y))
    assert (np.abs(gone.mean(axis=0) - rates) <= 4.5 * error).all()
    # No matter what the value is, and no matter what else is missing.
    for k, rate in enumerate(rates):
        high = truth[:, k] > 0.5
        assert abs(gone[high, k].mean() - rate) <= 4.5 * error[k] / sqrt(high.mean())
    both = (gone[:, 2] & gone[:, 3]).mean()
    assert abs(both - rates[2] * rates[3]) <= 4.5 * error[2:].min() + 1e-12


def test_features():
    X, Y = make_multi_target(
        20_000, n_targets=2, n_causes=1, n_noise_features=5, random_state=0
    )
    assert X.shape == (20_000, 4 + 8 + 5)
    assert Y.shape == (20_000, 2)
    assert X.dtype == Y.dtype == np.float64
    error = 1 / sqrt(len(X))
    assert np.abs(X.mean(axis=0)).max() < 4.5 * error
    assert np.abs(X.std(axis=0) - 1).max() < 4.5 * error
    correlation = np.corrcoef(np.column_stack([X, Y]).T)
    assert np.abs(correlation[:17, :17] - np.eye(17)).max() < 0.035
    assert np.abs(correlation[12:17, 17:]).max() < 0.035


def test_defaults_are_those_documented():
    X, Y = make_multi_target(random_state=0)
    assert X.shape == (1000, 32)
    assert Y.shape == (1000, 4)
    assert np.isfinite(Y).all()


@pytest.mark.parametrize(
    "changed",
    [
        {"sharing": 0.1},
        {"best_score": 0.5},
        {"missing": 0.5},
        {"n_noise_features": 1},
    ],
)
def test_what_a_parameter_leaves_as_it_is(changed):
    X, Y, truth = with_truth(200)
    others = with_truth(200, **changed)
    assert_array_equal(X[:, :25], others[0][:, :25])
    if "sharing" in changed:
        assert not np.allclose(truth, others[2])
        assert_allclose(Y - truth, others[1] - others[2], atol=1e-12)
        return
    assert_array_equal(truth, others[2])
    if "best_score" in changed:
        # The same draws, twice as long: sqrt(1 / 0.5 - 1) to sqrt(1 / 0.8 - 1).
        assert_allclose(2 * (Y - truth), others[1] - truth, atol=1e-12)
    else:
        known = ~np.isnan(others[1])
        assert known.mean() > 0.4
        assert_array_equal(Y[known], others[1][known])


def test_same_functions_whatever_the_seed():
    # Equal rows have equal means: those of one feature matrix, scored by the other.
    X, _, truth = with_truth(300, random_state=1)
    for row, means in zip(X[:5], truth, strict=False):
        h = [cause(row[4 * c :]) for c in range(6)]
        for k, mean in enumerate(means):
            shared = np.dot(weights(k, 4, 2), h[:2])
            assert_allclose(mean, sqrt(0.8) * shared + sqrt(0.2) * h[2 + k])


def test_same_seed_same_data_and_numpy_global_state_untouched():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, again = (with_truth(50, missing=0.2, random_state=3) for _ in range(2))
    instance = with_truth(50, missing=0.2, random_state=np.random.RandomState(3))
    other = with_truth(50, missing=0.2, random_state=4)
    without_truth = make_multi_target(50, missing=0.2, random_state=3)
    assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    assert (len(instance), len(without_truth)) == (3, 2)
    for same in (again, instance, without_truth):
        for a, b in zip(first[: len(same)], same, strict=True):
            assert_array_equal(a, b)
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[1], other[1], equal_nan=True)


def test_a_generator_that_is_shared_goes_on():
    rng = np.random.RandomState(0)
    (first, _), (second, _) = (make_multi_target(50, random_state=rng) for _ in "ab")
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("kind", [tuple, list, np.array])
def test_values_per_target_of_any_sequence(kind):
    values = {"best_score": [0.3, 0.9], "missing": [0, 0.5]}
    settings = {"n_targets": 2, "random_state": 0}
    expected = make_multi_target(100, **values, **settings)
    found = make_multi_target(
        100, **{name: kind(value) for name, value in values.items()}, **settings
    )
    assert_array_equal(found[1], expected[1])
    assert not np.isnan(found[1][:, 0]).any()
    assert np.isnan(found[1][:, 1]).any()


def test_frames_hold_the_same_numbers():
    pytest.importorskip("pandas", reason="frames need pandas")
    settings = {"n_causes": 1, "n_targets": 2, "n_noise_features": 2, "missing": 0.3}
    arrays = with_truth(20, **settings)
    frames = with_truth(20, as_frame=True, **settings)
    features = [*(f"shared{j}" for j in range(4)), *(f"own{j}" for j in range(8))]
    assert list(frames[0].columns) == [*features, "noise0", "noise1"]
    for frame in frames[1:]:
        assert list(frame.columns) == ["target0", "target1"]
    for frame, array in zip(frames, arrays, strict=True):
        assert_array_equal(frame, array)
    assert len(make_multi_target(5, as_frame=True, random_state=0)) == 2


@pytest.mark.parametrize("n_samples", [1, 2])
@pytest.mark.parametrize("n_targets", [1, 3])
def test_tiny(n_samples, n_targets):
    with np.errstate(all="raise", under="ignore"):
        X, Y, truth = with_truth(
            n_samples, n_targets=n_targets, n_noise_features=0, best_score=1e-3
        )
    assert X.shape == (n_samples, 4 * (2 + n_targets))
    assert Y.shape == truth.shape == (n_samples, n_targets)
    assert np.isfinite(Y).all()


PER_TARGET = "or a sequence of 4 of them, one per target"


@pytest.mark.parametrize(
    ("name", "bad", "words"),
    [
        ("n_samples", 0, "[1, inf)"),
        ("n_samples", 10.5, "[1, inf)"),
        ("n_targets", 0, "[1, inf)"),
        ("n_causes", 0, "[1, inf)"),
        ("n_causes", None, "[1, inf)"),
        ("n_noise_features", -1, "[0, inf)"),
        ("sharing", -0.1, "[0, 1]"),
        ("sharing", float("nan"), "[0, 1]"),
        ("sharing", "high", "[0, 1]"),
        ("best_score", 0.0, "(0, 1]"),
        ("best_score", 1.01, "(0, 1]"),
        ("best_score", float("nan"), "(0, 1]"),
        ("best_score", None, PER_TARGET),
        ("best_score", [0.5, 0.5], PER_TARGET),
        ("best_score", [0.5, 0.5, 0.5, 0.0], "(0, 1]"),
        ("best_score", [[0.5] * 4], PER_TARGET),
        ("best_score", [0.5, 0.5, 0.5, [0.5, 0.5]], PER_TARGET),
        ("best_score", np.array(0.5), PER_TARGET),
        ("missing", 1.0, "[0, 1)"),
        ("missing", [0.1, 0.1, 0.1, 1.0], "[0, 1)"),
        ("missing", "none", PER_TARGET),
        ("missing", {0: 0.1}, PER_TARGET),
    ],
)
def test_bad_parameters(name, bad, words):
    start = re.escape(f"The {name!r} parameter of make_multi_target must")
    with pytest.raises(ValueError, match=start) as error:
        make_multi_target(**{name: bad})
    assert words in str(error.value)
    assert f"Got {bad!r} instead." in str(error.value)
