"""The file itself: whole or not at all, and never larger than agreed."""

from __future__ import annotations

import builtins
import errno
import hashlib
import io
import json
import os
import stat
import struct
import tracemalloc
import zlib

import numpy as np
import pytest

import skmo
from skmo.exceptions import ModelFileError
from skmo.persistence import read_header
from skmo.persistence._container import MAGIC, build, parse
from tests.persistence.models import assert_same, fitted, loaded, saved


@pytest.fixture(scope="module")
def content():
    return saved(fitted("blend")[0])


def test_paths_and_file_objects(tmp_path, monkeypatch, content):
    est = fitted("blend")[0]
    monkeypatch.chdir(tmp_path)
    for path in (tmp_path / "a.skmo", str(tmp_path / "b.skmo"), "c.skmo"):
        est.save_model(path)
        assert_same(est, skmo.load_model(path))
    with open("d.skmo", "wb") as stream:
        est.save_model(stream)
    with open("d.skmo", "rb") as stream:
        assert_same(est, skmo.load_model(stream))
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["a.skmo", "b.skmo", "c.skmo", "d.skmo"]
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {content}
    with (
        open("d.skmo", encoding="latin-1") as stream,
        pytest.raises(TypeError, match="binary mode"),
    ):
        skmo.load_model(stream)
    with pytest.raises(FileNotFoundError):
        skmo.load_model("absent.skmo")
    with pytest.raises(FileNotFoundError):
        est.save_model(tmp_path / "absent" / "a.skmo")


@pytest.mark.skipif(os.name != "posix", reason="permissions and links are POSIX's")
def test_a_new_file_is_like_the_old(tmp_path):
    est = fitted("regressor")[0]
    path, link = tmp_path / "model.skmo", tmp_path / "link.skmo"
    link.symlink_to(path)
    (tmp_path / "usual").write_bytes(b"")
    est.save_model(path)
    modes = [stat.S_IMODE(p.stat().st_mode) for p in (path, tmp_path / "usual")]
    assert modes[0] == modes[1]
    path.chmod(0o640)
    est.save_model(link)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert_same(est, skmo.load_model(path))


