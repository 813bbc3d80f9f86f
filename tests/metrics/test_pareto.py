"""Efficient points and distances to a front: by hand, by other libraries."""

import time

import numpy as np
import pytest

from skmo.metrics import (
    inverted_generational_distance,
    is_pareto_efficient,
)

nan, inf = np.nan, np.inf


def samples(n_objectives, n_points=60):
    """Points of every kind: few or many efficient, tied in some objectives, equal."""
    rng = np.random.default_rng(n_objectives)
    shape = (n_points, n_objectives)
    yield rng.uniform(size=shape)
    yield rng.dirichlet(np.ones(n_objectives), size=n_points)  # on a plane
    yield rng.integers(3, size=shape).astype(float)
    yield rng.choice([-inf, -0.0, 0.0, 1.0, inf], size=shape)


def efficient_by_definition(points):
    return np.array(
        [
            not any((q >= p).all() and (q > p).any() for q in points)
            and not np.isnan(p).any()
            for p in points
        ]
    )


# Efficient points ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([[3, 1], [2, 2], [1, 3], [1, 1]], [1, 1, 1, 0]),
        ([[2, 2], [2, 1], [1, 2]], [1, 0, 0]),  # better in one, equal in the other
        ([[2, 1], [1, 2], [2, 1], [1, 1], [1, 1]], [1, 1, 1, 0, 0]),  # equal points
        ([[1], [3], [2], [3]], [0, 1, 0, 1]),
        ([[5, 5, 5]], [1]),
        ([[nan, 9], [1, 2], [nan, nan], [0, 1]], [0, 1, 0, 0]),
        ([[inf, 0], [0, inf], [-inf, inf], [inf, -inf]], [1, 1, 0, 0]),
        ([[0.0, 1], [-0.0, 1]], [1, 1]),
        ([[1e20, 1], [1e20, 2]], [0, 1]),  # equal sums
    ],
)
def test_efficient_by_hand(points, expected):
    efficient = is_pareto_efficient(points)
    assert efficient.dtype == bool
    assert efficient.tolist() == [bool(e) for e in expected]


@pytest.mark.parametrize("n_objectives", range(1, 7))
def test_efficient_by_definition(n_objectives):
    for points in samples(n_objectives):
        expected = efficient_by_definition(points)
        assert expected.any()
        np.testing.assert_array_equal(is_pareto_efficient(points), expected)
        # A missing score takes its row out, and nothing else.
        holes = points.copy()
        holes[::3, -1] = nan
        expected = efficient_by_definition(holes)
        np.testing.assert_array_equal(is_pareto_efficient(holes), expected)


@pytest.mark.parametrize("n_objectives", [2, 3, 5])
def test_efficient_as_in_moocore(n_objectives):
    moocore = pytest.importorskip("moocore", reason="an independent implementation")
    rng = np.random.default_rng(0)
    # As many as a search may leave, all of them efficient, and a cloud of them.
    front = rng.dirichlet(np.ones(n_objectives), size=2000)
    finite = list(samples(n_objectives))[:3]  # with infinities it crashes
    for points in (front, rng.uniform(size=front.shape), *finite):
        expected = moocore.is_nondominated(points, maximise=True, keep_weakly=True)
        np.testing.assert_array_equal(is_pareto_efficient(points), expected)


@pytest.mark.parametrize("n_objectives", [2, 3, 5])
def test_efficient_as_in_pymoo(n_objectives):
    sorting = pytest.importorskip(
        "pymoo.util.nds.non_dominated_sorting", reason="an independent implementation"
    ).NonDominatedSorting()
    for points in list(samples(n_objectives))[:3]:
        expected = np.zeros(len(points), dtype=bool)
        expected[sorting.do(-points, only_non_dominated_front=True)] = True
        np.testing.assert_array_equal(is_pareto_efficient(points), expected)


@pytest.mark.parametrize("n_objectives", range(1, 6))
def test_efficiency_keeps_to_symmetries(n_objectives):
    rng = np.random.default_rng(1)
    for points in samples(n_objectives):
        efficient = is_pareto_efficient(points)
        rows = rng.permutation(len(points))
        np.testing.assert_array_equal(
            is_pareto_efficient(points[rows]), efficient[rows]
        )
        columns = rng.permutation(n_objectives)
        np.testing.assert_array_equal(
            is_pareto_efficient(points[:, columns]), efficient
        )
        # Only the order of values counts, objective by objective.
        ranks = [np.unique(column, return_inverse=True)[1] for column in points.T]
        ranks = np.column_stack(ranks)
        np.testing.assert_array_equal(is_pareto_efficient(ranks), efficient)
        greater = rng.integers(2, size=n_objectives).astype(bool)
        turned = np.where(greater, points, -points)
        np.testing.assert_array_equal(
            is_pareto_efficient(turned, greater_is_better=greater), efficient
        )
        np.testing.assert_array_equal(
            is_pareto_efficient(-points, greater_is_better=False), efficient
        )


def test_many_points_in_two_objectives_take_no_quadratic_time():
    # Sorting them takes a tenth of a second, comparing all pairs most of a minute.
    x = np.linspace(0, 1, 300_000)
    start = time.perf_counter()
    assert is_pareto_efficient(np.column_stack([x, 1 - x])).all()
    assert time.perf_counter() - start < 10


def test_no_points():
    assert is_pareto_efficient(np.empty((0, 3))).shape == (0,)
    assert is_pareto_efficient([[nan, 1.0]]).tolist() == [False]


def test_scores_stay_as_they_were():
    points = np.array([[1.0, -0.0], [nan, 2.0]])
    before = points.copy()
    is_pareto_efficient(points, greater_is_better=False)
    np.testing.assert_array_equal(points, before)


