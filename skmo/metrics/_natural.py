"""The score each objective is judged by: 1 is perfect, greater is better."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import entropy
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import log_loss

from ..objectives import (
    AbsoluteError,
    Binary,
    Gamma,
    Objective,
    Poisson,
    Quantile,
    Tweedie,
)
from ._scores import (
    d2_log_loss_score,
    d2_pinball_score,
    d2_tweedie_score,
    r2_score,
    roc_auc_score,
)

# Its function takes y_true, y_pred and sample_weight=None.
NamedScore = tuple[str, Callable[..., Any]]


def _pinball(objective: Any) -> NamedScore:
    return "D2", partial(d2_pinball_score, alpha=objective.leaf_quantile)


def _tweedie(power: float) -> NamedScore:
    return "D2", partial(d2_tweedie_score, power=power)


def auc_of_labels(
    y: np.ndarray, probabilities: np.ndarray, sample_weight: ArrayLike | None = None
) -> float:
    """AUC of labels 0 and 1, from the probability of 1 or of both."""
    if probabilities.ndim == 2:
        probabilities = probabilities[:, -1]
    return roc_auc_score(y, probabilities, sample_weight=sample_weight)


def d2_of_labels(
    y: np.ndarray, probabilities: np.ndarray, sample_weight: ArrayLike | None = None
) -> float:
    """D² of class indices, from the probabilities of all classes, or of class 1
    where training knew two.
    """
    if probabilities.ndim == 1:
        probabilities = np.column_stack([1.0 - probabilities, probabilities])
    known = ~np.isnan(y)
    weight = None
    if sample_weight is not None:
        weight = np.asarray(sample_weight, np.float64)
        known &= weight != 0
        weight = weight[known]
    if len(np.unique(y[known])) < 2:
        warnings.warn(
            "The D² of labels that are all equal is not defined and is set to NaN.",
            UndefinedMetricWarning,
            stacklevel=2,
        )
        return np.nan
    # Not scikit-learn's d2_log_loss_score: version 1.6 fails where the rows lack a
    # class that has a probability.
    labels = np.arange(probabilities.shape[1])
    loss = log_loss(y[known], probabilities[known], labels=labels, sample_weight=weight)
    _, codes = np.unique(y[known], return_inverse=True)
    return 1.0 - loss / entropy(np.bincount(codes, weights=weight))


_BY_TYPE: dict[type, Callable[[Any], NamedScore]] = {
    Binary: lambda objective: ("AUC", auc_of_labels),
    AbsoluteError: _pinball,
    Quantile: _pinball,
    Poisson: lambda objective: _tweedie(1),
    Gamma: lambda objective: _tweedie(2),
    Tweedie: lambda objective: _tweedie(objective.power),
}
_BY_TASK: dict[str, NamedScore] = {
    "regression": ("R2", r2_score),
    "probability": ("D2", d2_log_loss_score),
    "classification": ("D2", d2_of_labels),
}


def natural_score(objective: Objective) -> NamedScore:
    """Name and function ``(y_true, y_pred) -> float`` of an objective's score.

    A subclass is judged as its base. ``y_pred`` is what the model predicts: means,
    or the probabilities of all classes, shape (n_samples, n_classes).
    """
    for kind in type(objective).__mro__:
        if kind in _BY_TYPE:
            return _BY_TYPE[kind](objective)
    return _BY_TASK[objective.task]


def label_score(n_classes: int) -> NamedScore:
    """The score of a classifier's column: AUC of two classes, D² of more."""
    return ("AUC", auc_of_labels) if n_classes <= 2 else ("D2", d2_of_labels)
