"""What the losses that weight by propensities or shares are means of."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, log_expit, logit

from skmo.objectives import (
    ConditionalLoss,
    DoublyRobustLoss,
    InversePropensityLoss,
    StageDerivatives,
    log_cumulative,
)
from tests.objectives.stages import NAN, make_stage, random_scores

CERTAIN = 800.0  # log-odds whose probability is 1 in double precision


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


def mean_over_rows_seen(loss, score, seen, rate, imputed, observed=1.0):
    """Mean derivatives over o ~ Bernoulli(seen) and z ~ Bernoulli(rate).

    The outcome of rows not seen is 0, as that of rows that were not clicked; that of
    the others is known with probability ``observed``.
    """
    mean = [0.0, 0.0, 0.0]
    for o, z, known in itertools.product((0, 1), repeat=3):
        chance = (seen if o else 1 - seen) * (rate if z else 1 - rate)
        chance = chance * (observed if known else 1 - observed)
        target = o * z if known or not o else NAN
        found = loss.derivatives(make_stage(score, o, target, imputed, observed))
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
@pytest.mark.parametrize("observed", [1.0, 0.4])
def test_unbiased_if_either_model_is_right(loss, truth, n_stages, observed):
    rng = np.random.default_rng(6)
    score = random_scores(n_stages)
    rate, other = rng.uniform(size=(2, len(score)))
    right = propensities(score)
    seen = right if truth == "propensity" else rng.uniform(size=len(score))
    imputed = rate if truth == "imputed" else other
    found = mean_over_rows_seen(loss, score, seen, rate, imputed, observed)
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
