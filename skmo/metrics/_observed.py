"""Scores over the observed rows of each target."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.utils import check_consistent_length

_F = TypeVar("_F", bound=Callable)

_UNDEFINED = """losses need
        one observed row, all other scores two different observed values."""

_SHARED = """
    Parameters
    ----------
    y_true : array-like of shape (n_samples,) or (n_samples, n_objectives)
        The targets; rows where a target is NaN are left out of its score.
    y_pred : array-like, shape of ``y_true``
        The {predictions}.
    sample_weight : array-like of shape (n_samples,) or of the shape of \
``y_true``, default=None
        Weights of the rows; a weight of 0 leaves a row out.{parameter}
    multioutput : {{"uniform_average", "raw_values"}}, default="uniform_average"
        Whether to return the mean over the targets or one value per target.

    Returns
    -------
    float or ndarray of shape (n_objectives,)
        NaN, with an ``UndefinedMetricWarning``, for a target whose observed
        rows do not define it, and for a mean over such a target:
        {undefined}
{notes}
    Examples
    --------
    >>> from skmo.metrics import {name}
    {example}
"""


def documented(
    predictions: str,
    *example: str,
    parameter: str = "",
    undefined: str = _UNDEFINED,
    notes: str = "",
) -> Callable[[_F], _F]:
    """Append the sections all scores share to a docstring of one paragraph.

    ``predictions`` says what ``y_pred`` holds, ``example`` gives lines of doctest,
    ``undefined`` says when the score is NaN.
    """

    def decorate(function: _F) -> _F:
        doc = _SHARED.format(
            predictions=predictions,
            parameter=parameter,
            undefined=undefined,
            notes=f"\n    Notes\n    -----{notes}" if notes else "",
            name=function.__name__,
            example="\n    ".join(example),
        )
        function.__doc__ = f"{function.__doc__}\n{doc}"
        return function

    return decorate


def per_target(
    score: Callable[..., float | None],
    y_true: ArrayLike,
    y_pred: ArrayLike,
    sample_weight: ArrayLike | None,
    multioutput: str,
    rows: Mapping[str, np.ndarray] | None = None,
) -> float | np.ndarray:
    """Apply ``score(y, p, sample_weight=w)`` to the observed rows of each column.

    ``score`` may return None where the rows do not define it. It is passed the
    observed part of the columns ``rows``, too.
    """
    if multioutput not in ("uniform_average", "raw_values"):
        raise ValueError(
            "The 'multioutput' parameter must be a str among 'raw_values' and "
            f"'uniform_average'. Got {multioutput!r:.200} instead."
        )
    y_true, y_pred = np.asarray(y_true, np.float64), np.asarray(y_pred, np.float64)
    if y_true.shape != y_pred.shape or y_true.ndim not in (1, 2):
        raise ValueError(
            "y_true and y_pred must have the same shape, (n_samples,) or (n_samples, "
            f"n_objectives). Got {y_true.shape} and {y_pred.shape}."
        )
    Y, P = (a.reshape(len(a), -1) for a in (y_true, y_pred))
    W = None
    if sample_weight is not None:
        W = np.asarray(sample_weight, np.float64)
        check_consistent_length(Y, W)
        W = np.broadcast_to(W.reshape(len(W), -1), Y.shape)
    values = np.full(Y.shape[1], np.nan)
    for k in range(Y.shape[1]):
        observed = ~np.isnan(Y[:, k])
        if W is not None:
            observed &= W[:, k] != 0
        weight = None if W is None else W[observed, k]
        value = None
        if observed.any():
            columns = {name: column[observed] for name, column in (rows or {}).items()}
            value = score(
                Y[observed, k], P[observed, k], sample_weight=weight, **columns
            )
        if value is None:
            warnings.warn(
                f"The score of column {k} is not defined by its {observed.sum()} "
                "observed rows (too few, or all equal) and is set to NaN.",
                UndefinedMetricWarning,
                stacklevel=3,
            )
            continue
        values[k] = value
    return values if multioutput == "raw_values" else float(values.mean())


def where_values_differ(score: Callable[..., float]) -> Callable[..., float | None]:
    """Let ``score`` return None if all targets are equal.

    scikit-learn's functions differ there: 0, NaN, an error.
    """

    def checked(y: np.ndarray, p: np.ndarray, sample_weight: Any = None):
        if len(np.unique(y)) < 2:
            return None
        return score(y, p, sample_weight=sample_weight)

    return checked
