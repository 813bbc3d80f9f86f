"""Use of a model in ways it was not trained for: each a clear error."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.exceptions import NotFittedError

from skmo import (
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRegressor,
)

FAST = {"n_estimators": 5, "num_leaves": 7, "n_jobs": 1, "random_state": 0}
R, C, E = MultiObjectiveRegressor, MultiObjectiveClassifier, MultiObjectiveEstimator
N = 60
rng = np.random.default_rng(0)
X = rng.normal(size=(N, 3))
Y = rng.normal(size=(N, 2))
B = (Y > 0).astype(float)


def put(array, value):
    array = array.copy()
    array[5, 1] = value
    return array


METHODS = ["predict", "predict_proba", "staged_predict", "apply", "score"]


@pytest.fixture(scope="module")
def trained():
    return {
        R: R(**FAST).fit(X, Y),
        C: C(**FAST).fit(X, B.astype(int)),
        E: E(["binary", "huber"], **FAST).fit(X, B),
    }


def call(estimator, method, data, y=B):
    result = (
        estimator.score(data, y)
        if method == "score"
        else getattr(estimator, method)(data)
    )
    return list(result) if method.startswith("staged") else result


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("estimator", [R(), C(), E(["binary", "huber"])], ids=repr)
def test_not_fitted(estimator, method):
    if not hasattr(estimator, method):
        assert (type(estimator), method) == (R, "predict_proba")
        return
    with pytest.raises(NotFittedError, match=f"{type(estimator).__name__}.*fit"):
        call(estimator, method, X)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", [R, C, E])
def test_other_features(kind, method, trained):
    if (kind, method) == (R, "predict_proba"):
        return
    for bad, message in [
        (X[:, :2], "X has 2 features, but .* is expecting 3"),
        (np.hstack([X, X]), "X has 6 features, but .* is expecting 3"),
        (sp.csr_matrix(X[:, :2]), "X has 2 features, but .* is expecting 3"),
        (put(X, np.inf), "X contains infinity"),
        (X[0], "1D array"),
        (X[:0], "0 sample"),
    ]:
        with pytest.raises(ValueError, match=message):
            call(trained[kind], method, bad)


@pytest.mark.parametrize("categories", [False, True])
def test_other_names(categories):
    pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
    table = pd.DataFrame(X, columns=["a", "b", "c"])
    if categories:
        table["c"] = pd.Categorical(["u", "v", "w"] * 20)
    est = R(**FAST).fit(table, Y)
    for bad, message in [
        (table.rename(columns={"b": "z"}), "(?s)feature names.*\n- z"),
        (table[["b", "a", "c"]], "(?s)feature names.*order"),
        (table[["a", "c"]], "feature names.*|2 features"),
    ]:
        with pytest.raises(ValueError, match=message):
            est.predict(bad)
        with pytest.raises(ValueError, match=message):
            R(**FAST).fit(table, Y, X_val=bad, y_val=Y)
    if categories:
        # The codes of an array's categories are nowhere written.
        with pytest.raises(ValueError, match=r"'c'.*data frame"):
            est.predict(np.zeros((2, 3)))


@pytest.mark.parametrize("kind", [R, C, E])
def test_scores(kind, trained):
    y = Y if kind is R else B
    for data, message in [
        ((X, y[:, :1]), "1 target.*2"),
        ((X, y[:-1]), "inconsistent numbers of samples"),
        ((X, None), "y is None"),
        ((X, put(y, np.inf)), "'target1'.*infinity"),
        ((X, y, -np.ones(N)), "sample_weight contains negative"),
        ((X, y, np.ones(N - 1)), "sample_weight must have shape"),
        ((X, y * [1, np.nan]), "'target1'.*no observed"),
    ]:
        with pytest.raises(ValueError, match=message):
            trained[kind].score(*data)


def test_score_of_one_column():
    est = C(**FAST).fit(X, B[:, 0].astype(int))
    for data, message in [
        ((X, B[:-1, 0]), "inconsistent numbers of samples"),
        ((X, B[:, 0], np.ones(N - 1)), "sample_weight must have shape"),
        ((X, np.full(N, np.nan)), "'target0'.*no observed"),
    ]:
        with pytest.raises(ValueError, match=message):
            est.score(*data)
