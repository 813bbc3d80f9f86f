"""Hypervolume by hand, by counting cells, by other libraries, and its properties."""

import itertools
import sys

import numpy as np
import pytest

from skmo.metrics import hypervolume, is_pareto_efficient

nan, inf = np.nan, np.inf
OWN = range(1, 6)  # numbers of objectives that need no other library
each_number = pytest.mark.parametrize("n_objectives", OWN)


def samples(n_objectives, n_points=12):
    """Points above 0: few or many efficient, tied in some objectives, equal."""
    rng = np.random.default_rng(n_objectives)
    shape = (n_points, n_objectives)
    plane = rng.dirichlet(np.ones(n_objectives), size=n_points)
    sphere = rng.exponential(size=shape) + 0.1
    sphere /= np.linalg.norm(sphere, axis=1, keepdims=True)
    yield from (rng.uniform(size=shape), plane + 0.01, sphere, 1.01 - sphere)
    yield rng.integers(1, 4, size=shape).astype(float)


def by_cells(points):
    """The unit cells of a grid inside at least one of the boxes, exactly."""
    cells = itertools.product(range(int(points.max())), repeat=points.shape[1])
    return sum((points > cell).all(axis=1).any() for cell in cells)


def by_inclusion_exclusion(points):
    volume = 0.0
    for size in range(1, len(points) + 1):
        for some in itertools.combinations(points, size):
            volume -= (-1) ** size * np.prod(np.min(some, axis=0))
    return volume


@pytest.mark.parametrize(
    ("points", "reference", "expected"),
    [
        ([[5, 5], [4, 6], [2, 7], [7, 4]], 0, 39),
        ([[3, 1], [2, 2]], 0, 5),
        ([[3, 1], [2, 2], [2, 2], [1, 1]], 0, 5),
        ([[3, 1], [2, 2]], [1, 0], 3),
        ([[3, 1], [2, 2]], [1, 1], 1),  # the first is not above the reference
        ([[3, 1], [2, 2]], -1, 4 * 2 + 1 * 3),
        ([[2.5], [4], [1]], 1, 3),
        ([[2, 3, 4]], 0, 24),
        # Boxes of 4 each that share the unit cube; any two share it alone.
        ([[2, 2, 1], [2, 1, 2], [1, 2, 2]], 0, 7),
        ([[4, 1, 1], [1, 4, 1], [1, 1, 4]], 0, 10),
        # Each adds one unit to the cube of side 1, in its own direction.
        (np.eye(4) + 1, 0, 5),
        (np.eye(5) + 1, 0, 6),
        ([[2, 1, 1, 1, 3], [1, 2, 2, 2, 1]], 0, 6 + 8 - 1),
        ([[1, 1], [nan, 5], [5, nan]], 0, 1),
        ([[1, 1], [-inf, 5], [0, inf]], 0, 1),
        (np.empty((0, 3)), 0, 0),
        ([[1, 1], [0, 5]], 1, 0),
    ],
)
def test_by_hand(points, reference, expected):
    volume = hypervolume(points, reference)
    assert isinstance(volume, float)
    assert volume == expected


def test_losses_by_hand():
    points = [[5, 5], [4, 6], [2, 7], [7, 4]]
    assert hypervolume(points, 10, greater_is_better=False) == 38
    # Boxes of 3 x 2 and 1 x 3 that share 1 x 2.
    mixed = {"reference": [0, 5], "greater_is_better": [True, False]}
    assert hypervolume([[3, 3], [1, 2]], **mixed) == 7


@each_number
def test_counts_the_cells_of_a_grid(n_objectives):
    rng = np.random.default_rng(n_objectives)
    for n_points in (1, 2, 5, 15, 40):
        points = rng.integers(1, 5, size=(n_points, n_objectives))
        assert hypervolume(points, 0) == by_cells(points)


@each_number
def test_by_inclusion_and_exclusion(n_objectives):
    for points in samples(n_objectives, n_points=8):
        expected = by_inclusion_exclusion(points)
        assert hypervolume(points, 0) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("n_objectives", "n_points"),
    [(2, 1000), (3, 500), (4, 200), (5, 100), (6, 20), (8, 12)],
)
def test_as_in_moocore(n_objectives, n_points):
    moocore = pytest.importorskip("moocore", reason="an independent implementation")
    reference = np.linspace(-0.2, 0.2, n_objectives)
    for points in samples(n_objectives, n_points):
        expected = moocore.hypervolume(points, ref=reference, maximise=True)
        volume = hypervolume(points, reference)
        assert volume == pytest.approx(expected, rel=1e-12)
        losses = hypervolume(-points, -reference, greater_is_better=False)
        assert losses == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("n_objectives", range(2, 6))
