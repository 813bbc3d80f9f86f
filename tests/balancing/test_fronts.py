"""Where descent by the balancers that have a preference or bounds arrives."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skmo.balancing import (
    CRMOGM,
    EPO,
    WCMGDA,
    AugmentedLagrangian,
    Equal,
    SmoothTchebycheff,
    Tchebycheff,
)

CENTRES = np.array([[1.0, 1.0], [-1.0, -1.0]]) / np.sqrt(2)


def fonseca_fleming(x):
    """Losses and gradients; the front is concave but for its ends."""
    apart = x - CENTRES
    falls = np.exp(-(apart**2).sum(axis=1))
    return 1 - falls, 2 * apart * falls[:, None]


def on_the_front(x):
    """At all, up to 0.01: between the centres."""
    return abs(x[0] - x[1]) < 0.01 and np.abs(x).max() < 0.01 + 1 / np.sqrt(2)


def walk(balancer, preference, start=(0.3, -0.2)):
    """Steps along the weighted unit gradients, as a booster's rounds."""
    x = np.array(start)
    for t in range(1500):
        losses, gradients = fonseca_fleming(x)
        gradients /= np.linalg.norm(gradients, axis=1, keepdims=True)
        w = balancer.weights(gradients @ gradients.T, losses, preference=preference)
        x = x - 0.02 / np.sqrt(1 + t / 20) * (w / w.sum()) @ gradients
    return x, fonseca_fleming(x)[0]


@pytest.mark.parametrize(
    "balancer",
    [Tchebycheff(), SmoothTchebycheff(mu=0.01), EPO(), WCMGDA()],
    ids=repr,
)
@pytest.mark.parametrize("preference", [[2, 1], [1, 3]], ids=str)
def test_the_preferred_point_of_a_concave_front(balancer, preference):
    x, losses = walk(balancer, preference)
    assert on_the_front(x)
    products = np.array(preference) * losses
    assert_allclose(products / products.mean(), 1.0, atol=0.06)
    assert losses.min() > 0.15  # in the middle


@pytest.mark.parametrize("preference", [[2, 1], [1, 3]], ids=str)
def test_linear_weights_end_at_its_ends(preference):
    x, losses = walk(Equal(), preference)
    assert on_the_front(x)
    assert losses.min() < 1e-3


@pytest.mark.parametrize("balancer", [WCMGDA(0.02), Tchebycheff(), EPO()], ids=repr)
def test_a_larger_preference_is_a_lower_loss(balancer):
    found = np.array([walk(balancer, [p, 1])[1] for p in (0.5, 1, 3)])
    assert (np.diff(found[:, 0]) < -0.05).all()
    assert (np.diff(found[:, 1]) > 0.05).all()


def test_a_step_looked_ahead_is_a_calm_one():
    """Near the balance weights do not jump between the objectives."""
    x, _ = walk(WCMGDA(), [1, 1])
    losses, gradients = fonseca_fleming(x + np.array([1e-3, 0.0]))
    gramian = gradients @ gradients.T
    assert Tchebycheff().weights(gramian, losses).min() == 0
    assert WCMGDA().weights(gramian, losses).min() > 0.3


# Upper bounds: (x - 1)^2 is minimised, and (x + 1)^2 at most b. -------------------


def two_parabolas(x):
    return np.array([(x - 1) ** 2, (x + 1) ** 2]), np.array([2 * (x - 1), 2 * (x + 1)])


@pytest.mark.parametrize("bound", [0.25, 1.0, 2.25])
@pytest.mark.parametrize("mu", [0.3, 1.0, 3.0])
def test_a_bounded_loss_ends_at_its_bound(bound, mu):
    """sqrt(b) - 1, where 2 (x - 1) + alpha 2 (x + 1) = 0."""
    balancer, x = AugmentedLagrangian(mu), 0.0
    for _ in range(3000):
        losses, slopes = two_parabolas(x)
        w = balancer.weights(np.eye(2), losses, bounds=[np.inf, bound])
        x -= 0.02 * w @ slopes
    root = np.sqrt(bound)
    assert_allclose(x, root - 1, atol=1e-6)
    assert_allclose(two_parabolas(x)[0][1], bound, atol=1e-5)
    assert_allclose(w, [1.0, (2 - root) / root], atol=1e-4)


def test_a_bound_that_is_met_anyway_weighs_nothing():
    balancer, x = AugmentedLagrangian(), 0.0
    for _ in range(3000):
        losses, slopes = two_parabolas(x)
        w = balancer.weights(np.eye(2), losses, bounds=[np.inf, 4.5])
        x -= 0.02 * w @ slopes
    assert_allclose(x, 1.0, atol=1e-9)
    assert_allclose(w, [1.0, 0.0])


@pytest.mark.parametrize("wrap", [False, True])
def test_two_bounds_and_a_preference(wrap):
    """Quadratics in the plane; only one of the bounds is active.

    2/3 and 1/3 of |z - (3, 0)|^2 and |z - (0, 3)|^2 would meet at (2, 1), where
    |z|^2 = 5. On the circle |z|^2 = 5/4 this is the point half as far, and the
    multiplier 1: z (1 + 1) = (2, 1). There, |z - (1, 1)|^2 = 1/4 is below 2.
    """
    centres = np.array([[3.0, 0.0], [0.0, 3.0], [0.0, 0.0], [1.0, 1.0]])
    balancer = AugmentedLagrangian(mu=0.5)
    balancer = CRMOGM(balancer, alpha=0.5) if wrap else balancer
    z = np.array([2.0, -1.0])
    for _ in range(3000):
        losses = ((z - centres) ** 2).sum(axis=1)
        w = balancer.weights(
            np.eye(4),
            losses,
            preference=[2.0, 1.0, 7.0, 0.0],
            bounds=[np.inf, np.inf, 1.25, 2.0],
        )
        z = z - 0.02 * 2 * w @ (z - centres)
    assert_allclose(z, [1.0, 0.5], atol=1e-5)
    assert_allclose(w, [2 / 3, 1 / 3, 1.0, 0.0], atol=1e-4)
