"""Models in files: `load_model` reads what the estimators' ``save_model`` writes."""

from ._estimators import ESTIMATORS
from ._forms import register_forms
from ._load import load_model, read_header
from ._parts import register_parts

register_forms()
register_parts()

# What skops must be told to trust: `skops.io.load(file, trusted=SKOPS_TRUSTED)`.
SKOPS_TRUSTED: list[str] = sorted(
    [f"{cls.__module__}.{cls.__qualname__}" for cls in ESTIMATORS.values()]
    + ["skmo.boosting._result.BoostingResult"]
)

__all__ = ["SKOPS_TRUSTED", "load_model", "read_header"]
