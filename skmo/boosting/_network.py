"""LightGBM's exchange between processes, carried by connections of ours.

LightGBM's own sockets spin for ever where a process dies. Through its C API it takes
two functions instead (``LGBM_NetworkInitWithFunctions``; their types are in
``include/LightGBM/meta.h``), which may give up: they then hand it zeros, it grows a
useless tree and returns, and the error is raised where Python can raise it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np

from ._tree import call_lightgbm, quieten

_INT, _POINTER = ctypes.c_int, ctypes.c_void_p
_INTS = ctypes.POINTER(ctypes.c_int32)
# (source, target, size of a number, bytes in all)
_REDUCE = ctypes.CFUNCTYPE(None, _POINTER, _POINTER, _INT, ctypes.c_int32)
# (input, its size, size of a number, blocks' starts and lengths, how many they are,
# output, its size, reference to the function that adds up)
_REDUCE_SCATTER = ctypes.CFUNCTYPE(
    None,
    _POINTER,
    ctypes.c_int32,
    _INT,
    _INTS,
    _INTS,
    _INT,
    _POINTER,
    ctypes.c_int32,
    ctypes.POINTER(_REDUCE),
)
# (input, its size, blocks' starts and lengths, how many they are, output, its size)
_ALLGATHER = ctypes.CFUNCTYPE(
    None, _POINTER, ctypes.c_int32, _INTS, _INTS, _INT, _POINTER, ctypes.c_int32
)


class Collectives(Protocol):
    """What carries LightGBM's exchange; see `skmo.dask` for one."""

    rank: int
    n_workers: int

    def allgather(self, block: Any, sizes: Sequence[int]) -> Sequence[Any]: ...

    def reduce_scatter(
        self,
        blocks: Sequence[np.ndarray],
        reduce: Callable[[np.ndarray, np.ndarray], None],
    ) -> np.ndarray: ...


class LightGBMNetwork:
    """LightGBM's functions of exchange, and what went wrong in them.

    Parameters
    ----------
    collectives : Collectives
    """

    def __init__(self, collectives: Collectives):
        self._collectives = collectives
        self._error: BaseException | None = None
        # LightGBM keeps these pointers: the objects must live as long.
        self.reduce_scatter = _REDUCE_SCATTER(self._reduce_scatter)
        self.allgather = _ALLGATHER(self._allgather)

    def raise_if_failed(self) -> None:
        """Raise what an exchange failed by, if one has."""
        if self._error is not None:
            raise self._error

    def _reduce_scatter(
        self,
        source: int,
        size: int,
        type_size: int,
        starts: Any,
        lengths: Any,
        n_blocks: int,
        target: int,
        target_size: int,
        reducer: Any,
    ) -> None:
        def add(found: np.ndarray, total: np.ndarray) -> None:
            reducer[0](found.ctypes.data, total.ctypes.data, type_size, found.size)

        def exchange() -> None:
            data = _view(source, size)
            blocks = [data[starts[r] : starts[r] + lengths[r]] for r in range(n_blocks)]
            own = self._collectives.reduce_scatter(blocks, add)
            _view(target, own.size)[:] = own

        self._try(exchange, target, target_size)

    def _allgather(
        self,
        source: int,
        size: int,
        starts: Any,
        lengths: Any,
        n_blocks: int,
        target: int,
        target_size: int,
    ) -> None:
        def exchange() -> None:
            # A copy, as the source may lie in the target.
            block = _view(source, size).copy()
            found = self._collectives.allgather(block, lengths[:n_blocks])
            output = _view(target, target_size)
            for r, part in enumerate(found):
                output[starts[r] : starts[r] + lengths[r]] = np.frombuffer(
                    part, np.uint8
                )

        self._try(exchange, target, target_size)

    def _try(self, exchange: Callable[[], None], target: int, size: int) -> None:
        """No exception may reach C: it is kept, and zeros are handed on."""
        if self._error is None:
            try:
                exchange()
                return
            except BaseException as error:
                self._error = error
        _view(target, size)[:] = 0


@contextmanager
def lightgbm_network(collectives: Collectives) -> Iterator[LightGBMNetwork]:
    """Let LightGBM exchange through these collectives, in this thread.

    LightGBM knows its network per thread: the whole fit must run in the one that
    entered here.

    Parameters
    ----------
    collectives : Collectives

    Yields
    ------
    LightGBMNetwork
    """
    network = LightGBMNetwork(collectives)
    if collectives.n_workers == 1:
        yield network
        return
    quieten()
    call_lightgbm(
        "LGBM_NetworkInitWithFunctions",
        _INT(collectives.n_workers),
        _INT(collectives.rank),
        ctypes.cast(network.reduce_scatter, _POINTER),
        ctypes.cast(network.allgather, _POINTER),
    )
    try:
        yield network
    finally:
        call_lightgbm("LGBM_NetworkFree")


def _view(address: int, size: int) -> np.ndarray:
    """The bytes at an address, not copied."""
    if size == 0:
        return np.empty(0, dtype=np.uint8)
    return np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(address))
