"""Warnings and errors of skmo's own."""

from __future__ import annotations

import sys
import warnings

__all__ = [
    "ConstantTargetWarning",
    "DownloadError",
    "IneffectiveBalancerWarning",
    "InterruptedFitWarning",
    "ModelFileError",
    "NoTreesWarning",
    "ValidationWarning",
    "WorkerLostError",
]


class ConstantTargetWarning(UserWarning):
    """A label column holds one class: the estimator will always predict it."""


class DownloadError(ConnectionError):
    """A data set is not in the cache, and cannot be downloaded."""


class IneffectiveBalancerWarning(UserWarning):
    """The balancer can only give the same weights as ``"equal"`` would."""


class InterruptedFitWarning(UserWarning):
    """A fit was interrupted, and the rounds trained so far were kept."""


class ModelFileError(ValueError):
    """A model cannot be saved to a file, or a file holds no model to be loaded."""


class NoTreesWarning(UserWarning):
    """No split met the requirements: the estimator predicts constants."""


class ValidationWarning(UserWarning):
    """Early stopping cannot watch an objective: it has no validation rows."""


class WorkerLostError(RuntimeError):
    """A worker of a cluster was lost during a fit, which therefore failed."""


def warn_user(message: str, category: type[Warning]) -> None:
    """Warn about the line of the user's that called into skmo.

    It may lie behind a decorator or a meta-estimator of scikit-learn's, so a
    fixed ``stacklevel`` would point into a library.
    """
    level, frame = 1, sys._getframe(0)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(
        ("skmo.", "sklearn.", "joblib.")
    ):
        frame = frame.f_back
        level += 1
    warnings.warn(message, category, stacklevel=level)
