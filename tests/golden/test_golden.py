"""The predictions of fixed data have not changed silently.

`renew.py` beside this file says what to do where they were meant to change.
"""

from __future__ import annotations

import json

import numpy as np
import pytest

from . import cases, renew
from .cases import CASES, FILE, kept, predictions

# Shares of a column's spread. Measured between LightGBM 4.1 with NumPy 1.25 and
# LightGBM 4.7 with NumPy 2.4 on one machine: 0 to the nine digits kept. Gradients'
# energies that differ by 1e-7, as sums in another order might, move predictions by up
# to 6e-8; another split moves them by more than 1e-3.
_TOLERANCE = 1e-6


@pytest.mark.parametrize("name", CASES)
def test_predictions_are_those_kept(name):
    change = renew.distance(predictions(name), kept()[name])
    assert change <= _TOLERANCE, (
        f"The predictions of {name!r} moved by {change:.1e} of their spread. If that "
        "was meant, run: python tests/golden/renew.py"
    )


def test_all_cases_are_kept():
    assert list(kept()) == list(CASES)


def test_predictions_tell_rows_apart():
    """A constant would be kept as well as a model."""
    for name, found in kept().items():
        for key, values in found.items():
            assert np.isfinite(values).all(), name
            distinct = len(np.unique(values.reshape(len(values), -1), axis=0))
            assert distinct > 30, (name, key)


def test_a_change_is_seen(monkeypatch, tmp_path, capsys):
    """A digit that moved is told, and written only where that was asked for."""
    content = json.loads(FILE.read_text(encoding="utf-8"))
    first = content["predictions"]["one target"]["predict"]
    first[0] += 1e-4
    file = tmp_path / "predictions.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    for module in (cases, renew):
        monkeypatch.setattr(module, "FILE", file)
    monkeypatch.setattr(renew, "CASES", {"one target": None})
    before = file.read_text(encoding="utf-8")
    assert renew.main("--check") == 1
    assert "one target" in capsys.readouterr().out
    assert file.read_text(encoding="utf-8") == before
    assert renew.main() == 0
    assert renew.main("--check") == 0
