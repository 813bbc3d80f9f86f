"""Errors of estimators about features and targets."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import polars as pl
import scipy.sparse as sp

from ._estimators_rows import (
    LABELS,
    QID,
    STAGES,
    B,
    N,
    X,
    Y,
    bad_input,
    classifier,
    column,
    funnel,
    mixed,
    put,
    quantile_regressor,
    ranker,
    regressor,
)
from .case import Case

FRAME = pd.DataFrame(X, columns=["a", "b", "c"])
TOWNS = ["here", "there"] * 30
AS_NUMBERS = "Make columns of numbers or categories of it"
TIMES = "Turn them into numbers"
TEXT = "word " * 999
# What a message shows of it.
BEGINNING = f"{TEXT!r:.200}"


def with_column(values):
    return FRAME.assign(town=values)


def export_fractions():
    halves = column(X, np.arange(N) % 2 + 0.5)
    regressor(categorical_features=[1]).fit(halves, Y).to_lightgbm()


def predict_from_array():
    est = regressor().fit(with_column(pd.Categorical(TOWNS)), Y)
    est.predict(np.zeros((2, 4)))


FEATURES = {
    "X of times": bad_input(
        lambda: regressor().fit(X.astype("M8[D]"), Y),
        parameter="X holds times",
        value="(datetime64[D])",
        remedy=TIMES,
    ),
    "X of strings": bad_input(
        lambda: regressor().fit(put(X, "hello"), Y),
        parameter="X holds strings",
        value="'hello'",
        remedy="Encode them as numbers, or pass a data frame",
    ),
    "X of texts": bad_input(
        lambda: regressor().fit(put(X, TEXT), Y),
        parameter="X holds strings",
        value=f"such as {BEGINNING}. Encode",
        remedy="Encode them as numbers, or pass a data frame",
    ),
    "a feature of texts": bad_input(
        lambda: regressor().fit(with_column(TEXT), Y),
        parameter="Feature 'town' holds strings",
        value=f"such as {BEGINNING}. Convert",
        remedy="name it in 'categorical_features', or encode it",
    ),
    "a list of strings": bad_input(
        lambda: regressor().fit([["hello"], ["there"]], Y[:2]),
        parameter="X holds strings",
        value="'hello'",
        remedy="Encode them as numbers, or pass a data frame",
    ),
    "a feature of times": bad_input(
        lambda: regressor().fit(with_column(pd.Timestamp("2026-01-01")), Y),
        parameter="Feature 'town' holds times",
        value="(datetime64[",
        remedy=TIMES,
    ),
    "a feature of lists": bad_input(
        lambda: regressor().fit(pl.DataFrame({"town": [[1, 2]] * N}), Y),
        parameter="Feature 'town' of dtype",
        value="List(Int64)",
        remedy=AS_NUMBERS,
    ),
    "a feature of complex numbers": bad_input(
        lambda: regressor().fit(with_column(1j), Y),
        parameter="Feature 'town' of dtype",
        value="complex128 cannot be read",
        remedy=AS_NUMBERS,
    ),
    "a feature of objects": bad_input(
        lambda: regressor().fit(with_column(np.full(N, datetime.date.today())), Y),
        parameter="Feature 'town' of dtype",
        value="object cannot be read as numbers",
        remedy=AS_NUMBERS,
    ),
    "a feature of strings": bad_input(
        lambda: regressor().fit(with_column(TOWNS), Y),
        parameter="Feature 'town' holds strings",
        value="'here'",
        remedy="name it in 'categorical_features', or encode it",
    ),
    "a category that is none of the categorical features": bad_input(
        lambda: regressor(categorical_features=["a"]).fit(
            with_column(pd.Categorical(TOWNS)), Y
        ),
        parameter="Feature 'town' holds strings",
        value="'here'",
        remedy="leave that at 'from_dtype', or name it there",
    ),
    "columns of X twice": bad_input(
        lambda: regressor().fit(pd.DataFrame(X, columns=["a", "b", "a"]), Y),
        parameter="X has the columns",
        value="['a'] more than once",
        remedy="rename them",
    ),
    "categories of several types": bad_input(
        lambda: regressor().fit(with_column(pd.Categorical([1, "v"] * 30)), Y),
        parameter="The categories of feature 'town'",
        value="'int', 'str'",
        remedy="Use one type",
    ),
    "an array after a frame with categories": bad_input(
        predict_from_array,
        parameter="The features ['town'] are categorical",
        value="Got a ndarray",
        remedy="pass a data frame here as well",
    ),
    "a category that is no whole number": bad_input(
        export_fractions,
        parameter="Feature 1 has the category",
        value="0.5, which",
        remedy="Encode the categories before fit",
    ),
    "a lazy frame": Case(
        lambda: regressor().fit(pl.LazyFrame({"a": X[:, 0]}), Y),
        TypeError,
        "X, y and weights must hold their rows",
        "Got a polars LazyFrame",
        "call its collect()",
    ),
    "a single row": bad_input(
        lambda: regressor().fit(X[:1], Y[:1]),
        parameter="X has",
        value="1 sample,",
        remedy="Pass more rows",
    ),
}

TARGET_COLUMNS = {
    "columns of y twice": bad_input(
        lambda: regressor().fit(X, pd.DataFrame(Y, columns=["u", "u"])),
        parameter="y has the columns",
        value="['u'] more than once",
        remedy="rename them",
    ),
    "no y": bad_input(
        lambda: regressor().fit(X, None),
        parameter="requires y to be passed",
        value="the target y is None",
        remedy="Pass the targets of each row",
    ),
    "a sparse y": bad_input(
        lambda: regressor().fit(X, sp.csr_matrix(B)),
        parameter="y is sparse",
        value="sparse",
        remedy="Pass a dense y (y.toarray())",
    ),
    "y of three dimensions": bad_input(
        lambda: regressor().fit(X, Y[:, :, None]),
        parameter="y must have shape",
        value="Got (60, 2, 1) instead",
        remedy="(n_samples,) or (n_samples, n_objectives)",
    ),
    "y without a column": bad_input(
        lambda: regressor().fit(X, Y[:, :0]),
        parameter="y has 0 columns",
        value="0 columns",
        remedy="pass at least one target",
    ),
    "a target of text": bad_input(
        lambda: regressor().fit(X, put(Y, "hello")),
        parameter="Target 'target1' must hold numbers",
        value="got 'hello'",
        remedy="For labels use MultiObjectiveClassifier",
    ),
    "a target of texts": bad_input(
        lambda: regressor().fit(X, put(Y, TEXT)),
        parameter="Target 'target1' must hold numbers",
        value=f"got {BEGINNING}. For",
        remedy="For labels use MultiObjectiveClassifier",
    ),
    "an infinite target": bad_input(
        lambda: regressor().fit(X, put(Y, np.inf)),
        parameter="Target 'target1' in y",
        value="infinity (1 value(s), the first in row 5)",
        remedy="Use NaN for a value that was not observed",
    ),
    "complex targets": bad_input(
        lambda: regressor().fit(X, np.full((N, 2), 3 + 1j)),
        parameter="y holds",
        value="[(3+1j)]",
        remedy="Pass real and imaginary parts as targets",
    ),
    "a target never observed": bad_input(
        lambda: regressor().fit(X, column(Y, np.nan)),
        parameter="Target 'target1' has no observed value in y",
        value="all 60 are NaN",
        remedy="Drop the column",
    ),
    "a target without weight": bad_input(
        lambda: regressor().fit(X, Y, column(np.ones((N, 2)), 0)),
        parameter="Target 'target1' has no observed value",
        value="all 60 are NaN",
        remedy="Drop the column",
    ),
    "a target out of the domain": bad_input(
        lambda: regressor(objective="poisson").fit(X, column(Y**2, -3.0)),
        parameter="Target 'target1': The 'poisson' objective needs targets >= 0",
        value="the first being -3.0",
        remedy="Use 'squared_error' or 'huber' for targets of both signs",
    ),
    "a target too large": bad_input(
        lambda: regressor(objective="poisson").fit(X, Y**2 * [1, 1e20]),
        parameter="Target 'target1' holds values up to",
        value="e+20, more than 1e+15",
        remedy="Divide the target by a constant",
    ),
    "a target too small": bad_input(
        lambda: regressor(objective="poisson").fit(X, Y**2 * [1, 1e-20]),
        parameter="Target 'target1' holds values up to",
        value="e-20, less than 1e-15",
        remedy="Multiply the target by a constant",
    ),
    "a value too far from the others": bad_input(
        lambda: regressor().fit(X, Y * 1e-8, X_val=X, y_val=put(Y * 1e-8, 1e14)),
        parameter="Target 'target1' in y_val",
        value="holds 1e+14, which is further than",
        remedy="Correct or clip such values",
    ),
    "auto and text": bad_input(
        lambda: mixed().fit(X, put(Y, "hello")),
        parameter="objectives='auto' cannot tell the objective of target 'target1'",
        value="it holds 'hello'",
        remedy="Encode labels as 0, 1, … and name the objective",
    ),
    "auto and texts": bad_input(
        lambda: mixed().fit(X, put(Y, TEXT)),
        parameter="objectives='auto' cannot tell the objective of target 'target1'",
        value=f"it holds {BEGINNING}, which",
        remedy="Encode labels as 0, 1, … and name the objective",
    ),
    "labels never observed": bad_input(
        lambda: classifier().fit(X, column(B, np.nan)),
        parameter="Target 'target1' has no observed value in y",
        value="all 60 are NaN",
        remedy="Drop the column",
    ),
    "labels of several types": bad_input(
        lambda: classifier().fit(X, put(LABELS, "hello")),
        parameter="Target 'target1' mixes labels of types",
        value="['int', 'str']",
        remedy="Use one type",
    ),
    "labels that are real values": bad_input(
        lambda: classifier().fit(X, put(B, 0.25)),
        parameter="Target 'target1' must hold labels",
        value="got 0.25.",
        remedy="For real values use MultiObjectiveRegressor",
    ),
    "classes that are real values": bad_input(
        lambda: mixed("huber", "multiclass").fit(X, put(B, 0.25)),
        parameter="Target 'target1' must hold labels",
        value="got 0.25.",
        remedy="or an objective of them",
    ),
    "a label not seen": bad_input(
        lambda: classifier().fit(X, LABELS, X_val=X, y_val=column(LABELS, 7)),
        parameter="Target 'target1'",
        value="holds 7 in y_val",
        remedy="Drop those rows or set them to NaN",
    ),
    "a label not seen among many": bad_input(
        lambda: classifier().fit(
            X, np.arange(N) % 12, X_val=X, y_val=np.full(N, "hello", dtype=object)
        ),
        parameter="Target 'target0'",
        value="holds 'hello' in y_val",
        remedy="[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …] (12 classes). Drop those rows",
    ),
    "targets of one quantile regressor": bad_input(
        lambda: quantile_regressor().fit(X, Y),
        parameter="y must have shape (n_samples,)",
        value="y has 2 columns",
        remedy="use MultiObjectiveRegressor",
    ),
    "a single stage": bad_input(
        lambda: funnel().fit(X, STAGES[:, 0]),
        parameter="y must have shape (n_samples, n_stages)",
        value="Got 1:",
        remedy="use MultiObjectiveClassifier for a single label",
    ),
    "a stage of other numbers": bad_input(
        lambda: funnel().fit(X, put(STAGES, 3.0)),
        parameter="Stage 'stage1' must be",
        value="in y. Got 3 in 1 row (5)",
        remedy="0 or 1 (NaN where it was not observed)",
    ),
    "stages that are not nested": bad_input(
        lambda: funnel().fit(X, put(STAGES, 1.0, at=(4, 1))),
        parameter="Stage 'stage1' is 1 where an earlier stage is 0",
        value="in row 4 'stage0' is 0",
        remedy="set it to 0 there, mend the earlier stage",
    ),
    "a stage never observed where it could be": bad_input(
        lambda: funnel().fit(X, np.where(STAGES[:, :1] == 1, [[1, np.nan]], 0.0)),
        parameter="Nothing tells of stage 'stage1'",
        value="of the 60 training rows none",
        remedy="Drop the stage, or pass more rows",
    ),
    "no grades": bad_input(
        lambda: ranker().fit(X, None, qid=QID),
        parameter="Grades are required",
        value="'y' is None",
        remedy="Pass one column per label",
    ),
}

CASES = FEATURES | TARGET_COLUMNS
