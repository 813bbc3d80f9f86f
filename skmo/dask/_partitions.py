"""Dask collections as aligned partitions, and who of the workers gets which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import dask
import dask.array as da
import numpy as np
from dask.dataframe import DataFrame, Series
from scipy.optimize import linear_sum_assignment


class Part(NamedTuple):
    """One partition of the rows, as the user's blocks and frames hold them."""

    X: Any
    y: Any
    weight: Any = None


def is_frame(data: Any) -> bool:
    """Whether it is a Dask data frame or series."""
    return isinstance(data, DataFrame | Series)


def aligned_parts(
    X: Any, y: Any, weight: Any, names: Sequence[str] = ("X", "y", "sample_weight")
) -> list[Any]:
    """The partitions of features, targets and weights, lazily, as `Part` each.

    Raises
    ------
    TypeError
        If one of them is no Dask collection.
    ValueError
        If their partitions do not belong together.
    """
    given = [(name, d) for name, d in zip(names, (X, y, weight), strict=True)]
    given = [(name, d) for name, d in given if d is not None]
    for name, data in given:
        if not isinstance(data, da.Array | DataFrame | Series):
            raise TypeError(
                f"{name} must be a Dask array or data frame. Got "
                f"{type(data).__name__} instead: use dask.array.from_array or "
                "dask.dataframe.from_pandas, or the estimator of skmo itself, which "
                "needs no cluster."
            )
    if X.ndim != 2:
        raise ValueError(
            f"{names[0]} must have shape (n_samples, n_features). Got {X.shape}."
        )
    blocks = [_blocks(name, data, X, names[0]) for name, data in given]
    for (name, _), found in zip(given, blocks, strict=True):
        if len(found) != len(blocks[0]):
            raise ValueError(
                f"{name} has {len(found)} partitions, but {names[0]} has "
                f"{len(blocks[0])}: rows that belong together must be in the same "
                "partition. Repartition one like the other."
            )
    return [dask.delayed(Part)(*part) for part in zip(*blocks, strict=True)]


def _blocks(name: str, data: Any, X: Any, name_of_X: str) -> list[Any]:
    if is_frame(data):
        return list(data.to_delayed())
    if data.ndim > 2:
        raise ValueError(f"{name} must have 1 or 2 dimensions. Got {data.ndim}.")
    rows = data.chunks[0]
    if isinstance(X, da.Array) and not np.isnan([*rows, *X.chunks[0]]).any():
        if sum(rows) != sum(X.chunks[0]):
            raise ValueError(
                f"{name} has {sum(rows)} rows, but {name_of_X} has "
                f"{sum(X.chunks[0])}: pass one for each of these."
            )
        rows = X.chunks[0]
    if data.ndim == 2:
        data = data.rechunk((rows, -1)) if _known(rows) else data.rechunk({1: -1})
    elif rows != data.chunks[0]:
        data = data.rechunk((rows,))
    return list(data.to_delayed().ravel())


def _known(rows: Sequence[float]) -> bool:
    return not np.isnan(rows).any()


def split_evenly(n_rows: np.ndarray, n_ranks: int) -> list[slice]:
    """Neighbouring partitions for each rank, with about as many rows.

    It depends on the partitions alone and not on where they lie, so that a fit adds
    up in the same order whenever it is repeated.

    Parameters
    ----------
    n_rows : ndarray of shape (n_partitions,), int
        At least as many partitions as ranks.
    n_ranks : int

    Returns
    -------
    list of slice
        None of them empty.
    """
    ends = np.cumsum(n_rows)
    slices, first = [], 0
    for rank in range(n_ranks):
        aim = ends[-1] * (rank + 1) / n_ranks
        last = int(np.searchsorted(ends, aim - 1e-9)) + 1
        last = min(max(last, first + 1), len(n_rows) - (n_ranks - rank - 1))
        slices.append(slice(first, last))
        first = last
    slices[-1] = slice(slices[-1].start, len(n_rows))
    return slices


def place_ranks(
    slices: Sequence[slice],
    n_rows: np.ndarray,
    holders: Sequence[Sequence[str]],
    workers: Sequence[str],
) -> list[str]:
    """A worker for each rank, such that few rows move.

    Parameters
    ----------
    slices : sequence of slice
        The partitions of each rank.
    n_rows : ndarray of shape (n_partitions,), int
    holders : sequence of sequence of str
        The workers that hold each partition.
    workers : sequence of str

    Returns
    -------
    list of str
    """
    held = np.zeros((len(slices), len(workers)))
    for rank, part in enumerate(slices):
        for p in range(part.start, part.stop):
            for address in holders[p]:
                if address in workers:
                    held[rank, workers.index(address)] += n_rows[p]
    ranks, places = linear_sum_assignment(held, maximize=True)
    return [workers[place] for _, place in sorted(zip(ranks, places, strict=True))]
