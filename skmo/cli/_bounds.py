"""How much a table may hold, for the size of its file.

A few hundred bytes can unpack to gigabytes. Tables of measurements do not: text shrinks
to a tenth or so.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

# What is unpacked may have as many times the bytes of the file, or as many bytes.
MAX_GROWTH = 200
MAX_BYTES = 1 << 26
# pandas takes kilobytes for each.
MAX_COLUMNS = 100_000


class BoundError(ValueError):
    """A table holds more than its file should."""


def most_bytes(path: Path) -> int:
    """How many bytes the file may unpack to."""
    return max(MAX_GROWTH * path.stat().st_size, MAX_BYTES)


@contextmanager
def open_csv(path: Path) -> Iterator[BinaryIO]:
    """The text of a ``.csv`` or ``.csv.gz`` file, as bytes.

    Raises
    ------
    BoundError
        Where more is read than the file may hold.
    """
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    with opened(path, "rb") as stream:
        _check_columns(stream)
        stream.seek(0)
        yield io.BufferedReader(_Bounded(stream, most_bytes(path)), 1 << 18)


def _check_columns(stream: BinaryIO) -> None:
    """By the first two lines: pandas refuses later ones that are longer."""
    for _ in range(2):
        # A column's name or cell of a kilobyte is none.
        line = stream.readline(MAX_COLUMNS << 10)
        if line.count(b",") >= MAX_COLUMNS:
            raise BoundError(_too_wide())


def _too_wide() -> str:
    return f"it has more than {MAX_COLUMNS} columns. Write a file of fewer."


class _Bounded(io.RawIOBase):
    """A stream that may be read up to some bytes."""

    def __init__(self, stream: BinaryIO, most: int):
        self._stream, self._left, self._most = stream, most, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._stream.read(len(buffer))
        self._left -= len(found)
        if self._left < 0:
            raise BoundError(
                f"it unpacks to more than {self._most} bytes. If you trust it, unpack "
                "it first: gunzip --keep."
            )
        buffer[: len(found)] = found
        return len(found)


def check_parquet(path: Path) -> None:
    """Raise ``BoundError`` for a parquet file that holds too much.

    Raises
    ------
    ImportError
        If pyarrow is not installed.
    """
    import pyarrow.parquet as pq

    most = most_bytes(path)
    with pq.ParquetFile(path) as file:
        metadata = file.metadata
        if metadata.num_columns > MAX_COLUMNS:
            raise BoundError(_too_wide())
        size = 8 * metadata.num_rows * metadata.num_columns
        varying = _columns_of_any_length(file)
        if varying and size <= most:
            # No value is longer than the part of the file that it is in.
            longest = max(_longest(metadata), 1)
            batches = file.iter_batches(
                batch_size=max(min(most // longest, 1 << 16), 1), columns=varying
            )
            for batch in batches:
                size += batch.nbytes
                if size > most:
                    break
        if size > most:
            raise BoundError(
                f"it unpacks to more than {most} bytes. If you trust it, write it as "
                "a .csv file."
            )


def _columns_of_any_length(file: Any) -> list[str]:
    from pyarrow import types

    return [
        field.name for field in file.schema_arrow if not types.is_primitive(field.type)
    ]


def _longest(metadata: Any) -> int:
    groups = (metadata.row_group(i) for i in range(metadata.num_row_groups))
    return max(
        (
            group.column(j).total_uncompressed_size
            for group in groups
            for j in range(metadata.num_columns)
        ),
        default=0,
    )
