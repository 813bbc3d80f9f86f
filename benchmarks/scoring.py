"""What is measured of predictions: R² or AUC, and RMSE or log loss."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import r2_score, roc_auc_score

LEAST_OF_A_CLASS = 10
# The resolution of float32: forests predict 0 and 1, whose log loss can be infinite.
LEAST_PROBABILITY = 1e-7


def score(y: np.ndarray, predicted: np.ndarray, binary: bool) -> float:
    """R² or AUC over the observed rows.

    NaN where fewer than ten rows are of the rarer class: such an AUC is noise.
    """
    y, predicted = _observed(y, predicted)
    if binary:
        if min(np.sum(y == 0), np.sum(y == 1)) < LEAST_OF_A_CLASS:
            return np.nan
        return float(roc_auc_score(y, predicted))
    return float(r2_score(y, predicted)) if np.ptp(y) > 0 else np.nan


def loss(y: np.ndarray, predicted: np.ndarray, binary: bool) -> float:
    """Log loss or RMSE over the observed rows."""
    y, predicted = _observed(y, predicted)
    if not binary:
        return float(np.sqrt(np.mean((y - predicted) ** 2)))
    p = np.clip(predicted, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


def _observed(y: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows = ~np.isnan(y)
    return y[rows], np.asarray(predicted, dtype=float)[rows]
