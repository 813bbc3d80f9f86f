"""From several gradients on the same scores to one."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo.balancing import Balancer, Equal
from skmo.boosting import Reconciler
from skmo.boosting._reconcile import project_conflicts


class Noting(Balancer):
    """Gives what it was told to, and keeps what it was given."""

    needs_losses = True
    nonnegative = False

    def __init__(self, given=(1.0, 1.0)):
        self.given = given

    def _weights(self, gramian, losses, preference):
        self.shares = losses
        return np.array(self.given)


def balance(balancer, preference=None, first=(1.0, 1.0), losses=(1.0, 1.0)):
    reconciler = Reconciler("balance", balancer, preference)
    reconciler.first_losses = np.array(first)
    return reconciler.weights(np.eye(2), np.array(losses))


def test_projection_by_hand():
    # A clicked row that did not convert, at p = q = 1/2. The product is -1/12, the
    # squared lengths 1/4 and 1/18: 3/2 of the second is added to the first, 1/3 of
    # the first to the second.
    pulls = np.array([[[-1 / 2, 0], [1 / 6, 1 / 6]]])
    before = pulls.copy()
    projected = project_conflicts(pulls)
    assert_allclose(projected, [[[-1 / 4, 1 / 4], [0, 1 / 6]]], atol=1e-15)
    assert_array_equal(pulls, before)
    curvature = np.array([[[1 / 4, 0], [1 / 12, 1 / 12]]])
    merged, bend = Reconciler("project").merge(pulls, curvature)
    assert_allclose(merged, [[-1 / 4, 5 / 12]])
    # And by how much the gradient was moved.
    assert_allclose(bend, [[1 / 3 + 1 / 12, 1 / 12 + 1 / 4]])
    merged, bend = Reconciler("ignore").merge(pulls, curvature)
    assert_allclose(merged, [[-1 / 3, 1 / 6]])
    assert_allclose(bend, [[1 / 3, 1 / 12]])


def test_no_objective_of_two_is_worked_against():
    pulls = np.random.default_rng(0).normal(size=(500, 2, 2))
    projected = project_conflicts(pulls)
    with_other = np.einsum("iks,iks->ik", projected, pulls[:, ::-1])
    assert with_other.min() > -1e-12
    assert np.einsum("is,iks->ik", projected.sum(axis=1), pulls).min() > -1e-12
    against = np.einsum("is,is->i", pulls[:, 0], pulls[:, 1]) < 0
    assert 0.3 < against.mean() < 0.7
    assert_array_equal(projected[~against], pulls[~against])
    assert_allclose(with_other[against], 0, atol=1e-12)


def test_projection_of_several_goes_by_the_original_gradients():
    """Each loses its part along the others' gradients as they were."""
    pulls = np.array([[[1.0, 0.0], [-1.0, 1.0], [-1.0, -1.0]]])
    found = project_conflicts(pulls)[0]
    # The first: + 1/2 (-1, 1) is (1/2, 1/2), which opposes the third by -1: + 1/2
    # (-1, -1) leaves nothing.
    assert_allclose(found[0], [0, 0], atol=1e-15)
    # The second: + (1, 0) is (0, 1), which opposes the third by -1: + 1/2 (-1, -1).
    assert_allclose(found[1], [-1 / 2, 1 / 2])
    # The third: + (1, 0) is (0, -1), which opposes the second by -1: + 1/2 (-1, 1).
    assert_allclose(found[2], [-1 / 2, -1 / 2])


def test_projection_of_a_gradient_that_vanishes():
    pulls = np.array([[[0.0, 0.0], [1.0, -1.0], [-1.0, 0.0]]])
    found = project_conflicts(pulls)
    assert_allclose(found, [[[0, 0], [0, -1], [-0.5, -0.5]]])


