"""What the properties found, each by itself and as small as it gets."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo import MultiObjectiveRegressor
from skmo.boosting._gramian import cosines

FAST = {
    "n_estimators": 5,
    "num_leaves": 5,
    "min_child_samples": 5,
    "n_jobs": 1,
    "random_state": 0,
}


@pytest.fixture
def counts():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 3))
    return X, rng.poisson(np.exp(X[:, :2])).astype(float)


def test_cosines_of_long_gradients_with_holes():
    """The product of two squared lengths of 1e20 is beyond float32."""
    g = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    seen = np.ones((50, 2), bool)
    seen[:9, 1] = g[:9, 1] = 0
    assert_allclose(
        cosines(np.float32(1e10) * g, None, seen), cosines(g, None, seen), rtol=1e-6
    )
