"""One multi-objective model against one LightGBM model per target."""

from __future__ import annotations

import time as clock
from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone, is_classifier
from sklearn.utils import _safe_indexing, check_random_state
from sklearn.utils.validation import _num_samples

from ..estimators import MultiObjectiveEstimator, MultiObjectiveRegressor
from ..objectives import Objective
from ._progress import ProgressLine
from ._result import ComparisonResult
from ._scoring import natural_score
from ._separate import Rows, fit_separate
from ._splits import check_column, check_share, split


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

    Both sides train on the same rows with the same settings (number of trees,
    learning rate, leaves, ...), stop early on the same validation rows and are
    scored on the same test rows, which neither has seen. A separate model
    trains on the rows that observe its target.

    Parameters
    ----------
    X : {array-like, sparse matrix, DataFrame} of shape (n_samples, n_features)
        The features.
    Y : array-like or DataFrame of shape (n_samples, n_objectives)
        The targets, numeric, NaN where not observed.
    estimator : MultiObjectiveEstimator or MultiObjectiveRegressor, default=None
        The skmo model, whose settings the separate models share. None means
        ``MultiObjectiveEstimator(objectives, n_estimators=1000,
        learning_rate=0.05)``.
    objectives : "auto" or list, default="auto"
        The objectives if ``estimator`` is None.
    target_names : list of str, default=None
        Names for the report; None takes those of a data frame.
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
        If a parameter is out of range, shapes differ, or a target has no
        observed value in the training or test rows. Targets outside their
        objective's domain raise, too.
    TypeError
        If ``estimator`` is a classifier, whose labels have no single score.

    Notes
    -----
    The scores are the area under the ROC curve (``AUC``) for binary targets and
    the fraction of the deviance explained otherwise: ``R2`` for squared error
    and Huber's loss, ``D2`` for the other objectives, each by its own deviance.
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
    if (X_test is None) != (Y_test is None):
        raise ValueError("X_test and Y_test must be given together.")
    seed = random_state
    if not isinstance(seed, Integral):
        seed = int(check_random_state(seed).randint(2**31 - 1))
    estimator = _estimator(estimator, objectives, seed, n_jobs)
    targets = _target_matrix(Y, "Y")
    if _num_samples(X) != len(targets):
        raise ValueError(f"X has {_num_samples(X)} rows but Y has {len(targets)}.")
    names = _names(target_names, Y, targets.shape[1])
    train, validation, test = _split_rows(
        len(targets), X_test is None, test_size, validation_fraction, groups, time, seed
    )
    if X_test is None:
        X_test, test_targets = _safe_indexing(X, test), targets[test]
    else:
        test_targets = _target_matrix(Y_test, "Y_test")
        if test_targets.shape[1] != targets.shape[1]:
            raise ValueError(
                f"Y has {targets.shape[1]} columns but Y_test {test_targets.shape[1]}."
            )
    for part, values in (("training", targets[train]), ("test", test_targets)):
        for name, column in zip(names, values.T, strict=True):
            if np.isnan(column).all():
                raise ValueError(f"The {part} rows hold no observed value of {name!r}.")

    # 1-D targets become 2-D, and so do predictions.
    Y = Y if np.ndim(Y) == 2 else targets
    X_train, X_val = _safe_indexing(X, train), _safe_indexing(X, validation)
    Y_train, Y_val = _safe_indexing(Y, train), _safe_indexing(Y, validation)
    separate = []
    with ProgressLine(len(names) + 1, progress) as line:
        line.step(f"skmo: {len(names)} objectives")
        started = clock.perf_counter()
        estimator.fit(X_train, Y_train, X_val=X_val, y_val=Y_val)
        seconds = {"skmo": clock.perf_counter() - started}

        started = clock.perf_counter()
        train_rows = _encoded(estimator, X_train, targets[train])
        val_rows = _encoded(estimator, X_val, targets[validation])
        for k, name in enumerate(names):
            line.step(f"separate LightGBM: {name}")
            model = fit_separate(estimator, k, train_rows, val_rows, seed=seed)
            separate.append(model)
        seconds["separate"] = clock.perf_counter() - started
        test_rows = _encoded(estimator, X_test, test_targets)
        shared = _predictions(estimator, X_test)
    records = []
    for k, (name, model) in enumerate(zip(names, separate, strict=True)):
        metric, score = natural_score(estimator.objectives_[k])
        y = test_rows.Y[:, k]
        before, after = score(y, model.predict(test_rows.X)), score(y, shared[k])
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
    return ComparisonResult(
        records,
        seconds=seconds,
        n_rows={
            "train": len(train),
            "validation": len(validation),
            "test": len(test_targets),
        },
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


def _target_matrix(Y: Any, name: str) -> np.ndarray:
    try:
        targets = np.asarray(Y, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be numeric: {error}") from error
    if targets.ndim == 1:
        targets = targets[:, np.newaxis]
    if targets.ndim != 2 or not targets.size:
        raise ValueError(
            f"{name} must have the shape (n_samples, n_objectives). "
            f"Got {targets.shape}."
        )
    return targets


def _names(given: Sequence[str] | None, Y: Any, n_objectives: int) -> list[str]:
    if given is None:
        given = getattr(Y, "columns", [f"target{k}" for k in range(n_objectives)])
    names = [str(name) for name in given]
    if len(names) != n_objectives:
        raise ValueError(f"target_names holds {len(names)} names for {n_objectives}.")
    return names


def _split_rows(
    n_rows: int,
    hold_out: bool,
    test_size: float,
    fraction: float,
    groups: ArrayLike | None,
    time: ArrayLike | None,
    seed: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Training, validation and test rows; no test rows unless ``hold_out``."""
    if groups is not None and time is not None:
        raise ValueError("Split by groups or by time, not by both.")
    check_share("validation_fraction", fraction)
    by: dict[str, Any] = {"random_state": seed}
    if groups is not None:
        by["groups"] = check_column("groups", groups, n_rows)
    if time is not None:
        by["time"] = check_column("time", time, n_rows)
    rows, test = np.arange(n_rows), np.arange(0)
    if hold_out:
        check_share("test_size", test_size)
        rows, test = split(rows, test_size, **by)
    train, validation = split(rows, fraction, **by)
    return train, validation, test


def _encoded(estimator: Any, X: Any, targets: np.ndarray) -> Rows:
    """Rows as the trees see them, with the classes' indices for labels."""
    targets = targets.copy()
    for k, objective in enumerate(estimator.objectives_):
        if objective.task == "classification":
            # A class absent from the training rows cannot be predicted or scored.
            classes, labels = estimator.classes_[k], targets[:, k]
            index = np.searchsorted(classes, labels).clip(max=len(classes) - 1)
            targets[:, k] = np.where(classes[index] == labels, index, np.nan)
    return Rows(estimator._features.transform(estimator, X), targets)


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
