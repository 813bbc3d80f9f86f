"""A tuner among other libraries."""

from __future__ import annotations

import logging
import pickle
import time

import numpy as np
import optuna
import pytest
from optuna.distributions import (
    FloatDistribution,
)
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, KFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmo import MultiObjectiveRanker, MultiObjectiveRegressor
from skmo.datasets import make_multi_ranking
from skmo.tuning import ParetoTunerCV
from tests.tuning.fakes import Fragile, TradeOff, X, Y, tuner


@pytest.fixture
def log():
    """What Optuna says, being set to warnings."""
    messages = []
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())
    before = optuna.logging.get_verbosity()  # and its logger is set up
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    logging.getLogger("optuna").addHandler(handler)
    yield messages
    logging.getLogger("optuna").removeHandler(handler)
    optuna.logging.set_verbosity(before)


def test_optuna_is_silent_unless_verbose(log, capfd):
    with pytest.warns(FitFailedWarning):
        tuner(Fragile(), n_trials=8).fit(X, Y)
    assert log == []
    tuner(n_trials=1, verbose=1).fit(X, Y)
    assert any("Trial 0 finished" in message for message in log)
    with pytest.raises(ValueError, match="All the"):
        tuner(Fragile(), {"x": FloatDistribution(0.6, 1.0)}, n_trials=1).fit(X, Y)
    assert optuna.logging.get_verbosity() == optuna.logging.WARNING
    assert capfd.readouterr().out == ""


def test_time_ends_a_study():
    def wait(study, trial):
        time.sleep(0.2)

    search = tuner(n_trials=None, timeout=0.5, callbacks=[wait]).fit(X, Y)
    assert 2 <= len(search.study_.trials) <= 3
    with pytest.raises(ValueError, match="'timeout'"):
        tuner(timeout=1e-9).fit(X, Y)


def test_callbacks_may_end_a_study():
    seen = []

    def stop(study, trial):
        seen.append(trial.number)
        if trial.number == 2:
            study.stop()

    search = tuner(callbacks=[stop]).fit(X, Y)
    assert seen == [0, 1, 2]
    assert len(search.study_.trials) == 3


@pytest.mark.parametrize("stored", [False, True])
def test_pickled_search_predicts_and_selects(url, tmp_path, stored):
    where = {"storage": url, "study_name": "a"} if stored else {}
    search = tuner(n_trials=3, **where).fit(X, Y)
    pickled = pickle.dumps(search)
    # Models go where there is no study.
    (tmp_path / "tuning.db").unlink(missing_ok=True)
    copy = pickle.loads(pickled)
    np.testing.assert_array_equal(copy.predict(X), search.predict(X))
    assert copy.select(preference=[1, 0]) == search.select(preference=[1, 0])
    assert [t.values for t in copy.study_.trials] == [
        trial.values for trial in search.study_.trials
    ]
    assert not (tmp_path / "tuning.db").exists()


def test_pipeline_of_a_data_frame():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=list("abcde"))
    targets = pd.DataFrame(Y, columns=["u", "v"])

    def score(k):
        column = targets.columns[k]
        return lambda e, X, y: -np.abs(e.predict(X)[:, k] - y[column]).mean()

    model = Pipeline(
        [
            ("scale", StandardScaler()),
            ("model", MultiObjectiveRegressor(n_estimators=3, heads="none", n_jobs=1)),
        ]
    )
    search = tuner(
        model,
        None,
        preference_param="model__preference",
        objectives={"u": score(0), "v": score(1)},
        n_trials=2,
    ).fit(frame, targets)
    assert "model__num_leaves" in search.best_params_
    assert search.feature_names_in_.tolist() == list("abcde")
    assert search.predict(frame).shape == (300, 2)


def test_objectives_of_the_estimator_s_own():
    model = MultiObjectiveRegressor(n_estimators=5, heads="none", random_state=0)
    search = tuner(model, None, n_trials=2, refit=True).fit(X, Y)
    assert search.objective_names_ == ["target0", "target1"]
    train, test = next(KFold(2).split(X))
    for i, params in enumerate(search.cv_results_["params"]):
        fitted = clone(model).set_params(**params).fit(X[train], Y[train])
        expected = fitted.score_objectives(X[test], Y[test])
        for k in (0, 1):
            score = search.cv_results_[f"split0_test_target{k}"][i]
            assert score == pytest.approx(expected[k])


def test_ranker_of_several_labels():
    documents, grades, qid = make_multi_ranking(30, random_state=0)
    model = MultiObjectiveRanker(n_estimators=5, random_state=0)
    search = tuner(
        model, None, preference_param="preference", n_trials=3, error_score="raise"
    ).fit(documents, grades, qid=qid)
    assert search.pareto_front_.shape[1] == 2
    assert search.predict(documents).shape == (len(documents),)
    assert len({tuple(p["preference"]) for p in search.cv_results_["params"]}) == 3


def test_metadata_are_routed():
    with config_context(enable_metadata_routing=True):
        model = Counted().set_fit_request(qid=True, sample_weight=True)
        model.set_score_request(qid=True, sample_weight=True)
        search = tuner(model, n_trials=2, cv=GroupKFold(3), error_score="raise")
        qid = np.repeat(np.arange(30), 10)
        search.fit(X, Y, qid=qid, sample_weight=X[:, 0], groups=qid)
        assert search.n_splits_ == 3
        assert search.pareto_estimators_[0].queries_ == set(qid)
        with pytest.raises(TypeError, match="other"):
            search.fit(X, Y, other=1)


class Counted(TradeOff):
    """A ranker of queries, which must come whole, with weights."""

    def fit(self, X, y, qid=None, sample_weight=None):
        assert len(X) == len(y) == len(qid) == len(sample_weight)
        np.testing.assert_array_equal(sample_weight, X[:, 0])
        self.queries_ = set(qid)
        return super().fit(X, y)

    def score(self, X, y, qid=None, sample_weight=None):
        return float(np.mean(self.score_objectives(X, y, qid, sample_weight)))

    def score_objectives(self, X, y, qid=None, sample_weight=None):
        assert not self.queries_ & set(qid)
        np.testing.assert_array_equal(sample_weight, X[:, 0])
        return super().score_objectives(X, y)


def test_rows_of_fit_parameters_go_with_the_folds():
    qid = np.repeat(np.arange(30), 10)
    search = tuner(Counted(), n_trials=2, error_score="raise")
    search.fit(X, Y, qid=qid, sample_weight=X[:, 0])
    assert search.pareto_estimators_[0].queries_ == set(qid)
    search.set_params(cv=GroupKFold(3))
    search.fit(X, Y, qid=qid, sample_weight=X[:, 0], groups=qid)
    assert search.n_splits_ == 3


def test_says_that_optuna_is_missing(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(ImportError, match=r"needs Optuna.*pip install"):
        tuner().fit(X, Y)


@parametrize_with_checks(
    [
        ParetoTunerCV(
            Ridge(),
            {"alpha": FloatDistribution(0.1, 10.0, log=True)},
            objectives={
                "r2": "r2",
                "variance": "explained_variance",
            },
            n_trials=2,
            cv=2,
            error_score="raise",
            random_state=0,
        )
    ]
)
def test_scikit_learn_s_checks(estimator, check):
    check(estimator)
