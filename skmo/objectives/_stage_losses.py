"""Losses of a funnel's stages, whose scores are conditional log-odds."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.special import expit, log_expit

from ._stage import Stage, StageDerivatives, StageLoss, log_cumulative
from ._validation import check_real

# Where a series is more exact than the function: its next term is below 1e-12.
_SMALL = 1e-6
# exp(-x) is below the rounding of 1 from here on.
_LARGE = 37.0


class EntireSpaceLoss(StageLoss):
    r"""Log loss of having reached the stage, over all rows.

    The loss of ESMM [1]_: of those who did not reach stage k - 1 it is known
    that they did not reach stage k either, so that every row counts and the
    stage's score is trained where it is used. It is a function of the scores of
    all stages up to k and pulls on each of them, also on those of rows whose
    own losses pull the other way: see ``conflict`` of
    `skmo.EntireSpaceClassifier`.

    Notes
    -----
    With :math:`P = p_0 \cdots p_k`: loss :math:`-y \log P - (1 - y) \log(1 -
    P)`; the gradient by :math:`f_s` is :math:`-(1 - p_s)` for y = 1 and
    :math:`(1 - p_s) P / (1 - P)` for y = 0. The curvature is the second
    derivative :math:`p_s (1 - p_s)` for y = 1; for y = 0 that may be negative,
    and it is the Fisher information :math:`(1 - p_s)^2 P / (1 - P)`, its
    expectation under the model. Both are :math:`p (1 - p)` for a single stage.
    Where stages are missing, rows count by one over the shares that are known
    (`Stage.observed_share`, `Stage.known_share`). All is computed from :math:`A =
    -\log P = \sum_s \log(1 + e^{-f_s})` and stays exact where P is next to 0 or 1.

    References
    ----------
    .. [1] X. Ma, L. Zhao, G. Huang, Z. Wang, Z. Hu, X. Zhu, K. Gai. "Entire
       Space Multi-Task Model: an effective approach for estimating post-click
       conversion rate", SIGIR 2018, equations 1 (the product) and 3 (its loss).

    Examples
    --------
    A clicked row that did not convert, at p = q = 1/2. The loss of the click is
    -1/2 by the click's score, that of the conversion +1/6:

    >>> import numpy as np
    >>> from skmo.objectives import EntireSpaceLoss, Stage
    >>> stage = Stage(np.zeros((1, 2)), target=np.zeros(1), reached=np.ones(1))
    >>> EntireSpaceLoss().derivatives(stage).gradient.round(3)
    array([[0.167, 0.167]])
    """

    coupled: ClassVar[bool] = True
    reads_earlier: ClassVar[bool] = True

    def counted(self, stage):
        # Those behind a 0 are known to be 0; of those who reached the stage before
        # only some may be known, which then stand for the others as well.
        share = stage.known_share * np.where(
            stage.reached == 1, stage.observed_share, 1.0
        )
        return ~np.isnan(stage.target) / share

    def derivatives(self, stage):
        weight = self.counted(stage)
        happened, absent = stage.target == 1, stage.target == 0
        surprise, log_surprise = _minus_log_product(stage.score)
        # log(P / (1 - P)) and -log(1 - P), with P = exp(-surprise).
        log_ratio, log_rest = _odds(surprise, log_surprise)
        log_p, log_not = log_expit(stage.score), log_expit(-stage.score)
        not_p, ratio = np.exp(log_not), np.exp(log_not + log_ratio[:, None])
        loss = np.where(happened, surprise, np.where(absent, log_rest, 0.0))
        happened, absent = happened[:, None], absent[:, None]
        gradient = np.where(happened, -not_p, np.where(absent, ratio, 0.0))
        curvature = np.where(
            happened, np.exp(log_p + log_not), np.where(absent, not_p * ratio, 0.0)
        )
        each = weight[:, None]
        return StageDerivatives(weight * loss, each * gradient, each * curvature)


class ConditionalLoss(StageLoss):
    r"""Log loss of the stage over the rows that reached the one before.

    Each stage learns from its own rows alone. Together the stages' losses are
    the likelihood of the whole funnel, so that nothing observed is wasted; but
    rows that never reach a stage take no part in it, and where those who do
    differ in ways that no feature tells, so do their probabilities.

    Notes
    -----
    For rows with stage k - 1 reached, with the stage's :math:`p = \sigma(f_k)`:
    loss :math:`-y \log p - (1 - y) \log(1 - p)`, gradient :math:`p - y`,
    curvature :math:`p (1 - p)`.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.objectives import ConditionalLoss, Stage
    >>> stage = Stage(
    ...     np.zeros((2, 2)), target=np.zeros(2), reached=np.array([0.0, 1.0])
    ... )
    >>> ConditionalLoss().derivatives(stage).gradient
    array([[0. , 0. ],
           [0. , 0.5]])
    """

    def counted(self, stage):
        return stage.on_its_rows

    def derivatives(self, stage):
        weight = stage.on_its_rows.astype(np.float64)
        return _log_loss(stage, weight, weight * (stage.target == 1))


class _PropensityLoss(StageLoss):
    """What losses weighted by one over the propensity share."""

    reads_earlier: ClassVar[bool] = True

    def __init__(self, min_propensity: float = 0.05):
        self.min_propensity = min_propensity

    def validate_params(self):
        check_real(self, "min_propensity", 0, 1, closed="right")

    def counted(self, stage):
        return ~np.isnan(stage.reached) / stage.known_share


class InversePropensityLoss(_PropensityLoss):
    r"""Log loss of the stage, rows weighted by how unlikely they were to be seen.

    A row that reached stage k - 1 although it was unlikely to speaks for many
    that did not: weighted by one over its propensity :math:`\hat P_{k-1}`, the
    rows of a stage estimate the mean loss over everybody, if nothing hidden
    decides who reaches it. ESCM²-IPS [1]_. The propensities are the model's own
    and are taken as given: the loss does not move earlier stages.

    Parameters
    ----------
    min_propensity : float, default=0.05
        Propensities below are raised to it, in (0, 1]: it bounds the weights, at
        the price of a bias.

    Notes
    -----
    With :math:`o = 1` where stage k - 1 was reached and stage k is known: loss
    :math:`o\, e / \max(\hat P_{k-1}, m)` with the log loss e; a mean over all rows
    of which stage k - 1 is known. Where stages are missing, rows also count by one
    over the shares that are known (`Stage.observed_share`, `Stage.known_share`).

    References
    ----------
    .. [1] H. Wang, T.-W. Chang, T. Liu, J. Huang, Z. Chen, C. Yu, R. Li, W. Chu.
       "ESCM²: Entire Space Counterfactual Multi-Task Model for post-click
       conversion rate estimation", SIGIR 2022, section on counterfactual risk.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.objectives import InversePropensityLoss, Stage
    >>> stage = Stage(np.zeros((1, 2)), target=np.zeros(1), reached=np.ones(1))
    >>> InversePropensityLoss().derivatives(stage).gradient
    array([[0., 1.]])
    """

    def informative(self, stage):
        return stage.on_its_rows

    def derivatives(self, stage):
        weight = self.counted(stage) * _inverse_propensity(stage, self.min_propensity)
        return _log_loss(stage, weight, weight * (stage.target == 1))


class DoublyRobustLoss(_PropensityLoss):
    r"""Imputed log loss over all rows, corrected where the stage was observed.

    Another model's probability :math:`\tilde z` stands in for the outcome of
    every row; rows that were observed correct it, weighted by one over their
    propensity. The mean is right if either the imputation or the propensities
    are, as long as nothing hidden decides who reaches a stage. ESCM²-DR [1]_.

    Parameters
    ----------
    min_propensity : float, default=0.05
        Propensities below are raised to it, in (0, 1].

    Notes
    -----
    With :math:`o = 1` where stage k - 1 was reached and log losses e against the
    outcome z and :math:`\tilde e` against :math:`\tilde z`: :math:`\tilde e + o
    (e - \tilde e) / \max(\hat P_{k-1}, m)`. Since the log loss is linear in the
    outcome, that is the log loss against the pseudo-outcome :math:`\tilde z + o
    (z - \tilde z) / \max(\hat P_{k-1}, m)`, which may lie outside [0, 1], so
    that a row's loss may be negative.

    ESCM² learns the imputed loss jointly, as a number of its own without a
    gradient by the score; without shared layers it would then drop out of the
    score's gradient and leave the loss of `InversePropensityLoss`. Imputing the
    outcome is the form of Wang et al. [2]_.

    References
    ----------
    .. [1] H. Wang, T.-W. Chang, T. Liu, J. Huang, Z. Chen, C. Yu, R. Li, W. Chu.
       "ESCM²: Entire Space Counterfactual Multi-Task Model for post-click
       conversion rate estimation", SIGIR 2022, section on counterfactual risk.
    .. [2] X. Wang, R. Zhang, Y. Sun, J. Qi. "Doubly robust joint learning for
       recommendation on data missing not at random", ICML 2019.

    Examples
    --------
    A row that did not reach the stage before learns from the imputation:

    >>> import numpy as np
    >>> from skmo.objectives import DoublyRobustLoss, Stage
    >>> stage = Stage(
    ...     np.zeros((1, 2)),
    ...     target=np.zeros(1),
    ...     reached=np.zeros(1),
    ...     imputed=np.array([0.2]),
    ... )
    >>> DoublyRobustLoss().derivatives(stage).gradient
    array([[0. , 0.3]])
    """

    needs_imputed: ClassVar[bool] = True

    def derivatives(self, stage):
        counted = self.counted(stage)
        imputed = np.where(np.isnan(stage.imputed), 0.0, stage.imputed)
        weight = _inverse_propensity(stage, self.min_propensity)
        outcome = imputed + weight * ((stage.target == 1) - imputed)
        return _log_loss(stage, counted, counted * outcome)


def _log_loss(
    stage: Stage, weight: np.ndarray, weighted_outcome: np.ndarray
) -> StageDerivatives:
    """Weighted log loss of the stage's own score, which may see any outcome."""
    f = stage.log_odds
    p = expit(f)
    # log(1 + exp(f)) - z f, in the form that cancels nothing for z of 0 and 1.
    loss = -(weight - weighted_outcome) * log_expit(-f) - weighted_outcome * log_expit(
        f
    )
    gradient = np.zeros(stage.score.shape)
    curvature = np.zeros(stage.score.shape)
    # p - z as (1 - z) p - z (1 - p), for the same reason.
    gradient[:, -1] = (weight - weighted_outcome) * p - weighted_outcome * expit(-f)
    curvature[:, -1] = weight * p * expit(-f)
    return StageDerivatives(loss, gradient, curvature)


