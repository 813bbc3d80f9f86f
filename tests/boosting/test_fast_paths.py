"""What is quick must give what the plain way gives."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo import MultiObjectiveRegressor
from skmo.boosting import TreeGrower
from skmo.boosting._grown import match_leaves
from skmo.boosting._sums import column_products, column_sums
from skmo.objectives import SquaredError

PARAMS = {"num_leaves": 15, "min_data_in_leaf": 5, "seed": 1}


@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (511, 16), (1024, 5), (3000, 200)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums_are_those_in_float64(shape, dtype):
    rng = np.random.default_rng(0)
    a, b = (rng.lognormal(size=shape).astype(dtype) for _ in range(2))
    wide_a, wide_b = a.astype(np.float64), b.astype(np.float64)
    assert column_sums(a).dtype == np.float64
    assert_allclose(column_sums(a), wide_a.sum(axis=0), rtol=1e-6)
    assert_allclose(column_products(a, b), (wide_a * wide_b).sum(axis=0), rtol=1e-6)


@pytest.mark.parametrize("spread", [1.0, 1e-9, 1e9])
@pytest.mark.parametrize("n", [40, 20_000])
def test_leaves_are_those_of_the_nearest_output(n, spread):
    rng = np.random.default_rng(0)
    outputs = rng.normal(size=31) * spread
    leaf = np.r_[0:31, rng.integers(0, 31, n - 31)]
    before = rng.normal(size=n) * spread
    after = before + outputs[leaf]
    found = match_leaves(after - before, outputs, np.abs(after).max())
    assert_array_equal(found, leaf)
    assert found.dtype == np.int32


def test_leaves_far_apart_and_close_together():
    outputs = np.array([0.0, 1e-9, 1.0])  # a table of them would be too long
    moves = np.repeat(outputs, 5)
    assert_array_equal(match_leaves(moves, outputs, 1.0), np.repeat([0, 1, 2], 5))


@pytest.mark.parametrize(
    "params",
    [{}, {"bagging_fraction": 0.5, "bagging_freq": 1, "feature_fraction": 0.5}],
)
def test_trees_of_a_hessian_of_1_are_the_same_told_or_not(params):
    rng = np.random.default_rng(0)
    X, X_val = rng.normal(size=(500, 6)), rng.normal(size=(50, 6))
    told, plain = (
        TreeGrower(X, {**PARAMS, **params}, X_val=X_val, bagging_seed=5)
        for _ in range(2)
    )
    for scale in (1.0, 1e-6, 1e6, 1.0, 1.0):
        g = (scale * (X[:, 0] + rng.normal(size=500))).astype(np.float32)
        a, b = told.grow(g, None), plain.grow(g, np.ones(500, np.float32))
        for name in ("leaf", "leaf_val", "counts", "split_feature"):
            assert_array_equal(getattr(a, name), getattr(b, name))
        assert_allclose(a.outputs, b.outputs, rtol=1e-14)
    assert told.finish().text == plain.finish().text


def test_a_hessian_of_1_where_no_split_is_possible():
    grower = TreeGrower(np.arange(20.0)[:, None], {**PARAMS, "min_data_in_leaf": 15})
    for _ in range(2):
        assert grower.grow(np.arange(20, dtype=np.float32), None) is None
    assert grower.n_trees == 0


def test_rows_one_by_one_are_those_of_the_whole():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 5))
    Y = X[:, :3] + rng.normal(size=(300, 3))
    model = MultiObjectiveRegressor(n_estimators=20, random_state=0).fit(X, Y)
    whole = model.predict(X)
    assert_array_equal(np.vstack([model.predict(X[[i]]) for i in range(300)]), whole)
    model.set_params(n_estimators=40, warm_start=True).fit(X, Y)
    assert (model.predict(X) != whole).any()


def test_few_rows_are_checked_all_the_same():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 3))
    model = MultiObjectiveRegressor(n_estimators=2, random_state=0).fit(X, X[:, :2])
    with pytest.raises(ValueError, match="infinity"):
        model.predict(np.full((1, 3), np.inf))
    with pytest.raises(ValueError, match="2 features"):
        model.predict(X[:1, :2])
    with pytest.raises(ValueError, match="2D array"):
        model.predict(X[0])


class Tripled(SquaredError):
    def loss(self, target, score):
        return 3 * super().loss(target, score)


def test_a_subclass_keeps_its_own_loss():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    Y = X[:, :2] + rng.normal(size=(200, 2))
    params = {"n_estimators": 3, "heads": "none", "random_state": 0}
    losses = [
        MultiObjectiveRegressor(objective=o, **params).fit(X, Y).history_["train_loss"]
        for o in (SquaredError(), Tripled())
    ]
    assert_allclose(losses[1], 3 * losses[0], rtol=1e-6)
