"""The losses of a funnel's stages: derivatives, values, identities, exactness."""

from __future__ import annotations

import itertools
import pickle
import re
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, log_expit, logit
from sklearn.base import clone

from skmo.objectives import (
    STAGE_LOSSES,
    Binary,
    ConditionalLoss,
    DoublyRobustLoss,
    EntireSpaceLoss,
    InversePropensityLoss,
    Stage,
    StageDerivatives,
    StageLoss,
    get_stage_losses,
    log_cumulative,
)

STEP = 1e-5
NAN = np.nan
LOSSES = list(STAGE_LOSSES.values())
each_loss = pytest.mark.parametrize("loss", [cls() for cls in LOSSES], ids=STAGE_LOSSES)
each_length = pytest.mark.parametrize("n_stages", [1, 2, 3, 5])
# What may be known of a row: (reached, target). The first stage has no stage before
# it that might not be reached.
OUTCOMES_OF_FIRST = [(1, 0), (1, 1), (1, NAN)]
OUTCOMES = [*OUTCOMES_OF_FIRST, (0, 0), (0, NAN), (NAN, 0), (NAN, 1), (NAN, NAN)]


def make_stage(score, reached, target, imputed=0.3):
    """A stage whose outcome and imputation may be scalars."""
    score = np.atleast_2d(np.asarray(score, dtype=np.float64))
    reached, target, imputed = (
        np.broadcast_to(np.asarray(part, dtype=np.float64), len(score))
        for part in (reached, target, imputed)
    )
    return Stage(score, target, reached, imputed)


def random_stage(n_stages, n_repeats=6, seed=0):
    """Every outcome several times, with other scores and imputations."""
    rng = np.random.default_rng(seed)
    outcomes = np.array(OUTCOMES if n_stages > 1 else OUTCOMES_OF_FIRST, dtype=float)
    reached, target = np.tile(outcomes, (n_repeats, 1)).T
    score = 1.5 * rng.normal(size=(len(target), n_stages))
    return make_stage(score, reached, target, rng.uniform(size=len(target)))


def with_score(stage, score):
    return Stage(score, stage.target, stage.reached, stage.imputed)


def slopes(loss, stage, part):
    """Central differences of one part of the derivatives, by each score.

    Of shape (n_stages, n_samples) for the loss, with the parts' columns after them.
    """
    found = []
    for s in range(stage.score.shape[1]):
        shift = np.zeros_like(stage.score)
        shift[:, s] = STEP
        above, below = (
            getattr(loss.derivatives(with_score(stage, score)), part)
            for score in (stage.score + shift, stage.score - shift)
        )
        found.append((above - below) / (2 * STEP))
    return np.array(found)


def expectation(loss, score, function):
    """Mean of a function of the stage over its outcomes, drawn from the model."""
    cumulative = np.exp(log_cumulative(score))
    happened = cumulative[:, -1]
    before = cumulative[:, -2] if score.shape[1] > 1 else np.ones(len(score))
    chances = {(0, 0): 1 - before, (1, 0): before - happened, (1, 1): happened}
    return sum(
        chance[:, np.newaxis] * function(make_stage(score, *outcome))
        for outcome, chance in chances.items()
    )


# --------------------------------------------------------------------------------
# What every loss of the registry promises.
# --------------------------------------------------------------------------------


@each_loss
@each_length
def test_gradient_is_the_derivative_of_the_loss(loss, n_stages):
    stage = random_stage(n_stages)
    gradient = loss.derivatives(stage).gradient
    by_score = slopes(loss, stage, "loss").T
    assert_allclose(gradient[:, -1], by_score[:, -1], rtol=1e-7, atol=1e-9)
    if loss.coupled:
        assert_allclose(gradient, by_score, rtol=1e-7, atol=1e-9)
    else:
        # What it reads of earlier scores, as propensities, it takes as given.
        assert_array_equal(gradient[:, :-1], 0)


@each_loss
@each_length
def test_curvature_is_the_expected_second_derivative(loss, n_stages):
    score = 1.5 * np.random.default_rng(1).normal(size=(40, n_stages))

    def second(stage):
        by_score = np.einsum("sis->is", slopes(loss, stage, "gradient"))
        if not loss.coupled:
            by_score[:, :-1] = 0
        return by_score

    expected = expectation(loss, score, second)
    found = expectation(loss, score, lambda stage: loss.derivatives(stage).curvature)
    assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("cls", [ConditionalLoss, InversePropensityLoss])
@each_length
def test_curvature_is_the_second_derivative_of_every_row(cls, n_stages):
    stage = random_stage(n_stages)
    second = slopes(cls(), stage, "gradient")[-1, :, -1]
    curvature = cls().derivatives(stage).curvature
    assert_allclose(curvature[:, -1], second, rtol=1e-7, atol=1e-9)
    assert_array_equal(curvature[:, :-1], 0)


