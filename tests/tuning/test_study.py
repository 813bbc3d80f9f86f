"""Studies that are reproducible, and gone on with."""

from __future__ import annotations

import joblib
import numpy as np
import optuna
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from tests.tuning.fakes import (
    FIRST,
    SECOND,
    SPACE,
    Fragile,
    TradeOff,
    X,
    Y,
    nsga2,
    parameters,
    tpe,
    tuner,
)

each_sampler = pytest.mark.parametrize("sampler", [tpe, nsga2])


@each_sampler
def test_random_state_decides_and_jobs_do_not(sampler):
    search = tuner(sampler=sampler).fit(X, Y)
    with joblib.parallel_backend("threading"):
        again = clone(search).set_params(n_jobs=2).fit(X, Y)
    other = clone(search).set_params(random_state=1).fit(X, Y)
    assert parameters(again) == parameters(search)
    assert parameters(other) != parameters(search)
    assert parameters(search.fit(X, Y)) == parameters(again)


def test_sampler_is_used_as_it_is_from_a_copy():
    sampler = optuna.samplers.RandomSampler(seed=3)
    first, second = (tuner(sampler=sampler).fit(X, Y) for _ in range(2))
    assert parameters(first) == parameters(second)
    grid = optuna.samplers.GridSampler({"x": [0.0, 1.0], "y": [0.0, 0.5]}, seed=0)
    search = tuner(sampler=grid, n_trials=20).fit(X, Y)
    tried = {tuple(params.values()) for params in parameters(search)}
    assert {(0.0, 0.0), (0.0, 0.5), (1.0, 0.0), (1.0, 0.5)} <= tried
    assert len(search.cv_results_["params"]) < 20  # the grid says when to stop


class CrashError(Exception):
    """The machine is gone."""


@each_sampler
def test_goes_on_after_a_crash_as_if_there_had_been_none(url, sampler):
    def crash(study, trial):
        if trial.number == 3:
            raise CrashError

    search = tuner(
        sampler=sampler, n_trials=7, storage=url, study_name="a", callbacks=[crash]
    )
    TradeOff.fits = 0
    with pytest.raises(CrashError):
        search.fit(X, Y)
    assert TradeOff.fits == 4 * 2
    resumed = clone(search).set_params(callbacks=None).fit(X, Y)
    n_kept = len(resumed.pareto_front_)
    assert TradeOff.fits == 7 * 2 + n_kept
    assert parameters(resumed) == parameters(
        clone(resumed).set_params(storage=None).fit(X, Y)
    )
    # Nothing is left to do but to fit the front.
    TradeOff.fits = 0
    again = clone(resumed).fit(X, Y)
    assert TradeOff.fits == n_kept
    np.testing.assert_array_equal(again.pareto_front_, resumed.pareto_front_)


def test_trial_of_a_killed_process_is_not_counted():
    storage = optuna.storages.InMemoryStorage()
    search = tuner(storage=storage, study_name="a", n_trials=2).fit(X, Y)
    optuna.load_study(study_name="a", storage=storage).ask()  # left running
    search.set_params(n_trials=4).fit(X, Y)
    assert search.cv_results_["trial"].tolist() == [0, 1, 3, 4]


def test_another_function_as_space_cannot_go_on():
    def made(suggest):
        def space(trial):
            return {"x": suggest(trial)}

        return space

    one = made(lambda trial: trial.suggest_float("x", 0, 1))
    two = made(lambda trial: trial.suggest_float("z", 0, 1))
    storage = optuna.storages.InMemoryStorage()
    tuner(space=one, storage=storage, study_name="a", n_trials=1).fit(X, Y)
    with pytest.raises(ValueError, match="does not suggest what trial 0"):
        tuner(space=two, storage=storage, study_name="a", n_trials=2).fit(X, Y)


@pytest.mark.parametrize("at", [1, 8])
def test_interrupted_trial_is_made_again(at, monkeypatch):
    whole = tuner(sampler=tpe, n_trials=7).fit(X, Y)
    fit = TradeOff.fit

    def interrupted(self, X, y):
        if TradeOff.fits == at:
            raise KeyboardInterrupt
        return fit(self, X, y)

    storage = optuna.storages.InMemoryStorage()
    search = tuner(sampler=tpe, n_trials=7, storage=storage, study_name="a")
    TradeOff.fits = 0
    monkeypatch.setattr(TradeOff, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        search.fit(X, Y)
    monkeypatch.setattr(TradeOff, "fit", fit)
    resumed = search.fit(X, Y)
    assert parameters(resumed) == parameters(whole)
    assert len(resumed.study_.trials) == 8


def test_goes_on_in_a_journal(tmp_path):
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    def storage():
        return JournalStorage(JournalFileBackend(str(tmp_path / "journal.log")))

    first = tuner(n_trials=2, storage=storage(), study_name="a").fit(X, Y)
    second = tuner(n_trials=4, storage=storage(), study_name="a").fit(X, Y)
    assert parameters(second)[:2] == parameters(first)
    assert len(parameters(second)) == 4


def test_goes_on_with_another_version_of_scikit_learn(monkeypatch):
    """A hash of pickles would have scikit-learn's version in it."""
    model = Pipeline([("scale", StandardScaler()), ("model", TradeOff())])
    search = tuner(
        model,
        {"model__x": SPACE["x"]},
        n_trials=2,
        storage=optuna.storages.InMemoryStorage(),
        study_name="a",
        refit=False,
    )
    search.fit(X, Y)
    monkeypatch.setattr("sklearn.base.__version__", "99.0")
    assert len(parameters(search.set_params(n_trials=3).fit(X, Y))) == 3


@pytest.fixture(scope="module")
def made():
    """A search whose study of one trial is in its storage."""
    return tuner(
        objectives={"a": FIRST, "b": SECOND},
        n_trials=1,
        storage=optuna.storages.InMemoryStorage(),
        study_name="mine",
        refit=False,
    ).fit(X, Y)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"space": {"x": SPACE["x"]}}, "with another space.*there.*here"),
        ({"preference_param": "preference"}, "with another space"),
        ({"objectives": {"a": FIRST, "c": SECOND}}, r"other objectives.*\['a', 'b'\]"),
        ({"objectives": {"b": SECOND, "a": FIRST}}, "other objectives"),
        ({"objectives": {"a": FIRST, "b": "r2"}}, "other scorers"),
        ({"objectives": {"a": FIRST, "b": SECOND, "c": "r2"}}, "other objectives"),
        ({"objectives": None}, "other objectives"),
        ({"estimator": TradeOff(other=2)}, "another estimator"),
        ({"estimator": Fragile()}, "another estimator"),
        ({"cv": 3}, "other data, folds"),
        ({"cv": KFold(2, shuffle=True)}, "other data, folds"),
    ],
)
def test_refuses_a_study_made_for_something_else(made, changes, message):
    TradeOff.fits = 0
    with pytest.raises(ValueError, match=f"'mine'.*{message}.*'study_name'"):
        clone(made).set_params(n_trials=3, **changes).fit(X, Y)
    assert TradeOff.fits == 0


