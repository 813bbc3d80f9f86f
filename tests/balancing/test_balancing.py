"""The balancers, without any estimator."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone

from skmo.balancing import BALANCERS


@pytest.mark.parametrize("name", BALANCERS)
@pytest.mark.parametrize("K", [1, 2, 7])
def test_every_balancer(name, K):
    balancer = clone(BALANCERS[name]())
    gramian = np.cov(np.random.default_rng(K).normal(size=(K, 20))).reshape(K, K)
    weights = balancer.weights(gramian, np.ones(K))
    assert weights.shape == (K,)
    assert (weights >= 0).all()
    assert_allclose(weights.sum(), 1.0)
    balancer.reset()
    assert_allclose(balancer.weights(gramian, np.ones(K)), weights)


def test_equal_follows_the_preference():
    equal = BALANCERS["equal"]()
    assert_allclose(equal.weights(np.eye(3)), 1 / 3)
    preference = np.array([2.0, 0.0, 6.0])
    assert_allclose(equal.weights(np.eye(3), preference=preference), [0.25, 0, 0.75])
