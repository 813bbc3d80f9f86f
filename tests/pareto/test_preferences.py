"""Preferences over the simplex."""

from __future__ import annotations

from itertools import product
from math import comb

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo.pareto import preference_rays
from skmo.pareto._preferences import check_preferences


@pytest.mark.parametrize("n_points", [1, 2, 5, 11])
def test_two_objectives_divide_the_line(n_points):
    t = np.linspace(0, 1, n_points + 2)[1:-1]
    assert_allclose(preference_rays(2, n_points), np.column_stack([t, 1 - t]))


@pytest.mark.parametrize("n_points", [2, 3, 11])
def test_two_objectives_with_ends(n_points):
    t = np.linspace(0, 1, n_points)
    expected = np.column_stack([t, 1 - t])
    assert_allclose(preference_rays(2, n_points, ends=True), expected)


def lattice(n_objectives, n_divisions, least):
    """All integer points of the simplex, by trying all."""
    parts = product(range(least, n_divisions + 1), repeat=n_objectives)
    return np.array([p for p in parts if sum(p) == n_divisions]) / n_divisions


@pytest.mark.parametrize(("n_objectives", "n_divisions"), [(3, 3), (3, 7), (4, 6)])
def test_counts_of_a_lattice_give_the_lattice(n_objectives, n_divisions):
    inside = preference_rays(n_objectives, comb(n_divisions - 1, n_objectives - 1))
    assert_allclose(inside, lattice(n_objectives, n_divisions, 1))
    size = comb(n_divisions + n_objectives - 1, n_objectives - 1)
    whole = preference_rays(n_objectives, size, ends=True)
    assert_allclose(whole, lattice(n_objectives, n_divisions, 0))


@pytest.mark.parametrize("ends", [False, True])
@pytest.mark.parametrize(("n_objectives", "n_points"), [(3, 9), (4, 17), (10, 30)])
def test_other_counts_thin_a_lattice(n_objectives, n_points, ends):
    rays = preference_rays(n_objectives, n_points, ends=ends)
    assert rays.shape == (n_points, n_objectives)
    assert_allclose(rays.sum(axis=1), 1.0)
    assert len(np.unique(rays.round(12), axis=0)) == n_points
    assert (rays > 0).all() or ends
    assert_array_equal(rays, preference_rays(n_objectives, n_points, ends=ends))
    assert_array_equal(np.lexsort(rays.T[::-1]), np.arange(n_points))
    # No objective is favoured: each has its corner.
    assert len(set(rays.max(axis=0).round(12))) == 1


@pytest.mark.parametrize(("n_objectives", "n_points"), [(3, 12), (4, 11), (6, 30)])
def test_thinning_leaves_no_gap_wider_than_the_closest_points(n_objectives, n_points):
    """Always taking the furthest point ensures it; a cluster would not."""
    rays = preference_rays(n_objectives, n_points)
    n_divisions = round(1 / rays.min())
    whole = lattice(n_objectives, n_divisions, 1)
    gaps = np.linalg.norm(whole[:, None] - rays, axis=2).min(axis=1)
    assert 0 < gaps.max() <= least_gap(rays) + 1e-12


def least_gap(points):
    gaps = np.linalg.norm(points[:, None] - points, axis=2)
    return gaps[np.triu_indices(len(points), 1)].min()


def test_fewer_points_than_objectives():
    assert_allclose(preference_rays(3, 1), [[1 / 3] * 3])
    assert preference_rays(4, 2).shape == (2, 4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_objectives": 1, "n_points": 3}, r"'n_objectives'.*\[2, inf\).*1"),
        ({"n_objectives": 2.0, "n_points": 3}, "'n_objectives'.*int.*2.0"),
        ({"n_objectives": 2, "n_points": 0}, r"'n_points'.*\[1, inf\).*0"),
        ({"n_objectives": 2, "n_points": True}, "'n_points'.*True"),
        ({"n_objectives": 3, "n_points": 2, "ends": True}, "n_points=2.*3 ends"),
    ],
)
def test_bad_counts(arguments, message):
    with pytest.raises(ValueError, match=message):
        preference_rays(**arguments)


def test_given_preferences_sum_to_one():
    assert_allclose(check_preferences([[1, 3], [2, 0]]), [[0.25, 0.75], [1, 0]])
    assert_allclose(check_preferences([[1e308, 1e308]]), [[0.5, 0.5]])


@pytest.mark.parametrize(
    ("preferences", "message"),
    [
        ([[1, 2], [0, 0]], r"Row 1 is \[0.0, 0.0\]"),
        ([[1, -2]], "at least 0"),
        ([[1, np.nan]], "finite"),
        ([[1, np.inf]], "finite"),
        ([1, 2], r"shape \(2,\)"),
        ([[1], [2]], r"shape \(2, 1\)"),
        (np.empty((0, 2)), r"shape \(0, 2\)"),
        ([["x", "y"]], "numbers"),
        ([[1, 2], [1, 2, 3]], "numbers"),
    ],
)
def test_bad_preferences(preferences, message):
    with pytest.raises(ValueError, match=message):
        check_preferences(preferences)
