"""Targets, weights and validation rows as users pass them, checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp

from ..boosting import ALONE, Communicator, TargetCoder
from ..objectives import Objective
from ._frames import array_values, is_missing, read_frame

# Of targets that are not standardised: float32 holds the squares, and their sums.
_LEAST, _LARGEST = 1e-15, 1e15
# Of those that are, from the centre in units of the spread: a robust loss allows it.
_FARTHEST = 1e18
_LEAST_WEIGHT = 1e-12


def target_names(y: Any, n_objectives: int) -> list[str]:
    """Column names of ``y``, or target0, target1, …"""
    frame = read_frame(y)
    if frame is not None:
        names = [str(name) for name in frame.names]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(
                f"y has the columns {repeated!r:.200} more than once: rename them."
            )
        return names
    name = getattr(y, "name", None)
    if name not in (None, "") and n_objectives == 1:  # polars names all series
        return [str(name)]
    return [f"target{k}" for k in range(n_objectives)]


def target_columns(y: Any, estimator_name: str) -> list[np.ndarray]:
    """``y`` as one array per target, of whatever type the values are.

    Raises
    ------
    ValueError
        If ``y`` is None, sparse, of more than two dimensions or has no column.
    """
    if y is None:
        raise ValueError(
            f"This {estimator_name} estimator requires y to be passed, but the target "
            "y is None. Pass the targets of each row."
        )
    if sp.issparse(y):
        raise ValueError(
            "y is sparse, and zeros in it could mean 0 or unobserved. Pass a dense y "
            "(y.toarray()), with NaN where a target was not observed."
        )
    frame = read_frame(y)
    if frame is not None:
        target_names(y, frame.shape[1])  # no name twice
        columns = [frame.values(j) for j in range(frame.shape[1])]
    else:
        array = array_values(y)
        if array.ndim not in (1, 2):
            raise ValueError(
                f"y must have shape (n_samples,) or (n_samples, n_objectives). Got "
                f"{array.shape} instead."
            )
        columns = [array] if array.ndim == 1 else list(array.T)
    if not columns:
        raise ValueError("y has 0 columns: pass at least one target.")
    return columns


def is_1d(y: Any) -> bool:
    return read_frame(y) is None and array_values(y).ndim == 1


def missing_values(column: np.ndarray) -> np.ndarray:
    """Which entries are unobserved: NaN, None or pandas' NA."""
    if column.dtype.kind in "fc":
        return np.isnan(column)
    if column.dtype.kind in "mM":
        return np.isnat(column)
    if column.dtype.kind != "O":
        return np.zeros(len(column), dtype=bool)
    return np.array([is_missing(value) for value in column], dtype=bool)


def real_targets(
    columns: Sequence[np.ndarray], names: Sequence[str], where: str = "y"
) -> np.ndarray:
    """Targets of numbers, (n_samples, n_objectives) float64, NaN = unobserved.

    Raises
    ------
    ValueError
        For values that are no numbers or infinite; the message names the column.
    """
    # Each target in one piece: it is looked through several times.
    target = np.empty((len(columns[0]), len(columns)), order="F")
    for k, (column, name) in enumerate(zip(columns, names, strict=True)):
        if column.dtype.kind == "f":
            target[:, k] = column
            refuse_infinite(target[:, k], name, where)
            continue
        stranger = not_a_number(column)
        if stranger is not None:
            raise ValueError(
                f"Target {name!r} must hold numbers; got {stranger!r:.200}. For labels "
                "use MultiObjectiveClassifier, or encode them as numbers (0 and 1 for "
                "the 'binary' objective)."
            )
        missing = missing_values(column)
        target[missing, k] = np.nan
        target[~missing, k] = column[~missing].astype(np.float64)
        refuse_infinite(target[:, k], name, where)
    return target


def refuse_infinite(column: np.ndarray, name: str, where: str) -> None:
    """Raise ``ValueError`` if the target holds an infinite number."""
    if column.dtype.kind != "f":
        return
    infinite = np.isinf(column)
    if infinite.any():
        row = int(np.flatnonzero(infinite)[0])
        raise ValueError(
            f"Target {name!r} in {where} contains infinity ({int(infinite.sum())} "
            f"value(s), the first in row {row}). Use NaN for a value that was not "
            "observed."
        )


def not_a_number(column: np.ndarray) -> Any:
    """The first observed value that is no real number; None if all are."""
    if column.dtype.kind in "biuf":
        return None
    if column.dtype.kind == "c":
        raise ValueError(
            f"Complex data not supported: y holds {column[:1].tolist()}. Pass real and "
            "imaginary parts as targets of their own."
        )
    if column.dtype.kind in "mM":
        # Times are numbers to NumPy; their unit is nothing to learn.
        return next(iter(column[~np.isnat(column)]), column[0])
    for value in column[~missing_values(column)].tolist():
        try:
            float(value)
        except (TypeError, ValueError):
            return value
    return None


def numbers(values: Any, name: str) -> np.ndarray:
    """A parameter's values as float64, or an error that names it."""
    try:
        return array_values(values).astype(np.float64, copy=False)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} must hold numbers. Got {values!r:.200}: {error}"
        ) from error


