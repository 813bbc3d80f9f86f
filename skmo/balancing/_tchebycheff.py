"""All weight on the worst objective."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ._base import Balancer, uniform


class Tchebycheff(Balancer):
    """All weight on the objective that is worst, by the preference.

    Minimises the largest weighted distance of the losses to an ideal point. Finds
    every trade-off, those on a non-convex Pareto front too, but a round helps one
    objective only; `SmoothTchebycheff` spreads it out. Losses are compared as
    they are: objectives in different units want a preference that makes up for
    it.

    Parameters
    ----------
    ideal : array-like of shape (n_objectives,), default=None
        The ideal point, finite: losses that would be perfect. None means 0.

    Notes
    -----
    With the preference :math:`p`, summing to 1, and the ideal point :math:`z`,
    the weights are the gradient with respect to the losses of

    .. math:: \\max_k \\; p_k (\\ell_k - z_k),

    :math:`p_k` at the maximum and 0 elsewhere. Where the maximum is reached more
    than once, equal up to a relative 1e-12, any convex combination of these is a
    subgradient: each objective there gets an equal share, :math:`p_k / n` for
    :math:`n` of them. Weights are not normalised. Objectives with a preference of
    0 never count.

    Deviation: the literature has a norm, :math:`|\\ell_k - z_k|`. Here losses
    below the ideal point are negative distances, so that they are not driven up
    again.

    The criterion is that maximum, times the number of objectives.

    References
    ----------
    Bowman, "On the Relationship of the Tchebycheff Norm and the Efficient
    Frontier of Multiple-Criteria Objectives", in Multiple Criteria Decision
    Making, Springer, 1976. Miettinen, "Nonlinear Multiobjective Optimization",
    Kluwer, 1999. Neither could be read; formula as the method "tch" in the
    released code of Lin et al., "Smooth Tchebycheff Scalarization for
    Multi-Objective Optimization", ICML 2024 (github.com/Xi-L/STCH).

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.balancing import Tchebycheff
    >>> Tchebycheff().weights(np.eye(2), [1.0, 2.0])
    array([0. , 0.5])

    A preference of 3 to 1: 0.75 * 1 is more than 0.25 * 2.

    >>> Tchebycheff().weights(np.eye(2), [1.0, 2.0], preference=[3.0, 1.0])
    array([0.75, 0.  ])
    """

    needs_losses: ClassVar[bool] = True
    takes_preference: ClassVar[bool] = True
    _per_objective: ClassVar[tuple[str, ...]] = ("_kept_ideal",)
    _parameter_constraints: ClassVar[dict[str, list]] = {
        "ideal": ["array-like", None],
    }
    _kept_ideal: np.ndarray | None = None

    def __init__(self, ideal: ArrayLike | None = None):
        self.ideal = ideal

    def validate_params(self) -> None:
        super().validate_params()
        if self.ideal is None:
            return
        try:
            ideal = np.asarray(self.ideal, dtype=np.float64)
        except (TypeError, ValueError):
            ideal = np.array(np.nan)
        if ideal.ndim != 1 or not np.isfinite(ideal).all():
            raise ValueError(
                f"The 'ideal' parameter of {type(self).__name__} must be None or hold "
                f"one finite number per objective. Got {self.ideal!r:.200} instead."
            )

    def _weights(
        self,
        gramian: np.ndarray,
        losses: np.ndarray,
        preference: np.ndarray | None,
    ) -> np.ndarray:
        p = uniform(len(losses)) if preference is None else preference
        distances = np.where(p > 0, p * (losses - self._ideal(len(losses))), -np.inf)
        worst = distances.max()
        active = distances >= worst - 1e-12 * abs(worst)
        return np.where(active, p / active.sum(), 0.0)

    def _criterion(self, losses: np.ndarray, preference: np.ndarray) -> float:
        p = preference[preference > 0]
        ideal = self._ideal(len(losses))[preference > 0]
        # That many times, so that equal losses are their own criterion.
        return len(losses) * (p * (losses[preference > 0] - ideal)).max()

    def keep(self, kept: np.ndarray) -> None:
        if self.ideal is not None and self._kept_ideal is None:
            self._kept_ideal = np.array(self.ideal, dtype=np.float64)
        super().keep(kept)

    def _ideal(self, n: int) -> np.ndarray:
        """The ideal point of the objectives that have not stopped."""
        if self.ideal is None:
            return np.zeros(n)
        ideal = self._kept_ideal
        if ideal is None:
            ideal = np.array(self.ideal, dtype=np.float64)
        if len(ideal) != n:
            raise ValueError(
                f"The 'ideal' parameter of {type(self).__name__} must hold one number "
                f"for each of the {n} objectives. Got {len(ideal)} instead."
            )
        # Not before: a refused call leaves nothing behind.
        self._kept_ideal = ideal
        return ideal
