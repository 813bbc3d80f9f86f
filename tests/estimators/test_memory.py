"""X is not copied where LightGBM needs no copy of it."""

from __future__ import annotations

import tracemalloc

import lightgbm
import numpy as np
import pytest
import scipy.sparse as sp

from skmo import (
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRanker,
    MultiObjectiveRegressor,
)

FAST = {"n_estimators": 2, "num_leaves": 4, "n_jobs": 1, "random_state": 0}
N = 400


def memory_map(X, tmp_path):
    path = tmp_path / "X.dat"
    writable = np.memmap(path, dtype=X.dtype, mode="w+", shape=X.shape)
    writable[:] = X
    writable.flush()
    return np.memmap(path, dtype=X.dtype, mode="r", shape=X.shape)


def read_only(X, tmp_path):
    X = X.copy()
    X.flags.writeable = False
    return X


KINDS = {
    "float64": lambda X, _: X,
    "float32": lambda X, _: X.astype(np.float32),
    "float64, by columns": lambda X, _: np.asfortranarray(X),
    "float32, by columns": lambda X, _: np.asfortranarray(X, dtype=np.float32),
    "read-only": read_only,
    "memmap": memory_map,
    "memmap of float32": lambda X, path: memory_map(X.astype(np.float32), path),
    "missing values": lambda X, _: np.where(X > 2, np.nan, X),
    "csr_matrix": lambda X, _: sp.csr_matrix(X),
    "csr_array": lambda X, _: sp.csr_array(X),
    "csr_matrix of float32": lambda X, _: sp.csr_matrix(X.astype(np.float32)),
}
each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@pytest.fixture
def seen(monkeypatch):
    """What LightGBM was given to train on and to predict."""
    found = {"train": [], "predict": []}
    make, predict = lightgbm.Dataset.__init__, lightgbm.Booster.predict

    def watched_make(self, data, *args, **params):
        found["train"].append(data)
        make(self, data, *args, **params)

    def watched_predict(self, data, *args, **params):
        found["predict"].append(data)
        return predict(self, data, *args, **params)

    monkeypatch.setattr(lightgbm.Dataset, "__init__", watched_make)
    monkeypatch.setattr(lightgbm.Booster, "predict", watched_predict)
    return found


def shares(one, other):
    one, other = (x.data if sp.issparse(x) else x for x in (one, other))
    return np.shares_memory(one, other)


def problem(kind, tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N, 6))
    Y = np.column_stack([X[:, 0], X[:, 1]]) + 0.1 * rng.normal(size=(N, 2))
    return kind(X, tmp_path), Y


@each_kind
def test_fit_and_predict_pass_x_on(kind, seen, tmp_path):
    X, Y = problem(kind, tmp_path)
    X_val = X.copy()
    est = MultiObjectiveRegressor(**FAST, heads="none").fit(X, Y, X_val=X_val, y_val=Y)
    train, val = seen["train"]
    assert shares(train, X)
    assert shares(val, X_val)
    seen["predict"].clear()
    est.predict(X)
    est.score(X, Y)
    assert len(seen["predict"]) == 2
    assert all(shares(data, X) for data in seen["predict"])


@each_kind
def test_only_dropped_rows_cost_a_copy(kind, seen, tmp_path):
    X, Y = problem(kind, tmp_path)
    est = MultiObjectiveRegressor(**FAST, heads="none")
    partly = Y.copy()
    partly[: N // 2, 0] = np.nan
    est.fit(X, partly)  # every row has one target at least
    assert shares(seen["train"][-1], X)
    partly[:10] = np.nan
    est.fit(X, partly)
    assert not shares(seen["train"][-1], X)
    assert seen["train"][-1].shape[0] == N - 10


@each_kind
def test_own_learners_pass_x_on(kind, seen, tmp_path):
    X, Y = problem(kind, tmp_path)
    est = MultiObjectiveRegressor(**FAST, heads="blend")
    est.fit(X, Y, X_val=X[: N // 2].copy(), y_val=Y[: N // 2])
    # The shared trees' two data sets, and the learners' four.
    on_all_rows = [data for data in seen["train"] if data.shape[0] == N]
    assert len(on_all_rows) == 3
    assert all(shares(data, X) for data in on_all_rows)


@pytest.mark.parametrize(
    "estimator",
    [
        MultiObjectiveRegressor(**FAST, heads="none"),
        MultiObjectiveClassifier(**FAST, heads="none"),
        MultiObjectiveEstimator(**FAST, heads="none", shared_score=True),
        EntireSpaceClassifier(**FAST, heads="none"),
        MultiObjectiveRanker(**FAST),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_every_estimator_passes_x_on(estimator, seen, tmp_path):
    X, Y = problem(KINDS["memmap"], tmp_path)
    Y = np.logical_and.accumulate(Y > -0.5, axis=1).astype(int)
    ranker = isinstance(estimator, MultiObjectiveRanker)
    params = {"qid": np.arange(N) // 10} if ranker else {}
    estimator.fit(X, Y, **params)
    estimator.predict(X)
    assert all(shares(data, X) for data in seen["train"] + seen["predict"])
    assert len(seen["train"]) == 1


def test_frame_of_one_block_is_not_copied(seen, real):
    pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
    X, Y = real
    frame = pd.DataFrame(X, columns=list("abcde"), copy=False)
    est = MultiObjectiveRegressor(**FAST, heads="none").fit(frame, Y)
    est.predict(frame)
    assert all(shares(data, X) for data in seen["train"] + seen["predict"])


@pytest.mark.parametrize(
    "kind",
    [KINDS[name] for name in ("memmap of float32", "float32, by columns", "csr_array")],
    ids=["memmap", "by columns", "csr_array"],
)
def test_peak_of_what_numpy_allocates(kind, tmp_path):
    """Also by LightGBM's own wrapper."""
    rng = np.random.default_rng(0)
    X = kind(rng.normal(size=(1_500, 600)), tmp_path)
    by_columns = not sp.issparse(X) and not X.flags.c_contiguous
    if by_columns and not hasattr(lightgbm.basic, "_np2d_to_np1d"):
        pytest.skip("this LightGBM copies arrays that are stored by columns")
    y = np.asarray(X[:, :2].todense() if sp.issparse(X) else X[:, :2]).astype(float)
    y = np.nan_to_num(y)
    size = X.data.nbytes
    est = MultiObjectiveRegressor(**FAST, heads="none")
    peaks = []
    for step in (lambda: est.fit(X, y), lambda: est.predict(X)):
        step()  # what is loaded and kept once
        tracemalloc.start()
        step()
        peaks.append(tracemalloc.get_traced_memory()[1] / size)
        tracemalloc.stop()
    assert max(peaks) < 0.5
