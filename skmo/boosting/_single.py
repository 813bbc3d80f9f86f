"""Plain LightGBM models of one target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from ._nodes import NodeTable, read_nodes
from ._tree import QUIET, train_booster
from ._tree_text import TreeSum, single_sum
from ._turns import ModelTurns


@dataclass(frozen=True)
class SingleRows:
    """Rows of one target.

    Attributes
    ----------
    X : ndarray or csr_matrix of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,)
        Without NaN.
    weight : ndarray of shape (n_samples,) or None
    start : ndarray of shape (n_samples, n_scores) or None
        Raw scores that boosting goes on from; the model adds to them. None
        starts at LightGBM's constant, which is then part of the model.
    """

    X: np.ndarray | sp.csr_matrix
    y: np.ndarray
    weight: np.ndarray | None = None
    start: np.ndarray | None = None

    def arrays(self) -> dict[str, Any]:
        """Under LightGBM's names."""
        start = self.start
        if start is not None:
            # All rows of one class after the other.
            start = start.astype(np.float64).ravel(order="F")
        weight = self.weight
        return {
            "data": self.X,
            "label": np.ascontiguousarray(self.y),
            "weight": None if weight is None else np.ascontiguousarray(weight),
            "init_score": start,
        }


class SingleModel:
    """A plain LightGBM model of one target, as a user would train it.

    Parameters
    ----------
    booster : lightgbm.Booster
    n_threads : int
        For predictions, where they are not told otherwise.

    Attributes
    ----------
    best_iteration : int
        Rounds it predicts with.
    """

    def __init__(self, booster: Any, n_threads: int):
        self._booster = booster
        self._turns = ModelTurns()
        self._n_threads = n_threads
        self.best_iteration = booster.best_iteration
        if self.best_iteration <= 0:
            self.best_iteration = booster.current_iteration()

    def predict(self, X: np.ndarray | sp.csr_matrix) -> np.ndarray:
        """Predictions, (n_samples,) or (n_samples, n_classes)."""
        return self._predict(X)

    def scores(
        self, X: np.ndarray | sp.csr_matrix, n_threads: int | None = None
    ) -> np.ndarray:
        """Raw scores, (n_samples, n_scores)."""
        if X.shape[0] == 0:
            return np.empty((0, self._booster.num_model_per_iteration()))
        raw = self._predict(X, raw_score=True, num_threads=n_threads or self._n_threads)
        return raw.reshape(X.shape[0], -1)

    def staged_scores(
        self, X: np.ndarray | sp.csr_matrix, n_threads: int | None = None
    ) -> Iterator[np.ndarray]:
        """Raw scores after 1, 2, … rounds."""
        scores: np.ndarray | float = 0.0
        for t in range(self.best_iteration):
            step = self._predict(
                X,
                raw_score=True,
                start_iteration=t,
                num_iteration=1,
                num_threads=n_threads or self._n_threads,
            )
            scores = scores + step.reshape(X.shape[0], -1)
            yield scores

    def gains(self) -> np.ndarray:
        """The total gain of each feature's splits, (n_features,)."""
        return self._booster.feature_importance("gain", iteration=self.best_iteration)

    def splits(self) -> np.ndarray:
        """The number of splits on each feature, (n_features,)."""
        return self._booster.feature_importance("split", iteration=self.best_iteration)

    def valued_nodes(self) -> list[tuple[NodeTable, np.ndarray]]:
        """Its trees, and their leaves' values (n_leaves, n_scores), NaN for none."""
        n_scores = self._booster.num_model_per_iteration()
        dumped = self._booster.dump_model(num_iteration=self.best_iteration)
        found = []
        for t, table in enumerate(read_nodes(dumped["tree_info"])):
            leaf = table.leaf[table.is_leaf]
            values = np.full((len(leaf), n_scores), np.nan)
            values[leaf, t % n_scores] = table.value[table.is_leaf]
            found.append((table, values))
        return found

    def tree_sum(self) -> TreeSum:
        """The raw scores as trees with values of their own."""
        booster = self._booster
        text = booster.model_to_string(num_iteration=-1)
        n_scores = booster.num_model_per_iteration()
        return single_sum(text, n_scores, self.best_iteration)

    def _predict(self, X: np.ndarray | sp.csr_matrix, **options: Any) -> np.ndarray:
        options = {
            "num_iteration": self.best_iteration,
            "num_threads": self._n_threads,
            **QUIET,
            **options,
        }
        all_trees = options["num_iteration"] == self._booster.current_iteration()
        with self._turns.taken(all_trees, options["num_threads"]) as n_threads:
            return self._booster.predict(X, **{**options, "num_threads": n_threads})


def train_single(
    train: SingleRows,
    val: SingleRows | None,
    *,
    objective_name: str,
    params: Mapping[str, Any],
    n_estimators: int,
    patience: int = 50,
    tol: float = 0.0,
    categorical: Sequence[int] = (),
    n_threads: int = 1,
    seed: int = 0,
) -> SingleModel:
    """Train LightGBM on one target, with LightGBM's own objective.

    Parameters
    ----------
    train : SingleRows
    val : SingleRows or None
        Rows for early stopping.
    objective_name : str
        LightGBM's.
    params : mapping
        LightGBM's, the objective's included.
    n_estimators : int
    patience : int, default=50
    tol : float, default=0.0
        The validation loss must fall by more than this share of the least so
        far to count as an improvement.
    categorical : sequence of int
    n_threads, seed : int

    Returns
    -------
    SingleModel
    """
    booster = train_booster(
        {
            **params,
            **QUIET,
            "objective": objective_name,
            "num_threads": n_threads,
            "seed": seed,
            "feature_pre_filter": False,
            "deterministic": True,
            "force_col_wise": True,
        },
        train.arrays(),
        None if val is None else val.arrays(),
        n_estimators=n_estimators,
        patience=patience,
        tol=tol,
        categorical=categorical,
    )
    return SingleModel(booster, n_threads)
