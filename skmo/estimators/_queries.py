"""Queries as users pass them: group sizes, or an id per row."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import _num_samples

from ._frames import array_values, is_missing, take_rows
from ._rows import Given
from ._targets import numbers


def given_queries(
    X: Any, y: Any, weight: Any, group: Any, qid: Any, suffix: str = ""
) -> Given:
    """Rows with the query of each, those of one query next to each other.

    Parameters
    ----------
    X, y, weight : as passed to ``fit``
        A weight per row (and objective), or one per query.
    group : array-like of shape (n_queries,) or None
        How many rows each query has, one after the other.
    qid : array-like of shape (n_samples,) or None
        The query of each row, in any order.
    suffix : str, default=""
        Of the parameters' names.

    Raises
    ------
    ValueError
        If not exactly one of ``group`` and ``qid`` is given, or it does not suit X.
    """
    names = f"group{suffix}", f"qid{suffix}"
    if (group is None) == (qid is None):
        given = "neither" if qid is None else "both"
        raise ValueError(
            f"Pass one of '{names[0]}' (how many rows each query has) and '{names[1]}' "
            f"(the query of each row). Got {given}."
        )
    n = _num_samples(X)
    if y is None:
        raise ValueError(
            f"Grades are required: 'y{suffix}' is None. Pass one column per label."
        )
    check_consistent_length(X, y)
    if group is not None:
        query, order = _from_sizes(group, n, names[0]), None
    else:
        query, order = _from_ids(qid, n, names[1])
    weight = _by_row(weight, query, n, f"sample_weight{suffix}")
    if order is not None:
        X, y = take_rows(X, order), take_rows(y, order)
        query = query[order]
        if np.ndim(weight) > 0:
            weight = take_rows(weight, order)
    return Given(X, y, weight, query)


def _from_sizes(group: Any, n: int, name: str) -> np.ndarray:
    sizes = numbers(group, f"'{name}'")
    whole = sizes.ndim == 1 and (sizes == np.floor(sizes)).all() and (sizes > 0).all()
    if not whole or sizes.sum() != n:
        raise ValueError(
            f"'{name}' must hold the number of rows of each query, integers above 0 "
            f"that sum to the {n} rows of X. Got {sizes.size} values that sum to "
            f"{sizes.sum():g}."
        )
    return np.repeat(np.arange(len(sizes)), sizes.astype(np.int64))


def _from_ids(qid: Any, n: int, name: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Queries numbered as they first appear; the order that brings them together."""
    ids = array_values(qid)
    if ids.shape != (n,):
        raise ValueError(
            f"'{name}' must hold the query of each row, shape ({n},). Got shape "
            f"{ids.shape} instead."
        )
    missing = [value is None or is_missing(value) for value in ids.tolist()]
    if any(missing):
        raise ValueError(
            f"'{name}' is missing in {sum(missing)} rows (the first is row "
            f"{missing.index(True)}): drop them, or give each a query of its own."
        )
    numbers_of: dict[Any, int] = {}
    query = np.array([numbers_of.setdefault(v, len(numbers_of)) for v in ids.tolist()])
    if (np.diff(query) >= 0).all():
        return query, None
    return query, np.argsort(query, kind="stable")


def _by_row(weight: Any, query: np.ndarray, n: int, name: str) -> Any:
    """A weight per query as one per row; others as they are."""
    if weight is None or np.ndim(weight) == 0:
        return weight
    n_queries, n_weights = int(query.max(initial=-1)) + 1, len(weight)
    if n_weights == n:
        return weight
    if np.ndim(weight) == 1 and n_weights == n_queries:
        return numbers(weight, name)[query]
    raise ValueError(
        f"{name} must hold a weight per row ({n},), per query ({n_queries},) or per "
        f"label of each row ({n}, n_objectives). Got shape {np.shape(weight)} instead."
    )
