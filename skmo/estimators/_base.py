"""What all estimators share: validate, encode, boost, publish."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import closing
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_consistent_length

from .._registry import resolve
from ..balancing import BALANCERS, Balancer
from ..boosting import (
    BoostingResult,
    Forest,
    LeafSettings,
    SharedBooster,
    TargetCoder,
    TargetRows,
    TreeGrower,
    bagging_seed,
    check_lightgbm_params,
    observed,
)
from ..boosting.structure import STRUCTURE_RULES, StructureRule
from ..exceptions import NoTreesWarning, warn_user
from ._features import FeatureEncoder
from ._parameters import (
    PARAMETER_CONSTRAINTS,
    check_preference,
    check_subsample,
    draw_seed,
)
from ._prediction import PredictionMixin
from ._progress import print_progress
from ._rows import Rows, warn_unwatched
from ._sklearn import fit_context
from ._targets import (
    check_domains,
    check_observed,
    check_weight,
    is_1d,
    mask_unweighted,
    target_columns,
    target_names,
)
from ._training import BoosterInputs, gain_shares, history_arrays, restored_on_error


class MultiObjectiveBase(PredictionMixin, BaseEstimator, ABC):
    """Base of the multi-objective estimators."""

    _parameter_constraints: ClassVar[dict[str, list]] = PARAMETER_CONSTRAINTS

    def __init__(
        self,
        *,
        n_estimators: int,
        learning_rate: float,
        num_leaves: int,
        max_depth: int,
        min_child_samples: int,
        min_split_gain: float,
        reg_alpha: float,
        reg_lambda: float,
        subsample: float,
        subsample_freq: int,
        colsample_bytree: float,
        max_bin: int,
        structure: str | StructureRule,
        balancer: str | Balancer,
        preference: Sequence[float] | None,
        categorical_features: Any,
        early_stopping: str | bool,
        validation_fraction: float,
        n_iter_no_change: int,
        tol: float,
        lightgbm_params: dict[str, Any] | None,
        warm_start: bool,
        n_jobs: int | None,
        random_state: Any,
        verbose: int,
    ):
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.max_depth = max_depth
        self.min_child_samples = min_child_samples
        self.min_split_gain = min_split_gain
        self.reg_alpha = reg_alpha
        self.reg_lambda = reg_lambda
        self.subsample = subsample
        self.subsample_freq = subsample_freq
        self.colsample_bytree = colsample_bytree
        self.max_bin = max_bin
        self.structure = structure
        self.balancer = balancer
        self.preference = preference
        self.categorical_features = categorical_features
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.lightgbm_params = lightgbm_params
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @abstractmethod
    def _fit_targets(self, columns: list[np.ndarray]) -> tuple[np.ndarray, list]:
        """Learn the targets' encoding.

        Returns
        -------
        target : ndarray of shape (n_samples, n_objectives), NaN = unobserved
        objectives : list of Objective
        """

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> MultiObjectiveBase:
        """Train all objectives together.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            NaN counts as missing.
        y : array-like of shape (n_samples,) or (n_samples, n_objectives)
            NaN (or None) where a target was not observed: such an entry has no
            effect on its objective, and the row still serves the others.
        sample_weight : array-like of shape (n_samples,) or \
