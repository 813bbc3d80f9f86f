"""The trees one objective grows for itself alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp

from ..balancing import Equal
from ._bag import bagging_seed
from ._booster import SharedBooster
from ._importance import shared_nodes, split_counts
from ._leaf_values import LeafSettings
from ._native import native_objective
from ._nodes import NodeTable
from ._result import BoostingResult
from ._rows import TargetRows
from ._single import SingleRows, train_single
from ._tree import TreeGrower, with_rows_left
from ._tree_text import TreeSum
from .structure import SumDirection


class OwnTrees(Protocol):
    """A fitted model of one objective, in the scaled target's scores."""

    best_iteration: int

    def scores(
        self, X: np.ndarray | sp.csr_matrix, n_threads: int | None = None
    ) -> np.ndarray: ...

    def staged_scores(
        self, X: np.ndarray | sp.csr_matrix, n_threads: int | None = None
    ) -> Iterator[np.ndarray]: ...

    def gains(self) -> np.ndarray: ...

    def splits(self) -> np.ndarray: ...

    def valued_nodes(self) -> list[tuple[NodeTable, np.ndarray]]: ...

    def tree_sum(self) -> TreeSum: ...


@dataclass(frozen=True)
class OwnSettings:
    """How one objective's own trees are grown.

    Attributes
    ----------
    tree_params : dict
        LightGBM's parameters of the trees, under its own names.
    leaves : LeafSettings
        Of the trees of an objective that LightGBM does not have; the learning
        rate is that of all trees.
    n_estimators : int
    patience : int
        Rounds without improvement after which the trees stop, given rows to
        watch.
    tol : float
        What counts as improvement, see `SharedBooster`.
    seed : int
    """

    tree_params: dict[str, Any]
    leaves: LeafSettings
    n_estimators: int
    patience: int
    tol: float
    seed: int

    @property
    def learning_rate(self) -> float:
        return self.leaves.learning_rate

    def faster(self, factor: float) -> OwnSettings:
        """Steps ``factor`` times as long, and as many times fewer of them."""
        return replace(
            self,
            leaves=replace(self.leaves, learning_rate=self.learning_rate * factor),
            n_estimators=math.ceil(self.n_estimators / factor),
            patience=math.ceil(self.patience / factor),
        )


@dataclass(frozen=True)
class OwnRows:
    """The rows that observe one objective, and where its trees start.

    Attributes
    ----------
    X : ndarray or csr_matrix of shape (n_samples, n_features)
    rows : TargetRows
        Of all objectives, all observed for objective ``k``.
    k : int
    start : ndarray of shape (n_samples, n_scores_k) or None
    """

    X: np.ndarray | sp.csr_matrix
    rows: TargetRows
    k: int
    start: np.ndarray | None

    @classmethod
    def take(
        cls,
        X: np.ndarray | sp.csr_matrix,
        rows: TargetRows,
        k: int,
        start: np.ndarray | None,
    ) -> OwnRows:
        """Those of ``rows`` that observe objective ``k``."""
        kept = rows.observes(k)
        if kept.all():
            return cls(X, rows, k, start)
        kept = np.flatnonzero(kept)
        start = None if start is None else start[kept]
        return cls(X[kept], rows.take(kept), k, start)

    @property
    def target(self) -> np.ndarray:
        return self.rows.target(self.k)

    @property
    def weight(self) -> np.ndarray | None:
        return self.rows.weight_of(self.k)

    def single(self) -> SingleRows:
        return SingleRows(self.X, self.target, self.weight, self.start)


