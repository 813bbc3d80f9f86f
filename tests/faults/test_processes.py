"""Processes that die, and disks that fill up, in truth rather than by a stand-in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from joblib.externals.loky.process_executor import TerminatedWorkerError
from sklearn.model_selection import GridSearchCV

import skmo
from skmo import MultiObjectiveRegressor
from skmo.objectives import SquaredError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 4))
Y = X[:, :2] + RNG.normal(size=(200, 2))
FAST = {"n_estimators": 5, "n_jobs": 1, "random_state": 0}
posix = pytest.mark.skipif(os.name == "nt", reason="signals and limits are POSIX's")

SAVING = """
import sys
import skmo
models = [skmo.load_model(path) for path in sys.argv[1:3]]
print("ready", flush=True)
while True:
    for model in models:
        model.save_model(sys.argv[3])
"""


@posix
@pytest.mark.slow
def test_a_file_is_whole_whenever_its_writer_is_killed(tmp_path):
    models = [
        MultiObjectiveRegressor(**{**FAST, "n_estimators": n}).fit(X, Y)
        for n in (5, 60)
    ]
    paths = [tmp_path / f"{i}.skmo" for i in range(3)]
    for model, path in zip(models, paths[:2], strict=True):
        model.save_model(path)
    models[0].save_model(paths[2])
    predictions = [model.predict(X) for model in models]
    for moment in (0.0, 0.03):
        writer = subprocess.Popen(
            [sys.executable, "-c", SAVING, *map(str, paths)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout.readline() == "ready\n"
        time.sleep(moment)
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        found = skmo.load_model(paths[2]).predict(X)
        assert any(np.array_equal(found, expected) for expected in predictions)


@posix
def test_a_disk_that_is_full_leaves_the_old_file(tmp_path):
    resource = pytest.importorskip("resource")
    path = tmp_path / "model.skmo"
    old = MultiObjectiveRegressor(**FAST).fit(X, Y)
    old.save_model(path)
    large = MultiObjectiveRegressor(**{**FAST, "n_estimators": 100}).fit(X, Y)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            large.save_model(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert np.array_equal(skmo.load_model(path).predict(X), old.predict(X))
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.skmo"]


class Deadly(SquaredError):
    """Ends any other process that trains with it."""

    def __init__(self, survivor):
        self.survivor = survivor

    def gradient_hessian(self, target, score, gradient, hessian):
        if self.survivor not in (os.getpid(), "all"):
            os.kill(os.getpid(), signal.SIGKILL)
        super().gradient_hessian(target, score, gradient, hessian)


@posix
@pytest.mark.slow
def test_a_search_whose_worker_dies_ends_in_an_error_and_the_next_one_works():
    search = GridSearchCV(
        MultiObjectiveRegressor(Deadly(os.getpid()), **FAST, heads="none"),
        {"num_leaves": [3, 7]},
        cv=2,
        n_jobs=2,
    )
    with pytest.raises(TerminatedWorkerError):
        search.fit(X, Y)
    search.set_params(estimator__objective=Deadly("all")).fit(X, Y)
    assert search.predict(X).shape == Y.shape
