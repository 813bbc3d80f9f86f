"""Trials as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..pareto._evaluate import Outcome
from ..pareto._results import results_table


def trial_table(
    trials: Sequence[Any],
    settings: Sequence[dict[str, Any]],
    outcomes: Sequence[Outcome],
    names: Sequence[str],
    scores: np.ndarray,
    mean: np.ndarray,
    std: np.ndarray,
) -> dict[str, Any]:
    """``cv_results_``: one entry per trial in every column.

    A parameter that a trial did not set is masked.
    """
    table = {"trial": np.array([trial.number for trial in trials])}
    for name in dict.fromkeys(name for params in settings for name in params):
        column = np.ma.masked_all(len(settings), dtype=object)
        for i, params in enumerate(settings):
            if name in params:
                column[i] = params[name]
        table[f"param_{name}"] = column
    unnamed = [{} for _ in settings]
    table |= results_table(unnamed, outcomes, names, scores, mean, std)
    table["params"] = list(settings)
    return table
