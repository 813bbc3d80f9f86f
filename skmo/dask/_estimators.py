"""The estimators on a Dask cluster."""

from __future__ import annotations

from inspect import Parameter, signature
from typing import Any, ClassVar, TypeVar

from distributed import Client
from sklearn.utils.metaestimators import available_if

from ..estimators import (
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRegressor,
)
from ..estimators._estimator import has_probabilities
from ..objectives import get_objective
from ._mixin import DaskMixin

Class = TypeVar("Class", bound=type)


def as_local(cls: Class) -> Class:
    """Give a class the parameters of its local one, and ``client``."""
    local = cls._local

    def __init__(self: Any, *args: Any, client: Any = None, **params: Any):
        # The only default that differs.
        local.__init__(self, *args, **{"heads": "none", **params})
        self.client = client

    # scikit-learn reads an estimator's parameters off its constructor.
    parameters = dict(signature(local.__init__).parameters)
    parameters["heads"] = parameters["heads"].replace(default="none")
    parameters["client"] = Parameter("client", Parameter.KEYWORD_ONLY, default=None)
    __init__.__signature__ = signature(local.__init__).replace(
        parameters=list(parameters.values())
    )
    cls.__init__ = __init__
    cls._parameter_constraints = {
        **local._parameter_constraints,
        "client": [Client, None],
    }
    return cls


@as_local
class DaskMultiObjectiveRegressor(DaskMixin, MultiObjectiveRegressor):
    """`skmo.MultiObjectiveRegressor` on a Dask cluster.

    Each worker holds a part of the rows, all grow the same trees with LightGBM's
    data-parallel learner, and what the rounds need of all rows is added up over the
    workers. With the same bins the model is that of one machine.

    Parameters
    ----------
    objective, … :
        As those of `skmo.MultiObjectiveRegressor`, but ``heads`` is "none": learners
        of their own are trained on one machine. ``n_jobs`` counts threads on each
        worker, at most as many as Dask gives it. With ``verbose`` the first worker
        prints.
    client : distributed.Client, default=None
        The cluster. None means the default client. It is not pickled.

    See Also
    --------
    skmo.MultiObjectiveRegressor : On one machine; `to_local` gives such a one.

    References
    ----------
    Meng et al., "A communication-efficient parallel algorithm for decision tree",
    NeurIPS 2016, section 2 (data-parallel trees).

    Examples
    --------
    >>> import dask.array as da
    >>> from distributed import Client
    >>> from sklearn.datasets import make_regression
    >>> from skmo.dask import DaskMultiObjectiveRegressor
    >>> X, Y = make_regression(n_samples=500, n_targets=3, random_state=0)
    >>> X, Y = da.from_array(X, chunks=(250, -1)), da.from_array(Y, chunks=(250, -1))
    >>> with Client(n_workers=2, processes=False, dashboard_address=":0") as client:
    ...     est = DaskMultiObjectiveRegressor(client=client, random_state=0).fit(X, Y)
    ...     prediction = est.predict(X).compute()
    >>> prediction.shape
    (500, 3)
    """

    _local: ClassVar[type] = MultiObjectiveRegressor


@as_local
class DaskMultiObjectiveClassifier(DaskMixin, MultiObjectiveClassifier):
    """`skmo.MultiObjectiveClassifier` on a Dask cluster.

    Parameters
    ----------
    objective, … :
        As those of `skmo.MultiObjectiveClassifier`; ``heads``, ``n_jobs`` and
        ``verbose`` as in `DaskMultiObjectiveRegressor`.
    client : distributed.Client, default=None
        The cluster. None means the default client. It is not pickled.

    See Also
    --------
    skmo.MultiObjectiveClassifier : On one machine; `to_local` gives such a one.

    Examples
    --------
    >>> import dask.array as da
    >>> from distributed import Client
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from skmo.dask import DaskMultiObjectiveClassifier
    >>> X, Y = make_multilabel_classification(n_samples=400, random_state=0)
    >>> X, Y = da.from_array(X, chunks=(200, -1)), da.from_array(Y, chunks=(200, -1))
    >>> with Client(n_workers=2, processes=False, dashboard_address=":0"):
    ...     est = DaskMultiObjectiveClassifier(n_estimators=20, random_state=0)
    ...     first, *others = est.fit(X, Y).predict_proba(X)
    ...     local = est.to_local()
    >>> first
    dask.array<concatenate, shape=(400, 2), dtype=float64, ...>
    >>> local
    MultiObjectiveClassifier(heads='none', n_estimators=20, random_state=0)
    """

    _local: ClassVar[type] = MultiObjectiveClassifier

    def _labels(self) -> bool:
        return True

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class, lazily.

        Parameters
        ----------
        X : dask.array.Array or dask.dataframe.DataFrame of shape \
(n_samples, n_features)

        Returns
        -------
        dask.array.Array of shape (n_samples, n_classes), or list of them
            In the order of ``classes_``; a list with one array per column for
            two-dimensional ``y``.
        """
        return self._mapped("predict_proba", X)


@as_local
class DaskMultiObjectiveEstimator(DaskMixin, MultiObjectiveEstimator):
    """`skmo.MultiObjectiveEstimator` on a Dask cluster.

    Parameters
    ----------
    objectives, … :
        As those of `skmo.MultiObjectiveEstimator`, without ``shared_score``;
        ``heads``, ``n_jobs`` and ``verbose`` as in `DaskMultiObjectiveRegressor`.
    client : distributed.Client, default=None
        The cluster. None means the default client. It is not pickled.

    See Also
    --------
    skmo.MultiObjectiveEstimator : On one machine; `to_local` gives such a one.

    Examples
    --------
    >>> import dask.dataframe as dd
    >>> from distributed import Client
    >>> from skmo.dask import DaskMultiObjectiveEstimator
    >>> from skmo.datasets import make_feed
    >>> X, Y = make_feed(2000, random_state=0, as_frame=True)
    >>> X, Y = (dd.from_pandas(frame, npartitions=3) for frame in (X, Y))
    >>> with Client(n_workers=2, processes=False, dashboard_address=":0"):
    ...     est = DaskMultiObjectiveEstimator(n_estimators=20, random_state=0)
    ...     score = est.fit(X, Y).score(X, Y)
    >>> est.objective_names_
    ['click', 'long_view', 'watch_time']
    """

    _local: ClassVar[type] = MultiObjectiveEstimator

    def _labels(self) -> bool | list[bool]:
        if isinstance(self.objectives, str):
            return False
        return [get_objective(spec).multi_score for spec in self.objectives]

    @available_if(has_probabilities)
    def predict_proba(self, X: Any) -> Any:
        """Probabilities of the objectives that have them, lazily.

        Parameters
        ----------
        X : dask.array.Array or dask.dataframe.DataFrame of shape \
(n_samples, n_features)

        Returns
        -------
        list of (dask.array.Array of shape (n_samples, n_classes_k) or None)
            In the order of the objectives; None for real targets.
        """
        return self._mapped("predict_proba", X)
