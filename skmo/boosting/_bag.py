"""Which rows LightGBM drew for a tree.

LightGBM samples rows itself and tells nobody which. The leaf values of the
objectives must come from the rows the tree was grown on (and the rows left out
are what an out-of-bag estimate needs), so the draw is repeated here: one linear
congruential generator per block of 1024 rows, advanced by one for each row
(LightGBM 4.x, ``src/boosting/bagging.hpp`` and ``utils/random.h``). A test
compares the leaf counts of LightGBM's trees with it.
"""

from __future__ import annotations

import numpy as np

_BLOCK = 1024
_MULTIPLIER = 214013
_INCREMENT = 2531011


def _jumps() -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of x -> a_j x + c_j (mod 2**32) for j = 1 … block size."""
    a, c = 1, 0
    coefficients = []
    for _ in range(_BLOCK):
        a = a * _MULTIPLIER % 2**32
        c = (c * _MULTIPLIER + _INCREMENT) % 2**32
        coefficients.append((a, c))
    return tuple(np.array(coefficients, dtype=np.uint32).T)


_A, _C = _jumps()


def _draw_int16(state: np.ndarray) -> np.ndarray:
    return (state >> np.uint32(16)) & np.uint32(0x7FFF)


def bagging_seed(seed: int) -> int:
    """The bagging seed LightGBM derives from its parameter ``seed``.

    It is the second of the numbers drawn from ``seed`` (LightGBM 4.x,
    ``src/io/config.cpp``, Config::Set).
    """
    second = _A[1] * np.array([seed % 2**32], dtype=np.uint32) + _C[1]
    return int(_draw_int16(second)[0] % 32767)


class Bag:
    """The sequence of LightGBM's row samples.

    Parameters
    ----------
    n_rows : int
    fraction : float
    freq : int
        A new sample every ``freq`` trees; 0 for none.
    seed : int
        LightGBM's ``bagging_seed``.
    """

    def __init__(self, n_rows: int, fraction: float, freq: int, seed: int):
        self.fraction = np.float32(fraction)
        self.freq = freq
        n_blocks = -(-n_rows // _BLOCK)
        self._states = np.arange(n_blocks, dtype=np.uint32) + np.uint32(seed % 2**32)
        self._n_rows = n_rows
        self._n_drawn = int(fraction * n_rows)
        self._mask: np.ndarray | None = None

    def draw(self, n_trees: int) -> np.ndarray | None:
        """Mask of the rows in the next tree, given the trees grown so far.

        Returns
        -------
        ndarray of shape (n_rows,), bool, or None
            None means all rows.
        """
        if self.freq > 0 and self._n_drawn < self._n_rows and n_trees % self.freq == 0:
            draws = self._states[:, None] * _A + _C
            mask = _draw_int16(draws).astype(np.float32) / np.float32(32768)
            self._mask = (mask < self.fraction).ravel()[: self._n_rows]
            self._n_drawn = int(np.count_nonzero(self._mask))
            self._states = draws[:, -1].copy()
            # The last block's generator moves on by the rows it holds.
            last = (self._n_rows - 1) % _BLOCK
            self._states[-1] = draws[-1, last]
        return self._mask
