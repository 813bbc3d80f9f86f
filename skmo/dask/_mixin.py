"""What the estimators on a Dask cluster share."""

from __future__ import annotations

import copy
from typing import Any, ClassVar

import dask
import numpy as np
from distributed import Client, default_client
from sklearn import clone
from sklearn.utils.validation import check_is_fitted

from .._sklearn import fit_context
from ..estimators._features import FeatureEncoder
from ..estimators._inputs import check_val_given
from ..estimators._parameters import check_preference, draw_seed
from ..estimators._rows import Given
from ._fit import Partitions, fit_on_workers
from ._lazy import is_dask, map_rows
from ._partitions import Part, aligned_parts
from ._sketch import Sketch, join, sketch

_VAL_NAMES = ("X_val", "y_val", "sample_weight_val")


class DaskMixin:
    """Trains on a cluster what its local class trains on one machine."""

    _local: ClassVar[type]

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> DaskMixin:
        """Train all objectives together, on all workers.

        Parameters
        ----------
        X : dask.array.Array or dask.dataframe.DataFrame of shape \
(n_samples, n_features)
            NaN counts as missing. Blocks may be sparse (SciPy, CSR).
        y : dask.array.Array, DataFrame or Series of shape (n_samples,) or \
(n_samples, n_objectives)
            In the same partitions. NaN (or None) where a target was not observed.
        sample_weight : of shape (n_samples,) or (n_samples, n_objectives), \
default=None
            Weight of each row, or of each target of each row, likewise.
        X_val, y_val, sample_weight_val : default=None
            Validation rows, for early stopping and ``history_``; in partitions of
            their own.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        TypeError
            For data that is in no Dask collection.
        ValueError
            For bad input, before anything is trained.
        skmo.exceptions.WorkerLostError
            If a worker died. The error names it, nothing is kept, and the cluster
            can be used again.
        """
        self._check_for_cluster()
        check_val_given(X_val, y_val, sample_weight_val)
        client = default_client() if self.client is None else self.client
        local = self._bare(fitted=self.warm_start)
        local._resolve()  # the workers would complain one by one
        labels = self._labels()
        parts, sketches = _read(client, local, (X, y, sample_weight), labels)
        rows = join(sketches)
        _check_observed(local, rows, sketches)
        again = local.warm_start and hasattr(local, "_result")
        local._check_rows(Given(*rows), again)
        check_preference(local.preference, local.n_objectives_)
        local.random_state = draw_seed(self.random_state)
        parts_val = None
        if X_val is not None:
            given_val = (X_val, y_val, sample_weight_val)
            parts_val, _ = _read(client, local, given_val, False, _VAL_NAMES)
        fitted, self._traffic = fit_on_workers(client, local, parts, parts_val)
        self._take(fitted)
        self._warn_without_trees(int(parts.n_rows.sum()))
        return self

    def to_local(self) -> Any:
        """The fitted estimator as one that needs no cluster.

        Returns
        -------
        MultiObjectiveRegressor, MultiObjectiveClassifier or MultiObjectiveEstimator
            With the same parameters but ``client``.
        """
        check_is_fitted(self)
        return self._bare()

    def predict(self, X: Any) -> Any:
        """Predict all targets, lazily.

        Parameters
        ----------
        X : dask.array.Array or dask.dataframe.DataFrame of shape \
(n_samples, n_features)
            Whatever the local estimator predicts from is predicted from at once.

        Returns
        -------
        dask.array.Array of shape (n_samples, n_objectives) or (n_samples,)
        """
        return self._mapped("predict", X)

    def apply(self, X: Any) -> Any:
        """The leaf each row falls into, lazily.

        Parameters
        ----------
        X : dask.array.Array or dask.dataframe.DataFrame of shape \
(n_samples, n_features)

        Returns
        -------
        dask.array.Array of shape (n_samples, n_trees), int32
        """
        return self._mapped("apply", X)

    def predict_contrib(self, X: Any) -> Any:
        """What each feature contributes to each score, lazily.

        Parameters
        ----------
        X : dask.array.Array or dask.dataframe.DataFrame of shape \
(n_samples, n_features)

        Returns
        -------
        dask.array.Array
            As the local estimator's ``predict_contrib``.
        """
        return self._mapped("predict_contrib", X)

    def score_objectives(self, X: Any, y: Any, sample_weight: Any = None) -> np.ndarray:
        """What `score` is the mean of, as in the local estimator.

        Scores (n_samples, n_scores), targets and weights come to the client.
        """
        y, sample_weight = dask.compute(y, sample_weight)
        return super().score_objectives(X, y, sample_weight)

    def save_model(self, file: Any, *, custom_objects: Any = ()) -> None:
        """Write the fitted estimator to a file, as the local one; see `to_local`."""
        self.to_local().save_model(file, custom_objects=custom_objects)

    def _mapped(self, method: str, X: Any) -> Any:
        check_is_fitted(self)
        if not is_dask(X):
            return getattr(super(), method)(X)
        return map_rows(self.to_local(), method, X)

    def _raw_predict(self, X: Any, objectives: Any = None) -> np.ndarray:
        if not is_dask(X):
            return super()._raw_predict(X, objectives)
        check_is_fitted(self)
        return map_rows(self.to_local(), "_raw_predict", X).compute()

    def _check_for_cluster(self) -> None:
        """Refuse what the workers cannot do."""
        wrong = {
            "heads": ("none", "learners of their own are trained on one machine"),
            "shared_score": (False, "objectives of one score need all of their rows"),
            "on_interrupt": ("raise", "an interrupt ends the fit on all workers"),
        }
        for name, (only, why) in wrong.items():
            given = getattr(self, name, only)
            if given != only:
                raise ValueError(
                    f"{name}={given!r} is not possible on a cluster: {why}. Set "
                    f"{name}={only!r}, or use {self._local.__name__}."
                )
        if (self.lightgbm_params or {}).get("use_quantized_grad"):
            raise ValueError(
                "lightgbm_params['use_quantized_grad'] is refused: LightGBM crashes "
                "with it on several workers. Remove it."
            )

    def _labels(self) -> bool | list[bool]:
        """Which targets are labels, all of whose values must be known."""
        return False

    def _bare(self, *, fitted: bool = True) -> Any:
        """This estimator without a cluster; as far as it is fitted, if it is to be."""
        names = set(vars(self)) if fitted else set(self._local._get_param_names())
        found = self._local.__new__(self._local)
        for name in names - {"client", "_traffic"}:
            setattr(found, name, getattr(self, name))
        return found

    def _take(self, fitted: Any) -> None:
        """Become what a worker has fitted."""
        params = self._local._get_param_names()
        vars(self).update({k: v for k, v in vars(fitted).items() if k not in params})

    def __getstate__(self) -> Any:
        # A connection is no part of a model.
        if self.client is None:
            return super().__getstate__()
        bare = copy.copy(self)
        bare.client = None
        return bare.__getstate__()

    def __sklearn_clone__(self) -> Any:
        params = self.get_params(deep=False)
        client = params.pop("client")
        local = clone(self._local(**params))
        return type(self)(**local.get_params(deep=False), client=client)