def check_observed(
    target: np.ndarray,
    names: Sequence[str],
    where: str = "y",
    communicator: Communicator = ALONE,
) -> None:
    """Every target needs an observed value, on whichever process."""
    (n_observed,) = communicator.sum((~np.isnan(target)).sum(axis=0))
    for n, name in zip(n_observed, names, strict=True):
        if n == 0:
            raise ValueError(
                f"Target {name!r} has no observed value in {where}: all "
                f"{communicator.span(len(target)).n_total} are NaN. Drop the column, "
                "or pass rows that have one."
            )


def check_domains(
    objectives: Sequence[Objective], target: np.ndarray, names: Sequence[str]
) -> None:
    """Every observed value must be in its objective's domain."""
    for k, (objective, name) in enumerate(zip(objectives, names, strict=True)):
        values = target[:, k]
        values = values[~np.isnan(values)]
        try:
            objective.check_target(values)
        except ValueError as error:
            raise ValueError(f"Target {name!r}: {error}") from error
        if not objective.standardise and objective.task == "regression":
            _check_magnitude(np.abs(values).max(initial=0.0), name)


def _check_magnitude(largest: float, name: str) -> None:
    """Refuse a target whose squares float32 cannot hold; zeros are held."""
    if largest > _LARGEST:
        bound, remedy = f"more than {_LARGEST:g}", "Divide"
    elif 0 < largest < _LEAST:
        bound, remedy = f"less than {_LEAST:g}", "Multiply"
    else:
        return
    raise ValueError(
        f"Target {name!r} holds values up to {largest:g}, {bound}, whose squares "
        f"float32 cannot add up. {remedy} the target by a constant."
    )


def check_reach(
    coder: TargetCoder, target: np.ndarray, names: Sequence[str], where: str = "y"
) -> None:
    """Refuse values so far from the others that float32 cannot hold both.

    Parameters
    ----------
    coder : TargetCoder
        Fitted on the training rows.
    target : ndarray of shape (n_samples, n_objectives)
    names : sequence of str
    where : str
        What the targets are called in the error.
    """
    for k, name in enumerate(names):
        column = target[:, k]
        # A process of a cluster may hold none of the rows.
        if not coder.objectives[k].standardise or not len(column):
            continue
        ends = np.fmin.reduce(column), np.fmax.reduce(column)  # NaN if none is observed
        with np.errstate(over="ignore"):
            centre, limit = coder.centre[k], _FARTHEST * coder.scale[k]
            far = next((v for v in ends if abs(v - centre) > limit), None)
        if far is not None:
            raise ValueError(
                f"Target {name!r} in {where} holds {far:g}, which is further than "
                f"{_FARTHEST:g} times the training values' spread {coder.scale[k]:g} "
                f"from their centre {centre:g}: float32 cannot hold both. Correct or "
                "clip such values, or train on a transformed target such as its "
                "logarithm."
            )


def check_weight(
    weight: Any, n_samples: int, n_objectives: int, name: str = "sample_weight"
) -> np.ndarray | None:
    """Weights as (n_samples, 1) or (n_samples, n_objectives), or None.

    Raises
    ------
    ValueError
        For a wrong shape, NaN, infinite, negative or all-zero weights.
    """
    if weight is None:
        return None
    weight = numbers(weight, name)
    shape = weight.shape
    if weight.ndim == 0:
        weight = np.full(n_samples, float(weight))
    if weight.ndim == 1:
        weight = weight[:, None]
    if weight.shape not in ((n_samples, 1), (n_samples, n_objectives)):
        raise ValueError(
            f"{name} must have shape ({n_samples},) or ({n_samples}, {n_objectives}). "
            f"Got {shape} instead."
        )
    if not np.isfinite(weight).all():
        row = int(np.flatnonzero(~np.isfinite(weight).all(axis=1))[0])
        raise ValueError(
            f"{name} contains NaN or infinity (the first in row {row}). Use 0 to leave "
            "a row out."
        )
    if (weight < 0).any():
        raise ValueError(
            f"{name} contains negative values (the least is {weight.min()}). Weights "
            "must be at least 0."
        )
    if not weight.any():
        raise ValueError(
            f"All of {name} is zero, which leaves no row. Give one a positive weight."
        )
    low, high = weight[weight > 0].min(), weight.max()
    if low < _LEAST_WEIGHT or high > 1 / _LEAST_WEIGHT:
        raise ValueError(
            f"{name} holds weights from {low:g} to {high:g}, which float32 cannot add "
            f"up. Bring them between {_LEAST_WEIGHT:g} and {1 / _LEAST_WEIGHT:g}, or "
            "set them to 0."
        )
    return weight


def check_weight_order(
    weight: Any, names: Sequence[str], name: str = "sample_weight"
) -> None:
    """Weights in a data frame must have their columns in the targets' order.

    Raises
    ------
    ValueError
        For the targets' names in another order.
    """
    frame = read_frame(weight)
    given = [] if frame is None else [str(column) for column in frame.names]
    if given != list(names) and sorted(given) == sorted(names):
        raise ValueError(
            f"{name} has the columns {given!r:.200}, but the targets are "
            f"{list(names)!r:.200}: bring them into that order."
        )


def weight_of(weight: np.ndarray | None, k: int) -> np.ndarray | None:
    """The column of checked weights that belongs to target ``k``."""
    return None if weight is None else weight[:, k if weight.shape[1] > 1 else 0]


def mask_unweighted(target: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Targets with NaN where the weight is 0: they must not count anywhere."""
    if weight is None or (weight > 0).all():
        return target
    return np.where(weight > 0, target, np.nan)
