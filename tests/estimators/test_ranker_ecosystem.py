"""The ranker inside scikit-learn's tools."""

from __future__ import annotations

import pickle

import joblib
import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

from skmo import MultiObjectiveRanker
from skmo.exceptions import IneffectiveBalancerWarning
from skmo.objectives import LambdaRank
from tests.estimators.ranking import COMBINE, dealt, queries, ranker

FOLDS = GroupKFold(3)
both = pytest.mark.parametrize("combine", COMBINE)


@pytest.fixture(scope="module")
def data():
    """Queries whose rows are mixed, as where users shuffle them."""
    X, Y, qid = queries(60, missing=0.1)
    rows = dealt(qid)
    return X[rows], Y[rows], qid[rows]


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def routed(**params):
    est = ranker(**params).set_fit_request(qid=True)
    return est.set_score_request(qid=True)


def folds_by_hand(data, **params):
    X, Y, qid = data
    scores = []
    for train, test in FOLDS.split(X, groups=qid):
        est = ranker(**params).fit(X[train], Y[train], qid=qid[train])
        scores.append(est.score(X[test], Y[test], qid=qid[test]))
    return scores


class TestParameters:
    def test_clone_is_unfitted_and_alike(self, data):
        X, Y, qid = data
        est = ranker(LambdaRank(truncation=5), preference=[1, 2]).fit(X, Y, qid=qid)
        copy = clone(est)
        assert repr(copy) == repr(est)
        with pytest.raises(sklearn.exceptions.NotFittedError):
            check_is_fitted(copy)
        assert_array_equal(copy.fit(X, Y, qid=qid).predict(X), est.predict(X))

    def test_fit_leaves_them_alone(self, data):
        X, Y, qid = data
        for combine in COMBINE:
            est = ranker("xendcg", combine=combine, balancer="epo", structure="random")
            before = repr(est.get_params())
            est.fit(X, Y, qid=qid)
            assert repr(est.get_params()) == before

    def test_are_those_of_the_signature(self):
        params = MultiObjectiveRanker().get_params()
        assert {"objectives", "combine", "bounds", "preference"} <= set(params)
        # There is nothing to learn beside what labels are ranked by.
        assert not {"heads", "head_params", "shared_score"} & set(params)
        with pytest.raises(TypeError, match="heads"):
            MultiObjectiveRanker(heads="none")

    def test_nested(self):
        est = ranker(LambdaRank()).set_params(objectives__truncation=3)
        assert est.get_params()["objectives__truncation"] == 3

    def test_another_combination_is_another_model(self, data):
        X, Y, qid = data
        est = ranker()
        for combine in (*COMBINE, *COMBINE):
            est.set_params(combine=combine).fit(X, Y, qid=qid)
            expected = ranker(combine=combine).fit(X, Y, qid=qid)
            assert vars(est).keys() == vars(expected).keys()
            assert_array_equal(est.predict(X), expected.predict(X))
            assert est.score(X, Y, qid=qid) == expected.score(X, Y, qid=qid)

    @both
    def test_set_after_fit_change_no_model(self, combine, data):
        X, Y, qid = data
        est = ranker(combine=combine).fit(X, Y, qid=qid)
        expected, score = est.predict(X), est.score(X, Y, qid=qid)
        other = COMBINE[combine == COMBINE[0]]
        est.set_params(combine=other, objectives="xendcg", n_estimators=1)
        assert_array_equal(est.predict(X), expected)
        assert est.score(X, Y, qid=qid) == score


@both
class TestRoundTrip:
    @pytest.mark.parametrize("how", ["pickle", "joblib"])
    def test_predicts_and_goes_on_alike(self, how, combine, data, tmp_path):
        X, Y, qid = data
        fitted = ranker(combine=combine, warm_start=True).fit(X, Y, qid=qid)
        if how == "pickle":
            loaded = pickle.loads(pickle.dumps(fitted))
        else:
            joblib.dump(fitted, tmp_path / "model.joblib")
            loaded = joblib.load(tmp_path / "model.joblib")
        assert_array_equal(loaded.predict(X), fitted.predict(X))
        assert loaded.score(X, Y, qid=qid) == fitted.score(X, Y, qid=qid)
        for model in (loaded, fitted):
            model.set_params(n_estimators=15).fit(X, Y, qid=qid)
        assert loaded.n_iter_.tolist() == [15, 15]
        assert_array_equal(loaded.predict(X), fitted.predict(X))

    def test_holds_no_training_data(self, combine):
        sizes = []
        for n in (30, 300):
            X, Y, qid = queries(n, n_noise_features=0)
            est = ranker(combine=combine, n_estimators=3).fit(X, Y, qid=qid)
            sizes.append(len(pickle.dumps(est)))
        assert sizes[1] < sizes[0] + 20_000  # 3000 rows of 10 features


