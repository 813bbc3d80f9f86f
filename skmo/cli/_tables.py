"""Tables from files, ready for training."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ._bounds import check_parquet, open_csv

ENDINGS = (".csv", ".csv.gz", ".parquet")


class TableError(ValueError):
    """What is wrong with a file or with a column named by the user."""


def read_table(path: str | Path) -> Any:
    """Read a csv or parquet file.

    Parameters
    ----------
    path : str or Path
        A file that ends in ``.csv``, ``.csv.gz`` or ``.parquet``.

    Returns
    -------
    DataFrame

    Raises
    ------
    TableError
        If there is no such file, its ending is another, it cannot be read, holds
        no rows, or holds much more than a file of its size should.
    ImportError
        If pandas, or pyarrow for parquet, is not installed.
    """
    path = Path(path)
    if path.is_dir():
        raise TableError(f"{path} is a folder: name a file.")
    if not path.is_file():
        near = difflib.get_close_matches(path.name, _siblings(path), n=1)
        hint = "Check its name and folder."
        if near:
            hint = f"Did you mean {path.parent / near[0]}?"
        raise TableError(f"There is no file {path}. {hint}")
    if not path.name.lower().endswith(ENDINGS):
        raise TableError(
            f"{path.name} does not end in {', '.join(ENDINGS)}: save the table as one "
            "of these."
        )
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(
            'Reading files needs pandas: pip install "skmo[pandas]".'
        ) from error
    try:
        if path.name.lower().endswith(".parquet"):
            check_parquet(path)
            table = pd.read_parquet(path)
        else:
            with open_csv(path) as stream:
                table = pd.read_csv(stream, low_memory=False)
            # pandas would make row names of what the header does not name.
            if not table.index.equals(pd.RangeIndex(len(table))):
                n_cells = table.index.nlevels + table.shape[1]
                raise TableError(
                    f"its rows have more cells than its header, {n_cells} and not "
                    f"{table.shape[1]}. Name each column in the first line."
                )
    except ImportError as error:
        raise ImportError(
            'Reading parquet needs pyarrow: pip install "skmo[pandas]".'
        ) from error
    # The libraries behind pandas refuse in ways of their own, from zlib.error to
    # KeyError.
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise TableError(f"{path.name} cannot be read: {reason}") from error
    if not len(table):
        raise TableError(f"{path.name} holds no rows: name a file that has some.")
    table.columns = table.columns.map(str)
    return table


def _siblings(path: Path) -> list[str]:
    try:
        return [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return []


def check_columns(table: Any, names: Sequence[str], role: str) -> None:
    """Raise ``TableError`` for a name that is not a column, with the nearest one."""
    for name in names:
        if name not in table.columns:
            near = difflib.get_close_matches(name, table.columns, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else "the columns are "
            if not near:
                shown = list(table.columns[:12])
                hint += ", ".join(shown) + (", ..." if table.shape[1] > 12 else ".")
            raise TableError(f"{role}: there is no column {name!r}; {hint}")
    twice = [name for name in dict.fromkeys(names) if list(names).count(name) > 1]
    if twice:
        raise TableError(f"{role}: {twice[0]!r} is named twice: name it once.")


def check_single_values(column: Any, name: str) -> None:
    """Raise ``TableError`` for lists and dicts, which parquet files can hold."""
    if column.dtype != object:
        return
    for value in column:
        try:
            hash(value)
        except TypeError:
            raise TableError(
                f"The column {name!r} holds lists, arrays or structures such as "
                f"{str(value)[:40]!r}: --drop it, or make each a single value."
            ) from None


def target_columns(table: Any, names: Sequence[str]) -> Any:
    """The targets as float64; an empty cell is an unobserved target.

    Raises
    ------
    TableError
        If a target is not numeric or was never observed.
    """
    targets = table[list(names)].copy()
    for name in names:
        column = targets[name]
        kind = column.dtype.kind
        if kind not in "biuf":
            check_single_values(column, name)
            values = column.dropna().unique()
            hint = "drop it from --targets or store numbers"
            if len(values) == 2:
                hint = f"write {sorted(map(str, values))[1]!r} as 1 and the other as 0"
            elif kind in "mM":
                hint = "store it as a number, such as seconds"
            elif 2 < len(values) <= 20:
                hint = "number its classes 0, 1, ... and name its objective multiclass"
            raise TableError(
                f"The target {name!r} is not numeric (its first value is "
                f"{str(values[0])!r:.80}): {hint}."
                if len(values)
                else _no_value(name)
            )
        targets[name] = column.astype(np.float64)
        if targets[name].isna().all():
            raise TableError(_no_value(name))
    return targets


def _no_value(name: str) -> str:
    return f"The target {name!r} holds no value: leave it out of --targets."


def feature_columns(table: Any) -> tuple[Any, list[str]]:
    """The features, with text as categoricals, and notes on doubtful ones.

    Returns
    -------
    X : DataFrame
    notes : list of str

    Raises
    ------
    TableError
        If no column is left, or a column holds dates or text that differs in
        nearly every row.
    """
    X, notes = table.copy(), []
    if not X.shape[1]:
        raise TableError(
            "No column is left for the features: name fewer by --targets, --drop, "
            "--group and --time."
        )
    for name in X.columns:
        column = X[name]
        kind = column.dtype.kind
        if kind == "b":
            X[name] = column.astype(np.float64)
        elif kind in "iuf":
            if not isinstance(column.dtype, np.dtype):  # pandas' nullable numbers
                X[name] = column.astype(np.float64)
            identifier = name.lower() == "id" or name.lower().endswith(("_id", " id"))
            if identifier:
                notes.append(
                    f"{name} looks like an identifier but is used as a feature: "
                    f"--drop it, or split by it (--group {name})."
                )
        elif kind in "mM" or _looks_like_dates(column):
            raise TableError(
                f"The column {name!r} holds dates: --drop it, or split by it "
                f"(--time {name})."
            )
        else:
            check_single_values(column, name)
            observed = column.dropna()
            if len(observed) > 20 and observed.nunique() > 0.9 * len(observed):
                raise TableError(
                    f"The text column {name!r} differs in nearly every row, as an "
                    f"identifier or free text does: --drop it."
                )
            if not isinstance(column.dtype, _categorical_dtype()):
                X[name] = column.astype(str).where(column.notna()).astype("category")
    return X, notes


def _categorical_dtype() -> type:
    from pandas import CategoricalDtype

    return CategoricalDtype


def _looks_like_dates(column: Any) -> bool:
    if isinstance(column.dtype, _categorical_dtype()):
        return False
    import pandas as pd

    sample = column.dropna().head(100).astype(str)
    # Numbers stored as text would parse as dates, too.
    if not len(sample) or not sample.str.contains(r"\d{1,4}[-/.:]\d{1,2}").all():
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bool(pd.to_datetime(sample, errors="coerce").notna().all())
