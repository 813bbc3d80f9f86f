"""Outcomes of rows that were not observed, imputed by models of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from scipy.special import expit
from sklearn.model_selection import KFold

from ._own import OwnRows, OwnSettings, train_own
from ._rows import TargetRows

_N_FOLDS = 3
# Each model stops by the rows it has not seen, whatever the booster's own rounds.
_MAX_ROUNDS = 1000


def impute(
    X: np.ndarray | sp.csr_matrix,
    rows: TargetRows,
    X_val: np.ndarray | sp.csr_matrix | None,
    settings: OwnSettings,
    *,
    categorical: Sequence[int],
    n_threads: int,
    seed: int,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Cross-fitted probabilities of every stage given the one before.

    A row that was observed is given the probability by models that have not seen
    it, so that what is left to explain of it is not explained away; all others
    are given the mean of the models' probabilities. Each model stops by the rows
    it has not seen.

    Parameters
    ----------
    X : ndarray or csr_matrix of shape (n_samples, n_features)
    rows : TargetRows
        Each stage on the rows that reached the one before.
    X_val : ndarray or csr_matrix, or None
        Further rows.
    settings : OwnSettings
    categorical : sequence of int
    n_threads, seed : int

    Returns
    -------
    ndarray of shape (n_samples, n_stages)
        That of the first stage is NaN: it is never imputed.
    ndarray of shape (n_val_samples, n_stages) or None

    References
    ----------
    V. Chernozhukov et al., "Double/debiased machine learning for treatment and
    structural parameters", The Econometrics Journal 21(1), 2018, definition 3.1
    (cross-fitting).
    """
    settings = replace(settings, n_estimators=_MAX_ROUNDS)
    n_stages = len(rows.coder.objectives)
    found = np.full((X.shape[0], n_stages), np.nan)
    found_val = None if X_val is None else np.full((X_val.shape[0], n_stages), np.nan)
    for k in range(1, n_stages):
        seen = np.flatnonzero(rows.observes(k))
        known = rows.target(k)[seen]
        if len(seen) < 2 * _N_FOLDS or known.min() == known.max():
            for part in (found, found_val):
                if part is not None:
                    part[:, k] = expit(rows.coder.init_scores[k])
            continue
        total, total_val = np.zeros(X.shape[0]), 0.0
        folds = KFold(_N_FOLDS, shuffle=True, random_state=seed % 2**32)
        held_out = np.empty(len(seen))
        for kept, held in folds.split(seen):
            kept, held = np.sort(seen[kept]), seen[held]
            trees = train_own(
                OwnRows.take(X[kept], rows.take(kept), k, None),
                OwnRows.take(X[held], rows.take(held), k, None),
                settings,
                categorical=categorical,
                n_threads=n_threads,
            )
            chance = expit(trees.scores(X, n_threads)[:, 0])
            total += chance / _N_FOLDS
            held_out[np.searchsorted(seen, held)] = chance[held]
            if X_val is not None:
                total_val += expit(trees.scores(X_val, n_threads)[:, 0]) / _N_FOLDS
        found[:, k] = total
        found[seen, k] = held_out
        if found_val is not None:
            found_val[:, k] = total_val
    return found, found_val
