"""The loaders over OpenML, against a recorded answer and against generated ones."""

from __future__ import annotations

import builtins
import errno
import gzip
import hashlib
import json
import re
import time
import urllib.request
import warnings
from email.message import Message
from http.client import RemoteDisconnected
from io import BytesIO
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlparse
from urllib.response import addinfourl

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.utils import Bunch

import skmo.datasets
from skmo import MultiObjectiveClassifier, MultiObjectiveRegressor
from skmo.datasets import _openml, fetch_emotions
from skmo.exceptions import DownloadError

RECORDED = Path(__file__).parent / "openml"
ROOT = Path(__file__).parents[2]
EMOTIONS = _openml.SOURCES["fetch_emotions"]
FILE_NAME = re.compile(r"(/download/\d+)/.*")
# The folder of each among the real data sets, which come from Mulan.
MULAN = {
    "fetch_emotions": "emotions",
    "fetch_energy_efficiency": "enb",
    "fetch_river_flow": "rf1",
    "fetch_scene": "scene",
    "fetch_water_quality": "wq",
    "fetch_yeast": "yeast",
}


class OpenML(urllib.request.HTTPSHandler):
    """Answers what OpenML would be asked, or fails as a network does."""

    def __init__(self, answers):
        super().__init__()
        self.answers = dict(answers)
        self.asked = []

    def https_open(self, request):
        # scikit-learn 1.6 asks for a file by its number, later versions by its address.
        path = FILE_NAME.sub(r"\1", urlparse(request.full_url).path)
        self.asked.append(path)
        answer = self.answers[path]
        if isinstance(answer, Exception):
            raise answer
        code, body = (200, answer) if isinstance(answer, bytes) else (answer, b"")
        response = addinfourl(BytesIO(body), Message(), request.full_url, code)
        response.msg = "Service Unavailable" if code == 503 else "OK"
        return response


@pytest.fixture
def serve():
    """Function that makes ``urlopen`` get its answers from a dict by path."""

    def install(answers):
        server = OpenML(answers)
        urllib.request.install_opener(urllib.request.build_opener(server))
        return server

    yield install
    urllib.request.install_opener(None)


def paths(data_id, file_id):
    return (
        f"/api/v1/json/data/{data_id}",
        f"/api/v1/json/data/features/{data_id}",
        f"/api/v1/json/data/qualities/{data_id}",
        f"/data/v1/download/{file_id}",
    )


def recorded():
    """The recorded answers; the checksum is that of the abridged data."""
    description, features, qualities, data = (
        gzip.decompress((RECORDED / f"{name}.gz").read_bytes())
        for name in ("description.json", "features.json", "qualities.json", "data.arff")
    )
    bodies = (description, features, qualities, data)
    answers = dict(zip(paths(EMOTIONS.data_id, 4644182), bodies, strict=True))
    restate(answers, data)
    return answers


def generated(source, n_samples, *, labels=None, targets=None, sparse=False):
    """Answers for a data set of the form ``source``, and the values in them."""
    rng = np.random.RandomState(0)
    labels = source.labels if labels is None else labels
    X = rng.normal(size=(n_samples, source.n_features)).round(3)
    X[0, 0] = np.nan
    Y = rng.normal(size=(n_samples, source.n_targets)).round(3)
    if labels:
        Y = (Y > 0).astype(float)
    names = list(targets or [f"y{k}" for k in range(source.n_targets)])
    columns = [(f"x{j}", "numeric", False) for j in range(source.n_features)]
    columns += [(name, "nominal" if labels else "numeric", True) for name in names]
    kinds = {"numeric": "numeric", "nominal": "{FALSE,TRUE}"}
    lines = ["@relation made"]
    lines += [f"@attribute '{name}' {kinds[kind]}" for name, kind, _ in columns]
    lines.append("@data")
    for x, y in zip(X, Y, strict=True):
        cells = ["?" if np.isnan(v) else repr(float(v)) for v in x]
        cells += [("FALSE", "TRUE")[int(v)] if labels else repr(float(v)) for v in y]
        if sparse:
            cells = ["{" + ", ".join(f"{j} {v}" for j, v in enumerate(cells)) + "}"]
        lines.append(",".join(cells))
    data = "\n".join(lines).encode() + b"\n"
    features = [
        {
            "index": str(index),
            "name": name,
            "data_type": kind,
            "is_target": str(target).lower(),
            "is_ignore": "false",
            "is_row_identifier": "false",
            "number_of_missing_values": "1" if index == 0 else "0",
        }
        for index, (name, kind, target) in enumerate(columns)
    ]
    description = {
        "id": str(source.data_id),
        "name": "made",
        "version": "1",
        "description": "Made up.",
        "format": "Sparse_ARFF" if sparse else "ARFF",
        "url": "https://www.openml.org/data/v1/download/1/made.arff",
        "file_id": "1",
        "status": "active",
        "md5_checksum": hashlib.md5(data).hexdigest(),
    }
    quality = [{"name": "NumberOfInstances", "value": str(float(n_samples))}]
    bodies = (
        json.dumps({"data_set_description": description}).encode(),
        json.dumps({"data_features": {"feature": features}}).encode(),
        json.dumps({"data_qualities": {"quality": quality}}).encode(),
        data,
    )
    return dict(zip(paths(source.data_id, 1), bodies, strict=True)), X, Y


