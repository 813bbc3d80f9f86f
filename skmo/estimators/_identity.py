"""What tells one fit from another, so that none is resumed with other data."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from typing import Any

import joblib
import numpy as np
import scipy.sparse as sp

from ..boosting import BoostingResult
from ._rows import Rows

# Parameters that may be others in the fit that is resumed: the rounds before are the
# same. A seed that is no integer is drawn; the checkpoint has it.
_FREE = {"n_estimators", "n_jobs", "verbose", "on_interrupt", "warm_start"}
_MAX_SHOWN = 60
_BLOCK = 10_000


def identity_of_parameters(estimator: Any) -> dict[str, tuple[str, str]]:
    """A hash and the beginning of the text of each parameter that matters.

    Raises
    ------
    ValueError
        If one cannot be pickled, and so not be hashed.
    """
    params = dict(estimator.get_params(deep=False))
    for name in _FREE:
        params.pop(name)
    if not isinstance(params["random_state"], int | np.integer):
        params["random_state"] = None
    if params.get("bounds") is not None:
        # The reference models have as many rounds.
        params["n_estimators"] = estimator.n_estimators
    params["estimator"] = type(estimator).__name__
    found = {}
    for name, value in params.items():
        try:
            digest = joblib.hash(_plain(value))
        # Values may refuse in any way, from __getstate__ to endless recursion.
        except Exception as error:
            raise ValueError(
                f"A checkpoint needs parameters that can be pickled, but the {name!r} "
                f"parameter cannot: {error}. Define classes and functions at the top "
                "of a module."
            ) from error
        text = repr(value)
        found[name] = digest, text[:_MAX_SHOWN] + "…" * (len(text) > _MAX_SHOWN)
    return found


def _plain(value: Any) -> Any:
    """Equal for what means the same: arrays, tuples and lists; NumPy's numbers."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    return value


def identity_of_data(train: Rows, val: Rows | None) -> dict[str, str]:
    """A hash of each part of the encoded rows, by the name of what it came from."""
    found = {}
    for rows, suffix in ((train, ""), (val, "_val")):
        parts = (None,) * 4
        if rows is not None:
            parts = (rows.X, rows.target, rows.weight, rows.query)
        for name, part in zip(
            ("X", "y", "sample_weight", "queries"), parts, strict=True
        ):
            found[name + suffix] = _digest(part)
    return found


def identity_of_earlier(result: BoostingResult) -> str:
    """A hash of the trees of an earlier fit that this one adds to, if any."""
    found = hashlib.sha256()
    if not result.forest.n_rounds:
        return found.hexdigest()  # the constants are this fit's own, of its y
    for values in (result.forest.init_scores, *result.forest.values):
        found.update(np.ascontiguousarray(values).data)
    return found.hexdigest()


def _digest(part: Any) -> str:
    found = hashlib.sha256()
    if sp.issparse(part):
        arrays = [part.data, part.indices, part.indptr]
    else:
        arrays = [] if part is None else [part]
    for array in arrays:
        found.update(f"{array.dtype.str}{array.shape}".encode())
        # In blocks, as an array in another order or a file is copied.
        for start in range(0, len(array), _BLOCK):
            block = np.ascontiguousarray(array[start : start + _BLOCK])
            found.update(block.data)
    return found.hexdigest()


def check_same(
    path: str | os.PathLike,
    there: Mapping[str, Any],
    here: Mapping[str, Any],
    what: str,
) -> None:
    """Raise ``ValueError`` naming what differs.

    ``what`` is "parameters", with the texts of values, or "data".
    """
    names = [name for name in {**there, **here} if there.get(name) != here.get(name)]
    if what == "parameters":
        names = [
            name
            for name in names
            if there.get(name, ("",))[0] != here.get(name, ("",))[0]
        ]
    if not names:
        return
    shown = ", ".join(names)
    if what == "parameters":
        shown = "; ".join(
            f"{name}={there.get(name, ('', 'unknown'))[1]}, now "
            f"{here.get(name, ('', 'unknown'))[1]}"
            for name in names
        )
    raise ValueError(
        f"resume_from={os.fspath(path)!r} belongs to a fit with other {what}: {shown}. "
        "A fit is resumed with the same data and parameters; n_estimators may be "
        "raised (without bounds), and n_jobs, verbose and on_interrupt may change."
    )
