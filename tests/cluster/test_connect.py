"""The processes of a fit find each other, and nobody else gets in."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import (
    Connection,
    answer_challenge,
    deliver_challenge,
)
from pathlib import Path
from typing import Any

import pytest

from skmo.dask._connect import Listener
from tests.cluster.ranks import in_ranks

FDS = Path("/proc/self/fd")


@pytest.fixture(autouse=True)
def nothing_is_left() -> Any:
    """No socket and no thread stays behind."""
    before = len(os.listdir(FDS)) if FDS.exists() else 0
    threads = set(threading.enumerate())
    yield
    until = time.monotonic() + 10
    left: Any = None
    while time.monotonic() < until:
        left = [t for t in threading.enumerate() if t not in threads]
        if not left and (not FDS.exists() or len(os.listdir(FDS)) <= before):
            return
        time.sleep(0.05)
    pytest.fail(f"left behind: {left}, {len(os.listdir(FDS)) - before} descriptors")


def connect(listeners: list[Listener], timeout: float = 20.0) -> list[Any]:
    """The peers that each listener found, or the exception it ended with."""
    addresses = [listener.address for listener in listeners]
    found: list[Any] = [None] * len(listeners)

    def run(rank: int) -> None:
        try:
            found[rank] = listeners[rank].connect(rank, addresses, timeout)
        except Exception as error:
            found[rank] = error

    threads = [
        threading.Thread(target=run, args=(r,), daemon=True)
        for r in range(len(listeners))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    return found


def is_open(address: tuple[str, int]) -> bool:
    with socket.socket() as caller:
        caller.settimeout(5)
        return caller.connect_ex(address) == 0


def close(found: list[Any]) -> None:
    for peers in found:
        if isinstance(peers, dict):
            for peer in peers.values():
                peer.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_listens_at_the_given_address_alone(host):
    try:
        listener = Listener(host, b"key")
    except OSError:
        pytest.skip(f"this machine has no {host}")
    try:
        assert listener.address[0] == host
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as caller:
            caller.settimeout(5)
            caller.connect(listener.address)
        if host == "127.0.0.1":
            assert not is_open(("127.0.0.2", listener.address[1]))
    finally:
        listener.close()


@pytest.mark.parametrize("n", [1, 2, 3, 8])
def test_each_finds_all_others(n):
    found = connect([Listener("127.0.0.1", b"key") for _ in range(n)])
    try:
        for rank, peers in enumerate(found):
            assert set(peers) == set(range(n)) - {rank}
    finally:
        close(found)


def test_the_port_is_closed_once_all_have_come():
    listeners = [Listener("127.0.0.1", b"key") for _ in range(2)]
    close(connect(listeners))
    for listener in listeners:
        assert not is_open(listener.address)


def stranger(address: tuple[str, int], kind: str, until: threading.Event) -> None:
    """Call a port without belonging to the fit."""
    with socket.create_connection(address, 5) as sock:
        if kind == "garbage":
            sock.sendall(b"GET / HTTP/1.0\r\n\r\n" * 50)
        if kind == "wrong key":
            connection = Connection(sock.dup().detach())
            with suppress(OSError, EOFError, AuthenticationError):
                answer_challenge(connection, b"another key")
                connection.recv_bytes()
                deliver_challenge(connection, b"another key")
                connection.send_bytes((0).to_bytes(4, "little"))
            connection.close()
        until.wait(20)


@pytest.mark.parametrize("kind", ["silent", "garbage", "wrong key"])
def test_strangers_delay_nobody(kind):
    listeners = [Listener("127.0.0.1", b"key") for _ in range(3)]
    done = threading.Event()
    callers = [
        threading.Thread(target=stranger, args=(listener.address, kind, done))
        for listener in listeners
        for _ in range(3)
    ]
    for caller in callers:
        caller.start()
    start = time.monotonic()
    found = connect(listeners)
    try:
        assert time.monotonic() - start < 5
        for rank, peers in enumerate(found):
            assert set(peers) == {0, 1, 2} - {rank}
    finally:
        done.set()
        close(found)
        for caller in callers:
            caller.join(20)


def test_another_fit_is_a_stranger():
    listeners = [Listener("127.0.0.1", key) for key in (b"one", b"other")]
    for found in connect(listeners, timeout=1.5):
        assert isinstance(found, TimeoutError)


def test_a_timeout_names_who_is_missing():
    listeners = [Listener("127.0.0.1", b"key") for _ in range(3)]
    addresses = [listener.address for listener in listeners]
    listeners[2].close()
    start = time.monotonic()
    with pytest.raises(TimeoutError, match=r"Rank 0 waited .* for the ranks \[1, 2\]"):
        listeners[0].connect(0, addresses, 0.5)
    assert time.monotonic() - start < 3
    listeners[1].close()


def test_closing_ends_the_wait():
    listener = Listener("127.0.0.1", b"key")
    timer = threading.Timer(0.3, listener.close)
    timer.start()
    with pytest.raises(ConnectionError, match="ended before it began"):
        listener.connect(0, [listener.address, ("127.0.0.1", 1)], 20)
    timer.join()


def test_ranks_of_other_fits_and_twice_the_same_do_not_count():
    """A caller that knows the key but says a wrong rank."""
    listeners = [Listener("127.0.0.1", b"key") for _ in range(2)]
    addresses = [listener.address for listener in listeners]
    listeners[1].close()
    caller = Listener("127.0.0.1", b"key")

    def call() -> None:
        # As rank 7 of eight it calls all lower ones.
        with suppress(TimeoutError):
            close([caller.connect(7, [addresses[0]] * 7 + [caller.address], 1.0)])

    thread = threading.Thread(target=call)
    thread.start()
    with pytest.raises(TimeoutError, match=r"\[1\]"):
        listeners[0].connect(0, addresses, 1.5)
    thread.join(10)


def test_a_mesh_leaves_nothing():
    assert in_ranks(3, lambda mesh: mesh.rank) == [0, 1, 2]


def test_many_open_files():
    """A worker may hold more descriptors than `select` takes."""
    resource = pytest.importorskip("resource", reason="limits are POSIX's")
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 1200:
        pytest.skip("this process may not open so many files")
    held = [open(os.devnull) for _ in range(1100)]  # noqa: SIM115
    try:
        close(connect([Listener("127.0.0.1", b"key") for _ in range(2)]))
        found = connect([Listener("127.0.0.1", b"key") for _ in range(2)])
        assert all(isinstance(peers, dict) for peers in found)
        close(found)
    finally:
        for file in held:
            file.close()


def test_garbage_where_a_rank_should_listen():
    """What answers there is no process of the fit."""
    listener = Listener("127.0.0.1", b"key")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with server.accept()[0] as caller:
                caller.sendall(b"\0\0\0\5hello")
                time.sleep(1)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(TimeoutError, match=r"\[0\]"):
            listener.connect(1, [server.getsockname(), listener.address], 0.7)
        thread.join(10)
