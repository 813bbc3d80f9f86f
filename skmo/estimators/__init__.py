"""The scikit-learn compatible estimators."""

from ._classifier import MultiObjectiveClassifier
from ._entire_space import EntireSpaceClassifier
from ._estimator import MultiObjectiveEstimator
from ._quantile_regressor import MultiQuantileRegressor
from ._ranker import MultiObjectiveRanker
from ._regressor import MultiObjectiveRegressor

__all__ = [
    "EntireSpaceClassifier",
    "MultiObjectiveClassifier",
    "MultiObjectiveEstimator",
    "MultiObjectiveRanker",
    "MultiObjectiveRegressor",
    "MultiQuantileRegressor",
]
