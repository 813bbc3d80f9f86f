"""What all estimators share: validate, encode, boost, publish."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator

from .._registry import resolve
from .._sklearn import CallbackSupportMixin, fit_context
from ..balancing import Balancer, get_balancer
from ..boosting import (
    BoostingResult,
    Head,
    HeadTrainer,
    LeafSettings,
    SharedBooster,
    TargetCoder,
    TargetRows,
    TreeGrower,
    bagging_seed,
    check_lightgbm_params,
)
from ..boosting.structure import STRUCTURE_RULES, StructureRule
from ..exceptions import NoTreesWarning, warn_user
from ._balancing import warn_if_ineffective
from ._explain import ExplainMixin
from ._export import ExportMixin
from ._heads import check_trainable, head_parameters, own_settings
from ._inputs import InputMixin
from ._parameters import (
    PARAMETER_CONSTRAINTS,
    cat_l2,
    check_preference,
    check_subsample,
    draw_seed,
    lightgbm_tree_params,
)
from ._rows import Given, Rows, warn_unwatched
from ._saving import SavingMixin
from ._session import Asked, FitSession
from ._targets import check_reach
from ._threads import check_n_jobs
from ._training import BoosterInputs, gain_shares, history_arrays, restored_on_error


class MultiObjectiveBase(
    InputMixin,
    ExportMixin,
    ExplainMixin,
    SavingMixin,
    CallbackSupportMixin,
    BaseEstimator,
    ABC,
):
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
        heads: str,
        head_params: dict[str, Any] | None,
        categorical_features: Any,
        early_stopping: str | bool,
        validation_fraction: float,
        n_iter_no_change: int,
        tol: float | None,
        lightgbm_params: dict[str, Any] | None,
        warm_start: bool,
        on_interrupt: str,
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
        self.heads = heads
        self.head_params = head_params
        self.categorical_features = categorical_features
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.lightgbm_params = lightgbm_params
        self.warm_start = warm_start
        self.on_interrupt = on_interrupt
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
        *,
        callbacks: Any = None,
        resume_from: Any = None,
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
        callbacks : list of callable, default=None
            Called after each round, or before it where they have
            ``before_iteration = True``, with a `skmo.callbacks.CallbackEnv`. Those of
            LightGBM that log or record work as they are. See `skmo.callbacks`.
        resume_from : str or path-like, default=None
            A checkpoint that `skmo.callbacks.checkpoint` wrote in a fit of the same
            data and parameters, to go on from. It is unpickled: pass only files that
            you trust.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            For bad input, before anything is trained.
        """
        val = Given(X_val, y_val, sample_weight_val)
        asked = Asked(X, y, {"sample_weight": sample_weight}, callbacks, resume_from)
        return self._fit(Given(X, y, sample_weight), val, asked)

    def _fit(self, given: Given, given_val: Given, asked: Asked) -> MultiObjectiveBase:
        """Validate, encode, boost, publish."""
        return self._fit_rows(lambda: self._read(given, given_val), asked)

    def _fit_rows(
        self, read: Callable[[], tuple[Rows, Rows | None]], asked: Asked
    ) -> MultiObjectiveBase:
        """Boost the rows that ``read`` returns (training, validation); publish."""
        session = FitSession(self, asked)
        with restored_on_error(self):
            structure, balancer, params = self._resolve()
            with closing(self._prepare(params, read, session)) as inputs:
                preference = check_preference(self.preference, self.n_objectives_)
                balancer = self._check_balancer(
                    balancer, structure, inputs.train.coder, preference
                )
                # Draws of added rounds must not repeat the first ones.
                n_done = inputs.result.forest.n_rounds
                balancer.seed((self._seed + n_done) % 2**32)
                trainer = self._head_trainer(inputs.grower.X)
                booster = SharedBooster(
                    structure,
                    *self._tree_weights(balancer, preference),
                    leaves=self._leaf_settings(params),
                    n_estimators=self.n_estimators,
                    patience=self.n_iter_no_change if self.early_stopping else None,
                    tol=self._tol(),
                    seed=self._seed,
                )
                if session.saved is None:
                    session.before = self._train_before(inputs, booster)
                self._use_before(session.before, inputs, booster)
                watch, saved = session.watch(inputs), session.saved_run
                result = booster.fit(*inputs, watch=watch, saved=saved)
                session.end_boosting()
                if trainer is not None:
                    result.heads = session.heads(
                        lambda: self._train_heads(trainer, booster, inputs, result)
                    )
                self._publish(result, inputs)
                self._warn_without_trees(inputs.train.span.n_total)
        session.end()
        return self

    def _resolve(self) -> tuple[StructureRule, Balancer, dict[str, Any]]:
        """What parameters name, and LightGBM's own; checked."""
        check_n_jobs(self.n_jobs)
        return (
            resolve(self.structure, STRUCTURE_RULES, StructureRule, "structure"),
            get_balancer(self.balancer),
            check_lightgbm_params(self.lightgbm_params),
        )

    def _read(self, given: Given, given_val: Given) -> tuple[Rows, Rows | None]:
        """Validate and encode the rows; learn names and encodings."""
        again = self.warm_start and hasattr(self, "_result")
        rows = self._check_rows(given, again)
        return rows, self._read_val(given_val)

    def _prepare(
        self,
        params: dict[str, Any],
        read: Callable[[], tuple[Rows, Rows | None]],
        session: FitSession,
    ) -> BoosterInputs:
        """Read and split the rows; bin the features.

        The targets in float64 live no longer than this call.
        """
        n_done = self._n_done()
        again = self.warm_start and hasattr(self, "_result")
        if self.n_estimators < n_done:
            raise ValueError(
                f"n_estimators={self.n_estimators} must be at least the {n_done} "
                "rounds already trained when warm_start=True. Raise it, or set "
                "warm_start=False to fit anew."
            )
        rows, val = read()
        if not again:
            self._seed = session.seed
            if self._seed is None:
                self._seed = draw_seed(self.random_state)
        train, val = self._split(rows, val)
        del rows
        check_subsample(self.subsample, self.subsample_freq, len(train.target))
        result = self._result.copy() if again else self._new_result(train)
        for part, where in ((train, "y"), (val, "y_val")):
            if part is not None:
                check_reach(result.coder, part.target, self._given_names, where)
        session.know_data(train, val, result)
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
            communicator=train.communicator,
        )

        def scores(part: Rows | None, n_rounds: np.ndarray) -> np.ndarray | None:
            if part is None or n_done == 0:
                return None
            n_rounds = n_rounds[result.coder.owner]
            return result.forest.scores(part.X, n_rounds, n_threads)

        all_rounds = np.full(self.n_objectives_, n_done)
        rows_train, rows_val = self._target_rows(result.coder, train, val, n_threads)
        if val is not None and self.early_stopping:
            warn_unwatched(rows_val.weight_sums > 0, self.objective_names_)
        return BoosterInputs(
            grower,
            rows_train,
            rows_val,
            result,
            scores(train, all_rounds),
            scores(val, all_rounds),
            scores(train, result.n_iter) if rows_train.reads_others else None,
            scores(val, result.n_iter),
        )

    def _n_done(self) -> int:
        """Rounds of an earlier fit that this one goes on from."""
        again = self.warm_start and hasattr(self, "_result")
        return self._result.forest.n_rounds if again else 0

    def _coder(self) -> TargetCoder:
        """What encodes the targets, not fitted."""
        return TargetCoder(self.objectives_, self._n_scores)

    def _new_result(self, train: Rows) -> BoostingResult:
        coder = self._coder()
        coder.fit(self._coded_target(train), train.weight, train.communicator)
        return BoostingResult.start(coder, self.n_features_in_)

    def _coded_target(self, rows: Rows) -> np.ndarray:
        """The targets that constants and scales are taken from."""
        return rows.target

    def _target_rows(
        self, coder: TargetCoder, train: Rows, val: Rows | None, n_threads: int
    ) -> tuple[TargetRows, TargetRows | None]:
        """What the booster is given of the targets."""

        def rows(part: Rows) -> TargetRows:
            return TargetRows(
                coder, part.target, part.weight, n_threads, part.communicator
            )

        return rows(train), None if val is None else rows(val)

    def _train_before(self, inputs: BoosterInputs, booster: SharedBooster) -> Any:
        """Train what has to be there before the booster, now that all is checked."""
        return None

    def _use_before(
        self, found: Any, inputs: BoosterInputs, booster: SharedBooster
    ) -> None:
        """Hand on what `_train_before` found, in this fit or the one resumed."""

    def _tree_weights(
        self, balancer: Balancer, preference: np.ndarray | None
    ) -> tuple[Balancer, np.ndarray | None]:
        """What weighs the objectives where trees are grown, and importances."""
        return balancer, preference

    def _check_balancer(
        self,
        balancer: Balancer,
        structure: StructureRule,
        coder: TargetCoder,
        preference: np.ndarray | None,
    ) -> Balancer:
        """The balancer to use; warn of one that cannot but give equal weights."""
        balancer.check_preference(preference)
        warn_if_ineffective(balancer, structure, coder, preference)
        return balancer

    def _leaf_settings(self, params: dict[str, Any]) -> LeafSettings:
        return LeafSettings(
            learning_rate=self.learning_rate,
            reg_alpha=self.reg_alpha,
            reg_lambda=self.reg_lambda,
            cat_l2=cat_l2(params, bool(self._features.categorical)),
            min_rows=self.min_child_samples,
        )

    def _tree_params(self) -> dict[str, Any]:
        """The trees' parameters under LightGBM's own names."""
        return lightgbm_tree_params(self.get_params(deep=False))

    def _tol(self) -> float:
        """Measured: 3e-4 costs no accuracy, and one fit of oes97 two thirds less."""
        if self.tol is not None:
            return self.tol
        return 0.0 if self.n_objectives_ == 1 else 3e-4

    def _head_trainer(self, X: Any) -> HeadTrainer | None:
        """What ``heads`` and ``head_params`` ask for, checked.

        None where they ask for nothing: with a single objective there is
        nothing it could lose to others.
        """
        own = head_parameters(self.head_params, self.objective_names_)
        settings = [
            own_settings(
                self.get_params(deep=False),
                params,
                quick=self.heads == "auto",
                categorical=bool(self._features.categorical),
                tol=self._tol(),
                seed=self._seed % 2**31,
            )
            for params in own
        ]
        for params, setting in zip(own, settings, strict=True):
            if params:
                check_trainable(setting, X.shape[0])
        if self.heads == "none" or self.n_objectives_ == 1:
            return None
        return HeadTrainer(
            continues=self.heads == "boost",
            sparing=self.heads == "auto",
            settings=settings,
            seed=self._seed,
            n_jobs=self._n_cores(),
            n_threads=self._n_threads(X),
        )

    def _train_heads(
        self,
        trainer: HeadTrainer,
        booster: SharedBooster,
        inputs: BoosterInputs,
        result: BoostingResult,
    ) -> list[Head | None]:
        grower, train, val = inputs.grower, inputs.train, inputs.val
        if val is None:
            return trainer.by_folds(grower, train, booster, result)
        watch = bool(self.early_stopping)
        return trainer.by_validation(grower, train, val, result, watch=watch)

    def _publish(self, result: BoostingResult, inputs: BoosterInputs) -> None:
        self._result = result
        self.n_iter_ = result.n_iter
        self.history_ = history_arrays(result)
        self.heads_ = [
            "none" if head is None else "boost" if head.continues else "blend"
            for head in result.heads
        ]
        self.head_shares_ = np.array(
            [0.0 if head is None else head.share for head in result.heads]
        )
        self.head_n_iter_ = np.array(
            [0 if head is None else head.n_iter for head in result.heads]
        )
        self.objective_importances_ = gain_shares(result)
        self.feature_importances_ = self.objective_importances_.mean(axis=0)

    def _warn_without_trees(self, n_train: int) -> None:
        """Constant predictions surprise, unless there were hardly any rows."""
        enough = n_train >= 10 * max(self.min_child_samples, 1)
        result = self._result
        if enough and result.forest.n_rounds == 0 and not result.coder.nothing_varies:
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
