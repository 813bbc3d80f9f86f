"""Fixtures for all tests."""

from __future__ import annotations

import json
import os
from pathlib import Path

# Both are read when the libraries are loaded, so before the imports below. Tests must
# not depend on a screen. OpenMP threads that wait must not spin: on a machine whose
# cores are busy, fits of small data would take fifty times as long.
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
import pytest
import scipy.sparse as sp

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of the real data sets, for tests marked ``data``.

    The environment variable SKMO_DATA names it, relative to the repository or
    absolute; the default is ``../shared/data``.
    """
    folder = ROOT / os.environ.get("SKMO_DATA", Path("..", "shared", "data"))
    folder = folder.resolve()
    if not folder.is_dir():
        pytest.skip(
            f"the real data sets are not at {folder}: set SKMO_DATA to their folder"
        )
    return folder


@pytest.fixture(scope="session")
def load_dataset(data_dir):
    """Function from a data set's name to ``(X, Y, meta)``."""

    def load(name: str):
        meta = json.loads((data_dir / name / "meta.json").read_text())
        path = data_dir / meta["file"]
        if path.suffix == ".npz":
            parts = np.load(path)
            X, Y = (
                sp.csr_matrix(
                    tuple(parts[f"{side}_{part}"] for part in _CSR),
                    shape=parts[f"{side}_shape"],
                )
                for side in "XY"
            )
            return X, Y.toarray(), meta
        pd = pytest.importorskip("pandas", reason="the data sets are read by pandas")
        table = pd.read_csv(path)
        X = table.drop(columns=meta["targets"] + meta["non_feature_columns"])
        X = X.astype(dict.fromkeys(meta["categorical"], "category"))
        return X, table[meta["targets"]], meta

    return load


_CSR = ("data", "indices", "indptr")
