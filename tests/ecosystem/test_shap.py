"""The library shap on exported models, and its pictures on `predict_contrib`."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ..estimators.explained import NAMES, fitted, user_scores

shap = pytest.importorskip("shap", reason="shap explains exported models")
pytestmark = pytest.mark.filterwarnings(
    # Of a model with one score and LightGBM's objective "binary"; it is one array.
    "ignore:LightGBM binary classifier with TreeExplainer:UserWarning"
)


@pytest.fixture(autouse=True)
def _optional(request):
    if "frame" in request.node.name:
        pytest.importorskip("pandas", reason="data frames")


def rows_of(X, n=20):
    rows = X.iloc[:n] if hasattr(X, "iloc") else X[:n]
    return rows.toarray() if hasattr(rows, "toarray") else rows


def explained(explainer, rows):
    """Contributions (n_samples, n_scores, n_features) and expected scores."""
    values = np.asarray(explainer.shap_values(rows))
    if values.ndim == 2:
        values = values[:, :, np.newaxis]
    return values.transpose(0, 2, 1), np.atleast_1d(explainer.expected_value)


@pytest.mark.parametrize("name", NAMES)
def test_tree_explainer_on_the_exported_model(name):
    """Equal to `predict_contrib`, and so additive, score by score."""
    est, X = fitted(name)
    rows = rows_of(X)
    booster, contrib = est.to_lightgbm(), est.predict_contrib(rows)
    if name == "ranker":  # the exported model is the mix by the preference
        weights = est._mix(None) * est.score_spreads_
        contrib = np.einsum("nkf,k->nf", contrib, weights)[:, np.newaxis]
    values, expected = explained(shap.TreeExplainer(booster), rows)
    assert values.shape == contrib[:, :, :-1].shape
    scale = max(np.abs(contrib).max(), 1)
    assert_allclose(values, contrib[:, :, :-1], atol=1e-6 * scale)
    assert_allclose(expected, contrib[0, :, -1], atol=1e-6 * scale)
    raw = booster.predict(rows, raw_score=True).reshape(len(rows), -1)
    assert_allclose(values.sum(axis=2) + expected, raw, atol=1e-6 * scale)


@pytest.mark.parametrize(
    "name", ["shared trees", "heads that boost", "mixed, heads", "funnel", "ranker"]
)
def test_shaps_own_algorithm_on_one_objective(name):
    """By a background sample: not LightGBM's code, but shap's reading of the trees.

    Of one score: shap adds up the trees of all scores of a LightGBM model there.
    """
    est, X = fitted(name)
    X = np.nan_to_num(X)  # shap has another rule for NaN
    background, rows = X[-50:], X[:10]
    for k in range(2):
        booster = est.for_objective(k).to_lightgbm()
        values, expected = explained(shap.TreeExplainer(booster, background), rows)
        raw = booster.predict(background, raw_score=True)
        scale = max(np.abs(raw).max(), 1)
        assert_allclose(expected, raw.mean(), atol=1e-6 * scale)
        total = values[:, 0].sum(axis=1) + expected
        raw = est.for_objective(k).predict_contrib(rows).sum(axis=1)
        assert_allclose(total, raw, atol=1e-6 * scale)


def test_pictures_of_an_explanation():
    """As the user guide builds it."""
    pyplot = pytest.importorskip("matplotlib.pyplot", reason="plots need matplotlib")
    est, X = fitted("mixed, heads")
    contrib = est.for_objective(0).predict_contrib(X)
    explanation = shap.Explanation(
        values=contrib[:, :-1],
        base_values=contrib[:, -1],
        data=X,
        feature_names=[f"feature {j}" for j in range(5)],
    )
    shap.plots.beeswarm(explanation, show=False)
    shap.plots.bar(explanation, show=False)
    shap.plots.waterfall(explanation[0], show=False)
    shap.plots.scatter(explanation[:, 0], show=False)
    pyplot.close("all")


def test_additivity_is_of_the_users_scores():
    """Log-odds of the label, in the words of `predict_proba`."""
    est, X = fitted("mixed")
    values, expected = explained(shap.TreeExplainer(est.to_lightgbm()), X[:20])
    total = values[:, 0].sum(axis=1) + expected[0]
    assert_allclose(total, user_scores(est, X)[:20, 0], atol=1e-6)
