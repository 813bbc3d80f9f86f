"""Gradients brought to the cosines they have had on average."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar

import numpy as np
from sklearn.utils import check_random_state

from .._sklearn import Interval
from ._base import Balancer
from ._cosines import unit_gramian
from ._pcgrad import random_orders, summed

# A cosine of 1 cannot be reached by adding a multiple of the other gradient; this
# one costs at most 23 times the gradient's own norm.
_LARGEST_TARGET = 0.999
# Shorter remainders of a gradient are rounding, and have no direction.
_SHORTEST = 1e-7


class GradVac(Balancer):
    """Gradient vaccine: keep gradients as aligned as they have been on average.

    Like `PCGrad`, each objective's gradient meets the others in random order.
    It is corrected not only where the two conflict, but whenever their cosine
    is below a target: the pair's moving average over the earlier calls. Suits
    objectives that are related for long and disturbed at times.

    Parameters
    ----------
    beta : float, default=0.01
        How much of a target the newest cosine makes, in [0, 1]. With 0 the
        targets stay at 0, which is `PCGrad`.
    random_state : int, RandomState instance or None, default=None
        Draws the orders. With an int, the sequence of calls after ``reset``
        repeats.

    Notes
    -----
    With :math:`\\phi` the cosine between objective i's gradient as it is by then,
    :math:`g_i'`, and objective j's, :math:`g_j`, and with the pair's target
    :math:`\\hat\\phi`, where :math:`\\phi < \\hat\\phi`,

    .. math::

        g_i' \\leftarrow g_i' + \\frac{\\|g_i'\\|}{\\|g_j\\|} \\cdot
        \\frac{\\hat\\phi \\sqrt{1 - \\phi^2} - \\phi \\sqrt{1 - \\hat\\phi^2}}
        {\\sqrt{1 - \\hat\\phi^2}} \\, g_j,

    after which the cosine is :math:`\\hat\\phi`. In any case
    :math:`\\hat\\phi \\leftarrow (1 - \\beta) \\hat\\phi + \\beta \\phi` for the next
    call. Targets start at 0, hence the first call is `PCGrad`'s. The results are
    summed: the weights are all 1 where every cosine reaches its target, and at
    least 1 elsewhere. All products are computed from the Gramian.

    Two deviations from the paper. Targets count as at most 0.999, as the
    correction grows without bound towards 1. A pair with a gradient of 0, or one
    that earlier corrections have brought to 0, has no cosine and is passed by.

    References
    ----------
    Wang, Tsvetkov, Firat and Cao, "Gradient Vaccine: Investigating and Improving
    Multi-task Optimization in Massively Multilingual Models", ICLR 2021. The
    formulas are those implemented in LibMTL (MIT) and documented by TorchJD
    (MIT). LibMTL updates a target only where it was missed; here, as in TorchJD,
    every pair's is. Both have 0.5 for ``beta``; 0.01 is other implementations'.

    Examples
    --------
    The second call's target is half of the first's cosine 0.8, so that gradients
    at right angles are pulled together until their cosine is 0.4:

    >>> import numpy as np
    >>> from skmo.balancing import GradVac
    >>> balancer = GradVac(beta=0.5)
    >>> balancer.weights([[1.0, 0.8], [0.8, 1.0]])
    array([1., 1.])
    >>> balancer.weights(np.eye(2)).round(3)
    array([1.436, 1.436])
    """

    needs_gramian: ClassVar[bool] = True
    acts_on: ClassVar[str] = "gradients"

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "beta": [Interval(Real, 0, 1, closed="both")],
        "random_state": ["random_state"],
    }
    _per_objective: ClassVar[tuple[str, ...]] = ("_targets",)

    def __init__(self, beta: float = 0.01, random_state: Any = None):
        self.beta = beta
        self.random_state = random_state

    def reset(self) -> None:
        super().reset()
        self._random = None

    def keep(self, kept: np.ndarray) -> None:
        super().keep(kept)
        # The targets are of pairs.
        if getattr(self, "_targets", None) is not None:
            self._targets = self._targets[:, kept]

    def _weights(
        self,
        gramian: np.ndarray,
        losses: np.ndarray | None,
        preference: np.ndarray | None,
    ) -> np.ndarray:
        n = len(gramian)
        if getattr(self, "_targets", None) is None:
            self._targets = np.zeros((n, n))
        if getattr(self, "_random", None) is None:
            self._random = check_random_state(self.random_state)
        cosines, norms = unit_gramian(gramian)
        # In units of each gradient's own norm; all gradients take their turns at
        # once, as they meet the others as these were.
        coefficients, products = np.eye(n), cosines.copy()
        rows = np.arange(n)
        for others in random_orders(self._random, n):
            squares = np.einsum("ij,ij->i", coefficients, products)
            lengths = np.sqrt(np.maximum(squares, 0.0))
            met = lengths > _SHORTEST * coefficients.sum(axis=1)
            met &= norms[others] > 0
            found = products[rows, others] / np.where(met, lengths, 1.0)
            found = np.clip(found, -1.0, 1.0)
            remembered = self._targets[rows, others]
            target = np.minimum(remembered, _LARGEST_TARGET)
            sine = np.sqrt(1 - found**2)
            # No cosine is below a target of -1, so that its sine does not matter.
            aim = target / np.sqrt(np.where(target > -1, 1 - target**2, 1.0))
            step = lengths * (aim * sine - found)
            step[~met | (found >= target)] = 0.0
            coefficients[rows, others] += step
            products += step[:, None] * cosines[others]
            remembered[met] += self.beta * (found - remembered)[met]
            self._targets[rows, others] = remembered
        return summed(coefficients, norms)
