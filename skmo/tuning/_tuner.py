"""Parameters tuned for several objectives at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin
from sklearn.utils import indexable

from .._sklearn import Interval, StrOptions, fit_context
from ..estimators._parameters import draw_seed
from ..pareto._checks import check_estimator, target_count
from ..pareto._evaluate import Rows
from ..pareto._front import ParetoFrontMixin
from ..pareto._results import score_outcomes
from ..pareto._routed import RoutedSearchMixin
from ..pareto._scoring import ObjectiveScores
from ._checks import check_callbacks, check_end, check_error_score
from ._optuna import load_optuna, quiet_optuna
from ._purpose import purpose_of
from ._space import SearchSpace
from ._study import (
    copy_in_memory,
    evaluated_trials,
    open_storage,
    open_study,
    run_study,
    sampler_factory,
    why_no_trial,
)
from ._table import trial_table
from ._trial import TrialObjective, TrialPlan, outcomes_of


class ParetoTunerCV(
    RoutedSearchMixin, ParetoFrontMixin, MetaEstimatorMixin, BaseEstimator
):
    """Parameters tuned for several objectives at a time, by Optuna.

    Every trial of a study is a choice of parameters, cross-validated; its mean
    scores are to be maximised, each by itself. The trials that no other one
    dominates are kept: the Pareto front. One model of each is fitted on all rows,
    and one of these is in use; `select` changes which, without another fit.

    Parameters
    ----------
    estimator : estimator
        An estimator of skmo or any other, or a pipeline.
    space : dict, callable or None, default=None
        What is tuned. A dict maps parameters of the estimator to distributions of
        ``optuna.distributions``. A callable is given a trial and returns a dict of
        parameters, suggested by ``trial.suggest_float(name, low, high)`` and the
        like; the same suggestions must lead to the same parameters. None tunes
        LightGBM's: see Notes.
    preference_param : str, default=None
        A parameter to be tuned along with the others that takes importances of
        the objectives: ``"preference"``, in a pipeline ``"model__preference"``.
        None leaves it as it is.
    objectives : dict, default=None
        What is traded off: from names to scorers, names of scikit-learn's or
        callables ``(estimator, X, y) -> float``. Greater is better. None takes
        the estimator's own ``score_objectives``, one score per column of ``y``.
    n_trials : int or None, default=50
        The number of trials in all, those that a stored study has included. None
        goes on until the ``timeout``.
    timeout : float, default=None
        Seconds after which ``fit`` begins no other trial.
    cv : int, cross-validation generator or iterable, default=None
        As in scikit-learn's searches. All trials have the same folds. A number,
        or None for 5, does not shuffle, stratifies single label columns only, and
        keeps the rows of a query together (`GroupKFold`) where the estimator is
        given a ``qid``.
    sampler : Optuna sampler, class or callable, default=None
        What chooses the parameters of the next trial. A class such as
        ``optuna.samplers.NSGAIISampler``, or another function that takes a
        ``seed``, is seeded from ``random_state``, anew for each trial; a sampler
        is used as it is, from a copy. None is ``optuna.samplers.TPESampler``, the
        tree-structured Parzen estimator, which draws its first 10 trials at random.
    storage : str or Optuna storage, default=None
        Where the study is kept, so that a later fit can go on with it: a database
        URL such as ``"sqlite:///tuning.db"``, or a storage such as Optuna's
        ``JournalStorage``. None keeps it in memory, for one fit.
    study_name : str, default=None
        Its name in the storage.
    callbacks : list of callable, default=None
        Called with the study and the trial after each trial.
    selection : "knee", dict or callable, default="knee"
        Which point of the front is in use after ``fit``: "knee", the arguments
        of `select` as ``{"preference": ...}`` or ``{"bounds": ...}``, or a
        callable from the front's scores, of shape (n_kept, n_objectives), to an
        index.
    reference_point : float or array-like of shape (n_objectives,), default=None
        Scores down to which ``hypervolume_`` is measured. None takes the worst
        mean score of each objective among all trials. To compare studies, pass
        the same numbers to all.
    refit : bool, default=True
        Whether to fit the models of the front on all rows. Without them, nothing
        can be predicted.
    error_score : "raise" or np.nan, default=np.nan
        With NaN a trial whose fit or score fails is recorded as failed, with a
        warning in the end, and the study goes on.
    n_jobs : int, default=None
        The number of folds of a trial, or of models of the front, fitted in
        parallel; ``None`` means 1 unless in a ``joblib.parallel_backend`` context.
        The trials do not depend on it.
    random_state : int, RandomState instance or None, default=None
        Seeds the sampler. Not the estimator, which has its own.
    verbose : int, default=0
        Above 0 shows Optuna's log, which 0 silences but for errors.

    Attributes
    ----------
    study_ : optuna.study.Study
        For Optuna's own plots and importances. Of a stored study a copy in memory,
        as it was at the end of ``fit``: a pickle of the search needs no storage.
    objective_names_ : list of str
        Of the scores that are traded off.
    cv_results_ : dict of ndarrays
        One row per trial that was not pruned, as in `GridSearchCV`: ``params``,
        ``mean_fit_time``, … and of each objective ``split0_test_<name>``, …,
        ``mean_test_<name>``, ``std_test_<name>``; ``trial`` has its number in the
        study and ``pareto_efficient`` tells who is on the front. Scores of failed
        fits are NaN.
    pareto_index_ : ndarray of shape (n_kept,)
        Rows of ``cv_results_`` on the front.
    pareto_front_ : ndarray of shape (n_kept, n_objectives)
        Their mean scores.
    pareto_params_ : list of dict
        Their parameters.
    pareto_estimators_ : list of estimators
        Their models, fitted on all rows, one for all points of the same parameters.
        Not there with ``refit=False``.
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
    skmo.pareto.ParetoSearchCV : The front of one model's preferences, on a grid.

    Notes
    -----
    Default space. Of the parameters below those are tuned that the estimator has,
    or the only LightGBM model inside of it. ``n_estimators`` is left as it is:
    early stopping finds it at less cost.

    ===================== ============================
    ``num_leaves``        8 to 128, logarithmic
    ``max_depth``         -1 (no limit), 4, 6 or 8
    ``learning_rate``     0.01 to 0.2, logarithmic
    ``min_child_samples`` 5 to 100, logarithmic
    ``subsample``         0.5 to 1
    ``colsample_bytree``  0.4 to 1
    ``reg_lambda``        0.001 to 10, logarithmic
    ===================== ============================

    First trial. Unless the space is a callable, the first trial has the
    estimator's own parameters, or what is nearest to them in the space: tuning
    should know what it is to beat. A parameter that has no nearest value, such as
    None, is drawn.

    Preferences. A preference of K importances is uniform on the simplex if it is
    drawn at random: ``<preference_param>_0``, …, of which there are K - 1 in the
    study, are uniform numbers between 0 and 1, each of which breaks its share off
    what those before left, by the quantile of a Beta(1, K - k) distribution for
    the k-th. No importance is less than a hundredth of an equal one.

    Going on. A fit with a ``storage`` and a ``study_name`` that are there already
    adds trials until there are ``n_trials``, and one that was interrupted (by an
    error of a callback, say, or from the keyboard) is made again. With a
    ``random_state`` and no sampler that is used as it is, the trials are the ones
    of a search that was never interrupted. The study is refused if its objectives,
    space, estimator, data or folds are others, which the storage has hashes of;
    of a callable space only the name is compared, and of other functions the
    compiled code, not what they call. A process that was killed leaves a trial
    marked as running, which is not counted.

    Scores. A fold in which an objective has no score for any trial is left out of
    that objective's means, with a warning. What is told to Optuna leaves out what
    a single trial has no score of.

    Metadata. As in :class:`~skmo.pareto.ParetoSearchCV`: by default ``fit(X, y,
    groups=..., **params)`` hands ``groups`` to the folds, all others to the
    estimator's ``fit`` and those that a score has a parameter for to the score.

    References
    ----------
    .. [1] T. Akiba, S. Sano, T. Yanase, T. Ohta, M. Koyama. "Optuna: a
       next-generation hyperparameter optimization framework", KDD 2019.
    .. [2] Y. Ozaki, Y. Tanigaki, S. Watanabe, M. Nomura, M. Onishi.
       "Multiobjective tree-structured Parzen estimator", Journal of Artificial
       Intelligence Research 73, 2022. What the default sampler is based on.
    .. [3] K. Deb, A. Pratap, S. Agarwal, T. Meyarivan. "A fast and elitist
       multiobjective genetic algorithm: NSGA-II", IEEE Transactions on
       Evolutionary Computation 6(2), 2002. For studies of many trials: its first
       50, by default, are random.

    Of none of them the text was at hand; Optuna's documentation cites them.

    Examples
    --------
    >>> from optuna.distributions import FloatDistribution, IntDistribution
    >>> from sklearn.datasets import make_regression
    >>> from skmo import MultiObjectiveRegressor
    >>> from skmo.tuning import ParetoTunerCV
    >>> X, Y = make_regression(200, 5, n_targets=2, random_state=0)
    >>> tuner = ParetoTunerCV(
    ...     MultiObjectiveRegressor(n_estimators=10, heads="none", random_state=0),
    ...     {
    ...         "num_leaves": IntDistribution(2, 16, log=True),
    ...         "learning_rate": FloatDistribution(0.05, 0.5, log=True),
    ...     },
    ...     preference_param="preference",
    ...     n_trials=4,
    ...     cv=2,
    ...     random_state=0,
    ... ).fit(X, Y)
    >>> tuner.predict(X).shape
    (200, 2)
    >>> sorted(tuner.best_params_)
    ['learning_rate', 'num_leaves', 'preference']

    The parameters that do best by the second target:

    >>> index = tuner.select(preference=[0, 1])
    >>> bool(tuner.best_scores_[1] == tuner.pareto_front_[:, 1].max())
    True
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "space": [dict, callable, None],
        "preference_param": [str, None],
        "n_trials": [Interval(Integral, 1, None, closed="left"), None],
        "timeout": [Interval(Real, 0, None, closed="neither"), None],
        "cv": ["cv_object"],
        "study_name": [str, None],
        "callbacks": [list, tuple, None],
        "refit": ["boolean"],
        "error_score": [StrOptions({"raise"}), Real],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        estimator: Any,
        space: Mapping[str, Any] | Callable[[Any], dict[str, Any]] | None = None,
        *,
        preference_param: str | None = None,
        objectives: Mapping[str, Any] | None = None,
        n_trials: int | None = 50,
        timeout: float | None = None,
        cv: Any = None,
        sampler: Any = None,
        storage: Any = None,
        study_name: str | None = None,
        callbacks: Sequence[Callable] | None = None,
        selection: Any = "knee",
        reference_point: Any = None,
        refit: bool = True,
        error_score: Any = np.nan,
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ):
        self.estimator = estimator
        self.space = space
        self.preference_param = preference_param
        self.objectives = objectives
        self.n_trials = n_trials
        self.timeout = timeout
        self.cv = cv
        self.sampler = sampler
        self.storage = storage
        self.study_name = study_name
        self.callbacks = callbacks
        self.selection = selection
        self.reference_point = reference_point
        self.refit = refit
        self.error_score = error_score
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None, **params: Any) -> ParetoTunerCV:
        """Make the trials, and fit the models of the front.

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
        ImportError
            If Optuna is not installed.
        ValueError
            For bad input, or a stored study that another search made, before
            anything is trained; if all trials fail, or no point of the front
            meets the bounds of ``selection``.
        """
        load_optuna()
        scores = self._check()
        X, y = indexable(X, y)
        rows, split_params = self._routed_rows(X, y, params, scores)
        objective = self._objective(rows, self._splits(rows, split_params), scores)
        with quiet_optuna(self.verbose), open_storage(self.storage) as storage:
            self.study_ = self._run(storage, objective)
        self._publish(objective)
        self._finish(scores, lambda: self._models(objective))
        return self

    def _models(self, objective: TrialObjective) -> list[Any]:
        """Those of the front; trials that drew the same share one."""
        trials = evaluated_trials(self.study_)
        drawn = [repr(sorted(trials[i].params.items())) for i in self.pareto_index_]
        first = {key: i for i, key in reversed(list(enumerate(drawn)))}
        settings = [self.pareto_params_[i] for i in first.values()]
        models = dict(zip(first, objective.refit(settings), strict=True))
        return [models[key] for key in drawn]

    def _check(self) -> ObjectiveScores:
        """Check what can be without the data."""
        scores = ObjectiveScores(self.objectives)
        self._check_choices(scores.names)
        check_end(self.n_trials, self.timeout)
        check_error_score(self.error_score)
        check_callbacks(self.callbacks)
        check_estimator(self.estimator, scores)
        return scores

    def _objective(
        self, rows: Rows, splits: list, scores: ObjectiveScores
    ) -> TrialObjective:
        if self.preference_param is None and scores.scorers is not None:
            n_targets = 1
        else:
            n_targets = target_count(rows.y, scores)
        return TrialObjective(
            plan=TrialPlan(self.estimator),
            space=SearchSpace(
                self.space, self.preference_param, self.estimator, n_targets
            ),
            rows=rows,
            splits=splits,
            scores=scores,
            n_objectives=n_targets if scores.scorers is None else len(scores.scorers),
            error_score=self.error_score,
            n_jobs=self.n_jobs,
        )

    def _run(self, storage: Any, objective: TrialObjective) -> Any:
        """The study, with its trials made."""
        sampler = sampler_factory(self.sampler, draw_seed(self.random_state))
        purpose = {} if storage is None else purpose_of(objective)
        study = open_study(storage, self.study_name, objective.n_objectives, purpose)
        run_study(
            study,
            objective,
            sampler,
            n_trials=self.n_trials,
            timeout=self.timeout,
            start=objective.space.start(),
            callbacks=self.callbacks or (),
        )
        return study if storage is None else copy_in_memory(study, storage)

    def _publish(self, objective: TrialObjective) -> None:
        trials = evaluated_trials(self.study_)
        if not trials:
            raise ValueError(why_no_trial(self.study_, self.timeout))
        settings = [objective.space.past_params(trial) for trial in trials]
        outcomes = [outcome for trial in trials for outcome in outcomes_of(trial)]
        self.n_splits_ = len(objective.splits)
        scored = score_outcomes(outcomes, self.n_splits_, self.error_score)
        names, scores, mean, std = scored
        self.cv_results_ = trial_table(
            trials, settings, outcomes, names, scores, mean, std
        )
        self._publish_front(names, mean)
        self.pareto_params_ = [settings[i] for i in self.pareto_index_]
