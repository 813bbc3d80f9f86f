"""What the tests over all balancers need to know of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from skmo.balancing import Balancer


@dataclass(frozen=True)
class Value:
    """Weights worked by hand or taken from the paper.

    Attributes
    ----------
    why : str
        The arithmetic, or where the figures come from.
    calls : list of dict
        Keyword arguments of ``weights``, call after call.
    expected : list of array-like
        The weights of each call.
    params : dict
        The balancer's parameters.
    rtol : float
    """

    why: str
    calls: list[dict]
    expected: list
    params: dict = field(default_factory=dict)
    rtol: float = 1e-6


@dataclass(frozen=True)
class Case:
    """A balancer's claims, checked by ``test_properties.py`` over samplers.

    Attributes
    ----------
    cls : type
    values : list of Value
        At least one with more than one objective.
    make : callable, optional
        From a number of objectives to a balancer; the class itself by default.
    oracle : dict of str to callable
        Names of oracle columns and balancers that must give their figures.
    properties : set of str
        Claims, out of

        - ``convex``: weights are at least 0 and sum to 1;
        - ``non_conflicting``: the combined gradient has no negative inner
          product with any objective's own, ``G w >= 0``;
        - ``permutation``: permuting objectives permutes the weights;
        - ``unit_free``: scaling objective k's gradient (and loss) by d_k divides
          its weight by d_k, up to one common factor, so that the combined
          gradient keeps its direction.
    scale_power : float or None
        ``w(c G) = c ** scale_power * w(G)``; None where not a power.
    stateful : bool
        Whether a call changes what a later one returns.
    random : bool
        Whether weights, or labels by them, are drawn (with the parameter
        ``random_state``).
    bounds : callable, optional
        From a number of objectives to the upper bounds that the samplers' calls
        are made with; none by default.
    """

    cls: type[Balancer]
    values: list[Value]
    make: Callable[[int], Balancer] | None = None
    oracle: dict[str, Callable[[], Balancer]] = field(default_factory=dict)
    properties: frozenset[str] = frozenset()
    scale_power: float | None = 0.0
    stateful: bool = False
    random: bool = False
    bounds: Callable[[int], list] | None = None

    def balancer(self, n_objectives: int) -> Balancer:
        return self.cls() if self.make is None else self.make(n_objectives)


PROPERTIES = frozenset({"convex", "non_conflicting", "permutation", "unit_free"})


def gramian(*gradients) -> np.ndarray:
    """The Gramian of gradients given as rows."""
    rows = np.array(gradients, dtype=float)
    return rows @ rows.T
