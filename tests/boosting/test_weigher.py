"""A balancer's weights over rounds in which objectives stop, or come back."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo.balancing import Balancer, Equal
from skmo.boosting._weigher import Weigher

ALL = np.ones(3, dtype=bool)
GRAMIAN = np.arange(9.0).reshape(3, 3) + np.arange(9.0).reshape(3, 3).T


class Noting(Balancer):
    """Gives what it was told to, counts its calls and keeps what it was given."""

    needs_gramian = needs_losses = takes_preference = takes_bounds = True
    nonnegative = False
    _per_objective = ("calls",)

    def __init__(self, given=(1.0, 2.0, 3.0)):
        self.given = given
        self.resets = 0

    def _weights(self, gramian, losses, preference):
        before = getattr(self, "calls", None)
        self.calls = np.ones(len(gramian)) if before is None else before + 1
        self.gramian, self.losses, self.preference = gramian, losses, preference
        self.bounds = self._bounds
        return np.array(self.given)

    def reset(self):
        super().reset()
        self.resets += 1


def weigh(weigher, active=ALL, losses=(1.0, 1.0, 1.0), **options):
    return weigher.weights(GRAMIAN, np.array(losses), np.array(active), **options)


def test_weights_are_the_balancers_own():
    balancer = Noting()
    weigher = Weigher(balancer, np.array([1.0, 1, 2]), signed=True)
    assert_array_equal(weigh(weigher, losses=[1, -2, 3]), [1, 2, 3])
    assert_array_equal(balancer.gramian, GRAMIAN)
    # With imputed outcomes losses may be negative.
    assert_array_equal(balancer.losses, [1, 0, 3])
    assert_array_equal(balancer.preference, [0.25, 0.25, 0.5])
    assert_array_equal(balancer.bounds, np.inf)
    bounds = np.array([np.inf, 0.5, np.inf])
    weigh(weigher, bounds=bounds)
    assert_array_equal(balancer.bounds, bounds)


def test_objectives_that_have_stopped_are_not_seen():
    balancer = Noting((5.0, 7.0))
    weigher = Weigher(balancer, np.array([1.0, 9.0, 3.0]))
    bounds = np.array([np.inf, 1.0, 0.5])
    found = weigh(weigher, [True, False, True], [1, 2, 4], bounds=bounds)
    assert_array_equal(found, [5, 0, 7])
    assert_array_equal(balancer.gramian, GRAMIAN[::2, ::2])
    assert_array_equal(balancer.losses, [1, 4])
    assert_array_equal(balancer.preference, [0.25, 0.75])
    assert_array_equal(balancer.bounds, [np.inf, 0.5])


def test_what_is_remembered_of_objectives_that_stop_and_come_back():
    balancer = Noting()
    weigher = Weigher(balancer, None)
    assert balancer.resets == 1
    for _ in range(2):
        weigh(weigher)
    assert_array_equal(balancer.calls, [2, 2, 2])
    balancer.given = (1.0, 1.0)
    for n_calls in (3, 4):
        weigh(weigher, [True, False, True])
        assert_array_equal(balancer.calls, [n_calls, n_calls])
    assert balancer.resets == 1
    # One that is back has no past: nobody has.
    balancer.given = (1.0, 1.0, 1.0)
    weigh(weigher)
    assert balancer.resets == 2
    assert_array_equal(balancer.calls, [1, 1, 1])


def test_memory_is_kept_of_the_right_objectives():
    balancer = Noting()
    weigher = Weigher(balancer, None)
    weigh(weigher)
    balancer.calls = np.array([10.0, 20.0, 30.0])
    balancer.given = (1.0,)
    weigh(weigher, [False, False, True])
    assert_array_equal(balancer.calls, [31])


def test_nothing_is_left_to_do():
    balancer = Noting()
    weigher = Weigher(balancer, np.array([1.0, 1.0, 0.0]))
    assert_array_equal(weigh(weigher, ~ALL), 0)
    # Nobody asked for the one that is left.
    assert_array_equal(weigh(weigher, [False, False, True]), 0)
    assert not hasattr(balancer, "gramian")
    # Nor does the balancer, once others have stopped.
    balancer.given = (0.0, 0.0)
    assert_array_equal(weigh(weigher, [True, False, True]), 0)


@pytest.mark.parametrize(
    ("given", "signed", "weights"),
    [
        ((-1.0, 2.0, 3.0), True, [-1, 2, 3]),
        ((-1.0, -2.0, -3.0), True, [-1, -2, -3]),
        ((-1.0, 2.0, 3.0), False, [0, 2, 3]),
    ],
)
def test_signs(given, signed, weights):
    found = weigh(Weigher(Noting(given), None, signed=signed))
    assert_array_equal(found, weights)


@pytest.mark.parametrize(
    ("given", "signed"),
    [
        ((0.0, 0.0, 0.0), True),
        ((0.0, 0.0, 0.0), False),
        ((-1.0, -1.0, 0.0), False),
        ((1.0, np.nan, 1.0), True),
        ((1.0, np.inf, 1.0), False),
        ((1.0, 1.0), True),
        ([[1.0, 1.0, 1.0]], False),
        (1.0, True),
    ],
)
def test_useless_weights(given, signed):
    match = r"Noting\(.* must return 3 finite weights"
    match += ", not all 0" if signed else " of at least 0, not all 0"
    with pytest.raises(ValueError, match=match):
        weigh(Weigher(Noting(given), None, signed=signed))


def test_a_balancer_that_promised_no_negative_weights():
    balancer = Noting((-1.0, 2.0, 3.0))
    balancer.nonnegative = True
    with pytest.raises(ValueError, match="of at least 0"):
        weigh(Weigher(balancer, None))


def test_preference_and_bounds_are_refused_where_there_is_no_place():
    class Plain(Equal):
        takes_preference = False

    with pytest.raises(ValueError, match="Plain takes no preference"):
        weigh(Weigher(Plain(), np.array([1.0, 1, 2])))
    with pytest.raises(ValueError, match="Equal takes no bounds"):
        weigh(Weigher(Equal(), None), bounds=np.array([1.0, np.inf, np.inf]))
    assert_allclose(weigh(Weigher(Equal(), None), bounds=np.full(3, np.inf)), 1 / 3)
