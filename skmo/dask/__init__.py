"""The estimators on a Dask cluster.

Needs the extra ``dask`` (``pip install "skmo[dask]"``).
"""

try:
    from ._estimators import (
        DaskMultiObjectiveClassifier,
        DaskMultiObjectiveEstimator,
        DaskMultiObjectiveRegressor,
    )
except ModuleNotFoundError as error:
    raise ImportError(
        f"skmo.dask needs Dask, of which {error.name!r} is missing. Install it with: "
        'pip install "skmo[dask]"'
    ) from error

__all__ = [
    "DaskMultiObjectiveClassifier",
    "DaskMultiObjectiveEstimator",
    "DaskMultiObjectiveRegressor",
]
