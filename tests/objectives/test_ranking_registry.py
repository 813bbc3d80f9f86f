"""Names, parameters and targets of ranking objectives."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

from skmo.objectives import (
    OBJECTIVES,
    RANKING_OBJECTIVES,
    XENDCG,
    LambdaRank,
    Objective,
    Poisson,
    QueryLoss,
    RankingObjective,
    get_ranking_objective,
)
from tests.objectives.ranking_oracle import NAN

each_objective = pytest.mark.parametrize("cls", RANKING_OBJECTIVES.values())
QUERY = np.zeros(3, dtype=int)


class Spread(RankingObjective):
    """A user's objective: only ``over``."""

    def over(self, target, query, weight=None, *, seed=0, n_threads=1):
        return SpreadLoss()


class SpreadLoss(QueryLoss):
    """Of no meaning."""

    weight_sum = 1.0
    informative = np.ones(3, dtype=bool)

    def loss(self, score):
        return 0.0

    def gradient_hessian(self, score, gradient, hessian):
        return 0.0


@pytest.mark.parametrize("name", [*RANKING_OBJECTIVES, *OBJECTIVES])
def test_by_name(name):
    expected = {**RANKING_OBJECTIVES, **OBJECTIVES}[name]
    assert type(get_ranking_objective(name)) is expected
    assert type(get_ranking_objective(expected)) is expected
    instance = expected()
    found = get_ranking_objective(instance)
    assert type(found) is expected
    assert found is not instance


def test_names_of_both_kinds_differ():
    assert not set(RANKING_OBJECTIVES) & set(OBJECTIVES)
    assert type(get_ranking_objective("rank_xendcg")) is XENDCG


def test_instances_keep_their_parameters():
    for objective in (
        LambdaRank(truncation=7, sigmoid=2.0, norm=False, gain=[0, 1, 5]),
        XENDCG(truncation=3, gain="linear"),
        Poisson(max_delta_step=0.1),
    ):
        found = get_ranking_objective(objective)
        assert found.get_params() == objective.get_params()


@pytest.mark.parametrize("bad", ["lambdamart", "", 3, None, dict, ["lambdarank"]])
def test_error_lists_both_kinds_of_names(bad):
    with pytest.raises(ValueError, match="objective") as error:
        get_ranking_objective(bad)
    assert repr(bad) in str(error.value)
    for name in (*RANKING_OBJECTIVES, *OBJECTIVES):
        assert re.search(rf"\b{name}\b", str(error.value))


def test_a_near_miss_is_suggested():
    with pytest.raises(ValueError, match="Did you mean 'lambdarank'"):
        get_ranking_objective("LambdaRank")


@pytest.mark.parametrize("cls", [*RANKING_OBJECTIVES.values(), Spread])
def test_what_is_read_of_every_objective(cls):
    objective = get_ranking_objective(cls)
    objective.validate_params()
    assert objective.task == "ranking"
    assert objective.groupwise
    for flag in ("standardise", "robust", "constant_hessian", "multi_score"):
        assert getattr(objective, flag) is False
    assert objective.loss_degree == 1
    assert objective.leaf_quantile is None
    target = np.array([0.0, 2.0, 1.0])
    objective.check_target(target)
    assert objective.n_scores(target) == 1
    assert objective.with_scale(2.0, 1.0) is objective
    assert_array_equal(objective.init_score(target, None), [0.0])
    assert_array_equal(objective.inverse_link(target), target)
    loss = objective.over(target, QUERY)
    assert isinstance(loss, QueryLoss)
    # The rows are picked by it.
    assert loss.informative.dtype == bool
    assert loss.loss_unit() == 1.0
    assert not isinstance(objective, Objective)


@each_objective
def test_over_leaves_the_objective_and_its_input_as_they_are(cls):
    objective = clone(cls(gain=[0.0, 1.0, 3.0]))
    before = {**vars(objective)}
    target, weight = np.array([0.0, 2.0, NAN]), np.array([1.0, 2.0, 0.0])
    for part in (target, weight, QUERY):
        part.setflags(write=False)
    loss = objective.over(target, QUERY, weight)
    score = np.zeros(3)
    score.setflags(write=False)
    loss.gradient_hessian(score, *np.empty((2, 3), dtype=np.float32))
    assert vars(objective) == before


