"""Objectives on one score: their gradients, units, sums and draws."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo.boosting import JointRows, OneScoreCoder
from skmo.boosting._coder import TargetCoder
from skmo.boosting._joint_rows import relative_lengths
from skmo.boosting._rows import TargetRows
from skmo.objectives import Binary, LambdaRank, Poisson, SquaredError

NAN = np.nan


class Plain(SquaredError):
    """Squared error in the user's units: figures by hand stay round."""

    standardise = False


class Thousandfold(Plain):
    """The same loss in another unit."""

    constant_hessian = False

    def loss(self, target, score):
        return 1000 * super().loss(target, score)

    def gradient_hessian(self, target, score, gradient, hessian):
        super().gradient_hessian(target, score, gradient, None)
        gradient *= 1000
        hessian[:] = 1000


def joint(Y, W=None, objectives=None, **params):
    Y = np.array(Y, dtype=float)
    W = None if W is None else np.array(W, dtype=float)
    if W is not None and W.ndim == 1:
        W = W[:, None]
    objectives = objectives or [Plain() for _ in Y.T]
    return JointRows(OneScoreCoder(objectives).fit(Y, W), Y, W, **params)


def derive(rows, score=0.0):
    """Losses and energy at this score, and room for what `merge` fills in."""
    scores = np.broadcast_to(np.asarray(score, float).reshape(-1, 1), (len(rows), 1))
    room = np.full((2, len(rows), 1), 7.0, dtype=np.float32)
    return *rows.gradients(scores, *room), *room


def merged(rows, weights):
    _, _, g, h = derive(rows, 1.0)
    rows.merge(np.asarray(weights), g, h)
    return g[:, 0], h[:, 0]


# At the score 1: gradients (0, -1), (-2, 1), (none, -3).
HAND = [[1.0, 2.0], [3.0, 0.0], [NAN, 4.0]]


def test_gradients_by_hand():
    rows = joint(HAND)
    losses, energy, g, h = derive(rows, 1.0)
    assert_allclose(losses, [1.0, 11 / 6])
    assert_allclose(rows.pulls.products, [[4, -2], [-2, 11]])
    assert_allclose(energy, [15])
    assert_allclose(rows.pulls.cosines[0, 1], -2 / np.sqrt(44))
    assert_allclose(rows.losses(np.ones((3, 1))), losses)
    # They are for `merge` to sum up.
    assert_array_equal([g, h], 7)


def test_merge_by_hand():
    rows = joint(HAND)
    g, h = merged(rows, [0.25, 0.75])
    assert_allclose(g, [-0.75, 0.25, -2.25])
    assert_allclose(h, [1, 1, 0.75])
    g, h = merged(rows, [0.5, -0.5])
    assert_allclose(g, [0.5, -1.5, 1.5])
    # Steps go the gradient's way, whatever the sign of a weight.
    assert_allclose(h, [1, 1, 0.5])
    g, h = merged(rows, np.array([[1, 0], [0, 1], [1, 0]], dtype=np.float32))
    assert_allclose(g, [0, 1, 0])
    assert_allclose(h, [1, 1, 0])


def test_units_by_hand():
    """Lengths 4 and 2 in terms of their geometric mean."""
    rows = joint(HAND)
    derive(rows, 1.0)
    assert_allclose(rows.products_in_units(), np.array([[4, -2], [-2, 11]]) / 3)
    rows._unit = relative_lengths(np.array([4.0, 2.0]))
    assert_allclose(rows.products_in_units(), np.array([[2, -2], [-2, 22]]) / 3)
    g, h = merged(rows, [0.25, 0.75])
    w = np.array([0.25 / np.sqrt(2), 0.75 * np.sqrt(2)])
    assert_allclose(g, np.array([[0, -1], [-2, 1], [0, -3]]) @ w, rtol=1e-6)
    assert_allclose(h, np.array([[1, 1], [1, 1], [0, 1]]) @ w, rtol=1e-6)


def test_the_unit_of_the_only_objective_that_counts_is_1():
    W = np.array([[1.0, 0.0]] * 3)
    rows = JointRows(joint(HAND).coder, np.array(HAND), W)
    losses, *_ = derive(rows, 1.0)
    assert_allclose(losses, [1, NAN])
    rows.set_units()
    assert_allclose(merged(rows, [1.0, 0.0])[0], [0, -2, 0])


