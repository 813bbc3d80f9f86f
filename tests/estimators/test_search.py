"""Searches, selections and wrappers of scikit-learn around the estimators."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.compose import (
    ColumnTransformer,
    TransformedTargetRegressor,
    make_column_selector,
)
from sklearn.ensemble import BaggingRegressor, StackingRegressor, VotingRegressor
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import RFE, SelectFromModel
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    HalvingRandomSearchCV,
    KFold,
    cross_validate,
    learning_curve,
    validation_curve,
)
from sklearn.multioutput import MultiOutputRegressor, RegressorChain
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from skmo import MultiObjectiveEstimator, MultiObjectiveRegressor
from skmo.metrics import make_scorer, r2_score

FAST = {
    "n_estimators": 6,
    "num_leaves": 5,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
}
FOLDS = KFold(2, shuffle=True, random_state=0)


@pytest.fixture
def model():
    return MultiObjectiveRegressor(**FAST)


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def trade_off():
    """A grid with a setting that is best on average and worst for one objective.

    Both targets follow the first feature; the second is noisy, so that many
    leaves of few rows help the first and harm the second.
    """
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    Y = np.column_stack([np.sin(4 * X[:, 0]), X[:, 0] + 2 * rng.normal(size=300)])
    grid = {"num_leaves": [2, 4], "n_estimators": [5, 30]}
    est = MultiObjectiveRegressor(**FAST, min_child_samples=5, learning_rate=0.3)
    return est, grid, X, Y


def safe_best(results):
    """The best mean among the settings where no objective falls below the first's."""
    names = [name for name in results if name.startswith("mean_test_target")]
    scores = np.column_stack([results[name] for name in names])
    safe = (scores >= scores[0]).all(axis=1)
    return int(np.argmax(np.where(safe, results["mean_test_mean"], -np.inf)))


def test_refit_by_a_callable_over_all_objectives():
    est, grid, X, Y = trade_off()
    scoring = make_scorer(combine=None)
    search = GridSearchCV(est, grid, scoring=scoring, refit=safe_best, cv=FOLDS)
    search.fit(X, Y)
    results = search.cv_results_
    greedy = int(np.argmax(results["mean_test_mean"]))
    first = [results[f"mean_test_target{k}"][0] for k in range(2)]
    chosen = [results[f"mean_test_target{k}"][search.best_index_] for k in range(2)]
    # The greatest mean is bought with one objective's score; the choice is not.
    assert any(
        results[f"mean_test_target{k}"][greedy] < first[k] - 0.05 for k in range(2)
    )
    assert all(now >= before for now, before in zip(chosen, first, strict=True))
    assert chosen[0] > first[0] + 0.3
    best = clone(est).set_params(**search.best_params_).fit(X, Y)
    assert_array_equal(search.predict(X), best.predict(X))


def test_a_scorer_per_objective_is_a_metric_each(model, real):
    X, Y = real
    scoring = {f"target {k}": make_scorer("r2", objective=k) for k in range(3)}
    found = cross_validate(model, X, Y, cv=FOLDS, scoring=scoring)
    for k in range(3):
        expected = []
        for train, test in FOLDS.split(X):
            fold = clone(model).fit(X[train], Y[train])
            expected.append(r2_score(Y[test, k], fold.predict(X[test])[:, k]))
        assert_allclose(found[f"test_target {k}"], expected)


