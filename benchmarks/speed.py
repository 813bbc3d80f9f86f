"""How long a shared fit takes against plain LightGBM, and how much memory.

All figures are ratios of runs that alternate in one process, as the machine's
speed drifts; the median of the repeats is printed. Squared error, 50 features,
31 leaves, two threads.

    python benchmarks/speed.py measure    all ratios; --out FOLDER writes speed.csv
    python benchmarks/speed.py check      the quick ones against the recorded speed.csv
    python benchmarks/speed.py targets    growth with K = 1, 4, 16, 64, 256
    python benchmarks/speed.py rows       growth with n = 10^4, 10^5, 10^6

``measure`` and ``check`` take the names of ratios, to take these alone. ``check`` ends
with an error where a ratio is worse than the recorded one by more than ``--tolerance``.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
from speed_fits import compare, peak
from speed_ratios import RATIOS

RECORDED = Path(__file__).parents[1] / "docs" / "benchmarks" / "speed.csv"
# Between runs of one commit on a machine shared with others; a quiet one needs half.
TOLERANCE = 0.3


def measure(names: list[str], repeats: int, out: Path | None) -> None:
    rows = []
    for name in names:
        ratio = RATIOS[name]
        found = [ratio.once() for _ in range(repeats)]
        least, median, most = np.quantile(found, [0, 0.5, 1])
        print(f"{name:<16}{median:8.2f}  ({least:.2f} to {most:.2f})", flush=True)
        row = (f"{value:.2f}" for value in (median, least, most))
        rows.append([name, ratio.what, *row, ratio.aim])
    if out is not None:
        with (out / "speed.csv").open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["name", "ratio", "median", "least", "most", "aim"])
            writer.writerows(rows)


def check(names: list[str], repeats: int, tolerance: float) -> bool:
    """Whether no ratio is worse than the recorded one by more than the tolerance."""
    with RECORDED.open(newline="") as file:
        recorded = {row["name"]: float(row["median"]) for row in csv.DictReader(file)}
    good = True
    for name in names:
        before = recorded[name]
        # The best of the repeats: others on the machine make a run only slower.
        found = [RATIOS[name].once() for _ in range(repeats)]
        if RATIOS[name].rises:
            best = max(found)
            kept = best >= before / (1 + tolerance)
        else:
            best = min(found)
            kept = best <= before * (1 + tolerance)
        good &= kept
        verdict = "" if kept else "  WORSE"
        print(f"{name:<16}{best:8.2f}  (recorded {before:.2f}){verdict}", flush=True)
    return good


def grow(by_targets: bool, rounds: int, repeats: int) -> None:
    print(f"{'K' if by_targets else 'n':>9}{'one s':>8}{'shared s':>10}{'ratio':>7}")
    for size in (1, 4, 16, 64, 256) if by_targets else (10**4, 10**5, 10**6):
        shape = (100_000, size) if by_targets else (size, 16)
        found = compare(*shape, rounds, repeats)
        print(
            f"{size:>9,}{found['one']:>8.2f}{found['shared']:>10.2f}"
            f"{found['fit']:>7.2f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    whats = ["measure", "check", "targets", "rows", "peak"]
    parser.add_argument("what", choices=whats)
    parser.add_argument(
        "names", nargs="*", help="ratios, all or the quick ones if none"
    )
    parser.add_argument("--rounds", type=int, default=100, help="of targets and rows")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tolerance", type=float, default=TOLERANCE)
    parser.add_argument("--out", type=Path, help="folder for speed.csv")
    arguments = parser.parse_args()
    names, repeats = arguments.names, arguments.repeats
    if arguments.what == "peak":
        model, *sizes = names
        peak(model, *map(int, sizes))
    elif arguments.what == "measure":
        measure(names or list(RATIOS), repeats, arguments.out)
    elif arguments.what == "check":
        names = names or [name for name, ratio in RATIOS.items() if ratio.quick]
        sys.exit(not check(names, repeats, arguments.tolerance))
    else:
        grow(arguments.what == "targets", arguments.rounds, repeats)


if __name__ == "__main__":
    main()
