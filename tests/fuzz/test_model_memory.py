"""What the worst of model files take of memory: at most 20 times ``max_bytes``."""

from __future__ import annotations

import hashlib
import json
import struct

import numpy as np
import pytest

from skmo.exceptions import ModelFileError
from skmo.persistence._container import LAYOUT, MAGIC, build
from tests.fuzz.edits import content_of
from tests.fuzz.measured import memory_in_a_child
from tests.persistence.models import loaded
from tests.persistence.test_strangers import field, unpacked

MAX_BYTES = 2 << 20
# Modules imported by the way, and what the allocator keeps.
SLACK = 15 << 20
# Of a small model's own.
REST = 8_000


class File:
    """A file to be filled."""

    def __init__(self):
        self.header, self.tree, self.sections = unpacked(content_of("regressor"))

    def section(self, kind, content, **entry):
        self.header["sections"].append({"kind": kind, **entry})
        self.sections.append(content)
        return {"type": "section", "index": len(self.sections) - 1}

    def array(self, values):
        values = np.ascontiguousarray(values)
        return self.section(
            "array", values.tobytes(), dtype=values.dtype.str, shape=list(values.shape)
        )

    def packed(self):
        return build(self.header, [json.dumps(self.tree).encode(), *self.sections[1:]])


def of(content):
    """A file that holds something besides the model."""

    def make():
        file = File()
        file.tree["x"] = content(file)
        return file.packed()

    return make


N = MAX_BYTES - MAX_BYTES // 64 - REST  # bytes of sections
N_JSON = MAX_BYTES // 64 - REST  # bytes of JSON


def strings(file, n):
    return {
        "type": "strings",
        "shape": [n],
        "utf8": file.array(np.resize(np.arange(48, 97, dtype=np.uint8), 2 * n)),
        "lengths": file.array(np.full(n, 2, dtype="<i8")),
    }


def trees_without_splits(n_bytes, n_times=1):
    """The most trees for their text, and that again and again."""
    file = File()
    forest = field(file.tree["_result"], "forest")
    index = forest["structures"][0]["index"]
    head, _, _ = file.sections[index].decode().partition("Tree=0")
    empty = "split_feature split_gain threshold decision_type left_child right_child"
    lines = ["num_leaves=1", "num_cat=0", *(f"{name}=" for name in empty.split())]
    lines += ["leaf_value=0", "leaf_weight=", "leaf_count=", "internal_value="]
    lines += ["internal_weight=", "internal_count=", "is_linear=0", "shrinkage=1"]
    tree = "\n".join(lines)
    n = n_bytes // (len(tree) + 15)
    text = "".join(f"Tree={t}\n{tree}\n\n\n" for t in range(n))
    file.sections[index] = f"{head}{text}end of trees\n".encode()
    forest["structures"] *= n_times
    return file.packed()


BOMBS = {
    "numbers": of(lambda file: file.array(np.zeros(N // 8))),
    "one axis of many": of(lambda file: file.array(np.zeros([1] * 20 + [N // 8]))),
    "text": of(lambda file: file.section("text", b"a" * N)),
    "text of four bytes each": of(
        lambda file: file.section("text", b"a" * (N - 4) + "\U0001f600".encode())
    ),
    "characters": of(lambda file: file.array(np.full(N // 4, "a", dtype="<U1"))),
    "strings": of(lambda file: strings(file, N // 10)),
    "the same strings": of(lambda file: [strings(file, N // 100)] * (N_JSON // 150)),
    "categories": of(
        lambda file: {
            "type": "encoder",
            "categories": file.array(np.arange(N // 4, dtype="<i4")),
        }
    ),
    "lists": of(lambda file: [[]] * (N_JSON // 4)),
    "objects": of(
        lambda file: [{"type": "tuple", "items": []}] * (N_JSON // 30),
    ),
    "generators": of(
        lambda file: (
            [
                {
                    "type": "random_state",
                    "key": file.array(np.zeros(624, dtype="<u4")),
                    **{"pos": 0, "has_gauss": 0, "gauss": 0.0},
                }
            ]
            * (N_JSON // 120)
        )
    ),
    "trees without splits": lambda: trees_without_splits(N),
    "the same trees": lambda: trees_without_splits(20_000, n_times=200),
}
SETUP = """
import skmo, skmo.persistence, pandas
from skmo.exceptions import ModelFileError

def call(path):
    try:
        skmo.load_model(path, max_bytes={max_bytes})
    except ModelFileError as error:
        return str(error)
    return "loaded"
"""


def test_the_worst_take_no_more_than_20_times_max_bytes(tmp_path):
    paths = {}
    for name, make in BOMBS.items():
        path = tmp_path / f"{name}.skmo"
        path.write_bytes(make())
        assert path.stat().st_size < MAX_BYTES / 2
        paths[str(path)] = name
    found = memory_in_a_child(SETUP.format(max_bytes=MAX_BYTES), paths)
    taken = {paths[path]: memory for path, (_, memory) in found.items()}
    assert len(taken) == len(BOMBS)
    assert {k: v for k, v in taken.items() if v > 20 * MAX_BYTES + SLACK} == {}
    # They are not refused for what they are not: these are read to the end.
    outcome = {paths[path]: said for path, (said, _) in found.items()}
    for name in ("numbers", "text", "characters", "strings", "categories", "lists"):
        assert outcome[name] == "loaded", name
    for name in ("the same strings", "the same trees"):
        assert "refers to its sections so often" in outcome[name], name


def test_references_to_sections_count():
    """Each is a copy, however small the file is."""
    for max_bytes, match in ((1_500_000, "so often"), (10_000_000, "fit together|put")):
        with pytest.raises(ModelFileError, match=match):
            loaded(trees_without_splits(20_000, n_times=100), max_bytes=max_bytes)


def test_sizes_that_are_lies():
    """A section may be of another size, compressed or not, than the header says."""
    content = content_of("regressor")
    start = 16 + int.from_bytes(content[12:16], "little")
    header, rest = json.loads(content[16:start]), content[start:-32]
    assert sealed(header, rest) == content
    for key in ("size", "stored"):
        for more in (-1, 1, 10**6, 2**62):
            said = json.loads(content[16:start])
            said["sections"][1][key] += more
            with pytest.raises(ModelFileError):
                loaded(sealed(said, rest))


def sealed(header, rest):
    text = json.dumps(header, separators=(",", ":")).encode()
    body = struct.pack("<8sII", MAGIC, LAYOUT, len(text)) + text + rest
    return body + hashlib.sha256(body).digest()
