"""The scikit-learn compatible estimators."""

from ._classifier import MultiObjectiveClassifier
from ._estimator import MultiObjectiveEstimator
from ._regressor import MultiObjectiveRegressor

__all__ = [
    "MultiObjectiveClassifier",
    "MultiObjectiveEstimator",
    "MultiObjectiveRegressor",
]
