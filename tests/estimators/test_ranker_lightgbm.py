"""Rankers as models that stock LightGBM reads."""

from __future__ import annotations

import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.estimators.ranking import queries, ranker


@pytest.fixture(scope="module")
def data():
    return queries()


class TestToLightGBM:
    """The model that stock LightGBM reads."""

    @pytest.mark.parametrize("params", [{}, {"structure": "random"}, {"warm": True}])
    @pytest.mark.parametrize("combine", ["gradients", "scores"])
    def test_predicts_the_same(self, combine, params, data, tmp_path):
        lgb = pytest.importorskip("lightgbm")
        X, Y, qid = data
        params = dict(params)
        warm = params.pop("warm", False)
        if combine == "gradients":
            params = {}
        est = ranker(combine=combine, warm_start=warm, **params).fit(X, Y, qid=qid)
        if warm:
            est.set_params(n_estimators=15).fit(X, Y, qid=qid)
        booster = est.to_lightgbm()
        assert booster.num_trees() == est.apply(X).shape[1]
        assert_allclose(booster.predict(X), est.predict(X), atol=1e-6)
        path = tmp_path / "model.txt"
        booster.save_model(path)
        read = lgb.Booster(model_file=path)
        assert_allclose(read.predict(X), est.predict(X), atol=1e-6)
        parts = read.predict(X[:5], pred_contrib=True)
        assert_allclose(parts.sum(axis=1), est.predict(X[:5]), atol=1e-6)

    def test_of_another_preference(self, data):
        X, Y, qid = data
        est = ranker(combine="scores").fit(X, Y, qid=qid)
        found = est.to_lightgbm(preference=[1, 3]).predict(X)
        assert_allclose(found, est.predict(X, preference=[1, 3]), atol=1e-6)

    def test_labels_that_stop_by_themselves(self, data):
        X, Y, qid = data
        est = ranker(combine="scores", n_estimators=60, early_stopping=True)
        est.set_params(n_iter_no_change=5).fit(X, Y, qid=qid)
        assert len(set(est.n_iter_)) == 2
        assert_allclose(est.to_lightgbm().predict(X), est.predict(X), atol=1e-6)

    def test_feature_names(self, data):
        pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
        X, Y, qid = data
        X = pd.DataFrame(X, columns=[f"the feature {j}" for j in range(X.shape[1])])
        names = ranker().fit(X, Y, qid=qid).to_lightgbm().feature_name()
        assert names[:2] == ["the_feature_0", "the_feature_1"]

    def test_without_a_tree(self, data):
        X, Y, qid = data
        est = ranker(combine="gradients", min_child_samples=10**6)
        est.fit(X, Y, qid=qid)
        assert_array_equal(est.to_lightgbm().predict(X), est.predict(X))
