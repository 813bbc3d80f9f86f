"""Targets with names, of numbers or labels, unobserved in part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..estimators._targets import missing_values, target_columns


class Targets:
    """Named columns of one length, read by estimators as a data frame.

    Errors, warnings and ``objective_names_`` then speak of the targets as the
    report does. Needs no pandas, which fewer users have than targets.

    Parameters
    ----------
    values : sequence of ndarray of shape (n_samples,)
        Numbers with NaN, or labels of any type with None or NaN.
    names : sequence of str
    """

    def __init__(self, values: Sequence[np.ndarray], names: Sequence[str]):
        self.values = list(values)
        self.columns = list(names)
        self.dtypes = [column.dtype for column in self.values]
        self.shape = (len(self.values[0]), len(self.columns))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, name: str) -> _Column:
        return _Column(self.values[self.columns.index(name)])

    def take(self, rows: np.ndarray) -> Targets:
        return Targets([column[rows] for column in self.values], self.columns)

    def observed(self) -> np.ndarray:
        """Where values are, bool of shape (n_samples, n_objectives)."""
        return np.column_stack([~missing_values(column) for column in self.values])

    def without_unseen(self, k: int, seen: Targets) -> None:
        """Blank the labels of column ``k`` that ``seen`` does not hold."""
        column, known = self.values[k], seen.values[k]
        known = set(known[~missing_values(known)].tolist())
        observed = np.flatnonzero(~missing_values(column))
        strange = [row for row in observed if column[row] not in known]
        if strange:
            numeric = column.dtype.kind == "f"
            column = column.astype(column.dtype if numeric else object)
            column[strange] = np.nan if numeric else None
            self.values[k] = column


class _Column:
    def __init__(self, values: np.ndarray):
        self.dtype = values.dtype
        self._values = values

    def to_numpy(self) -> np.ndarray:
        return self._values


def numeric_targets(Y: Any, name: str) -> list[np.ndarray]:
    """The columns in float64.

    Raises
    ------
    ValueError
        If they are not numeric, or not columns.
    """
    try:
        targets = np.asarray(Y, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"The {name!r} parameter of compare must be numeric: {error!s:.200}. "
            "Labels of other types need estimator=MultiObjectiveClassifier()."
        ) from error
    if targets.ndim == 1:
        targets = targets[:, np.newaxis]
    if targets.ndim != 2 or not targets.size:
        raise ValueError(
            f"The {name!r} parameter of compare must have the shape (n_samples, "
            f"n_objectives). Got shape {targets.shape} instead."
        )
    return list(targets.T.copy())


def label_targets(Y: Any, name: str) -> list[np.ndarray]:
    """The columns as they are.

    Raises
    ------
    ValueError
        If they are not columns.
    """
    shape = getattr(Y, "shape", None) or np.shape(Y)
    if len(shape) not in (1, 2) or 0 in shape:
        raise ValueError(
            f"The {name!r} parameter of compare must have the shape (n_samples, "
            f"n_objectives). Got shape {shape} instead."
        )
    return target_columns(Y, "compare's")
