"""A model from a file, a pickle or a copy is the model that was saved."""

from __future__ import annotations

import copy
import datetime
import io
import pickle
from decimal import Decimal

import joblib
import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import skmo
from skmo.exceptions import ModelFileError
from skmo.persistence._estimators import ESTIMATORS
from skmo.persistence._forms import PLUGINS
from tests.persistence.models import (
    FAST,
    MODELS,
    OwnRegressor,
    Scaled,
    assert_same,
    classifier,
    fitted,
    loaded,
    numbers,
    regressor,
    saved,
)


def through_joblib(est):
    file = io.BytesIO()
    joblib.dump(est, file, compress=3)
    return joblib.load(io.BytesIO(file.getvalue()))


WAYS = {
    "file": lambda est: loaded(saved(est)),
    "pickle": lambda est: pickle.loads(pickle.dumps(est)),
    "joblib": through_joblib,
    "deepcopy": copy.deepcopy,
}


def test_the_models_are_of_all_estimators():
    kinds = {type(fitted(name)[0]).__name__ for name in MODELS}
    assert kinds == set(ESTIMATORS)


@pytest.mark.parametrize("name", MODELS)
def test_nothing_is_lost(name):
    est, X, _ = fitted(name)
    methods = ("predict", "predict_proba", "apply", "predict_objectives")
    expected = {}
    for method in methods:
        if hasattr(est, method) and not (
            method == "predict_objectives" and not hasattr(est, "score_spreads_")
        ):
            expected[method] = getattr(est, method)(X)
    for way, pass_on in WAYS.items():
        found = pass_on(est)
        assert_same(est, found, way)
        for method, values in expected.items():
            assert_same(values, getattr(found, method)(X), f"{way} {method}")
        staged = [list(model.staged_predict(X)) for model in (est, found)]
        assert_same(*staged, way)


def test_a_shallow_copy_shares_the_fitted_model():
    est = regressor()[0]
    copied = copy.copy(est)
    assert copied._result is est._result
    copied.n_jobs = 2
    assert est.n_jobs == 1


def test_pickles_of_models_that_share_trees_hold_them_once():
    est = regressor(n_estimators=20)[0]
    pair = [est, copy.copy(est)]
    assert len(pickle.dumps(pair)) < 1.2 * len(pickle.dumps(est))
    first, second = pickle.loads(pickle.dumps(pair))
    assert first._result is second._result


@pytest.mark.parametrize(
    ("name", "way"),
    [
        *(("blend", way) for way in WAYS),
        *((name, "file") for name in ("boost", "labels", "estimator")),
        *((name, "file") for name in ("bounds", "funnel losses")),
    ],
)
def test_a_warm_start_goes_on_as_from_the_original(name, way):
    est, X, y = fitted(name)
    found = WAYS[way](est)
    for model in (est, found):
        model.set_params(warm_start=True, n_estimators=7).fit(X, y)
        model.history_["seconds"][:] = 0
        model._result.history["seconds"][:] = 0
    assert est._result.forest.n_rounds == 7
    assert_same(est, found)


@pytest.mark.parametrize("name", ["ranker", "ranker of scores"])
def test_a_ranking_goes_on_as_from_the_original(name):
    est, X, y = fitted(name)
    found = loaded(saved(est))
    for model in (est, found):
        model.set_params(warm_start=True, n_estimators=7).fit(X, y, group=[len(X)])
    assert_same(est.predict(X), found.predict(X))


LABELS = {
    "str": ["a", "ü", "\udc80"],
    "long str": ["x" * 3000, "y" * 10],
    "fixed str": np.array(["a", "bcd", ""]),
    "int": [-3, 0, 2**40],
    "uint8": np.array([0, 255], dtype=np.uint8),
    "bool": [False, True],
    "float": [0.0, 2.0, 1e9],
    "one": ["only"],
}


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.filterwarnings("ignore::skmo.exceptions.ConstantTargetWarning")
def test_labels_of_any_type(kind):
    for as_object in (False, True):
        classes = np.array(LABELS[kind])
        if as_object:
            classes = np.array(LABELS[kind], dtype=object)
        est, X, _ = classifier([classes])
        found = loaded(saved(est))
        assert_same(est, found)
        assert_same(est.predict(X), found.predict(X))


