"""The user's own classes and functions in model files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..exceptions import ModelFileError


def custom_by_name(custom_objects: Sequence[Any]) -> dict[str, Any]:
    """The classes and functions by their names.

    Raises
    ------
    ModelFileError
        For anything but a list, instances, and two of the same name.
    """
    if not isinstance(custom_objects, Iterable):
        raise ModelFileError(
            "The 'custom_objects' parameter must be a list of classes and functions. "
            f"Got {custom_objects!r:.200} instead."
        )
    found: dict[str, Any] = {}
    for custom in custom_objects:
        name = getattr(custom, "__name__", None)
        if not callable(custom) or type(name) is not str:
            raise ModelFileError(
                "The 'custom_objects' parameter must hold classes and functions. Got "
                f"{custom!r:.200} instead."
            )
        if found.setdefault(name, custom) is not custom:
            raise ModelFileError(
                f"The 'custom_objects' parameter holds two objects named {name!r}: "
                "rename one."
            )
    return found
