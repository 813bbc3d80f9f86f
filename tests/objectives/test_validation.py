"""Errors of parameters and targets."""

from __future__ import annotations

import re

import numpy as np
import pytest

from skmo.objectives import OBJECTIVES, Huber, Objective, Poisson, Quantile, Tweedie

REAL = "The {!r} parameter of {} must be a float in the range {}. Got {!r} instead."


def test_valid_parameters_pass(case):
    case.objective.validate_params()


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf, "1", None, True, np.True_])
@pytest.mark.parametrize(
    ("objective", "name", "interval"),
    [
        (Quantile, "alpha", "(0, 1)"),
        (Huber, "delta", "(0, inf)"),
        (Poisson, "max_delta_step", "[0, 5]"),
        (Tweedie, "power", "(1, 2)"),
    ],
)
def test_bad_numbers(objective, name, interval, bad):
    message = REAL.format(name, objective.__name__, interval, bad)
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        objective(**{name: bad}).validate_params()


@pytest.mark.parametrize(
    "objective",
    [
        Quantile(alpha=0),
        Quantile(alpha=1),
        Huber(delta=0),
        Poisson(max_delta_step=5.1),
        Tweedie(power=1),
        Tweedie(power=2),
    ],
    ids=repr,
)
def test_ends_of_ranges_that_are_excluded(objective):
    with pytest.raises(ValueError, match="must be a float in the range"):
        objective.validate_params()


def test_ends_of_ranges_that_are_included():
    Poisson(max_delta_step=0).validate_params()
    Poisson(max_delta_step=np.float32(5)).validate_params()
    Huber(delta=np.int64(3)).validate_params()


@pytest.mark.parametrize("units", ["sd", None, 1])
def test_bad_units(units):
    message = (
        r"The 'units' parameter of Huber must be a str among \{'std', 'target'\}\. "
        rf"Got {units!r} instead\."
    )
    with pytest.raises(ValueError, match=message):
        Huber(units=units).validate_params()


def test_parameters_are_not_checked_before_they_are_used():
    # As in scikit-learn: set_params and clone must not raise.
    assert Quantile(alpha=7).set_params(alpha=0.1).alpha == 0.1


def test_targets_in_the_domain_pass(case):
    case.objective.check_target(case.target)


def test_targets_outside_the_domain(case, cases):
    for bad in case.outside:
        target = case.target.copy()
        target[[4, 9]] = bad
        with pytest.raises(ValueError, match=r"got 2 value\(s\) outside") as error:
            case.objective.check_target(target)
        message = str(error.value)
        name = next(name for name, other in cases.items() if other is case)
        assert message.startswith(f"The {name.split('-')[0]!r} objective needs ")
        assert f"the first being {bad}. " in message
        # The remedy is a sentence after the last semicolon's clause.
        assert message.split(f"{bad}. ")[1].endswith(".")


def test_every_objective_with_a_domain_is_tested(cases):
    restricted = {
        name
        for name, case in cases.items()
        if type(case.objective).check_target is not Objective.check_target
    }
    assert restricted == {name for name, case in cases.items() if case.outside}
    assert {name.split("-")[0] for name in restricted} == set(DOMAINS)


# By name: what is refused, the domain and the remedy.
DOMAINS = {
    "poisson": (
        -2.5,
        "targets >= 0",
        "Use 'squared_error' or 'huber' for targets of both signs.",
    ),
    "gamma": (
        0.0,
        "targets > 0",
        "Use 'tweedie', which allows zeros, or 'squared_error'.",
    ),
    "tweedie": (
        -1.0,
        "targets >= 0",
        "Use 'squared_error' or 'huber' for targets of both signs.",
    ),
    "binary": (
        0.5,
        "targets in {0, 1}",
        "Use 'cross_entropy' for probabilities, 'multiclass' for classes.",
    ),
    "cross_entropy": (
        1.5,
        "targets in [0, 1]",
        "Use 'squared_error' for other real targets.",
    ),
    "multiclass": (
        1.5,
        "class indices 0, 1, 2, ...",
        "Encode the classes, for example by sklearn.preprocessing.LabelEncoder.",
    ),
}


@pytest.mark.parametrize("name", DOMAINS)
def test_domain_messages_in_full(name):
    bad, domain, remedy = DOMAINS[name]
    with pytest.raises(ValueError, match=name) as error:
        OBJECTIVES[name]().check_target(np.array([1.0, bad, 1.0, -3.5]))
    assert str(error.value) == (
        f"The {name!r} objective needs {domain}; got 2 value(s) outside, the first "
        f"being {bad}. {remedy}"
    )
