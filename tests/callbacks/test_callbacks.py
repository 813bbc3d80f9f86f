"""What callbacks are given, and what they may do."""

from __future__ import annotations

import time

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
from skmo.callbacks import (
    CallbackEnv,
    Evaluation,
    StopTraining,
    checkpoint,
    log_evaluation,
    record_evaluation,
    stop_when,
    time_limit,
)

FAST = {"n_estimators": 6, "num_leaves": 5, "n_jobs": 1, "random_state": 0}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4))
    Y = np.column_stack([X[:, 0] + X[:, 1], X[:, 1] ** 2])
    Y += 0.2 * rng.normal(size=Y.shape)
    return {"X": X[:150], "y": Y[:150], "X_val": X[150:], "y_val": Y[150:]}


@pytest.fixture
def envs():
    return []


def regressor(**params):
    return MultiObjectiveRegressor(**{**FAST, "heads": "none", **params})


def staged(Y):
    return np.column_stack([Y[:, 0] > 0, (Y[:, 0] > 0) & (Y[:, 1] > 1)]).astype(float)


def graded(Y):
    return np.clip(np.round(np.abs(Y)), 0, 3)


ESTIMATORS = {
    "regressor": (MultiObjectiveRegressor, np.asarray, {}),
    "classifier": (MultiObjectiveClassifier, lambda Y: (Y > 0.5).astype(int), {}),
    "estimator": (MultiObjectiveEstimator, np.asarray, {}),
    "one score": (MultiObjectiveEstimator, np.asarray, {"shared_score": True}),
    "funnel": (EntireSpaceClassifier, staged, {}),
    "ranker": (MultiObjectiveRanker, graded, {}),
    "joint ranker": (MultiObjectiveRanker, graded, {"combine": "gradients"}),
}


@pytest.mark.parametrize(
    ("cls", "change", "params"), ESTIMATORS.values(), ids=ESTIMATORS
)
@pytest.mark.parametrize("validate", [False, True])
def test_env_agrees_with_what_is_published(cls, change, params, validate, data, envs):
    given = {"X": data["X"], "y": change(data["y"])}
    if validate:
        given |= {"X_val": data["X_val"], "y_val": change(data["y_val"])}
    if cls is MultiObjectiveRanker:
        given["qid"] = np.arange(150) // 10
        if validate:
            given["qid_val"] = np.arange(50) // 10
    est = cls(**FAST, **params).fit(**given, callbacks=[envs.append])
    names, history = est.objective_names_, est.history_
    assert [env.iteration for env in envs] == list(range(len(history["gap"])))
    for i, env in enumerate(envs):
        assert isinstance(env, CallbackEnv)
        assert (env.begin_iteration, env.end_iteration) == (0, 6)
        assert env.ending == (i == 5)
        assert env.params == est.get_params(deep=False)
        assert env.model.n_rounds == i + 1
        assert env.model.objective_names == names
        assert env.train_loss == dict(zip(names, history["train_loss"][i], strict=True))
        expected = [("training", *pair, False) for pair in env.train_loss.items()]
        assert bool(env.val_loss) == validate
        if validate:
            losses = dict(zip(names, history["val_loss"][i], strict=True))
            assert env.val_loss == losses
            expected += [("valid", *pair, False) for pair in losses.items()]
        assert [tuple(e) for e in env.evaluation_result_list] == expected
        assert_array_equal(env.weights, history["weights"][i])
        assert env.gap == history["gap"][i]
        np.testing.assert_equal(env.conflict, history["conflict"][i])
        assert env.seconds == history["seconds"][i]
        assert env.total_seconds == pytest.approx(history["seconds"][: i + 1].sum())
    last = envs[-1]
    assert_array_equal(last.model.n_iter, est.n_iter_)
    found = last.history()
    assert set(found) == set(history)
    for name in found:
        assert_array_equal(found[name], history[name])


