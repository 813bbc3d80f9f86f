"""A fit that was killed goes on to the model it would have given, to the last bit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import lightgbm as lgb
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
from skmo.balancing import BALANCERS, Fixed
from skmo.boosting.structure import STRUCTURE_RULES
from skmo.callbacks import StopTraining, checkpoint
from skmo.datasets import make_funnel

from .ranking import queries

N_ROUNDS, EVERY = 12, 3
FAST = {
    "n_estimators": N_ROUNDS,
    "num_leaves": 5,
    "min_child_samples": 5,
    "n_jobs": 1,
    "random_state": 0,
}


class Killed(Exception):
    """In the place of SIGKILL: everything in memory is thrown away."""


def killed_after(n_rounds):
    def callback(env):
        if env.iteration + 1 == n_rounds:
            raise Killed

    # Before the checkpoint, which comes last: the round is lost.
    return callback


def resumed(make, data, path, *, after, every=EVERY, fit=None):
    """A fit killed in round ``after``, and resumed by another estimator."""
    fit = {} if fit is None else fit
    with pytest.raises(Killed):
        make().fit(
            **data, **fit, callbacks=[checkpoint(path, every), killed_after(after)]
        )
    return make().fit(
        **data, **fit, callbacks=[checkpoint(path, every)], resume_from=path
    )


def uninterrupted(make, data, path, *, every=EVERY, fit=None):
    fit = {} if fit is None else fit
    return make().fit(
        **data, **fit, callbacks=[checkpoint(path.with_suffix(".whole"), every)]
    )


def assert_same_model(a, b, X):
    assert_array_equal(a.n_iter_, b.n_iter_)
    assert_array_equal(a._raw_predict(X), b._raw_predict(X))
    assert_array_equal(a.apply(X), b.apply(X))
    assert a.heads_ == b.heads_
    assert_array_equal(a.head_shares_, b.head_shares_)
    assert_array_equal(a.objective_importances_, b.objective_importances_)
    assert set(a.history_) == set(b.history_)
    for name in set(a.history_) - {"seconds"}:
        assert_array_equal(a.history_[name], b.history_[name], err_msg=name)
    assert len(a.history_["seconds"]) == len(b.history_["seconds"])
    texts = [[part.text for part in e._result.forest.structures] for e in (a, b)]
    assert texts[0] == texts[1]
    for name in ("score_spreads_", "conflict_report_"):
        assert hasattr(a, name) == hasattr(b, name)
        np.testing.assert_equal(getattr(a, name, None), getattr(b, name, None))


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(150, 4))
    Y = np.column_stack([2 * X[:, 0] + X[:, 1], X[:, 1] ** 2, X[:, 0] - X[:, 2]])
    Y += 0.3 * rng.normal(size=Y.shape)
    return {"X": X[:110], "y": Y[:110], "X_val": X[110:], "y_val": Y[110:]}


@pytest.fixture(scope="module")
def ranked():
    X, Y, qid = queries(25)
    X_val, Y_val, qid_val = queries(10, seed=1)
    return {
        **{"X": X, "y": Y, "qid": qid},
        **{"X_val": X_val, "y_val": Y_val, "qid_val": qid_val},
    }


@pytest.fixture(scope="module")
def funnel():
    X, Y = make_funnel(400, rates=(0.7, 0.7, 0.6), n_noise_features=0, random_state=0)
    return {"X": X[:300], "y": Y[:300], "X_val": X[300:], "y_val": Y[300:]}


def without_validation(data):
    return {name: value for name, value in data.items() if "_val" not in name}


def labelled(data):
    return {
        name: np.digitize(v[:, :2], [-1, 1]) if name.startswith("y") else v
        for name, v in data.items()
    }


def positive(data):
    """A binary, a real and a positive target."""
    return {
        name: np.column_stack([v[:, 0] > 0, v[:, 1], np.abs(v[:, 2])])
        if name.startswith("y")
        else v
        for name, v in data.items()
    }


def regressor(**params):
    return lambda: MultiObjectiveRegressor(**{**FAST, **params})


def shared_score(**params):
    objectives = ["squared_error", "huber", "absolute_error"]
    return lambda: MultiObjectiveEstimator(
        objectives, shared_score=True, **{**FAST, **params}
    )


def mixed(**params):
    objectives = ["binary", "squared_error", "tweedie"]
    return lambda: MultiObjectiveEstimator(objectives, **{**FAST, **params})


def classifier(**params):
    return lambda: MultiObjectiveClassifier(**{**FAST, **params})


def ranker(**params):
    return lambda: MultiObjectiveRanker(**{**FAST, **params})


def stages(**params):
    return lambda: EntireSpaceClassifier(**{**FAST, "heads": "none", **params})


DRAWS = {
    "subsample": 0.6,
    "colsample_bytree": 0.6,
    "lightgbm_params": {"extra_trees": True, "feature_fraction_bynode": 0.6},
}
GRADIENTS = {"combine": "gradients"}
CASES = {
    "regressor": (regressor(), "data"),
    "stopped early": (regressor(n_iter_no_change=3, learning_rate=0.5), "data"),
    "heads by folds": (regressor(heads="boost"), "bare"),
    "no heads": (regressor(heads="none", early_stopping=False), "data"),
    "held out": (regressor(early_stopping=True), "bare"),
    "draws": (regressor(**DRAWS), "data"),
    "rows drawn seldom": (regressor(subsample=0.5, subsample_freq=4), "data"),
    "medians": (regressor(objective="absolute_error"), "data"),
    "mixed": (mixed(balancer="uncertainty_weighting"), "mixed"),
    "labels": (classifier(balancer="famo"), "labels"),
    "one score": (shared_score(balancer="tchebycheff"), "data"),
    "bounds": (shared_score(bounds={0: 0.05}), "data"),
    "ranker of scores": (ranker(), "ranked"),
    "ranker of gradients": (ranker(**GRADIENTS, balancer="famo"), "ranked"),
    "random gradients": (ranker(objectives="xendcg", **GRADIENTS), "ranked"),
    "labels drawn": (ranker(**GRADIENTS, balancer="label_aggregation"), "ranked"),
    "bounded ranker": (ranker(**GRADIENTS, bounds={1: 0.02}, **DRAWS), "ranked"),
    "funnel": (stages(), "funnel"),
    "entire space": (stages(loss="entire_space", conflict="ignore"), "funnel"),
    "stages stopped": (
        # The third stage stops after round 3, the first after 4, the second goes on.
        stages(
            loss="entire_space",
            conflict="ignore",
            n_iter_no_change=2,
            tol=0.0,
            learning_rate=0.3,
        ),
        "funnel",
    ),
    "projected": (stages(loss="entire_space", conflict="project"), "funnel"),
    "balanced": (
        stages(loss="entire_space", conflict="balance", balancer="famo"),
        "funnel",
    ),
    # The first stage stops after round 3, and weighs nothing from then on.
    "balanced and stopped": (
        stages(
            loss="entire_space",
            conflict="balance",
            balancer="mgda",
            n_iter_no_change=2,
            tol=0.0,
            learning_rate=0.3,
        ),
        "funnel",
    ),
    "imputed": (stages(loss="dr"), "funnel"),
}


@pytest.fixture
def given(data, ranked, funnel):
    return {
        "data": data,
        "bare": without_validation(data),
        "mixed": positive(data),
        "labels": labelled(data),
        "ranked": ranked,
        "funnel": funnel,
    }


@pytest.mark.parametrize(("make", "kind"), CASES.values(), ids=CASES)
def test_the_same_model(make, kind, given, tmp_path):
    path, data = tmp_path / "run.ckpt", given[kind]
    whole = uninterrupted(make, data, path)
    # Not later than in the last round there is, of a fit that stops early.
    after = min(len(whole.history_["seconds"]), 8)
    assert after > EVERY
    again = resumed(make, data, path, after=after)
    assert_same_model(whole, again, data["X"])


@pytest.mark.skipif(
    lgb.__version__.startswith("4.1."), reason="LightGBM 4.1 crashes on small data"
)
def test_gradients_rounded_at_random(data, tmp_path):
    make = regressor(lightgbm_params={"use_quantized_grad": True}, heads="none")
    path = tmp_path / "run.ckpt"
    whole = uninterrupted(make, data, path)
    assert_same_model(whole, resumed(make, data, path, after=8), data["X"])


@pytest.mark.parametrize("balancer", BALANCERS)
@pytest.mark.filterwarnings("ignore::skmo.exceptions.IneffectiveBalancerWarning")
def test_what_a_balancer_remembers(balancer, data, tmp_path):
    balancer = Fixed([0.5, 0.3, 0.2]) if balancer == "fixed" else balancer
    make = regressor(balancer=balancer, heads="none", n_estimators=6)
    path, data = tmp_path / "run.ckpt", without_validation(data)
    whole = uninterrupted(make, data, path)
    assert_same_model(whole, resumed(make, data, path, after=5), data["X"])


@pytest.mark.parametrize("balancer", BALANCERS)
def test_what_a_balancer_of_one_score_remembers(balancer, data, tmp_path):
    balancer = Fixed([0.5, 0.3, 0.2]) if balancer == "fixed" else balancer
    make = shared_score(balancer=balancer, n_estimators=6)
    path, data = tmp_path / "run.ckpt", without_validation(data)
    whole = uninterrupted(make, data, path)
    assert_same_model(whole, resumed(make, data, path, after=5), data["X"])


@pytest.mark.parametrize("structure", STRUCTURE_RULES)
def test_structure_rules(structure, data, tmp_path):
    make = regressor(structure=structure, heads="none", n_estimators=6)
    path = tmp_path / "run.ckpt"
    whole = uninterrupted(make, data, path)
    assert_same_model(whole, resumed(make, data, path, after=5), data["X"])


@pytest.mark.parametrize("random_state", [None, np.random.RandomState(3)])
def test_a_seed_that_was_drawn_is_kept(random_state, data, tmp_path):
    path = tmp_path / "run.ckpt"

    def make():
        return MultiObjectiveRegressor(**{**FAST, "random_state": random_state})

    again = resumed(make, data, path, after=8)
    whole = regressor(random_state=again._seed)().fit(**data)
    assert_array_equal(again.predict(data["X"]), whole.predict(data["X"]))


@pytest.mark.parametrize("every", [1, 5, 50])
def test_without_draws_checkpoints_change_nothing(every, data, tmp_path):
    est = regressor(heads="none")()
    plain = est.fit(**data)
    structure, X = plain._result.forest.structures, data["X"]
    est = regressor(heads="none")().fit(
        **data, callbacks=[checkpoint(tmp_path / "c", every)]
    )
    assert_same_model(plain, est, X)
    assert len(structure) == len(est._result.forest.structures) == 1


def test_draws_differ_from_checkpoint_to_checkpoint(data, tmp_path):
    params = {"structure": "sum", "heads": "none", "learning_rate": 1e-9}
    est = regressor(**params, subsample=0.3)()
    est.fit(**without_validation(data), callbacks=[checkpoint(tmp_path / "c", 1)])
    # Nothing but the rows drawn tells the trees apart at this learning rate.
    leaves = est.apply(data["X"])
    assert len(np.unique(leaves, axis=1).T) > N_ROUNDS // 2


def test_more_rounds(data, tmp_path):
    path = tmp_path / "run.ckpt"
    regressor(n_estimators=7)().fit(**data, callbacks=[checkpoint(path, EVERY)])
    longer = regressor()().fit(**data, resume_from=path)
    assert_array_equal(
        longer.predict(data["X"]), regressor()().fit(**data).predict(data["X"])
    )
    with pytest.raises(ValueError, match="has 7 rounds, more than n_estimators=5"):
        regressor(n_estimators=5)().fit(**data, resume_from=path)


def test_a_finished_fit_only_trains_heads(data, tmp_path, monkeypatch):
    path = tmp_path / "run.ckpt"
    whole = regressor()().fit(**data, callbacks=[checkpoint(path, EVERY)])
    monkeypatch.setattr(
        "skmo.boosting.SharedBooster._round", lambda *_: pytest.fail("a round")
    )
    again = regressor()().fit(**data, resume_from=path)
    assert_same_model(whole, again, data["X"])


def test_killed_while_heads_are_trained(data, tmp_path, monkeypatch):
    path = tmp_path / "run.ckpt"
    whole = uninterrupted(regressor(), data, path)
    with monkeypatch.context() as patch:
        patch.setattr(MultiObjectiveRegressor, "_train_heads", _killed)
        with pytest.raises(Killed):
            regressor()().fit(**data, callbacks=[checkpoint(path, EVERY)])
    again = regressor()().fit(**data, resume_from=path)
    assert_same_model(whole, again, data["X"])


def _killed(*_):
    raise Killed


def test_a_fit_that_a_callback_ended_goes_on(data, tmp_path):
    path = tmp_path / "run.ckpt"

    def stop(env):
        if env.iteration == 6:
            raise StopTraining

    short = regressor()().fit(**data, callbacks=[checkpoint(path, 100), stop])
    assert len(short.history_["gap"]) == 7
    again = regressor()().fit(**data, resume_from=path)
    assert_array_equal(
        again.predict(data["X"]), regressor()().fit(**data).predict(data["X"])
    )


def test_killed_twice(data, tmp_path):
    path, make = tmp_path / "run.ckpt", regressor(**DRAWS)
    whole = uninterrupted(make, data, path)
    for after in (5, 8, 11):
        kwargs = {"resume_from": path} if path.exists() else {}
        with pytest.raises(Killed):
            make().fit(
                **data,
                **kwargs,
                callbacks=[checkpoint(path, EVERY), killed_after(after)],
            )
    again = make().fit(
        **data, callbacks=[checkpoint(path, EVERY)], resume_from=str(path)
    )
    assert_same_model(whole, again, data["X"])


def test_warm_start(data, tmp_path):
    path = tmp_path / "run.ckpt"

    def make():
        est = regressor(n_estimators=4, warm_start=True, subsample=0.6)().fit(**data)
        return est.set_params(n_estimators=N_ROUNDS)

    whole = uninterrupted(make, data, path)
    assert_same_model(whole, resumed(make, data, path, after=9), data["X"])
    with pytest.raises(ValueError, match=r"other data: the earlier fit \(warm_start\)"):
        regressor(warm_start=True, subsample=0.6)().fit(**data, resume_from=path)


def test_weights_sparse_features_and_missing_targets(data, tmp_path):
    sp = pytest.importorskip("scipy.sparse")
    rng = np.random.default_rng(1)
    X, Y = data["X"] * (data["X"] > 0), data["y"].copy()
    Y[rng.random(Y.shape) < 0.2] = np.nan
    given = {"X": sp.csr_matrix(X), "y": Y, "sample_weight": rng.random(Y.shape)}
    path, make = tmp_path / "run.ckpt", regressor(heads="none")
    whole = uninterrupted(make, given, path)
    assert_same_model(whole, resumed(make, given, path, after=8), given["X"])


def test_the_number_of_threads_may_change(data, tmp_path):
    path, make = tmp_path / "run.ckpt", regressor()
    with pytest.raises(Killed):
        make().fit(**data, callbacks=[checkpoint(path, EVERY), killed_after(8)])
    again = make().set_params(n_jobs=2).fit(**data, resume_from=path)
    assert_array_equal(again.predict(data["X"]), make().fit(**data).predict(data["X"]))


SCRIPT = """
import os, signal, sys
import numpy as np
from skmo import MultiObjectiveRegressor
from skmo.callbacks import checkpoint

