"""Errors of the commands, as they are said behind "skmo: error:"."""

from __future__ import annotations

import contextlib
import gzip
import io
import sys
from argparse import ArgumentTypeError
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd

from skmo.cli import _bounds
from skmo.cli._arguments import make_parser
from skmo.cli._commands import _compare, _demo
from skmo.cli._tables import TableError, read_table

from .case import Case

COVERS = {"cli"}


def parse(*arguments):
    """What argparse prints before it ends the process."""
    printed = io.StringIO()
    with contextlib.redirect_stderr(printed):
        try:
            make_parser().parse_args(arguments)
        except SystemExit as stop:
            raise ArgumentTypeError(printed.getvalue()) from stop


def run(*arguments):
    parsed = make_parser().parse_args(arguments)
    {"compare": _compare, "demo": _demo}[parsed.command](parsed)


def write(table, name="table.csv"):
    if isinstance(table, str):
        Path(name).write_text(table, "utf-8")
    elif isinstance(table, bytes):
        Path(name).write_bytes(table)
    elif name.endswith(".parquet"):
        pd.DataFrame(table).to_parquet(name)
    else:
        pd.DataFrame(table).to_csv(name, index=False)


def compare(table, *options, name="table.csv", targets="y"):
    """Compare on a file that holds a table."""
    write(table, name)
    run("compare", name, "--targets", targets, *options)


def without(module, *options, name="table.csv"):
    write(SMALL, name)
    with patch.dict(sys.modules, {module: None}):
        run("compare", name, "--targets", "y", *options)


def bounded(table, name, **limits):
    """Read a file with other limits: one beyond the true ones takes long."""
    write(table, name)
    with patch.multiple(_bounds, **limits):
        read_table(name)


def unpack():
    """Without pandas, which passes the error on but not where it comes from."""
    write(gzip.compress(b"0,1\n" * 100), "bomb.csv.gz")
    limits = {"MAX_BYTES": 100, "MAX_GROWTH": 1}
    with (
        patch.multiple(_bounds, **limits),
        _bounds.open_csv(Path("bomb.csv.gz")) as stream,
    ):
        stream.read()


def near_file():
    write(SMALL)
    run("compare", "tabel.csv", "--targets", "y")


def picture_in_a_folder():
    Path("pictures").mkdir()
    run("demo", "--out", "pictures")


N = 30
SMALL = {"y": np.arange(4) % 2, "a": np.arange(4)}
LONG = {"y": np.arange(N) % 2, "a": np.arange(N)}
TWO = {"y": np.arange(4) % 2, "z": np.arange(4), "a": np.arange(4)}
WIDE = {"y": [0, 1], **{f"column{k}": [0, 1] for k in range(15)}}

of_table = partial(Case, error=TableError)

