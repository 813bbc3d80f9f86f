"""Errors of tuning that need Optuna to be caused."""

from __future__ import annotations

from functools import partial

import numpy as np
import optuna
from sklearn.ensemble import VotingRegressor

from skmo import MultiObjectiveRegressor
from tests.tuning.fakes import FIRST, SECOND, SPACE, TradeOff, X, Y, tuner

from .case import Case

X, Y = X[:20], Y[:20]


def fit(estimator=None, *, data=(X, Y), **params):
    return tuner(estimator, **{"n_trials": 1, "refit": False, **params}).fit(*data)


def refit_another(*, before=None, data=(X, Y), **after):
    """Go on with a study that was made for something else."""
    storage = optuna.storages.InMemoryStorage()
    own = {"storage": storage, "study_name": "mine"}
    own["objectives"] = {"a": FIRST, "b": SECOND}
    fit(**{**own, **(before or {})})
    fit(data=data, **{**own, "n_trials": 2, **after})


def strange_study(n_objectives):
    """Go on with a study that Optuna's user made."""
    storage = optuna.storages.InMemoryStorage()
    study = optuna.create_study(
        storage=storage, study_name="mine", directions=["maximize"] * n_objectives
    )
    study.add_trial(optuna.trial.create_trial(values=[0.0] * n_objectives))
    fit(storage=storage, study_name="mine")


def changing_function():
    """A function as space whose suggestions are others once a trial is made."""
    calls = []

    def space(trial):
        calls.append(trial)
        name = "x" if len(calls) == 1 else "y"
        return {name: trial.suggest_float(name, 0, 1)}

    fit(space=space)


def without_pickle():
    class Local:
        def __call__(self, estimator, X, y):
            return 0.0

    storage = optuna.storages.InMemoryStorage()
    objectives = {"a": FIRST, "b": Local()}
    fit(objectives=objectives, storage=storage, study_name="mine")


def never(trial):
    raise optuna.TrialPruned


def no_sampler(seed):
    return "a sampler"


bad_input = partial(Case, error=ValueError)

