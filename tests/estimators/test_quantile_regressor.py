"""Several quantiles of one target."""

from __future__ import annotations

import pickle

import lightgbm as lgb
import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import DataConversionWarning
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.metrics import d2_pinball_score, make_scorer, mean_absolute_error
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmo import MultiObjectiveRegressor, MultiQuantileRegressor
from skmo.objectives import Quantile

FAST = {"n_estimators": 15, "num_leaves": 7, "n_jobs": 1, "random_state": 0}
LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)


# Close to each other and learnt in long steps: they cross.
CLOSE = (0.4, 0.45, 0.5, 0.55, 0.6)
ROUGH = {"learning_rate": 0.7, "min_child_samples": 5}


def model(quantiles=LEVELS, **params):
    return MultiQuantileRegressor(quantiles, **{**FAST, "heads": "none", **params})


def pinball(y, predictions, levels):
    error = y[:, None] - predictions
    return np.maximum(np.array(levels) * error, (np.array(levels) - 1) * error)


@pytest.fixture(scope="module")
def spread():
    """A target whose noise grows with the second feature."""
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, size=(600, 4))
    return X, 3 * X[:, 0] + np.exp(X[:, 1]) * rng.normal(size=600)


@pytest.fixture(scope="module")
def fitted(spread):
    return model().fit(*spread)


def test_what_is_published(spread, fitted):
    X, _ = spread
    assert fitted.predict(X).shape == (600, 5)
    assert fitted.predict(X).dtype == np.float64
    assert_array_equal(fitted.quantiles_, LEVELS)
    assert fitted.objective_names_ == ["q0.1", "q0.3", "q0.5", "q0.7", "q0.9"]
    assert fitted.n_objectives_ == 5
    assert [o.alpha for o in fitted.objectives_] == list(LEVELS)
    assert fitted.n_iter_.shape == fitted.head_shares_.shape == (5,)
    assert fitted.history_["train_loss"].shape == (15, 5)
    assert fitted.feature_importances_.argmax() == 0


def test_quantiles_are_those_of_the_noise(spread):
    X, y = spread
    fitted = model(n_estimators=60, min_child_samples=40).fit(X, y)
    below = (y[:, None] <= fitted.predict(X)).mean(axis=0)
    assert_allclose(below, LEVELS, atol=0.05)
    low, high = fitted.predict_interval(X, coverage=0.8).T
    wide = X[:, 1] > 0.5
    assert np.mean((high - low)[wide]) > 1.5 * np.mean((high - low)[X[:, 1] < -0.5])


@pytest.mark.parametrize("heads", ["none", "auto", "boost"])
def test_it_is_the_regressor_of_a_repeated_column_in_order(heads, spread):
    X, y = spread
    train, val, test = slice(300), slice(300, 400), slice(400, None)
    found = model(CLOSE, heads=heads, **ROUGH)
    found.fit(X[train], y[train], X_val=X[val], y_val=y[val])
    plain = MultiObjectiveRegressor(
        [Quantile(level) for level in CLOSE], **FAST, **ROUGH, heads=heads
    )
    Y = np.repeat(y[:, None], 5, axis=1)
    plain.fit(X[train], Y[train], X_val=X[val], y_val=Y[val])
    assert_array_equal(found.n_iter_, plain.n_iter_)
    raw = plain.predict(X[test])
    assert (np.diff(raw) < 0).any()
    assert_allclose(found.predict(X[test]), np.sort(raw, axis=1), rtol=1e-12)


def test_order_never_costs_any_row_a_thing(spread):
    """Chernozhukov et al.'s rearrangement, for whatever the target may be."""
    X, y = spread
    fitted = model(CLOSE, **ROUGH).fit(X, y)
    raw = super(MultiQuantileRegressor, fitted)._raw_predict(X)
    raw = fitted._predict_from(raw)
    ordered = fitted.predict(X)
    crossed = (np.diff(raw) < 0).any(axis=1)
    assert crossed.any()
    for target in (y, np.zeros(600), raw[:, 2], raw[:, 3]):
        before = pinball(target, raw, CLOSE).sum(axis=1)
        after = pinball(target, ordered, CLOSE).sum(axis=1)
        assert (after <= before + 1e-12).all()
        assert (after[crossed] < before[crossed]).any()