def _read(
    client: Client,
    local: Any,
    given: tuple[Any, Any, Any],
    labels: bool | list[bool],
    names: tuple[str, str, str] = ("X", "y", "sample_weight"),
) -> tuple[Partitions, list[Sketch]]:
    """The partitions on the workers that have something to learn from.

    And what all of them look like.
    """
    X = given[0]
    delayed = aligned_parts(*given, names)
    encoder = FeatureEncoder(local.categorical_features)
    categorical = encoder.categorical_columns(getattr(X, "_meta_nonempty", X))
    futures = client.compute(delayed)
    name = type(local).__name__
    sketches = client.gather(
        client.map(
            sketch,
            futures,
            categorical=categorical,
            labels=labels,
            name=name,
            names=names,
            pure=False,
        )
    )
    n_learnt = np.array([s.n_learnt for s in sketches])
    if not n_learnt.any():
        raise ValueError(
            f"{names[1]} has no observed value with a positive weight in its "
            f"{sum(s.n_rows for s in sketches)} row(s). Pass rows that have."
        )
    kept = np.flatnonzero(n_learnt)
    weight = sketches[kept[0]].part.weight
    n_weights = 0
    if weight is not None:
        n_weights = np.asarray(weight).reshape(len(weight), -1).shape[1]
    return Partitions([futures[p] for p in kept], n_learnt[kept], n_weights), sketches


def _check_observed(local: Any, rows: Part, sketches: list[Sketch]) -> None:
    """Every target needs an observed value, in whichever partition."""
    n_observed = np.sum([s.n_observed for s in sketches], axis=0)
    names = local._target_names(rows.y, len(n_observed))
    for n, name in zip(n_observed, names, strict=True):
        if n == 0:
            n_rows = sum(s.n_rows for s in sketches)
            raise ValueError(
                f"Target {name!r} has no observed value in y (with a positive weight): "
                f"all {n_rows} are NaN. Drop the column, or pass rows that have one."
            )
