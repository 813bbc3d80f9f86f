"""Partitions of all sizes on workers that are processes."""

from __future__ import annotations

from typing import Any

import dask.array as da
import numpy as np
import pandas as pd
import pytest
from dask import dataframe as dd
from distributed import wait
from numpy.testing import assert_array_equal

from tests.cluster.workers import TIME_LIMIT, assert_as_local, regressor, rows, within

pytestmark = pytest.mark.processes


def fit(client: Any, X: Any, Y: Any) -> Any:
    return within(TIME_LIMIT, lambda: regressor(client).fit(X, Y))


@pytest.mark.parametrize(
    "sizes",
    [
        (700, 150, 50),
        (1, 898, 1),
        (0, 500, 0, 0, 400, 0),
        (0, 0, 900),
        (900,),
        (450, 450),
        (100,) * 9,
        (1,) * 5 + (895,),
    ],
    ids=str,
)
def test_sizes(client, sizes):
    X, Y = rows(sizes)
    assert_as_local(fit(client, X, Y), X, Y)


def test_only_few_partitions_have_observed_targets(client):
    """The rest are left out, like empty ones."""
    X, Y = (d.compute() for d in rows())
    Y[100:800] = np.nan
    X, Y = (da.from_array(d, (100, -1)) for d in (X, Y))
    assert_as_local(fit(client, X, Y), X, Y)


def test_a_frame_with_empty_partitions(client):
    X, Y = (d.compute() for d in rows())
    frame = pd.DataFrame(np.column_stack([X, Y]), columns=[*"abcdefxyz"])
    lazy = dd.from_pandas(frame, npartitions=9)
    # Filters leave partitions empty, and nobody knows which.
    lazy = lazy[(lazy.a > 0) & ((lazy.index < 100) | (lazy.index > 500))]
    X, Y = lazy[[*"abcdef"]], lazy[[*"xyz"]]
    assert_as_local(fit(client, X, Y), X, Y)


def placed(client: Any, collection: da.Array, workers: list[str]) -> da.Array:
    """The partitions on these workers, one on each in turn."""
    blocks = [
        client.compute(block, workers=[worker], allow_other_workers=False)
        for block, worker in zip(
            collection.to_delayed().ravel(),
            [*workers] * collection.numblocks[0],
            strict=False,
        )
    ]
    wait(blocks)
    arrays = [
        da.from_delayed(future, (size, collection.shape[1]), collection.dtype)
        for future, size in zip(blocks, collection.chunks[0], strict=True)
    ]
    return da.concatenate(arrays)


def test_a_refit_is_the_same_wherever_the_partitions_lie(client):
    lazy_X, lazy_Y = rows((130, 20, 250, 200, 100, 200))
    X = lazy_X.compute()
    first, second, third = sorted(client.nthreads())
    predictions = []
    for workers in ([first, second, third], [third, first, second], [second] * 3):
        data = [placed(client, d, workers) for d in (lazy_X, lazy_Y)]
        predictions.append(fit(client, *data).predict(X))
    for prediction in predictions[1:]:
        assert_array_equal(prediction, predictions[0])