@each_length
def test_curvature_of_doubly_robust_is_the_second_derivative_too(n_stages):
    stage = random_stage(n_stages)
    second = slopes(DoublyRobustLoss(), stage, "gradient")[-1, :, -1]
    curvature = DoublyRobustLoss().derivatives(stage).curvature
    assert_allclose(curvature[:, -1], second, rtol=1e-7, atol=1e-9)
    # Of every row that counts, also of those that did not reach the stage before.
    counted = DoublyRobustLoss().counted(stage)
    p = expit(stage.log_odds)
    assert_allclose(curvature[:, -1], counted * p * (1 - p), rtol=1e-12)


@pytest.mark.parametrize("cls", [EntireSpaceLoss, ConditionalLoss])
@each_length
def test_curvature_of_likelihoods_is_the_fisher_information(cls, n_stages):
    # Of a negative log-likelihood the mean square of the gradient is the mean of
    # the second derivative, and the mean of the gradient is 0.
    score = 1.5 * np.random.default_rng(2).normal(size=(40, n_stages))

    def mean(function):
        return expectation(cls(), score, lambda s: function(cls().derivatives(s)))

    curvature = mean(lambda found: found.curvature)
    assert_allclose(mean(lambda found: found.gradient**2), curvature, rtol=1e-10)
    assert_allclose(mean(lambda found: found.gradient), 0, atol=1e-14)


@each_loss
def test_the_first_stage_has_the_plain_log_loss(loss):
    score = np.linspace(-30, 30, 61)[:, np.newaxis]
    # It is never imputed, which may be passed as NaN.
    for target, imputed in itertools.product((0.0, 1.0), (0.3, NAN)):
        stage = make_stage(score, 1, target, imputed)
        found = loss.derivatives(stage)
        gradient, hessian = np.empty((2, 61))
        Binary().gradient_hessian(stage.target, stage.log_odds, gradient, hessian)
        plain = Binary().loss(stage.target, stage.log_odds)
        assert_allclose(found.loss, plain, rtol=1e-10)
        assert_allclose(found.gradient[:, 0], gradient, rtol=1e-10)
        p = expit(stage.log_odds)
        assert_allclose(found.curvature[:, 0], p * expit(-stage.log_odds), rtol=1e-10)


@each_loss
@each_length
def test_rows_that_do_not_count_are_exactly_zero(loss, n_stages):
    stage = random_stage(n_stages)
    counted = loss.counted(stage)
    assert counted.dtype == bool
    assert not counted[np.isnan(stage.target) & ~(stage.reached == 0)].any()
    assert counted[(stage.reached == 1) & ~np.isnan(stage.target)].all()
    found = loss.derivatives(stage)
    for part in found:
        assert np.isfinite(part).all()
        assert_array_equal(part[~counted], 0)
    # And nothing reads what they hold.
    other = Stage(
        np.where(counted[:, np.newaxis], stage.score, 3.0),
        stage.target,
        stage.reached,
        np.where(counted, stage.imputed, NAN),
    )
    for part, same in zip(found, loss.derivatives(other), strict=True):
        assert_array_equal(part, same)


@pytest.mark.parametrize(
    ("cls", "counted"),
    [
        # In the order of OUTCOMES.
        (EntireSpaceLoss, [True, True, False, True, False, True, True, False]),
        (ConditionalLoss, [True, True, *[False] * 6]),
        (InversePropensityLoss, [True, True, False, True, True, *[False] * 3]),
        (DoublyRobustLoss, [True, True, False, True, True, *[False] * 3]),
    ],
)
def test_which_rows_count(cls, counted):
    stage = random_stage(2, n_repeats=1)
    assert_array_equal(cls().counted(stage), counted)


@each_loss
@each_length
def test_rows_are_by_themselves_and_input_is_left_alone(loss, n_stages):
    stage = random_stage(n_stages)
    parts = (stage.score, stage.target, stage.reached, stage.imputed)
    before = [part.copy() for part in parts]
    found = loss.derivatives(stage)
    assert isinstance(found, StageDerivatives)
    assert found.loss.shape == stage.target.shape
    assert found.gradient.shape == found.curvature.shape == stage.score.shape
    rows = np.random.default_rng(3).permutation(len(stage.target))[::2]
    again = loss.derivatives(Stage(*(part[rows] for part in parts)))
    for part, some in zip(found, again, strict=True):
        assert_array_equal(part[rows], some)
    for part, copy in zip(parts, before, strict=True):
        assert_array_equal(part, copy)


@each_loss
def test_flags_say_what_is_read(loss):
    stage = random_stage(3)
    found = loss.derivatives(stage)
    moved = stage.score.copy()
    moved[:, :-1] += 0.5
    unmoved = np.array_equal(
        loss.derivatives(with_score(stage, moved)).loss, found.loss
    )
    assert unmoved != loss.reads_earlier
    assert (found.gradient[:, :-1] != 0).any() == loss.coupled
    assert loss.reads_earlier or not loss.coupled
    if not loss.needs_imputed:
        without = Stage(stage.score, stage.target, stage.reached)
        assert_array_equal(loss.derivatives(without).loss, found.loss)