@each_objective
@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("truncation", 0),
        ("truncation", 2.5),
        ("truncation", None),
        ("gain", "square"),
        ("gain", 3),
        ("gain", []),
        ("gain", [0.0, NAN]),
        ("gain", [-1.0, 1.0]),
        ("gain", [0.0, 2.0, 1.0]),
        ("gain", [[0.0, 1.0]]),
    ],
)
def test_bad_parameters_of_all(cls, name, bad):
    with pytest.raises(ValueError, match=f"'{name}' parameter of {cls.__name__}"):
        cls(**{name: bad}).validate_params()


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("sigmoid", 0.0),
        ("sigmoid", -1.0),
        ("sigmoid", np.inf),
        ("sigmoid", NAN),
        ("sigmoid", "1"),
        ("norm", "yes"),
        ("norm", None),
    ],
)
def test_bad_parameters_of_lambdarank(name, bad):
    with pytest.raises(ValueError, match=f"'{name}' parameter of LambdaRank"):
        LambdaRank(**{name: bad}).validate_params()


BELOW = (
    "needs finite grades of at least 0; got 1 value(s) outside, the first being {}. "
    "Shift the grades so that the least is 0; NaN marks a row that is not judged."
)
UNLISTED = (
    "has no gain for the grade {}. With a list of 3 gains, grades are the integers 0 "
    "to 2."
)


@each_objective
@pytest.mark.parametrize(
    ("gain", "grade", "message"),
    [
        ("exponential", -1.0, BELOW.format("-1")),
        ("exponential", np.inf, BELOW.format("inf")),
        (
            "exponential",
            1024.0,
            "has no gain for the grade 1024. Use smaller grades, or gain='linear'.",
        ),
        ("linear", -0.5, BELOW.format("-0.5")),
        ([0.0, 1.0, 3.0], 3.0, UNLISTED.format("3")),
        ([0.0, 1.0, 3.0], 0.5, UNLISTED.format("0.5")),
    ],
)
def test_grades_outside_the_domain(cls, gain, grade, message):
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        cls(gain=gain).check_target(np.array([1.0, grade]))
    assert str(error.value) == f"{cls.__name__} {message}"


@each_objective
def test_the_greatest_grades_do_not_overflow(cls):
    # Together the gains are more than a float holds.
    target = np.array([1023.0, 1023.0, 1023.0, 1023.0, 0.0])
    objective = cls()
    objective.check_target(target)
    gradient, hessian = np.empty((2, 5), dtype=np.float32)
    found = objective.over(target, np.zeros(5, dtype=int)).gradient_hessian(
        np.zeros(5), gradient, hessian
    )
    # The first four documents are worth alike, the last nothing; all share the ranks.
    discount = 1 / np.log2(np.arange(5) + 2)
    assert found == pytest.approx(1 - 4 * discount.mean() / discount[:4].sum())
    assert np.isfinite([gradient, hessian]).all()
    assert gradient[4] > 0 > max(gradient[:4])


@each_objective
@pytest.mark.parametrize(
    ("query", "weight", "message"),
    [
        (np.array([0, 1, 0]), None, "'query' must be in ascending order"),
        (np.array([0, 0]), None, "'query' must have the target's shape"),
        (QUERY, np.ones(2), "'weight' must have the target's shape"),
        (QUERY, np.ones((3, 1)), r"\(3, 1\)"),
    ],
)
def test_queries_and_weights_that_do_not_fit(cls, query, weight, message):
    with pytest.raises(ValueError, match=message):
        cls().over(np.array([0.0, 1.0, 2.0]), query, weight)


@each_objective
def test_the_message_for_a_list_of_gains_in_full(cls):
    with pytest.raises(ValueError, match="'gain'") as error:
        cls(gain=[0.0, 2.0, 1.0]).validate_params()
    assert str(error.value) == (
        f"The 'gain' parameter of {cls.__name__}, if a list, must hold the gain of "
        "the grades 0, 1, ...: finite, at least 0 and not decreasing. Got "
        "[0.0, 2.0, 1.0] instead."
    )
