"""Which files a fit is resumed from, and which are refused."""

from __future__ import annotations

import json
import os
import pickle
import stat

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmo import MultiObjectiveEstimator, MultiObjectiveRanker, MultiObjectiveRegressor
from skmo.callbacks import checkpoint, log_evaluation
from skmo.estimators._checkpoint_file import read_checkpoint, write_checkpoint
from skmo.objectives import SquaredError

FAST = {"n_estimators": 4, "num_leaves": 5, "n_jobs": 1, "random_state": 0}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 3))
    return X, np.column_stack([X[:, 0], X[:, 1] ** 2])


def regressor(**params):
    return MultiObjectiveRegressor(**{**FAST, "heads": "none", **params})


@pytest.fixture
def path(data, tmp_path):
    """A checkpoint of all four rounds."""
    path = tmp_path / "run.ckpt"
    regressor().fit(*data, callbacks=[checkpoint(path)])
    return path


class TestFile:
    @pytest.mark.parametrize("length", [0, 5, 16, 40, 1000, -1])
    def test_one_that_is_cut_short(self, length, path, data, no_training):
        path.write_bytes(path.read_bytes()[:length])
        with pytest.raises(ValueError, match=r"no checkpoint of skmo's|is not whole"):
            regressor().fit(*data, resume_from=path)

    @pytest.mark.parametrize("place", [0.3, 0.6, 0.99])
    def test_one_that_was_altered(self, place, path, data, no_training, monkeypatch):
        content = bytearray(path.read_bytes())
        content[int(len(content) * place)] ^= 1
        path.write_bytes(content)
        monkeypatch.setattr(pickle, "loads", lambda *_: pytest.fail("unpickled"))
        with pytest.raises(ValueError, match="is not whole, or was altered"):
            regressor().fit(*data, resume_from=path)

    def test_a_foreign_one(self, tmp_path, data, no_training):
        path = tmp_path / "m.pkl"
        path.write_bytes(pickle.dumps(regressor()))
        with pytest.raises(ValueError, match="is no checkpoint of skmo's"):
            regressor().fit(*data, resume_from=path)

    @pytest.mark.parametrize("header", [b"{}", b"[]", b"3", b'{"size": 0}', b"\xff"])
    def test_one_without_a_header(self, header, tmp_path, data, no_training):
        path = tmp_path / "c"
        path.write_bytes(b"skmo checkpoint\n" + header + b"\n")
        with pytest.raises(ValueError, match="is not whole"):
            regressor().fit(*data, resume_from=path)

    @pytest.mark.parametrize("name", ["skmo", "lightgbm", "format"])
    def test_another_version(self, name, path, data, no_training):
        magic, header, payload = path.read_bytes().split(b"\n", 2)
        header = {**json.loads(header), name: "9.9"}
        path.write_bytes(b"\n".join([magic, json.dumps(header).encode(), payload]))
        with pytest.raises(ValueError, match=rf"was written with {name} 9\.9; this is"):
            regressor().fit(*data, resume_from=path)

    def test_it_is_replaced_at_once(self, path, monkeypatch):
        content = path.read_bytes()

        def fail(*_):
            raise OSError("the disk is full")

        for name in ("replace", "fsync"):
            with monkeypatch.context() as patch:
                patch.setattr(os, name, fail)
                with pytest.raises(OSError, match="disk is full"):
                    write_checkpoint(path, {})
            assert path.read_bytes() == content
        write_checkpoint(path, {"new": 1})
        assert read_checkpoint(path) == {"new": 1}
        assert [p.name for p in path.parent.iterdir()] == ["run.ckpt"]

    def test_a_disk_that_fills_up_fails_the_fit(self, data, tmp_path, monkeypatch):
        def fail(*_):
            raise OSError("the disk is full")

        monkeypatch.setattr(os, "fsync", fail)
        est = regressor()
        with pytest.raises(OSError, match="disk is full"):
            est.fit(*data, callbacks=[checkpoint(tmp_path / "c")])
        assert not hasattr(est, "n_iter_")


class TestMissing:
    def test_is_an_error(self, tmp_path, data, no_training):
        path = tmp_path / "absent"
        for callbacks in (None, [checkpoint(tmp_path / "other")]):
            with pytest.raises(ValueError, match="there is no such file"):
                regressor().fit(*data, callbacks=callbacks, resume_from=path)

    def test_unless_it_is_to_be_written(self, tmp_path, data, monkeypatch):
        monkeypatch.chdir(tmp_path)
        est = regressor().fit(
            *data, callbacks=[checkpoint(tmp_path / "c")], resume_from="c"
        )
        assert_array_equal(
            est.predict(data[0]), regressor().fit(*data).predict(data[0])
        )
        assert (tmp_path / "c").exists()

    @pytest.mark.parametrize("path", [3, True, b"c", ["c"]])
    def test_no_path(self, path, data, no_training):
        with pytest.raises(ValueError, match="'resume_from' parameter must be a file"):
            regressor().fit(*data, resume_from=path)


class TestFolder:
    def test_is_checked_before_training(self, data, tmp_path, no_training):
        for path in (tmp_path / "absent" / "c", tmp_path):
            with pytest.raises(ValueError, match="needs a file in a folder that"):
                regressor().fit(*data, callbacks=[checkpoint(path)])

    @pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write"
    )
    def test_that_cannot_be_written_to(self, data, tmp_path, no_training):
        tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
        with pytest.raises(ValueError, match="cannot be written to"):
            regressor().fit(*data, callbacks=[checkpoint(tmp_path / "c")])


