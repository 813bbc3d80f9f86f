"""Stages of funnels for the tests of their losses."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from scipy.special import logit

from skmo.objectives import STAGE_LOSSES, Stage, log_cumulative

NAN = np.nan
each_loss = pytest.mark.parametrize(
    "loss", [cls() for cls in STAGE_LOSSES.values()], ids=STAGE_LOSSES
)
each_length = pytest.mark.parametrize("n_stages", [1, 2, 3, 5])
# What may be known of a row: (reached, target). The first stage has no stage before
# it that might not be reached.
OUTCOMES_OF_FIRST = [(1, 0), (1, 1), (1, NAN)]
OUTCOMES = [*OUTCOMES_OF_FIRST, (0, 0), (0, NAN), (NAN, 0), (NAN, 1), (NAN, NAN)]
# Where the formulas change their form and where exponentials over- and underflow.
SIZES = (1e-8, 1.0, 20.0, 40.0, 100.0, 700.0, 1e4)
EXTREMES = [sign * size for size in SIZES for sign in (-1, 1)]


def make_stage(score, reached, target, imputed=0.3, observed=1.0, known=1.0):
    """A stage of which all but the scores may be scalars."""
    score = np.atleast_2d(np.asarray(score, dtype=np.float64))
    reached, target, imputed, known = (
        np.broadcast_to(np.asarray(part, dtype=np.float64), len(score))
        for part in (reached, target, imputed, known)
    )
    return Stage(score, target, reached, imputed, observed, known)


def random_stage(n_stages, n_repeats=6, seed=0, complete=False):
    """Every outcome several times, with other scores, imputations and shares.

    Where complete, the shares are 1, as if nothing but what the outcomes hold were
    unknown.
    """
    rng = np.random.default_rng(seed)
    outcomes = np.array(OUTCOMES if n_stages > 1 else OUTCOMES_OF_FIRST, dtype=float)
    reached, target = np.tile(outcomes, (n_repeats, 1)).T
    score = 1.5 * rng.normal(size=(len(target), n_stages))
    imputed = rng.uniform(size=len(target))
    shares = (1.0, 1.0) if complete else (0.4, rng.uniform(0.2, 1.0, len(target)))
    return make_stage(score, reached, target, imputed, *shares)


def with_score(stage, score):
    return dataclasses.replace(stage, score=score)


def random_scores(n_stages, low=0.2, seed=5):
    chances = np.random.default_rng(seed).uniform(low, 0.95, size=(50, n_stages))
    return logit(chances)


def extreme_scores(n_stages):
    return np.array(list(itertools.product(EXTREMES, repeat=n_stages)))


def expectation(score, function):
    """Mean of a function of the stage over its outcomes, drawn from the model."""
    cumulative = np.exp(log_cumulative(score))
    happened = cumulative[:, -1]
    before = cumulative[:, -2] if score.shape[1] > 1 else np.ones(len(score))
    chances = {(0, 0): 1 - before, (1, 0): before - happened, (1, 1): happened}
    return sum(
        chance[:, np.newaxis] * function(make_stage(score, *outcome))
        for outcome, chance in chances.items()
    )
