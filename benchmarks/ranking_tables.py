"""Tables of the ranking benchmark from the outcomes of `ranking.py`.

    python benchmarks/ranking_tables.py
    python benchmarks/ranking_tables.py --out docs/benchmarks

Without a folder, prints how each method fares against its namesake and each front. With
one, writes CSV files for Sphinx's csv-table into its folder ``ranking``, and the
picture.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
from ranking_data import MAIN
from ranking_models import BASE, DEFAULT, METHODS
from ranking_summary import (
    LOSSES,
    Front,
    Table,
    difference,
    preferred,
    read,
    unevenness,
    volumes,
)

# Hypervolumes on `MAIN`, measured beforehand: of MO-LightGBM, the C++ fork of LightGBM
# 3.2, and at the end of plain LightGBM.
NAMESAKES: dict[str, tuple[str, tuple[float, float]]] = {
    "linear": ("linear scalarisation", (0.463, 0.527)),
    "label_aggregation": ("label aggregation", (0.450, 0.515)),
    "tchebycheff": ("Tchebycheff", (0.458, 0.521)),
    "tchebycheff_averaged": ("Tchebycheff, smoothed weights", (0.466, 0.536)),
    "smooth_tchebycheff": ("Tchebycheff, smoothed weights", (0.466, 0.536)),
    "epo": ("EPO", (0.463, 0.523)),
    "epo_averaged": ("EPO", (0.463, 0.523)),
    "wc_mgda": ("MGDA with preferences", (0.461, 0.522)),
    "wc_mgda_averaged": ("MGDA with preferences", (0.461, 0.522)),
    "mixed_label": ("LightGBM on a label mix", (0.464, 0.530)),
    **dict.fromkeys(
        (BASE, "separate_rows"), ("two LightGBM models, mixed", (0.472, 0.542))
    ),
    DEFAULT: ("two LightGBM models, mixed", (0.472, 0.542)),
}
# What a method may be worse by.
ALLOWED = {**dict.fromkeys(METHODS, 0.005), DEFAULT: 0.0}
Rows = list[list[str]]
Ends = dict[str, Front]


def number(value: float, digits: int = 3) -> str:
    return "–" if np.isnan(value) else f"{value:.{digits}f}".replace("-", "−")


def target_rows(table: Table) -> Rows:
    """Methods against their namesakes on both main sets."""
    rows = []
    for model, (namesake, wanted) in NAMESAKES.items():
        cells, met = [], True
        for name, aim in zip(MAIN, wanted, strict=True):
            if model not in table.get(name, {}):
                break
            found = float(volumes(table[name][model]).mean())
            cells += [number(aim), number(found)]
            met &= round(found, 3) >= round(aim - ALLOWED.get(model, 0), 3)
        else:
            verdict = ("met" if met else "missed") if model in ALLOWED else "–"
            rows.append([_name(model), namesake, *cells, verdict])
    return rows


TARGET = ["method", "reference", *(f"{n}{w}" for n in MAIN for w in (" reference", ""))]
TARGET += ["target"]


def front_rows(table: Table, ends: Ends, names: list[str]) -> Rows:
    """Every model's front on each set against two separate models, mixed."""
    rows = []
    for name in names:
        base, end = table[name][BASE], ends[name]
        for model, front in table[name].items():
            if model == "relevance_alone":
                continue
            own, joined = volumes(front), volumes(front, end)
            sd = own.std(ddof=1) if len(own) > 1 else np.nan
            cells = [name, _name(model), number(own.mean()), number(sd)]
            cells += [str(len(own)), number(joined.mean())]
            if model == BASE:
                cells += ["0", "0"]
            else:
                cells += [
                    str(difference(front, base)),
                    str(difference(front, base, end)),
                ]
            rows.append([*cells, number(front.seconds, 1), str(front.fits)])
    return rows


FRONTS = ["set", "model", "hypervolume", "sd", "seeds", "with ends"]
FRONTS += ["− separate", "− separate, with ends", "seconds", "fits"]


def overall_rows(table: Table) -> Rows:
    """Models by sets: hypervolume less that of two separate models."""
    rows = []
    for model in dict.fromkeys(m for row in table.values() for m in row):
        if model in (BASE, "relevance_alone"):
            continue
        found = [
            float(volumes(row[model]).mean() - volumes(row[BASE]).mean())
            if model in row
            else np.nan
            for row in table.values()
        ]
        cells = [number(value) for value in found]
        mean = np.mean(found) if not np.isnan(found).any() else np.nan
        rows.append([_name(model), *cells, number(float(mean), 4)])
    return rows


