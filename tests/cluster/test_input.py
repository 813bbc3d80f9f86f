"""What the estimators of `skmo.dask` take, refuse, return and remember."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from typing import Any

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from distributed import Client
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import clone
from sklearn.datasets import make_regression
from sklearn.exceptions import NotFittedError

import skmo
from skmo import (
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRegressor,
)
from skmo.dask import (
    DaskMultiObjectiveClassifier,
    DaskMultiObjectiveEstimator,
    DaskMultiObjectiveRegressor,
)

PAIRS = [
    (DaskMultiObjectiveRegressor, MultiObjectiveRegressor),
    (DaskMultiObjectiveClassifier, MultiObjectiveClassifier),
    (DaskMultiObjectiveEstimator, MultiObjectiveEstimator),
]
# Without an estimate of a leaf's rows (see test_as_one).
PARAMS = {
    "n_estimators": 8,
    "random_state": 0,
    "min_child_samples": 1,
    "num_leaves": 8,
    "max_bin": 15,
}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Two workers that are threads of this process: no copy of skmo is loaded."""
    with Client(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0"
    ) as client:
        yield client


@pytest.fixture(scope="module")
def arrays() -> tuple[np.ndarray, np.ndarray]:
    return make_regression(600, 6, n_targets=2, noise=5.0, random_state=0)


def lazy(values: np.ndarray, rows: Any = (200, 150, 250)) -> da.Array:
    chunks = (rows,) if values.ndim == 1 else (rows, -1)
    return da.from_array(values, chunks=chunks)


