"""Callbacks that end a fit."""

from __future__ import annotations

import time
from collections.abc import Callable
from numbers import Real

from ._env import CallbackEnv


class StopTraining(Exception):
    """Raised by a callback to end the fit after this round, as if it was the last.

    All rounds are kept, and own learners (``heads``) are trained as ever. The other
    callbacks of the round are called.

    Examples
    --------
    >>> from skmo import MultiObjectiveRegressor
    >>> from skmo.callbacks import StopTraining
    >>> from skmo.datasets import make_feed
    >>> X, Y = make_feed(n_samples=200, random_state=0)
    >>> def third(env):
    ...     if env.iteration == 2:
    ...         raise StopTraining
    >>> est = MultiObjectiveRegressor(random_state=0).fit(X, Y, callbacks=[third])
    >>> est.n_iter_
    array([3, 3, 3])
    """


class _StopWhen:
    order = 30

    def __init__(self, condition: Callable[[CallbackEnv], bool]):
        self.condition = condition

    def __call__(self, env: CallbackEnv) -> None:
        if self.condition(env):
            raise StopTraining


def stop_when(condition: Callable[[CallbackEnv], bool]) -> Callable:
    """Make a callback that ends the fit after the round in which a condition holds.

    Parameters
    ----------
    condition : callable
        From a `CallbackEnv` to a bool.

    Returns
    -------
    callable

    Raises
    ------
    TypeError
        If ``condition`` cannot be called.

    See Also
    --------
    time_limit : Ends a fit by the clock.

    Examples
    --------
    >>> from skmo import MultiObjectiveRegressor
    >>> from skmo.callbacks import stop_when
    >>> from skmo.datasets import make_feed
    >>> X, Y = make_feed(n_samples=200, random_state=0)
    >>> enough = stop_when(lambda env: env.gap < 0.2)
    >>> est = MultiObjectiveRegressor(random_state=0).fit(X, Y, callbacks=[enough])
    >>> gap = est.history_["gap"]
    >>> bool(gap[-1] < 0.2), bool((gap[:-1] >= 0.2).all())
    (True, True)
    """
    if not callable(condition):
        raise TypeError(
            "The 'condition' parameter of stop_when must be a function of one "
            f"argument, the CallbackEnv. Got {condition!r:.200} instead."
        )
    return _StopWhen(condition)


class _TimeLimit:
    order = 30

    def __init__(self, seconds: float):
        self.seconds, self._start = seconds, 0.0

    def __call__(self, env: CallbackEnv) -> None:
        now = time.monotonic()
        if env.iteration == env.begin_iteration:
            self._start = now - env.seconds
        if now - self._start >= self.seconds:
            raise StopTraining


def time_limit(seconds: float) -> Callable:
    """Make a callback that ends the fit after so much time.

    The round in which the time runs out is completed. The clock starts with the
    first round: reading the data and training own learners (``heads``) are not
    counted.

    Parameters
    ----------
    seconds : float
        At least 0; then one round is trained.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If ``seconds`` is no number of at least 0.

    Examples
    --------
    >>> from skmo import MultiObjectiveRegressor
    >>> from skmo.callbacks import time_limit
    >>> from skmo.datasets import make_feed
    >>> X, Y = make_feed(n_samples=200, random_state=0)
    >>> est = MultiObjectiveRegressor(n_estimators=10**6, heads="none", random_state=0)
    >>> est = est.fit(X, Y, callbacks=[time_limit(0.1)])
    >>> bool(0 < est.n_iter_.max() < 10**6)
    True
    """
    good = isinstance(seconds, Real) and not isinstance(seconds, bool)
    if not good or not seconds >= 0:
        raise ValueError(
            f"time_limit needs a number of seconds of at least 0. Got {seconds!r:.200}."
        )
    return _TimeLimit(float(seconds))
