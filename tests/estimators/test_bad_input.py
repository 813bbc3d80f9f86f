"""Bad data: each a clear error, before training."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from skmo import (
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRegressor,
)
from skmo.exceptions import ValidationWarning

pytestmark = pytest.mark.usefixtures("no_training")

FAST = {"n_estimators": 5, "num_leaves": 7, "n_jobs": 1, "random_state": 0}
R, C, E = MultiObjectiveRegressor, MultiObjectiveClassifier, MultiObjectiveEstimator
N = 60
rng = np.random.default_rng(0)
X = rng.normal(size=(N, 3))
Y = rng.normal(size=(N, 2))
B = (Y > 0).astype(float)
X_VAL, Y_VAL, B_VAL = X[:20], Y[:20], B[:20]


def put(array, value, at=(5, 1)):
    array = np.array(array, dtype=object if isinstance(value, str | None) else None)
    array[at] = value
    return array


def column(array, value, k=1):
    array = array.copy()
    array[:, k] = value
    return array


def refused(estimator, params, message, *data, error=ValueError, **more):
    with pytest.raises(error, match=message) as caught:
        estimator(**{**FAST, **params}).fit(*data, **more)
    assert "LightGBM" not in str(caught.value)


TARGETS = [
    # What y may not hold: the message names the target and what to do.
    (R, {}, put(Y, np.inf), "'target1'.*infinity.*row 5.*NaN"),
    (E, {}, put(Y, -np.inf), "'target1'.*infinity.*row 5.*NaN"),
    (C, {}, put(B, np.inf), "'target1'.*infinity.*row 5.*NaN"),
    (R, {}, column(Y, np.nan), "'target1'.*no observed value.*Drop the column"),
    (E, {}, column(Y, np.nan), "'target1'.*no observed value.*Drop the column"),
    (C, {}, column(B, np.nan), "'target1'.*no observed value.*Drop the column"),
    (R, {}, np.full(N, np.nan), "'target0'.*no observed value"),
    (R, {}, put(Y, "hello"), "'target1'.*'hello'.*MultiObjectiveClassifier"),
    (E, {}, put(Y, "hello"), "'target1'.*'hello'.*multiclass"),
    (R, {}, Y + 1j, "[Cc]omplex"),
    (E, {}, Y + 1j, "[Cc]omplex"),
    (R, {}, np.full((N, 2), "2026-01-01", "M8[D]"), "'target0'.*must hold numbers"),
    (C, {}, Y, "'target0'.*continuous"),
    (C, {}, put(B.astype(int), "a"), "'target1'.*types.*'int', 'str'.*one type"),
    (R, {}, None, "requires y to be passed, but the target y is None"),
    (R, {}, sp.csr_matrix(B), "y is sparse.*toarray"),
    (C, {}, sp.csr_array(B), "y is sparse.*toarray"),
    (R, {}, Y[:, :, None], r"y must have shape \(n_samples,\).*60, 2, 1"),
    (R, {}, np.float64(3), "y must have shape"),
    (R, {}, Y[:, :0], "0 columns"),
    (R, {}, Y[:-1], r"inconsistent numbers of samples.*60.*59"),
    # What an objective may not hold.
    (R, {"objective": "poisson"}, np.abs(Y) * [1, -1], "'target1'.*'poisson'.*-"),
    (R, {"objective": "gamma"}, column(Y**2 + 1, 0), "'target1'.*'gamma'.*0"),
    (R, {"objective": "tweedie"}, np.abs(Y) * [1, -1], "'target1'.*'tweedie'.*-"),
    (
        E,
        {"objectives": ["binary", "binary"]},
        put(B, 2),
        "'target1'.*'binary'.*2.0.*mul",
    ),
    (E, {"objectives": ["binary"] * 2}, put(B, 0.5), "'target1'.*0.5.*cross_entropy"),
    (
        E,
        {"objectives": ["cross_entropy"] * 2},
        put(B, 1.5),
        "'target1'.*'cross_entropy'.*1.5.*squared_error",
    ),
    (E, {"objectives": ["huber", "multiclass"]}, Y, "'target1'.*continuous"),
]


@pytest.mark.parametrize(("estimator", "params", "y", "message"), TARGETS)
def test_targets(estimator, params, y, message):
    refused(estimator, params, message, X, y)


WEIGHTS = [
    (-np.arange(float(N)), "negative.*-59.*at least 0"),
    (np.zeros(N), "zero"),
    (np.ones(N - 1), r"shape \(60,\) or \(60, 2\).*Got \(59,\)"),
    (np.ones((N, 3)), r"shape \(60,\) or \(60, 2\).*\(60, 3\)"),
    (np.ones((N, 2, 1)), r"shape \(60,\) or \(60, 2\).*\(60, 2, 1\)"),
    (put(np.ones(N), np.nan, 3), "NaN or infinity.*0 to leave a row out"),
    (put(np.ones(N), np.inf, 3), "NaN or infinity"),
    (np.array(["a"] * N), "must hold numbers"),
]


@pytest.mark.parametrize(("weight", "message"), WEIGHTS)
@pytest.mark.parametrize("name", ["sample_weight", "sample_weight_val"])
def test_weights(name, weight, message):
    data = {name: weight}
    if name == "sample_weight_val":
        data |= {"X_val": X, "y_val": Y}
    refused(R, {}, f"(?s){name}.*({message})", X, Y, **data)


def test_a_target_without_weight():
    W = np.ones_like(Y)
    W[:, 1] = 0
    refused(R, {}, "'target1'.*no observed value.*positive weight", X, Y, W)


@pytest.mark.parametrize(
    ("estimator", "data", "message"),
    [
        (R, {"X_val": X_VAL}, "X_val was passed without y_val"),
        (R, {"y_val": Y_VAL}, "y_val was passed without X_val"),
        (R, {"sample_weight_val": np.ones(20)}, "sample_weight_val.*without X_val"),
        (R, {"X_val": X_VAL, "y_val": Y_VAL[:, :1]}, "y_val.*1 target.*2"),
        (R, {"X_val": X_VAL, "y_val": Y_VAL[1:]}, "inconsistent numbers of samples"),
        (R, {"X_val": X_VAL[:, 1:], "y_val": Y_VAL}, "2 features.*3 features"),
        (R, {"X_val": X_VAL, "y_val": Y_VAL * np.nan}, "y_val has no observed value"),
        (
            R,
            {"X_val": X_VAL, "y_val": put(Y_VAL, np.inf)},
            "'target1'.*y_val.*infinity",
        ),
        (R, {"X_val": put(X_VAL, np.inf), "y_val": Y_VAL}, "infinity"),
        (E, {"X_val": X_VAL, "y_val": put(B_VAL, 2.0)}, "'target1'.*'binary'.*2.0"),
        (C, {"X_val": X_VAL, "y_val": put(B_VAL, 7)}, r"'target1'.*7.*y_val.*\[0, 1\]"),
        (C, {"X_val": X_VAL, "y_val": put(B_VAL, "a")}, "'target1'.*'a'.*y_val"),
    ],
)
def test_validation_rows(estimator, data, message):
    refused(estimator, {}, message, X, Y if estimator is R else B.astype(int), **data)


@pytest.mark.parametrize("estimator", [R, C, E])
@pytest.mark.parametrize(
    ("features", "y", "message"),
    [
        (X[:1], B[:1], "n_samples=1|1 sample"),
        (X[:0], B[:0], "0 sample"),
        (X[:, :0], B, r"0 feature\(s\)"),
        (X[:, 0], B, "1D array|Expected 2D"),
        (X[:, :, None], B, "dim 3|dimension"),
        (put(X, np.inf), B, "X contains infinity"),
        (put(X, "a"), B, "X holds strings such as 'a'. Encode them"),
    ],
)
def test_features(estimator, features, y, message):
    refused(estimator, {}, message, features, y)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_strings_in_a_data_frame(library):
    frames = pytest.importorskip(library, reason="an optional library")
    table = frames.DataFrame({"x": X[:, 0], "town": ["here", "there"] * 30})
    refused(R, {}, "'town'.*'here'.*categor.*categorical_features", table, Y)
    refused(R, {"categorical_features": ["x"]}, "'town'.*'here'", table, Y)
    refused(
        R,
        {"categorical_features": ["town", "street"]},
        r"'categorical_features'.*\['street'\]",
        table,
        Y,
    )


def test_columns_of_a_data_frame():
    pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
    table = pd.DataFrame(X, columns=["a", "b", "a"])
    refused(R, {}, r"\['a'\] more than once: rename", table, Y)
    y = pd.DataFrame(Y, columns=["u", "u"])
    refused(R, {}, r"\['u'\] more than once: rename", X, y)
    table.columns = ["a", "b", "c"]
    table["day"] = pd.Timestamp("2026-01-01")
    for known in ({}, {"d": pd.Categorical(["u", "v"] * 30)}):
        refused(R, {}, "'day'.*date", table.assign(**known), Y)
    table["day"] = pd.Categorical([1, "v"] * 30)
    refused(R, {}, "'day'.*types.*'int', 'str'", table, Y)


def test_sparse_categories():
    refused(
        R,
        {"categorical_features": [1]},
        "categorical_features.*toarray",
        sp.csr_matrix(X),
        Y,
    )


def test_too_few_rows_to_hold_out():
    params = {"early_stopping": True, "validation_fraction": 0.9}
    refused(R, params, "validation_fraction=0.9.*n_samples=3.*X_val", X[:3], Y[:3])


def test_too_few_rows_to_sample():
    refused(R, {"subsample": 0.01}, "'subsample'.*0.01.*60", X, Y)


def test_nothing_left_to_train_on_after_the_hold_out():
    sparse = np.full_like(Y, np.nan)
    sparse[:, 0] = Y[:, 0]
    sparse[0, 1] = 1
    messages = []
    for seed in range(8):  # the only value of target1 is held out with chance 1/2
        params = {"validation_fraction": 0.5, "random_state": seed}
        try:
            R(**{**FAST, **params}, early_stopping=True).fit(X, sparse)
        except ValueError as error:
            messages.append(str(error))
        except ValidationWarning:  # it was kept, so it cannot be validated on
            continue
    assert 0 < len(messages) < 8
    assert all("'target1'" in m and "X_val and y_val" in m for m in messages)