def restate(answers, data):
    """Replace the data among the answers, and what their description states."""
    description, _, _, path = answers
    stated = json.loads(answers[description])
    stated["data_set_description"]["md5_checksum"] = hashlib.md5(data).hexdigest()
    answers.update({description: json.dumps(stated).encode(), path: data})


@pytest.fixture
def expect(monkeypatch):
    """Function that changes what a loader requires."""

    def change(function, **changes):
        source = _openml.SOURCES[function]._replace(**changes)
        monkeypatch.setitem(_openml.SOURCES, function, source)
        return source

    return change


@pytest.fixture
def impatient(monkeypatch):
    """scikit-learn waits a second before it tries again."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


def ignored_warnings():
    """scikit-learn's, about every try."""
    return warnings.catch_warnings(action="ignore")


@pytest.fixture
def abridged(serve, expect):
    """The recorded answers are served, and are what is expected."""
    answers = recorded()
    data = answers["/data/v1/download/4644182"]
    expect("fetch_emotions", n_samples=13, md5=hashlib.md5(data).hexdigest())
    return serve(answers)


def values_of(answers):
    """Features and labels of recorded data, parsed by hand."""
    text = answers["/data/v1/download/4644182"].decode()
    rows = [
        line.replace('"', "").split(",")
        for line in text.splitlines()
        if line and line[0] not in "@%"
    ]
    X = [[float(cell) for cell in row[:72]] for row in rows]
    return np.array(X), np.array(
        [[cell == "TRUE" for cell in row[72:]] for row in rows]
    )


def test_recorded_checksum_is_the_one_that_is_required():
    text = gzip.decompress((RECORDED / "description.json.gz").read_bytes())
    stated = json.loads(text)["data_set_description"]
    assert EMOTIONS.md5 == stated["md5_checksum"]
    assert EMOTIONS.data_id == int(stated["id"])
    assert EMOTIONS.target_names == tuple(stated["default_target_attribute"].split(","))


def test_values_names_and_description(abridged, tmp_path):
    found = fetch_emotions(data_home=tmp_path)
    X, Y = values_of(recorded())
    assert isinstance(found, Bunch)
    assert X.shape == (13, 72)
    assert_array_equal(found.data, X)
    assert_array_equal(found.target, Y)
    assert found.data.dtype == found.target.dtype == np.float64
    assert found.data.flags.c_contiguous
    assert found.frame is None
    assert found.feature_names[0] == "Mean_Acc1298_Mean_Mem40_Centroid"
    assert found.target_names == list(EMOTIONS.target_names)
    assert found.DESCR.startswith("Multi-label dataset. Audio dataset (emotions)")
    assert found.details["version"] == "3"
    assert found.url == "https://www.openml.org/d/40589"


def test_sha256_is_that_of_names_and_values(abridged, tmp_path):
    found = fetch_emotions(data_home=tmp_path)
    X, Y = values_of(recorded())
    expected = hashlib.sha256()
    for names, values in ((found.feature_names, X), (found.target_names, Y)):
        expected.update(f"({names!r}, {values.shape!r})".encode())
        expected.update(values.astype("<f8").tobytes())
    assert found.sha256 == expected.hexdigest()
    kept = tmp_path / "skmo" / "openml_40589.sha256"
    assert kept.read_text() == found.sha256 + "\n"
    assert list(kept.parent.iterdir()) == [kept]


