"""The losses of a funnel's stages: derivatives, what counts, values by hand."""

from __future__ import annotations

import dataclasses
import itertools
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, logit
from sklearn.base import clone

from skmo.objectives import (
    STAGE_LOSSES,
    Binary,
    ConditionalLoss,
    DoublyRobustLoss,
    EntireSpaceLoss,
    InversePropensityLoss,
    StageDerivatives,
)
from tests.objectives.stages import (
    NAN,
    each_length,
    each_loss,
    expectation,
    extreme_scores,
    make_stage,
    random_stage,
    with_score,
)

STEP = 1e-5


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


def second_derivatives(loss, stage):
    """By each score twice, (n_samples, n_stages)."""
    return np.einsum("sis->is", slopes(loss, stage, "gradient"))


# --------------------------------------------------------------------------------
# Derivatives.
# --------------------------------------------------------------------------------


@each_loss
@each_length
def test_gradient_is_the_derivative_of_the_loss(loss, n_stages):
    stage = random_stage(n_stages)
    gradient = loss.derivatives(stage).gradient
    by_score = slopes(loss, stage, "loss").T
    assert_allclose(gradient[:, -1], by_score[:, -1], rtol=1e-7, atol=1e-8)
    if loss.coupled:
        assert_allclose(gradient, by_score, rtol=1e-7, atol=1e-8)
    else:
        # What it reads of earlier scores, as propensities, it takes as given.
        assert_array_equal(gradient[:, :-1], 0)


@pytest.mark.parametrize(
    "cls", [ConditionalLoss, InversePropensityLoss, DoublyRobustLoss]
)
@each_length
def test_curvature_is_the_second_derivative_of_every_row(cls, n_stages):
    stage = random_stage(n_stages)
    curvature = cls().derivatives(stage).curvature
    second = second_derivatives(cls(), stage)
    assert_allclose(curvature[:, -1], second[:, -1], rtol=1e-7, atol=1e-8)
    assert_array_equal(curvature[:, :-1], 0)


@each_length
def test_curvature_of_doubly_robust_is_that_of_everybody(n_stages):
    # Of every row that counts, also of those that did not reach the stage before.
    stage = random_stage(n_stages)
    p = expit(stage.log_odds)
    curvature = DoublyRobustLoss().derivatives(stage).curvature[:, -1]
    expected = DoublyRobustLoss().counted(stage) * p * (1 - p)
    assert_allclose(curvature, expected, rtol=1e-12)


@each_length
def test_entire_space_curvature_of_a_row_that_came_so_far(n_stages):
    # The second derivative itself, of what is a sum of the stages' log losses.
    stage = random_stage(n_stages)
    stage = dataclasses.replace(stage, target=np.ones_like(stage.target))
    curvature = EntireSpaceLoss().derivatives(stage).curvature
    second = second_derivatives(EntireSpaceLoss(), stage)
    assert_allclose(curvature, second, rtol=1e-7, atol=1e-8)


def parts_by_outcome(score):
    """Entire-space derivatives of rows that came so far, and of those that did not."""
    return [
        EntireSpaceLoss().derivatives(make_stage(score, 1, happened))
        for happened in (1, 0)
    ]


@each_length
def test_entire_space_curvature_of_a_row_that_did_not(n_stages):
    # Its second derivative may be negative; the curvature is the mean over the
    # model's outcomes of what the second derivative is.
    score = 1.5 * np.random.default_rng(1).normal(size=(40, n_stages))
    second = second_derivatives(EntireSpaceLoss(), make_stage(score, 1, 0))
    assert (second < 0).any() == (n_stages > 1)
    curvature = parts_by_outcome(score)[1].curvature
    assert (curvature > 0).all()
    expected = expectation(
        score, lambda stage: second_derivatives(EntireSpaceLoss(), stage)
    )
    assert_allclose(curvature, expected, rtol=1e-6, atol=1e-9)


