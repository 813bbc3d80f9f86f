"""Exported models in treelite, through LightGBM's text file."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skmo import MultiObjectiveClassifier, MultiObjectiveEstimator
from skmo import MultiObjectiveRegressor as Regressor

treelite = pytest.importorskip("treelite", reason="needs treelite")

QUICK = {"n_estimators": 8, "num_leaves": 7, "random_state": 0, "n_jobs": 1}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 5))
    F = X @ rng.normal(size=(5, 3)) + rng.normal(size=(300, 3))
    X[rng.random(X.shape) < 0.1] = np.nan
    return X, F


def read(est, path):
    """The model as treelite reads its file.

    With several scores it insists on an objective of several classes; it then gives
    the scores themselves as margins.
    """
    booster = est.to_lightgbm()
    n_scores = booster.num_model_per_iteration()
    text = booster.model_to_string()
    if n_scores > 1 and "\nobjective=" not in text:
        line = f"objective=multiclassova num_class:{n_scores} sigmoid:1"
        text = text.replace("\nfeature_names=", f"\n{line}\nfeature_names=", 1)
    path.write_text(text)
    return treelite.frontend.load_lightgbm_model(path)


def raw(model, X):
    return treelite.gtil.predict(model, X, pred_margin=True).reshape(len(X), -1)


CASES = {
    "real": (Regressor(heads="boost", **QUICK), lambda F: 100 * F + 7),
    "apart": (Regressor(structure="apart", **QUICK), lambda F: F),
    "one": (Regressor(**QUICK), lambda F: F[:, 0]),
    "mean": (Regressor("tweedie", **QUICK), lambda F: np.exp(F[:, 0] / 3)),
    "label": (MultiObjectiveClassifier(**QUICK), lambda F: F[:, 0] > 0),
    "labels": (MultiObjectiveClassifier(heads="blend", **QUICK), lambda F: F > 0),
    "classes": (
        MultiObjectiveClassifier(**QUICK),
        lambda F: np.digitize(F[:, 0], [-1, 1]),
    ),
    "mix": (
        MultiObjectiveEstimator(["binary", "poisson", "huber"], **QUICK),
        lambda F: np.column_stack([F[:, 0] > 0, np.exp(F[:, 1] / 3), F[:, 2]]),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_scores_are_those_of_the_booster(case, data, tmp_path):
    X, F = data
    est, target = CASES[case]
    est.fit(X, target(F))
    model = read(est, tmp_path / "model.txt")
    booster = est.to_lightgbm()
    expected = booster.predict(X, raw_score=True).reshape(len(X), -1)
    assert_allclose(raw(model, X), expected, rtol=1e-12, atol=1e-12)
    if case not in ("real", "apart", "mix"):
        found = treelite.gtil.predict(model, X).reshape(len(X), -1)
        expected = booster.predict(X).reshape(len(X), -1)
        assert_allclose(found, expected, rtol=1e-6)  # softmax is in float32 there


def test_categories_are_their_numbers(data, tmp_path):
    X, F = data
    X = X.copy()
    X[:, 1] = np.random.default_rng(1).choice([3, 40, 7, 100, np.nan], len(X))
    Y = F + 3 * np.isin(X[:, [1]], [3, 100])
    params = {"min_data_per_group": 5, "cat_smooth": 1}
    est = Regressor(categorical_features=[1], lightgbm_params=params, **QUICK)
    model = read(est.fit(X, Y), tmp_path / "model.txt")
    X[:30, 1] = 41  # unseen
    assert_allclose(raw(model, X), est.predict(X), rtol=1e-9, atol=1e-9)
