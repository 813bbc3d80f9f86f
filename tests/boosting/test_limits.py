"""Bounds that follow the losses of reference models."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from skmo import MultiObjectiveEstimator
from skmo.boosting import Limits

INF = np.inf


def test_at_goes_on_with_the_last_round():
    train, val = np.array([[3.0, INF], [2.0, INF]]), np.array([[5.0, INF], [4.0, INF]])
    limits = Limits(train, val)
    for n_rounds, row in ((0, 0), (1, 1), (2, 1), (99, 1)):
        assert_array_equal(limits.at(n_rounds, validation=False), train[row])
        assert_array_equal(limits.at(n_rounds, validation=True), val[row])


def test_what_may_be_lost_of_a_score():
    """Of the score 1 - loss / unit, a tenth.

    Training: the scores 0, 0.5 and 0.75 of 2 may fall to 0, 0.45 and 0.675.
    Validation, with the unit 4: the scores -0.25 (worse than a constant, so 0), 0.25
    and 0.5 may fall to 0, 0.225 and 0.45.
    """
    losses = np.array([2.0, 1.0, 0.5]), np.array([5.0, 3.0, 2.0])
    units = np.array([7.0, 2.0]), np.array([7.0, 4.0])
    limits = Limits.from_references({1: losses}, {1: 0.1}, units)
    assert_array_equal(limits.train[:, 0], INF)
    assert_array_equal(limits.val[:, 0], INF)
    assert_allclose(limits.train[:, 1], [2, 1.1, 0.65])
    assert_allclose(limits.val[:, 1], [4, 3.1, 2.2])


def test_nothing_may_be_lost():
    losses = np.array([1.0, 0.25]), np.array([1.0, 0.5])
    limits = Limits.from_references({0: losses}, {0: 0.0}, (np.ones(1), np.ones(1)))
    assert_allclose(limits.train, [[1], [0.25]])
    assert_allclose(limits.val, [[1], [0.5]])


def test_references_of_different_lengths():
    """One that stopped early keeps its last loss."""
    references = {
        0: (np.array([1.0, 0.5]), np.array([1.0, 0.6])),
        2: (np.array([1.0, 0.5, 0.4, 0.2]), np.array([1.0, 0.5, 0.5, 0.5])),
    }
    ones = np.ones(3)
    limits = Limits.from_references(references, {0: 0.0, 2: 0.5}, (ones, ones))
    assert_allclose(limits.train[:, 0], [1, 0.5, 0.5, 0.5])
    assert_allclose(limits.val[:, 0], [1, 0.6, 0.6, 0.6])
    assert_allclose(limits.train[:, 2], [1, 0.75, 0.7, 0.6])
    assert_allclose(limits.val[:, 2], [1, 0.75, 0.75, 0.75])
    assert_array_equal(limits.train[:, 1], INF)


def test_a_reference_is_the_model_of_one_up_to_its_best_round(monkeypatch):
    seen = {}
    make = Limits.from_references

    def noting(references, bounds, units):
        seen.update(references)
        return make(references, bounds, units)

    monkeypatch.setattr(Limits, "from_references", noting)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    Y = X[:, :2] * [1, 4] + [0, 5] + rng.normal(size=(300, 2))
    fits = [
        MultiObjectiveEstimator(
            ["squared_error"] * 2,
            shared_score=True,
            n_estimators=200,
            n_iter_no_change=5,
            n_jobs=1,
            random_state=0,
            **params,
        ).fit(X[:200], Y[:200], X_val=X[200:], y_val=Y[200:])
        for params in ({"bounds": {1: 0.1}}, {"preference": [0, 1]})
    ]
    alone = fits[1]
    n = alone.n_iter_[1]
    assert n < len(alone.history_["val_loss"])
    assert list(seen) == [1]
    for found, name in zip(seen[1], ("train_loss", "val_loss"), strict=True):
        expected = alone.history_[name][:n, 1]
        assert len(found) == n + 1
        # In units of the scaled targets.
        assert_allclose(found[1:] / found[1], expected / expected[0], rtol=1e-4)
        assert found[0] > found[1]