@each_length
def test_entire_space_curvature_has_its_mean_above_the_information(n_stages):
    # For y = 1 it is the second derivative instead of the mean over y: P_k p_s
    # (1 - p_s) + P_k (1 - p_s)^2 = P_k (1 - p_s) on average, which is 1 - P_k over
    # 1 - p_s times the information and so errs towards smaller steps.
    score = 1.5 * np.random.default_rng(1).normal(size=(40, n_stages))
    mean = expectation(
        score, lambda stage: EntireSpaceLoss().derivatives(stage).curvature
    )
    p = expit(score)
    cumulative = p.prod(axis=1, keepdims=True)
    assert_allclose(mean, cumulative * (1 - p), rtol=1e-10)
    information = parts_by_outcome(score)[1].curvature
    assert_allclose(mean, information * (1 - cumulative) / (1 - p), rtol=1e-10)
    assert (mean >= information * (1 - 1e-12)).all()


@pytest.mark.parametrize("n_stages", [1, 2, 3])
def test_entire_space_newton_steps_are_those_of_plain_log_losses(n_stages):
    # 1 / p_s up and 1 / (1 - p_s) down, whatever the other scores are. Beyond these
    # scores the curvature underflows.
    score = np.clip(extreme_scores(n_stages), -100, 100)
    came, did_not = parts_by_outcome(score)
    for part in (came, did_not):
        assert np.isfinite(part.curvature).all()
        assert (part.curvature > 0).all()
    steps = [part.gradient / part.curvature for part in (came, did_not)]
    assert_allclose(steps[0], -1 / expit(score), rtol=1e-10)
    assert_allclose(steps[1], 1 / expit(-score), rtol=1e-10)


@pytest.mark.parametrize("cls", [EntireSpaceLoss, ConditionalLoss])
@each_length
def test_likelihoods_have_the_fisher_information(cls, n_stages):
    # Of a negative log-likelihood the mean of the gradient is 0, and its mean square
    # the mean of the second derivative.
    score = 1.5 * np.random.default_rng(2).normal(size=(40, n_stages))

    def mean(function):
        return expectation(score, lambda s: function(cls().derivatives(s)))

    assert_allclose(mean(lambda found: found.gradient), 0, atol=1e-14)
    information = mean(lambda found: found.gradient**2)
    if cls is EntireSpaceLoss:
        curvature = parts_by_outcome(score)[1].curvature
    else:
        curvature = mean(lambda found: found.curvature)
    assert_allclose(curvature, information, rtol=1e-10)


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


# --------------------------------------------------------------------------------
# What rows count, and what is read of them.
# --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cls", "counted", "informative"),
    [
        # In the order of OUTCOMES, without shares.
        (EntireSpaceLoss, [1, 1, 0, 1, 0, 1, 1, 0], [0, 1, 3, 5, 6]),
        (ConditionalLoss, [1, 1, 0, 0, 0, 0, 0, 0], [0, 1]),
        (InversePropensityLoss, [1, 1, 1, 1, 1, 0, 0, 0], [0, 1]),
        (DoublyRobustLoss, [1, 1, 1, 1, 1, 0, 0, 0], [0, 1, 2, 3, 4]),
    ],
)
def test_which_rows_count(cls, counted, informative):
    stage = random_stage(2, n_repeats=1, complete=True)
    assert_array_equal(cls().counted(stage), counted)
    assert_array_equal(np.flatnonzero(cls().informative(stage)), informative)


@pytest.mark.parametrize(
    ("cls", "counted"),
    [
        # A half of those who reached the stage before are observed; a quarter of
        # those who came as far were.
        (EntireSpaceLoss, [8, 8, 0, 4, 0, 4, 4, 0]),
        (ConditionalLoss, [1, 1, 0, 0, 0, 0, 0, 0]),
        # The share observed is a part of the propensity.
        (InversePropensityLoss, [4, 4, 4, 4, 4, 0, 0, 0]),
        (DoublyRobustLoss, [4, 4, 4, 4, 4, 0, 0, 0]),
    ],
)
@pytest.mark.parametrize("known", [0.25, np.full(8, 0.25)])
def test_what_rows_count_that_stand_for_others(cls, counted, known):
    stage = random_stage(2, n_repeats=1)
    stage = dataclasses.replace(stage, observed_share=0.5, known_share=known)
    assert_array_equal(cls().counted(stage), counted)


