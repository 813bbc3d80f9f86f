"""Scorers for scikit-learn's searches and cross-validation."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from functools import partial
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.utils.metadata_routing import UNUSED

from ..estimators._targets import check_weight, weight_of
from ..exceptions import warn_user
from . import _natural, _scores
from ._responses import (
    Responses,
    refuse_labels,
    refuse_no_probabilities,
    two_values,
)

# y_true, y_pred and the function of one objective, as of a metric.
_Task = tuple[np.ndarray, np.ndarray, Callable[..., Any]]


def _negative(loss: Callable[..., Any]) -> Callable[..., float]:
    return lambda y, p, sample_weight=None: -loss(y, p, sample_weight=sample_weight)


def _of_numbers(score: Callable[..., Any]) -> Callable[..., _Task]:
    def task(responses: Responses, k: int, metric: str) -> _Task:
        refuse_labels(responses, k, metric)
        return responses.numbers(k), responses.prediction(k), score

    return task


def _of_two_values(
    score: Callable[..., Any], *, ranks: bool = False
) -> Callable[..., _Task]:
    """Scores of the probability of 1, or, if they only rank, of any numbers."""

    def task(responses: Responses, k: int, metric: str) -> _Task:
        if not ranks or responses.has_labels(k):
            refuse_no_probabilities(responses, k, metric)
        y = two_values(responses, k, metric)
        if responses.has_probabilities(k):
            return y, responses.probability_of_1(k), score
        return y, responses.prediction(k), score

    return task


def _log_loss_of(responses: Responses, k: int, metric: str) -> _Task:
    refuse_no_probabilities(responses, k, metric)
    y, p = responses.codes(k), responses.probabilities(k)
    if not responses.has_labels(k):
        return y, p[:, -1], _negative(_scores.log_loss)
    return y, p, _log_loss_of_labels


def _log_loss_of_labels(
    y: np.ndarray, p: np.ndarray, sample_weight: np.ndarray | None = None
) -> float:
    known = ~np.isnan(y)
    if sample_weight is not None:
        known &= sample_weight > 0
    if not known.any():
        return np.nan
    chosen = p[known, y[known].astype(np.intp)]
    loss = -np.log(np.maximum(chosen, np.finfo(np.float64).eps))
    weight = None if sample_weight is None else sample_weight[known]
    return -float(np.average(loss, weights=weight))


def _d2_log_loss_of(responses: Responses, k: int, metric: str) -> _Task:
    refuse_no_probabilities(responses, k, metric)
    y, p = responses.codes(k), responses.probabilities(k)
    if not responses.has_labels(k):
        return y, p[:, -1], _scores.d2_log_loss_score
    return y, p, _natural.d2_of_labels


def _natural_of(responses: Responses, k: int, metric: str) -> _Task:
    _, score = responses.natural(k)
    if responses.has_labels(k):
        refuse_no_probabilities(responses, k, metric)
        return responses.codes(k), responses.probabilities(k), score
    if responses.has_probabilities(k):
        return responses.codes(k), responses.probabilities(k)[:, -1], score
    return responses.numbers(k), responses.prediction(k), score


METRICS: dict[str, Callable[[Responses, int, str], _Task]] = {
    "auto": _natural_of,
    "r2": _of_numbers(_scores.r2_score),
    "neg_root_mean_squared_error": _of_numbers(
        _negative(_scores.root_mean_squared_error)
    ),
    "neg_mean_absolute_error": _of_numbers(_negative(_scores.mean_absolute_error)),
    "d2_absolute_error": _of_numbers(partial(_scores.d2_pinball_score, alpha=0.5)),
    "d2_poisson": _of_numbers(partial(_scores.d2_tweedie_score, power=1)),
    "roc_auc": _of_two_values(_scores.roc_auc_score, ranks=True),
    "average_precision": _of_two_values(_scores.average_precision_score, ranks=True),
    "neg_brier_score": _of_two_values(_negative(_scores.brier_score_loss)),
    "neg_log_loss": _log_loss_of,
    "d2_log_loss": _d2_log_loss_of,
}
_COMBINED = ("mean", "min")


def make_scorer(
    metric: str | Callable[..., float] = "auto",
    *,
    objective: int | str | None = None,
    combine: str | None = "mean",
) -> Callable[..., Any]:
    """A scorer of several targets, some of them unobserved.

    It goes where scikit-learn takes a ``scoring``: `GridSearchCV`,
    `cross_validate`, `permutation_importance`, ... It scores skmo's estimators
    and every model of scikit-learn's for several targets, and the pipelines
    and searches around these.

    Parameters
    ----------
    metric : str or callable, default="auto"
        Greater is better. "auto" is the score that :func:`skmo.compare` judges
        an objective by: for a classifier the AUC of two classes and the
        explained log loss (D²) of more; for skmo's other estimators what suits
        each objective; R² for other regressors. By name, of all numbers: "r2",
        "neg_root_mean_squared_error", "neg_mean_absolute_error",
        "d2_absolute_error", "d2_poisson"; of two values: "roc_auc",
        "average_precision", "neg_brier_score"; of labels: "neg_log_loss",
        "d2_log_loss". A callable ``(y_true, y_pred, sample_weight=None) ->
        float`` is given one column of numbers, NaN where unobserved, and of
        ``predict``: most functions of `skmo.metrics` are such.
    objective : int or str, default=None
        The one objective to score, by index or name; None scores all.
    combine : {"mean", "min"} or None, default="mean"
        What becomes of all objectives' scores. None returns a dict of each
        objective's score by name and of their ``"mean"`` and ``"min"``: several
        metrics for `cross_validate` and for ``GridSearchCV(refit="mean")``,
        from one prediction.

    Returns
    -------
    callable
        ``scorer(estimator, X, y, sample_weight=None)``, which returns a float
        or, with ``combine=None``, a dict. ``sample_weight`` has the shape
        (n_samples,) or (n_samples, n_objectives); ask for it by
        ``set_score_request``, as of scikit-learn's scorers.

    Raises
    ------
    ValueError
        If a parameter is not one of the above. The scorer raises it, too, for
        a metric that does not suit an objective.

    Notes
    -----
    An objective whose score the rows do not define (no observed value, a
    single class) is left out of mean and least, with an
    ``UndefinedMetricWarning`` that names it. A label that training lacked
    counts as unobserved; where that leaves two classes of more, "auto" takes
    the AUC in that fold. Name "d2_log_loss" to have one score in all folds.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV, KFold
    >>> from skmo import MultiObjectiveEstimator
    >>> from skmo.datasets import make_feed
    >>> from skmo.metrics import make_scorer
    >>> X, Y = make_feed(500, random_state=0)
    >>> search = GridSearchCV(
    ...     MultiObjectiveEstimator(n_estimators=10, random_state=0),
    ...     {"num_leaves": [4, 8]},
    ...     scoring=make_scorer(combine=None),
    ...     refit="min",
    ...     cv=KFold(2),
    ... ).fit(X, Y)
    >>> [name for name in search.cv_results_ if name.startswith("mean_test")]
    ['mean_test_target0', 'mean_test_target1', 'mean_test_target2', 'mean_test_mean',
    'mean_test_min']
    """
    named = isinstance(metric, str) and metric in METRICS
    if not callable(metric) and not named:
        raise ValueError(
            f"The 'metric' parameter must be a callable or one of {list(METRICS)}. "
            f"Got {metric!r:.200} instead."
        )
    if combine is not None and combine not in _COMBINED:
        raise ValueError(
            "The 'combine' parameter must be 'mean', 'min' or None (a dict of all "
            f"objectives). Got {combine!r:.200} instead."
        )
    known = isinstance(objective, (str, Integral)) and not isinstance(objective, bool)
    if objective is not None and not known:
        raise ValueError(
            "The 'objective' parameter must be an objective's index or name, or None "
            f"(all). Got {objective!r:.200} instead."
        )
    return MultiObjectiveScorer(metric, objective=objective, combine=combine)


class MultiObjectiveScorer(BaseEstimator):
    """What :func:`make_scorer` returns; its parameters are described there."""

    # Metadata routing reads the signature of `score`.
    __metadata_request__score = {"estimator": UNUSED}  # noqa: RUF012

    def __init__(
        self,
        metric: str | Callable[..., float] = "auto",
        *,
        objective: int | str | None = None,
        combine: str | None = "mean",
    ):
        self.metric = metric
        self.objective = objective
        self.combine = combine

    def __call__(
        self, estimator: Any, X: Any, y: Any, sample_weight: ArrayLike | None = None
    ) -> float | dict[str, float]:
        return self.score(estimator, X, y, sample_weight=sample_weight)

    def score(
        self, estimator: Any, X: Any, y: Any, sample_weight: ArrayLike | None = None
    ) -> float | dict[str, float]:
        """The score of a fitted estimator."""
        responses = Responses(estimator, X, y)
        names = responses.names
        weight = check_weight(sample_weight, responses.n_samples, len(names))
        if self.objective is not None:
            k = responses.place(self.objective)
            return self._scores(responses, [k], weight)[0]
        scores = self._scores(responses, range(len(names)), weight)
        if self.combine is not None:
            return _combined(scores)[self.combine]
        clash = [name for name in _COMBINED if name in names]
        if clash:
            raise ValueError(
                f"A target is named {clash[0]!r}, as the combination of all targets "
                "is with combine=None: rename the target, or combine='mean' or 'min'."
            )
        return {**dict(zip(names, scores, strict=True)), **_combined(scores)}

    def _scores(
        self, responses: Responses, columns: Iterable[int], weight: np.ndarray | None
    ) -> list[float]:
        """One score per column, NaN where undefined."""
        scores, undefined = [], []
        for k in columns:
            y, p, score = self._task(responses, k)
            with warnings.catch_warnings():
                # Their text counts columns; the one below names the objective.
                warnings.simplefilter("ignore", UndefinedMetricWarning)
                value = float(score(y, p, sample_weight=weight_of(weight, k)))
            if np.isnan(value):
                undefined.append(responses.names[k])
            scores.append(value)
        if undefined:
            warn_user(
                f"The rows do not define the score (metric={self.metric!r}) of "
                f"{undefined}: too few observed values, or all equal. It is NaN and "
                "left out of mean and least.",
                UndefinedMetricWarning,
            )
        return scores

    def _task(self, responses: Responses, k: int) -> _Task:
        if isinstance(self.metric, str):
            return METRICS[self.metric](responses, k, self.metric)
        refuse_labels(responses, k, getattr(self.metric, "__name__", "callable"))
        return responses.numbers(k), responses.prediction(k), self.metric


def _combined(scores: Iterable[float]) -> dict[str, float]:
    defined = [score for score in scores if not np.isnan(score)]
    if not defined:
        return dict.fromkeys(_COMBINED, np.nan)
    return {"mean": float(np.mean(defined)), "min": float(np.min(defined))}