@each_loss
def test_clone_repr_and_pickle(loss):
    for copy in (clone(loss), pickle.loads(pickle.dumps(loss))):
        assert copy is not loss
        assert type(copy) is type(loss)
        assert copy.get_params() == loss.get_params()
    names = {cls.__name__: cls for cls in LOSSES}
    assert eval(repr(loss), names).get_params() == loss.get_params()


# --------------------------------------------------------------------------------
# Values by hand.
# --------------------------------------------------------------------------------

LOG = np.log
# name: (probabilities, reached, target, imputed), loss, gradient, curvature. With
# p, q, r for the first three stages' probabilities and P for their product.
BY_HAND = {
    "entire_space": [
        # p = q = 1/2, P = 1/4. y = 1: log(1/P); -(1 - p). Curvature (1 - p)^2 P /
        # (1 - P) = 1/4 / 3
        (([1 / 2, 1 / 2], 1, 1, 0), LOG(4), [-1 / 2, -1 / 2], [1 / 12, 1 / 12]),
        # y = 0: log(1 / (3/4)); (1 - p) P / (1 - P) = 1/2 / 3
        (([1 / 2, 1 / 2], 1, 0, 0), LOG(4 / 3), [1 / 6, 1 / 6], [1 / 12, 1 / 12]),
        # The same whether the stage before was reached or not.
        (([1 / 2, 1 / 2], 0, 0, 0), LOG(4 / 3), [1 / 6, 1 / 6], [1 / 12, 1 / 12]),
        # p = 3/4, q = 1/3, P = 1/4: 1/4 / 3 and 2/3 / 3; 1/16 / 3 and 4/9 / 3
        (([3 / 4, 1 / 3], 1, 0, 0), LOG(4 / 3), [1 / 12, 2 / 9], [1 / 48, 4 / 27]),
        (([3 / 4, 1 / 3], 1, 1, 0), LOG(4), [-1 / 4, -2 / 3], [1 / 48, 4 / 27]),
        # p = q = 9/10, P = 81/100: 1/10 * 81/19; its square / 100 of P / (1 - P)
        (
            ([9 / 10, 9 / 10], 1, 0, 0),
            LOG(100 / 19),
            [81 / 190, 81 / 190],
            [81 / 1900, 81 / 1900],
        ),
        # p = 1/2, q = 2/3, r = 3/4, P = 1/4: 1/2, 1/3 and 1/4, each / 3;
        # 1/4, 1/9 and 1/16, each / 3
        (
            ([1 / 2, 2 / 3, 3 / 4], 1, 0, 0),
            LOG(4 / 3),
            [1 / 6, 1 / 9, 1 / 12],
            [1 / 12, 1 / 27, 1 / 48],
        ),
        (
            ([1 / 2, 2 / 3, 3 / 4], 1, 1, 0),
            LOG(4),
            [-1 / 2, -1 / 3, -1 / 4],
            [1 / 12, 1 / 27, 1 / 48],
        ),
    ],
    "conditional": [
        # r = 3/4 and nothing of the others: r - y, r (1 - r)
        (([1 / 2, 2 / 3, 3 / 4], 1, 0, 0), LOG(4), [0, 0, 3 / 4], [0, 0, 3 / 16]),
        (([1 / 2, 2 / 3, 3 / 4], 1, 1, 0), LOG(4 / 3), [0, 0, -1 / 4], [0, 0, 3 / 16]),
        (([1 / 2, 2 / 3, 3 / 4], 0, 0, 0), 0, [0, 0, 0], [0, 0, 0]),
    ],
    "ips": [
        # The propensity p q = 1/3 makes the conditional loss times 3.
        (([1 / 2, 2 / 3, 3 / 4], 1, 0, 0), 3 * LOG(4), [0, 0, 9 / 4], [0, 0, 9 / 16]),
        # p = 1/100 counts as 1/20: times 20
        (([1 / 100, 3 / 4], 1, 1, 0), 20 * LOG(4 / 3), [0, -5], [0, 15 / 4]),
        (([1 / 100, 3 / 4], 0, 0, 0), 0, [0, 0], [0, 0]),
    ],
    "dr": [
        # Not reached: the log loss against 1/5
        (
            ([1 / 2, 3 / 4], 0, 0, 1 / 5),
            LOG(4 / 3) / 5 + 4 * LOG(4) / 5,
            [0, 11 / 20],
            [0, 3 / 16],
        ),
        # 1/5 + 2 (1 - 1/5) = 9/5; 3/4 - 9/5
        (
            ([1 / 2, 3 / 4], 1, 1, 1 / 5),
            9 * LOG(4 / 3) / 5 - 4 * LOG(4) / 5,
            [0, -21 / 20],
            [0, 3 / 16],
        ),
        # 1/5 + 2 (0 - 1/5) = -1/5; 3/4 + 1/5
        (
            ([1 / 2, 3 / 4], 1, 0, 1 / 5),
            -LOG(4 / 3) / 5 + 6 * LOG(4) / 5,
            [0, 19 / 20],
            [0, 3 / 16],
        ),
        # p q = 1/3, at r = 1/2: 1/4 + 3 (1 - 1/4) = 5/2; 1/2 - 5/2. At 1/2 the log
        # loss is log 2 against any outcome.
        (([1 / 2, 2 / 3, 1 / 2], 1, 1, 1 / 4), LOG(2), [0, 0, -2], [0, 0, 1 / 4]),
        # p = 1/100 counts as 1/20: 1/4 + 20 (0 - 1/4) = -19/4; 1/2 + 19/4
        (([1 / 100, 1 / 2], 1, 0, 1 / 4), LOG(2), [0, 21 / 4], [0, 1 / 4]),
    ],
}