@each_loss
@each_length
def test_what_a_row_counts_does_not_depend_on_scores(loss, n_stages):
    stage = random_stage(n_stages)
    moved = with_score(stage, stage.score + 1.0)
    for method in (loss.counted, loss.informative):
        assert method(stage).shape == stage.target.shape
        assert_array_equal(method(stage), method(moved))
    assert loss.informative(stage).dtype == bool
    assert (loss.counted(stage) >= 0).all()
    assert (loss.counted(stage)[loss.informative(stage)] > 0).all()


@each_loss
@each_length
@pytest.mark.parametrize("complete", [False, True])
def test_rows_that_are_not_informative_are_exactly_zero(loss, n_stages, complete):
    stage = random_stage(n_stages, complete=complete)
    informative = loss.informative(stage)
    assert informative[stage.on_its_rows].all()
    found = loss.derivatives(stage)
    for part in found:
        assert np.isfinite(part).all()
        assert_array_equal(part[~informative], 0)
    # All others do have a gradient.
    assert (found.gradient[informative, -1] != 0).all()
    # And nothing reads what the former hold.
    other = dataclasses.replace(
        stage,
        score=np.where(informative[:, np.newaxis], stage.score, 3.0),
        imputed=np.where(informative, stage.imputed, NAN),
    )
    for part, same in zip(found, loss.derivatives(other), strict=True):
        assert_array_equal(part, same)


@each_loss
@each_length
def test_rows_are_by_themselves_and_input_is_left_alone(loss, n_stages):
    stage = random_stage(n_stages)
    names = ("score", "target", "reached", "imputed", "known_share")
    parts = {name: getattr(stage, name) for name in names}
    before = {name: part.copy() for name, part in parts.items()}
    found = loss.derivatives(stage)
    assert isinstance(found, StageDerivatives)
    assert found.loss.shape == stage.target.shape
    assert found.gradient.shape == found.curvature.shape == stage.score.shape
    rows = np.random.default_rng(3).permutation(len(stage.target))[::2]
    some = dataclasses.replace(stage, **{n: part[rows] for n, part in parts.items()})
    for part, again in zip(found, loss.derivatives(some), strict=True):
        assert_array_equal(part[rows], again)
    for name, part in parts.items():
        assert_array_equal(part, before[name])


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
        without = dataclasses.replace(stage, imputed=None)
        assert_array_equal(loss.derivatives(without).loss, found.loss)


@each_loss
def test_clone_repr_and_pickle(loss):
    for copy in (clone(loss), pickle.loads(pickle.dumps(loss))):
        assert copy is not loss
        assert type(copy) is type(loss)
        assert copy.get_params() == loss.get_params()
    names = {cls.__name__: cls for cls in STAGE_LOSSES.values()}
    assert eval(repr(loss), names).get_params() == loss.get_params()


# --------------------------------------------------------------------------------
# Values by hand.
# --------------------------------------------------------------------------------