def test_as_in_pymoo(n_objectives):
    pymoo = pytest.importorskip(
        "pymoo.indicators.hv", reason="an independent implementation"
    )
    reference = np.full(n_objectives, 1.5)
    for points in samples(n_objectives, 30):
        expected = pymoo.HV(ref_point=reference)(points)
        volume = hypervolume(points, 1.5, greater_is_better=False)
        assert volume == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("n_objectives", [6, 7])
def test_beyond_the_own_code(n_objectives):
    pytest.importorskip("moocore", reason="computes six objectives and more")
    rng = np.random.default_rng(n_objectives)
    points = rng.integers(1, 4, size=(10, n_objectives))
    assert hypervolume(points, 0) == pytest.approx(by_cells(points), rel=1e-12)
    # With one more objective in which all are alike.
    flat = np.column_stack([points[:, :5], np.full(len(points), 3)])
    expected = 3 * hypervolume(points[:, :5], 0)
    assert hypervolume(flat, 0) == pytest.approx(expected, rel=1e-12)
    # What counts nothing does not reach it.
    useless = [[nan, *points[0, 1:]], [inf, *(n_objectives - 1) * [0]]]
    assert hypervolume([*points, *useless], 0) == hypervolume(points, 0)
    assert hypervolume(useless, 0) == 0


def test_names_the_extra_where_moocore_is_absent(monkeypatch):
    monkeypatch.setitem(sys.modules, "moocore", None)
    message = r'more than 5 objectives, here 6, needs moocore: .*"skmo\[pareto\]"'
    for points in (np.ones((2, 6)), -np.ones((2, 6))):
        with pytest.raises(ImportError, match=message):
            hypervolume(points, 0)
    assert hypervolume(np.ones((2, 5)), 0) == 1


@each_number
def test_symmetries(n_objectives):
    rng = np.random.default_rng(0)
    for points in samples(n_objectives):
        volume = hypervolume(points, 0)
        # Points are sorted first: to the last bit.
        assert hypervolume(rng.permutation(points), 0) == volume
        columns = rng.permutation(n_objectives)
        assert hypervolume(points[:, columns], 0) == pytest.approx(volume, rel=1e-13)
        scale, shift = rng.exponential(size=n_objectives), rng.normal(size=n_objectives)
        moved = hypervolume(points * scale + shift, shift)
        assert moved == pytest.approx(volume * scale.prod(), rel=1e-9)
        # Exactly, by powers of two, however large or small.
        for factor in (2.0**-150, 2.0**150):
            assert hypervolume(points * factor, 0) == volume * factor**n_objectives


@each_number
def test_what_counts_nothing_changes_nothing(n_objectives):
    rng = np.random.default_rng(0)
    for points in samples(n_objectives):
        volume = hypervolume(points, 0)
        assert volume > 0
        useless = np.concatenate(
            [
                points[rng.integers(len(points), size=4)] * 0.9,
                points[:2],
                [np.full(n_objectives, nan), np.full(n_objectives, -inf)],
                np.where(np.arange(n_objectives) == 0, 0.0, 9.0)[None],
            ]
        )
        assert hypervolume([*points, *useless], 0) == volume
        assert hypervolume(points[is_pareto_efficient(points)], 0) == volume


@each_number
def test_order_and_bounds(n_objectives):
    rng = np.random.default_rng(0)
    for points in samples(n_objectives):
        first, second = hypervolume(points[:6], 0), hypervolume(points[6:], 0)
        union = hypervolume(points, 0)
        assert union <= (first + second) * (1 + 1e-12)
        assert union >= max(first, second) * (1 - 1e-12)
        boxes = points.prod(axis=1)
        assert boxes.max() * (1 - 1e-12) <= union
        assert union <= min(boxes.sum(), points.max(axis=0).prod()) * (1 + 1e-12)
        # Strictly more where every point is improved upon.
        better = points + rng.exponential(size=points.shape)
        assert hypervolume(better, 0) > union


@pytest.mark.parametrize(
    ("points", "reference", "options", "message"),
    [
        ([1, 2], 0, {}, r"scores must have shape .*Got the shape \(2,\)"),
        ([[1, 2]], [0], {}, r"reference must be .*shape \(2,\). Got \[0\]"),
        ([[1, 2]], [[0, 0]], {}, r"reference must be .* Got \[\[0, 0\]\]"),
        ([[1, 2]], nan, {}, "reference must be a finite number .* Got nan"),
        ([[1, 2]], [0, -inf], {}, r"reference must be a finite .* Got \[0, -inf\]"),
        ([[1, 2]], 0, {"greater_is_better": [1]}, r"greater_is_better must .*\[1\]"),
        ([[1, inf]], 0, {}, "infinitely better than the reference.*Use finite"),
        ([[1.5e308, 1]], [-1.5e308, 0], {}, "infinitely better"),
    ],
)
def test_bad_input(points, reference, options, message):
    with pytest.raises(ValueError, match=message):
        hypervolume(points, reference, **options)
