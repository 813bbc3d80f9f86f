"""What searches hand on to estimator, scores and folds, and what they are."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.model_selection import GroupKFold, check_cv
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    process_routing,
)

from ._evaluate import Rows, n_rows
from ._scoring import ObjectiveScores, routing_enabled


class RoutedSearchMixin:
    """For searches with the parameters ``estimator``, ``objectives`` and ``cv``."""

    def score_objectives(self, X: Any, y: Any, **params: Any) -> np.ndarray:
        """The objectives' scores of the model in use.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_objectives)
        **params : dict
            What else the scores take, such as ``sample_weight``.

        Returns
        -------
        ndarray of shape (n_objectives,)
            In the order of ``objective_names_``. Greater is better.
        """
        model = self._chosen()
        scores = self._scores
        if routing_enabled():
            routed = scores.routed(process_routing(self, "score", **params))
        else:
            scores.refuse_unknown(model, params)
            routed = scores.unrouted(model, params)
        return np.array(list(scores(model, X, y, routed).values()))

    def score(self, X: Any, y: Any = None, **params: Any) -> float:
        """The mean of the objectives' scores of the model in use.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_objectives)
        **params : dict
            What else the scores take, such as ``sample_weight``.

        Returns
        -------
        float
        """
        return float(np.mean(self.score_objectives(X, y, **params)))

    def get_metadata_routing(self) -> MetadataRouter:
        """Where metadata go; see scikit-learn's user guide on metadata routing.

        Returns
        -------
        MetadataRouter
        """
        router = MetadataRouter(owner=type(self).__name__)
        router.add(
            splitter=self.cv,
            method_mapping=MethodMapping().add(caller="fit", callee="split"),
        )
        return ObjectiveScores(self.objectives).add_to(router, self.estimator)

    def _routed_rows(
        self, X: Any, y: Any, params: Mapping[str, Any], scores: ObjectiveScores
    ) -> tuple[Rows, dict[str, Any]]:
        """The rows with the metadata of fits and scores, and those of the folds."""
        pairwise = get_tags(self.estimator).input_tags.pairwise
        if routing_enabled():
            routed = process_routing(self, "fit", **params)
            fit_params = dict(routed["estimator"]["fit"])
            _refuse_sizes(fit_params, n_rows(X))
            split_params = dict(routed["splitter"]["split"])
            return Rows(X, y, fit_params, scores.routed(routed), pairwise), split_params
        fit_params = dict(params)
        groups = fit_params.pop("groups", None)
        _refuse_sizes(fit_params, n_rows(X))
        score_params = scores.unrouted(self.estimator, fit_params)
        return Rows(X, y, fit_params, score_params, pairwise), {"groups": groups}

    def _splits(
        self, rows: Rows, split_params: dict[str, Any]
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """The folds, the same for all points of the search."""
        cv = self.cv
        queries = _queries(rows.fit_params)
        if queries is not None and (cv is None or isinstance(cv, int | np.integer)):
            # A query torn apart cannot be ranked, and leaks from fold to fold.
            cv = GroupKFold(5 if cv is None else cv)
            if split_params.get("groups") is None:
                split_params = {**split_params, "groups": queries}
        # The kind of several label columns, some of them unobserved, is not asked.
        single = np.ndim(rows.y) == 1
        cv = check_cv(cv, rows.y, classifier=single and is_classifier(self.estimator))
        splits = list(cv.split(rows.X, rows.y, **split_params))
        if not splits:
            raise ValueError(
                "No fits were performed: the 'cv' parameter must have at least one "
                f"fold. Got {self.cv!r:.200} instead."
            )
        return splits

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.estimator_type = inner.estimator_type
        tags.classifier_tags = deepcopy(inner.classifier_tags)
        tags.regressor_tags = deepcopy(inner.regressor_tags)
        tags.target_tags = deepcopy(inner.target_tags)
        tags.input_tags.pairwise = inner.input_tags.pairwise
        tags.input_tags.sparse = inner.input_tags.sparse
        tags.input_tags.allow_nan = inner.input_tags.allow_nan
        tags.input_tags.categorical = inner.input_tags.categorical
        return tags


def _queries(fit_params: Mapping[str, Any]) -> Any:
    """The query of each row, by the name it has in a pipeline's parameters, too."""
    for name, value in fit_params.items():
        if name.rpartition("__")[2] == "qid" and value is not None:
            return value
    return None


def _refuse_sizes(fit_params: Mapping[str, Any], n: int) -> None:
    for name, value in fit_params.items():
        sizes = name.rpartition("__")[2] == "group" and value is not None
        if sizes and not (np.ndim(value) and n_rows(value) == n):
            raise ValueError(
                f"{name!r} cannot be cut into folds, as it has the shape "
                f"{np.shape(value)} and not a value for each of the {n} rows. Pass the "
                "query of each row as qid: np.repeat(np.arange(len(group)), group)."
            )
        weights = name.rpartition("__")[2] == "sample_weight" and np.ndim(value)
        if weights and n_rows(value) != n:
            raise ValueError(
                f"{name!r} cannot be cut into folds, as it has {n_rows(value)} values "
                f"for {n} rows. Pass one per row: of a weight per query, each row's."
            )