rng = np.random.default_rng(0)
X = rng.normal(size=(200, 4))
Y = X[:, :2] + X[:, 1:3] ** 2
path, kill_in = sys.argv[1], int(sys.argv[2])

def kill(env):
    if env.iteration == kill_in:
        os.kill(os.getpid(), signal.SIGKILL)

est = MultiObjectiveRegressor(
    n_estimators=20, subsample=0.7, balancer="famo", n_jobs=1, random_state=0
)
est.fit(X, Y, callbacks=[checkpoint(path, every=4), kill], resume_from=path)
print(est.predict(X).tobytes().hex())
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX's")
def test_processes_that_are_killed(tmp_path, monkeypatch, capsys):
    def run(path, kill_in):
        return subprocess.run(
            [sys.executable, "-c", SCRIPT, str(path), str(kill_in)],
            capture_output=True,
            text=True,
        )

    path = tmp_path / "run.ckpt"
    dead = run(path, 14)
    assert dead.returncode == -signal.SIGKILL
    assert path.exists()
    again = run(path, -1)
    assert again.returncode == 0, again.stderr
    monkeypatch.setattr("sys.argv", ["", str(tmp_path / "whole.ckpt"), "-1"])
    exec(SCRIPT, {})
    assert again.stdout == capsys.readouterr().out != ""
