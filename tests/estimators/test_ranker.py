"""The ranker's numbers, against LightGBM and against what they are made of."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit
from sklearn.metrics import d2_log_loss_score

from skmo.balancing import Fixed
from skmo.exceptions import ConstantTargetWarning
from skmo.objectives import XENDCG, LambdaRank
from tests.estimators.ranking import (
    COMBINE,
    FAST,
    lightgbm_booster,
    ndcg,
    queries,
    ranker,
    rows_of,
)


@pytest.fixture(scope="module")
def data():
    return queries()


@pytest.fixture(scope="module")
def graded():
    return queries(graded=True)


class TestOneLabel:
    """Alone it is LightGBM's LambdaMART."""

    def compare(self, combine, data, X_test, y_test, qid_test, **settings):
        X, y, qid = data
        params = {"num_leaves": 31, "min_child_samples": 20, **settings}
        est = ranker(combine=combine, **params).fit(X, y, qid=qid)
        params["min_data_in_leaf"] = params.pop("min_child_samples")
        theirs = lightgbm_booster(X, y, qid, **params).predict(X_test)
        for k in (5, 10):
            found, expected = (
                ndcg(y_test, p, qid_test, k) for p in (est.predict(X_test), theirs)
            )
            # Their sigmoid is from a table.
            assert abs(found - expected) < 0.01

    @pytest.mark.parametrize("combine", COMBINE)
    def test_ranks_like_lightgbm(self, combine):
        X, Y, qid = queries(150, mean_size=15)
        X_test, Y_test, qid_test = queries(200, mean_size=15, seed=1)
        for k in range(2):
            data, test = (X, Y[:, k], qid), (X_test, Y_test[:, k], qid_test)
            self.compare(combine, data, *test, n_estimators=50)

    @pytest.mark.data
    @pytest.mark.parametrize("combine", COMBINE)
    def test_ranks_like_lightgbm_on_mq2008(self, combine, data_dir):
        pd = pytest.importorskip("pandas", reason="the data sets are read by pandas")
        table = pd.read_csv(data_dir / "mq2008_fold1" / "mq2008_fold1.csv.gz")
        features = table.columns.drop(["relevance", "qid", "split"])
        assert len(features) == 46
        train, test = (
            (part[features].to_numpy(), *part[["relevance", "qid"]].to_numpy().T)
            for part in (table[table.split == s] for s in ("train", "test"))
        )
        self.compare(combine, train, *test, n_estimators=100, learning_rate=0.05)

    def test_is_one_model_however_combined(self, data):
        X, Y, qid = data
        ours, own = (ranker(combine=c).fit(X, Y[:, 1], qid=qid) for c in COMBINE)
        scores = own.predict(X) * own.score_spreads_
        assert_allclose(scores, ours.predict(X), atol=1e-12)
        assert not hasattr(ours, "score_spreads_")
        assert own.predict_objectives(X).shape == (len(X), 1)
        assert ours.objective_names_ == ["target0"]


def weighted_sum(X, Y, qid, weights, n_estimators):
    """LightGBM on the sum of the labels' gradients in units of their first ones."""
    parts = [LambdaRank().over(y, qid) for y in Y.T]

    def derivatives(score):
        found = np.empty((len(parts), 2, len(X)), dtype=np.float32)
        for part, (g, h) in zip(parts, found, strict=True):
            part.gradient_hessian(score, g, h)
        return found.astype(float).transpose(1, 0, 2)

    first, _ = derivatives(np.zeros(len(X)))
    lengths = np.linalg.norm(first, axis=1)
    units = lengths / np.exp(np.log(lengths).mean())
    weights = np.array(weights) / np.sum(weights) / units

    def objective(score, _):
        gradient, hessian = derivatives(score)
        return weights @ gradient, weights @ hessian

    return lightgbm_booster(
        X,
        Y[:, 0],
        qid,
        objective=objective,
        n_estimators=n_estimators,
        num_leaves=FAST["num_leaves"],
        min_data_in_leaf=FAST["min_child_samples"],
    )


