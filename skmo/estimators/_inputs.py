"""From what ``fit`` is given to encoded rows."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from sklearn.utils import check_consistent_length

from ..boosting import observed
from ._features import FeatureEncoder
from ._prediction import PredictionMixin
from ._rows import Given, Rows
from ._targets import (
    check_domains,
    check_observed,
    check_weight,
    check_weight_order,
    is_1d,
    mask_unweighted,
)


class InputMixin(PredictionMixin):
    """Validates, encodes and splits the rows of a fit."""

    @abstractmethod
    def _fit_targets(self, columns: list[np.ndarray]) -> tuple[np.ndarray, list]:
        """Learn the targets' encoding.

        Returns
        -------
        target : ndarray of shape (n_samples, n_objectives), NaN = unobserved
        objectives : list of Objective
        """

    def _check_rows(self, given: Given, again: bool) -> Rows:
        """Validate and encode the training rows; learn names and encodings."""
        X, y = given.X, given.y
        columns = self._target_columns(y)
        if again:
            self._check_unchanged()
            X = self._features.transform(self, X)
        else:
            self._encoded_by = self._encoding_parameters()
            self._features = FeatureEncoder(self.categorical_features)
            X = self._features.fit_transform(self, X)
        check_consistent_length(X, columns[0])
        n_samples = X.shape[0]
        if n_samples < 2:
            raise ValueError(
                f"X has {n_samples} sample, but {type(self).__name__} needs at least 2 "
                "samples to learn from. Pass more rows."
            )
        weight = check_weight(given.weight, n_samples, len(columns))
        if again:
            self._check_same_targets(y, columns, "y")
            target = self._encode_targets(columns, "y")
        else:
            self._one_dimensional = is_1d(y)
            self.n_objectives_ = len(columns)
            self.objective_names_ = self._target_names(y, len(columns))
            target, self.objectives_ = self._fit_targets(columns)
        check_weight_order(given.weight, self.objective_names_)
        check_domains(self.objectives_, target, self.objective_names_)
        if not again:
            # Classes count that only held-out or unweighted rows have.
            self._n_scores = [
                objective.n_scores(observed(target, None, k)[0])
                for k, objective in enumerate(self.objectives_)
            ]
        target = self._mask(target, weight)
        check_observed(target, self._given_names, "y (with a positive weight)")
        return Rows(X, target, weight, given.query)

    def _mask(self, target: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        """The targets without those of weight 0, which must not count anywhere."""
        return mask_unweighted(target, weight)

    def _encoding_parameters(self) -> dict[str, str]:
        """The parameters that a fit bakes into its encodings, as they print."""
        params = self.get_params(deep=False)
        names = {"objective", "objectives", "categorical_features"} & set(params)
        return {name: repr(params[name]) for name in sorted(names)}

    def _check_unchanged(self) -> None:
        for name, value in self._encoding_parameters().items():
            if value != self._encoded_by[name]:
                raise ValueError(
                    f"The {name!r} parameter was changed since the last fit, from "
                    f"{self._encoded_by[name]:.200} to {value:.200}: with "
                    "warm_start=True trees are added to the old ones, so it must stay "
                    "as it was. Set warm_start=False to fit anew."
                )

    def _read_val(self, given: Given) -> Rows | None:
        """The validation rows that were passed, if any, encoded."""
        check_val_given(given.X, given.y, given.weight)
        if given.X is None:
            return None
        val = self._encode_rows(given, ("y_val", "sample_weight_val"))
        if np.isnan(val.target).all():
            raise ValueError(
                "y_val has no observed value with a positive weight in its "
                f"{len(val.target)} row(s). Pass rows that have, or neither X_val nor "
                "y_val."
            )
        return val

    def _split(self, rows: Rows, val: Rows | None) -> tuple[Rows, Rows | None]:
        """Training rows and validation rows, each with something observed."""
        if val is None and self.early_stopping is True:
            rows, val = rows.hold_out(self.validation_fraction, self._seed)
            check_observed(
                rows.target,
                self._given_names,
                "the rows left for training (pass X_val and y_val instead of "
                "early_stopping=True)",
                rows.communicator,
            )
        if val is not None:
            val = val.drop_unobserved()
        return rows.drop_unobserved(), val

    def _encode_rows(
        self, given: Given, names: tuple[str, str] = ("y", "sample_weight")
    ) -> Rows:
        """Rows as those that the encodings were learnt from; checked by themselves.

        ``names`` are what the targets and weights are called in errors.
        """
        y_name, weight_name = names
        columns = self._target_columns(given.y)
        self._check_same_targets(given.y, columns, y_name)
        X = self._features.transform(self, given.X)
        check_consistent_length(X, columns[0])
        weight = check_weight(given.weight, X.shape[0], len(columns), weight_name)
        check_weight_order(given.weight, self.objective_names_, weight_name)
        target = self._encode_targets(columns, y_name)
        check_domains(self.objectives_, target, self.objective_names_)
        return Rows(X, self._mask(target, weight), weight, given.query)


def check_val_given(X_val: Any, y_val: Any, weight_val: Any) -> None:
    """Raise ``ValueError`` for a part of validation rows without the rest."""
    if (X_val is None) != (y_val is None):
        given, absent = ("X_val", "y_val") if y_val is None else ("y_val", "X_val")
        raise ValueError(f"{given} was passed without {absent}: pass both.")
    if X_val is None and weight_val is not None:
        raise ValueError(
            "sample_weight_val was passed without X_val and y_val: pass all."
        )
