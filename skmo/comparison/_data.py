"""The rows and targets of a comparison, checked and divided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import _num_samples

from ._splits import check_column, check_folds, check_share, folds, split
from ._targets import Targets, label_targets, numeric_targets


@dataclass
class Part:
    """Some rows: features and targets as given."""

    X: Any
    Y: Targets


@dataclass
class Fold:
    """What all sides train on, stop by and are scored on."""

    train: Part
    validation: Part
    test: Part


@dataclass
class Problem:
    """The folds' rows, one fold unless cross-validated.

    Attributes
    ----------
    whole : Part
        All rows.
    rows : list of (training, validation, test rows)
    held_out : Part or None
        The test rows, if they are not among those of ``whole``.
    n_classes : list of int
        Different observed values per target, of all rows.
    """

    names: list[str]
    whole: Part
    rows: list[tuple[np.ndarray, np.ndarray, np.ndarray]]
    held_out: Part | None
    n_classes: list[int]

    def fold(self, number: int) -> Fold:
        parts = [self._part(rows) for rows in self.rows[number]]
        if self.held_out is not None:
            parts[-1] = self.held_out
        return Fold(*parts)

    def _part(self, rows: np.ndarray) -> Part:
        return Part(_safe_indexing(self.whole.X, rows), self.whole.Y.take(rows))

    @property
    def n_rows(self) -> dict[str, int]:
        """Rows per part, the mean over folds."""
        sizes = np.array([[len(part) for part in rows] for rows in self.rows])
        if self.held_out is not None:
            sizes[:, -1] = len(self.held_out.Y)
        means = sizes.mean(axis=0).round().astype(int).tolist()
        return dict(zip(("train", "validation", "test"), means, strict=True))


def divide(
    X: Any,
    Y: Any,
    *,
    labels: bool,
    X_test: Any,
    Y_test: Any,
    cv: Any,
    target_names: Sequence[str] | None,
    test_size: float,
    validation_fraction: float,
    groups: ArrayLike | None,
    time: ArrayLike | None,
    seed: int,
) -> Problem:
    """Check the arguments of `compare` that are rows, and divide these.

    ``labels`` keeps targets of any type; else they must be numbers.

    Raises
    ------
    ValueError
        For bad shapes, shares, folds or names, and targets without observed
        values.
    """
    if (X_test is None) != (Y_test is None):
        given = "Y_test" if X_test is None else "X_test"
        raise ValueError(
            "The 'X_test' and 'Y_test' parameters of compare must be given together. "
            f"Got {given} alone: pass both or neither."
        )
    if cv is not None:
        check_folds(cv)
        if X_test is not None:
            raise ValueError(
                "The 'cv' parameter of compare tests on rows of X in turn. Got "
                f"cv={cv!r:.200} and X_test: give either cv or X_test and Y_test."
            )
    read = label_targets if labels else numeric_targets
    columns = read(Y, "Y")
    if _num_samples(X) != len(columns[0]):
        raise ValueError(
            f"X has {_num_samples(X)} rows but Y has {len(columns[0])}: pass a row of "
            "Y for each of X."
        )
    names = _names(target_names, Y, len(columns))
    whole = Part(X, Targets(columns, names))
    held_out = None
    if X_test is not None:
        held_out = _held_out(X_test, Y_test, read, whole)
    rows = _divided_rows(
        whole, held_out, cv, test_size, validation_fraction, groups, time, seed
    )
    observed = whole.Y.observed()
    n_classes = [
        len(set(column[known].tolist()))
        for column, known in zip(columns, observed.T, strict=True)
    ]
    problem = Problem(names, whole, rows, held_out, n_classes)
    _check_observed(problem, observed)
    return problem


def _held_out(
    X_test: Any, Y_test: Any, read: Callable[..., list[np.ndarray]], whole: Part
) -> Part:
    columns = read(Y_test, "Y_test")
    names = whole.Y.columns
    if len(columns) != len(names):
        raise ValueError(
            f"Y has {len(names)} columns but Y_test has {len(columns)}: pass the same "
            "targets in both."
        )
    if _num_samples(X_test) != len(columns[0]):
        raise ValueError(
            f"X_test has {_num_samples(X_test)} rows but Y_test has {len(columns[0])}: "
            "pass a row of Y_test for each of X_test."
        )
    return Part(X_test, Targets(columns, names))


def _check_observed(problem: Problem, observed: np.ndarray) -> None:
    """Every target is learnt in every fold, and tested in one at least."""
    several = len(problem.rows) > 1
    tested = np.zeros(len(problem.names), dtype=bool)
    for number, (train, validation, test) in enumerate(problem.rows, 1):
        where = f" of fold {number}" if several else ""
        _refuse_unobserved(problem, observed[train].any(axis=0), "training", where)
        if not observed[validation].any():
            raise ValueError(
                f"The {len(validation)} validation rows{where} hold no observed value "
                "of any target: raise the 'validation_fraction' parameter of compare, "
                "or leave out rows of Y without a value."
            )
        if problem.held_out is None:
            tested |= observed[test].any(axis=0)
        else:
            tested |= problem.held_out.Y.observed().any(axis=0)
    _refuse_unobserved(problem, tested, "test", "")


def _refuse_unobserved(
    problem: Problem, seen: np.ndarray, role: str, where: str
) -> None:
    for name, known in zip(problem.names, seen, strict=True):
        if not known:
            raise ValueError(
                f"The {role} rows{where} hold no observed value of {name!r}: leave it "
                "out of Y, or add rows that observe it."
            )


def _names(given: Sequence[str] | None, Y: Any, n_objectives: int) -> list[str]:
    if given is None:
        given = getattr(Y, "columns", [f"target{k}" for k in range(n_objectives)])
    names = [str(name) for name in given]
    if len(names) != n_objectives:
        raise ValueError(
            "The 'target_names' parameter of compare must hold a name for each column "
            f"of Y, {n_objectives} in all. Got {names!r:.200} instead, {len(names)} in "
            "all."
        )
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(
            f"The targets' names hold {repeated} more than once: rename columns of Y, "
            "or pass other names as 'target_names'."
        )
    return names


def _divided_rows(
    whole: Part,
    held_out: Part | None,
    cv: Any,
    test_size: float,
    fraction: float,
    groups: ArrayLike | None,
    time: ArrayLike | None,
    seed: int,
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Training, validation and test rows of each fold."""
    n_rows = len(whole.Y)
    if groups is not None and time is not None:
        raise ValueError(
            "The 'groups' and 'time' parameters of compare exclude each other. Got "
            "both: pass one of them."
        )
    check_share("validation_fraction", fraction)
    by: dict[str, Any] = {"random_state": seed}
    if groups is not None:
        by["groups"] = check_column("groups", groups, n_rows)
    if time is not None:
        by["time"] = check_column("time", time, n_rows)
    if cv is not None:
        y = whole.Y.values[0] if len(whole.Y.columns) == 1 else None
        pairs = folds(cv, n_rows, y=y, **by)
    elif held_out is not None:
        pairs = [(np.arange(n_rows), np.arange(0))]
    else:
        check_share("test_size", test_size)
        pairs = [split(np.arange(n_rows), test_size, **by)]
    return [(*split(learn, fraction, **by), test) for learn, test in pairs]
