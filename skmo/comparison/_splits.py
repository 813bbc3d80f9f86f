"""Which rows train, validate and test."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit


def check_share(name: str, share: float) -> None:
    """Raise ``ValueError`` unless ``share`` lies strictly between 0 and 1."""
    if not 0 < share < 1:
        raise ValueError(
            f"The {name!r} parameter of compare must be a float in the range (0, 1). "
            f"Got {share!r} instead."
        )


def check_column(name: str, values: Any, n_rows: int) -> np.ndarray:
    """A column of groups or times as an array without missing values."""
    # pandas knows its own kinds of missing values.
    missing = values.isna() if hasattr(values, "isna") else None
    values = np.asarray(values)
    if values.shape != (n_rows,):
        raise ValueError(
            f"{name} must hold one value per row of X, shape ({n_rows},). Got "
            f"{values.shape}."
        )
    if missing is None:
        missing = values != values
        if values.dtype == object:
            missing |= np.array([value is None for value in values])
    if missing.any():
        raise ValueError(f"{name} is missing in {missing.sum()} rows: drop them first.")
    return values


def split(
    rows: np.ndarray,
    share: float,
    *,
    groups: np.ndarray | None = None,
    time: np.ndarray | None = None,
    random_state: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Hold out a share of the rows: at random, by whole groups, or the last ones.

    Parameters
    ----------
    rows : ndarray of shape (n_rows,), int
        The rows to divide.
    share : float
        The part held out.
    groups, time : ndarray or None
        Columns over all rows, at most one of them.
    random_state : int
        Seed of the random splits.

    Returns
    -------
    kept, held_out : ndarray of int

    Raises
    ------
    ValueError
        If a side would be empty.
    """
    if time is not None:
        rows = rows[np.argsort(time[rows], kind="stable")]
        n_kept = len(rows) - _n_held(len(rows), share, "rows")
        return rows[:n_kept], rows[n_kept:]
    if groups is None:
        splitter, n_held = ShuffleSplit, _n_held(len(rows), share, "rows")
    else:
        n_groups = len(np.unique(groups[rows]))
        splitter, n_held = GroupShuffleSplit, _n_held(n_groups, share, "groups")
    splitter = splitter(n_splits=1, test_size=n_held, random_state=random_state)
    kept, held = next(
        splitter.split(rows, groups=None if groups is None else groups[rows])
    )
    return rows[np.sort(kept)], rows[np.sort(held)]


def _n_held(n: int, share: float, what: str) -> int:
    """A share of ``n``, rounded up, that leaves something."""
    n_held = int(np.ceil(share * n))
    if n_held >= n:
        raise ValueError(f"{n} {what} are too few to hold out {share:g} of them.")
    return n_held
