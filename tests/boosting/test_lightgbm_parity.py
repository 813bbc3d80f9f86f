"""One objective is plain LightGBM: the same trees, the same predictions."""

import lightgbm as lgb
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo import MultiObjectiveClassifier, MultiObjectiveEstimator
from skmo.boosting._tree import TreeGrower
from skmo.objectives import Huber, Objective, Poisson, Quantile, Tweedie

DETERMINISTIC = {"deterministic": True, "force_col_wise": True, "verbosity": -1}

# Objective, LightGBM's name and parameters, targets from a signal.
CASES = {
    "squared_error": ("squared_error", {"objective": "regression"}, lambda f, r: f),
    "absolute_error": (
        "absolute_error",
        {"objective": "regression_l1"},
        lambda f, r: f,
    ),
    "quantile": (
        Quantile(alpha=0.8),
        {"objective": "quantile", "alpha": 0.8},
        lambda f, r: f,
    ),
    "poisson": (
        Poisson(max_delta_step=0.5),
        {"objective": "poisson", "poisson_max_delta_step": 0.5},
        lambda f, r: r.poisson(np.exp(f / 3)),
    ),
    "gamma": (
        "gamma",
        {"objective": "gamma"},
        lambda f, r: np.exp(f / 3) * r.gamma(2, size=len(f)),
    ),
    "tweedie": (
        Tweedie(power=1.3),
        {"objective": "tweedie", "tweedie_variance_power": 1.3},
        lambda f, r: np.maximum(f, 0),
    ),
    "binary": ("binary", {"objective": "binary"}, lambda f, r: (f > 0) * 1.0),
    "cross_entropy": (
        "cross_entropy",
        {"objective": "cross_entropy"},
        lambda f, r: 1 / (1 + np.exp(-f)),
    ),
}

SETTINGS = {
    "default": {},
    "penalties": {"reg_alpha": 2.0, "reg_lambda": 3.0, "min_split_gain": 0.5},
    "small trees": {"num_leaves": 7, "max_depth": 3, "min_child_samples": 5},
    "row sampling": {"subsample": 0.6, "subsample_freq": 2},
    "half of the rows": {"subsample": 0.4, "subsample_freq": 1},
    "half of the columns": {"colsample_bytree": 0.5},
    "rows and columns": {
        "colsample_bytree": 0.7,
        "subsample": 0.8,
        "subsample_freq": 1,
    },
    "few bins": {"max_bin": 15, "learning_rate": 0.3},
}


@pytest.fixture(scope="module")
def signal():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2500, 8))
    f = X[:, 0] + np.sin(3 * X[:, 1]) + X[:, 2] * X[:, 3]
    return X, f + rng.normal(size=len(X))


def lightgbm_fit(X, y, params, weight=None, rounds=60, **data):
    params = {**DETERMINISTIC, "seed": 0, **params}
    return lgb.train(params, lgb.Dataset(X, y, weight=weight, **data), rounds)


def skmo_fit(X, y, objective, weight=None, rounds=60, **settings):
    estimator = MultiObjectiveEstimator(
        objectives=[objective], n_estimators=rounds, random_state=0, **settings
    )
    return estimator.fit(X, y, sample_weight=weight)


# LightGBM weighs quantiles by another interpolation, and its cross_entropy by
# another loss than the weighted sum.
WEIGHTED = [
    c for c in CASES if c not in ("absolute_error", "quantile", "cross_entropy")
]


