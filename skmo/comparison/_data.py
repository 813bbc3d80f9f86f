"""The rows and targets of a comparison, checked and divided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import _num_samples

from ._splits import check_column, check_share, split


@dataclass
class Part:
    """Some rows: features as given, targets in float64, NaN where unobserved."""

    X: Any
    Y: np.ndarray


@dataclass
class Problem:
    """What both sides train on, stop by and are scored on."""

    names: list[str]
    train: Part
    validation: Part
    test: Part

    @property
    def n_rows(self) -> dict[str, int]:
        return {
            "train": len(self.train.Y),
            "validation": len(self.validation.Y),
            "test": len(self.test.Y),
        }


def divide(
    X: Any,
    Y: Any,
    *,
    X_test: Any,
    Y_test: Any,
    target_names: Sequence[str] | None,
    test_size: float,
    validation_fraction: float,
    groups: ArrayLike | None,
    time: ArrayLike | None,
    seed: int,
) -> Problem:
    """Check the arguments of `compare` that are rows, and divide these.

    Raises
    ------
    ValueError
        For bad shapes, shares or names, and targets without observed values.
    """
    if (X_test is None) != (Y_test is None):
        raise ValueError("X_test and Y_test must be given together.")
    targets = _target_matrix(Y, "Y")
    if _num_samples(X) != len(targets):
        raise ValueError(f"X has {_num_samples(X)} rows but Y has {len(targets)}.")
    names = _names(target_names, Y, targets.shape[1])
    train, validation, test = _split_rows(
        len(targets), X_test is None, test_size, validation_fraction, groups, time, seed
    )

    def part(rows: np.ndarray) -> Part:
        return Part(_safe_indexing(X, rows), targets[rows])

    if X_test is None:
        held_out = part(test)
    else:
        held_out = Part(X_test, _target_matrix(Y_test, "Y_test"))
        if held_out.Y.shape[1] != targets.shape[1]:
            raise ValueError(
                f"Y has {targets.shape[1]} columns but Y_test {held_out.Y.shape[1]}."
            )
    problem = Problem(names, part(train), part(validation), held_out)
    _check_observed(problem)
    return problem


def _check_observed(problem: Problem) -> None:
    for role, part in (("training", problem.train), ("test", problem.test)):
        for name, column in zip(problem.names, part.Y.T, strict=True):
            if np.isnan(column).all():
                raise ValueError(f"The {role} rows hold no observed value of {name!r}.")
    if np.isnan(problem.validation.Y).all():
        raise ValueError("The validation rows hold no observed value of any target.")


def _target_matrix(Y: Any, name: str) -> np.ndarray:
    try:
        targets = np.asarray(Y, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be numeric: {error}") from error
    if targets.ndim == 1:
        targets = targets[:, np.newaxis]
    if targets.ndim != 2 or not targets.size:
        raise ValueError(
            f"{name} must have the shape (n_samples, n_objectives). "
            f"Got {targets.shape}."
        )
    return targets


def _names(given: Sequence[str] | None, Y: Any, n_objectives: int) -> list[str]:
    if given is None:
        given = getattr(Y, "columns", [f"target{k}" for k in range(n_objectives)])
    names = [str(name) for name in given]
    if len(names) != n_objectives:
        raise ValueError(f"target_names holds {len(names)} names for {n_objectives}.")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"The targets' names hold {repeated} more than once.")
    return names


def _split_rows(
    n_rows: int,
    hold_out: bool,
    test_size: float,
    fraction: float,
    groups: ArrayLike | None,
    time: ArrayLike | None,
    seed: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Training, validation and test rows; no test rows unless ``hold_out``."""
    if groups is not None and time is not None:
        raise ValueError("Split by groups or by time, not by both.")
    check_share("validation_fraction", fraction)
    by: dict[str, Any] = {"random_state": seed}
    if groups is not None:
        by["groups"] = check_column("groups", groups, n_rows)
    if time is not None:
        by["time"] = check_column("time", time, n_rows)
    rows, test = np.arange(n_rows), np.arange(0)
    if hold_out:
        check_share("test_size", test_size)
        rows, test = split(rows, test_size, **by)
    train, validation = split(rows, fraction, **by)
    return train, validation, test


class NamedTargets:
    """Targets with names, read by estimators as a data frame, without pandas.

    Errors, warnings and ``objective_names_`` then speak of the targets as the
    report does.
    """

    def __init__(self, values: np.ndarray, names: Sequence[str]):
        self.columns = list(names)
        self.shape = values.shape
        self.dtypes = [values.dtype] * len(self.columns)
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, name: str) -> _Column:
        return _Column(self._values[:, self.columns.index(name)])


class _Column:
    def __init__(self, values: np.ndarray):
        self.dtype = values.dtype
        self._values = values

    def to_numpy(self) -> np.ndarray:
        return self._values
