"""Multi-objective gradient boosting on LightGBM, in scikit-learn's idiom."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .estimators import (
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRanker,
    MultiObjectiveRegressor,
    MultiQuantileRegressor,
)
from .persistence import load_model

if TYPE_CHECKING:
    from .comparison import compare

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

# Imported when they are asked for: who only fits and predicts need not wait for them.
_LATER = (
    "callbacks",
    "comparison",
    "datasets",
    "inspection",
    "metrics",
    "onnx",
    "pareto",
    "tuning",
)


def __getattr__(name: str) -> Any:
    if name == "compare":
        return import_module(".comparison", __name__).compare
    if name in _LATER:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_LATER})