def test_sha256_takes_any_nan_for_the_same():
    other = np.array([np.nan]).view(np.uint64) | 1
    X, Z = np.array([[np.nan, 1.0]]), np.array([[other.view(np.float64)[0], 1.0]])
    assert X.tobytes() != Z.tobytes()
    names, Y = (["a", "b"], ["c"]), np.zeros((1, 1))
    assert _openml._sha256(*names, X, Y) == _openml._sha256(*names, Z, Y)
    assert _openml._sha256(*names, X, Y) != _openml._sha256(*names, X, Y + 1)


def test_return_X_y(abridged, tmp_path):
    X, Y = fetch_emotions(data_home=tmp_path, return_X_y=True)
    assert_array_equal(X, values_of(recorded())[0])
    assert_array_equal(Y, values_of(recorded())[1])


def test_frames(abridged, tmp_path):
    pd = pytest.importorskip("pandas")
    arrays = fetch_emotions(data_home=tmp_path)
    found = fetch_emotions(data_home=tmp_path, as_frame=True)
    assert isinstance(found.data, pd.DataFrame)
    assert isinstance(found.target, pd.DataFrame)
    assert list(found.data) == found.feature_names
    assert list(found.target) == found.target_names
    assert list(found.frame) == found.feature_names + found.target_names
    assert_array_equal(found.data, arrays.data)
    assert_array_equal(found.target, arrays.target)
    assert_array_equal(found.frame, np.hstack([arrays.data, arrays.target]))
    assert found.sha256 == arrays.sha256


def test_arrays_need_no_pandas(abridged, tmp_path, monkeypatch):
    genuine = builtins.__import__

    def without_pandas(name, *args, **kwargs):
        if name.partition(".")[0] == "pandas":
            raise ImportError(name)
        return genuine(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_pandas)
    with pytest.raises(ImportError, match=r'fetch_emotions\(as_frame=True\).*"skmo\['):
        fetch_emotions(data_home=tmp_path, as_frame=True)
    assert abridged.asked == []
    assert fetch_emotions(data_home=tmp_path).data.shape == (13, 72)


def test_second_call_needs_no_network(abridged, serve, tmp_path):
    first = fetch_emotions(data_home=tmp_path)
    assert len(abridged.asked) == 4
    offline = serve({})
    second = fetch_emotions(data_home=tmp_path)
    assert offline.asked == []
    assert_array_equal(second.data, first.data)
    assert second.sha256 == first.sha256


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (URLError("no address"), "OpenML cannot be reached (no address)"),
        (TimeoutError("timed out"), "OpenML cannot be reached (timed out)"),
        (RemoteDisconnected("hung up"), "OpenML cannot be reached (hung up)"),
        (503, "OpenML answered 503 (Service Unavailable)"),
    ],
)
@pytest.mark.parametrize("asked", range(4))
@pytest.mark.usefixtures("impatient")
def test_without_a_network(serve, tmp_path, failure, message, asked):
    """Whichever of the four questions gets no answer."""
    answers = recorded()
    answers[list(answers)[asked]] = failure
    serve(answers)
    with ignored_warnings(), pytest.raises(DownloadError) as caught:
        fetch_emotions(data_home=tmp_path)
    text = str(caught.value)
    assert text.startswith(
        "fetch_emotions found no complete copy of the data set 40589"
    )
    assert f"in the cache {str(tmp_path)!r}, and {message}." in text
    assert "pass as 'data_home' the folder of a cache that has it" in text
    assert isinstance(caught.value, OSError)
    assert caught.value.__cause__ is not None
    assert not (tmp_path / "skmo").exists()


@pytest.mark.usefixtures("impatient")
def test_works_once_there_is_a_network(abridged, serve, tmp_path):
    serve(dict.fromkeys(recorded(), URLError("no address")))
    with ignored_warnings(), pytest.raises(DownloadError):
        fetch_emotions(data_home=tmp_path)
    serve(recorded())
    assert fetch_emotions(data_home=tmp_path).data.shape == (13, 72)


