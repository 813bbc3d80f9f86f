"""What pictures are drawn of and on, without a long fit."""

from __future__ import annotations

from functools import cache

import numpy as np
from sklearn.base import BaseEstimator

from skmo import MultiObjectiveRegressor


def axes(*shape, **options):
    """Axes of a figure that no pyplot holds on to."""
    from matplotlib.figure import Figure

    return Figure().subplots(*shape, **options)


class Fitted(BaseEstimator):
    """What displays over the rounds read of an estimator."""

    def fit(self, history, names):
        self.history_ = history
        self.objective_names_ = names
        self.n_iter_ = np.full(len(names), 3)
        return self


def fitted(names=("click", "sale"), n_rounds=3, *, without=()):
    """Trained for so many rounds, with a history that lacks some entries."""
    n = len(names)
    history = {
        "train_loss": np.ones((n_rounds, n)),
        "weights": np.ones((n_rounds, n)),
        "gap": np.ones(n_rounds),
        "conflict": np.zeros(n_rounds),
        "cosines": np.ones((n_rounds, n, n)),
    }
    kept = {key: values for key, values in history.items() if key not in without}
    return Fitted().fit(kept, list(names))


@cache
def forest():
    """Two trees, of two features and two objectives."""
    X = np.arange(80.0).reshape(40, 2)
    options = {"min_child_samples": 5, "n_jobs": 1, "heads": "none"}
    return MultiObjectiveRegressor(n_estimators=2, **options).fit(X, X)
