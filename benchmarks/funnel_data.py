"""The funnels that are measured: regimes of `make_funnel`, and two real logs.

Hillstrom's e-mail campaign (visit, then conversion; 9394 and 578 of 64 000) is nested
as it is. KuaiRand's log (click, long view, like) is not: of 44 791 rows, 36 of the
14 157 with a long view have no click, and of the 788 with a like 129 have no click and
164 more a click but no long view. A stage here is what was logged together with every
stage before it, so that 14 121 long views and 495 likes remain: the last stage is a
like of a video that was clicked and watched for long, and the other 293 likes are
negatives of it. (To add the missing clicks would have meant clicks nobody made.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import datasets
import numpy as np
import pandas as pd
from funnel_protocol import Part
from sklearn.utils import Bunch
from splits import Split, outer_folds

from skmo.datasets import make_funnel

TEST_ROWS = 40_000
# Rates of each stage among those that reached the one before, and training rows: with
# advertisements' rates 20 000 would hold but sixty conversions.
REGIMES: dict[str, tuple[tuple[float, ...], int]] = {
    "ad": ((0.10, 0.03), 40_000),
    "shop": ((0.25, 0.15), 20_000),
    "video": ((0.58, 0.73), 20_000),
    "feed": ((0.75, 0.80), 20_000),
    "three": ((0.60, 0.50, 0.50), 20_000),
}
HILLSTROM = ("visit", "conversion")
KUAIRAND = ("is_click", "long_view", "is_like")


@dataclass(frozen=True)
class Log:
    """A data set, the stages among its targets, and whether users are kept whole."""

    name: str
    stages: tuple[str, ...]
    by_user: bool = False


LOGS: dict[str, Log] = {
    "hillstrom": Log("hillstrom_email", HILLSTROM),
    "kuairand_users": Log("kuairand_flat", KUAIRAND, by_user=True),
    "kuairand_time": Log("kuairand_flat", KUAIRAND),
}
SETS = [*REGIMES, *LOGS]


def load(name: str, seed: int) -> Part | None:
    """A regime as drawn by a seed, or the log's test fold of that number.

    None where there are fewer folds.
    """
    if name in REGIMES:
        return simulate(*REGIMES[name], seed)
    return fold(LOGS[name], seed)


def simulate(rates: tuple[float, ...], n: int, seed: int) -> Part:
    """A fifth more rows than are trained on to stop by, and the test rows."""
    ends = np.cumsum([n, n // 5, TEST_ROWS])
    X, Y, truth = make_funnel(
        int(ends[-1]), rates=rates, random_state=seed, return_truth=True
    )
    (X, X_val, X_test), (Y, Y_val, Y_test) = (np.split(Z, ends[:-1]) for Z in (X, Y))
    truth = Bunch(**{name: values[ends[1] :] for name, values in truth.items()})
    stages = [f"stage {k}" for k in range(len(rates))]
    return Part(stages, X, Y, X_val, Y_val, X_test, Y_test, [], truth)


def fold(log: Log, number: int) -> Part | None:
    problem, folds = _problem(log)
    if number >= len(folds):
        return None
    rest, test = folds[number]
    train, val = datasets.inner_split(problem, rest, 0)
    X, Y = problem.X, problem.Y
    return Part(
        list(log.stages),
        *(Z[rows] for rows in (train, val, test) for Z in (X, Y)),
        problem.categorical,
    )


@lru_cache(maxsize=1)
def _problem(log: Log) -> tuple[datasets.Problem, list[Split]]:
    """The set with its stages, nested, as targets; by user if the log says so."""
    problem = datasets.load(log.name)
    columns = [problem.targets.index(stage) for stage in log.stages]
    problem.Y = np.cumprod(problem.Y[:, columns], axis=1)
    if log.by_user:
        path = datasets.ROOT / log.name / f"{log.name}.csv.gz"
        problem.groups = pd.read_csv(path, usecols=["user_id"])["user_id"].to_numpy()
        problem.time_ordered = False
        return problem, outer_folds(len(problem.Y), problem.groups, False)
    return problem, problem.folds
