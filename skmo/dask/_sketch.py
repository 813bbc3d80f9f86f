"""A few rows of a partition that show all that encodings are learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse as sp
from dask.dataframe.dispatch import concat as concat_frames

from ..estimators._frames import read_frame, take_rows
from ..estimators._targets import missing_values, target_columns, weight_of
from ._partitions import Part

# Distinct values of a target that are kept even if it has no labels.
_FEW = 64


class Sketch(NamedTuple):
    """What the client needs to know of one partition.

    Attributes
    ----------
    n_rows : int
    n_learnt : int
        Rows with an observed target of positive weight.
    n_observed : ndarray of shape (n_objectives,), int
        Those of each target.
    part : Part or None
        The rows that were chosen; None of an empty partition.
    """

    n_rows: int
    n_learnt: int
    n_observed: np.ndarray
    part: Part | None


def sketch(
    part: Part,
    categorical: Sequence[int],
    labels: Sequence[bool] | bool,
    name: str,
    names: Sequence[str] = ("X", "y", "sample_weight"),
) -> Sketch:
    """Choose rows that hold every category, every label and every extreme.

    Parameters
    ----------
    part : Part
    categorical : sequence of int
        The categorical features.
    labels : bool or sequence of bool
        Which targets are labels, so that each value counts.
    name : str
        The estimator's, for errors.
    names : sequence of str
        What the user passed the three parts of ``part`` as, for errors.
    """
    X, y, weight = part
    columns = target_columns(y, name)
    n_rows = X.shape[0]
    for data, called in zip(part[1:], names[1:], strict=True):
        if data is not None and len(data) != n_rows:
            raise ValueError(
                f"A partition of {names[0]} has {n_rows} rows, but that of {called} "
                f"has {len(data)}: rows that belong together must be in the same "
                "partition."
            )
    if n_rows == 0:
        return Sketch(0, 0, np.zeros(len(columns), dtype=np.int64), None)
    if isinstance(labels, bool):
        labels = [labels] * len(columns)
    # As many as there are: whoever names too few or too many is told later.
    labels = [*labels, *[False] * len(columns)][: len(columns)]
    positive = _positive(weight, n_rows, len(columns))
    chosen = {0, min(1, n_rows - 1)}
    for j in categorical:
        chosen.update(_first_of_each(_feature(X, j)))
    observed = np.empty((n_rows, len(columns)), dtype=bool)
    for k, (column, every) in enumerate(zip(columns, labels, strict=True)):
        known = ~missing_values(column)
        observed[:, k] = known & weight_of(positive, k)
        chosen.update(_of_target(column, known, observed[:, k], every))
    rows = np.array(sorted(chosen))
    kept = Part(*(None if d is None else take_rows(d, rows) for d in part))
    return Sketch(n_rows, int(observed.any(axis=1).sum()), observed.sum(axis=0), kept)


def join(sketches: Sequence[Sketch]) -> Part:
    """The chosen rows of all partitions, one's after the other's."""
    parts = [s.part for s in sketches if s.part is not None]
    return Part(*(joined([p[i] for p in parts]) for i in range(len(Part._fields))))


def joined(parts: Sequence[Any]) -> Any:
    """Blocks or frames of rows as one."""
    if parts[0] is None:
        return None
    if sp.issparse(parts[0]):
        return sp.vstack(parts, format="csr")
    if isinstance(parts[0], pd.DataFrame | pd.Series):
        # Categories that differ between partitions are united.
        return concat_frames(list(parts))
    return np.concatenate(parts)


def _positive(weight: Any, n_rows: int, n_objectives: int) -> np.ndarray:
    if weight is None:
        return np.ones((n_rows, 1), dtype=bool)
    weight = np.asarray(weight)
    return (weight > 0).reshape(n_rows, -1)


def _feature(X: Any, j: int) -> Any:
    frame = read_frame(X)
    return X[:, j] if frame is None else frame.values(j)


def _first_of_each(values: np.ndarray) -> list[int]:
    """The first row of each distinct value, a missing one included."""
    codes = pd.factorize(np.asarray(values))[0]
    return np.unique(codes, return_index=True)[1].tolist()


def _of_target(
    column: np.ndarray, known: np.ndarray, counts: np.ndarray, every: bool
) -> list[int]:
    """Rows with each of its labels; or with its extremes and a few others."""
    rows: list[int] = []
    for which in (counts, known):
        places = np.flatnonzero(which)
        if not places.size:
            continue
        values = column[places]
        first = places[_first_of_each(values)]
        if every or len(first) <= _FEW or values.dtype.kind not in "biuf":
            rows += first.tolist()
            continue
        other = np.argmax(~np.isin(values, (0, 1)))
        rows += places[[values.argmin(), values.argmax(), other]].tolist()
    return rows
