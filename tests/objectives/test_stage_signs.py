"""The signs on one score that several stages' entire-space losses share."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, logit

from skmo.objectives import STAGE_LOSSES, EntireSpaceLoss, log_cumulative
from tests.objectives.stages import make_stage


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