def categories():
    pd = pytest.importorskip("pandas", reason="categories come in data frames")
    stamps = pd.DatetimeIndex([f"2020-01-0{day} 03:04:05.678" for day in (1, 2, 3)])
    return {
        "str": ["b", "a", "c"],
        "int": [3, 1, 2],
        "float": [0.5, -1.0, 2.0],
        "bool": [True, False],
        "Timestamp": stamps,
        "UTC": stamps.tz_localize("UTC"),
        "Timedelta": pd.to_timedelta([1, 2, 3], unit="h"),
        "Interval": pd.interval_range(0, 3),
        "Period": pd.period_range("2020-01", periods=3, freq="M"),
        "date": [datetime.date(2020, 1, 1), datetime.date(2020, 1, 3)],
        "datetime": np.array(
            [datetime.datetime(2020, 1, 1, 5), datetime.datetime(2021, 1, 1)], object
        ),
        "Decimal": [Decimal("1.5"), Decimal("0.1")],
    }


def frame(values, n=200, missing=True):
    import pandas as pd

    rng = np.random.default_rng(0)
    codes = rng.integers(0 if not missing else -1, len(values), n)
    column = pd.Series(pd.Categorical.from_codes(codes, pd.Index(values)))
    return pd.DataFrame({"x": rng.normal(size=n), "c": column}), codes


@pytest.mark.parametrize(
    "kind",
    [
        *("str", "int", "float", "bool", "date", "datetime", "Decimal"),
        *("Timestamp", "UTC", "Timedelta", "Interval", "Period"),
    ],
)
def test_categories_of_any_type(kind):
    X, codes = frame(categories()[kind], missing=kind != "int")
    y = codes + 0.1 * X["x"].to_numpy()
    est = skmo.MultiObjectiveRegressor(heads="none", **FAST).fit(
        X, np.column_stack([y, -y])
    )
    for way in ("file", "pickle"):
        found = WAYS[way](est)
        assert_same(est, found)
        assert_same(est.predict(X), found.predict(X))
        assert found.feature_names_in_.tolist() == ["x", "c"]
        with pytest.raises(ValueError, match="feature names"):
            found.predict(X[["c", "x"]])


def test_categories_of_arrays_by_index():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=200), rng.integers(0, 40, 200)])
    Y = np.column_stack([X[:, 1] % 3, X[:, 1] % 5]) + 0.0
    est = skmo.MultiObjectiveRegressor(categorical_features=[1], **FAST).fit(X, Y)
    assert any("cat_threshold" in s.text for s in est._result.forest.structures)
    assert_same(est, loaded(saved(est)))


def test_sparse_rows():
    sp = pytest.importorskip("scipy.sparse", reason="rows may be sparse")
    X, Y = numbers()
    X = sp.csr_matrix(np.nan_to_num(X))
    est = skmo.MultiObjectiveRegressor(**FAST).fit(X, Y)
    assert_same(est.predict(X), loaded(saved(est)).predict(X))


@pytest.mark.parametrize(
    "params",
    [
        {"random_state": np.random.RandomState(3)},
        {"random_state": np.int64(3)},
        {"random_state": None},
        {"preference": (1.0, np.float32(2.0), 3)},
        {"head_params": {"target1": {"num_leaves": 4}}, "heads": "blend"},
        {"lightgbm_params": {"extra_trees": True}},
        {"learning_rate": 0.1 + 0.2},
        {"tol": 0.0, "n_estimators": np.int32(3)},
    ],
)
def test_parameters_come_back_as_they_were(params):
    est, X, _ = regressor(**params)
    found = loaded(saved(est))
    assert_same(est.get_params(), found.get_params())
    assert_same(est.predict(X), found.predict(X))


def test_plugins_of_all_registries():
    """Instances and classes; it does not matter here that this is no balancer."""
    given = [part for cls in PLUGINS.values() for part in (cls(), cls)]
    assert len(set(PLUGINS.values())) == len(PLUGINS)
    est = copy.copy(fitted("regressor")[0]).set_params(balancer=given)
    assert_same(given, loaded(saved(est)).balancer)


def test_wrappers_hold_what_they_wrap():
    from skmo.balancing import CRMOGM, GradVac, RegularisedMinNorm

    inner = GradVac(beta=0.2, random_state=np.random.RandomState(1))
    given = CRMOGM(balancer=RegularisedMinNorm(balancer=inner, penalty=0.3))
    est = regressor(heads="none")[0].set_params(balancer=given)
    found = loaded(saved(est)).balancer
    assert_same(given, found)


