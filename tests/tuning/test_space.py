"""What a trial may choose."""

from __future__ import annotations

import numpy as np
import optuna
import pytest
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from sklearn.linear_model import Ridge
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmo import MultiObjectiveRegressor
from skmo.tuning._simplex import simplex_point, start_preference, sticks_of
from skmo.tuning._space import SearchSpace

LEAST = 0.01


def with_least(*shares):
    """Importances as they are with a hundredth of an equal share for each."""
    return [(1 - LEAST) * share + LEAST / len(shares) for share in shares]


# --- preferences -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("sticks", "shares"),
    [
        ([0.3], (0.3, 0.7)),
        ([0.0], (0.0, 1.0)),
        ([1.0], (1.0, 0.0)),
        # The first takes 1 - sqrt(1/4) = 1/2, the second 1/5 of the half left.
        ([0.75, 0.2], (0.5, 0.1, 0.4)),
        # 1 - (8/27)^(1/3) = 1/3; 1 - sqrt(1/4) of 2/3; 1/2 of 1/3.
        ([19 / 27, 0.75, 0.5], (1 / 3, 1 / 3, 1 / 6, 1 / 6)),
        ([1.0, 0.4], (1.0, 0.0, 0.0)),
    ],
)
def test_simplex_point_by_hand(sticks, shares):
    assert simplex_point(sticks) == pytest.approx(with_least(*shares), abs=1e-12)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_uniform_numbers_make_a_uniform_point(n):
    """Moments of Dirichlet(1, …, 1): 1/n and (n - 1) / (n^2 (n + 1))."""
    rng = np.random.default_rng(0)
    points = np.array([simplex_point(u) for u in rng.random((20000, n - 1))])
    np.testing.assert_allclose(points.sum(axis=1), 1.0, atol=1e-12)
    assert points.min() >= LEAST / n - 1e-12
    shares = (points - LEAST / n) / (1 - LEAST)
    np.testing.assert_allclose(shares.mean(axis=0), 1 / n, atol=0.005)
    variance = (n - 1) / (n**2 * (n + 1))
    np.testing.assert_allclose(shares.var(axis=0), variance, rtol=0.05)


def test_sticks_invert_the_point():
    rng = np.random.default_rng(1)
    for n in (2, 3, 6):
        for sticks in rng.random((50, n - 1)):
            assert sticks_of(simplex_point(sticks)) == pytest.approx(sticks, abs=1e-6)


@pytest.mark.parametrize("preference", [[1, 0], [0, 1], [0, 0, 5], [3, 0, 0], [7, 7]])
def test_nearest_sticks_of_any_preference(preference):
    shares = np.divide(preference, np.sum(preference))
    point = simplex_point(sticks_of(preference))
    np.testing.assert_allclose(point, shares, atol=LEAST)


def test_no_preference_starts_from_an_equal_one():
    start = start_preference("preference", None, 3)
    assert list(start) == ["preference_0", "preference_1"]
    assert simplex_point(list(start.values())) == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize("preference", [[1e308, 1e308], [5e-324, 5e-324]])
def test_own_preference_of_any_size(preference):
    start = start_preference("p", preference, 2)
    assert simplex_point(list(start.values())) == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("preference", [[np.inf, 1], [0, 0], [-1, 2], "ab", [1, 2, 3]])
def test_what_is_no_preference_is_no_start(preference):
    assert start_preference("p", preference, 2) == {}


# --- distributions -----------------------------------------------------------------


def make_space(space=None, param=None, estimator=None, n_targets=2):
    if estimator is None:
        estimator = MultiObjectiveRegressor()
    return SearchSpace(space, param, estimator, n_targets)


def test_default_space_is_within_what_the_estimator_takes():
    space = make_space()
    for choose in (min, max):
        params = {
            name: choose(dist.choices)
            if hasattr(dist, "choices")
            else choose(dist.low, dist.high)
            for name, dist in space.distributions.items()
        }
        MultiObjectiveRegressor(**params)._validate_params()
    assert {"num_leaves", "learning_rate", "reg_lambda"} <= set(params)


