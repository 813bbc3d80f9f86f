"""Callbacks that show or keep the losses."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral

import numpy as np

from ._env import CallbackEnv

_MAX_SHOWN = 8


class _LogEvaluation:
    order = 10

    def __init__(self, period: int):
        self.period = period

    def __call__(self, env: CallbackEnv) -> None:
        n_rounds = env.iteration + 1
        if n_rounds % self.period:
            return
        kind = "val_loss" if env.val_loss else "train_loss"
        losses, names = getattr(env, kind), env.model.objective_names
        shown = ", ".join(
            f"{name} {losses[name]:.5g}"
            for name in names[:_MAX_SHOWN]
            if name in losses
        )
        more = f", … ({len(names)} objectives)" if len(names) > _MAX_SHOWN else ""
        state = f"gap {env.gap:.2g}"
        if np.isfinite(env.conflict):
            state += f", conflict {env.conflict:.0%}"
        state += f" ({env.total_seconds:.1f} s)"
        print(f"[{n_rounds}] {kind}: {shown}{more}; {state}")


def log_evaluation(period: int = 1) -> Callable:
    """Make a callback that prints a line every so many rounds.

    The line ``verbose`` prints: the losses of the first eight objectives (on the
    validation rows where there are any), the Pareto-stationarity gap, the share of
    pairs of objectives that pull apart, and the seconds of all rounds so far.

    Parameters
    ----------
    period : int, default=1
        At least 1.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If ``period`` is no integer of at least 1.

    Examples
    --------
    >>> from skmo import MultiObjectiveRegressor
    >>> from skmo.callbacks import log_evaluation
    >>> from skmo.datasets import make_feed
    >>> X, Y = make_feed(n_samples=200, random_state=0)
    >>> est = MultiObjectiveRegressor(n_estimators=20, heads="none", random_state=0)
    >>> est = est.fit(X, Y, callbacks=[log_evaluation(10)])
    [10] train_loss: target0 ..., target1 ..., target2 ...; gap ..., conflict ...
    [20] train_loss: target0 ..., target1 ..., target2 ...; gap ..., conflict ...
    """
    if not isinstance(period, Integral) or isinstance(period, bool) or period < 1:
        raise ValueError(
            f"log_evaluation needs a period of at least 1 round. Got {period!r:.200}."
        )
    return _LogEvaluation(int(period))


class _RecordEvaluation:
    order = 20

    def __init__(self, into: dict):
        self.into = into

    def __call__(self, env: CallbackEnv) -> None:
        if env.iteration == env.begin_iteration:
            self._begin(env)
            return
        for dataset, name, loss, _ in env.evaluation_result_list:
            self.into[dataset][name].append(loss)

    def _begin(self, env: CallbackEnv) -> None:
        """Rounds of an earlier fit, or before a checkpoint, are in the history."""
        self.into.clear()
        history, names = env.history(), env.model.objective_names
        kinds = {"training": "train_loss", "valid": "val_loss"}
        for dataset, name, *_ in env.evaluation_result_list:
            losses = history[kinds[dataset]][:, names.index(name)]
            self.into.setdefault(dataset, {})[name] = losses.tolist()


def record_evaluation(into: dict) -> Callable:
    """Make a callback that keeps all losses in a dict of LightGBM's shape.

    Parameters
    ----------
    into : dict
        Cleared, then filled: ``into["training"][name]`` is the list of an
        objective's losses, one a round, and ``into["valid"]`` those on the validation
        rows. Rounds of an earlier fit, or of one that is resumed, are in it, so that
        it agrees with ``history_`` (an earlier fit without validation rows has NaN).

    Returns
    -------
    callable

    Raises
    ------
    TypeError
        If ``into`` is no dict.

    Examples
    --------
    >>> from skmo import MultiObjectiveRegressor
    >>> from skmo.callbacks import record_evaluation
    >>> from skmo.datasets import make_feed
    >>> X, Y = make_feed(n_samples=200, random_state=0)
    >>> est = MultiObjectiveRegressor(n_estimators=5, heads="none", random_state=0)
    >>> losses = {}
    >>> est = est.fit(
    ...     X[50:], Y[50:], X_val=X[:50], y_val=Y[:50],
    ...     callbacks=[record_evaluation(losses)],
    ... )
    >>> list(losses), list(losses["valid"]), len(losses["valid"]["target0"])
    (['training', 'valid'], ['target0', 'target1', 'target2'], 5)
    """
    if not isinstance(into, dict):
        raise TypeError(
            "record_evaluation needs a dict to write 'into'. Got a "
            f"{type(into).__name__}."
        )
    return _RecordEvaluation(into)