@both
@pytest.mark.parametrize("objective", ["lambdarank", "xendcg"])
@pytest.mark.parametrize("subsample", [1.0, 0.7])
def test_warm_start_is_one_fit(combine, objective, subsample, data):
    X, Y, qid = data
    params = {"combine": combine, "objectives": objective, "subsample": subsample}
    warm = ranker(warm_start=True, **params).fit(X, Y, qid=qid)
    first = warm.apply(X)
    warm.set_params(n_estimators=20).fit(X, Y, qid=qid)
    assert len(warm.history_["train_loss"]) == 20
    assert_array_equal(warm.apply(X)[:, : first.shape[1]], first)
    if objective == "lambdarank" and subsample == 1.0:
        # Nothing is drawn.
        once = ranker(**params, n_estimators=20).fit(X, Y, qid=qid)
        assert_allclose(warm.predict(X), once.predict(X), atol=1e-5)
    with pytest.raises(ValueError, match=r"n_estimators=5.*20"):
        warm.set_params(n_estimators=5).fit(X, Y, qid=qid)
    other = COMBINE[combine == COMBINE[0]]
    with pytest.raises(ValueError, match=r"'combine' parameter.*warm_start"):
        warm.set_params(n_estimators=30, combine=other).fit(X, Y, qid=qid)


@both
def test_stages_lead_to_the_prediction(combine, data):
    X, Y, qid = data
    est = ranker(combine=combine).fit(X, Y, qid=qid)
    stages = list(est.staged_predict(X))
    assert len(stages) == 10
    assert_array_equal(stages[-1], est.predict(X))
    if combine == "gradients":
        few = ranker(combine=combine, n_estimators=4).fit(X, Y, qid=qid)
        assert_array_equal(stages[3], few.predict(X))


@both
def test_threads_change_nothing(combine):
    X, Y, qid = queries(500, mean_size=20)
    assert X.size > 2**17  # else there is but one thread
    predictions = []
    for n_jobs in (1, 2, -1):
        est = ranker(combine=combine, n_estimators=5, n_jobs=n_jobs)
        predictions.append(est.fit(X, Y, qid=qid).predict(X))
    assert_array_equal(predictions[1:], [predictions[0]] * 2)


@both
@pytest.mark.parametrize("params", [{}, {"subsample": 0.5}, {"objectives": "xendcg"}])
def test_seeds_repeat(combine, params, data):
    X, Y, qid = data
    params = {"combine": combine, "structure": "random", **params}
    first, again = (ranker(**params).fit(X, Y, qid=qid) for _ in range(2))
    assert_array_equal(first.predict(X), again.predict(X))
    other = ranker(**{**params, "random_state": 1}).fit(X, Y, qid=qid)
    drawn = combine == "scores" or len(params) > 2
    assert np.array_equal(first.predict(X), other.predict(X)) != drawn


def test_pipeline_is_the_steps(data):
    X, Y, qid = data
    pipe = make_pipeline(StandardScaler(), ranker())
    pipe.fit(10 * X + 3, Y, multiobjectiveranker__qid=qid)
    scaled = StandardScaler().fit_transform(10 * X + 3)
    alone = ranker().fit(scaled, Y, qid=qid)
    assert_array_equal(pipe.predict(10 * X + 3), alone.predict(scaled))
    found = pipe.predict(10 * X + 3, preference=[1, 0])
    assert_array_equal(found, alone.predict(scaled, preference=[1, 0]))


