"""Fits whose processes are threads: the same code, without a cluster."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn import clone

from skmo.dask._connect import Listener
from skmo.dask._mesh import Mesh
from skmo.dask._partitions import Part
from skmo.dask._rank import Data, train_rank
from skmo.dask._sketch import join, sketch
from skmo.estimators._rows import Given

TIME_LIMIT = 60.0


def in_ranks(n_ranks: int, work: Callable[[Mesh], Any]) -> list[Any]:
    """What ``work`` returns on each rank; a rank's exception is raised."""
    listeners = [Listener("127.0.0.1", b"key") for _ in range(n_ranks)]
    addresses = [listener.address for listener in listeners]
    found: list[Any] = [None] * n_ranks
    errors: dict[int, BaseException] = {}

    def run(rank: int) -> None:
        try:
            peers = listeners[rank].connect(rank, addresses, 30.0)
            with Mesh(rank, addresses, peers) as mesh:
                found[rank] = work(mesh)
        except BaseException as error:
            errors[rank] = error

    threads = [
        threading.Thread(target=run, args=(rank,), daemon=True)
        for rank in range(n_ranks)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIME_LIMIT)
        assert not thread.is_alive(), "a rank hangs"
    for rank in range(n_ranks):
        if rank in errors:
            raise errors[rank]
    return found


def cut(rows: Sequence[Any], ends: Sequence[int]) -> list[Part]:
    """Neighbouring partitions of X, y and weights, at these rows."""
    n = len(rows[0]) if not hasattr(rows[0], "shape") else rows[0].shape[0]
    edges = [0, *ends, n]
    return [
        Part(*(None if d is None else d[begin:end] for d in rows))
        for begin, end in pairwise(edges)
    ]


def learnt(estimator: Any, parts: Sequence[Part], labels: Any = False) -> Any:
    """A clone that knows the encodings of these partitions."""
    local = clone(estimator).set_params(n_jobs=1)
    sketches = [sketch(p, [], labels, type(local).__name__) for p in parts]
    local._check_rows(Given(*join(sketches)), again=False)
    return local


def fit_in_ranks(
    estimator: Any,
    by_rank: Sequence[Sequence[Part]],
    by_rank_val: Sequence[Sequence[Part]] | None = None,
    *,
    labels: Any = False,
    n_weights_val: int = 0,
) -> list[Any]:
    """The fitted estimators of all ranks."""
    parts = [part for of_rank in by_rank for part in of_rank]

    def work(mesh: Mesh) -> Any:
        val = None if by_rank_val is None else by_rank_val[mesh.rank]
        data = Data(by_rank[mesh.rank], val, n_weights_val)
        return train_rank(mesh, learnt(estimator, parts, labels), data, lambda: False)

    return in_ranks(len(by_rank), work)


def assert_same_trees(one: Any, other: Any) -> None:
    """The structures of two fitted estimators are the same."""
    for key, dtype in (
        ("split_feature", int),
        ("left_child", int),
        ("right_child", int),
    ):
        trees = zip(
            one._result.forest.splits(key, dtype),
            other._result.forest.splits(key, dtype),
            strict=True,
        )
        for t, (a, b) in enumerate(trees):
            np.testing.assert_array_equal(a, b, err_msg=f"{key} of tree {t}")
