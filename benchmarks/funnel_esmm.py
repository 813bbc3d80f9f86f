"""ESMM (Ma et al., SIGIR 2018) on LightGBM's Python interface, without skmo.

The stages' scores are grown side by side, a booster each, on the sum of the
cross-entropies of all cumulative probabilities over all rows: with the stage's
probability given the one before :math:`p_s = \\sigma(f_s)` and
:math:`P_k = p_0 \\cdots p_k`, the gradient of stage s is

.. math::

    (1 - p_s) \\sum_{k \\ge s} \\bigl((1 - y_k) P_k / (1 - P_k) - y_k\\bigr)

and the curvature a sum of second derivatives :math:`p_s (1 - p_s)` where stage k was
reached, and of Fisher's information :math:`(1 - p_s)^2 P_k / (1 - P_k)` where not. The
paper's embeddings, which its networks share, have no counterpart in trees.
"""

from __future__ import annotations

from collections.abc import Callable

import lightgbm as lgb
import numpy as np
from funnel_protocol import PATIENCE, ROUNDS, Part, lightgbm_settings
from scipy.special import expit, log_expit, logit

# Below it log P is a rounding error and P / (1 - P) would overflow.
_LEAST = 1e-30
# Above it P / (1 - P) is 0 in every respect, and its inverse would overflow.
_MOST = 500.0


def gradients(F: np.ndarray, Y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the summed losses by each score, and the curvature; (n, K) both."""
    surprise = -np.cumsum(log_expit(F), axis=1)  # of reaching each stage, -log P
    odds = 1 / np.expm1(np.clip(surprise, _LEAST, _MOST))
    pull = np.where(Y == 1, -1.0, odds)
    rest = expit(-F)
    reached, missed = _from_the_end(Y), _from_the_end((1 - Y) * odds)
    return rest * _from_the_end(pull), rest * (expit(F) * reached + rest * missed)


def losses(F: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """The mean cross-entropy of each cumulative probability."""
    L = np.minimum(np.cumsum(log_expit(F), axis=1), -_LEAST)
    return -np.where(Y == 1, L, np.log(-np.expm1(L))).mean(axis=0)


def _from_the_end(values: np.ndarray) -> np.ndarray:
    """Column s is the sum of the columns s, s + 1, ..."""
    return np.cumsum(values[:, ::-1], axis=1)[:, ::-1]


def train_esmm(part: Part, seed: int, n_jobs: int) -> tuple[np.ndarray, list[int]]:
    """Conditional probabilities of the test rows, and the rounds of each stage.

    Each stage keeps the rounds after which its cumulative probability had the least
    validation loss, and all are grown until the last stage's patience has ended. That
    is the kindest rule: one round for all, the best by the sum of the losses or by the
    last stage's, was worse on all stages of the regimes it was tried on.
    """
    params = {
        **lightgbm_settings(n_jobs),
        "objective": "custom",
        "boost_from_average": False,
        "metric": "None",
        "seed": seed,
    }
    data = lgb.Dataset(
        part.X_train,
        categorical_feature=part.categorical,
        params=params,
        free_raw_data=False,
    ).construct()
    data_val = data.create_valid(part.X_val).construct()
    totals = part.Y_train.sum(axis=0)
    start = logit(totals / np.r_[len(part.Y_train), totals[:-1]])
    boosters = [lgb.Booster(params, data) for _ in start]
    for booster in boosters:
        booster.add_valid(data_val, "val")
    F = np.tile(start, (len(part.X_train), 1))
    best, rounds = np.full(len(start), np.inf), np.zeros(len(start), dtype=int)
    for t in range(1, ROUNDS + 1):
        G, H = gradients(F, part.Y_train)
        for booster, g, h in zip(boosters, G.T, H.T, strict=True):
            booster.update(fobj=_given(g, h))
        F = start + np.column_stack([_scores(b.eval_train) for b in boosters])
        F_val = start + np.column_stack([_scores(b.eval_valid) for b in boosters])
        found = losses(F_val, part.Y_val)
        better = found < best
        best[better], rounds[better] = found[better], t
        if t - rounds.max() >= PATIENCE:
            break
    columns = [
        b.predict(part.X_test, num_iteration=n, raw_score=True, num_threads=n_jobs)
        if n
        else np.zeros(len(part.X_test))
        for b, n in zip(boosters, rounds.tolist(), strict=True)
    ]
    return expit(start + np.column_stack(columns)), rounds.tolist()


def _given(g: np.ndarray, h: np.ndarray) -> Callable:
    return lambda *_: (g, h)


def _scores(evaluate: Callable) -> np.ndarray:
    """The scores a booster keeps of its data: what its metrics are shown."""
    seen = []

    def metric(scores: np.ndarray, _: lgb.Dataset) -> tuple[str, float, bool]:
        seen.append(scores.copy())
        return "seen", 0.0, True

    evaluate(metric)
    return seen[0]
