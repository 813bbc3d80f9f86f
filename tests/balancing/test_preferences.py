"""Balancers around a preference or bounds, and what wrappers pass on to them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo.balancing import (
    CRMOGM,
    EPO,
    MGDA,
    WCMGDA,
    AugmentedLagrangian,
    Balancer,
    Equal,
    Fixed,
    LabelAggregation,
    SmoothTchebycheff,
    Tchebycheff,
)

NONE = np.inf


@pytest.mark.parametrize(
    "balancer",
    [
        WCMGDA(u=0),
        WCMGDA(u="long"),
        AugmentedLagrangian(mu=0),
        AugmentedLagrangian(mu=-1.0),
        LabelAggregation(random_state="zero"),
    ],
    ids=repr,
)
def test_bad_parameters_are_named(balancer):
    with pytest.raises(ValueError, match=f"parameter of {type(balancer).__name__}"):
        balancer.weights(np.eye(2), [1.0, 1.0])


# The criterion ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("balancer", "preference", "expected"),
    [
        (Equal(), None, 2.0),
        (Equal(), [3, 1], 1.5),
        (Equal(), [1, 0], 1.0),
        (MGDA(), None, 2.0),
        (AugmentedLagrangian(), [3, 1], 1.5),
        (LabelAggregation(), [3, 1], 1.5),
        # Twice the larger of p l.
        (Tchebycheff(), None, 3.0),
        (Tchebycheff(), [4, 1], 1.6),
        (Tchebycheff(ideal=[0.5, 2.5]), None, 0.5),
        (Tchebycheff(), [1, 0], 2.0),
        (SmoothTchebycheff(), [4, 1], 1.6),
        (EPO(), [4, 1], 1.6),
        (WCMGDA(), [4, 1], 1.6),
        (WCMGDA(), [1, 0], 2.0),
        (CRMOGM("tchebycheff"), [4, 1], 1.6),
        (CRMOGM(CRMOGM("equal")), [3, 1], 1.5),
    ],
    ids=repr,
)
def test_criteria_by_hand(balancer, preference, expected):
    found = balancer.criterion([1.0, 3.0], preference)
    assert found == pytest.approx(expected, rel=1e-12)


def test_an_unimportant_infinite_loss_does_not_matter():
    for balancer in (Equal(), Tchebycheff(), WCMGDA()):
        assert balancer.criterion([0.5, np.inf], [1, 0]) == pytest.approx(
            2 * 0.5 if balancer.needs_losses else 0.5
        )


def test_the_criterion_does_not_touch_the_memory():
    a, b = CRMOGM(AugmentedLagrangian()), CRMOGM(AugmentedLagrangian())
    for loss in (1.0, 0.7):
        a.criterion([5.0, loss])
        call = {"bounds": [NONE, 0.5]}
        found = a.weights(np.eye(2), [1.0, loss], **call)
        assert_array_equal(found, b.weights(np.eye(2), [1.0, loss], **call))


# Bounds -------------------------------------------------------------------------


class OfOldTimes(Balancer):
    """As users have written them: neither bounds nor criterion."""

    needs_losses = True

    def _weights(self, gramian, losses, preference):
        return losses / losses.sum()


class Barrier(Balancer):
    """One of the user's own that has bounds."""

    takes_bounds = True
    needs_losses = True

    def _weights(self, gramian, losses, preference):
        return 1 + 1 / (self._bounds - losses)


def test_balancers_of_the_users_own():
    old = OfOldTimes()
    assert_allclose(old.weights(np.eye(2), [1.0, 3.0]), [0.25, 0.75])
    assert old.criterion([1.0, 3.0]) == 2.0
    with pytest.raises(ValueError, match="OfOldTimes takes no bounds"):
        old.weights(np.eye(2), [1.0, 3.0], bounds=[2.0, NONE])
    own = CRMOGM(Barrier(), alpha=0.0)
    found = own.weights(np.eye(2), [1.0, 3.0], bounds=[1.5, NONE])
    assert_allclose(found, [3.0, 1.0])
    assert_allclose(own.weights(np.eye(2), [1.0, 3.0]), [1.0, 1.0])


