"""Errors of balancers, by themselves: nothing is trained."""

from __future__ import annotations

from functools import partial

import numpy as np

from skmo.balancing import (
    CRMOGM,
    EPO,
    MGDA,
    AugmentedLagrangian,
    Balancer,
    CAGrad,
    Equal,
    Fixed,
    GradVac,
    Tchebycheff,
    UPGrad,
    check_balancer,
    get_balancer,
)

from .case import Case

COVERS = {"balancing"}

BOUNDLESS = np.inf


class Signed(Balancer):
    """Gives weights that it says it does not."""

    def _weights(self, gramian, losses, preference):
        return np.where(np.arange(len(gramian)) % 2, 1.0, -1.0)


class Twice(Balancer):
    """As many weights as it likes."""

    def _weights(self, gramian, losses, preference):
        return np.ones(2 * len(gramian))


class Whim(Equal):
    acts_on = "whim"


class Remembers(Balancer):
    """Does not forget."""

    def _weights(self, gramian, losses, preference):
        self.calls = getattr(self, "calls", 0) + 1
        return np.full(len(gramian), float(self.calls))


def weigh(balancer, gramian=((1.0, 0.0), (0.0, 1.0)), losses=(1.0, 1.0), **options):
    balancer.weights(gramian, losses, **options)


def weigh_three_after_two():
    balancer = GradVac()
    weigh(balancer)
    weigh(balancer, np.eye(3), np.ones(3))


bad_input = partial(Case, error=ValueError)
# Of the checks for authors of balancers.
fault = partial(Case, error=AssertionError)

