"""Trials that fail, and parameters that cannot be."""

from __future__ import annotations

import numpy as np
import optuna
import pytest
from optuna.distributions import (
    FloatDistribution,
)
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import Ridge

from tests.tuning.fakes import SPACE, Fragile, TradeOff, X, Y, parameters, tuner


def test_failed_trials_are_recorded_and_not_fatal():
    with pytest.warns(FitFailedWarning, match="no fit of x=") as caught:
        search = tuner(Fragile(), n_trials=12).fit(X, Y)
    assert caught[0].filename == __file__
    tried = parameters(search)
    failed = np.array([params["x"] > 0.5 for params in tried])
    assert 0 < failed.sum() < 12
    states = [trial.state.name for trial in search.study_.trials]
    assert states == ["FAIL" if bad else "COMPLETE" for bad in failed]
    assert np.isnan(search.cv_results_["mean_test_first"][failed]).all()
    assert not failed[search.pareto_index_].any()


def test_failed_trials_count_when_a_study_goes_on():
    storage = optuna.storages.InMemoryStorage()
    search = tuner(Fragile(), n_trials=6, storage=storage, study_name="a")
    with pytest.warns(FitFailedWarning):
        search.fit(X, Y)
    with pytest.warns(FitFailedWarning):
        again = clone(search).fit(X, Y)
    assert parameters(again) == parameters(search)


def test_all_trials_failed():
    space = {"x": FloatDistribution(0.6, 1.0)}
    with pytest.raises(ValueError, match=r"All the 12 fits failed[\s\S]*no fit of x="):
        tuner(Fragile(), space).fit(X, Y)
    with pytest.raises(RuntimeError, match="no fit of x="):
        tuner(Fragile(), space, error_score="raise").fit(X, Y)


def test_no_finite_score_fails_the_trial():
    objectives = {
        "first": lambda e, X, y: np.inf if e.x > 0.5 else e.x,
        "second": lambda e, X, y: np.nan if e.y > 0.9 else e.y,
    }
    search = tuner(objectives=objectives, n_trials=15, refit=False)
    with pytest.warns(UserWarning, match="of 15 points have no finite score of 'fir"):
        search.fit(X, Y)
    bad = [p["x"] > 0.5 or p["y"] > 0.9 for p in parameters(search)]
    states = [trial.state.name for trial in search.study_.trials]
    assert states == ["FAIL" if b else "COMPLETE" for b in bad]
    assert not np.array(bad)[search.pareto_index_].any()


def test_pruned_trials_have_no_row_and_count():
    def space(trial):
        x = trial.suggest_float("x", 0, 1)
        if x > 0.5:
            raise optuna.TrialPruned
        return {"x": x}

    search = tuner(space=space, n_trials=8).fit(X, Y)
    states = [trial.state.name for trial in search.study_.trials]
    assert len(states) == 8
    assert 0 < states.count("PRUNED") < 8
    rows = [i for i, state in enumerate(states) if state == "COMPLETE"]
    assert search.cv_results_["trial"].tolist() == rows

    def never(trial):
        raise optuna.TrialPruned

    with pytest.raises(ValueError, match="no trial with scores"):
        tuner(space=never, n_trials=2).fit(X, Y)


BAD = [
    ({"n_trials": 0}, "'n_trials' parameter"),
    ({"n_trials": None}, "n_trials=None and timeout=None"),
    ({"timeout": -1.0}, "'timeout' parameter"),
    ({"sampler": "tpe"}, "'sampler' parameter.*Got 'tpe'"),
    ({"sampler": lambda seed: seed}, "must return a sampler"),
    ({"sampler": optuna.samplers.GridSampler}, "'sampler'.*of a seed alone"),
    ({"selection": {"knee": False}}, "'selection' parameter"),
    ({"storage": "sqlite:///x.db"}, "needs a 'study_name'"),
    ({"storage": "no url", "study_name": "a"}, "'storage' parameter.*Got 'no url'"),
    ({"storage": 3, "study_name": "a"}, "'storage' parameter.*Got 3"),
    ({"callbacks": [1]}, "'callbacks' parameter.*Got 1"),
    ({"selection": "best"}, "'selection' parameter"),
    ({"reference_point": [1.0, np.nan]}, "'reference_point' parameter"),
    ({"error_score": 0.0}, "'error_score' parameter"),
    ({"objectives": {"a": "r2"}}, "at least two objectives"),
    ({"estimator": Ridge()}, "no method 'score_objectives'"),
    ({"estimator": 3}, "'estimator' parameter"),
    ({"space": {"z": SPACE["x"]}}, r"'space' names \['z'\]"),
    ({"space": "num_leaves"}, "'space' parameter"),
    ({"preference_param": "importance"}, "preference_param"),
    ({"cv": 1}, "'cv' parameter"),
]


@pytest.mark.parametrize(("params", "message"), BAD)
def test_bad_parameters(params, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    TradeOff.fits = 0
    with pytest.raises(ValueError, match=message):
        tuner(**{"estimator": TradeOff(), **params}).fit(X, Y)
    assert TradeOff.fits == 0


def test_bad_targets():
    with pytest.raises(ValueError, match="single target"):
        tuner().fit(X, Y[:, 0])
    with pytest.raises(ValueError, match="returned 2 scores where y has 3 targets"):
        tuner().fit(X, np.column_stack([Y, Y[:, 0]]))
