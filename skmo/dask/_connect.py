"""How the processes of one fit find each other, and nobody else."""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import (
    Connection,
    answer_challenge,
    deliver_challenge,
    wait,
)

Address = tuple[str, int]

# Seconds a stranger may take to prove that it belongs to the fit.
_HANDSHAKE = 10.0
# Seconds without a sign of life after which a machine is asked for one, how often it
# is asked, and how many seconds apart.
_IDLE, _PROBES, _BETWEEN = 10, 3, 5


class Listener:
    """Where one process of a fit waits for the others.

    Parameters
    ----------
    host : str
        The address to listen at, and no other; the system chooses the port.
    key : bytes
        Both ends of a connection prove that they know it (HMAC), without sending it.
        What they send afterwards is not encrypted.

    Attributes
    ----------
    address : (str, int)
    """

    def __init__(self, host: str, key: bytes):
        self._key = key
        family, *_, address = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)[0]
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._socket.bind(address)
            self._socket.listen(128)
        except OSError:
            self._socket.close()
            raise
        self.address: Address = self._socket.getsockname()[:2]
        self._closed = False

    def connect(
        self, rank: int, addresses: Sequence[Address], timeout: float
    ) -> dict[int, Peer]:
        """Connect with all other processes; the listener is closed afterwards.

        Each process calls those of lower rank and is called by those of higher.

        Parameters
        ----------
        rank : int
        addresses : sequence of (str, int)
            Where each rank listens.
        timeout : float
            Seconds.

        Returns
        -------
        dict of int to Peer
            The other ranks.

        Raises
        ------
        TimeoutError
            If a process has not come by then; the message names it.
        ConnectionError
            If the listener is closed meanwhile.
        """
        until = time.monotonic() + timeout
        found: queue.SimpleQueue[tuple[int, Peer]] = queue.SimpleQueue()
        handshakes = _Handshakes(self._key, found)
        peers: dict[int, Peer] = {}
        try:
            for other in range(rank):
                handshakes.call(rank, other, addresses[other], timeout)
            while len(peers) < len(addresses) - 1:
                if self._closed:
                    raise ConnectionError("The fit was ended before it began.")
                if time.monotonic() > until:
                    absent = sorted({*range(len(addresses))} - {rank, *peers})
                    raise TimeoutError(
                        f"Rank {rank} waited {timeout:g} s for the ranks {absent} at "
                        f"{[addresses[r] for r in absent]}. See whether other tasks "
                        "keep these workers busy, or a firewall is between them."
                    )
                self._accept(handshakes)
                with suppress(queue.Empty):
                    while True:
                        other, peer = found.get_nowait()
                        wanted = other < len(addresses) and other != rank
                        if not wanted or peers.setdefault(other, peer) is not peer:
                            peer.close()
            return peers
        except BaseException:
            for peer in peers.values():
                peer.close()
            raise
        finally:
            handshakes.end()
            self.close()

    def _accept(self, handshakes: _Handshakes) -> None:
        """Take the next connection, if there is one soon."""
        try:
            if wait([self._socket], 0.02):
                handshakes.answer(self._socket.accept()[0])
        except (ConnectionError, ValueError):
            pass  # whoever called is gone again; or another thread has closed the port
        except OSError:
            if not self._closed:
                raise

    def close(self) -> None:
        """Close the port, and end a `connect` that another thread waits in."""
        if not self._closed:
            self._closed = True
            self._socket.close()

    end = close


class Peer:
    """A connection to one process.

    The socket is kept beside the connection, as only it can be shut down while
    another thread reads from it.
    """

    def __init__(self, sock: socket.socket):
        sock.setblocking(True)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A machine that vanishes without a word must end the fit, too.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in (
            ("TCP_KEEPIDLE", _IDLE),
            ("TCP_KEEPCNT", _PROBES),
            ("TCP_KEEPINTVL", _BETWEEN),
            ("TCP_USER_TIMEOUT", 1000 * (_IDLE + _PROBES * _BETWEEN)),
        ):
            if hasattr(socket, option):  # not on every platform
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
        self._socket = sock
        self._connection = Connection(sock.dup().detach())
        self.send, self.receive = (
            self._connection.send_bytes,
            self._connection.recv_bytes,
        )

    def authenticate(self, key: bytes, *, first: bool) -> None:
        """Prove to know the key, and have it proved."""
        steps = [deliver_challenge, answer_challenge]
        for step in steps if first else reversed(steps):
            step(self._connection, key)

    def shut(self) -> None:
        """End all sending and receiving, in whichever thread."""
        with suppress(OSError):  # the other end is gone
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.shut()
        self._socket.close()
        self._connection.close()


class _Handshakes:
    """Authenticates connections side by side: no stranger makes others wait.

    Parameters
    ----------
    key : bytes
    found : queue of (int, Peer)
        Gets the processes that belong to the fit.
    """

    def __init__(self, key: bytes, found: queue.SimpleQueue):
        self._key, self._found = key, found
        self._under_way: set[Peer] = set()
        self._lock = threading.Lock()
        self._ended = False

    def call(self, rank: int, other: int, address: Address, timeout: float) -> None:
        """Connect to another process, which may be busy until the time-out."""

        def introduce(peer: Peer) -> int:
            peer.authenticate(self._key, first=False)
            peer.send(rank.to_bytes(4, "little"))
            return other

        def run() -> None:
            with suppress(OSError):  # who is not there is missed in the end
                sock = socket.create_connection(address, timeout)
                self._run(Peer(sock), introduce, timeout)

        threading.Thread(target=run, name="skmo-call", daemon=True).start()

    def answer(self, sock: socket.socket) -> None:
        """Find out who has called."""

        def ask(peer: Peer) -> int:
            peer.authenticate(self._key, first=True)
            return int.from_bytes(peer.receive(4), "little")

        threading.Thread(
            target=self._run,
            args=(Peer(sock), ask, _HANDSHAKE),
            name="skmo-answer",
            daemon=True,
        ).start()

    def _run(self, peer: Peer, step: Callable[[Peer], int], timeout: float) -> None:
        with self._lock:
            if self._ended:
                peer.close()
                return
            self._under_way.add(peer)
        limit = threading.Timer(timeout, peer.shut)
        limit.name, limit.daemon = "skmo-limit", True
        limit.start()
        try:
            other = step(peer)
        # Python 3.11 asserts that it was sent a challenge.
        except (OSError, EOFError, AuthenticationError, AssertionError):
            peer.close()  # no process of this fit
            other = None
        finally:
            limit.cancel()
        with self._lock:
            self._under_way.discard(peer)
            if other is None:
                return
            if self._ended:
                peer.close()
            else:
                self._found.put((other, peer))

    def end(self) -> None:
        """Give up those that are under way."""
        with self._lock:
            self._ended = True
            for peer in self._under_way:
                peer.shut()
            with suppress(queue.Empty):
                while True:
                    self._found.get_nowait()[1].close()