def frames(seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    colour = rng.choice(["red", "green", "blue"], 600)
    X = pd.DataFrame({"a": rng.normal(size=600), "colour": pd.Categorical(colour)})
    X.loc[::9, "a"] = np.nan
    X.loc[::11, "colour"] = None
    Y = pd.DataFrame({"price": rng.normal(size=600) + (colour == "red"), "sold": 0.0})
    Y["sold"] = (rng.random(600) < 0.3 + 0.4 * (colour == "blue")).astype(float)
    Y.loc[::7, "price"] = np.nan
    return X, Y


def assert_like_local(fitted: Any, local: Any, X: Any, data: Any) -> None:
    expected = local.predict(data)
    assert_allclose(fitted.predict(X).compute(), expected, rtol=1e-5, atol=1e-5)


def test_arrays(client, arrays):
    X, Y = arrays
    est = DaskMultiObjectiveRegressor(**PARAMS).fit(lazy(X), lazy(Y))
    local = MultiObjectiveRegressor(heads="none", **PARAMS).fit(X, Y)
    assert_like_local(est, local, lazy(X), X)
    prediction = est.predict(lazy(X))
    assert isinstance(prediction, da.Array)
    assert prediction.shape == (600, 2)
    assert prediction.chunks == ((200, 150, 250), (2,))
    assert est.score(lazy(X), lazy(Y)) == pytest.approx(local.score(X, Y))
    assert_array_equal(est.apply(lazy(X)).compute(), local.apply(X))
    assert_allclose(
        est.predict_contrib(lazy(X)).compute(),
        local.predict_contrib(X),
        rtol=1e-4,
        atol=1e-4,
    )
    assert_allclose(est.feature_importances_, local.feature_importances_, rtol=1e-4)
    assert est.n_features_in_ == 6


def test_one_dimensional_targets(client, arrays):
    X, Y = arrays
    est = DaskMultiObjectiveRegressor(**PARAMS).fit(lazy(X), lazy(Y[:, 0]))
    prediction = est.predict(lazy(X))
    assert prediction.shape == (600,)
    local = MultiObjectiveRegressor(heads="none", **PARAMS).fit(X, Y[:, 0])
    assert_like_local(est, local, lazy(X), X)


def test_data_in_memory_is_predicted_at_once(client, arrays):
    X, Y = arrays
    est = DaskMultiObjectiveRegressor(**PARAMS).fit(lazy(X), lazy(Y))
    prediction = est.predict(X[:5])
    assert isinstance(prediction, np.ndarray)
    assert_allclose(prediction, est.predict(lazy(X)).compute()[:5])


def test_chunks_of_columns_and_other_chunks_of_rows(client, arrays):
    X, Y = arrays
    expected = DaskMultiObjectiveRegressor(**PARAMS).fit(lazy(X), lazy(Y)).predict(X)
    columns = da.from_array(X, chunks=((200, 150, 250), 2))
    est = DaskMultiObjectiveRegressor(**PARAMS)
    est.fit(columns, lazy(Y, (300, 300)), lazy(np.ones(600), (600,)))
    assert_allclose(est.predict(columns).compute(), expected, rtol=1e-5)


def test_data_frames_with_categories(client):
    X, Y = frames()
    dX, dY = (dd.from_pandas(f, npartitions=3) for f in (X, Y))
    est = DaskMultiObjectiveEstimator(**PARAMS).fit(dX, dY)
    local = MultiObjectiveEstimator(heads="none", **PARAMS).fit(X, Y)
    assert list(est.feature_names_in_) == ["a", "colour"]
    assert est.objective_names_ == ["price", "sold"]
    assert [type(o).__name__ for o in est.objectives_] == ["SquaredError", "Binary"]
    assert est._features.categories(1) == local._features.categories(1)
    assert_like_local(est, local, dX, X)
    none, sold = est.predict_proba(dX)
    assert none is None
    expected = local.predict_proba(X)[1]
    assert_allclose(sold.compute(), expected, rtol=1e-5, atol=1e-6)


def test_categories_that_only_some_partitions_know(client):
    """Each partition has categories of its own, as files read one by one have."""
    X, Y = frames()
    X = X.sort_values("colour").reset_index(drop=True)

    def part(i: int) -> pd.DataFrame:
        rows = X.iloc[200 * i : 200 * i + 200]
        return rows.assign(colour=rows["colour"].cat.remove_unused_categories())

    meta = X.iloc[:0].assign(colour=pd.Categorical([], categories=["__UNKNOWN__"]))
    meta["colour"] = meta["colour"].cat.set_categories(["__UNKNOWN_CATEGORIES__"])
    dX = dd.from_map(part, range(3), meta=meta)
    dY = dd.from_pandas(Y, chunksize=200)
    est = DaskMultiObjectiveEstimator(**PARAMS).fit(dX, dY)
    local = MultiObjectiveEstimator(heads="none", **PARAMS).fit(X, Y)
    assert_like_local(est, local, dX, X)


def test_categorical_codes_in_arrays(client, arrays):
    X, Y = arrays
    X = X.copy()
    X[:, 1] = np.digitize(X[:, 1], [-1, 0, 1])
    params = {**PARAMS, "categorical_features": [1]}
    est = DaskMultiObjectiveRegressor(**params).fit(lazy(X), lazy(Y))
    local = MultiObjectiveRegressor(heads="none", **params).fit(X, Y)
    assert_like_local(est, local, lazy(X), X)


def test_sparse_blocks(client, arrays):
    X, Y = arrays
    X = np.where(X > 0, X, 0.0)
    sparse = lazy(X).map_blocks(sp.csr_matrix)
    est = DaskMultiObjectiveRegressor(**PARAMS).fit(sparse, lazy(Y))
    local = MultiObjectiveRegressor(heads="none", **PARAMS).fit(X, Y)
    assert_like_local(est, local, sparse, X)


def test_labels(client, arrays):
    X, Y = arrays
    labels = np.column_stack(
        [np.where(Y[:, 0] > 0, "up", "down"), np.digitize(Y[:, 1], [0, 50])]
    ).astype(object)
    est = DaskMultiObjectiveClassifier(**PARAMS).fit(lazy(X), lazy(labels))
    local = MultiObjectiveClassifier(heads="none", **PARAMS).fit(X, labels)
    for found, expected in zip(est.classes_, local.classes_, strict=True):
        assert_array_equal(found, expected)
    assert_array_equal(est.predict(lazy(X)).compute(), local.predict(X))
    for found, expected in zip(
        est.predict_proba(lazy(X)), local.predict_proba(X), strict=True
    ):
        assert_allclose(found.compute(), expected, rtol=1e-5, atol=1e-6)
    assert est.score(lazy(X), lazy(labels)) == pytest.approx(local.score(X, labels))


def test_a_label_that_one_partition_alone_has(client, arrays):
    X, Y = arrays
    labels = np.zeros(600, dtype=int)
    labels[Y[:, 0] > 0] = 1
    labels[-3:] = 7
    est = DaskMultiObjectiveClassifier(**PARAMS).fit(lazy(X), lazy(labels))
    assert_array_equal(est.classes_, [0, 1, 7])
    assert est.predict_proba(lazy(X)).shape == (600, 3)


def test_validation_rows_and_weights(client, arrays):
    X, Y = arrays
    rng = np.random.default_rng(1)
    weight = rng.integers(1, 4, Y.shape).astype(float)
    params = {**PARAMS, "n_estimators": 60, "learning_rate": 0.3, "num_leaves": 4}
    params["n_iter_no_change"] = 3
    est = DaskMultiObjectiveRegressor(**params)
    est.fit(
        lazy(X[:450], (200, 250)),
        lazy(Y[:450], (200, 250)),
        lazy(weight[:450], (200, 250)),
        lazy(X[450:], (150,)),
        lazy(Y[450:], (150,)),
        lazy(weight[450:], (150,)),
    )
    local = MultiObjectiveRegressor(heads="none", **params)
    val = X[450:], Y[450:], weight[450:]
    local.fit(X[:450], Y[:450], weight[:450], *val)
    assert_array_equal(est.n_iter_, local.n_iter_)
    assert est.n_iter_.max() < 60
    assert_allclose(est.history_["val_loss"], local.history_["val_loss"], rtol=1e-5)


def test_a_fit_that_goes_on(client, arrays):
    X, Y = arrays
    once = DaskMultiObjectiveRegressor(**PARAMS).fit(lazy(X), lazy(Y))
    est = DaskMultiObjectiveRegressor(**{**PARAMS, "n_estimators": 4}, warm_start=True)
    est.fit(lazy(X), lazy(Y)).set_params(n_estimators=8).fit(lazy(X), lazy(Y))
    local = MultiObjectiveRegressor(
        heads="none", **{**PARAMS, "n_estimators": 4}, warm_start=True
    )
    local.fit(X, Y).set_params(n_estimators=8).fit(X, Y)
    assert_like_local(est, local, lazy(X), X)
    assert est._result.forest.n_rounds == once._result.forest.n_rounds == 8


def test_a_refit_forgets(client, arrays):
    X, Y = arrays
    est = DaskMultiObjectiveRegressor(**PARAMS)
    frame, _ = frames()
    frame = dd.from_pandas(frame, npartitions=2)
    target = dd.from_pandas(pd.Series(Y[:, 0], name="y"), npartitions=2)
    est.fit(lazy(X), lazy(Y)).fit(frame, target)
    assert list(est.feature_names_in_) == ["a", "colour"]
    assert est.predict(frame).ndim == 1


class TestErrors:
    """Each names what is wrong, before anything is trained."""

    @pytest.fixture
    def est(self) -> DaskMultiObjectiveRegressor:
        return DaskMultiObjectiveRegressor(**PARAMS)

    def test_no_collection(self, client, arrays, est):
        X, Y = arrays
        with pytest.raises(TypeError, match=r"y must be a Dask array or data frame.*"):
            est.fit(lazy(X), Y)
        with pytest.raises(TypeError, match=r"X must be .*use dask.array.from_array"):
            est.fit(X, lazy(Y))
        with pytest.raises(TypeError, match="sample_weight must be a Dask array"):
            est.fit(lazy(X), lazy(Y), np.ones(600))
        with pytest.raises(TypeError, match="X_val must be a Dask array"):
            est.fit(lazy(X), lazy(Y), None, X, Y)

    def test_no_client(self, arrays):
        est = DaskMultiObjectiveRegressor(client="cluster", **PARAMS)
        with pytest.raises(ValueError, match="'client' parameter"):
            est.fit(*map(lazy, arrays))

    def test_half_of_the_validation_rows(self, client, arrays, est):
        X, Y = map(lazy, arrays)
        with pytest.raises(ValueError, match="X_val was passed without y_val"):
            est.fit(X, Y, X_val=X)

    def test_rows_that_do_not_fit(self, client, arrays, est):
        X, Y = arrays
        with pytest.raises(ValueError, match="y has 599 rows, but X has 600"):
            est.fit(lazy(X), lazy(Y[:-1], (200, 150, 249)))
        frame = dd.from_pandas(pd.DataFrame(X), npartitions=3)
        target = dd.from_pandas(pd.DataFrame(Y), npartitions=2)
        with pytest.raises(ValueError, match="y has 2 partitions, but X has 3"):
            est.fit(frame, target)
        target = dd.from_pandas(pd.DataFrame(Y[:-1]), npartitions=3)
        with pytest.raises(ValueError, match=r"partition of X has \d+ rows, but that"):
            est.fit(frame, target)

    def test_a_target_that_is_never_observed(self, client, arrays, est):
        X, Y = arrays
        Y = Y.copy()
        Y[:, 1] = np.nan
        with pytest.raises(ValueError, match=r"'target1' has no observed .* all 600"):
            est.fit(lazy(X), lazy(Y))

    def test_nothing_observed(self, client, arrays, est):
        X, Y = arrays
        with pytest.raises(ValueError, match="y has no observed value"):
            est.fit(lazy(X), lazy(Y), lazy(np.zeros(600)))
        with pytest.raises(ValueError, match="y_val has no observed value"):
            est.fit(lazy(X), lazy(Y), None, lazy(X), lazy(np.full_like(Y, np.nan)))

    @pytest.mark.parametrize("where", [0, 599])
    def test_infinity_in_one_partition(self, client, arrays, est, where):
        X, Y = arrays
        wrong = X.copy()
        wrong[where, 3] = np.inf
        with pytest.raises(ValueError, match="infinity"):
            est.fit(lazy(wrong), lazy(Y))
        wrong = Y.copy()
        wrong[where, 1] = np.inf
        with pytest.raises(ValueError, match="'target1' in y contains infinity"):
            est.fit(lazy(X), lazy(wrong))

    def test_a_value_out_of_the_domain(self, client, arrays):
        X, Y = arrays
        est = DaskMultiObjectiveRegressor("poisson", **PARAMS)
        Y = np.abs(Y)
        Y[500, 0] = -1
        with pytest.raises(ValueError, match="Target 'target0'"):
            est.fit(lazy(X), lazy(Y))

    @pytest.mark.parametrize(
        ("params", "message"),
        [
            ({"heads": "auto"}, "heads='auto' is not possible on a cluster"),
            ({"on_interrupt": "keep"}, "on_interrupt='keep' is not possible"),
            ({"lightgbm_params": {"use_quantized_grad": True}}, "use_quantized_grad"),
            ({"n_estimators": 0}, "'n_estimators' parameter"),
            ({"preference": [1.0]}, "'preference' parameter must have shape"),
            ({"balancer": "no_such"}, "Unknown balancer 'no_such'"),
            ({"structure": "no_such"}, "no_such"),
            ({"lightgbm_params": {"num_machines": 2}}, "num_machines"),
        ],
    )
    def test_parameters(self, client, arrays, est, params, message):
        est.set_params(**params)
        with pytest.raises(ValueError, match=message):
            est.fit(*map(lazy, arrays))

    def test_a_shared_score(self, client, arrays):
        est = DaskMultiObjectiveEstimator(shared_score=True, **PARAMS)
        with pytest.raises(ValueError, match="shared_score=True is not possible"):
            est.fit(*map(lazy, arrays))

    def test_not_fitted(self, client, arrays, est):
        for method in ("predict", "apply", "predict_contrib"):
            with pytest.raises(NotFittedError):
                getattr(est, method)(lazy(arrays[0]))
        with pytest.raises(NotFittedError):
            est.to_local()

    def test_a_failed_fit_leaves_the_model(self, client, arrays, est):
        X, Y = arrays
        before = est.fit(lazy(X), lazy(Y)).predict(X)
        wrong = X.copy()
        wrong[-1, 0] = np.inf
        with pytest.raises(ValueError, match="infinity"):
            est.fit(lazy(wrong), lazy(Y))
        assert_array_equal(est.predict(X), before)


@pytest.mark.parametrize(("cls", "local"), PAIRS)
class TestIdiom:
    """They are scikit-learn estimators."""

    def test_parameters_are_those_of_the_local_one(self, cls, local):
        params = cls().get_params()
        expected = {**local().get_params(), "heads": "none", "client": None}
        assert params.keys() == expected.keys()
        assert str(params) == str({name: expected[name] for name in params})

    def test_clone_keeps_the_client(self, client, cls, local):
        est = cls(n_estimators=3, client=client)
        assert clone(est).client is client
        assert clone(est).n_estimators == 3

    def test_to_local_and_files(self, client, arrays, cls, local, tmp_path):
        X, Y = arrays
        if cls is DaskMultiObjectiveClassifier:
            Y = (Y > 0).astype(int)
        est = cls(client=client, **PARAMS).fit(lazy(X), lazy(Y))
        alone = est.to_local()
        assert type(alone) is local
        assert alone.get_params() == {
            k: v for k, v in est.get_params().items() if k != "client"
        }
        expected = alone.predict(X)
        for again in (pickle.loads(pickle.dumps(est)), copy.deepcopy(alone)):
            assert_array_equal(again.predict(X), expected)
        assert pickle.loads(pickle.dumps(est)).client is None
        assert est.client is client
        est.save_model(tmp_path / "model.skmo")
        loaded = skmo.load_model(tmp_path / "model.skmo")
        assert type(loaded) is local
        assert_array_equal(loaded.predict(X), expected)