def test_refuses_a_study_of_other_data(made):
    with pytest.raises(ValueError, match="other data, folds"):
        clone(made).fit(X, Y + 1)
    with pytest.raises(ValueError, match="other data, folds or parameters of fit"):
        clone(made).fit(X, Y, sample_weight=np.ones(300))


def constant(value):
    return lambda estimator, X, y: value


class Share:
    def __init__(self, alpha):
        self.alpha = alpha

    def score(self, estimator, X, y):
        return self.alpha


@pytest.mark.parametrize(
    "scorer", [constant, lambda alpha: Share(alpha).score], ids=["closure", "method"]
)
def test_refuses_a_study_of_another_function_of_the_same_name(scorer):
    search = tuner(
        objectives={"a": scorer(1.0), "b": SECOND},
        n_trials=1,
        storage=optuna.storages.InMemoryStorage(),
        study_name="a",
        refit=False,
    ).fit(X, Y)
    clone(search).set_params(objectives={"a": scorer(1.0), "b": SECOND}).fit(X, Y)
    with pytest.raises(ValueError, match=r"other scorers.*compiled code"):
        search.set_params(objectives={"a": scorer(2.0), "b": SECOND}).fit(X, Y)


def test_what_cannot_be_pickled_is_named_without_all_that_can():
    class Local:
        def __call__(self, estimator, X, y):
            return 0.0

    search = tuner(
        objectives={"a": FIRST, "b": Local()},
        storage=optuna.storages.InMemoryStorage(),
        study_name="a",
    )
    with pytest.raises(ValueError, match=r"but: .*Local.*storage=None") as caught:
        search.fit(X, Y)
    # joblib's own words hold everything that it was hashing.
    assert len(str(caught.value)) < 500 < len(str(caught.value.__cause__.__cause__))


class Settled(TradeOff):
    """Fits a sparse matrix, looking at it as solvers do."""

    def fit(self, X, y, sample_weight=None):
        if sparse.issparse(X):
            X.sum_duplicates()
        return super().fit(X, y)


def test_goes_on_with_the_same_data_in_another_layout():
    storage = optuna.storages.InMemoryStorage()
    options = {"storage": storage, "n_trials": 2, "refit": False}
    search = tuner(study_name="dense", **options).fit(X, Y)
    search.fit(np.asfortranarray(X), np.asfortranarray(Y))
    S = sparse.csr_matrix(X)
    search = tuner(Settled(), study_name="sparse", **options).fit(S, Y)
    S.sum_duplicates()
    assert len(parameters(search.fit(S, Y))) == 2


def test_failures_of_a_stored_study_may_be_raised_later():
    storage = optuna.storages.InMemoryStorage()
    search = tuner(Fragile(), n_trials=6, storage=storage, study_name="a")
    for error_score in (np.nan, "raise"):
        search.set_params(error_score=error_score)
        with pytest.warns(FitFailedWarning, match="set to nan"):
            search.fit(X, Y)


def test_what_does_not_change_a_score_may_change(made):
    own = {"random_state": 5, "verbose": 0, "estimator": TradeOff(x=0.75, n_jobs=2)}
    assert len(parameters(clone(made).set_params(**own).fit(X, Y))) == 1


def test_refuses_a_study_that_is_not_its_own():
    storage = optuna.storages.InMemoryStorage()

    def study(name, *directions):
        return optuna.create_study(
            storage=storage, study_name=name, directions=directions
        )

    study("empty", "maximize", "maximize")
    tuner(storage=storage, study_name="empty", n_trials=1).fit(X, Y)
    study("one", "maximize")
    study("down", "minimize", "minimize")
    full = study("full", "maximize", "maximize")
    full.optimize(lambda trial: (trial.suggest_float("x", 0, 1), 0.0), n_trials=1)
    for name in ("one", "down", "full"):
        with pytest.raises(ValueError, match=f"'{name}' in the storage was not made"):
            tuner(storage=storage, study_name=name).fit(X, Y)