CASES = {
    "no end": bad_input(
        partial(fit, n_trials=None),
        parameter="n_trials=None and timeout=None",
        value="=None",
        remedy="pass one of them",
    ),
    "error_score": bad_input(
        partial(fit, error_score=0.5),
        parameter="'error_score' parameter",
        value="Got 0.5 instead",
        remedy="must be 'raise' or np.nan",
    ),
    "callbacks": bad_input(
        partial(fit, callbacks=[print, "report"]),
        parameter="'callbacks' parameter",
        value="Got 'report' instead",
        remedy="callables of a study and a trial",
    ),
    "nothing to tune": bad_input(
        partial(fit, space={}),
        parameter="space={} has nothing to tune",
        value="{}",
        remedy="name parameters and their distributions",
    ),
    "space returns no dict": bad_input(
        partial(fit, space=lambda trial: ["x", 0.5]),
        parameter="function passed as 'space'",
        value="Got ['x', 0.5] instead",
        remedy="must return a dict of the estimator's parameters",
    ),
    "space returns another name": bad_input(
        partial(fit, space=lambda trial: {"z": 0.5}),
        parameter="The 'space' names",
        value="['z']",
        remedy="There are ['n_jobs', 'other', 'preference', 'x', 'y']",
    ),
    "unknown name": bad_input(
        partial(fit, space={"num_leaf": SPACE["x"]}),
        parameter="The 'space' names",
        value="['num_leaf']",
        remedy="Inside a pipeline a parameter has the step's name before it",
    ),
    "preference named twice": bad_input(
        partial(fit, space={"preference": SPACE["x"]}, preference_param="preference"),
        parameter="'space' names 'preference', and so does 'preference_param'",
        value="'preference'",
        remedy="leave it out of one of them",
    ),
    "function suggests otherwise": bad_input(
        changing_function,
        parameter="function passed as 'space'",
        value="trial 0 of the study had ({'x': ",
        remedy="Choose another 'study_name'",
    ),
    "no default space": bad_input(
        partial(fit, space=None),
        parameter="space=None tunes the parameters of one LightGBM model",
        value="the estimator has no parameter 'num_leaves'",
        remedy="Pass a dict of parameter name to Optuna distribution",
    ),
    "two default spaces": bad_input(
        lambda: fit(
            VotingRegressor([(n, MultiObjectiveRegressor()) for n in "ab"]),
            space=None,
            objectives={"a": FIRST, "b": SECOND},
        ),
        parameter="space=None tunes the parameters of one LightGBM model",
        value="the estimator has ['a__num_leaves', 'b__num_leaves']",
        remedy="or a function of a trial",
    ),
    "no distribution": bad_input(
        partial(fit, space={"x": (0.0, 1.0)}),
        parameter="space['x'] must be a distribution",
        value="Got (0.0, 1.0) instead",
        remedy="such as IntDistribution(8, 128, log=True)",
    ),
    "long value": bad_input(
        partial(fit, space={"x": list(range(1000))}),
        parameter="space['x'] must be a distribution",
        value="50, 51, 5 instead",
        remedy="CategoricalDistribution([...])",
    ),
    "storage of another type": bad_input(
        partial(fit, storage=3, study_name="mine"),
        parameter="'storage' parameter",
        value="Got 3 instead",
        remedy="such as 'sqlite:///tuning.db'",
    ),
    "storage that cannot be opened": bad_input(
        partial(fit, storage="tuning.db", study_name="mine"),
        parameter="'storage' parameter",
        value="Got 'tuning.db' instead: ",
        remedy="must be the URL of a database that can be opened",
    ),
    "storage without a name": bad_input(
        lambda: fit(storage=optuna.storages.InMemoryStorage()),
        parameter="storage=<optuna.storages",
        value="InMemoryStorage object",
        remedy="needs a 'study_name'",
    ),
    "study of another maker": bad_input(
        partial(strange_study, 2),
        parameter="The study 'mine' in the storage",
        value="was not made by ParetoTunerCV",
        remedy="Choose another 'study_name', or delete this study",
    ),
    "study of another number of objectives": bad_input(
        partial(strange_study, 1),
        parameter="The study 'mine' in the storage",
        value="or not to maximise 2 objectives",
        remedy="optuna.delete_study",
    ),
    "study of another space": bad_input(
        partial(refit_another, space={"x": SPACE["x"]}),
        parameter="The study 'mine' in the storage was made with another space",
        value='with another space: \'y\' is {"name": "FloatDistribution"',
        remedy="Choose another 'study_name'",
    ),
    "study of other objectives": bad_input(
        partial(refit_another, objectives={"b": SECOND, "a": FIRST}),
        parameter="The study 'mine' in the storage was made with other objectives",
        value="['a', 'b'] there, ['b', 'a'] here",
        remedy="Choose another 'study_name'",
    ),
    "study of other scorers": bad_input(
        partial(refit_another, objectives={"a": FIRST, "b": "r2"}),
        parameter="The study 'mine' in the storage was made with other scorers",
        value="other scorers of the objectives",
        remedy="Choose another 'study_name'",
    ),
    "study of another estimator": bad_input(
        partial(refit_another, before={"estimator": TradeOff(other=2)}),
        parameter="The study 'mine' in the storage was made with another estimator",
        value="or other parameters of it",
        remedy="Choose another 'study_name'",
    ),
    "study of other data": bad_input(
        partial(refit_another, data=(X, Y + 1)),
        parameter="The study 'mine' in the storage was made with other data",
        value="folds shuffled without a 'random_state' are others in each fit",
        remedy="Choose another 'study_name'",
    ),
    "what cannot be pickled": bad_input(
        without_pickle,
        parameter="whether a study in a storage belongs to this search",
        value="without_pickle.<locals>.Local",
        remedy="or pass storage=None",
    ),
    "no sampler": bad_input(
        partial(fit, sampler="tpe"),
        parameter="'sampler' parameter",
        value="Got 'tpe' instead",
        remedy="must be a sampler of optuna.samplers",
    ),
    "sampler of more than a seed": bad_input(
        partial(fit, sampler=optuna.samplers.GridSampler),
        parameter="The 'sampler' <class 'optuna.samplers",
        value="GridSampler'> cannot be made of a seed alone",
        remedy="Pass a sampler, or a function of a 'seed' that returns one",
    ),
    "function that makes no sampler": bad_input(
        partial(fit, sampler=no_sampler),
        parameter="The 'sampler' function <function no_sampler",
        value="Got 'a sampler' instead",
        remedy="must return a sampler of optuna.samplers",
    ),
    "more targets than scores": bad_input(
        partial(fit, data=(X, np.column_stack([Y, Y[:, 0]]))),
        parameter="The estimator's score_objectives returned",
        value="2 scores where y has 3 targets",
        remedy="Name the scores to tune for, objectives={name: scorer, ...}",
    ),
    "all pruned": bad_input(
        partial(fit, space=never, n_trials=2),
        parameter="the function passed as 'space'",
        value="pruned all 2",
        remedy="Let it prune fewer",
    ),
    "no time": bad_input(
        partial(fit, n_trials=None, timeout=1e-12),
        parameter="the 'timeout' parameter",
        value="timeout=1e-12 seconds",
        remedy="Raise the 'timeout' parameter",
    ),
}
