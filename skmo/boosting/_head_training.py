"""Training per-objective learners, and deciding about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed
from sklearn.model_selection import KFold

from ._booster import SharedBooster
from ._head_choice import choose_share
from ._heads import Head
from ._own import OwnRows, OwnSettings, OwnTrees, train_own
from ._result import BoostingResult
from ._rows import TargetRows
from ._tree import TreeGrower

# Both bound what a choice without validation rows costs; neither was measured against
# other values. The folds of small data are most of a fit's time already.
_N_FOLDS = 3
_MAX_FOLD_ROWS = 10_000


class HeadTrainer:
    """Trains per-objective learners and decides what part they get.

    Parameters
    ----------
    continues : bool
        Whether they go on from the shared scores (and are kept where the loss
        falls) or start anew (and get the share of least loss).
    sparing : bool
        Whether, without validation rows, a learner must lower the loss by more
        than its standard error, so that few are trained on all rows.
    settings : sequence of OwnSettings
        One per objective.
    seed : int
    n_jobs : int
        Learners trained at once.
    n_threads : int
        Threads for work on all rows.
    """

    def __init__(
        self,
        *,
        continues: bool,
        sparing: bool,
        settings: Sequence[OwnSettings],
        seed: int,
        n_jobs: int,
        n_threads: int,
    ):
        self.continues, self.sparing = continues, sparing
        self.settings = list(settings)
        self.seed = seed
        self.n_jobs, self.n_threads = n_jobs, n_threads

    def by_validation(
        self,
        grower: TreeGrower,
        train: TargetRows,
        val: TargetRows,
        result: BoostingResult,
        *,
        watch: bool,
    ) -> list[Head | None]:
        """Train on all training rows; the validation rows decide.

        Parameters
        ----------
        grower : TreeGrower
            Holds the features of ``train`` and ``val``.
        train, val : TargetRows
        result : BoostingResult
            The fitted shared trees.
        watch : bool
            Whether the learners stop early by the validation rows.

        Returns
        -------
        list of (Head or None)
            None for an objective that predicts with the shared trees alone.
        """
        start = self._shared(result, grower.X) if self.continues else None
        shared = self._shared(result, grower.X_val)
        train, val = train.own(), val.own()
        chosen = self._candidates(train) & (val.weight_sums > 0)
        found = self._train_all(
            chosen, grower, (train, start), (val, shared), watch=watch
        )
        heads: list[Head | None] = [None] * len(chosen)
        for k, (trees, own) in found.items():
            rows = np.flatnonzero(val.observes(k))
            before = shared[rows][:, val.coder.scores[k]]
            share = choose_share(
                val.take(rows), k, before, own, continues=self.continues
            )
            if share > 0.0:
                heads[k] = Head(trees, share, self.continues)
        return heads

    def by_folds(
        self,
        grower: TreeGrower,
        train: TargetRows,
        booster: SharedBooster,
        result: BoostingResult,
    ) -> list[Head | None]:
        """Out-of-fold scores decide; what they choose is trained on all rows.

        Shared trees and learners are trained on two thirds of the rows at a time
        (of a sample, where there are many) and score the rest.

        Parameters
        ----------
        grower : TreeGrower
        train : TargetRows
        booster : SharedBooster
            Trains the folds' shared trees as it trained ``result``'s.
        result : BoostingResult

        Returns
        -------
        list of (Head or None)
        """
        rows = np.arange(len(train))
        if len(rows) > _MAX_FOLD_ROWS:
            rng = np.random.default_rng(self.seed)
            rows = np.sort(rng.choice(rows, _MAX_FOLD_ROWS, replace=False))
        chosen = self._candidates(train.own())
        heads: list[Head | None] = [None] * len(chosen)
        if len(rows) < 2 * _N_FOLDS or not chosen.any():
            return heads
        shared, own, rounds = self._out_of_fold(grower, train, booster, rows, chosen)
        train = train.own()
        shares = self._shares_by_folds(train, rows, chosen, shared, own)
        settings = list(self.settings)
        for k in np.flatnonzero(shares) if self.continues else ():
            n_rounds = max(round(np.mean(rounds[k])), 1)
            settings[k] = replace(settings[k], n_estimators=n_rounds)
        start = self._shared(result, grower.X) if self.continues else None
        found = self._train_all(
            shares > 0.0, grower, (train, start), None, settings=settings
        )
        for k, (trees, _) in found.items():
            heads[k] = Head(trees, float(shares[k]), self.continues)
        return heads

    def _shares_by_folds(
        self,
        train: TargetRows,
        rows: np.ndarray,
        chosen: np.ndarray,
        shared: np.ndarray,
        own: list[np.ndarray],
    ) -> np.ndarray:
        """Each objective's share by the out-of-fold scores of ``rows``."""
        shares = np.zeros(len(chosen))
        for k in np.flatnonzero(chosen):
            scored = np.isfinite(own[k]).all(axis=1) & train.observes(k)[rows]
            if scored.any():
                shares[k] = choose_share(
                    train.take(rows[scored]),
                    k,
                    shared[scored][:, train.coder.scores[k]],
                    own[k][scored],
                    continues=self.continues,
                    surely=self.continues or self.sparing,
                )
        return shares

    def _out_of_fold(
        self,
        grower: TreeGrower,
        train: TargetRows,
        booster: SharedBooster,
        rows: np.ndarray,
        chosen: np.ndarray,
    ) -> tuple[np.ndarray, list[np.ndarray], list[list[int]]]:
        """Scores of ``rows`` by models that have not seen them.

        Returns
        -------
        shared : ndarray of shape (n_rows, n_scores)
        own : list of ndarray of shape (n_rows, n_scores_k), NaN where not trained
        rounds : list of list of int
            Each objective's rounds in the folds.
        """
        coder = train.coder
        shared = np.empty((len(rows), coder.n_scores))
        own = [np.full((len(rows), s.stop - s.start), np.nan) for s in coder.scores]
        rounds: list[list[int]] = [[] for _ in coder.scores]
        folds = KFold(_N_FOLDS, shuffle=True, random_state=self.seed % 2**32)
        for kept, held in folds.split(rows):
            part = grower.take(rows[kept], X_val=grower.X[rows[held]])
            seen, unseen = train.take(rows[kept]), train.take(rows[held])
            fold = BoostingResult.start(coder, grower.X.shape[1])
            fold = booster.fit(part, seen, None, fold)
            seen, unseen = seen.own(), unseen.own()
            shared[held] = self._shared(fold, part.X_val)
            start = self._shared(fold, part.X) if self.continues else None
            found = self._train_all(
                chosen & self._candidates(seen),
                part,
                (seen, start),
                (unseen, shared[held]),
                watch=self.continues,
            )
            for k, (trees, scores) in found.items():
                own[k][held[unseen.observes(k)]] = scores
                rounds[k].append(trees.best_iteration)
        return shared, own, rounds

    def _shared(self, result: BoostingResult, X: np.ndarray | sp.csr_matrix):
        n_rounds = result.n_iter[result.coder.owner]
        return result.forest.scores(X, n_rounds, self.n_threads)

    @staticmethod
    def _candidates(train: TargetRows) -> np.ndarray:
        """Objectives with two different observed values to learn from."""
        varies = np.zeros(len(train.coder.objectives), dtype=bool)
        for k in range(len(varies)):
            values = train.target(k)[train.observes(k)]
            varies[k] = values.size > 1 and values.min() < values.max()
        return varies

    def _train_all(
        self,
        chosen: np.ndarray,
        grower: TreeGrower,
        train: tuple[TargetRows, np.ndarray | None],
        val: tuple[TargetRows, np.ndarray] | None,
        *,
        watch: bool = False,
        settings: Sequence[OwnSettings] | None = None,
    ) -> dict[int, tuple[OwnTrees, np.ndarray | None]]:
        """The chosen objectives' own trees, and their scores of the rows of
        ``val`` that observe them.
        """
        settings = self.settings if settings is None else settings
        objectives = np.flatnonzero(chosen) if grower.splittable else []

        def rows(X, part: tuple[TargetRows, np.ndarray | None] | None, k: int):
            if part is None:
                return None
            start = part[1][:, part[0].coder.scores[k]] if self.continues else None
            return OwnRows.take(X, part[0], k, start)

        def one(k: int, n_threads: int) -> tuple[OwnTrees, np.ndarray | None]:
            own_val = rows(grower.X_val, val, k)
            trees = train_own(
                rows(grower.X, train, k),
                own_val if watch and own_val.rows.blocks.n_rows else None,
                settings[k],
                categorical=grower.categorical,
                n_threads=n_threads,
            )
            if own_val is None:
                return trees, None
            return trees, trees.scores(own_val.X, n_threads)

        # Learners side by side in one thread each gain more than each in several.
        n_jobs = max(min(self.n_jobs, len(objectives)), 1)
        n_threads = max(min(self.n_jobs // n_jobs, self.n_threads), 1)
        found = Parallel(n_jobs=n_jobs, require="sharedmem")(
            delayed(one)(k, n_threads) for k in objectives
        )
        return dict(zip((int(k) for k in objectives), found, strict=True))
