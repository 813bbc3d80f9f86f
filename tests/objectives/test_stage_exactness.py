"""The stages' losses at scores of any size."""

from __future__ import annotations

import itertools
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit, log_expit

from skmo.objectives import (
    STAGE_LOSSES,
    DoublyRobustLoss,
    EntireSpaceLoss,
    InversePropensityLoss,
    log_cumulative,
)
from tests.objectives.stages import (
    OUTCOMES,
    OUTCOMES_OF_FIRST,
    each_loss,
    extreme_scores,
    make_stage,
)


@each_loss
@pytest.mark.parametrize("n_stages", [1, 2, 3])
@pytest.mark.parametrize("shares", [(1.0, 1.0), (0.5, 0.25)])
def test_extreme_scores_give_finite_bounded_numbers_without_warnings(
    loss, n_stages, shares
):
    score = extreme_scores(n_stages)
    outcomes = OUTCOMES if n_stages > 1 else OUTCOMES_OF_FIRST
    # Weights are at most one over the least chance to be known. So are gradients: p - z
    # of a doubly robust row lies between its weight's negative and its weight.
    bound = 1 / (np.prod(shares) * getattr(loss, "min_propensity", 1.0)) + 1e-12
    for outcome, imputed in itertools.product(outcomes, (0.0, 0.3, 1.0)):
        with np.errstate(all="raise", under="ignore"):
            found = loss.derivatives(make_stage(score, *outcome, imputed, *shares))
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
    """Loss, gradient and curvature."""
    exact = Exact(score)
    if happened:
        curvature = [e / (1 + e) ** 2 for e in exact.e]
        return exact.surprise, [-not_p for not_p in exact.not_p], curvature
    curvature = [not_p**2 * exact.odds for not_p in exact.not_p]
    return exact.rest, [not_p * exact.odds for not_p in exact.not_p], curvature


def exact_conditional(score, happened):
    # The entire space of a funnel of its own.
    loss, *derivatives = exact_entire_space(score[-1:], happened)
    earlier = [Decimal(0)] * (len(score) - 1)
    return loss, *(earlier + part for part in derivatives)


def exact_ips(score, happened):
    loss, *derivatives = exact_conditional(score, happened)
    if len(score) == 1:
        return loss, *derivatives
    propensity = max(1 / (1 + Exact(score[:-1]).excess), LEAST)
    return loss / propensity, *([d / propensity for d in part] for part in derivatives)


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
    # What is below 1e-300 loses digits by being denormal.
    for part, expected in zip(found, zip(*rows, strict=True), strict=True):
        assert_allclose(part, np.array(expected, dtype=float), rtol=1e-11, atol=1e-300)


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
