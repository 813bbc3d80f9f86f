"""Results kept on disk, so that a search that was stopped can go on."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import sklearn
from sklearn.base import clone

from ._described import described

# What a result does not depend on.
_IDLE = {"n_jobs": None, "verbose": 0}


class ResultStore:
    """A folder of results by key; without a folder nothing is kept.

    Parameters
    ----------
    cache : str, path-like, joblib.Memory or None
        The folder, created where absent; of a ``Memory`` its location.
    """

    def __init__(self, cache: Any):
        self.folder = _folder(cache)

    def load(self, key: str | None) -> Any:
        """The result, or None where there is none that can be read."""
        if self.folder is None:
            return None
        try:
            return joblib.load(self._path(key))
        except FileNotFoundError:
            return None
        # A broken file (a full disk, another version's classes) may raise anything.
        except Exception:
            return None

    def save(self, key: str | None, result: Any) -> None:
        """Keep a result; no reader sees a part of it."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                joblib.dump(result, file)
            os.replace(name, self._path(key))
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _path(self, key: str | None) -> Path:
        return self.folder / f"{key}.joblib"


def _folder(cache: Any) -> Path | None:
    if cache is None:
        return None
    if isinstance(cache, joblib.Memory):
        if cache.location is None:
            return None
        return Path(cache.location) / "skmo_pareto"
    if not isinstance(cache, str | os.PathLike):
        raise ValueError(
            "The 'cache' parameter must be a folder's path, a joblib.Memory or None. "
            f"Got {cache!r:.200} instead."
        )
    folder = Path(cache)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"cache={str(cache)!r} is a file. Name a folder instead.")
    return folder


def fingerprint(estimator: Any, *parts: Any) -> str:
    """A hash of an unfitted estimator's class and parameters and of the parts.

    ``n_jobs`` and ``verbose`` do not count. Of the parts see `described`.

    Raises
    ------
    ValueError
        If something cannot be pickled, and so not be hashed.
    """
    from .. import __version__

    estimator = clone(estimator)
    idle = {
        name: _IDLE[name.rpartition("__")[2]]
        for name in estimator.get_params()
        if name.rpartition("__")[2] in _IDLE
    }
    versions = (__version__, sklearn.__version__, np.__version__)
    estimator.set_params(**idle)
    return digest(versions, estimator, *parts)


def digest(*parts: Any) -> str:
    """A hash of what is `described` of values that can be pickled."""
    try:
        return joblib.hash(described(parts))
    # Values may refuse in any way, from __getstate__ to endless recursion.
    except Exception as error:
        raise ValueError(
            "cache= needs an estimator, objectives and data that can be pickled, to "
            f"tell whether a result belongs to them, but: {error}. Define functions "
            "and classes at the top of a module, or pass cache=None."
        ) from error
