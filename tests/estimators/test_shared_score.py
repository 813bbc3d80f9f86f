"""One prediction for several targets."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.metrics import d2_pinball_score, r2_score
from sklearn.model_selection import GridSearchCV

from skmo import MultiObjectiveEstimator
from skmo.balancing import BALANCERS, Fixed
from skmo.exceptions import ValidationWarning
from skmo.objectives import Quantile, SquaredError

NAN = np.nan
SQUARES = ["squared_error", "squared_error"]


def shared(objectives=SQUARES, **params):
    """A small one-score estimator."""
    small = {"n_estimators": 12, "num_leaves": 7, "n_jobs": 1, "random_state": 0}
    return MultiObjectiveEstimator(
        list(objectives), shared_score=True, **{**small, **params}
    )


@pytest.fixture(scope="module")
def groups():
    """Four groups of rows; within each the targets are constants, of unlike means."""
    G = np.random.default_rng(0).integers(0, 4, 400)
    Y = np.array([[0.0, 3.0], [1.0, 0.0], [2.0, 1.0], [3.0, 5.0]])
    return np.eye(4)[G], Y[G]


@pytest.fixture(scope="module")
def two():
    """Two targets of different features, scales and centres."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(300, 4))
    return X, X[:, :2] * [1, 5] + [0, 9] + 0.3 * rng.normal(size=(300, 2))


def weighted_mean(Y, p):
    """The least of the losses in units of their gradients' lengths at the start."""
    w = p / np.sqrt(((Y - Y.mean()) ** 2).mean(axis=0))
    return Y @ w / w.sum()


class TestOptimum:
    """Where the minimum of the weighted losses is known."""

    @pytest.mark.parametrize("p", [(1, 0), (0.5, 0.5), (0.8, 0.2), (0.1, 0.9)])
    def test_two_squared_errors(self, p, groups):
        """Whatever is preferred, the units are those at the mean of both means."""
        X, Y = groups
        est = shared(preference=p, n_estimators=200).fit(X, Y)
        assert_allclose(est.predict(X), weighted_mean(Y, p), atol=1e-5)

    @pytest.mark.parametrize("balancer", ["mgda", "tchebycheff", "imtl_g", "nash_mtl"])
    def test_balancers_stay_in_the_pareto_set(self, balancer, groups):
        X, Y = groups
        est = shared(balancer=balancer, n_estimators=300).fit(X, Y)
        found = est.predict(X)
        share = (found - Y[:, 0]) / (Y[:, 1] - Y[:, 0])
        assert_allclose(share, share[0], atol=0.05)
        assert 0 < share[0] < 1
        assert est.history_["gap"][-1] < 0.03 * est.history_["gap"][0]

    def test_a_quantile_and_a_mean(self, groups):
        """The gradients of the weighted losses sum to 0 in every group."""
        X, Y = groups
        group, y = X.argmax(axis=1), np.random.default_rng(2).normal(size=400)
        Y = np.column_stack([y, y]) * 50
        est = shared([SquaredError(), Quantile(0.9)], n_estimators=500).fit(X, Y)
        start = (Y[:, 0].mean() + np.quantile(Y[:, 0], 0.9, method="inverted_cdf")) / 2

        def gradients(f):
            return np.column_stack([f - Y[:, 0], (f > Y[:, 0]) - 0.9])

        w = 1 / np.sqrt((gradients(start) ** 2).mean(axis=0))
        pull, f = gradients(est.predict(X)) @ w, est.predict(X)
        for g in range(4):
            rows = group == g
            # A row's pull jumps where the score passes its target.
            assert abs(pull[rows].sum()) <= 1.5 * w[1]
            mean, high = Y[rows, 0].mean(), np.quantile(Y[rows, 0], 0.9)
            assert mean < f[rows][0] < high

    @pytest.mark.parametrize("share", [0.1, 0.3])
    def test_a_bound_is_met_and_costs_no_more_than_it_must(self, share, groups):
        """Conditions of Karush, Kuhn and Tucker: a mixture, right at the bound."""
        X, Y = groups
        est = shared(bounds={0: share}, n_estimators=300).fit(X, Y)
        score = est.score_objectives(X, Y)
        assert_allclose(score[0], 1 - share, atol=1e-4)
        most = share * Y[:, 0].var()
        own = np.sqrt(most / ((Y[:, 0] - Y[:, 1]) ** 2).mean())
        assert_allclose(est.predict(X), Y @ [1 - own, own], atol=1e-3)
        # Equal weights do not keep it.
        assert shared(n_estimators=99).fit(X, Y).score_objectives(X, Y)[0] < 0.6
        # A multiplier of no bound that is met anyway.
        Y = np.column_stack([Y[:, 0], Y[:, 0]])
        est = shared(bounds={0: share}, n_estimators=60).fit(X, Y)
        assert_allclose(est.history_["weights"][-20:], [[0, 1]] * 20)


