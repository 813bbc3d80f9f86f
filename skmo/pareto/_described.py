"""Values as what can be hashed of them: alike for what acts alike."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import partial
from types import CodeType, FunctionType
from typing import Any

import numpy as np
from scipy import sparse


def described(value: Any, within: tuple = ()) -> Any:
    """What to hash of a value, so that equal hashes mean equal results.

    Functions are their code, defaults and what they close over, but not what they
    call; those of scikit-learn are their names. Neither memory layout nor what a
    data frame or a sparse matrix keeps about itself counts.

    Parameters
    ----------
    value : object
    within : tuple
        The functions that it is a part of, as they may close over themselves.

    Returns
    -------
    object
        Can be pickled if the unknown parts of the value can be.
    """
    if isinstance(value, Mapping):
        return {key: described(part, within) for key, part in value.items()}
    if type(value) in (list, tuple):
        return [described(part, within) for part in value]
    if inspect.ismodule(value):
        return value.__name__
    if callable(value) and not isinstance(value, type):
        return _callable(value, within)
    return _data(value)


def _callable(value: Any, within: tuple) -> Any:
    if inspect.isfunction(value):
        return _function(value, within)
    if inspect.ismethod(value):
        return [described(part, within) for part in (value.__func__, value.__self__)]
    if isinstance(value, partial):
        parts = (value.func, value.args, value.keywords)
        return ["partial", *(described(part, within) for part in parts)]
    if hasattr(value, "_score_func"):  # of make_scorer
        return type(value).__name__, described(vars(value), within)
    call = type(value).__call__
    return (value, _function(call, within)) if inspect.isfunction(call) else value


def _function(function: FunctionType, within: tuple) -> Any:
    name = f"{function.__module__}.{function.__qualname__}"
    if function in within or name.startswith("sklearn."):
        return name
    within = (*within, function)
    cells = [_content(cell, within) for cell in function.__closure__ or ()]
    defaults = (function.__defaults__, function.__kwdefaults__)
    return name, _code(function.__code__), cells, described(defaults, within)


def _content(cell: Any, within: tuple) -> Any:
    try:
        return described(cell.cell_contents, within)
    except ValueError:  # not assigned yet
        return "empty"


def _code(code: CodeType) -> str:
    """Not the source: it is not there in a shell, and may have been edited since."""
    arguments = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)
    names = (code.co_names, code.co_varnames, code.co_freevars)
    constants = [_constant(constant) for constant in code.co_consts]
    steps = (code.co_code, code.co_exceptiontable, code.co_flags)
    return repr((steps, arguments, names, constants))


def _constant(value: Any) -> str:
    if isinstance(value, CodeType):
        return _code(value)
    # A set's order is another in each process.
    return repr(sorted(map(repr, value)) if isinstance(value, frozenset) else value)


def _data(value: Any) -> Any:
    if sparse.issparse(value) and value.ndim == 2:
        rows = value.tocsr(copy=True)
        rows.sum_duplicates()
        places = (rows.indices.astype(np.int64), rows.indptr.astype(np.int64))
        return "sparse", rows.shape, rows.data, *places
    if type(value) in (np.ndarray, np.memmap):
        return "array", value.shape, np.asarray(value).ravel()
    if hasattr(value, "iloc"):
        return _frame(value)
    if hasattr(value, "rechunk"):
        return _chunks(value)
    return value


def _frame(frame: Any) -> Any:
    """A pandas object by its columns, whichever of them it stores together."""
    if frame.ndim == 1:
        return "series", frame.name, frame.index, _column(frame)
    columns = [_column(frame.iloc[:, k]) for k in range(frame.shape[1])]
    return "frame", list(frame.columns), frame.index, columns


def _column(series: Any) -> Any:
    if isinstance(series.dtype, np.dtype):
        return _data(series.to_numpy())
    if hasattr(series, "cat"):
        order = (list(series.cat.categories), series.cat.ordered)
        return "categories", order, _data(series.cat.codes.to_numpy())
    # Their own arrays keep more than their values.
    return str(series.dtype), series.to_numpy(dtype=object)


def _chunks(frame: Any) -> Any:
    """A polars object by its columns, however they are cut into chunks."""
    columns = frame.get_columns() if hasattr(frame, "get_columns") else [frame]
    return [(c.name, str(c.dtype), _data(c.to_numpy())) for c in columns]