@pytest.mark.parametrize(
    ("given", "weights"),
    [
        ((1.0, 1.0), (1.0, 1.0)),
        ((0.1, 0.3), (0.5, 1.5)),
        ((0.0, 7.0), (0.0, 2.0)),
        ((-1.0, 3.0), (-0.5, 1.5)),
    ],
)
def test_weights_are_1_in_the_mean(given, weights):
    assert_allclose(balance(Noting(given)), weights)


@pytest.mark.parametrize("given", [(1.0,), (1.0, np.nan), (1.0, np.inf), (0.0, 0.0)])
def test_useless_weights(given):
    with pytest.raises(ValueError, match=r"Noting.*must return 2 finite weights"):
        balance(Noting(given))


def test_preference():
    assert_allclose(balance(Equal(), np.array([3.0, 1.0])), [1.5, 0.5])


@pytest.mark.parametrize(
    ("first", "losses", "shares"),
    [
        ((2.0, 1.0), (1.0, 0.25), (0.5, 0.25)),
        # With imputed outcomes losses may be negative.
        ((2.0, 1.0), (1.0, -0.5), (0.5, 0.0)),
        ((-2.0, 4.0), (0.5, 1.0), (0.5, 0.25)),
        # None is known without a row that counts.
        ((np.nan, 4.0), (np.nan, 2.0), (0.0, 0.5)),
    ],
)
def test_the_balancer_is_given_shares_of_the_first_losses(first, losses, shares):
    balancer = Noting()
    balance(balancer, first=first, losses=losses)
    assert_allclose(balancer.shares, shares)


class TestObjectivesThatMoveNothing:
    """They weigh nothing, and the balancer does not see them."""

    gone = np.diag([1.0, 0.0, 1.0])

    def test_have_no_weight(self):
        reconciler = Reconciler("balance", Noting((1.0, 3.0)), np.array([1.0, 5, 2]))
        reconciler._balancer.takes_preference = True
        reconciler.first_losses = np.array([1.0, 2.0, 4.0])
        found = reconciler.weights(self.gone, np.ones(3))
        assert_allclose(found, [0.5, 0, 1.5])
        assert_allclose(reconciler._balancer.shares, [1, 0.25])
        assert_array_equal(reconciler.weights(np.zeros((3, 3)), np.ones(3)), 0)

    def test_nor_has_whom_nobody_prefers(self):
        reconciler = Reconciler("balance", Equal(), np.array([0.0, 1.0, 0.0]))
        reconciler.first_losses = np.ones(3)
        assert_allclose(reconciler.weights(np.eye(3), np.ones(3)), [0, 3, 0])
        assert_array_equal(reconciler.weights(self.gone, np.ones(3)), 0)

    def test_the_others_memory_is_kept(self):
        reconciler = Reconciler("balance", Counting())
        reconciler.first_losses = np.ones(3)
        for _ in range(2):
            reconciler.weights(np.eye(3), np.ones(3))
        reconciler.weights(self.gone, np.ones(3))
        assert_array_equal(reconciler._balancer.calls, [3, 3])


class Counting(Noting):
    """Remembers how often it was asked."""

    _per_objective = ("calls",)

    def _weights(self, gramian, losses, preference):
        before = getattr(self, "calls", None)
        self.calls = np.ones(len(gramian)) if before is None else before + 1
        return self.calls


def test_restarted():
    reconciler = Reconciler("balance", Counting())
    for n_calls in (1, 2, 3):
        reconciler.first_losses = np.ones(2)
        reconciler.weights(np.eye(2), np.ones(2))
        other = reconciler.restarted()
        other.first_losses = np.ones(2)
        other.weights(np.eye(2), np.ones(2))
        assert_array_equal(reconciler._balancer.calls, n_calls)
        assert_array_equal(other._balancer.calls, 1)
    for conflict in ("ignore", "project"):
        assert Reconciler(conflict).restarted().conflict == conflict
    preference = np.array([3.0, 1.0])
    other = Reconciler("balance", Equal(), preference).restarted()
    other.first_losses = np.ones(2)
    assert_allclose(other.weights(np.eye(2), np.ones(2)), [1.5, 0.5])
