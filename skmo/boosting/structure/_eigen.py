"""Eigenvectors of the Gramian."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ._base import StructureRule, StructureState


class EigenDirection(StructureRule):
    r"""Grow each tree on an eigenvector of the scores' Gramian.

    With :math:`D = \mathrm{diag}(\lambda)`, eigenvector :math:`v_i` of
    :math:`D^{1/2} C D^{1/2}` is drawn with probability proportional to its
    eigenvalue and :math:`r = D^{1/2} v_i`. Objectives that want the same
    trees share a leading eigenvector and are served together; a lone
    objective keeps its share of draws.

    Costs O(n_scores³) a round on top of the Gramian.

    References
    ----------
    Drawing a matrix's singular directions with probability proportional to
    their energy: Frieze, Kannan and Vempala, "Fast Monte-Carlo algorithms for
    finding low-rank approximations", J. ACM 51 (2004). The
    truncated SVD sketch of boosting gradients: Iosipoi and Vakhrushev,
    "SketchBoost", NeurIPS 2022, appendix (there without the draw).

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.boosting.structure import EigenDirection, StructureState
    >>> state = StructureState(
    ...     owner=np.arange(2), weights=np.ones(2), gramian=np.ones((2, 2))
    ... )
    >>> r = EigenDirection().direction(state, np.random.default_rng(0))
    >>> bool(np.isclose(r[0], r[1]))
    True
    """

    needs_gramian: ClassVar[bool] = True

    def direction(self, state: StructureState, rng: np.random.Generator) -> np.ndarray:
        root = np.sqrt(state.score_weights)
        energy, vectors = np.linalg.eigh(root[:, None] * state.gramian * root)
        energy = np.maximum(energy, 0.0)
        if energy.sum() == 0.0:
            return root
        chosen = rng.choice(len(energy), p=energy / energy.sum())
        return root * vectors[:, chosen]