def test_wrappers_pass_bounds_on():
    plain, wrapped = AugmentedLagrangian(), CRMOGM("ec", alpha=0.0)
    assert wrapped.takes_bounds
    assert not CRMOGM("mgda").takes_bounds
    for loss in (1.0, 0.8, 0.1):
        call = {"losses": [1.0, loss], "bounds": [NONE, 0.5]}
        assert_allclose(
            wrapped.weights(np.eye(2), **call), plain.weights(np.eye(2), **call)
        )
    wrapped.reset()
    for call in (
        lambda: wrapped.check_bounds(np.array([0.5, 0.5])),
        lambda: wrapped.weights(np.eye(2), np.ones(2), bounds=[0.5, 0.5]),
    ):
        with pytest.raises(ValueError, match="must be infinite for one of them"):
            call()
    for call in (
        lambda: CRMOGM("mgda").check_bounds(np.array([NONE, 0.5])),
        lambda: CRMOGM("mgda").weights(np.eye(2), bounds=[NONE, 0.5]),
    ):
        with pytest.raises(ValueError, match="CRMOGM takes no bounds"):
            call()


# AugmentedLagrangian --------------------------------------------------------------


def test_something_must_be_minimised():
    balancer = AugmentedLagrangian()
    with pytest.raises(ValueError, match=r"one of them at least.*\[0\.5, 0\.5\]"):
        balancer.weights(np.eye(2), np.ones(2), bounds=[0.5, 0.5])
    with pytest.raises(ValueError, match=r"'preference' must be more than 0"):
        balancer.weights(np.eye(2), np.ones(2), bounds=[NONE, 0.5], preference=[0, 1])
    # A refused call leaves nothing behind.
    found = balancer.weights(np.eye(2), np.ones(2), bounds=[NONE, 0.5])
    assert_allclose(found, [1.0, 5.0])


def test_multipliers_stay_finite():
    balancer = AugmentedLagrangian(mu=1e300)
    for _ in range(3):
        found = balancer.weights(np.eye(2), [1.0, 1e300], bounds=[NONE, 0.5])
        assert found[0] == 1
        assert 1e299 < found[1] < np.inf


@pytest.mark.parametrize("kept", [[1, 2], np.array([False, True, True])], ids=str)
def test_multipliers_stay_with_their_objectives(kept):
    balancer, bounds = AugmentedLagrangian(mu=1.0), np.array([NONE, 0.75, 0.5])
    found = balancer.weights(np.eye(3), np.ones(3), bounds=bounds)
    assert_allclose(found, [1.0, 0.25, 0.5])
    balancer.keep(kept)
    # The primary objective has stopped: the multipliers are left, and then nothing.
    found = balancer.weights(np.eye(2), [0.75, 0.25], bounds=bounds[kept])
    assert_allclose(found, [0.25, 0.25])
    found = balancer.weights(np.eye(2), [0.0, 0.0], bounds=bounds[kept])
    assert_allclose(found, [0.0, 0.0])
    balancer.reset()
    balancer.keep(kept)  # before the first call
    found = balancer.weights(np.eye(2), np.ones(2), bounds=bounds[kept])
    assert_allclose(found, [0.25, 0.5])


# WCMGDA -------------------------------------------------------------------------


def looked_ahead(vectors, losses, p, u, weights):
    """The largest preferred loss after the step, and the bound on it from below.

    In the units of the class's Notes. Weak duality makes the second no larger than
    what any step attains, so that where they agree both are optimal.
    """
    c = p * losses / np.linalg.norm(p * losses)
    v = p[:, None] * vectors / np.linalg.norm(p[:, None] * vectors)
    alpha = weights / p / (weights / p).sum()
    combined = alpha @ v
    length = np.linalg.norm(combined)
    step = u * combined / length
    return (c - v @ step).max(), c @ alpha - u * length


@pytest.mark.parametrize("n_objectives", [1, 2, 3, 8, 60])
@pytest.mark.parametrize("u", [1e-3, 0.05, 0.5, 10.0])
def test_the_step_is_the_best_of_its_length(n_objectives, u):
    for seed in range(6):
        rng = np.random.default_rng([n_objectives, seed])
        common = rng.choice([-2.0, 0.0, 2.0], (n_objectives, 1))
        vectors = rng.normal(size=(n_objectives, 2 * n_objectives + 5))
        vectors += common * rng.normal(size=vectors.shape[1])
        losses = rng.uniform(0.7, 1.0, n_objectives)
        p = rng.dirichlet(np.full(n_objectives, 5.0))
        if seed % 2:
            losses /= p * n_objectives  # preferred losses nearly equal
        w = WCMGDA(u).weights(vectors @ vectors.T, losses, preference=p)
        attained, bound = looked_ahead(vectors, losses, p, u, w)
        assert_allclose(attained, bound, rtol=1e-7)


