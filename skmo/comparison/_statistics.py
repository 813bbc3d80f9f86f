"""What the scores of several folds say about a difference."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.stats import t as student


class Interval(NamedTuple):
    """A mean difference's standard error and confidence interval."""

    standard_error: float
    lower: float
    upper: float


def corrected_interval(
    differences: np.ndarray, test_share: float, confidence: float
) -> Interval | None:
    r"""The corrected resampled t-test's interval of a mean over folds.

    Folds share training rows, so their scores are not independent, and the
    plain standard error is too small. The variance of the mean of J
    differences is estimated by

    .. math:: \left(\frac{1}{J} + \frac{n_2}{n_1}\right) \hat\sigma^2

    with :math:`\hat\sigma^2` the differences' sample variance, and n2 rows to
    test for n1 rows to learn from [1]_; the t distribution has J - 1 degrees of
    freedom. The paper derives it for repeated random splits.

    Parameters
    ----------
    differences : ndarray of shape (n_folds,)
        Paired: of two models on the same fold. NaN is left out.
    test_share : float
        n2 / n1.
    confidence : float
        The probability of the interval, in (0, 1).

    Returns
    -------
    Interval or None
        None if fewer than two folds have a difference.

    References
    ----------
    .. [1] C. Nadeau, Y. Bengio. "Inference for the Generalization Error",
       Machine Learning 52, 2003, pages 239-281: the corrected resampled t-test.
    """
    differences = differences[~np.isnan(differences)]
    n_folds = len(differences)
    if n_folds < 2:
        return None
    mean = differences.mean()
    variance = (1.0 / n_folds + test_share) * differences.var(ddof=1)
    error = float(np.sqrt(variance))
    half = float(student.ppf(0.5 + confidence / 2, n_folds - 1)) * error
    return Interval(error, float(mean - half), float(mean + half))


def change_in_words(
    difference: float, interval: Interval | None, tolerance: float
) -> str:
    """Whether a score "rose", "fell", is "unchanged" or shows "no clear change".

    Without an interval by the tolerance alone. With one, a rise or fall must
    exceed the tolerance and its interval leave 0 out; "unchanged" has its whole
    interval within the tolerance.
    """
    if np.isnan(difference):
        return "not scored"
    if interval is None:
        return (
            "unchanged"
            if abs(difference) <= tolerance
            else "rose"
            if difference > 0
            else "fell"
        )
    if difference > tolerance and interval.lower > 0:
        return "rose"
    if difference < -tolerance and interval.upper < 0:
        return "fell"
    inside = -tolerance <= interval.lower and interval.upper <= tolerance
    return "unchanged" if inside else "no clear change"
