"""One objective at a time."""

from __future__ import annotations

import numpy as np

from ._base import StructureRule, StructureState


class ObjectiveDirection(StructureRule):
    r"""Grow each tree on one objective, drawn with probability ∝ its weight.

    The other objectives get their leaf values from that tree all the same.
    The expected gain is the weighted sum of the objectives' gains, as with
    `RandomDirection`, but each tree is sharp for one of them.

    References
    ----------
    Random single-output structure for multi-output trees is the sketch
    "random sampling" of Iosipoi and Vakhrushev, "SketchBoost", NeurIPS 2022,
    section 3.2, with one output a tree.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.boosting.structure import ObjectiveDirection, StructureState
    >>> state = StructureState(owner=np.arange(2), weights=np.array([0.0, 1.0]))
    >>> ObjectiveDirection().direction(state, np.random.default_rng(0))
    array([0., 1.])
    """

    def direction(self, state: StructureState, rng: np.random.Generator) -> np.ndarray:
        weights = state.weights
        chosen = rng.choice(len(weights), p=weights / weights.sum())
        return np.where(state.owner == chosen, state.unit_directions(rng), 0.0)
