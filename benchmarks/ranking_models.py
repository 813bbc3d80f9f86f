"""The models of the ranking benchmark by name.

A model is trained for one setting, or once for all: a setting is the relevance's share
of the preference, or for ``bounds`` the share of its score that may be lost. All have
200 trees of 31 leaves, the rate .05 and no early stopping.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import lightgbm as lgb
import numpy as np
from ranking_data import Part

from skmo import MultiObjectiveRanker
from skmo.balancing import CRMOGM

ROUNDS, LEAVES, LEARNING_RATE = 200, 31, 0.05
RAYS = (0.1, 0.3, 0.5, 0.7, 0.9)
ENDS = (0.0, 1.0)
BOUNDS = (0.005, 0.01, 0.02, 0.05, 0.1)
# Grades that a mix of labels is rounded to. Five with LightGBM's exponential gain
# come closest to the figures of `ranking_tables.py`; 31 with a linear gain gave .441
# and .503.
MIXED_GRADES = 4

# (X, query, setting) to the scores to rank by.
Ranking = Callable[[np.ndarray, np.ndarray, float], np.ndarray]


@dataclass(frozen=True)
class Model:
    """How a model is trained and what for."""

    train: Callable[[Part, float, int, int], Ranking]  # part, setting, seed, n_jobs
    settings: tuple[float, ...] = RAYS
    shared: bool = False  # one training serves all settings
    draws: bool = False  # the seed matters
    fits: int = 1


def native(part: Part, y: np.ndarray, n_jobs: int) -> lgb.Booster:
    """LightGBM's lambdarank."""
    data = lgb.Dataset(part.X_train, y, group=part.sizes)
    return lgb.train(native_settings(n_jobs), data, ROUNDS)


def native_settings(n_jobs: int) -> dict[str, Any]:
    return {
        "objective": "lambdarank",
        "num_leaves": LEAVES,
        "learning_rate": LEARNING_RATE,
        "num_threads": n_jobs,
        "verbosity": -1,
    }


def train_separate(
    standardise: Callable[[np.ndarray, np.ndarray], np.ndarray],
    part: Part,
    _: float,
    seed: int,
    n_jobs: int,
) -> Ranking:
    """A native model for each label, their standardised scores mixed."""
    boosters = [native(part, y, n_jobs) for y in part.Y_train.T]

    def rank(X: np.ndarray, query: np.ndarray, setting: float) -> np.ndarray:
        scores = np.column_stack([b.predict(X, num_threads=n_jobs) for b in boosters])
        return standardise(scores, query) @ [setting, 1 - setting]

    return rank


def within_queries(scores: np.ndarray, query: np.ndarray) -> np.ndarray:
    """Each query's scores with mean 0 and standard deviation 1."""
    number = np.unique(query, return_inverse=True)[1].reshape(-1)
    sizes = np.bincount(number)

    def mean(x: np.ndarray) -> np.ndarray:
        return (np.bincount(number, x) / sizes)[number]

    centred = np.column_stack([s - mean(s) for s in scores.T])
    spread = np.sqrt(np.column_stack([mean(c**2) for c in centred.T]))
    return centred / np.where(spread > 1e-12, spread, 1)


def over_rows(scores: np.ndarray, query: np.ndarray) -> np.ndarray:
    """The standard deviation over all rows is 1."""
    return scores / scores.std(axis=0)


def train_mixed_label(part: Part, setting: float, seed: int, n_jobs: int) -> Ranking:
    """One native model on a mix of the grades over their greatest ones, rounded."""
    most = np.maximum(part.Y_train.max(axis=0), 1)
    mixed = np.rint(MIXED_GRADES * (part.Y_train / most @ [setting, 1 - setting]))
    booster = native(part, mixed, n_jobs)
    return lambda X, query, _: booster.predict(X, num_threads=n_jobs)


def ranker(seed: int, n_jobs: int, **given: Any) -> MultiObjectiveRanker:
    return MultiObjectiveRanker(
        n_estimators=ROUNDS,
        num_leaves=LEAVES,
        learning_rate=LEARNING_RATE,
        early_stopping=False,
        n_jobs=n_jobs,
        random_state=seed,
        **given,
    )


def train_scores(
    structure: str, part: Part, _: float, seed: int, n_jobs: int
) -> Ranking:
    """skmo's scores for each label, mixed at predict."""
    est = ranker(seed, n_jobs, combine="scores", structure=structure)
    est.fit(part.X_train, part.Y_train, qid=part.query_train)
    return lambda X, query, setting: est.predict(X, preference=[setting, 1 - setting])


def train_gradients(
    balancer: Any, part: Part, setting: float, seed: int, n_jobs: int
) -> Ranking:
    """skmo's one score, trained for the preference."""
    preference = [setting, 1 - setting]
    est = ranker(
        seed, n_jobs, combine="gradients", balancer=balancer, preference=preference
    )
    est.fit(part.X_train, part.Y_train, qid=part.query_train)
    return lambda X, query, _: est.predict(X)


def train_bounds(part: Part, setting: float, seed: int, n_jobs: int) -> Ranking:
    """skmo's one score for the second label, relevance bounded."""
    est = ranker(
        seed,
        n_jobs,
        combine="gradients",
        balancer="augmented_lagrangian",
        bounds={0: setting},
    )
    est.fit(part.X_train, part.Y_train, qid=part.query_train)
    return lambda X, query, _: est.predict(X)


def _separate(standardise: Callable) -> Model:
    train = partial(train_separate, standardise)
    return Model(train, (*RAYS, *ENDS), shared=True, fits=2)


def _scores(structure: str) -> Model:
    train = partial(train_scores, structure)
    return Model(train, shared=True, draws=structure != "apart")


def _gradients(balancer: Any, **given: Any) -> Model:
    return Model(partial(train_gradients, balancer), **given)


STRUCTURES = ("random", "objective", "apart")
# What an unchanged estimator does.
DEFAULT = f"scores_{MultiObjectiveRanker().structure}"
BASE = "separate"
METHODS = {
    "linear": "equal",
    "label_aggregation": "label_aggregation",
    "tchebycheff": "tchebycheff",
    "smooth_tchebycheff": "smooth_tchebycheff",
    "tchebycheff_averaged": CRMOGM("tchebycheff"),
    "epo": "epo",
    "epo_averaged": CRMOGM("epo"),
    "wc_mgda": "wc_mgda",
    "wc_mgda_averaged": CRMOGM("wc_mgda"),
}
MODELS: dict[str, Model] = {
    BASE: _separate(within_queries),
    "separate_rows": _separate(over_rows),
    "mixed_label": Model(train_mixed_label),
    # What the bounds of relevance are measured against.
    "relevance_alone": _gradients("equal", settings=(1.0,)),
    **{
        name: _gradients(balancer, draws=name == "label_aggregation")
        for name, balancer in METHODS.items()
    },
    "bounds": Model(train_bounds, BOUNDS, fits=2),
    **{f"scores_{structure}": _scores(structure) for structure in STRUCTURES},
}
