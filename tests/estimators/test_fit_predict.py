"""What goes into fit and what comes out: shapes, units, stages."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo import (
    MultiObjectiveEstimator,
    MultiObjectiveRegressor,
)
from skmo.exceptions import NoTreesWarning
from skmo.objectives import (
    Binary,
    CrossEntropy,
    Multiclass,
    Objective,
    SquaredError,
)

FAST = {
    "n_estimators": 10,
    "num_leaves": 7,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
}


def regressor(**params):
    return MultiObjectiveRegressor(**{**FAST, **params})


@pytest.mark.parametrize(
    ("reshape", "shape"),
    [
        (lambda Y: Y, (300, 3)),
        (lambda Y: Y[:, 0], (300,)),
        (lambda Y: Y[:, :1], (300, 1)),
        (lambda Y: Y.tolist(), (300, 3)),
        (lambda Y: Y[:, 0].tolist(), (300,)),
        (lambda Y: Y.astype(np.float32), (300, 3)),
        (lambda Y: np.round(Y).astype(int), (300, 3)),
        (lambda Y: Y > 0, (300, 3)),
        (lambda Y: Y.astype(object), (300, 3)),
    ],
)
@pytest.mark.parametrize("estimator", [regressor, MultiObjectiveEstimator])
def test_prediction_has_the_shape_of_y(estimator, reshape, shape, real):
    X, Y = real
    est = estimator().set_params(**FAST).fit(X, reshape(Y))
    n_objectives = shape[1] if len(shape) == 2 else 1
    assert est.predict(X).shape == shape
    assert est.predict(X).dtype == np.float64
    assert est.n_objectives_ == n_objectives
    assert est.objective_names_ == [f"target{k}" for k in range(n_objectives)]
    assert len(est.objectives_) == n_objectives
    assert all(isinstance(o, Objective) for o in est.objectives_)
    assert_array_equal(est.n_iter_, np.full(n_objectives, 10))
    assert est.apply(X).shape == (300, 10)
    assert est.apply(X).dtype == np.int32
    assert est.apply(X).max() == 6
    assert est.feature_importances_.shape == (5,)
    assert est.objective_importances_.shape == (n_objectives, 5)
    assert est.n_features_in_ == 5
    assert est.score(X, reshape(Y)) > 0.1


def test_one_dimension_or_one_column_is_the_same_model(real):
    X, Y = real
    flat = regressor().fit(X, Y[:, 0]).predict(X)
    assert_array_equal(regressor().fit(X, Y[:, :1]).predict(X)[:, 0], flat)


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_names_of_targets(container, real):
    frames = pytest.importorskip(container, reason="an optional library")
    X, Y = real
    table = frames.DataFrame(dict(zip("abc", Y.T, strict=True)))
    est = regressor().fit(X, table)
    assert est.objective_names_ == ["a", "b", "c"]
    assert_array_equal(est.predict(X), regressor().fit(X, Y).predict(X))
    assert est.score(X, table) == est.score(X, Y)
    one = regressor().fit(X, table["b"])
    assert one.objective_names_ == ["b"]
    assert one.predict(X).shape == (300,)


def test_pandas_missing_values_in_y(real):
    pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
    X, Y = real
    Y = np.round(Y)
    Y[:50, 1] = np.nan
    nullable = pd.DataFrame(Y).astype("Int64")
    objects = pd.DataFrame(Y).astype(object).where(~np.isnan(Y), None)
    expected = regressor().fit(X, Y).predict(X)
    for table in (nullable, objects):
        assert_array_equal(regressor().fit(X, table).predict(X), expected)
    series = regressor().fit(X, nullable[1])
    assert series.predict(X).shape == (300,)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ([0, 1, np.nan, 1], Binary),
        ([False, True, True, False], Binary),
        ([0.0, 0.5, 1.0, np.nan], SquaredError),
        ([1, 2, 1, 2], SquaredError),
        ([-1, 1, -1, 1], SquaredError),
        ([0, None, 1, 0], Binary),
    ],
)
def test_auto_infers_objectives(column, expected):
    column = np.array(column * 10)
    X = np.arange(40.0)[:, None]
    est = MultiObjectiveEstimator(**FAST, min_child_samples=1).fit(X, column)
    assert [type(o) for o in est.objectives_] == [expected]
    assert hasattr(est, "predict_proba") == (expected is Binary)


def test_predictions_are_means_in_the_users_units(mixed):
    X, Y = mixed
    est = MultiObjectiveEstimator(["binary", "squared_error", "poisson"], **FAST)
    prediction = est.set_params(n_estimators=60).fit(X, Y).predict(X)
    assert_allclose(prediction.mean(axis=0), Y.mean(axis=0), rtol=0.05, atol=0.02)
    assert prediction[:, 0].min() > 0
    assert prediction[:, 0].max() < 1
    assert prediction[:, 2].min() > 0
    for k, least in enumerate([0.5, 0.9, 0.3]):
        assert np.corrcoef(prediction[:, k], Y[:, k])[0, 1] > least
    # Calibrated where the model is sure.
    sure = prediction[:, 0] > 0.8
    assert abs(prediction[sure, 0].mean() - Y[sure, 0].mean()) < 0.1


def test_estimator_probabilities(mixed):
    X, Y = mixed
    Y = np.column_stack([Y[:, 0], Y[:, 1], Y[:, 0] * 0.8, np.clip(Y[:, 2], 0, 2) + 5])
    Y[::9, 3] = np.nan
    objectives = ["binary", "squared_error", "cross_entropy", "multiclass"]
    est = MultiObjectiveEstimator(objectives, **FAST).fit(X, Y)
    proba, prediction = est.predict_proba(X), est.predict(X)
    assert proba[1] is None
    for k, n_classes in ((0, 2), (2, 2), (3, 3)):
        assert proba[k].shape == (400, n_classes)
        assert_allclose(proba[k].sum(axis=1), 1)
    for k in (0, 2):
        assert_array_equal(proba[k][:, 1], prediction[:, k])
    assert_array_equal(prediction[:, 3], 5 + proba[3].argmax(axis=1))
    assert [None if c is None else c.tolist() for c in est.classes_] == [
        [0, 1],
        None,
        [0, 1],
        [5, 6, 7],
    ]
    assert [type(o) for o in est.objectives_][2:] == [CrossEntropy, Multiclass]
    one = MultiObjectiveEstimator(["binary"], **FAST).fit(X, Y[:, 0])
    assert one.predict_proba(X).shape == (400, 2)
    assert one.predict(X).shape == (400,)


def test_predict_proba_exists_where_it_can(mixed):
    X, Y = mixed
    for objectives, has in [
        (["squared_error"], False),
        (["poisson", "binary"], True),
        ("auto", False),
        (["no such objective"], False),
    ]:
        assert hasattr(MultiObjectiveEstimator(objectives), "predict_proba") == has
    assert not hasattr(MultiObjectiveRegressor(), "predict_proba")
    fitted = MultiObjectiveEstimator(**FAST).fit(X, Y[:, 1])
    with pytest.raises(AttributeError, match="predict_proba"):
        fitted.predict_proba(X)


@pytest.mark.parametrize("early", [False, True])
def test_stages_end_at_the_prediction(early, mixed):
    X, Y = mixed
    est = MultiObjectiveEstimator(
        ["binary", "squared_error", "poisson"],
        **{**FAST, "n_estimators": 60, "learning_rate": 0.3},
        n_iter_no_change=5,
    )
    val = {"X_val": X[300:], "y_val": Y[300:]} if early else {}
    est.fit(X[:300], Y[:300], **val)
    stages = list(est.staged_predict(X))
    assert len(stages) == est.n_iter_.max()
    assert_allclose(stages[-1], est.predict(X), rtol=1e-5, atol=1e-6)
    assert (len(set(est.n_iter_)) > 1) == early
    # An objective's stages stand still beyond its own trees, and move before.
    for k, n in enumerate(est.n_iter_):
        for stage in stages[n - 1 :]:
            assert_array_equal(stage[:, k], stages[-1][:, k])
        assert np.abs(stages[n - 2][:, k] - stages[-1][:, k]).max() > 1e-4


def test_constant_target_is_predicted_exactly(real):
    X, Y = real
    Y = np.column_stack([Y[:, 0], np.full(len(X), 7.25)])
    est = regressor().fit(X, Y)
    assert_array_equal(est.predict(X)[:, 1], 7.25)
    assert_array_equal(est.objective_importances_[1], 0)
    assert_array_equal(est.history_["weights"][:, 1], 0)
    assert np.ptp(est.predict(X)[:, 0]) > 0.5


@pytest.mark.parametrize("X", [np.zeros((400, 2)), np.full((400, 2), np.nan)])
def test_constant_features_give_the_constant(X):
    Y = np.random.default_rng(0).normal(size=(400, 2))
    with pytest.warns(NoTreesWarning, match="constants"):
        est = regressor().fit(X, Y)
    assert_allclose(est.predict(X), np.tile(Y.mean(axis=0), (400, 1)), rtol=1e-5)
    assert_array_equal(est.n_iter_, [0, 0])
    assert est.apply(X).shape == (400, 0)
    assert list(est.staged_predict(X)) == []
    assert est.history_["train_loss"].shape == (0, 2)
    assert est.history_["weights"].shape == (0, 2)
    assert est.history_["seconds"].shape == (0,)
    assert_allclose(est.score(X, Y), 0, atol=1e-6)
    assert_array_equal(est.feature_importances_, 0)


@pytest.mark.parametrize("n", [2, 3, 10, 45])
def test_few_rows(n):
    rng = np.random.default_rng(n)
    X, Y = rng.normal(size=(n, 2)), rng.normal(size=(n, 2))
    assert np.isfinite(regressor().fit(X, Y).predict(X)).all()
    free = regressor(min_child_samples=1).fit(X, Y).predict(X)
    assert np.isfinite(free).all()
