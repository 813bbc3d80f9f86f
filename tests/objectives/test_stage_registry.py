"""The losses of stages by name, a user's own, and what a stage holds."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit

from skmo.objectives import (
    STAGE_LOSSES,
    Binary,
    DoublyRobustLoss,
    EntireSpaceLoss,
    InversePropensityLoss,
    StageDerivatives,
    StageLoss,
    get_stage_losses,
    log_cumulative,
)
from tests.objectives.stages import EXTREMES, NAN, each_length, random_stage


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
