"""One objective of a fitted estimator, as an estimator of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import _safe_indexing, check_consistent_length

from ._targets import missing_values, target_columns

if TYPE_CHECKING:
    from ._base import MultiObjectiveBase


class ObjectiveView(BaseEstimator):
    """One objective of a fitted estimator: what the views below share.

    Parameters
    ----------
    estimator : fitted estimator of skmo
    objective : str or int
        Its name or index.

    Attributes
    ----------
    feature_importances_ : ndarray of shape (n_features,)
        The objective's row of the estimator's ``objective_importances_``.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features,)
        Where the estimator was fitted on string column names.
    """

    def __init__(self, estimator: MultiObjectiveBase, objective: str | int):
        self.estimator = estimator
        self.objective = objective

    def _index(self) -> int:
        return self.estimator._objective_index(self.objective)

    def _name(self) -> str:
        return self.estimator.objective_names_[self._index()]

    def _output(self, X: Any) -> np.ndarray:
        return self.estimator._objective_output(X, self._index())

    def fit(self, X: Any = None, y: Any = None, **params: Any) -> NoReturn:
        """Raise an error: an objective is not trained by itself.

        Raises
        ------
        TypeError
            Always.
        """
        raise TypeError(
            f"{self._word()} cannot be fitted, as all objectives are trained "
            f"together: fit the {type(self.estimator).__name__} and call its "
            "for_objective again. Where scikit-learn would fit it, pass "
            "FrozenEstimator(view) of sklearn.frozen."
        )

    def __sklearn_clone__(self) -> NoReturn:
        raise TypeError(
            f"{self._word()} cannot be cloned, as a clone is not fitted and it can "
            "only be made from a fitted estimator. Pass FrozenEstimator(view) of "
            "sklearn.frozen, which clones to itself, or clone the "
            f"{type(self.estimator).__name__}."
        )

    def _word(self) -> str:
        return f"A view of the objective {self.objective!r}"

    def __sklearn_is_fitted__(self) -> bool:
        return self.estimator.__sklearn_is_fitted__()

    @property
    def n_features_in_(self) -> int:
        return self.estimator.n_features_in_

    @property
    def feature_names_in_(self) -> np.ndarray:
        return self.estimator.feature_names_in_

    @property
    def feature_importances_(self) -> np.ndarray:
        return self.estimator.objective_importances_[self._index()]

    def predict_contrib(self, X: Any) -> np.ndarray:
        """What each feature contributes to the objective's score: SHAP values.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_features + 1)
            With the expected score last, see ``predict_contrib`` of the estimator;
            (n_samples, n_classes, n_features + 1) for several classes.
        """
        scores = self.estimator._result.coder.scores[self._index()]
        found = self.estimator._contributions(X, scores)
        return found[:, 0] if found.shape[1] == 1 else found

    def to_lightgbm(self) -> Any:
        """The objective alone as a model of LightGBM's own, its head included.

        Returns
        -------
        lightgbm.Booster
            With one tree an iteration, or one per class. ``predict(X)`` gives the
            prediction, of a binary label the probability of the second class, of a
            funnel's stage that given the one before; ``predict(X, raw_score=True)``
            the score that `predict_contrib` explains.
        """
        return self.estimator._objective_booster(self._index())

    def _column(self, y: Any) -> np.ndarray:
        """The one target that the view is scored by."""
        columns = target_columns(y, type(self).__name__)
        if len(columns) != 1:
            raise ValueError(
                f"y must hold the target {self._name()!r} alone, shape (n_samples,). "
                f"Got {len(columns)} columns: leave the others out."
            )
        return columns[0]

    def _observed(self, X: Any, y: Any, weight: Any) -> tuple[Any, np.ndarray, Any]:
        """The rows whose target was observed."""
        column = self._column(y)
        check_consistent_length(X, column, weight)
        kept = np.flatnonzero(~missing_values(column))
        if len(kept) == len(column):
            return X, column, weight
        if not len(kept):
            raise ValueError(
                f"Target {self._name()!r} has no observed value in y: all "
                f"{len(column)} are NaN. Pass rows that have one."
            )
        weight = None if weight is None else np.asarray(weight)[kept]
        X = X.tocsr() if hasattr(X, "tocsr") else X
        # Numbers may be objects because None stood among them.
        return _safe_indexing(X, kept), np.array(column[kept].tolist()), weight

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags = self.estimator.__sklearn_tags__().input_tags
        return tags


class ObjectiveRegressor(RegressorMixin, ObjectiveView):
    """The predictions of one real-valued objective.

    Made by ``for_objective`` of a fitted estimator; it cannot be fitted.

    Parameters
    ----------
    estimator : fitted estimator of skmo
    objective : str or int

    Examples
    --------
    >>> from sklearn.datasets import make_regression
    >>> from skmo import MultiObjectiveRegressor
    >>> X, Y = make_regression(n_samples=200, n_targets=2, random_state=0)
    >>> est = MultiObjectiveRegressor(n_estimators=20, random_state=0).fit(X, Y)
    >>> second = est.for_objective(1)
    >>> bool((second.predict(X) == est.predict(X)[:, 1]).all())
    True
    """

    def predict(self, X: Any) -> np.ndarray:
        """Predict the objective.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        return self._output(X)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """R² on the rows whose target was observed.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
            The objective's target, NaN where unobserved.
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        float
        """
        return super().score(*self._observed(X, y, sample_weight))


class ObjectiveClassifier(ClassifierMixin, ObjectiveView):
    """The predictions of one objective of labels.

    Made by ``for_objective`` of a fitted estimator; it cannot be fitted.

    Parameters
    ----------
    estimator : fitted estimator of skmo
    objective : str or int

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)

    Examples
    --------
    >>> from skmo import MultiObjectiveEstimator
    >>> from skmo.datasets import make_feed
    >>> X, Y = make_feed(n_samples=500, random_state=0)
    >>> est = MultiObjectiveEstimator(n_estimators=20, random_state=0).fit(X, Y)
    >>> click = est.for_objective(0)
    >>> click.classes_, click.predict_proba(X).shape
    (array([0, 1]), (500, 2))
    """

    @property
    def classes_(self) -> np.ndarray:
        return self.estimator._objective_classes(self._index())

    def predict(self, X: Any) -> np.ndarray:
        """Predict the likeliest label.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        return self.classes_[self._output(X).argmax(axis=1)]

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        return self._output(X)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Accuracy on the rows whose label was observed.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
            The objective's labels, NaN where unobserved.
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        float
        """
        X, y, sample_weight = self._observed(X, y, sample_weight)
        if y.dtype.kind == "f" and self.classes_.dtype.kind in "iu":
            y = _whole(y)  # floats because NaN stood among them
        return super().score(X, y, sample_weight)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = len(self.classes_) > 2
        return tags


def _whole(labels: np.ndarray) -> np.ndarray:
    whole = labels.astype(np.int64)
    return whole if (whole == labels).all() else labels