def test_tries_again_to_download_the_data(serve, tmp_path):
    answers = recorded()
    *_, data = answers
    server = serve({**answers, data: URLError("no address")})
    with (
        pytest.warns(UserWarning, match="A network error occurred") as caught,
        pytest.raises(DownloadError),
    ):
        fetch_emotions(data_home=tmp_path, n_retries=2, delay=0.001)
    assert len(caught) == 2
    assert server.asked.count(data) == 3


def test_other_errors_of_the_system_are_not_taken_for_the_network(abridged, tmp_path):
    (tmp_path / "openml").write_text("a file where the cache has a folder")
    with ignored_warnings(), pytest.raises(OSError, match="openml") as caught:
        fetch_emotions(data_home=tmp_path)
    assert not isinstance(caught.value, DownloadError)


def test_data_that_differ_from_the_stated_checksum(abridged, serve, tmp_path):
    answers = recorded()
    answers["/data/v1/download/4644182"] += b"% more\n"
    serve(answers)
    with (
        pytest.warns(RuntimeWarning, match="Invalid cache"),
        pytest.raises(ValueError, match="md5 checksum"),
    ):
        fetch_emotions(data_home=tmp_path)
    assert not (tmp_path / "skmo").exists()


def test_abridged_data_are_refused(serve, tmp_path):
    """They have another checksum than the data set, which their description states."""
    serve(recorded())
    message = (
        "The data set 40589 of OpenML is not the one fetch_emotions is made for: its "
        f"MD5 checksum must be {EMOTIONS.md5}. Got 3b10ba5e2db8af24fa66cabeb05bb89b "
        "instead."
    )
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        fetch_emotions(data_home=tmp_path)
    assert repr(str(tmp_path / "openml")) in str(caught.value)
    assert not (tmp_path / "skmo").exists()


LABELS = _openml.Source(40589, 20, 3, 2, labels=True)
REALS = _openml.Source(40589, 20, 3, 2, labels=False)


@pytest.mark.parametrize(
    ("source", "answers", "message"),
    [
        (
            LABELS._replace(n_samples=21),
            {},
            "its shape must be (21, 3). Got (20, 3) instead.",
        ),
        (
            LABELS._replace(n_features=4),
            {},
            "its shape must be (20, 4). Got (20, 3) instead.",
        ),
        (
            LABELS._replace(n_targets=3),
            {},
            "its number of targets must be 3. Got 2 instead.",
        ),
        (
            LABELS._replace(target_names=("a", "b")),
            {"targets": ["b", "a"]},
            "its targets must be ('a', 'b'). Got ('b', 'a') instead.",
        ),
        (LABELS, {"sparse": True}, "its format must be dense. Got sparse instead."),
        (REALS, {"labels": True}, "its targets must be numbers. Got names instead."),
        (LABELS, {"labels": False}, "its labels other than true and false must be []."),
    ],
)
def test_another_data_set_is_refused(expect, serve, tmp_path, source, answers, message):
    served, _, _ = generated(LABELS, 20, **answers)
    serve(served)
    expect("fetch_emotions", **source._asdict())
    with pytest.raises(ValueError, match=re.escape(message)):
        fetch_emotions(data_home=tmp_path)


def test_categorical_features_are_refused(expect, serve, tmp_path):
    served, _, _ = generated(LABELS, 20)
    _, features, _, data = served
    restate(served, re.sub(rb",[-.\d]+,", b",red,", served[data].replace(b"?", b"0")))
    restate(served, served[data].replace(b"'x1' numeric", b"'x1' {red}"))
    served[features] = served[features].replace(
        b'"x1", "data_type": "numeric"', b'"x1", "data_type": "nominal"'
    )
    serve(served)
    expect("fetch_emotions", **LABELS._asdict())
    message = "categorical features must be []. Got ['x1'] instead."
    with pytest.raises(ValueError, match=re.escape(message)):
        fetch_emotions(data_home=tmp_path)


def test_labels_as_mulan_writes_them(expect, serve, tmp_path):
    served, X, Y = generated(LABELS, 20)
    *_, data = served
    restate(served, served[data].replace(b"FALSE", b"0").replace(b"TRUE", b"1"))
    serve(served)
    expect("fetch_emotions", **LABELS._asdict())
    found = fetch_emotions(data_home=tmp_path)
    assert_array_equal(found.data, X)
    assert_array_equal(found.target, Y)