@pytest.mark.usefixtures("routing")
class TestRouting:
    @both
    def test_cross_validation_scores_held_out_queries(self, combine, data):
        X, Y, qid = data
        given = {"qid": qid, "groups": qid}
        est = routed(combine=combine)
        found = cross_validate(est, X, Y, cv=FOLDS, params=given, error_score="raise")
        expected = folds_by_hand(data, combine=combine)
        assert_allclose(found["test_score"], expected, rtol=1e-12)

    def test_grid_search(self, data):
        X, Y, qid = data
        grid = {"combine": COMBINE, "learning_rate": [1e-9, 0.1]}
        search = GridSearchCV(routed(), grid, cv=FOLDS, error_score="raise")
        search.fit(X, Y, groups=qid, qid=qid)
        assert search.best_params_["learning_rate"] == 0.1
        best = np.mean(folds_by_hand(data, combine=search.best_params_["combine"]))
        assert_allclose(search.best_score_, best, rtol=1e-12)
        refitted = search.best_estimator_
        assert refitted.score(X, Y, qid=qid) > search.best_score_
        assert_array_equal(search.predict(X), refitted.predict(X))

    def test_queries_pass_through_a_pipeline(self, data):
        X, Y, qid = data
        pipe = make_pipeline(StandardScaler(), routed()).fit(X, Y, qid=qid)
        scaled = StandardScaler().fit_transform(X)
        alone = ranker().fit(scaled, Y, qid=qid)
        assert pipe.score(X, Y, qid=qid) == alone.score(scaled, Y, qid=qid)

    def test_nothing_is_passed_unasked(self, data):
        X, Y, qid = data
        search = GridSearchCV(ranker(), {"num_leaves": [7]}, cv=FOLDS)
        with pytest.raises(UnsetMetadataPassedError, match="qid"):
            search.fit(X, Y, groups=qid, qid=qid)


@both
def test_names_of_frames(combine):
    pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
    X, Y, qid = queries()
    names = [f"x{j}" for j in range(X.shape[1])]
    frame = pd.DataFrame(X, columns=names)
    labels = pd.DataFrame(Y, columns=["relevance", "freshness"])
    est = ranker(combine=combine).fit(frame, labels, qid=qid)
    assert est.feature_names_in_.tolist() == names
    assert est.n_features_in_ == len(names)
    assert est.objective_names_ == ["relevance", "freshness"]
    with pytest.raises(ValueError, match="feature names"):
        est.predict(frame[names[::-1]])
    single = ranker(combine=combine).fit(frame, labels["freshness"], qid=qid)
    assert single.objective_names_ == ["freshness"]


@both
def test_categories(combine):
    pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
    X, Y, qid = queries(100)
    letter = np.random.default_rng(0).integers(0, 8, len(X))
    # Only what letters mean orders the documents.
    Y[:, 0] = np.isin(letter, [1, 4, 6]) * 2.0
    frame = pd.DataFrame(X).add_prefix("x")
    frame["letter"] = pd.Categorical.from_codes(letter, list("abcdefgh"))
    est = ranker(combine=combine).fit(frame, Y, qid=qid)
    assert est.score_objectives(frame, Y, qid=qid)[0] > 0.9


def test_prints_nothing_unless_asked(data, capfd):
    X, Y, qid = data
    for combine in COMBINE:
        est = ranker(combine=combine).fit(X, Y, qid=qid)
        est.score(X, Y, qid=qid)
    ranker(combine="gradients", bounds={0: 0.1}).fit(X, Y, qid=qid)
    assert capfd.readouterr() == ("", "")
    ranker(combine="gradients", bounds={0: 0.1}, verbose=2).fit(X, Y, qid=qid)
    first, *lines = capfd.readouterr().out.splitlines()
    assert first == "bounds: training 1 model(s) to compare with …"
    # A line a round, those of the reference model left out.
    assert len(lines) == 10


@pytest.mark.parametrize("balancer", ["label_aggregation", "augmented_lagrangian"])
def test_balancers_of_one_score_warn_elsewhere(balancer, data):
    X, Y, qid = data
    with pytest.warns(IneffectiveBalancerWarning, match="one score"):
        ranker(balancer=balancer, structure="random").fit(X, Y, qid=qid)
