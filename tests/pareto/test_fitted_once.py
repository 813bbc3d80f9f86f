"""An estimator whose preference acts in predict alone is fitted once per fold."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmo import MultiObjectiveRanker
from skmo.datasets import make_multi_ranking
from skmo.pareto import ParetoSearchCV

RANKER = MultiObjectiveRanker(n_estimators=5, n_jobs=1, random_state=0)


@pytest.fixture(scope="module")
def queries():
    return make_multi_ranking(30, mean_size=8, random_state=0)


@pytest.fixture
def fits(monkeypatch):
    """How often a ranker was trained."""
    found, fit = [], MultiObjectiveRanker.fit

    def counted(self, *args, **kwargs):
        found.append(self.combine)
        return fit(self, *args, **kwargs)

    monkeypatch.setattr(MultiObjectiveRanker, "fit", counted)
    return found


def search(est, **params):
    return ParetoSearchCV(est, n_points=3, cv=2, **params)


def test_scores_are_those_of_separate_fits(queries, fits):
    X, Y, qid = queries
    found = search(RANKER).fit(X, Y, qid=qid)
    assert len(fits) == 3  # two folds and all rows
    folds = list(GroupKFold(2).split(X, groups=qid))
    for i, preference in enumerate(found.preferences_):
        own = clone(RANKER).set_params(preference=preference)
        scores = [
            own.fit(X[a], Y[a], qid=qid[a]).score_objectives(X[b], Y[b], qid=qid[b])
            for a, b in folds
        ]
        for k, name in enumerate(found.objective_names_):
            mean = found.cv_results_[f"mean_test_{name}"][i]
            assert_allclose(mean, np.mean(scores, axis=0)[k])
    for model, p in zip(
        found.pareto_estimators_, found.pareto_preferences_, strict=True
    ):
        assert model.preference == p.tolist()
        own = clone(RANKER).set_params(preference=p).fit(X, Y, qid=qid)
        assert_allclose(model.predict(X), own.predict(X))


def test_one_score_is_fitted_for_every_preference(queries, fits):
    X, Y, qid = queries
    search(clone(RANKER).set_params(combine="gradients"), refit=False).fit(
        X, Y, qid=qid
    )
    assert len(fits) == 6


def test_the_last_step_of_a_pipeline(queries, fits):
    X, Y, qid = queries
    pipe = make_pipeline(StandardScaler(), RANKER)
    found = search(
        pipe,
        preference_param="multiobjectiveranker__preference",
        objectives={"mean": _mean, "spread": _spread},
    )
    found.fit(X, Y, multiobjectiveranker__qid=qid)
    assert len(fits) == 3


def test_models_of_the_front_share_their_trees(queries):
    X, Y, qid = queries
    pipe = make_pipeline(StandardScaler(), RANKER)
    found = search(
        pipe,
        preference_param="multiobjectiveranker__preference",
        objectives={"mean": _mean, "spread": _spread},
    ).fit(X, Y, multiobjectiveranker__qid=qid)
    models = [model[-1] for model in found.pareto_estimators_]
    shared = [[v for v in vars(m).values() if hasattr(v, "__dict__")] for m in models]
    assert shared[0]
    for one in shared[1:]:
        assert all(a is b for a, b in zip(one, shared[0], strict=True))
    given = [m.preference for m in models]
    assert given == found.pareto_preferences_.tolist()


class Wrapped(BaseEstimator):
    """Fits a clone, as meta-estimators do: what it predicts with has no prefix."""

    def __init__(self, ranker=RANKER):
        self.ranker = ranker

    def fit(self, X, y, qid):
        self.ranker_ = clone(self.ranker).fit(X, y, qid=qid)
        return self

    def predict(self, X):
        return self.ranker_.predict(X)


def test_clones_inside_are_fitted_for_every_preference(queries, fits):
    X, Y, qid = queries
    found = search(
        Wrapped(),
        preference_param="ranker__preference",
        objectives={"mean": _mean, "spread": _spread},
        refit=False,
    ).fit(X, Y, qid=qid)
    assert len(fits) == 6
    assert len(set(found.cv_results_["mean_test_mean"])) == 3


def _mean(est, X, y):
    return float(np.corrcoef(est.predict(X), y[:, 0])[0, 1])


def _spread(est, X, y):
    return float(np.corrcoef(est.predict(X), y[:, 1])[0, 1])
