"""The funnel generator: its rates, its truth, its hidden variable, its seed."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import expit, logit

from skmo.datasets import make_funnel
from skmo.datasets._funnel import _Stages

RATES = [
    (0.3, 0.3),
    (0.75, 0.8),
    (0.1, 0.03),
    (0.001, 0.999),
    (0.999, 0.001),
    (0.6, 0.5, 0.4, 0.7, 0.2),
]


def with_truth(**parameters):
    settings = {"n_samples": 1000, "random_state": 0, "return_truth": True}
    return make_funnel(**{**settings, **parameters})


def normal_mean(function, steep):
    """Mean of a function of a standard normal variable, by adaptive quadrature.

    ``steep`` is where it changes most.
    """
    value, _ = quad(
        lambda u: function(u) * np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi),
        -12,
        12,
        points=np.clip(steep, -11, 11),
        epsabs=1e-12,
        epsrel=1e-12,
        limit=500,
    )
    return value


@pytest.mark.parametrize("rates", RATES)
@pytest.mark.parametrize("confounding", [0.0, 0.5, 2.0])
def test_rates_are_met_exactly_in_expectation(rates, confounding):
    *_, truth = with_truth(rates=rates, confounding=confounding)
    assert_allclose(truth.cumulative.mean(axis=0), np.cumprod(rates), rtol=1e-9)


@pytest.mark.parametrize("rates", RATES)
def test_rates_are_met_by_the_data_within_the_binomial_error(rates):
    _, Y = make_funnel(10_000, rates=rates, random_state=0)
    mean = np.cumprod(rates)
    # Rows with chances of their own vary less than the binomial; 4.5 of its standard
    # deviations and half a count, as some means are of few.
    error = np.sqrt(mean * (1 - mean) / len(Y))
    assert (np.abs(Y.mean(axis=0) - mean) < 4.5 * error + 0.5 / len(Y)).all()


@pytest.mark.parametrize(
    "parameters",
    [
        {"signal": 20.0, "rates": (0.001, 0.3)},
        {"signal": 20.0, "confounding": 20.0, "rates": (0.001, 0.999)},
        {"signal": 0.0, "confounding": 0.0, "rates": (1e-12, 1 - 1e-12)},
        {"signal": 20.0, "confounding": 20.0, "rates": (0.5,) * 5},
    ],
)
def test_rates_are_met_at_the_ends_of_all_ranges(parameters):
    with np.errstate(all="raise", under="ignore"):
        *_, truth = with_truth(n_samples=500, **parameters)
    expected = np.cumprod(parameters["rates"])
    assert_allclose(truth.cumulative.mean(axis=0), expected, rtol=1e-8)
    for part in truth.values():
        assert np.isfinite(part).all()


@pytest.mark.parametrize("rates", RATES)
def test_stages_are_nested_and_binary(rates):
    X, Y = make_funnel(3000, rates=rates, n_noise_features=3, random_state=1)
    assert X.shape == (3000, 13)
    assert Y.shape == (3000, len(rates))
    assert X.dtype == Y.dtype == np.float64
    assert np.isfinite(X).all()
    assert set(np.unique(Y)) <= {0.0, 1.0}
    assert (np.diff(Y, axis=1) <= 0).all()


@pytest.mark.parametrize("rates", RATES)
@pytest.mark.parametrize("confounding", [0.0, 1.0])
def test_truth_is_consistent(rates, confounding):
    *_, truth = with_truth(rates=rates, confounding=confounding)
    assert set(truth) == {"cumulative", "conditional", "potential"}
    for part in truth.values():
        assert part.shape == (1000, len(rates))
        assert ((part > 0) & (part < 1 + 1e-12)).all()
    assert_allclose(truth.conditional.cumprod(axis=1), truth.cumulative, rtol=1e-12)
    # Nothing comes before the first stage that could select.
    assert_allclose(truth.potential[:, 0], truth.conditional[:, 0], rtol=1e-12)
    later = truth.conditional[:, 1:] / truth.potential[:, 1:]
    if confounding == 0:
        assert_allclose(later, 1, rtol=1e-12)
    else:
        # Those who reach a stage have more of what raises the next one's chance.
        assert (later > 1).all()


def test_more_confounding_takes_the_potential_further_away():
    gaps = []
    for confounding in (0.0, 0.5, 1.0, 2.0):
        *_, truth = with_truth(confounding=confounding)
        gaps.append((truth.conditional - truth.potential)[:, 1].mean())
    assert (np.diff(gaps) > 0).all()


@pytest.mark.parametrize("confounding", [0.5, 2.0, 8.0])
def test_truth_without_signal_solves_the_equations_of_the_notes(confounding):
    # Independent of the generator's own quadrature and solver: all rows are alike.
    r0, r1 = 0.3, 0.6

    def solve(function, mean):
        return brentq(lambda c: function(c) - mean, -60, 60, xtol=1e-12)

    def chance(c):
        return lambda u: expit(c + confounding * u)

    def click(c):
        return normal_mean(chance(c), [-c / confounding])

    c0 = solve(click, r0)

    def both(c):
        steep = [-c0 / confounding, -c / confounding]
        return normal_mean(lambda u: chance(c0)(u) * chance(c)(u), steep)

    c1 = solve(both, r0 * r1)
    *_, truth = with_truth(
        n_samples=3, rates=(r0, r1), signal=0.0, confounding=confounding
    )
    for part, expected in (
        (truth.cumulative, [r0, r0 * r1]),
        (truth.conditional, [r0, r1]),
        (truth.potential, [r0, click(c1)]),
    ):
        assert_allclose(part, np.tile(expected, (3, 1)), rtol=1e-8)


@pytest.mark.parametrize("confounding", [0.0, 0.5, 2.0, 6.0, 20.0])
def test_means_over_the_hidden_variable_are_exact(confounding):
    effects = np.linspace(-5, 5, 11)
    stages = _Stages(np.tile(effects[:, np.newaxis], 5), confounding)
    truth = stages.truth()
    for row, effect in enumerate(effects):
        steep = [-effect / confounding if confounding else 0.0]
        for k in (0, 1, 4):
            expected = normal_mean(
                lambda u, effect=effect, k=k: (
                    expit(effect + confounding * u) ** (k + 1)
                ),
                steep,
            )
            assert_allclose(truth.cumulative[row, k], expected, atol=1e-9)


def test_truth_is_the_mean_of_the_data():
    # In bins of the true chance the share that reached agrees within 4.5 standard
    # errors: for 30 bins, false alarms are rarer than 1 in 4000 seeds.
    _, Y, truth = with_truth(n_samples=20_000, rates=(0.6, 0.5, 0.5), confounding=1.0)
    for y, chance in zip(Y.T, truth.cumulative.T, strict=True):
        for rows in np.array_split(np.argsort(chance), 10):
            residual = y[rows] - chance[rows]
            error = np.sqrt((chance[rows] * (1 - chance[rows])).mean() / len(rows))
            assert abs(residual.mean()) < 4.5 * error


def test_hidden_variable_selects_who_reaches_a_stage():
    # Among those who clicked the mean is the conditional; the potential, of what all
    # would do, is many standard errors below it.
    _, Y, truth = with_truth(n_samples=20_000, confounding=2.0)
    clicked = Y[:, 0] == 1
    error = 0.5 / np.sqrt(clicked.sum())
    share = Y[clicked, 1].mean()
    assert abs(share - truth.conditional[clicked, 1].mean()) < 4.5 * error
    assert share - truth.potential[clicked, 1].mean() > 10 * error


@pytest.mark.parametrize("likeness", [0.0, 0.5, 1.0])
def test_signal_and_likeness_of_the_log_odds(likeness):
    # Without a hidden variable the truth's log-odds are the functions themselves.
    spreads, correlations = [], []
    for seed in range(40):
        *_, truth = with_truth(
            n_samples=300,
            rates=(0.5, 0.5),
            signal=1.5,
            likeness=likeness,
            confounding=0.0,
            random_state=seed,
        )
        log_odds = logit(truth.conditional)
        spreads.append(log_odds.std(axis=0))
        correlations.append(np.corrcoef(log_odds.T)[0, 1])
    if likeness in (0.0, 1.0):
        assert_allclose(spreads, 1.5, rtol=1e-9)
    # From draw to draw the correlation has a standard deviation of 0.15 or less and
    # the spread one of 0.11: the means of 40 one of 0.024.
    assert abs(np.mean(spreads) - 1.5) < 0.1
    assert abs(np.mean(correlations) - likeness) < 0.1
    if likeness == 1:
        assert_allclose(correlations, 1, rtol=1e-12)


def test_only_the_first_ten_features_tell_anything():
    X, *_, truth = with_truth(n_samples=20_000, n_noise_features=4, signal=2.0)
    log_odds = logit(truth.cumulative)
    features = np.column_stack([X, np.sin(2 * X), X**2])
    correlation = np.corrcoef(features.T, log_odds.T)[:-2, -2:]
    noise = np.tile(np.arange(14) >= 10, 3)
    # The largest of 24 correlations of 20 000 rows, whose standard deviation is 0.007.
    assert np.abs(correlation[noise]).max() < 0.035
    assert np.abs(correlation[~noise]).max() > 0.3


def test_without_signal_the_rows_are_alike():
    *_, truth = with_truth(signal=0.0, rates=(0.2, 0.4, 0.6))
    for part in truth.values():
        assert_allclose(part, np.tile(part[0], (len(part), 1)), rtol=1e-14)
    assert_allclose(truth.conditional[0], [0.2, 0.4, 0.6], rtol=1e-9)


def test_same_seed_same_data_and_numpy_global_state_untouched():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, again = with_truth(random_state=3), with_truth(random_state=3)
    other = with_truth(random_state=4)
    instance = with_truth(random_state=np.random.RandomState(3))
    assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    for X, Y, truth in (again, instance):
        assert_array_equal(X, first[0])
        assert_array_equal(Y, first[1])
        assert_array_equal(truth.potential, first[2].potential)
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[1], other[1])


def test_a_generator_that_is_shared_goes_on():
    rng = np.random.RandomState(0)
    (first, _), (second, _) = (make_funnel(50, random_state=rng) for _ in range(2))
    assert not np.array_equal(first, second)


def test_the_truth_does_not_change_the_data():
    X, Y, _ = with_truth()
    for part, same in zip((X, Y), make_funnel(1000, random_state=0), strict=True):
        assert_array_equal(part, same)


@pytest.mark.parametrize("kind", [tuple, list, np.array])
def test_rates_of_any_sequence(kind):
    _, Y = make_funnel(100, rates=kind([0.4, 0.6]), random_state=0)
    assert_array_equal(Y, make_funnel(100, rates=(0.4, 0.6), random_state=0)[1])


def test_frames_hold_the_same_numbers():
    pytest.importorskip("pandas", reason="frames need pandas")
    X, Y, truth = with_truth(n_samples=300, n_noise_features=1)
    frames = with_truth(n_samples=300, n_noise_features=1, as_frame=True)
    assert list(frames[0].columns) == [f"x{j}" for j in range(11)]
    assert list(frames[1].columns) == ["stage0", "stage1"]
    assert_array_equal(frames[0], X)
    assert_array_equal(frames[1], Y)
    assert_array_equal(frames[2].cumulative, truth.cumulative)
    assert len(make_funnel(5, as_frame=True, random_state=0)) == 2


@pytest.mark.parametrize("n_samples", [1, 2, 7])
@pytest.mark.parametrize("rates", [(0.001, 0.999), (0.5,) * 5])
def test_tiny(n_samples, rates):
    with np.errstate(all="raise", under="ignore"):
        X, Y, truth = with_truth(n_samples=n_samples, rates=rates, n_noise_features=0)
    assert X.shape == (n_samples, 10)
    assert Y.shape == truth.cumulative.shape == (n_samples, len(rates))
    assert_allclose(truth.cumulative.mean(axis=0), np.cumprod(rates), rtol=1e-9)


@pytest.mark.parametrize(
    ("name", "bad", "words"),
    [
        ("n_samples", 0, "[1, inf)"),
        ("n_samples", 10.5, "[1, inf)"),
        ("n_samples", None, "[1, inf)"),
        ("n_noise_features", -1, "[0, inf)"),
        ("signal", -0.1, "[0, 20]"),
        ("signal", float("nan"), "[0, 20]"),
        ("likeness", -0.1, "[0, 1]"),
        ("likeness", 1.1, "[0, 1]"),
        ("likeness", "high", "[0, 1]"),
        ("confounding", -1.0, "[0, 20]"),
        ("confounding", float("inf"), "[0, 20]"),
        ("confounding", None, "[0, 20]"),
        ("rates", (0.5,), "at least two rates"),
        ("rates", (), "at least two rates"),
        ("rates", 0.5, "at least two rates"),
        ("rates", "ab", "at least two rates"),
        ("rates", None, "at least two rates"),
        ("rates", (0.5, 0.0), "between 0 and 1, both excluded"),
        ("rates", (1.0, 0.5), "between 0 and 1, both excluded"),
        ("rates", (0.5, float("nan")), "between 0 and 1, both excluded"),
        ("rates", (0.5, None), "between 0 and 1, both excluded"),
    ],
)
def test_bad_parameters(name, bad, words):
    start = re.escape(f"The {name!r} parameter of make_funnel must")
    with pytest.raises(ValueError, match=start) as error:
        make_funnel(**{name: bad})
    assert words in str(error.value)
    assert f"Got {bad!r} instead." in str(error.value)
