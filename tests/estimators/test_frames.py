"""Data frames of pandas, polars and pyarrow, column by column."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmo import (
    MultiObjectiveRegressor,
)
from skmo.estimators._columns import observed_categories
from skmo.estimators._features import FeatureEncoder
from skmo.estimators._frames import read_frame

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
FLAGS = [True, False, None, True, True, False]
# A code per sorted category, NaN where missing.
TOWN_CODES = [2.0, 1.0, NAN, 2.0, 0.0, 1.0]
WHOLE_CODES = [2.0, 0.0, NAN, 2.0, 1.0, 0.0]
DATES = [None if v is None else datetime.datetime(2020, 1, v) for v in WHOLE]


def arrow(kind, values):
    return pd.array(values, dtype=pd.ArrowDtype(kind))


def halves(values):
    return [None if v is None else np.float16(v) for v in values]


def decimals(values):
    return [None if v is None else decimal.Decimal(v) for v in values]


NUMBERS = {
    "pandas Int64": (pd.array(WHOLE, dtype="Int64"), WHOLE),
    "pandas UInt8": (pd.array(WHOLE, dtype="UInt8"), WHOLE),
    "pandas Float32": (pd.array(WHOLE, dtype="Float32"), WHOLE),
    "pandas boolean": (pd.array(FLAGS, dtype="boolean"), FLAGS),
    "pandas object": (np.array(WHOLE, dtype=object), WHOLE),
    "pandas object of decimals": (np.array(decimals(WHOLE), dtype=object), WHOLE),
    "pandas float16": (np.array([1, 2, 3], np.float16), [1, 2, 3]),
    "pandas uint8": (np.array([1, 2, 255], np.uint8), [1, 2, 255]),
    "pandas bool": (np.array([True, False]), [True, False]),
    "pandas int64": (np.array([1, 2**40]), [1, 2**40]),
    "pandas sparse": (pd.arrays.SparseArray([0.0, 1, 0], fill_value=0), [0, 1, 0]),
    "pandas sparse NaN": (pd.arrays.SparseArray([NAN, 1.0]), [None, 1]),
    "pandas all None": (np.array([None, None], dtype=object), [None, None]),
    "pandas all NaN": (np.array([NAN, NAN]), [None, None]),
    "pandas arrow int": (arrow(pa.int32(), WHOLE), WHOLE),
    "pandas arrow bool": (arrow(pa.bool_(), FLAGS), FLAGS),
    "pandas arrow null": (arrow(pa.null(), [None, None]), [None, None]),
    "pandas arrow decimal": (arrow(pa.decimal128(9, 2), decimals(WHOLE)), WHOLE),
    "polars Int64": (pl.Series(WHOLE), WHOLE),
    "polars UInt8": (pl.Series(WHOLE, dtype=pl.UInt8), WHOLE),
    "polars Float32": (pl.Series(WHOLE, dtype=pl.Float32), WHOLE),
    "polars Boolean": (pl.Series(FLAGS), FLAGS),
    "polars Null": (pl.Series([None, None]), [None, None]),
    "polars Decimal": (pl.Series(decimals(WHOLE)), WHOLE),
    "polars Object": (pl.Series(WHOLE, dtype=pl.Object), WHOLE),
    "pyarrow int64": (pa.array(WHOLE), WHOLE),
    "pyarrow beyond 2**53": (pa.array([2**53 + 1, None]), [2**53, None]),
    "pyarrow uint8": (pa.array(WHOLE, pa.uint8()), WHOLE),
    "pyarrow halffloat": (pa.array(halves(WHOLE), pa.float16()), WHOLE),
    "pyarrow float": (pa.array(WHOLE, pa.float32()), WHOLE),
    "pyarrow bool": (pa.array(FLAGS), FLAGS),
    "pyarrow null": (pa.nulls(2), [None, None]),
    "pyarrow decimal": (pa.array(decimals(WHOLE)), WHOLE),
    "pyarrow chunks": (pa.chunked_array([WHOLE[:1], WHOLE[1:], []]), WHOLE),
}
CATEGORIES = {
    "pandas category": (pd.Categorical(TOWNS), TOWN_CODES),
    "pandas category, unordered": (
        pd.Categorical(TOWNS, ["Rome", "never", "Bonn", "Oslo"]),
        TOWN_CODES,
    ),
    "pandas category of integers": (pd.Categorical(WHOLE), WHOLE_CODES),
    "pandas category of floats": (
        pd.Categorical([None if v is None else v / 2 for v in WHOLE]),
        WHOLE_CODES,
    ),
    "pandas category of bools": (pd.Categorical(FLAGS), [1, 0, NAN, 1, 1, 0]),
    "pandas category of times": (pd.Categorical(pd.to_datetime(DATES)), WHOLE_CODES),
    "pandas category of times with a zone": (
        pd.Categorical(pd.to_datetime(DATES, utc=True)),
        WHOLE_CODES,
    ),
    "pandas one level": (pd.Categorical(["a", "a", None]), [0, 0, NAN]),
    "pandas no level": (pd.Categorical([None, None]), [NAN, NAN]),
    "pandas arrow dictionary": (
        arrow(pa.dictionary(pa.int32(), pa.string()), TOWNS),
        TOWN_CODES,
    ),
    "polars Categorical": (pl.Series(TOWNS, dtype=pl.Categorical), TOWN_CODES),
    "polars Enum": (
        pl.Series(TOWNS, dtype=pl.Enum(["Rome", "never", "Bonn", "Oslo"])),
        TOWN_CODES,
    ),
    "polars no level": (
        pl.Series([None, None], dtype=pl.Categorical),
        [NAN, NAN],
    ),
    "pyarrow dictionary": (pa.array(TOWNS).dictionary_encode(), TOWN_CODES),
    "pyarrow null within the dictionary": (
        pa.DictionaryArray.from_arrays(
            pa.array([1, 0, 2, 1, None]), pa.array(["Oslo", "Rome", None])
        ),
        [1, 0, NAN, 1, NAN],
    ),
    "pyarrow dictionary of integers": (
        pa.array(WHOLE).dictionary_encode(),
        WHOLE_CODES,
    ),
    "pyarrow dictionary of times": (pa.array(DATES).dictionary_encode(), WHOLE_CODES),
    "pyarrow chunks with dictionaries of their own": (
        pa.chunked_array(
            [
                pa.array(TOWNS[:2]).dictionary_encode(),
                pa.array(TOWNS[2:]).dictionary_encode(),
            ]
        ),
        TOWN_CODES,
    ),
}
# Of the same values as text or objects, where the column is named.
NAMED = {
    "pandas str": (pd.Series(TOWNS, dtype="string"), TOWN_CODES),
    "pandas object": (np.array(TOWNS, dtype=object), TOWN_CODES),
    "pandas Int64": (pd.array(WHOLE, dtype="Int64"), WHOLE_CODES),
    "polars String": (pl.Series(TOWNS), TOWN_CODES),
    "polars Int64": (pl.Series(WHOLE), WHOLE_CODES),
    "pyarrow string": (pa.array(TOWNS), TOWN_CODES),
    "pyarrow int64": (pa.array(WHOLE), WHOLE_CODES),
}
STRANGE = {
    "pandas str": (pd.Series(["a", None], dtype="string"), "strings such as 'a'"),
    "pandas object": (np.array([1, "a"], dtype=object), "strings such as 'a'"),
    "pandas bytes": (np.array([1, b"a"], dtype=object), "strings such as b'a'"),
    "pandas arrow string": (arrow(pa.string(), ["a"]), "strings such as 'a'"),
    "pandas datetime": (pd.to_datetime([1, 2]), "holds times"),
    "pandas timedelta": (pd.to_timedelta([1, 2]), "holds times"),
    "pandas period": (pd.period_range("2020", periods=2, freq="D"), "holds times"),
    "pandas arrow date": (arrow(pa.date32(), [datetime.date.today()]), "holds times"),
    "pandas object of dates": (
        np.array([datetime.date.today()], dtype=object),
        "of dtype object cannot be read as numbers",
    ),
    "pandas complex": (np.array([1j]), "complex128 cannot be read as numbers"),
    "pandas mixed category": (pd.Categorical([1, "a"]), "types that cannot be ordered"),
    "polars String": (pl.Series(["a"]), "strings such as 'a'"),
    "polars Date": (pl.Series([datetime.date.today()]), "holds times"),
    "polars Duration": (pl.Series([datetime.timedelta(1)]), "holds times"),
    "polars Time": (pl.Series([datetime.time(1)]), "holds times"),
    "polars List": (pl.Series([[1, 2]]), "cannot be read as numbers"),
    "polars Struct": (pl.Series([{"a": 1}]), "cannot be read as numbers"),
    "polars Binary": (pl.Series([b"1"]), "cannot be read as numbers"),
    "pyarrow string": (pa.array(["1"]), "strings such as '1'"),
    "pyarrow large_string": (pa.array(["1"], pa.large_string()), "such as '1'"),
    "pyarrow timestamp": (pa.array([datetime.datetime.now()]), "holds times"),
    "pyarrow date": (pa.array([datetime.date.today()]), "holds times"),
    "pyarrow list": (pa.array([[1]]), "cannot be read as numbers"),
    "pyarrow binary": (pa.array([b"1"]), "cannot be read as numbers"),
}


def table(column, name="town"):
    """A frame of the column's library, with a column of numbers before it."""
    x = np.arange(len(column)) / 3
    if isinstance(column, pl.Series):
        return pl.DataFrame({"x": x, name: column})
    if isinstance(column, pa.Array | pa.ChunkedArray):
        return pa.table({"x": x, name: column})
    return pd.DataFrame({"x": x, name: column})


