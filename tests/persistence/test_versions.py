"""Models of other versions load, or refuse and say why."""

from __future__ import annotations

import copy
import json
import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone

import skmo
from skmo import _state
from skmo.exceptions import ModelFileError
from skmo.persistence._container import build, parse
from tests.persistence.models import assert_same, fitted, loaded, regressor, saved


def written(est, version, number, monkeypatch):
    """A pickle and a file as that version would have written them."""
    with monkeypatch.context() as patched:
        patched.setattr(skmo, "__version__", version)
        patched.setattr(_state, "STATE_FORMAT", number)
        pickled = pickle.dumps(est)
    header, sections = parse(saved(est), 1 << 30)
    header.update(skmo=version, format=number)
    return pickled, build(header, sections)


READERS = {"pickle": lambda p, f: pickle.loads(p), "file": lambda p, f: loaded(f)}
each_reader = pytest.mark.parametrize("read", READERS.values(), ids=READERS)


@each_reader
def test_another_version_of_the_same_format_loads(read, monkeypatch):
    est = fitted("blend")[0]
    for version in ("0.0.1", "99.9"):
        files = written(est, version, _state.STATE_FORMAT, monkeypatch)
        assert_same(est, read(*files))


def test_a_parameter_that_an_older_version_lacks_has_its_default():
    est = regressor(verbose=0, heads="none")[0]
    header, sections = parse(saved(est), 1 << 30)
    tree = json.loads(sections[0])
    del tree["verbose"], tree["n_jobs"]
    found = loaded(build(header, [json.dumps(tree).encode(), *sections[1:]]))
    assert (found.verbose, found.n_jobs) == (0, None)
    state = est.__getstate__()
    del state["n_jobs"]
    new = object.__new__(type(est))
    new.__setstate__(state)
    assert new.n_jobs is None


def test_pickles_keep_what_users_put_on_an_estimator():
    est = copy.copy(fitted("regressor")[0])
    est.predict = print
    assert pickle.loads(pickle.dumps(est)).predict is print


@each_reader
def test_a_newer_format_is_refused_with_both_versions_and_the_remedy(read, monkeypatch):
    est = fitted("blend")[0]
    files = written(est, "7.5", _state.STATE_FORMAT + 1, monkeypatch)
    with pytest.raises(ModelFileError) as caught:
        read(*files)
    message = str(caught.value)
    assert f"written by skmo 7.5 in format {_state.STATE_FORMAT + 1}" in message
    assert f"This is skmo {skmo.__version__}" in message
    assert "Install skmo 7.5 or newer, or fit the model again" in message


def old_name(name, fields):
    """A format in which ``verbose`` and the result's ``prior`` had other names."""
    if name == "MultiObjectiveRegressor":
        fields = dict(fields)
        fields["verbose"] = fields.pop("loudness")
    if name == "result":
        pairs = fields["attributes"]
        keys = ["prior" if key == "before" else key for key in pairs["keys"]]
        fields = {"attributes": {**pairs, "keys": keys}}
    return fields


@each_reader
def test_an_older_format_is_migrated(read, monkeypatch):
    est = fitted("blend")[0]
    older = copy.copy(est)
    vars(older)["loudness"] = vars(older).pop("verbose")
    pickled = written_old(older)
    header, sections = parse(saved(est), 1 << 30)
    tree = json.loads(sections[0])
    tree["loudness"] = tree.pop("verbose")
    pairs = tree["_result"]["attributes"]
    pairs["keys"] = ["before" if key == "prior" else key for key in pairs["keys"]]
    content = build(header, [json.dumps(tree).encode(), *sections[1:]])

    monkeypatch.setattr(_state, "STATE_FORMAT", 2)
    with pytest.raises(
        ModelFileError, match=r"format 1, which skmo .* no longer reads"
    ):
        read(pickled, content)
    monkeypatch.setitem(_state.MIGRATIONS, 1, old_name)
    found = read(pickled, content)
    vars(found)["verbose"] = vars(found).pop("verbose")
    assert found.verbose == est.verbose
    assert not hasattr(found, "loudness")
    assert_same(vars(est)["_result"], vars(found)["_result"])


def written_old(older):
    """A pickle in which the result's ``prior`` has its old name."""
    result = object.__new__(type(older._result))
    for name, value in vars(older._result).items():
        vars(result)["before" if name == "prior" else name] = value
    older._result = result
    return pickle.dumps(older)


@each_reader
def test_what_does_not_say_its_version_is_refused(read, monkeypatch):
    est = fitted("regressor")[0]
    state = est.__getstate__()
    del state["_skmo_version"], state["_skmo_format"]
    new = object.__new__(type(est))
    with pytest.raises(ModelFileError, match="does not say which version"):
        new.__setstate__(state)
    for number in (0, -1, None, "1", 1.0, True):
        files = written(est, "0.1", number, monkeypatch)
        with pytest.raises(ModelFileError, match="does not say which version"):
            read(*files)


def test_the_state_is_scikit_learns_and_the_version():
    est = fitted("regressor")[0]
    state = est.__getstate__()
    expected = BaseEstimator.__getstate__(est)
    assert set(state) == {*expected, "_skmo_version", "_skmo_format"}
    assert state["_skmo_version"] == skmo.__version__
    assert "_skmo_version" not in vars(clone(est))
    assert "_skmo_version" not in vars(pickle.loads(pickle.dumps(est)))
    assert "_skmo_version" not in vars(copy.deepcopy(est))


def test_other_versions_of_scikit_learn_do_not_warn(monkeypatch):
    """No object of scikit-learn's is pickled that would record its version."""
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=200), rng.integers(0, 5, 200)])
    Y = np.column_stack([X[:, 1] % 2, X[:, 0]])
    est = skmo.MultiObjectiveRegressor(
        categorical_features=[1], n_estimators=3, n_jobs=1
    ).fit(X, Y)
    pickled = pickle.dumps(est)
    assert b"_sklearn_version" not in pickled
    assert b"sklearn" not in pickled
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        monkeypatch.setattr("sklearn.base.__version__", "99")
        assert_same(est, pickle.loads(pickled))


def test_pickles_name_no_private_module_but_the_results():
    """So that these may move without a new format."""
    text = pickle.dumps(fitted("estimator")[0], protocol=0).decode("latin-1")
    names = {line for line in text.split("\n") if line.startswith("cskmo")}
    assert names == {"cskmo.boosting._result"} or names == set()
    modules = {m for m in text.split() if m.startswith("cskmo.")}
    assert modules <= {
        "cskmo.boosting._result",
        "cskmo.estimators._estimator",
    }


def test_a_pickle_whose_parts_do_not_fit_is_refused():
    est = regressor(heads="none")[0]
    state = est.__getstate__()
    state["n_features_in_"] = 99
    with pytest.raises(ModelFileError, match="n_features_in_"):
        object.__new__(type(est)).__setstate__(state)
