"""A funnel of stages: click, then conversion, then whatever follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from scipy.special import expit
from sklearn.base import ClassifierMixin
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from .._sklearn import Interval, StrOptions
from ..balancing import Balancer, Equal, get_balancer
from ..boosting import (
    CONFLICTS,
    BoostingResult,
    FunnelRows,
    Reconciler,
    SharedBooster,
    TargetCoder,
    TargetRows,
    conditional_target,
    impute,
)
from ..boosting.structure import StructureRule
from ..exceptions import (
    ConstantTargetWarning,
    IneffectiveBalancerWarning,
    warn_user,
)
from ..objectives import (
    Binary,
    EntireSpaceLoss,
    Objective,
    StageLoss,
    get_stage_losses,
    log_cumulative,
)
from ._base import MultiObjectiveBase
from ._docs import shared_docs
from ._heads import own_settings
from ._parameters import check_preference
from ._progress import say
from ._rows import Rows
from ._stages import encode_stages, log_loss_explained
from ._targets import (
    check_observed,
    check_weight,
    mask_unweighted,
    target_columns,
)
from ._training import BoosterInputs

_REPORT = ("share", "size_ratio", "reversed", "mean_cosine")


@shared_docs
class EntireSpaceClassifier(ClassifierMixin, MultiObjectiveBase):
    """Gradient boosting of a funnel of binary stages.

    Click, then conversion, then what follows: each stage can happen only where
    the one before did and is observed only there, but must be predicted for
    everybody. One score a stage, the log-odds of reaching it for those who
    reached the one before; their product is the chance to come that far, so that
    probabilities never rise from one stage to the next.

    Parameters
    ----------
    stage_names : sequence of str, default=None
        From the first stage to the last. None takes the column names of ``y``,
        or stage0, stage1, …
    loss : {"conditional", "entire_space", "ips", "dr"}, StageLoss or dict, \
default="conditional"
        What each stage but the first is trained on (the first has no stage
        before it, and the log loss). "conditional": log loss on the rows that
        reached the stage before. "entire_space": log loss of the product, on all
        rows (ESMM [1]_). "ips", "dr": the conditional loss corrected for who
        reaches the stage before (ESCM² [2]_). A dict of names and weights sums
        them up, row by row. See `skmo.objectives`.
    conflict : {"stop_gradient", "ignore", "project", "balance"}, \