(n_samples, n_objectives), default=None
            Weight of each row, or of each target of each row.
        X_val, y_val : default=None
            Validation rows, for early stopping and ``history_``.
        sample_weight_val : default=None
            Their weights.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            For bad input, before anything is trained.
        """
        with restored_on_error(self):
            structure = resolve(
                self.structure, STRUCTURE_RULES, StructureRule, "structure"
            )
            balancer = resolve(self.balancer, BALANCERS, Balancer, "balancer")
            params = check_lightgbm_params(self.lightgbm_params)
            with closing(
                self._prepare(
                    params, X, y, sample_weight, X_val, y_val, sample_weight_val
                )
            ) as inputs:
                booster = SharedBooster(
                    structure,
                    balancer,
                    preference=check_preference(self.preference, self.n_objectives_),
                    leaves=self._leaf_settings(params),
                    n_estimators=self.n_estimators,
                    patience=self.n_iter_no_change if self.early_stopping else None,
                    tol=self.tol,
                    seed=self._seed,
                    report=print_progress(self.verbose, self.objective_names_),
                )
                self._publish(booster.fit(*inputs))
                self._warn_without_trees(len(inputs.train))
        return self

    def _prepare(
        self,
        params: dict[str, Any],
        X: Any,
        y: Any,
        sample_weight: Any,
        X_val: Any,
        y_val: Any,
        weight_val: Any,
    ) -> BoosterInputs:
        """Validate, encode and split the rows; bin the features.

        The targets in float64 live no longer than this call.
        """
        again = self.warm_start and hasattr(self, "_result")
        n_done = self._result.forest.n_trees if again else 0
        if self.n_estimators < n_done:
            raise ValueError(
                f"n_estimators={self.n_estimators} must be at least the {n_done} "
                "rounds already trained when warm_start=True."
            )
        rows = self._check_rows(X, y, sample_weight, again)
        if not again:
            self._seed = draw_seed(self.random_state)
        train, val = self._split(rows, X_val, y_val, weight_val)
        del rows
        check_subsample(self.subsample, self.subsample_freq, len(train.target))
        result = self._result.copy() if again else self._new_result(train)
        n_threads = self._n_threads(train.X)
        # Rows and features drawn by added rounds must not repeat the first ones.
        tree_seed = self._seed % 2**31 + n_done
        grower = TreeGrower(
            train.X,
            {**self._tree_params(), "seed": tree_seed, **params},
            X_val=None if val is None else val.X,
            categorical=self._features.categorical,
            n_threads=n_threads,
            bagging_seed=bagging_seed(tree_seed),
        )

        def targets(part: Rows | None) -> TargetRows | None:
            if part is None:
                return None
            return TargetRows(result.coder, part.target, part.weight, n_threads)

        def scores(part: Rows | None, n_trees: np.ndarray) -> np.ndarray | None:
            if part is None or n_done == 0:
                return None
            n_trees = n_trees[result.coder.owner]
            return result.forest.scores(part.X, n_trees, n_threads)

        all_trees = np.full(self.n_objectives_, n_done)
        target_val = targets(val)
        best = scores(val, result.n_iter)
        return BoosterInputs(
            grower,
            targets(train),
            target_val,
            result,
            scores(train, all_trees),
            scores(val, all_trees),
            None if best is None else target_val.losses(best),
        )

    def _check_rows(self, X: Any, y: Any, sample_weight: Any, again: bool) -> Rows:
        """Validate and encode the training rows; learn names and encodings."""
        columns = target_columns(y, type(self).__name__)
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
                f"{type(self).__name__} needs at least 2 samples to learn from: got "
                f"{n_samples} sample."
            )
        weight = check_weight(sample_weight, n_samples, len(columns))
        if again:
            self._check_same_targets(y, columns, "y")
            target = self._encode_targets(columns, "y")
        else:
            self._one_dimensional = is_1d(y)
            self.n_objectives_ = len(columns)
            self.objective_names_ = target_names(y, len(columns))
            target, self.objectives_ = self._fit_targets(columns)
        check_domains(self.objectives_, target, self.objective_names_)
        if not again:
            # Classes count that only held-out or unweighted rows have.
            self._n_scores = [
                objective.n_scores(observed(target, None, k)[0])
                for k, objective in enumerate(self.objectives_)
            ]
        target = mask_unweighted(target, weight)
        check_observed(target, self.objective_names_, "y (with a positive weight)")
        return Rows(X, target, weight)

    def _encoding_parameters(self) -> dict[str, str]:
        """The parameters that a fit bakes into its encodings, as they print."""
        params = self.get_params(deep=False)
        names = {"objective", "objectives", "categorical_features"} & set(params)
        return {name: repr(params[name]) for name in sorted(names)}

    def _check_unchanged(self) -> None:
        for name, value in self._encoding_parameters().items():
            if value != self._encoded_by[name]:
                raise ValueError(
                    f"The {name!r} parameter was changed since the last fit: with "
                    "warm_start=True trees are added to the old ones, so it must stay "
                    "as it was. Set warm_start=False to fit anew."
                )

    def _split(
        self, rows: Rows, X_val: Any, y_val: Any, weight_val: Any
    ) -> tuple[Rows, Rows | None]:
        """Training rows and validation rows, each with something observed."""
        if (X_val is None) != (y_val is None):
            given, absent = ("X_val", "y_val") if y_val is None else ("y_val", "X_val")
            raise ValueError(f"{given} was passed without {absent}: pass both.")
        if X_val is None and weight_val is not None:
            raise ValueError("sample_weight_val was passed without X_val and y_val.")
        val = None
        if X_val is not None:
            val = self._check_val(X_val, y_val, weight_val)
        elif self.early_stopping is True:
            rows, val = rows.hold_out(self.validation_fraction, self._seed)
            check_observed(
                rows.target,
                self.objective_names_,
                "the rows left for training (pass X_val and y_val instead of "
                "early_stopping=True)",
            )
        if val is not None:
            val = val.drop_unobserved()
            if self.early_stopping:
                warn_unwatched(val.target, self.objective_names_)
        return rows.drop_unobserved(), val

    def _check_val(self, X_val: Any, y_val: Any, weight_val: Any) -> Rows:
        columns = target_columns(y_val, type(self).__name__)
        self._check_same_targets(y_val, columns, "y_val")
        X = self._features.transform(self, X_val)
        check_consistent_length(X, columns[0])
        weight = check_weight(weight_val, X.shape[0], len(columns), "sample_weight_val")
        target = self._encode_targets(columns, "y_val")
        check_domains(self.objectives_, target, self.objective_names_)
        target = mask_unweighted(target, weight)
        if np.isnan(target).all():
            raise ValueError("y_val has no observed value with a positive weight.")
        return Rows(X, target, weight)

    def _new_result(self, train: Rows) -> BoostingResult:
        coder = TargetCoder(self.objectives_, self._n_scores)
        coder.fit(train.target, train.weight)
        return BoostingResult(
            coder,
            Forest(coder.init_scores),
            n_iter=np.zeros(self.n_objectives_, dtype=np.int64),
            total_gains=np.zeros((self.n_objectives_, self.n_features_in_)),
            importances=np.zeros((self.n_objectives_, self.n_features_in_)),
        )

    def _leaf_settings(self, params: dict[str, Any]) -> LeafSettings:
        return LeafSettings(
            learning_rate=self.learning_rate,
            reg_alpha=self.reg_alpha,
            reg_lambda=self.reg_lambda,
            cat_l2=params.get("cat_l2", 10.0) if self._features.categorical else 0.0,
            min_rows=self.min_child_samples,
        )

    def _tree_params(self) -> dict[str, Any]:
        """The trees' parameters under LightGBM's own names."""
        return {
            "num_leaves": self.num_leaves,
            "max_depth": self.max_depth,
            "min_data_in_leaf": self.min_child_samples,
            "min_gain_to_split": self.min_split_gain,
            "lambda_l1": self.reg_alpha,
            "lambda_l2": self.reg_lambda,
            "bagging_fraction": self.subsample,
            "bagging_freq": self.subsample_freq,
            "feature_fraction": self.colsample_bytree,
            "max_bin": self.max_bin,
        }

    def _publish(self, result: BoostingResult) -> None:
        self._result = result
        self.n_iter_ = result.n_iter
        self.history_ = history_arrays(result)
        self.objective_importances_ = gain_shares(result.importances)
        self.feature_importances_ = self.objective_importances_.mean(axis=0)

    def _warn_without_trees(self, n_train: int) -> None:
        """Constant predictions surprise, unless there were hardly any rows."""
        enough = n_train >= 10 * max(self.min_child_samples, 1)
        result = self._result
        if enough and result.forest.n_trees == 0 and not result.coder.constant.all():
            warn_user(
                "No tree could be grown, as no split meets the requirements: the "
                "predictions are constants. Check that X varies, and the parameters "
                "'min_child_samples', 'min_split_gain', 'subsample' and "
                "'lightgbm_params'.",
                NoTreesWarning,
            )

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_result")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        tags.input_tags.categorical = True
        tags.target_tags.multi_output = True
        return tags
