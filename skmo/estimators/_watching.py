"""Telling callbacks of the rounds of a fit, and ending it on their behalf."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from typing import Any

import numpy as np

from ..boosting import BoostingResult, Run, Watch
from ..callbacks import CallbackEnv, Evaluation, StopTraining, TrainedSoFar
from ._interrupts import HeldInterrupts
from ._training import history_arrays

# LightGBM's callbacks that change the training, and what does so here.
_REFUSED = {
    "_EarlyStoppingCallback": "It ends a fit as soon as one loss, of whichever "
    "objective, no longer falls. Pass X_val and y_val with early_stopping=True and "
    "n_iter_no_change, which stop each objective by itself.",
    "_ResetParameterCallback": "Parameters cannot be changed between rounds. Fit with "
    "warm_start=True and other parameters instead.",
}
_STOPPED_BY_LIGHTGBM = "EarlyStopException"


def check_callbacks(callbacks: Any) -> list[Callable[[CallbackEnv], Any]]:
    """The callbacks as a list.

    Raises
    ------
    ValueError
        If they are no list of callables, or one is LightGBM's and of no use here.
    """
    if callbacks is None:
        return []
    if not isinstance(callbacks, list | tuple):
        raise ValueError(
            "The 'callbacks' parameter must be a list of functions of one argument. "
            f"Got {callbacks!r:.200} instead."
        )
    for callback in callbacks:
        if hasattr(callback, "on_fit_task_end"):
            raise ValueError(
                f"callbacks=[{callback!r:.200}] is a callback of scikit-learn's (1.9 "
                "and later): set it with the estimator's method set_callbacks."
            )
        if not callable(callback) or isinstance(callback, type):
            raise ValueError(
                f"The 'callbacks' parameter holds {callback!r:.200}, which is no "
                "function. Pass functions of one argument, the CallbackEnv."
            )
        name = _lightgbm_name(callback)
        if name in _REFUSED:
            raise ValueError(
                f"callbacks=[{callback!r:.200}] is refused. {_REFUSED[name]}"
            )
    return list(callbacks)


def _lightgbm_name(thing: Any) -> str | None:
    """The name of the class, if it is one of LightGBM's."""
    cls = type(thing)
    return cls.__name__ if cls.__module__.partition(".")[0] == "lightgbm" else None


class _Ended(Exception):
    """A callback has ended the rounds."""


class CallbackWatch(Watch):
    """Calls callbacks before and after each round.

    Parameters
    ----------
    callbacks : sequence of callable
        Called by their attribute ``order``; those that have none come first.
    names : list of str
        The objectives'.
    params : dict
        The estimator's parameters.
    keep_interrupted : bool
        Whether a KeyboardInterrupt ends the rounds, instead of the fit.
    publish : callable
        From the result so far to a fitted estimator.
    save : callable
        Writes the run, between two rounds, to a path.

    Attributes
    ----------
    interrupted : bool
        Whether there was a KeyboardInterrupt.
    """

    def __init__(
        self,
        callbacks: Sequence[Callable[[CallbackEnv], Any]],
        *,
        names: list[str],
        params: dict[str, Any],
        keep_interrupted: bool,
        publish: Callable[[BoostingResult], Any],
        save: Callable[[Run, str | PathLike], None],
    ):
        # LightGBM's order.
        order = [
            getattr(c, "order", i - len(callbacks)) for i, c in enumerate(callbacks)
        ]
        ordered = [callbacks[i] for i in np.argsort(order, kind="stable")]
        self._before = [c for c in ordered if getattr(c, "before_iteration", False)]
        self._after = [c for c in ordered if not getattr(c, "before_iteration", False)]
        self._names, self._params = names, params
        self._publish, self._save = publish, save
        self._keep = keep_interrupted
        self._interrupts = HeldInterrupts(hold=keep_interrupted)
        self._first: int | None = None
        self._seconds = 0.0
        self.interrupted = False

    @contextmanager
    def guard(self, run: Run) -> Iterator[None]:
        self._first = run.n_rounds
        self._seconds = float(np.sum(run.result.history["seconds"]))
        with self._interrupts:
            try:
                yield
                self._interrupts.deliver()
            except _Ended:
                pass
            except KeyboardInterrupt:
                # A round that was broken off is no state to keep; nor are no rounds.
                if not (self._keep and run.consistent and run.n_rounds > self._first):
                    raise
                self.interrupted = True

    def before(self, run: Run) -> None:
        if self._before:
            self._call(self._before, self._env(run))

    def after(self, run: Run) -> None:
        self._seconds += run.result.history["seconds"][-1]
        if self._after:
            env = self._env(run, run.n_rounds - 1)
            self._evaluate(env, run)
            self._call(self._after, env)
        self._interrupts.deliver()

    def _env(self, run: Run, iteration: int | None = None) -> CallbackEnv:
        def snapshot() -> Any:
            return self._publish(run.result_now())

        n_rounds = run.n_rounds
        model = TrainedSoFar(
            n_rounds, run.stopping.best_round.copy(), list(self._names), snapshot
        )
        return CallbackEnv(
            model,
            dict(self._params),
            n_rounds if iteration is None else iteration,
            self._first,
            self._params["n_estimators"],
            _history=lambda: history_arrays(run.result.copy()),
        )

    def _evaluate(self, env: CallbackEnv, run: Run) -> None:
        """Fill in what the round found."""
        history, unit = run.result.history, run.result.coder.loss_unit

        def losses(name: str) -> dict[str, float]:
            values = (history[name][-1] * unit).tolist()
            pairs = zip(self._names, values, strict=True)
            return {name: loss for name, loss in pairs if not np.isnan(loss)}

        env.train_loss, env.val_loss = losses("train_loss"), losses("val_loss")
        env.evaluation_result_list = [
            Evaluation(dataset, name, loss)
            for dataset, found in (
                ("training", env.train_loss),
                ("valid", env.val_loss),
            )
            for name, loss in found.items()
        ]
        env.weights = history["weights"][-1].copy()
        env.gap, env.seconds = float(history["gap"][-1]), history["seconds"][-1]
        conflict = history["conflict"]
        env.conflict = float(conflict[-1]) if conflict else float("nan")
        env.total_seconds = self._seconds
        env.ending = not run.goes_on(env.end_iteration)
        env._save = lambda path: self._save(run, path)

    def _call(self, callbacks: Sequence[Callable], env: CallbackEnv) -> None:
        """Call all of them, even where one ends the fit."""
        ended = False
        for callback in callbacks:
            try:
                callback(env)
            except StopTraining:
                ended = env.ending = True
            except Exception as error:
                if _lightgbm_name(error) != _STOPPED_BY_LIGHTGBM:
                    raise
                raise ValueError(
                    f"The callback {callback!r:.200} raised LightGBM's "
                    "EarlyStopException, by which a model would go back to one best "
                    "round. Raise skmo.callbacks.StopTraining, which keeps all rounds, "
                    "or set early_stopping=True."
                ) from error
        if ended:
            raise _Ended

    def keep_from_interrupt(self, train: Callable[[], Any], otherwise: Any) -> Any:
        """What ``train`` returns, or else if it is interrupted and that is to be."""
        if self.interrupted:
            return otherwise
        try:
            return train()
        except KeyboardInterrupt:
            if not self._keep:
                raise
            self.interrupted = True
            return otherwise
