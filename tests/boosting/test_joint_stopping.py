"""When objectives of one score stop: all at once, by one number and the bounds."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo.balancing import Equal, Tchebycheff
from skmo.boosting import Limits
from skmo.boosting._stopping import JointCriterion, JointStopping

INF, NAN = np.inf, np.nan


def mean(losses):
    return 0.0, float(np.mean(losses))


def stopping(patience=2, tol=0.0, criterion=mean, start=(1.0, 1.0), n_done=0):
    losses = None if criterion is None else np.array(start)
    best = np.full(2, n_done)
    return JointStopping(patience, tol, criterion, best, losses, n_done)


def run(watch, rounds, n_done=0):
    """Which rounds were improvements."""
    return [
        bool(watch.update(n, np.array(losses)).all())
        for n, losses in enumerate(rounds, start=n_done + 1)
    ]


def test_no_objective_decides_alone():
    watch = stopping()
    # The first one's loss only rises, but the mean falls three times.
    rounds = [(1.1, 0.7), (1.2, 0.5), (1.3, 0.3), (1.4, 0.4), (1.4, 0.3)]
    assert run(watch, rounds[:4]) == [True, True, True, False]
    assert not watch.finished
    assert_array_equal(watch.stopped, [False, False])
    watch.update(5, np.array(rounds[4]))
    assert_array_equal(watch.best_round, [3, 3])
    assert_array_equal(watch.stopped, [True, True])
    assert watch.finished


def test_an_improvement_starts_the_patience_again():
    watch = stopping(patience=2)
    run(watch, [(2, 2), (0.9, 0.9), (2, 2)])
    assert not watch.finished
    assert_array_equal(watch.best_round, 2)
    watch.update(4, np.array([0.95, 0.9]))
    assert watch.finished


def test_a_loss_that_never_falls_stops_at_no_trees():
    watch = stopping()
    assert run(watch, [(1, 1), (2, 1)]) == [False, False]
    assert watch.finished
    assert_array_equal(watch.best_round, 0)


def test_tol_is_a_share_of_the_least_so_far():
    """A fifth: below 0.8 first, then below 0.8 · 0.79 = 0.632."""
    watch = stopping(tol=0.2, patience=9)
    rounds = [(0.81, 0.81), (0.79, 0.79), (0.64, 0.64), (0.63, 0.63)]
    assert run(watch, rounds) == [False, True, False, True]
    # Of a negative one: below -1.2.
    watch = stopping(tol=0.2, patience=9, start=(-1, -1))
    assert run(watch, [(-1.19, -1.19), (-1.21, -1.21)]) == [False, True]


def test_nothing_to_watch():
    watch = stopping(criterion=None)
    for n in range(1, 9):
        assert watch.update(n, np.full(2, NAN)).all()
    assert_array_equal(watch.best_round, 8)
    assert not watch.finished


def test_patience_counts_from_an_earlier_fit():
    watch = stopping(n_done=10)
    run(watch, [(2, 2)], n_done=10)
    assert not watch.finished
    assert_array_equal(watch.best_round, 10)
    run(watch, [(2, 2)], n_done=11)
    assert watch.finished
    assert_array_equal(watch.best_round, 10)


class TestBounds:
    """The second loss is to stay below 1; the first is what counts then."""

    @staticmethod
    def criterion(losses):
        return max(losses[1] - 1, 0), losses[0]

    def test_keeping_them_comes_first(self):
        watch = stopping(criterion=self.criterion, start=(1, 2), patience=9)
        rounds = [
            (5.0, 1.5),  # nearer
            (0.1, 1.6),  # further off, whatever is gained
            (9.0, 1.0),  # kept at last
            (0.1, 1.1),  # no longer
            (8.0, 0.9),  # kept, and a gain
            (8.0, 0.1),  # kept better than need be
            (7.0, 1.0),
        ]
        found = run(watch, rounds)
        assert found == [True, False, True, False, True, False, True]
        assert_array_equal(watch.best_round, 7)

    def test_tol_counts_in_violations(self):
        watch = stopping(criterion=self.criterion, start=(1, 2), tol=0.5, patience=9)
        # Less than half of 1, then than half of 0.4, then none at all.
        rounds = [(1, 1.6), (1, 1.4), (0, 1.3), (1, 1.0)]
        assert run(watch, rounds) == [False, True, False, True]


def limits(*last):
    """Bounds that were something else in an earlier round."""
    table = np.array([[0.5] * len(last), last])
    return Limits(np.zeros_like(table), table)


def criterion(first, preference=None, bounds=None, watched=None, balancer=None):
    preference = None if preference is None else np.array(preference, dtype=float)
    return JointCriterion(
        Equal() if balancer is None else balancer,
        preference,
        np.array(first, dtype=float),
        None if bounds is None else limits(*bounds),
        np.array(watched if watched else [True] * len(first)),
    )


def test_criterion_by_hand():
    """Shares 1/2 and 1/4; the second of its bound 0.5 / 4, or 2 / 4."""
    losses, first = np.array([1.0, 1.0]), [2, 4]
    assert_allclose(criterion(first)(losses), [0, 3 / 8])
    assert_allclose(criterion(first, [3, 1])(losses), [0, 7 / 16])
    found = criterion(first, balancer=Tchebycheff())(losses)
    assert_allclose(found, [0, 1 / 2])
    for bound, violation in ((0.5, 1 / 8), (2.0, 0)):
        found = criterion(first, bounds=[INF, bound])(losses)
        assert_allclose(found, [violation, 1 / 2])


@pytest.mark.parametrize("preference", [None, [2, 9, 1]])
def test_of_rounds_that_keep_the_bounds_the_unbounded_losses_decide(preference):
    measure = criterion([1, 1, 1], preference, [INF, 1, INF])
    weights = [0.5, 0, 0.5] if preference is None else [2 / 3, 0, 1 / 3]
    for losses in ([0.5, 0.1, 0.2], [0.4, 0.9, 0.4]):
        assert_allclose(measure(np.array(losses)), [0, np.dot(weights, losses)])


def test_objectives_without_validation_rows_are_left_out():
    watched, losses = [True, False, True], np.array([1.0, NAN, 1.0])
    first = [2, NAN, 4]
    found = criterion(first, bounds=[INF, INF, 0.5], watched=watched)(losses)
    assert_allclose(found, [1 / 8, 1 / 2])
    found = criterion(first, [1, 9, 3], watched=watched)(losses)
    assert_allclose(found, [0, 5 / 16])
    # Where nobody asked for those that are known, all of them count.
    found = criterion(first, [0, 1, 0], watched=watched)(losses)
    assert_allclose(found, [0, 3 / 8])
    # A parameter with one entry per objective goes by theirs.
    balancer = Tchebycheff(ideal=[0.1, 0.2, 0.2])
    found = criterion(first, watched=watched, balancer=balancer)(losses)
    assert np.isfinite(found[1])


def test_bounds_without_a_preference():
    """A balancer may know the one and not the other."""

    class Bounded(Equal):
        takes_bounds = True
        takes_preference = False

    measure = criterion([1, 1], bounds=[INF, 1], balancer=Bounded())
    assert_allclose(measure(np.array([0.25, 3.0])), [2, 0.25])


def test_a_first_loss_of_0_is_no_unit():
    assert_allclose(criterion([0, 2])(np.array([0.5, 1.0])), [0, 0.5])
    assert_allclose(criterion([1, 2])(np.array([-0.5, 1.0])), [0, 0.25])