@pytest.mark.parametrize(
    ("cls", "change", "params"), ESTIMATORS.values(), ids=ESTIMATORS
)
def test_snapshot_is_the_shorter_fit(cls, change, params, data):
    given = {"X": data["X"], "y": change(data["y"])}
    if cls is MultiObjectiveRanker:
        given["qid"] = np.arange(150) // 10
    kept = []

    def keep(env):
        kept.append(env.model.snapshot())

    params = {**FAST, **params}
    if cls is not MultiObjectiveRanker:
        params["heads"] = "none"
    est = cls(**params).fit(**given, callbacks=[keep])
    shorter = cls(**{**params, "n_estimators": 3}).fit(**given)
    for known, copy in ((shorter, kept[2]), (est, kept[5])):
        assert_array_equal(copy.predict(data["X"]), known.predict(data["X"]))
        assert_array_equal(copy.n_iter_, known.n_iter_)
        assert_array_equal(copy.feature_importances_, known.feature_importances_)
        assert set(vars(copy)) == set(vars(known))


def test_objectives_that_no_validation_row_observes(data, envs):
    Y_val = data["y_val"].copy()
    Y_val[:, 1] = np.nan
    est = regressor(early_stopping=False)
    est.fit(**{**data, "y_val": Y_val}, callbacks=[envs.append])
    assert list(envs[0].val_loss) == ["target0"]
    assert list(envs[0].train_loss) == ["target0", "target1"]
    assert len(envs[0].evaluation_result_list) == 3


def test_before_and_after_in_order(data):
    calls = []

    class Callback:
        def __init__(self, name, order=None, before=False):
            self.name, self.before_iteration = name, before
            if order is not None:
                self.order = order

        def __call__(self, env):
            evaluated = env.evaluation_result_list is not None
            calls.append((self.name, env.iteration, env.model.n_rounds, evaluated))

    regressor(n_estimators=2).fit(
        **data,
        callbacks=[
            Callback("late", 50),
            Callback("first"),
            Callback("before", 1, before=True),
            Callback("second"),
            Callback("early", 5),
        ],
    )
    after = ["first", "second", "early", "late"]
    assert calls == [
        ("before", 0, 0, False),
        *((name, 0, 1, True) for name in after),
        ("before", 1, 1, False),
        *((name, 1, 2, True) for name in after),
    ]


def test_a_warm_start_counts_on(data, envs):
    est = regressor(n_estimators=2, warm_start=True).fit(**data)
    est.set_params(n_estimators=4).fit(**data, callbacks=[envs.append])
    assert [(e.begin_iteration, e.iteration, e.end_iteration) for e in envs] == [
        (2, 2, 4),
        (2, 3, 4),
    ]
    assert len(envs[-1].history()["gap"]) == 4
    assert envs[-1].total_seconds == pytest.approx(est.history_["seconds"].sum())


def test_callbacks_are_not_told_of_folds_and_references(data, envs):
    bare = {"X": data["X"], "y": data["y"]}
    est = MultiObjectiveRegressor(**FAST, heads="boost")
    est.fit(**bare, callbacks=[envs.append])
    assert len(envs) == 6
    envs.clear()
    est = MultiObjectiveEstimator(**FAST, shared_score=True, bounds={0: 0.1})
    est.fit(**bare, callbacks=[envs.append])
    assert len(envs) == 6


def test_record_evaluation(data):
    losses = {"leftover": 1}
    est = regressor().fit(**data, callbacks=[record_evaluation(losses)])
    assert list(losses) == ["training", "valid"]
    for kind, name in (("training", "train_loss"), ("valid", "val_loss")):
        recorded = np.column_stack([losses[kind][n] for n in est.objective_names_])
        assert_array_equal(recorded, est.history_[name])
    est.set_params(warm_start=True, n_estimators=9)
    est.fit(**data, callbacks=[record_evaluation(losses)])
    assert losses["valid"]["target1"] == est.history_["val_loss"][:, 1].tolist()
    assert len(losses["valid"]["target1"]) == 9


def test_record_evaluation_of_a_resumed_fit(data, tmp_path):
    path, losses = tmp_path / "c", {}
    regressor(n_estimators=4).fit(**data, callbacks=[checkpoint(path)])
    est = regressor().fit(
        **data, callbacks=[record_evaluation(losses)], resume_from=path
    )
    assert losses["valid"]["target0"] == est.history_["val_loss"][:, 0].tolist()


@pytest.mark.parametrize("period", [1, 3])
def test_log_evaluation_is_what_verbose_prints(period, data, capfd):
    regressor(n_estimators=10).fit(**data, callbacks=[log_evaluation(period)])
    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert err == ""
    assert [line.partition(" ")[0] for line in lines] == [
        f"[{n}]" for n in range(1, 11) if n % period == 0
    ]
    regressor(n_estimators=10, verbose=2).fit(**data)
    printed = capfd.readouterr().out.splitlines()
    without_time = [line.rpartition(" (")[0] for line in printed]
    assert [line.rpartition(" (")[0] for line in lines] == without_time[
        period - 1 :: period
    ]


