"""Angles of gradients whose inner products were summed in single precision."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmo.balancing import GradVac
from skmo.balancing._cosines import cosines, unit_gramian


def beyond(sign):
    """Inner products that are larger than the lengths allow, by rounding."""
    return np.array([[4.0, 6.0 * sign * 1.0001], [6.0 * sign * 1.0001, 9.0]])


@pytest.mark.parametrize("sign", [-1, 1])
def test_cosines_do_not_leave_their_range(sign):
    found, lengths = cosines(beyond(sign))
    assert_array_equal(found, [[1.0, sign], [sign, 1.0]])
    assert_array_equal(lengths, [2.0, 3.0])
    found, lengths = unit_gramian(beyond(sign))
    assert_array_equal(found, [[1.0, sign], [sign, 1.0]])
    assert lengths[1] / lengths[0] == pytest.approx(1.5)


@pytest.mark.parametrize("sign", [-1, 1])
def test_gradvac_of_such(sign):
    balancer = GradVac(beta=1.0, random_state=0)
    for _ in range(20):
        assert np.isfinite(balancer.weights(beyond(sign))).all()
    assert np.abs(balancer._targets).max() <= 1.0