def test_every_loss_has_values_by_hand():
    assert set(BY_HAND) == set(STAGE_LOSSES)


@pytest.mark.parametrize(
    ("name", "given", "value", "gradient", "curvature"),
    [(name, *row) for name, rows in BY_HAND.items() for row in rows],
)
def test_by_hand(name, given, value, gradient, curvature):
    chances, *outcome = given
    found = STAGE_LOSSES[name]().derivatives(make_stage(logit(chances), *outcome))
    assert_allclose(found.loss, [value], rtol=1e-12)
    assert_allclose(found.gradient, [gradient], rtol=1e-12)
    assert_allclose(found.curvature, [curvature], rtol=1e-12)


# --------------------------------------------------------------------------------
# The signs on one score that several stages' entire-space losses share.
# --------------------------------------------------------------------------------


def pulls(score, depth):
    """Gradients of all stages' entire-space losses for rows that came to a depth.

    ``pulls(...)[k][:, s]`` is that of stage k by the score of stage s, for rows
    that reached the first ``depth`` stages and no more.
    """
    return [
        EntireSpaceLoss()
        .derivatives(make_stage(score[:, : k + 1], float(depth >= k), float(depth > k)))
        .gradient
        for k in range(score.shape[1])
    ]


def many_scores(n_stages):
    """A grid and random draws, with products of the chances from 0 to 1."""
    grid = (-8.0, -2.0, -0.5, 0.0, 0.5, 2.0, 8.0)
    rng = np.random.default_rng(4)
    drawn = rng.uniform(-2, 4, size=(500, n_stages))
    return np.vstack([list(itertools.product(grid, repeat=n_stages)), drawn])


def test_click_and_conversion_pull_apart_where_a_click_did_not_convert():
    score = many_scores(2)
    p, q = expit(score).T
    not_p = expit(-score[:, 0])
    click, conversion = (pull[:, 0] for pull in pulls(score, depth=1))
    assert_allclose(click, -not_p, rtol=1e-12)
    assert_allclose(conversion, p * q * not_p / (1 - p * q), rtol=1e-10)
    assert (click < 0).all()
    assert (conversion > 0).all()
    # The cosine of two gradients that are scalars is the product of their signs.
    assert_array_equal(np.sign(click) * np.sign(conversion), -1)


def test_the_sum_lowers_a_clicked_row_where_its_conversion_is_likely():
    score = many_scores(2)
    p, q = expit(score).T
    both = sum(pull[:, 0] for pull in pulls(score, depth=1))
    expected = -expit(-score[:, 0]) * (1 - 2 * p * q) / (1 - p * q)
    assert_allclose(both, expected, rtol=1e-9, atol=1e-15)
    reversed_ = p * q > 1 / 2
    assert 0 < reversed_.mean() < 1
    assert_array_equal(both > 0, reversed_)


def test_the_sum_vanishes_where_the_conversion_is_even_chances():
    # p q = 1/2, with p from 1/2 on.
    p = np.array([0.51, 0.6, np.sqrt(0.5), 0.9, 0.999])
    score = logit(np.column_stack([p, 0.5 / p]))
    assert_allclose(sum(pull[:, 0] for pull in pulls(score, 1)), 0, atol=1e-15)


@pytest.mark.parametrize("depth", [0, 2])
def test_click_and_conversion_agree_on_all_other_rows(depth):
    click, conversion = (pull[:, 0] for pull in pulls(many_scores(2), depth))
    assert_array_equal(np.sign(click), np.sign(conversion))
    assert_array_equal(np.sign(click), -1 if depth else 1)


@pytest.mark.parametrize("n_stages", [2, 3, 4])
def test_which_outcomes_are_in_conflict(n_stages):
    # Stages s < k pull apart on the score of s exactly where s was reached and k
    # was not; on all other rows they agree. With the outcome as a depth, that is
    # s < depth <= k. Their sum moves s the wrong way exactly where P_k > 1/2.
    score = many_scores(n_stages) if n_stages < 4 else many_scores(4)[::3]
    chance = np.exp(log_cumulative(score))
    seen = set()
    for depth in range(n_stages + 1):
        pull = pulls(score, depth)
        for s, k in itertools.combinations(range(n_stages), 2):
            own, later = pull[s][:, s], pull[k][:, s]
            conflict = s < depth <= k
            seen.add(conflict)
            assert_array_equal(np.sign(own) * np.sign(later), -1 if conflict else 1)
            if conflict:
                clear = abs(chance[:, k] - 1 / 2) > 1e-12
                wrong_way = (own + later > 0) & clear
                assert_array_equal(wrong_way, (chance[:, k] > 1 / 2) & clear)
            else:
                assert_array_equal(np.sign(own + later), np.sign(own))
    assert seen == {False, True}


