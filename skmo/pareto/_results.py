"""Outcomes of all preferences and folds as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.exceptions import FitFailedWarning, UndefinedMetricWarning

from ..exceptions import warn_user
from ._evaluate import Outcome


def score_outcomes(
    outcomes: Sequence[Outcome], n_splits: int, error_score: Any
) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """The objectives' names, scores and their means and deviations over folds.

    Warns of what failed and what has no score; see `score_table` and `mean_scores`.
    """
    # A stored study may have failures of a fit that did not raise them.
    filler = np.nan if error_score == "raise" else error_score
    _warn_or_raise_of_failures(outcomes, filler)
    names, scores, failed = score_table(outcomes, n_splits, filler)
    mean, std = mean_scores(names, scores, failed)
    _warn_of_no_score(names, mean, failed)
    return names, scores, mean, std


def _warn_or_raise_of_failures(outcomes: Sequence[Outcome], error_score: float) -> None:
    """As scikit-learn's searches: all failed is an error, some a warning."""
    errors = Counter(o.error for o in outcomes if o.error is not None)
    if not errors:
        return
    details = "\n".join(f"{n} fits failed with:\n{e}" for e, n in errors.items())
    if sum(errors.values()) == len(outcomes):
        raise ValueError(
            f"All the {len(outcomes)} fits failed. Set error_score='raise' to debug; "
            f"it may be that the estimator is misconfigured.\n{details}"
        )
    warn_user(
        f"{sum(errors.values())} fits failed out of {len(outcomes)}. Their scores are "
        f"set to {error_score}. Set error_score='raise' to debug.\n{details}",
        FitFailedWarning,
    )


def _warn_of_no_score(
    names: Sequence[str], mean: np.ndarray, failed: np.ndarray
) -> None:
    """Of points that are not on the front for that, though no fit of theirs failed."""
    without = ~np.isfinite(mean)
    lost = without.any(axis=1) & ~failed.any(axis=1)
    if not lost.any() or without.any(axis=1).all():
        return
    which = [names[k] for k in np.flatnonzero(without[lost].any(axis=0))]
    warn_user(
        f"{lost.sum()} of {len(mean)} points have no finite score of "
        f"{', '.join(map(repr, which))} in some folds, and are left out of the front.",
        UndefinedMetricWarning,
    )


def score_table(
    outcomes: Sequence[Outcome], n_splits: int, error_score: float
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """The objectives' names and scores, and where fits failed.

    Returns
    -------
    names : list of str
    scores : ndarray of shape (n_preferences, n_splits, n_objectives)
    failed : ndarray of shape (n_preferences, n_splits), bool

    Raises
    ------
    ValueError
        If there is one objective only, or not the same ones in all fits.
    """
    names = next(list(o.scores) for o in outcomes if o.error is None)
    if len(names) < 2:
        raise ValueError(
            "A Pareto front needs at least two objectives, and the estimator scores "
            f"{names} only. Pass a y of several targets, or objectives=."
        )
    others = [o.scores for o in outcomes if o.error is None and list(o.scores) != names]
    if others:
        raise ValueError(
            f"The objectives must be the same in all fits. Got {names} and "
            f"{list(others[0])}: give the targets names of their own."
        )
    failed = np.array([o.error is not None for o in outcomes])
    scores = np.array(
        [list(o.scores.values()) or [error_score] * len(names) for o in outcomes]
    )
    shape = (len(outcomes) // n_splits, n_splits)
    return names, scores.reshape(*shape, len(names)), failed.reshape(shape)


def mean_scores(
    names: Sequence[str], scores: np.ndarray, failed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Means and standard deviations over folds.

    A fold that scores an objective for no preference (a test part without a
    positive label, say) is left out of that objective's, with a warning.

    Returns
    -------
    mean, std : ndarray of shape (n_preferences, n_objectives)
    """
    undefined = (np.isnan(scores) | failed[:, :, None]).all(axis=0)
    # A fold that failed for all says nothing of the objective.
    undefined &= ~failed.all(axis=0)[:, None]
    lost = [names[k] for k in np.flatnonzero(undefined.any(axis=0))]
    if lost:
        warn_user(
            f"No fit has a score of {', '.join(map(repr, lost))} in some folds, which "
            "are left out of the mean.",
            UndefinedMetricWarning,
        )
    weight = (~undefined).astype(np.float64)
    count = weight.sum(axis=0)
    total = np.where(undefined, 0.0, scores).sum(axis=1)
    mean = np.full_like(total, np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    # An infinite score has an infinite mean and no deviation.
    with np.errstate(invalid="ignore"):
        gaps = np.where(undefined, 0.0, (scores - mean[:, None]) ** 2).sum(axis=1)
    std = np.full_like(total, np.nan)
    np.divide(gaps, count, out=std, where=count > 0)
    return mean, np.sqrt(std)


def results_table(
    settings: Sequence[dict[str, Any]],
    outcomes: Sequence[Outcome],
    names: Sequence[str],
    scores: np.ndarray,
    mean: np.ndarray,
    std: np.ndarray,
) -> dict[str, Any]:
    """``cv_results_``: one entry per preference in every column."""
    shape = scores.shape[:2]
    table: dict[str, Any] = {}
    for part in ("fit", "score"):
        times = np.array([getattr(o, f"{part}_time") for o in outcomes]).reshape(shape)
        table[f"mean_{part}_time"] = times.mean(axis=1)
        table[f"std_{part}_time"] = times.std(axis=1)
    for name in settings[0]:
        column = np.ma.MaskedArray(np.empty(len(settings), dtype=object), mask=False)
        for i, params in enumerate(settings):
            column[i] = params[name]
        table[f"param_{name}"] = column
    table["params"] = list(settings)
    for k, name in enumerate(names):
        for j in range(shape[1]):
            table[f"split{j}_test_{name}"] = scores[:, j, k]
        table[f"mean_test_{name}"] = mean[:, k]
        table[f"std_test_{name}"] = std[:, k]
    return table
