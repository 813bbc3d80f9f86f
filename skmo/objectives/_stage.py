"""The stages of a funnel: what their losses look at and return."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from scipy.special import log_expit
from sklearn.base import BaseEstimator


@dataclass(frozen=True)
class Stage:
    """What the loss of stage k looks at, for some rows.

    Attributes
    ----------
    score : ndarray of shape (n_samples, k + 1), float64
        Log-odds of the stages 0 to k, each given the one before.
    target : ndarray of shape (n_samples,), float64
        1 where stage k was reached, 0 where not, NaN where that is unknown.
    reached : ndarray of shape (n_samples,), float64
        The same of stage k - 1; 1 throughout for the first stage.
    imputed : ndarray of shape (n_samples,), float64, or None
        Another model's probability of stage k given stage k - 1. Present where
        the loss's ``needs_imputed`` is true.
    observed_share : float, default=1.0
        Of the rows that reached stage k - 1, the share of which stage k is known.
    known_share : ndarray of shape (n_samples,) or float, default=1.0
        Of rows that came as far as this one, the share of which stage k - 1 is
        known.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.objectives import Stage
    >>> stage = Stage(np.array([[0.0, 0.0]]), np.array([1.0]), np.array([1.0]))
    >>> stage.log_odds
    array([0.])
    """

    score: np.ndarray
    target: np.ndarray
    reached: np.ndarray
    imputed: np.ndarray | None = None
    observed_share: float = 1.0
    known_share: np.ndarray | float = 1.0

    @property
    def log_odds(self) -> np.ndarray:
        """Of stage k given stage k - 1, (n_samples,)."""
        return self.score[:, -1]

    @property
    def on_its_rows(self) -> np.ndarray:
        """Rows that reached stage k - 1 and of which stage k is known, bool."""
        return (self.reached == 1) & ~np.isnan(self.target)


class StageDerivatives(NamedTuple):
    """A stage's loss row by row, and its derivatives by the scores it reads.

    Attributes
    ----------
    loss : ndarray of shape (n_samples,)
    gradient, curvature : ndarray of shape (n_samples, k + 1)
        By the log-odds of the stages 0 to k; 0 for rows that do not count. The
        curvature is at least 0: a second derivative or its expectation.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.objectives import ConditionalLoss, Stage
    >>> stage = Stage(np.array([[0.0, 0.0]]), np.array([1.0]), np.array([1.0]))
    >>> ConditionalLoss().derivatives(stage).gradient
    array([[ 0. , -0.5]])
    """

    loss: np.ndarray
    gradient: np.ndarray
    curvature: np.ndarray


class StageLoss(BaseEstimator, ABC):
    """The loss of a stage of a funnel.

    Stage k has one score, the log-odds :math:`f_k` of reaching it for those who
    reached stage k - 1. With :math:`p_k = \\sigma(f_k)` the chance to come as far
    as stage k is :math:`P_k = p_0 p_1 \\cdots p_k`. The first stage has no stage
    before it, and all losses are its plain log loss.

    Subclass it to train a funnel on a loss of your own.

    Attributes
    ----------
    coupled : bool
        Whether the loss has derivatives by the scores of earlier stages.
    reads_earlier : bool
        Whether it depends on their scores at all.
    needs_imputed : bool
        Whether it reads `Stage.imputed`.
    """

    coupled: ClassVar[bool] = False
    reads_earlier: ClassVar[bool] = False
    needs_imputed: ClassVar[bool] = False

    def validate_params(self) -> None:
        """Check the parameters; raise ``ValueError`` naming the bad one."""
        return None

    @abstractmethod
    def counted(self, stage: Stage) -> np.ndarray:
        """What the rows count in the loss's mean, (n_samples,) float or bool.

        A function of what is known of the rows, not of the scores.
        """

    def informative(self, stage: Stage) -> np.ndarray:
        """The rows that may have a gradient, (n_samples,) bool."""
        return np.asarray(self.counted(stage)) > 0

    @abstractmethod
    def derivatives(self, stage: Stage) -> StageDerivatives:
        """The loss of each row and its derivatives."""


def log_cumulative(score: np.ndarray) -> np.ndarray:
    """Logarithms of the chances to come as far as each stage.

    Parameters
    ----------
    score : ndarray of shape (n_samples, n_stages)
        Log-odds of each stage given the one before.

    Returns
    -------
    ndarray of shape (n_samples, n_stages)
        At most 0, never rising from one stage to the next.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.objectives import log_cumulative
    >>> np.exp(log_cumulative(np.array([[0.0, 0.0]])))
    array([[0.5 , 0.25]])
    """
    return np.cumsum(log_expit(np.asarray(score, dtype=np.float64)), axis=1)
