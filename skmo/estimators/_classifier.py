"""Targets of labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from ..balancing import Balancer
from ..boosting.structure import StructureRule
from ..objectives import Binary, Multiclass, Objective, get_objective
from ._base import MultiObjectiveBase
from ._docs import shared_docs
from ._labels import LabelEncoding, label_deviance_explained, one_array_holds
from ._parameters import check_objectives
from ._targets import (
    check_observed,
    check_weight,
    mask_unweighted,
    missing_values,
    target_columns,
    weight_of,
)


@shared_docs
class MultiObjectiveClassifier(ClassifierMixin, MultiObjectiveBase):
    """Gradient boosting of one or several columns of labels on shared trees.

    Binary, multilabel and multiclass-multioutput targets with labels of any
    type. One LightGBM tree a round is grown on a mixture of all columns'
    gradients and gives each a leaf value of its own (one per class where there
    are more than two).

    Parameters
    ----------
    objective : "auto", str, Objective or list of them, default="auto"
        The loss of all columns, or one per column. "auto" takes the "binary"
        log loss for columns of two classes and "multiclass" for more.
        "multiclass" uses softmax for two classes as well; an instance of your
        own loss is used for the columns it can serve.
    {parameters}

    Attributes
    ----------
    {attributes}
    classes_ : ndarray of shape (n_classes,), or list of them
        The labels; a list with one array per column for two-dimensional ``y``.
    n_classes_ : int, or list of int

    See Also
    --------
    MultiObjectiveRegressor : Real targets.
    MultiObjectiveEstimator : A mix of both.

    Notes
    -----
    A column of which ``fit`` sees one class only (a rare label in a fold) is
    reported by a `skmo.exceptions.ConstantTargetWarning` and predicted as that
    class. With NaN in ``y``, pass `GridSearchCV` and its kin a splitter such
    as ``KFold(5, shuffle=True)``: with a plain number they would ask
    scikit-learn for the type of ``y``, which refuses NaN.

    Examples
    --------
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from skmo import MultiObjectiveClassifier
    >>> X, Y = make_multilabel_classification(n_classes=3, random_state=0)
    >>> est = MultiObjectiveClassifier(random_state=0).fit(X, Y)
    >>> est.predict(X[:2]).shape
    (2, 3)
    >>> [p.shape for p in est.predict_proba(X[:2])]
    [(2, 2), (2, 2), (2, 2)]
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **MultiObjectiveBase._parameter_constraints,
        "objective": [str, Objective, type, list, tuple],
    }

    def __init__(
        self,
        objective: str | Objective | Sequence[str | Objective] = "auto",
        *,
        n_estimators: int = 100,
        learning_rate: float = 0.1,
        num_leaves: int = 31,
        max_depth: int = -1,
        min_child_samples: int = 20,
        min_split_gain: float = 0.0,
        reg_alpha: float = 0.0,
        reg_lambda: float = 0.0,
        subsample: float = 1.0,
        subsample_freq: int = 1,
        colsample_bytree: float = 1.0,
        max_bin: int = 255,
        structure: str | StructureRule = "random",
        balancer: str | Balancer = "equal",
        preference: Sequence[float] | None = None,
        heads: str = "auto",
        head_params: dict[str, Any] | None = None,
        categorical_features: Any = "from_dtype",
        early_stopping: str | bool = "auto",
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 50,
        tol: float | None = None,
        lightgbm_params: dict[str, Any] | None = None,
        warm_start: bool = False,
        on_interrupt: str = "raise",
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ):
        super().__init__(
            n_estimators=n_estimators,
            learning_rate=learning_rate,
            num_leaves=num_leaves,
            max_depth=max_depth,
            min_child_samples=min_child_samples,
            min_split_gain=min_split_gain,
            reg_alpha=reg_alpha,
            reg_lambda=reg_lambda,
            subsample=subsample,
            subsample_freq=subsample_freq,
            colsample_bytree=colsample_bytree,
            max_bin=max_bin,
            structure=structure,
            balancer=balancer,
            preference=preference,
            heads=heads,
            head_params=head_params,
            categorical_features=categorical_features,
            early_stopping=early_stopping,
            validation_fraction=validation_fraction,
            n_iter_no_change=n_iter_no_change,
            tol=tol,
            lightgbm_params=lightgbm_params,
            warm_start=warm_start,
            on_interrupt=on_interrupt,
            n_jobs=n_jobs,
            random_state=random_state,
            verbose=verbose,
        )
        self.objective = objective

    def _fit_targets(
        self, columns: list[np.ndarray]
    ) -> tuple[np.ndarray, list[Objective]]:
        self._labels = [
            LabelEncoding.learn(column, name)
            for column, name in zip(columns, self.objective_names_, strict=True)
        ]
        specs = self.objective
        if not isinstance(specs, (list, tuple)):
            specs = [specs] * len(columns)
        if len(specs) != len(columns):
            raise ValueError(
                f"The 'objective' parameter lists {len(specs)} objectives, but y has "
                f"{len(columns)} target(s): list one for each, or pass one for all."
            )
        objectives = [
            _objective_of(labels, spec)
            for labels, spec in zip(self._labels, specs, strict=True)
        ]
        check_objectives(objectives)
        classes = [labels.classes for labels in self._labels]
        n_classes = [len(labels) for labels in classes]
        self.classes_ = classes[0] if self._one_dimensional else classes
        self.n_classes_ = n_classes[0] if self._one_dimensional else n_classes
        return self._encode_targets(columns, "y"), objectives

    def _encode_targets(self, columns: list[np.ndarray], where: str) -> np.ndarray:
        return np.column_stack(
            [
                labels.encode(column, where)
                for labels, column in zip(self._labels, columns, strict=True)
            ]
        )

    def _output_classes(self) -> list[list | None]:
        return [labels.classes.tolist() for labels in self._labels]

    def _probabilities(self, raw: np.ndarray) -> list[np.ndarray]:
        probabilities = []
        for k, value in enumerate(self._result.coder.predict(raw)):
            if len(self._labels[k].classes) == 1:
                value = np.ones((len(raw), 1))
            elif value.ndim == 1:
                value = np.column_stack([1.0 - value, value])
            probabilities.append(value)
        return probabilities

    def _objective_classes(self, k: int) -> np.ndarray:
        return self._labels[k].classes

    def _objective_output(self, X: Any, k: int) -> np.ndarray:
        return self._probabilities(self._raw_predict(X, [k]))[k]

    def _predict_from(self, raw: np.ndarray) -> np.ndarray:
        predictions = [
            labels.decode(probability.argmax(axis=1))
            for labels, probability in zip(
                self._labels, self._probabilities(raw), strict=True
            )
        ]
        if self._one_dimensional:
            return predictions[0]
        if not one_array_holds([labels.classes for labels in self._labels]):
            predictions = [labels.astype(object) for labels in predictions]
        return np.column_stack(predictions)

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_classes), or list of them
            In the order of ``classes_``; a list with one array per column for
            two-dimensional ``y``.
        """
        return self._unlist(self._probabilities(self._raw_predict(X)))

    def staged_predict_proba(self, X: Any) -> Any:
        """The probability of each class after 1, 2, … trees.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)

        Yields
        ------
        ndarray of shape (n_samples, n_classes), or list of them
        """
        for raw in self._staged_raw_predict(X):
            yield self._unlist(self._probabilities(raw))

    def _unlist(self, probabilities: list[np.ndarray]) -> Any:
        return probabilities[0] if self._one_dimensional else probabilities

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Accuracy of a single column, mean deviance explained of several.

        For a one-dimensional ``y`` the accuracy, as scikit-learn expects; for a
        two-dimensional one the mean over columns of the fraction of log loss
        that the prediction explains (1 for a perfect prediction, 0 for the
        class frequencies). Unobserved labels are left out.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_objectives)
        sample_weight : array-like of shape (n_samples,) or \
(n_samples, n_objectives), default=None

        Returns
        -------
        float
        """
        return float(np.mean(self.score_objectives(X, y, sample_weight)))

    def score_objectives(self, X: Any, y: Any, sample_weight: Any = None) -> np.ndarray:
        """The numbers that `score` is the mean of.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_objectives)
        sample_weight : array-like of shape (n_samples,) or \
(n_samples, n_objectives), default=None

        Returns
        -------
        ndarray of shape (n_objectives,)
        """
        check_is_fitted(self)
        columns = target_columns(y, type(self).__name__)
        self._check_same_targets(y, columns, "y")
        probabilities = self._probabilities(self._raw_predict(X))
        check_consistent_length(probabilities[0], columns[0])
        weight = check_weight(sample_weight, len(columns[0]), len(columns))
        known = np.column_stack([~missing_values(column) for column in columns])
        observed = np.where(known, 0.0, np.nan)
        check_observed(
            mask_unweighted(observed, weight),
            self.objective_names_,
            "y (with a positive weight)",
        )
        if self._one_dimensional:
            known = known[:, 0]
            prediction = self._labels[0].decode(probabilities[0].argmax(axis=1))
            weight = None if weight is None else weight[known, 0]
            accuracy = accuracy_score(
                columns[0][known], prediction[known], sample_weight=weight
            )
            return np.array([accuracy])
        explained = [
            label_deviance_explained(
                labels,
                column,
                probability,
                weight_of(weight, k),
            )
            for k, (labels, column, probability) in enumerate(
                zip(self._labels, columns, probabilities, strict=True)
            )
        ]
        return np.array(explained)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _objective_of(labels: LabelEncoding, spec: Any) -> Objective:
    """The objective of a column of labels, as far as the user's can serve it."""
    few = len(labels.classes) <= 2
    if isinstance(spec, str) and spec == "auto":
        return Binary() if few else Multiclass()
    objective = get_objective(spec)
    if objective.task == "regression":
        raise ValueError(
            f"The 'objective' parameter holds {objective!r}, which predicts real "
            "values. Use MultiObjectiveRegressor, or MultiObjectiveEstimator for a mix "
            "of objectives."
        )
    if not few and not objective.multi_score:
        return Multiclass()
    return Binary() if len(labels.classes) == 1 else objective
