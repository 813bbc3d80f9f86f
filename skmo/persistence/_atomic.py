"""Writing a file wholly or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import uuid
from typing import Any


def write(file: Any, content: bytes) -> None:
    """Write to a path, or to a binary file object.

    A path's old file is replaced once the new one is on the disk, and keeps its
    permissions; if anything fails it stays as it is. A symbolic link goes on pointing
    to the file it points to.
    """
    if hasattr(file, "write"):
        file.write(content)
        return
    path = os.path.realpath(os.fspath(file))
    folder, name = os.path.split(path)
    draft = os.path.join(folder, f".{name[:100]}.{uuid.uuid4().hex}.tmp")
    try:
        # Made by the system's defaults, as open() would.
        with open(draft, "xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileNotFoundError):
            os.chmod(draft, stat.S_IMODE(os.stat(path).st_mode))
        os.replace(draft, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise
    _sync_folder(folder)


def _sync_folder(folder: str) -> None:
    """Make the new name last too, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read(file: Any, max_bytes: int) -> bytes:
    """All bytes of a path or a binary file object; at most one more than allowed."""
    if not hasattr(file, "read"):
        with open(os.fspath(file), "rb") as stream:
            return read(stream, max_bytes)
    parts, length = [], 0
    while length <= max_bytes:
        part = file.read(min(1 << 20, max_bytes + 1 - length))
        if not isinstance(part, bytes):
            raise TypeError(
                "The 'file' parameter must be a path or a file open in binary mode, "
                f"open(path, 'rb'). Its read() gave {part!r:.40} instead."
            )
        if not part:
            break
        parts.append(part)
        length += len(part)
    return b"".join(parts)
