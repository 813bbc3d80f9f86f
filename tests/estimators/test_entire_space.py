"""The funnel classifier: what it predicts, and what it is trained on.

Its input is in ``test_entire_space_input.py``, its place among scikit-learn's tools in
``test_entire_space_ecosystem.py``; losses and gradients are in ``tests/boosting``.
"""

from __future__ import annotations

import itertools
import warnings

import lightgbm as lgb
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit
from sklearn.metrics import d2_log_loss_score

from skmo import EntireSpaceClassifier
from skmo.balancing import BALANCERS, Fixed
from skmo.datasets import make_funnel
from skmo.exceptions import IneffectiveBalancerWarning
from skmo.objectives import ConditionalLoss, Stage, StageDerivatives, StageLoss

FAST = {
    "n_estimators": 10,
    "num_leaves": 7,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
}
LOSSES = ["conditional", "entire_space", "ips", "dr"]
MIX = {"conditional": 1.0, "entire_space": 0.3}
CONFLICTS = ["stop_gradient", "ignore", "project", "balance"]
each_loss = pytest.mark.parametrize("loss", [*LOSSES, MIX], ids=str)


def funnel(**params):
    params = {**FAST, **params}
    if params.get("conflict") == "balance":
        params.setdefault("balancer", "mgda")
    return EntireSpaceClassifier(**params)


@pytest.fixture(scope="module")
def stages():
    """Three stages, (1000, 10) features; the last 400 rows to predict."""
    return make_funnel(
        1000, rates=(0.7, 0.7, 0.6), signal=2.5, n_noise_features=0, random_state=0
    )


@pytest.fixture(scope="module")
def two(stages):
    return stages[0], stages[1][:, :2]


def cumulative_losses(Y, P, weight=None):
    losses = -np.where(Y == 1, np.log(P), np.log1p(-P))
    return np.average(losses, axis=0, weights=weight)


@pytest.mark.parametrize(
    ("loss", "conflict"),
    [
        *itertools.product(["entire_space", MIX], CONFLICTS),
        *itertools.product(["conditional", "ips", "dr"], CONFLICTS[:1]),
    ],
    ids=str,
)
class TestPredictions:
    @pytest.fixture
    def fitted(self, loss, conflict, stages):
        X, Y = stages
        return funnel(loss=loss, conflict=conflict).fit(X[:600], Y[:600])

    def test_are_one_another(self, fitted, stages):
        X, _ = stages
        reached = fitted.predict_proba(X)
        conditional = fitted.predict_conditional_proba(X)
        assert reached.shape == conditional.shape == (1000, 3)
        assert reached.dtype == np.float64
        assert_allclose(np.cumprod(conditional, axis=1), reached, rtol=1e-12)
        assert_allclose(fitted.predict_log_proba(X), np.log(reached), rtol=1e-12)
        assert_array_equal(fitted.predict(X), reached > 0.5)
        assert fitted.predict(X).dtype.kind == "i"
        assert (np.diff(reached, axis=1) < 0).all()
        assert (np.diff(fitted.predict(X), axis=1) <= 0).all()
        staged = list(fitted.staged_predict_proba(X))
        assert len(staged) == 10
        assert_allclose(staged[-1], reached, rtol=1e-5)
        assert np.abs(staged[0] - staged[-1]).max() > 0.05
        for P, labels in zip(staged, fitted.staged_predict(X), strict=True):
            assert_array_equal(labels, P > 0.5)

    def test_are_learnt(self, fitted, stages):
        """The stages' rates explain 0."""
        X, Y = stages
        assert fitted.score(X[600:], Y[600:]) > 0.02
        rates = Y[:600].mean(axis=0)
        found = fitted.predict_proba(X[600:]).mean(axis=0)
        assert_allclose(found, rates, atol=0.1)


