"""A study that goes on where it stopped, and only with what it was made for."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ._optuna import load_optuna
from ._purpose import REMEDY, check_purpose

# The user attributes that are kept in a study and in its trials.
_PURPOSE = "skmo"
OUTCOMES = "skmo"


class TrialFailedError(Exception):
    """An estimator or a scorer failed in a trial, which is no reason to stop."""


@contextmanager
def open_storage(storage: Any) -> Iterator[Any]:
    """The storage, of a URL for as long as it is needed.

    Raises
    ------
    ValueError
        If it is neither a URL of a database nor a storage.
    """
    optuna = load_optuna()
    if storage is None or isinstance(storage, optuna.storages.BaseStorage):
        yield storage
        return
    if not isinstance(storage, str):
        raise _bad_storage(storage)
    try:
        database = optuna.storages.RDBStorage(storage)
    except Exception as error:
        raise _bad_storage(storage, f": {error}") from error
    try:
        yield database
    finally:
        # Connections left to the garbage collector are a ResourceWarning.
        database.remove_session()
        database.engine.dispose()


def _bad_storage(storage: Any, reason: str = "") -> ValueError:
    return ValueError(
        "The 'storage' parameter must be the URL of a database that can be opened, "
        "such as 'sqlite:///tuning.db', a storage of optuna.storages, or None. Got "
        f"{storage!r:.200} instead{reason}."
    )


def open_study(
    storage: Any, study_name: str | None, n_objectives: int, purpose: dict[str, Any]
) -> Any:
    """The study of that name in the storage, or a new one.

    Parameters
    ----------
    storage : str, BaseStorage or None
        None keeps the study in memory.
    study_name : str or None
    n_objectives : int
    purpose : dict
        See `purpose_of`.

    Raises
    ------
    ValueError
        If the study was made for another purpose, or the storage lacks a name.
    """
    optuna = load_optuna()
    if storage is not None and study_name is None:
        raise ValueError(
            f"storage={storage!r:.200} needs a 'study_name': without one, no later "
            "fit could find the study again."
        )
    maximised = [optuna.study.StudyDirection.MAXIMIZE] * n_objectives
    study = optuna.create_study(
        storage=storage,
        study_name=study_name,
        directions=maximised,
        load_if_exists=True,
    )
    found = study.user_attrs.get(_PURPOSE)
    if found is not None:
        check_purpose(study_name, found, purpose)
    elif _has_finished(study) or study.directions != maximised:
        raise ValueError(
            f"The study {study_name!r} in the storage was not made by ParetoTunerCV, "
            f"or not to maximise {n_objectives} objectives. {REMEDY}"
        )
    else:
        study.set_user_attr(_PURPOSE, purpose)
    return study


def copy_in_memory(study: Any, storage: Any) -> Any:
    """The study as it is now, apart from its storage."""
    optuna = load_optuna()
    memory = optuna.storages.InMemoryStorage()
    optuna.copy_study(
        from_study_name=study.study_name, from_storage=storage, to_storage=memory
    )
    return optuna.load_study(study_name=study.study_name, storage=memory)


def _has_finished(study: Any) -> bool:
    return any(t.state.is_finished() for t in study.get_trials(deepcopy=False))


def evaluated_trials(study: Any) -> list[Any]:
    """The trials whose outcomes are known, be they failures, in order."""
    return [
        trial
        for trial in study.get_trials(deepcopy=False)
        if trial.state.is_finished() and OUTCOMES in trial.user_attrs
    ]


def count_done(study: Any) -> int:
    """How many trials are evaluated or pruned.

    An interrupted one is not: it will be made again.
    """
    pruned = load_optuna().trial.TrialState.PRUNED
    n_pruned = len(study.get_trials(deepcopy=False, states=(pruned,)))
    return len(evaluated_trials(study)) + n_pruned


def why_no_trial(study: Any, timeout: float | None) -> str:
    """What to do about a study that ended without an evaluated trial."""
    n_pruned = count_done(study)
    if n_pruned:
        return (
            "The study has no trial with scores: the function passed as 'space' pruned "
            f"all {n_pruned}. Let it prune fewer."
        )
    return (
        f"The study has no trial with scores: timeout={timeout} seconds are too few "
        "for one. Raise the 'timeout' parameter."
    )


def run_study(
    study: Any,
    objective: Callable[[Any], Sequence[float]],
    sampler: Callable[[int], Any],
    *,
    n_trials: int | None,
    timeout: float | None,
    start: dict[str, Any],
    callbacks: Sequence[Callable],
) -> None:
    """Make trials until there are ``n_trials`` in all or the time is up.

    Parameters
    ----------
    study : Study
    objective : callable
        From a trial to its scores. TrialFailedError ends the trial only.
    sampler : callable
        From the number of trials that are done to the sampler of the next one.
    n_trials : int or None
    timeout : float or None
        Seconds of this call.
    start : dict
        The parameters of the first trial, as far as they are known.
    callbacks : sequence of callable
        Called with study and trial after each trial.
    """
    waiting = load_optuna().trial.TrialState.WAITING
    n_done = count_done(study)
    if n_trials is not None and n_done >= n_trials:
        return
    if start and n_done == 0 and not study.get_trials(states=(waiting,)):
        study.enqueue_trial(start)

    def renew_sampler(study: Any, _: Any = None) -> None:
        study.sampler = sampler(count_done(study))

    renew_sampler(study)
    study.optimize(
        objective,
        n_trials=None if n_trials is None else n_trials - n_done,
        timeout=timeout,
        catch=(TrialFailedError,),
        callbacks=[renew_sampler, *callbacks],
    )


def sampler_factory(sampler: Any, seed: int) -> Callable[[int], Any]:
    """From the number of trials that are done to the sampler of the next one.

    A sampler reads the trials of the past from the study, but not how often it has
    drawn: resumed with its seed, it would repeat its first draws. Made anew for
    each trial, with a seed of its own, it does what it would have done without an
    interruption.
    """
    optuna = load_optuna()
    if isinstance(sampler, optuna.samplers.BaseSampler):
        sampler = copy.deepcopy(sampler)
        return lambda n_done: sampler
    make = optuna.samplers.TPESampler if sampler is None else sampler
    if not callable(make):
        raise ValueError(
            "The 'sampler' parameter must be a sampler of optuna.samplers, its class "
            "or another function of a seed that returns one, or None. Got "
            f"{sampler!r:.200} instead."
        )

    def renewed(n_done: int) -> Any:
        own = np.random.SeedSequence([seed, n_done]).generate_state(1)[0]
        try:
            made = make(seed=int(own))
        except TypeError as error:
            raise ValueError(
                f"The 'sampler' {sampler!r:.200} cannot be made of a seed alone: "
                f"{error}. Pass a sampler, or a function of a 'seed' that returns one."
            ) from error
        if not isinstance(made, optuna.samplers.BaseSampler):
            raise ValueError(
                f"The 'sampler' function {sampler!r:.200} must return a sampler of "
                f"optuna.samplers. Got {made!r:.200} instead."
            )
        return made

    return renewed
