"""One preference on one fold: fit, score, and say what failed."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from copy import copy, deepcopy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing

from ._scoring import ObjectiveScores, final_step, last_prefix


@dataclass(frozen=True)
class Rows:
    """The data, and what else goes with its rows.

    Attributes
    ----------
    X, y : indexable
    fit_params : dict
        Keyword arguments of the estimator's ``fit``.
    score_params : dict of dict
        Those of each score.
    pairwise : bool
        Whether ``X`` has a column for each row, such as a kernel.
    """

    X: Any
    y: Any
    fit_params: dict[str, Any]
    score_params: dict[str, dict[str, Any]]
    pairwise: bool = False

    def take(self, rows: np.ndarray | None, trained: np.ndarray | None = None) -> Rows:
        """Some of the rows, None for all, for a model of those it was trained on."""
        if rows is None:
            return self
        n = n_rows(self.X)
        X = _safe_indexing(self.X, rows)
        if self.pairwise:
            X = _safe_indexing(X, rows if trained is None else trained, axis=1)
        return Rows(
            X,
            None if self.y is None else _safe_indexing(self.y, rows),
            rows_of(self.fit_params, n, rows),
            {k: rows_of(p, n, rows) for k, p in self.score_params.items()},
            self.pairwise,
        )


def n_rows(X: Any) -> int:
    """The number of rows of an array, data frame or list."""
    return X.shape[0] if hasattr(X, "shape") else len(X)


def rows_of(params: Mapping[str, Any], n: int, rows: np.ndarray) -> dict[str, Any]:
    """Parameters, with those that have a value per row cut to the rows."""
    return {
        name: _safe_indexing(value, rows) if _per_row(name, value, n) else value
        for name, value in params.items()
    }


def _per_row(name: str, value: Any, n: int) -> bool:
    # The validation rows of skmo's estimators may be as many.
    if name.endswith("_val") or isinstance(value, str | bytes | Mapping):
        return False
    shape = getattr(value, "shape", None)
    if shape is not None:
        return len(shape) > 0 and shape[0] == n
    return hasattr(value, "__len__") and len(value) == n


@dataclass
class Outcome:
    """What came of one preference on one fold.

    Attributes
    ----------
    scores : dict
        By the objectives' names; empty after a failure.
    fit_time, score_time : float
        Seconds.
    error : str or None
        The traceback of a failure.
    """

    scores: dict[str, float] = field(default_factory=dict)
    fit_time: float = 0.0
    score_time: float = 0.0
    error: str | None = None


@dataclass
class Trunk:
    """The rounds that all preferences have in common, fitted.

    ``error`` is the traceback if that failed.
    """

    model: Any = None
    error: str | None = None


@dataclass(frozen=True)
class Plan:
    """How an estimator is fitted with a preference.

    Attributes
    ----------
    estimator : estimator
    parameter : str
        Its parameter that takes the preference.
    n_shared : int
        The rounds of a trunk; 0 for none.
    """

    estimator: Any
    parameter: str
    n_shared: int = 0

    @property
    def prefix(self) -> str:
        """Of the parameters beside that of the preference."""
        return self.parameter[: -len(self.parameter.rpartition("__")[2])]

    @property
    def fitted_once(self) -> bool:
        """Whether one fit serves all preferences, as the estimator says."""
        # Meta-estimators other than pipelines predict with clones of what has the
        # parameter, which a change of it would not reach.
        if self.prefix != last_prefix(self.estimator):
            return False
        return bool(getattr(final_step(self.estimator), "preference_at_predict", False))

    def settings(self, preference: np.ndarray) -> dict[str, Any]:
        """The parameters that a preference stands for."""
        return {self.parameter: preference.tolist()}

    def trunk(self, rows: Rows, preference: np.ndarray) -> Any:
        """The shared rounds; all of them where one fit serves all preferences."""
        settings = self.settings(preference)
        if self.fitted_once:
            model = clone(self.estimator).set_params(**settings)
            return model.fit(rows.X, rows.y, **rows.fit_params)
        settings[f"{self.prefix}n_estimators"] = self.n_shared
        # Learners of the objectives' own come after the shared rounds: those of the
        # trunk would be thrown away.
        if f"{self.prefix}heads" in self.estimator.get_params():
            settings[f"{self.prefix}heads"] = "none"
        model = clone(self.estimator).set_params(**settings)
        return model.fit(rows.X, rows.y, **rows.fit_params)

    def fit(self, rows: Rows, preference: np.ndarray, trunk: Any = None) -> Any:
        """The estimator, fitted with the preference, from the trunk if given."""
        settings = self.settings(preference)
        if trunk is None:
            model = clone(self.estimator).set_params(**settings)
            return model.fit(rows.X, rows.y, **rows.fit_params)
        if self.fitted_once:
            return _sharing(trunk).set_params(**settings)
        params = self.estimator.get_params()
        restored = {
            f"{self.prefix}{name}": params[f"{self.prefix}{name}"]
            for name in ("n_estimators", "heads", "warm_start")
            if f"{self.prefix}{name}" in params
        }
        again = {f"{self.prefix}warm_start": True}
        model = deepcopy(trunk).set_params(**settings, **{**restored, **again})
        return model.fit(rows.X, rows.y, **rows.fit_params).set_params(**restored)


def _sharing(model: Any) -> Any:
    """A copy with parameters of its own in the last step, all else being shared."""
    copied = copy(model)
    if isinstance(model, Pipeline):
        *steps, (name, last) = model.steps
        copied.steps = [*steps, (name, _sharing(last))]
    return copied


def fit_trunk(
    plan: Plan,
    rows: Rows,
    part: np.ndarray | None,
    preference: np.ndarray,
    error_score: Any,
) -> Trunk:
    """The trunk of a fold, or of all rows."""
    try:
        return Trunk(plan.trunk(rows.take(part), preference))
    except Exception:
        if error_score == "raise":
            raise
        return Trunk(error=traceback.format_exc())


def evaluate(
    plan: Plan,
    rows: Rows,
    split: tuple[np.ndarray, np.ndarray],
    preference: np.ndarray,
    scores: ObjectiveScores,
    error_score: Any,
    trunk: Trunk | None,
) -> Outcome:
    """Fit on the first part of a split, score on the second."""
    if trunk is not None and trunk.error is not None:
        return Outcome(error=trunk.error)
    outcome = Outcome()
    started = time.perf_counter()
    try:
        model = plan.fit(rows.take(split[0]), preference, trunk and trunk.model)
        outcome.fit_time = time.perf_counter() - started
        test = rows.take(split[1], split[0])
        started = time.perf_counter()
        outcome.scores = scores(model, test.X, test.y, test.score_params)
        outcome.score_time = time.perf_counter() - started
    except Exception:
        if error_score == "raise":
            raise
        outcome.error = traceback.format_exc()
    return outcome


def refit(plan: Plan, rows: Rows, preference: np.ndarray, trunk: Trunk | None) -> Any:
    """The estimator fitted on all rows."""
    return plan.fit(rows, preference, trunk and trunk.model)
