"""Columns of labels: their classes, and indices into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.multiclass import check_classification_targets

from ..exceptions import ConstantTargetWarning, warn_user
from ._targets import missing_values, refuse_infinite

# Probability below which a label counts as impossible.
_IMPOSSIBLE = 1e-15
# Up to here float64 holds every whole number.
_EXACT = 2.0**53


@dataclass(frozen=True)
class LabelEncoding:
    """The classes of one column of labels.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
        Sorted.
    name : str
        The column's, for messages.
    """

    classes: np.ndarray
    name: str

    @classmethod
    def learn(cls, column: np.ndarray, name: str) -> LabelEncoding:
        """Find the classes of the observed labels.

        Raises
        ------
        ValueError
            For labels that are continuous or of types that cannot be ordered,
            or a column without an observed label.
        """
        values = _values(column)
        if len(values) == 0:
            raise ValueError(
                f"Target {name!r} has no observed value in y: all {len(column)} are "
                "NaN. Drop the column, or pass rows that have one."
            )
        refuse_infinite(column, name, "y")
        try:
            classes = np.unique(values)
        except TypeError as error:
            raise ValueError(
                f"Target {name!r} mixes labels of types that cannot be ordered: "
                f"{sorted({type(v).__name__ for v in values})}. Use one type."
            ) from error
        try:
            check_classification_targets(values)
        except ValueError as error:
            raise ValueError(
                f"Target {name!r} must hold labels; got {_no_label(values)!r:.200}. "
                f"{error} For real values use MultiObjectiveRegressor, or an objective "
                "of them."
            ) from error
        if column.dtype.kind == "f" and np.isnan(column).any():
            # Whole numbers are floats here only because NaN marks the missing.
            classes = classes.astype(np.int64)
        warn_if_constant(classes, name)
        return cls(classes, name)

    def codes(self, column: np.ndarray, where: str = "y") -> np.ndarray:
        """Indices into ``classes``: -1 for an unseen label, -2 for a missing one."""
        refuse_infinite(column, self.name, where)
        missing = missing_values(column)
        codes = np.full(len(column), -2)
        values = _values(column)
        try:
            index = np.searchsorted(self.classes, values)
        except TypeError:  # labels of another type than those seen
            place = {label: i for i, label in enumerate(self.classes.tolist())}
            codes[~missing] = [place.get(label, -1) for label in values.tolist()]
            return codes
        index = np.minimum(index, len(self.classes) - 1)
        codes[~missing] = np.where(self.classes[index] == values, index, -1)
        return codes

    def encode(self, column: np.ndarray, where: str = "y") -> np.ndarray:
        """Indices as float64, NaN where unobserved; an unseen label is an error."""
        codes = self.codes(column, where)
        if (codes == -1).any():
            label = column[codes == -1][:1].tolist()[0]
            raise ValueError(
                f"Target {self.name!r} holds {label!r:.200} in {where}, which is not "
                f"among the classes seen in training: {shortened(self.classes)}. Drop "
                "those rows or set them to NaN."
            )
        return np.where(codes == -2, np.nan, codes)

    def decode(self, index: np.ndarray) -> np.ndarray:
        return self.classes[index]


def _values(column: np.ndarray) -> np.ndarray:
    """The observed labels; those of an object column as a plain array."""
    values = column[~missing_values(column)]
    if values.dtype.kind == "O" and len({type(v) for v in values}) == 1:
        plain = np.array(values.tolist())
        if plain.ndim == 1 and plain.dtype.kind in "biuf":
            return plain
    return values


def one_array_holds(classes: Sequence[np.ndarray]) -> bool:
    """Whether one array can hold the labels of all columns, as they are.

    It can if they are of one kind, or numbers that floats hold exactly: whole numbers
    beside fractions, or beside a column that NaN made one of floats.
    """
    kinds = {labels.dtype.kind for labels in classes}
    if len(kinds) == 1:
        return True
    return kinds <= {*"iuf"} and all(
        labels.dtype.kind == "f" or np.abs(labels.astype(float)).max() <= _EXACT
        for labels in classes
    )


def _no_label(values: np.ndarray) -> Any:
    """The first value that is no whole number, or the first of all."""
    if values.dtype.kind == "f":
        values = values[values % 1 != 0]
    return values[:1].tolist()[0]


def shortened(classes: np.ndarray) -> str:
    """The classes for a message: the first ten, and how many there are."""
    if len(classes) <= 10:
        return str(classes.tolist())
    first = ", ".join(map(repr, classes[:10].tolist()))
    return f"[{first}, …] ({len(classes)} classes)"


def warn_if_constant(labels: np.ndarray, name: str) -> None:
    """Warn about a column of labels with a single observed class."""
    classes = np.unique(labels[~missing_values(labels)])
    if len(classes) == 1:
        warn_user(
            f"Target {name!r} holds one class, {classes.tolist()[0]!r}: it will always "
            "be predicted.",
            ConstantTargetWarning,
        )


def label_deviance_explained(
    labels: LabelEncoding,
    column: np.ndarray,
    probability: np.ndarray,
    weight: Any,
) -> float:
    """The fraction of a column's log loss that probabilities explain.

    A label not seen in training has probability 0, counted as 1e-15. A column
    with one label only has no deviance to explain: 1 if that label is certain,
    else 0.
    """
    codes = labels.codes(column)
    known = codes > -2
    weight = np.ones(len(column)) if weight is None else weight
    codes, probability, weight = codes[known], probability[known], weight[known]
    chosen = np.where(codes >= 0, probability[np.arange(len(codes)), codes], 0.0)
    loss = -np.average(np.log(np.maximum(chosen, _IMPOSSIBLE)), weights=weight)
    share = np.bincount(codes + 1, weight) / weight.sum()
    share = share[share > 0]
    constant = -np.sum(share * np.log(share))
    if constant <= 0.0:
        return 1.0 if loss <= 0.0 else 0.0
    return float(1.0 - loss / constant)
