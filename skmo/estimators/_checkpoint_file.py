"""Files that a fit is resumed from."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import tempfile
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import Any

_MAGIC = b"skmo checkpoint\n"
_FORMAT = 1
_MAX_HEADER = 10_000


def write_checkpoint(path: str | PathLike, content: dict[str, Any]) -> None:
    """Write a checkpoint; whoever reads the path finds the old one or the new.

    Raises
    ------
    ValueError
        If something cannot be pickled.
    OSError
        If the file cannot be written.
    """
    try:
        payload = pickle.dumps(content, protocol=5)
    # Objects may refuse in any way, from __getstate__ to endless recursion.
    except Exception as error:
        raise ValueError(
            "A checkpoint needs a balancer, a structure rule and objectives that can "
            f"be pickled, but: {error}. Define classes and functions at the top of a "
            "module."
        ) from error
    header = {
        **_versions(),
        "size": len(payload),
        "sha256": hashlib.sha256(payload).hexdigest(),
    }
    path = Path(path)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC + json.dumps(header).encode() + b"\n")
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name last, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_checkpoint(path: str | PathLike) -> dict[str, Any]:
    """What was written.

    It is unpickled, which runs code that the file's author chose, after a check that
    it is whole.

    Raises
    ------
    FileNotFoundError
        If there is no file.
    ValueError
        If it is no checkpoint, not whole, or of other versions.
    """
    with open(path, "rb") as file:
        magic = file.read(len(_MAGIC))
        line = file.readline(_MAX_HEADER)
        payload = file.read()
    name = os.fspath(path)
    if magic != _MAGIC:
        raise ValueError(
            f"resume_from={name!r} is no checkpoint of skmo's. Pass the path of a file "
            "that skmo.callbacks.checkpoint has written."
        )
    try:
        header = json.loads(line)
        whole = len(payload) == header["size"]
        whole &= hashlib.sha256(payload).hexdigest() == header["sha256"]
        written_by = {key: header[key] for key in _versions()}
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise ValueError(
            f"resume_from={name!r} is not whole, or was altered. Fit anew, or resume "
            "from another checkpoint."
        )
    here = _versions()
    if written_by != here:
        other = [key for key in here if here[key] != written_by[key]]
        there = ", ".join(f"{key} {written_by[key]}" for key in other)
        present = ", ".join(f"{key} {here[key]}" for key in other)
        raise ValueError(
            f"resume_from={name!r} was written with {there}; this is {present}. The "
            "rest of the fit could differ: fit anew, or install those versions."
        )
    return pickle.loads(payload)


def _versions() -> dict[str, Any]:
    """Those that what follows a checkpoint depends on."""
    from .. import __version__

    return {"format": _FORMAT, "skmo": __version__, "lightgbm": version("lightgbm")}
