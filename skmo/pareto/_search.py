"""A Pareto front by a search along preferences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin
from sklearn.utils import indexable

from .._sklearn import Interval, StrOptions, fit_context
from ._cache import ResultStore
from ._campaign import Campaign
from ._checks import check_estimator, search_preferences, shared_rounds
from ._evaluate import Outcome, Plan
from ._front import ParetoFrontMixin
from ._results import results_table, score_outcomes
from ._routed import RoutedSearchMixin
from ._scoring import ObjectiveScores


class ParetoSearchCV(
    ParetoFrontMixin, RoutedSearchMixin, MetaEstimatorMixin, BaseEstimator
):
    """A set of models from one objective's favourite to the other's.

    The estimator is cross-validated with every one of several preferences. The
    points whose mean scores no other point dominates are kept: the Pareto front.
    One model of each is fitted on all rows, and one of these is in use; `select`
    changes which, without another fit.

    Parameters
    ----------
    estimator : estimator
        With a parameter that takes importances of the objectives, such as the
        estimators of skmo or a pipeline that ends with one.
    preferences : array-like of shape (n_preferences, n_objectives), default=None
        Importances of the estimator's objectives, one row per point of the search.
        Only their ratios count. None takes ``n_points`` evenly spread ones.
    n_points : int, default=None
        The number of preferences from :func:`preference_rays`, without the ends.
        None is 10 for each objective but one, and 1: 11 for two objectives.
    objectives : dict, default=None
        What is traded off: from names to scorers, names of scikit-learn's or
        callables ``(estimator, X, y) -> float``. Greater is better. None takes
        the estimator's own ``score_objectives``. There need not be as many as
        the preference has importances.
    preference_param : str, default="preference"
        The estimator's parameter; in a pipeline ``"model__preference"``, say.
    cv : int, cross-validation generator or iterable, default=None
        As in scikit-learn's searches. All preferences have the same folds. A
        number, or None for 5, does not shuffle, stratifies single label columns
        only, and keeps the rows of a query together (`GroupKFold`) where the
        estimator is given a ``qid``.
    warm_start : float, default=0.0
        The share of ``n_estimators``, in [0, 1), that all preferences have in
        common: these rounds are trained once per fold, with equal importances,
        and each preference goes on from a copy. The estimator must have the
        parameters ``warm_start`` and ``n_estimators``. See Notes.
    selection : "knee", dict or callable, default="knee"
        Which point of the front is in use after ``fit``: "knee", the arguments
        of `select` as ``{"preference": ...}`` or ``{"bounds": ...}``, or a
        callable from the front's scores, of shape (n_kept, n_objectives), to an
        index.
    reference_point : float or array-like of shape (n_objectives,), default=None
        Scores down to which ``hypervolume_`` is measured. None takes the worst
        mean score of each objective among all points of the search. To compare
        searches, pass the same numbers to all.
    refit : bool, default=True
        Whether to fit the models of the front on all rows. Without them, nothing
        can be predicted.
    n_jobs : int, default=None
        The number of fits, of one preference on one fold each, in parallel;
        ``None`` means 1 unless in a ``joblib.parallel_backend`` context.
    verbose : int, default=0
        Above 0 shows how many fits are done: a bar if tqdm is installed, else
        lines.
    cache : str, path-like or joblib.Memory, default=None
        A folder in which every fit's scores and every refitted model are kept
        as they are done. A search that was stopped and is started again computes
        only what is missing there. See Notes.
    error_score : "raise" or float, default=np.nan
        The scores of a fit that failed. With NaN, the point is left out.

    Attributes
    ----------
    preferences_ : ndarray of shape (n_preferences, n_objectives)
        Those of the search, each summing to 1.
    objective_names_ : list of str
        Of the scores that are traded off.
    cv_results_ : dict of ndarrays
        One row per preference, as in `GridSearchCV`: ``params``,
        ``mean_fit_time``, … and of each objective ``split0_test_<name>``, …,
        ``mean_test_<name>``, ``std_test_<name>``; ``pareto_efficient`` tells who
        is on the front.
    pareto_index_ : ndarray of shape (n_kept,)
        Rows of ``cv_results_`` on the front.
    pareto_front_ : ndarray of shape (n_kept, n_objectives)
        Their mean scores.
    pareto_preferences_ : ndarray of shape (n_kept, n_objectives)
        Their preferences.
    pareto_estimators_ : list of estimators
        Their models, fitted on all rows. Not there with ``refit=False``.
    reference_point_ : ndarray of shape (n_objectives,)
    hypervolume_ : float
        What the front dominates above the reference point; NaN with more than
        five objectives where moocore is not installed.
    best_index_ : int
        The point in use, as an index into the front (not, as in `GridSearchCV`,
        into ``cv_results_``).
    best_estimator_, best_params_, best_scores_
        Its model, parameters and mean scores of the objectives.
    n_splits_ : int
        The number of folds.
    n_features_in_, feature_names_in_, classes_
        Those of the model in use.

    See Also
    --------
    preference_rays : The preferences that are the default.
    skmo.metrics.hypervolume : What sums a front up in one number.

    Notes
    -----
    Metadata. By default ``fit(X, y, groups=..., **params)`` hands ``groups`` to
    the folds, all others to the estimator's ``fit`` and those that a score has a
    parameter for (``sample_weight``, ``qid``) to the score. With scikit-learn's
    metadata routing enabled, each goes where it was requested;
    ``score_objectives`` is given what is requested by ``set_score_request``.
    Values with one entry per row are cut along the folds.

    A fold in which an objective has no score for any preference is left out of
    that objective's means, with a warning.

    Cache. A result is found by a hash of the estimator's class and parameters but
    for ``n_jobs`` and ``verbose``, the preference, the data, the rows of the fold,
    the metadata, the objectives and the versions of skmo, scikit-learn and NumPy.
    Code that changes without its name is not noticed, except for functions among
    ``objectives``, whose compiled code counts, but not what they call. Folds must
    come in the same order: shuffle with a ``random_state``. Results are pickled:
    name a folder that nobody else can write. Fits that fail are not kept.

    Warm start. It saves a little less than the share, and costs what a preference
    can no longer change. With 100 rounds, 11 points and 3 folds of 4000 rows of
    `make_feed` (two seeds, ``heads="none"``) and a score per objective, a share of
    0.3 kept 55 and 81 % of the hypervolume, 0.6 24 and 42 %. With
    ``shared_score=True`` (two targets), 0.6 kept 80 and 94 % and 0.8, in half of
    the time, 91 and 109 %, the ends of the front closer together. For a ranker
    with ``combine="gradients"`` on 1500 generated rows, 0.6 saved 40 % of the
    time and kept all.

    An estimator whose preference acts in ``predict`` alone says so by an attribute
    ``preference_at_predict``, as `MultiObjectiveRanker` does with
    ``combine="scores"``: alone or at the end of a pipeline it is fitted once per
    fold for all preferences, whatever ``warm_start`` says. ``mean_fit_time`` leaves
    out the time of fits and rounds that points share.

    If the bounds of ``selection`` are met by no point, or it names an objective
    that the estimator's own are not, ``fit`` raises at its very end: the front and
    its models are there, and `select` takes other bounds.

    Examples
    --------
    Two targets of one estimator, a part of whose trees serve both.

    >>> from sklearn.datasets import make_regression
    >>> from skmo import MultiObjectiveRegressor
    >>> from skmo.pareto import ParetoSearchCV
    >>> X, Y = make_regression(200, 5, n_targets=2, random_state=0)
    >>> search = ParetoSearchCV(
    ...     MultiObjectiveRegressor(n_estimators=10, heads="none", random_state=0),
    ...     n_points=3,
    ...     cv=2,
    ... ).fit(X, Y)
    >>> search.preferences_
    array([[0.25, 0.75],
           [0.5 , 0.5 ],
           [0.75, 0.25]])
    >>> search.predict(X).shape
    (200, 2)

    The model that does best by the second target:

    >>> index = search.select(preference=[0, 1])
    >>> bool(search.best_scores_[1] == search.pareto_front_[:, 1].max())
    True
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "preferences": ["array-like", None],
        "n_points": [Interval(Integral, 1, None, closed="left"), None],
        "preference_param": [str],
        "cv": ["cv_object"],
        "warm_start": [Interval(Real, 0, 1, closed="left")],
        "refit": ["boolean"],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
        "error_score": [StrOptions({"raise"}), Real],
    }

    def __init__(
        self,
        estimator: Any,
        *,
        preferences: Any = None,
        n_points: int | None = None,
        objectives: Mapping[str, Any] | None = None,
        preference_param: str = "preference",
        cv: Any = None,
        warm_start: float = 0.0,
        selection: Any = "knee",
        reference_point: Any = None,
        refit: bool = True,
        n_jobs: int | None = None,
        verbose: int = 0,
        cache: Any = None,
        error_score: Any = np.nan,
    ):
        self.estimator = estimator
        self.preferences = preferences
        self.n_points = n_points
        self.objectives = objectives
        self.preference_param = preference_param
        self.cv = cv
        self.warm_start = warm_start
        self.selection = selection
        self.reference_point = reference_point
        self.refit = refit
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.cache = cache
        self.error_score = error_score

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None, **params: Any) -> ParetoSearchCV:
        """Search along the preferences, and fit the models of the front.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_objectives)
        **params : dict
            What else the estimator's ``fit``, the scores and the folds are given.

        Returns
        -------
        self : object
            Fitted.

        Raises
        ------
        ValueError
            For bad input, before anything is trained; if all fits fail, a single
            objective is scored, no point has all scores, or no point of the front
            meets the bounds of ``selection``.
        """
        scores = self._check()
        X, y = indexable(X, y)
        preferences = search_preferences(self.preferences, self.n_points, y, scores)
        rows, split_params = self._routed_rows(X, y, params, scores)
        splits = self._splits(rows, split_params)
        n_shared = shared_rounds(self.estimator, self.preference_param, self.warm_start)
        plan = Plan(self.estimator, self.preference_param, n_shared)
        store = ResultStore(self.cache)
        options = (self.error_score, self.n_jobs, self.verbose)
        campaign = Campaign(plan, rows, preferences, scores, store, *options)
        outcomes = campaign.evaluate(splits)
        self._publish(plan, preferences, outcomes, len(splits))
        self._finish(scores, lambda: campaign.refit(self.pareto_index_))
        return self

    def _check(self) -> ObjectiveScores:
        """Check what can be without the data."""
        scores = ObjectiveScores(self.objectives)
        self._check_choices(scores.names)
        check_estimator(self.estimator, scores, self.preference_param)
        return scores

    def _publish(
        self,
        plan: Plan,
        preferences: np.ndarray,
        outcomes: Sequence[Outcome],
        n_splits: int,
    ) -> None:
        scored = score_outcomes(outcomes, n_splits, self.error_score)
        names, table, mean, std = scored
        settings = [plan.settings(p) for p in preferences]
        self.preferences_, self.n_splits_ = preferences, n_splits
        self.cv_results_ = results_table(settings, outcomes, names, table, mean, std)
        self._publish_front(names, mean)
        self.pareto_preferences_ = preferences[self.pareto_index_]
