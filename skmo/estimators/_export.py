"""Fitted estimators as LightGBM models."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..boosting import (
    BoostingResult,
    TreeSum,
    combined_sum,
    lightgbm_objective,
    lightgbm_text,
    link_of,
    read_booster,
)
from ..objectives import OBJECTIVES, RANKING_OBJECTIVES, Objective
from ._features import FeatureEncoder

_NAMES = {cls: name for name, cls in {**RANKING_OBJECTIVES, **OBJECTIVES}.items()}


class ExportMixin:
    """Writes the shared trees and the heads as models of other libraries."""

    _result: BoostingResult
    _features: FeatureEncoder
    n_features_in_: int
    objective_names_: list[str]
    objectives_: list[Objective]

    def to_lightgbm(self) -> Any:
        """All objectives as a model of LightGBM's own, heads included.

        The model has as many trees an iteration as there are scores: one per
        objective, and one per class for "multiclass". It needs no skmo where it is
        used, by LightGBM in any language or by whatever reads LightGBM's files.

        Returns
        -------
        lightgbm.Booster
            Its ``predict(X, raw_score=True)`` gives the scores, (n_samples,
            n_scores), or (n_samples,) with one. Scores of real targets are in the
            user's units, so that they are the predictions. ``predict(X)`` gives the
            predictions where LightGBM can compute them: real targets; a single
            target of "poisson", "gamma" or "tweedie"; any number of "binary" and
            "cross_entropy" (the probabilities of 1); a single "multiclass".
            Otherwise it gives the scores, and `lightgbm_outputs` says what to do
            with them. ``save_model`` writes a file that any LightGBM from 4.0 on
            reads.

        Raises
        ------
        ValueError
            If ``fit`` was given an array with categories that LightGBM cannot hold:
            others than whole numbers from 0 to 65535.

        Notes
        -----
        A data frame with categorical columns can be passed to ``predict`` as it is,
        whatever its categories; unseen ones are missing. Other input must have them
        by their position in ``booster.pandas_categorical``. A model whose ``fit``
        was given an array reads the categories' own numbers.

        See "Exporting and serving" in the user guide for tolerances and limits.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn.datasets import make_regression
        >>> from skmo import MultiObjectiveRegressor
        >>> X, Y = make_regression(n_samples=200, n_targets=3, random_state=0)
        >>> est = MultiObjectiveRegressor(n_estimators=20, random_state=0).fit(X, Y)
        >>> booster = est.to_lightgbm()
        >>> booster.num_model_per_iteration()
        3
        >>> bool(np.allclose(booster.predict(X), est.predict(X)))
        True
        """
        check_is_fitted(self)
        return self._booster(self._tree_sum())

    def lightgbm_outputs(self) -> list[dict[str, Any]]:
        """How predictions follow from the raw scores of `to_lightgbm`.

        Returns
        -------
        list of dict
            One per objective, of numbers, strings and lists alone, so that it can be
            kept as JSON beside the model:

            ``name``
                The objective's, as in ``objective_names_``.
            ``objective``
                Its loss, by its name in `skmo.objectives` (a user's own: the class).
            ``link``
                What to apply to the scores: "identity", "exp", "sigmoid", "softmax"
                over the columns, or "sigmoid_product", the product of the columns'
                sigmoids. "custom" is ``inverse_link`` of the user's own objective.
            ``columns``
                The columns of the scores that it reads.
            ``classes``
                The labels: of both values of a sigmoid, or of the columns of a
                softmax. None for numbers.

        Examples
        --------
        >>> import numpy as np
        >>> from skmo import MultiObjectiveEstimator
        >>> rng = np.random.default_rng(0)
        >>> X = rng.normal(size=(200, 3))
        >>> Y = np.column_stack([X[:, 0] > 0, rng.poisson(2, 200)])
        >>> est = MultiObjectiveEstimator(["binary", "poisson"], n_estimators=5)
        >>> for output in est.fit(X, Y).lightgbm_outputs():
        ...     print(output["objective"], output["link"], output["columns"])
        binary sigmoid [0]
        poisson exp [1]
        """
        check_is_fitted(self)
        coder = self._result.coder
        return [
            {
                "name": name,
                "objective": _NAMES.get(type(objective), type(objective).__name__),
                "link": link_of(objective),
                "columns": list(range(columns.start, columns.stop)),
                "classes": classes,
            }
            for name, objective, columns, classes in zip(
                self.objective_names_,
                self.objectives_,
                coder.scores,
                self._output_classes(),
                strict=True,
            )
        ]

    def _output_classes(self) -> list[list | None]:
        """Each objective's labels, or None for numbers."""
        return [None] * len(self.objectives_)

    def _tree_sum(self) -> TreeSum:
        """The scores as sums of trees, in the user's units where they have such."""
        coder = self._result.coder
        factors, constants = np.ones(coder.n_scores), np.zeros(coder.n_scores)
        for k, objective in enumerate(coder.objectives):
            if link_of(objective) == "identity":
                factors[coder.scores[k]] = coder.scale[k]
                constants[coder.scores[k]] = coder.centre[k]
        return combined_sum(self._result).times(factors).plus(constants)

    def _lightgbm_objective(self) -> str | None:
        coder = self._result.coder
        return lightgbm_objective(coder.objectives, coder.n_scores)

    def _booster(self, trees: TreeSum) -> Any:
        names = getattr(self, "feature_names_in_", None)
        if names is None:
            names = [f"Column_{j}" for j in range(self.n_features_in_)]
        text = lightgbm_text(
            trees.with_categories(self._features.category_numbers()),
            objective=self._lightgbm_objective(),
            feature_names=list(names),
            pandas_categorical=self._features.frame_categories(),
        )
        return read_booster(text)
