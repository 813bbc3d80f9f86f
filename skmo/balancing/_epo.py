"""Losses in the proportions the preference asks for."""

from __future__ import annotations

from numbers import Real
from typing import ClassVar

import numpy as np

from .._sklearn import Interval
from ._base import Balancer, uniform


class EPO(Balancer):
    """Towards the Pareto-optimal model with losses in given proportions.

    Exact Pareto optimal search: with the preference p, the products
    ``p_k * loss_k`` are brought to one value, so that objectives that matter more
    end up with lower losses. While they differ, the weights reduce the difference,
    and losses that are low already may rise; once they agree, the weights descend
    for all.

    Parameters
    ----------
    eps : float, default=1e-4
        The non-uniformity up to which the products count as equal, at least 0.
    relax : bool, default=False
        Whether the descent, once they are equal, may go against the balance.

    Notes
    -----
    With the preference :math:`r`, :math:`u = r \\circ \\ell / (r^T \\ell)` for
    the shares of the products and :math:`K` objectives, the non-uniformity and
    the direction that lowers it are

    .. math:: \\mu = \\sum_k u_k \\log (K u_k), \\qquad
              a_k = r_k (\\log (K u_k) - \\mu).

    Weights :math:`w` change the losses at the rates :math:`-G w`. They are at
    least 0, sum to 1 and solve one of two linear programs.

    Balance, where :math:`\\mu` is more than ``eps``: maximise
    :math:`a^T G w`. With :math:`J` the objectives where :math:`(G a)_j > 0` and
    :math:`J^*` those of the largest product, :math:`(G w)_j \\ge 0` on
    :math:`J^*`, :math:`(G w)_j \\ge (G a)_j` outside of :math:`J` and
    :math:`J^*`: an ascent no faster than that of the anchoring direction. If
    :math:`J` is empty, :math:`G w \\ge 0`.

    Descent otherwise: maximise :math:`1^T G w` with :math:`G w \\ge 0` and,
    unless ``relax``, :math:`a^T G w \\ge \\min(0, \\max_j (G a)_j)`. This bound
    is left out where it cannot be met.

    The criterion is the largest product :math:`r_k \\ell_k` times :math:`K`.

    The programs are solved exactly by a dual simplex method from the best weight
    of a single objective. Where the solution is not unique, objectives with equal
    gradients and best single objectives share evenly; other ties are not split.
    All objectives of an all-zero Gramian weigh the same.

    Deviations: :math:`r` sums to 1, as in the authors' experiments in regression;
    another scale would scale the bounds :math:`(G a)_j`. Shares are at least
    2.2e-16 in logarithms; losses that are all 0 count as balanced. Where rounding
    leaves no solution (a bound may be missed by 1e-6 of its row first), the
    weights are the preference, as in the authors' code. Their training multiplies
    the weights by the number of objectives.

    References
    ----------
    Mahapatra and Rajan, "Multi-Task Learning with User Preferences: Gradient
    Descent with Controlled Ascent in Pareto Optimization", ICML 2020. The paper's
    abstract only could be read; formulae as in the authors' released code, class
    ``EPO_LP`` (github.com/dbmptr/EPOSearch).

    Examples
    --------
    Opposed gradients at an angle, and the first loss is too high: all weight goes
    to it. With equal losses, both descend.

    >>> import numpy as np
    >>> from skmo.balancing import EPO
    >>> G = np.array([[2.0, -1.0], [-1.0, 2.0]])
    >>> EPO().weights(G, [4.0, 1.0])
    array([1., 0.])
    >>> EPO().weights(G, [1.0, 1.0])
    array([0.5, 0.5])

    Losses of 4 and 1 are what a preference of 1 to 4 asks for.

    >>> EPO().weights(G, [4.0, 1.0], preference=[1.0, 4.0])
    array([0.5, 0.5])
    """

    needs_gramian: ClassVar[bool] = True
    needs_losses: ClassVar[bool] = True
    takes_preference: ClassVar[bool] = True
    _parameter_constraints: ClassVar[dict[str, list]] = {
        "eps": [Interval(Real, 0, None, closed="left")],
        "relax": ["boolean"],
    }

    def __init__(self, eps: float = 1e-4, relax: bool = False):
        self.eps = eps
        self.relax = relax

    def check_preference(self, preference: np.ndarray | None) -> None:
        if preference is not None and not np.all(preference > 0):
            raise ValueError(
                "EPO needs a preference of more than 0 for every objective, as an "
                "importance of 0 asks for an infinite loss. Got "
                f"{preference.tolist()} instead."
            )

    def _weights(
        self,
        gramian: np.ndarray,
        losses: np.ndarray,
        preference: np.ndarray | None,
    ) -> np.ndarray:
        n = len(losses)
        r = uniform(n) if preference is None else preference
        self.check_preference(r)
        G = gramian / (np.abs(gramian).max() or 1.0)
        products = r * (losses / (losses.max() or 1.0))
        shares = products / products.sum() if products.any() else uniform(n)
        logs = np.log(n * np.maximum(shares, np.finfo(float).eps))
        uneven = shares @ logs
        a = r * (logs - uneven)
        for tol in (1e-12, 1e-6):
            if uneven > self.eps:
                w = _balance(G, G @ a, products == products.max(), tol)
            else:
                w = _descent(G, G @ a, self.relax, tol)
            if w is not None:
                return w
        return r

    def _criterion(self, losses: np.ndarray, preference: np.ndarray) -> float:
        return len(losses) * (preference * losses).max()


