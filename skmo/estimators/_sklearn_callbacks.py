"""The callbacks of scikit-learn 1.9 and later; nothing where there are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..callbacks import CallbackEnv, StopTraining

# What a fit leaves with an estimator for its callbacks, and takes away at its end.
_TRANSIENT = (
    "_skl_callbacks",
    "_skl_callbacks_to_teardown",
    "_callback_fit_ctx",
    "_parent_callback_ctx",
)


class SklearnTasks:
    """A fit as scikit-learn's callbacks see it: rounds of boosting, then heads.

    Parameters
    ----------
    estimator : MultiObjectiveBase
    X, y : as the user passed them
    metadata : dict
        What else the user passed, for the estimator's ``score``.
    heads : bool
        Whether there may be own learners.
    """

    def __init__(
        self, estimator: Any, X: Any, y: Any, metadata: dict[str, Any], *, heads: bool
    ):
        self._estimator = estimator
        self._data = {"estimator": estimator, "X": X, "y": y}
        passed = {name: v for name, v in metadata.items() if v is not None}
        self._data["metadata"] = passed or None
        self._fit = self._boosting = self._round = None
        # The task of the fit links it to a meta-estimator's, with callbacks or without.
        if hasattr(estimator, "_init_callback_context"):
            n_tasks = 2 if heads else 1
            self._fit = estimator._init_callback_context(max_subtasks=n_tasks)
            self._fit.call_on_fit_task_begin(**self._data)

    @property
    def asked(self) -> bool:
        """Whether there are callbacks."""
        return self._fit is not None and hasattr(self._estimator, "_skl_callbacks")

    def callbacks(self) -> list[Callable[[CallbackEnv], None]]:
        """What tells them of the rounds."""
        if not self.asked:
            return []
        return [_Before(self._begin_round), _After(self._end_round)]

    def _begin_round(self, env: CallbackEnv) -> None:
        if self._boosting is None:
            n_rounds = env.end_iteration - env.begin_iteration
            self._boosting = self._fit.subcontext(
                task_name="boosting", max_subtasks=n_rounds
            )
            self._boosting.call_on_fit_task_begin(**self._data)
        self._round = self._boosting.subcontext(task_name="round")
        self._round.call_on_fit_task_begin(**self._data)

    def _end_round(self, env: CallbackEnv) -> None:
        stop = self._round.call_on_fit_task_end(
            **self._data,
            reconstruction_attributes=lambda: fitted_state(env.model.snapshot()),
        )
        if stop:
            raise StopTraining

    def end_boosting(self) -> None:
        if self._boosting is not None:
            self._boosting.call_on_fit_task_end(**self._data)

    @contextmanager
    def heads(self) -> Iterator[None]:
        """Surrounds the training of own learners."""
        if not self.asked:
            yield
            return
        task = self._fit.subcontext(task_name="heads")
        task.call_on_fit_task_begin(**self._data)
        yield
        task.call_on_fit_task_end(**self._data)

    def end(self) -> None:
        """The estimator is fitted."""
        if self._fit is not None:
            self._fit.call_on_fit_task_end(**self._data, reconstruction_attributes={})


class _Before:
    """Calls a function before each round, the last of all callbacks."""

    order, before_iteration = 90, True

    def __init__(self, function: Callable[[CallbackEnv], None]):
        self._function = function

    def __call__(self, env: CallbackEnv) -> None:
        self._function(env)


class _After(_Before):
    before_iteration = False


def fitted_state(estimator: Any) -> dict[str, Any]:
    """An estimator's attributes without those of a fit that is under way."""
    return {k: v for k, v in vars(estimator).items() if k not in _TRANSIENT}