@pytest.mark.parametrize("depth", [1, 2])
def test_three_stages_together_reverse_where_the_odds_outweigh_those_reached(depth):
    # By the first score: -(1 - p) of each stage reached, (1 - p) P_k / (1 - P_k) of
    # each that was not. They reverse where these odds add up to more than `depth`.
    score = many_scores(3)
    pull = np.array([each[:, 0] for each in pulls(score, depth)])
    odds = np.exp(log_cumulative(score))
    odds = (odds / (1 - odds))[:, depth:].sum(axis=1)
    assert_allclose(pull.sum(axis=0), expit(-score[:, 0]) * (odds - depth), atol=1e-12)
    assert_array_equal(pull.sum(axis=0) > 0, odds > depth)
    assert 0 < np.mean(odds > depth) < 1


@pytest.mark.parametrize("name", STAGE_LOSSES)
def test_losses_that_are_not_coupled_have_no_conflict(name):
    loss = STAGE_LOSSES[name]()
    gradient = loss.derivatives(make_stage(many_scores(2), 1, 0)).gradient
    assert (gradient[:, 0] > 0).all() == loss.coupled


# --------------------------------------------------------------------------------
# Identities of the losses that weight by propensities.
# --------------------------------------------------------------------------------

CERTAIN = 800.0  # log-odds whose probability is 1 in double precision


def random_scores(n_stages, low=0.2, seed=5):
    chances = np.random.default_rng(seed).uniform(low, 0.95, size=(50, n_stages))
    return logit(chances)


def propensities(score):
    return np.exp(log_cumulative(score)[:, -2])


@pytest.mark.parametrize("n_stages", [2, 3])
@pytest.mark.parametrize("target", [0, 1])
def test_ips_is_conditional_over_the_propensity(n_stages, target):
    stage = make_stage(random_scores(n_stages, low=0.3), 1, target)
    weight = 1 / propensities(stage.score)
    found = InversePropensityLoss(min_propensity=0.05).derivatives(stage)
    plain = ConditionalLoss().derivatives(stage)
    assert_allclose(found.loss, weight * plain.loss, rtol=1e-12)
    for part in ("gradient", "curvature"):
        expected = weight[:, np.newaxis] * getattr(plain, part)
        assert_allclose(getattr(found, part), expected, rtol=1e-12)


@pytest.mark.parametrize("cls", [InversePropensityLoss, DoublyRobustLoss])
@pytest.mark.parametrize("least", [0.05, 0.3, 1.0, 1])
def test_propensities_are_raised_to_the_least(cls, least):
    score = np.column_stack([np.linspace(-6, 6, 25), np.full(25, 0.7)])
    raised = score.copy()
    with np.errstate(divide="ignore"):
        raised[:, 0] = np.maximum(score[:, 0], logit(least))
    found, expected = (
        cls(least).derivatives(make_stage(part, 1, 1)).gradient
        for part in (score, np.clip(raised, -CERTAIN, CERTAIN))
    )
    assert_allclose(found, expected, rtol=1e-12)
    if least == 1 and cls is InversePropensityLoss:
        plain = ConditionalLoss().derivatives(make_stage(score, 1, 1)).gradient
        assert_array_equal(found, plain)


@pytest.mark.parametrize("cls", [InversePropensityLoss, DoublyRobustLoss])
@pytest.mark.parametrize("target", [0, 1])
def test_a_propensity_of_one_gives_the_conditional_loss(cls, target):
    score = random_scores(3)
    score[:, :-1] = CERTAIN
    stage = make_stage(score, 1, target, np.linspace(0, 1, len(score)))
    found, plain = (loss.derivatives(stage) for loss in (cls(), ConditionalLoss()))
    for part, expected in zip(found, plain, strict=True):
        assert_allclose(part, expected, rtol=1e-14)


@pytest.mark.parametrize("target", [0, 1])
def test_an_imputation_that_is_the_outcome_needs_no_correction(target):
    # Whatever the propensity, which is clipped for some rows here.
    score = random_scores(3, low=0.01)
    stage = make_stage(score, 1, target, target)
    found = DoublyRobustLoss().derivatives(stage)
    for part, plain in zip(found, ConditionalLoss().derivatives(stage), strict=True):
        assert_allclose(part, plain, rtol=1e-14)


@pytest.mark.parametrize("outcome", [(0, 0), (1, 0), (1, 1)])
def test_imputing_the_models_own_prediction_has_the_gradient_of_ips(outcome):
    score = random_scores(2, low=0.01)
    stage = make_stage(score, *outcome, expit(score[:, -1]))
    robust = DoublyRobustLoss().derivatives(stage).gradient
    weighted = InversePropensityLoss().derivatives(stage).gradient
    assert_allclose(robust, weighted, rtol=1e-11, atol=1e-14)


