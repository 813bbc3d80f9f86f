"""A mix of objectives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.metaestimators import available_if

from ..balancing import Balancer
from ..boosting.structure import StructureRule
from ..objectives import Binary, Objective, SquaredError, get_objective
from ._base import MultiObjectiveBase
from ._docs import shared_docs
from ._labels import LabelEncoding, label_deviance_explained, warn_if_constant
from ._objective_views import takes_shares
from ._one_score import OneScoreMixin, check_one_link
from ._parameters import check_objectives
from ._targets import (
    check_observed,
    check_weight,
    missing_values,
    not_a_number,
    real_targets,
    target_columns,
    weight_of,
)


def has_probabilities(estimator: MultiObjectiveEstimator) -> bool:
    """Whether an objective is one of labels, as far as is known."""
    objectives = getattr(estimator, "objectives_", None)
    if objectives is None and not isinstance(estimator.objectives, str):
        objectives = [get_objective(spec) for spec in estimator.objectives]
    if any(o.task != "regression" for o in objectives or ()):
        return True
    raise AttributeError(
        "predict_proba needs a 'binary', 'cross_entropy' or 'multiclass' objective "
        f"among the 'objectives'. Got {estimator.objectives!r:.200}; what 'auto' "
        "stands for is known after fit."
    )


@shared_docs
class MultiObjectiveEstimator(RegressorMixin, OneScoreMixin):
    """Gradient boosting of a mix of objectives on shared trees.

    A click to be won and a watch time to be long; a molecule to be soluble and
    not toxic. One LightGBM tree a round is grown on a mixture of all
    objectives' gradients and gives each objective a leaf value of its own.

    Parameters
    ----------
    objectives : "auto" or list of (str or Objective), default="auto"
        The loss of each target: names from `skmo.objectives.OBJECTIVES`,
        instances with parameters or subclasses of your own. "auto" takes
        "binary" where all values are 0 or 1 and "squared_error" for other
        numbers.
    shared_score : bool, default=False
        Whether all objectives pull on one score, the prediction (n_samples,) of
        `predict`: one price for which several demands hold, one forecast judged by
        several losses. Objectives must read the score alike, as "squared_error",
        "quantile" and "huber" do, or "binary" and "cross_entropy". The ``balancer``
        then weighs gradients on the score itself, in units of their lengths before
        the first tree; there are no learners of their own, and ``structure`` has
        nothing to choose.
    bounds : dict of str or int to float, or sequence, default=None
        With ``shared_score``: the share of the deviance explained that an objective
        may lose against a model trained for it alone, round by round. Each costs one
        more fit. Held on the validation rows where there are any, else on the
        training rows. It needs a balancer that takes bounds; "equal" becomes
        "augmented_lagrangian", by which a bounded objective counts no more than it
        takes to keep its bound. A warm start forgets how much that was.
    {parameters}

    Attributes
    ----------
    {attributes}
    classes_ : list
        The labels of each "multiclass" objective, [0, 1] for each "binary" or
        "cross_entropy" one, None for real targets.

    See Also
    --------
    MultiObjectiveRegressor : Real targets.
    MultiObjectiveClassifier : Targets of labels of any type.

    Examples
    --------
    >>> from skmo import MultiObjectiveEstimator
    >>> from skmo.datasets import make_feed
    >>> X, Y = make_feed(n_samples=1000, random_state=0)
    >>> est = MultiObjectiveEstimator(
    ...     objectives=["binary", "binary", "tweedie"], random_state=0
    ... ).fit(X, Y)
    >>> est.predict(X).shape
    (1000, 3)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **MultiObjectiveBase._parameter_constraints,
        "objectives": [str, list, tuple],
        "shared_score": ["boolean"],
        "bounds": [dict, "array-like", None],
    }

    def __init__(
        self,
        objectives: str | Sequence[str | Objective] = "auto",
        *,
        shared_score: bool = False,
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
        self.objectives = objectives
        self.shared_score = shared_score
        self.bounds = bounds

    @property
    def _shares_score(self) -> bool:
        return self.shared_score

    def _fit_targets(
        self, columns: list[np.ndarray]
    ) -> tuple[np.ndarray, list[Objective]]:
        names = self.objective_names_
        specs = self._specs(columns)
        target = real_targets(columns, names)
        check_observed(target, names)
        objectives = [get_objective(spec) for spec in specs]
        check_objectives(objectives)
        if self.shared_score:
            check_one_link(objectives)
        self.classes_: list[np.ndarray | None] = []
        self._labels: dict[int, LabelEncoding] = {}
        for k, objective in enumerate(objectives):
            if objective.multi_score:
                self._labels[k] = LabelEncoding.learn(target[:, k], names[k])
                self.classes_.append(self._labels[k].classes)
            elif objective.task == "probability":
                self.classes_.append(np.array([0, 1]))
                warn_if_constant(target[:, k], names[k])
            else:
                self.classes_.append(None)
        return self._encode_labels(target), objectives

    def _specs(self, columns: list[np.ndarray]) -> list[Any]:
        if isinstance(self.objectives, str):
            if self.objectives != "auto":
                raise ValueError(
                    "The 'objectives' parameter must be 'auto' or a list with one "
                    f"objective per target. Got {self.objectives!r:.200} instead; for "
                    f"all {len(columns)} target(s) alike pass "
                    f"[{self.objectives!r:.200}] * {len(columns)}."
                )
            return [
                _infer(column, name)
                for column, name in zip(columns, self.objective_names_, strict=True)
            ]
        if len(self.objectives) != len(columns):
            raise ValueError(
                f"The 'objectives' parameter lists {len(self.objectives)} objectives, "
                f"but y has {len(columns)} target(s): list one for each, or pass "
                "'auto'."
            )
        return list(self.objectives)

    def _encode_targets(self, columns: list[np.ndarray], where: str) -> np.ndarray:
        return self._encode_labels(
            real_targets(columns, self.objective_names_, where), where
        )

    def _encode_labels(self, target: np.ndarray, where: str = "y") -> np.ndarray:
        for k, labels in self._labels.items():
            target[:, k] = labels.encode(target[:, k], where)
        return target

    def _predict_from(self, raw: np.ndarray) -> np.ndarray:
        predictions = self._result.coder.predict(raw)
        for k, labels in self._labels.items():
            scores = predictions[k][:, : len(labels.classes)]
            predictions[k] = labels.decode(scores.argmax(axis=1))
        if self._one_dimensional or self.shared_score:
            return predictions[0]
        return np.column_stack(predictions)

    def _objective_classes(self, k: int) -> np.ndarray | None:
        return None if takes_shares(self.objectives_[k]) else self.classes_[k]

    def _objective_output(self, X: Any, k: int) -> np.ndarray:
        if self._objective_classes(k) is None:
            return super()._objective_output(X, k)
        return self._probabilities(self._raw_predict(X, [k]))[self._score_place(k)]

    def _output_classes(self) -> list[list | None]:
        return [None if found is None else found.tolist() for found in self.classes_]

    @available_if(has_probabilities)
    def predict_proba(self, X: Any) -> Any:
        """Probabilities of the objectives that have them.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)

        Returns
        -------
        list of (ndarray of shape (n_samples, n_classes_k) or None)
            In the order of the objectives; None for real targets. The array
            itself if ``fit`` was given a one-dimensional ``y``, or with
            ``shared_score``.
        """
        probabilities = self._probabilities(self._raw_predict(X))
        one = self._one_dimensional or self.shared_score
        return probabilities[0] if one else probabilities

    def _probabilities(self, raw: np.ndarray) -> list[np.ndarray | None]:
        probabilities: list[np.ndarray | None] = []
        for k, value in enumerate(self._result.coder.predict(raw)):
            objective = self.objectives_[k]
            if k in self._labels:
                value = value[:, : len(self._labels[k].classes)]
                value = value / value.sum(axis=1, keepdims=True)
            elif objective.task == "probability":
                value = np.column_stack([1.0 - value, value])
            probabilities.append(None if objective.task == "regression" else value)
        return probabilities

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The mean over objectives of the fraction of deviance explained.

        R² for squared error, D² for the others: 1 for a perfect prediction, 0
        for the best constant. Unobserved targets are left out.

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
        raw = self._raw_predict(X)
        explained = self._explained_by(raw, y, sample_weight)
        if self._labels:
            columns = target_columns(y, type(self).__name__)
            weight = check_weight(sample_weight, len(columns[0]), len(columns))
            probabilities = self._probabilities(raw)
            for k, labels in self._labels.items():
                explained[k] = label_deviance_explained(
                    labels,
                    real_targets([columns[k]], [labels.name])[:, 0],
                    probabilities[k],
                    weight_of(weight, k),
                )
        return explained

    def _encoding_parameters(self) -> dict[str, str]:
        shared = {"shared_score": repr(self.shared_score)}
        return {**super()._encoding_parameters(), **shared}

    def _encode_scored(self, columns: list[np.ndarray]) -> np.ndarray:
        """Labels not seen in training count in `score` alone: any class here."""
        target = real_targets(columns, self.objective_names_)
        for k, labels in self._labels.items():
            codes = labels.codes(target[:, k])
            target[:, k] = np.where(codes == -2, np.nan, np.maximum(codes, 0))
        return target


def _infer(column: np.ndarray, name: str) -> Objective:
    """The objective of a target whose user said "auto"."""
    stranger = not_a_number(column)
    if stranger is not None:
        raise ValueError(
            f"objectives='auto' cannot tell the objective of target {name!r}: it holds "
            f"{stranger!r:.200}, which is no number. Encode labels as 0, 1, … and name "
            "the objective: objectives=[..., 'multiclass', ...]."
        )
    values = column[~missing_values(column)].astype(np.float64)
    return Binary() if np.isin(values, (0, 1)).all() else SquaredError()