class TestScore:
    def test_explained_log_loss(self, stages):
        X, Y = stages
        est = funnel().fit(X, Y)
        P = est.predict_proba(X)
        expected = [d2_log_loss_score(y, p) for y, p in zip(Y.T, P.T, strict=True)]
        assert_allclose(est.score(X, Y), np.mean(expected), rtol=1e-6)

    @pytest.mark.parametrize("columns", [False, True])
    def test_weights(self, columns, stages):
        X, Y = stages
        W = np.random.default_rng(0).uniform(0.1, 3, Y.shape)
        W[::5] = 0
        if not columns:
            W[:] = W[:, :1]
        est = funnel().fit(X, Y)
        expected = [
            d2_log_loss_score(y, p, sample_weight=w)
            for y, p, w in zip(Y.T, est.predict_proba(X).T, W.T, strict=True)
        ]
        found = est.score(X, Y, W if columns else W[:, 0])
        assert_allclose(found, np.mean(expected), rtol=1e-6)
        with pytest.raises(ValueError, match=r"stage1.*no observed value.*weight"):
            est.score(X, Y, W * [1, 0, 1])

    def test_what_is_unknown_is_left_out_and_what_follows_is_not(self, stages):
        X, Y = stages
        est = funnel().fit(X, Y)
        holed = Y.copy()
        holed[Y[:, 0] == 0, 1:] = np.nan
        assert est.score(X, holed) == est.score(X, Y)
        holed = Y.copy()
        holed[:300] = np.nan
        assert_allclose(est.score(X, holed), est.score(X[300:], Y[300:]), rtol=1e-12)
        bought = Y[:, 1] == 1
        holed = np.where(np.arange(3) == 2, np.nan, Y)[bought]
        with pytest.raises(ValueError, match=r"stage2.*no observed value"):
            est.score(X[bought], holed)

    def test_constant_rows(self, two):
        X, Y = two
        est = funnel().fit(X, Y)
        never = np.zeros_like(Y)
        assert est.score(X, never) == 0.0


def test_extreme_scores(monkeypatch, two):
    est = funnel().fit(*two)
    rng = np.random.default_rng(0)
    scores = np.vstack(
        [
            np.array(list(itertools.product([-800, -40, -1, 1, 40, 800], repeat=2))),
            rng.normal(scale=20, size=(1000, 2)),
        ]
    ).astype(np.float32)
    monkeypatch.setattr(est, "_raw_predict", lambda X: scores)
    P, log_p = est.predict_proba(None), est.predict_log_proba(None)
    assert ((P >= 0) & (P <= 1)).all()
    assert (P[:, 1] <= P[:, 0]).all()
    assert (est.predict(None)[:, 1] <= est.predict(None)[:, 0]).all()
    assert np.isfinite(log_p).all()
    assert (log_p[:, 1] <= log_p[:, 0]).all()
    lowest = (scores == -800).all(axis=1)
    assert_array_equal(P[lowest], 0)
    assert_allclose(log_p[lowest], [[-800, -1600]])
    C = est.predict_conditional_proba(None)
    assert_allclose(C, expit(scores.astype(float)))