class TestGradients:
    @pytest.mark.parametrize(
        "params",
        [{"preference": [3, 1]}, {"balancer": Fixed([3.0, 1.0])}],
        ids=["preference", "weights"],
    )
    def test_is_lightgbm_on_the_weighted_sum(self, params):
        X, Y, qid = queries(missing=0.3)
        Y[:, 0] = np.minimum(Y[:, 0], 1)  # another length of gradients
        est = ranker(combine="gradients", **params).fit(X, Y, qid=qid)
        expected = weighted_sum(X, Y, qid, [3, 1], 10).predict(X)
        assert np.ptp(expected) > 1
        assert_allclose(est.predict(X), expected, atol=1e-4)
        assert_allclose(est.history_["weights"], [[0.75, 0.25]] * 10)

    def test_no_weight_no_influence(self, data):
        X, Y, qid = data
        for k, preference in enumerate(np.eye(2)):
            est = ranker(combine="gradients", preference=preference)
            alone = ranker().fit(X, Y[:, k], qid=qid)
            expected = alone.predict(X) * alone.score_spreads_
            assert_allclose(est.fit(X, Y, qid=qid).predict(X), expected, atol=1e-4)


class TestScores:
    def test_are_mixed_in_units_of_their_spread(self, data):
        X, Y, qid = data
        est = ranker(preference=[1, 3]).fit(X, Y, qid=qid)
        own = est.predict_objectives(X) * est.score_spreads_
        squares = [((own[r] - own[r].mean(axis=0)) ** 2).sum(0) for r in rows_of(qid)]
        spreads = np.sqrt(np.sum(squares, axis=0) / len(X))
        assert_allclose(est.score_spreads_, spreads, rtol=1e-5)
        mixed = {p: own / spreads @ p / sum(p) for p in ((1, 3), (2, 0), (1, 1))}
        assert_allclose(est.predict(X), mixed[1, 3], atol=1e-6)
        for preference, expected in mixed.items():
            found = est.predict(X, preference=preference)
            assert_allclose(found, expected, atol=1e-6)
            scores = est.score_objectives(X, Y, qid=qid, preference=preference)
            assert_allclose(scores, ndcg(Y, found, qid), rtol=1e-6)
        equal = ranker().fit(X, Y, qid=qid).predict(X)
        assert_allclose(equal, mixed[1, 1], atol=1e-6)

    def test_a_label_without_a_tree_orders_nothing(self, data):
        X, Y, qid = data
        Y = np.column_stack([Y[:, 0], np.ones(len(X))])
        with pytest.warns(ConstantTargetWarning, match="'target1' tells no two"):
            est = ranker().fit(X, Y, qid=qid)
        assert est.score_spreads_[1] == 1
        assert_array_equal(est.predict_objectives(X)[:, 1], 0)
        assert est.score_objectives(X, Y, qid=qid)[1] == 1
        assert_array_equal(est.objective_importances_[1], 0)

    def test_apart_are_separate_models(self, graded):
        X, Y, qid = graded
        est = ranker(structure="apart").fit(X, Y, qid=qid)
        own = est.predict_objectives(X) * est.score_spreads_
        for k in range(2):
            alone = ranker().fit(X, Y[:, k], qid=qid)
            expected = alone.predict(X) * alone.score_spreads_
            assert_allclose(own[:, k], expected, atol=1e-5)

    def test_share_trees_by_another_structure(self, graded):
        X, Y, qid = graded
        trees = {s: ranker(structure=s).fit(X, Y, qid=qid).apply(X) for s in _RULES}
        assert {s: t.shape[1] for s, t in trees.items()} == _RULES
        assert_array_equal(ranker().fit(X, Y, qid=qid).apply(X), trees["apart"])


_RULES = {"random": 10, "eigen": 10, "apart": 20}


@pytest.mark.parametrize("combine", COMBINE)
class TestScore:
    def test_is_the_mean_of_ndcg(self, combine, data):
        X, Y, qid = data
        est = ranker(combine=combine).fit(X, Y, qid=qid)
        X, Y, qid = queries(20, seed=5, mean_size=50, missing=0.2)
        found = est.score_objectives(X, Y, qid=qid)
        assert_allclose(found, ndcg(Y, est.predict(X), qid), rtol=1e-6)
        assert est.score(X, Y, qid=qid) == np.mean(found)

    def test_weighs_queries(self, combine, data):
        X, Y, qid = data
        est = ranker(combine=combine).fit(X, Y, qid=qid)
        weight = np.random.default_rng(0).integers(0, 4, len(X)).astype(float)
        found = est.score_objectives(X, Y, qid=qid, sample_weight=weight)
        rows = weight > 0
        expected = ndcg(
            Y[rows], est.predict(X)[rows], qid[rows], sample_weight=weight[rows]
        )
        assert_allclose(found, expected, rtol=1e-6)

    def test_counts_the_ranks_of_the_objectives(self, combine, data):
        X, Y, qid = data
        objectives = [LambdaRank(truncation=3), XENDCG(truncation=2, gain="linear")]
        est = ranker(objectives, combine=combine).fit(X, Y, qid=qid)
        found = est.score_objectives(X, Y, qid=qid)
        p = est.predict(X)
        expected = [
            ndcg(Y[:, 0], p, qid, 3),
            ndcg(Y[:, 1], p, qid, 2, gain="linear"),
        ]
        assert_allclose(found, expected, rtol=1e-6)

    @pytest.mark.parametrize("name", ["lambdarank", "xendcg", "rank_xendcg"])
    def test_rises_by_training(self, combine, name):
        X, Y, qid = queries(100, conflict=0.2)
        test = queries(100, conflict=0.2, seed=1)
        est = ranker(name, combine=combine, n_estimators=30).fit(X, Y, qid=qid)
        nothing = ndcg(test[1], np.zeros(len(test[0])), test[2])
        found = est.score_objectives(*test[:2], qid=test[2])
        assert (found > nothing + 0.1).all()


