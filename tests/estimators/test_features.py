"""What X may be."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal

from skmo import MultiObjectiveRegressor

FAST = {
    "n_estimators": 10,
    "num_leaves": 7,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
}


def regressor(**params):
    return MultiObjectiveRegressor(**{**FAST, **params})


@pytest.fixture
def counts():
    """Small whole numbers, half of them zero: alike in every type."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 20, (300, 6)) * rng.integers(0, 2, (300, 6))
    Y = np.column_stack([X[:, 0] + rng.normal(size=300), X[:, 1] * X[:, 2]])
    return X, Y


@pytest.fixture
def towns():
    """A category with an effect that no order of its names follows."""
    rng = np.random.default_rng(1)
    code = rng.integers(0, 12, 400)
    names = np.array([f"town {c:02d}" for c in range(12)])[code]
    X = np.column_stack([rng.normal(size=400), code])
    effect = rng.normal(size=12)[code] * 3
    return X, names, np.column_stack([effect + X[:, 0], -effect])


SAME = {
    "float32": lambda X: X.astype(np.float32),
    "int": lambda X: X,
    "object": lambda X: X.astype(object),
    "fortran": lambda X: np.asfortranarray(X, dtype=float),
    "list": lambda X: X.tolist(),
    "read-only": lambda X: np.frombuffer(X.astype(float).tobytes()).reshape(X.shape),
    "csr_matrix": sp.csr_matrix,
    "csr_array": lambda X: sp.csr_array(X.astype(float)),
    "csc_matrix": lambda X: sp.csc_matrix(X.astype(float)),
    "coo_array": lambda X: sp.coo_array(X.astype(float)),
}


@pytest.mark.parametrize("convert", SAME.values(), ids=SAME)
def test_containers_are_alike(convert, counts):
    X, Y = counts
    dense = regressor().fit(
        X.astype(float), Y, X_val=X[:50].astype(float), y_val=Y[:50]
    )
    other = regressor().fit(convert(X), Y, X_val=convert(X[:50]), y_val=Y[:50])
    assert_array_equal(other.predict(convert(X)), dense.predict(X.astype(float)))
    assert_array_equal(other.apply(convert(X)), dense.apply(X.astype(float)))
    # Trained on one, used on the other.
    assert_array_equal(other.predict(X.astype(float)), dense.predict(convert(X)))
    assert dense.score(X, Y) > 0.5


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_data_frames(library, counts):
    frames = pytest.importorskip(library, reason="an optional library")
    X, Y = counts
    table = frames.DataFrame({f"x{j}": X[:, j] for j in range(6)})
    est = regressor().fit(table, Y, X_val=table[:50], y_val=Y[:50])
    assert est.feature_names_in_.tolist() == [f"x{j}" for j in range(6)]
    expected = regressor().fit(X, Y, X_val=X[:50], y_val=Y[:50]).predict(X)
    assert_array_equal(est.predict(table), expected)


def test_missing_features_are_used(real):
    X, Y = real
    X = X.copy()
    X[:100, 4] = np.nan
    Y[:100, 0] += 20  # being missing tells of a large target
    est = regressor(n_estimators=30).fit(X, Y)
    gap = np.diff(
        est.predict(np.where(np.arange(5) == 4, [[0], [np.nan]], 0.0)), axis=0
    )
    assert gap[0, 0] > 10
    assert np.isfinite(est.predict(np.full((2, 5), np.nan))).all()


def test_pandas_nullable_and_boolean_columns(real):
    pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
    X, Y = real
    X = np.round(X, 2)
    X[:40, 1] = np.nan
    X[:, 2] = X[:, 2] > 0
    plain = pd.DataFrame(X, columns=list("abcde"))
    table = plain.astype({"b": "Float64", "c": bool, "d": "float32"})
    categories = plain.assign(f=pd.Categorical(["u", "v"] * 150))
    mixed = table.assign(f=pd.Categorical(["u", "v"] * 150))
    assert_array_equal(
        regressor().fit(table, Y).predict(table),
        regressor().fit(plain.astype({"d": "float32"}), Y).predict(plain),
    )
    est = regressor().fit(mixed, Y)
    assert_array_equal(
        est.predict(mixed),
        regressor().fit(categories.astype({"d": "float32"}), Y).predict(mixed),
    )


def test_every_way_to_name_categories(towns):
    pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
    X, names, Y = towns
    table = pd.DataFrame({"x": X[:, 0], "town": names})
    ways = [
        ({"categorical_features": [False, True]}, X),
        ({"categorical_features": np.array([1])}, X),
        ({"categorical_features": ["town"]}, table),
        ({"categorical_features": ["town"]}, table.astype({"town": object})),
        ({}, table.astype({"town": "category"})),
        ({"categorical_features": [1]}, table),
    ]
    expected = regressor(**ways[0][0]).fit(X, Y).predict(X)
    for params, data in ways[1:]:
        assert_array_equal(regressor(**params).fit(data, Y).predict(data), expected)
    numbers = regressor(categorical_features=None).fit(X, Y)
    assert regressor(**ways[0][0]).fit(X, Y).score(X, Y) > numbers.score(X, Y) + 0.02


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_categories_not_seen_are_missing(library, towns):
    frames = pytest.importorskip(library, reason="an optional library")
    X, names, Y = towns
    names = names.astype(object)
    names[::10] = None
    kind = "category" if library == "pandas" else frames.Categorical

    def table(town):
        column = frames.Series(list(town), dtype=kind)
        return frames.DataFrame({"x": X[:, 0], "town": column})

    est = regressor().fit(table(names), Y, X_val=table(names), y_val=Y)
    assert est._features.categorical == [1]
    unseen, absent = names.copy(), names.copy()
    unseen[:200], absent[:200] = "a new town", None
    prediction = est.predict(table(unseen))
    assert_array_equal(prediction, est.predict(table(absent)))
    assert np.abs(prediction - est.predict(table(names))).max() > 0.5
    # Codes come from the names, not from the order of the frame's categories.
    assert_array_equal(est.predict(table(names)[::-1])[::-1], est.predict(table(names)))


def test_categories_of_numbers_and_missing(towns):
    pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
    X, _, Y = towns
    codes = np.where(X[:, 1] == 3, np.nan, X[:, 1])
    array = np.column_stack([X[:, 0], codes])
    table = pd.DataFrame({"x": X[:, 0], "town": pd.Series(codes, dtype="category")})
    est = regressor().fit(table, Y)
    expected = regressor(categorical_features=[1]).fit(array, Y).predict(array)
    assert_array_equal(est.predict(table), expected)
    assert_array_equal(est.predict(table.astype({"town": float})), expected)
