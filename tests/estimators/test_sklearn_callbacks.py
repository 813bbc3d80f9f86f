"""scikit-learn 1.9's own callbacks; estimators before have none to set."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmo import (
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRanker,
    MultiObjectiveRegressor,
)
from skmo.callbacks import log_evaluation

FAST = {"n_estimators": 5, "num_leaves": 5, "n_jobs": 1, "random_state": 0}
ESTIMATORS = [
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRanker,
    MultiObjectiveRegressor,
]

try:
    from sklearn.callback import ProgressBar, ScoringMonitor
except ImportError:
    ProgressBar = ScoringMonitor = None

needs_callbacks = pytest.mark.skipif(
    ScoringMonitor is None, reason="scikit-learn before 1.9 has no callbacks"
)
# What a fit may leave with an estimator for callbacks.
SET = {"_skl_callbacks"}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 3))
    return X, np.column_stack([X[:, 0], X[:, 1] ** 2]) + 0.1 * rng.normal(size=(120, 2))


def regressor(**params):
    return MultiObjectiveRegressor(**{**FAST, "heads": "none", **params})


def own_score(estimator, X, y, **metadata):
    """The estimator's own: scikit-learn 1.9.1 fails with ``scoring=None``."""
    return estimator.score(X, y, **metadata)


def targets(cls, Y):
    if cls is EntireSpaceClassifier:
        return np.column_stack([Y[:, 0] > 0, (Y > 0.5).all(axis=1)]).astype(int)
    if cls is MultiObjectiveClassifier:
        return (Y > 0.3).astype(int)
    return np.clip(np.round(np.abs(Y)), 0, 3) if cls is MultiObjectiveRanker else Y


@pytest.mark.skipif(ScoringMonitor is not None, reason="for scikit-learn before 1.9")
def test_there_are_none_before():
    assert not hasattr(MultiObjectiveRegressor, "set_callbacks")


class Recorder:
    """Notes what it is told, by scikit-learn's protocol."""

    def __init__(self, stop_at=None):
        self.events, self.stop_at = [], stop_at
        self.estimators = []

    def note(self, event, context):
        self.events.append((event, context.task_name, context.task_id))

    def setup(self, estimator, context):
        self.note("setup", context)

    def teardown(self, estimator, context):
        self.note("teardown", context)

    def on_fit_task_begin(self, estimator, context):
        self.note("begin", context)

    def on_fit_task_end(
        self, estimator, context, *, metadata=None, fitted_estimator=None
    ):
        self.note("end", context)
        self.metadata = metadata
        if fitted_estimator is not None:
            self.estimators.append(fitted_estimator)
        return context.task_name == "round" and context.task_id == self.stop_at


@needs_callbacks
class TestTasks:
    def test_rounds_and_heads(self, data):
        recorder = Recorder()
        est = regressor(n_estimators=2, heads="boost").set_callbacks(recorder)
        est.fit(*data)
        rounds = [(e, "round", t) for t in range(2) for e in ("begin", "end")]
        assert recorder.events == [
            ("setup", "fit", 0),
            ("begin", "fit", 0),
            ("begin", "boosting", 0),
            *rounds,
            ("end", "boosting", 0),
            ("begin", "heads", 1),
            ("end", "heads", 1),
            ("end", "fit", 0),
            ("teardown", "fit", 0),
        ]
        assert set(vars(est)) - set(vars(regressor().fit(*data))) == SET

    def test_fitted_estimators_are_shorter_fits(self, data):
        recorder = Recorder()
        regressor().set_callbacks(recorder).fit(*data)
        *rounds, whole = recorder.estimators
        assert len(rounds) == 5
        for n, copy in enumerate(rounds, 1):
            expected = regressor(n_estimators=n).fit(*data).predict(data[0])
            assert_allclose(copy.predict(data[0]), expected, rtol=0)
        assert_allclose(whole.predict(data[0]), expected, rtol=0)

    def test_one_that_stops(self, data):
        recorder = Recorder(stop_at=1)
        est = regressor().set_callbacks(recorder).fit(*data)
        assert len(est.history_["gap"]) == 2
        assert recorder.events[-1] == ("teardown", "fit", 0)

    def test_metadata_is_what_was_passed(self, data):
        recorder, weight = Recorder(), np.ones(120)
        regressor().set_callbacks(recorder).fit(*data, sample_weight=weight)
        assert recorder.metadata == {"sample_weight": weight}
        regressor().set_callbacks(recorder).fit(*data)
        assert recorder.metadata is None

    def test_teardown_after_a_failure(self, data):
        recorder = Recorder()
        est = regressor().fit(*data).set_callbacks(recorder)
        state = vars(est).copy()

        def fail(env):
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            est.fit(*data, callbacks=[fail])
        assert recorder.events[-1] == ("teardown", "fit", 0)
        assert vars(est) == state
        with pytest.raises(ValueError, match="inconsistent"):
            est.fit(data[0], data[1][:-1])
        assert recorder.events[-1] == ("teardown", "fit", 0)

    def test_beside_callbacks_of_fit(self, data, capfd):
        recorder = Recorder()
        est = regressor(n_estimators=1).set_callbacks(recorder)
        est.fit(*data, callbacks=[log_evaluation()])
        assert capfd.readouterr().out.startswith("[1] train_loss")
        with pytest.raises(ValueError, match="method set_callbacks"):
            est.fit(*data, callbacks=[recorder])

    def test_a_clone_has_them_and_a_copy_of_pickle(self, data):
        recorder = Recorder()
        est = clone(regressor().set_callbacks(recorder)).fit(*data)
        assert ("end", "round", 4) in recorder.events
        again = pickle.loads(pickle.dumps(est))
        assert_allclose(again.predict(data[0]), est.predict(data[0]), rtol=0)


