"""Predictions of Dask collections, computed when they are needed."""

from __future__ import annotations

import copy
from typing import Any

import dask
import dask.array as da
import numpy as np
from dask.dataframe import DataFrame


def is_dask(X: Any) -> bool:
    """Whether these features are a Dask collection."""
    return isinstance(X, da.Array | DataFrame)


def map_rows(estimator: Any, method: str, X: Any) -> Any:
    """What a fitted estimator's method returns of each partition.

    Parameters
    ----------
    estimator : MultiObjectiveBase
        Each partition is worked on in one thread, unless ``n_jobs`` says otherwise.
    method : str
        Takes features and returns an array with a row for each, or a list of such
        arrays (or None).
    X : dask.array.Array or dask.dataframe.DataFrame

    Returns
    -------
    dask.array.Array, or list of (dask.array.Array or None)
    """
    estimator = copy.copy(estimator)
    estimator.n_jobs = 1 if estimator.n_jobs is None else estimator.n_jobs
    if isinstance(X, DataFrame):
        example, blocks = X._meta_nonempty, X.to_delayed()
        sizes = [np.nan] * len(blocks)
    else:
        X = X.rechunk({1: -1})
        example = np.zeros((1, X.shape[1]), dtype=X.dtype)
        blocks, sizes = X.to_delayed().ravel(), X.chunks[0]
    found = getattr(estimator, method)(example)
    likes = _arrays(found)
    # One node of the graph holds the model, whatever the number of partitions.
    model = dask.delayed(estimator, traverse=False)
    parts = [dask.delayed(_of_block)(model, method, block, likes) for block in blocks]
    arrays = [
        None if like is None else _joined(parts, i, sizes, like)
        for i, like in enumerate(likes)
    ]
    return arrays if isinstance(found, list) else arrays[0]


def _arrays(found: Any) -> list[np.ndarray | None]:
    """What a method returned, as a list of arrays (or None)."""
    several = found if isinstance(found, list) else [found]
    return [None if output is None else np.asarray(output) for output in several]


def _of_block(
    estimator: Any, method: str, block: Any, likes: list[np.ndarray | None]
) -> list[np.ndarray | None]:
    if block.shape[0] == 0:
        return [None if like is None else like[:0] for like in likes]
    return _arrays(getattr(estimator, method)(block))


def _joined(parts: list[Any], i: int, sizes: Any, like: np.ndarray) -> da.Array:
    """The partitions' outputs ``i`` as one array."""
    pieces = [
        da.from_delayed(part[i], shape=(size, *like.shape[1:]), dtype=like.dtype)
        for part, size in zip(parts, sizes, strict=True)
    ]
    return da.concatenate(pieces, axis=0, allow_unknown_chunksizes=True)
