"""A random Gaussian direction."""

from __future__ import annotations

import numpy as np

from ._base import StructureRule, StructureState


class RandomDirection(StructureRule):
    r"""Grow each tree on a random mixture of all objectives.

    The direction is :math:`r_s = \sqrt{\lambda_s}\, \varepsilon_s` with
    independent standard normal :math:`\varepsilon_s`. In expectation over the
    draw the squared gradient sum of a leaf, which is what a split gains, is
    the weighted sum of the scores' own: :math:`E[(\sum_s r_s G_{ls})^2] =
    \sum_s \lambda_s G_{ls}^2`. Opposed targets therefore never cancel, as
    they do in a plain sum, at the cost of one tree a round.

    References
    ----------
    Random projections of the targets of multi-output trees: Joly, Geurts and
    Wehenkel, "Random forests with random projections of the output space for
    high dimensional multi-label classification", ECML PKDD 2014, section 3;
    of the gradients under boosting: Iosipoi and Vakhrushev, "SketchBoost:
    fast gradient boosted decision tree for multioutput problems", NeurIPS
    2022, section 3.3 (there with several directions a tree).

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.boosting.structure import RandomDirection, StructureState
    >>> state = StructureState(owner=np.arange(3), weights=np.array([1.0, 1.0, 0.0]))
    >>> RandomDirection().direction(state, np.random.default_rng(0))[2]
    np.float64(0.0)
    """

    def direction(self, state: StructureState, rng: np.random.Generator) -> np.ndarray:
        draw = rng.standard_normal(len(state.owner))
        return np.sqrt(state.score_weights) * draw
