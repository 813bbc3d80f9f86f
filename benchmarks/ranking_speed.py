"""How long one label takes to rank by, against LightGBM's lambdarank.

`MultiObjectiveRanker` with one score and native training, at the same settings and
threads, in turns in one process, as the machine's speed drifts; ratios are medians over
the turns. NDCG@5 and @10 of both stand beside it, on test queries, which would show
whether time was bought with quality.

    OMP_WAIT_POLICY=passive python benchmarks/ranking_speed.py
    python benchmarks/ranking_speed.py simulated --threads 2 --repeats 3
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import datasets
import numpy as np
import ranking_data
from ranking_data import Part
from ranking_models import native, ranker
from ranking_scoring import ndcg_by_query

from skmo.datasets import make_multi_ranking

SETS = ("mq2008", "simulated")


def load(name: str) -> Part:
    """The first label of MQ2008, or of 5000 queries with 100 000 documents."""
    if name == "mq2008":
        part = ranking_data.load("pagerank")
    else:
        train = make_multi_ranking(5000, mean_size=20, random_state=1)
        part = Part(*train, *make_multi_ranking(1000, mean_size=20, random_state=2))
    return replace(part, Y_train=part.Y_train[:, :1], Y_test=part.Y_test[:, :1])


def fit_native(part: Part, n_jobs: int) -> tuple[float, np.ndarray]:
    """Seconds of training, and scores of the test rows."""
    start = time.perf_counter()
    booster = native(part, part.Y_train[:, 0], n_jobs)
    seconds = time.perf_counter() - start
    return seconds, booster.predict(part.X_test, num_threads=n_jobs)


def fit_skmo(part: Part, n_jobs: int) -> tuple[float, np.ndarray]:
    est = ranker(0, n_jobs, combine="gradients")
    start = time.perf_counter()
    est.fit(part.X_train, part.Y_train[:, 0], qid=part.query_train)
    return time.perf_counter() - start, est.predict(part.X_test)


def ndcg(part: Part, scores: np.ndarray, k: int) -> float:
    values = ndcg_by_query(part.Y_test[:, 0], scores, part.query_test, k)
    return float(np.nanmean(values))


def compare(part: Part, n_jobs: int, repeats: int) -> str:
    runs = []
    for _ in range(repeats):
        theirs, native_scores = fit_native(part, n_jobs)
        ours, scores = fit_skmo(part, n_jobs)
        runs.append((theirs, ours, ours / theirs))
    theirs, ours, ratio = np.median(runs, axis=0)
    quality = "".join(
        f"{ndcg(part, found, k):9.4f}"
        for k in (5, 10)
        for found in (native_scores, scores)
    )
    return f"{theirs:10.2f}{ours:8.2f}{ratio:7.2f}{quality}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", help=f"of {', '.join(SETS)} (both)")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    unknown = {*arguments.sets} - {*SETS}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    head = (
        f"{'set':<11}{'rows':>8}{'threads':>8}{'LightGBM':>10}{'skmo':>8}{'ratio':>7}"
    )
    print(f"{head}  NDCG@5     skmo  NDCG@10     skmo")
    for name in arguments.sets or SETS:
        if name == "mq2008" and not datasets.available():
            print(f"{name:<11}skipped: no data at {datasets.ROOT}", flush=True)
            continue
        part = load(name)
        for n_jobs in map(int, arguments.threads.split(",")):
            head = f"{name:<11}{len(part.X_train):>8}{n_jobs:>8}"
            print(head + compare(part, n_jobs, arguments.repeats), flush=True)


if __name__ == "__main__":
    main()