def mean_over_rows_seen(loss, score, seen, rate, imputed):
    """Mean derivatives over o ~ Bernoulli(seen) and z ~ Bernoulli(rate).

    The outcome of rows not seen is 0, as that of rows that were not clicked.
    """
    mean = [0.0, 0.0, 0.0]
    for o, z in itertools.product((0, 1), repeat=2):
        chance = (seen if o else 1 - seen) * (rate if z else 1 - rate)
        found = loss.derivatives(make_stage(score, o, o * z, imputed))
        mean = [
            total + (chance * part.T).T for total, part in zip(mean, found, strict=True)
        ]
    return StageDerivatives(*mean)


def everybody(score, rate):
    """Mean derivatives of the log loss, had all rows reached the stage before."""
    p = expit(score[:, -1])
    loss = -rate * log_expit(score[:, -1]) - (1 - rate) * log_expit(-score[:, -1])
    gradient, curvature = np.zeros((2, *score.shape))
    gradient[:, -1], curvature[:, -1] = p - rate, p * (1 - p)
    return StageDerivatives(loss, gradient, curvature)


@pytest.mark.parametrize("n_stages", [2, 3])
@pytest.mark.parametrize(
    ("loss", "truth"),
    [
        # The propensities are right; the imputation, if any is read, is not.
        (InversePropensityLoss(0.01), "propensity"),
        (DoublyRobustLoss(0.01), "propensity"),
        # The imputation is right; the propensities are wrong, and clipped besides.
        (DoublyRobustLoss(0.6), "imputed"),
    ],
)
def test_unbiased_if_either_model_is_right(loss, truth, n_stages):
    rng = np.random.default_rng(6)
    score = random_scores(n_stages)
    rate, other = rng.uniform(size=(2, len(score)))
    right = propensities(score)
    seen = right if truth == "propensity" else rng.uniform(size=len(score))
    imputed = rate if truth == "imputed" else other
    found = mean_over_rows_seen(loss, score, seen, rate, imputed)
    for part, expected in zip(found, everybody(score, rate), strict=True):
        assert_allclose(part, expected, rtol=1e-11, atol=1e-13)


def test_biased_if_both_models_are_wrong_and_by_the_clip():
    score = random_scores(2)
    rate = np.random.default_rng(7).uniform(size=len(score))
    seen = propensities(score)
    # E[o / max(P, m)] = P / m where P < m: the mean is that much too small.
    clipped = mean_over_rows_seen(InversePropensityLoss(0.5), score, seen, rate, 0.0)
    shrink = np.minimum(seen / 0.5, 1.0)
    expected = shrink[:, np.newaxis] * everybody(score, rate).gradient
    assert_allclose(clipped.gradient, expected, rtol=1e-11, atol=1e-13)
    assert (shrink < 1).any()
    # And doubly robust is off by (P / m - 1) (imputed - rate).
    robust = mean_over_rows_seen(DoublyRobustLoss(0.5), score, seen, rate, 0.9)
    error = (robust.gradient - everybody(score, rate).gradient)[:, -1]
    assert_allclose(error, (1 - shrink) * (rate - 0.9), rtol=1e-10, atol=1e-13)


# --------------------------------------------------------------------------------
# Exactness and safety at scores of any size.
# --------------------------------------------------------------------------------

SIZES = (1e-8, 1.0, 20.0, 40.0, 100.0, 700.0, 1e4)
EXTREMES = [sign * size for size in SIZES for sign in (-1, 1)]


def extreme_scores(n_stages):
    return np.array(list(itertools.product(EXTREMES, repeat=n_stages)))


@each_loss
@pytest.mark.parametrize("n_stages", [1, 2, 3])
def test_extreme_scores_give_finite_bounded_numbers_without_warnings(loss, n_stages):
    score = extreme_scores(n_stages)
    outcomes = OUTCOMES if n_stages > 1 else OUTCOMES_OF_FIRST
    # Weights are at most one over the least propensity, and so are gradients: p - z
    # of a doubly robust row lies between its weight's negative and its weight.
    bound = 1 / getattr(loss, "min_propensity", 1.0) + 1e-12
    for outcome, imputed in itertools.product(outcomes, (0.0, 0.3, 1.0)):
        with np.errstate(all="raise", under="ignore"):
            found = loss.derivatives(make_stage(score, *outcome, imputed))
        assert all(np.isfinite(part).all() for part in found)
        assert np.abs(found.gradient).max() <= bound
        assert found.curvature.min() >= 0
        assert found.curvature.max() <= bound / 4
        if not loss.needs_imputed:
            assert found.loss.min() >= 0


@pytest.mark.parametrize("n_stages", [1, 2, 3])
def test_the_entire_space_gradient_has_its_sign_and_bound(n_stages):
    score = extreme_scores(n_stages)
    up, down = (
        EntireSpaceLoss().derivatives(make_stage(score, 1, target)).gradient
        for target in (1, 0)
    )
    # -(1 - p_s), and (1 - p_s) P / (1 - P) <= P as 1 - P >= 1 - p_s.
    assert (up <= 0).all()
    assert (up >= -1).all()
    assert (down >= 0).all()
    assert (down <= np.exp(log_cumulative(score)[:, [-1]]) * (1 + 1e-11)).all()


