"""Predictions as data frames."""

from __future__ import annotations

import pickle
import sys

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_predict,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmo import (
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRanker,
    MultiObjectiveRegressor,
    compare,
)
from skmo.metrics import make_scorer
from skmo.objectives import SquaredError
from skmo.pareto import ParetoSearchCV

pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
pl = pytest.importorskip("polars", reason="an optional library")

FAST = {"n_estimators": 5, "num_leaves": 5, "n_jobs": 1, "random_state": 0}
QUICK = {**FAST, "heads": "none"}
N = 160
NAMES = ["u", "v"]
FRAMES = {"pandas": pd.DataFrame, "polars": pl.DataFrame}
FOLDS = KFold(2)


class OwnLoss(SquaredError):
    """A user's objective."""


def data(kind=MultiObjectiveRegressor):
    """Features with an index of their own, targets with names, fit's parameters."""
    rng = np.random.default_rng(0)
    index = [f"row {i}" for i in range(N)]
    X = pd.DataFrame(rng.normal(size=(N, 3)), columns=list("abc"), index=index)
    Y = pd.DataFrame({"u": X["a"], "v": X["b"] - X["a"]}, index=index)
    params = {}
    if kind is not MultiObjectiveRegressor:
        Y = np.logical_and.accumulate(Y > -0.5, axis=1).astype(int)
    if kind is MultiObjectiveEstimator:
        Y["v"] = X["b"]
    if kind is MultiObjectiveRanker:
        params = {"qid": np.arange(N) // 10}
    return X, Y, params


def fitted(kind):
    X, Y, params = data(kind)
    model = kind(**(FAST if kind is MultiObjectiveRanker else QUICK))
    return model.fit(X, Y, **params), X


METHODS = [
    (MultiObjectiveRegressor, "predict"),
    (MultiObjectiveClassifier, "predict"),
    (MultiObjectiveEstimator, "predict"),
    (EntireSpaceClassifier, "predict"),
    (EntireSpaceClassifier, "predict_proba"),
    (EntireSpaceClassifier, "predict_log_proba"),
    (EntireSpaceClassifier, "predict_conditional_proba"),
    (MultiObjectiveRanker, "predict_objectives"),
]
each_method = pytest.mark.parametrize(("kind", "method"), METHODS)
each_library = pytest.mark.parametrize("library", FRAMES)


@each_method
@each_library
def test_own_choice_and_configuration(library, kind, method):
    model, X = fitted(kind)
    array = getattr(model, method)(X)
    assert isinstance(array, np.ndarray)
    chosen = clone(model).set_output(predict=library)
    chosen.fit(X, data(kind)[1], **data(kind)[2])  # fit keeps the choice
    synonym = pickle.loads(pickle.dumps(model)).set_output(transform=library)
    with sklearn.config_context(transform_output=library):
        configured = getattr(model, method)(X)
        own = getattr(model.set_output(predict="default"), method)(X)
    assert_array_equal(own, array)
    assert type(own) is np.ndarray
    for frame in (getattr(chosen, method)(X), getattr(synonym, method)(X), configured):
        assert type(frame) is FRAMES[library]
        assert list(frame.columns) == NAMES
        assert_array_equal(frame.to_numpy(), array)
        if library == "pandas":
            assert frame.index.tolist() == X.index.tolist()
    # The index is that of the rows, not of the fit; arrays have none.
    if library == "pandas":
        assert getattr(chosen, method)(X[::-3]).index.tolist() == [*X.index[::-3]]
        plain = getattr(chosen, method)(pl.DataFrame(dict(X)))
        assert plain.index.tolist() == list(range(N))


@each_library
def test_one_dimension_and_lists_stay_as_they_are(library):
    X, Y, _ = data(MultiObjectiveClassifier)
    with sklearn.config_context(transform_output=library):
        single = MultiObjectiveClassifier(**QUICK).fit(X, Y["u"])
        assert type(single.predict(X)) is np.ndarray
        assert type(single.predict_proba(X)) is np.ndarray
        several = MultiObjectiveClassifier(**QUICK).fit(X, Y)
        assert [type(p) for p in several.predict_proba(X)] == [np.ndarray] * 2
        assert all(type(p) is np.ndarray for p in several.staged_predict(X))
        ranker, _ = fitted(MultiObjectiveRanker)
        assert ranker.predict(X).shape == (N,)
        shared = MultiObjectiveEstimator(
            ["binary", "binary"], shared_score=True, **QUICK
        ).fit(X, Y)
        assert type(shared.predict(X)) is np.ndarray
        column = MultiObjectiveRegressor(**QUICK).fit(X, Y[["u"]]).predict(X)
        assert list(column.columns) == ["u"]


@each_library
def test_labels_of_several_types_have_columns_of_their_own(library):
    X, Y, _ = data(MultiObjectiveClassifier)
    Y = Y.assign(v=np.where(Y["v"], "yes", "no"))
    model = MultiObjectiveClassifier(**QUICK).fit(X, Y)
    array = model.predict(X)
    assert array.dtype == object
    frame = model.set_output(predict=library).predict(X)
    assert str(frame["u"].dtype).lower() == "int64"
    assert str(frame["v"].dtype).lower() in ("str", "string", "object")
    assert frame["v"].to_list() == array[:, 1].tolist()


def test_categories_are_encoded_under_any_configuration():
    X, Y, _ = data()
    X = X.assign(town=pd.Categorical(np.where(X["c"] > 0, "Rome", "Oslo")))
    expected = MultiObjectiveRegressor(**QUICK).fit(X, Y).predict(X)
    for library in FRAMES:
        with sklearn.config_context(transform_output=library):
            model = MultiObjectiveRegressor(**QUICK).fit(X, Y)
            assert_array_equal(model.predict(X), expected)


@pytest.mark.parametrize("choice", ["own", "configured"])
@each_library
def test_tools_give_the_same_numbers(library, choice):
    X, Y, _ = data()
    plain = MultiObjectiveRegressor(**QUICK)
    context = {}
    framed = clone(plain)
    if choice == "own":
        framed.set_output(predict=library)
    else:
        context = {"transform_output": library}

    def numbers(estimator):
        space = {"num_leaves": [3, 5]}
        search = GridSearchCV(estimator, space, cv=FOLDS, scoring="r2").fit(X, Y)
        least = GridSearchCV(
            estimator, space, cv=FOLDS, scoring=make_scorer(combine=None), refit="min"
        ).fit(X, Y)
        front = ParetoSearchCV(
            clone(estimator).set_params(structure="sum"),
            preferences=np.eye(2),
            cv=FOLDS,
        ).fit(X, Y)
        model = clone(estimator).fit(X, Y)
        return [
            cross_val_predict(estimator, X, Y, cv=FOLDS),
            cross_val_score(estimator, X, Y, cv=FOLDS, scoring="r2"),
            search.cv_results_["mean_test_score"],
            least.cv_results_["mean_test_v"],
            least.predict(X),
            front.pareto_front_,
            front.predict(X),
            permutation_importance(
                model, X, Y, scoring="r2", n_repeats=2, random_state=0
            ).importances_mean,
            partial_dependence(model, X, ["a"], grid_resolution=4)["average"],
            make_pipeline(StandardScaler(), estimator).fit(X, Y).predict(X),
        ]

    expected = numbers(plain)
    with sklearn.config_context(**context):
        found = numbers(framed)
    for one, other in zip(found, expected, strict=True):
        # Means over columns of another layout are rounded in another order.
        assert_allclose(np.asarray(one), np.asarray(other), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    "kind", [MultiObjectiveRegressor, MultiObjectiveClassifier, MultiObjectiveEstimator]
)
def test_compare_does_not_depend_on_it(kind):
    X, Y, _ = data(kind)
    plain = kind(**QUICK)
    if kind is MultiObjectiveRegressor:
        # LightGBM lacks it: the separate models are skmo's own.
        plain.set_params(objective=OwnLoss())
    scores = ["separate", "skmo"]
    table = compare(X, Y, estimator=plain, random_state=0).table
    for library in FRAMES:
        framed = clone(plain).set_output(predict=library)
        with sklearn.config_context(transform_output=library):
            found = compare(X, Y, estimator=framed, random_state=0).table
        assert_array_equal(found[scores], table[scores])


def test_transformed_targets():
    """Of frames it takes those of pandas; it knows no others."""
    X, Y, _ = data()
    model = MultiObjectiveRegressor(**QUICK)
    expected = TransformedTargetRegressor(model, transformer=StandardScaler())
    expected = expected.fit(X, Y).predict(X)
    framed = clone(model).set_output(predict="pandas")
    wrapped = TransformedTargetRegressor(framed, transformer=StandardScaler())
    assert_array_equal(wrapped.fit(X, Y).predict(X), expected)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"predict": "numpy"}, "'predict' parameter of set_output .*'numpy'"),
        ({"transform": "arrow"}, "'transform' parameter of set_output .*'arrow'"),
        ({"predict": "pandas", "transform": "polars"}, "two names for one choice"),
    ],
)
def test_bad_choices(params, message):
    model = MultiObjectiveRegressor().set_output(predict="polars")
    with pytest.raises(ValueError, match=message):
        model.set_output(**params)
    # The choice stays as it was, as it does without arguments.
    assert clone(model.set_output())._sklearn_output_config == {"predict": "polars"}


class Absent:
    """Finds no data frames."""

    def find_spec(self, name, path=None, target=None):
        if name in FRAMES:
            raise ModuleNotFoundError(name)


@each_library
def test_absent_library(library, monkeypatch):
    model, X = fitted(MultiObjectiveRegressor)
    rows = X.to_numpy()
    model.fit(rows, data()[1].to_numpy()).set_output(predict=library)
    monkeypatch.delitem(sys.modules, library)
    monkeypatch.setattr(sys, "meta_path", [Absent(), *sys.meta_path])
    with pytest.raises(ImportError, match=f"{library} is not installed: pip install"):
        model.predict(rows)
