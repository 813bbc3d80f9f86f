"""Renew the predictions that guard against silent changes.

    python tests/golden/renew.py

Run it from the repository's root where `test_golden.py` fails because predictions
were *meant* to change: another default, a mended bug, a better method. It prints how
far each case moved, and writes ``tests/golden/predictions.json``. Commit that file with
the change that moved the predictions, say in the commit why they moved, and put a line
into the changelog: users' models will differ when they are fitted again.

Do not run it to make a test pass whose failure you cannot explain. With ``--check``
nothing is written, and the exit status is 1 where something moved.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import lightgbm
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.golden.cases import CASES, FILE, kept, predictions

# Beyond what a float32 score is worth.
_DIGITS = 9


def main(*arguments: str) -> int:
    """Predict anew, say what moved, write it down."""
    before = kept() if FILE.exists() else {}
    found, moved = {}, False
    for name in CASES:
        found[name] = predictions(name)
        change = distance(found[name], before.get(name, {}))
        moved |= change > 0
        print(f"{name:20} moved by {change:.1e} of its spread")
    if "--check" in arguments:
        return int(moved)
    FILE.write_text(_text(found), encoding="utf-8")
    return 0


def distance(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> float:
    """The largest change of a prediction, in units of its column's spread."""
    if found.keys() != expected.keys():
        return float("inf")
    worst = 0.0
    for key, values in found.items():
        known = expected[key]
        if known.shape != values.shape:
            return float("inf")
        spread = np.maximum(known.std(axis=0), np.finfo(float).tiny)
        change = np.abs(np.vectorize(_rounded)(values) - known) / spread
        worst = max(worst, float(change.max()))
    return worst


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _text(found: dict[str, dict[str, np.ndarray]]) -> str:
    """As JSON with a line for each array, to be read in a diff."""
    lines = []
    for name, arrays in found.items():
        rows = []
        for key, values in arrays.items():
            plain = np.vectorize(_rounded)(values).tolist()
            rows.append(f"   {json.dumps(key)}: {json.dumps(plain)}")
        lines.append(f"  {json.dumps(name)}: {{\n" + ",\n".join(rows) + "\n  }")
    made = json.dumps({"lightgbm": lightgbm.__version__, "numpy": np.__version__})
    body = ",\n".join(lines)
    return f'{{\n "made with": {made},\n "predictions": {{\n{body}\n }}\n}}\n'


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
