"""The estimators on a Dask cluster.

Needs the extra ``dask`` (``pip install "skmo[dask]"``).
"""

from ._estimators import (
    DaskMultiObjectiveClassifier,
    DaskMultiObjectiveEstimator,
    DaskMultiObjectiveRegressor,
)

__all__ = [
    "DaskMultiObjectiveClassifier",
    "DaskMultiObjectiveEstimator",
    "DaskMultiObjectiveRegressor",
]
