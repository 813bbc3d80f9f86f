"""The records of one file, averaged over folds and seeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import results
from results import Record

TOLERANCE = 0.002
BASELINES = ("lgbm_same", "lgbm")


@dataclass
class Outcome:
    """One model on one data set; without a result, `word` says why."""

    word: str = ""
    scores: np.ndarray | None = None  # of each objective, NaN where not scored
    log_loss: float = np.nan  # mean over the binary objectives
    fit_seconds: float = np.nan  # of all folds, mean over the seeds
    predict_seconds: float = np.nan
    peak_mib: float = np.nan
    capped: bool = False
    n_objectives: int = 0

    @property
    def ok(self) -> bool:
        return self.scores is not None

    @property
    def mean(self) -> float:
        return np.nan if self.scores is None else float(np.nanmean(self.scores))


Table = dict[str, dict[str, Outcome]]  # data set -> model -> outcome


def read_outcomes(path: Path, models: Iterable[str], sets: Iterable[str]) -> Table:
    """Outcomes in the order of the sets and models; pairs without a record left out."""
    by_pair: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in results.read(path).values():
        by_pair[record["set"], record["model"]].append(record)
    found = {
        name: {m: outcome(by_pair[name, m]) for m in models if (name, m) in by_pair}
        for name in sets
    }
    return {name: row for name, row in found.items() if row}


def outcome(records: list[Record]) -> Outcome:
    """The mean over folds and seeds; a model that failed with one seed has none."""
    for record in records:
        if record["status"] != "ok":
            word = record["word"]
            return Outcome("failed" if record["status"] == "failed" else word)
    folds = [fold for record in records for fold in record["folds"]]
    losses = mean_by_objective([fold["loss"] for fold in folds])
    binary = np.array(records[0]["binary"])
    return Outcome(
        scores=mean_by_objective([fold["score"] for fold in folds]),
        log_loss=float(losses[binary].mean()) if binary.any() else np.nan,
        fit_seconds=sum(fold["fit_seconds"] for fold in folds) / len(records),
        predict_seconds=sum(fold["predict_seconds"] for fold in folds) / len(records),
        peak_mib=max(record["peak_mib"] for record in records),
        capped=any(fold["capped"] for fold in folds),
        n_objectives=len(binary),
    )


def mean_by_objective(folds: list[list[float | None]]) -> np.ndarray:
    """The mean of the folds that could be scored, NaN without any."""
    values = np.array(folds, dtype=float)
    counts = np.sum(~np.isnan(values), axis=0)
    with np.errstate(invalid="ignore"):
        return np.nansum(values, axis=0) / counts


def not_worse(ours: Outcome, theirs: Outcome) -> tuple[int, int]:
    """Objectives that lose at most the tolerance, and how many were scored."""
    difference = ours.scores - theirs.scores
    scored = ~np.isnan(difference)
    return int(np.sum(difference[scored] >= -TOLERANCE)), int(scored.sum())