class Exact:
    """One row's probabilities to 60 digits, without any difference of close numbers.

    With e = exp(-f) of each stage, 1 / P is the product of all 1 + e, and 1 / P - 1
    the sum of the products of the e over all subsets but the empty one.
    """

    def __init__(self, score):
        self.e = [exact_exp(-f) for f in score]
        self.not_p = [e / (1 + e) for e in self.e]
        self.excess = Decimal(0)
        for e in self.e:
            self.excess += e + self.excess * e
        # P / (1 - P), -log P and -log(1 - P).
        self.odds = 1 / self.excess
        self.surprise = sum(log_of_one_plus(e) for e in self.e)
        self.rest = log_of_one_plus(self.odds)


LEAST = Decimal(str(InversePropensityLoss().min_propensity))
_exponentials: dict[float, Decimal] = {}


def exact_exp(value):
    if value not in _exponentials:
        _exponentials[value] = Decimal(value).exp()
    return _exponentials[value]


def log_of_one_plus(x):
    if x < Decimal("1e-15"):
        return x - x**2 / 2 + x**3 / 3 - x**4 / 4
    return (1 + x).ln()


def exact_entire_space(score, happened):
    exact = Exact(score)
    if happened:
        return exact.surprise, [-not_p for not_p in exact.not_p]
    return exact.rest, [not_p * exact.odds for not_p in exact.not_p]


def exact_conditional(score, happened):
    own = Exact(score[-1:])
    gradient = -own.not_p[0] if happened else 1 / (1 + own.e[0])
    loss = own.surprise if happened else own.rest
    return loss, [Decimal(0)] * (len(score) - 1) + [gradient]


def exact_ips(score, happened):
    loss, gradient = exact_conditional(score, happened)
    if len(score) > 1:
        propensity = max(1 / (1 + Exact(score[:-1]).excess), LEAST)
        loss, gradient = loss / propensity, [g / propensity for g in gradient]
    return loss, gradient


@pytest.mark.parametrize("n_stages", [1, 2, 3])
@pytest.mark.parametrize("happened", [0, 1])
@pytest.mark.parametrize(
    ("name", "exact"),
    [
        ("entire_space", exact_entire_space),
        ("conditional", exact_conditional),
        ("ips", exact_ips),
    ],
)
def test_exact_for_scores_of_any_size(name, exact, happened, n_stages):
    # Also between the sizes, where the forms of the formulas take turns.
    score = extreme_scores(n_stages)[:: 1 if n_stages < 3 else 5]
    rng = np.random.default_rng(8)
    magnitude = 10 ** rng.uniform(-6, 3, size=(300, n_stages))
    score = np.vstack([score, rng.choice([-1, 1], size=magnitude.shape) * magnitude])
    found = STAGE_LOSSES[name]().derivatives(make_stage(score, 1, happened))
    with localcontext() as context:
        context.prec = 60
        rows = [exact(list(map(float, row)), happened) for row in score]
    loss = np.array([float(row[0]) for row in rows])
    gradient = np.array([[float(part) for part in row[1]] for row in rows])
    # What is below 1e-300 loses digits by being denormal.
    assert_allclose(found.loss, loss, rtol=1e-11, atol=1e-300)
    assert_allclose(found.gradient, gradient, rtol=1e-11, atol=1e-300)


@pytest.mark.parametrize("outcome", [(0, 0), (1, 0), (1, 1)])
def test_doubly_robust_loses_nothing_but_what_its_pseudo_outcome_cancels(outcome):
    # In rational arithmetic, from the probabilities in double precision.
    score = np.array(list(itertools.product((-40, -1.0, 1e-8, 1.0, 40), repeat=2)))
    imputed = 0.3
    found = DoublyRobustLoss().derivatives(make_stage(score, *outcome, imputed))
    for i, (a, b) in enumerate(score):
        propensity = max(Fraction(float(expit(a))), Fraction(0.05))
        z = (
            Fraction(imputed)
            + outcome[0] * (outcome[1] - Fraction(imputed)) / propensity
        )
        gradient = (1 - z) * Fraction(float(expit(b))) - z * Fraction(float(expit(-b)))
        loss = -z * Fraction(float(log_expit(b))) - (1 - z) * Fraction(
            float(log_expit(-b))
        )
        assert_allclose(found.gradient[i, -1], float(gradient), rtol=1e-12, atol=1e-14)
        assert_allclose(found.loss[i], float(loss), rtol=1e-12, atol=1e-13)


# --------------------------------------------------------------------------------
# The chances to come as far as each stage, the registry, what a stage holds.
# --------------------------------------------------------------------------------


