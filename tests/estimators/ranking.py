"""Queries that the ranker's tests share, and what they are measured by."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np

from skmo import MultiObjectiveRanker
from skmo.datasets import make_multi_ranking
from skmo.metrics import ndcg_score

FAST = {
    "n_estimators": 10,
    "num_leaves": 7,
    "min_child_samples": 5,
    "n_jobs": 1,
    "random_state": 0,
}
COMBINE = ("gradients", "scores")


def ranker(*args, **params):
    return MultiObjectiveRanker(*args, **{**FAST, **params})


def queries(n=40, *, graded=False, seed=0, **params):
    """X, Y and qid; with ``graded`` no query has equal grades only."""
    X, Y, qid = make_multi_ranking(n, random_state=seed, **{"mean_size": 10, **params})
    if graded:
        for rows in rows_of(qid):
            equal = np.ptp(Y[rows], axis=0) == 0
            Y[rows[0], equal] = 4 - Y[rows[0], equal]
    return X, Y, qid


def rows_of(qid):
    """The rows of each query."""
    return [np.flatnonzero(qid == q) for q in np.unique(qid)]


def validation(data):
    """Queries as `fit` takes them to watch."""
    return dict(zip(("X_val", "y_val", "qid_val"), data, strict=True))


def dealt(qid):
    """An order that mixes queries: all first documents, all second ones, …

    Queries appear in the order they had, and so do each one's documents.
    """
    place = np.concatenate([np.arange(len(rows)) for rows in rows_of(qid)])
    return np.argsort(place, kind="stable")


def ndcg(Y, score, qid, k=30, **params):
    """NDCG of one score by each label."""
    Y = np.asarray(Y)
    if Y.ndim == 2:
        score = np.column_stack([score] * Y.shape[1])
        params["multioutput"] = "raw_values"
    return ndcg_score(Y, score, group_ids=qid, k=k, **params)


def lightgbm_booster(X, y, qid, **params):
    """LightGBM on queries, at the settings of the ranker's parameters."""
    given = {
        "objective": "lambdarank",
        "verbosity": -1,
        "num_threads": 1,
        "deterministic": True,
        "force_col_wise": True,
        "boost_from_average": False,
        **params,
    }
    rounds = given.pop("n_estimators")
    data = lgb.Dataset(X, y, group=[len(rows) for rows in rows_of(qid)])
    return lgb.train(given, data, rounds)
