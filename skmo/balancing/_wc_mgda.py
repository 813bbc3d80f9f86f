"""The step that lowers the largest preferred loss."""

from __future__ import annotations

from numbers import Real
from typing import ClassVar

import numpy as np

from .._sklearn import Interval
from ._base import Balancer, uniform
from ._cosines import unit_gramian
from ._dual_cone import _complementary
from ._min_norm import positive_part

# Of the mean squared length, for gradients that combine to 0.
_RIDGE = 1e-10
_MAX_NEWTON = 100
_SETTLED = 1e-12


class WCMGDA(Balancer):
    r"""MGDA with preferences: the step that lowers the largest preferred loss most.

    The weighted Chebyshev MGDA. `Tchebycheff` heeds the worst objective alone and
    ends up jumping between those that are about equally bad; `MGDA` knows no
    preference and stops at any point of the Pareto front. This one looks one step
    ahead: it goes to the point of the front at which preferred losses are equal, and
    close to it combines the gradients of all that are near the worst. Finds
    trade-offs on a non-convex front too.

    Parameters
    ----------
    u : float, default=0.05
        Length of the step it looks ahead, more than 0, as a share of the losses:
        objectives whose preferred losses are within about that of the worst have
        weight. From `Tchebycheff` near 0 to the shortest combination of the
        preferred gradients for a large one, which heeds no loss. Preferred losses
        become equal up to about this share: training may stop at a point of the
        front that is as close.

    Notes
    -----
    With the preference :math:`p`, :math:`P` the diagonal matrix of it, the losses
    :math:`c = P \ell / \lVert P \ell \rVert` and the Gramian
    :math:`Q = P G P / \operatorname{tr}(P G P)`, the coefficients are

    .. math:: \max_{\alpha \ge 0,\; \sum_k \alpha_k = 1}
        \; c^\top \alpha - u \sqrt{\alpha^\top Q\, \alpha},
        \qquad w_k = \frac{p_k \alpha_k}{\sum_j p_j \alpha_j}.

    This is the dual of the smallest :math:`\max_k (c_k - \langle v_k, d \rangle)` over
    steps :math:`d` with :math:`\lVert d \rVert \le u`, where :math:`v_k` are vectors
    with the Gramian :math:`Q`: the linearised largest preferred loss after the step.
    Released code solves it as a second-order cone program. Here the smallest step
    that brings all losses down to a level :math:`\rho`, a quadratic program in
    :math:`\beta = u \alpha / \sqrt{\alpha^\top Q\, \alpha} \ge 0`, is solved by
    pivoting, and the level at which its length is :math:`u` by Newton's method from
    below, which takes a few steps as the length is convex in :math:`\rho`.

    Neither the losses' nor the gradients' common scale matters. To the diagonal of
    :math:`Q`, 1e-10 of its mean is added (the authors add 1e-12 of it), so that
    objectives with the same gradient and loss share evenly. Objectives with a
    preference of 0 have no weight. If no other has a gradient, the worst share the
    weight.

    The criterion is the largest :math:`p_k \ell_k` times the number of objectives.

    Deviations: the authors' code scales :math:`c` and :math:`Q` by the first round's
    norms (another release of it :math:`Q` by every round's, here both are), tunes
    ``u`` between two limits from round to round, of which the constant one is an
    option, and allows for a reference point and lower limits of the coefficients,
    which are 0 here.

    References
    ----------
    Momma, Dong and Liu, "A Multi-objective / Multi-task Learning Framework Induced
    by Pareto Stationarity", ICML 2022 (WC-MGDA). The paper's text was not at hand;
    formula as in the authors' released code, class ``WCMGDA``
    (github.com/amazon-science/MO-LightGBM).

    Examples
    --------
    Equal losses, gradients at a right angle: the shortest combination. A loss that is
    worse by far has all the weight.

    >>> import numpy as np
    >>> from skmo.balancing import WCMGDA
    >>> WCMGDA().weights(np.eye(2), [1.0, 1.0]).round(4)
    array([0.5, 0.5])
    >>> WCMGDA().weights(np.eye(2), [1.0, 2.0]).round(4)
    array([0., 1.])

    Losses of 1 and 2 are what a preference of 2 to 1 asks for. Equal descent of
    2 l_1 and l_2 takes gradients with weights of 1 to 2.

    >>> WCMGDA().weights(np.eye(2), [1.0, 2.0], preference=[2.0, 1.0]).round(4)
    array([0.3333, 0.6667])
    """

    needs_gramian: ClassVar[bool] = True
    needs_losses: ClassVar[bool] = True
    takes_preference: ClassVar[bool] = True
    _parameter_constraints: ClassVar[dict[str, list]] = {
        "u": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(self, u: float = 0.05):
        self.u = u

    def _weights(
        self,
        gramian: np.ndarray,
        losses: np.ndarray,
        preference: np.ndarray | None,
    ) -> np.ndarray:
        p = uniform(len(losses)) if preference is None else preference
        some = np.flatnonzero(p > 0)
        weights = np.zeros(len(p))
        weights[some] = p[some] * _coefficients(
            gramian[np.ix_(some, some)], losses[some], p[some], self.u
        )
        return weights / weights.sum()

    def _criterion(self, losses: np.ndarray, preference: np.ndarray) -> float:
        some = preference > 0
        return len(losses) * (preference[some] * losses[some]).max()


def _coefficients(
    gramian: np.ndarray, losses: np.ndarray, p: np.ndarray, u: float
) -> np.ndarray:
    """The maximiser alpha of the class's Notes, up to a factor."""
    c = p * (losses / (losses.max() or 1.0))
    c /= np.linalg.norm(c) or 1.0
    cosines, lengths = unit_gramian(gramian)
    lengths = p * lengths / p.max()
    total = np.linalg.norm(lengths)
    if total == 0:
        return (c >= c.max() * (1 - 1e-12)).astype(np.float64)
    lengths /= total
    Q = cosines * lengths[:, None] * lengths
    ridge = _RIDGE / len(c) * np.eye(len(c))
    try:
        np.linalg.cholesky(Q + ridge)
    except np.linalg.LinAlgError:
        Q = positive_part(Q)
    with np.errstate(over="ignore"):
        return _step(Q + ridge, (c.max() - c) / u)


def _step(Q: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """The beta >= 0 with ``beta @ Q @ beta = 1`` that is a step to a common level.

    ``Q @ beta`` is at least the descent of the worst less the gap to it, and no
    more where beta is positive.
    """
    # Where one objective alone takes a step of that length: no less is needed.
    descent = (gaps + np.sqrt(np.diag(Q))).min()
    passive = None
    for _ in range(_MAX_NEWTON):
        beta = _complementary(Q, (gaps - descent)[None], start=passive)[0]
        length = np.sqrt(beta @ Q @ beta)
        lower = descent - (length - 1.0) * (length / beta.sum())
        if length <= 1.0 + _SETTLED or lower >= descent:
            break
        descent, passive = lower, (beta > 0)[None]
    return beta