@each_length
def test_log_cumulative(n_stages):
    score = np.random.default_rng(9).normal(size=(30, n_stages))
    assert_allclose(np.exp(log_cumulative(score)), np.cumprod(expit(score), axis=1))
    assert log_cumulative(score.astype(np.float32)).dtype == np.float64
    extreme = np.random.default_rng(9).choice(EXTREMES, size=(300, n_stages))
    with np.errstate(all="raise", under="ignore"):
        found = log_cumulative(extreme)
    assert np.isfinite(found).all()
    assert (found <= 0).all()
    assert (np.diff(found, axis=1) <= 0).all()


def test_a_stage_knows_its_own_rows():
    stage = random_stage(2, n_repeats=1)
    assert_array_equal(stage.log_odds, stage.score[:, 1])
    assert_array_equal(stage.on_its_rows, [True, True, *[False] * 6])
    with pytest.raises(AttributeError):
        stage.target = stage.reached


@pytest.mark.parametrize("name", STAGE_LOSSES)
def test_by_name_class_and_instance(name):
    cls = STAGE_LOSSES[name]
    instance = cls()
    for spec in (name, cls, instance):
        ((found, weight),) = get_stage_losses(spec)
        assert type(found) is cls
        assert found is not instance  # what happens to one is not the other's
        assert weight == 1


def test_a_mix_keeps_its_order_and_leaves_out_weights_of_zero():
    mix = {"ips": 2, "dr": 0.0, "entire_space": np.float32(0.5)}
    found = get_stage_losses(mix)
    assert [(type(loss), weight) for loss, weight in found] == [
        (InversePropensityLoss, 2.0),
        (EntireSpaceLoss, 0.5),
    ]
    assert all(type(weight) is float for _, weight in found)
    assert mix == {"ips": 2, "dr": 0.0, "entire_space": 0.5}


def test_min_propensity_is_for_losses_made_from_names():
    mix = {"ips": 1.0, "conditional": 1.0, InversePropensityLoss(0.3): 1.0}
    ips, _, own = (loss for loss, _ in get_stage_losses(mix, min_propensity=0.1))
    assert ips.min_propensity == 0.1
    assert own.min_propensity == 0.3
    ((default, _),) = get_stage_losses("dr")
    assert default.min_propensity == 0.05


class SquaredGap(StageLoss):
    """A user's loss: only the two methods without a default."""

    def counted(self, stage):
        return stage.on_its_rows

    def derivatives(self, stage):
        gap = np.where(self.counted(stage), stage.log_odds - stage.target, 0.0)
        gradient, curvature = np.zeros((2, *stage.score.shape))
        gradient[:, -1], curvature[:, -1] = gap, self.counted(stage)
        return StageDerivatives(gap**2 / 2, gradient, curvature)


def test_a_users_loss_needs_two_methods():
    for spec in (SquaredGap, SquaredGap(), {SquaredGap(): 1.0}):
        ((found, _),) = get_stage_losses(spec, min_propensity=0.1)
        assert isinstance(found, SquaredGap)
        assert not any((found.coupled, found.reads_earlier, found.needs_imputed))
    with pytest.raises(TypeError, match="abstract"):
        StageLoss()


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (
            "foo",
            ["Unknown loss 'foo'", ", ".join(STAGE_LOSSES), "instance of StageLoss"],
        ),
        ("entire-space", ["Did you mean 'entire_space'?"]),
        ({"DR": 1.0}, ["Unknown loss 'DR'", "Did you mean 'dr'?"]),
        (3, ["'loss' parameter must be a name", "Got 3 instead"]),
        (None, ["'loss' parameter must be a name", "Got None instead"]),
        (["ips"], ["'loss' parameter must be a name", "Got ['ips'] instead"]),
        (Binary, ["'loss' parameter must be a name", "StageLoss"]),
        ({"ips": -1.0}, ["'loss'", "at least 0", "Got -1.0 for 'ips'"]),
        ({"ips": NAN}, ["'loss'", "finite", "Got nan for 'ips'"]),
        ({"ips": np.inf}, ["'loss'", "finite", "Got inf for 'ips'"]),
        ({"ips": "1"}, ["'loss'", "numbers", "Got '1' for 'ips'"]),
        ({"ips": None}, ["'loss'", "numbers", "Got None for 'ips'"]),
        ({"ips": 0.0, "dr": 0}, ["'loss'", "positive weight", "{'ips': 0.0, 'dr': 0}"]),
        ({}, ["'loss'", "positive weight", "Got {} instead"]),
    ],
)
def test_bad_losses(spec, words):
    with pytest.raises(ValueError, match=re.escape(words[0])) as error:
        get_stage_losses(spec)
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize("cls", [InversePropensityLoss, DoublyRobustLoss])
@pytest.mark.parametrize("bad", [0, 0.0, -0.1, 1.01, NAN, np.inf, "0.1", None, True])
def test_bad_propensities(cls, bad):
    message = (
        f"The 'min_propensity' parameter of {cls.__name__} must be a float in the "
        f"range (0, 1]. Got {bad!r} instead."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        cls(min_propensity=bad).validate_params()
    with pytest.raises(ValueError, match=re.escape(message)):
        get_stage_losses(cls(min_propensity=bad))
    for good in (1e-9, 0.5, 1, 1.0):
        cls(min_propensity=good).validate_params()
