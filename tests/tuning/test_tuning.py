"""What a tuner's trials come to."""

from __future__ import annotations

import numpy as np
import pytest
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from sklearn.base import clone
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skmo import MultiObjectiveRegressor
from tests.tuning.fakes import (
    FIRST,
    SECOND,
    TradeOff,
    X,
    Y,
    parameters,
    tuner,
)


def test_front_is_what_no_trial_dominates():
    search = tuner(n_trials=25, cv=3).fit(X, Y)
    tried = parameters(search)
    assert len(tried) == 25
    scores = np.array(
        [[p["x"] - p["y"], 1 - p["x"] ** 2 - p["y"]] for p in tried], dtype=float
    )
    front = [
        i
        for i, own in enumerate(scores)
        if not any((o >= own).all() and (o > own).any() for o in scores)
    ]
    assert search.pareto_index_.tolist() == front
    np.testing.assert_allclose(search.pareto_front_, scores[front], rtol=1e-12)
    assert [dict(p) for p in search.pareto_params_] == [tried[i] for i in front]
    assert search.objective_names_ == ["first", "second"]
    # Optuna agrees on who is best.
    best = sorted(trial.number for trial in search.study_.best_trials)
    assert search.cv_results_["trial"][search.pareto_index_].tolist() == best
    assert search.cv_results_["pareto_efficient"].sum() == len(front)
    np.testing.assert_allclose(search.reference_point_, scores.min(axis=0))
    assert search.hypervolume_ > 0
    assert search.n_splits_ == 3


def test_scores_are_those_of_cross_validation():
    model = MultiObjectiveRegressor(n_estimators=5, heads="none", random_state=0)
    space = {
        "num_leaves": IntDistribution(2, 16, log=True),
        "learning_rate": FloatDistribution(0.1, 0.5, log=True),
    }
    objectives = {"first": FIRST, "second": SECOND}
    cv = KFold(3, shuffle=True, random_state=1)
    search = tuner(
        model, space, preference_param="preference", objectives=objectives, cv=cv
    ).fit(X, Y)
    results = search.cv_results_
    for i, params in enumerate(results["params"]):
        assert set(params) == {"num_leaves", "learning_rate", "preference"}
        own = clone(model).set_params(**params)
        for name, scorer in objectives.items():
            expected = cross_val_score(own, X, Y, scoring=scorer, cv=cv)
            folds = [results[f"split{j}_test_{name}"][i] for j in range(3)]
            np.testing.assert_allclose(folds, expected, rtol=1e-12)
            assert results[f"mean_test_{name}"][i] == pytest.approx(expected.mean())
            assert results[f"std_test_{name}"][i] == pytest.approx(expected.std())
    told = [trial.values for trial in search.study_.trials]
    means = [results[f"mean_test_{name}"] for name in objectives]
    np.testing.assert_allclose(told, np.transpose(means), rtol=1e-12)


def test_models_of_the_front_are_fitted_on_all_rows():
    model = MultiObjectiveRegressor(n_estimators=5, heads="none", random_state=0)
    search = tuner(
        model,
        {"num_leaves": IntDistribution(2, 16)},
        objectives={"first": FIRST, "second": SECOND},
        preference_param="preference",
    ).fit(X, Y)
    assert len(search.pareto_estimators_) == len(search.pareto_front_)
    for params, fitted in zip(
        search.pareto_params_, search.pareto_estimators_, strict=True
    ):
        expected = clone(model).set_params(**params).fit(X, Y).predict(X)
        np.testing.assert_array_equal(fitted.predict(X), expected)
    fits = [id(fitted) for fitted in search.pareto_estimators_]
    for k in (0, 1):
        index = search.select(preference=np.eye(2)[k])
        assert search.best_estimator_ is search.pareto_estimators_[index]
        assert search.best_scores_[k] == search.pareto_front_[:, k].max()
        np.testing.assert_array_equal(
            search.predict(X), search.pareto_estimators_[index].predict(X)
        )
    assert [id(fitted) for fitted in search.pareto_estimators_] == fits


def test_points_of_the_same_parameters_share_a_model():
    space = {"x": CategoricalDistribution([0.25, 0.75])}
    TradeOff.fits = 0
    search = tuner(TradeOff(y=0.0), space, n_trials=6).fit(X, Y)
    assert len(search.pareto_front_) == 6
    assert TradeOff.fits == 6 * 2 + 2
    for params, model in zip(
        search.pareto_params_, search.pareto_estimators_, strict=True
    ):
        assert model.x == params["x"]


def test_first_trial_has_the_estimator_s_own_parameters():
    search = tuner(TradeOff(x=0.125, y=7.0)).fit(X, Y)
    assert parameters(search)[0] == {"x": 0.125, "y": 1.0}
    search = tuner(space={}, preference_param="preference").fit(X, Y)
    assert search.cv_results_["params"][0]["preference"] == pytest.approx([0.5, 0.5])


def test_default_space_and_no_refit():
    model = MultiObjectiveRegressor(n_estimators=3, heads="none", random_state=0)
    search = tuner(
        model,
        None,
        objectives={"first": FIRST, "second": SECOND},
        n_trials=3,
        refit=False,
        selection={"preference": [1, 0]},
    ).fit(X, Y)
    assert {"num_leaves", "learning_rate"} <= set(search.best_params_)
    assert not hasattr(search, "best_estimator_")
    assert not hasattr(search, "predict")


def test_function_as_space_may_set_different_parameters():
    def space(trial):
        params = {"x": trial.suggest_float("x", 0, 1)}
        if params["x"] > 0.5:
            params["y"] = trial.suggest_categorical("height", [0.0, 0.5]) / 2
        return params

    search = tuner(space=space, n_trials=10).fit(X, Y)
    tried = search.cv_results_["params"]
    assert {tuple(p) for p in tried} == {("x",), ("x", "y")}
    masked = np.ma.getmaskarray(search.cv_results_["param_y"])
    assert masked.tolist() == [p["x"] <= 0.5 for p in tried]
    assert {p["y"] for p in tried if "y" in p} <= {0.0, 0.25}
    for params, model in zip(
        search.pareto_params_, search.pareto_estimators_, strict=True
    ):
        assert (model.x, model.y) == (params["x"], params.get("y", 0.5))


def test_what_a_space_returns_is_not_fitted_itself():
    models = [TradeOff(x=0.5), TradeOff(x=0.75)]

    def space(trial):
        return {"model": models[trial.suggest_int("which", 0, 1)]}

    estimator = Pipeline([("scale", StandardScaler()), ("model", TradeOff())])
    search = tuner(estimator, space).fit(X, Y)
    assert {m["model"].x for m in search.pareto_estimators_} == {0.5, 0.75}
    assert not any(hasattr(model, "objective_names_") for model in models)


def test_fold_without_a_score_is_left_out_for_all():
    def second(estimator, X, y):
        return np.nan if X[0, 0] == X0 else 1.0 - estimator.x

    X0 = X[0, 0]  # the first row is in the first test part
    objectives = {"first": lambda e, X, y: e.x, "second": second}
    with pytest.warns(UserWarning, match="No fit has a score of 'second'"):
        search = tuner(objectives=objectives, cv=3).fit(X, Y)
    x = np.array([p["x"] for p in parameters(search)])
    np.testing.assert_allclose(search.cv_results_["mean_test_second"], 1 - x)
    assert len(search.pareto_front_) == 6
