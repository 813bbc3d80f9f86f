"""Validation rows for early stopping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from sklearn.model_selection import train_test_split

from ..exceptions import ValidationWarning, warn_user

if TYPE_CHECKING:
    from ._base import Rows


def hold_out(rows: Rows, fraction: float, seed: int) -> tuple[Rows, Rows]:
    """Split off a random share of the rows, the same for one seed."""
    n_samples = len(rows.target)
    if n_samples - np.ceil(n_samples * fraction) < 2:
        raise ValueError(
            f"validation_fraction={fraction} of n_samples={n_samples} leaves too few "
            "rows to train or to validate on. Pass X_val and y_val, or set "
            "early_stopping=False."
        )
    train, val = train_test_split(
        np.arange(n_samples), test_size=fraction, random_state=seed % 2**32
    )
    return rows.take(np.sort(train)), rows.take(np.sort(val))


def warn_unwatched(target: np.ndarray, names: Sequence[str]) -> None:
    """Warn about objectives early stopping cannot watch."""
    unwatched = [
        name
        for name, column in zip(names, target.T, strict=True)
        if np.isnan(column).all()
    ]
    if unwatched:
        warn_user(
            f"Early stopping cannot watch {unwatched}: no validation row has an "
            "observed value. They will use all rounds.",
            ValidationWarning,
        )
