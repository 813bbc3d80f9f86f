"""Data frames of pandas, polars and pyarrow, read alike, a column at a time.

None of the libraries is needed, or imported unless the user has done so.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.utils import _safe_indexing

# What a column is for skmo, by how the name of its dtype begins in any of the
# libraries, in lower case. The first that fits counts; all else holds numbers.
_KINDS = {
    "nested": (
        "list",
        "large_list",
        "fixed_size_",
        "array",
        "struct",
        "map",
        "binary",
        "large_binary",
        "interval",
        "complex",
        "extension",
        "union",
    ),
    "category": ("category", "categorical", "enum", "dictionary"),
    "time": ("datetime", "timedelta", "time", "period", "date", "duration", "month_"),
    "text": ("str", "large_str", "utf8", "object"),
}
# Numbers that float32 holds exactly; pyarrow calls it "float".
NARROW = {
    "bool",
    "boolean",
    "int8",
    "int16",
    "uint8",
    "uint16",
    "halffloat",
    "float",
    "float16",
    "float32",
}
# Whole numbers up to it are exact in float32, as codes of categories are.
_MANY_CODES = 1 << 24


def is_missing(value: Any) -> bool:
    """Whether a value is None, NaN or pandas' NA or NaT."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value


class Frame:
    """A data frame with what pandas and polars have in common.

    Parameters
    ----------
    data : data frame
        Of a library, or anything with ``columns``, ``dtypes``, ``shape`` and
        columns by name that have ``dtype`` and ``to_numpy``.

    Attributes
    ----------
    names : list
        Of the columns.
    """

    def __init__(self, data: Any):
        self.data = data
        self.names = list(data.columns)

    # Whether NumPy reads it as numbers, perhaps without a copy.
    is_plain: bool = False
    # Whether all columns are sparse, with 0 left out.
    is_sparse: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        return self.data.shape

    def dtype(self, j: int) -> Any:
        return self._column(j).dtype

    def kind(self, j: int) -> str:
        """One of "category", "time", "text" (or objects), "nested" and "number"."""
        name = str(self.dtype(j)).lower()
        kinds = (kind for kind, starts in _KINDS.items() if name.startswith(starts))
        return next(kinds, "number")

    def is_narrow(self, j: int) -> bool:
        """Whether float32 holds column ``j`` exactly, or the codes of it."""
        if self.kind(j) == "category":
            return self.shape[0] < _MANY_CODES
        return str(self.dtype(j)).lower().removesuffix("[pyarrow]") in NARROW

    def numbers(self, j: int, dtype: type) -> np.ndarray:
        """Column ``j`` as floats, NaN where missing."""
        if self.kind(j) == "category":
            codes, categories = self.factorise(j)
            return np.append(_floats(categories, dtype), dtype(np.nan))[codes]
        if self.kind(j) == "text":
            return _floats(self.objects(j), dtype)
        return self._floats(j, dtype)

    def values(self, j: int) -> np.ndarray:
        """Column ``j`` in NumPy's nearest dtype."""
        return np.asarray(self._column(j).to_numpy())

    def objects(self, j: int) -> np.ndarray:
        """Column ``j`` as Python objects."""
        return self.values(j).astype(object)

    def factorise(self, j: int) -> tuple[np.ndarray, np.ndarray]:
        """Column ``j`` as a code per row and the objects that codes stand for.

        The code of a missing value is -1.
        """
        place: dict[Any, int] = {}
        codes = np.array(
            [
                -1 if is_missing(value) else place.setdefault(value, len(place))
                for value in self.objects(j)
            ],
            dtype=np.int64,
        )
        return codes, as_objects(place)

    def _column(self, j: int) -> Any:
        return self.data[self.names[j]]

    def _floats(self, j: int, dtype: type) -> np.ndarray:
        return self.values(j).astype(dtype)


class PandasFrame(Frame):
    """A pandas DataFrame."""

    @property
    def is_plain(self) -> bool:
        return all(
            isinstance(dtype, np.dtype) and dtype.kind in "biuf"
            for dtype in self.data.dtypes
        )

    @property
    def is_sparse(self) -> bool:
        dtypes = self.data.dtypes
        return all(getattr(dtype, "fill_value", None) == 0 for dtype in dtypes)

    def objects(self, j: int) -> np.ndarray:
        return self._column(j).to_numpy(dtype=object)

    def factorise(self, j: int) -> tuple[np.ndarray, np.ndarray]:
        column = self._column(j)
        if hasattr(column, "cat"):
            codes, categories = column.cat.codes.to_numpy(), column.cat.categories
        else:
            codes, categories = column.factorize()
        return codes, categories.to_numpy(dtype=object)

    def _floats(self, j: int, dtype: type) -> np.ndarray:
        return self._column(j).to_numpy(dtype=dtype, na_value=np.nan)


