"""Tables and the picture of ranks from the outcomes of `quality.py`.

    python benchmarks/tables.py --out FOLDER
    python benchmarks/tables.py --out FOLDER --models lgbm,lgbm_same,skmo_auto

Writes CSV files for Sphinx's csv-table, one page of a table per data set and the
critical-difference picture.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import datasets
import matplotlib as mpl
import numpy as np
from models import MODELS, VARIANTS
from picture import draw
from ranks import Ranks, duel, mean_ranks
from summary import BASELINES, Outcome, Table, not_worse, read_outcomes

MANY_OBJECTIVES = 6
HEADER = (
    *("model", "score", "not worse: lgbm_same", "not worse: lgbm", "log loss"),
    *("fit s", "predict s", "MiB"),
)
Rows = list[list[str]]


def number(value: float, digits: int) -> str:
    return "–" if np.isnan(value) else f"{value:.{digits}f}"


def set_rows(row: dict[str, Outcome]) -> Rows:
    """One data set's table; † marks a model that was still learning at the cap."""
    rows = []
    for model, outcome in row.items():
        if not outcome.ok:
            rows.append([model, outcome.word] + [""] * (len(HEADER) - 2))
            continue
        against = [count(outcome, row.get(base)) for base in BASELINES]
        rows.append(
            [
                model + (" †" if outcome.capped else ""),
                number(outcome.mean, 4),
                *against,
                number(outcome.log_loss, 4),
                number(outcome.fit_seconds, 1),
                number(outcome.predict_seconds, 2),
                number(outcome.peak_mib, 0),
            ]
        )
    return rows


def count(outcome: Outcome, base: Outcome | None) -> str:
    if base is None or not base.ok:
        return "–"
    return "{}/{}".format(*not_worse(outcome, base))


def score_rows(table: Table, models: list[str]) -> Rows:
    """Data sets by models: the mean score, the best of a set in bold."""
    rows = []
    for name, row in table.items():
        best = max((o.mean for o in row.values() if o.ok), default=np.nan)
        cells = [name]
        for model in models:
            outcome = row.get(model)
            if outcome is None or not outcome.ok:
                cells.append("" if outcome is None else outcome.word)
                continue
            text = number(outcome.mean, 4)
            text = f"**{text}**" if outcome.mean == best else text
            cells.append(text + (" †" if outcome.capped else ""))
        rows.append(cells)
    return rows


def overall_rows(table: Table, models: list[str]) -> Rows:
    """Each model over all sets: ranks, shares against `lgbm_same`, time ratio."""
    complete = mean_ranks(table, models, failures_last=False)
    last = mean_ranks(table, models, failures_last=True)
    rows = []
    for model in models:
        pairs = [
            (row[model], row["lgbm_same"])
            for row in table.values()
            if model in row and "lgbm_same" in row
            if row[model].ok and row["lgbm_same"].ok
        ]
        better = np.mean([a.mean > b.mean for a, b in pairs]) if pairs else np.nan
        kept = np.array([not_worse(a, b) for a, b in pairs] or [[0, 0]], dtype=float)
        counts = kept.sum(axis=0)
        ratios = [
            a.fit_seconds / b.fit_seconds
            for a, b in pairs
            if a.n_objectives >= MANY_OBJECTIVES
        ]
        rows.append(
            [
                model,
                number(complete.mean.get(model, np.nan), 2),
                number(last.mean.get(model, np.nan), 2),
                str(len(pairs)),
                number(100 * better, 0),
                number(100 * counts[0] / counts[1] if counts[1] else np.nan, 1),
                number(100 * np.mean(kept[:, 0] / kept[:, 1]) if pairs else np.nan, 1),
                number(float(np.median(ratios)) if ratios else np.nan, 2),
            ]
        )
    return rows


def duel_rows(table: Table, models: list[str]) -> Rows:
    """Each skmo model against every other model."""
    rows = []
    for ours in (m for m in models if m.startswith("skmo")):
        for theirs in (m for m in models if m != ours):
            found = duel(table, ours, theirs)
            record = f"{found.wins}/{found.ties}/{found.losses}"
            rows.append([ours, theirs, record, number(found.p_value, 4)])
    return rows


def write_csv(path: Path, header: list[str], rows: Rows) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([header, *rows])


def write_sets(path: Path, table: Table) -> None:
    """All data sets' tables as one piece of reStructuredText, to be included."""
    lines = []
    for name, row in table.items():
        k = max((o.n_objectives for o in row.values()), default=0)
        lines += [f".. csv-table:: {name}, {k} objectives", "   :header-rows: 1", ""]
        for cells in [list(HEADER), *set_rows(row)]:
            lines.append("   " + ",".join(f'"{cell}"' for cell in cells))
        lines.append("")
    path.write_text("\n".join(lines))


def write_all(table: Table, models: list[str], out: Path) -> Ranks:
    out.mkdir(parents=True, exist_ok=True)
    write_sets(out / "sets.rst.inc", table)
    write_csv(out / "scores.csv", ["data set", *models], score_rows(table, models))
    overall = ["model", "mean rank", "mean rank, failures last", "sets with a result"]
    overall += ["% of sets better than lgbm_same", "% of objectives not worse"]
    overall += ["the same, mean over sets"]
    overall += [f"fit time / lgbm_same, K ≥ {MANY_OBJECTIVES}"]
    judged = {name: row for name, row in table.items() if name in datasets.JUDGES}
    duels = ["model", "against", "wins/ties/losses", "Wilcoxon p"]
    for part, suffix in ((table, ""), (judged, "_judges")):
        write_csv(out / f"overall{suffix}.csv", overall, overall_rows(part, models))
        write_csv(out / f"duels{suffix}.csv", duels, duel_rows(part, models))
    ranks = mean_ranks(table, models, failures_last=True)
    if len(ranks.sets) > 1 and len(models) > 1:
        mpl.rcParams["svg.hashsalt"] = "skmo"  # the same results, the same file
        draw(ranks, out / "ranks.svg")
    return ranks


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    folder = Path(__file__).parent
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--results", type=Path, default=folder / "results" / "quality.jsonl"
    )
    parser.add_argument("--models", default=",".join(MODELS), help="a,b; default: all")
    arguments = parser.parse_args()
    table = read_outcomes(arguments.results, arguments.models.split(","), datasets.SETS)
    if not table:
        sys.exit(f"No outcomes in {arguments.results}: run quality.py first.")
    models = [
        m for m in {**MODELS, **VARIANTS} if any(m in row for row in table.values())
    ]
    ranks = write_all(table, models, arguments.out)
    print(f"{len(table)} data sets, {len(models)} models, {len(ranks.sets)} with all")


if __name__ == "__main__":
    main()