@pytest.mark.parametrize("square", [0.0, 1e-20])
def test_what_does_not_pull_at_the_start_sets_no_unit(square):
    """A constant target at the constant, but for rounding: it must not rule."""
    rows = joint(HAND)
    rows._unit = relative_lengths(np.sqrt([4.0, square]))
    assert_allclose(merged(rows, [1.0, 0.0])[0], [0, -2, 0])
    g, _ = merged(rows, [0.0, 1.0])
    assert np.abs(g).max() < 1e3


def in_units(rows):
    rows.set_units()
    *_, g, h = derive(rows)
    rows.merge(np.array([0.3, 0.7]), g, h)
    return rows.products_in_units(), g, h


@pytest.mark.parametrize("how", ["loss", "weights"])
def test_the_scale_of_an_objective_means_nothing(how):
    rng = np.random.default_rng(0)
    Y = rng.normal([0, 3], size=(200, 2))
    Y[::5, 0] = NAN
    W = rng.uniform(0.5, 2, Y.shape)
    objectives = [Plain(), Thousandfold() if how == "loss" else Plain()]
    other = joint(Y, W * [1, 1000] if how == "weights" else W, objectives)
    (products, *step), (products2, *step2) = in_units(joint(Y, W)), in_units(other)
    # Up to a common factor, which changes no direction and no Newton step.
    assert_allclose(products2 / products2[0, 0], products / products[0, 0], rtol=1e-5)
    assert_allclose(step2 / np.abs(step2).max(), step / np.abs(step).max(), atol=1e-6)


@pytest.mark.parametrize("kind", ["none", "rows", "cells"])
def test_products_are_those_of_a_plain_loop(kind):
    rng = np.random.default_rng(1)
    Y = rng.normal(size=(60, 3))
    Y[rng.random(Y.shape) < 0.2] = NAN
    W = {
        "none": None,
        "rows": rng.integers(0, 4, (60, 1)),
        "cells": rng.integers(0, 4, (60, 3)),
    }[kind]
    rows, score = joint(Y, W), rng.normal(size=60)
    derive(rows, score)
    expected = np.zeros((3, 3))
    w = np.ones((60, 3)) if W is None else W + np.zeros((60, 3))
    w = w / [column[column > 0].mean() for column in w.T]
    for y, weight, s in zip(Y, w, score, strict=True):
        if weight.any():
            g = np.nan_to_num(weight * (s - y))
            # A row counts by its weight: as many rows of the gradient g / weight.
            expected += np.outer(g, g) / weight.max()
    assert_allclose(rows.pulls.products, expected, rtol=1e-5, atol=1e-5)


def test_weights_are_repetitions():
    rng = np.random.default_rng(2)
    Y, times = rng.normal(size=(40, 2)), rng.integers(0, 4, 40)
    Y[::7, 1] = NAN
    score = rng.normal(size=40)
    weighted, repeated = joint(Y, times), joint(np.repeat(Y, times, axis=0))
    losses, *_ = derive(weighted, score)
    assert_allclose(losses, derive(repeated, np.repeat(score, times))[0], rtol=1e-6)
    unit = times[times > 0].mean()
    assert_allclose(weighted.pulls.products * unit, repeated.pulls.products, rtol=1e-5)
    for name in ("weight_sums", "gradient_weights"):
        found = getattr(weighted, name) * unit
        assert_allclose(found, getattr(repeated, name), rtol=1e-6)
    for name in ("constant_losses", "loss_units"):
        assert_allclose(getattr(weighted, name)(), getattr(repeated, name)(), rtol=1e-6)


@pytest.mark.parametrize("weighted", [False, True])
def test_scores_of_their_own_are_as_ever(weighted):
    """Row by row, a loss does not depend on who works it out."""
    rng = np.random.default_rng(3)
    Y = np.column_stack(
        [rng.normal(size=90), rng.integers(0, 2, 90), rng.poisson(2, 90)]
    ).astype(float)
    Y[::4, 1] = NAN
    W = rng.uniform(0.5, 2, Y.shape) if weighted else None
    coder = TargetCoder([SquaredError(), Binary(), Poisson()]).fit(Y, W)
    scores = rng.normal(size=(90, 3)).astype(np.float32)
    found = []
    for rows in (TargetRows(coder, Y, W), JointRows(coder, Y, W)):
        g, h = np.empty((2, 90, 3), dtype=np.float32)
        found.append((*rows.gradients(scores, g, h), g, h, rows.constant_losses()))
        assert rows.pulls is None
    for expected, value in zip(*found, strict=True):
        assert_allclose(value, expected, rtol=2e-5, atol=1e-6)


