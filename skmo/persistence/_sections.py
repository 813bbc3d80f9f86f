"""Plain data as JSON with sections for arrays and long texts, and back."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import numpy as np

from ..exceptions import ModelFileError
from ._container import parse_json

# Texts of more characters than this have a section of their own.
_LONG = 256
_DTYPE = re.compile(
    r"[<|](?:b1|[iu][1248]|f[248]|[US][1-9][0-9]{0,8}|[mM]8(?:\[\w+\])?)"
)


class SectionWriter:
    """Collects the sections of plain data.

    Attributes
    ----------
    entries : list of dict
        What the header lists of each section: its ``kind``, of arrays ``dtype`` and
        ``shape``.
    sections : list of bytes
        The first is the JSON of the data, once `finish` was called.
    """

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = [{"kind": "json"}]
        self.sections: list[Any] = [b""]
        # Arrays are stored once, and held here so that their ids stay theirs.
        self._known: dict[int, tuple[Any, dict[str, Any]]] = {}

    def finish(self, plain: Any) -> None:
        """Add all of some plain data."""
        text = json.dumps(self._json(plain), separators=(",", ":"), allow_nan=False)
        self.sections[0] = text.encode("ascii")

    def _json(self, plain: Any) -> Any:
        if isinstance(plain, np.ndarray):
            return self._reference(plain, _array_entry(plain), _array_bytes)
        if type(plain) is str and len(plain) > _LONG:
            return self._reference(plain, {"kind": "text"}, _text_bytes)
        if type(plain) is float and not math.isfinite(plain):
            return {"type": "float", "value": str(plain)}
        if type(plain) is list:
            return [self._json(item) for item in plain]
        if type(plain) is dict:
            return {name: self._json(part) for name, part in plain.items()}
        return plain

    def _reference(self, value: Any, entry: dict[str, Any], to_bytes: Any) -> Any:
        if id(value) not in self._known:
            reference = {"type": "section", "index": len(self.sections)}
            self._known[id(value)] = value, reference
            self.entries.append(entry)
            self.sections.append(to_bytes(value))
        return self._known[id(value)][1]


def _array_entry(array: np.ndarray) -> dict[str, Any]:
    dtype = array.dtype.newbyteorder("<")
    return {"kind": "array", "dtype": dtype.str, "shape": list(array.shape)}


def _array_bytes(array: np.ndarray) -> bytes:
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


def _text_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def read_sections(
    entries: list[dict[str, Any]], sections: list[bytes], max_bytes: int
) -> Any:
    """The plain data of a file's sections.

    Raises
    ------
    ModelFileError
        If they are not what `SectionWriter` writes.
    """
    if not entries or entries[0].get("kind") != "json":
        raise ModelFileError("The file's first section is not JSON.")
    values = [
        _value(entry, section)
        for entry, section in zip(entries[1:], sections[1:], strict=True)
    ]
    sizes = [len(section) for section in sections[1:]]
    return _Reader(values, sizes, max_bytes).plain(parse_json(sections[0], max_bytes))


def _value(entry: dict[str, Any], section: bytes) -> Any:
    kind = entry.get("kind")
    if kind == "text":
        return section.decode("utf-8", "surrogatepass")
    if kind != "array":
        raise ModelFileError(f"The file holds a section of kind {str(kind)[:40]!r}.")
    name, shape = entry.get("dtype"), entry.get("shape")
    if type(name) is not str or not _DTYPE.fullmatch(name):
        raise ModelFileError(f"The file holds an array of dtype {str(name)[:40]!r}.")
    dtype = np.dtype(name)
    good = type(shape) is list and len(shape) <= 32
    good = good and all(type(n) is int and 0 <= n < 2**48 for n in shape)
    if not good or math.prod(shape) * dtype.itemsize != len(section):
        raise ModelFileError("The file holds an array that does not fit its shape.")
    if dtype.kind == "b" and np.frombuffer(section, np.uint8).max(initial=0) > 1:
        raise ModelFileError("The file holds truth values that are neither 0 nor 1.")
    if dtype.kind == "U" and np.frombuffer(section, "<u4").max(initial=0) > 0x10FFFF:
        raise ModelFileError("The file holds text of no known characters.")
    # A copy, as bytes cannot be written to.
    array = np.frombuffer(section, dtype=dtype).reshape(shape).copy()
    return array.astype(dtype.newbyteorder("="), copy=False)


class _Reader:
    """Puts sections where the JSON refers to them.

    One section may be meant in many places, and what is made of it takes memory in
    each: all count.
    """

    def __init__(self, values: list[Any], sizes: list[int], max_bytes: int):
        self._values, self._sizes = values, sizes
        self._left, self._max_bytes = max_bytes, max_bytes

    def plain(self, tree: Any) -> Any:
        if type(tree) is list:
            return [self.plain(item) for item in tree]
        if type(tree) is not dict:
            return tree
        if tree.get("type") == "section":
            return self._section(tree.get("index"))
        if tree.get("type") == "float":
            if tree.get("value") not in ("nan", "inf", "-inf"):
                raise ModelFileError("The file holds a number that is none.")
            return float(tree["value"])
        return {name: self.plain(part) for name, part in tree.items()}

    def _section(self, index: Any) -> Any:
        if type(index) is not int or not 0 < index <= len(self._values):
            raise ModelFileError("The file refers to a section it does not have.")
        self._left -= self._sizes[index - 1]
        if self._left < 0:
            raise ModelFileError(
                "The file refers to its sections so often that the model has more "
                f"than max_bytes={self._max_bytes} bytes. If you trust it and have the "
                "memory, pass a larger 'max_bytes'."
            )
        return self._values[index - 1]
