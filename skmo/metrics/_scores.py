"""NaN-aware counterparts of scikit-learn's scores."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlogy
from sklearn import metrics as _sklearn

from ._observed import documented, per_target, where_values_differ


@documented(
    "predicted means",
    '>>> r2_score([1.0, 2.0, 3.0, float("nan")], [1.0, 2.0, 2.0, 9.0])',
    "0.5",
)
def r2_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: str = "uniform_average",
) -> float | np.ndarray:
    """R², the fraction of the targets' variance explained."""
    r2 = where_values_differ(_sklearn.r2_score)
    return per_target(r2, y_true, y_pred, sample_weight, multioutput)


@documented(
    "predicted means",
    '>>> root_mean_squared_error([1.0, 3.0, float("nan")], [4.0, 7.0, 9.0])',
    "3.5355...",
)
def root_mean_squared_error(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: str = "uniform_average",
) -> float | np.ndarray:
    """Root mean squared error, in the targets' units."""
    return per_target(
        _sklearn.root_mean_squared_error, y_true, y_pred, sample_weight, multioutput
    )


@documented(
    "predictions",
    '>>> nan = float("nan")',
    ">>> mean_absolute_error([[1, nan], [2, 5]], [[2, 0], [2, 3]])",
    "1.25",
)
def mean_absolute_error(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: str = "uniform_average",
) -> float | np.ndarray:
    """Mean absolute error, in the targets' units."""
    return per_target(
        _sklearn.mean_absolute_error, y_true, y_pred, sample_weight, multioutput
    )


@documented(
    "scores of the class 1, in any increasing scale",
    '>>> roc_auc_score([0, 1, 1, 0, float("nan")], [0.1, 0.4, 0.8, 0.6, 0.9])',
    "0.75",
)
def roc_auc_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: str = "uniform_average",
) -> float | np.ndarray:
    """Area under the ROC curve of binary targets."""
    auc = where_values_differ(_sklearn.roc_auc_score)
    return per_target(auc, y_true, y_pred, sample_weight, multioutput)


@documented(
    "scores of the class 1, in any increasing scale",
    '>>> average_precision_score([0, 1, 1, float("nan")], [0.5, 0.4, 0.8, 0.9])',
    "0.8333...",
)
def average_precision_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: str = "uniform_average",
) -> float | np.ndarray:
    """Average precision of binary targets."""
    score = where_values_differ(_sklearn.average_precision_score)
    return per_target(score, y_true, y_pred, sample_weight, multioutput)


@documented(
    "probabilities of the class 1",
    '>>> log_loss([1, 0, float("nan")], [0.8, 0.2, 0.5])',
    "0.2231...",
)
def log_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: str = "uniform_average",
) -> float | np.ndarray:
    """Cross-entropy of binary targets or of soft labels in [0, 1]."""
    return per_target(_log_loss, y_true, y_pred, sample_weight, multioutput)


@documented(
    "probabilities of the class 1",
    '>>> brier_score_loss([1, 0, float("nan")], [0.5, 0.5, 0.9])',
    "0.25",
)
def brier_score_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: str = "uniform_average",
) -> float | np.ndarray:
    """Mean squared difference of probability and outcome of binary targets."""
    return per_target(
        _sklearn.mean_squared_error, y_true, y_pred, sample_weight, multioutput
    )


@documented(
    "probabilities of the class 1",
    '>>> d2_log_loss_score([1, 0, float("nan")], [0.8, 0.2, 0.5])',
    "0.6780...",
)
def d2_log_loss_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    multioutput: str = "uniform_average",
) -> float | np.ndarray:
    """D², the fraction of the deviance explained, of binary or soft labels."""

    def score(y, p, sample_weight=None):
        base = np.full_like(p, np.average(y, weights=sample_weight))
        entropy = _log_loss(y, y, sample_weight)
        null = _log_loss(y, base, sample_weight) - entropy
        # Soft labels may differ by so little that only rounding is left.
        if null <= np.finfo(np.float64).eps:
            return None
        return 1 - (_log_loss(y, p, sample_weight) - entropy) / null

    d2 = where_values_differ(score)
    return per_target(d2, y_true, y_pred, sample_weight, multioutput)


@documented(
    "predicted means",
    '>>> d2_tweedie_score([0, 1, 5, float("nan")], [0.5, 2, 4, 1], power=1)',
    "0.7627...",
    parameter="""
    power : float, default=0
        The deviance's power: 0 squared error (D² is R²), 1 Poisson, between
        1 and 2 Tweedie, 2 gamma.""",
)
def d2_tweedie_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    power: float = 0,
    multioutput: str = "uniform_average",
) -> float | np.ndarray:
    """D², the fraction of the Tweedie deviance explained."""

    d2 = where_values_differ(partial(_sklearn.d2_tweedie_score, power=power))
    return per_target(d2, y_true, y_pred, sample_weight, multioutput)


@documented(
    "predicted quantiles",
    '>>> d2_pinball_score([1, 2, 6, float("nan")], [1, 3, 5, 0])',
    "0.6...",
    parameter="""
    alpha : float, default=0.5
        The quantile's level; 0.5 scores absolute errors.""",
)
def d2_pinball_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    alpha: float = 0.5,
    multioutput: str = "uniform_average",
) -> float | np.ndarray:
    """D², the fraction of the pinball loss explained."""

    d2 = where_values_differ(partial(_sklearn.d2_pinball_score, alpha=alpha))
    return per_target(d2, y_true, y_pred, sample_weight, multioutput)


def _log_loss(y, p, sample_weight=None):
    eps = np.finfo(np.float64).eps
    inside = np.where(p == y, p, np.clip(p, eps, 1 - eps))
    return np.average(
        -xlogy(y, inside) - xlogy(1 - y, 1 - inside), weights=sample_weight
    )
