"""Searches that were stopped, and the rounds that points share."""

from __future__ import annotations

import joblib
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import FitFailedWarning

from skmo import MultiObjectiveRegressor
from skmo.pareto import ParetoSearchCV
from tests.pareto.fakes import Curve, fits

X = np.arange(24.0).reshape(12, 2)
Y = np.column_stack([np.arange(12.0), np.arange(12.0)[::-1]])


@pytest.fixture
def log(tmp_path):
    folder = tmp_path / "log"
    folder.mkdir()
    return folder


def search(log, cache, **params):
    params = {"n_points": 4, "cv": 3, "cache": cache, **params}
    return ParetoSearchCV(Curve(log=str(log)), **params)


def test_a_killed_search_computes_what_is_missing(log, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    monkeypatch.setattr(Curve, "stop_after", 5)
    with pytest.raises(KeyboardInterrupt):
        search(log, cache).fit(X, Y)
    assert fits(log) == 5
    # 12 of folds and 4 of all rows: the next kill is in the refits.
    monkeypatch.setattr(Curve, "stop_after", 14)
    with pytest.raises(KeyboardInterrupt):
        search(log, cache).fit(X, Y)
    monkeypatch.setattr(Curve, "stop_after", None)
    found = search(log, cache).fit(X, Y)
    assert fits(log) == 16
    again = search(log, cache).fit(X, Y)
    assert fits(log) == 16
    fresh = ParetoSearchCV(Curve(), n_points=4, cv=3).fit(X, Y)
    for one in (found, again):
        assert_array_equal(one.pareto_front_, fresh.pareto_front_)
        assert_array_equal(one.predict(X), fresh.predict(X))
    assert not list(cache.glob("*.part"))


def test_more_points_reuse_those_that_are_there(log, tmp_path):
    search(log, tmp_path / "c", n_points=None, preferences=[[1, 2], [2, 1]]).fit(X, Y)
    assert fits(log) == 8
    search(log, tmp_path / "c", preferences=[[4, 2], [1, 1]], n_points=None).fit(X, Y)
    assert fits(log) == 12


@pytest.fixture
def changed():
    other = X.copy()
    other[0, 0] += 1
    return {
        "data": {"X": other},
        "targets": {"Y": Y + 1},
        "folds": {"cv": 4},
        "weights": {"weight": np.ones(12)},
        "parameter": {"names": ("a", "c")},
        "objectives": {"objectives": {"a": half, "b": quarter}},
        "order": {"objectives": {"b": half, "a": half}},
    }


def half(estimator, X, y):
    return 0.5


def quarter(estimator, X, y):
    return 0.25


def test_scores_come_in_the_order_of_the_objectives(log, tmp_path):
    for names in ("ab", "ba"):
        values = {"a": half, "b": quarter}
        objectives = {name: values[name] for name in names}
        found = search(log, tmp_path / "c", objectives=objectives).fit(X, Y)
        assert found.objective_names_ == list(names)
        assert_allclose(found.pareto_front_[0], found.score_objectives(X, Y))


@pytest.mark.parametrize(
    "what",
    ["data", "targets", "folds", "weights", "parameter", "objectives", "order"],
)
def test_what_changes_is_computed_anew(what, changed, log, tmp_path):
    params = {"cache": tmp_path / "c", "n_points": None, "preferences": [[1, 1]]}
    if what in ("objectives", "order"):
        params["objectives"] = {"a": half, "b": half}
    search(log, **params).fit(X, Y)
    assert fits(log) == 4
    change = changed[what]
    given = {"X": X, "y": Y} | {
        k.replace("Y", "y"): change[k] for k in change if k in "XY"
    }
    if "weight" in change:
        given["sample_weight"] = change["weight"]
    params |= {k: change[k] for k in ("cv", "objectives") if k in change}
    other = search(log, **params)
    if "names" in change:
        other.set_params(estimator__names=change["names"])
    other.fit(**given)
    # The model of all rows does not depend on the folds.
    assert fits(log) == 8


def test_cores_do_not_count(log, tmp_path):
    search(log, tmp_path / "c").fit(X, Y)
    other = search(log, tmp_path / "c", n_jobs=2)
    other.set_params(estimator__n_jobs=2).fit(X, Y)
    assert fits(log) == 16


def test_closures_count(log, tmp_path):
    def with_factor(factor):
        return lambda estimator, X, y: factor * estimator.preference[1]

    fronts = []
    for factor in (1.0, 2.0):
        objectives = {"a": with_factor(factor), "b": with_factor(-factor)}
        found = search(log, tmp_path / "c", objectives=objectives, n_points=2)
        fronts.append(found.fit(X, Y[:, 0]).cv_results_["mean_test_a"])
    assert_allclose(fronts[1], 2 * fronts[0])
    objectives = {"a": with_factor(iter([])), "b": with_factor(n for n in ())}
    with pytest.raises(ValueError, match="can be pickled"):
        search(log, tmp_path / "c", objectives=objectives).fit(X, Y[:, 0])


def test_memory_and_broken_files(log, tmp_path):
    memory = joblib.Memory(tmp_path / "m", verbose=0)
    search(log, memory).fit(X, Y)
    search(log, memory).fit(X, Y)
    assert fits(log) == 16
    files = sorted(tmp_path.glob("m/**/*.joblib"))
    assert len(files) == 16
    files[0].write_bytes(b"broken")
    search(log, memory).fit(X, Y)
    assert fits(log) == 17
    search(log, joblib.Memory(None)).fit(X, Y)
    assert fits(log) == 33


def once_fails(preference):
    return preference[0] < 0.3


def test_failures_are_not_kept(log, tmp_path):
    found = search(log, tmp_path / "c", n_points=3)
    found.set_params(estimator__fail=once_fails)
    for _ in range(2):
        with pytest.warns(FitFailedWarning, match="3 fits failed"):
            found.fit(X, Y)
    assert fits(log) == 9 + 2 + 3


def test_a_file_is_no_folder(log, tmp_path):
    (tmp_path / "c").write_text("")
    with pytest.raises(ValueError, match="is a file"):
        search(log, tmp_path / "c").fit(X, Y)


class Rounds(Curve):
    """Logs how many rounds it trains, and with which preference."""

    def __init__(
        self, preference=None, log=None, n_estimators=10, warm_start=False, heads="auto"
    ):
        super().__init__(preference, log)
        self.n_estimators = n_estimators
        self.warm_start = warm_start
        self.heads = heads

    def fit(self, X, y):
        before = getattr(self, "trained_", []) if self.warm_start else []
        done = sum(n for n, _, _ in before)
        added = self.n_estimators - done
        self.trained_ = [*before, (added, tuple(self.preference), self.heads)]
        self.log.append((len(X), added))
        self.objective_names_ = ["a", "b"]
        return self

    def __sklearn_clone__(self):
        return type(self)(**self.get_params(deep=False))

    def __deepcopy__(self, memo):
        copy = self.__sklearn_clone__()
        copy.__dict__.update(self.__dict__)
        return copy


def test_shared_rounds_are_trained_once_per_fold():
    log = []
    estimator = Rounds(log=log)
    options = {"cv": 3, "warm_start": 0.4, "preferences": [[1, 3], [3, 1]]}
    found = ParetoSearchCV(estimator, **options).fit(X, Y)
    folds, whole = [(8, 4)] * 3 + [(8, 6)] * 6, [(12, 4)] + [(12, 6)] * 2
    assert log == folds + whole
    model = found.pareto_estimators_[0]
    assert model.trained_ == [(4, (0.5, 0.5), "none"), (6, (0.25, 0.75), "auto")]
    assert model.warm_start is False
    assert model.n_estimators == 10


@pytest.mark.parametrize(("share", "n_estimators"), [(0.01, 10), (0.9, 1), (0.99, 10)])
def test_nothing_to_share(share, n_estimators):
    estimator = Rounds(log=[], n_estimators=n_estimators)
    with pytest.raises(ValueError, match="at least 1 shared and 1 left"):
        ParetoSearchCV(estimator, warm_start=share).fit(X, Y)


def test_shared_rounds_of_skmo(tmp_path):
    """As continuing by hand; from the cache, too."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 3))
    Y = np.column_stack([X[:, 0] + X[:, 1], X[:, 1] - X[:, 0]])
    model = MultiObjectiveRegressor(
        n_estimators=10, structure="sum", heads="none", random_state=0, n_jobs=1
    )
    p = [0.2, 0.8]
    options = {"preferences": [p], "cv": 2, "warm_start": 0.5, "cache": tmp_path}
    found = ParetoSearchCV(model, **options).fit(X, Y)
    trunk = model.set_params(n_estimators=5, preference=[0.5, 0.5]).fit(X, Y)
    trunk.set_params(n_estimators=10, preference=p, warm_start=True).fit(X, Y)
    assert_array_equal(found.predict(X), trunk.predict(X))
    assert found.best_estimator_.n_iter_.max() == 10