def _balance(
    G: np.ndarray, Ga: np.ndarray, worst: np.ndarray, tol: float
) -> np.ndarray | None:
    fall = Ga > 0
    bounds = np.where(worst, 0.0, Ga) if fall.any() else np.zeros(len(G))
    bounded = worst | ~fall
    return _maximise(Ga, G[bounded], bounds[bounded], tol, G)


def _descent(
    G: np.ndarray, Ga: np.ndarray, relax: bool, tol: float
) -> np.ndarray | None:
    c, zeros = G.sum(axis=0), np.zeros(len(G))
    w = None
    if not relax:
        rows, bounds = np.vstack([G, Ga]), np.append(zeros, min(0.0, Ga.max()))
        w = _maximise(c, rows, bounds, tol, G)
    return _maximise(c, G, zeros, tol, G) if w is None else w


def _maximise(
    c: np.ndarray, A: np.ndarray, b: np.ndarray, tol: float, G: np.ndarray
) -> np.ndarray | None:
    """Weights that maximise ``c @ w`` with ``A @ w >= b``, ties shared evenly.

    None if there are none.
    """
    scale = np.abs(A).max(axis=1)
    scale[scale == 0] = 1.0
    A, b = A / scale[:, None], b / scale
    best = np.flatnonzero(c >= c.max() - 1e-12 * np.abs(c).max())
    found = [_dual_simplex(c, A, b, tol, start) for start in best]
    if any(w is None for w in found):
        return None
    w = np.mean(found, axis=0)
    # Equal gradients have equal columns: any split is a solution.
    for k in np.flatnonzero(w):
        same = (G[k] == G).all(axis=1)
        w[same] = w[same].mean()
    return w / w.sum()


def _dual_simplex(
    c: np.ndarray, A: np.ndarray, b: np.ndarray, tol: float, start: int
) -> np.ndarray | None:
    """One vertex that maximises ``c @ w`` on the simplex with ``A @ w >= b``.

    ``start`` is where ``c`` is largest: the optimum without bounds.
    """
    n, m = len(c), len(A)
    others = np.delete(np.arange(n), start)
    # Each basic variable as a constant (column 0) plus multiples of the nonbasic
    # ones: the start's weight, the bounds' slacks, and last the value of c.
    D = np.empty((m + 2, n))
    D[0, 0], D[0, 1:] = 1.0, -1.0
    D[1:-1, 0], D[1:-1, 1:] = A[:, start] - b, A[:, others] - A[:, [start]]
    D[-1, 0], D[-1, 1:] = c[start], np.minimum(c[others] - c[start], 0.0)
    basic = np.append(start, np.arange(n, n + m))
    nonbasic = others
    for step in range(50 * (n + m)):
        violated = np.flatnonzero(D[:-1, 0] < -tol)
        if not len(violated):
            w = np.zeros(n + m)
            w[basic] = np.maximum(D[:-1, 0], 0.0)
            return w[:n] / w[:n].sum()
        # The worst first; in the long run the first, which cannot cycle.
        worst = violated[np.argmin(D[violated, 0])]
        if step > 5 * (n + m):
            worst = violated[np.argmin(basic[violated])]
        row = D[worst].copy()
        can = np.flatnonzero(row[1:] > 1e-11)
        if not len(can):
            return None
        ratio = -D[-1, 1 + can] / row[1 + can]
        ties = can[ratio <= ratio.min() + 1e-14]
        # Of ties the largest pivot, for accuracy.
        enter = ties[np.argmax(row[1 + ties])]
        if step > 5 * (n + m):
            enter = ties[np.argmin(nonbasic[ties])]
        column = D[:, 1 + enter] / row[1 + enter]
        D -= np.outer(column, row)
        D[:, 1 + enter] = column
        D[worst] = -row / row[1 + enter]
        D[worst, 1 + enter] = 1.0 / row[1 + enter]
        basic[worst], nonbasic[enter] = nonbasic[enter], basic[worst]
    return None
