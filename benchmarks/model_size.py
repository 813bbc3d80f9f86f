"""How large saved models are, against what their numbers need.

Squared error on 2000 rows of 20 features, 100 rounds of 31 leaves.

    python benchmarks/model_size.py       writes docs/benchmarks/model_size.csv

What the numbers need, uncompressed: for every split the feature (2 bytes), the
threshold (8), two children (2 each), its kind (1) and its rows (4); for every leaf its
rows (4), its value for each score (4, as float32) in shared trees and its value (8) in
trees of an objective's own; 4 bytes a word of sets of categories; and the arrays of
history and importances as they are. Gains, Hessians and the like, which files hold as
well, are not counted.
"""

from __future__ import annotations

import csv
import io
import pickle
import re
from pathlib import Path

import joblib
import numpy as np

from skmo import MultiObjectiveRegressor
from skmo.persistence._container import parse

N_ROWS, N_FEATURES, N_ROUNDS = 2000, 20, 100
TABLE = Path(__file__).parents[1] / "docs" / "benchmarks" / "model_size.csv"


def bytes_needed(content: bytes) -> int:
    """What the numbers of a model need, from the content of its file."""
    header, sections = parse(content, 1 << 40)
    total = 0
    for entry, section in zip(header["sections"], sections, strict=True):
        if entry["kind"] == "array":
            total += len(section)
        elif entry["kind"] == "text":
            total += _trees_need(section.decode())
    return total


def _trees_need(text: str) -> int:
    total = 0
    for tree in re.split(r"^Tree=\d+$", text, flags=re.MULTILINE)[1:]:
        lines = dict(line.split("=", 1) for line in tree.split("\n") if "=" in line)
        n_leaves = int(lines["num_leaves"])
        # The values of shared trees are in an array.
        own = set(lines["leaf_value"].split(" ")) != {"0"}
        total += 19 * (n_leaves - 1) + (12 if own else 4) * n_leaves
        for name in ("cat_boundaries", "cat_threshold"):
            total += 4 * len(lines.get(name, "").split())
    return total


def saved(model: MultiObjectiveRegressor) -> bytes:
    file = io.BytesIO()
    model.save_model(file)
    return file.getvalue()


def fit(n_targets: int, heads: str) -> MultiObjectiveRegressor:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2 * N_ROWS, N_FEATURES))
    Y = np.sin(X[:, :8]) @ rng.normal(size=(8, n_targets))
    Y += rng.normal(size=Y.shape)
    return MultiObjectiveRegressor(
        n_estimators=N_ROUNDS, heads=heads, early_stopping=False, random_state=0
    ).fit(X[:N_ROWS], Y[:N_ROWS], X_val=X[N_ROWS:], y_val=Y[N_ROWS:])


def row(n_targets: int, heads: str) -> list:
    model = fit(n_targets, heads)
    content = saved(model)
    packed = io.BytesIO()
    joblib.dump(model, packed, compress=3)
    need = bytes_needed(content)
    sizes = [len(content), len(packed.getvalue()), len(pickle.dumps(model))]
    kilobytes = [f"{size / 1000:.0f}" for size in (need, *sizes)]
    return [n_targets, heads, *kilobytes, f"{len(content) / need:.2f}"]


def main() -> None:
    rows = [row(K, heads) for K in (2, 16, 64) for heads in ("none", "auto")]
    with TABLE.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        names = ["targets", "heads", "need", ".skmo", "joblib, 3", "pickle"]
        writer.writerow([*names, ".skmo / need"])
        writer.writerows(rows)
    print(TABLE.read_text(encoding="utf-8"), end="")


if __name__ == "__main__":
    main()
