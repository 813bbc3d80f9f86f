"""What is learnt from the targets of one score before the first tree."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo.boosting import OneScoreCoder
from skmo.boosting._coder import TargetCoder
from skmo.objectives import (
    AbsoluteError,
    Binary,
    CrossEntropy,
    Huber,
    Poisson,
    Quantile,
    SquaredError,
)

NAN = np.nan
# Means 2 and 5, standard deviations 2 and 1.
TWO = np.array([[0.0, 4.0], [4.0, 6.0]])
# Around their mean of 3.5: 4 + 1.5² and 1 + 1.5².
SPREAD = np.sqrt((6.25 + 3.25) / 2)


def test_one_centre_and_one_unit():
    coder = OneScoreCoder([SquaredError(), SquaredError()]).fit(TWO, None)
    assert_allclose(coder.centre, [3.5, 3.5])
    assert_allclose(coder.scale, [SPREAD, SPREAD])
    assert_allclose(coder.own_constants, [-1.5 / SPREAD, 1.5 / SPREAD])
    assert_allclose(coder.init_scores, [0], atol=1e-15)
    assert_allclose(coder.encode(TWO, [0, 1]), (TWO - 3.5) / SPREAD, rtol=1e-6)
    assert_allclose(coder.loss_unit, SPREAD**2)
    found = coder.predict(np.array([[0.0], [2.0]]))
    assert len(found) == 1
    assert_allclose(found[0], [3.5, 3.5 + 2 * SPREAD])


def test_all_read_the_same():
    coder = OneScoreCoder([SquaredError()] * 3).fit(np.eye(3), None)
    assert coder.n_scores == 1
    assert coder.shares_score
    assert coder.init_scores.dtype == np.float64
    assert_array_equal(coder.reads, [0, 0, 0])
    assert_array_equal(coder.reader, [0, 1, 2])
    assert_array_equal(coder.owner, [0])
    assert not coder.constant.any()


def test_only_what_counts_is_learnt_from():
    Y = np.array([[0.0, 4.0], [4.0, 6.0], [NAN, 1e6], [7.0, NAN]])
    W = np.array([[2.0, 1], [2, 1], [1, 0], [0, 1]])
    coder = OneScoreCoder([SquaredError(), SquaredError()]).fit(Y, W)
    assert_allclose(coder.centre, 3.5)
    assert_allclose(coder.scale, SPREAD)


def test_weights_count():
    """Quarter and three quarters: means 3 and 5.5, variances 3 and 0.75."""
    coder = OneScoreCoder([SquaredError(), SquaredError()])
    coder.fit(TWO, np.array([[1.0], [3.0]]))
    assert_allclose(coder.centre, 4.25)
    assert_allclose(coder.scale, np.sqrt((3 + 0.75) / 2 + 1.25**2))


def test_a_single_target_is_coded_as_elsewhere():
    y = np.array([[10.0], [30.0], [80.0]])
    found, expected = (
        C([SquaredError()]).fit(y, None) for C in (OneScoreCoder, TargetCoder)
    )
    assert not found.shares_score
    for name in ("centre", "scale", "init_scores", "loss_unit"):
        assert_allclose(getattr(found, name), getattr(expected, name), atol=1e-12)
    assert_array_equal(found.scale, 1)


@pytest.mark.parametrize(
    ("objectives", "constants"),
    [
        # Of the probabilities 1/4 and 1/2; of the means 1/4 and 1/2.
        ([Binary(), CrossEntropy()], [-np.log(3), 0]),
        ([Poisson(), Poisson()], [np.log(0.25), np.log(0.5)]),
    ],
)
def test_losses_with_a_link_keep_their_targets(objectives, constants):
    Y = np.array([[0.0, 0.5], [0, 0.5], [0, 1], [1, 0]])
    coder = OneScoreCoder(objectives).fit(Y, None)
    assert_array_equal(coder.centre, 0)
    assert_array_equal(coder.scale, 1)
    assert_allclose(coder.own_constants, constants, atol=1e-12)
    assert_allclose(coder.init_scores, [np.mean(constants)])
    value = coder.predict(np.zeros((1, 1)))[0]
    assert_allclose(value, 0.5 if isinstance(objectives[0], Binary) else 1)


@pytest.mark.parametrize("value", [0.0, 3.0, 1e9])
def test_constant_targets(value):
    coder = OneScoreCoder([SquaredError()] * 2).fit(np.full((3, 2), value), None)
    assert_allclose(coder.predict(coder.init_scores[None])[0], value)
    assert (coder.scale > 0).all()


def test_far_off_values_do_not_move_robust_losses():
    y = np.random.default_rng(0).normal(size=(200, 2))
    far = y.copy()
    far[0, 0] = 1e12
    objectives = [AbsoluteError(), Quantile(0.7)]
    before, after = (OneScoreCoder(list(objectives)).fit(t, None) for t in (y, far))
    assert_allclose(after.centre, before.centre, atol=0.05)
    assert_allclose(after.scale, before.scale, rtol=0.1)


def test_thresholds_keep_the_users_units():
    for objectives in ([Huber(0.5, units="target"), SquaredError()],) * 2:
        coder = OneScoreCoder(objectives).fit(100 * TWO, None)
        assert_allclose(coder.objectives[0].delta * coder.scale[0], 0.5)
    coder = OneScoreCoder([Huber(0.5), SquaredError()]).fit(TWO, None)
    # Half a standard deviation of its own target, which is 2.
    assert_allclose(coder.objectives[0].delta * coder.scale[0], 1.0)
