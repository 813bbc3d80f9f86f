"""When the ranker stops, and which round it keeps."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skmo.balancing import Tchebycheff
from skmo.exceptions import ValidationWarning
from skmo.objectives import LambdaRank
from tests.estimators.ranking import COMBINE, ndcg, queries, ranker, validation


@pytest.fixture(scope="module")
def data():
    return queries(80, conflict=0.75)


class TestEarlyStopping:
    def watched(self, seed=1, **params):
        """Label 0 is a step of one feature, label 1 is hard."""
        data, val = queries(60, seed=seed), queries(60, seed=seed + 10)
        for X, Y, _ in (data, val):
            Y[:, 0] = np.digitize(X[:, -1], [0.5, 1.2])
        X, Y, qid = data
        params = {"n_estimators": 200, "n_iter_no_change": 10, "tol": 0.0, **params}
        est = ranker(**params).fit(X, Y, qid=qid, **validation(val))
        return est, val

    def smooth_by_round(self, est, val):
        """What balancers compare, also after the best round."""
        X, Y, qid = val
        est = copy.deepcopy(est)
        est._result.n_iter[:] = len(est.history_["val_loss"])
        losses = [LambdaRank().over(y, qid) for y in Y.T]
        rounds = est.staged_predict(X)
        return np.array([[loss.smooth_loss(f) for loss in losses] for f in rounds])

    @pytest.mark.parametrize(
        "params", [{}, {"preference": [1, 4]}, {"balancer": "tchebycheff"}], ids=str
    )
    def test_watches_all_labels_together(self, params):
        est, (X, Y, qid) = self.watched(combine="gradients", **params)
        losses = est.history_["val_loss"]
        p = np.array(params.get("preference", [1, 1]))
        if "balancer" in params:
            values = self.smooth_by_round(est, (X, Y, qid)).max(axis=1)
        else:
            values = losses / (1 - ndcg(Y, np.zeros(len(X)), qid)) @ p
        assert est.n_iter_.tolist() == [values.argmin() + 1] * 2
        assert len(losses) == est.n_iter_[0] + 10
        score = est.score_objectives(X, Y, qid=qid)
        assert_allclose(score, 1 - losses[est.n_iter_[0] - 1], rtol=1e-5)

    def test_a_label_that_is_learnt_first_stops_no_other(self):
        est, _ = self.watched(combine="gradients")
        first = est.history_["val_loss"][:, 0].argmin()
        assert first + 10 < est.n_iter_[0] - 1
        # With scores of their own each label stops by itself.
        est, _ = self.watched()
        losses = est.history_["val_loss"]
        assert est.n_iter_.tolist() == (losses.argmin(axis=0) + 1).tolist()
        assert est.n_iter_[0] < est.n_iter_[1]

    @pytest.mark.parametrize("balancer", ["equal", "epo", Tchebycheff(ideal=[0, 0])])
    def test_of_labels_that_validation_rows_judge(self, balancer, data):
        X, Y, qid = data
        X_val, Y_val, qid_val = queries(30, seed=1, conflict=0.75)
        Y_val[:, 1] = np.nan
        val = validation((X_val, Y_val, qid_val))
        est = ranker(
            combine="gradients",
            balancer=balancer,
            n_estimators=100,
            n_iter_no_change=10,
            tol=0,
        )
        with pytest.warns(ValidationWarning, match="'target1'"):
            est.fit(X, Y, qid=qid, **val)
        losses = est.history_["val_loss"]
        assert np.isnan(losses[:, 1]).all()
        if balancer != "equal":
            losses = self.smooth_by_round(est, (X_val, Y_val[:, :1], qid_val))
        assert est.n_iter_.tolist() == [losses[:, 0].argmin() + 1] * 2

    @pytest.mark.parametrize("combine", COMBINE)
    def test_holds_out_queries(self, combine, data):
        X, Y, qid = data
        params = {"combine": combine, "early_stopping": True, "n_estimators": 100}
        est = ranker(validation_fraction=0.25, n_iter_no_change=5, **params)
        est.fit(X, Y, qid=qid)
        assert (est.n_iter_ < 100).all()
        assert len(est.history_["val_loss"]) < 100
