"""Real targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from sklearn.base import RegressorMixin

from ..balancing import Balancer
from ..boosting.structure import StructureRule
from ..objectives import Objective, get_objective
from ._base import MultiObjectiveBase
from ._docs import shared_docs
from ._parameters import check_objectives
from ._targets import check_observed, real_targets


@shared_docs
class MultiObjectiveRegressor(RegressorMixin, MultiObjectiveBase):
    """Gradient boosting of several real targets on shared trees.

    One LightGBM tree a round is grown on a mixture of all targets' gradients
    and gives each target a leaf value of its own.

    Parameters
    ----------
    objective : str, Objective or list of them, default="squared_error"
        The loss of all targets, or one per target: a name from
        `skmo.objectives.OBJECTIVES`, an instance with parameters or a subclass
        of your own.
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    MultiObjectiveClassifier : Targets of labels.
    MultiObjectiveEstimator : A mix of both.

    References
    ----------
    Friedman, "Greedy function approximation: a gradient boosting machine",
    Annals of Statistics 29 (2001). Ke et al., "LightGBM: a highly efficient
    gradient boosting decision tree", NeurIPS 2017. Iosipoi and Vakhrushev,
    "SketchBoost: fast gradient boosted decision tree for multioutput
    problems", NeurIPS 2022.

    Examples
    --------
    >>> from sklearn.datasets import make_regression
    >>> from skmo import MultiObjectiveRegressor
    >>> X, Y = make_regression(n_samples=500, n_targets=3, random_state=0)
    >>> est = MultiObjectiveRegressor(random_state=0).fit(X, Y)
    >>> est.predict(X[:2]).shape
    (2, 3)
    >>> est.score(X, Y) > 0.8
    True
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **MultiObjectiveBase._parameter_constraints,
        "objective": [str, Objective, type, list, tuple],
    }

    def __init__(
        self,
        objective: str | Objective | Sequence[str | Objective] = "squared_error",
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
        target = real_targets(columns, self.objective_names_)
        check_observed(target, self.objective_names_)
        specs = self.objective
        if not isinstance(specs, (list, tuple)):
            specs = [specs] * len(columns)
        if len(specs) != len(columns):
            raise ValueError(
                f"The 'objective' parameter lists {len(specs)} objectives, but y has "
                f"{len(columns)} target(s): list one for each, or pass one for all."
            )
        objectives = [get_objective(spec) for spec in specs]
        check_objectives(objectives)
        for objective in objectives:
            if objective.task == "classification":
                raise ValueError(
                    f"The 'objective' parameter holds {objective!r}, which predicts "
                    "classes. Use MultiObjectiveClassifier, or MultiObjectiveEstimator "
                    "for a mix of objectives."
                )
        return target, objectives

    def _encode_targets(self, columns: list[np.ndarray], where: str) -> np.ndarray:
        return real_targets(columns, self.objective_names_, where)

    def _predict_from(self, raw: np.ndarray) -> np.ndarray:
        predictions = self._result.coder.predict_columns(raw)
        return predictions[:, 0] if self._one_dimensional else predictions

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The mean over targets of the fraction of deviance explained.

        With squared error this is R², with other objectives their D²: 1 for a
        perfect prediction, 0 for the best constant. Unobserved targets are
        left out.

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
        return self._explained_by(self._raw_predict(X), y, sample_weight)
