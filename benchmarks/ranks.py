"""Ranks over data sets, and tests of their differences (Demšar, JMLR 7, 2006)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata, studentized_range, wilcoxon
from summary import TOLERANCE, Table

LEVEL = 0.05


@dataclass
class Ranks:
    """Mean rank of each model (1 is best) and the sets that were counted."""

    mean: dict[str, float]
    sets: list[str]

    @property
    def critical_difference(self) -> float:
        """Nemenyi's: mean ranks less far apart do not differ at level 0.05."""
        k, n = len(self.mean), len(self.sets)
        q = studentized_range.ppf(1 - LEVEL, k, np.inf) / np.sqrt(2)
        return float(q * np.sqrt(k * (k + 1) / (6 * n)))


def mean_ranks(table: Table, models: list[str], failures_last: bool) -> Ranks:
    """Ranks by mean score; ties share their ranks.

    Sets where a model has no result are left out, or count as its last place.
    Sets where a model was not run at all are always left out.
    """
    rows, names = [], []
    for name, row in table.items():
        if any(m not in row for m in models):
            continue
        if not failures_last and not all(row[m].ok for m in models):
            continue
        scores = [row[m].mean if row[m].ok else -np.inf for m in models]
        rows.append(rankdata([-s for s in scores]))
        names.append(name)
    if not rows:
        return Ranks({}, [])
    means = np.mean(rows, axis=0)
    return Ranks({m: float(r) for m, r in zip(models, means, strict=True)}, names)


@dataclass
class Duel:
    """Sets won, tied and lost by the first model, and Wilcoxon's p-value."""

    wins: int
    ties: int
    losses: int
    p_value: float


def duel(table: Table, ours: str, theirs: str) -> Duel:
    """Compare mean scores on the sets where both have one; ties are within 0.002."""
    pairs = [
        row[ours].mean - row[theirs].mean
        for row in table.values()
        if ours in row and theirs in row and row[ours].ok and row[theirs].ok
    ]
    difference = np.array(pairs)
    wins, losses = np.sum(difference > TOLERANCE), np.sum(difference < -TOLERANCE)
    ties = len(difference) - wins - losses
    p_value = np.nan
    if np.any(difference != 0):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # too few sets for the normal law
            p_value = wilcoxon(difference, zero_method="zsplit").pvalue
    return Duel(int(wins), int(ties), int(losses), float(p_value))


def cliques(ranks: Ranks) -> list[tuple[float, float]]:
    """The widest runs of models whose mean ranks do not differ, as rank intervals."""
    ordered = sorted(ranks.mean.values())
    runs: list[tuple[float, float]] = []
    for low in ordered:
        high = max(r for r in ordered if r - low < ranks.critical_difference)
        if high > low and not any(a <= low and high <= b for a, b in runs):
            runs.append((low, high))
    return runs
