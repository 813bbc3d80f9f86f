"""Ctrl-C in a long fit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import warnings

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmo import (
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRanker,
    MultiObjectiveRegressor,
)
from skmo.exceptions import InterruptedFitWarning
from skmo.objectives import SquaredError

FAST = {"n_estimators": 8, "num_leaves": 5, "n_jobs": 1, "random_state": 0}
KEPT = {**FAST, "on_interrupt": "keep"}


@pytest.fixture(autouse=True)
def ctrl_c():
    """As in a terminal: Python leaves SIGINT ignored in a shell's background jobs."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 3))
    return X, np.column_stack([X[:, 0], X[:, 1] ** 2]) + 0.1 * rng.normal(size=(120, 2))


def interrupt(env):
    """Raised in the callback itself."""
    if env.iteration == 3:
        raise KeyboardInterrupt


def signal_interrupt(env):
    """A real signal, which arrives at any line."""
    if env.iteration == 3:
        signal.raise_signal(signal.SIGINT)


def staged(Y):
    return np.column_stack([Y[:, 0] > 0, (Y > 0.5).all(axis=1)]).astype(int)


ESTIMATORS = {
    "regressor": (MultiObjectiveRegressor, np.asarray, {}),
    "classifier": (MultiObjectiveClassifier, lambda Y: (Y > 0.3).astype(int), {}),
    "estimator": (MultiObjectiveEstimator, np.asarray, {}),
    "one score": (MultiObjectiveEstimator, np.asarray, {"shared_score": True}),
    "funnel": (EntireSpaceClassifier, staged, {}),
    "ranker": (MultiObjectiveRanker, lambda Y: np.clip(np.round(np.abs(Y)), 0, 3), {}),
}