def test_between_the_worst_and_the_shortest():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(5, 12))
    G, losses, p = vectors @ vectors.T, rng.uniform(0.5, 1.0, 5), np.full(5, 0.2)
    for u in (5e-324, 1e-300, 1e-9):
        w = WCMGDA(u).weights(G, losses)
        assert_allclose(w, np.eye(5)[losses.argmax()], atol=1e-12)
    for u in (1e9, 1e300):
        assert_allclose(WCMGDA(u).weights(G, losses), MGDA().weights(G), atol=1e-7)
    # The preferred gradients' shortest combination.
    p = rng.dirichlet(np.ones(5))
    expected = p * MGDA().weights(p[:, None] * G * p)
    found = WCMGDA(1e9).weights(G, losses, preference=p)
    assert_allclose(found, expected / expected.sum(), atol=1e-7)


def test_only_ratios_of_losses_and_gradients_matter():
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(4, 9))
    G, losses = vectors @ vectors.T, rng.uniform(0.9, 1.0, 4)
    expected = WCMGDA().weights(G, losses)
    assert (expected > 0.01).sum() > 1
    for scale in (1e-250, 1e-3, 1e5, 1e250):
        assert_allclose(WCMGDA().weights(G, scale * losses), expected, rtol=1e-9)
        assert_allclose(WCMGDA().weights(scale * G, losses), expected, rtol=1e-6)


def test_opposed_gradients_leave_the_worst():
    """No step helps both: down with the larger, or nowhere if they are close."""
    G = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert_allclose(WCMGDA(0.05).weights(G, [1.0, 0.5]), [1.0, 0.0])
    assert_allclose(WCMGDA(0.05).weights(G, [1.0, 1.0]), [0.5, 0.5])
    assert_allclose(WCMGDA(0.05).weights(G, [1.0, 0.99]), [0.5, 0.5], atol=1e-3)


# LabelAggregation ---------------------------------------------------------------


def drawn(balancer, n_round):
    return balancer.generator(n_round).random(50)


def test_draws_depend_on_the_seed_and_the_round_alone():
    balancer = LabelAggregation(random_state=3)
    rounds = np.array([drawn(balancer, n_round) for n_round in range(3)])
    assert len(np.unique(rounds)) == rounds.size
    balancer.weights(np.eye(2))
    for again in (balancer, LabelAggregation(np.int64(3)), CRMOGM(balancer)):
        assert_array_equal(
            [drawn(again, n_round) for n_round in (2, 0)], rounds[[2, 0]]
        )
    assert (drawn(LabelAggregation(random_state=4), 0) != rounds[0]).all()


def test_estimators_seed_what_draws():
    expected = drawn(LabelAggregation(random_state=3), 1)
    for balancer in (LabelAggregation(), CRMOGM("sla"), CRMOGM(CRMOGM("sla"))):
        assert balancer.draws_labels
        balancer.seed(3)
        assert_array_equal(drawn(balancer, 1), expected)
        balancer.reset()
        assert_array_equal(drawn(balancer, 1), expected)
    own = LabelAggregation(random_state=5)
    own.seed(3)
    assert_array_equal(drawn(own, 1), drawn(LabelAggregation(random_state=5), 1))


@pytest.mark.parametrize("state", [None, np.random.RandomState(0)], ids=["none", "own"])
def test_unseeded_draws_last_until_reset(state):
    balancer = LabelAggregation(random_state=state)
    before = drawn(balancer, 1)
    assert_array_equal(drawn(balancer, 1), before)
    balancer.reset()
    assert (drawn(balancer, 1) != before).all()


def test_only_label_aggregation_draws_labels():
    assert LabelAggregation.draws_labels
    for balancer in (Equal(), Fixed([1.0]), MGDA(), AugmentedLagrangian(), CRMOGM()):
        assert not balancer.draws_labels
