"""Tables with all that goes wrong in files: the command ends in one line of error."""

from __future__ import annotations

import gzip
import io
import re

import numpy as np
import pytest

from skmo.cli import _bounds, main
from tests.fuzz.examples import random_cases
from tests.fuzz.measured import memory_in_a_child

pd = pytest.importorskip("pandas", reason="reading files needs pandas")

N = 60
CELLS = [
    *("", " ", "\t", "0", "nan", "NaN", "inf", "-inf", "1e400", "1e308", "4.9e-324"),
    *("0x1", "1_000", "1+2j", "٣", "'", '"', '""', "True", "None", "NA", "<NA>", "=1"),
    *("\0", "a\0b", "\r", "\n", "\ufeff", "1,2", "1;2", "x" * 70_000, "1" * 5_000),
    *("2026-01-01", "2026-13-45", "99999999999999999999", "-9223372036854775809"),
]
CODINGS = [*["utf-8"] * 8, *("utf-16", "utf-32", "utf-8-sig", "latin-1", "cp1252")]


def table():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "y": rng.integers(0, 2, N),
            "z": rng.normal(size=N).round(3),
            "a": rng.normal(size=N).round(3),
            "b": rng.integers(0, 5, N),
            "town": rng.choice(["x", "y", "zü"], N),
            "user": np.arange(N) // 6,
        }
    )


def kinds():
    """Parquet has more of them than csv."""
    from decimal import Decimal

    return table().assign(
        day=pd.date_range("2026-01-01", periods=N),
        town=table()["town"].astype("category"),
        b=table()["b"].astype("Int64"),
        numbers=[[1, 2]] * N,
        both=[{"a": 1}] * N,
        exact=[Decimal("1.5")] * N,
        raw=[b"x"] * N,
        took=pd.to_timedelta(np.arange(N), unit="h"),
    )


def csv(rng):
    """Cells, rows and the header changed, in some encoding."""
    text = table().to_csv(index=False)
    rows = [line.split(",") for line in text.strip().split("\n")]
    for _ in range(rng.choice([0, 1, 1, 2, 5])):
        row = rng.choice(rows)
        kind = rng.randrange(9)
        if kind < 3 and row:
            row[rng.randrange(len(row))] = rng.choice(CELLS)
        elif kind == 3:
            row.append(rng.choice(CELLS))
        elif kind == 4 and row:
            row.pop()
        elif kind == 5:
            rows[0] = [rng.choice(["y", "z", "a", "", " ", "y.1"]) for _ in rows[0]]
        elif kind == 6:
            row.clear()
        elif kind == 7:
            del rows[rng.choice([1, 2, 3, 8]) :]
        else:
            column, value = rng.randrange(6), rng.choice(CELLS)
            for other in rows[1:]:
                if len(other) > column and rng.random() < 0.7:
                    other[column] = value
    text = rng.choice(["\n"] * 8 + ["\r", "\r\n", "\n\n"]).join(map(",".join, rows))
    content = text.encode(rng.choice(CODINGS), "replace")
    return edited(rng, content) if rng.random() < 0.2 else content


def edited(rng, content):
    """Cut short, cut out, bytes changed at the end (parquet's footer) or anywhere."""
    content = bytearray(content)
    if not content:
        return b""
    start = rng.randrange(len(content))
    kind = rng.randrange(4)
    if kind == 0:
        del content[start:]
    elif kind == 1:
        del content[start : start + rng.choice([1, 30, 1000])]
    else:
        low = 0 if kind == 2 else max(len(content) - 1500, 0)
        for _ in range(rng.choice([1, 1, 2, 10])):
            content[rng.randrange(low, len(content))] = rng.randrange(256)
    return bytes(content)


def parquet(rng):
    options = ["snappy", "gzip", None]
    file = io.BytesIO()
    made = kinds() if rng.random() < 0.5 else table()
    made.to_parquet(file, compression=rng.choice(options))
    content = file.getvalue()
    return edited(rng, content) if rng.random() < 0.9 else content


def compressed(rng):
    content = gzip.compress(csv(rng), 1)
    return edited(rng, content) if rng.random() < 0.6 else content


FILES = {"csv": csv, "csv.gz": compressed, "parquet": parquet}
FAST = ["--estimators", "2", "--leaves", "3", "--n-jobs", "1"]
OPTIONS = [
    ["--targets", "y"],
    ["--targets", "y,z"],
    ["--targets", "z", "--drop", "town"],
    ["--targets", "y", "--group", "user"],
    ["--targets", "z", "--time", "b"],
    ["--targets", "y", "--categorical", "b"],
    ["--targets", "y,b", "--objectives", "b=multiclass"],
    ["--targets", "z", "--cv", "2"],
]


def outcome(capsys, path, options):
    """The exit code, after a look at what was printed."""
    code = main(["compare", str(path), *options, *FAST])
    errors = capsys.readouterr().err.splitlines()
    assert all(re.match(r"skmo: (error|warning|note): \S", line) for line in errors)
    assert sum(line.startswith("skmo: error") for line in errors) == (code == 2)
    assert code in (0, 2)
    return code


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("kind", FILES)
def test_edited_tables(kind, capsys, tmp_path):
    if kind == "parquet":
        pytest.importorskip("pyarrow", reason="parquet needs pyarrow")
    codes = []

    @random_cases(40)
    def check(rng):
        path = tmp_path / f"table.{kind}"
        path.write_bytes(FILES[kind](rng))
        codes.append(outcome(capsys, path, rng.choice(OPTIONS)))

    check()
    assert set(codes) == {0, 2}


