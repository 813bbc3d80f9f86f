"""Encoded rows, and those held out for validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.model_selection import train_test_split

from ..boosting import ALONE, Communicator
from ..exceptions import ValidationWarning, warn_user


class Given(NamedTuple):
    """Rows as a user passes them to ``fit``.

    Attributes
    ----------
    X, y, weight : as documented there
    query : ndarray of shape (n_samples,), int, or None
        The query of each row, never falling; None where there are no queries.
    """

    X: Any
    y: Any
    weight: Any = None
    query: np.ndarray | None = None


@dataclass(frozen=True)
class Rows:
    """Encoded rows.

    Attributes
    ----------
    X : ndarray or csr_matrix of shape (n_samples, n_features)
    target : ndarray of shape (n_samples, n_objectives), NaN = unobserved
    weight : ndarray of shape (n_samples, 1) or (n_samples, n_objectives), or None
    query : ndarray of shape (n_samples,), int, or None
        The query of each row, never falling.
    communicator : Communicator
        With the processes that hold further rows.
    """

    X: np.ndarray | sp.csr_matrix
    target: np.ndarray
    weight: np.ndarray | None
    query: np.ndarray | None = None
    communicator: Communicator = ALONE

    def take(self, rows: np.ndarray) -> Rows:
        weight = None if self.weight is None else self.weight[rows]
        query = None if self.query is None else self.query[rows]
        return Rows(self.X[rows], self.target[rows], weight, query, self.communicator)

    def observed(self) -> np.ndarray:
        """Indices of the rows with an observed target; the others teach nothing."""
        return np.flatnonzero(~np.isnan(self.target).all(axis=1))

    def drop_unobserved(self) -> Rows:
        kept = self.observed()
        return self if len(kept) == len(self.target) else self.take(kept)

    def hold_out(self, fraction: float, seed: int) -> tuple[Rows, Rows]:
        """Split off a random share of the observed rows, the same for one seed.

        Of the queries, where rows belong to some.
        """
        kept = self.observed()
        if self.query is not None:
            return self._hold_out_queries(kept, fraction, seed)
        span = self.communicator.span(len(kept))
        if span.n_total - np.ceil(span.n_total * fraction) < 2:
            raise ValueError(
                f"validation_fraction={fraction} of n_samples={span.n_total} leaves "
                "too few rows to train on. Pass X_val and y_val, or set "
                "early_stopping=False."
            )
        parts = train_test_split(
            np.arange(span.n_total), test_size=fraction, random_state=seed % 2**32
        )
        train, val = (self.take(kept[span.pick(np.sort(part))]) for part in parts)
        return train, val

    def _hold_out_queries(
        self, kept: np.ndarray, fraction: float, seed: int
    ) -> tuple[Rows, Rows]:
        queries = np.unique(self.query[kept])
        if len(queries) - np.ceil(len(queries) * fraction) < 1:
            raise ValueError(
                f"validation_fraction={fraction} of {len(queries)} queries leaves none "
                "to train on. Pass X_val and y_val, or set early_stopping=False."
            )
        val = train_test_split(queries, test_size=fraction, random_state=seed % 2**32)[
            1
        ]
        held_out = np.isin(self.query[kept], val)
        return self.take(kept[~held_out]), self.take(kept[held_out])


def warn_unwatched(watched: np.ndarray, names: Sequence[str]) -> None:
    """Warn about objectives that early stopping cannot watch.

    ``watched``, of shape (n_objectives,), says which it can.
    """
    unwatched = [name for name, seen in zip(names, watched, strict=True) if not seen]
    if unwatched:
        warn_user(
            f"Early stopping cannot watch {unwatched}: no validation row has an "
            "observed value. They will use as many rounds as the others need.",
            ValidationWarning,
        )
