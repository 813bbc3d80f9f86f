"""``score`` against scikit-learn's metrics."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.metrics import (
    accuracy_score,
    d2_absolute_error_score,
    d2_log_loss_score,
    d2_pinball_score,
    d2_tweedie_score,
    r2_score,
)

from skmo import MultiObjectiveClassifier, MultiObjectiveEstimator
from skmo.objectives import Quantile, Tweedie

FAST = {
    "n_estimators": 10,
    "num_leaves": 7,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
}


def weighted(score, **params):
    def scored(y, p, w):
        kept = ~np.isnan(y)
        return score(y[kept], p[kept], sample_weight=w[kept], **params)

    return scored


SCORES = {
    "squared_error": (0, weighted(r2_score), 1e-6),
    "poisson": (2, weighted(d2_tweedie_score, power=1), 1e-5),
    Tweedie(power=1.3): (2, weighted(d2_tweedie_score, power=1.3), 1e-5),
    "gamma": (3, weighted(d2_tweedie_score, power=2), 1e-5),
    "binary": (1, weighted(d2_log_loss_score), 1e-5),
    # Where weights leave the constant open between two targets, ours is the mean of
    # both and scikit-learn's the lower one.
    "absolute_error": (0, weighted(d2_absolute_error_score), 1e-3),
    Quantile(alpha=0.8): (0, weighted(d2_pinball_score, alpha=0.8), 1e-3),
}


@pytest.mark.parametrize("objective", SCORES, ids=str)
def test_score_is_the_deviance_explained(objective, mixed):
    X, Y = mixed
    Y = np.column_stack([Y[:, 1], Y[:, 0], Y[:, 2], np.exp(0.3 * Y[:, 1])])
    column, oracle, rtol = SCORES[objective]
    rng = np.random.default_rng(0)
    Y = np.column_stack([Y[:, column], np.roll(Y[:, column], 1)])
    Y[rng.random(Y.shape) < 0.2] = np.nan
    W = rng.uniform(0.5, 2, Y.shape)
    est = MultiObjectiveEstimator([objective] * 2, **FAST).fit(X, Y)
    prediction = est.predict(X)
    for weight in (None, W[:, 0], W):
        w = np.ones_like(W) if weight is None else weight.reshape(len(W), -1)
        w = np.broadcast_to(w, Y.shape)
        expected = [oracle(Y[:, k], prediction[:, k], w[:, k]) for k in (0, 1)]
        assert expected[0] > 0.05
        assert_allclose(est.score(X, Y, weight), np.mean(expected), rtol=rtol)


def test_classifier_scores(labels):
    X, Y = labels
    rng = np.random.default_rng(0)
    holes = rng.random(Y.shape) < 0.2
    weight = rng.uniform(0.5, 2, len(X))
    holed = np.where(holes, np.nan, Y)
    one = MultiObjectiveClassifier(**FAST).fit(X, holed[:, 1])
    known = ~holes[:, 1]
    expected = accuracy_score(
        Y[known, 1], one.predict(X)[known], sample_weight=weight[known]
    )
    assert one.score(X, holed[:, 1], weight) == expected
    assert one.score(X, Y[:, 1]) == accuracy_score(Y[:, 1], one.predict(X))

    both = MultiObjectiveClassifier(**FAST).fit(X, holed)
    proba = both.predict_proba(X)
    expected = [
        d2_log_loss_score(
            Y[~holes[:, k], k],
            proba[k][~holes[:, k]],
            sample_weight=weight[~holes[:, k]],
        )
        for k in (0, 1)
    ]
    assert min(expected) > 0.2
    assert_allclose(both.score(X, holed, weight), np.mean(expected), rtol=1e-6)
    # A label never seen has probability 0.
    strange = Y.copy()
    strange[0, 1] = 9
    assert both.score(X, strange) < both.score(X, Y)


def test_a_label_not_seen_in_training_counts_as_impossible(labels):
    X, Y = labels
    est = MultiObjectiveEstimator(["binary", "multiclass"], **FAST).fit(X, Y)
    strange = Y.copy()
    strange[0, 1] = 9
    assert -1 < est.score(X, strange) < est.score(X, Y)
