"""Optuna, if it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def load_optuna() -> Any:
    """The module.

    Raises
    ------
    ImportError
        If it is not installed, with the command that does it.
    """
    try:
        import optuna
    except ImportError as error:
        raise ImportError(
            "skmo.tuning needs Optuna, which is not installed: "
            'pip install "optuna>=4.0".'
        ) from error
    return optuna


@contextmanager
def quiet_optuna(verbose: int) -> Iterator[None]:
    """Optuna's log as loud as ``verbose`` says, and afterwards as before."""
    logging = load_optuna().logging
    before = logging.get_verbosity()
    # A trial that fails is logged as a warning, with its traceback: what is to be
    # known of it is said once, at the end.
    logging.set_verbosity(logging.INFO if verbose else logging.ERROR)
    try:
        yield
    finally:
        logging.set_verbosity(before)
