"""Errors of callbacks and of checkpoints."""

from __future__ import annotations

import json
import os
from pathlib import Path
from unittest.mock import patch

import lightgbm

from skmo.callbacks import checkpoint
from skmo.estimators import _checkpoint_file
from skmo.estimators._checkpoint_file import write_checkpoint

from ._estimators_rows import (
    X,
    Y,
    bad_input,
    column,
    regressor,
)


class ForSklearn:
    """A callback of scikit-learn's."""

    def __repr__(self):
        return "ForSklearn()"

    def on_fit_task_end(self):
        raise NotImplementedError


def stop_as_lightgbm_does(env):
    raise lightgbm.callback.EarlyStopException(0, [])


def told(*callbacks):
    regressor().fit(X, Y, callbacks=list(callbacks))


CALLBACKS = {
    "callbacks": bad_input(
        lambda: regressor().fit(X, Y, callbacks=print),
        parameter="The 'callbacks' parameter",
        value="Got <built-in function print> instead",
        remedy="must be a list of functions of one argument",
    ),
    "a callback": bad_input(
        lambda: told("print"),
        parameter="The 'callbacks' parameter holds",
        value="'print', which is no function",
        remedy="Pass functions of one argument, the CallbackEnv",
    ),
    "a callback's class": bad_input(
        lambda: told(dict),
        parameter="The 'callbacks' parameter holds",
        value="<class 'dict'>, which is no function",
        remedy="Pass functions of one argument, the CallbackEnv",
    ),
    "a callback of scikit-learn's": bad_input(
        lambda: told(ForSklearn()),
        parameter="callbacks=[",
        value="[ForSklearn()] is a callback of scikit-learn's",
        remedy="set it with the estimator's method set_callbacks",
    ),
    "early stopping of LightGBM's": bad_input(
        lambda: told(lightgbm.early_stopping(3)),
        parameter="callbacks=[",
        value="_EarlyStoppingCallback",
        remedy="Pass X_val and y_val with early_stopping=True",
    ),
    "other parameters from round to round": bad_input(
        lambda: told(lightgbm.reset_parameter(learning_rate=[0.5, 0.25])),
        parameter="callbacks=[",
        value="_ResetParameterCallback",
        remedy="Fit with warm_start=True and other parameters instead",
    ),
    "a callback that stops as LightGBM does": bad_input(
        lambda: told(stop_as_lightgbm_does),
        parameter="The callback <function stop_as_lightgbm_does",
        value="EarlyStopException",
        remedy="Raise skmo.callbacks.StopTraining",
    ),
}


class Refusing:
    """It cannot be pickled."""

    def __reduce_ex__(self, protocol):
        raise TypeError("no copy of a socket")


def saved(**params):
    """A checkpoint of a fit with these parameters, in the folder where we are."""
    regressor(**params).fit(X, Y, callbacks=[checkpoint("saved", every=1)])


def resume(targets=Y, *, saved_with=None, **params):
    saved(**(saved_with or {}))
    regressor(**params).fit(X, targets, resume_from="saved")


def resume_from_text():
    Path("text").write_text("trees", encoding="utf-8")
    regressor().fit(X, Y, resume_from="text")


def resume_from_half():
    saved()
    content = Path("saved").read_bytes()
    Path("saved").write_bytes(content[: len(content) // 2])
    regressor().fit(X, Y, resume_from="saved")


def resume_from_another_header():
    saved()
    magic, header, payload = Path("saved").read_bytes().split(b"\n", 2)
    sizes = {"size": json.loads(header)["size"]}
    lines = [magic, json.dumps(sizes).encode(), payload]
    Path("saved").write_bytes(b"\n".join(lines))
    regressor().fit(X, Y, resume_from="saved")


def resume_from_before():
    then = {**_checkpoint_file._versions(), "skmo": "0.0.7"}
    with patch.object(_checkpoint_file, "_versions", lambda: then):
        saved()
    regressor().fit(X, Y, resume_from="saved")


def save_where_nobody_may():
    with patch.object(os, "access", lambda *_: False):
        told(checkpoint("saved"))


def save_what_cannot_be_copied():
    est = regressor(lightgbm_params={"seed": Refusing()})
    est.fit(X, Y, callbacks=[checkpoint("saved")])


CHECKPOINTS = {
    "a checkpoint of what cannot be pickled": bad_input(
        lambda: write_checkpoint("saved", {"balancer": Refusing()}),
        parameter="A checkpoint needs a balancer, a structure rule and objectives",
        value="no copy of a socket",
        remedy="Define classes and functions at the top of a module",
    ),
    "a parameter that cannot be pickled": bad_input(
        save_what_cannot_be_copied,
        parameter="the 'lightgbm_params' parameter cannot",
        value="no copy of a socket",
        remedy="Define classes and functions at the top of a module",
    ),
    "a checkpoint nowhere": bad_input(
        lambda: told(checkpoint("absent/saved")),
        parameter="checkpoint('absent/saved')",
        value="absent/saved",
        remedy="needs a file in a folder that exists. Create",
    ),
    "a checkpoint that is a folder": bad_input(
        lambda: told(checkpoint(".")),
        parameter="checkpoint('.')",
        value="'.'",
        remedy="or name another",
    ),
    "a checkpoint where nobody may write": bad_input(
        save_where_nobody_may,
        parameter="checkpoint('saved')",
        value="cannot be written to",
        remedy="Name a folder that can",
    ),
    "a number to resume from": bad_input(
        lambda: regressor().fit(X, Y, resume_from=3),
        parameter="The 'resume_from' parameter",
        value="Got 3 instead",
        remedy="must be a file's path or None",
    ),
    "nothing to resume from": bad_input(
        lambda: regressor().fit(X, Y, resume_from="saved"),
        parameter="resume_from=",
        value="'saved': there is no such file",
        remedy="pass callbacks=[checkpoint(...)] with the same path",
    ),
    "another file to resume from": bad_input(
        resume_from_text,
        parameter="resume_from=",
        value="'text' is no checkpoint of skmo's",
        remedy="Pass the path of a file that skmo.callbacks.checkpoint has written",
    ),
    "half a checkpoint": bad_input(
        resume_from_half,
        parameter="resume_from=",
        value="'saved' is not whole, or was altered",
        remedy="Fit anew, or resume from another checkpoint",
    ),
    "a checkpoint with another header": bad_input(
        resume_from_another_header,
        parameter="resume_from=",
        value="'saved' is not whole, or was altered",
        remedy="Fit anew, or resume from another checkpoint",
    ),
    "a checkpoint of another version": bad_input(
        resume_from_before,
        parameter="resume_from='saved'",
        value="was written with skmo 0.0.7; this is skmo ",
        remedy="fit anew, or install those versions",
    ),
    "a checkpoint of other parameters": bad_input(
        lambda: resume(learning_rate=0.25),
        parameter="resume_from='saved' belongs to a fit with other parameters",
        value="learning_rate=0.1, now 0.25",
        remedy="A fit is resumed with the same data and parameters",
    ),
    "a checkpoint of other data": bad_input(
        lambda: resume(column(Y, 0.25)),
        parameter="resume_from='saved' belongs to a fit with other data",
        value="other data: y.",
        remedy="A fit is resumed with the same data and parameters",
    ),
    "a checkpoint of more rounds": bad_input(
        lambda: resume(saved_with={"n_estimators": 3}),
        parameter="more than n_estimators=2",
        value="resume_from='saved' has 3 rounds",
        remedy="Raise it",
    ),
}

CASES = CALLBACKS | CHECKPOINTS
