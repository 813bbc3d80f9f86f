"""The records of `funnel.py` as arrays, and models compared seed by seed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import results
from funnel_data import SETS
from funnel_models import BASELINES

# What the target is: percent of log loss against the best baseline.
ALLOWED = 0.5
# From this share of conversions among clicks on, ESMM's losses are in each other's way:
# the sum of both gradients points away from a click if p q > 1/2.
COMMON = 0.4


@dataclass
class Outcome:
    """One model on one set; arrays of shape (n_seeds, n_stages)."""

    seeds: list[int]
    stages: list[str]
    measures: dict[str, np.ndarray]
    rates: np.ndarray  # of each stage among the training rows that reached its former
    seconds: float
    conflict: dict[str, np.ndarray]

    def mean(self, measure: str, k: int) -> float:
        return float(self.measures[measure][:, k].mean())


MEASURES = (
    *("auc", "log_loss", "rmse", "reached_auc", "reached_log_loss"),
    *("conditional_log_loss", "conditional_rmse", "potential_rmse"),
)
Table = dict[str, dict[str, Outcome]]  # set -> model -> outcome


def read(path: Path) -> Table:
    """Sets in their order, baselines first; seeds that failed are left out."""
    by_pair: dict[tuple[str, str], list[results.Record]] = {}
    for (name, model, _), record in results.read(path).items():
        if record["status"] == "ok":
            by_pair.setdefault((name, model), []).append(record)
    models = list(dict.fromkeys([*BASELINES, *(model for _, model in by_pair)]))
    found = {
        name: {m: _outcome(by_pair[name, m]) for m in models if (name, m) in by_pair}
        for name in SETS
    }
    return {name: row for name, row in found.items() if row}


def _outcome(records: list[results.Record]) -> Outcome:
    records = sorted(records, key=lambda record: record["seed"])
    counts = np.array([[r["rows"], *r["positives"]] for r in records], dtype=float)
    conflicts = [record["conflict"] for record in records]
    return Outcome(
        seeds=[record["seed"] for record in records],
        stages=records[0]["stages"],
        measures={
            name: np.array([record[name] for record in records], dtype=float)
            for name in MEASURES
            if name in records[0]
        },
        rates=(counts[:, 1:] / counts[:, :-1]).mean(axis=0),
        seconds=float(np.mean([record["seconds"] for record in records])),
        conflict={
            name: _mean([conflict[name] for conflict in conflicts])
            for name in conflicts[0]
        },
    )


def _mean(rows: list[list[float | None]]) -> np.ndarray:
    """Over the seeds that have a number."""
    return np.ma.masked_invalid(np.array(rows, dtype=float)).mean(axis=0).filled(np.nan)


@dataclass
class Difference:
    """Of a loss, in percent of the other's: mean and standard error over seeds."""

    mean: float
    error: float  # NaN of one seed

    def __str__(self) -> str:
        text = f"{self.mean:+.2f}"
        if not np.isnan(self.error):
            text += f" ± {self.error:.2f}"
        return text.replace("-", "−")


def difference(ours: Outcome, theirs: Outcome, measure: str, k: int) -> Difference:
    """Over the seeds both have: a seed's draw makes all models' losses high or low."""
    seeds = sorted({*ours.seeds} & {*theirs.seeds})
    if not seeds:
        return Difference(np.nan, np.nan)
    a, b = (
        outcome.measures[measure][[outcome.seeds.index(seed) for seed in seeds], k]
        for outcome in (ours, theirs)
    )
    percent = 100 * (a - b) / b
    n = len(seeds)
    error = percent.std(ddof=1) / np.sqrt(n) if n > 1 else np.nan
    return Difference(float(percent.mean()), float(error))


def best_baseline(row: dict[str, Outcome], measure: str, k: int) -> str | None:
    """The baseline of least mean loss on a stage; None until all have a result."""
    if not all(name in row for name in BASELINES):
        return None
    return min(BASELINES, key=lambda name: row[name].mean(measure, k))


def goals(table: Table, measure: str = "log_loss") -> Iterable[tuple[str, int, str]]:
    """Each set, stage and the baseline to beat."""
    for name, row in table.items():
        stages = next(iter(row.values())).stages
        # The first stage has no other before it: both its probabilities are one.
        for k in range(0 if measure == "log_loss" else 1, len(stages)):
            base = best_baseline(row, measure, k)
            if base is not None:
                yield name, k, base