@pytest.mark.parametrize("kind", ["csv", "csv.gz"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot be read: No columns to parse"),
        (b"y,a\n", "holds no rows"),
        (b"y,a\n1,2\n4,5,6\n", "cannot be read: Error tokenizing data"),
        (b"y,a\n1,\xff\n", "cannot be read: 'utf-8' codec can't decode"),
        (b"\xff\xfey\0,\0a\0\n\0", "cannot be read: 'utf-8' codec can't decode"),
        (b"\0\0\0\0\n\0\0\0\0\n", "there is no column 'y'"),
        (b'y,a\n1,"2\n', "cannot be read: Error tokenizing data"),
        (b"," * 200_000 + b"\n", "cannot be read: it has more than 100000 columns"),
        (b"y\n" + b"," * 200_000, "cannot be read: it has more than 100000 columns"),
    ],
)
def test_tables_that_are_none(kind, content, message, capsys, tmp_path):
    path = tmp_path / f"table.{kind}"
    path.write_bytes(gzip.compress(content) if kind == "csv.gz" else content)
    main(["compare", str(path), "--targets", "y"])
    error = capsys.readouterr().err
    assert error.startswith("skmo: error: ")
    assert error.count("\n") == 1
    assert message in error


@pytest.mark.parametrize("name", ["numbers", "both"])
@pytest.mark.parametrize("role", ["--targets", "--group", "--time", "a feature"])
def test_lists_and_structures_are_named(name, role, capsys, tmp_path):
    pytest.importorskip("pyarrow", reason="parquet needs pyarrow")
    path = tmp_path / "table.parquet"
    kinds()[["y", "a", name]].to_parquet(path)
    options = ["--targets", "y"] if role != "--targets" else ["--targets", name]
    options += [role, name] if role in ("--group", "--time") else []
    main(["compare", str(path), *options])
    error = capsys.readouterr().err
    assert f"The column '{name}' holds lists, arrays or structures such as" in error
    assert "--drop it" in error


def test_a_machine_without_memory(capsys, tmp_path, monkeypatch):
    path = tmp_path / "table.csv"
    table().to_csv(path, index=False)

    def exhausted(*_, **__):
        raise MemoryError("Unable to allocate 3 TiB")

    monkeypatch.setattr("skmo.comparison.compare", exhausted)
    assert main(["compare", str(path), "--targets", "y"]) == 2
    error = capsys.readouterr().err
    assert error == (
        "skmo: error: The memory does not suffice. Unable to allocate 3 TiB\n"
    )


SETUP = """
import pandas, pyarrow.parquet
from skmo.cli import _bounds
from skmo.cli._tables import TableError, read_table

_bounds.MAX_BYTES = {max_bytes}

def call(path):
    try:
        return list(read_table(path).shape)
    except TableError as error:
        return str(error)
"""


def bomb(name, n_bytes):
    """The content of a table that unpacks to as many bytes."""
    if name.endswith("parquet"):
        values = {
            "numbers.parquet": lambda: np.zeros(n_bytes // 8, dtype=np.int64),
            "text.parquet": lambda: ["x" * 1000] * (n_bytes // 1000),
            "lists.parquet": lambda: [[0] * 1000] * (n_bytes // 8000),
        }[name]()
        file = io.BytesIO()
        pd.DataFrame({"y": values}).to_parquet(file, compression="gzip")
        return file.getvalue()
    text = {
        "rows.csv.gz": b"y,a\n" + b"0,0\n" * (n_bytes // 4),
        "cell.csv.gz": b"y,a\n0," + b"x" * n_bytes,
        "quotes.csv.gz": b'y,a\n0,"' + b'""' * (n_bytes // 2),
    }[name]
    return gzip.compress(text)


BOMBS = [
    *("rows.csv.gz", "cell.csv.gz", "quotes.csv.gz"),
    *("numbers.parquet", "text.parquet", "lists.parquet"),
]


def test_bombs_are_refused_while_they_are_small(tmp_path):
    """At most 20 times the bytes that a table may unpack to."""
    pytest.importorskip("pyarrow", reason="parquet needs pyarrow")
    max_bytes, paths = 2 << 20, {}
    for name in BOMBS:
        (tmp_path / name).write_bytes(bomb(name, 20 * max_bytes))
        paths[str(tmp_path / name)] = name
        assert (tmp_path / name).stat().st_size * _bounds.MAX_GROWTH < 20 * max_bytes
    found = memory_in_a_child(SETUP.format(max_bytes=max_bytes), paths)
    for path, (outcome, memory) in found.items():
        size = (tmp_path / path).stat().st_size
        most = max(max_bytes, _bounds.MAX_GROWTH * size)
        assert f"it unpacks to more than {most} bytes. If you trust it" in outcome
        assert memory < 20 * most + (15 << 20), path


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])
def test_what_is_within_the_bounds_is_read_as_pandas_does(kind, tmp_path, monkeypatch):
    from skmo.cli._tables import read_table

    if kind == "parquet":
        pytest.importorskip("pyarrow", reason="parquet needs pyarrow")
    path, whole = tmp_path / f"table.{kind}", kinds() if kind == "parquet" else table()
    whole.to_parquet(path) if kind == "parquet" else whole.to_csv(path, index=False)
    read = pd.read_parquet if kind == "parquet" else pd.read_csv
    monkeypatch.setattr(_bounds, "MAX_BYTES", 1)  # so that 200 times the file holds
    pd.testing.assert_frame_equal(read_table(path), read(path))
    monkeypatch.setattr(_bounds, "MAX_GROWTH", 0)
    with pytest.raises(ValueError, match="unpacks to more than 1 bytes"):
        read_table(path)
