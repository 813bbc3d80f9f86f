"""How objectives of one score are weighed and summed up, round by round."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo import MultiObjectiveEstimator
from skmo.balancing import MGDA, Balancer, Equal, LabelAggregation
from skmo.boosting import JointRows, Limits, OneScoreCoder
from skmo.boosting._direction import Derivatives
from skmo.boosting._joint_rows import relative_lengths
from skmo.boosting._score_gradient import ScoreGradient
from skmo.objectives import SquaredError

NAN = np.nan


class Plain(SquaredError):
    """Squared error in the user's units: figures by hand stay round."""

    standardise = False


class Noting(Balancer):
    """Gives what it was told to and keeps what it was given."""

    needs_gramian = needs_losses = takes_preference = takes_bounds = True
    nonnegative = False

    def __init__(self, given=(1.0, 3.0)):
        self.given = given

    def _weights(self, gramian, losses, preference):
        self.gramian, self.losses, self.preference = gramian, losses, preference
        self.bounds = self._bounds
        return np.array(self.given)


# Around their means of 0 and 1, losses of 0.5 and 2.
Y = np.array([[1.0, 3.0], [-1.0, -1.0]])


def setting(balancer, Y=Y, val=None, preference=None, limits=None, score=0.0):
    """A `ScoreGradient`, what it weighs, and the rows."""
    coder = OneScoreCoder([Plain() for _ in Y.T]).fit(Y, None)
    train = JointRows(coder, Y, None)
    val = None if val is None else JointRows(coder, np.array(val), None)
    gradient = ScoreGradient(balancer, train, val, preference, limits)
    found = Derivatives.room((len(Y), 1), np.empty((len(Y), 1), dtype=np.float32))
    scores = np.full((len(Y), 1), score)
    look = train.gradients(scores, found.gradient, found.hessian)
    found.losses, found.energy = look
    found.losses_val = np.full(Y.shape[1], NAN)
    if val is not None:
        found.losses_val = val.losses(np.full((len(val), 1), score))
    return gradient, found, train


def weigh(gradient, found, n_round=0, active=None):
    active = np.ones(len(found.losses), bool) if active is None else np.array(active)
    return gradient.weigh(n_round, found, active)


@pytest.mark.parametrize(
    ("given", "weights"),
    [((1, 3), (0.25, 0.75)), ((0, 7), (0, 1)), ((-1, 3), (-0.25, 0.75))],
)
def test_sums_by_hand(given, weights):
    """At the score 0 gradients are -y, and losses y² / 2: 0.5 and 2.5."""
    balancer = Noting(given)
    gradient, found, _ = setting(balancer, preference=np.array([1.0, 4.0]))
    round_ = weigh(gradient, found)
    assert_allclose(round_.weights, weights)
    assert_allclose(found.gradient[:, 0], -Y @ weights)
    assert_allclose(found.hessian[:, 0], np.abs(weights).sum())
    assert_array_equal(round_.direction, [1])
    assert round_.direction.dtype == np.float32
    cosine = 4 / np.sqrt(2 * 10)
    assert_allclose(round_.cosines, [[1, cosine], [cosine, 1]], rtol=1e-6)
    assert_allclose(balancer.gramian, np.array([[2, 4], [4, 10]]) / 2)
    assert_allclose(balancer.losses, [0.5 / 0.5, 2.5 / 2])
    assert_allclose(balancer.preference, [0.2, 0.8])
    assert_array_equal(balancer.bounds, np.inf)


def test_balancers_see_gradients_in_units():
    gradient, found, train = setting(balancer := Noting((1, 1)))
    train._unit = relative_lengths(np.array([1.0, 4.0]))  # of a mean of 2
    weigh(gradient, found)
    assert_allclose(balancer.gramian, np.array([[8, 4], [4, 2.5]]) / 2)
    assert_allclose(found.gradient[:, 0], -Y @ [1, 0.25])


@pytest.mark.parametrize("watched", [False, True])
def test_bounds_are_shares_of_the_first_losses(watched):
    """Of 0.5 and 2 on training rows; of 2 and 0.5 on those held out."""
    train = np.array([[np.inf, 3.0], [np.inf, 1.0]])
    limits = Limits(train, train + 1)
    val = [[2.0, 1.0], [-2.0, -1.0]] if watched else None
    for n_round, bound in ((0, 3.0), (1, 1.0), (5, 1.0)):
        gradient, found, _ = setting(balancer := Noting(), val=val, limits=limits)
        weigh(gradient, found, n_round)
        bound = (bound + 1) / 0.5 if watched else bound / 2
        assert_allclose(balancer.bounds, [np.inf, bound])
        losses = [1, 1] if watched else [1, 1.25]
        assert_allclose(balancer.losses, losses)


def test_validation_rows_only_count_for_bounds():
    gradient, found, _ = setting(balancer := Noting(), val=[[2.0, 1], [-2, -1]])
    weigh(gradient, found)
    assert_allclose(balancer.losses, [1, 1.25])


def test_an_objective_that_no_validation_row_observes(recwarn):
    """It is known by its training loss, as a share of the first one there."""
    table = np.array([[np.inf, 1.0]])
    val = [[NAN, 1.0], [NAN, -1.0]]
    gradient, found, _ = setting(
        balancer := Noting(), val=val, limits=Limits(table, table), score=1.0
    )
    weigh(gradient, found)
    # (0 + 2²) / 4 over 0.5; (0 + 2²) / 4 over 0.5 on validation rows.
    assert_allclose(balancer.losses, [2, 2])
    assert not recwarn.list