class TestIdentity:
    @pytest.mark.parametrize(
        "other",
        [
            {"learning_rate": 0.2},
            {"num_leaves": 6},
            {"balancer": "mgda"},
            {"structure": "sum"},
            {"objective": "huber"},
            {"preference": [1, 2]},
            {"heads": "auto"},
            {"random_state": 1},
            {"random_state": None},
            {"lightgbm_params": {"extra_trees": True}},
        ],
        ids=str,
    )
    def test_other_parameters(self, other, path, data, no_training):
        (name, value) = next(iter(other.items()))
        there = regressor().get_params()[name]
        match = rf"with other parameters: {name}={there!r}, now "
        with pytest.raises(ValueError, match=match) as caught:
            regressor(**other).fit(*data, resume_from=path)
        assert repr(value) in str(caught.value)

    def test_what_may_be_other(self, path, data):
        other = {"n_jobs": 2, "on_interrupt": "keep", "n_estimators": 6}
        est = regressor(**other).fit(*data, resume_from=path)
        whole = regressor(n_estimators=6).fit(*data)
        assert_array_equal(est.predict(data[0]), whole.predict(data[0]))

    def test_the_same_in_other_words(self, data, tmp_path):
        path = tmp_path / "c"
        est = regressor(preference=np.array([1.0, 2.0]), learning_rate=np.float64(0.1))
        est.fit(*data, callbacks=[checkpoint(path)])
        regressor(preference=(1.0, 2.0)).fit(*data, resume_from=path)

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            (lambda X, Y: {"X": X + 1, "y": Y}, "X"),
            (lambda X, Y: {"X": X, "y": 2 * Y}, "y"),
            (lambda X, Y: {"X": X[1:], "y": Y[1:]}, "X, y"),
            (lambda X, Y: {"X": X, "y": Y, "sample_weight": X[:, 0] ** 2}, "sample_w"),
            (lambda X, Y: {"X": X, "y": Y, "X_val": X, "y_val": Y}, "X_val, y_val"),
            (lambda X, Y: {"X": X[::-1], "y": Y[::-1]}, "X, y"),
        ],
    )
    def test_other_data(self, change, named, path, data, no_training):
        with pytest.raises(ValueError, match=f"a fit with other data: {named}"):
            regressor().fit(**change(*data), resume_from=path)

    def test_other_queries(self, data, tmp_path):
        X, Y = data[0], np.clip(np.round(np.abs(data[1])), 0, 3)
        est = MultiObjectiveRanker(**FAST)
        path, qid = tmp_path / "c", np.arange(80) // 8
        est.fit(X, Y, qid=qid, callbacks=[checkpoint(path)])
        with pytest.raises(ValueError, match="other data: queries"):
            est.fit(X, Y, qid=np.arange(80) // 10, resume_from=path)

    def test_another_estimator(self, path, data):
        est = MultiObjectiveEstimator(**FAST, heads="none")
        with pytest.raises(ValueError, match="estimator='MultiObjectiveRegressor'"):
            est.fit(*data, resume_from=path)

    def test_bounds_need_as_many_rounds(self, data, tmp_path):
        path = tmp_path / "c"
        est = MultiObjectiveEstimator(**FAST, shared_score=True, bounds={0: 0.1})
        est.fit(*data, callbacks=[checkpoint(path)])
        with pytest.raises(ValueError, match="n_estimators=4, now 8"):
            est.set_params(n_estimators=8).fit(*data, resume_from=path)

    def test_a_fitted_estimator_is_as_it_was(self, path, data):
        est = regressor(num_leaves=3).fit(*data)
        state = vars(est).copy()
        with pytest.raises(ValueError, match="other parameters"):
            est.fit(*data, resume_from=path)
        with pytest.raises(ValueError, match="other data"):
            est.set_params(num_leaves=5).fit(data[0], data[1] + 1, resume_from=path)
        assert vars(est) == {**state, "num_leaves": 5}


class Unpicklable(SquaredError):
    def __init__(self, function=None):
        self.function = function


class TestPickling:
    def test_of_parameters_is_tried_before_training(self, data, tmp_path, no_training):
        est = regressor(objective=Unpicklable(lambda: None))
        with pytest.raises(ValueError, match="the 'objective' parameter cannot"):
            est.fit(*data, callbacks=[checkpoint(tmp_path / "c")])

    def test_is_needed_for_checkpoints_alone(self, data, capfd):
        est = regressor(objective=Unpicklable(lambda: None))
        est.fit(*data, callbacks=[log_evaluation(4)])
        assert capfd.readouterr().out.startswith("[4]")

    def test_of_a_balancers_memory(self, data, tmp_path):
        from skmo.balancing import Equal

        class Local(Equal):
            def _weights(self, gramian, losses, preference):
                self.function = lambda: None
                return super()._weights(gramian, losses, preference)

        def save(env):
            env.save_checkpoint(tmp_path / "c")

        with pytest.raises(ValueError, match="A checkpoint needs"):
            regressor(balancer=Local()).fit(*data, callbacks=[save])


def test_callbacks_of_the_users_own_may_save(data, tmp_path):
    path = tmp_path / "c"

    def save(env):
        if env.iteration == 1:
            env.save_checkpoint(path)

    whole = regressor().fit(*data, callbacks=[save])
    assert read_checkpoint(path)["run"]["result"]["forest"].n_rounds == 2
    est = regressor().fit(*data, resume_from=path)
    assert_array_equal(est.predict(data[0]), whole.predict(data[0]))
    assert_array_equal(est.apply(data[0]), whole.apply(data[0]))