class TestBounds:
    def test_they_follow_the_model_of_one_on_validation_rows(self, two):
        X, Y = two
        val = {"X_val": X[200:], "y_val": Y[200:]}
        fits = [
            shared(n_estimators=120, early_stopping=False, **params).fit(
                X[:200], Y[:200], **val
            )
            for params in ({"preference": [1, 0]}, {"bounds": {"target0": 0.1}}, {})
        ]
        unit = Y[200:, 0].var() / 2
        alone, bounded, equal = (est.history_["val_loss"][:, 0] for est in fits)
        limit = alone + 0.1 * (unit - alone)
        assert bounded[-1] < limit[-1] + 0.01 * unit < equal[-1]
        scores = [est.score_objectives(X[200:], Y[200:])[1] for est in fits]
        assert scores[0] < scores[1] < scores[2]

    def test_a_stop_comes_where_the_bounds_are_kept(self, two):
        X, Y = two
        est = shared(bounds=[None, 0.05], n_estimators=80, early_stopping=True)
        est.fit(X[:200], Y[:200], X_val=X[200:], y_val=Y[200:])
        losses = est.history_["val_loss"][:, 1]
        # The start misses the bound, so the best round is a later one.
        assert losses[est.n_iter_[1] - 1] < losses[0] / 2

    def test_a_bound_out_of_reach_changes_nothing_else(self, two):
        """Reference models leave no trace, of rows and features drawn neither."""
        X, Y = two[0], two[1][:, [0, 0]]
        params = {"subsample": 0.6, "colsample_bytree": 0.6, "n_estimators": 20}
        est = shared(bounds={0: 0.9}, **params).fit(X, Y)
        plain = shared(preference=[0, 1], **params).fit(X, Y)
        assert_allclose(est.predict(X), plain.predict(X), atol=1e-6)

    @pytest.mark.parametrize(
        ("params", "match"),
        [
            ({"bounds": {"nobody": 0.1}}, "names 'nobody', but the objectives"),
            ({"bounds": {2: 0.1}}, "names 2, but the objectives"),
            ({"bounds": {0: 1.0}}, "Got 1.0 for 0"),
            ({"bounds": [-0.1, None]}, "Got -0.1 for 0"),
            ({"bounds": {0: True}}, "Got True for 0"),
            ({"bounds": {True: 0.1}}, "names True"),
            ({"bounds": {0: 0.1, "target0": 0.2}}, r"'bounds'.*twice"),
            ({"bounds": [0.1]}, "one entry per objective, 2"),
            ({"bounds": [0.1, 0.1]}, "bounds all objectives"),
            ({"bounds": {0: 0.1}, "balancer": "mgda"}, "MGDA takes no bounds"),
            ({"bounds": {0: 0.1}, "shared_score": False}, "set shared_score=True"),
            ({"bounds": {0: 0.1}, "preference": [1, 0]}, "preference"),
            ({"heads": "boost"}, "heads='boost'"),
            ({"head_params": {"num_leaves": 3}}, "head_params={'num_leaves': 3}"),
            ({"objectives": ["binary", "squared_error"]}, "read the score alike"),
            ({"objectives": ["multiclass"] * 2}, "read the score alike"),
        ],
    )
    def test_bad_input(self, params, match, two, no_training):
        Y = np.random.default_rng(3).integers(0, 2, (300, 2))
        with pytest.raises(ValueError, match=match):
            shared().set_params(**params).fit(two[0], Y)

    def test_bounds_that_no_validation_row_can_show(self, two):
        X, Y = two
        hidden = np.where([False, True], NAN, Y)
        est = shared(bounds={1: 0.1}, early_stopping=False)
        with pytest.raises(ValueError, match=r"bounds\['target1'\]=0.1 cannot be held"):
            est.fit(X, Y, X_val=X, y_val=hidden)


@pytest.mark.parametrize("shift", [0, 7])
@pytest.mark.parametrize("n_estimators", [3, 30])
def test_preference_for_one_is_its_own_model(shift, n_estimators, two):
    X, Y = two
    Y = Y - Y.mean(axis=0) + [0, shift]
    for k in (0, 1):
        est = shared(preference=np.eye(2)[k], n_estimators=n_estimators).fit(X, Y)
        alone = shared(["squared_error"], n_estimators=n_estimators).fit(X, Y[:, k])
        assert_allclose(est.predict(X), alone.predict(X), atol=1e-5)
        plain = clone(alone).set_params(shared_score=False).fit(X, Y[:, k])
        assert_array_equal(alone.predict(X), plain.predict(X))


def test_the_score_is_that_of_the_one_prediction(two):
    X, Y = two
    w = np.random.default_rng(4).uniform(0.5, 2, 300)
    est = shared([SquaredError(), Quantile(0.7)]).fit(X, Y)
    found, f = est.score_objectives(X, Y, w), est.predict(X)
    assert f.shape == (300,)
    assert_allclose(found[0], r2_score(Y[:, 0], f, sample_weight=w))
    # The best constant's loss is known to the last row only.
    d2 = d2_pinball_score(Y[:, 1], f, sample_weight=w, alpha=0.7)
    assert_allclose(found[1], d2, atol=1e-3)
    assert_allclose(est.score(X, Y, w), found.mean())
    loss = ((Y[:, 0] - f) ** 2 / 2).mean()
    assert_allclose(est.history_["train_loss"][-1, 0], loss, rtol=1e-5)
    assert_allclose(list(est.staged_predict(X))[-1], f)
    assert est.heads_ == ["none", "none"]


