"""The test folds of a set, and the rows for early stopping inside each."""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    train_test_split,
)

Split = tuple[np.ndarray, np.ndarray]


def outer_folds(n: int, groups: np.ndarray | None, time_ordered: bool) -> list[Split]:
    """Three shuffled folds; whole groups where given; the end of a time series."""
    if time_ordered:
        cut = int(0.75 * n)
        return [(np.arange(cut), np.arange(cut, n))]
    rows = np.empty(n)
    if groups is not None:
        folds = GroupKFold(3, shuffle=True, random_state=0)
        return list(folds.split(rows, groups=groups))
    return list(KFold(3, shuffle=True, random_state=0).split(rows))


def inner_folds(
    rest: np.ndarray, groups: np.ndarray | None, time_ordered: bool, seed: int
) -> Split:
    """Training rows and a fifth for early stopping, drawn by the rule of the folds."""
    if time_ordered:
        cut = int(0.8 * len(rest))
        return rest[:cut], rest[cut:]
    if groups is not None:
        split = GroupShuffleSplit(1, test_size=0.2, random_state=seed)
        train, val = next(split.split(rest, groups=groups[rest]))
        return rest[train], rest[val]
    train, val = train_test_split(rest, test_size=0.2, random_state=seed)
    return train, val
