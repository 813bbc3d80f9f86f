"""Features of molecules: 1024 Morgan counts of radius 2 and RDKit's descriptors."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np


class Unavailable(Exception):
    """A data set cannot be made here, and why."""


def molecule_features(name: str, smiles: Sequence[str]) -> np.ndarray:
    """Features by RDKit, kept in the user's cache folder; rows of NaN if unreadable."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    path = cache / "skmo" / f"{name}_features.npz"
    if not path.exists():
        if find_spec("rdkit") is None:
            raise Unavailable("RDKit is not installed")
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written under another name first: an interrupted run leaves no half file.
        unfinished = path.with_suffix(".part.npz")
        np.savez_compressed(unfinished, X=_compute(smiles))
        unfinished.replace(path)
    return np.load(path)["X"]


def _compute(smiles: Sequence[str]) -> np.ndarray:
    from rdkit import Chem, RDLogger
    from rdkit.Chem import Descriptors, rdFingerprintGenerator

    RDLogger.DisableLog("rdApp.*")
    morgan = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=1024)
    X = np.full((len(smiles), 1024 + len(Descriptors.descList)), np.nan, np.float32)
    for row, text in zip(X, smiles, strict=True):
        molecule = Chem.MolFromSmiles(text)
        if molecule is None:
            continue
        row[:1024] = morgan.GetCountFingerprintAsNumPy(molecule)
        values = Descriptors.CalcMolDescriptors(molecule, missingVal=np.nan).values()
        with np.errstate(over="ignore"):  # a descriptor beyond float32 becomes NaN
            row[1024:] = np.array(list(values), dtype=float)
    X[~np.isfinite(X)] = np.nan
    return X
