"""How much memory a fit takes, against a formula; and whether it is given back.

    python benchmarks/memory.py table --out docs/benchmarks
    python benchmarks/memory.py soak
    python benchmarks/memory.py large

``table`` fits in a process each and writes memory.csv; ``soak`` fits 200 times and
predicts 10 000 times in one process; ``large`` fits three million rows of 30 features
and 8 targets. Linux only: the peak is read from /proc.
"""

from __future__ import annotations

import argparse
import csv
import gc
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from skmo import MultiObjectiveEstimator, MultiObjectiveRegressor

MB = 1e6
N_THREADS = 2


class Case(NamedTuple):
    """A fit: sizes, the loss, the share of NaN targets, weights, validation rows."""

    n: int
    d: int
    k: int
    loss: str = "squared_error"
    missing: float = 0.0
    weighted: int = 0
    n_val: int = 0

    @property
    def formula(self) -> float:
        """Bytes beside ``X`` and ``y``: what docs/user_guide/large_data.rst says."""
        n, d, cells = self.n, self.d, self.n * self.k
        # Targets, scores, gradients; second derivatives that are not all the same.
        matrices = 4 if self.loss != "squared_error" or self.missing else 3
        train = 2 * n * d + 4 * matrices * cells + 64 * n + 8 * self.n_val * self.k
        if self.missing:
            train += 5 * cells
        # The rows that bins are found from, as LightGBM draws them.
        build = n * d + 12 * min(n, 200_000) * d + 4 * cells
        return max(train, build)


CASES = [
    Case(1_000_000, 50, 1),
    Case(1_000_000, 50, 16),
    Case(1_000_000, 10, 16),
    Case(1_000_000, 50, 64),
    Case(200_000, 200, 16),
    Case(1_000_000, 50, 16, loss="binary"),
    Case(1_000_000, 50, 16, missing=0.3),
    Case(1_000_000, 50, 16, weighted=1),
    Case(1_000_000, 50, 16, n_val=200_000),
    Case(3_000_000, 30, 8),
]


def make(case: Case) -> dict:
    rng = np.random.default_rng(0)
    rows = case.n + case.n_val
    X = rng.standard_normal((rows, case.d), dtype=np.float32)
    Y = np.empty((rows, case.k), dtype=np.float32)
    for k in range(case.k):
        Y[:, k] = X[:, k % case.d] + rng.standard_normal(rows, dtype=np.float32)
        if case.loss == "binary":
            Y[:, k] = Y[:, k] > 0
        if case.missing:
            Y[rng.random(rows) < case.missing, k] = np.nan
    n = case.n
    data = {"X": X[:n], "y": Y[:n]}
    if case.n_val:
        data |= {"X_val": X[n:], "y_val": Y[n:]}
    if case.weighted:
        data["sample_weight"] = rng.random(n, dtype=np.float32) + 0.5
    return data


def estimator(case: Case, rounds: int) -> MultiObjectiveEstimator:
    return MultiObjectiveEstimator(
        [case.loss] * case.k,
        n_estimators=rounds,
        heads="none",
        n_jobs=N_THREADS,
        random_state=0,
    )


def highest() -> int:
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def held() -> int:
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmRSS:")[1].split()[0])


def measure(case: Case, rounds: int) -> int:
    """Bytes that a fit adds at its peak to what data and libraries hold."""
    data = make(case)
    small = {name: part[:2000] for name, part in data.items()}
    estimator(case, 2).fit(**small)  # what libraries load once
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before = held()
    estimator(case, rounds).fit(**data)
    return highest() - before


def in_a_process(case: Case, rounds: int) -> int:
    words = [
        sys.executable,
        __file__,
        "one",
        repr(tuple(case)),
        "--rounds",
        str(rounds),
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return int(done.stdout)


def table(rounds: int, out: Path | None) -> None:
    rows = []
    for case in CASES:
        found = in_a_process(case, rounds)
        row = {
            "rows": case.n,
            "features": case.d,
            "objectives": case.k,
            "loss": case.loss.removesuffix("_error"),
            "with": ", ".join(
                filter(
                    None,
                    [
                        f"{case.missing:.0%} missing" if case.missing else "",
                        "weights" if case.weighted else "",
                        f"{case.n_val:,} validation rows" if case.n_val else "",
                    ],
                )
            ),
            "measured, MB": round(found / MB),
            "formula, MB": round(case.formula / MB),
            "ratio": f"{found / case.formula:.2f}",
        }
        print(*row.values(), sep="  ", flush=True)
        rows.append(row)
    if out is not None:
        with (out / "memory.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def soak(n_fits: int, n_predictions: int) -> None:
    """Print what the process holds along the way: it must not grow."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((2000, 10))
    Y = np.column_stack([X[:, 0], X[:, 1] > 0, np.exp(X[:, 2])])
    Y[::5, 1] = np.nan
    for i in range(n_fits):
        model = MultiObjectiveEstimator(
            ["squared_error", "binary", "poisson"],
            n_estimators=20,
            n_jobs=N_THREADS,
            random_state=i,
        ).fit(X[:1500], Y[:1500], X_val=X[1500:], y_val=Y[1500:])
        if (i + 1) % (n_fits // 8) == 0:
            gc.collect()
            print(f"{i + 1:>7} fits         {held() / MB:8.1f} MB", flush=True)
    for i in range(n_predictions):
        model.predict(X[:100])
        if (i + 1) % (n_predictions // 8) == 0:
            gc.collect()
            print(f"{i + 1:>7} predictions  {held() / MB:8.1f} MB", flush=True)


def large(rounds: int) -> None:
    """Three million rows: the peak of the whole process, data included."""
    case = Case(3_000_000, 30, 8)
    data = make(case)
    model = MultiObjectiveRegressor(
        n_estimators=rounds, n_jobs=N_THREADS, random_state=0
    ).fit(**data)
    print(f"heads {model.heads_}: peak {highest() / MB:.0f} MB after fit")
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before = held()
    for start in range(0, case.n, 100_000):
        model.predict(data["X"][start : start + 100_000])
    print(f"predict by 100 000 rows adds {(highest() - before) / MB:.0f} MB")
    Path("/proc/self/clear_refs").write_text("5")
    before = held()
    model.predict(data["X"])
    print(f"predict at once adds {(highest() - before) / MB:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["table", "soak", "large", "one"])
    parser.add_argument("case", nargs="?", help="of `one`: a tuple, for `table`")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--fits", type=int, default=200)
    parser.add_argument("--predictions", type=int, default=10_000)
    parser.add_argument("--out", type=Path, help="folder for memory.csv")
    arguments = parser.parse_args()
    if arguments.what == "one":
        import ast

        print(measure(Case(*ast.literal_eval(arguments.case)), arguments.rounds))
    elif arguments.what == "table":
        table(arguments.rounds, arguments.out)
    elif arguments.what == "soak":
        soak(arguments.fits, arguments.predictions)
    else:
        large(arguments.rounds)


if __name__ == "__main__":
    main()
