"""Which rank gets which partitions, and the rows that stand for a partition."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from skmo.dask._partitions import Part, place_ranks, split_evenly
from skmo.dask._sketch import join, sketch


@pytest.mark.parametrize(
    ("n_rows", "n_ranks", "expected"),
    [
        ([10, 10, 10, 10], 2, [(0, 2), (2, 4)]),
        ([10, 10, 10], 1, [(0, 3)]),
        ([1, 1, 100], 3, [(0, 1), (1, 2), (2, 3)]),  # none is left without
        ([100, 1, 1], 3, [(0, 1), (1, 2), (2, 3)]),
        ([100, 1, 1, 1], 2, [(0, 1), (1, 4)]),
        ([1, 1, 1, 100], 2, [(0, 3), (3, 4)]),
        ([5, 300, 10, 585], 3, [(0, 2), (2, 3), (3, 4)]),
    ],
)
def test_neighbours_go_together(n_rows, n_ranks, expected):
    found = split_evenly(np.array(n_rows), n_ranks)
    assert [(part.start, part.stop) for part in found] == expected


def test_every_partition_goes_to_one_rank():
    rng = np.random.default_rng(0)
    for _ in range(200):
        n_rows = rng.integers(1, 1000, rng.integers(1, 30))
        n_ranks = int(rng.integers(1, len(n_rows) + 1))
        slices = split_evenly(n_rows, n_ranks)
        held = [p for part in slices for p in range(part.start, part.stop)]
        assert held == list(range(len(n_rows)))
        assert all(part.stop > part.start for part in slices)
        loads = [n_rows[part].sum() for part in slices]
        if n_ranks == 2:  # the cut is where it should be, up to one partition
            assert abs(loads[0] - loads[1]) <= 2 * n_rows.max()


def test_ranks_go_where_their_rows_are():
    slices = [slice(0, 1), slice(1, 2), slice(2, 3)]
    rows = np.array([5, 6, 7])
    holders = [["c"], ["a"], ["b"]]
    assert place_ranks(slices, rows, holders, ["a", "b", "c"]) == ["c", "a", "b"]
    # Nobody holds anything: any worker will do, but each only once.
    found = place_ranks(slices, rows, [[], [], []], ["a", "b", "c", "d"])
    assert len(set(found)) == 3


class TestSketch:
    def test_every_category_and_a_missing_one(self):
        X = pd.DataFrame({"c": ["x", "x", "y", None, "y", "z"], "n": np.arange(6.0)})
        found = sketch(Part(X, np.zeros(6)), [0], False, "Test")
        assert set(found.part.X["c"].dropna()) == {"x", "y", "z"}
        assert found.part.X["c"].isna().any()

    def test_every_label(self):
        y = np.array(["a"] * 50 + ["b"] + ["a"] * 50, dtype=object)
        found = sketch(Part(np.zeros((101, 1)), y), [], True, "Test")
        assert set(found.part.y) == {"a", "b"}
        assert len(found.part.y) < 5

    def test_extremes_of_numbers(self):
        y = np.random.default_rng(0).normal(size=(1000, 2))
        found = sketch(Part(np.zeros((1000, 1)), y), [], False, "Test")
        assert len(found.part.y) <= 2 + 2 * 3
        assert_array_equal(found.part.y.max(axis=0), y.max(axis=0))
        assert_array_equal(found.part.y.min(axis=0), y.min(axis=0))

    def test_one_value_that_is_no_label_among_many(self):
        """objectives="auto" takes zeros and ones for labels."""
        y = np.r_[np.zeros(400), np.linspace(0, 1, 200)]
        found = sketch(Part(np.zeros((600, 1)), y), [], False, "Test")
        assert not np.isin(found.part.y, (0, 1)).all()

    def test_counts(self):
        y = np.array([[1.0, np.nan], [np.nan, np.nan], [2.0, 3.0], [4.0, 5.0]])
        weight = np.array([1.0, 1.0, 0.0, 2.0])
        found = sketch(Part(np.zeros((4, 1)), y, weight), [], False, "Test")
        assert (found.n_rows, found.n_learnt) == (4, 2)
        assert_array_equal(found.n_observed, [2, 1])

    def test_an_observed_target_with_a_weight_is_shown(self):
        """Else a column would look as if it were never observed."""
        y = np.r_[np.full(500, np.nan), 1.0]
        weight = np.r_[np.zeros(500), 3.0]
        found = sketch(Part(np.zeros((501, 1)), y, weight), [], False, "Test")
        shown = ~np.isnan(found.part.y) & (found.part.weight > 0)
        assert shown.any()

    def test_an_empty_partition(self):
        empty = Part(np.zeros((0, 3)), np.zeros((0, 2)))
        found = sketch(empty, [], False, "Test")
        assert (found.n_rows, found.n_learnt, found.part) == (0, 0, None)
        full = sketch(Part(np.ones((2, 3)), np.ones((2, 2))), [], False, "Test")
        assert join([found, full]).X.shape == (2, 3)

    def test_categories_are_united(self):
        parts = [
            Part(pd.DataFrame({"c": pd.Categorical([value])}), np.zeros(1))
            for value in ("x", "y")
        ]
        found = join([sketch(part, [0], False, "Test") for part in parts])
        assert isinstance(found.X["c"].dtype, pd.CategoricalDtype)
        assert set(found.X["c"].cat.categories) == {"x", "y"}