def test_constants_of_what_is_not_observed(recwarn):
    rows = JointRows(joint(HAND).coder, np.array([[NAN, 1.0], [NAN, 3.0]]), None)
    assert_allclose(rows.constant_losses(), [NAN, 0.5])
    assert_allclose(rows.loss_units(), [NAN, 0.5])
    assert_allclose(rows.losses(np.zeros((2, 1))), [NAN, 2.5])
    assert not recwarn.list


class TestDrawnLabels:
    @staticmethod
    def draws(rows, chances, n_draws):
        rng = np.random.default_rng(0)
        chances = np.array(chances)
        return np.array([rows.draw_labels(chances, rng) for _ in range(n_draws)])

    def test_frequencies(self):
        drawn = self.draws(joint(np.zeros((30_000, 3))), [0.2, 0.5, 0.3], 1)[0]
        assert set(np.unique(drawn)) == {0, 1}
        assert_array_equal(drawn.sum(axis=1), 1)
        # Four standard errors.
        assert_allclose(drawn.mean(axis=0), [0.2, 0.5, 0.3], atol=0.012)

    def test_only_what_says_something_is_drawn(self):
        Y = np.array([[0, 0, 0], [NAN, 0, 0], [NAN, NAN, 0], [0, NAN, 0], [0, 0, 0]])
        rows = joint(Y, [1, 1, 1, 1, 0])
        found = self.draws(rows, [0.6, 0.2, 0.2], 3000).mean(axis=0)
        expected = [[0.6, 0.2, 0.2], [0, 0.5, 0.5], [0, 0, 1], [0.75, 0, 0.25]]
        assert_allclose(found[:4], expected, atol=0.037)
        # A row that weighs nothing draws nothing.
        assert_array_equal(found[4], 0)
        assert_array_equal(self.draws(rows, [0, 1, 0], 50)[:, :, [0, 2]], 0)

    def test_a_query_draws_once(self):
        query = np.repeat([3, 4, 9], [2, 3, 4])
        Y = np.zeros((9, 2))
        Y[2:5, 1] = NAN
        Y[5:8, 0] = NAN
        rows = joint(Y, query=query)
        draws = self.draws(rows, [0.5, 0.5], 2000)
        for drawn in draws:
            assert len(np.unique(drawn[:2], axis=0)) == 1
            assert len(np.unique(drawn[5:], axis=0)) == 1
        found = draws.mean(axis=0)
        # The last query's first label is known of one row, which is enough.
        expected = np.repeat([[0.5, 0.5], [1, 0], [0.5, 0.5]], [2, 3, 4], axis=0)
        assert_allclose(found, expected, atol=0.045)


def test_threads_change_nothing():
    rng = np.random.default_rng(4)
    Y, score = rng.normal(size=(40_000, 2)), rng.normal(size=40_000)
    W = rng.uniform(0.5, 2, 40_000)
    found = []
    for n_threads in (1, 2):
        rows = joint(Y, W, n_threads=n_threads)
        losses, energy, g, h = derive(rows, score)
        rows.merge(np.array([0.3, 0.7]), g, h)
        found.append((losses, energy, g, h, rows.pulls.products))
        rows.blocks.close()
    for one, two in zip(*found, strict=True):
        assert_array_equal(one, two)


def test_share_of_rows_with_a_gradient():
    """Of 4 judged rows the two of query 1 are graded alike: nothing to order."""
    Y = np.array([[0.0, 1.0], [1.0, NAN], [2.0, 0.0], [2.0, 1.0]])
    objectives = [LambdaRank(), LambdaRank()]
    coder = TargetCoder(objectives).fit(Y, None)
    rows = JointRows(coder, Y, None, query=np.array([0, 0, 1, 1]))
    assert [rows.share_observed(k) for k in range(2)] == [0.5, 0.5]
    assert_array_equal(rows.observed, ~np.isnan(Y))
