"""Points of a front: knee, preference, bounds."""

from __future__ import annotations

import numpy as np
import pytest

from skmo.pareto._select import select_point

# Scaled by 10 and 2: (0, 1), (.6, .9), (.9, .5), (1, 0); 1.5 is the greatest sum.
FRONT = np.array([[0.0, 2.0], [6.0, 1.8], [9.0, 1.0], [10.0, 0.0]])
NAMES = ["click", "sale"]


def select(front=FRONT, names=NAMES, **criterion):
    return select_point(np.asarray(front, dtype=float), names, **criterion)


def test_knee_by_hand():
    assert select(knee=True) == 1


@pytest.mark.parametrize("seed", range(5))
def test_knee_is_furthest_from_the_line_through_the_ends(seed):
    rng = np.random.default_rng(seed)
    x = np.sort(rng.random(20))
    front = np.column_stack([x, np.sort(rng.random(20))[::-1]])
    scaled = (front - front.min(axis=0)) / np.ptp(front, axis=0)
    along = scaled[-1] - scaled[0]
    gap = scaled - scaled[0]
    beyond = -(along[0] * gap[:, 1] - along[1] * gap[:, 0])
    assert select(front, knee=True) == np.argmax(-beyond)


def test_knee_of_three_objectives():
    """(.6, .6, .5) of the unit corners is above their plane, (.3, .3, .3) below."""
    front = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.3, 0.31, 0.3], [0.6, 0.6, 0.5]]
    assert select(front, list("abc"), knee=True) == 4


def test_knee_where_the_front_is_straight_is_in_the_middle():
    assert select([[0, 1], [0.25, 0.75], [0.5, 0.5], [1, 0]], knee=True) == 2


def test_knee_of_a_dent_is_an_end():
    assert select([[0, 1], [0.2, 0.2], [1, 0]], knee=True) in {0, 2}


def test_knee_of_one_point_and_of_an_objective_that_does_not_vary():
    assert select([[3, 4]], knee=True) == 0
    assert select([[1, 5, 0], [2, 5, -1], [3, 5, -9]], list("abc"), knee=True) == 1


def test_scale_does_not_count():
    for criterion in ({"knee": True}, {"preference": [1, 3]}):
        expected = select(**criterion)
        for factor in ([1e-200, 1.0], [3.0, 1e150]):
            assert select(FRONT * factor + [1.0 * factor[0], 0], **criterion) == (
                expected
            )
    assert select([[-1.7e308, 1.7e308], [0, 1e308], [1.7e308, 0]], knee=True) == 1


@pytest.mark.parametrize(
    ("preference", "expected"),
    [
        # Products of importance and distance from 1 in scaled scores, by hand.
        ([1, 1], 1),  # (1, 0) (.4, .1) (.1, .5) (0, 1)
        ([3, 1], 2),  # 3, 1.2, .5, 1
        ([100, 1], 3),  # 100, 40, 10, 1
        ([1, 5], 1),  # 1, .5, 2.5, 5
        ([1, 100], 0),  # 1, 10, 50, 100
        ([1, 0], 3),
        ([0, 1], 0),
    ],
)
def test_preference_by_hand(preference, expected):
    assert select(preference=preference) == expected
    assert select(preference=np.array(preference) * 1e306) == expected


def test_preference_reaches_a_dent():
    """A weighted sum would take an end, whatever the weights."""
    dent = [[0, 1], [0.4, 0.4], [1, 0]]
    assert select(dent, preference=[1, 1]) == 1
    assert all(
        np.argmax(np.array(dent) @ [w, 1 - w]) != 1 for w in np.linspace(0, 1, 101)
    )


def test_ties_of_an_unheeded_objective_go_to_the_better():
    front = [[1, 0, 0.2], [1, 0.1, 0.1], [0, 1, 1]]
    assert select(front, list("abc"), preference=[1, 0, 0]) == 0
    assert select(front, list("abc"), preference=[1, 0.01, 0]) == 1


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"click": 5.0}, 1),
        ({"click": 6.0}, 1),
        ({"click": 6.1}, 2),
        ({0: 9.5}, 3),
        ({-1: 1.5}, 1),
        ({"sale": 2}, 0),
        ({"sale": -np.inf}, 3),
        ({"click": 1.0, "sale": 0.5}, 1),
    ],
)
def test_bounds_by_hand(bounds, expected):
    assert select(bounds=bounds) == expected


def test_bounds_leave_several_objectives_to_the_knee():
    front = [[1, 9, 0], [2, 6, 6], [3, 0, 9], [9, 0, 0]]
    assert select(front, list("abc"), bounds={"a": 1}) == 1
    assert select(front, list("abc"), bounds={"a": 2.5}) == 2


def test_bounds_that_nothing_meets():
    with pytest.raises(ValueError, match=r"click >= 9.*sale >= 1.5.*click 10, sale 2"):
        select(bounds={"click": 9, "sale": 1.5})


@pytest.mark.parametrize(
    ("criterion", "message"),
    [
        ({}, "exactly one"),
        ({"knee": True, "preference": [1, 1]}, "exactly one"),
        ({"preference": [1, 1], "bounds": {"click": 1}}, "exactly one"),
        ({"preference": [1, 1, 1]}, "2 importances"),
        ({"preference": [0, 0]}, "not all 0"),
        ({"preference": [-1, 2]}, "at least 0"),
        ({"preference": [np.nan, 2]}, "finite"),
        ({"preference": "click"}, "'click'"),
        ({"bounds": {}}, "map names"),
        ({"bounds": [1, 2]}, "map names"),
        ({"bounds": {"klick": 1}}, "'klick'.*click, sale"),
        ({"bounds": {2: 1}}, "objective 2.*0 to 1"),
        ({"bounds": {True: 1}}, "objective True"),
        ({"bounds": {"click": np.nan}}, "'click'.*nan"),
        ({"bounds": {"click": "high"}}, "'high'"),
        ({"bounds": {"click": 1, 0: 2}}, "'click' twice"),
    ],
)
def test_bad_criteria(criterion, message):
    with pytest.raises(ValueError, match=message):
        select(**criterion)