@pytest.mark.parametrize(
    ("case", "weighted"), [(c, False) for c in CASES] + [(c, True) for c in WEIGHTED]
)
def test_every_objective(signal, case, weighted):
    X, f = signal
    objective, params, target = CASES[case]
    rng = np.random.default_rng(1)
    y = target(f, rng)
    weight = None
    if weighted:
        weight = rng.uniform(0.5, 2.0, len(y))
    # Rows whose residual LightGBM rounds to another side of 0 turn a quantile's
    # gradient: its trees agree until then.
    rounds = 10 if case in ("absolute_error", "quantile") else 60
    reference = lightgbm_fit(X, y, params, weight, rounds=rounds)
    estimator = skmo_fit(X, y, objective, weight, rounds=rounds)
    expected = reference.predict(X)
    assert_array_equal(
        estimator.apply(X), reference.predict(X, pred_leaf=True).astype(np.int32)
    )
    assert_allclose(
        estimator.predict(X), expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max()
    )


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("case", ["squared_error", "binary"])
def test_every_setting(signal, case, setting):
    X, f = signal
    objective, params, target = CASES[case]
    y = target(f, np.random.default_rng(1))
    # Two thresholds with no row of the bag between them gain the same; rounding
    # chooses, and the rows out of the bag go different ways from there on.
    rounds = 60 if SETTINGS[setting].get("subsample", 1.0) == 1.0 else 20
    reference = lightgbm_fit(X, y, {**params, **SETTINGS[setting]}, rounds=rounds)
    estimator = skmo_fit(X, y, objective, rounds=rounds, **SETTINGS[setting])
    expected = reference.predict(X)
    assert_array_equal(
        estimator.apply(X), reference.predict(X, pred_leaf=True).astype(np.int32)
    )
    assert_allclose(
        estimator.predict(X), expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max()
    )


def test_huber_from_the_same_start(signal):
    """LightGBM starts Huber at the mean, skmo at the minimiser of the loss."""
    X, f = signal
    y = np.where(np.arange(len(f)) % 50 == 0, f + 100, f)  # outliers part the two
    params = {"objective": "huber", "alpha": 1.0}
    estimator = skmo_fit(X, y, Huber(delta=1.0, units="target"), rounds=20)
    start = estimator._result.coder
    constant = start.centre[0] + start.init_scores[0]
    assert abs(constant - y.mean()) > 1.0
    # Without its own start, from skmo's, LightGBM gives the same model.
    reference = lightgbm_fit(
        X,
        y,
        {**params, "boost_from_average": False},
        rounds=20,
        init_score=np.full(len(y), constant),
    )
    assert_allclose(
        estimator.predict(X), constant + reference.predict(X), rtol=1e-5, atol=1e-4
    )


def test_boost_from_average_can_be_told_apart(signal):
    """Where LightGBM is told to start at 0, the first trees differ."""
    X, f = signal
    y = f + 100.0
    average = lightgbm_fit(X, y, {"objective": "regression"}, rounds=5)
    zero = lightgbm_fit(
        X, y, {"objective": "regression", "boost_from_average": False}, rounds=5
    )
    estimator = skmo_fit(X, y, "squared_error", rounds=5)
    assert_allclose(estimator.predict(X), average.predict(X), rtol=1e-5)
    assert np.abs(estimator.predict(X) - zero.predict(X)).min() > 10.0


def test_without_the_constant_hessian(signal):
    """Weights of 1 make LightGBM drop its constant Hessian: nothing changes."""
    X, f = signal
    ones = np.ones(len(f))
    plain = skmo_fit(X, f, "squared_error")
    weighted = skmo_fit(X, f, "squared_error", weight=ones)
    assert_array_equal(plain.predict(X), weighted.predict(X))
    reference = lightgbm_fit(X, f, {"objective": "regression"}, weight=ones)
    assert_allclose(weighted.predict(X), reference.predict(X), rtol=1e-5, atol=1e-5)


def test_many_versus_many_categories(signal):
    """Leaves of categorical splits carry LightGBM's cat_l2."""
    X, f = signal
    rng = np.random.default_rng(2)
    X = X.copy()
    X[:, 4] = rng.integers(0, 40, len(X))
    y = f + 3 * rng.normal(size=40)[X[:, 4].astype(int)]
    reference = lightgbm_fit(X, y, {"objective": "regression"}, categorical_feature=[4])
    estimator = skmo_fit(X, y, "squared_error", categorical_features=[4])
    assert "num_cat=0" not in reference.model_to_string(num_iteration=1)
    assert_allclose(estimator.predict(X), reference.predict(X), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["missing", "sparse"])