class FullDisk(io.BytesIO):
    def __init__(self, stream):
        super().__init__()
        self.stream = stream

    def write(self, content):
        with self.stream:
            self.stream.write(content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")


def full_disk(monkeypatch):
    def opened(file, mode="r", *args, **kwargs):
        stream = real(file, mode, *args, **kwargs)
        return FullDisk(stream) if "x" in mode else stream

    real = builtins.open
    monkeypatch.setattr("builtins.open", opened)


def failing(name):
    def fail(*_, **__):
        raise OSError(errno.EIO, "Input/output error")

    return lambda monkeypatch: monkeypatch.setattr(f"os.{name}", fail)


@pytest.mark.parametrize(
    "break_disk",
    [full_disk, failing("fsync"), failing("replace")],
    ids=["full", "fsync", "replace"],
)
def test_the_old_file_stays_if_the_new_one_cannot_be_written(
    break_disk, tmp_path, monkeypatch, content
):
    path = tmp_path / "model.skmo"
    path.write_bytes(content)
    est = fitted("regressor")[0]
    with monkeypatch.context() as patched:
        break_disk(patched)
        with pytest.raises(OSError, match=r"No space|Input/output"):
            est.save_model(path)
    assert path.read_bytes() == content
    assert [p.name for p in tmp_path.iterdir()] == ["model.skmo"]


def test_the_layout_is_as_documented(content):
    """A reader of thirty lines, from the user guide's description alone."""
    assert content[:8] == MAGIC == bytes.fromhex("89534b4d4f0d0a1a")
    layout, length = struct.unpack("<II", content[8:16])
    assert layout == 1
    header = json.loads(content[16 : 16 + length])
    assert hashlib.sha256(content[:-32]).digest() == content[-32:]
    position, parts = 16 + length, []
    for entry in header["sections"]:
        part = zlib.decompress(content[position : position + entry["stored"]])
        assert len(part) == entry["size"]
        if entry["kind"] == "array":
            part = np.frombuffer(part, entry["dtype"]).reshape(entry["shape"])
        parts.append(part)
        position += entry["stored"]
    assert position == len(content) - 32
    state = json.loads(parts[0])
    forest = state["_result"]["attributes"]
    fields = dict(zip(forest["keys"], forest["values"], strict=True))["forest"]
    est = fitted("blend")[0]
    values = parts[fields["values"]["index"]]
    np.testing.assert_array_equal(values, np.concatenate(est._result.forest.values))
    text = parts[fields["structures"][0]["index"]].decode()
    assert text.startswith("tree\nversion=v4\n")
    assert not any("object" in entry.get("dtype", "") for entry in header["sections"])


def test_the_header_is_read_without_the_model(content, tmp_path):
    header = read_header(io.BytesIO(content))
    assert header["estimator"] == "MultiObjectiveRegressor"
    assert header["skmo"] == skmo.__version__
    assert header["objectives"] == ["target0", "target1", "target2"]
    assert header["n_features"] == 4
    assert set(header["libraries"]) == {"lightgbm", "numpy", "scikit-learn"}
    with pytest.raises(ModelFileError, match=r"no file of `save_model`"):
        read_header(io.BytesIO(b"pickle"))


def test_every_truncation_is_refused(content):
    rng = np.random.default_rng(0)
    lengths = {*range(40), *rng.integers(0, len(content), 60).tolist()}
    lengths |= {len(content) - k for k in (1, 31, 32, 33)}
    for length in lengths:
        with pytest.raises(ModelFileError):
            loaded(content[:length])
    with pytest.raises(ModelFileError, match="truncated or altered"):
        loaded(content + b"\0")


def test_every_flipped_bit_is_refused(content):
    rng = np.random.default_rng(1)
    places = [*range(20), *rng.integers(0, len(content), 100).tolist()]
    for place in places:
        altered = bytearray(content)
        altered[place] ^= 1 << int(rng.integers(8))
        with pytest.raises(ModelFileError):
            loaded(bytes(altered))


def test_what_is_larger_than_agreed_is_refused(content):
    header, parts = parse(content, 1 << 30)
    size = sum(map(len, parts)) + 16 + len(json.dumps(header))
    for limit in (0, 100, len(content) - 1, len(content), size // 2):
        with pytest.raises(ModelFileError, match="max_bytes"):
            loaded(content, max_bytes=limit)
    assert loaded(content, max_bytes=1 << 20)
    for wrong in (-1, 1e9, None, "1"):
        with pytest.raises(ValueError, match=r"'max_bytes' parameter must be an int"):
            loaded(content, max_bytes=wrong)


def bomb(size, claimed):
    header = {"skmo": "0.1", "format": 1, "estimator": "MultiObjectiveRegressor"}
    entries = [{"kind": "json"}, {"kind": "array", "dtype": "|u1", "shape": [claimed]}]
    content = build({**header, "sections": entries}, [b"{}", bytes(size)])
    return content.replace(f'"size":{size}'.encode(), f'"size":{claimed}'.encode())


def signed(content):
    return content[:-32] + hashlib.sha256(content[:-32]).digest()


@pytest.mark.parametrize("claimed", [50_000_000, 10_000_000, 90_000_000])
def test_a_bomb_does_not_go_off(claimed):
    """50 MB of zeros in 50 kB, whose size the header states right or wrong."""
    content = signed(bomb(50_000_000, claimed))
    assert len(content) < 60_000
    tracemalloc.start()
    with pytest.raises(ModelFileError):
        loaded(content, max_bytes=20_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 25_000_000


def test_json_that_would_take_much_memory_is_refused():
    for tree in (b"[" * 100_000, b"[" + b"[]," * 300_000 + b"[]]"):
        header = {"skmo": "0.1", "format": 1, "estimator": "MultiObjectiveRegressor"}
        content = build({**header, "sections": [{"kind": "json"}]}, [tree])
        tracemalloc.start()
        with pytest.raises(ModelFileError, match="JSON"):
            loaded(content, max_bytes=1 << 25)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1 << 25


def test_reading_stops_where_more_than_agreed_comes():
    class Endless:
        n_read = 0

        def read(self, size):
            self.n_read += size
            return b"\0" * size

    file = Endless()
    with pytest.raises(ModelFileError, match="more than max_bytes=1000000 bytes"):
        skmo.load_model(file, max_bytes=1_000_000)
    assert file.n_read == 1_000_001
