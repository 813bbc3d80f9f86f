"""The versions of what pickles and model files hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .exceptions import ModelFileError

# To be raised whenever the attributes of a fitted estimator, or what they hold, change
# so that another version would not understand them.
STATE_FORMAT = 1

# From a format to the next: a function of the name of a type (or of an estimator's
# class) and its plain fields, to its fields in the next format.
MIGRATIONS: dict[int, Callable[[str, dict[str, Any]], dict[str, Any]]] = {}

_VERSION, _FORMAT = "_skmo_version", "_skmo_format"


def current_version() -> str:
    """This skmo's."""
    import skmo  # it has no version yet when this module is imported

    return skmo.__version__


def stamped(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with the versions they were written by."""
    return {**fields, _VERSION: current_version(), _FORMAT: STATE_FORMAT}


def unstamped(fields: dict[str, Any], what: str) -> tuple[dict[str, Any], int]:
    """The fields without the versions, and the number of their format.

    Raises
    ------
    ModelFileError
        If they are in a format that this version does not read.
    """
    fields = dict(fields)
    version, number = fields.pop(_VERSION, None), fields.pop(_FORMAT, None)
    check_format(number, version, what)
    return fields, number


def check_format(number: Any, version: Any, what: str) -> None:
    """Raise ``ModelFileError`` for a format that this version does not read."""
    here = current_version()
    if type(number) is not int or type(version) is not str or number < 1:
        raise ModelFileError(
            f"{what} does not say which version of skmo wrote it, so that skmo {here} "
            "cannot read it. Fit the model again."
        )
    if number > STATE_FORMAT:
        raise ModelFileError(
            f"{what} was written by skmo {version[:40]} in format {number}. This is "
            f"skmo {here}, which reads formats up to {STATE_FORMAT}. Install skmo "
            f"{version[:40]} or newer, or fit the model again."
        )
    lost = [n for n in range(number, STATE_FORMAT) if n not in MIGRATIONS]
    if lost:
        raise ModelFileError(
            f"{what} was written by skmo {version[:40]} in format {number}, which skmo "
            f"{here} no longer reads. Load it with an older skmo, or fit the model "
            "again."
        )


def migrated(name: str, fields: dict[str, Any], number: int) -> dict[str, Any]:
    """Plain fields in the present format."""
    for n in range(number, STATE_FORMAT):
        fields = MIGRATIONS[n](name, fields)
    return fields
