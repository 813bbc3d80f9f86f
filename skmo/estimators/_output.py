"""Predictions as data frames, where the user has asked for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from sklearn import get_config

from ._frames import PandasFrame, read_frame

Self = TypeVar("Self", bound="OutputMixin")


class OutputMixin:
    """Lets users choose the container of two-dimensional predictions."""

    def set_output(
        self: Self, *, predict: str | None = None, transform: str | None = None
    ) -> Self:
        """Choose what predictions of several columns come in.

        A data frame has the columns ``objective_names_`` and, if ``X`` is a pandas
        DataFrame, its index. One-dimensional predictions, lists of probabilities
        and the ``staged_`` methods always come in arrays.

        Parameters
        ----------
        predict : {"default", "pandas", "polars"}, default=None
            "default" is an array. None leaves the choice as it was; as long as none
            was made, ``sklearn.set_config(transform_output=...)`` decides.
        transform : {"default", "pandas", "polars"}, default=None
            The same under the name that scikit-learn's transformers use.

        Returns
        -------
        self : object
            The choice is no parameter: `sklearn.base.clone` copies it, and refitting
            keeps it.

        Raises
        ------
        ValueError
            For another container, or two.
        """
        for name, value in (("predict", predict), ("transform", transform)):
            if value not in (None, *_CONTAINERS):
                raise ValueError(
                    f"The '{name}' parameter of set_output must be one of "
                    f"{list(_CONTAINERS)} or None. Got {value!r:.200} instead."
                )
        if predict is not None and transform not in (None, predict):
            raise ValueError(
                f"set_output got predict={predict!r:.200} and "
                f"transform={transform!r:.200}, two names for one choice: pass predict "
                "alone."
            )
        chosen = transform if predict is None else predict
        if chosen is not None:
            # scikit-learn's name, which `clone` copies.
            self._sklearn_output_config = {"predict": chosen}
        return self

    def _in_container(self, values: np.ndarray, X: Any, names: Sequence[str]) -> Any:
        """Predictions for ``X``, (n_samples, n_objectives), as configured."""
        own = getattr(self, "_sklearn_output_config", {})
        chosen = own.get("predict", get_config()["transform_output"])
        if values.ndim != 2:
            return values
        return _CONTAINERS[chosen](values, X, names)


def _array(values: np.ndarray, X: Any, names: Sequence[str]) -> np.ndarray:
    return values


def _pandas(values: np.ndarray, X: Any, names: Sequence[str]) -> Any:
    try:
        import pandas as pd
    except ImportError as error:
        raise _missing("pandas", 'pip install "skmo[pandas]"') from error
    frame = read_frame(X)
    index = frame.data.index if isinstance(frame, PandasFrame) else None
    data = pd.DataFrame(values, index=index, columns=list(names), copy=False)
    # Labels of several types are objects in an array alone.
    return data.infer_objects() if values.dtype == object else data


def _polars(values: np.ndarray, X: Any, names: Sequence[str]) -> Any:
    try:
        import polars as pl
    except ImportError as error:
        raise _missing("polars", "pip install polars") from error
    objects = values.dtype == object
    return pl.DataFrame(
        {
            name: column.tolist() if objects else column
            for name, column in zip(names, values.T, strict=True)
        }
    )


_CONTAINERS: dict[str, Callable[[np.ndarray, Any, Sequence[str]], Any]] = {
    "default": _array,
    "pandas": _pandas,
    "polars": _polars,
}


def _missing(library: str, command: str) -> ImportError:
    return ImportError(
        f"Predictions are configured to be {library} data frames, but {library} is not "
        f"installed: {command}, or call set_output(predict='default')."
    )
