"""Features as the libraries that read data frames want them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from datasets import Problem


def frame(problem: Problem, X: Any) -> Any:
    """A data frame with category columns if the set has any, else the array itself.

    A missing category is a category of its own: CatBoost refuses it otherwise.
    """
    if not problem.categorical:
        return X
    table = pd.DataFrame(X, columns=[f"f{i}" for i in range(X.shape[1])])
    for i in problem.categorical:
        known = np.unique(_codes(problem.X[:, i]))
        table[f"f{i}"] = pd.Categorical(_codes(X[:, i]), categories=known)
    return table


def _codes(column: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(column), -1, column).astype(int)
