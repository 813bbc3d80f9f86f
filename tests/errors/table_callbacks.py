"""Errors of callbacks themselves, not of the estimators that are given them."""

from __future__ import annotations

from functools import partial

import numpy as np

from skmo import MultiObjectiveRegressor
from skmo.callbacks import (
    checkpoint,
    log_evaluation,
    record_evaluation,
    stop_when,
    time_limit,
)

from .case import Case

COVERS = {"callbacks"}

X = np.random.default_rng(0).normal(size=(60, 3))


def checkpoint_before_a_round():
    def save(env):
        env.save_checkpoint("early.ckpt")

    save.before_iteration = True
    est = MultiObjectiveRegressor(n_estimators=2, n_jobs=1, heads="none")
    est.fit(X, X[:, :2], callbacks=[save])


bad_input = partial(Case, error=ValueError)
bad_type = partial(Case, error=TypeError)

CASES = {
    "rounds between checkpoints": bad_input(
        partial(checkpoint, "run.ckpt", every=0),
        parameter="checkpoint needs a number of rounds",
        value="Got every=0.",
        remedy="of at least 1",
    ),
    "truth for rounds": bad_input(
        partial(checkpoint, "run.ckpt", every=True),
        parameter="checkpoint needs a number of rounds",
        value="Got every=True.",
        remedy="of at least 1",
    ),
    "checkpoint's path": bad_type(
        partial(checkpoint, 3),
        parameter="The 'path' parameter of checkpoint",
        value="Got 3 instead",
        remedy="must be a file's path",
    ),
    "checkpoint before a round": bad_input(
        checkpoint_before_a_round,
        parameter="save_checkpoint(",
        value="('early.ckpt') was called before a round",
        remedy="Leave out before_iteration = True",
    ),
    "period": bad_input(
        partial(log_evaluation, 1.5),
        parameter="log_evaluation needs a period",
        value="Got 1.5.",
        remedy="of at least 1 round",
    ),
    "long period": bad_input(
        partial(log_evaluation, [10] * 1000),
        parameter="log_evaluation needs a period",
        value="Got [10, 10,",
        remedy="of at least 1 round",
    ),
    "what to write into": bad_type(
        partial(record_evaluation, []),
        parameter="'into'",
        value="Got a list.",
        remedy="record_evaluation needs a dict",
    ),
    "condition": bad_type(
        partial(stop_when, True),
        parameter="The 'condition' parameter of stop_when",
        value="Got True instead",
        remedy="must be a function of one argument, the CallbackEnv",
    ),
    "seconds below 0": bad_input(
        partial(time_limit, -1),
        parameter="time_limit needs a number of seconds",
        value="Got -1.",
        remedy="of at least 0",
    ),
    "seconds of NaN": bad_input(
        partial(time_limit, float("nan")),
        parameter="time_limit needs a number of seconds",
        value="Got nan.",
        remedy="of at least 0",
    ),
    "seconds as text": bad_input(
        partial(time_limit, "60"),
        parameter="time_limit needs a number of seconds",
        value="Got '60'.",
        remedy="of at least 0",
    ),
}

ELSEWHERE = {
    ("callbacks/_stop.py", "_StopWhen.__call__"): (
        "no error: so a fit is told that this round is the last"
    ),
    ("callbacks/_stop.py", "_TimeLimit.__call__"): (
        "no error: so a fit is told that this round is the last"
    ),
}
