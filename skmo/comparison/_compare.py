"""One multi-objective model against one LightGBM model per target."""

from __future__ import annotations

import time as clock
import warnings
from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone, is_classifier
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.utils import check_random_state

from ..estimators import MultiObjectiveEstimator, MultiObjectiveRegressor
from ..exceptions import warn_user
from ..objectives import Objective, get_objective
from ._data import NamedTargets, Part, Problem, divide
from ._progress import ProgressLine
from ._result import ComparisonResult
from ._scoring import natural_score
from ._separate import EncodedRows, SeparateModel, fit_separate


def compare(
    X: Any,
    Y: Any,
    *,
    estimator: MultiObjectiveEstimator | MultiObjectiveRegressor | None = None,
    objectives: str | Sequence[str | Objective] = "auto",
    target_names: Sequence[str] | None = None,
    X_test: Any = None,
    Y_test: Any = None,
    test_size: float = 0.25,
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
    boosting starts from) is part of skmo.

    Parameters
    ----------
    X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
        The features.
    Y : array-like or DataFrame of shape (n_samples, n_objectives)
        The targets, numeric, NaN where not observed.
    estimator : MultiObjectiveEstimator or MultiObjectiveRegressor, default=None
        The skmo model, whose settings the separate models share. None means
        ``MultiObjectiveEstimator(objectives, n_estimators=1000,
        learning_rate=0.05)``. Its ``tol``, a share of the constant
        prediction's loss, holds for skmo alone: LightGBM knows absolute
        differences only, so the separate models count every improvement.
    objectives : "auto" or list, default="auto"
        The objectives if ``estimator`` is None.
    target_names : list of str, default=None
        Names for the report and the model; None takes those of a data frame.
    X_test, Y_test : like X and Y, default=None
        Test rows; None holds out rows of ``X``.
    test_size : float, default=0.25
        The share of rows held out for the test scores.
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
        Seed of the split, and of the fits unless ``estimator`` has one.
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
        If ``estimator`` is a classifier, whose labels have no single score.

    Notes
    -----
    The scores are the area under the ROC curve (``AUC``) for binary targets and
    the fraction of the deviance explained otherwise: ``R2`` for squared error
    and Huber's loss, ``D2`` for the other objectives, each by its own deviance.
    A class that the training rows lack counts as unobserved elsewhere, and a
    target whose test rows are all equal has no score; an
    ``UndefinedMetricWarning`` names it.
    One split is one draw: repeat with other seeds before trusting small
    differences. The times are those of the whole fits, one after the other.

    Examples
    --------
    >>> from skmo import compare
    >>> from skmo.datasets import make_feed
    >>> X, Y = make_feed(2000, random_state=0)
    >>> names = ["click", "long_view", "watch_time"]
    >>> result = compare(X, Y, target_names=names, random_state=0)
    >>> sorted(result.seconds)
    ['separate', 'skmo']
    """
    if not tolerance >= 0:
        raise ValueError(f"tolerance must not be negative. Got {tolerance!r}.")
    seed = random_state
    if not isinstance(seed, Integral):
        seed = int(check_random_state(seed).randint(2**31 - 1))
    estimator = _estimator(estimator, objectives, seed, n_jobs)
    problem = divide(
        X,
        Y,
        X_test=X_test,
        Y_test=Y_test,
        target_names=target_names,
        test_size=test_size,
        validation_fraction=validation_fraction,
        groups=groups,
        time=time,
        seed=seed,
    )
    _drop_unseen_labels(estimator, problem)
    separate, seconds = _fit_both(estimator, problem, seed, progress)
    return ComparisonResult(
        _records(estimator, separate, problem),
        seconds=seconds,
        n_rows=problem.n_rows,
        tolerance=tolerance,
        estimator=estimator,
        separate=separate,
    )


def _estimator(estimator: Any, objectives: Any, seed: int, n_jobs: int | None) -> Any:
    """The unfitted skmo model, with seed and threads."""
    if estimator is None:
        estimator = MultiObjectiveEstimator(
            objectives=objectives, n_estimators=1000, learning_rate=0.05
        )
    elif not (isinstance(objectives, str) and objectives == "auto"):
        raise ValueError("Give the objectives to the estimator, or no estimator.")
    elif is_classifier(estimator):
        raise TypeError(
            "compare needs targets in numbers: pass a MultiObjectiveEstimator with the "
            "objectives 'binary' or 'multiclass' instead of a classifier."
        )
    estimator = clone(estimator)
    if estimator.random_state is None:
        estimator.set_params(random_state=seed)
    if n_jobs is not None:
        estimator.set_params(n_jobs=n_jobs)
    return estimator


def _drop_unseen_labels(estimator: Any, problem: Problem) -> None:
    """Forget validation labels of classes that the training rows lack."""
    specs = getattr(estimator, "objectives", "auto")
    specs = [] if isinstance(specs, str) else specs
    columns = zip(specs, problem.train.Y.T, problem.validation.Y.T, strict=False)
    for spec, seen, labels in columns:
        if get_objective(spec).task == "classification":
            labels[~np.isin(labels, seen)] = np.nan


def _fit_both(
    estimator: Any, problem: Problem, seed: int, progress: bool | None
) -> tuple[list[SeparateModel], dict[str, float]]:
    """Fit ``estimator`` and the separate models; the latter and both times."""
    names, train, val = problem.names, problem.train, problem.validation
    separate, seconds = [], {}
    with ProgressLine(len(names) + 1, progress) as line:
        line.step(f"skmo: {len(names)} objectives")
        started = clock.perf_counter()
        estimator.fit(
            train.X,
            NamedTargets(train.Y, names),
            X_val=val.X,
            y_val=NamedTargets(val.Y, names),
        )
        seconds["skmo"] = clock.perf_counter() - started

        started = clock.perf_counter()
        train_rows, val_rows = _encoded(estimator, train), _encoded(estimator, val)
        for k, name in enumerate(names):
            line.step(f"separate LightGBM: {name}")
            separate.append(fit_separate(estimator, k, train_rows, val_rows, seed=seed))
        seconds["separate"] = clock.perf_counter() - started
    return separate, seconds


def _records(
    estimator: Any, separate: Sequence[SeparateModel], problem: Problem
) -> list[dict[str, Any]]:
    """Both sides' test scores, one record per objective."""
    rows = _encoded(estimator, problem.test)
    predictions = _predictions(estimator, problem.test.X)
    records = []
    for k, (name, model) in enumerate(zip(problem.names, separate, strict=True)):
        metric, score = natural_score(estimator.objectives_[k])
        y = rows.Y[:, k]
        with warnings.catch_warnings():
            # Their text counts columns; the one below names the target.
            warnings.simplefilter("ignore", UndefinedMetricWarning)
            before, after = score(y, model.predict(rows.X)), score(y, predictions[k])
        if np.isnan(after - before):
            warn_user(
                f"The test rows do not define the {metric} of {name!r} (too few "
                "observed values, or all equal).",
                UndefinedMetricWarning,
            )
        records.append(
            {
                "objective": name,
                "metric": metric,
                "separate": float(before),
                "skmo": float(after),
                "difference": float(after - before),
                "n_test": int((~np.isnan(y)).sum()),
                "n_rarer": _rarer(y) if metric == "AUC" else None,
                "trees_separate": int(model.best_iteration),
                "trees_skmo": int(estimator.n_iter_[k]),
            }
        )
    return records


def _encoded(estimator: Any, part: Part) -> EncodedRows:
    """Rows as the trees see them, with the classes' indices for labels."""
    targets = part.Y.copy()
    for k, objective in enumerate(estimator.objectives_):
        if objective.task == "classification":
            # A class absent from the training rows cannot be predicted or scored.
            classes, labels = estimator.classes_[k], targets[:, k]
            index = np.searchsorted(classes, labels).clip(max=len(classes) - 1)
            targets[:, k] = np.where(classes[index] == labels, index, np.nan)
    return EncodedRows(estimator._features.transform(estimator, part.X), targets)


def _rarer(y: np.ndarray) -> int:
    return int(min((y == 0).sum(), (y == 1).sum()))


def _predictions(estimator: Any, X: Any) -> list[np.ndarray]:
    """Per objective the means (n_samples,), or probabilities of all classes."""
    tasks = [objective.task for objective in estimator.objectives_]
    proba = estimator.predict_proba(X) if "classification" in tasks else []
    means = np.asarray(estimator.predict(X)).reshape(-1, len(tasks))
    return [
        proba[k] if task == "classification" else means[:, k]
        for k, task in enumerate(tasks)
    ]