class TestLosses:
    def test_conditional_losses_leave_nothing_to_reconcile(self, stages):
        X, Y = stages
        expected = funnel().fit(X, Y).predict_proba(X)
        for conflict in ("ignore", "project"):
            est = funnel(conflict=conflict).fit(X, Y)
            assert_array_equal(est.predict_proba(X), expected)

    @pytest.mark.parametrize(
        "loss",
        [
            {"conditional": 1.0},
            {"conditional": 1, "entire_space": 0},
            ConditionalLoss,
            ConditionalLoss(),
        ],
        ids=str,
    )
    def test_other_words_for_the_same(self, loss, two):
        X, Y = two
        expected = funnel(loss="conditional").fit(X, Y).predict_proba(X)
        est = funnel(loss=loss, conflict="ignore").fit(X, Y)
        assert_array_equal(est.predict_proba(X), expected)

    @pytest.mark.parametrize("loss", [{"conditional": 1.0}, MIX], ids=str)
    def test_the_weight_of_a_loss_is_its_weight(self, loss, two):
        """In all parts alike it changes no step, but what is recorded."""
        X, Y = two
        once = funnel(loss=loss, structure="apart").fit(X, Y)
        double = {name: 2 * weight for name, weight in loss.items()}
        twice = funnel(loss=double, structure="apart").fit(X, Y)
        assert_allclose(twice.predict_proba(X), once.predict_proba(X), rtol=1e-5)
        losses = once.history_["train_loss"] * [1, 2]
        assert_allclose(twice.history_["train_loss"], losses, rtol=1e-5)

    @each_loss
    @pytest.mark.parametrize("structure", ["apart", "random"])
    def test_a_stopped_gradient_leaves_the_click_to_itself(self, loss, structure, two):
        """Alone it is LightGBM's, whatever becomes of conversions."""
        X, Y = two
        est = funnel(loss=loss, structure=structure).fit(X, Y)
        params = {"objective": "binary", "num_leaves": 7, "verbosity": -1}
        params |= {"deterministic": True, "force_col_wise": True, "seed": 0}
        reference = lgb.train(params, lgb.Dataset(X, Y[:, 0]), 10).predict(X)
        found = est.predict_proba(X)[:, 0]
        if structure == "apart":
            assert_allclose(found, reference, rtol=1e-5)
        else:
            assert np.corrcoef(found, reference)[0, 1] > 0.7

    def test_conflicts_are_resolved_in_different_ways(self, two):
        X, Y = two
        found = [
            funnel(loss="entire_space", conflict=conflict, structure="apart")
            .fit(X, Y)
            .predict_proba(X)
            for conflict in CONFLICTS
        ]
        for one, other in itertools.combinations(found, 2):
            assert np.abs(one - other).max() > 1e-3

    def test_where_all_propensities_are_1(self, two):
        X, Y = two
        expected = funnel(structure="apart").fit(X, Y).predict_proba(X)
        est = funnel(loss="ips", min_propensity=1.0, structure="apart").fit(X, Y)
        assert_allclose(est.predict_proba(X), expected, rtol=1e-5)
        weighted = funnel(loss="ips", structure="apart").fit(X, Y)
        assert np.abs(weighted.predict_proba(X) - expected).max() > 0.01

    def test_min_propensity_is_that_of_named_losses(self, two):
        from skmo.objectives import InversePropensityLoss

        X, Y = two
        named = funnel(loss="ips", min_propensity=0.5).fit(X, Y)
        own = funnel(loss=InversePropensityLoss(min_propensity=0.5)).fit(X, Y)
        assert_array_equal(named.predict_proba(X), own.predict_proba(X))

    def test_a_loss_of_ones_own(self, two):
        class Squared(StageLoss):
            """Of the conditional probability, on the stage's own rows."""

            def counted(self, stage: Stage):
                return stage.on_its_rows

            def derivatives(self, stage: Stage):
                p, on = expit(stage.log_odds), stage.on_its_rows
                error = np.where(on, p - stage.target, 0.0)
                slope = p * (1 - p)
                gradient, curvature = np.zeros((2, *stage.score.shape))
                gradient[:, -1], curvature[:, -1] = error * slope, on * slope**2
                return StageDerivatives(error**2 / 2, gradient, curvature)

        X, Y = two
        est = funnel(loss=Squared()).fit(X, Y)
        C, reached = est.predict_conditional_proba(X)[:, 1], Y[:, 0] == 1
        loss = ((C - Y[:, 1]) ** 2 / 2)[reached].mean()
        assert_allclose(est.history_["train_loss"][-1, 1], loss, rtol=1e-5)
        assert loss < 0.9 * Y[reached, 1].var() / 2


class TestBalance:
    def test_equal_weights_ignore_conflicts(self, two):
        X, Y = two
        with pytest.warns(IneffectiveBalancerWarning, match="conflict='ignore'"):
            est = funnel(loss=MIX, conflict="balance", balancer="equal").fit(X, Y)
        ignored = funnel(loss=MIX, conflict="ignore").fit(X, Y)
        assert_allclose(est.predict_proba(X), ignored.predict_proba(X), rtol=1e-4)

    def test_nothing_to_balance(self, two):
        X, Y = two
        with pytest.warns(IneffectiveBalancerWarning, match="'entire_space'"):
            est = funnel(conflict="balance").fit(X, Y)
        assert_array_equal(est.predict_proba(X), funnel().fit(X, Y).predict_proba(X))

    def test_preference(self, two):
        X, Y = two
        params = {"loss": "entire_space", "conflict": "balance", "balancer": "equal"}
        est = funnel(**params, preference=[3, 1]).fit(X, Y)
        click, conversion = est.history_["weights"].T
        assert_allclose(click / conversion, 3)
        plain = funnel(loss="entire_space", conflict="ignore").fit(X, Y)
        assert np.abs(est.predict_proba(X) - plain.predict_proba(X)).max() > 1e-3

    @pytest.mark.parametrize(
        "balancer", [Fixed([1, 2, 3]), *sorted({*BALANCERS} - {"fixed"})], ids=str
    )
    def test_any_balancer(self, balancer, stages):
        X, Y = stages
        est = funnel(loss="entire_space", conflict="balance", balancer=balancer)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", IneffectiveBalancerWarning)
            est.fit(X, Y)
        weights = est.history_["weights"]
        assert_allclose(np.abs(weights).sum(axis=1), 1)
        assert np.isfinite(est.predict_proba(X)).all()

    def test_weights_of_trees_otherwise(self, two):
        """The balancer says for whom trees are grown, as everywhere."""
        X, Y = two
        est = funnel(loss="entire_space", preference=[0, 1]).fit(X, Y)
        assert_array_equal(est.history_["weights"], np.tile([0, 1], (10, 1)))


