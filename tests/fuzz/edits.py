"""Edits of model files that keep them, in some part, what they were.

Each takes ``rng``, the file's header, the state's JSON and the sections, which
`tests.persistence.test_strangers.packed` makes a file of, with sizes and a checksum
that are right.
"""

from __future__ import annotations

import hashlib
import json
import struct
from functools import cache

from skmo._plain import _BASIC, _FORMS
from tests.persistence.models import fitted, saved
from tests.persistence.test_strangers import (
    FUZZED,
    edit_array,
    edit_json,
    edit_text,
    places,
    unpacked,
)

NUMBERS = [
    *("-1", "0", "1", "2", "7", "99999", "-99", "1e300", "nan", "inf", "-inf", ""),
    *("1e-320", "2147483647", "2147483648", "4294967295", "1e9999", "1_0", "0x10", "٣"),
]
CHARACTERS = '\0\t\n\r "=,-:[]\x85\u2028ÿ'
TYPES = [*sorted(_FORMS), *_BASIC, "custom", "object", "section", "float"]
DTYPES = [
    *("|b1", "|i1", "<i2", "<f2", "<f4", "<f8", "<i8", "<u8", "<U1", "|S7", ">f8"),
    *("<M8[ns]", "<m8[D]", "<M8", "<M8[Y]", "<M8[generic]", "<U99999999", "|O"),
]


@cache
def content_of(name):
    """A file of one of the models."""
    return saved(fitted(name)[0])


def edit_lines(rng, header, tree, sections):
    """Lines of LightGBM's text: dropped, doubled, swapped, another tree's, edited."""
    texts = [i for i, e in enumerate(header["sections"]) if e["kind"] == "text"]
    index = rng.choice(texts)
    lines = sections[index].decode().split("\n")
    for _ in range(rng.choice([1, 1, 2, 4])):
        k, j = rng.randrange(len(lines)), rng.randrange(len(lines))
        name, _, value = lines[k].partition("=")
        words = value.split(" ")
        place, other = rng.randrange(len(words)), rng.randrange(len(words))
        kind = rng.randrange(7)
        if kind == 0 and len(lines) > 1:
            del lines[k]
        elif kind == 1:
            lines.insert(k, lines[j])
        elif kind == 2:
            lines[k], lines[j] = lines[j], lines[k]
        elif kind == 3:
            lines[k] = rng.choice([line for line in lines if line.startswith(name)])
        elif kind == 4:
            words[place] = rng.choice(NUMBERS)
            lines[k] = f"{name}={' '.join(words)}"
        elif kind == 5:
            words[place], words[other] = words[other], words[place]
            lines[k] = f"{name}={' '.join(words)}"
        elif lines[k]:
            spot = rng.randrange(len(lines[k]))
            lines[k] = lines[k][:spot] + rng.choice(CHARACTERS) + lines[k][spot + 1 :]
    sections[index] = "\n".join(lines).encode()


def splice_section(rng, header, tree, sections):
    """A section of another model's in the place of one."""
    found, _, others = unpacked(content_of(rng.choice(FUZZED)))
    i, j = rng.randrange(1, len(sections)), rng.randrange(1, len(others))
    sections[i] = others[j]
    if rng.random() < 0.9:
        header["sections"][i] = dict(found["sections"][j])


def graft(rng, header, tree, sections):
    """A part of the state, of this or another model, in the place of any other."""
    _, other, _ = unpacked(content_of(rng.choice(FUZZED)))
    parts = [c[k] for c, k in places(rng.choice([tree, other]), [])]
    container, key = rng.choice(places(tree, []))
    part = rng.choice([part for part in parts if type(part) in (dict, list)])
    container[key] = json.loads(json.dumps(part))


def nodes(tree):
    """All objects with a type in the state."""
    found = (container[key] for container, key in places(tree, []))
    return [node for node in found if type(node) is dict and "type" in node]


def refer_elsewhere(rng, header, tree, sections):
    """References to other sections."""
    references = [node for node in nodes(tree) if node["type"] == "section"]
    for _ in range(rng.choice([1, 1, 3])):
        rng.choice(references)["index"] = rng.randrange(1, len(sections))


def change_type(rng, header, tree, sections):
    """An object that is said to be of another type."""
    rng.choice(nodes(tree))["type"] = rng.choice(TYPES)


def change_dtype(rng, header, tree, sections):
    """An array that is said to be of another dtype or shape."""
    arrays = [e for e in header["sections"] if e["kind"] == "array"]
    entry = rng.choice(arrays)
    if rng.random() < 0.7:
        entry["dtype"] = rng.choice(DTYPES)
    n = rng.choice([-1, 0, 1, 2, 10, 2**31, 2**47, 2**62])
    entry["shape"] = rng.choice([entry["shape"][::-1], [n], [1] * 32, [n, 0], []])


def put_any_type(rng, header, tree, sections):
    """An object of any type, with fields that make no sense or nearly so."""

    def some():
        section = {"type": "section", "index": rng.randrange(1, len(sections))}
        tuple_ = {"type": "tuple", "items": [1, "a"]}
        return rng.choice(
            [None, True, -1, 2**70, 1.5, "", "2020-01-01", [], ["a", "a"], tuple_]
            + [section] * 3
        )

    made = [
        {"type": "array", "shape": rng.choice([[1], [-1], [0, 2**62]]), "items": [1]},
        {"type": "strings", "shape": [1], "utf8": some(), "lengths": some()},
        {"type": "scalar", "value": some()},
        {"type": "slice", "start": some(), "stop": some(), "step": some()},
        {"type": "decimal", "text": rng.choice(["1e999999999", "sNaN", "1" * 999])},
        {"type": "datetime", "text": some()},
        {"type": "date", "text": some()},
        {"type": "timedelta", "days": some(), "seconds": 1, "microseconds": some()},
        {"type": "encoder", "categories": some()},
        {"type": "pandas:Timestamp", "value": some(), "utc": some()},
        {"type": "pandas:Timedelta", "value": some()},
        {"type": "pandas:Interval", "left": some(), "right": some(), "closed": "left"},
        {"type": "pandas:Period", "ordinal": some(), "freq": rng.choice(["M", "x", 1])},
        {"type": "random_state", "key": some(), "pos": 3, "has_gauss": 0, "gauss": 0},
        {"type": "tuple", "items": some()},
        {"type": "dict", "keys": some(), "values": some()},
        {"type": "class", "name": some()},
    ]
    container, key = rng.choice(places(tree, []))
    container[key] = rng.choice(made)


EDITS = {
    edit.__name__: edit
    for edit in (
        *(edit_json, edit_array, edit_text, edit_lines, splice_section, graft),
        *(refer_elsewhere, change_type, change_dtype, put_any_type),
    )
}


def edit_bytes(rng, content):
    """Bytes changed, cut out or put in, under a checksum that is right."""
    body = bytearray(content[:-32])
    (length,) = struct.unpack_from("<I", body, 12)
    kind = rng.randrange(5)
    if kind == 0:
        for _ in range(rng.choice([1, 3, 20])):
            body[rng.randrange(len(body))] = rng.randrange(256)
    elif kind == 1:  # the header
        for _ in range(rng.choice([1, 2, 5])):
            body[8 + rng.randrange(8 + length)] = rng.randrange(256)
    elif kind == 2:
        start = rng.randrange(len(body))
        del body[start : start + rng.choice([1, 10, 1000])]
    elif kind == 3:
        start = rng.randrange(len(body))
        body[start:start] = rng.randbytes(rng.choice([1, 50]))
    else:
        del body[rng.randrange(len(body)) :]
    return bytes(body) + hashlib.sha256(body).digest()
