"""Independent functions of features, and mixtures that conflict to a degree."""

from __future__ import annotations

import numpy as np

# Features that each cause is a function of; no two causes share one.
N_OWN = 4
# Standard deviation of sin(2 x), x standard normal.
_SINE_SPREAD = np.sqrt((1 - np.exp(-8)) / 2)


def causes_of(features: np.ndarray) -> np.ndarray:
    """Independent functions of the features with variance 1, (n_samples, n_labels)."""
    a, b, c, d = (features[:, j::N_OWN] for j in range(N_OWN))
    return a / np.sqrt(2) + np.sin(2 * b) / (2 * _SINE_SPREAD) + c * d / 2


def mix(causes: np.ndarray, conflict: float) -> np.ndarray:
    """Functions whose correlations are all what the conflict says."""
    others = causes.shape[1] - 1
    correlation = 1 - 2 * conflict
    if correlation < 0:
        correlation /= max(others, 1)
    mean = causes.mean(axis=1, keepdims=True)
    # The square root of the matrix of correlations; rounding may take the mean's
    # eigenvalue below 0.
    along = np.sqrt(max(1 + others * correlation, 0))
    return np.sqrt(1 - correlation) * (causes - mean) + along * mean
