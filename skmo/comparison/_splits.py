"""Which rows train, validate and test."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    ShuffleSplit,
    TimeSeriesSplit,
    check_cv,
)


def check_share(name: str, share: float) -> None:
    """Raise ``ValueError`` unless ``share`` lies strictly between 0 and 1."""
    if not isinstance(share, Real) or not 0 < share < 1:
        raise ValueError(
            f"The {name!r} parameter of compare must be a float in the range (0, 1). "
            f"Got {share!r:.200} instead."
        )


def check_column(name: str, values: Any, n_rows: int) -> np.ndarray:
    """A column of groups or times as an array without missing values."""
    # pandas knows its own kinds of missing values.
    missing = values.isna() if hasattr(values, "isna") else None
    values = np.asarray(values)
    if values.shape != (n_rows,):
        raise ValueError(
            f"The {name!r} parameter of compare must hold one value per row of X, "
            f"shape ({n_rows},). Got shape {values.shape} instead."
        )
    if missing is None:
        missing = values != values
        if values.dtype == object:
            missing |= np.array([value is None for value in values])
    if missing.any():
        raise ValueError(
            f"The {name!r} parameter of compare has no value in {missing.sum()} rows: "
            "drop them first."
        )
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
        raise ValueError(
            f"{n} {what} are too few to hold out {share:g} of them: pass more, or "
            "smaller 'test_size' and 'validation_fraction'."
        )
    return n_held


def check_folds(cv: Any) -> None:
    """Raise unless ``cv`` is a number of folds, a splitter or pairs of rows."""
    if isinstance(cv, Integral) and not isinstance(cv, bool):
        if cv >= 2:
            return
    elif not isinstance(cv, (str, bytes)) and (
        hasattr(cv, "split") or isinstance(cv, Iterable)
    ):
        return
    raise ValueError(
        "The 'cv' parameter of compare must be None (one split), an int of at least 2 "
        "folds, a splitter of scikit-learn's or a list of pairs (training rows, test "
        f"rows). Got {cv!r:.200} instead."
    )


def folds(
    cv: Any,
    n_rows: int,
    *,
    y: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    time: np.ndarray | None = None,
    random_state: int = 0,
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Cross-validation's pairs of rows to learn from and to test on.

    Parameters
    ----------
    cv : int, splitter or iterable
        An int makes shuffled folds, of whole groups if there are ``groups``, and
        expanding windows if there is ``time``.
    n_rows : int
    y : ndarray of shape (n_rows,) or None
        What a stratified splitter may read.
    groups, time : ndarray or None
    random_state : int

    Raises
    ------
    ValueError
        If there are too few rows or groups, fewer than two folds, or a fold
        with rows out of range, without rows or with rows in both parts.
    """
    order = np.arange(n_rows)
    if isinstance(cv, Integral):
        n_units, n_needed, what = n_rows, cv, "rows"
        if time is not None:
            order = np.argsort(time, kind="stable")
            splitter = TimeSeriesSplit(cv)
            n_needed += 1  # the first window trains only
        elif groups is not None:
            n_units, what = len(np.unique(groups)), "groups"
            splitter = GroupKFold(cv, shuffle=True, random_state=random_state)
        else:
            splitter = KFold(cv, shuffle=True, random_state=random_state)
        if n_units < n_needed:
            raise ValueError(
                f"cv={cv} folds need at least {n_needed} {what}. Got {n_units}: ask "
                "for fewer folds."
            )
        pairs = splitter.split(order, groups=groups)
    else:
        pairs = check_cv(cv).split(order, y, groups)
    found = [(order[_rows(a, n_rows)], order[_rows(b, n_rows)]) for a, b in pairs]
    if len(found) < 2:
        raise ValueError(
            f"The 'cv' parameter of compare gives {len(found)} fold(s): an interval "
            "needs at least 2. Use cv=None for one split."
        )
    for number, (learn, test) in enumerate(found, 1):
        if not len(learn) or not len(test) or np.intersect1d(learn, test).size:
            raise ValueError(
                f"Fold {number} of cv has {len(learn)} training and {len(test)} test "
                f"rows, {np.intersect1d(learn, test).size} of them in both: each part "
                "needs rows of its own."
            )
    return found


def _rows(rows: Any, n_rows: int) -> np.ndarray:
    """Indices or a mask of rows as indices."""
    rows = np.asarray(rows)
    if rows.dtype == bool and rows.shape == (n_rows,):
        return np.flatnonzero(rows)
    inside = rows.ndim == 1 and rows.dtype.kind in "iu"
    if not inside or (rows.size and (rows.min() < 0 or rows.max() >= n_rows)):
        raise ValueError(
            "The 'cv' parameter of compare must give indices of rows from 0 to "
            f"{n_rows - 1}. Got {rows!r:.200} instead."
        )
    return rows