def test_many_objectives_are_not_all_printed(capfd):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 3))
    regressor(n_estimators=1).fit(
        X, X @ rng.normal(size=(3, 9)), callbacks=[log_evaluation()]
    )
    out = capfd.readouterr().out
    assert "target7" in out
    assert "target8" not in out
    assert ", … (9 objectives); gap" in out


class TestStopping:
    def test_all_rounds_are_kept(self, data):
        def stop(env):
            if env.iteration == 3:
                raise StopTraining

        est = regressor().fit(**data, callbacks=[stop])
        shorter = regressor(n_estimators=4).fit(**data)
        assert len(est.history_["gap"]) == 4
        assert_array_equal(est.predict(data["X"]), shorter.predict(data["X"]))
        assert_array_equal(est.apply(data["X"]), shorter.apply(data["X"]))
        more = est.set_params(warm_start=True).fit(**data)
        assert len(more.history_["gap"]) == 6

    def test_heads_are_trained(self, data):
        est = MultiObjectiveRegressor(**FAST, heads="boost")
        est.fit(**data, callbacks=[stop_when(lambda env: True)])
        shorter = MultiObjectiveRegressor(**{**FAST, "n_estimators": 1}, heads="boost")
        assert est.heads_ == ["boost", "boost"] == shorter.fit(**data).heads_

    def test_the_others_are_called(self, data, envs):
        def last(env):
            envs.append(env)

        last.order = 1000
        regressor().fit(**data, callbacks=[last, stop_when(lambda env: True)])
        assert [env.ending for env in envs] == [True]

    def test_before_a_round(self, data):
        def stop(env):
            if env.iteration == 2:
                raise StopTraining

        stop.before_iteration = True
        est = regressor().fit(**data, callbacks=[stop])
        assert len(est.history_["gap"]) == 2

    def test_stop_when_reads_the_losses(self, data):
        first = regressor().fit(**data).history_["val_loss"][:, 1]
        bound = first[3]
        callback = stop_when(lambda env: env.val_loss["target1"] <= bound)
        est = regressor().fit(**data, callbacks=[callback])
        assert len(est.history_["gap"]) == 4

    def test_time_limit(self, data):
        start = time.monotonic()
        limit = time_limit(0.05)
        for _ in range(2):  # the clock starts anew
            est = regressor(n_estimators=10**6, early_stopping=False)
            est.fit(**data, callbacks=[limit])
            assert est.history_["seconds"].sum() >= 0.02
        assert time.monotonic() - start < 20
        assert 1 <= len(est.history_["gap"]) < 10**6
        est = regressor().fit(**data, callbacks=[time_limit(0)])
        assert len(est.history_["gap"]) == 1

    def test_all_have_stopped_early(self, data, envs):
        est = regressor(n_estimators=300, n_iter_no_change=2, learning_rate=0.9)
        est.fit(**data, callbacks=[envs.append])
        assert len(envs) < 300
        assert [env.ending for env in envs] == [False] * (len(envs) - 1) + [True]


