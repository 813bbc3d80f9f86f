"""What a search hands on to the model it has chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn.exceptions import NotFittedError
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted


def _model_has(name: str) -> Callable[[Any], bool]:
    """Whether there is, or will be, a chosen model with the attribute."""

    def check(search: Any) -> bool:
        _check_refit(search)
        getattr(getattr(search, "best_estimator_", search.estimator), name)
        return True

    return check


def _check_refit(search: Any) -> None:
    if not search.refit:
        raise AttributeError(
            f"{type(search).__name__} was initialised with refit=False, so there is "
            "no model in use. Pass refit=True, or fit an estimator with best_params_ "
            "yourself."
        )


class DelegateMixin:
    """Methods and attributes of ``best_estimator_``."""

    def _chosen(self) -> Any:
        _check_refit(self)
        if not hasattr(self, "best_estimator_") and hasattr(self, "pareto_estimators_"):
            raise NotFittedError("No model of the front is in use yet: call select().")
        check_is_fitted(self, "best_estimator_")
        return self.best_estimator_

    @available_if(_model_has("predict"))
    def predict(self, X: Any) -> Any:
        """Predict with the selected model.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray
            What the estimator's ``predict`` returns.
        """
        return self._chosen().predict(X)

    @available_if(_model_has("predict_proba"))
    def predict_proba(self, X: Any) -> Any:
        """Probabilities of the selected model.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray or list of ndarray
            What the estimator's ``predict_proba`` returns.
        """
        return self._chosen().predict_proba(X)

    @available_if(_model_has("predict_log_proba"))
    def predict_log_proba(self, X: Any) -> Any:
        """Logarithms of probabilities of the selected model.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray or list of ndarray
            What the estimator's ``predict_log_proba`` returns.
        """
        return self._chosen().predict_log_proba(X)

    @available_if(_model_has("decision_function"))
    def decision_function(self, X: Any) -> Any:
        """Decision function of the selected model.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray
            What the estimator's ``decision_function`` returns.
        """
        return self._chosen().decision_function(X)

    @available_if(_model_has("transform"))
    def transform(self, X: Any) -> Any:
        """Transform with the selected model.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray
            What the estimator's ``transform`` returns.
        """
        return self._chosen().transform(X)

    @property
    def n_features_in_(self) -> int:
        """The number of features; of a search that is fitted and refitted."""
        return self._chosen().n_features_in_

    @property
    def feature_names_in_(self) -> Any:
        """The features' names, where ``fit`` was given a data frame."""
        return self._chosen().feature_names_in_

    @property
    def classes_(self) -> Any:
        """The labels, where the estimator has them."""
        return self._chosen().classes_
