"""What all models of the comparison have in common.

The rate, the cap on rounds, the patience and the tree settings are set here and
nowhere else, so that no model is compared at another's settings by mistake.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from datasets import Problem

LEARNING_RATE = 0.05
# High enough that models stop by themselves; where one does not, the tables say so.
ROUNDS = 3000
PATIENCE = 50
# skmo's tree settings, and those of the LightGBM models it is compared with at equal
# settings; `skmo_settings` adds what depends on the data.
SETTINGS: dict[str, Any] = {}


def skmo_settings(problem: Problem) -> dict[str, Any]:
    """Tree settings of skmo and of `lgbm_same` on a problem, in LightGBM's names."""
    return {"min_child_samples": 20 if len(problem.Y) >= 1000 else 5, **SETTINGS}


@dataclass(frozen=True)
class Run:
    """What may differ between two runs of one model on one data set."""

    seed: int = 0
    n_jobs: int = 1


class Unsupported(Exception):
    """A library cannot fit these targets, in a word or two."""


Predict = Callable[[Any], np.ndarray]
Fit = Callable[[Problem, np.ndarray, np.ndarray, Run], "Fitted"]


@dataclass
class Fitted:
    """A fitted model: means of real targets, probabilities of 1 of binary ones."""

    predict: Predict  # rows of features -> (n_samples, n_objectives)
    rounds: list[int]  # kept rounds: one number per model that was trained
    capped: bool = False  # whether one of them was still learning at the cap


def one_kind(problem: Problem) -> bool:
    """Whether all targets are real or all are binary."""
    return bool(problem.binary.all() or not problem.binary.any())


def has_missing_targets(problem: Problem) -> bool:
    return bool(np.isnan(problem.Y).any())


FitOne = Callable[[np.ndarray, np.ndarray, int], Fitted]


def per_target(
    problem: Problem, train: np.ndarray, val: np.ndarray, fit_one: FitOne
) -> Fitted:
    """One model per target, each on the rows where its target is observed."""
    models = []
    for k in range(problem.Y.shape[1]):
        rows, rows_val = (r[~np.isnan(problem.Y[r, k])] for r in (train, val))
        y = problem.Y[rows, k]
        # Some libraries refuse a constant target.
        constant = np.ptp(y) == 0
        models.append(_constant(y[0]) if constant else fit_one(rows, rows_val, k))
    return Fitted(
        lambda X: np.column_stack([m.predict(X) for m in models]),
        [n for m in models for n in m.rounds],
        any(m.capped for m in models),
    )


def _constant(value: float) -> Fitted:
    return Fitted(lambda X: np.full(X.shape[0], value), [0])


@dataclass
class Scale:
    """Mean and deviation of real targets; 0 and 1 for binary ones.

    A joint model of real targets is trained on scaled ones: otherwise those with large
    units take over its splits and its early stopping.
    """

    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def of(cls, problem: Problem, rows: np.ndarray) -> Scale:
        mean = np.nanmean(problem.Y[rows], axis=0)
        deviation = np.nanstd(problem.Y[rows], axis=0)
        deviation[deviation == 0] = 1.0
        return cls(
            np.where(problem.binary, 0.0, mean),
            np.where(problem.binary, 1.0, deviation),
        )

    def forth(self, Y: np.ndarray) -> np.ndarray:
        return (Y - self.mean) / self.deviation

    def back(self, Y: np.ndarray) -> np.ndarray:
        return Y * self.deviation + self.mean
