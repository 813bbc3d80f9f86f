"""A tree of its own for each score."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ._base import StructureRule, StructureState


class ApartTrees(StructureRule):
    """Grow a tree for each score in each round, and nothing is shared.

    These are the trees that separate models would grow, side by side: the
    yardstick that shared trees are measured against, and the choice where
    objectives have no structure in common. A round costs as many trees as there
    are scores (an objective has one, or one per class) that still learn. Weights
    change nothing but who has a tree: one of weight 0 has none.

    Of a target that is not observed everywhere, the trees differ somewhat from those
    of a model of the observed rows: bins are of all rows, and LightGBM estimates a
    leaf's number of observed rows from its Hessian. Rows and features are drawn
    anew for each tree, not for each round.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.boosting.structure import ApartTrees, StructureState
    >>> state = StructureState(owner=np.arange(3), weights=np.array([0.5, 0.0, 0.5]))
    >>> ApartTrees().direction(state, np.random.default_rng(0))
    array([1., 0., 1.])
    """

    apart: ClassVar[bool] = True

    def direction(self, state: StructureState, rng: np.random.Generator) -> np.ndarray:
        return (state.weights > 0)[state.owner].astype(np.float64)
