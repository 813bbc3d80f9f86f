"""What is measured of a funnel's probabilities, a number per stage each.

On simulated rows the true probabilities take the place of the drawn labels wherever
that can be done: the expected log loss has the same optimum and less noise.
"""

from __future__ import annotations

import numpy as np
from funnel_protocol import Part
from scoring import LEAST_PROBABILITY, score

Values = list[float | None]


def measure(
    part: Part, cumulative: np.ndarray, conditional: np.ndarray
) -> dict[str, Values]:
    """All measures by name.

    ``auc`` and ``log_loss`` are of the cumulative probability over all rows;
    ``reached_auc`` and ``reached_log_loss`` of the conditional one over the rows that
    reached the stage before. Simulated rows add ``rmse`` to the true cumulative
    probability; ``conditional_rmse`` and ``potential_rmse`` of the conditional one to
    what it means for those who reach the stage before and to what it would be were
    all brought there, and ``conditional_log_loss``, all three over all rows.
    """
    columns = range(part.Y_test.shape[1])
    found = {
        "auc": [score(part.Y_test[:, k], cumulative[:, k], True) for k in columns],
        "reached_auc": [
            score(part.Y_test[reached, k], conditional[reached, k], True)
            for k, reached in ((k, _reached(part, k)) for k in columns)
        ],
    }
    truth = part.truth
    if truth is None:
        weight = np.column_stack([_reached(part, k) for k in columns])
        found["log_loss"] = _cross_entropy(part.Y_test, cumulative)
        found["reached_log_loss"] = _cross_entropy(part.Y_test, conditional, weight)
    else:
        weight = np.ones_like(truth.cumulative)
        weight[:, 1:] = truth.cumulative[:, :-1]
        true = truth.conditional
        found["log_loss"] = _cross_entropy(truth.cumulative, cumulative)
        found["reached_log_loss"] = _cross_entropy(true, conditional, weight)
        found["conditional_log_loss"] = _cross_entropy(true, conditional)
        found["rmse"] = _rmse(truth.cumulative, cumulative)
        found["conditional_rmse"] = _rmse(true, conditional)
        found["potential_rmse"] = _rmse(truth.potential, conditional)
    return {name: [number(value) for value in row] for name, row in found.items()}


def _reached(part: Part, k: int) -> np.ndarray:
    """The test rows that reached the stage before k."""
    return part.Y_test[:, k - 1] == 1 if k else np.full(len(part.Y_test), True)


def _cross_entropy(
    true: np.ndarray, predicted: np.ndarray, weight: np.ndarray | None = None
) -> np.ndarray:
    """The weighted mean over the rows, by column."""
    p = np.clip(predicted, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    values = -(true * np.log(p) + (1 - true) * np.log1p(-p))
    return np.average(values, axis=0, weights=weight)


def _rmse(true: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    return np.sqrt(np.mean((true - predicted) ** 2, axis=0))


def number(value: float) -> float | None:
    """NaN is no JSON."""
    return None if np.isnan(value) else round(float(value), 7)