def encode(X, spec="from_dtype"):
    encoder, estimator = FeatureEncoder(spec), MultiObjectiveRegressor()
    encoded = encoder.fit_transform(estimator, X)
    assert estimator.feature_names_in_.tolist() == ["x", "town"]
    assert estimator.n_features_in_ == 2
    assert_array_equal(encoder.transform(estimator, X), encoded)
    assert_array_equal(encoded[:, 0], (np.arange(len(encoded)) / 3))
    return encoded[:, 1], encoder.categorical


@pytest.mark.parametrize("case", NUMBERS.values(), ids=NUMBERS)
def test_numbers(case):
    column, expected = case
    found, categorical = encode(table(column))
    assert categorical == []
    assert_array_equal(found, np.array(expected, dtype=float))


@pytest.mark.parametrize("case", CATEGORIES.values(), ids=CATEGORIES)
def test_categories_by_dtype(case):
    column, expected = case
    found, categorical = encode(table(column))
    assert categorical == [1]
    assert_array_equal(found, expected)


@pytest.mark.parametrize("case", NAMED.values(), ids=NAMED)
def test_categories_by_name(case):
    column, expected = case
    found, categorical = encode(table(column), ["town"])
    assert categorical == [1]
    assert_array_equal(found, expected)


@pytest.mark.parametrize("case", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("when", ["fit", "predict"])
def test_what_is_refused(when, case):
    column, message = case
    encoder, estimator = FeatureEncoder("from_dtype"), MultiObjectiveRegressor()
    if when == "predict":
        if "ordered" in message:  # the feature was not categorical in fit
            message = "holds strings such as 'a'. It is categorical, but not among"
        encoder.fit_transform(estimator, pd.DataFrame({"x": [1.0], "town": [1.0]}))
    method = encoder.fit_transform if when == "fit" else encoder.transform
    with pytest.raises(ValueError, match=message) as caught:
        method(estimator, table(column))
    assert "'town'" in str(caught.value)


def test_categories_that_shall_be_numbers():
    codes = pd.Categorical([3, 1, None])
    for column in (codes, pa.array([3, 1, None]).dictionary_encode()):
        found, categorical = encode(table(column), None)
        assert categorical == []
        assert_array_equal(found, [3, 1, NAN])
    for town in [v[0] for name, v in CATEGORIES.items() if v[1] is TOWN_CODES]:
        with pytest.raises(ValueError, match=r"'town' holds strings .*'from_dtype'"):
            encode(table(town), None)


def test_memory_is_saved_where_nothing_is_lost():
    def dtype(X):
        return FeatureEncoder("from_dtype").fit_transform(MultiObjectiveRegressor(), X)

    small = pa.table(
        {
            "a": pa.array([1.5, None], pa.float32()),
            "b": pa.array([True, None]),
            "c": pa.array([-128, None], pa.int8()),
            "d": pa.array(["u", "v"]).dictionary_encode(),
        }
    )
    assert dtype(small).dtype == np.float32
    assert dtype(pl.from_arrow(small)).dtype == np.float32
    wide = small.append_column("e", pa.array([2**30 + 1, None], pa.int32()))
    found = dtype(wide)
    assert found.dtype == np.float64
    assert found[0].tolist() == [1.5, 1.0, -128.0, 0.0, 2**30 + 1]
    for narrow in (np.uint8, np.int16, np.float16, bool):
        assert dtype(np.ones((2, 2), narrow)).dtype == np.float32
    for exact in (np.int32, np.int64, np.uint32, np.float64):
        assert dtype(np.ones((2, 2), exact)).dtype == np.float64


def test_frame_of_sparse_columns_stays_sparse():
    dense = np.array([[0.0, 1.0], [2.0, 0.0], [0.0, 0.0]])
    sparse = pd.DataFrame(dense, columns=["x", "y"]).astype(pd.SparseDtype(float, 0))
    estimator = MultiObjectiveRegressor()
    found = FeatureEncoder("from_dtype").fit_transform(estimator, sparse)
    assert found.format == "csr"
    assert_array_equal(found.toarray(), dense)
    assert estimator.feature_names_in_.tolist() == ["x", "y"]


def test_only_observed_categories_are_learnt():
    """However many the dtype names."""
    names = [f"town {k}" for k in range(10_000)]
    column = pd.Categorical([names[9_000], names[3], names[9_000]], names)
    codes, categories = observed_categories(read_frame(table(column)), 1)
    assert categories.tolist() == [names[3], names[9_000]]
    assert codes.tolist() == [1, 0, 1]
    found, _ = encode(table(column))
    assert found.tolist() == [1, 0, 1]  # "town 3" < "town 9000"


def test_many_categories_train(real):
    """As many as there are rows; those not seen are missing."""
    X, Y = real
    names = np.array([f"town {k:05d}" for k in range(10_000)])
    frame = pd.DataFrame(X, columns=list("abcde"))
    frame["town"] = pd.Categorical(names[: len(X)], names)
    est = MultiObjectiveRegressor(**FAST).fit(frame, Y)
    strange = frame.assign(town=pd.Categorical(names[-len(X) :], names))
    absent = frame.assign(town=pd.Categorical([None] * len(X), names))
    assert_array_equal(est.predict(strange), est.predict(absent))


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.array([["a", "b"]] * 3), "strings such as 'a'"),
        ([["1.5", 2.0]] * 3, "strings such as '1.5'"),
        (np.array([[1, "b"]] * 3, dtype=object), "strings such as 'b'"),
        (np.zeros((3, 2), "datetime64[s]"), "holds times"),
        (np.zeros((3, 2), "timedelta64[s]"), "holds times"),
    ],
    ids=["strings", "list", "objects", "datetime64", "timedelta64"],
)
def test_arrays_that_numpy_would_read_as_numbers(X, message):
    with pytest.raises(ValueError, match=message):
        MultiObjectiveRegressor().fit(X, [1.0, 2.0, 3.0])
    est = MultiObjectiveRegressor(n_jobs=1).fit(np.zeros((3, 2)), [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=message):
        est.predict(X)
