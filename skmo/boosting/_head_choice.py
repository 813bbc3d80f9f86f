"""What part an objective's own trees get in its prediction."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ._rows import TargetRows

_SHARES = np.linspace(0.0, 1.0, 21)
# How strongly an even blend is preferred, in standard errors of the difference between
# the two losses: leaving it for one side alone must pay for half of one. On nine small
# data sets 1 to 4 kept 96 to 100 % of the objectives from losing to separate models, no
# preference 93 %.
_CAUTION = 2.0


def choose_share(
    rows: TargetRows,
    k: int,
    shared: np.ndarray,
    own: np.ndarray,
    *,
    continues: bool,
    surely: bool = False,
) -> float:
    """The weight of an objective's own trees in its prediction.

    Parameters
    ----------
    rows : TargetRows
        Rows the models have not been trained on, all observing objective ``k``.
    k : int
    shared : ndarray of shape (n_samples, n_scores_k)
        The shared trees' scores.
    own : ndarray of shape (n_samples, n_scores_k)
        What the own trees add to them, if they continue, or their scores.
    continues : bool
        Whether the own trees are all in (1) or out (0).
    surely : bool, default=False
        Whether the loss must fall by more than the standard error of the fall
        (the rule of one standard error, [1]_).

    Returns
    -------
    float
        In [0, 1]; 0 where the objective is better off without them.

    References
    ----------
    .. [1] L. Breiman, J. H. Friedman, R. A. Olshen, C. J. Stone. "Classification
       and Regression Trees", Wadsworth 1984, section 3.4.3.
    """
    losses, weight = _row_losses(rows, k), rows.weight_of(k)
    if continues:
        share, after = 1.0, losses(shared + own)
    else:
        blends = np.array([losses((1 - w) * shared + w * own) for w in _SHARES])
        best = _best_blend(blends, weight)
        share, after = float(_SHARES[best]), blends[best]
    if continues or surely:
        fall, error = _mean_and_error(losses(shared) - after, weight)
        if not fall > (error if surely else 0.0):
            return 0.0
    return share


def _best_blend(blends: np.ndarray, weight: np.ndarray | None) -> int:
    """Index of the share to give own trees.

    The mean loss of each blend, plus ``_CAUTION`` standard errors of the
    difference between both ends times the squared distance from an even blend:
    few rows should not decide for one side by chance.

    Parameters
    ----------
    blends : ndarray of shape (n_shares, n_samples)
        Losses of the rows for each of ``_SHARES``.
    weight : ndarray of shape (n_samples,) or None
    """
    _, error = _mean_and_error(blends[-1] - blends[0], weight)
    mean = np.average(blends, axis=1, weights=weight)
    return int(np.argmin(mean + _CAUTION * error * (_SHARES - 0.5) ** 2))


def _mean_and_error(
    values: np.ndarray, weight: np.ndarray | None
) -> tuple[float, float]:
    """Weighted mean and its standard error."""
    mean = np.average(values, weights=weight)
    variance = np.average((values - mean) ** 2, weights=weight)
    n = len(values) if weight is None else weight.sum() ** 2 / (weight**2).sum()
    return float(mean), float(np.sqrt(variance / n))


def _row_losses(rows: TargetRows, k: int) -> Callable[[np.ndarray], np.ndarray]:
    """The loss of each row (all observed) for scores (n_samples, n_scores_k)."""
    objective, target = rows.coder.objectives[k], rows.target(k)
    target = target.astype(np.float64)

    def losses(scores: np.ndarray) -> np.ndarray:
        scores = np.asarray(scores, dtype=np.float64)
        return objective.loss(
            target, scores if objective.multi_score else scores[:, 0].copy()
        )

    return losses