def test_probabilities(two):
    X, Y = two
    Y = np.column_stack([Y[:, 0] > 0, 1 / (1 + np.exp(9 - Y[:, 1]))])
    est = shared(["binary", "cross_entropy"]).fit(X, Y)
    p = est.predict(X)
    assert_allclose(est.predict_proba(X), np.column_stack([1 - p, p]))
    assert np.corrcoef(p, Y.mean(axis=1))[0, 1] > 0.8


@pytest.mark.parametrize("name", sorted(BALANCERS))
def test_every_balancer(name, two):
    X, Y = two
    Y = np.column_stack([Y, X[:, 2] ** 2])
    balancer = Fixed([0.2, 0.3, 0.5]) if name == "fixed" else name
    est = shared(SQUARES + SQUARES[:1], balancer=balancer).fit(X, Y)
    w = est.history_["weights"]
    assert w.shape == (12, 3)
    assert_allclose(np.abs(w).sum(axis=1), 1)
    assert np.isfinite(est.predict(X)).all()
    again = pickle.loads(pickle.dumps(est)).fit(X, Y)
    assert_array_equal(again.predict(X), est.predict(X))


@pytest.mark.parametrize("kind", ["rows", "cells"])
def test_what_weighs_nothing_teaches_nothing(kind, two):
    X, Y = two
    W = np.ones((300, 2) if kind == "cells" else 300)
    W[:100] = [1, 0] if kind == "cells" else 0
    other, missing = Y.copy(), Y.copy()
    columns = [1] if kind == "cells" else [0, 1]
    other[:100, columns] = 1e3
    missing[:100, columns] = NAN
    expected = shared().fit(X, Y, W).predict(X)
    for target in (other, missing):
        assert_array_equal(shared().fit(X, target, W).predict(X), expected)
    if kind == "cells":
        assert_array_equal(shared().fit(X, missing).predict(X), expected)
    # The unit of an objective's weights means nothing.
    W = np.ones((300, 2)) * [1, 1000]
    plain = shared().fit(X, Y)
    assert_allclose(shared().fit(X, Y, W).predict(X), plain.predict(X), rtol=1e-6)


def test_stopping_is_of_all_at_once(two):
    X, Y = two
    est = shared(n_estimators=300, early_stopping=True, n_iter_no_change=5, tol=0.01)
    est.fit(X[:200], Y[:200], X_val=X[200:], y_val=Y[200:])
    n = est.n_iter_[0]
    assert est.n_iter_[1] == n
    losses = est.history_["val_loss"]
    assert len(losses) == n + 5 < 300
    shares = (losses / (Y[200:].var(axis=0) / 2)).mean(axis=1)
    assert shares[n:].min() >= 0.99 * shares[n - 1]
    stages = list(est.staged_predict(X))
    assert len(stages) == n
    assert_allclose(est.predict(X), stages[-1])


def test_a_target_that_no_validation_row_shows(two):
    X, Y = two
    hidden = np.where([False, True], NAN, Y)
    est = shared(n_estimators=60, n_iter_no_change=5)
    with pytest.warns(ValidationWarning, match=r"cannot watch \['target1'\]"):
        est.fit(X, Y, X_val=X, y_val=hidden)
    assert np.isnan(est.history_["val_loss"][:, 1]).all()
    assert est.n_iter_[0] == est.n_iter_[1] > 0


@pytest.mark.parametrize("balancer", ["equal", "mgda", "pcgrad", "tchebycheff"])
def test_warm_start_goes_on(balancer, two):
    X, Y = two
    whole = shared(balancer=balancer, n_estimators=20).fit(X, Y)
    est = shared(balancer=balancer, n_estimators=8, warm_start=True).fit(X, Y)
    est.set_params(n_estimators=20).fit(X, Y)
    assert_allclose(est.predict(X), whole.predict(X), rtol=1e-6)
    assert_allclose(est.history_["weights"], whole.history_["weights"], atol=1e-6)


@pytest.mark.parametrize("values", [(3.0, 3.0), (0.0, 2.0)])
def test_constant_targets(values, two):
    Y = np.tile(values, (300, 1))
    est = shared().fit(two[0], Y)
    assert_allclose(est.predict(two[0]), np.mean(values), atol=1e-6)
    est = shared(preference=[1e308, 0]).fit(two[0], Y)
    assert_allclose(est.predict(two[0]), values[0], atol=1e-6)


def test_a_grid_over_preferences(two):
    X, Y = two
    grid = {"preference": [[1, 0], [0.5, 0.5], [0, 1]]}
    search = GridSearchCV(shared(), grid, cv=2).fit(X, Y / [1, 5] - [0, 9 / 5])
    assert search.best_params_["preference"] == [0.5, 0.5]