LOG = np.log
# name: (probabilities, reached, target, imputed, and shares other than 1: observed,
# known), loss, gradient, curvature. With p, q, r for the first three stages'
# probabilities and P for their product.
BY_HAND = {
    "entire_space": [
        # p = q = 1/2, P = 1/4. y = 1: log(1/P); -(1 - p); p (1 - p)
        (([1 / 2, 1 / 2], 1, 1, 0), LOG(4), [-1 / 2, -1 / 2], [1 / 4, 1 / 4]),
        # y = 0: log(1 / (3/4)); (1 - p) P / (1 - P) = 1/2 / 3; (1 - p)^2 P / (1 - P)
        # = 1/4 / 3
        (([1 / 2, 1 / 2], 1, 0, 0), LOG(4 / 3), [1 / 6, 1 / 6], [1 / 12, 1 / 12]),
        # The same whether the stage before was reached or not.
        (([1 / 2, 1 / 2], 0, 0, 0), LOG(4 / 3), [1 / 6, 1 / 6], [1 / 12, 1 / 12]),
        # p = 3/4, q = 1/3, P = 1/4: 1/4 / 3 and 2/3 / 3; 1/16 / 3 and 4/9 / 3
        (([3 / 4, 1 / 3], 1, 0, 0), LOG(4 / 3), [1 / 12, 2 / 9], [1 / 48, 4 / 27]),
        (([3 / 4, 1 / 3], 1, 1, 0), LOG(4), [-1 / 4, -2 / 3], [3 / 16, 2 / 9]),
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
            [1 / 4, 2 / 9, 3 / 16],
        ),
        # Of those who reached the stage before a half are observed: times 2. Of
        # those who came so far a quarter were: times 4. Together times 8.
        (([1 / 2, 1 / 2], 1, 1, 0, 1 / 2), 2 * LOG(4), [-1, -1], [1 / 2, 1 / 2]),
        (
            ([1 / 2, 1 / 2], 0, 0, 0, 1 / 2),
            LOG(4 / 3),
            [1 / 6, 1 / 6],
            [1 / 12, 1 / 12],
        ),
        (
            ([1 / 2, 1 / 2], 0, 0, 0, 1 / 2, 1 / 4),
            4 * LOG(4 / 3),
            [2 / 3, 2 / 3],
            [1 / 3, 1 / 3],
        ),
        (
            ([1 / 2, 1 / 2], 1, 0, 0, 1 / 2, 1 / 4),
            8 * LOG(4 / 3),
            [4 / 3, 4 / 3],
            [2 / 3, 2 / 3],
        ),
    ],
    "conditional": [
        # r = 3/4 and nothing of the others: r - y, r (1 - r)
        (([1 / 2, 2 / 3, 3 / 4], 1, 0, 0), LOG(4), [0, 0, 3 / 4], [0, 0, 3 / 16]),
        (([1 / 2, 2 / 3, 3 / 4], 1, 1, 0), LOG(4 / 3), [0, 0, -1 / 4], [0, 0, 3 / 16]),
        (([1 / 2, 2 / 3, 3 / 4], 0, 0, 0), 0, [0, 0, 0], [0, 0, 0]),
        # Its own rows are alike, whatever their share.
        (([1 / 2, 3 / 4], 1, 0, 0, 1 / 2, 1 / 4), LOG(4), [0, 3 / 4], [0, 3 / 16]),
    ],
    "ips": [
        # The propensity p q = 1/3 makes the conditional loss times 3.
        (([1 / 2, 2 / 3, 3 / 4], 1, 0, 0), 3 * LOG(4), [0, 0, 9 / 4], [0, 0, 9 / 16]),
        # p = 1/100 counts as 1/20: times 20
        (([1 / 100, 3 / 4], 1, 1, 0), 20 * LOG(4 / 3), [0, -5], [0, 15 / 4]),
        (([1 / 100, 3 / 4], 0, 0, 0), 0, [0, 0], [0, 0]),
        # p = 1/2, of which a half is observed and a quarter was so far: times 16
        (
            ([1 / 2, 3 / 4], 1, 1, 0, 1 / 2, 1 / 4),
            16 * LOG(4 / 3),
            [0, -4],
            [0, 3],
        ),
        # The least propensity is one of reaching the stage: times 20 * 2
        (([1 / 100, 3 / 4], 1, 1, 0, 1 / 2), 40 * LOG(4 / 3), [0, -10], [0, 15 / 2]),
        (([1 / 2, 3 / 4], 1, NAN, 0, 1 / 2), 0, [0, 0], [0, 0]),
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
        # p = 1/2, of which a half is observed: 1/4 + 4 (1 - 1/4) = 13/4 for those
        # and 1/4 for the others; a quarter was so far: times 4
        (([1 / 2, 1 / 2], 1, 1, 1 / 4, 1 / 2), LOG(2), [0, -11 / 4], [0, 1 / 4]),
        (([1 / 2, 1 / 2], 1, NAN, 1 / 4, 1 / 2), LOG(2), [0, 1 / 4], [0, 1 / 4]),
        (([1 / 2, 1 / 2], 1, 1, 1 / 4, 1 / 2, 1 / 4), 4 * LOG(2), [0, -11], [0, 1]),
        (([1 / 2, 1 / 2], 1, NAN, 1 / 4, 1 / 2, 1 / 4), 4 * LOG(2), [0, 1], [0, 1]),
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