def test_missing_and_sparse_features(signal, kind):
    import scipy.sparse as sp

    X, f = signal
    rng = np.random.default_rng(3)
    holes = rng.random(X.shape) < 0.3
    X = np.where(holes, np.nan if kind == "missing" else 0.0, X)
    if kind == "sparse":
        X = sp.csr_matrix(X)
    reference = lightgbm_fit(X, f, {"objective": "regression"})
    estimator = skmo_fit(X, f, "squared_error")
    assert_allclose(estimator.predict(X), reference.predict(X), rtol=1e-5, atol=1e-5)


def test_early_stopping(signal):
    X, f = signal
    train, val = slice(0, 1500), slice(1500, None)
    data = lgb.Dataset(X[train], f[train])
    reference = lgb.train(
        {**DETERMINISTIC, "objective": "regression", "learning_rate": 0.2},
        data,
        500,
        valid_sets=[data.create_valid(X[val], f[val])],
        callbacks=[lgb.early_stopping(20, verbose=False)],
    )
    estimator = MultiObjectiveEstimator(
        objectives=["squared_error"],
        n_estimators=500,
        learning_rate=0.2,
        n_iter_no_change=20,
    ).fit(X[train], f[train], X_val=X[val], y_val=f[val])
    assert estimator.n_iter_[0] == reference.best_iteration < 480
    assert len(estimator.history_["seconds"]) == reference.best_iteration + 20
    assert_allclose(estimator.predict(X), reference.predict(X), rtol=1e-5, atol=1e-5)


def test_classifier(signal):
    X, f = signal
    y = np.where(f > 0.5, "yes", "no")
    reference = lgb.LGBMClassifier(n_estimators=50, **DETERMINISTIC).fit(X, y)
    estimator = MultiObjectiveClassifier(n_estimators=50).fit(X, y)
    assert_array_equal(estimator.classes_, reference.classes_)
    assert_array_equal(estimator.predict(X), reference.predict(X))
    assert_allclose(
        estimator.predict_proba(X), reference.predict_proba(X), rtol=1e-5, atol=1e-6
    )


class SquaredLog(Objective):
    """A user's own loss, to be trained by LightGBM as a custom objective."""

    def init_score(self, target, weight):
        return np.array([np.average(np.log1p(target), weights=weight)])

    def loss(self, target, score):
        return 0.5 * (score - np.log1p(target)) ** 2

    def gradient_hessian(self, target, score, gradient, hessian):
        np.subtract(score, np.log1p(target), out=gradient)
        hessian[...] = 1.0

    def inverse_link(self, score):
        return np.expm1(score)


def test_a_users_own_objective(signal):
    X, f = signal
    y = np.exp(f)
    reference = lightgbm_fit(X, np.log1p(y), {"objective": "regression"})
    estimator = skmo_fit(X, y, SquaredLog())
    assert_allclose(
        np.log1p(estimator.predict(X)), reference.predict(X), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("n_rows", [100, 1024, 1500, 4096])
@pytest.mark.parametrize("fraction", [0.3, 0.8])
def test_the_bag_is_lightgbms(n_rows, fraction):
    """The rows counted in LightGBM's leaves are the rows of the repeated draw."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, 4))
    target = X[:, 0].astype(np.float32)
    grower = TreeGrower(
        X,
        {"bagging_fraction": fraction, "bagging_freq": 2, "min_data_in_leaf": 3},
        bagging_seed=7,
    )
    previous = None
    for t in range(6):
        noise = rng.normal(size=n_rows).astype(np.float32)
        tree = grower.grow(target + noise, np.ones(n_rows, np.float32))
        text = grower._booster.model_to_string(start_iteration=t, num_iteration=1)
        counts = text.split("leaf_count=")[1].split("\n")[0].split()
        assert_array_equal(
            np.bincount(tree.leaf[tree.bag], minlength=tree.n_leaves),
            np.array(counts, dtype=int),
        )
        if t % 2 == 1:
            assert_array_equal(tree.bag, previous)
        elif previous is not None:
            assert (tree.bag != previous).any()
        previous = tree.bag