def test_values_that_changed_since_the_first_call(abridged, tmp_path):
    first = fetch_emotions(data_home=tmp_path)
    kept = tmp_path / "skmo" / "openml_40589.sha256"
    kept.write_text("0" * 64 + "\n")
    message = (
        "fetch_emotions loaded other values than its first call did: their SHA-256 "
        f"checksum must be {'0' * 64}, as {str(kept)!r} says. Got {first.sha256} "
        "instead."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        fetch_emotions(data_home=tmp_path)
    kept.unlink()
    assert fetch_emotions(data_home=tmp_path).sha256 == first.sha256


@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_cache_that_others_keep(abridged, tmp_path, monkeypatch, code):
    def refuse(*args, **kwargs):
        raise OSError(code, "not yours")

    monkeypatch.setattr(_openml, "NamedTemporaryFile", refuse)
    assert fetch_emotions(data_home=tmp_path).data.shape == (13, 72)
    assert list((tmp_path / "skmo").iterdir()) == []


def test_full_disk_is_an_error(abridged, tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(_openml, "NamedTemporaryFile", refuse)
    with pytest.raises(OSError, match="no space left"):
        fetch_emotions(data_home=tmp_path)


def test_default_folder_is_that_of_scikit_learn(abridged, tmp_path, monkeypatch):
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    fetch_emotions()
    assert {path.name for path in tmp_path.iterdir()} == {"openml", "skmo"}


@pytest.mark.parametrize("name", _openml.SOURCES)
def test_every_loader_feeds_an_estimator(name, expect, serve, tmp_path):
    source = expect(name, n_samples=60, md5=None)
    served, X, Y = generated(source, 60, targets=source.target_names)
    serve(served)
    found = getattr(skmo.datasets, name)(data_home=tmp_path)
    assert_array_equal(found.data, X)
    assert_array_equal(found.target, Y)
    kind = MultiObjectiveClassifier if source.labels else MultiObjectiveRegressor
    model = kind(n_estimators=2, n_jobs=1, random_state=0)
    prediction = model.fit(found.data, found.target).predict(found.data)
    assert prediction.shape == Y.shape


@pytest.mark.parametrize("name", _openml.SOURCES)
def test_every_loader_says_what_it_loads(name):
    source = _openml.SOURCES[name]
    text = getattr(skmo.datasets, name).__doc__
    assert f"shape ({source.n_samples}, {source.n_features})" in text
    assert f"Data set {source.data_id} of OpenML" in text
    assert ("0 and 1" in text) == source.labels
    pinned = [] if source.md5 is None else [source.md5]
    assert re.findall("- the MD5 checksum ``(.*)``", text) == pinned
    assert max(map(len, text.splitlines())) <= 88


def test_loaders_are_those_of_the_table():
    public = [name for name in skmo.datasets.__all__ if name.startswith("fetch_")]
    assert public == list(_openml.SOURCES)


def test_user_guide_lists_every_data_set():
    page = (ROOT / "docs" / "user_guide" / "datasets.rst").read_text(encoding="utf-8")
    for name in skmo.datasets.__all__:
        if name.startswith(("fetch_", "make_")):
            assert f":func:`~skmo.datasets.{name}`" in page
    for source in _openml.SOURCES.values():
        row = (
            f"     - {source.n_samples} × {source.n_features}\n"
            f"     - {source.n_targets} {'labels' if source.labels else 'real'}\n"
            f"     - {source.data_id}\n"
        )
        assert row in page


@pytest.mark.data
@pytest.mark.parametrize("name", _openml.SOURCES)
def test_shapes_are_those_of_the_sets_from_mulan(name, load_dataset):
    source = _openml.SOURCES[name]
    X, Y, _ = load_dataset(MULAN[name])
    assert X.shape == (source.n_samples, source.n_features)
    assert Y.shape == (source.n_samples, source.n_targets)
    assert np.isin(Y, [0, 1]).all() == source.labels
    if source.target_names is not None:
        # R, with which they were put on OpenML, writes points for hyphens.
        names = [target.replace("-", ".") for target in Y.columns]
        assert names == list(source.target_names)


@pytest.mark.data
def test_recorded_rows_are_those_of_the_set_from_mulan(load_dataset):
    X, Y, _ = load_dataset("emotions")
    recorded_X, recorded_Y = values_of(recorded())
    assert_array_equal(recorded_X, X[:13])
    assert_array_equal(recorded_Y, Y[:13])