default="stop_gradient"
        What becomes of the pull that the entire-space loss of a stage has on the
        scores of earlier stages, which on some rows is against their own loss's.
        "stop_gradient": a stage's loss moves its own score alone. "ignore":
        losses are summed up as published. "project": PCGrad in every row where
        they conflict, for comparison: it lets a stage's loss move later scores, and
        is biased. "balance": summed up with the weights of ``balancer``.
        Without "entire_space" among the losses there is no such pull.
    min_propensity : float, default=0.05
        Propensities of "ips" and "dr" below are raised to it, in (0, 1].
    {parameters}

    Attributes
    ----------
    {attributes}
    stage_names_ : list of str
        The same as ``objective_names_``.
    classes_ : ndarray of shape (n_stages,)
        The indices of the stages, as scikit-learn has them for multilabel targets
        whose probabilities come in one array.
    conflict_report_ : dict of str to ndarray of shape (n_rounds, n_stages - 1)
        What the entire-space losses of later stages do to the scores of earlier
        ones: a row a round, before its trees, and a column for every stage but the
        last. It is measured whatever ``loss`` and ``conflict`` are, on at most 4000
        rows: what ESMM would do at these scores. ``share``: the share of the
        rows on which they pull against the stage's own loss, of those on which
        both pull. ``size_ratio``: their pull over the stage's own, on those rows.
        ``reversed``: the share of those rows on which they pull harder, so that
        the sum moves the score the wrong way. ``mean_cosine``: the mean over
        rows of the cosine between both, each 1 or -1. NaN without such rows.

    See Also
    --------
    MultiObjectiveClassifier : Labels that are not nested.
    skmo.datasets.make_funnel : A funnel whose truth is known.
    skmo.inspection.ConflictDisplay : Draws ``conflict_report_``.

    Notes
    -----
    ``y`` must be nested: a stage is 1 only where the stage before is. What
    follows from the rest is filled in: stages before a 1 are 1, and those behind
    a 0 are 0. What is then NaN is unknown and left out; where all rows count
    ("entire_space", "ips", "dr", ``score``) those of which a stage is known stand
    for the others that came as far, as if it was chance which are known. (It is
    not where an unknown stage is filled in because a later one was seen.)

    With ``conflict="balance"`` the ``balancer`` weighs the stages' losses and is
    given the Gramian of their gradients by all scores over the rows, in their
    true lengths; trees are then grown for all stages alike. That is the conflict of
    whole gradients: stages that pull apart in some rows may agree in the sum, and
    methods that act on opposed gradients, such as "pcgrad" and "upgrad", then weigh
    them equally. Otherwise ``balancer`` and ``preference`` weigh the stages where
    trees are grown, as everywhere.

    A stage that has stopped early keeps the scores of its best round, and goes on
    pulling on earlier stages if ``conflict`` lets it. Its validation loss is compared
    with that of its best round at the other stages' present scores.

    ``heads`` are learners of each stage on its own rows, whatever the loss.
    ESMM as published is ``loss="entire_space", conflict="ignore"``, with
    ``structure="apart", heads="none"`` for a model of its own for every stage.

    The user guide, "Funnels", derives why ESMM's losses conflict.

    References
    ----------
    .. [1] X. Ma, L. Zhao, G. Huang, Z. Wang, Z. Hu, X. Zhu, K. Gai. "Entire
       Space Multi-Task Model: an effective approach for estimating post-click
       conversion rate", SIGIR 2018, equations 1 (the product) and 3 (the
       loss).
    .. [2] H. Wang, T.-W. Chang, T. Liu, J. Huang, Z. Chen, C. Yu, R. Li, W. Chu.
       "ESCM²: Entire Space Counterfactual Multi-Task Model for post-click
       conversion rate estimation", SIGIR 2022.

    Examples
    --------
    >>> from skmo import EntireSpaceClassifier
    >>> from skmo.datasets import make_funnel
    >>> X, Y = make_funnel(2000, rates=(0.6, 0.7), random_state=0)
    >>> est = EntireSpaceClassifier(["click", "conversion"], random_state=0)
    >>> est = est.fit(X, Y)
    >>> reached = est.predict_proba(X)
    >>> reached.shape, bool((reached[:, 1] <= reached[:, 0]).all())
    ((2000, 2), True)
    >>> bool(est.conflict_report_["share"][-1, 0] > 0.1)
    True
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **MultiObjectiveBase._parameter_constraints,
        "stage_names": ["array-like", None],
        "loss": [str, StageLoss, type, dict],
        "conflict": [StrOptions(set(CONFLICTS))],
        "min_propensity": [Interval(Real, 0, 1, closed="right")],
    }

    def __init__(
        self,
        stage_names: Sequence[str] | None = None,
        *,
        loss: str | StageLoss | Mapping[str, float] = "conditional",
        conflict: str = "stop_gradient",
        min_propensity: float = 0.05,
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
        self.stage_names = stage_names
        self.loss = loss
        self.conflict = conflict
        self.min_propensity = min_propensity

    def _fit_targets(
        self, columns: list[np.ndarray]
    ) -> tuple[np.ndarray, list[Objective]]:
        if len(columns) < 2:
            raise ValueError(
                "y must have shape (n_samples, n_stages) with at least 2 stages. Got "
                "1: use MultiObjectiveClassifier for a single label."
            )
        names = self.objective_names_
        if self.stage_names is not None:
            names = [str(name) for name in self.stage_names]
        elif names == [f"target{k}" for k in range(len(columns))]:
            names = [f"stage{k}" for k in range(len(columns))]
        if len(names) != len(columns) or len(set(names)) < len(names):
            raise ValueError(
                "The 'stage_names' parameter must hold a different name for each of "
                f"the {len(columns)} columns of y. Got {names!r:.200} instead."
            )
        self.objective_names_ = self.stage_names_ = names
        self.classes_ = np.arange(len(names))
        # Bad parameters are found before the features are binned.
        self._stage_losses()
        check_preference(self.preference, len(names))
        target = self._encode_targets(columns, "y")
        return target, [Binary() for _ in columns]

    def _encode_targets(self, columns: list[np.ndarray], where: str) -> np.ndarray:
        return encode_stages(columns, self.objective_names_, where)

    def _mask(self, target: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        # A stage that weighs nothing still tells whether later ones could happen.
        if weight is None or (weight > 0).any(axis=1).all():
            return target
        return np.where((weight > 0).any(axis=1, keepdims=True), target, np.nan)

    def _coded_target(self, rows: Rows) -> np.ndarray:
        target = conditional_target(rows.target, rows.weight)
        names = self.objective_names_
        check_observed(target[:, :1], names[:1], "y (with a positive weight)")
        seen = [values[~np.isnan(values)] for values in target.T]
        for k, (name, values) in enumerate(zip(names, seen, strict=True)):
            if not values.size:
                raise ValueError(
                    f"Nothing tells of stage {name!r}: of the {len(target)} training "
                    f"rows none, or none of positive weight, reached {names[k - 1]!r} "
                    "and has it observed. Drop the stage, or pass more rows."
                )
        for name, values in zip(names, seen, strict=True):
            if values.min() == values.max():
                warn_user(
                    f"Stage {name!r} is {values[0]:.0f} for all {len(values)} training "
                    "rows that could reach it: it will always be predicted so.",
                    ConstantTargetWarning,
                )
        return target

    def _stage_losses(self) -> list[tuple[StageLoss, float]]:
        return get_stage_losses(self.loss, self.min_propensity)

    def _target_rows(
        self, coder: TargetCoder, train: Rows, val: Rows | None, n_threads: int
    ) -> tuple[TargetRows, TargetRows | None]:
        reconciler = None
        if self.conflict == "balance":
            balancer = get_balancer(self.balancer)
            # Draws of added rounds must not repeat the first ones.
            balancer.seed((self._seed + self._n_done()) % 2**32)
            preference = check_preference(self.preference, self.n_objectives_)
            reconciler = Reconciler("balance", balancer, preference)
        elif self.conflict != "stop_gradient":
            reconciler = Reconciler(self.conflict)

        def rows(part: Rows) -> FunnelRows:
            return FunnelRows(
                coder,
                part.target,
                part.weight,
                n_threads,
                losses=self._stage_losses(),
                reconciler=reconciler,
                seed=self._seed,
            )

        return rows(train), None if val is None else rows(val)

    def _train_before(
        self, inputs: BoosterInputs, booster: SharedBooster
    ) -> tuple[np.ndarray, np.ndarray | None] | None:
        if not any(loss.needs_imputed for loss, _ in self._stage_losses()):
            return None
        say(self.verbose, "loss: training models that impute outcomes …")
        grower, train = inputs.grower, inputs.train
        settings = own_settings(
            self.get_params(deep=False),
            {},
            quick=True,
            categorical=bool(self._features.categorical),
            tol=self._tol(),
            seed=self._seed % 2**31,
        )
        return impute(
            grower.X,
            train.own(),
            grower.X_val,
            settings,
            categorical=self._features.categorical,
            n_threads=self._n_threads(grower.X),
            seed=self._seed,
        )

    def _use_before(
        self,
        found: tuple[np.ndarray, np.ndarray | None] | None,
        inputs: BoosterInputs,
        booster: SharedBooster,
    ) -> None:
        if found is None:
            return
        for rows, imputed in zip((inputs.train, inputs.val), found, strict=True):
            if rows is not None:
                rows.impute(imputed)

    def _tree_weights(
        self, balancer: Balancer, preference: np.ndarray | None
    ) -> tuple[Balancer, np.ndarray | None]:
        if self.conflict == "balance":
            return Equal(), None
        return balancer, preference

    def _check_balancer(
        self,
        balancer: Balancer,
        structure: StructureRule,
        coder: TargetCoder,
        preference: np.ndarray | None,
    ) -> Balancer:
        if self.conflict != "balance":
            return super()._check_balancer(balancer, structure, coder, preference)
        balancer.check_preference(preference)
        if not any(loss.coupled for loss, _ in self._stage_losses()):
            warn_user(
                f"conflict='balance' has nothing to balance: with loss={self.loss!r} "
                "no stage pulls on another's score. Add 'entire_space' to the loss.",
                IneffectiveBalancerWarning,
            )
        elif isinstance(balancer, Equal) and preference is None:
            warn_user(
                "conflict='balance' with balancer='equal' is conflict='ignore'. Choose "
                "another balancer, such as 'mgda' or 'famo'.",
                IneffectiveBalancerWarning,
            )
        return balancer

    def _publish(self, result: BoostingResult, inputs: BoosterInputs) -> None:
        super()._publish(result, inputs)
        shape = (len(result.conflicts), len(_REPORT), self.n_objectives_ - 1)
        rounds = np.array(result.conflicts, dtype=np.float64).reshape(shape)
        self.conflict_report_ = {name: rounds[:, i] for i, name in enumerate(_REPORT)}

    def _encoding_parameters(self) -> dict[str, str]:
        names = ("stage_names", "loss", "conflict", "min_propensity")
        return {
            **super()._encoding_parameters(),
            **{name: repr(getattr(self, name)) for name in names},
        }

    def lightgbm_outputs(self) -> list[dict[str, Any]]:
        """How stages are predicted from the raw scores of `to_lightgbm`.

        Returns
        -------
        list of dict
            See `MultiObjectiveRegressor.lightgbm_outputs`: a stage's probability is
            the product of the sigmoids of its own score and those before.
        """
        product = {"link": "sigmoid_product", "classes": [0, 1]}
        return [
            {**output, **product, "columns": list(range(k + 1))}
            for k, output in enumerate(super().lightgbm_outputs())
        ]

    def _predict_from(self, raw: np.ndarray) -> np.ndarray:
        return (self._reached(raw) > 0.5).astype(np.int64)

    def _objective_classes(self, k: int) -> np.ndarray:
        return np.array([0, 1])

    def _objective_output(self, X: Any, k: int) -> np.ndarray:
        reached = self._reached(self._raw_predict(X, range(k + 1)))[:, k]
        return np.column_stack([1.0 - reached, reached])

    @staticmethod
    def _reached(raw: np.ndarray) -> np.ndarray:
        return np.exp(log_cumulative(raw))

    def predict_proba(self, X: Any) -> Any:
        """The probability to come as far as each stage.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_stages)
            Never rising from one stage to the next.
        """
        return self._by_stage(self._reached(self._raw_predict(X)), X)

    def _by_stage(self, values: np.ndarray, X: Any) -> Any:
        return self._in_container(values, X, self.objective_names_)

    def predict_log_proba(self, X: Any) -> Any:
        """Logarithms of `predict_proba`, exact where those would round to 0.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_stages)
        """
        return self._by_stage(log_cumulative(self._raw_predict(X)), X)

    def predict_conditional_proba(self, X: Any) -> Any:
        """The probability of each stage given the one before, for everybody.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_stages)
            Of the first stage its plain probability.
        """
        conditional = expit(self._raw_predict(X).astype(np.float64))
        return self._by_stage(conditional, X)

    def staged_predict_proba(self, X: Any) -> Iterator[np.ndarray]:
        """The probability to come as far as each stage after 1, 2, … rounds.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)

        Yields
        ------
        ndarray of shape (n_samples, n_stages)
        """
        for raw in self._staged_raw_predict(X):
            yield self._reached(raw)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Mean over stages of the fraction of log loss explained.

        Of the log loss of having come as far as each stage, over all rows of
        which that is known: 1 for a perfect prediction, 0 for the stages' rates.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        y : array-like of shape (n_samples, n_stages)
        sample_weight : array-like of shape (n_samples,) or (n_samples, n_stages), \
default=None

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
        y : array-like of shape (n_samples, n_stages)
        sample_weight : array-like of shape (n_samples,) or (n_samples, n_stages), \
default=None

        Returns
        -------
        ndarray of shape (n_stages,)
        """
        check_is_fitted(self)
        columns = target_columns(y, type(self).__name__)
        self._check_same_targets(y, columns, "y")
        raw = self._raw_predict(X)
        check_consistent_length(raw, columns[0])
        weight = check_weight(sample_weight, len(raw), len(columns))
        target = self._encode_targets(columns, "y")
        counted = mask_unweighted(target, weight)
        check_observed(counted, self.objective_names_, "y (with a positive weight)")
        rows = FunnelRows(
            self._result.coder,
            self._mask(target, weight),
            weight,
            losses=[(EntireSpaceLoss(), 1.0)],
            reconciler=None,
        )
        return log_loss_explained(rows, raw)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.multi_label = True
        tags.target_tags.single_output = False
        return tags
