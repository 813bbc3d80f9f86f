"""How many threads an estimator takes where others work beside it."""

from __future__ import annotations

import subprocess
import sys

import joblib
import numpy as np
import pytest

from skmo import MultiObjectiveRegressor
from skmo.estimators._threads import granted_threads

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 4))
Y = X[:, :2] + RNG.normal(size=(200, 2))


@pytest.fixture(autouse=True)
def _no_limit(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


@pytest.mark.parametrize(
    ("n_jobs", "granted"),
    [(None, 8), (-1, 8), (-2, 7), (-20, 1), (1, 1), (3, 3), (12, 12)],
)
def test_of_eight_processors(n_jobs, granted, monkeypatch):
    monkeypatch.setattr(joblib, "cpu_count", lambda: 8)
    assert granted_threads(n_jobs) == granted


@pytest.mark.parametrize(
    ("limit", "granted"),
    [("3", 3), ("12", 8), ("2,4", 2), ("", 8), ("0", 8), ("many", 8)],
)
def test_none_keeps_to_the_limit_of_openmp(limit, granted, monkeypatch):
    monkeypatch.setattr(joblib, "cpu_count", lambda: 8)
    monkeypatch.setenv("OMP_NUM_THREADS", limit)
    assert granted_threads(None) == granted
    assert granted_threads(5) == 5
    assert granted_threads(-1) == 8


def test_none_at_all_is_refused_before_training(monkeypatch):
    monkeypatch.setattr(
        "skmo.boosting.TreeGrower.grow", lambda *_: pytest.fail("grown")
    )
    with pytest.raises(ValueError, match=r"'n_jobs' parameter .* Got 0 instead"):
        MultiObjectiveRegressor(n_jobs=0).fit(X, Y)


def granted_in_a_worker(n_jobs):
    est = MultiObjectiveRegressor(n_estimators=3, n_jobs=n_jobs, random_state=0)
    est.fit(X, Y)
    return est._n_cores(), est.predict(X)


@pytest.mark.slow
def test_workers_of_a_parallel_search_share_the_processors():
    here = granted_in_a_worker(None)[1]
    found = joblib.Parallel(n_jobs=2, backend="loky")(
        joblib.delayed(granted_in_a_worker)(n_jobs) for n_jobs in (None, 2)
    )
    share = max(joblib.cpu_count() // 2, 1)
    assert [granted for granted, _ in found] == [share, 2]
    assert all(np.array_equal(prediction, here) for _, prediction in found)


FORK = """
import os, signal
import numpy as np
from skmo import MultiObjectiveRegressor

X = np.random.default_rng(0).normal(size=(20_000, 20))
est = MultiObjectiveRegressor(n_estimators=5, heads="blend", n_jobs=2, random_state=0)
expected = est.fit(X, X[:, :2]).predict(X)
child = os.fork()
if child == 0:
    signal.alarm(60)
    os._exit(0 if np.array_equal(est.predict(X), expected) else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="forks after threads, as on Linux")
def test_a_forked_child_predicts():
    done = subprocess.run(
        [sys.executable, "-c", FORK], capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stderr
