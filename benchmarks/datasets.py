"""The data sets of the benchmarks, and how each is split.

Reads the folder named by the environment variable ``SKMO_DATA``, absolute or relative
to the repository (default: ``../shared/data``), as the tests do; every set is a folder
with a ``meta.json`` and one table.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.model_selection import GroupKFold, KFold

ROOT = (
    Path(__file__).parents[1] / os.environ.get("SKMO_DATA", "../shared/data")
).resolve()
# Durations and sums of money with a long tail: R² is taken of log(1 + value).
LONG_TAILED = {"play_time_ms", "comment_stay_time", "profile_stay_time", "spend"}


@dataclass
class Problem:
    """One data set: arrays, the kind of each target, and the folds."""

    name: str
    X: np.ndarray | sp.csr_matrix
    Y: np.ndarray
    targets: list[str]
    binary: np.ndarray
    categorical: list[int]
    folds: list[tuple[np.ndarray, np.ndarray]]


def available() -> bool:
    return ROOT.is_dir()


def load(name: str) -> Problem:
    """Read a set; categories become codes, so that all models see one array."""
    meta = json.loads((ROOT / name / "meta.json").read_text())
    path = ROOT / meta["file"]
    categorical: list[int] = []
    groups = time_ordered = None
    if path.suffix == ".npz":
        parts = np.load(path)
        X = _csr(parts, "X")
        Y = _csr(parts, "Y").toarray().astype(float)
    else:
        table = pd.read_csv(path)
        Y = table[meta["targets"]].to_numpy(dtype=float)
        frame = table.drop(columns=meta["targets"] + meta["non_feature_columns"])
        group = meta.get("group")
        if group and group in table:
            groups = table[group].to_numpy()
        time_ordered = "time ordered" in (meta.get("note") or "")
        features = ROOT / name / f"{name}_features.npz"
        if features.exists():
            parts = np.load(features)
            X = np.hstack(
                [_csr(parts, "fp").toarray(), parts["descriptors"]], dtype=np.float32
            )
            X[~np.isfinite(X)] = np.nan
        else:
            names = list(frame.columns)
            categorical = [names.index(c) for c in meta["categorical"] if c in names]
            for column in meta["categorical"]:
                if column in frame:
                    codes = frame[column].astype("category").cat.codes
                    frame[column] = codes.where(codes >= 0).astype(float)
            X = frame.to_numpy(dtype=float)
    for k, target in enumerate(meta["targets"]):
        if target in LONG_TAILED:
            Y[:, k] = np.log1p(Y[:, k])
    values = [np.unique(y[~np.isnan(y)]) for y in Y.T]
    binary = np.array([np.isin(v, (0, 1)).all() for v in values])
    # A column with too few of one class cannot be scored in every fold.
    keep = np.array(
        [
            not b or min((y == 0).sum(), (y == 1).sum()) >= 15
            for y, b in zip(Y.T, binary, strict=True)
        ]
    )
    Y, binary = Y[:, keep], binary[keep]
    targets = [t for t, kept in zip(meta["targets"], keep, strict=True) if kept]
    return Problem(
        name, X, Y, targets, binary, categorical, _folds(len(Y), groups, time_ordered)
    )


def _csr(parts: dict, key: str) -> sp.csr_matrix:
    return sp.csr_matrix(
        (parts[f"{key}_data"], parts[f"{key}_indices"], parts[f"{key}_indptr"]),
        shape=parts[f"{key}_shape"],
    )


def _folds(
    n: int, groups: np.ndarray | None, time_ordered: bool | None
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Three shuffled folds; whole groups where given; the end of a time series."""
    if time_ordered:
        cut = int(0.75 * n)
        return [(np.arange(cut), np.arange(cut, n))]
    if groups is not None and len(np.unique(groups)) < n / 2:
        return list(GroupKFold(3).split(np.empty(n), groups=groups))
    return list(KFold(3, shuffle=True, random_state=0).split(np.empty(n)))
