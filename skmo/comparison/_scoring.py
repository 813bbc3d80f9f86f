"""The score each objective is judged by: 1 is perfect, greater is better."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import d2_log_loss_score as multiclass_d2

from .. import metrics
from ..objectives import (
    AbsoluteError,
    Binary,
    Gamma,
    Objective,
    Poisson,
    Quantile,
    Tweedie,
)

NamedScore = tuple[str, Callable[..., Any]]


def _pinball(objective: Any) -> NamedScore:
    alpha = objective.leaf_quantile
    return "D2", lambda y, p: metrics.d2_pinball_score(y, p, alpha=alpha)


def _tweedie(power: float) -> NamedScore:
    return "D2", lambda y, p: metrics.d2_tweedie_score(y, p, power=power)


def _multiclass(y: np.ndarray, probabilities: np.ndarray) -> float:
    known = ~np.isnan(y)
    if len(np.unique(y[known])) < 2:
        warnings.warn(
            "The D² of labels that are all equal is not defined and is set to NaN.",
            UndefinedMetricWarning,
            stacklevel=2,
        )
        return np.nan
    labels = np.arange(probabilities.shape[1])
    return multiclass_d2(y[known], probabilities[known], labels=labels)


_BY_TYPE: dict[type, Callable[[Any], NamedScore]] = {
    Binary: lambda objective: ("AUC", metrics.roc_auc_score),
    AbsoluteError: _pinball,
    Quantile: _pinball,
    Poisson: lambda objective: _tweedie(1),
    Gamma: lambda objective: _tweedie(2),
    Tweedie: lambda objective: _tweedie(objective.power),
}
_BY_TASK: dict[str, NamedScore] = {
    "regression": ("R2", metrics.r2_score),
    "probability": ("D2", metrics.d2_log_loss_score),
    "classification": ("D2", _multiclass),
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