class TestFailures:
    @pytest.fixture
    def fitted(self, data):
        return regressor(n_estimators=3).fit(**data)

    @pytest.mark.parametrize("before", [False, True])
    def test_the_estimator_is_as_it_was(self, before, data, fitted):
        def fail(env):
            if env.iteration == 1:
                raise ZeroDivisionError("in the callback")

        fail.before_iteration = before
        state, predictions = vars(fitted).copy(), fitted.predict(data["X"])
        with pytest.raises(ZeroDivisionError, match="in the callback"):
            fitted.fit(**data, callbacks=[fail])
        assert vars(fitted) == state
        assert_array_equal(fitted.predict(data["X"]), predictions)
        fresh = regressor()
        with pytest.raises(ZeroDivisionError):
            fresh.fit(**data, callbacks=[fail])
        assert vars(fresh) == regressor().__dict__

    @pytest.mark.parametrize(
        ("callbacks", "match"),
        [
            (print, "must be a list of functions of one argument. Got <built-in"),
            ("log", "must be a list"),
            ([print, 3], r"holds 3, which is no function\. Pass functions of one"),
            ([StopTraining], "which is no function"),
            (
                [lgb.early_stopping(5)],
                "is refused. It ends a fit .* Pass X_val and y_val with "
                "early_stopping=True and n_iter_no_change",
            ),
            (
                [lgb.reset_parameter(learning_rate=[0.1] * 6)],
                "is refused. Parameters cannot be changed between rounds",
            ),
        ],
    )
    def test_bad_callbacks(self, callbacks, match, data, fitted):
        state = vars(fitted).copy()
        with pytest.raises(ValueError, match=match):
            fitted.fit(**data, callbacks=callbacks)
        assert vars(fitted) == state

    def test_stopping_as_lightgbm_does(self, data):
        def stop(env):
            raise lgb.callback.EarlyStopException(0, [])

        with pytest.raises(ValueError, match=r"Raise skmo\.callbacks\.StopTraining"):
            regressor().fit(**data, callbacks=[stop])

    @pytest.mark.parametrize("period", [0, -1, 1.5, True, "10"])
    def test_bad_periods(self, period, tmp_path):
        with pytest.raises(ValueError, match="at least 1 round"):
            log_evaluation(period)
        with pytest.raises(ValueError, match=r"at least 1\. Got every="):
            checkpoint(tmp_path / "c", period)

    @pytest.mark.parametrize("seconds", [-1, float("nan"), "1", None, True])
    def test_bad_seconds(self, seconds):
        with pytest.raises(ValueError, match="time_limit needs a number of seconds"):
            time_limit(seconds)

    def test_bad_arguments(self):
        with pytest.raises(TypeError, match="record_evaluation needs a dict"):
            record_evaluation([])
        with pytest.raises(TypeError, match="The 'condition' parameter of stop_when"):
            stop_when(True)
        with pytest.raises(TypeError, match=r"a file's path\. Got 3"):
            checkpoint(3)

    def test_a_checkpoint_before_a_round(self, data, tmp_path):
        def save(env):
            env.save_checkpoint(tmp_path / "c")

        save.before_iteration = True
        with pytest.raises(ValueError, match="a checkpoint is of whole rounds"):
            regressor().fit(**data, callbacks=[save])


class TestLightGBMsOwn:
    """The callbacks themselves, as they are."""

    def test_record_evaluation(self, data):
        theirs, ours = {}, {}
        regressor().fit(
            **data, callbacks=[lgb.record_evaluation(theirs), record_evaluation(ours)]
        )
        assert {kind: dict(losses) for kind, losses in theirs.items()} == ours
        assert len(ours["valid"]["target0"]) == 6

    def test_of_a_warm_start(self, data):
        theirs = {}
        est = regressor(warm_start=True).fit(**data).set_params(n_estimators=8)
        est.fit(**data, callbacks=[lgb.record_evaluation(theirs)])
        assert theirs["valid"]["target1"] == est.history_["val_loss"][6:, 1].tolist()

    @pytest.mark.parametrize("period", [1, 4])
    def test_log_evaluation(self, period, data, capfd):
        est = regressor().fit(**data, callbacks=[lgb.log_evaluation(period)])
        lines = capfd.readouterr().out.splitlines()
        expected = []
        for n in range(period, 7, period):
            shown = [
                f"{kind}'s {name}: {loss:g}"
                for kind, key in (("training", "train_loss"), ("valid", "val_loss"))
                for name, loss in zip(
                    est.objective_names_, est.history_[key][n - 1], strict=True
                )
            ]
            expected.append(f"[LightGBM] [Info] [{n}]\t" + "\t".join(shown))
        plain = [line.removeprefix("[LightGBM] [Info] ") for line in lines]
        assert plain == [line.removeprefix("[LightGBM] [Info] ") for line in expected]

    def test_evaluation_is_their_tuple(self):
        ours = Evaluation("valid", "dose", 0.5)
        assert len(ours) == 4
        assert tuple(ours) == ("valid", "dose", 0.5, False)
        assert not ours.is_cv_result()
        if hasattr(lgb.basic, "EvalResult"):  # LightGBM 4.7 and later
            theirs = lgb.basic.EvalResult("valid", "dose", 0.5, False)
            for name in theirs._fields:
                assert getattr(ours, name) == getattr(theirs, name)
