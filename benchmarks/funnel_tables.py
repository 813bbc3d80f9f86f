"""Tables of the funnel's models from the outcomes of `funnel.py`.

    python benchmarks/funnel_tables.py
    python benchmarks/funnel_tables.py --out docs/benchmarks/funnel

Without a folder, prints how each model fares against the target: on no stage of any
set a log loss more than .5 % above the best of separate models, their product and
ESMM, and on the first stage one below ESMM's where the second is common. With one,
writes CSV files for Sphinx's csv-table and the picture.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
from funnel_data import REGIMES
from funnel_models import BAGGED, BASELINES, SAME_AS_ESMM
from funnel_picture import NAMES, draw
from funnel_summary import (
    ALLOWED,
    COMMON,
    MEASURES,
    Difference,
    Table,
    difference,
    goals,
    read,
)

SHOWN = ["skmo", *BASELINES, SAME_AS_ESMM, *BAGGED]
Rows = list[list[str]]


def number(value: float, digits: int) -> str:
    return "–" if np.isnan(value) else f"{value:.{digits}f}".replace("-", "−")


def cell(found: Difference) -> str:
    """In bold what is over the allowed."""
    return f"**{found}**" if found.mean > ALLOWED else str(found)


def target_rows(table: Table, models: list[str], measure: str) -> Rows:
    """Stages of sets by models: the difference to the best baseline in percent."""
    rows = []
    for name, k, base in goals(table, measure):
        row = table[name]
        cells = [name, row[base].stages[k], base, number(row[base].mean(measure, k), 5)]
        for model in models:
            if model == base or model not in row:
                cells.append("0" if model == base else "–")
                continue
            cells.append(cell(difference(row[model], row[base], measure, k)))
        rows.append(cells)
    return rows


def differences(table: Table, model: str, measure: str) -> dict[str, float]:
    """Of each stage where there is a result, to the best baseline."""
    return {
        f"{name}, {table[name][base].stages[k]}": difference(
            table[name][model], table[name][base], measure, k
        ).mean
        for name, k, base in goals(table, measure)
        if model in table[name]
    }


def against_esmm(table: Table, model: str) -> list[float]:
    """Percent of the first stage's loss, where the second stage is common."""
    return [
        difference(row[model], row["esmm"], "log_loss", 0).mean
        for row in table.values()
        if model in row and "esmm" in row and row["esmm"].rates[1] >= COMMON
    ]


def seconds_ratio(table: Table, model: str) -> float:
    """The median over the sets of the ratio to separate models."""
    ratios = [
        row[model].seconds / row["separate"].seconds
        for row in table.values()
        if model in row and "separate" in row
    ]
    return float(np.median(ratios)) if ratios else np.nan


VARIANTS = [
    *("model", "stages", "within .5 %", "mean %", "worst %", "where"),
    *("click − ESMM: worst %", "given the one before: mean %", "worst %"),
    *("time / separate", "target"),
]


def variant_rows(table: Table, models: list[str]) -> Rows:
    """Each model over all sets and stages, the least worst difference first."""
    rows, wanted = [], len(list(goals(table)))
    for model in models:
        found = differences(table, model, "log_loss")
        if not found:
            continue
        reached = list(differences(table, model, "reached_log_loss").values())
        clicks = against_esmm(table, model)
        values = np.array(list(found.values()))
        where, worst = max(found.items(), key=lambda item: item[1])
        met = worst <= ALLOWED and all(click < 0 for click in clicks)
        verdict = "met" if met else "missed"
        if met and len(found) < wanted:
            verdict = "so far"  # not run on all sets
        row = [model, str(len(values)), str(np.sum(values <= ALLOWED))]
        row += [number(values.mean(), 2), number(worst, 2), where]
        row += [number(max(clicks, default=np.nan), 2)]
        row += [number(float(np.mean(reached)), 2), number(max(reached), 2)]
        row += [number(seconds_ratio(table, model), 1), verdict]
        rows.append((worst, row))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def score_rows(table: Table, models: list[str]) -> Rows:
    """Every measure of every model, the mean over the seeds."""
    rows = []
    for name, row in table.items():
        for model in (m for m in models if m in row):
            outcome = row[model]
            for k, stage in enumerate(outcome.stages):
                values = [
                    outcome.mean(measure, k) if measure in outcome.measures else np.nan
                    for measure in MEASURES
                ]
                cells = [name, stage, model, str(len(outcome.seeds))]
                cells += [number(value, 5) for value in values]
                rows.append([*cells, number(outcome.seconds, 1)])
    return rows


def conflict_rows(table: Table, models: list[str]) -> Rows:
    """What the losses of later stages do to each score, by skmo's own report."""
    return [
        [name, outcome.stages[k], model]
        + [number(outcome.conflict[key][k], 3) for key in CONFLICT]
        for name, row in table.items()
        for model, outcome in ((m, row[m]) for m in models if m in row)
        if outcome.conflict
        for k in range(len(outcome.stages) - 1)
    ]


CONFLICT = ("share", "size_ratio", "reversed", "mean_cosine")
SCORES = ["set", "stage", "model", "seeds", *MEASURES, "seconds"]


def write(path: Path, header: list[str], rows: Rows) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([header, *rows])


def show(header: list[str], rows: Rows) -> None:
    lines = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for cells in lines:
        padded = (c.ljust(w) for c, w in zip(cells, widths, strict=True))
        print("  ".join(padded).rstrip())
    print()


def write_all(table: Table, models: list[str], shown: list[str], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    head = ["set", "stage", "best", "its log loss"]
    head += [NAMES.get(model, model) for model in shown]
    write(out / "target.csv", head, target_rows(table, shown, "log_loss"))
    write(out / "reached.csv", head, target_rows(table, shown, "reached_log_loss"))
    write(out / "variants.csv", VARIANTS, variant_rows(table, models))
    write(out / "scores.csv", SCORES, score_rows(table, models))
    simulated = {name: row for name, row in table.items() if name in REGIMES}
    write(out / "simulated.csv", SCORES, score_rows(simulated, shown))
    real = {name: row for name, row in table.items() if name not in REGIMES}
    write(out / "real.csv", SCORES, score_rows(real, shown))
    write(
        out / "conflict.csv",
        ["set", "stage", "model", *CONFLICT],
        conflict_rows(table, models),
    )
    draw(table, [model for model in shown if model not in BAGGED], out / "funnel.svg")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    folder = Path(__file__).parent
    parser.add_argument("--out", type=Path)
    parser.add_argument(
        "--results", type=Path, default=folder / "results" / "funnel.jsonl"
    )
    parser.add_argument(
        "--shown", default=",".join(SHOWN), help="models with a column: a,b"
    )
    arguments = parser.parse_args()
    table = read(arguments.results)
    if not table:
        sys.exit(f"No outcomes in {arguments.results}: run funnel.py first.")
    models = list(dict.fromkeys(model for row in table.values() for model in row))
    shown = [model for model in arguments.shown.split(",") if model in models]
    if arguments.out is not None:
        write_all(table, models, shown, arguments.out)
        return
    for measure in ("log_loss", "reached_log_loss"):
        rows = target_rows(table, shown, measure)
        show(["set", "stage", "best", measure, *shown], rows)
    show(VARIANTS, variant_rows(table, models))


if __name__ == "__main__":
    main()
