"""One label ranked by skmo and by LightGBM, over many draws.

    python benchmarks/ranking_parity.py

The same trees up to rounding, until a split is a tie but for rounding: from there on
the two models differ, and which one is better is a matter of chance. Prints by how much
NDCG differs in the mean over the draws in which they do.
"""

from __future__ import annotations

import argparse

import lightgbm as lgb
import numpy as np
from ranking_models import ROUNDS, native_settings, ranker

from skmo.datasets import make_multi_ranking
from skmo.metrics import ndcg_score

QUERIES = 700


def differences(seed: int) -> list[float]:
    """NDCG@5 and @30 of skmo less LightGBM's, and the scores' correlation."""
    X, Y, qid = make_multi_ranking(QUERIES, random_state=seed)
    X_test, Y_test, qid_test = make_multi_ranking(QUERIES, random_state=seed + 100)
    data = lgb.Dataset(X, Y[:, 0], group=np.bincount(qid))
    theirs = lgb.train(native_settings(1), data, ROUNDS).predict(X_test, num_threads=1)
    est = ranker(0, 1, combine="gradients").fit(X, Y[:, 0], qid=qid)
    ours = est.predict(X_test)
    scores = np.column_stack([ours, theirs])
    grades = np.column_stack([Y_test[:, 0]] * 2)
    options = {"group_ids": qid_test, "multioutput": "raw_values"}
    found = [ndcg_score(grades, scores, k=k, **options) for k in (5, 30)]
    return [*(a - b for a, b in found), np.corrcoef(ours, theirs)[0, 1]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=16)
    table = np.array([differences(s) for s in range(parser.parse_args().draws)])
    apart = table[table[:, 2] < 0.99999]
    print(f"{len(table)} draws, {len(table) - len(apart)} with the same model")
    if len(apart) > 1:
        mean = apart[:, :2].mean(axis=0)
        error = apart[:, :2].std(axis=0, ddof=1) / np.sqrt(len(apart))
        for k, m, e in zip((5, 30), mean, error, strict=True):
            print(f"NDCG@{k} in the others: {m:+.4f} +- {e:.4f} (standard error)")


if __name__ == "__main__":
    main()
