"""What all models of the funnel's benchmark have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import Bunch

LEARNING_RATE = 0.05
ROUNDS = 1500
PATIENCE = 50
LEAVES = 31


def lightgbm_settings(n_jobs: int) -> dict[str, Any]:
    return {
        "learning_rate": LEARNING_RATE,
        "num_leaves": LEAVES,
        "num_threads": n_jobs,
        "verbosity": -1,
    }


@dataclass
class Part:
    """Rows to learn from, to stop by and to be scored on."""

    stages: list[str]
    X_train: np.ndarray
    Y_train: np.ndarray
    X_val: np.ndarray
    Y_val: np.ndarray
    X_test: np.ndarray
    Y_test: np.ndarray
    categorical: list[int]
    truth: Bunch | None = None  # of the test rows, where they are simulated