def test_settings_of_scikit_learn():
    est = regressor()[0]
    with config_context(enable_metadata_routing=True):
        est.set_fit_request(sample_weight=True, X_val="holdout")
        expected = est.get_metadata_routing()
        for way, pass_on in WAYS.items():
            routing = pass_on(est).get_metadata_routing()
            assert str(routing) == str(expected), way
            assert routing.fit.requests["X_val"] == "holdout"
    assert (
        clone(loaded(saved(est)))._metadata_request.fit.requests["X_val"] == "holdout"
    )


def test_callbacks_of_scikit_learn_are_left_out():
    est = regressor()[0]
    est._skl_callbacks = [print]
    found = loaded(saved(est))
    assert not hasattr(found, "_skl_callbacks")
    assert pickle.loads(pickle.dumps(est))._skl_callbacks == [print]


def test_clones_and_unfitted_ones():
    est = skmo.MultiObjectiveRegressor(objective=Scaled(factor=2.0))
    for found in (clone(est), pickle.loads(pickle.dumps(est)), copy.deepcopy(est)):
        assert repr(found) == repr(est)
        assert isinstance(found.objective, Scaled)
    with pytest.raises(NotFittedError):
        saved(est)


def test_objects_of_the_users_own():
    est, X, _ = regressor(objective=Scaled(factor=2.0), heads="blend")
    for way in ("pickle", "joblib", "deepcopy"):
        assert_same(est, WAYS[way](est))
    with pytest.raises(ModelFileError, match=r"objective is Scaled\(factor=2.0\)"):
        saved(est)
    content = saved(est, custom_objects=[Scaled])
    with pytest.raises(ModelFileError, match=r"custom_objects=\[Scaled\]"):
        loaded(content)
    found = loaded(content, custom_objects=[Scaled])
    assert_same(est, found)
    assert_same(est.predict(X), found.predict(X))
    # LightGBM does not have it, so that its heads are of skmo's own trees.
    kinds = {type(head.trees).__name__ for head in found._result.heads if head}
    assert kinds == {"_ForestTrees"}


def test_estimators_and_functions_of_the_users_own():
    X, Y = numbers()
    est = OwnRegressor(lightgbm_params=None, **FAST).fit(X, Y)
    est.note_ = numbers
    assert_same(est, pickle.loads(pickle.dumps(est)))
    with pytest.raises(ModelFileError, match="OwnRegressor is a class of your own"):
        saved(est, custom_objects=[numbers])
    content = saved(est, custom_objects=[numbers, OwnRegressor])
    with pytest.raises(ModelFileError, match="'OwnRegressor', which is no estimator"):
        loaded(content, custom_objects=[numbers])
    found = loaded(content, custom_objects=[OwnRegressor, numbers])
    assert type(found) is OwnRegressor
    assert found.note_ is numbers
    assert_same(est.predict(X), found.predict(X))


@pytest.mark.parametrize(
    ("custom", "message"),
    [
        ([Scaled()], "must hold classes and functions"),
        (["Scaled"], "must hold classes and functions"),
        ([Scaled, type("Scaled", (), {})], "two objects named 'Scaled'"),
    ],
)
def test_custom_objects_are_named(custom, message):
    est = regressor()[0]
    with pytest.raises(ModelFileError, match=message):
        saved(est, custom_objects=custom)
    with pytest.raises(ModelFileError, match=message):
        loaded(saved(est), custom_objects=custom)


class Opaque:
    pass


@pytest.mark.parametrize(
    ("params", "where"),
    [
        ({"lightgbm_params": {"x": Opaque()}}, r"lightgbm_params\['x'\] is <"),
        ({"preference": [1, {2}]}, r"preference\[1\] is \{2\} \(builtins.set\)"),
        ({"objective": [Opaque]}, r"objective\[0\] is <class"),
        ({"preference": np.zeros(3, dtype=[("a", "f4")])}, "preference is array"),
        ({"preference": np.array([1, Opaque()], dtype=object)}, r"preference\[1\] is"),
        ({"random_state": np.random.RandomState(np.random.PCG64(0))}, "MT19937"),
    ],
)
def test_what_files_do_not_hold_is_named(params, where, tmp_path):
    est = regressor()[0].set_params(**params)
    path = tmp_path / "model.skmo"
    with pytest.raises(ModelFileError, match=where):
        est.save_model(path)
    assert list(tmp_path.iterdir()) == []


def test_custom_instances_tell_their_parameters():
    est = regressor()[0].set_params(objective=Opaque())
    with pytest.raises(ModelFileError, match="Opaque, which has no get_params"):
        saved(est, custom_objects=[Opaque])