@each_loss
class TestConflictReport:
    def test_first_round_by_hand(self, loss, two):
        """At constants p and q, with P = p q: clicked rows that did not convert."""
        X, Y = two
        report = funnel(loss=loss, conflict="stop_gradient").fit(X, Y).conflict_report_
        p = Y[:, 0].mean()
        P = p * Y[Y[:, 0] == 1, 1].mean()
        share = ((Y[:, 0] == 1) & (Y[:, 1] == 0)).mean()
        expected = {
            "share": share,
            "size_ratio": P / (1 - P),
            "reversed": float(P > 0.5),
            "mean_cosine": 1 - 2 * share,
        }
        assert set(report) == set(expected)
        for name, value in expected.items():
            assert report[name].shape == (10, 1)
            assert_allclose(report[name][0, 0], value, rtol=1e-5, atol=1e-7)
        assert_array_equal(report["mean_cosine"], 1 - 2 * report["share"])

    def test_last_round(self, loss, stages):
        """By three stages, at the scores before the last trees."""
        X, Y = stages
        est = funnel(loss=loss).fit(X, Y)
        P = list(est.staged_predict_proba(X))[-2]
        conditional = P / np.column_stack([np.ones(len(P)), P[:, :-1]])
        for s in (0, 1):
            # Of the entire-space losses of this stage and those behind it.
            pulls = np.where(Y == 1, -1, P / (1 - P)) * (1 - conditional[:, [s]])
            own, later = pulls[:, s], pulls[:, s + 1 :].sum(axis=1)
            against = own * later < 0
            own, later = np.abs(own[against]), np.abs(later[against])
            expected = {
                "share": against.mean(),
                "size_ratio": later.sum() / own.sum(),
                "reversed": (later > own).mean(),
                "mean_cosine": 1 - 2 * against.mean(),
            }
            for name, value in expected.items():
                assert est.conflict_report_[name].shape == (10, 2)
                found = est.conflict_report_[name][-1, s]
                assert_allclose(found, value, rtol=1e-4, atol=2e-3)


@each_loss
class TestWeights:
    @pytest.mark.parametrize("columns", [False, True])
    def test_a_row_that_weighs_nothing_is_absent(self, columns, loss, stages):
        X, Y = stages
        kept = np.arange(len(X)) % 3 != 0
        expected = funnel(loss=loss, conflict="ignore").fit(X[kept], Y[kept])
        X, Y = X.copy(), Y.copy()
        X[~kept], Y[~kept] = 1e6, 0
        weight = kept.astype(float)
        if columns:
            weight = np.tile(weight[:, None], 3)
        est = funnel(loss=loss, conflict="ignore").fit(X, Y, weight)
        X = stages[0]
        assert_array_equal(est.apply(X), expected.apply(X))
        tolerance = {"rtol": 1e-4, "atol": 1e-6}
        assert_allclose(est.predict_proba(X), expected.predict_proba(X), **tolerance)

    def test_one_weight_per_row_or_per_stage(self, loss, stages):
        X, Y = stages
        weight = np.random.default_rng(0).uniform(0.2, 3, len(X))
        expected = funnel(loss=loss, conflict="ignore").fit(X, Y, weight)
        est = funnel(loss=loss, conflict="ignore")
        est.fit(X, Y, np.tile(weight[:, None], 3))
        assert_allclose(est.predict_proba(X), expected.predict_proba(X), rtol=1e-3)