@pytest.mark.parametrize("how", [interrupt, signal_interrupt])
@pytest.mark.parametrize(
    ("cls", "change", "params"), ESTIMATORS.values(), ids=ESTIMATORS
)
def test_the_rounds_so_far_are_kept(how, cls, change, params, data, tmp_path):
    X, Y = data[0], change(data[1])
    given = {"qid": np.arange(120) // 10} if cls is MultiObjectiveRanker else {}
    plain = {} if cls is MultiObjectiveRanker else {"heads": "none"}
    with pytest.warns(InterruptedFitWarning, match="after 4 of 8 rounds"):
        est = cls(**KEPT, **params).fit(X, Y, **given, callbacks=[how])
    shorter = cls(**{**FAST, "n_estimators": 4}, **params, **plain).fit(X, Y, **given)
    assert_array_equal(est.predict(X), shorter.predict(X))
    assert_array_equal(est.apply(X), shorter.apply(X))
    assert_array_equal(est.feature_importances_, shorter.feature_importances_)
    for name in set(est.history_) - {"seconds"}:
        assert_array_equal(est.history_[name], shorter.history_[name])
    assert est.heads_ == ["none", "none"]
    joblib.dump(est, tmp_path / "m")
    assert_array_equal(joblib.load(tmp_path / "m").predict(X), est.predict(X))
    est.set_params(warm_start=True).fit(X, Y, **given)
    shorter.set_params(n_estimators=8, warm_start=True).fit(X, Y, **given)
    assert len(est.history_["gap"]) == 8
    assert_array_equal(est.n_iter_, shorter.n_iter_)
    assert_array_equal(est.apply(X), shorter.apply(X))


@pytest.mark.parametrize("how", [interrupt, signal_interrupt])
def test_by_default_it_is_raised(how, data):
    est = MultiObjectiveRegressor(**FAST).fit(*data)
    state, before = vars(est).copy(), signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        est.fit(*data, callbacks=[how])
    assert vars(est) == state
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("place", ["gradient", "loss"])
@pytest.mark.parametrize("in_call", [1, 7])
def test_within_a_round(place, in_call, data):
    """Signals are held back; what an objective raises undoes its round."""
    calls = []

    class Interrupting(SquaredError):
        def gradient_hessian(self, target, score, gradient, hessian):
            self.count("gradient")
            super().gradient_hessian(target, score, gradient, hessian)

        def loss(self, target, score):
            self.count("loss")
            return super().loss(target, score)

        def count(self, where):
            calls.append(where)
            if where == place and calls.count(where) == in_call:
                raise KeyboardInterrupt

    est = MultiObjectiveEstimator(
        [Interrupting(), "squared_error"], **KEPT, heads="none"
    )
    if in_call == 1:  # not a round to keep
        with pytest.raises(KeyboardInterrupt):
            est.fit(*data)
        assert not hasattr(est, "n_iter_")
        return
    with pytest.warns(InterruptedFitWarning):
        est.fit(*data)
    n = len(est.history_["gap"])
    assert 1 <= n < 8
    del calls[:]
    calls.extend(["gradient", "loss"] * 100)
    shorter = MultiObjectiveEstimator(
        [Interrupting(), "squared_error"], **{**KEPT, "n_estimators": n}, heads="none"
    ).fit(*data)
    assert_array_equal(est.predict(data[0]), shorter.predict(data[0]))
    assert_array_equal(est.feature_importances_, shorter.feature_importances_)
    # As many trees in the structure as there are values: more can be added.
    est.set_params(warm_start=True).fit(*data)
    shorter.set_params(warm_start=True, n_estimators=8).fit(*data)
    assert_array_equal(est.predict(data[0]), shorter.predict(data[0]))


def test_while_heads_are_trained(data, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("skmo.boosting.HeadTrainer.by_folds", interrupted)
    with pytest.raises(KeyboardInterrupt):
        MultiObjectiveRegressor(**FAST).fit(*data)
    with pytest.warns(InterruptedFitWarning, match="after 8 of 8 rounds.*own"):
        est = MultiObjectiveRegressor(**KEPT).fit(*data)
    plain = MultiObjectiveRegressor(**FAST, heads="none").fit(*data)
    assert_array_equal(est.predict(data[0]), plain.predict(data[0]))


def test_while_references_are_trained_there_is_nothing_to_keep(data, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("skmo.boosting.Limits.from_references", interrupted)
    est = MultiObjectiveEstimator(**KEPT, shared_score=True, bounds={0: 0.1})
    with pytest.raises(KeyboardInterrupt):
        est.fit(*data)


def test_a_handler_of_the_users_own_comes_later(data):
    seen, rounds = [], []

    def own(number, frame):
        seen.append(len(rounds))

    def send(env):
        signal.raise_signal(signal.SIGINT)
        assert len(seen) == len(rounds)
        rounds.append(env.iteration)

    before = signal.signal(signal.SIGINT, own)
    try:
        MultiObjectiveRegressor(**KEPT, heads="none").fit(*data, callbacks=[send])
        assert signal.getsignal(signal.SIGINT) is own
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == list(range(1, 9))


def test_in_a_thread(data):
    """Signals go to the main thread alone; handlers cannot be set elsewhere."""
    found = []

    def fit():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            est = MultiObjectiveRegressor(**KEPT, heads="none")
            est.fit(*data, callbacks=[interrupt])
        found.append((len(est.history_["gap"]), caught[0].category))

    thread = threading.Thread(target=fit)
    thread.start()
    thread.join()
    assert found == [(4, InterruptedFitWarning)]


def test_bad_value(data):
    with pytest.raises(ValueError, match="'on_interrupt' parameter"):
        MultiObjectiveRegressor(on_interrupt="stop").fit(*data)


SCRIPT = """
import signal
import sys
import numpy as np
from skmo import MultiObjectiveRegressor

signal.signal(signal.SIGINT, signal.default_int_handler)
rng = np.random.default_rng(0)
X = rng.normal(size=(2000, 5))
est = MultiObjectiveRegressor(
    n_estimators=10**6, on_interrupt="keep", n_jobs=1, random_state=0
)

def ready(env):
    if env.iteration == 2:
        print("ready", flush=True)

est.fit(X, X[:, :2], callbacks=[ready])
n = len(est.history_["gap"])
shorter = MultiObjectiveRegressor(
    n_estimators=n, heads="none", n_jobs=1, random_state=0
).fit(X, X[:, :2])
print(n, bool((est.predict(X) == shorter.predict(X)).all()))
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGINT to another process is POSIX's")
def test_a_signal_to_a_process():
    with subprocess.Popen(
        [sys.executable, "-W", "always", "-c", SCRIPT],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=120)
        finally:
            process.kill()  # a fit that was not interrupted would go on for days
    assert process.returncode == 0, err
    n, same = out.split()
    assert 3 <= int(n) < 10**6
    assert same == "True"
    assert f"InterruptedFitWarning: The fit was interrupted after {n} of 1000000" in err
