"""The file: magic, header, compressed sections, checksum.

============  =======================================================================
bytes         content
============  =======================================================================
8             ``89 53 4B 4D 4F 0D 0A 1A``
4             version of this layout, 1 (all numbers little-endian)
4             length of the header
…             header: JSON in UTF-8. ``sections`` lists of each one its ``size`` and its
              ``stored`` size, after zlib
…             sections, one after the other, each compressed by zlib
32            SHA-256 of all bytes before
============  =======================================================================
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Sequence
from typing import Any

from ..exceptions import ModelFileError

MAGIC = b"\x89SKMO\r\n\x1a"
LAYOUT = 1
_LEAD = struct.Struct("<8sII")
_DIGEST = hashlib.sha256().digest_size
# Python's objects take many times the room of the JSON that describes them.
_JSON_SHARE = 64
# What to do about a file that was damaged on its way.
_AGAIN = "Copy it again, or save the model again."


def build(header: dict[str, Any], sections: Sequence[bytes | memoryview]) -> bytes:
    """The bytes of a file.

    Parameters
    ----------
    header : dict
        ``sections`` in it are dicts, one per section, which are completed.
    sections : sequence of bytes
    """
    stored = [zlib.compress(section, 6) for section in sections]
    listed = [
        {**entry, "size": memoryview(section).nbytes, "stored": len(part)}
        for entry, section, part in zip(
            header["sections"], sections, stored, strict=True
        )
    ]
    text = json.dumps({**header, "sections": listed}, separators=(",", ":")).encode()
    content = b"".join([_LEAD.pack(MAGIC, LAYOUT, len(text)), text, *stored])
    return content + hashlib.sha256(content).digest()


def parse_header(content: bytes, max_bytes: int) -> tuple[dict[str, Any], int]:
    """The header, and where the sections begin; the checksum is not looked at."""
    if content[:8] != MAGIC:
        raise ModelFileError(
            f"This is no file of `save_model`: it begins with {content[:8]!r}. Pickles "
            "are loaded by pickle or joblib."
        )
    if len(content) < _LEAD.size:
        raise ModelFileError(
            f"The file is truncated, at {len(content)} bytes. {_AGAIN}"
        )
    _, layout, length = _LEAD.unpack_from(content)
    if layout != LAYOUT:
        raise ModelFileError(
            f"The file has layout {layout}, and this version of skmo reads layout "
            f"{LAYOUT}. Install a newer skmo."
        )
    start = _LEAD.size + length
    if start > len(content):
        raise ModelFileError(
            f"The file is truncated, at {len(content)} bytes. {_AGAIN}"
        )
    header = parse_json(content[_LEAD.size : start], max_bytes)
    if type(header) is not dict:
        raise ModelFileError(
            f"The file's header is a {type(header).__name__}, and no JSON object. "
            f"{_AGAIN}"
        )
    return header, start


def parse(content: bytes, max_bytes: int) -> tuple[dict[str, Any], list[bytes]]:
    """Header and sections of a file.

    Raises
    ------
    ModelFileError
        If it is truncated, altered, or larger than ``max_bytes`` when unpacked.
    """
    header, start = parse_header(content, max_bytes)
    content, digest = memoryview(content)[:-_DIGEST], content[-_DIGEST:]
    if start > len(content) or hashlib.sha256(content).digest() != digest:
        raise ModelFileError(
            f"The file is truncated or altered: its checksum is wrong. {_AGAIN}"
        )
    entries = header.get("sections")
    if type(entries) is not list or not all(map(_is_entry, entries)):
        raise ModelFileError("The file's header lists no sections.")
    total = start + sum(entry["size"] for entry in entries)
    if total > max_bytes:
        raise ModelFileError(
            f"The model has {total} bytes, more than max_bytes={max_bytes}. If you "
            "trust it and have the memory, pass a larger 'max_bytes'."
        )
    if start + sum(entry["stored"] for entry in entries) != len(content):
        raise ModelFileError("The file's header does not fit its length.")
    sections = []
    for entry in entries:
        stop = start + entry["stored"]
        sections.append(_expand(content[start:stop], entry["size"]))
        start = stop
    return header, sections


def parse_json(text: bytes, max_bytes: int) -> Any:
    """JSON, of a length that bounds the memory it takes."""
    if len(text) > max_bytes // _JSON_SHARE:
        raise ModelFileError(
            f"The file holds {len(text)} bytes of JSON, more than a {_JSON_SHARE}th of "
            f"max_bytes={max_bytes}. If you trust it, pass a larger 'max_bytes'."
        )
    try:
        return json.loads(text.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ModelFileError(
            f"The file holds JSON that cannot be read: {error}. {_AGAIN}"
        ) from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _is_entry(entry: Any) -> bool:
    if type(entry) is not dict:
        return False
    sizes = entry.get("size"), entry.get("stored")
    return all(type(size) is int and size >= 0 for size in sizes)


def _expand(stored: memoryview, size: int) -> bytes:
    """Decompress a section of known size: a byte more is an error."""
    expander = zlib.decompressobj()
    try:
        found = expander.decompress(stored, size + 1)
    except zlib.error as error:
        raise ModelFileError(f"A section cannot be decompressed: {error}.") from error
    good = len(found) == size and expander.eof and not expander.unused_data
    if not good:
        raise ModelFileError("A section does not have the size that the header says.")
    return found
