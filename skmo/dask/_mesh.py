"""What the processes of one fit exchange."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ._connect import Address, Peer

Reduce = Callable[[np.ndarray, np.ndarray], None]

# Bytes that both ends' buffers hold: more are sent beside receiving, as two processes
# that only send would wait for each other.
_EAGER = 1 << 14
# Bytes below which all send all, which takes fewer steps than to add up shares first.
_SMALL = 1 << 14


class PeerLostError(ConnectionError):
    """Another process of the fit is gone, or has ended its part.

    Attributes
    ----------
    rank : int
    address : (str, int)
    reason : str
    """

    def __init__(self, rank: int, address: Address, reason: str):
        host, port = address
        super().__init__(f"Rank {rank} at {host}:{port} was lost: {reason}.")
        self.rank, self.address, self.reason = rank, address, reason

    def __reduce__(self) -> tuple[type, tuple[int, Address, str]]:
        return type(self), (self.rank, self.address, self.reason)


@dataclass
class Traffic:
    """What a process has sent, by the kind of exchange.

    Attributes
    ----------
    calls : dict of str to int
    n_bytes : dict of str to int
        Sent, without headers.
    seconds : dict of str to float
        Spent sending and waiting.
    """

    calls: dict[str, int] = field(default_factory=dict)
    n_bytes: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, kind: str, n_bytes: int, seconds: float) -> None:
        """Count one exchange."""
        self.calls[kind] = self.calls.get(kind, 0) + 1
        self.n_bytes[kind] = self.n_bytes.get(kind, 0) + n_bytes
        self.seconds[kind] = self.seconds.get(kind, 0.0) + seconds


class Mesh:
    """Processes of one fit, each connected with every other.

    Whatever is added up is added in an order that depends on the number of processes
    alone, so a repeated fit gives the same digits, and all processes get the same.
    Every process must make the same calls in the same order. After an error each
    further call raises.

    Parameters
    ----------
    rank : int
    addresses : sequence of (str, int)
    peers : dict of int to Peer

    Attributes
    ----------
    rank, n_workers : int
    traffic : Traffic
    """

    def __init__(self, rank: int, addresses: Sequence[Address], peers: dict[int, Peer]):
        self.rank, self.n_workers = rank, len(addresses)
        self.traffic = Traffic()
        self._addresses, self._peers = list(addresses), peers
        self._error: PeerLostError | None = None
        self._ended = self._closed = False
        self._sender = ThreadPoolExecutor(1, "skmo-send")

    def allgather(self, block: Any, sizes: Sequence[int]) -> list[memoryview]:
        """Every process's bytes, in the ranks' order.

        Parameters
        ----------
        block : bytes-like
        sizes : sequence of int
            How many bytes each rank has.

        Returns
        -------
        list of memoryview

        References
        ----------
        Bruck et al., "Efficient algorithms for all-to-all communications in
        multiport message-passing systems", IEEE Transactions on Parallel and
        Distributed Systems 8 (1997): as many steps as the number of processes has
        binary digits.
        """
        with self._counted("allgather") as count:
            n, held = self.n_workers, [memoryview(block).cast("B")]
            while len(held) < n:
                step = len(held)
                fewer = min(step, n - step)
                to, of = (self.rank - step) % n, (self.rank + step) % n
                found = self._exchange(to, b"".join(held[:fewer]), of, count)
                begin = 0
                for j in range(fewer):
                    end = begin + sizes[(of + j) % n]
                    held.append(found[begin:end])
                    begin = end
            return [held[(r - self.rank) % n] for r in range(n)]

    def reduce_scatter(
        self, blocks: Sequence[np.ndarray], reduce: Reduce
    ) -> np.ndarray:
        """The sum over processes of this rank's block.

        Parameters
        ----------
        blocks : sequence of ndarray of uint8
            One for each rank. Those of the same rank have the same size everywhere.
        reduce : callable
            ``reduce(source, target)`` adds the numbers in ``source`` to ``target``.

        Returns
        -------
        ndarray of uint8
            A new one.

        References
        ----------
        Thakur, Rabenseifner and Gropp, "Optimization of collective communication
        operations in MPICH", International Journal of High Performance Computing
        Applications 19 (2005): recursive halving where the number of processes is a
        power of two, else pairwise exchange.
        """
        with self._counted("reduce_scatter") as count:
            n = self.n_workers
            if n & (n - 1) == 0:
                return self._halve(blocks, reduce, count)
            found = {self.rank: blocks[self.rank].copy()}
            for step in range(1, n):
                to, of = (self.rank + step) % n, (self.rank - step) % n
                received = self._exchange(to, blocks[to], of, count)
                found[of] = np.frombuffer(received, dtype=np.uint8)
            total = found[0].copy()
            for r in range(1, n):
                reduce(found[r], total)
            return total

    def _halve(
        self, blocks: Sequence[np.ndarray], reduce: Reduce, count: list[int]
    ) -> np.ndarray:
        """Exchange half of what is held with a partner, and so on."""
        first, last = 0, self.n_workers
        sums = [block.copy() for block in blocks]
        while last - first > 1:
            middle = (first + last) // 2
            half = middle - first
            if self.rank < middle:
                partner, kept, given = self.rank + half, (first, middle), (middle, last)
            else:
                partner, kept, given = self.rank - half, (middle, last), (first, middle)
            sent = b"".join(sums[given[0] : given[1]])
            received = self._exchange(partner, sent, partner, count)
            found, begin = np.frombuffer(received, dtype=np.uint8), 0
            for r in range(*kept):
                end = begin + len(sums[r])
                reduce(found[begin:end], sums[r])
                begin = end
            first, last = kept
        return sums[self.rank]

    def allreduce_sum(self, array: np.ndarray) -> np.ndarray:
        """The sum over processes of arrays of one shape and dtype."""
        if self.n_workers == 1:
            return array.copy()
        flat = np.ascontiguousarray(array).ravel()
        n = self.n_workers
        if flat.nbytes <= _SMALL:
            parts = self.allgather(flat.view(np.uint8), [flat.nbytes] * n)
            total = np.frombuffer(parts[0], dtype=flat.dtype).copy()
            for part in parts[1:]:
                total += np.frombuffer(part, dtype=flat.dtype)
            return total.reshape(array.shape)

        def add(source: np.ndarray, target: np.ndarray) -> None:
            target.view(flat.dtype)[...] += source.view(flat.dtype)

        blocks = [part.view(np.uint8) for part in np.array_split(flat, n)]
        own = self.reduce_scatter(blocks, add)
        parts = self.allgather(own, [len(block) for block in blocks])
        return np.frombuffer(b"".join(parts), dtype=flat.dtype).reshape(array.shape)

    def broadcast(self, value: Any) -> Any:
        """What rank 0 passes, for all. It is pickled: ranks trust each other."""
        if self.n_workers == 1:
            return value
        with self._counted("broadcast") as count:
            # A binomial tree: whoever knows it tells one who does not.
            n, data = self.n_workers, b""
            if self.rank == 0:
                data = pickle.dumps(value, protocol=5)
            step = 1
            while step < n:
                if self.rank < step and self.rank + step < n:
                    self._send(self.rank + step, data, count)
                elif step <= self.rank < 2 * step:
                    data = self._receive(self.rank - step)
                step *= 2
            return value if self.rank == 0 else pickle.loads(data)

    def gather(self, value: Any) -> list[Any] | None:
        """All ranks' values on rank 0, None elsewhere; pickled like a broadcast."""
        with self._counted("gather") as count:
            if self.rank > 0:
                self._send(0, pickle.dumps(value, protocol=5), count)
                return None
            others = range(1, self.n_workers)
            return [value, *(pickle.loads(self._receive(r)) for r in others)]

    def end(self) -> None:
        """Make all calls raise, one that another thread waits in included."""
        self._ended = True
        for peer in self._peers.values():
            peer.shut()

    def close(self) -> None:
        """End it, and close all connections."""
        if not self._closed:
            self._closed = True
            self.end()
            self._sender.shutdown()
            for peer in self._peers.values():
                peer.close()

    def __enter__(self) -> Mesh:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    @contextmanager
    def _counted(self, kind: str) -> Iterator[list[int]]:
        """Note an exchange, whose sent bytes are to be appended to the list."""
        start, count = time.perf_counter(), []
        yield count
        self.traffic.add(kind, sum(count), time.perf_counter() - start)

    def _exchange(self, to: int, data: Any, of: int, count: list[int]) -> memoryview:
        """Send to one process and receive from one."""
        if len(data) <= _EAGER:
            self._send(to, data, count)
            return memoryview(self._receive(of))
        try:
            sent = self._sender.submit(self._send, to, data, count)
        except RuntimeError as error:  # closed by another thread
            raise self._lost(to, error) from error
        try:
            return memoryview(self._receive(of))
        finally:
            sent.result()

    def _send(self, to: int, data: Any, count: list[int]) -> None:
        self._check()
        try:
            self._peers[to].send(data)
        except (OSError, ValueError) as error:
            raise self._lost(to, error) from error
        count.append(len(data))

    def _receive(self, of: int) -> bytes:
        self._check()
        try:
            return self._peers[of].receive()
        except (OSError, EOFError, ValueError, TypeError) as error:
            raise self._lost(of, error) from error

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _lost(self, rank: int, error: BaseException) -> PeerLostError:
        """The error of a lost process; the other ones are told by closing."""
        if self._error is None:
            reason = "this process ended its part" if self._ended else str(error)
            reason = reason or "it closed the connection"
            self._error = PeerLostError(rank, self._addresses[rank], reason)
            for peer in self._peers.values():
                peer.shut()
        return self._error
