"""LightGBM's exchange, carried by our connections."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from skmo.boosting import Communicator, TreeGrower, lightgbm_network
from skmo.dask._communicator import CancelledFitError, MeshCommunicator
from skmo.dask._mesh import Mesh, PeerLostError
from tests.cluster.ranks import in_ranks

PARAMS = {"num_leaves": 8, "min_data_in_leaf": 5}


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 5))
    return X, (X[:, 0] * X[:, 1] + X[:, 2]).astype(np.float32)


def part(mesh: Mesh, *arrays: np.ndarray) -> list[np.ndarray]:
    return [np.array_split(a, mesh.n_workers)[mesh.rank] for a in arrays]


def grown(
    mesh: Mesh, data: tuple, n_trees: int = 3, before: Any = None, hessian: Any = None
) -> tuple[str, list[np.ndarray]]:
    """The trees' text and leaves, of trees grown on the same gradient."""
    X, y = part(mesh, *data)
    with lightgbm_network(mesh) as network:
        communicator = MeshCommunicator(mesh, network, lambda: False)
        grower = TreeGrower(X, PARAMS, communicator=communicator)
        leaves = []
        for t in range(n_trees):
            if before is not None:
                before(t)
            tree = grower.grow(np.roll(y, 0) * (t + 1), hessian)
            leaves.append(tree.leaf)
        return grower.finish().text, leaves


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize("unit", [True, False])
def test_all_ranks_grow_the_tree_of_one_process(data, n, unit):
    def work(mesh: Mesh) -> Any:
        hessian = None if unit else np.ones(len(part(mesh, data[1])[0]), np.float32)
        return grown(mesh, data, hessian=hessian)

    found = in_ranks(n, work)
    assert len({text for text, _ in found}) == 1
    grower = TreeGrower(data[0], PARAMS, communicator=Communicator())
    one = None if unit else np.ones(len(data[1]), np.float32)
    for t in range(3):
        tree = grower.grow(data[1] * (t + 1), one)
        together = np.concatenate([leaves[t] for _, leaves in found])
        np.testing.assert_array_equal(together, tree.leaf)


def test_nothing_is_printed(data, capfd):
    in_ranks(2, lambda mesh: grown(mesh, data, 1))
    out, err = capfd.readouterr()
    assert out + err == ""


def test_a_lost_rank_is_what_a_tree_fails_by(data):
    """Not what LightGBM makes of the zeros it is handed."""
    ended = []

    def work(mesh: Mesh) -> None:
        def leave(t: int) -> None:
            if t == 2 and mesh.rank == 1:
                raise KeyError("gone")

        try:
            grown(mesh, data, 1000, leave)
        except PeerLostError as error:
            ended.append(error)

    with pytest.raises(KeyError, match="gone"):
        in_ranks(3, work)
    assert len(ended) == 2


def test_a_cancelled_fit_ends_after_the_tree(data):
    def work(mesh: Mesh) -> str:
        X, y = part(mesh, *data)
        with lightgbm_network(mesh) as network:
            communicator = MeshCommunicator(mesh, network, lambda: mesh.rank == 0)
            grower = TreeGrower(X, PARAMS, communicator=communicator)
            try:
                for _ in range(1000):
                    grower.grow(y, None)
            except (CancelledFitError, PeerLostError) as error:
                return type(error).__name__
        return "not ended"

    assert in_ranks(2, work) == ["CancelledFitError", "PeerLostError"]


def test_the_thread_is_as_before(data):
    """LightGBM's network is of the thread: one process' fits work again in it."""

    def work(mesh: Mesh) -> int:
        grown(mesh, data, 1)
        grower = TreeGrower(data[0], PARAMS)
        return len(grower.grow(data[1], None).leaf)

    assert in_ranks(2, work) == [600, 600]


def test_what_a_communicator_brings_together(data):
    def work(mesh: Mesh) -> Any:
        with lightgbm_network(mesh) as network:
            team = MeshCommunicator(mesh, network, lambda: False)
            n = 2 + mesh.rank
            span = team.span(n)
            total, counts = team.sum(np.full((2, 2), 0.5), np.array([n]))
            flag = team.any(mesh.rank == 2)
            decided = team.decide(lambda: "by 0" if mesh.rank == 0 else 1 / 0)
            joined = team.together(np.full(n, mesh.rank), None)
            sample = team.bin_sample(np.full((n, 1), mesh.rank), 100)
            few = team.bin_sample(np.arange(n * 1.0)[:, None], 4)
            picked = span.pick(np.array([0, 3, 4, 8]))
            return span, total, counts, flag, decided, joined, sample, few, picked

    found = in_ranks(3, work)
    assert [tuple(f[0]) for f in found] == [(0, 2, 9), (2, 3, 9), (5, 4, 9)]
    for f in found:
        np.testing.assert_array_equal(f[1], np.full((2, 2), 1.5))
        assert f[2].tolist() == [9]
        assert f[2].dtype.kind == "i"
        assert f[3] is True
        assert f[4] == "by 0"
        assert f[6].ravel().tolist() == [0, 0, 1, 1, 1, 2, 2, 2, 2]
        assert len(f[7]) == 4
        np.testing.assert_array_equal(f[7], found[0][7])
    assert found[0][5][0].tolist() == [0, 0, 1, 1, 1, 2, 2, 2, 2]
    assert found[0][5][1] is None
    assert found[1][5] is None
    assert [f[8].tolist() for f in found] == [[0], [1, 2], [3]]