class PolarsFrame(Frame):
    """A polars DataFrame."""

    def factorise(self, j: int) -> tuple[np.ndarray, np.ndarray]:
        if self.kind(j) != "category" and str(self.dtype(j)) != "String":
            return super().factorise(j)
        import polars as pl

        # The physical codes of a Categorical are those of all frames together.
        text = self._column(j).cast(pl.String)
        categories = text.drop_nulls().unique()
        codes = text.cast(pl.Enum(categories)).to_physical().cast(pl.Int64)
        return codes.fill_null(-1).to_numpy(), as_objects(categories.to_list())

    def _floats(self, j: int, dtype: type) -> np.ndarray:
        import polars as pl

        kind = pl.Float32 if dtype is np.float32 else pl.Float64
        return self._column(j).cast(kind).to_numpy()


class ArrowFrame(Frame):
    """A pyarrow Table."""

    def __init__(self, data: Any):
        self.data = data
        self.names = list(data.column_names)

    def dtype(self, j: int) -> Any:
        return self.data.schema.field(j).type

    def values(self, j: int) -> np.ndarray:
        return arrow_values(self._column(j))

    def factorise(self, j: int) -> tuple[np.ndarray, np.ndarray]:
        column = self._column(j)
        if self.kind(j) != "category":
            column = column.dictionary_encode()
        column = column.unify_dictionaries().combine_chunks()
        codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return codes, as_objects(column.dictionary.to_pylist())

    def _column(self, j: int) -> Any:
        return self.data.column(j)

    def _floats(self, j: int, dtype: type) -> np.ndarray:
        if str(self.dtype(j)) == "halffloat":  # which pyarrow 14 cannot cast
            return self.values(j).astype(dtype)
        name = np.dtype(dtype).name
        return self._column(j).cast(name, safe=False).to_numpy()


def _of_pandas(library: Any, data: Any) -> Frame | None:
    return PandasFrame(data) if isinstance(data, library.DataFrame) else None


def _of_polars(library: Any, data: Any) -> Frame | None:
    if isinstance(data, library.LazyFrame):
        raise TypeError(
            "X, y and weights must hold their rows. Got a polars LazyFrame, which "
            "holds none: call its collect()."
        )
    return PolarsFrame(data) if isinstance(data, library.DataFrame) else None


def _of_pyarrow(library: Any, data: Any) -> Frame | None:
    if isinstance(data, library.RecordBatch):
        data = library.Table.from_batches([data])
    return ArrowFrame(data) if isinstance(data, library.Table) else None


_READERS: dict[str, Callable[[Any, Any], Frame | None]] = {
    "pandas": _of_pandas,
    "polars": _of_polars,
    "pyarrow": _of_pyarrow,
}


def read_frame(data: Any) -> Frame | None:
    """What reads ``data``; None where it is no data frame.

    Raises
    ------
    TypeError
        For a frame that holds no rows yet.
    """
    for name, reader in _READERS.items():
        library = sys.modules.get(name)  # not imported: none of its frames here
        frame = None if library is None else reader(library, data)
        if frame is not None:
            return frame
    like_one = all(hasattr(data, name) for name in ("columns", "dtypes", "shape"))
    return Frame(data) if like_one else None


def is_frame(data: Any) -> bool:
    """Whether ``data`` is a data frame."""
    return read_frame(data) is not None


def array_values(values: Any) -> np.ndarray:
    """A series, a column, an array or a list as an array.

    Data frames become two-dimensional.
    """
    frame = read_frame(values)
    if frame is not None:
        return np.column_stack([frame.values(j) for j in range(len(frame.names))])
    if type(values).__module__.partition(".")[0] == "pyarrow":
        return arrow_values(values)
    return np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values)


def arrow_values(column: Any) -> np.ndarray:
    """The values of an Array or ChunkedArray of pyarrow."""
    if hasattr(column.type, "value_type") and hasattr(column.type, "index_type"):
        # Its own to_numpy gives missing values the last category.
        column = column.cast(column.type.value_type)
    if hasattr(column, "chunks"):
        return column.to_numpy()
    return column.to_numpy(zero_copy_only=False)


def take_rows(data: Any, rows: np.ndarray) -> Any:
    """Some rows of any kind of data, in that order."""
    # scikit-learn knows of pyarrow since 1.7.
    if type(data).__module__.partition(".")[0] == "pyarrow":
        return data.take(rows)
    return _safe_indexing(data.tocsr() if hasattr(data, "tocsr") else data, rows)


def as_objects(values: Sequence[Any] | dict[Any, Any]) -> np.ndarray:
    """One-dimensional whatever the values are."""
    found = np.empty(len(values), dtype=object)
    found[:] = list(values)
    return found


def _floats(values: np.ndarray, dtype: type) -> np.ndarray:
    missing = np.fromiter(map(is_missing, values), bool, len(values))
    found = np.full(len(values), np.nan, dtype=dtype)
    found[~missing] = values[~missing].astype(dtype)
    return found