def _inverse_propensity(stage: Stage, least: float) -> np.ndarray:
    """For rows of which the stage is known, one over the chance of that; else 0."""
    chance = np.ones(len(stage.score))
    if stage.score.shape[1] > 1:
        reached = np.exp(log_cumulative(stage.score[:, :-1])[:, -1])
        chance = np.maximum(reached, least)
    return stage.on_its_rows / (chance * stage.observed_share)


def _minus_log_product(score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``A = -log(P)`` of the product of probabilities, and ``log(A)``.

    The logarithm is kept apart because A underflows for scores beyond 745.
    """
    each = -log_expit(score)
    with np.errstate(divide="ignore"):
        log_each = np.where(score > _LARGE, -score, np.log(each))
    return each.sum(axis=1), np.logaddexp.reduce(log_each, axis=1)


def _odds(a: np.ndarray, log_a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``log(P / (1 - P))`` and ``-log(1 - P)`` for ``P = exp(-a)``."""
    # exp(-a) loses its last digits next to 1 and 1 - exp(-a) next to 1 as well,
    # so each half has its own form.
    half = np.log(2.0)
    log_rest = np.where(
        a < half,
        -np.log(-np.expm1(-np.clip(a, _SMALL, half))),
        -np.log1p(-np.exp(-np.maximum(a, half))),
    )
    log_rest = np.where(a < _SMALL, a / 2 - log_a, log_rest)
    return log_rest - a, log_rest