@pytest.mark.parametrize(
    ("estimator", "prefix"),
    [
        (make_pipeline(StandardScaler(), MultiObjectiveRegressor()), ""),
        (MultiOutputRegressor(MultiObjectiveRegressor()), "estimator__"),
    ],
)
def test_default_space_finds_the_model_inside(estimator, prefix):
    prefix = prefix or "multiobjectiveregressor__"
    names = make_space(estimator=estimator).distributions
    assert names
    assert all(name.startswith(prefix) for name in names)
    assert set(names) <= set(estimator.get_params())


@pytest.mark.parametrize(
    ("value", "distribution", "nearest"),
    [
        (31, IntDistribution(8, 128, log=True), 31),
        (500, IntDistribution(8, 128, log=True), 128),
        (13, IntDistribution(2, 22, step=5), 12),
        (0.0, FloatDistribution(1e-3, 10, log=True), 1e-3),
        (0.33, FloatDistribution(0.0, 1.0, step=0.25), 0.25),
        (-1, CategoricalDistribution((-1, 4)), -1),
        (5, CategoricalDistribution((-1, 4)), None),
        (None, CategoricalDistribution((None, 4)), "None itself"),
        (None, IntDistribution(1, 4), None),
        (True, IntDistribution(1, 4), None),
        (float("nan"), FloatDistribution(0, 1), None),
    ],
)
def test_start_is_the_nearest_value(value, distribution, nearest):
    space = make_space({"alpha": distribution}, estimator=Ridge(alpha=value))
    start = space.start()
    if nearest is None:
        assert start == {}
        return
    expected = None if nearest == "None itself" else pytest.approx(nearest)
    assert start == {"alpha": expected}
    study = optuna.create_study()
    study.enqueue_trial(start)
    # Optuna warns of a value outside of the distribution.
    assert space.params(study.ask()) == start


def test_params_of_a_past_trial_are_those_it_set():
    space = make_space(
        {
            "num_leaves": IntDistribution(8, 128, log=True),
            "subsample": FloatDistribution(0.5, 1.0, step=0.1),
            "structure": CategoricalDistribution(("random", "sum")),
        },
        "preference",
        n_targets=3,
    )
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    set_params = []
    for _ in range(5):
        trial = study.ask()
        set_params.append(space.params(trial))
        study.tell(trial, 0.0)
    assert [space.params(trial) for trial in study.trials] == set_params
    assert len({params["num_leaves"] for params in set_params}) > 1
    assert all(sum(p["preference"]) == pytest.approx(1) for p in set_params)


def test_description_tells_spaces_apart():
    spaces = [
        make_space(),
        make_space(param="preference"),
        make_space(param="preference", n_targets=3),
        make_space({"num_leaves": IntDistribution(8, 128)}),
        make_space({"num_leaves": IntDistribution(8, 129)}),
        make_space({"num_leaves": IntDistribution(8, 128, log=True)}),
        make_space({"max_depth": IntDistribution(8, 128)}),
        make_space(lambda trial: {}),
        make_space({}, "preference"),
    ]
    described = [space.describe() for space in spaces]
    for i, one in enumerate(described):
        assert [one == other for other in described].count(True) == 1, i
    assert make_space().describe() == described[0]


@pytest.mark.parametrize(
    ("space", "param", "message"),
    [
        ({"num_leafs": IntDistribution(2, 9)}, None, r"'space' names \['num_leafs'\]"),
        ({"num_leaves": [8, 16]}, None, r"space\['num_leaves'\].*Got \[8, 16\]"),
        ({}, None, "nothing to tune"),
        (None, "importance", "no parameter 'importance', which preference_param"),
        (
            {"preference": CategoricalDistribution(("a", "b"))},
            "preference",
            "leave it out of one",
        ),
    ],
)
def test_bad_space(space, param, message):
    with pytest.raises(ValueError, match=message):
        make_space(space, param)


def test_no_default_space_without_one_lightgbm_model():
    with pytest.raises(ValueError, match="no parameter 'num_leaves'"):
        make_space(estimator=Ridge())
    two = make_pipeline(
        MultiOutputRegressor(MultiObjectiveRegressor()), MultiObjectiveRegressor()
    )
    with pytest.raises(ValueError, match="one LightGBM model, and the estimator has"):
        make_space(estimator=two)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "must return a dict.*Got None"),
        ({"num_leafs": 3}, r"'space' names \['num_leafs'\]"),
    ],
)
def test_bad_space_function(returned, message):
    study = optuna.create_study()
    with pytest.raises(ValueError, match=message):
        make_space(lambda trial: returned).params(study.ask())