def test_stages_are_in_order_and_end_in_the_prediction(spread, fitted):
    stages = list(fitted.staged_predict(spread[0]))
    assert len(stages) == 15
    assert all((np.diff(stage) >= 0).all() for stage in stages)
    # Added up in another order.
    assert_allclose(stages[-1], fitted.predict(spread[0]), rtol=1e-5, atol=1e-5)


def test_one_level_is_lightgbm(spread):
    X, y = spread
    found = model(0.9).fit(X, y)
    booster = lgb.train(
        {
            "objective": "quantile",
            "alpha": 0.9,
            "num_leaves": 7,
            "verbosity": -1,
            "num_threads": 1,
            "deterministic": True,
            "force_col_wise": True,
        },
        lgb.Dataset(X, y, params={"feature_pre_filter": False}),
        15,
    )
    assert found.predict(X).shape == (600,)
    assert_allclose(found.predict(X), booster.predict(X), rtol=1e-4, atol=1e-4)
    listed = model([0.9]).fit(X, y)
    assert_array_equal(listed.predict(X), found.predict(X)[:, None])


def test_score_is_d2_with_the_pinball_loss(spread, fitted):
    X, y = spread
    weight = np.random.default_rng(1).integers(1, 4, size=600).astype(float)
    for given in (None, weight):
        found = fitted.score_objectives(X, y, given)
        expected = [
            d2_pinball_score(y, p, alpha=level, sample_weight=given)
            for p, level in zip(fitted.predict(X).T, LEVELS, strict=True)
        ]
        # The constants interpolate a little differently.
        assert_allclose(found, expected, atol=2e-3)
        assert fitted.score(X, y, given) == pytest.approx(found.mean())


@pytest.mark.parametrize("quantiles", [0.5, [0.5], [0.2, 0.1, 0.9], (0.3, 0.1)])
def test_trained_levels_are_predicted_as_they_are(quantiles, spread, fitted):
    X, _ = spread
    trained = dict(zip(LEVELS, fitted.predict(X).T, strict=True))
    if quantiles in (0.5, [0.5], (0.3, 0.1)):
        found = fitted.predict(X, quantiles)
        assert found.ndim == (1 if quantiles == 0.5 else 2)
        columns = [trained[level] for level in np.atleast_1d(quantiles)]
        assert_array_equal(found.reshape(600, -1), np.column_stack(columns))
        return
    found = fitted.predict(X, quantiles=quantiles)
    assert_array_equal(found[:, 1:], np.column_stack([trained[0.1], trained[0.9]]))
    # 0.2 is half way from 0.1 to 0.3.
    assert_allclose(found[:, 0], (trained[0.1] + trained[0.3]) / 2)


def test_intervals(spread, fitted):
    X, _ = spread
    # (1 - 0.8) / 2 is 0.09999999999999998, and still the level 0.1.
    assert_array_equal(fitted.predict_interval(X), fitted.predict(X, [0.1, 0.9]))
    found = fitted.predict_interval(X, coverage=0.5)
    assert_allclose(found, fitted.predict(X, [0.25, 0.75]))
    with pytest.raises(ValueError, match=r"levels from 0\.1 to 0\.9.*'quantiles' par"):
        fitted.predict_interval(X, coverage=0.9)
    for bad in (0, 1, 1.5, "80%", None):
        with pytest.raises(ValueError, match="'coverage' must be a float"):
            fitted.predict_interval(X, coverage=bad)


@pytest.mark.parametrize(
    "bad", [0.05, [0.5, 0.95], [], [[0.5]], "median", [0.5, np.nan]]
)
def test_levels_that_cannot_be_predicted(bad, spread, fitted):
    with pytest.raises(ValueError, match="'quantiles' must"):
        fitted.predict(spread[0], bad)


@pytest.mark.parametrize(
    "bad",
    [
        *(0.0, 1.0, -0.1, [], [0.5, 0.5], [0.9, 0.1], [0.1, 1.0], [[0.1, 0.9]]),
        *(["a"], [0.1, np.nan], "all", None),
    ],
)
def test_bad_levels(bad, spread, no_training):
    X, y = spread
    with pytest.raises(ValueError, match="'quantiles' parameter"):
        model(bad).fit(X, y)


