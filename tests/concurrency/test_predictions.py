"""One model, or several, asked from many threads: the same numbers as from one.

In processes of their own: LightGBM (tried with 4.7) ends the process where two calls
change its range of trees or its number of threads under each other's hands.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

COMMON = """
import sys
import numpy as np
from concurrent.futures import ThreadPoolExecutor
from skmo import MultiObjectiveRegressor

rng = np.random.default_rng(0)
X = rng.normal(size=(300, 6))
Y = np.column_stack([X[:, 0] + X[:, 1] ** 2, X[:, 2], X[:, 3] * X[:, 0]])
Y += 0.1 * rng.normal(size=Y.shape)

def fit(heads, n_jobs, n_estimators=30):
    return MultiObjectiveRegressor(
        n_estimators=n_estimators, heads=heads, n_jobs=n_jobs, random_state=0
    ).fit(X, Y)

def ask_at_once(calls, n_threads=16, n_calls=4):
    expected = [call() for call in calls]
    def ask(seed):
        draws = np.random.default_rng(seed).integers(len(calls), size=n_calls)
        return all(np.array_equal(calls[i](), expected[i]) for i in draws)
    sys.setswitchinterval(1e-5)
    with ThreadPoolExecutor(n_threads) as pool:
        assert all(pool.map(ask, range(n_threads)))
"""

ONE_MODEL = """
est = fit(sys.argv[1], int(sys.argv[2]))
ask_at_once([
    lambda: est.predict(X),
    lambda: est.predict(X[:1]),
    lambda: est.apply(X),
    lambda: np.array(list(est.staged_predict(X))),
    lambda: est.predict_contrib(X[:20]),
])
"""

SEVERAL_MODELS = """
large = np.tile(X, (30, 1))  # more threads than the small one
models = [fit("blend", n_jobs) for n_jobs in (1, 2, 3)]
ask_at_once([
    lambda m=m, rows=rows: m.predict(rows) for m in models for rows in (X, large)
])
"""

FITS = """
sizes = range(3, 11)
expected = [fit("none", 2, size).predict(X) for size in sizes]
with ThreadPoolExecutor(8) as pool:
    found = list(pool.map(lambda size: fit("none", 2, size).predict(X), sizes))
assert all(map(np.array_equal, found, expected))
"""


def run(code, *arguments):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", COMMON + code, *arguments],
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("heads", "n_jobs"), [("none", "1"), ("blend", "2")])
def test_of_one_model_from_sixteen_threads(heads, n_jobs):
    done = run(ONE_MODEL, heads, n_jobs)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("code", [SEVERAL_MODELS, FITS], ids=["predictions", "fits"])
def test_of_several_models(code):
    done = run(code)
    assert done.returncode == 0, done.stderr