def test_grid_in_a_pipeline_with_a_column_transformer():
    pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
    rng = np.random.default_rng(0)
    town = rng.choice(["Rome", "Oslo", "Bonn"], 240)
    X = pd.DataFrame({"a": 100 * rng.normal(size=240), "b": rng.normal(size=240)})
    X["town"] = pd.Categorical(town)
    effect = pd.Series(town).map({"Bonn": 2.0, "Oslo": -3.0, "Rome": 2.0}).to_numpy()
    Y = pd.DataFrame({"u": X["a"] / 100, "v": effect})
    columns = ColumnTransformer(
        [("scale", StandardScaler(), make_column_selector(dtype_include=float))],
        remainder="passthrough",
        verbose_feature_names_out=False,
    )
    pipe = Pipeline([("columns", columns), ("model", MultiObjectiveRegressor(**FAST))])
    pipe.set_output(transform="pandas")  # so that categories stay what they are
    search = GridSearchCV(
        pipe,
        {"model__learning_rate": [1e-6, 0.5], "columns__scale__with_mean": [True]},
        scoring=make_scorer(combine=None),
        refit="min",
        cv=FOLDS,
        error_score="raise",
    ).fit(X, Y)
    assert search.best_params_["model__learning_rate"] == 0.5
    best = search.best_estimator_["model"]
    assert best.feature_names_in_.tolist() == ["a", "b", "town"]
    assert best._features.categorical == [2]
    assert search.cv_results_["mean_test_v"].max() > 0.8
    nested = cross_validate(search, X, Y, cv=FOLDS, scoring="r2")
    assert nested["test_score"].min() > 0.7


@pytest.mark.parametrize("resource", ["n_samples", "n_estimators"])
def test_halving_search(resource, model, real):
    X, Y = real
    space = {"learning_rate": [1e-6, 1e-5, 0.2, 0.3], "num_leaves": [3, 5, 7]}
    limits = {"max_resources": 16, "min_resources": 4}
    if resource == "n_samples":
        limits = {"max_resources": 200, "min_resources": 50}
    search = HalvingRandomSearchCV(
        model,
        space,
        n_candidates=8,
        factor=2,
        resource=resource,
        cv=FOLDS,
        random_state=0,
        error_score="raise",
        **limits,
    ).fit(X, Y)
    assert search.n_iterations_ == 3
    assert search.best_params_["learning_rate"] >= 0.2
    expected = clone(model).set_params(**search.best_params_).fit(X, Y)
    assert_array_equal(search.predict(X), expected.predict(X))


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("per_target", [False, True])
def test_weights_and_groups_are_routed_through_a_search(per_target, model, real):
    X, Y = real
    rng = np.random.default_rng(0)
    shape = Y.shape if per_target else (len(X),)
    weight = rng.integers(0, 3, shape).astype(float)
    groups = rng.integers(0, 6, len(X))
    model.set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
    pipe = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), model)
    # scikit-learn 1.6 asks the pipeline itself, too.
    pipe.set_score_request(sample_weight=True)
    folds = GroupKFold(3)
    space = {"multiobjectiveregressor__num_leaves": [5]}
    search = GridSearchCV(pipe, space, cv=folds, error_score="raise")
    search.fit(X, Y, sample_weight=weight, groups=groups)
    scores = []
    for train, test in folds.split(X, groups=groups):
        assert not set(groups[train]) & set(groups[test])
        scaler = StandardScaler().fit(X[train])
        fold = MultiObjectiveRegressor(**FAST).fit(
            scaler.transform(X[train]), Y[train], sample_weight=weight[train]
        )
        scores.append(fold.score(scaler.transform(X[test]), Y[test], weight[test]))
    assert_allclose(search.best_score_, np.mean(scores))


@pytest.mark.usefixtures("routing")
def test_validation_rows_are_routed_through_a_search(model, real):
    """Whole to every fold: they have not as many rows as X."""
    X, Y = real
    model.set_params(n_iter_no_change=1)
    model.set_fit_request(X_val=True, y_val=True)
    search = GridSearchCV(model, {"num_leaves": [5]}, cv=FOLDS, error_score="raise")
    search.fit(X[:200], Y[:200], X_val=X[200:], y_val=Y[200:])
    expected = MultiObjectiveRegressor(**FAST).set_params(n_iter_no_change=1)
    expected.fit(X[:200], Y[:200], X_val=X[200:], y_val=Y[200:])
    history = search.best_estimator_.history_
    assert_array_equal(history["val_loss"], expected.history_["val_loss"])


