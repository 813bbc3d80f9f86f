"""Small problems the estimators' tests share."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def real():
    """Five features and three real targets; the last two features are noise.

    Target 0 follows feature 0, target 1 feature 1, target 2 both.
    """
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 5))
    mean = np.column_stack(
        [3 * X[:, 0], np.sin(2 * X[:, 1]) * 10, X[:, 0] - np.abs(X[:, 1])]
    )
    return X, mean + 0.3 * mean.std(axis=0) * rng.normal(size=mean.shape)


@pytest.fixture
def holed(real):
    """The same with a quarter of the targets unobserved."""
    X, Y = real
    return X, np.where(np.random.default_rng(1).random(Y.shape) < 0.25, np.nan, Y)


@pytest.fixture
def mixed():
    """A click, a watch time and a count: binary, real and Poisson targets."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(400, 4))
    click = rng.random(400) < 1 / (1 + np.exp(-2 * X[:, 0]))
    watch = 5 * X[:, 1] + X[:, 0] + rng.normal(size=400)
    count = rng.poisson(np.exp(0.7 * X[:, 2]))
    return X, np.column_stack([click, watch, count]).astype(float)


@pytest.fixture
def labels():
    """A binary and a three-class column of integer labels."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(300, 4))
    binary = (X[:, 0] + 0.3 * rng.normal(size=300) > 0).astype(int)
    three = np.digitize(X[:, 1] + 0.3 * rng.normal(size=300), [-0.5, 0.5])
    return X, np.column_stack([binary, three])


@pytest.fixture
def no_training(monkeypatch):
    """Bad input is found before a tree is grown."""
    monkeypatch.setattr(
        "skmo.boosting.TreeGrower.grow", lambda *_: pytest.fail("a tree was grown")
    )
