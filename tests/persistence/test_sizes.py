"""Files take no more than twice the room that their numbers need."""

from __future__ import annotations

import importlib.util
import io
import pickle
from pathlib import Path

import numpy as np
import pytest

import skmo
from tests.persistence.models import saved

PATH = Path(__file__).parents[2] / "benchmarks" / "model_size.py"


@pytest.fixture(scope="module")
def bytes_needed():
    spec = importlib.util.spec_from_file_location("model_size", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.bytes_needed


def fit(n_targets, heads, objective, n_estimators=60):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1600, 10))
    Y = np.sin(X[:, :8]) @ rng.normal(size=(8, n_targets))
    Y += rng.normal(size=Y.shape)
    cls = skmo.MultiObjectiveRegressor
    if objective == "binary":
        cls, Y = skmo.MultiObjectiveClassifier, Y > 0
    return cls(
        n_estimators=n_estimators, heads=heads, n_jobs=1, random_state=0,
        early_stopping=False,
    ).fit(X[:800], Y[:800], X_val=X[800:], y_val=Y[800:])  # fmt: skip


def test_what_is_needed_by_hand(bytes_needed):
    """One tree of two leaves: 19 bytes a split, 4 a leaf, 8 for two float32 values."""
    X = np.repeat([[0.0], [1.0]], 30, axis=0)
    Y = np.hstack([X, 1 - X])
    est = skmo.MultiObjectiveRegressor(n_estimators=1, heads="none", random_state=0)
    content = saved(est.fit(X, Y))
    header = skmo.persistence.read_header(io.BytesIO(content))
    arrays = sum(e["size"] for e in header["sections"] if e["kind"] == "array")
    assert bytes_needed(content) == arrays + 19 + 2 * 4
    assert [2, 2] in [entry.get("shape") for entry in header["sections"]]


@pytest.mark.parametrize(
    ("n_targets", "heads", "objective"),
    [
        (2, "none", "squared_error"),
        (2, "blend", "binary"),
        (8, "none", "squared_error"),
    ],
)
def test_files_take_no_more_than_twice_the_need(
    n_targets, heads, objective, bytes_needed
):
    est = fit(n_targets, heads, objective)
    content = saved(est)
    assert len(content) <= 1.5 * bytes_needed(content)
    assert len(content) < len(pickle.dumps(est))


def test_arrays_and_texts_are_stored_once():
    est = fit(2, "none", "squared_error", n_estimators=5)
    before = len(saved(est))
    est.history_["again"] = est.history_["train_loss"]
    assert len(saved(est)) < before + 100
