"""A fitted model's answers beside the targets, column by column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils import check_consistent_length

from ..estimators._labels import LabelEncoding
from ..estimators._targets import (
    real_targets,
    target_columns,
    target_names,
)
from ..objectives import Objective
from ._natural import NamedScore, label_score, natural_score
from ._scores import r2_score


class Responses:
    """What a model of several targets says of some rows, and the truth.

    Parameters
    ----------
    estimator : estimator
        Of skmo or scikit-learn, fitted; a pipeline or a search of one, too.
    X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
    y : array-like or DataFrame of shape (n_samples, n_objectives) or (n_samples,)

    Attributes
    ----------
    names : list of str
        Of the objectives.
    n_samples : int
    """

    def __init__(self, estimator: Any, X: Any, y: Any):
        self._estimator, self._X = estimator, X
        self._model = _final_model(estimator)
        self._columns = target_columns(y, type(self._model).__name__)
        check_consistent_length(X, self._columns[0])
        self.n_samples, n = len(self._columns[0]), len(self._columns)
        self.names = list(
            getattr(self._model, "objective_names_", None) or target_names(y, n)
        )
        if len(self.names) != n:
            raise ValueError(
                f"y has {n} target(s), but the scored {type(self._model).__name__} "
                f"has {len(self.names)}: pass the targets it was fitted with."
            )
        self._kept: dict[str, list[Any]] = {}

    def place(self, objective: int | str) -> int:
        """The column of an objective given by its index or name."""
        n = len(self.names)
        if isinstance(objective, str):
            if objective not in self.names:
                raise ValueError(
                    "The 'objective' parameter must name one of "
                    f"{self.names}. Got {objective!r:.200} instead."
                )
            return self.names.index(objective)
        if not -n <= objective < n:
            raise ValueError(
                f"The 'objective' parameter must be an index below {n}, the number of "
                f"objectives. Got {objective!r} instead."
            )
        return int(objective) % n

    def has_labels(self, k: int) -> bool:
        """Whether the column holds labels, of any type, rather than numbers."""
        return is_classifier(self._model) or self._task(k) == "classification"

    def has_probabilities(self, k: int) -> bool:
        return self._probabilities()[k] is not None

    def numbers(self, k: int) -> np.ndarray:
        """Targets in float64, NaN where unobserved."""
        return real_targets([self._columns[k]], [self.names[k]])[:, 0]

    def prediction(self, k: int) -> np.ndarray:
        """Column ``k`` of ``predict``."""
        return self._once("predict", self._predict)[k]

    def codes(self, k: int) -> np.ndarray:
        """Targets as the indices of the probabilities' classes.

        NaN where unobserved, which a class that training lacked counts as.
        """
        if not self.has_labels(k):
            return self.numbers(k)  # 0 and 1, or soft labels
        labels = LabelEncoding(self._classes()[k], self.names[k])
        codes = labels.codes(self._columns[k]).astype(np.float64)
        codes[codes < 0] = np.nan
        return codes

    def probabilities(self, k: int) -> np.ndarray:
        """(n_samples, n_classes)."""
        return self._probabilities()[k]

    def probability_of_1(self, k: int) -> np.ndarray:
        """Of the second of two classes, (n_samples,); 0 if training had but one."""
        probabilities = self.probabilities(k)
        if probabilities.shape[1] == 1:
            return np.zeros(len(probabilities))
        return probabilities[:, -1]

    def natural(self, k: int) -> NamedScore:
        """The score that :func:`skmo.compare` judges the objective by."""
        objectives: Sequence[Objective] | None
        objectives = getattr(self._model, "objectives_", None)
        if is_classifier(self._model):
            return label_score(len(self._classes()[k]))
        return ("R2", r2_score) if objectives is None else natural_score(objectives[k])

    def _task(self, k: int) -> str:
        objectives = getattr(self._model, "objectives_", None)
        return "regression" if objectives is None else objectives[k].task

    def _once(self, what: str, compute: Callable[[], list[Any]]) -> list[Any]:
        if what not in self._kept:
            self._kept[what] = compute()
        return self._kept[what]

    def _predict(self) -> list[np.ndarray]:
        predicted = self._estimator.predict(self._X)
        return list(np.asarray(predicted).reshape(-1, len(self.names)).T)

    def _probabilities(self) -> list[np.ndarray | None]:
        return self._once("predict_proba", self._predict_proba)

    def _predict_proba(self) -> list[Any]:
        n = len(self.names)
        if not hasattr(self._estimator, "predict_proba"):
            return [None] * n
        found = self._estimator.predict_proba(self._X)
        if isinstance(found, list):
            return found
        found = np.asarray(found)
        # One column of labels, or scikit-learn's multilabel form: P(1) of each.
        return [found] if n == 1 else [np.column_stack([1 - p, p]) for p in found.T]

    def _classes(self) -> list[np.ndarray]:
        classes = self._estimator.classes_
        if len(self.names) == 1:
            classes = [classes] if np.ndim(classes[0]) == 0 else classes
        elif np.ndim(classes[0]) == 0:
            classes = [np.array([0, 1])] * len(self.names)
        return [np.asarray(labels) for labels in classes]


def two_values(responses: Responses, k: int, metric: str) -> np.ndarray:
    """The column's targets as 0 and 1."""
    name, y = responses.names[k], responses.codes(k)
    n_classes = 2
    if responses.has_labels(k):
        n_classes = responses.probabilities(k).shape[1]
    seen = np.unique(y[~np.isnan(y)])
    if n_classes > 2 or not np.isin(seen, (0, 1)).all():
        what = f"{n_classes} classes" if n_classes > 2 else f"values such as {seen[-1]}"
        raise ValueError(
            f"metric={metric!r} scores targets of two values, 0 and 1 or two labels, "
            f"but objective {name!r} has {what}. Use metric='auto', or name the "
            "'objective' to score."
        )
    return y


def refuse_labels(responses: Responses, k: int, metric: str) -> None:
    """Raise ``ValueError`` for a column of labels, which have no error in units."""
    if responses.has_labels(k):
        raise ValueError(
            f"metric={metric!r} scores numbers, but objective "
            f"{responses.names[k]!r} holds labels. Use metric='auto', 'roc_auc' or "
            "'neg_log_loss'."
        )


def refuse_no_probabilities(responses: Responses, k: int, metric: str) -> None:
    """Raise ``ValueError`` where the model gives no probabilities."""
    if not responses.has_probabilities(k):
        raise ValueError(
            f"metric={metric!r} scores probabilities, but the model has none for "
            f"objective {responses.names[k]!r}. Use metric='auto', name another "
            "'objective', or score a model with predict_proba."
        )


def _final_model(estimator: Any) -> Any:
    """The model within pipelines and searches."""
    while True:
        if hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        elif hasattr(estimator, "steps"):
            estimator = estimator.steps[-1][1]
        else:
            return estimator
