"""One multi-objective model against one LightGBM model per target, and others."""

from ._compare import compare
from ._result import ComparisonResult

__all__ = ["ComparisonResult", "compare"]
