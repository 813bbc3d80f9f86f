"""What passes from an estimator to the booster and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from sklearn.base import BaseEstimator

from ..boosting import (
    MAX_OBJECTIVES,
    BoostingResult,
    TargetRows,
    TreeGrower,
    to_one,
)


class BoosterInputs(NamedTuple):
    """The arguments of `SharedBooster.fit`."""

    grower: TreeGrower
    train: TargetRows
    val: TargetRows | None
    result: BoostingResult
    scores: np.ndarray | None
    scores_val: np.ndarray | None
    best: np.ndarray | None
    best_val: np.ndarray | None

    def close(self) -> None:
        """End the threads."""
        for rows in (self.train, self.val):
            if rows is not None:
                rows.close()


@contextmanager
def restored_on_error(estimator: BaseEstimator) -> Iterator[None]:
    """Give a fitted estimator its state back if it cannot be refitted."""
    before = vars(estimator).copy()
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


def gain_shares(result: BoostingResult) -> np.ndarray:
    """Each objective's gains over their sum; 0 for one without gain."""
    return np.array(
        [
            to_one(gains) if head is None else head.gains(gains)
            for head, gains in zip(result.heads, result.importances, strict=True)
        ]
    )


def history_arrays(result: BoostingResult) -> dict[str, np.ndarray]:
    """The estimators' ``history_``: one row a round, losses in the user's units."""
    n_objectives = len(result.n_iter)
    shapes = {
        "train_loss": (n_objectives,),
        "val_loss": (n_objectives,),
        "weights": (n_objectives,),
        "cosines": (n_objectives, n_objectives),
    }
    for name, rounds in result.history.items():
        values = np.asarray(rounds, np.float32 if name == "cosines" else np.float64)
        shape = (len(rounds), *shapes.get(name, ()))
        # The result keeps these very arrays: a pickle holds them once.
        result.history[name] = values.reshape(shape)
    history = dict(result.history)
    if n_objectives > MAX_OBJECTIVES:
        del history["cosines"], history["conflict"]
    if np.isnan(history["val_loss"]).all():
        del history["val_loss"]
    for name in {"train_loss", "val_loss"} & set(history):
        history[name] = history[name] * result.coder.loss_unit
    return history