def test_bad_targets_and_weights(spread, no_training):
    X, y = spread
    for name, call in {
        "y has 2 columns": {"y": np.column_stack([y, y])},
        "y holds": {"y": y.astype(complex)},
        "'y' must hold numbers; got 'a'": {"y": np.where(y > 0, "a", "b")},
        "'y' in y contains infinity": {"y": np.where(y > 0, np.inf, y)},
        "'y' has no observed value": {"y": np.full(600, np.nan)},
        "the target y is None": {"y": None},
        r"sample_weight must have shape \(n_samples,\).*'preference'": {
            "sample_weight": np.ones((600, 5))
        },
        r"sample_weight_val must have shape": {
            "X_val": X,
            "y_val": y,
            "sample_weight_val": np.ones((600, 2)),
        },
        "y has 3 columns": {"X_val": X, "y_val": np.ones((600, 3))},
        "sample_weight must hold numbers": {"sample_weight": ["a"] * 600},
    }.items():
        est = model()
        with pytest.raises(ValueError, match=name):
            est.fit(**{"X": X, "y": y, **call})
        assert not hasattr(est, "quantiles_")


def test_a_failed_refit_leaves_the_old_model(spread):
    X, y = spread
    est = model().fit(X, y)
    before = est.predict(X)
    est.set_params(quantiles=[0.9, 0.1])
    with pytest.raises(ValueError, match="increasing"):
        est.fit(X, y)
    assert_array_equal(est.quantiles_, LEVELS)
    assert_array_equal(est.predict(X), before)


def test_score_refuses_weights_of_quantiles(spread, fitted):
    with pytest.raises(ValueError, match="one weight per row"):
        fitted.score(*spread, sample_weight=np.ones((600, 5)))


def test_a_column_is_taken_with_a_warning(spread, fitted):
    X, y = spread
    with pytest.warns(DataConversionWarning, match="column-vector y was passed"):
        found = model().fit(X, y[:, None])
    assert_array_equal(found.predict(X), fitted.predict(X))


def test_rows_without_a_target_are_left_out(spread):
    X, y = spread
    holed = np.where(np.arange(600) % 4 == 0, np.nan, y)
    kept = ~np.isnan(holed)
    found = model().fit(X, holed)
    expected = model().fit(X[kept], y[kept])
    assert_array_equal(found.predict(X), expected.predict(X))
    assert found.score(X, holed) == pytest.approx(expected.score(X[kept], y[kept]))


def test_weights_count_as_repetitions(spread):
    X, y = spread
    weight = np.where(np.arange(600) % 3 == 0, 0.0, 1.0)
    kept = weight > 0
    assert_array_equal(
        model().fit(X, y, sample_weight=weight).predict(X),
        model().fit(X[kept], y[kept]).predict(X),
    )
    even = model().fit(X, y, sample_weight=np.full(600, 0.3)).predict(X)
    assert_allclose(even, model().fit(X, y).predict(X), atol=1e-5)
    high = y > np.median(y)
    heavy = model().fit(X, y, sample_weight=np.where(high, 5.0, 1.0))
    assert (heavy.predict(X) > model().fit(X, y).predict(X)).mean() > 0.8


def test_early_stopping_is_of_each_quantile(spread):
    X, y = spread
    est = model(n_estimators=300, n_iter_no_change=10, learning_rate=0.3)
    est.fit(X[:400], y[:400], X_val=X[400:], y_val=y[400:])
    assert len(set(est.n_iter_)) > 1
    assert est.n_iter_.max() < 300
    best = est.history_["val_loss"].argmin(axis=0) + 1
    assert (np.abs(est.n_iter_ - best) < 40).all()
    held_out = model(early_stopping=True).fit(X, y)
    assert "val_loss" in held_out.history_


def test_a_warm_start_goes_on(spread):
    X, y = spread
    est = model(n_estimators=8, warm_start=True).fit(X, y)
    est.set_params(n_estimators=15).fit(X, y)
    assert est.predict(X).shape == (600, 5)
    assert (est.n_iter_ == 15).all()
    assert_array_equal(est.apply(X)[:, :8], model().fit(X, y).apply(X)[:, :8])
    est.set_params(quantiles=[0.1, 0.9], n_estimators=20)
    with pytest.raises(ValueError, match="'quantiles' parameter was changed"):
        est.fit(X, y)


