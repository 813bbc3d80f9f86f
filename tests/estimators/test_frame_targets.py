"""Targets, labels and weights in data frames and series."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmo import (
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRegressor,
)
from skmo.estimators._frames import array_values
from skmo.estimators._targets import target_columns, target_names

pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
pa = pytest.importorskip("pyarrow", reason="needs the extra 'pandas'")
pl = pytest.importorskip("polars", reason="an optional library")

FAST = {
    "n_estimators": 4,
    "num_leaves": 5,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
}
NAN = float("nan")
TOWNS = ["Rome", "Oslo", None, "Rome", "Bonn", "Oslo"]
WHOLE = [3, 1, None, 3, 2, 1]
DATES = [None if v is None else datetime.datetime(2020, 1, v) for v in WHOLE]


def arrow(kind, values):
    return pd.array(values, dtype=pd.ArrowDtype(kind))


def halves(values):
    return [None if v is None else np.float16(v) for v in values]


def decimals(values):
    return [None if v is None else decimal.Decimal(v) for v in values]


TARGETS = {
    "pandas Int64": pd.DataFrame({"u": pd.array(WHOLE, dtype="Int64")}),
    "pandas arrow": pd.DataFrame({"u": arrow(pa.int8(), WHOLE)}),
    "pandas sparse": pd.DataFrame({"u": pd.arrays.SparseArray(np.array(WHOLE, float))}),
    "polars Int8": pl.DataFrame({"u": WHOLE}, schema={"u": pl.Int8}),
    "polars Decimal": pl.DataFrame({"u": decimals(WHOLE)}),
    "pyarrow": pa.table({"u": WHOLE}),
    "pyarrow decimal": pa.table({"u": decimals(WHOLE)}),
    "pyarrow halffloat": pa.table({"u": pa.array(halves(WHOLE), pa.float16())}),
    "polars Series": pl.Series("u", WHOLE),
    "pandas Series": pd.Series(WHOLE, dtype="Float32", name="u"),
}


@pytest.mark.parametrize("y", TARGETS.values(), ids=TARGETS)
def test_targets_with_missing_values(y):
    columns = target_columns(y, "estimator")
    assert target_names(y, 1) == ["u"]
    X = np.zeros((6, 1))
    est = MultiObjectiveRegressor(n_estimators=1, n_jobs=1).fit(X, y)
    assert len(columns) == 1
    assert est._one_dimensional == isinstance(y, pl.Series | pd.Series)
    # No split: the mean of the five that were observed.
    assert_array_equal(est.predict(X).ravel(), np.full(6, np.float32(2.0)))


@pytest.mark.parametrize(
    "y",
    [
        pa.table({"u": pa.array(TOWNS).dictionary_encode()}),
        pa.table({"u": TOWNS}),
        pl.DataFrame({"u": pl.Series(TOWNS, dtype=pl.Categorical)}),
        pd.DataFrame({"u": arrow(pa.dictionary(pa.int8(), pa.string()), TOWNS)}),
        pd.DataFrame({"u": pd.Categorical(TOWNS)}),
    ],
    ids=["dictionary", "string", "Categorical", "arrow dictionary", "category"],
)
def test_labels_with_missing_values(y):
    """pyarrow's own to_numpy would give the missing row a label."""
    X = np.zeros((6, 1))
    est = MultiObjectiveClassifier(n_estimators=1, n_jobs=1).fit(X, y)
    assert est.classes_[0].tolist() == ["Bonn", "Oslo", "Rome"]
    # Of five rows, not six.
    assert est.predict_proba(X)[0][0] == pytest.approx([0.2, 0.4, 0.4], abs=1e-6)


def test_series_without_names():
    for y in (pl.Series([1.0, 2.0]), pa.chunked_array([[1.0], [2.0]]), pa.array([1.0])):
        assert target_names(y, 1) == ["target0"]
        assert array_values(y).ndim == 1


@pytest.mark.parametrize(
    "y",
    [
        pd.DataFrame({"t": pd.to_datetime(np.arange(6))}),
        pl.DataFrame({"t": [datetime.date.today()] * 6}),
        pa.table({"t": DATES}),
        np.arange(6).astype("datetime64[s]"),
        np.arange(6).astype("timedelta64[s]"),
    ],
    ids=["pandas", "polars", "pyarrow", "datetime64", "timedelta64"],
)
@pytest.mark.parametrize("kind", [MultiObjectiveRegressor, MultiObjectiveEstimator])
def test_times_are_no_targets(kind, y):
    """NumPy would take them for numbers."""
    with pytest.raises(ValueError, match=r"datetime64|timedelta64"):
        kind().fit(np.zeros((6, 1)), y)


def test_weights_in_another_order_than_the_targets(real, no_training):
    X, Y = real
    Y = pd.DataFrame(Y, columns=["u", "v", "w"])
    swapped = pa.table({name: np.ones(len(Y)) for name in ("v", "u", "w")})
    with pytest.raises(ValueError, match=r"sample_weight has the columns \['v', 'u'"):
        MultiObjectiveRegressor().fit(X, Y, sample_weight=swapped)
    with pytest.raises(ValueError, match="sample_weight_val has the columns"):
        MultiObjectiveRegressor().fit(X, Y, X_val=X, y_val=Y, sample_weight_val=swapped)
