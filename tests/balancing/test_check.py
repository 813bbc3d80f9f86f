"""The check for balancers of the user's own: it passes ours and finds faults."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmo.balancing import Balancer, PCGrad, UPGrad, check_balancer
from tests.balancing.test_properties import CASES


@pytest.mark.parametrize("name", CASES)
def test_every_balancer_passes(name):
    case = CASES[name]
    claims = [*(case.properties - {"unit_free"})]
    if case.scale_power == 0:
        claims.append("scale")
    bounds = None if case.bounds is None else case.bounds(3)
    balancer = case.balancer(3)
    before = repr(vars(balancer))
    check_balancer(balancer, claims, n_objectives=3, bounds=bounds)
    assert repr(vars(balancer)) == before
    if case.make is None and bounds is None:
        check_balancer(balancer)


class Even(Balancer):
    """A sound one, which the others below spoil."""

    def _weights(self, gramian, losses, preference):
        return np.full(len(gramian), 1 / len(gramian))


def test_the_least_a_balancer_can_be_passes():
    check_balancer(Even(), ["convex", "permutation", "scale"])
    # The rest of a fit in which all others have stopped.
    check_balancer(Even(), ["convex", "permutation", "scale"], n_objectives=1)


def test_it_asks_the_same_of_every_balancer():
    class Recorder(Even):
        needs_losses = True

        def _weights(self, gramian, losses, preference):
            asked.append((gramian, losses))
            return super()._weights(gramian, losses, preference)

    calls = []
    for _ in range(2):
        asked = []
        check_balancer(Recorder(), ["convex", "permutation", "scale"])
        calls.append(asked)
    for first, second in zip(*calls, strict=True):
        for a, b in zip(first, second, strict=True):
            assert_array_equal(a, b)


class Counting(Even):
    """Weighs by how often it was asked, and never forgets."""

    count = 0

    def _weights(self, gramian, losses, preference):
        self.count += 1
        return np.full(len(gramian), float(self.count))


class Remembering(Balancer):
    """Smooths the losses, but does not say that it remembers them."""

    needs_losses = True

    def reset(self):
        self._mean = None

    def _weights(self, gramian, losses, preference):
        before = losses if self._mean is None else self._mean
        self._mean = 0.5 * (losses + before)
        return self._mean


class Matching(Remembering):
    """Fails where it remembers more objectives than it is asked for."""

    def _weights(self, gramian, losses, preference):
        self._mean = losses if self._mean is None else self._mean
        return np.full(len(losses), self._mean @ losses)


class Named(Even):
    def __init__(self, name="a"):
        self.name = name * 2


class Copied(Even):
    """Another one in a copy."""

    def __init__(self, name="a"):
        self.name = name

    def __deepcopy__(self, memo):
        return type(self)(self.name * 2)


def one_negative(gramian, losses, preference):
    weights = np.full(len(gramian), 2 / max(len(gramian) - 1, 1))
    weights[0] = -1
    return weights


def nearly_convex(gramian, losses, preference):
    weights = np.full(len(gramian), 1 / len(gramian))
    weights[0] += 1e-6
    return weights


def weighing(function, **flags):
    """A balancer class of one function."""

    def _weights(self, gramian, losses, preference):
        return function(gramian, losses, preference)

    return type("Bad", (Balancer,), {"_weights": _weights, **flags})


@pytest.mark.parametrize(
    ("cls", "claims", "match"),
    [
        (weighing(lambda g, v, p: np.abs(g[0])), [], "reads the Gramian"),
        (weighing(lambda g, v, p: v + 1), [], "reads the losses"),
        (weighing(lambda g, v, p: np.ones(4)), [], r"shape \(2,\).*Got shape \(4,\)"),
        (weighing(lambda g, v, p: 1.0), [], r"must return an array of shape \(2,\)"),
        (
            weighing(lambda g, v, p: np.linalg.inv(g)[0], needs_gramian=True),
            [],
            "fails.*all zero.*Singular",
        ),
        (
            weighing(
                lambda g, v, p: 1 / np.maximum(np.diag(g), 1e-320), needs_gramian=True
            ),
            [],
            "finite weights.*zero",
        ),
        (
            weighing(lambda g, v, p: np.sign(g).sum(axis=0) - 1, needs_gramian=True),
            [],
            "nonnegative = True",
        ),
        (
            weighing(lambda g, v, p: np.ones(len(g)), takes_preference=True),
            [],
            "a preference changes nothing",
        ),
        (
            weighing(
                lambda g, v, p: np.ones(len(g)) if p is None else p,
                takes_preference=True,
            ),
            [],
            "equal importances than for none",
        ),
        (weighing(lambda g, v, p: np.ones(len(g)), acts_on="whim"), [], "acts on 'whi"),
        (Counting, [], r"after reset\(\)"),
        (Remembering, [], r"after keep\(\), when one of 2.*_per_objective"),
        (
            weighing(
                lambda g, v, p: np.full(len(g), np.inf if g.max() > 1e26 else 1.0),
                needs_gramian=True,
            ),
            [],
            r"finite weights for 2 gradients, .*, times 1e15",
        ),
        (
            weighing(
                lambda g, v, p: np.full(len(g), np.nan if 0 < g.max() < 1e-26 else 1),
                needs_gramian=True,
            ),
            [],
            "finite weights for 2 gradients, .*, times 1e-15",
        ),
        (
            Matching,
            [],
            r"after keep\(\), when one of 2.*gives matmul: ",
        ),
        (
            # Of opposed gradients of one length.
            weighing(
                lambda g, v, p: np.full(
                    len(g), np.inf if g[0, 1] == -g[0, 0] < 0 else 1
                ),
                needs_gramian=True,
            ),
            [],
            "finite weights for 2 gradients, opposed to each other",
        ),
        (Named, [], "cannot be cloned"),
        (Copied, [], "has other parameters in a copy"),
        (weighing(lambda g, v, p: [1.0] * len(g)), [], r"Got shape \(2,\)"),
        (
            weighing(lambda g, v, p: np.ones(len(g)) if v is None else v),
            [],
            "reads the losses: set",
        ),
        (
            # Only where they are large.
            weighing(
                lambda g, v, p: np.full(len(g), 1 + (v is not None and v.max() > 2))
            ),
            [],
            "reads the losses: set",
        ),
        (
            weighing(one_negative),
            [],
            r"gives \[-1\.  2\.\] for 2 gradients, in any direction, times 1e-15.*"
            "Set it to False",
        ),
        (
            weighing(one_negative, nonnegative=False),
            ["convex"],
            'claims "convex", but gives',
        ),
        (weighing(nearly_convex), ["convex"], 'claims "convex", but gives'),
        (
            weighing(lambda g, v, p: 1 + 1e-4 * np.arange(len(g))),
            ["permutation"],
            'claims "permutation", but in another order of 2 objectives',
        ),
        (
            # Nothing but the very largest is told apart.
            weighing(
                lambda g, v, p: np.full(len(g), 1 + (np.trace(g) > 1e12)),
                needs_gramian=True,
            ),
            ["scale"],
            r'claims "scale", but a Gramian times 1e\+12 turns',
        ),
        (
            weighing(
                lambda g, v, p: np.full(len(g), 1 + (np.trace(g) < 1e-6)),
                needs_gramian=True,
            ),
            ["scale"],
            'claims "scale", but a Gramian times 1e-12 turns',
        ),
        (weighing(lambda g, v, p: np.ones(len(g))), ["convex"], 'claims "convex"'),
        (Even, ["non_conflicting"], 'claims "non_conflicting"'),
        (
            weighing(lambda g, v, p: np.arange(1.0, len(g) + 1)),
            ["permutation"],
            'claims "permutation"',
        ),
        (
            weighing(lambda g, v, p: np.sqrt(np.diag(g)), needs_gramian=True),
            ["scale"],
            'claims "scale"',
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:(divide|overflow|invalid):RuntimeWarning")
def test_faults_are_found(cls, claims, match):
    with pytest.raises(AssertionError, match=match):
        check_balancer(cls(), claims)


def test_what_is_no_balancer():
    with pytest.raises(AssertionError, match="no instance of Balancer"):
        check_balancer(UPGrad)


def test_bad_arguments():
    with pytest.raises(
        ValueError, match=r"'claims' .* must be among \('convex'.*\['fair'\]"
    ):
        check_balancer(PCGrad(), ["fair", "convex"])
    with pytest.raises(ValueError, match="without 'n_objectives'"):
        check_balancer(PCGrad(), bounds=[1.0, 2.0])
