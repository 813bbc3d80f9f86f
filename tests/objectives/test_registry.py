"""Names, classes and instances of objectives."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import skmo.objectives
from skmo.objectives import (
    OBJECTIVES,
    RANKING_OBJECTIVES,
    STAGE_LOSSES,
    Objective,
    Quantile,
    get_objective,
)


class Cosine(Objective):
    """A user's objective: only the methods without a default."""

    def init_score(self, target, weight):
        return np.zeros(1)

    def loss(self, target, score):
        return 1 - np.cos(score - target)

    def gradient_hessian(self, target, score, gradient, hessian):
        np.sin(score - target, out=gradient)
        hessian.fill(1.0)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_by_name(name):
    objective = get_objective(name)
    assert type(objective) is OBJECTIVES[name]
    assert get_objective(name) is not objective


@pytest.mark.parametrize("cls", OBJECTIVES.values())
def test_by_class(cls):
    assert type(get_objective(cls)) is cls


def test_by_instance():
    objective = Quantile(alpha=0.3)
    resolved = get_objective(objective)
    assert resolved is not objective  # what happens to one is not the other's
    assert type(resolved) is Quantile
    assert resolved.alpha == 0.3


def test_a_users_objective_needs_three_methods():
    for spec in (Cosine, Cosine()):
        objective = get_objective(spec)
        assert isinstance(objective, Cosine)
        objective.validate_params()
        objective.check_target(np.array([-5.0]))
        assert objective.n_scores(np.array([3.0])) == 1
        assert objective.with_scale(2.0, 1.0) is objective
        score = np.array([1.0, 2.0])
        assert_array_equal(objective.inverse_link(score), score)
    assert "Cosine" not in {cls.__name__ for cls in OBJECTIVES.values()}


@pytest.mark.parametrize("bad", ["foo", ""])
def test_unknown_name(bad):
    with pytest.raises(ValueError, match="Unknown objective") as error:
        get_objective(bad)
    assert str(error.value) == (
        f"Unknown objective {bad!r}. Valid names: {', '.join(OBJECTIVES)}, or an "
        "instance of Objective."
    )


@pytest.mark.parametrize("bad", [3, None, dict, object(), ["huber"]])
def test_neither_name_nor_objective(bad):
    with pytest.raises(ValueError, match="must be a name") as error:
        get_objective(bad)
    assert repr(bad) in str(error.value)


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("squared-error", "squared_error"),
        ("Poison", "poisson"),
        ("multi_class", "multiclass"),
        ("BINARY", "binary"),
    ],
)
def test_near_misses_are_suggested(spelling, name):
    with pytest.raises(ValueError, match=re.escape(f"Did you mean {name!r}?")):
        get_objective(spelling)


def test_public_names():
    registries = (OBJECTIVES, RANKING_OBJECTIVES, STAGE_LOSSES)
    plugins = [cls for registry in registries for cls in registry.values()]
    classes = {cls.__name__ for cls in plugins}
    others = {
        "OBJECTIVES",
        "RANKING_OBJECTIVES",
        "STAGE_LOSSES",
        "Objective",
        "QueryLoss",
        "RankingObjective",
        "Stage",
        "StageDerivatives",
        "StageLoss",
        "check_objective",
        "get_objective",
        "get_ranking_objective",
        "get_stage_losses",
        "grouped_quantile",
        "log_cumulative",
        "weighted_quantile",
    }
    assert set(skmo.objectives.__all__) == classes | others
    for name in skmo.objectives.__all__:
        assert getattr(skmo.objectives, name).__doc__
