"""What the processes of a fit exchange."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo.dask._connect import Listener
from skmo.dask._mesh import Mesh, PeerLostError
from tests.cluster.ranks import in_ranks

SIZES = [0, 1, 7, 1000, 2048, 2049, 400_001]
each_number = pytest.mark.parametrize("n", [1, 2, 3, 5, 8])


def values(rank: int, size: int, dtype: Any) -> np.ndarray:
    rng = np.random.default_rng(rank)
    if np.dtype(dtype).kind == "f":
        return rng.normal(size=size).astype(dtype)
    return rng.integers(-1000, 1000, size).astype(dtype)


@each_number
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_sums(n, dtype):
    found = in_ranks(
        n, lambda mesh: [mesh.allreduce_sum(values(mesh.rank, s, dtype)) for s in SIZES]
    )
    for i, size in enumerate(SIZES):
        expected = np.sum([values(r, size, dtype) for r in range(n)], axis=0)
        for sums in found:
            assert sums[i].dtype == dtype
            assert_array_equal(sums[i], found[0][i])  # not by a digit apart
        assert_allclose(found[0][i], expected, rtol=1e-5, atol=1e-5)


@each_number
def test_sums_keep_the_shape(n):
    shape = (3, 0, 2), (4, 5)
    for s in shape:
        assert (
            in_ranks(n, lambda mesh, s=s: mesh.allreduce_sum(np.ones(s)).shape)
            == [s] * n
        )


@pytest.mark.parametrize("n", [2, 3, 8])
def test_sums_are_the_same_again(n):
    def work(mesh: Mesh) -> bytes:
        time.sleep(0.01 * np.random.default_rng().random())  # whoever comes first
        return mesh.allreduce_sum(values(mesh.rank, 50_001, np.float64)).tobytes()

    assert in_ranks(n, work) == in_ranks(n, work)


@each_number
def test_allgather(n):
    sizes = [3 * r for r in range(n)]

    def work(mesh: Mesh) -> list[bytes]:
        found = mesh.allgather(bytes([mesh.rank]) * sizes[mesh.rank], sizes)
        return [bytes(part) for part in found]

    expected = [bytes([r]) * sizes[r] for r in range(n)]
    assert in_ranks(n, work) == [expected] * n


@each_number
@pytest.mark.parametrize("size", [1, 5, 100_000])
def test_reduce_scatter(n, size):
    def add(source: np.ndarray, target: np.ndarray) -> None:
        target.view(np.int64)[...] += source.view(np.int64)

    def work(mesh: Mesh) -> np.ndarray:
        blocks = [
            np.full(size + r, 10 * mesh.rank + r, dtype=np.int64).view(np.uint8)
            for r in range(n)
        ]
        kept = [block.copy() for block in blocks]
        own = mesh.reduce_scatter(blocks, add)
        for block, before in zip(blocks, kept, strict=True):
            assert_array_equal(block, before)  # its arguments are left alone
        return own.view(np.int64)

    for rank, own in enumerate(in_ranks(n, work)):
        expected = sum(10 * r + rank for r in range(n))
        assert_array_equal(own, np.full(size + rank, expected))


@each_number
def test_objects(n):
    def work(mesh: Mesh) -> Any:
        told = mesh.broadcast({"of": mesh.rank, "big": np.arange(300_000)})
        assert len(told["big"]) == 300_000
        return told["of"], mesh.gather((mesh.rank, np.arange(100_000)))

    for rank, (told, gathered) in enumerate(in_ranks(n, work)):
        assert told == 0
        if rank > 0:
            assert gathered is None
        else:
            assert [of for of, _ in gathered] == list(range(n))


def test_traffic():
    """By hand: two ranks, eight bytes each, once around; a halving of two blocks."""

    def work(mesh: Mesh) -> Any:
        mesh.allgather(b"12345678", [8, 8])
        blocks = [np.zeros(16, np.uint8), np.zeros(32, np.uint8)]
        mesh.reduce_scatter(blocks, lambda source, target: None)
        return mesh.traffic

    first, second = in_ranks(2, work)
    assert first.calls == second.calls == {"allgather": 1, "reduce_scatter": 1}
    assert first.n_bytes == {"allgather": 8, "reduce_scatter": 32}
    assert second.n_bytes == {"allgather": 8, "reduce_scatter": 16}
    assert min(first.seconds.values()) >= 0


@pytest.mark.parametrize("size", [100, 3_000_000])
def test_a_rank_that_fails_ends_the_others(size):
    ended = {}

    def work(mesh: Mesh) -> None:
        mesh.allreduce_sum(np.ones(size))
        if mesh.rank == 1:
            raise KeyError("what this rank says")
        start = time.monotonic()
        try:
            for _ in range(1000):
                mesh.allreduce_sum(np.ones(size))
        except PeerLostError as error:
            ended[mesh.rank] = time.monotonic() - start, error
            with pytest.raises(PeerLostError):
                mesh.broadcast(None)
            with pytest.raises(PeerLostError):
                mesh.allgather(b"", [0] * 4)

    with pytest.raises(KeyError, match="what this rank says"):
        in_ranks(4, work)
    assert set(ended) == {0, 2, 3}
    for seconds, error in ended.values():
        assert seconds < 5
        assert error.rank != 1 or "was lost" in str(error)


@pytest.mark.parametrize("size", [10, 3_000_000])
def test_closing_from_another_thread(size):
    def work(mesh: Mesh) -> str:
        if mesh.rank == 1:
            time.sleep(2)  # does not take part
            return "asleep"
        timer = threading.Timer(0.3, mesh.close)
        timer.start()
        with pytest.raises(PeerLostError):
            mesh.allreduce_sum(np.ones(size))
        timer.join()
        with pytest.raises(PeerLostError):
            mesh.allreduce_sum(np.ones(size))
        return "closed"

    assert in_ranks(2, work) == ["closed", "asleep"]


_PROCESS = """
import sys
from skmo.dask._connect import Listener
from skmo.dask._mesh import Mesh
import numpy as np
listener = Listener("127.0.0.1", b"key")
print(*listener.address, flush=True)
address = sys.stdin.readline().split()
addresses = [listener.address, (address[0], int(address[1]))]
mesh = Mesh(0, addresses, listener.connect(0, addresses, 20))
while True:
    mesh.allreduce_sum(np.ones(100_000))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_process_that_is_killed():
    command = [sys.executable, "-c", _PROCESS]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        listener = Listener("127.0.0.1", b"key")
        host, port = process.stdout.readline().split()
        addresses = [(host, int(port)), listener.address]
        print(*listener.address, file=process.stdin, flush=True)
        with Mesh(1, addresses, listener.connect(1, addresses, 30)) as mesh:
            for _ in range(20):
                mesh.allreduce_sum(np.ones(100_000))
            os.kill(process.pid, signal.SIGKILL)
            start = time.monotonic()

            def go_on() -> None:
                while True:
                    mesh.allreduce_sum(np.ones(100_000))

            with pytest.raises(PeerLostError, match=r"Rank 0 at 127\.0\.0\.1") as found:
                go_on()
            assert time.monotonic() - start < 5
            assert found.value.rank == 0
