"""One ranking for several relevance labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.utils.validation import check_is_fitted

from .._sklearn import StrOptions, fit_context
from ..balancing import Balancer
from ..boosting import (
    BoostingResult,
    JointRows,
    TargetCoder,
    TargetRows,
    TreeSum,
    combined_sum,
)
from ..boosting.structure import StructureRule
from ..exceptions import ConstantTargetWarning, warn_user
from ..objectives import Objective, RankingObjective, get_ranking_objective
from ._base import MultiObjectiveBase
from ._docs import shared_docs
from ._one_score import OneScoreMixin
from ._parameters import check_objectives, check_preference
from ._prediction import explained
from ._queries import given_queries
from ._ranker_view import ObjectiveRanker
from ._ranking_scores import mixing_weights, within_query_spread
from ._rows import Given, Rows
from ._session import Asked
from ._targets import (
    check_domains,
    check_observed,
    check_weight,
    mask_unweighted,
    real_targets,
    target_columns,
)
from ._training import BoosterInputs
from ._view import ObjectiveView


@shared_docs
class MultiObjectiveRanker(OneScoreMixin):
    """Learning to rank by several relevance labels at once.

    One score orders the documents of each query; several labels pull on it:
    relevance and freshness, clicks and quality. Labels that were not judged are NaN.

    Parameters
    ----------
    objectives : str, RankingObjective, Objective or list of them, default="lambdarank"
        The loss of each label: "lambdarank", "xendcg", an instance with parameters
        such as ``LambdaRank(truncation=5)``, or a pointwise objective of
        `skmo.objectives.OBJECTIVES`. One for all, or a list with one per label.
    combine : {"gradients", "scores"}, default="scores"
        "gradients": all labels train one score. Each round goes along the sum of
        their gradients with the ``balancer``'s weights. Losses can be steered
        towards a ``preference`` and held by ``bounds``. "scores": each label has a
        score of its own, and documents are ranked by the scores over their standard
        deviation within queries, summed with the ``preference``. One fit serves all
        preferences, but none is promised to be met.
    bounds : dict of str or int to float, or sequence, default=None
        The share of an objective's score (NDCG; deviance explained for pointwise
        objectives) that may be lost against a model trained for it alone, round by
        round: ``{"relevance": 0.01}`` for one per cent. Each costs one more fit.
        Held on the validation rows where there are any, else on the training rows,
        and the more closely the more rounds there are: the weight that holds it is
        found along the way.
        Needs ``combine="gradients"`` and a balancer that takes bounds; "equal" then
        becomes "augmented_lagrangian", by which a bounded objective counts no more
        than it takes to keep its bound.
    balancer : str, Balancer or type, default="equal"
        How much each label weighs in a round: a name of `skmo.balancing.BALANCERS`
        such as "tchebycheff", "epo", "wc_mgda" or "label_aggregation", an instance
        with parameters of its own, or a class. With ``combine="gradients"`` the
        weights multiply gradients on the score; with "scores" they say what trees
        are grown for. A fit works on a copy that remembers nothing.
    preference : array-like of shape (n_objectives,), default=None
        Importance of each label, non-negative. None means equal ones. With
        ``combine="gradients"`` it is the balancer's; with "scores" it mixes the
        labels' scores and has no part in training.
    structure : {"apart", "objective", "random", "eigen", "sum"} or StructureRule, \