@pytest.mark.parametrize("own_names", [False, True])
def test_transformed_targets(own_names, model, real):
    X, Y = real
    if own_names:
        pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
        Y = pd.DataFrame(Y, columns=["u", "v", "w"])
    wrapped = TransformedTargetRegressor(model, func=np.arcsinh, inverse_func=np.sinh)
    weight = np.arange(len(X)) % 3 + 1.0
    wrapped.fit(X, Y, sample_weight=weight)
    alone = clone(model).fit(X, np.arcsinh(np.asarray(Y)), sample_weight=weight)
    assert_allclose(wrapped.predict(X), np.sinh(alone.predict(X)))
    # It hands on an array: the names are lost.
    assert wrapped.regressor_.objective_names_ == ["target0", "target1", "target2"]
    search = GridSearchCV(wrapped, {"regressor__num_leaves": [3, 5]}, cv=FOLDS)
    assert search.fit(X, Y).best_params_["regressor__num_leaves"] in (3, 5)


def test_transformed_targets_must_all_be_observed(model, holed):
    """scikit-learn checks them before the transformer and skmo see them."""
    X, Y = holed
    wrapped = TransformedTargetRegressor(model, func=np.arcsinh, inverse_func=np.sinh)
    with pytest.raises(ValueError, match="Input y contains NaN"):
        wrapped.fit(X, Y)
    # Which the function itself does not mind.
    model.fit(X, np.arcsinh(Y))


def test_selection_by_importance(model, real):
    X, Y = real  # only the first two features matter
    assert RFE(model, n_features_to_select=2).fit(X, Y).support_[:2].all()
    assert SelectFromModel(model, max_features=2).fit(X, Y).get_support()[:2].all()

    def of_target_0(fitted):
        return fitted.objective_importances_[0]

    for selector in (
        SelectFromModel(model, max_features=1, importance_getter=of_target_0),
        SelectFromModel(
            model,
            max_features=1,
            threshold=-np.inf,
            # scikit-learn's norm over the objectives' rows.
            importance_getter="objective_importances_",
        ),
        RFE(model, n_features_to_select=1, importance_getter=of_target_0),
    ):
        assert selector.fit(X, Y).get_support().sum() == 1
    assert (
        RFE(model, n_features_to_select=1, importance_getter=of_target_0)
        .fit(X, Y)
        .support_.argmax()
        == 0
    )
    pipe = make_pipeline(SelectFromModel(model, max_features=2), clone(model))
    assert pipe.fit(X, Y).predict(X).shape == Y.shape


def test_curves(model, real):
    X, Y = real
    scoring = make_scorer("r2", objective=0)
    sizes, _, test = learning_curve(
        model, X, Y, cv=FOLDS, train_sizes=[0.3, 1.0], scoring=scoring
    )
    assert sizes.tolist() == [45, 150]
    assert np.isfinite(test).all()
    _, test = validation_curve(
        model, X, Y, param_name="learning_rate", param_range=[1e-6, 0.3], cv=FOLDS
    )
    assert (test[1] > test[0] + 0.2).all()


def test_ensembles_of_estimators(model, real):
    X, Y = real
    bags = BaggingRegressor(model, n_estimators=3, random_state=0).fit(X, Y)
    assert_allclose(bags.predict(X), np.mean([e.predict(X) for e in bags], axis=0))
    y, plain = Y[:, 0], clone(model).fit(X, Y[:, 0]).predict(X)
    votes = VotingRegressor([("a", model), ("b", model)]).fit(X, y)
    assert_array_equal(votes.predict(X), plain)
    stack = StackingRegressor([("a", model)], LinearRegression(), cv=FOLDS).fit(X, y)
    final = stack.final_estimator_
    assert_allclose(stack.predict(X), final.predict(plain[:, None]))
    for wrapper in (MultiOutputRegressor(model), RegressorChain(model)):
        found = wrapper.fit(X, Y).predict(X)
        assert_array_equal(found[:, 0], plain)


def test_nested_parameters_are_set(real):
    X, Y = real
    pipe = Pipeline(
        [
            ("scale", StandardScaler()),
            ("target", TransformedTargetRegressor(MultiObjectiveEstimator(**FAST))),
        ]
    )
    pipe.set_params(target__regressor__num_leaves=3, target__regressor__balancer="mgda")
    names = pipe.get_params()
    assert names["target__regressor__balancer"] == "mgda"
    pipe.fit(X, Y)
    inner = pipe["target"].regressor_
    assert inner.num_leaves == 3
    assert inner.apply(pipe["scale"].transform(X)).max() < 3
