"""Losses held below upper bounds."""

from __future__ import annotations

from numbers import Real
from typing import ClassVar

import numpy as np

from .._sklearn import Interval
from ._base import Balancer, uniform

# Of a weight: so far from the largest number that sums of them are finite.
_LARGEST = 1e300


class AugmentedLagrangian(Balancer):
    r"""Some losses are minimised while others are held below upper bounds.

    An objective with a bound weighs as much as it takes to keep its loss there: more
    in every round above it, less in every round below, and nothing where the bound
    is met anyway. Solves problems of the epsilon-constraint (EC) method.

    Parameters
    ----------
    mu : float, default=10.0
        Step size of the multipliers, more than 0, for losses near 1: a loss that is
        0.1 above its bound gains 0.1 ``mu`` of weight a round. A larger one enforces
        the bounds sooner and swings around them more.

    Notes
    -----
    With :math:`p` the preference over the objectives without a bound, summing to 1,
    the problem and its augmented Lagrangian's gradient are

    .. math:: \min \sum_{k: b_k = \infty} p_k \ell_k
        \quad\text{subject to}\quad \ell_k \le b_k,
        \qquad w_k = \begin{cases} p_k & b_k = \infty \\
        \alpha_k & \text{otherwise,} \end{cases}

    with multipliers that start at 0 and in round :math:`t`, before its weights, become

    .. math:: \alpha_k^{(t)} =
        \max\bigl(0,\; \alpha_k^{(t-1)} + \mu\,(\ell_k^{(t)} - b_k)\bigr).

    Where training settles down, they are those of the Karush-Kuhn-Tucker conditions.
    It does so where the weighted sum has a minimum: with one step of descent per
    update, trade-offs on a non-convex part of the Pareto front are passed again and
    again, but not kept. Weights are not normalised. A bounded objective is a
    constraint only: a preference for it has no part. Without bounds the weights are
    the preference.

    At first, one objective at least must have no bound and a preference of more than
    0. When all such objectives have stopped, the multipliers are all that is left.

    Deviations: the paper has one primary objective, here it may be several. The
    authors' code expresses losses in units of their bounds and scales each round's
    weights to a sum of 1, with what is remembered of them.

    References
    ----------
    Momma, Bagheri Garakani, Ma and Sun, "Multi-Objective Ranking via Constrained
    Optimization", Companion Proceedings of The Web Conference (WWW) 2020
    (AL-LambdaMART). The paper's abstract only could be read; formula as in the
    authors' released code, class ``EConstraint``
    (github.com/amazon-science/MO-LightGBM).

    Examples
    --------
    The second loss is 0.5 above its bound, then 0.25 below it:

    >>> import numpy as np
    >>> from skmo.balancing import AugmentedLagrangian
    >>> balancer = AugmentedLagrangian(mu=2.0)
    >>> bounds = [np.inf, 0.5]
    >>> balancer.weights(np.eye(2), [1.0, 1.0], bounds=bounds)
    array([1., 1.])
    >>> balancer.weights(np.eye(2), [1.0, 0.25], bounds=bounds)
    array([1. , 0.5])
    """

    needs_losses: ClassVar[bool] = True
    takes_preference: ClassVar[bool] = True
    takes_bounds: ClassVar[bool] = True
    _per_objective: ClassVar[tuple[str, ...]] = ("_multipliers",)
    _parameter_constraints: ClassVar[dict[str, list]] = {
        "mu": [Interval(Real, 0, None, closed="neither")],
    }
    _multipliers: np.ndarray | None = None

    def __init__(self, mu: float = 10.0):
        self.mu = mu

    def check_bounds(self, bounds: np.ndarray | None) -> None:
        # Later on, what has no bound may have stopped.
        if bounds is None or self._multipliers is not None:
            return
        if np.isfinite(bounds).all():
            raise ValueError(
                f"{type(self).__name__} minimises the objectives without a bound: "
                "'bounds' must be infinite for one of them at least. Got "
                f"{np.asarray(bounds).tolist()} instead."
            )

    def _weights(
        self,
        gramian: np.ndarray,
        losses: np.ndarray,
        preference: np.ndarray | None,
    ) -> np.ndarray:
        bounded = np.isfinite(self._bounds)
        p = uniform(len(losses)) if preference is None else preference
        primary = np.where(bounded, 0.0, p)
        total = primary.sum()
        if self._multipliers is None:
            if not total:
                raise ValueError(
                    f"{type(self).__name__} minimises the objectives without a bound: "
                    "'preference' must be more than 0 for one of them at least. Got "
                    f"{p.tolist()} with bounds {self._bounds.tolist()} instead."
                )
            self._multipliers = np.zeros(len(losses))
        excess = losses - np.where(bounded, self._bounds, losses)
        with np.errstate(over="ignore"):
            raised = np.clip(self._multipliers + self.mu * excess, 0.0, _LARGEST)
        self._multipliers = np.where(bounded, raised, 0.0)
        return self._multipliers + (primary / total if total else primary)

    def keep(self, kept: np.ndarray) -> None:
        if self._multipliers is None:
            kept = np.asarray(kept)
            n = kept.sum() if kept.dtype == bool else len(kept)
            self._multipliers = np.zeros(n)
        else:
            super().keep(kept)
