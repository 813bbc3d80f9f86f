"""Fronts from the ranking benchmark's records, and how they compare."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import ranking_records
from ranking_data import SETS
from ranking_models import BASE, ENDS, MODELS
from ranking_scoring import hypervolumes, non_uniformity, resampled
from results import Record

LOSSES = ("train_smooth", "test_smooth", "train_loss", "test_loss")


@dataclass
class Front:
    """A model's points on one set, in the order of its settings."""

    settings: list[float]
    seeds: list[int]
    ndcg: np.ndarray  # (n_seeds, n_points, 2, n_queries), at the ranks shown
    losses: dict[str, np.ndarray]  # by `LOSSES`: (n_seeds, n_points, 2)
    constant: dict[str, np.ndarray]  # the same of a constant score: (2,)
    seconds: float
    fits: int

    @property
    def points(self) -> np.ndarray:
        """NDCG by seed, (n_seeds, n_points, 2)."""
        return np.nanmean(self.ndcg, axis=-1)

    def only(self, settings: tuple[float, ...]) -> Front:
        at = [self.settings.index(setting) for setting in settings]
        losses = {kind: values[:, at] for kind, values in self.losses.items()}
        chosen = self.ndcg[:, at]
        return Front(
            list(settings),
            self.seeds,
            chosen,
            losses,
            self.constant,
            self.seconds,
            self.fits,
        )


Table = dict[str, dict[str, Front]]  # set -> model -> front


def read(path: Path) -> tuple[Table, dict[str, Front]]:
    """Fronts of the seeds that have all points, and the sets' two end points."""
    found: dict[tuple[str, str], dict[int, dict[float, Record]]] = {}
    for (name, model, setting, seed), record in ranking_records.read(path).items():
        if record["status"] == "ok":
            seeds = found.setdefault((name, model), {})
            seeds.setdefault(seed, {})[setting] = record
    table: Table = {}
    ends: dict[str, Front] = {}
    for name in SETS:
        row = {}
        for model, spec in MODELS.items():
            runs = found.get((name, model), {})
            whole = {s: run for s, run in runs.items() if {*spec.settings} <= {*run}}
            if whole:
                row[model] = _front(whole, spec.settings)
        if BASE in row:
            ends[name] = row[BASE].only(ENDS)
            rays = tuple(s for s in row[BASE].settings if s not in ENDS)
            table[name] = {
                model: f.only(rays) if f.settings == row[BASE].settings else f
                for model, f in row.items()
            }
    return table, ends


def _front(runs: dict[int, dict[float, Record]], settings: tuple[float, ...]) -> Front:
    seeds = sorted(runs)
    records = [[runs[seed][s] for s in settings] for seed in seeds]
    first = records[0][0]
    return Front(
        settings=list(settings),
        seeds=seeds,
        ndcg=np.array([[r["ndcg"] for r in run] for run in records], dtype=float),
        losses={
            kind: np.array([[r[kind] for r in run] for run in records])
            for kind in LOSSES
        },
        constant={kind: np.array(loss) for kind, loss in first["constant"].items()},
        seconds=float(np.mean([sum(r["seconds"] for r in run) for run in records])),
        fits=sum(r["fits"] for r in records[0]),
    )


def volumes(front: Front, ends: Front | None = None) -> np.ndarray:
    """Hypervolume by seed, the end points added if given."""
    return hypervolumes(_joined(front.points, ends, lambda end: end.points))


@dataclass
class Difference:
    """Of two fronts' hypervolumes, with a 95 % interval over queries drawn again."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        text = f"{self.mean:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"
        return text.replace("-", "−")


def difference(ours: Front, theirs: Front, ends: Front | None = None) -> Difference:
    """Means over the seeds; both on the same queries in every draw."""
    mean = volumes(ours, ends).mean() - volumes(theirs, ends).mean()
    drawn = _drawn_volumes(ours, ends) - _drawn_volumes(theirs, ends)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Difference(float(mean), float(low), float(high))


def _drawn_volumes(front: Front, ends: Front | None) -> np.ndarray:
    points = np.stack([resampled(ndcg) for ndcg in front.ndcg])
    joined = _joined(points, ends, lambda end: resampled(end.ndcg[0])[None])
    return hypervolumes(joined).mean(axis=0)


def _joined(points: np.ndarray, ends: Front | None, find) -> np.ndarray:
    if ends is None:
        return points
    found = np.broadcast_to(find(ends), (len(points), *points.shape[1:-2], 2, 2))
    return np.concatenate([points, found], axis=-2)


def preferred(front: Front, kind: str) -> np.ndarray:
    """Losses as shares of a constant's, times the preference: (n_points, 2)."""
    shares = front.losses[kind].mean(axis=0) / front.constant[kind]
    settings = np.array(front.settings)
    return shares * np.column_stack([settings, 1 - settings])


def unevenness(front: Front, kind: str) -> np.ndarray:
    """Each point's non-uniformity, (n_points,)."""
    return np.array([non_uniformity(row) for row in preferred(front, kind)])
