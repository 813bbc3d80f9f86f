"""From what users pass as X to the numbers trees are grown on."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator
from sklearn.preprocessing import OrdinalEncoder
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from .._sklearn import check_feature_names, check_n_features

_CHECKS = {
    "dtype": [np.float64, np.float32],
    "ensure_all_finite": "allow-nan",
}


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
        self._from_frame = is_frame(X)
        if is_frame(X):
            names = list(X.columns)
            repeated = sorted({str(name) for name in names if names.count(name) > 1})
            if repeated:
                raise ValueError(
                    f"X has the columns {repeated} more than once: rename them."
                )
            categorical = self._resolve(X, names)
            _refuse_strings(X, categorical)
            if not categorical:
                return self._validate(estimator, X, reset=True)
            check_feature_names(estimator, X, reset=True)
            check_n_features(estimator, X, reset=True)
        else:
            X = self._validate(estimator, X, reset=True)
            categorical = self._resolve(X, [])
        if categorical and sp.issparse(X):
            raise ValueError(
                "'categorical_features' needs a dense X. Convert it with X.toarray() "
                "or set categorical_features=None."
            )
        for j in categorical:
            self._encoders[j] = OrdinalEncoder(
                handle_unknown="use_encoded_value",
                unknown_value=np.nan,
                encoded_missing_value=np.nan,
            )
            try:
                self._encoders[j].fit(_categories(X, j))
            except TypeError as error:
                name = X.columns[j] if is_frame(X) else j
                raise ValueError(
                    f"The categories of feature {name!r} are of types that cannot be "
                    f"ordered. Use one type. ({error})"
                ) from error
        return self._encode(X)

    def transform(self, estimator: BaseEstimator, X: Any) -> np.ndarray | sp.csr_matrix:
        """Encode rows like those learnt from; unseen categories are missing."""
        if is_frame(X) and self._encoders:
            check_feature_names(estimator, X, reset=False)
            check_n_features(estimator, X, reset=False)
        else:
            if self._encoders and self._from_frame:
                names = estimator.feature_names_in_[self.categorical].tolist()
                raise ValueError(
                    f"The features {names} are categorical by their dtype in the data "
                    "frame that was passed to fit. Pass a data frame here as well."
                )
            if is_frame(X):
                _refuse_strings(X, [])
            X = self._validate(estimator, X, reset=False)
            if self._encoders and sp.issparse(X):
                X = X.toarray()
        return self._encode(X)

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

    @staticmethod
    def _validate(
        estimator: BaseEstimator, X: Any, reset: bool
    ) -> np.ndarray | sp.csr_matrix:
        X = validate_data(estimator, X, reset=reset, accept_sparse="csr", **_CHECKS)
        # LightGBM warns about csr_array.
        return sp.csr_matrix(X) if sp.issparse(X) else X

    def _resolve(self, X: Any, names: list[Any]) -> list[int]:
        """Indices of the categorical features."""
        spec, n_features = self._spec, X.shape[1]
        if spec is None:
            return []
        if isinstance(spec, str):
            if spec != "from_dtype":
                raise ValueError(
                    "The 'categorical_features' parameter must be 'from_dtype', None, "
                    f"a boolean mask, indices or column names. Got {spec!r} instead."
                )
            return [j for j, name in enumerate(names) if _is_category(X[name])]
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
                    f"[0, {n_features - 1}]. Got {spec.tolist()} instead."
                )
            return np.unique(spec).tolist()
        missing = [name for name in spec.tolist() if name not in names]
        if missing:
            raise ValueError(
                f"'categorical_features' names columns that X does not have: {missing}."
                + ("" if names else " X has no column names: pass indices.")
            )
        return sorted(names.index(name) for name in spec.tolist())

    def _encode(self, X: Any) -> np.ndarray | sp.csr_matrix:
        if not self._encoders:
            return X
        n_samples, n_features = X.shape
        dtype = X.dtype if isinstance(X, np.ndarray) else np.float64
        encoded = np.empty((n_samples, n_features), dtype=dtype)
        for j in range(n_features):
            encoder = self._encoders.get(j)
            if encoder is None:
                encoded[:, j] = _real(X, j)
            else:
                encoded[:, j] = encoder.transform(_categories(X, j))[:, 0]
        return check_array(encoded, **_CHECKS)


# LightGBM keeps a bit for each number up to the largest in each split.
_MAX_CATEGORY = (1 << 16) - 1


def _known(encoder: OrdinalEncoder) -> np.ndarray:
    """The categories without that of the missing values."""
    values = encoder.categories_[0]
    return values[[not is_missing(value) for value in values.tolist()]]


# How the names of the dtypes of times begin, in lower case.
_TIMES = ("datetime", "timedelta", "period", "date", "duration", "time")


def is_frame(X: Any) -> bool:
    """Whether ``X`` is a pandas or polars data frame."""
    return hasattr(X, "columns") and hasattr(X, "dtypes") and hasattr(X, "shape")


def _is_category(column: Any) -> bool:
    # pandas: "category"; polars: "Categorical(...)" and "Enum(...)".
    return str(column.dtype).startswith(("category", "Categorical", "Enum"))


def _refuse_strings(X: Any, categorical: list[int]) -> None:
    for j, name in enumerate(X.columns):
        kind = str(X[name].dtype).lower()
        if j not in categorical and kind.startswith(_TIMES):
            raise ValueError(
                f"Feature {name!r} holds times ({X[name].dtype}). Turn them into "
                "numbers, such as the hour or the days since an event."
            )
        if j not in categorical and kind.startswith(("object", "str", "large_str")):
            values = _to_objects(X[name])
            text = next((v for v in values if isinstance(v, str)), None)
            if text is not None:
                raise ValueError(
                    f"Feature {name!r} holds strings such as {text!r}. Convert it to "
                    "a categorical dtype (pandas: X[name].astype('category')), name "
                    "it in 'categorical_features', or encode it."
                )


def _to_objects(column: Any) -> np.ndarray:
    return np.asarray(column.to_numpy(), dtype=object)


def _categories(X: Any, j: int) -> np.ndarray:
    """Column ``j`` as (n_samples, 1) for `OrdinalEncoder`."""
    if not is_frame(X):
        return X[:, [j]]
    values = _to_objects(X[X.columns[j]])
    # One kind of missing for the encoder.
    missing = np.array([is_missing(v) for v in values], dtype=bool)
    if missing.any():
        values = values.copy()
        values[missing] = np.nan
    return values[:, None]


def is_missing(value: Any) -> bool:
    """Whether a value is None, NaN or pandas' NA or NaT."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value


def _real(X: Any, j: int) -> np.ndarray:
    if not is_frame(X):
        return X[:, j]
    name = X.columns[j]
    column = X[name]
    try:
        if hasattr(column, "null_count"):
            return column.cast(float).to_numpy()
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"Feature {name!r} of dtype {column.dtype} cannot be read as numbers: "
            f"{error}"
        ) from error
