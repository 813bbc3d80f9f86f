"""What the workers of a fit on a cluster send each other in a round.

Fits of two lengths on clusters of processes on this machine; their difference is what
the rounds between cost, without the beginning. Few rows, so that trees cost little
beside the exchange.

    python benchmarks/communication.py --out docs/benchmarks/communication

writes `measured.csv`, and `projected.csv`: what a model says of 16 and 64 workers.
"""

from __future__ import annotations

import argparse
import csv
import logging
import math
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
from distributed import Client, LocalCluster

from skmo.dask import DaskMultiObjectiveRegressor

N_ROWS, SHORT, LONG = 3000, 5, 25
BASE = {"targets": 16, "leaves": 31, "features": 50, "workers": 2}
VARIED = {
    "targets": (1, 256),
    "leaves": (127,),
    "features": (200,),
    "workers": (3,),
}
# What a step between two machines of one data centre is taken to cost: a tenth of a
# millisecond, and 10 Gbit/s.
STEP_MS, BYTES_PER_MS = 0.1, 1.25e6


def settings() -> list[dict[str, int]]:
    found = [BASE]
    for name, values in VARIED.items():
        found += [{**BASE, name: value} for value in values]
    return [*found, {**BASE, "targets": 256, "workers": 3}]


def fit(client: Client, setting: dict[str, int], rounds: int) -> Any:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N_ROWS, setting["features"]))
    Y = X[:, :10] @ rng.normal(size=(10, setting["targets"]))
    Y += rng.normal(size=Y.shape)
    chunk = -(-N_ROWS // setting["workers"])
    est = DaskMultiObjectiveRegressor(
        n_estimators=rounds,
        num_leaves=setting["leaves"],
        min_child_samples=5,
        client=client,
        random_state=0,
    )
    return est.fit(da.from_array(X, (chunk, -1)), da.from_array(Y, (chunk, -1)))


def per_round(setting: dict[str, int]) -> dict[str, float]:
    """Calls, bytes and milliseconds of rank 0 in a round."""
    with (
        LocalCluster(
            n_workers=setting["workers"],
            threads_per_worker=1,
            dashboard_address=":0",
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster) as client,
    ):
        fit(client, setting, 2)
        short, long = (fit(client, setting, n) for n in (SHORT, LONG))

    def gained(name: str) -> float:
        values = [sum(getattr(e._traffic, name).values()) for e in (short, long)]
        return (values[1] - values[0]) / (LONG - SHORT)

    seconds = np.median(long.history_["seconds"][SHORT:])
    return {
        "calls": round(gained("calls"), 1),
        "kB sent": round(gained("n_bytes") / 1e3, 1),
        "ms waited": round(1e3 * gained("seconds"), 1),
        "ms in all": round(1e3 * float(seconds), 1),
    }


def modelled(setting: dict[str, int]) -> dict[str, float]:
    """Calls, steps one after the other and bytes of one rank, by formula."""
    K, L, d, W = (setting[name] for name in BASE)
    deep = math.ceil(math.log2(W))
    # A tree: for each leaf that is split a histogram (two float64 a bin) of one child
    # is added up, and the best split agreed on; the root's sums besides.
    histogram = 16 * 255 * d
    scattered = (L - 1) * histogram * (W - 1) / W
    split = (L - 1) * 2 * 500 * (W - 1)
    # A round: losses and energies; products for the history's cosines; the leaf sums;
    # the direction from rank 0.
    arrays = [2 * K, K * K if K <= 64 else 0, L * (K + 2)]
    summed = sum(
        8 * size * (W - 1) if 8 * size <= 1 << 14 else 16 * size * (W - 1) / W
        for size in arrays
    )
    calls = 2 * (L - 1) + 1 + len(arrays) + 1
    powers = W & (W - 1) == 0
    steps = (L - 1) * (deep if powers else W - 1) + (calls - (L - 1)) * deep
    return {"calls": calls, "steps": steps, "bytes": scattered + split + summed}


def projected(setting: dict[str, int]) -> dict[str, float]:
    found = modelled(setting)
    latency = found["steps"] * STEP_MS
    transfer = found["bytes"] / BYTES_PER_MS
    return {
        "steps": found["steps"],
        "kB sent": round(found["bytes"] / 1e3),
        "ms of latency": round(latency, 1),
        "ms of transfer": round(transfer, 1),
        "ms in all": round(latency + transfer, 1),
    }


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, rows[0], lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for setting in settings():
        model = modelled(setting)
        formula = {"kB by formula": round(model["bytes"] / 1e3, 1)}
        rows.append({**setting, **per_round(setting), **formula})
        print(rows[-1], flush=True)
    write(out / "measured.csv", rows)
    write(
        out / "projected.csv",
        [
            {**s, **projected(s)}
            for W in (16, 64)
            for change in ({}, {"targets": 256}, {"features": 200}, {"leaves": 127})
            for s in [{**BASE, **change, "workers": W}]
        ],
    )


if __name__ == "__main__":
    main()