def test_sparse_and_frames(spread, fitted):
    X, y = spread
    pd = pytest.importorskip("pandas", reason="frames are pandas' or polars'")
    expected = fitted.predict(X)
    # Zeros of a sparse matrix are values, too.
    sparse = model().fit(sp.csr_matrix(X), y)
    assert_array_equal(sparse.predict(sp.csr_matrix(X)), expected)
    frame = pd.DataFrame(X, columns=list("abcd"))
    named = model().fit(frame, pd.Series(y, name="price"))
    assert_array_equal(named.predict(frame), expected)
    assert named.objective_names_ == fitted.objective_names_
    assert named.score(frame, pd.Series(y, name="price")) == fitted.score(X, y)
    with pytest.raises(ValueError, match="y has 2 columns"):
        model().fit(frame, pd.DataFrame({"a": y, "b": y}))


def test_categories():
    pd = pytest.importorskip("pandas", reason="categorical columns are pandas'")
    rng = np.random.default_rng(0)
    place = rng.integers(0, 3, size=400)
    X = pd.DataFrame({"place": pd.Categorical.from_codes(place, list("abc"))})
    y = np.array([0.1, 1.0, 10.0])[place] * rng.normal(size=400)
    low, median, high = model((0.1, 0.5, 0.9), n_estimators=40).fit(X, y).predict(X).T
    widths = [np.mean((high - low)[place == k]) for k in range(3)]
    assert widths[2] > 4 * widths[1] > 8 * widths[0]
    assert (low <= median).all()


def test_a_constant_target():
    X = np.arange(100.0)[:, None]
    found = model().fit(X, np.full(100, 3.0))
    assert_allclose(found.predict(X), 3.0)
    assert found.score(X, np.full(100, 3.0)) == 1


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_units_of_the_target_change_nothing(scale, spread, fitted):
    X, y = spread
    found = model().fit(X, scale * y).predict(X)
    assert_allclose(found / scale, fitted.predict(X), rtol=1e-3, atol=1e-3)


def test_copies(spread, fitted):
    X, y = spread
    loaded = pickle.loads(pickle.dumps(fitted))
    assert_array_equal(loaded.predict(X), fitted.predict(X))
    again = clone(fitted).fit(X, y)
    assert_array_equal(again.predict(X), fitted.predict(X))
    assert repr(model([0.5], heads="auto")).startswith("MultiQuantileRegressor(n_estim")


def test_preference_and_balancers(spread):
    X, y = spread
    tilted = model(preference=[1, 0, 0, 0, 0]).fit(X, y)
    lone = model(0.1).fit(X, y)
    assert_array_equal(tilted.apply(X)[:, 0], lone.apply(X)[:, 0])
    with pytest.raises(ValueError, match=r"'preference' parameter must have shape \(5"):
        model(preference=[1, 2]).fit(X, y)
    assert model(balancer="mgda").fit(X, y).score(X, y) > 0.2


def test_inside_scikit_learns_tools(spread):
    X, y = spread
    est = model(n_estimators=8)
    assert cross_val_predict(est, X, y, cv=3).shape == (600, 5)
    search = GridSearchCV(est, {"quantiles": [(0.2, 0.8)], "num_leaves": [3, 5]}, cv=2)
    pipe = make_pipeline(StandardScaler(), search).fit(X, y)
    assert pipe.predict(X).shape == (600, 2)
    assert pipe.score(X, y) > 0.1

    def median_error(fitted, X, y):
        return -mean_absolute_error(y, fitted.predict(X, quantiles=0.5))

    errors = cross_val_score(est, X, y, cv=3, scoring=median_error)
    assert (errors < 0).all()
    lone = clone(est).set_params(quantiles=0.5)
    scorer = make_scorer(mean_absolute_error, greater_is_better=False)
    assert (cross_val_score(lone, X, y, cv=3, scoring=scorer) < 0).all()
    est.fit(X, y)
    importance = permutation_importance(est, X, y, n_repeats=2, random_state=0)
    assert importance.importances_mean.argmax() == 0
    curves = partial_dependence(est, X, [1], grid_resolution=5)["average"]
    assert curves.shape == (5, 5)
    assert curves[4, -1] - curves[0, -1] > curves[4, 0] - curves[0, 0]
