"""Errors of files: cut, damaged, or made to be no model."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import sys
import zlib
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np

import skmo
from skmo.exceptions import ModelFileError
from skmo.persistence import read_header
from skmo.persistence._container import MAGIC, build

from .case import Case

HEADER = {
    "skmo": skmo.__version__,
    "format": 1,
    "estimator": "MultiObjectiveRegressor",
}


def load(content, **options):
    skmo.load_model(io.BytesIO(content), **options)


def raw(header, *stored, layout=1):
    """A file of these bytes, whose checksum is right."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    lead = struct.pack("<8sII", MAGIC, layout, len(text))
    content = b"".join([lead, text, *stored])
    return content + hashlib.sha256(content).digest()


def load_raw(header, *stored, layout=1, **options):
    load(raw(header, *stored, layout=layout), **options)


def load_sections(*sections, state=None, header=HEADER, **options):
    """Load a model of this state and sections: entries and their bytes."""
    entries = [{"kind": "json"}, *(entry for entry, _ in sections)]
    parts = [json.dumps(state or {}).encode(), *(part for _, part in sections)]
    load(build({**header, "sections": entries}, parts), **options)


def load_value(value):
    """Load a model one of whose attributes is this."""
    load_sections(state={"attribute": value})


def load_with(**changes):
    load_sections(header={**HEADER, **changes})


def array(dtype, shape, content):
    return {"kind": "array", "dtype": dtype, "shape": shape}, content


def entry(size, stored):
    return {"kind": "json", "size": size, "stored": stored}


def text_mode():
    Path("model.skmo").write_text("a model", "utf-8")
    with open("model.skmo", encoding="utf-8") as stream:
        skmo.load_model(stream)


def without_pandas():
    with patch.dict(sys.modules, {"pandas": None}):
        load_value({"type": "pandas:Interval", "left": 0, "right": 1})


GOOD = build({**HEADER, "sections": [{"kind": "json"}]}, [b"{}"])
ZIPPED = zlib.compress(b"{}")

of_file = partial(Case, error=ModelFileError)

CASES = {
    "text mode": Case(
        text_mode,
        TypeError,
        "'file' parameter",
        "Its read() gave 'a model' instead",
        "open in binary mode, open(path, 'rb')",
    ),
    "max_bytes": Case(
        partial(load, GOOD, max_bytes=-1),
        ValueError,
        "'max_bytes' parameter",
        "Got -1 instead",
        "must be an int of at least 0",
    ),
    "max_bytes of a float": Case(
        lambda: read_header(io.BytesIO(GOOD), max_bytes=1e9),
        ValueError,
        "'max_bytes' parameter",
        "Got 1000000000.0 instead",
        "must be an int of at least 0",
    ),
    "larger than agreed": of_file(
        partial(load, GOOD, max_bytes=100),
        parameter="max_bytes=100 bytes",
        value="The file has more than max_bytes=100 bytes",
        remedy="If you trust it and have the memory, pass a larger 'max_bytes'",
    ),
    "larger than agreed when unpacked": of_file(
        partial(load_sections, array("|u1", [60_000], bytes(60_000)), max_bytes=50_000),
        parameter="more than max_bytes=50000",
        value="The model has 60",
        remedy="If you trust it and have the memory, pass a larger 'max_bytes'",
    ),
    "much JSON": of_file(
        partial(load, GOOD, max_bytes=3000),
        parameter="more than a 64th of max_bytes=3000",
        value="bytes of JSON",
        remedy="If you trust it, pass a larger 'max_bytes'",
    ),
    "sections meant often": of_file(
        partial(
            load_sections,
            array("|u1", [30_000], bytes(30_000)),
            state=[{"type": "section", "index": 1}] * 2,
            max_bytes=50_000,
        ),
        parameter="more than max_bytes=50000 bytes",
        value="The file refers to its sections so often",
        remedy="If you trust it and have the memory, pass a larger 'max_bytes'",
    ),
    "another file": of_file(
        partial(load, b"\x80\x04\x95 a pickle"),
        parameter="This is no file of `save_model`",
        value=r"it begins with b'\x80\x04\x95 a pi'",
        remedy="Pickles are loaded by pickle or joblib",
    ),
    "class of no estimator": of_file(
        partial(load_with, estimator="os.system"),
        parameter="'custom_objects'",
        value="The file holds a 'os.system'",
        remedy="Pass a class of your own in 'custom_objects'",
    ),
    "class without a list": of_file(
        partial(load, GOOD, custom_objects=dict),
        parameter="'custom_objects' parameter",
        value="Got <class 'dict'> instead",
        remedy="must be a list of classes and functions",
    ),
    "no classes": of_file(
        partial(load, GOOD, custom_objects=[3]),
        parameter="'custom_objects' parameter",
        value="Got 3 instead",
        remedy="must hold classes and functions",
    ),
    "two of a name": of_file(
        partial(
            load, GOOD, custom_objects=[type("Loss", (), {}), type("Loss", (), {})]
        ),
        parameter="'custom_objects' parameter",
        value="two objects named 'Loss'",
        remedy="rename one",
    ),
    "no pandas": Case(
        without_pandas,
        ImportError,
        None,
        "categories or labels of pandas' types",
        "pip install 'skmo[pandas]'",
    ),
    "newer layout": of_file(
        partial(load_raw, {}, layout=7),
        parameter=None,
        value="The file has layout 7, and this version of skmo reads layout 1",
        remedy="Install a newer skmo",
    ),
}

