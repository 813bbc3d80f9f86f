"""Estimators in pickles and model files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class SavingMixin:
    """Pickles of plain data that know their version, and `save_model`."""

    def save_model(self, file: Any, *, custom_objects: Sequence[Any] = ()) -> None:
        """Write the fitted estimator to a file that holds no code.

        `skmo.load_model` reads it. The user guide, "Saving models", describes the
        format, and when to use this and when pickle.

        Parameters
        ----------
        file : str, path-like or writable binary file object
            An existing file of this name is replaced once the new one is complete,
            and stays as it is if it cannot be written.
        custom_objects : sequence of classes and functions, default=()
            Your own objectives, balancers and the like that the parameters hold.
            They are saved by their names, with the parameters of instances, and
            `load_model` must be given the same ones.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If there is nothing to save.
        skmo.exceptions.ModelFileError
            If a parameter holds something a file does not; it is named.
        OSError
            If the file cannot be written.
        """
        from ..persistence._save import save

        save(self, file, custom_objects)

    def __getstate__(self) -> dict[str, Any]:
        from ..persistence._estimators import pack_estimator

        return pack_estimator(self, super().__getstate__())

    def __setstate__(self, state: dict[str, Any]) -> None:
        from ..persistence._estimators import unpack_estimator

        super().__setstate__(unpack_estimator(self, state))

    def __copy__(self) -> Any:
        # The copy module would make a second model of the state for pickles.
        copied = type(self).__new__(type(self))
        vars(copied).update(vars(self))
        return copied
