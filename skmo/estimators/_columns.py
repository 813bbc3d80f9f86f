"""Columns of features: numbers, categories, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ._frames import Frame, is_missing

_TIME_HINT = "Turn them into numbers, such as the hour or the days since an event."


def refuse_text(X: Any) -> Any:
    """Refuse arrays and lists of strings or times, which NumPy would read as numbers.

    Returns
    -------
    array-like
        ``X``; a list as an array.

    Raises
    ------
    ValueError
        With what to do about it.
    """
    if isinstance(X, list | tuple):
        try:
            X = np.asarray(X)
        except ValueError:  # rows of several lengths: scikit-learn tells
            return X
    if not isinstance(X, np.ndarray):
        return X
    if X.dtype.kind in "mM":
        raise ValueError(f"X holds times ({X.dtype}). {_TIME_HINT}")
    if X.dtype.kind in "USO":
        text = next((value for value in X.flat if _is_text(value)), None)
        if text is not None:
            text = text.item() if isinstance(text, np.generic) else text
            raise ValueError(
                f"X holds strings such as {text!r:.200}. Encode them as numbers, or "
                "pass a data frame with a categorical dtype for that feature."
            )
    return X


def refuse_unreadable(frame: Frame, columns: Sequence[int]) -> None:
    """Refuse the columns among these that cannot be numbers.

    Raises
    ------
    ValueError
        With the name of the feature and what to do about it.
    """
    for j in columns:
        kind, name = frame.kind(j), frame.names[j]
        if kind == "time":
            raise ValueError(
                f"Feature {name!r} holds times ({frame.dtype(j)}). {_TIME_HINT}"
            )
        if kind == "nested":
            raise ValueError(
                f"Feature {name!r} of dtype {frame.dtype(j)} cannot be read as "
                "numbers. Make columns of numbers or categories of it."
            )
        if kind not in ("text", "category"):
            continue
        values = frame.objects(j) if kind == "text" else frame.factorise(j)[1]
        text = next((value for value in values if _is_text(value)), None)
        if text is None:
            continue
        if kind == "text":
            remedy = (
                "Convert it to a categorical dtype (pandas: "
                "X[name].astype('category')), name it in 'categorical_features', or "
                "encode it."
            )
        else:
            remedy = (
                "It is categorical, but not among the 'categorical_features' of the "
                "fit: leave that at 'from_dtype', or name it there."
            )
        raise ValueError(
            f"Feature {name!r} holds strings such as {text!r:.200}. {remedy}"
        )


def _is_text(value: Any) -> bool:
    return isinstance(value, str | bytes)


def read_numbers(frame: Frame, j: int, dtype: type) -> np.ndarray:
    """Column ``j`` as floats, NaN where missing.

    Raises
    ------
    ValueError
        If it does not hold numbers.
    """
    try:
        return frame.numbers(j, dtype)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"Feature {frame.names[j]!r} of dtype {frame.dtype(j)} cannot be read as "
            f"numbers ({error}). Make columns of numbers or categories of it."
        ) from error


def observed_categories(frame: Frame, j: int) -> tuple[np.ndarray, np.ndarray]:
    """Column ``j`` as codes of the categories that occur in it.

    Returns
    -------
    codes : ndarray of shape (n_samples,), int
        -1 where missing.
    categories : ndarray of shape (n_categories,), object
    """
    codes, categories = frame.factorise(j)
    present, codes = np.unique(codes, return_inverse=True)
    if present.size and present[0] < 0:
        present, codes = present[1:], codes - 1
    categories = categories[present]
    missing = np.fromiter(map(is_missing, categories), bool, len(categories))
    if missing.any():  # a category of its own in some libraries
        place = np.append(np.cumsum(~missing) - 1, -1)
        place[:-1][missing] = -1
        codes, categories = place[codes], categories[~missing]
    return codes, categories