default="apart"
        For ``combine="scores"``; one score has but one direction. "apart" grows trees
        for each label by itself, which did best in the mean over the benchmark's
        sets; the others grow one tree a round for all labels, see
        `skmo.boosting.structure`, in about half of the time for two.
    {parameters}

    Attributes
    ----------
    {attributes}
    score_spreads_ : ndarray of shape (n_objectives,)
        With ``combine="scores"``: the scores' standard deviations within queries,
        over the training rows, whatever they weigh.

    See Also
    --------
    MultiObjectiveEstimator : Several targets of one prediction, with
        ``shared_score=True``.
    skmo.pareto.ParetoSearchCV : A set of trade-offs to choose from.
    skmo.metrics.ndcg_score : NDCG by query.

    Notes
    -----
    In ``history_`` the loss of a ranking objective is 1 - NDCG up to its truncation,
    and 1 minus it is what `score_objectives` reports. With ``combine="gradients"``
    objectives are put in units once, by the lengths of their gradients before the
    first tree, so that weights mean the same in every round. Balancers that compare
    losses are given the pairwise logistic loss of each label, by gains and in shares
    of that of equal scores: a smooth one that does not jump as LambdaRank's
    normalisation changes with the scores. With them early stopping goes by it, too.
    Early stopping watches
    all objectives together: the weighted mean of their losses, or for methods that
    aim at a proportion of losses (Tchebycheff, EPO) the worst one, and stops them all
    at once.

    Examples
    --------
    >>> from skmo import MultiObjectiveRanker
    >>> from skmo.datasets import make_multi_ranking
    >>> X, Y, qid = make_multi_ranking(n_queries=50, random_state=0)
    >>> est = MultiObjectiveRanker(n_estimators=20, random_state=0)
    >>> est = est.fit(X, Y, qid=qid)
    >>> est.predict(X).shape == (len(X),)
    True
    >>> bool(est.score(X, Y, qid=qid) > 0.8)
    True
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **MultiObjectiveBase._parameter_constraints,
        "objectives": [str, list, tuple, RankingObjective, Objective, type],
        "combine": [StrOptions({"gradients", "scores"})],
        "bounds": [dict, "array-like", None],
    }

    def __init__(
        self,
        objectives: Any = "lambdarank",
        *,
        combine: str = "scores",
        bounds: Any = None,
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
        structure: str | StructureRule = "apart",
        balancer: str | Balancer = "equal",
        preference: Sequence[float] | None = None,
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
            heads="none",
            head_params=None,
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
        self.objectives = objectives
        self.combine = combine
        self.bounds = bounds

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any,
        group: Any = None,
        qid: Any = None,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        group_val: Any = None,
        qid_val: Any = None,
        sample_weight_val: Any = None,
        *,
        callbacks: Any = None,
        resume_from: Any = None,
    ) -> MultiObjectiveRanker:
        """Train the ranking.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            NaN counts as missing.
        y : array-like of shape (n_samples,) or (n_samples, n_objectives)
            Grades, at least 0; NaN (or None) where a document was not judged. Such
            a document takes no part in that label's ranking of its query.
        group : array-like of shape (n_queries,), default=None
            How many rows each query has, one query after the other.
        qid : array-like of shape (n_samples,), default=None
            The query of each row instead, in any order. Use this one in
            cross-validation, where rows are selected.
        sample_weight : array-like of shape (n_samples,), (n_queries,) or \
(n_samples, n_objectives), default=None
            Weight of each row, of each query (with ``qid`` in the order in which
            they first appear), or of each label of each row.
        X_val, y_val : default=None
            Validation rows, for early stopping, ``bounds`` and ``history_``.
        group_val, qid_val, sample_weight_val : default=None
            Their queries and weights.
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
        given = given_queries(X, y, sample_weight, group, qid)
        given_val = Given(X_val, y_val, sample_weight_val)
        if X_val is not None and y_val is not None:
            given_val = given_queries(
                X_val, y_val, sample_weight_val, group_val, qid_val, "_val"
            )
        elif group_val is not None or qid_val is not None:
            given = "group_val" if qid_val is None else "qid_val"
            raise ValueError(f"'{given}' was passed without X_val and y_val: pass all.")
        metadata = {"sample_weight": sample_weight, "group": group, "qid": qid}
        asked = Asked(X, y, metadata, callbacks, resume_from)
        return self._fit(given, given_val, asked)

    _one_score_hint = "set combine='gradients'"

    @property
    def _shares_score(self) -> bool:
        return self.combine == "gradients"

    @property
    def preference_at_predict(self) -> bool:
        """Whether ``preference`` acts in `predict` alone, so that a fit serves all."""
        return self.combine == "scores"

    def _fit_targets(self, columns: list[np.ndarray]) -> tuple[np.ndarray, list]:
        names = self.objective_names_
        target = real_targets(columns, names)
        check_observed(target, names)
        specs = self.objectives
        if not isinstance(specs, list | tuple):
            specs = [specs] * len(columns)
        if len(specs) != len(columns):
            raise ValueError(
                f"The 'objectives' parameter lists {len(specs)} objectives, but y has "
                f"{len(columns)} label(s): list one for each, or pass one for all."
            )
        objectives = [get_ranking_objective(spec) for spec in specs]
        for objective in objectives:
            if objective.multi_score:
                raise ValueError(
                    f"The 'objectives' parameter holds {objective!r}, which has a "
                    "score per class, by which nothing can be ranked. Use 'lambdarank' "
                    "or 'binary'."
                )
        check_objectives(objectives)
        # Bad parameters are found before the features are binned.
        check_preference(self.preference, len(names))
        return target, objectives

    def _target_rows(
        self, coder: TargetCoder, train: Rows, val: Rows | None, n_threads: int
    ) -> tuple[TargetRows, TargetRows | None]:
        rows = super()._target_rows(coder, train, val, n_threads)
        for name, weight in zip(
            self.objective_names_, rows[0].gradient_weights, strict=True
        ):
            if weight == 0:
                warn_user(
                    f"Label {name!r} tells no two documents of a query apart: nothing "
                    "can be learnt from it.",
                    ConstantTargetWarning,
                )
        return rows

    def _encode_targets(self, columns: list[np.ndarray], where: str) -> np.ndarray:
        return real_targets(columns, self.objective_names_, where)

    def _check_balancer(
        self,
        balancer: Balancer,
        structure: StructureRule,
        coder: TargetCoder,
        preference: np.ndarray | None,
    ) -> Balancer:
        preference = preference if self._shares_score else None
        return super()._check_balancer(balancer, structure, coder, preference)

    def _tree_weights(
        self, balancer: Balancer, preference: np.ndarray | None
    ) -> tuple[Balancer, np.ndarray | None]:
        # With a score for each label the preference mixes scores, not trees.
        return balancer, preference if self._shares_score else None

    def _publish(self, result: BoostingResult, inputs: BoosterInputs) -> None:
        super()._publish(result, inputs)
        vars(self).pop("score_spreads_", None)
        if not self._shares_score:
            X = inputs.grower.X
            scores = result.forest.scores(X, result.n_iter, self._n_threads(X))
            self.score_spreads_ = within_query_spread(scores, inputs.train.query)

    def _encoding_parameters(self) -> dict[str, str]:
        return {**super()._encoding_parameters(), "combine": repr(self.combine)}

    def predict(self, X: Any, preference: Any = None) -> np.ndarray:
        """The scores to rank documents by, the greatest first.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        preference : array-like of shape (n_objectives,), default=None
            With ``combine="scores"``, what to mix the labels' scores with. None
            means the estimator's.

        Returns
        -------
        ndarray of shape (n_samples,)
            Comparable within a query.
        """
        weights = self._mix(preference)
        return self._mixed(self._raw_predict(X), weights)

    def predict_objectives(self, X: Any) -> Any:
        """The labels' own scores, with ``combine="scores"``.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_objectives)
            In units of their spread within queries.

        Raises
        ------
        ValueError
            If there is but one score.
        """
        raw = self._raw_predict(X)
        if not hasattr(self, "score_spreads_"):
            raise ValueError(
                "With combine='gradients' there is one score for all labels: use "
                "predict, or fit with combine='scores'."
            )
        scores = raw / self.score_spreads_
        return self._in_container(scores, X, self.objective_names_)

    def to_lightgbm(self, preference: Any = None) -> Any:
        """The ranking as a model of LightGBM's own.

        With ``combine="scores"`` the mix by one preference.

        Parameters
        ----------
        preference : array-like of shape (n_objectives,), default=None
            As in `predict`.

        Returns
        -------
        lightgbm.Booster
            Its ``predict`` gives the numbers of `predict` up to rounding.
            ``save_model`` writes it to a file that any LightGBM from 4.0 on reads.

        Notes
        -----
        Categories are read as by `MultiObjectiveRegressor.to_lightgbm`.
        """
        return self._booster(self._tree_sum(preference))

    def lightgbm_outputs(self) -> list[dict[str, Any]]:
        """How labels are read from the raw scores of `to_lightgbm`: by its one.

        Returns
        -------
        list of dict
            See `MultiObjectiveRegressor.lightgbm_outputs`.
        """
        ranking = {"link": "identity", "columns": [0], "classes": None}
        return [{**output, **ranking} for output in super().lightgbm_outputs()]

    def _tree_sum(self, preference: Any = None) -> TreeSum:
        # Documents are ranked by the score itself, whatever its unit.
        weights = self._mix(preference)
        trees = combined_sum(self._result)
        return trees if weights is None else trees.mixed(weights)

    def _lightgbm_objective(self) -> None:
        return None

    def _explained_sum(self) -> TreeSum:
        return combined_sum(self._result).times(self._score_factors())

    def _objective_line(self, k: int, n_scores: int) -> None:
        return None

    def _score_factors(self) -> np.ndarray:
        n_scores = self._result.coder.n_scores
        return 1.0 / getattr(self, "score_spreads_", np.ones(n_scores))

    def _view_class(self, k: int) -> type[ObjectiveView]:
        return ObjectiveRanker

    def _objective_output(self, X: Any, k: int) -> np.ndarray:
        raw = self._raw_predict(X, [k])
        if hasattr(self, "score_spreads_"):
            return (raw / self.score_spreads_)[:, k]
        return self._mixed(raw, None)

    def _mix(self, preference: Any) -> np.ndarray | None:
        """What each label's score is multiplied with; None for a single score."""
        check_is_fitted(self)
        if not hasattr(self, "score_spreads_"):
            if preference is not None:
                raise ValueError(
                    "With combine='gradients' the 'preference' is settled in training. "
                    f"Got {preference!r:.200}: leave it out, or fit with "
                    "combine='scores'."
                )
            return None
        if preference is None:
            preference = self.preference
        preference = check_preference(preference, self.n_objectives_)
        return mixing_weights(preference, self.score_spreads_)

    @staticmethod
    def _mixed(raw: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
        raw = raw.astype(np.float64)
        return raw[:, 0] if weights is None else raw @ weights

    def _predict_from(self, raw: np.ndarray) -> np.ndarray:
        return self._mixed(raw, self._mix(None))

    def score(
        self,
        X: Any,
        y: Any,
        group: Any = None,
        qid: Any = None,
        sample_weight: Any = None,
    ) -> float:
        """The mean over labels of NDCG up to the objective's truncation.

        Of the fraction of deviance explained, for a pointwise objective: by the
        score that all labels share, or by its own with ``combine="scores"``.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_objectives)
        group, qid : default=None
            The queries, as in `fit`.
        sample_weight : default=None
            As in `fit`.

        Returns
        -------
        float
        """
        scores = self.score_objectives(X, y, group, qid, sample_weight)
        return float(np.mean(scores))

    def score_objectives(
        self,
        X: Any,
        y: Any,
        group: Any = None,
        qid: Any = None,
        sample_weight: Any = None,
        preference: Any = None,
    ) -> np.ndarray:
        """The numbers that `score` is the mean of.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_objectives)
        group, qid : default=None
            The queries, as in `fit`.
        sample_weight : default=None
            As in `fit`.
        preference : array-like of shape (n_objectives,), default=None
            As in `predict`.

        Returns
        -------
        ndarray of shape (n_objectives,)
        """
        weights = self._mix(preference)
        given = given_queries(X, y, sample_weight, group, qid)
        columns = target_columns(given.y, type(self).__name__)
        self._check_same_targets(given.y, columns, "y")
        raw = self._raw_predict(given.X)
        weight = check_weight(given.weight, len(raw), len(columns))
        target = real_targets(columns, self.objective_names_)
        check_domains(self.objectives_, target, self.objective_names_)
        target = mask_unweighted(target, weight)
        check_observed(target, self.objective_names_, "y (with a positive weight)")
        rows = JointRows(self._result.coder, target, weight, query=given.query)
        if weights is not None:
            mixed = self._mixed(raw, weights)
            for k, objective in enumerate(self.objectives_):
                if objective.task == "ranking":
                    raw[:, k] = mixed
        scores = explained(rows, raw)
        undefined = np.flatnonzero(np.isnan(scores))
        for name in (self.objective_names_[k] for k in undefined):
            warn_user(
                f"The score of label {name!r} is not defined, as no query has a grade "
                "above 0, and is set to NaN.",
                UndefinedMetricWarning,
            )
        return scores

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags
