"""One fold of a comparison: fit all sides, score them on the same rows."""

from __future__ import annotations

import time as clock
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.exceptions import UndefinedMetricWarning

from ..estimators._labels import LabelEncoding
from ..metrics._natural import NamedScore, label_score, natural_score
from ..objectives import get_objective
from ._data import Fold, Part, Problem
from ._peers import PEERS, Model, Task
from ._progress import ProgressLine
from ._separate import EncodedRows, SeparateModel, fit_separate


@dataclass
class FoldOutcome:
    """What one fold found.

    Attributes
    ----------
    estimator : estimator
    separate : list of SeparateModel
    records : list of dict
        Per objective its name, metric, test scores by model, counts of rows
        and trees.
    seconds : dict
        Wall time of the fits by model.
    unsupported : dict
        Per peer a dict from objectives' names to words.
    """

    estimator: Any
    separate: list[SeparateModel]
    records: list[dict[str, Any]]
    seconds: dict[str, float]
    unsupported: dict[str, dict[str, str]]


def run_fold(
    estimator: Any,
    problem: Problem,
    number: int,
    peers: Sequence[str],
    *,
    seed: int,
    line: ProgressLine,
) -> FoldOutcome:
    """Fit and score a clone of ``estimator``, the separate models and the peers."""
    fold, names = problem.fold(number), problem.names
    prefix = f"fold {number + 1}/{len(problem.rows)}: " if len(problem.rows) > 1 else ""
    seconds: dict[str, float] = {}
    estimator = clone(estimator)
    _drop_unseen_labels(estimator, fold)
    line.step(f"{prefix}skmo: {len(names)} objectives")
    with _timed(seconds, "skmo"):
        estimator.fit(
            fold.train.X, fold.train.Y, X_val=fold.validation.X, y_val=fold.validation.Y
        )
    separate = []
    with _timed(seconds, "separate"):
        train = encoded(estimator, fold.train)
        validation = encoded(estimator, fold.validation)
        for k, name in enumerate(names):
            line.step(f"{prefix}separate LightGBM: {name}")
            separate.append(fit_separate(estimator, k, train, validation, seed=seed))
    fitted: dict[str, list[Model | str]] = {}
    task = _task(estimator, train, validation, seed)
    for peer in peers:
        line.step(f"{prefix}{PEERS[peer].title}")
        with _timed(seconds, peer):
            fitted[peer] = PEERS[peer].fit(task)
    rows = encoded(estimator, fold.test)
    sides: dict[str, list[Any]] = {
        "separate": [model.predict(rows.X) for model in separate],
        "skmo": _predictions(estimator, fold.test.X),
        **{peer: _peer_predictions(peer, fitted[peer], rows.X) for peer in peers},
    }
    records = _records(problem, number, judges(estimator, problem), rows.Y, sides)
    for k, record in enumerate(records):
        record["n_learn"] = sum(
            int((~np.isnan(part.Y[:, k])).sum()) for part in (train, validation)
        )
        record["trees_separate"] = int(separate[k].best_iteration)
        record["trees_skmo"] = _trees(estimator, k)
    unsupported = {peer: _words(names, sides[peer]) for peer in peers}
    return FoldOutcome(estimator, separate, records, seconds, unsupported)


def _peer_predictions(
    peer: str, models: Sequence[Model | str], X: Any
) -> list[np.ndarray | str]:
    """Predictions per objective, or in words why there are none."""
    return [
        model if isinstance(model, str) else PEERS[peer].predict(model, X)
        for model in models
    ]


def _words(names: Sequence[str], found: Sequence[Any]) -> dict[str, str]:
    """The objectives that have words in place of a result."""
    pairs = zip(names, found, strict=True)
    return {name: word for name, word in pairs if isinstance(word, str)}


