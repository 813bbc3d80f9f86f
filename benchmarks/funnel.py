"""A funnel's models where the truth is known and on real logs.

Regimes of `skmo.datasets.make_funnel` from advertisements' rates to a feed's, and two
logs (`funnel_data.py`), against separate models, their product and published ESMM
(`funnel_models.py`), all with early stopping at the same settings. Each regime is drawn
anew by each seed; of a log, the seed is the number of the test fold. Outcomes are
appended to a file, so that an interrupted run goes on where it stopped;
`funnel_tables.py` turns the file into tables.

    OMP_WAIT_POLICY=passive python benchmarks/funnel.py
    python benchmarks/funnel.py feed hillstrom --models esmm,skmo --seeds 0,1
    python benchmarks/funnel.py feed --models skmo_dr_project_apart_blend --again
"""

from __future__ import annotations

import argparse
import time
import traceback
import warnings
from pathlib import Path

import datasets
import funnel_data
import results
from funnel_models import MODELS, WORDS, get_model
from funnel_protocol import Part
from funnel_scoring import measure

FOLDER = Path(__file__).parent


def run_one(
    part: Part, name: str, model: str, seed: int, n_jobs: int
) -> results.Record:
    """The record of one fit; its seconds include the predictions of the test rows."""
    record: results.Record = {"set": name, "model": model, "seed": seed}
    start = time.perf_counter()
    try:
        fitted = get_model(model)(part, seed, n_jobs)
    except Exception as error:
        # One model's fault must not end hours of the others.
        traceback.print_exc()
        word = f"{type(error).__name__}: {error}"
        return {**record, "status": "failed", "word": word[:300]}
    seconds = time.perf_counter() - start
    return {
        **record,
        "status": "ok",
        "stages": part.stages,
        "rows": len(part.Y_train),
        "positives": part.Y_train.sum(axis=0).tolist(),
        "seconds": round(seconds, 2),
        "rounds": fitted.rounds,
        "conflict": fitted.conflict,
        **measure(part, fitted.cumulative, fitted.conditional),
    }


def line(record: results.Record) -> str:
    head = f"{record['set']:<16}{record['model']:<28}{record['seed']:>2}  "
    if record["status"] != "ok":
        return f"{head}{record['status']}: {record['word']}"
    losses = "".join(f"{loss:9.5f}" for loss in record["log_loss"])
    reached = "".join(f"{loss:9.5f}" for loss in record["reached_log_loss"][1:])
    rounds = f"  rounds {','.join(map(str, record['rounds']))}"
    return f"{head}{losses}  reached{reached}{record['seconds']:8.1f} s{rounds}"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", help=f"of {', '.join(funnel_data.SETS)}")
    words = f"skmo_ and any of the words {', '.join(WORDS)}"
    parser.add_argument(
        "--models",
        default=",".join(MODELS),
        help=f"a,b of {', '.join(MODELS)} (all) or {words}",
    )
    parser.add_argument("--seeds", default="0,1,2,3,4")
    parser.add_argument("--n-jobs", type=int, default=1)
    parser.add_argument(
        "--results", type=Path, default=FOLDER / "results" / "funnel.jsonl"
    )
    parser.add_argument("--again", action="store_true", help="also what has a result")
    arguments = parser.parse_args()
    arguments.sets = arguments.sets or funnel_data.SETS
    arguments.models = arguments.models.split(",")
    arguments.seeds = [int(seed) for seed in arguments.seeds.split(",")]
    unknown = set(arguments.sets) - {*funnel_data.SETS}
    for model in arguments.models:
        try:
            get_model(model)
        except ValueError:
            unknown.add(model)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return arguments


def main() -> None:
    arguments = parse()
    warnings.filterwarnings("ignore")
    known = {} if arguments.again else results.read(arguments.results)
    for name in arguments.sets:
        if name in funnel_data.LOGS and not datasets.available():
            print(f"{name:<16}skipped: no data at {datasets.ROOT}", flush=True)
            continue
        for seed in arguments.seeds:
            # What has a record is final whatever the time: there is no limit to it.
            models = [
                model
                for model in arguments.models
                if not results.is_final(known.get((name, model, seed)), 0)
            ]
            part = funnel_data.load(name, seed) if models else None
            if part is None:
                continue
            for model in models:
                record = run_one(part, name, model, seed, arguments.n_jobs)
                results.append(arguments.results, record)
                print(line(record), flush=True)


if __name__ == "__main__":
    main()
