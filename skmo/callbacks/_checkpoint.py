"""The callback that writes checkpoints."""

from __future__ import annotations

import os
from collections.abc import Callable
from numbers import Integral

from ._env import CallbackEnv


class Checkpoint:
    """What `checkpoint` makes."""

    # The last one, so that it knows whether another has ended the fit.
    order = 100

    def __init__(self, path: str | os.PathLike, every: int):
        self.path, self.every = os.fspath(path), every

    def __call__(self, env: CallbackEnv) -> None:
        if env.ending or (env.iteration + 1) % self.every == 0:
            env.save_checkpoint(self.path)


def checkpoint(path: str | os.PathLike, every: int = 50) -> Callable:
    """Make a callback that saves the fit every so many rounds, to be resumed.

    A fit that was killed goes on with ``fit(..., resume_from=path)`` on the same data
    and parameters, and gives the model it would have given, to the last bit.

    Parameters
    ----------
    path : str or path-like
        The file. Each checkpoint replaces the one before, at once: whenever a fit is
        killed, there is a whole one. It is a pickle, so resume from files that you
        trust only.
    every : int, default=50
        Rounds between checkpoints, at least 1. The last round writes one, too.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If ``every`` is no integer of at least 1.
    TypeError
        If ``path`` is no path.

    Notes
    -----
    LightGBM does not tell where its own random numbers stand, so at each checkpoint
    they start anew, from ``random_state`` and the round. With ``subsample`` or
    ``colsample_bytree`` below 1, or ``extra_trees``, the model therefore depends on
    ``every``: it is another one of the same kind. Without such draws it is the model
    of a fit without checkpoints. To resume to the model of the uninterrupted fit,
    pass the same callback again.

    The scores of all rows are in the file: 4 or 8 bytes for each row and score (and
    validation row), next to the trees.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skmo import MultiObjectiveRegressor
    >>> from skmo.callbacks import checkpoint
    >>> from skmo.datasets import make_feed
    >>> X, Y = make_feed(n_samples=200, random_state=0)
    >>> path = Path(tempfile.mkdtemp()) / "run.ckpt"
    >>> def crash(env):
    ...     if env.iteration == 16:
    ...         raise MemoryError
    >>> est = MultiObjectiveRegressor(n_estimators=30, random_state=0)
    >>> try:
    ...     est.fit(X, Y, callbacks=[checkpoint(path, every=5), crash])
    ... except MemoryError:
    ...     est.fit(X, Y, callbacks=[checkpoint(path, every=5)], resume_from=path)
    MultiObjectiveRegressor(n_estimators=30, random_state=0)
    >>> whole = MultiObjectiveRegressor(n_estimators=30, random_state=0).fit(X, Y)
    >>> bool((est.predict(X) == whole.predict(X)).all())
    True
    """
    if not isinstance(every, Integral) or isinstance(every, bool) or every < 1:
        raise ValueError(
            "checkpoint needs a number of rounds of at least 1. Got "
            f"every={every!r:.200}."
        )
    if not isinstance(path, str | os.PathLike):
        raise TypeError(
            "The 'path' parameter of checkpoint must be a file's path. Got "
            f"{path!r:.200} instead."
        )
    return Checkpoint(path, int(every))