CASES = {
    # Which one.
    "near name": bad_input(
        partial(get_balancer, "mgdb"),
        parameter="Unknown balancer",
        value="'mgdb'",
        remedy="Did you mean 'mgda'? Valid names: ",
    ),
    "far name": bad_input(
        partial(get_balancer, "?" * 1000),
        parameter="Unknown balancer",
        value="'" + "?" * 199 + ". Valid",
        remedy="or an instance of Balancer.",
    ),
    "no name": bad_input(
        partial(get_balancer, list(range(1000))),
        parameter="The 'balancer' parameter must be",
        value="Got [0, 1, 2,",
        remedy="must be a name (equal,",
    ),
    # Parameters.
    "number": bad_input(
        partial(weigh, CAGrad(c=-1)),
        parameter="The 'c' parameter of CAGrad",
        value="Got -1 instead",
        remedy="a float in the range [0.0, inf)",
    ),
    "option": bad_input(
        partial(get_balancer, CRMOGM(schedule="slow")),
        parameter="The 'schedule' parameter of CRMOGM",
        value="Got 'slow' instead",
        remedy="must be a str among {",
    ),
    "Fixed without values": bad_input(
        partial(get_balancer, "fixed"),
        parameter="The 'values' parameter of Fixed",
        value="Got None instead",
        remedy="such as Fixed(values=[0.9, 0.1])",
    ),
    "Fixed of a matrix": bad_input(
        partial(weigh, Fixed(values=[[0.5, 0.5]])),
        parameter="The 'values' parameter of Fixed",
        value="shape (1, 2)",
        remedy="must hold one weight per objective",
    ),
    "Fixed below 0": bad_input(
        partial(weigh, Fixed(values=[0.5, -0.5])),
        parameter="The 'values' parameter of Fixed",
        value="Got [0.5, -0.5] instead",
        remedy="finite and at least 0",
    ),
    "Fixed of zeros": bad_input(
        partial(weigh, Fixed(values=[0, 0])),
        parameter="The 'values' parameter of Fixed",
        value="Got [0.0, 0.0] instead",
        remedy="more than 0 for one objective at least",
    ),
    "Fixed of too many": bad_input(
        partial(weigh, Fixed(values=[0.5, 0.25, 0.25])),
        parameter="The 'values' parameter of Fixed",
        value="Got shape (3,) instead",
        remedy="shape (2,), one entry per objective",
    ),
    "ideal of NaN": bad_input(
        partial(weigh, Tchebycheff(ideal=[0.0, np.nan])),
        parameter="The 'ideal' parameter of Tchebycheff",
        value="Got [0.0, nan] instead",
        remedy="None or hold one finite number per objective",
    ),
    "ideal of text": bad_input(
        partial(weigh, Tchebycheff(ideal=["low", "high"])),
        parameter="The 'ideal' parameter of Tchebycheff",
        value="Got ['low', 'high'] instead",
        remedy="None or hold one finite number per objective",
    ),
    "ideal of too many": bad_input(
        partial(weigh, Tchebycheff(ideal=[0.0, 0.0, 0.0])),
        parameter="The 'ideal' parameter of Tchebycheff",
        value="Got 3 instead",
        remedy="one number for each of the 2 objectives",
    ),
    # What it weighs by.
    "Gramian of text": bad_input(
        partial(weigh, Equal(), "identity"),
        parameter="The Gramian must",
        value="Got 'identity' instead",
        remedy="hold numbers alone",
    ),
    "ragged Gramian": bad_input(
        partial(weigh, Equal(), [[1.0, 0.0], [1.0]]),
        parameter="The Gramian must",
        value="Got [[1.0, 0.0], [1.0]] instead",
        remedy="hold numbers alone, in rows of one length",
    ),
    "losses by name": bad_input(
        partial(weigh, UPGrad(), losses={"click": 1.0, "buy": 2.0}),
        parameter="'losses' must",
        value="Got {'click': 1.0, 'buy': 2.0} instead",
        remedy="hold numbers alone",
    ),
    "preference of text": bad_input(
        partial(weigh, Equal(), preference=["much", "little"]),
        parameter="'preference' must",
        value="Got ['much', 'little'] instead",
        remedy="hold numbers alone",
    ),
    "bounds of text": bad_input(
        partial(weigh, AugmentedLagrangian(), bounds=["none", 1.0]),
        parameter="'bounds' must",
        value="Got ['none', 1.0] instead",
        remedy="hold numbers alone",
    ),
    "Fixed of text": bad_input(
        partial(weigh, Fixed(values=["much", "little"])),
        parameter="The 'values' parameter of Fixed must",
        value="Got ['much', 'little'] instead",
        remedy="hold numbers alone",
    ),
    "losses of text to compare": bad_input(
        partial(Equal().criterion, ["low", "high"]),
        parameter="'losses' must",
        value="Got ['low', 'high'] instead",
        remedy="hold numbers alone",
    ),
    "Gramian of one axis": bad_input(
        partial(weigh, Equal(), np.ones(3)),
        parameter="The Gramian must",
        value="Got shape (3,) instead",
        remedy="shape (n_objectives, n_objectives)",
    ),
    "Gramian that is not square": bad_input(
        partial(weigh, Equal(), np.ones((2, 3))),
        parameter="The Gramian must",
        value="Got shape (2, 3) instead",
        remedy="shape (n_objectives, n_objectives)",
    ),
    "empty Gramian": bad_input(
        partial(weigh, Equal(), np.ones((0, 0)), []),
        parameter="The Gramian must",
        value="Got shape (0, 0) instead",
        remedy="at least one objective",
    ),
    "Gramian of NaN": bad_input(
        partial(weigh, MGDA(), [[1.0, np.nan], [0.0, 1.0]]),
        parameter="The Gramian must",
        value="Got nan in row 0 and column 1 instead",
        remedy="must be finite",
    ),
    "no losses": bad_input(
        partial(weigh, Tchebycheff(), losses=None),
        parameter="Tchebycheff weighs objectives by their losses",
        value="Got None instead",
        remedy="pass 'losses', one per objective",
    ),
    "losses' shape": bad_input(
        partial(weigh, UPGrad(), losses=[1.0, 2.0, 3.0]),
        parameter="'losses' must",
        value="Got shape (3,) instead",
        remedy="shape (2,), one entry per objective",
    ),
    "loss below 0": bad_input(
        partial(weigh, UPGrad(), losses=[1.0, -1.0]),
        parameter="'losses' must",
        value="Got [1.0, -1.0] instead",
        remedy="finite and at least 0",
    ),
    "infinite loss": bad_input(
        partial(weigh, UPGrad(), losses=[1.0, np.inf]),
        parameter="'losses' must",
        value="Got [1.0, inf] instead",
        remedy="finite and at least 0",
    ),
    "other objectives than before": bad_input(
        weigh_three_after_two,
        parameter="GradVac remembers 2 objectives",
        value="was called with 3",
        remedy="Call reset() before",
    ),
    "losses to compare": bad_input(
        partial(Equal().criterion, [1.0, np.nan]),
        parameter="'losses' must",
        value="Got [1.0, nan] instead",
        remedy="one number per objective and no NaN",
    ),
    "no losses to compare": bad_input(
        partial(Equal().criterion, []),
        parameter="'losses' must",
        value="Got [] instead",
        remedy="one number per objective and no NaN",
    ),
    # Preferences.
    "preference where there is none": bad_input(
        partial(weigh, GradVac(), preference=[1.0, 3.0]),
        parameter="GradVac takes no preference",
        value="Got preference=[1.0, 3.0]",
        remedy="leave 'preference' at None, or choose a balancer that has one, such as",
    ),
    "preference's shape": bad_input(
        partial(weigh, Equal(), preference=[1.0]),
        parameter="'preference' must",
        value="Got shape (1,) instead",
        remedy="shape (2,), one entry per objective",
    ),
    "preference below 0": bad_input(
        partial(weigh, Equal(), preference=[1.0, -2.0]),
        parameter="'preference' must",
        value="Got [1.0, -2.0] instead",
        remedy="finite and at least 0",
    ),
    "preference of zeros": bad_input(
        partial(weigh, Equal(), preference=[0, 0]),
        parameter="'preference' must",
        value="Got [0.0, 0.0] instead",
        remedy="more than 0 for one objective at least",
    ),
    "preference of zeros to compare": bad_input(
        partial(Equal().criterion, [1.0, 2.0], [0, 0]),
        parameter="'preference' must",
        value="Got [0.0, 0.0] instead",
        remedy="more than 0 for one objective at least",
    ),
    "preference of one zero": bad_input(
        partial(weigh, EPO(), preference=[1, 0]),
        parameter="EPO needs a preference",
        value="Got [1.0, 0.0] instead",
        remedy="of more than 0 for every objective",
    ),
    # Bounds.
    "bounds where there are none": bad_input(
        partial(weigh, Equal(), bounds=[BOUNDLESS, 0.5]),
        parameter="Equal takes no bounds",
        value="Got bounds=[inf, 0.5]",
        remedy="leave 'bounds' at None, or choose a balancer that has them, such as",
    ),
    "bounds below 0": bad_input(
        partial(weigh, AugmentedLagrangian(), bounds=[BOUNDLESS, -1.0]),
        parameter="'bounds' must",
        value="Got [inf, -1.0] instead",
        remedy="hold 2 numbers of at least 0, one per objective and infinite for none",
    ),
    "bounds' shape": bad_input(
        partial(weigh, AugmentedLagrangian(), bounds=[0.5]),
        parameter="'bounds' must",
        value="Got [0.5] instead",
        remedy="hold 2 numbers of at least 0, one per objective and infinite for none",
    ),
    "bounds for all": bad_input(
        partial(weigh, AugmentedLagrangian(), bounds=[0.5, 0.25]),
        parameter="AugmentedLagrangian minimises the objectives without a bound: 'bou",
        value="Got [0.5, 0.25] instead",
        remedy="must be infinite for one of them at least",
    ),
    "preference for bounded ones alone": bad_input(
        partial(
            weigh, AugmentedLagrangian(), bounds=[BOUNDLESS, 0.5], preference=[0, 2]
        ),
        parameter="AugmentedLagrangian minimises the objectives without a bound: 'pre",
        value="Got [0.0, 1.0] with bounds [inf, 0.5] instead",
        remedy="must be more than 0 for one of them at least",
    ),
    # The checks of a balancer of the user's own.
    "class to check": fault(
        partial(check_balancer, UPGrad),
        parameter="is no instance of Balancer",
        value="UPGrad'>",
        remedy="pass one, with its parameters set",
    ),
    "unknown claim": bad_input(
        partial(check_balancer, UPGrad(), ["fair", "scale"]),
        parameter="The 'claims' parameter of check_balancer",
        value="Got ['fair'] instead",
        remedy="must be among ('convex', 'non_conflicting', 'permutation', 'scale')",
    ),
    "bounds of unknown objectives": bad_input(
        partial(check_balancer, AugmentedLagrangian(), bounds=[BOUNDLESS, 1.0]),
        parameter="'bounds'",
        value="[inf, 1.0] were passed",
        remedy="without 'n_objectives': pass both",
    ),
    "checked sign": fault(
        partial(check_balancer, Signed()),
        parameter="Signed() has nonnegative = True",
        value="but gives [-1.  1.]",
        remedy="Set it to False",
    ),
    "checked shape": fault(
        partial(check_balancer, Twice()),
        parameter="Twice() must return",
        value="Got shape (4,)",
        remedy="an array of shape (2,)",
    ),
    "checked flag": fault(
        partial(check_balancer, Whim()),
        parameter="'acts_on' must",
        value="Whim() acts on 'whim'",
        remedy="be 'all', 'gradients', 'conflict' or 'lengths'",
    ),
    "checked memory": fault(
        partial(check_balancer, Remembers()),
        parameter="Remembers() gives other weights",
        value="after reset()",
        remedy="it must forget earlier calls",
    ),
}

ELSEWHERE: dict[tuple[str, str], str] = {}