def test_a_click_that_weighs_nothing_still_tells_who_could_convert(two):
    X, Y = two
    params = {"structure": "apart", "loss": "conditional"}
    W = np.ones_like(Y)
    W[5] = 0
    expected = funnel(**params).fit(X, Y, W)
    W[::2, 0] = 0
    est = funnel(**params).fit(X, Y, W)
    found = est.predict_conditional_proba(X) - expected.predict_conditional_proba(X)
    assert np.abs(found[:, 0]).max() > 0.01
    assert_allclose(found[:, 1], 0, atol=1e-5)


@pytest.mark.parametrize("loss", ["conditional", "entire_space", "ips", MIX], ids=str)
def test_a_stage_that_weighs_nothing_is_unknown(loss, two):
    """Of rows that reached the one before: else it is known not to be reached.

    "dr" imputes what is unknown, and what weighs nothing has no part in it.
    """
    X, Y = two
    unknown = (np.arange(len(X)) % 3 == 0) & (Y[:, 0] == 1)
    W = np.ones_like(Y)
    W[unknown, 1] = 0
    by_weight = funnel(loss=loss, conflict="ignore").fit(X, Y, W)
    holed = Y.copy()
    holed[unknown, 1] = np.nan
    expected = funnel(loss=loss, conflict="ignore").fit(X, holed)
    assert_allclose(by_weight.predict_proba(X), expected.predict_proba(X), rtol=1e-4)
    for name, values in by_weight.conflict_report_.items():
        assert_allclose(values, expected.conflict_report_[name], rtol=1e-3)


@pytest.mark.parametrize("loss", ["conditional", "entire_space", "ips", MIX], ids=str)
def test_whole_weights_are_repetitions(loss, two):
    """Where LightGBM counts weights, not rows; for "dr" folds are drawn by rows."""
    X, Y = np.round(two[0], 1), two[1]
    weight = np.random.default_rng(0).integers(1, 4, len(X))
    params = {
        "loss": loss,
        "structure": "apart",
        "conflict": "ignore",
        "min_child_samples": 1,
    }
    repeated = funnel(
        **params,
        lightgbm_params={"min_data_in_bin": 1, "min_sum_hessian_in_leaf": 6},
    ).fit(np.repeat(X, weight, axis=0), np.repeat(Y, weight, axis=0))
    # Weights are 1 in the mean.
    least = 6 / weight.mean()
    est = funnel(
        **params,
        lightgbm_params={"min_data_in_bin": 1, "min_sum_hessian_in_leaf": least},
    ).fit(X, Y, weight)
    assert_allclose(est.predict_proba(X), repeated.predict_proba(X), rtol=1e-4)
    for name, values in est.conflict_report_.items():
        assert_allclose(values, repeated.conflict_report_[name], rtol=1e-3)
    plain = funnel(**params).fit(X, Y).predict_proba(X)
    assert np.abs(plain - repeated.predict_proba(X)).max() > 0.01


@each_loss
class TestUnknown:
    def test_what_follows_a_stage_not_reached(self, loss, stages):
        X, Y = stages
        expected = funnel(loss=loss, conflict="ignore").fit(X, Y)
        holed = Y.copy()
        holed[:, 1:][Y[:, :-1] == 0] = np.nan
        assert np.isnan(holed).mean() > 0.2
        # And what came before one that was.
        converted = (Y[:, 1] == 1) & (np.arange(len(Y)) % 2 == 0)
        holed[converted, 0] = np.nan
        est = funnel(loss=loss, conflict="ignore").fit(X, holed)
        assert_array_equal(est.predict_proba(X), expected.predict_proba(X))

    def test_an_unknown_click_of_a_row_that_did_not_convert(self, loss, two):
        """It tells the entire-space loss of the conversion, and nobody else."""
        X, Y = two
        unknown = (np.arange(len(X)) % 3 == 0) & (Y[:, 1] == 0)
        holed = Y.copy()
        holed[unknown, 0] = np.nan
        params = {"loss": loss, "structure": "apart", "min_child_samples": 1}
        est = funnel(**params).fit(X, holed)
        click_and_all = np.where(unknown[:, None], np.nan, Y)
        absent = funnel(**params).fit(X, click_and_all)
        coupled = loss == "entire_space" or loss == MIX
        found = est.history_["train_loss"][0]
        without = absent.history_["train_loss"][0]
        # Bins are made of the rows that are not left out; else the click is the same.
        assert abs(found[0] - without[0]) < 0.01
        assert bool(abs(found[1] - without[1]) > 0.005) is coupled
