"""One multi-objective model against one LightGBM model per target, and others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone, is_classifier
from sklearn.utils import check_random_state

from ..estimators import (
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRegressor,
)
from ..metrics._points import check_tolerance
from ..objectives import Objective
from ._data import Problem, divide
from ._fold import run_fold
from ._peers import select_peers
from ._progress import ProgressLine
from ._result import ComparisonResult
from ._summary import mean_change, merged, summarise, total_seconds

_ESTIMATORS = (
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRegressor,
)


def compare(
    X: Any,
    Y: Any,
    *,
    estimator: MultiObjectiveEstimator
    | MultiObjectiveRegressor
    | MultiObjectiveClassifier
    | None = None,
    objectives: str | Sequence[str | Objective] = "auto",
    target_names: Sequence[str] | None = None,
    peers: str | Sequence[str] = ("lightgbm",),
    X_test: Any = None,
    Y_test: Any = None,
    test_size: float = 0.25,
    cv: int | Any | Iterable[Any] | None = None,
    confidence: float = 0.95,
    validation_fraction: float = 0.1,
    groups: ArrayLike | None = None,
    time: ArrayLike | None = None,
    tolerance: float = 0.002,
    random_state: int | np.random.RandomState | None = None,
    n_jobs: int | None = None,
    progress: bool | None = None,
) -> ComparisonResult:
    """Compare one skmo model with one separate LightGBM model per target.

    Both sides train on the same rows with the same number of rounds, learning
    rate and tree settings, stop early on the same validation rows and are
    scored on the same test rows, which neither has seen. A separate model
    trains on the rows that observe its target. What else differs (random
    directions, shrunk leaf values of rarely observed targets, the constants
    boosting starts from, the objectives' own trees) is part of skmo. Other
    libraries can join, see ``peers``.

    Parameters
    ----------
    X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
        The features.
    Y : array-like or DataFrame of shape (n_samples, n_objectives)
        The targets, NaN where not observed: numbers, or labels of any type for
        a MultiObjectiveClassifier.
    estimator : MultiObjectiveEstimator, MultiObjectiveRegressor or \
MultiObjectiveClassifier, default=None
        The skmo model, whose settings the separate models share. None means
        ``MultiObjectiveEstimator(objectives, n_estimators=1000,
        learning_rate=0.05)``. Its ``tol`` holds for skmo's shared
        trees alone: the separate models count every improvement, as in
        LightGBM.
    objectives : "auto" or list, default="auto"
        The objectives if ``estimator`` is None.
    target_names : list of str, default=None
        Names for the report and the model; None takes those of a data frame.
    peers : "installed" or list of str, default=("lightgbm",)
        Other models to score: "catboost" and "xgboost" (one model per target),
        "catboost_joint" (its joint losses), "xgboost_joint" (vector leaves),
        "forest" (scikit-learn's, one per target); "lightgbm" is the reference
        and always there. "installed" runs all whose library is. Each has skmo's
        rounds, learning rate, threads and rows to stop by and its library's
        defaults otherwise; the forest has 100 trees with leaves of at least 5
        rows and reads codes of categories as numbers. Joint models learn
        standardised targets. What a peer cannot do is reported, not raised.
    X_test, Y_test : like X and Y, default=None
        Test rows; None holds out rows of ``X``.
    test_size : float, default=0.25
        The share of rows held out for the test scores, without ``cv``.
    cv : int, splitter or iterable, default=None
        Cross-validate: a number of shuffled folds (of whole ``groups``;
        expanding windows along ``time``), a splitter of scikit-learn's, or
        pairs of training and test rows. None makes one split.
    confidence : float, default=0.95
        The probability of the intervals over folds.
    validation_fraction : float, default=0.1
        The share of the remaining rows that only tells when to stop.
    groups : array-like of shape (n_samples,), default=None
        Rows of one group (a user, say) stay together in training, validation
        or test.
    time : array-like of shape (n_samples,), default=None
        Order the rows by this: the last ones test, those before validate.
    tolerance : float, default=0.002
        A change of a score up to this size counts as none.
    random_state : int, RandomState instance or None, default=None
        Seed of the splits, and of the fits unless ``estimator`` has one.
    n_jobs : int, default=None
        Threads of either side; None leaves it to ``estimator``.
    progress : bool, default=None
        Whether to show a progress line on standard error; None shows it on a
        terminal.

    Returns
    -------
    ComparisonResult
        ``print`` shows the report card; see there for the table and the plot.

    Raises
    ------
    ValueError
        If a parameter is out of range, shapes differ, there are too few rows
        to divide, or a target has no observed value in the training or test
        rows. Targets outside their objective's domain raise, too.
    TypeError
        If ``estimator`` is not one of skmo's.
    ImportError
        If a peer named is not installed.

    Notes
    -----
    The scores are the area under the ROC curve (``AUC``) for binary targets and
    the fraction of the deviance explained otherwise: ``R2`` for squared error
    and Huber's loss, ``D2`` for the other objectives, each by its own deviance,
    and for more than two classes. A class that the training rows lack counts as
    unobserved elsewhere, and a target whose test rows are all equal has no
    score; an ``UndefinedMetricWarning`` names it.
    One split is one draw. With ``cv`` the scores are means over folds, and the
    difference has an interval by the corrected resampled t-test [1]_, as folds
    that share training rows are not independent draws. The times are those of
    the whole fits, one after the other, summed over folds.

    References
    ----------
    .. [1] C. Nadeau, Y. Bengio. "Inference for the Generalization Error",
       Machine Learning 52, 2003, pages 239-281: the corrected resampled t-test.

    Examples
    --------
    >>> from skmo import MultiObjectiveEstimator, compare
    >>> from skmo.datasets import make_feed
    >>> X, Y = make_feed(2000, random_state=0)
    >>> names = ["click", "long_view", "watch_time"]
    >>> result = compare(X, Y, target_names=names, random_state=0)
    >>> sorted(result.seconds)
    ['separate', 'skmo']

    Three folds, and a random forest beside:

    >>> result = compare(
    ...     X[:600], Y[:600], estimator=MultiObjectiveEstimator(n_estimators=5),
    ...     target_names=names, peers=["forest"], cv=3, random_state=0,
    ... )
    >>> [record["change"] for record in result.to_records()]
    ['...', '...', '...']
    """
    check_tolerance(tolerance, "compare")
    if not isinstance(confidence, Real) or not 0 < confidence < 1:
        raise ValueError(
            "The 'confidence' parameter of compare must be a float in the range "
            f"(0, 1). Got {confidence!r:.200} instead."
        )
    peer_names = select_peers(peers)
    seed = random_state
    if not isinstance(seed, Integral):
        seed = int(check_random_state(seed).randint(2**31 - 1))
    estimator = _estimator(estimator, objectives, seed, n_jobs)
    problem = divide(
        X,
        Y,
        labels=is_classifier(estimator),
        X_test=X_test,
        Y_test=Y_test,
        cv=cv,
        target_names=target_names,
        test_size=test_size,
        validation_fraction=validation_fraction,
        groups=groups,
        time=time,
        seed=seed,
    )
    if len(problem.rows) > 1:
        _settle_objectives(estimator, problem)
    outcomes = []
    n_steps = len(problem.names) + 1 + len(peer_names)
    with ProgressLine(len(problem.rows) * n_steps, progress) as line:
        for number in range(len(problem.rows)):
            outcomes.append(
                run_fold(estimator, problem, number, peer_names, seed=seed, line=line)
            )
    limits = {"tolerance": tolerance, "confidence": confidence}
    return ComparisonResult(
        summarise(outcomes, peer_names, **limits),
        seconds=total_seconds(outcomes),
        n_rows=problem.n_rows,
        tolerance=tolerance,
        estimator=outcomes[-1].estimator,
        separate=outcomes[-1].separate,
        peers=peer_names,
        unsupported=merged(outcomes),
        confidence=confidence if len(outcomes) > 1 else None,
        fold_records=[record for outcome in outcomes for record in outcome.records],
        estimators=[outcome.estimator for outcome in outcomes],
        mean_change=mean_change(outcomes, **limits),
    )


def _estimator(estimator: Any, objectives: Any, seed: int, n_jobs: int | None) -> Any:
    """The unfitted skmo model, with seed and threads."""
    if estimator is None:
        estimator = MultiObjectiveEstimator(
            objectives=objectives, n_estimators=1000, learning_rate=0.05
        )
    elif not (isinstance(objectives, str) and objectives == "auto"):
        raise ValueError(
            "The 'objectives' parameter of compare is for estimator=None. Got "
            f"{objectives!r:.200} and an estimator: give the objectives to the "
            "estimator, or no estimator."
        )
    elif not isinstance(estimator, _ESTIMATORS):
        names = [kind.__name__ for kind in _ESTIMATORS]
        raise TypeError(
            f"The 'estimator' parameter of compare must be one of {names}. Got "
            f"{estimator!r:.200} instead; other libraries join by 'peers'."
        )
    if getattr(estimator, "shared_score", False):
        raise ValueError(
            "compare sets a model of each target beside a prediction of each, and "
            "with shared_score=True there is one prediction for all. Use "
            "score_objectives, or leave shared_score at False."
        )
    estimator = clone(estimator)
    if estimator.random_state is None:
        estimator.set_params(random_state=seed)
    if n_jobs is not None:
        estimator.set_params(n_jobs=n_jobs)
    return estimator


def _settle_objectives(estimator: Any, problem: Problem) -> None:
    """Choose "auto" objectives by all rows: folds could differ."""
    if getattr(estimator, "objectives", None) != "auto":
        return
    names = []
    for column, known in zip(
        problem.whole.Y.values, problem.whole.Y.observed().T, strict=True
    ):
        binary = np.isin(column[known], (0, 1)).all()
        names.append("binary" if binary else "squared_error")
    estimator.set_params(objectives=names)