# Inverted generational distance -------------------------------------------------


def test_distances_by_hand():
    front = [[4, 0], [0, 3]]
    # 5 and 0; of IGD+ 4 and 0, as 3 is more than asked for.
    assert inverted_generational_distance([[0, 3]], front) == pytest.approx(2.5)
    assert inverted_generational_distance([[0, 3]], front, plus=True) == 2
    # Better than both.
    assert inverted_generational_distance([[4, 3]], front) == pytest.approx(3.5)
    assert inverted_generational_distance([[4, 3]], front, plus=True) == 0
    # As losses it exceeds the first by 3, the second by 4.
    losses = {"plus": True, "greater_is_better": False}
    assert inverted_generational_distance([[4, 3]], front, **losses) == 3.5
    mixed = {"plus": True, "greater_is_better": [True, False]}
    assert inverted_generational_distance([[0, 3]], front, **mixed) == 2.5


@pytest.mark.parametrize("plus", [False, True])
@pytest.mark.parametrize("n_objectives", [1, 2, 3, 6])
def test_distances_as_in_moocore_and_pymoo(n_objectives, plus):
    rng = np.random.default_rng(n_objectives)
    points = rng.normal(size=(40, n_objectives))
    front = rng.normal(size=(25, n_objectives)) + 0.5
    losses = inverted_generational_distance(
        points, front, plus=plus, greater_is_better=False
    )
    scores = inverted_generational_distance(-points, -front, plus=plus)
    assert scores == pytest.approx(losses, rel=1e-12)
    moocore = pytest.importorskip("moocore", reason="an independent implementation")
    function = moocore.igd_plus if plus else moocore.igd
    assert losses == pytest.approx(function(points, ref=front), rel=1e-12)
    name = "igd_plus" if plus else "igd"
    pymoo = pytest.importorskip(
        f"pymoo.indicators.{name}", reason="an independent implementation"
    )
    indicator = pymoo.IGDPlus(front) if plus else pymoo.IGD(front)
    assert losses == pytest.approx(indicator(points), rel=1e-12)


@pytest.mark.parametrize("plus", [False, True])
def test_distance_properties(plus):
    rng = np.random.default_rng(0)
    points, front = rng.normal(size=(12, 3)), rng.normal(size=(9, 3))

    def distance(points, front=front):
        return inverted_generational_distance(points, front, plus=plus)

    assert distance(front) == 0
    value = distance(points)
    assert value > 0
    assert distance(points[::-1], front[::-1]) == pytest.approx(value)
    assert distance(points[:, ::-1], front[:, ::-1]) == pytest.approx(value)
    assert distance(5 * points, 5 * front) == pytest.approx(5 * value)
    assert distance(points + 7, front + 7) == pytest.approx(value)
    # One more point is never worse; one with NaN is none.
    assert distance([*points, [0, 0, 0]]) <= value
    assert distance([*points, front[0]]) < value
    assert distance([*points, [9, nan, 9]]) == value
    # A point infinitely bad in one objective is never the nearest.
    assert distance([*points, [9, -inf, 9]]) == value


def test_the_plus_is_weakly_pareto_compliant():
    rng = np.random.default_rng(0)
    front = rng.normal(size=(20, 2))
    strayed = 0
    for _ in range(200):
        points = rng.normal(size=(4, 2))
        better = points + rng.exponential(size=points.shape)
        values = [
            inverted_generational_distance(a, front, plus=True)
            for a in (better, points)
        ]
        assert values[0] <= values[1]
        strayed += inverted_generational_distance(
            better, front
        ) > inverted_generational_distance(points, front)
    assert strayed > 0  # of plain IGD, which the plus is there for


# Bad input ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ([[1, 2]], {}, r"scores must have shape \(n_points, .*list. Got the .*\(2,\)"),
        ([[]], {}, r"scores must have .* Got the shape \(0,\)"),
        ([np.empty((2, 0))], {}, r"scores must have .* Got the shape \(2, 0\)"),
        ([[[1, 2]]], {"greater_is_better": [1, -1]}, r"greater_is_better .*\[1, -1\]"),
        ([[[1, 2]]], {"greater_is_better": [True]}, r"shape \(2,\). Got \[True\]"),
        ([[[1, 2]]], {"greater_is_better": "no"}, "greater_is_better must .*'no'"),
        ([[[1, 2]]], {"greater_is_better": None}, "greater_is_better must .*None"),
        ([[[1, 2]]], {"greater_is_better": 0.5}, "greater_is_better must .*0.5"),
    ],
)
def test_bad_points(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        is_pareto_efficient(*arguments, **options)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ([[1, 2], [[1, 2]]], {}, "scores must have shape"),
        ([[[1, 2]], [1, 2]], {}, "reference_front must have shape"),
        ([[[1, 2]], [[1, 2, 3]]], {}, r"one column .* \(1, 2\) and \(1, 3\)"),
        ([[[1, 2]], np.empty((0, 2))], {}, r"at least one point .*Got \[\]"),
        ([[[1, 2]], [[1, nan]]], {}, r"be finite: drop .*Got \[\[1.0, nan\]\]"),
        ([[[1, 2]], [[1, inf]]], {}, "reference_front must .* finite"),
        ([np.empty((0, 2)), [[1, 2]]], {}, r"empty set. Got the shape \(0, 2\)"),
        ([[[nan, 2]], [[1, 2]]], {}, "one point without NaN"),
        ([[[1, 2]], [[1, 2]]], {"plus": "yes"}, "plus must be .* Got 'yes'"),
        ([[[1, 2]], [[1, 2]]], {"greater_is_better": -1}, "greater_is_better .*-1"),
    ],
)
def test_bad_fronts(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        inverted_generational_distance(*arguments, **options)