def preference_rows(table: Table, names: list[str]) -> Rows:
    """Every ray: losses over a constant's times preferences, and their unevenness."""
    rows = []
    for name in names:
        for model in _aiming(table, name):
            front = table[name][model]
            for i, setting in enumerate(front.settings):
                cells = [name, _name(model), f"{setting:g}"]
                for kind in LOSSES:
                    products = preferred(front, kind)[i]
                    ratio, mu = products[0] / products[1], unevenness(front, kind)[i]
                    shown = [number(ratio, 2), number(mu)]
                    cells += shown if _has(model, kind) else ["–", "–"]
                rows.append(cells)
    return rows


PREFERENCES = ["set", "method", "preference of relevance"]
PREFERENCES += [
    f"{figure}, {kind.replace('_', ' ')}"
    for kind in LOSSES
    for figure in ("ratio", "unevenness")
]


def evenness_rows(table: Table, names: list[str]) -> Rows:
    """The unevenness in the mean over the rays."""
    models = dict.fromkeys(m for name in names for m in _aiming(table, name))
    rows = []
    for model in models:
        cells = [_name(model)]
        for name in names:
            for kind in LOSSES:
                if model in table[name] and _has(model, kind):
                    mean = unevenness(table[name][model], kind).mean()
                    cells.append(number(float(mean)))
                else:
                    cells.append("–")
        rows.append(cells)
    return rows


def _aiming(table: Table, name: str) -> list[str]:
    wanted = [*METHODS, BASE, "mixed_label", DEFAULT]
    return [model for model in wanted if model in table[name]]


def _has(model: str, kind: str) -> bool:
    """Smooth losses depend on the scores' scale, which mixes have none of."""
    return model in METHODS or not kind.endswith("smooth")


def bound_rows(table: Table) -> Rows:
    """Percent of NDCG@30 by relevance that were allowed and lost, by set."""
    rows = []
    for name, row in table.items():
        if "bounds" not in row or "relevance_alone" not in row:
            continue
        front, alone = row["bounds"], row["relevance_alone"]
        lost = [
            1 - (1 - front.losses[kind][0, :, 0]) / (1 - alone.losses[kind][0, 0, 0])
            for kind in ("train_loss", "test_loss")
        ]
        for i, bound in enumerate(front.settings):
            cells = [name, f"{100 * bound:g}"]
            cells += [number(100 * float(half[i]), 2) for half in lost]
            second = (
                f.losses["test_loss"][0, p, 1] for f, p in ((alone, 0), (front, i))
            )
            rows.append([*cells, *(number(1 - float(loss)) for loss in second)])
    return rows


BOUNDED = ["set", "allowed %", "lost %, train", "lost %, test"]
BOUNDED += ["second label, alone", "second label"]


def _name(model: str) -> str:
    """As it is called, and which one is the default."""
    return f"{model} (default)" if model == DEFAULT else model


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


def tables(table: Table, ends: Ends) -> dict[str, tuple[list[str], Rows]]:
    """All tables by name: header and rows."""
    names = list(table)
    main = [name for name in MAIN if name in table]
    kinds = [f"{name}, {kind.replace('_', ' ')}" for name in main for kind in LOSSES]
    return {
        "targets": (TARGET, target_rows(table)),
        "main": (FRONTS, front_rows(table, ends, main)),
        "overall": (["model", *names, "mean"], overall_rows(table)),
        "evenness": (["method", *kinds], evenness_rows(table, main)),
        "bounds": (BOUNDED, bound_rows(table)),
        "fronts": (FRONTS, front_rows(table, ends, names)),
        "preferences": (PREFERENCES, preference_rows(table, names)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    folder = Path(__file__).parent
    parser.add_argument("--out", type=Path)
    parser.add_argument(
        "--results", type=Path, default=folder / "results" / "ranking.jsonl"
    )
    arguments = parser.parse_args()
    table, ends = read(arguments.results)
    if not table:
        sys.exit(f"No outcomes in {arguments.results}: run ranking.py first.")
    found = tables(table, ends)
    if arguments.out is None:
        for name in ("targets", "main", "overall", "evenness", "bounds"):
            show(*found[name])
        return
    out = arguments.out / "ranking"
    out.mkdir(parents=True, exist_ok=True)
    for name, (header, rows) in found.items():
        write(out / f"{name}.csv", header, rows)
    # Matplotlib is needed for nothing else.
    from ranking_picture import draw

    draw(table, arguments.out / "ranking.svg")


if __name__ == "__main__":
    main()
