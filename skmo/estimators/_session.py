"""One call of ``fit``: who is told, what it is resumed from, what is saved."""

from __future__ import annotations

import os
from collections.abc import Callable
from os import PathLike
from typing import Any, NamedTuple

from ..boosting import BoostingResult, Head, Run
from ..callbacks._checkpoint import Checkpoint
from ..exceptions import InterruptedFitWarning, warn_user
from ._checkpoint_file import read_checkpoint, write_checkpoint
from ._identity import (
    check_same,
    identity_of_data,
    identity_of_earlier,
    identity_of_parameters,
)
from ._progress import report_rounds, shown_heads
from ._rows import Rows
from ._sklearn_callbacks import SklearnTasks, fitted_state
from ._training import BoosterInputs
from ._watching import CallbackWatch, check_callbacks


class Asked(NamedTuple):
    """What a user passes to ``fit`` besides the rows.

    Attributes
    ----------
    X, y, metadata : as passed, for scikit-learn's callbacks
    callbacks, resume_from : as documented there
    """

    X: Any
    y: Any
    metadata: dict[str, Any]
    callbacks: Any = None
    resume_from: Any = None


class FitSession:
    """One call of ``fit``, from its first check to its last word.

    Parameters
    ----------
    estimator : MultiObjectiveBase
    asked : Asked

    Attributes
    ----------
    saved : dict or None
        The checkpoint that the fit goes on from.
    before : object
        What was trained before the booster.

    Raises
    ------
    ValueError
        For bad callbacks, and a checkpoint of another fit.
    """

    def __init__(self, estimator: Any, asked: Asked):
        self._estimator = estimator
        self._callbacks = check_callbacks(asked.callbacks)
        paths = [c.path for c in self._callbacks if isinstance(c, Checkpoint)]
        for path in paths:
            _check_folder(path)
        self._parameters: dict[str, tuple[str, str]] | None = None
        if paths or asked.resume_from is not None:
            self._parameters = identity_of_parameters(estimator)
        self.saved = self._read(asked.resume_from, paths)
        self.before: Any = None if self.saved is None else self.saved["before"]
        self._path = asked.resume_from
        self._data: dict[str, str] = {}
        self._watch: CallbackWatch | None = None
        self._tasks = SklearnTasks(
            estimator,
            asked.X,
            asked.y,
            asked.metadata,
            heads=estimator.heads != "none",
        )

    def _read(self, path: Any, written: list[str]) -> dict[str, Any] | None:
        if path is None:
            return None
        if not isinstance(path, str | PathLike):
            raise ValueError(
                f"The 'resume_from' parameter must be a file's path or None. Got "
                f"{path!r:.200} instead."
            )
        try:
            saved = read_checkpoint(path)
        except FileNotFoundError:
            if any(os.path.abspath(path) == os.path.abspath(w) for w in written):
                return None  # the first turn of a loop that restarts
            raise ValueError(
                f"resume_from={os.fspath(path)!r}: there is no such file. To begin "
                "anew where there is none, as a script that is restarted does, pass "
                "callbacks=[checkpoint(...)] with the same path."
            ) from None
        check_same(path, saved["parameters"], self._parameters, "parameters")
        return saved

    @property
    def saved_run(self) -> dict[str, Any] | None:
        """What the booster goes on from."""
        return None if self.saved is None else self.saved["run"]

    @property
    def seed(self) -> int | None:
        """The seed of the fit that this one goes on from."""
        return None if self.saved is None else self.saved["seed"]

    def know_data(self, train: Rows, val: Rows | None, result: BoostingResult) -> None:
        """Take note of the rows; refuse a checkpoint of others.

        Raises
        ------
        ValueError
            If the checkpoint belongs to other rows, or another earlier fit, or has
            more rounds than are to be trained.
        """
        if not self._callbacks and self.saved is None:
            return
        self._data = {
            **identity_of_data(train, val),
            "the earlier fit (warm_start)": identity_of_earlier(result),
        }
        if self.saved is None:
            return
        check_same(self._path, self.saved["data"], self._data, "data")
        n_rounds = self.saved["run"]["result"]["forest"].n_rounds
        if n_rounds > self._estimator.n_estimators:
            raise ValueError(
                f"resume_from={os.fspath(self._path)!r} has {n_rounds} rounds, more "
                f"than n_estimators={self._estimator.n_estimators}. Raise it."
            )

    def watch(self, inputs: BoosterInputs) -> CallbackWatch:
        """Who is told of the rounds, now that there is something to tell of."""
        estimator = self._estimator

        def publish(result: BoostingResult) -> Any:
            copy = object.__new__(type(estimator))
            vars(copy).update(fitted_state(estimator))
            copy._publish(result, inputs)
            return copy

        self._watch = CallbackWatch(
            [
                *report_rounds(estimator.verbose),
                *self._callbacks,
                *self._tasks.callbacks(),
            ],
            names=estimator.objective_names_,
            params=estimator.get_params(deep=False),
            keep_interrupted=estimator.on_interrupt == "keep",
            publish=publish,
            save=self._save,
        )
        return self._watch

    def _save(self, run: Run, path: str | PathLike) -> None:
        if self._parameters is None:
            self._parameters = identity_of_parameters(self._estimator)
        run.cut()
        write_checkpoint(
            path,
            {
                "parameters": self._parameters,
                "data": self._data,
                "seed": self._estimator._seed,
                "before": self.before,
                "run": run.save(),
            },
        )

    def heads(self, train: Callable[[], list[Head | None]]) -> list[Head | None]:
        """What ``train`` returns; none where it is interrupted and that is to be."""
        names = self._estimator.objective_names_
        nothing: list[Head | None] = [None] * len(names)

        def told() -> list[Head | None]:
            with (
                self._tasks.heads(),
                shown_heads(self._estimator.verbose, names) as show,
            ):
                return show(train())

        return self._watch.keep_from_interrupt(told, nothing)

    def end_boosting(self) -> None:
        self._tasks.end_boosting()

    def end(self) -> None:
        """The estimator is fitted; say so, and what is missing."""
        self._tasks.end()
        estimator = self._estimator
        if self._watch.interrupted:
            n_rounds = estimator._result.forest.n_rounds
            own = "" if estimator.heads == "none" else ", without learners of their own"
            warn_user(
                f"The fit was interrupted after {n_rounds} of {estimator.n_estimators} "
                f"rounds, which are kept (on_interrupt='keep'){own}. To go on, set "
                "warm_start=True and fit again.",
                InterruptedFitWarning,
            )


def _check_folder(path: str) -> None:
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.isdir(path) or not os.path.isdir(folder):
        raise ValueError(
            f"checkpoint({path!r}) needs a file in a folder that exists. Create "
            f"{folder!r}, or name another."
        )
    if not os.access(folder, os.W_OK):
        raise ValueError(
            f"checkpoint({path!r}): {folder!r} cannot be written to. Name a folder "
            "that can."
        )