def train_own(
    train: OwnRows,
    val: OwnRows | None,
    settings: OwnSettings,
    *,
    categorical: Sequence[int],
    n_threads: int,
) -> OwnTrees:
    """Grow one objective's own trees.

    LightGBM's own training where it has the objective; else the shared booster
    with one objective, whose trees are LightGBM's for that loss.

    Parameters
    ----------
    train : OwnRows
    val : OwnRows or None
        Rows for early stopping.
    settings : OwnSettings
    categorical : sequence of int
    n_threads : int

    Returns
    -------
    OwnTrees
        Starting at a constant of its own, or to be added to ``train.start``.
    """
    coder = train.rows.coder
    tree_params = with_rows_left(settings.tree_params, train.X.shape[0])
    settings = replace(settings, tree_params=tree_params)
    n_scores = coder.scores[train.k].stop - coder.scores[train.k].start
    native = native_objective(coder.objectives[train.k], train.target, n_scores)
    if native is None:
        return _ForestTrees.train(train, val, settings, categorical, n_threads)
    name, parameters = native
    return train_single(
        train.single(),
        None if val is None else val.single(),
        objective_name=name,
        params={
            **settings.tree_params,
            "learning_rate": settings.learning_rate,
            **parameters,
        },
        n_estimators=settings.n_estimators,
        patience=settings.patience,
        tol=settings.tol,
        categorical=categorical,
        n_threads=n_threads,
        seed=settings.seed,
    )


class _ForestTrees:
    """The shared booster's trees of one objective."""

    def __init__(self, result: BoostingResult):
        self._result = result
        self.best_iteration = int(result.n_iter[0])

    @classmethod
    def train(
        cls,
        train: OwnRows,
        val: OwnRows | None,
        settings: OwnSettings,
        categorical: Sequence[int],
        n_threads: int,
    ) -> _ForestTrees:
        coder = train.rows.coder.only(train.k)
        if train.start is not None:
            coder.init_scores = np.zeros_like(coder.init_scores)
        grower = TreeGrower(
            train.X,
            {**settings.tree_params, "seed": settings.seed},
            X_val=None if val is None else val.X,
            categorical=categorical,
            n_threads=n_threads,
            bagging_seed=bagging_seed(settings.seed),
        )
        booster = SharedBooster(
            SumDirection(),
            Equal(),
            preference=None,
            leaves=settings.leaves,
            n_estimators=settings.n_estimators,
            patience=None if val is None else settings.patience,
            tol=settings.tol,
            seed=settings.seed,
        )
        rows = train.rows.only(coder, train.k)
        rows_val = None if val is None else val.rows.only(coder, val.k)
        dtype = coder.init_scores.dtype
        start = [
            None if part is None or part.start is None else part.start.astype(dtype)
            for part in (train, val)
        ]
        result = BoostingResult.start(coder, train.X.shape[1])
        return cls(
            booster.fit(grower, rows, rows_val, result, *start, best_val=start[1])
        )

    def scores(
        self, X: np.ndarray | sp.csr_matrix, n_threads: int | None = None
    ) -> np.ndarray:
        """Raw scores, (n_samples, n_scores)."""
        result = self._result
        n_rounds = result.n_iter[result.coder.owner]
        return result.forest.scores(X, n_rounds, n_threads or 1, np.float64)

    def staged_scores(
        self, X: np.ndarray | sp.csr_matrix, n_threads: int | None = None
    ) -> Iterator[np.ndarray]:
        """Raw scores after 1, 2, … trees."""
        result = self._result
        n_rounds = result.n_iter[result.coder.owner]
        return result.forest.staged_scores(X, n_rounds, n_threads or 1, np.float64)

    def gains(self) -> np.ndarray:
        """The total gain of each feature's splits, (n_features,)."""
        return self._result.importances[0]

    def splits(self) -> np.ndarray:
        """The number of splits on each feature, (n_features,)."""
        return split_counts(self._result)[0]

    def valued_nodes(self) -> list[tuple[NodeTable, np.ndarray]]:
        """Its trees, and their leaves' values (n_leaves, n_scores), NaN for none."""
        return shared_nodes(self._result)

    def tree_sum(self) -> TreeSum:
        """The raw scores as trees with values of their own."""
        result = self._result
        return result.forest.tree_sum(result.n_iter[result.coder.owner])
