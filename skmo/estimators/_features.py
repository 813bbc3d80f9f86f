"""From what users pass as X to the numbers trees are grown on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator
from sklearn.preprocessing import OrdinalEncoder
from sklearn.utils import check_array

from .._sklearn import check_feature_names, check_n_features
from ._columns import (
    observed_categories,
    read_numbers,
    refuse_text,
    refuse_unreadable,
)
from ._frames import NARROW, Frame, is_missing, read_frame


class FeatureEncoder:
    """Encodes categories, checks the rest, remembers both.

    Parameters
    ----------
    categorical_features : "from_dtype", array-like or None
        As the estimators' parameter.

    Attributes
    ----------
    categorical : list of int
        Indices of the categorical features, after ``fit_transform``.
    """

    def __init__(self, categorical_features: Any):
        self._spec = categorical_features
        self._encoders: dict[int, OrdinalEncoder] = {}
        self._from_frame = False

    @property
    def categorical(self) -> list[int]:
        return list(self._encoders)

    def categories(self, j: int) -> list[Any]:
        """The categories of feature ``j``, in the order of their codes."""
        return self._encoders[j].categories_[0].tolist()

    def fit_transform(
        self, estimator: BaseEstimator, X: Any
    ) -> np.ndarray | sp.csr_matrix:
        """Learn the categories of ``X`` and encode it."""
        self._encoders = {}
        frame = read_frame(X)
        self._from_frame = frame is not None
        if frame is None:
            X = _read_array(estimator, X, reset=True)
            categorical = self._resolve(X.shape[1], [], [])
            if categorical and sp.issparse(X):
                raise ValueError(
                    f"'categorical_features' needs a dense X. Got {self._spec!r:.200} "
                    f"and a {type(X).__name__}: convert it with X.toarray(), or set "
                    "categorical_features=None."
                )
            for j in categorical:
                self._encoders[j] = new_encoder().fit(X[:, [j]])
            return self._encode_array(X)
        _refuse_repeated(frame)
        for j in self.categorical_columns(X):
            codes, categories = observed_categories(frame, j)
            if (codes < 0).any() or not len(categories):
                categories = np.append(categories, np.nan)
            try:
                self._encoders[j] = new_encoder().fit(categories[:, None])
            except TypeError as error:
                raise ValueError(
                    f"The categories of feature {frame.names[j]!r} are of types that "
                    f"cannot be ordered. Use one type. ({error})"
                ) from error
        return self._read_frame(estimator, frame, reset=True)

    def transform(self, estimator: BaseEstimator, X: Any) -> np.ndarray | sp.csr_matrix:
        """Encode rows like those learnt from; unseen categories are missing."""
        if not self._encoders and _is_clean(estimator, X):
            return X
        frame = read_frame(X)
        if frame is not None:
            return self._read_frame(estimator, frame, reset=False)
        if self._encoders and self._from_frame:
            names = getattr(
                estimator, "feature_names_in_", range(estimator.n_features_in_)
            )
            names = [names[j] for j in self.categorical]
            raise ValueError(
                f"The features {names!r:.200} are categorical by their dtype in the "
                f"data frame that was passed to fit. Got a {type(X).__name__}: pass a "
                "data frame here as well."
            )
        X = _read_array(estimator, X, reset=False)
        if self._encoders and sp.issparse(X):
            X = X.toarray()
        return self._encode_array(X)

    def categorical_columns(self, X: Any) -> list[int]:
        """The features of ``X`` that would be categorical."""
        frame = read_frame(X)
        if frame is None:
            return self._resolve(X.shape[1], [], [])
        kinds = [frame.kind(j) for j in range(frame.shape[1])]
        return self._resolve(frame.shape[1], frame.names, kinds)

    def frame_categories(self) -> list[list[Any]] | None:
        """The categories of each categorical column, if learnt from a data frame.

        In the order of their codes, as LightGBM keeps them for pandas. None for
        arrays, or where there are others than strings, numbers and booleans.
        """
        if not self._from_frame:
            return None
        found = [_known(encoder).tolist() for encoder in self._encoders.values()]
        plain = all(
            isinstance(v, str | int | float) for values in found for v in values
        )
        return found if plain else None

    def category_numbers(self) -> dict[int, np.ndarray]:
        """The categories of each categorical feature, if learnt from an array.

        Raises
        ------
        ValueError
            If they are no numbers that LightGBM can tell apart.
        """
        found = self.array_categories()
        for j, values in found.items():
            good = (values >= 0) & (values <= _MAX_CATEGORY) & (values % 1 == 0)
            if not good.all():
                raise ValueError(
                    f"Feature {j} has the category {values[~good][0]:g}, which "
                    f"LightGBM cannot hold: it takes whole numbers from 0 to "
                    f"{_MAX_CATEGORY}. Encode the categories before fit "
                    "(sklearn.preprocessing.OrdinalEncoder), or pass a data frame "
                    "whose columns have a categorical dtype."
                )
        return {j: values.astype(np.int64) for j, values in found.items()}

    def array_categories(self) -> dict[int, np.ndarray]:
        """The same, whatever numbers they are; none if learnt from a data frame."""
        if self._from_frame:
            return {}
        return {j: _known(encoder) for j, encoder in self._encoders.items()}

    def _encode_array(
        self, X: np.ndarray | sp.csr_matrix
    ) -> np.ndarray | sp.csr_matrix:
        if not self._encoders:
            return X
        encoded = X.copy()
        for j, encoder in self._encoders.items():
            encoded[:, [j]] = encoder.transform(X[:, [j]])
        return encoded

    def _read_frame(
        self, estimator: BaseEstimator, frame: Frame, reset: bool
    ) -> np.ndarray | sp.csr_matrix:
        check_feature_names(estimator, frame.data, reset=reset)
        check_n_features(estimator, frame.data, reset=reset)
        numbers = [j for j in range(frame.shape[1]) if j not in self._encoders]
        refuse_unreadable(frame, numbers)
        if not self._encoders and frame.is_plain:
            X = frame.data
        elif not self._encoders and frame.is_sparse:
            X = frame.data.sparse.to_coo()
        else:
            X = self._encode_frame(frame)
        return _checked(X, estimator)

    def _encode_frame(self, frame: Frame) -> np.ndarray:
        n_samples, n_features = frame.shape
        narrow = all(frame.is_narrow(j) for j in range(n_features))
        dtype = np.float32 if narrow else np.float64
        encoded = np.empty((n_samples, n_features), dtype=dtype)
        for j in range(n_features):
            if j not in self._encoders:
                encoded[:, j] = read_numbers(frame, j, dtype)
                continue
            codes, categories = observed_categories(frame, j)
            table = np.full(len(categories) + 1, np.nan)  # the last for missing values
            if len(categories):
                table[:-1] = self._encoders[j].transform(categories[:, None])[:, 0]
            encoded[:, j] = table[codes]
        return encoded

    def _resolve(
        self, n_features: int, names: Sequence[Any], kinds: Sequence[str]
    ) -> list[int]:
        """Indices of the categorical features; frames have names and kinds."""
        spec = self._spec
        if spec is None:
            return []
        if isinstance(spec, str):
            if spec != "from_dtype":
                raise ValueError(
                    "The 'categorical_features' parameter must be 'from_dtype', None, "
                    f"a boolean mask, indices or column names. Got {spec!r:.200} "
                    "instead."
                )
            return [j for j, kind in enumerate(kinds) if kind == "category"]
        spec = np.asarray(spec)
        if spec.size == 0:
            return []
        if spec.dtype == bool:
            if spec.shape != (n_features,):
                raise ValueError(
                    f"The 'categorical_features' mask must have shape ({n_features},), "
                    f"one entry per feature. Got {spec.shape} instead."
                )
            return np.flatnonzero(spec).tolist()
        if spec.dtype.kind in "iu":
            if spec.min() < 0 or spec.max() >= n_features:
                raise ValueError(
                    "The 'categorical_features' indices must be in "
                    f"[0, {n_features - 1}]. Got {spec.tolist()!r:.200} instead."
                )
            return np.unique(spec).tolist()
        missing = [name for name in spec.tolist() if name not in names]
        if missing:
            known = f"Its columns are {list(names)!r:.200}."
            raise ValueError(
                "'categorical_features' names columns that X does not have: "
                f"{missing!r:.200}. "
                + (known if names else "X has no column names: pass indices.")
            )
        return sorted(names.index(name) for name in spec.tolist())


def new_encoder() -> OrdinalEncoder:
    """What encodes a column of categories, (n_samples, 1)."""
    encoder = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
    )
    # Whatever the user has configured for transformers.
    return encoder.set_output(transform="default")


# Above this what is saved is nothing beside the trees.
_FEW_CELLS = 1 << 14
# LightGBM keeps a bit for each number up to the largest in each split.
_MAX_CATEGORY = (1 << 16) - 1


def _known(encoder: OrdinalEncoder) -> np.ndarray:
    """The categories without that of the missing values."""
    values = encoder.categories_[0]
    return values[[not is_missing(value) for value in values.tolist()]]


def _is_clean(estimator: BaseEstimator, X: Any) -> bool:
    """Whether these are few rows that all checks would leave as they are.

    The checks take longer than the trees do for one row.
    """
    return (
        type(X) is np.ndarray
        and X.dtype in (np.float32, np.float64)
        and X.ndim == 2
        and 0 < X.size <= _FEW_CELLS
        and X.shape[1] == estimator.n_features_in_
        and not hasattr(estimator, "feature_names_in_")
        and not np.isinf(X).any()
    )


def _read_array(
    estimator: BaseEstimator, X: Any, reset: bool
) -> np.ndarray | sp.csr_matrix:
    """What is no data frame, as numbers."""
    X = refuse_text(X)
    check_feature_names(estimator, X, reset=reset)
    X = _checked(X, estimator)
    check_n_features(estimator, X, reset=reset)
    return X


def _checked(X: Any, estimator: BaseEstimator) -> np.ndarray | sp.csr_matrix:
    """As floats, without a copy of those that are."""
    # What float32 holds exactly takes half the memory.
    narrow = str(getattr(X, "dtype", "")) in NARROW
    X = check_array(
        X,
        dtype=np.float32 if narrow else [np.float64, np.float32],
        ensure_all_finite="allow-nan",
        accept_sparse="csr",
        input_name="X",
        estimator=estimator,
    )
    # LightGBM warns about csr_array.
    return sp.csr_matrix(X) if sp.issparse(X) else X


def _refuse_repeated(frame: Frame) -> None:
    repeated = sorted({str(n) for n in frame.names if frame.names.count(n) > 1})
    if repeated:
        raise ValueError(
            f"X has the columns {repeated!r:.200} more than once: rename them."
        )
