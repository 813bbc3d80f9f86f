"""Whether a model is better than another in several scores at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ._points import check_tolerance, signs


def pareto_improvement(
    reference: ArrayLike,
    candidate: ArrayLike,
    *,
    tolerance: float = 0.0,
    greater_is_better: bool | ArrayLike = True,
) -> bool:
    """Whether no objective fell and at least one rose.

    Parameters
    ----------
    reference, candidate : array-like of shape (n_objectives,)
        Scores of the two models, without NaN.
    tolerance : float, default=0.0
        A change up to this size counts as none.
    greater_is_better : bool or array-like of shape (n_objectives,), default=True
        False for losses.

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        If the scores differ in shape or hold NaN, ``tolerance`` is negative, or
        ``greater_is_better`` holds anything but True and False, such as signs.

    Examples
    --------
    >>> from skmo.metrics import pareto_improvement
    >>> pareto_improvement([0.70, 0.80], [0.75, 0.80])
    True
    >>> pareto_improvement([0.70, 0.80], [0.75, 0.79])
    False
    >>> pareto_improvement([0.70, 0.80], [0.75, 0.79], tolerance=0.02)
    True
    """
    check_tolerance(tolerance, "pareto_improvement")
    reference, candidate, sign = _compared(reference, candidate, greater_is_better)
    change = sign * (candidate - reference)
    return bool(np.all(change >= -tolerance) and np.any(change > tolerance))


def relative_improvement(
    reference: ArrayLike,
    candidate: ArrayLike,
    *,
    greater_is_better: bool | ArrayLike = True,
) -> float:
    r"""Mean relative change of the objectives' scores, positive if better.

    .. math:: \Delta_m = \frac{1}{K} \sum_k (-1)^{l_k} (M_k - B_k) / |B_k|

    with :math:`l_k = 1` for losses, M the candidate's and B the reference's
    scores [1]_. The paper divides by :math:`B_k`; the absolute value keeps the
    sign right for scores below zero.

    Parameters
    ----------
    reference, candidate : array-like of shape (n_objectives,)
        Scores of the two models, without NaN; none of the reference's is 0.
    greater_is_better : bool or array-like of shape (n_objectives,), default=True
        False for losses.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the scores differ in shape or hold NaN, a reference score is 0, or
        ``greater_is_better`` holds anything but True and False, such as signs.

    References
    ----------
    .. [1] K.-K. Maninis, I. Radosavovic, I. Kokkinos. "Attentive Single-Tasking of
       Multiple Tasks", CVPR 2019 (there called the average per-task drop).

    Examples
    --------
    >>> from skmo.metrics import relative_improvement
    >>> round(relative_improvement([0.5, 2.0], [0.6, 1.8], greater_is_better=[1, 0]), 3)
    0.15
    """
    reference, candidate, sign = _compared(reference, candidate, greater_is_better)
    if not reference.all():
        raise ValueError(
            "The change relative to a reference score of 0 is undefined. Got the "
            f"reference {reference.tolist()}: leave that objective out of both models'."
        )
    return float(np.mean(sign * (candidate - reference) / np.abs(reference)))


def _compared(
    reference: ArrayLike, candidate: ArrayLike, greater_is_better: bool | ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    reference = np.atleast_1d(np.asarray(reference, np.float64))
    candidate = np.atleast_1d(np.asarray(candidate, np.float64))
    if reference.shape != candidate.shape or reference.ndim != 1 or not len(reference):
        raise ValueError(
            "reference and candidate must hold one score per objective. Got the "
            f"shapes {reference.shape} and {candidate.shape}."
        )
    if np.isnan(reference).any() or np.isnan(candidate).any():
        raise ValueError(
            f"A score is NaN. Got reference {reference.tolist()} and candidate "
            f"{candidate.tolist()}: leave that objective out of both models'."
        )
    return reference, candidate, signs(greater_is_better, len(reference))