@needs_callbacks
class TestScikitLearnsOwn:
    @pytest.mark.parametrize("cls", ESTIMATORS)
    def test_scoring_monitor(self, cls, data):
        X, Y = data[0], targets(cls, data[1])
        given = {"qid": np.arange(120) // 10} if cls is MultiObjectiveRanker else {}
        monitor = ScoringMonitor(scoring={"score": own_score})
        est = cls(**FAST).set_callbacks(monitor).fit(X, Y, **given)
        rows = monitor.get_logs().data
        scores = [row["score"] for row in rows if row["task_name"] == "round"]
        assert len(scores) == 5
        plain = {} if cls is MultiObjectiveRanker else {"heads": "none"}
        for n in (2, 5):
            shorter = cls(**{**FAST, "n_estimators": n}, **plain).fit(X, Y, **given)
            assert scores[n - 1] == pytest.approx(shorter.score(X, Y, **given))
        (whole,) = [row["score"] for row in rows if row["task_name"] == "fit"]
        assert whole == pytest.approx(est.score(X, Y, **given))

    def test_several_scores_with_weights(self, data):
        monitor = ScoringMonitor(scoring=["r2", "neg_mean_absolute_error"])
        est = regressor().set_callbacks(monitor)
        est.fit(*data, sample_weight=np.linspace(0.1, 2, 120))
        frame = monitor.get_logs().data_as_pandas
        rounds = frame[frame["task_name"] == "round"]
        assert rounds["r2"].is_monotonic_increasing
        assert rounds["neg_mean_absolute_error"].is_monotonic_increasing

    def test_progress_bar(self, data, capsys):
        pytest.importorskip("rich", reason="scikit-learn's ProgressBar needs rich")
        regressor().set_callbacks(ProgressBar()).fit(*data)
        out = capsys.readouterr().out
        assert "MultiObjectiveRegressor - fit" in out
        assert "MultiObjectiveRegressor - boosting" in out
        assert "100%" in out

    def test_progress_bar_of_a_failure_ends(self, data, capsys):
        pytest.importorskip("rich", reason="scikit-learn's ProgressBar needs rich")

        def fail(env):
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            regressor().set_callbacks(ProgressBar()).fit(*data, callbacks=[fail])

    def test_in_a_pipeline_and_a_search(self, data, capsys):
        pytest.importorskip("rich", reason="scikit-learn's ProgressBar needs rich")
        monitor = ScoringMonitor(scoring={"score": own_score})
        est = regressor().set_callbacks(monitor)
        pipe = make_pipeline(StandardScaler(), est)
        search = GridSearchCV(
            pipe, {"multiobjectiveregressor__num_leaves": [3, 5]}, cv=2
        )
        search.set_callbacks(ProgressBar(max_propagation_depth=None))
        search.fit(*data)
        rows = monitor.get_logs().data
        # Two candidates on two folds each, and the best one on all rows.
        assert sum(row["task_name"] == "round" for row in rows) == 5 * 5
        out = capsys.readouterr().out
        assert "GridSearchCV - fit" in out
        assert "MultiObjectiveRegressor - boosting" in out