CASES = {
    "count of 0": Case(
        partial(parse, "demo", "--rows", "0"),
        ArgumentTypeError,
        "argument --rows:",
        "Got '0' instead",
        "must be a whole number of at least 1",
    ),
    "count of text": Case(
        partial(parse, "compare", "x.csv", "--targets", "y", "--cv", "five"),
        ArgumentTypeError,
        "argument --cv:",
        "Got 'five' instead",
        "must be a whole number of at least 1",
    ),
    "no names": Case(
        partial(parse, "compare", "x.csv", "--targets", ","),
        ArgumentTypeError,
        "argument --targets:",
        "Got ',' instead",
        "must be names with commas between them",
    ),
    "too many columns": of_table(
        partial(bounded, WIDE, "wide.csv", MAX_COLUMNS=10),
        parameter="wide.csv cannot be read",
        value="it has more than 10 columns",
        remedy="Write a file of fewer",
    ),
    "too many columns in parquet": of_table(
        partial(bounded, WIDE, "wide.parquet", MAX_COLUMNS=10),
        parameter="wide.parquet cannot be read",
        value="it has more than 10 columns",
        remedy="Write a file of fewer",
    ),
    "too many bytes": of_table(
        partial(
            bounded,
            gzip.compress(b"y,a\n" + b"0,1\n" * 100),
            "bomb.csv.gz",
            MAX_BYTES=100,
            MAX_GROWTH=1,
        ),
        parameter="bomb.csv.gz cannot be read",
        value="it unpacks to more than 100 bytes",
        remedy="If you trust it, unpack it first: gunzip --keep",
    ),
    "too many bytes, by themselves": Case(
        unpack,
        _bounds.BoundError,
        None,
        "it unpacks to more than 100 bytes",
        "unpack it first: gunzip --keep",
    ),
    "too many bytes in parquet": of_table(
        partial(
            bounded,
            {"y": [0] * 10_000, "a": ["text"] * 10_000},
            "bomb.parquet",
            MAX_BYTES=100,
            MAX_GROWTH=1,
        ),
        parameter="bomb.parquet cannot be read",
        value="it unpacks to more than ",
        remedy="If you trust it, write it as a .csv file",
    ),
    "target dropped": of_table(
        partial(compare, SMALL, "--drop", "y"),
        parameter="name it by --targets, or by --drop",
        value="'y' cannot be a target and be set aside, too",
        remedy="name it by --targets, or by --drop, --group or --time",
    ),
    "no folder": of_table(
        partial(compare, SMALL, "--out", "models/y.joblib"),
        parameter="--out: there is no folder",
        value="models. ",
        remedy="Make it first",
    ),
    "no folder of a picture": of_table(
        partial(compare, SMALL, "--picture", "pictures/y.png"),
        parameter="--picture: there is no folder",
        value="pictures. ",
        remedy="Make it first",
    ),
    "folder for a file": of_table(
        picture_in_a_folder,
        parameter="--out: pictures is a folder",
        value="pictures",
        remedy="name a file",
    ),
    "number of objectives": of_table(
        partial(compare, SMALL, "--objectives", "binary,poisson"),
        parameter="--objectives names",
        value="2 objectives for 1 targets",
        remedy="name one for each, or TARGET=NAME for some of them",
    ),
    "names and pairs": of_table(
        partial(compare, TWO, "--objectives", "y=binary,poisson", targets="y,z"),
        parameter="--objectives:",
        value="Got 'y=binary,poisson'",
        remedy="give only names, or only TARGET=NAME",
    ),
    "no matplotlib": Case(
        partial(without, "matplotlib", "--picture", "y.png"),
        ImportError,
        None,
        "A picture needs matplotlib",
        'pip install "skmo[plot]"',
    ),
    "no pandas": Case(
        partial(without, "pandas"),
        ImportError,
        None,
        "Reading files needs pandas",
        'pip install "skmo[pandas]"',
    ),
    "no pyarrow": Case(
        partial(without, "pyarrow.parquet", name="table.parquet"),
        ImportError,
        None,
        "Reading parquet needs pyarrow",
        'pip install "skmo[pandas]"',
    ),
    "no file": of_table(
        partial(run, "compare", "absent.csv", "--targets", "y"),
        parameter="There is no file",
        value="absent.csv",
        remedy="Check its name and folder",
    ),
    "no file but one nearly named so": of_table(
        near_file,
        parameter="There is no file",
        value="tabel.csv",
        remedy="Did you mean table.csv?",
    ),
    "folder for a table": of_table(
        lambda: (Path("tables").mkdir(), run("compare", "tables", "--targets", "y")),
        parameter="tables is a folder",
        value="tables",
        remedy="name a file",
    ),
    "other ending": of_table(
        partial(compare, "y,a\n0,1\n", name="table.xlsx"),
        parameter="table.xlsx does not end in",
        value="table.xlsx",
        remedy=".csv, .csv.gz, .parquet: save the table as one of these",
    ),
    "more cells than the header": of_table(
        partial(compare, "y,a\n1,2,3\n4,5,6\n"),
        parameter="table.csv cannot be read: its rows have more cells than its header",
        value="3 and not 2",
        remedy="Name each column in the first line",
    ),
    # Of a damaged file another library tells the reason, and there is no remedy.
    "damaged parquet": of_table(
        partial(compare, b"not parquet", name="table.parquet"),
        parameter="table.parquet",
        value="cannot be read: ",
        remedy=None,
    ),
    "damaged gzip": of_table(
        partial(compare, b"not gzip", name="table.csv.gz"),
        parameter="table.csv.gz",
        value="cannot be read: Not a gzipped file",
        remedy=None,
    ),
    "no rows": of_table(
        partial(compare, "y,a\n"),
        parameter="table.csv",
        value="holds no rows",
        remedy="name a file that has some",
    ),
    "no such column, but one nearly named so": of_table(
        partial(compare, {"watched": [0, 1], "a": [0, 1]}, targets="watch"),
        parameter="--targets: there is no column",
        value="'watch'",
        remedy="did you mean watched?",
    ),
    "no such column": of_table(
        partial(compare, SMALL, "--drop", "minutes"),
        parameter="--drop: there is no column",
        value="'minutes'",
        remedy="the columns are y, a.",
    ),
    "no such column among many": of_table(
        partial(compare, WIDE, "--time", "minutes"),
        parameter="--time: there is no column",
        value="'minutes'",
        remedy="the columns are y, column0, column1",
    ),
    "no such group": of_table(
        partial(compare, SMALL, "--group", "minutes"),
        parameter="--group: there is no column",
        value="'minutes'",
        remedy="the columns are y, a.",
    ),
    "objective of no such target": of_table(
        partial(compare, SMALL, "--objectives", "z=binary"),
        parameter="--objectives: there is no column",
        value="'z'",
        remedy="the columns are y.",
    ),
    "categories of no such column": of_table(
        partial(compare, SMALL, "--categorical", "y"),
        parameter="--categorical: there is no column",
        value="'y'",
        remedy="the columns are a.",
    ),
    "column named twice": of_table(
        partial(compare, SMALL, targets="y,y"),
        parameter="--targets: 'y' is named twice",
        value="'y'",
        remedy="name it once",
    ),
    "lists in a feature": of_table(
        partial(compare, {**SMALL, "a": [[0, 1]] * 4}, name="table.parquet"),
        parameter="The column 'a' holds lists, arrays or structures",
        value="such as '[0 1]'",
        remedy="--drop it, or make each a single value",
    ),
    "lists in a target": of_table(
        partial(compare, {**SMALL, "y": [[0, 1]] * 4}, name="table.parquet"),
        parameter="The column 'y' holds lists, arrays or structures",
        value="such as '[0 1]'",
        remedy="--drop it, or make each a single value",
    ),
    "two words as a target": of_table(
        partial(compare, {**SMALL, "y": ["no", "yes"] * 2}),
        parameter="The target 'y' is not numeric",
        value="(its first value is 'no')",
        remedy="write 'yes' as 1 and the other as 0",
    ),
    "some words as a target": of_table(
        partial(compare, {**SMALL, "y": ["a", "b", "c", "a"]}),
        parameter="The target 'y' is not numeric",
        value="(its first value is 'a')",
        remedy="number its classes 0, 1, ... and name its objective multiclass",
    ),
    "many words as a target": of_table(
        partial(compare, {**LONG, "y": [f"no {i}" for i in range(N)]}),
        parameter="The target 'y' is not numeric",
        value="(its first value is 'no 0')",
        remedy="drop it from --targets or store numbers",
    ),
    "a long word as a target": of_table(
        partial(compare, {**SMALL, "y": ["x" * 1000] * 4}),
        parameter="The target 'y' is not numeric",
        value=f"(its first value is '{'x' * 79})",
        remedy="drop it from --targets or store numbers",
    ),
    "dates as a target": of_table(
        partial(
            compare,
            {**SMALL, "y": pd.date_range("2024-01-01", periods=4)},
            name="table.parquet",
        ),
        parameter="The target 'y' is not numeric",
        value="(its first value is '2024-01-01",
        remedy="store it as a number, such as seconds",
    ),
    "target without a value": of_table(
        partial(compare, {**SMALL, "y": [np.nan] * 4}),
        parameter="The target 'y'",
        value="holds no value",
        remedy="leave it out of --targets",
    ),
    "target of text without a value": of_table(
        partial(
            compare,
            {**SMALL, "y": pd.Series([None] * 4, dtype=object)},
            name="table.parquet",
        ),
        parameter="The target 'y'",
        value="holds no value",
        remedy="leave it out of --targets",
    ),
    "no features": of_table(
        partial(compare, SMALL, "--drop", "a"),
        parameter="No column is left for the features",
        value="No column",
        remedy="name fewer by --targets, --drop, --group and --time",
    ),
    "dates": of_table(
        partial(compare, {**SMALL, "day": ["2024-01-01", "2024-02-01"] * 2}),
        parameter="The column 'day'",
        value="holds dates",
        remedy="--drop it, or split by it (--time day)",
    ),
    "free text": of_table(
        partial(compare, {**LONG, "note": [f"it was {i} long" for i in range(N)]}),
        parameter="The text column 'note'",
        value="differs in nearly every row",
        remedy="--drop it",
    ),
}
ELSEWHERE: dict[tuple[str, str], str] = {}