def test_who_does_not_pull_is_not_asked():
    Y = np.array([[1.0, 0.0, 3.0], [-1.0, 0.0, -1.0]])
    gradient, found, _ = setting(balancer := Noting((1.0, 1.0)), Y)
    round_ = weigh(gradient, found)
    assert_allclose(round_.weights, [0.5, 0, 0.5])
    assert balancer.gramian.shape == (2, 2)
    assert np.isnan(round_.cosines[1]).all()
    round_ = weigh(gradient, found, active=[False, True, False])
    assert_array_equal(round_.weights, 0)
    assert_array_equal(round_.direction, 0)


def test_nothing_is_left_to_do():
    for preference, active in (([0.0, 1.0], [True, False]), (None, [False, False])):
        preference = None if preference is None else np.array(preference)
        gradient, found, _ = setting(Equal(), preference=preference)
        round_ = weigh(gradient, found, active=active)
        assert_array_equal(round_.weights, 0)
        assert_array_equal(round_.direction, 0)


def test_cosines_of_very_many_objectives_are_not_kept():
    rng = np.random.default_rng(0)
    for n_objectives, kept in ((64, True), (65, False)):
        gradient, found, _ = setting(Equal(), rng.normal(size=(5, n_objectives)))
        assert (weigh(gradient, found).cosines is not None) == kept


def test_drawn_labels():
    """Each row has one label's gradient whole; a sixth of them that of the first."""
    Y = np.tile([[1.0, 3.0]], (20_000, 1))
    Y[:, 1] += np.arange(20_000) % 2
    seen = []
    for seed, n_round in ((0, 0), (0, 1), (0, 0), (1, 0)):
        balancer = LabelAggregation(random_state=seed)
        gradient, found, _ = setting(balancer, Y, preference=np.array([1.0, 5.0]))
        round_ = weigh(gradient, found, n_round)
        assert_allclose(round_.weights, [1 / 6, 5 / 6])
        first = found.gradient[:, 0] == -1
        assert_allclose(found.gradient[~first, 0], -Y[~first, 1])
        assert_array_equal(found.hessian, 1)
        assert abs(first.mean() - 1 / 6) < 0.011  # four standard errors
        seen.append(first)
    assert_array_equal(seen[0], seen[2])
    assert 0.2 < (seen[0] != seen[1]).mean() < 0.35
    assert 0.2 < (seen[0] != seen[3]).mean() < 0.35


def half_squares(Y, f):
    return np.nanmean((Y - f[:, None]) ** 2 / 2, axis=0)


def shortest(products):
    """The norm of the min-norm convex combination of two gradients, on a grid."""
    t = np.linspace(0, 1, 100_001)
    a, b, c = products[0, 0], products[0, 1], products[1, 1]
    return np.sqrt(max((t**2 * a + 2 * t * (1 - t) * b + (1 - t) ** 2 * c).min(), 0))


@pytest.mark.parametrize("holes", [False, True])
def test_gap_and_cosines(holes):
    """Against finite differences of the losses.

    By leaf values, along the leaves' indicators scaled to a mean square of 1, and in
    units of the gradients' lengths before the first tree.
    """
    rng = np.random.default_rng(1)
    X = rng.normal(size=(200, 3))
    Y = X[:, :2] * [1, 3] + rng.normal(size=(200, 2))
    if holes:
        Y[::4, 1] = NAN
        Y[1::2, 0] = NAN
    est = MultiObjectiveEstimator(
        ["squared_error"] * 2,
        shared_score=True,
        n_estimators=6,
        num_leaves=5,
        n_jobs=1,
        random_state=0,
    ).fit(X, Y)
    stages = [np.full(200, np.nanmean(Y, axis=0).mean()), *est.staged_predict(X)]
    share = (~np.isnan(Y)).mean(axis=0)
    g = np.nan_to_num(stages[0][:, None] - Y) / share
    unit = np.sqrt((g**2).mean(axis=0))
    for t, leaf in enumerate(est.apply(X).T):
        g = np.nan_to_num(stages[t][:, None] - Y)
        cosine = g[:, 0] @ g[:, 1] / np.sqrt((g[:, 0] @ g[:, 0]) * (g[:, 1] @ g[:, 1]))
        assert_allclose(est.history_["cosines"][t, 0, 1], cosine, rtol=1e-3, atol=1e-5)
        slopes = []
        for j in np.unique(leaf):
            step = 1e-4 * (leaf == j) / np.sqrt((leaf == j).mean())
            up, down = (half_squares(Y, stages[t] + s * step) for s in (1, -1))
            slopes.append((up - down) / 2e-4 / unit)
        products = np.transpose(slopes) @ np.array(slopes)
        assert_allclose(est.history_["gap"][t], shortest(products), rtol=2e-3)


def test_the_balancer_steers_towards_the_pareto_set():
    """With all weight on either side, one objective is left alone."""
    gradient, found, _ = setting(MGDA(), np.array([[1.0, -1.0], [1.0, -1.0]]))
    round_ = weigh(gradient, found)
    assert_allclose(round_.weights, [0.5, 0.5])
    assert_allclose(found.gradient, 0, atol=1e-7)
    assert_allclose(round_.cosines[0, 1], -1)
