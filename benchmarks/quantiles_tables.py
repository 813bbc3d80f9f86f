"""Tables of `quantiles.py`'s outcomes, as the documentation shows them.

Every model's pinball loss, of sorted predictions, is taken in per cent of that of
separate LightGBM models, sorted, too: mean over folds, geometric mean over sets, with
its standard error over the sets.

    python benchmarks/quantiles_tables.py --out docs/benchmarks/quantiles
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
from quantile_data import SETS
from quantile_models import MODELS
from quantiles import ONLY, OUT

BASE = "lightgbm"
# A set counts as better or worse from this share of the loss on.
NOTABLE = 0.5
IN_SETS = ("lightgbm_twice", "skmo", "random", "catboost")


def ratios(found: pd.DataFrame, column: str) -> pd.DataFrame:
    """Of a number to LightGBM's, by set and fold; models side by side."""
    wide = found.pivot(index=["set", "fold"], columns="model", values=column)
    return wide.div(wide[BASE], axis=0)


def overall(found: pd.DataFrame) -> list[list[str]]:
    """One row per model, over the sets."""
    head = ["model", "sets", "loss, %", "better", "worse", "coverage error"]
    head += ["inside", "crossing", "sorting, %", "isotonic, %", "distance"]
    head += ["fit", "predict"]
    rows = [head]
    loss, fit, predict = (ratios(found, name) for name in ("sorted", "fit", "predict"))
    for name in MODELS:
        own = found[found["model"] == name]
        if own.empty or name not in ONLY[found["levels"].iloc[0]]:
            continue
        change = np.log(loss[name]).groupby("set").mean() * 100
        means = own.groupby("set")[["coverage", "inside", "crossing"]].mean()
        gain = own[["raw", "sorted", "isotonic"]].groupby(own["set"]).mean()
        error = change.sem() if len(change) > 1 else 0.0
        distance = own["distance"].mean() if "distance" in own else np.nan
        row = [name, str(len(change))]
        row += [f"{change.mean():+.2f} ± {error:.2f}" if name != BASE else "0"]
        row += [str((change < -NOTABLE).sum()), str((change > NOTABLE).sum())]
        row += [f"{means['coverage'].mean():.3f}"]
        row += [f"{means[name].mean():.1%}" for name in ("inside", "crossing")]
        for kind in ("sorted", "isotonic"):
            row.append(f"{100 * (gain[kind] / gain['raw'] - 1).mean():+.2f}")
        row.append("" if np.isnan(distance) else f"{distance:.4f}")
        row += [f"{np.exp(np.log(r[name]).mean()):.2f}" for r in (fit, predict)]
        rows.append(row)
    return rows


def by_set(found: pd.DataFrame) -> list[list[str]]:
    """One row per set: LightGBM's loss, and the others' in per cent of it."""
    loss = (np.log(ratios(found, "sorted")) * 100).groupby("set")
    models = [name for name in IN_SETS if name in set(found["model"])]
    rows = [["set", "LightGBM", *models]]
    mean, error = loss.mean(), loss.sem()
    for name in SETS:
        if name not in mean.index:
            continue
        base = found[(found["set"] == name) & (found["model"] == BASE)]
        row = [name, f"{base['sorted'].mean():.4g}"]
        for model in models:
            value, se = mean.loc[name].get(model), error.loc[name].get(model)
            if value is None or np.isnan(value):
                row.append("")
            elif np.isnan(se):
                row.append(f"{value:+.1f}")
            else:
                row.append(f"{value:+.1f} ± {se:.1f}")
        rows.append(row)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path, default=[OUT])
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks/quantiles"))
    arguments = parser.parse_args()
    records = [
        json.loads(line)
        for file in arguments.files
        for line in file.read_text().splitlines()
    ]
    found = pd.DataFrame(records).drop_duplicates(["levels", "set", "model", "fold"])
    arguments.out.mkdir(parents=True, exist_ok=True)
    for n_levels, part in found.groupby("levels"):
        tables = {
            f"overall_{n_levels}": overall(part),
            f"sets_{n_levels}": by_set(part),
        }
        for name, rows in tables.items():
            path = arguments.out / f"{name}.csv"
            with path.open("w", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(rows)
            print(path, *(", ".join(row) for row in rows), sep="\n")


if __name__ == "__main__":
    main()
