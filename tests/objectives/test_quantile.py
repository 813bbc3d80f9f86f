"""Weighted quantiles, whole and by group."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo.objectives import grouped_quantile, weighted_quantile

ALPHAS = [0.0, 0.1, 0.25, 0.5, 0.9, 1.0]


@pytest.fixture(params=range(5))
def rng(request):
    return np.random.default_rng(request.param)


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("size", [1, 2, 3, 10, 101])
def test_unweighted_is_numpys(rng, size, alpha):
    values = rng.normal(size=size)
    expected = np.quantile(values, alpha)
    assert_allclose(weighted_quantile(values, alpha), expected, atol=1e-14)


@pytest.mark.parametrize("weight", [1.0, 0.1, 1 / 3, 1e-8, 7e5])
@pytest.mark.parametrize("alpha", ALPHAS)
def test_equal_weights_change_nothing(rng, alpha, weight):
    # 10 000 weights of 0.1 do not add up to 1000.
    values = rng.normal(size=10_000)
    weighted = weighted_quantile(values, alpha, np.full(values.size, weight))
    assert weighted == weighted_quantile(values, alpha)


@pytest.mark.parametrize("scale", [1.0, 0.1, 1e6, 1 / 3])
@pytest.mark.parametrize("alpha", ALPHAS)
def test_integer_weights_are_repetitions_at_any_scale(rng, alpha, scale):
    values = rng.normal(size=50)
    weight = rng.integers(0, 6, size=50)
    weight[0] = 1
    expected = np.quantile(np.repeat(values, weight), alpha)
    found = weighted_quantile(values, alpha, scale * weight)
    assert_allclose(found, expected, atol=1e-14)


@pytest.mark.parametrize("scale", [None, 1.0, 0.1, 1e6, 1 / 3, 0.7])
def test_levels_that_fall_on_a_value_give_that_value(rng, scale):
    # Exactly: neither 0.3 / 0.1 nor 49 * (3 / 49) is 3 in floating point.
    values = rng.normal(size=30)
    weight = np.ones(30, dtype=int) if scale is None else rng.integers(1, 6, size=30)
    weight[0] = 1
    repeated = np.sort(np.repeat(values, weight))
    last = repeated.size - 1
    weight = None if scale is None else scale * weight
    found = [weighted_quantile(values, k / last, weight) for k in range(last + 1)]
    assert_array_equal(found, repeated)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_any_weights_do_not_depend_on_their_scale(rng, alpha):
    values, weight = rng.normal(size=60), rng.random(60)
    expected = weighted_quantile(values, alpha, weight)
    for scale in (0.25, 1e-3, 123.4):
        found = weighted_quantile(values, alpha, scale * weight)
        assert_allclose(found, expected, rtol=1e-9)


def test_by_hand():
    # Masses 2, 1, 2 in units of 1: p = 4 * 0.75 = 3, the mass [3, 4) is 30's.
    assert weighted_quantile([10.0, 20.0, 30.0], 0.75, [2.0, 1.0, 2.0]) == 30.0
    # p = 4 * 0.625 = 2.5: halfway between the masses 2 (20's) and 3 (30's).
    assert weighted_quantile([30.0, 10.0, 20.0], 0.625, [2.0, 2.0, 1.0]) == 25.0
    # Units of 2, W / u = 2.5: p = 0.75, between the masses 0 and 2 (20's).
    assert weighted_quantile([10.0, 20.0], 0.5, [2.0, 3.0]) == 17.5


def test_monotone_in_alpha_and_within_the_range(rng):
    values, weight = rng.normal(size=40), rng.exponential(size=40)
    quantiles = [weighted_quantile(values, a, weight) for a in np.linspace(0, 1, 201)]
    assert np.all(np.diff(quantiles) >= 0)
    assert quantiles[0] == values.min()
    assert quantiles[-1] == values.max()


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_groups", [1, 7, 300])
def test_groups_are_independent(rng, n_groups, weighted):
    size = 2000
    values = rng.normal(size=size).astype(np.float32)
    groups = rng.integers(0, n_groups, size=size)
    weight = rng.integers(1, 4, size=size) if weighted else np.ones(size, dtype=int)
    found = grouped_quantile(
        values, groups, n_groups, 0.3, weight if weighted else None
    )
    assert found.shape == (n_groups,)
    assert found.dtype == np.float64
    expected = np.full(n_groups, np.nan)
    for group in np.unique(groups):
        own = groups == group
        repeated = np.repeat(values[own], weight[own]).astype(np.float64)
        expected[group] = np.quantile(repeated, 0.3)
    assert_allclose(found, expected, atol=1e-12)


def test_groups_without_weight_are_nan():
    values, groups = np.array([1.0, 2.0, 3.0]), np.array([0, 2, 2])
    expected = [1.0, np.nan, 2.5, np.nan]
    assert_array_equal(grouped_quantile(values, groups, 4, 0.5), expected)
    weight = np.array([0.0, 1.0, 1.0])
    expected = [np.nan, np.nan, 2.5, np.nan]
    assert_array_equal(grouped_quantile(values, groups, 4, 0.5, weight), expected)
    assert np.isnan(weighted_quantile([], 0.5))
    assert np.isnan(weighted_quantile([1.0], 0.5, [0.0]))


def test_rows_without_weight_are_ignored():
    weight = np.array([1.0, 0.0, 1.0])
    assert weighted_quantile([1.0, 1000.0, 2.0], 0.5, weight) == 1.5


def test_input_is_left_alone(rng):
    values, groups = rng.normal(size=30), rng.integers(0, 3, size=30)
    weight = rng.random(30)
    before = values.copy(), groups.copy(), weight.copy()
    grouped_quantile(values, groups, 3, 0.5, weight)
    for array, copy in zip((values, groups, weight), before, strict=True):
        assert_array_equal(array, copy)


@pytest.mark.parametrize("size", [5, 300, 3000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_groups_are_numpys_whether_picked_or_sorted(rng, size, dtype):
    # Few rows a group are sorted, many are picked from; group 3 has one or none.
    values = rng.normal(size=size).astype(dtype).round(2)
    groups = rng.choice([0, 1, 2, 4, 7], size=size)
    groups[0] = 3 if size > 5 else 0
    before = values.copy()
    for alpha in ALPHAS:
        found = grouped_quantile(values, groups, 9, alpha)
        for group in range(9):
            own = values[groups == group].astype(np.float64)
            expected = np.quantile(own, alpha) if len(own) else np.nan
            assert_allclose(found[group], expected, atol=1e-7)
    assert_array_equal(values, before)


@pytest.mark.parametrize("n_groups", [255, 256, 257, 65_535, 65_536, 65_537])
@pytest.mark.parametrize("weighted", [False, True])
def test_numbers_of_groups_at_the_ends_of_small_integers(n_groups, weighted):
    # Two rows a group, the higher number the higher: group g has g and g + 1/2.
    groups = np.tile(np.arange(n_groups), 2)
    values = groups + np.repeat([0.5, 0.0], n_groups)
    weight = np.ones(values.size) if weighted else None
    found = grouped_quantile(values, groups, n_groups, 0.5, weight)
    assert_array_equal(found, np.arange(n_groups) + 0.25)