def _trees(estimator: Any, k: int) -> int:
    """The rounds that skmo predicts objective ``k`` with, shared and its own."""
    alone = estimator.heads_[k] == "blend" and estimator.head_shares_[k] == 1.0
    shared = 0 if alone else estimator.n_iter_[k]
    return int(shared + estimator.head_n_iter_[k])


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    started = clock.perf_counter()
    yield
    seconds[name] = clock.perf_counter() - started


def _drop_unseen_labels(estimator: Any, fold: Fold) -> None:
    """Forget validation labels of classes that the training rows lack."""
    for k in range(len(fold.train.Y.columns)):
        if is_classifier(estimator):
            fold.validation.Y.without_unseen(k, fold.train.Y)
            continue
        specs = getattr(estimator, "objectives", "auto")
        if isinstance(specs, str) or k >= len(specs):
            return
        if get_objective(specs[k]).task == "classification":
            fold.validation.Y.without_unseen(k, fold.train.Y)


def encoded(estimator: Any, part: Part) -> EncodedRows:
    """Rows as the trees see them, with the classes' indices for labels."""
    targets = np.empty(part.Y.shape)
    all_labels = is_classifier(estimator)
    for k, column in enumerate(part.Y.values):
        if all_labels or estimator.objectives_[k].task == "classification":
            labels = LabelEncoding(estimator.classes_[k], part.Y.columns[k])
            column = labels.codes(column).astype(np.float64)
            # A class absent from the training rows cannot be predicted or scored.
            column[column < 0] = np.nan
        targets[:, k] = column
    return EncodedRows(estimator._features.transform(estimator, part.X), targets)


def _task(
    estimator: Any, train: EncodedRows, validation: EncodedRows, seed: int
) -> Task:
    params = estimator.get_params(deep=False)
    return Task(
        objectives=estimator.objectives_,
        train=train,
        validation=validation,
        n_estimators=params["n_estimators"],
        learning_rate=params["learning_rate"],
        patience=params["n_iter_no_change"] if params["early_stopping"] else None,
        categorical=estimator._features.categorical,
        n_threads=estimator._n_threads(train.X),
        seed=seed % 2**31,
    )


def judges(estimator: Any, problem: Problem) -> list[NamedScore]:
    """Each objective's score; of labels by the classes of all rows, not a fold's."""
    if is_classifier(estimator):
        return [label_score(n) for n in problem.n_classes]
    return [natural_score(objective) for objective in estimator.objectives_]


def _predictions(estimator: Any, X: Any) -> list[np.ndarray]:
    """Per objective the means (n_samples,), or probabilities of all classes."""
    if is_classifier(estimator):
        return estimator.predict_proba(X)
    tasks = [objective.task for objective in estimator.objectives_]
    proba = estimator.predict_proba(X) if "classification" in tasks else []
    means = np.asarray(estimator.predict(X)).reshape(-1, len(tasks))
    return [
        proba[k] if task == "classification" else means[:, k]
        for k, task in enumerate(tasks)
    ]


def _records(
    problem: Problem,
    number: int,
    scores: Sequence[NamedScore],
    Y: np.ndarray,
    sides: dict[str, list[np.ndarray | str]],
) -> list[dict[str, Any]]:
    """Test scores, one record per objective; NaN where there is none."""
    records = []
    for k, (name, (metric, score)) in enumerate(
        zip(problem.names, scores, strict=True)
    ):
        y = Y[:, k]
        record = {"fold": number, "objective": name, "metric": metric}
        with warnings.catch_warnings():
            # Their text counts columns; `compare` names the target.
            warnings.simplefilter("ignore", UndefinedMetricWarning)
            for side, predictions in sides.items():
                p = predictions[k]
                record[side] = np.nan if isinstance(p, str) else float(score(y, p))
        record["n_test"] = int((~np.isnan(y)).sum())
        record["n_rarer"] = None
        if metric == "AUC":
            record["n_rarer"] = int(min((y == 0).sum(), (y == 1).sum()))
        records.append(record)
    return records
