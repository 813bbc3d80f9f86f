"""The stages' losses where outcomes are missing completely at random.

Of those who reached a stage only some have the next one observed, whatever came of
it. All is by enumeration: every outcome, with every pattern of what is known of it.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit

from skmo.objectives import (
    ConditionalLoss,
    DoublyRobustLoss,
    EntireSpaceLoss,
    InversePropensityLoss,
)
from tests.objectives.stages import make_stage, random_scores

N_STAGES = 3
# The chances to come to each depth, from no stage to all three.
DEPTHS = (0.3, 0.25, 0.25, 0.2)
# The share of which each stage is observed, of those who reached the one before. A
# stage that is not leaves all later ones unknown: two in a row.
COMPLETE = (1.0, 1.0, 1.0)
SHARES = [
    (1.0, 0.5, 1.0),
    (1.0, 1.0, 0.4),
    (1.0, 0.5, 0.4),
    (0.7, 0.5, 0.4),
]
LOSSES = [EntireSpaceLoss(), InversePropensityLoss(), DoublyRobustLoss()]
each_loss = pytest.mark.parametrize("loss", LOSSES, ids=["entire_space", "ips", "dr"])
each_share = pytest.mark.parametrize("shares", SHARES, ids=str)
each_stage = pytest.mark.parametrize("k", [1, 2])


def patterns(depth, shares):
    """What may be known of a row that came to a depth, and the chances of that."""
    found = [(1.0, [])]
    for k, share in enumerate(shares):
        extended = []
        for chance, row in found:
            last = row[-1] if row else 1.0
            if last == 1:
                extended.append((chance * share, [*row, float(depth > k)]))
                extended.append((chance * (1 - share), [*row, np.nan]))
            else:
                # Behind a 0 all are 0, and behind an unknown stage all unknown.
                extended.append((chance, [*row, last]))
        found = extended
    return found


def known_share(row, k, shares):
    """Of rows that came as far as this one, the share that stage k - 1 is known of.

    The first stage's is left out: it is the same for all rows.
    """
    return np.prod([shares[j] for j in range(1, k) if row[j - 1] == 1])


def mean(loss, k, shares, observed=True, known=True):
    """What rows count on average, and the mean derivatives over what they count.

    Parameters
    ----------
    loss : StageLoss
    k : int
        The stage.
    shares : tuple of float
    observed, known : bool
        Whether the stage is told the shares, or that all is known.
    """
    score = random_scores(N_STAGES)[:, : k + 1]
    imputed = np.random.default_rng(10).uniform(size=len(score))
    count, total = 0.0, [0.0, 0.0, 0.0]
    for depth, share_of_depth in enumerate(DEPTHS):
        for chance, row in patterns(depth, shares):
            stage = make_stage(
                score,
                reached=row[k - 1],
                target=row[k],
                imputed=imputed,
                observed=shares[k] if observed else 1.0,
                known=known_share(row, k, shares) if known else 1.0,
            )
            chance *= share_of_depth
            count += chance * loss.counted(stage)
            parts = loss.derivatives(stage)
            total = [t + chance * part for t, part in zip(total, parts, strict=True)]
    return count, [(part.T / count).T for part in total]


def test_the_patterns():
    chances, rows = zip(*patterns(2, (0.7, 0.5, 0.4)), strict=True)
    # Three stages of which the first two were reached.
    expected = {
        (1, 1, 0): 0.7 * 0.5 * 0.4,
        (1, 1, None): 0.7 * 0.5 * 0.6,
        (1, None, None): 0.7 * 0.5,
        (None, None, None): 0.3,
    }
    found = {
        tuple(None if np.isnan(y) else y for y in row): chance
        for chance, row in zip(chances, rows, strict=True)
    }
    assert found == pytest.approx(expected)


def test_enumeration_is_over_all_outcomes():
    assert_allclose(sum(DEPTHS), 1)
    for depth, shares in itertools.product(range(N_STAGES + 1), SHARES):
        assert_allclose(sum(chance for chance, _ in patterns(depth, shares)), 1)


@each_loss
@each_share
@each_stage
def test_the_mean_is_that_of_complete_data(loss, shares, k):
    count, found = mean(loss, k, shares)
    everybody, expected = mean(loss, k, COMPLETE)
    assert_allclose(everybody, 1, rtol=1e-12)
    # What is known stands for all rows whose first stage is.
    assert_allclose(count, shares[0], rtol=1e-12)
    for part, complete in zip(found, expected, strict=True):
        assert_allclose(part, complete, rtol=1e-11, atol=1e-14)


@each_loss
@each_share
@each_stage
@pytest.mark.parametrize("told", ["observed", "known", "neither"])
def test_it_would_not_be_without_the_shares(loss, shares, k, told):
    without = {"observed": told == "observed", "known": told == "known"}
    # What is not told and is not 1 either.
    observed_matters = shares[k] < 1 and not without["observed"]
    known_matters = k == 2 and shares[1] < 1 and not without["known"]
    _, found = mean(loss, k, shares, **without)
    _, expected = mean(loss, k, COMPLETE)
    gap = np.abs(found[1] - expected[1]).max() / np.abs(expected[1]).max()
    if observed_matters or known_matters:
        assert gap > 0.05
    else:
        assert gap < 1e-12


@each_share
@each_stage
def test_the_conditional_loss_needs_no_shares(shares, k):
    # All its rows came equally far, so that they are missing equally often.
    count, found = mean(ConditionalLoss(), k, shares)
    everybody, expected = mean(ConditionalLoss(), k, COMPLETE)
    assert_allclose(everybody, sum(DEPTHS[k:]), rtol=1e-12)
    assert_allclose(count, everybody * np.prod(shares[: k + 1]), rtol=1e-12)
    for part, complete in zip(found, expected, strict=True):
        assert_allclose(part, complete, rtol=1e-11)


@each_stage
def test_imputation_stands_in_where_the_outcome_is_missing(k):
    # With nothing to correct it; the row is counted like those observed.
    score = random_scores(N_STAGES)[:, : k + 1]
    stage = make_stage(score, 1, np.nan, imputed=0.2, observed=0.4, known=0.5)
    found = DoublyRobustLoss().derivatives(stage)
    p = expit(score[:, -1])
    assert_allclose(found.gradient[:, -1], 2 * (p - 0.2), rtol=1e-11, atol=1e-14)
    assert_allclose(found.curvature[:, -1], 2 * p * (1 - p), rtol=1e-11)
    nothing = InversePropensityLoss().derivatives(stage)
    assert all((part == 0).all() for part in nothing)
