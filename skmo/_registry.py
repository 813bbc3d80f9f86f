"""Names of plug-ins, resolved in one place."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from typing import Any

from sklearn.base import clone


def resolve(
    spec: Any,
    registry: Mapping[str, type],
    base: type,
    parameter: str,
) -> Any:
    """An instance of a plug-in from its name, its class or an instance.

    Instances are cloned, so that what a fit remembers in them stays its own.

    Raises
    ------
    ValueError
        For an unknown name, or anything that is neither name, class nor
        instance; the message lists the valid names.
    """
    if isinstance(spec, str):
        if spec in registry:
            return registry[spec]()
        near = difflib.get_close_matches(spec.lower(), registry, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(
            f"Unknown {parameter} {spec!r:.200}.{hint} Valid names: "
            f"{', '.join(registry)}, or an instance of {base.__name__}."
        )
    if inspect.isclass(spec) and issubclass(spec, base):
        return spec()
    if isinstance(spec, base):
        return clone(spec)
    raise ValueError(
        f"The {parameter!r} parameter must be a name ({', '.join(registry)}) or an "
        f"instance of {base.__name__}. Got {spec!r:.200} instead."
    )