@pytest.mark.parametrize("combine", COMBINE)
def test_a_loss_of_single_rows_takes_part(combine, data):
    X, Y, qid = data
    Y = np.column_stack([Y[:, 0], Y[:, 1] > 0])
    est = ranker(["lambdarank", "binary"], combine=combine, n_estimators=30)
    est.fit(X, Y, qid=qid)
    score = est.predict(X)
    if combine == "scores":
        score = est.predict_objectives(X)[:, 1] * est.score_spreads_[1]
    expected = [
        ndcg(Y[:, 0], est.predict(X), qid),
        d2_log_loss_score(Y[:, 1], expit(score)),
    ]
    assert_allclose(est.score_objectives(X, Y, qid=qid), expected, rtol=1e-5)
    assert expected[1] > 0.05
    losses = est.history_["train_loss"]
    assert (losses[-1] < losses[0]).all()


@pytest.mark.parametrize("combine", COMBINE)
class TestHistory:
    def test_holds_one_row_a_round(self, combine, data):
        X, Y, qid = queries(n_labels=3, missing=0.2)
        other = queries(20, n_labels=3, seed=1)
        val = dict(zip(("X_val", "y_val", "qid_val"), other, strict=True))
        est = ranker(combine=combine, n_iter_no_change=100).fit(X, Y, qid=qid, **val)
        history = est.history_
        for name in ("train_loss", "val_loss", "weights"):
            assert history[name].shape == (10, 3)
        assert history["cosines"].shape == (10, 3, 3)
        for name in ("conflict", "gap", "seconds"):
            assert history[name].shape == (10,)
        assert all(np.isfinite(values).all() for values in history.values())
        assert_allclose(history["weights"], 1 / 3)
        assert "val_loss" not in ranker(combine=combine).fit(X, Y, qid=qid).history_

    def test_losses_are_those_of_the_scores(self, combine, data):
        X, Y, qid = data
        est = ranker(combine=combine).fit(X, Y, qid=qid)
        if combine == "scores":
            own = est.predict_objectives(X).T
        else:
            own = [est.predict(X)] * 2
        expected = [1 - ndcg(y, s, qid) for y, s in zip(Y.T, own, strict=True)]
        assert_allclose(est.history_["train_loss"][-1], expected, rtol=1e-5)

    def test_a_label_without_wrong_orders_has_no_part(self, combine, data):
        X, Y, qid = data
        Y = np.column_stack([Y[:, 0], np.ones(len(X))])
        with pytest.warns(ConstantTargetWarning, match="'target1' tells no two"):
            history = ranker(combine=combine).fit(X, Y, qid=qid).history_
        assert_allclose(history["weights"], [[1, 0]] * 10)
        assert np.isnan(history["cosines"][:, 0, 1]).all()
        assert_array_equal(history["train_loss"][:, 1], 0)

    def test_importances_are_shares_of_the_gain(self, combine):
        X, Y, qid = queries(200, n_noise_features=4)
        est = ranker(combine=combine, n_estimators=20).fit(X, Y, qid=qid)
        shares = est.objective_importances_
        assert shares.shape == (2, X.shape[1])
        assert_allclose(shares.sum(axis=1), 1)
        assert_allclose(est.feature_importances_, shares.mean(axis=0))
        # Queries' features and noise order nothing.
        assert est.feature_importances_[2:10].sum() > 0.8
        if combine == "gradients":
            assert_array_equal(shares[0], shares[1])
