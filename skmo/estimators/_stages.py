"""Nested binary stages as users pass them, checked and filled in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import xlog1py, xlogy

from ..boosting import FunnelRows
from ._targets import real_targets

_MOST_SHOWN = 5


def encode_stages(
    columns: Sequence[np.ndarray], names: Sequence[str], where: str = "y"
) -> np.ndarray:
    """Stages as 0 and 1, (n_samples, n_stages) float64, NaN = unknown.

    What follows from the rest is filled in: stages before a 1 were reached, and
    those behind a 0 were not.

    Raises
    ------
    ValueError
        For values other than 0 and 1, or a stage that is 1 behind one that is 0;
        the message counts and shows the rows.
    """
    target = real_targets(columns, names, where)
    for k, name in enumerate(names):
        strange = ~np.isnan(target[:, k]) & ~np.isin(target[:, k], (0.0, 1.0))
        if strange.any():
            raise ValueError(
                f"Stage {name!r} must be 0 or 1 (NaN where it was not observed) in "
                f"{where}. Got {target[strange, k][0]:g} in {_rows(strange)}."
            )
    # Whether a stage or one behind it was reached; whether one up to it was not.
    later = np.logical_or.accumulate((target == 1)[:, ::-1], axis=1)[:, ::-1]
    ended = np.logical_or.accumulate(target == 0, axis=1)
    for k in range(1, len(names)):
        broken = (target[:, k] == 1) & ended[:, k - 1]
        if broken.any():
            first = int(np.flatnonzero(broken)[0])
            earlier = names[int(np.flatnonzero(target[first] == 0)[0])]
            raise ValueError(
                f"Stage {names[k]!r} is 1 where an earlier stage is 0 in {where}: "
                f"{_rows(broken)}; in row {first} {earlier!r} is 0. Each stage can "
                "happen only where the one before did: set it to 0 there, mend the "
                "earlier stage, or use MultiObjectiveClassifier for labels that are "
                "not nested."
            )
    target[later] = 1.0
    target[ended] = 0.0
    return target


def _rows(chosen: np.ndarray) -> str:
    """How many rows, and the first of them."""
    rows = np.flatnonzero(chosen)
    shown = ", ".join(map(str, rows[:_MOST_SHOWN].tolist()))
    more = ", …" if len(rows) > _MOST_SHOWN else ""
    return f"{len(rows)} row{'s' * (len(rows) > 1)} ({shown}{more})"


def log_loss_explained(rows: FunnelRows, score: np.ndarray) -> np.ndarray:
    """The fraction of each stage's log loss that scores explain, (n_stages,).

    A stage that all or none of the rows reach has nothing to explain: 1 if that
    is certain, else 0.

    Parameters
    ----------
    rows : FunnelRows
        With the entire-space loss.
    score : ndarray of shape (n_samples, n_stages)
        Log-odds of each stage given the one before.
    """
    losses, rates = rows.losses(score), rows.rates()
    constant = -xlogy(rates, rates) - xlog1py(1 - rates, -rates)
    explained = (losses <= 0).astype(np.float64)
    varies = constant > 0
    explained[varies] = 1.0 - losses[varies] / constant[varies]
    return explained
