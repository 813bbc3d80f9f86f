"""One ranking for two relevance labels: fronts of trade-offs, by method.

Two labels taken from MQ2008 and LightGBM's example, and simulated ones
(`ranking_data.py`), at five preferences or bounds each, by skmo's methods and on plain
LightGBM (`ranking_models.py`). Models that draw are trained with each seed, the others
once. Outcomes are appended to a file, so that an interrupted run goes on where it
stopped; `ranking_tables.py` turns the file into tables.

    OMP_WAIT_POLICY=passive python benchmarks/ranking.py
    python benchmarks/ranking.py pagerank inlinks --models separate,linear --seeds 0
"""

from __future__ import annotations

import argparse
import time
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path

import datasets
import numpy as np
import ranking_data
import ranking_records
from ranking_data import Part
from ranking_models import MODELS, Ranking
from ranking_scoring import constant_losses, measure
from results import Record, append

FOLDER = Path(__file__).parent


def run(
    part: Part, model: str, settings: list[float], seed: int, n_jobs: int
) -> Iterator[Record]:
    """Records of the settings, with the processor's seconds of their trainings."""
    spec = MODELS[model]
    ranking: Ranking | None = None
    for setting in settings:
        start, fits = time.process_time(), 0
        try:
            if ranking is None or not spec.shared:
                ranking = spec.train(part, setting, seed, n_jobs)
                fits = spec.fits
        except Exception as error:
            # One model's fault must not end hours of the others.
            traceback.print_exc()
            word = f"{type(error).__name__}: {error}"
            yield {"setting": setting, "status": "failed", "word": word[:300]}
            continue
        seconds = time.process_time() - start
        train = ranking(part.X_train, part.query_train, setting)
        test = ranking(part.X_test, part.query_test, setting)
        yield {
            "setting": setting,
            "status": "ok",
            "fits": fits,
            "seconds": round(seconds, 3) if fits else 0.0,
            **measure(part, train, test),
        }


def line(record: Record) -> str:
    head = f"{record['set']:<12}{record['model']:<22}{record['setting']:<6g}"
    head += f"{record['seed']:>2}  "
    if record["status"] != "ok":
        return f"{head}{record['status']}: {record['word']}"
    means = [np.nanmean(np.array(values, dtype=float)) for values in record["ndcg"]]
    return f"{head}{means[0]:.4f} {means[1]:.4f}{record['seconds']:8.1f} s"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = ", ".join(ranking_data.SETS)
    parser.add_argument("sets", nargs="*", help=f"of {names} (all)")
    parser.add_argument(
        "--models", default=",".join(MODELS), help=f"a,b of {', '.join(MODELS)} (all)"
    )
    parser.add_argument("--seeds", default="0,1,2,3,4")
    parser.add_argument("--n-jobs", type=int, default=1)
    parser.add_argument(
        "--results", type=Path, default=FOLDER / "results" / "ranking.jsonl"
    )
    parser.add_argument("--again", action="store_true", help="also what has a result")
    arguments = parser.parse_args()
    arguments.sets = arguments.sets or ranking_data.SETS
    arguments.models = arguments.models.split(",")
    arguments.seeds = [int(seed) for seed in arguments.seeds.split(",")]
    unknown = {*arguments.sets} - {*ranking_data.SETS}
    unknown |= {*arguments.models} - {*MODELS}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return arguments


def run_set(arguments: argparse.Namespace, name: str) -> None:
    known = {} if arguments.again else ranking_records.read(arguments.results)
    part = constants = None
    for model in arguments.models:
        for seed in arguments.seeds if MODELS[model].draws else arguments.seeds[:1]:
            keys = ((name, model, s, seed) for s in MODELS[model].settings)
            settings = [
                key[2] for key in keys if known.get(key, {}).get("status") != "ok"
            ]
            if not settings:
                continue
            if part is None:
                part = ranking_data.load(name)
                constants = constant_losses(part)
            for found in run(part, model, settings, seed, arguments.n_jobs):
                head = {"set": name, "model": model, "seed": seed}
                record = {**head, **found, "constant": constants}
                append(arguments.results, record)
                print(line(record), flush=True)


def main() -> None:
    arguments = parse()
    warnings.filterwarnings("ignore")
    for name in arguments.sets:
        if ranking_data.needs_files(name) and not datasets.available():
            print(f"{name:<12}skipped: no data at {datasets.ROOT}", flush=True)
            continue
        run_set(arguments, name)


if __name__ == "__main__":
    main()
