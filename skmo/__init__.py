"""Multi-objective gradient boosting on LightGBM, in scikit-learn's idiom."""

from .comparison import compare
from .estimators import (
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRanker,
    MultiObjectiveRegressor,
    MultiQuantileRegressor,
)
from .persistence import load_model

__version__ = "0.1.0.dev0"

__all__ = [
    "EntireSpaceClassifier",
    "MultiObjectiveClassifier",
    "MultiObjectiveEstimator",
    "MultiObjectiveRanker",
    "MultiObjectiveRegressor",
    "MultiQuantileRegressor",
    "__version__",
    "compare",
    "load_model",
]
