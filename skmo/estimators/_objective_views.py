"""From a fitted estimator to views of its objectives."""

from __future__ import annotations

from copy import copy
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..boosting import BoostingResult
from ..objectives import Objective
from ._view import ObjectiveClassifier, ObjectiveRegressor, ObjectiveView


class ViewMixin:
    """Gives one objective as an estimator of its own."""

    _result: BoostingResult
    objective_names_: list[str]
    objectives_: list[Objective]

    def for_objective(self, objective: str | int) -> ObjectiveView:
        """One objective as a fitted estimator of its own.

        For tools that know a single target: partial dependence, permutation
        importance, calibration, ROC curves. It predicts with this estimator's trees,
        which are not copied, as they are now: a later ``fit`` does not reach it.

        Parameters
        ----------
        objective : str or int
            Its name in ``objective_names_``, or index.

        Returns
        -------
        ObjectiveRegressor, ObjectiveClassifier or ObjectiveRanker
            A classifier, with ``classes_``, ``predict`` and ``predict_proba``, for an
            objective of labels; else a regressor, with ``predict``. Both have
            ``score`` (accuracy, R²; NDCG for a label of a ranker) on the observed
            rows, ``feature_importances_``, ``n_features_in_`` and
            ``feature_names_in_``. It can be neither fitted nor cloned;
            ``FrozenEstimator`` of scikit-learn takes it where that is asked for.

        Raises
        ------
        ValueError
            If there is no such objective.
        """
        check_is_fitted(self)
        k = self._objective_index(objective)
        return self._view_class(k)(copy(self), objective)

    def _view_class(self, k: int) -> type[ObjectiveView]:
        has_classes = self._objective_classes(k) is not None
        return ObjectiveClassifier if has_classes else ObjectiveRegressor

    def _objective_index(self, objective: Any) -> int:
        """The index of an objective given by name or index."""
        names = self.objective_names_
        n_objectives = len(names)
        if isinstance(objective, str):
            if objective in names:
                return names.index(objective)
            known = ""
        elif isinstance(objective, Integral) and not isinstance(objective, bool):
            if -n_objectives <= objective < n_objectives:
                return int(objective) % n_objectives
            known = f" or an index below {n_objectives}"
        else:
            known = f" or an index below {n_objectives}"
        raise ValueError(
            f"The 'objective' parameter must be one of {names!r:.200}{known}. Got "
            f"{objective!r:.200} instead."
        )

    def _objective_classes(self, k: int) -> np.ndarray | None:
        """The classes of an objective of labels; None for real targets."""
        return None

    def _objective_output(self, X: Any, k: int) -> np.ndarray:
        """Predictions (n_samples,), or probabilities (n_samples, n_classes)."""
        predictions = self._result.coder.predict(self._raw_predict(X, [k]))
        return predictions[self._score_place(k)]

    def _score_place(self, k: int) -> int:
        """Where an objective's prediction is: all of one score have but one."""
        return 0 if self._result.coder.shares_score else k


def takes_shares(objective: Objective) -> bool:
    """Whether a probability's target may be a share such as 0.5: no label then."""
    if objective.task != "probability":
        return False
    if type(objective).check_target is Objective.check_target:
        return False  # the loss is the user's own and does not tell
    try:
        objective.check_target(np.array([0.5]))
    except ValueError:
        return False
    return True
