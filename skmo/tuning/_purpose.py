"""What a study is made for, so that no other search goes on with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from ..pareto._cache import digest

if TYPE_CHECKING:
    from ._trial import TrialObjective

# What results do not depend on.
_IDLE = ("n_jobs", "verbose")
_OTHER = {
    "objectives": "other objectives",
    "scorers": (
        "other scorers of the objectives (of functions the compiled code, which "
        "another version of Python changes)"
    ),
    "space": "another space",
    "estimator": "another estimator, or other parameters of it",
    "data": (
        "other data, folds or parameters of fit (the same numbers in a list or a data "
        "frame are other data; folds shuffled without a 'random_state' are others in "
        "each fit)"
    ),
}
_HASHED = ("scorers", "estimator", "data")
REMEDY = "Choose another 'study_name', or delete this study with optuna.delete_study."


def purpose_of(objective: TrialObjective) -> dict[str, Any]:
    """What must be the same in all fits that share a study, in JSON's types.

    Raises
    ------
    ValueError
        If something cannot be hashed.
    """
    space, scorers, rows = objective.space, objective.scores.scorers, objective.rows
    estimator = objective.plan.estimator
    data = (rows.X, rows.y, rows.fit_params, rows.score_params, objective.splits)
    return {
        "objectives": "the estimator's own" if scorers is None else list(scorers),
        "scorers": _hash(None if scorers is None else list(scorers.items())),
        "space": space.describe(),
        "estimator": _hash(
            (_setting(estimator), _parameters(estimator, space.tuned()))
        ),
        "data": _hash(data),
    }


def check_purpose(name: str, found: Mapping[str, Any], wanted: dict[str, Any]) -> None:
    """Raise ``ValueError`` if a stored study was made for something else."""
    for part, here in wanted.items():
        there = found.get(part)
        if there == here:
            continue
        # Two hashes side by side would say nothing.
        shown = "" if part in _HASHED else f": {_difference(there, here)}"
        raise ValueError(
            f"The study {name!r} in the storage was made with {_OTHER[part]}{shown}. "
            f"{REMEDY}"
        )


def _difference(there: Any, here: Any) -> str:
    """Of two dicts, only what they differ in: most of a space is often the same."""
    if not isinstance(there, Mapping) or not isinstance(here, Mapping):
        return f"{there} there, {here} here"
    return "; ".join(
        f"{name!r} is {there.get(name)} there, {here.get(name)} here"
        for name in {**there, **here}
        if there.get(name) != here.get(name)
    )


def _parameters(estimator: Any, tuned: Collection[str]) -> dict[str, Any]:
    """All that are not tuned, of steps inside, too."""
    return {
        name: _setting(value)
        for name, value in estimator.get_params(deep=True).items()
        if name not in tuned and name.rpartition("__")[2] not in _IDLE
    }


def _setting(value: Any) -> Any:
    """An estimator is its class: its pickle would change with scikit-learn's version.

    Its parameters are there on their own.
    """
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}"
    if hasattr(value, "get_params"):
        return _setting(type(value))
    if isinstance(value, Mapping):
        return {key: _setting(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_setting(part) for part in value]
    return value


def _hash(value: Any) -> str:
    try:
        return digest(value)
    except ValueError as error:
        cause = error.__cause__
        # joblib adds all that is hashed.
        reason = cause.args[0] if cause is not None and cause.args else cause
        raise ValueError(
            "To tell whether a study in a storage belongs to this search, estimator, "
            f"data and folds must be such as can be pickled, but: {reason!s:.200}. "
            "Define functions and classes at the top of a module, or pass "
            "storage=None."
        ) from error
