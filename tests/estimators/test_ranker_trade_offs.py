"""What the ranker is told of its labels' importances, and keeps."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo.balancing import BALANCERS, Fixed, LabelAggregation, get_balancer
from skmo.objectives import LambdaRank
from tests.estimators.ranking import ndcg, queries, ranker, validation

NAMES = ["relevance", "freshness"]
NEEDED = {"fixed": Fixed([2.0, 1.0, 1.0])}
TAKE_PREFERENCE = sorted(
    name
    for name in BALANCERS.keys() - NEEDED.keys()
    if get_balancer(name).takes_preference
)


def one_score(**params):
    return ranker(combine="gradients", **params)


@pytest.fixture(scope="module")
def data():
    return queries(80, conflict=0.75)


class TestBalancers:
    @pytest.mark.parametrize("name", sorted(BALANCERS))
    def test_train_one_score(self, name):
        X, Y, qid = queries(30, n_labels=3, missing=0.2)
        est = one_score(balancer=NEEDED.get(name, name)).fit(X, Y, qid=qid)
        weights = est.history_["weights"]
        assert weights.shape == (10, 3)
        assert_allclose(np.abs(weights).sum(axis=1), 1)
        nothing = 1 - ndcg(Y, np.zeros(len(X)), qid)
        assert est.history_["train_loss"][-1].mean() < nothing.mean() - 0.05

    # The weights of SDMGrad make up for its preference where they can.
    @pytest.mark.parametrize("name", sorted({*TAKE_PREFERENCE} - {"sdmgrad"}))
    def test_heed_the_preference(self, name, data):
        X, Y, qid = data
        first, second = (
            one_score(balancer=name, preference=p, n_estimators=30)
            .fit(X, Y, qid=qid)
            .score_objectives(X, Y, qid=qid)
            for p in ([9, 1], [1, 9])
        )
        assert first[0] > second[0] + 0.05
        assert first[1] < second[1] - 0.05

    @pytest.mark.parametrize("name", TAKE_PREFERENCE)
    def test_only_ratios_count(self, name, data):
        X, Y, qid = data
        fits = [
            one_score(balancer=name, preference=p).fit(X, Y, qid=qid)
            for p in ([1, 3], [2, 6])
        ]
        assert_allclose(*(est.predict(X) for est in fits))

    @pytest.mark.parametrize("name", ["tchebycheff", "epo"])
    @pytest.mark.parametrize("preference", [(3, 1), (1, 3)])
    def test_come_near_the_proportion_of_losses(self, name, preference):
        X, Y, qid = queries(100, conflict=0.75, mean_size=12)
        pairs = [LambdaRank().over(y, qid) for y in Y.T]

        def off(**params):
            est = one_score(n_estimators=60, **params)
            score = est.fit(X, Y, qid=qid).predict(X)
            losses = [loss.smooth_loss(score) for loss in pairs]
            return np.ptp(np.log(np.multiply(preference, losses)))

        assert off(balancer=name, preference=preference) < np.log(1.4)
        assert off() > np.log(2)


class TestScores:
    def test_one_fit_serves_all_preferences(self, data):
        X, Y, qid = data
        est = ranker(n_estimators=30).fit(X, Y, qid=qid)
        found = [
            est.score_objectives(X, Y, qid=qid, preference=[p, 1 - p])
            for p in (0.0, 0.25, 0.5, 0.75, 1.0)
        ]
        assert (np.diff(found, axis=0)[:, 0] > 0).all()
        assert (np.diff(found, axis=0)[:, 1] < 0).all()
        # The estimator's own preference has no part in training.
        other = ranker(n_estimators=30, preference=[3, 1]).fit(X, Y, qid=qid)
        assert_array_equal(other.score_objectives(X, Y, qid=qid), found[3])
        assert_array_equal(other.predict(X, preference=[1, 1]), est.predict(X))

    @pytest.mark.parametrize(
        ("balancer", "preference"), [("mgda", [1, 2, 3]), ("epo", [0, 1, 1])]
    )
    def test_preference_is_not_the_balancers(self, balancer, preference):
        X, Y, qid = queries(n_labels=3)
        params = {"balancer": balancer, "structure": "random"}
        est = ranker(preference=preference, **params).fit(X, Y, qid=qid)
        expected = ranker(**params).fit(X, Y, qid=qid).predict(X, preference)
        assert_array_equal(est.predict(X), expected)


class TestLabelAggregation:
    def test_draws_by_the_seed(self, data):
        X, Y, qid = data

        def fit(balancer=None, **params):
            balancer = balancer or "label_aggregation"
            est = one_score(balancer=balancer, **params).fit(X, Y, qid=qid)
            return est.predict(X)

        plain = fit()
        assert_array_equal(fit(), plain)
        assert np.abs(fit(random_state=1) - plain).max() > 0.1
        own = fit(LabelAggregation(random_state=1))
        assert_array_equal(fit(LabelAggregation(random_state=1), random_state=2), own)
        assert np.abs(fit(LabelAggregation(random_state=2)) - own).max() > 0.1

    def test_is_drawn_anew_in_every_round(self, data):
        X, Y, qid = data
        first = one_score(balancer="label_aggregation", n_estimators=1)
        losses = first.fit(X, Y, qid=qid).history_["train_loss"]
        again = one_score(balancer="label_aggregation", n_estimators=40)
        found = again.fit(X, Y, qid=qid).history_["train_loss"]
        assert_array_equal(found[0], losses[0])
        equal = one_score(n_estimators=40).fit(X, Y, qid=qid).history_["train_loss"]
        # On average over rounds what the sum of the gradients does.
        assert_allclose(found[-10:].mean(axis=0), equal[-10:].mean(axis=0), atol=0.06)

    def test_leaves_out_labels_a_query_does_not_judge(self):
        X, Y, qid = queries()
        Y[:, 1] = np.where(qid % 2 == 0, Y[:, 1], np.nan)
        Y[:, 0] = np.where(qid % 2 == 1, Y[:, 0], np.nan)
        drawn = one_score(balancer="label_aggregation").fit(X, Y, qid=qid)
        # There is nothing to draw: all in every round, at the labels' units.
        other = one_score(balancer=LabelAggregation(random_state=7))
        expected = other.fit(X, Y, qid=qid).predict(X)
        assert_array_equal(drawn.predict(X), expected)


@pytest.fixture(scope="module")
def bounded():
    """NDCG by round: alone, held within one per cent, and not held."""
    X, Y, qid = queries(100, conflict=0.75, mean_size=12)
    settings = [{"preference": [1, 0]}, {"bounds": {0: 0.01}}, {"preference": [1, 1]}]
    fits = [one_score(n_estimators=100, **p).fit(X, Y, qid=qid) for p in settings]
    return [1 - est.history_["train_loss"] for est in fits]


class TestBounds:
    def test_hold_at_the_end_where_a_weighted_sum_does_not(self, bounded):
        alone, held, free = (rounds[-1] for rounds in bounded)
        assert held[0] > 0.985 * alone[0]
        assert free[0] < 0.95 * alone[0]
        assert held[1] > alone[1] + 0.03

    def test_follow_the_reference_round_by_round(self, bounded):
        alone, held, _ = bounded
        # The multiplier has to grow at first.
        assert (held[30:, 0] > 0.97 * alone[30:, 0]).all()

    @pytest.mark.parametrize(
        "bounds", [{"freshness": 0.1}, {1: 0.1}, {-1: 0.1}, [None, 0.1]], ids=str
    )
    def test_name_an_objective(self, bounds, data):
        pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
        X, Y, qid = data
        Y = pd.DataFrame(Y, columns=NAMES)
        found = one_score(bounds=bounds).fit(X, Y, qid=qid).history_["weights"]
        expected = one_score(bounds={1: 0.1}, balancer="ec").fit(X, Y, qid=qid)
        assert_array_equal(found, expected.history_["weights"])
        assert found[:, 1].any()

    def test_that_are_not_reached_weigh_nothing(self, data):
        X, Y, qid = data
        est = one_score(bounds={0: 0.9}).fit(X, Y, qid=qid)
        assert_array_equal(est.history_["weights"], [[0, 1]] * 10)
        alone = one_score(preference=[0, 1]).fit(X, Y, qid=qid)
        assert_array_equal(est.predict(X), alone.predict(X))

    def test_preference_is_of_the_others(self):
        X, Y, qid = queries(n_labels=3)
        est = one_score(bounds={0: 0.9}, preference=[5, 3, 1]).fit(X, Y, qid=qid)
        assert_allclose(est.history_["weights"], [[0, 0.75, 0.25]] * 10)

    @pytest.mark.parametrize("watched", ["train", "val"])
    def test_weigh_what_they_are_missed_by(self, watched, data):
        X, Y, qid = data
        rows, val = data, {}
        if watched == "val":
            rows = queries(80, conflict=0.75, seed=1)
            val = {**validation(rows)}
        params = {"early_stopping": False, "n_estimators": 20}
        alone, held = (
            one_score(**p, **params).fit(X, Y, qid=qid, **val)
            for p in ({"preference": [1, 0]}, {"bounds": {0: 0.1}})
        )
        first = 1 - ndcg(rows[1][:, 0], np.zeros(len(rows[0])), rows[2])
        reference, losses = (
            np.append(first, est.history_[f"{watched}_loss"][:-1, 0])
            for est in (alone, held)
        )
        excess = (losses - reference - 0.1 * (1 - reference)) / first
        multiplier, expected = 0.0, []
        for missed in excess:
            multiplier = max(multiplier + 10 * missed, 0.0)
            expected.append(multiplier / (1 + multiplier))
        assert max(expected) > 0.1
        assert_allclose(held.history_["weights"][:, 0], expected, atol=1e-5)

    def test_hold_on_validation_rows(self, data):
        X, Y, qid = data
        other = validation(queries(80, conflict=0.75, seed=1))
        params = {"n_estimators": 100, "n_iter_no_change": 100, "tol": 0.0}
        alone = one_score(preference=[1, 0], **params).fit(X, Y, qid=qid, **other)
        least = 1 - 1.0 * alone.history_["val_loss"][alone.n_iter_[0] - 1, 0]
        est = one_score(bounds=[0.05, None], **params).fit(X, Y, qid=qid, **other)
        found = 1 - est.history_["val_loss"]
        kept = found[:, 0] >= 0.95 * least
        assert kept.any()
        # Of the rounds that keep the bound, that of the best other label.
        best = np.flatnonzero(kept)[np.argmax(found[kept, 1])]
        assert est.n_iter_.tolist() == [best + 1] * 2


def test_cosines_tell_labels_that_disagree():
    first = {}
    for conflict in (0, 1):
        X, Y, qid = queries(conflict=conflict)
        history = ranker(combine="gradients").fit(X, Y, qid=qid).history_
        first[conflict] = history["cosines"][0, 0, 1]
        assert_array_equal(history["conflict"] > 0, history["cosines"][:, 0, 1] < 0)
    assert first[0] > 0.5
    assert first[1] < -0.3
