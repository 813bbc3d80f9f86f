"""What a fitted estimator does with new rows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from ..boosting import (
    BoostingResult,
    TargetRows,
    combined_scores,
    staged_combined_scores,
)
from ..objectives import Objective
from ._features import FeatureEncoder
from ._output import OutputMixin
from ._targets import (
    check_domains,
    check_observed,
    check_reach,
    check_weight,
    mask_unweighted,
    target_columns,
    target_names,
)
from ._threads import granted_threads

# Cells of X below which another thread gains nothing, measured at 20 000 (no gain) and
# 200 000 (1.5 times as fast). On busy cores a thread that waits for another can cost
# ten times the work itself.
_CELLS_PER_THREAD = 1 << 16


class PredictionMixin(OutputMixin):
    """Predicts with, and scores, the forest of a `BoostingResult`."""

    _result: BoostingResult
    _features: FeatureEncoder
    n_jobs: int | None
    n_objectives_: int
    objective_names_: list[str]
    objectives_: list[Objective]

    @abstractmethod
    def _encode_targets(self, columns: list[np.ndarray], where: str) -> np.ndarray:
        """Encode the targets of other rows as `_fit_targets` did."""

    def _target_columns(self, y: Any) -> list[np.ndarray]:
        """What ``y`` holds for each objective, in the user's units and types."""
        return target_columns(y, type(self).__name__)

    def _target_names(self, y: Any, n_objectives: int) -> list[str]:
        return target_names(y, n_objectives)

    @property
    def _given_names(self) -> list[str]:
        """What errors call the targets, as the user knows them."""
        return self.objective_names_

    def _n_cores(self) -> int:
        """How many threads ``n_jobs`` grants."""
        return granted_threads(self.n_jobs)

    def _n_threads(self, X: Any) -> int:
        """Threads for work on these encoded features; they change no result."""
        most = 1 + X.shape[0] * X.shape[1] // _CELLS_PER_THREAD
        return 1 if most == 1 else min(self._n_cores(), most)

    def _raw_predict(
        self, X: Any, objectives: Sequence[int] | None = None
    ) -> np.ndarray:
        """Scores (n_samples, n_scores) from each objective's own trees.

        Of some ``objectives`` where only theirs are needed.
        """
        if not self.__sklearn_is_fitted__():  # what follows takes time for one row
            check_is_fitted(self)
        X = self._features.transform(self, X)
        return combined_scores(self._result, X, self._n_threads(X), objectives)

    def _staged_raw_predict(self, X: Any) -> Iterator[np.ndarray]:
        check_is_fitted(self)
        X = self._features.transform(self, X)
        yield from staged_combined_scores(self._result, X, self._n_threads(X))

    @abstractmethod
    def _predict_from(self, raw: np.ndarray) -> np.ndarray:
        """Predictions from scores."""

    def predict(self, X: Any) -> Any:
        """Predict all targets.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_objectives)
            (n_samples,) if ``fit`` was given a one-dimensional ``y``. A data frame
            where `set_output` asks for one.
        """
        prediction = self._predict_from(self._raw_predict(X))
        return self._in_container(prediction, X, self.objective_names_)

    def staged_predict(self, X: Any) -> Iterator[np.ndarray]:
        """Predict after 1, 2, … trees, up to the last of any objective.

        An objective whose last tree is passed keeps its prediction. One with a
        head that blends has grown as many trees of its own as shared ones; one
        with a head that boosts goes on with its own after the shared ones.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)

        Yields
        ------
        ndarray of shape (n_samples, n_objectives) or (n_samples,)
        """
        for raw in self._staged_raw_predict(X):
            yield self._predict_from(raw)

    def apply(self, X: Any) -> np.ndarray:
        """The leaf each row falls into.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_trees), int32
            Over all shared trees grown, also those beyond an objective's
            ``n_iter_``.
        """
        check_is_fitted(self)
        X = self._features.transform(self, X)
        return self._result.forest.leaves(X, n_threads=self._n_threads(X))

    def _encode_scored(self, columns: list[np.ndarray]) -> np.ndarray:
        """Encode the targets that predictions are scored against."""
        return self._encode_targets(columns, "y")

    def _explained_by(self, raw: np.ndarray, y: Any, sample_weight: Any) -> np.ndarray:
        """The fraction of deviance that scores explain, per objective."""
        columns = self._target_columns(y)
        self._check_same_targets(y, columns, "y")
        check_consistent_length(raw, columns[0])
        weight = check_weight(sample_weight, len(raw), len(columns))
        target = self._encode_scored(columns)
        check_domains(self.objectives_, target, self.objective_names_)
        target = mask_unweighted(target, weight)
        check_observed(target, self._given_names, "y (with a positive weight)")
        check_reach(self._result.coder, target, self._given_names)
        return explained(self._scored_rows(target, weight), raw)

    def _scored_rows(self, target: np.ndarray, weight: np.ndarray | None) -> TargetRows:
        """Encoded targets as the losses that predictions are scored by see them."""
        return TargetRows(self._result.coder, target, weight)

    def _check_same_targets(self, y: Any, columns: list[np.ndarray], name: str) -> None:
        names = self._target_names(y, len(columns))
        if names != self.objective_names_ and set(names) == set(self.objective_names_):
            raise ValueError(
                f"{name} has the columns {names!r:.200}, but the estimator was fitted "
                f"with {self.objective_names_!r:.200}: bring them into that order."
            )
        if len(columns) != self.n_objectives_:
            raise ValueError(
                f"{name} has {len(columns)} target(s), but this "
                f"{type(self).__name__} has {self.n_objectives_}: pass those of fit, "
                "NaN where they were not observed."
            )


def explained(rows: TargetRows, scores: np.ndarray) -> np.ndarray:
    """What scores explain of each objective's loss: 1 for all of it.

    Parameters
    ----------
    rows : TargetRows
    scores : ndarray of shape (n_samples, n_scores)

    Returns
    -------
    ndarray of shape (n_objectives,)
    """
    losses, units = rows.losses(scores), rows.loss_units()
    found = np.where(losses > 0, 0.0, 1.0)  # of a constant target
    np.divide(units - losses, units, out=found, where=units > 0)
    return found