# A file that was damaged on its way has no parameter.
CASES |= {
    name: of_file(
        call,
        parameter=None,
        value=value,
        remedy="Copy it again, or save the model again.",
    )
    for name, value, call in (
        (
            "cut in its lead",
            "The file is truncated, at 8 bytes",
            partial(load, MAGIC),
        ),
        (
            "cut in its header",
            "The file is truncated, at 60 bytes",
            partial(load, GOOD[:60]),
        ),
        (
            "cut in its sections",
            "The file is truncated or altered: its checksum is wrong",
            partial(load, GOOD[:-1]),
        ),
        (
            "altered",
            "The file is truncated or altered: its checksum is wrong",
            partial(load, GOOD[:-1] + b"?"),
        ),
        (
            "header of another type",
            "The file's header is a list, and no JSON object",
            partial(load_raw, []),
        ),
        (
            "header of no JSON",
            "The file holds JSON that cannot be read: Expecting value",
            partial(load_raw, b"?"),
        ),
        (
            "header of a constant",
            "The file holds JSON that cannot be read: NaN is no JSON",
            partial(load_raw, {"format": np.nan}),
        ),
    )
}

# A file whose checksum is right was made so, by no version of skmo's: what it says
# can be told, but there is nothing to be done with it.
CASES |= {
    name: of_file(call, parameter=None, value=value, remedy=None)
    for name, value, call in (
        (
            "no sections",
            "The file's header lists no sections.",
            partial(load_raw, {"sections": 3}),
        ),
        (
            "sections of no size",
            "The file's header lists no sections.",
            partial(load_raw, {"sections": [{"size": -1, "stored": 2}]}),
        ),
        (
            "another length",
            "The file's header does not fit its length.",
            partial(load_raw, {"sections": [entry(2, 5)]}, ZIPPED),
        ),
        (
            "no zlib",
            "A section cannot be decompressed: Error -3",
            partial(load_raw, {"sections": [entry(2, 5)]}, b"abcde"),
        ),
        (
            "another size",
            "A section does not have the size that the header says.",
            partial(load_raw, {"sections": [entry(3, len(ZIPPED))]}, ZIPPED),
        ),
        (
            "no JSON",
            "The file's first section is not JSON.",
            partial(load_raw, {**HEADER, "sections": []}),
        ),
        (
            "kind of section",
            "The file holds a section of kind 'pickle'.",
            partial(load_sections, ({"kind": "pickle"}, b"")),
        ),
        (
            "dtype",
            "The file holds an array of dtype '|O'.",
            partial(load_sections, array("|O", [1], b"")),
        ),
        (
            "shape",
            "The file holds an array that does not fit its shape.",
            partial(load_sections, array("<f8", [3], b"")),
        ),
        (
            "truth values",
            "The file holds truth values that are neither 0 nor 1.",
            partial(load_sections, array("|b1", [1], b"\7")),
        ),
        (
            "characters",
            "The file holds text of no known characters.",
            partial(load_sections, array("<U1", [1], b"\xff" * 4)),
        ),
        (
            "number",
            "The file holds a number that is none.",
            partial(load_value, {"type": "float", "value": "1"}),
        ),
        (
            "no such section",
            "The file refers to a section it does not have.",
            partial(load_value, {"type": "section", "index": 9}),
        ),
        (
            "scalar",
            "The model holds a scalar that is none: 3.",
            partial(load_value, {"type": "scalar", "value": 3}),
        ),
        (
            "decimal number",
            "The model holds a decimal number that is none: '111",
            partial(load_value, {"type": "decimal", "text": "1" * 2000}),
        ),
        (
            "decimal number of another type",
            "The model holds a decimal number that is none: '3'.",
            partial(load_value, {"type": "decimal", "text": 3}),
        ),
        (
            "random generator",
            "The model holds the state of no random generator.",
            partial(load_value, {"type": "random_state", "key": [1], "pos": 0}),
        ),
        (
            "categories twice",
            "The model holds categories that occur twice.",
            partial(
                load_value,
                {
                    "type": "encoder",
                    "categories": {"type": "array", "shape": [2], "items": [1, 1]},
                },
            ),
        ),
        (
            "method",
            "The parts of the model do not fit together: "
            "MultiObjectiveRegressor.predict.",
            partial(load_sections, state={"predict": 3}),
        ),
        (
            "no attributes",
            "The parts of the model do not fit together: the estimator.",
            partial(load_sections, state=[1]),
        ),
        (
            "nonsense",
            "The model cannot be put together: TypeError: ",
            partial(load_value, {"type": "tuple"}),
        ),
    )
}
