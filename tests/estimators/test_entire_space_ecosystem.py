"""The funnel classifier as an estimator: stopping, going on, heads, scikit-learn."""

from __future__ import annotations

import io
import pickle

import joblib
import lightgbm as lgb
import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags

from skmo import EntireSpaceClassifier, MultiObjectiveClassifier
from skmo.datasets import make_funnel
from skmo.metrics import make_scorer

FAST = {
    "n_estimators": 10,
    "num_leaves": 7,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
}
LOSSES = ["conditional", "entire_space", "ips", "dr"]
each_loss = pytest.mark.parametrize("loss", LOSSES)
FOLDS = KFold(3, shuffle=True, random_state=0)


def funnel(**params):
    return EntireSpaceClassifier(**{**FAST, **params})


@pytest.fixture(scope="module")
def two():
    return make_funnel(
        900, rates=(0.7, 0.6), signal=2.5, n_noise_features=0, random_state=0
    )


@pytest.fixture(scope="module")
def frames(two):
    pd = pytest.importorskip("pandas")
    X, Y = two
    X = pd.DataFrame(X, columns=[f"x{j}" for j in range(X.shape[1])])
    return X, pd.DataFrame(Y, columns=["click", "buy"])


class TestParameters:
    def test_are_kept_and_cloned(self):
        loss = {"conditional": 1.0, "entire_space": 0.5}
        est = EntireSpaceClassifier(["a", "b"], loss=loss, conflict="project")
        params = est.get_params()
        assert params["loss"] is loss
        assert params["stage_names"] == ["a", "b"]
        copy = clone(est)
        assert copy.get_params() == params
        copy.set_params(conflict="ignore", min_propensity=0.2, num_leaves=4)
        assert copy.min_propensity == 0.2
        assert est.conflict == "project"

    def test_are_those_of_the_classifier_and_its_own(self):
        own = {"stage_names", "loss", "conflict", "min_propensity"}
        found, others = (
            set(cls().get_params())
            for cls in (EntireSpaceClassifier, MultiObjectiveClassifier)
        )
        assert found == (others - {"objective"}) | own

    def test_print(self):
        est = EntireSpaceClassifier(loss="dr", conflict="ignore")
        assert repr(est) == "EntireSpaceClassifier(conflict='ignore', loss='dr')"

    def test_tags(self):
        est = EntireSpaceClassifier()
        tags = get_tags(est)
        assert is_classifier(est)
        assert not is_regressor(est)
        assert tags.target_tags.multi_output
        assert not tags.target_tags.single_output
        assert tags.classifier_tags.multi_label
        assert not tags.classifier_tags.multi_class
        assert tags.input_tags.allow_nan
        assert tags.input_tags.sparse


class TestFitted:
    def test_not_yet(self, two):
        X, Y = two
        est = funnel()
        for ask in (
            est.predict,
            est.predict_proba,
            est.predict_log_proba,
            est.predict_conditional_proba,
            est.apply,
            lambda X: list(est.staged_predict_proba(X)),
            lambda X: est.score(X, Y),
        ):
            with pytest.raises(NotFittedError):
                ask(X)

    def test_attributes(self, two):
        est = funnel().fit(*two)
        assert est.n_objectives_ == 2
        assert est.n_features_in_ == 10
        assert not hasattr(est, "feature_names_in_")
        assert_array_equal(est.classes_, [0, 1])  # as of several labels: the columns
        assert_array_equal(est.n_iter_, [10, 10])
        assert_allclose(est.objective_importances_.sum(axis=1), 1)
        assert est.history_["train_loss"].shape == (10, 2)

    def test_features(self, frames):
        X, Y = frames
        est = funnel().fit(X, Y)
        assert_array_equal(est.feature_names_in_, X.columns)
        with pytest.raises(ValueError, match="feature names"):
            est.predict_proba(X[X.columns[::-1]])
        X, Y = X.to_numpy(), Y.to_numpy()
        with pytest.raises(ValueError, match="9 features"):
            est.fit(X, Y).predict_conditional_proba(X[:, :9])

    @each_loss
    def test_is_the_same_again(self, loss, two):
        X, Y = two
        params = {"loss": loss, "conflict": "ignore", "subsample": 0.7}
        expected = funnel(**params).fit(X, Y)
        est = funnel(**params, early_stopping=False)
        for n_jobs in (1, 2):
            est.set_params(n_jobs=n_jobs).fit(X, Y)
            assert_array_equal(est.predict_proba(X), expected.predict_proba(X))
            for name, values in expected.conflict_report_.items():
                assert_array_equal(est.conflict_report_[name], values)
        other = funnel(**params).set_params(random_state=1).fit(X, Y)
        assert (other.predict_proba(X) != expected.predict_proba(X)).any()

    def test_the_input_is_left_alone(self, two):
        X, Y = two[0].copy(), two[1].copy()
        Y[::5, 0] = np.nan
        before = Y.copy()
        W = np.random.default_rng(0).integers(0, 3, Y.shape).astype(float)
        weight = W.copy()
        est = funnel(loss="dr").fit(X, Y, W, X, Y, W)
        est.score(X, Y, W)
        assert_array_equal(X, two[0])
        assert_array_equal(Y, before)
        assert_array_equal(W, weight)

    def test_an_error_leaves_it_as_it_was(self, two):
        X, Y = two
        est = funnel(loss="entire_space").fit(X, Y)
        before = est.predict_proba(X)
        with pytest.raises(ValueError, match="is 1 where"):
            est.fit(X[:, :4], Y[:, ::-1])
        with pytest.raises(ValueError, match="Unknown loss"):
            est.set_params(loss="x").fit(X[:, :4], Y)
        assert_array_equal(est.predict_proba(X), before)
        assert est.stage_names_ == ["stage0", "stage1"]
        assert est.n_features_in_ == 10

    @pytest.mark.parametrize("heads", ["none", "blend"])
    def test_files(self, heads, two):
        X, Y = two
        est = funnel(loss="entire_space", heads=heads).fit(X, Y)
        file = io.BytesIO()
        joblib.dump(est, file)
        file.seek(0)
        for again in (pickle.loads(pickle.dumps(est)), joblib.load(file)):
            assert_array_equal(again.predict_proba(X), est.predict_proba(X))
            assert_array_equal(
                again.predict_conditional_proba(X), est.predict_conditional_proba(X)
            )
            assert set(again.conflict_report_) == set(est.conflict_report_)

    def test_sparse_features(self, two):
        X, Y = np.where(two[0] > 0, two[0], 0.0), two[1]
        dense = funnel(loss="ips").fit(X, Y).predict_proba(X)
        sparse = sp.csr_matrix(X)
        est = funnel(loss="ips").fit(sparse, Y)
        assert_allclose(est.predict_proba(sparse), dense, rtol=1e-6)


class TestWithScikitLearn:
    def test_pipeline_on_a_frame(self, frames):
        X, Y = frames
        columns = ColumnTransformer([("scale", StandardScaler(), ["x0", "x1", "x2"])])
        pipe = make_pipeline(columns, funnel()).fit(X, Y)
        scaled = StandardScaler().fit_transform(X[["x0", "x1", "x2"]])
        alone = funnel().fit(scaled, Y)
        assert_array_equal(pipe.predict_proba(X), alone.predict_proba(scaled))
        assert pipe.score(X, Y) == alone.score(scaled, Y)
        assert_array_equal(pipe.classes_, alone.classes_)

    def test_grid_search(self, two):
        X, Y = two
        grid = {
            "loss": ["conditional", "entire_space"],
            "conflict": ["ignore", "stop_gradient"],
        }
        search = GridSearchCV(
            funnel(n_estimators=3), grid, cv=FOLDS, error_score="raise"
        ).fit(X, Y)
        assert len(search.cv_results_["params"]) == 4
        scores = search.cv_results_["mean_test_score"]
        assert search.best_score_ == scores.max() > 0
        assert_array_equal(
            search.predict_proba(X), search.best_estimator_.predict_proba(X)
        )
        # "conditional" makes nothing of the conflict.
        conditional = [
            score
            for params, score in zip(search.cv_results_["params"], scores, strict=True)
            if params["loss"] == "conditional"
        ]
        assert conditional[0] == conditional[1]

    @pytest.mark.parametrize("cv", [3, FOLDS])
    def test_cross_validation(self, cv, two):
        X, Y = two
        scores = cross_val_score(funnel(), X, Y, cv=cv, error_score="raise")
        assert scores.shape == (3,)
        assert scores.min() > 0
        holed = np.where((Y[:, :1] == 1) | [True, False], Y, np.nan)
        again = cross_val_score(funnel(), X, holed, cv=FOLDS, error_score="raise")
        if cv is FOLDS:
            assert_array_equal(again, scores)

    def test_scorers(self, two):
        X, Y = two
        est = funnel().fit(X, Y)
        P = est.predict_proba(X)
        auc = [roc_auc_score(Y[:, k], P[:, k]) for k in (0, 1)]
        assert_allclose(make_scorer()(est, X, Y), np.mean(auc))
        assert_allclose(make_scorer(objective="stage1")(est, X, Y), auc[1])
        for y in (Y, Y.astype(int), Y.astype(bool)):
            found = make_scorer("neg_log_loss", combine=None)(est, X, y)
            expected = [-log_loss(Y[:, k], P[:, k]) for k in (0, 1)]
            assert_allclose([found["stage0"], found["stage1"]], expected, rtol=1e-6)
        # Where a stage is unknown it is not scored.
        known = np.arange(len(Y)) % 2 == 0
        holed = np.where(known[:, None], Y, np.nan)
        found = make_scorer()(est, X, holed)
        assert_allclose(found, make_scorer()(est, X[known], Y[known]))


class TestEarlyStopping:
    @each_loss
    def test_each_stage_stops_where_its_loss_is_least(self, loss, two):
        X, Y = two
        est = funnel(
            loss=loss,
            n_estimators=200,
            learning_rate=0.2,
            n_iter_no_change=6,
            tol=0.0,
        ).fit(X[:600], Y[:600], X_val=X[600:], y_val=Y[600:])
        losses = est.history_["val_loss"]
        assert len(losses) == est.n_iter_.max() + 6 < 200
        assert est.n_iter_.min() > 0
        # Losses that read other scores fall by those as well.
        for k in (0, 1) if loss == "conditional" else (0,):
            n = est.n_iter_[k]
            assert losses[: n + 5, k].argmin() + 1 == n

    def test_conditional_losses_are_over_the_rows_that_could_reach_it(self, two):
        X, Y = two
        est = funnel().fit(X[:600], Y[:600], X_val=X[600:], y_val=Y[600:])
        reached = Y[600:, 0] == 1
        for t, P in enumerate(est.staged_predict_proba(X[600:])):
            C = P[:, 1] / P[:, 0]
            expected = [
                log_loss(Y[600:, 0], P[:, 0]),
                log_loss(Y[600:, 1][reached], C[reached]),
            ]
            assert_allclose(est.history_["val_loss"][t], expected, rtol=1e-5)

    def test_entire_space_losses_are_over_all_rows(self, two):
        X, Y = two
        est = funnel(loss="entire_space")
        est.fit(X[:600], Y[:600], X_val=X[600:], y_val=Y[600:])
        for rows, name in ((slice(600), "train_loss"), (slice(600, None), "val_loss")):
            for t, P in enumerate(est.staged_predict_proba(X[rows])):
                expected = [log_loss(Y[rows, k], P[:, k]) for k in (0, 1)]
                assert_allclose(est.history_[name][t], expected, rtol=1e-5)

    @each_loss
    def test_on_rows_held_out(self, loss, two):
        X, Y = two
        params = {"early_stopping": True, "n_iter_no_change": 5, "n_estimators": 300}
        est = funnel(loss=loss, **params, learning_rate=0.3).fit(X, Y)
        assert len(est.history_["val_loss"]) < 300
        assert est.score(X, Y) > 0
        plain = funnel(loss=loss, early_stopping=True).fit(X, Y)
        other = funnel(loss=loss, early_stopping=True, validation_fraction=0.3)
        other.fit(X, Y)
        assert (plain.predict_proba(X) != other.predict_proba(X)).any()

    def test_weights_of_validation_rows(self, two):
        X, Y = two
        W = np.random.default_rng(0).uniform(0.2, 3, (300, 2))
        val = {"X_val": X[600:], "y_val": Y[600:], "sample_weight_val": W}
        est = funnel(loss="entire_space").fit(X[:600], Y[:600], **val)
        P = est.predict_proba(X[600:])
        expected = [
            log_loss(Y[600:, k], P[:, k], sample_weight=W[:, k]) for k in (0, 1)
        ]
        assert_allclose(est.history_["val_loss"][-1], expected, rtol=1e-5)


class TestWarmStart:
    @pytest.mark.parametrize("structure", ["random", "apart"])
    @pytest.mark.parametrize(
        ("loss", "conflict"),
        [
            ("conditional", "stop_gradient"),
            ("entire_space", "ignore"),
            ("entire_space", "stop_gradient"),
            ("entire_space", "project"),
            ("entire_space", "balance"),
            ("ips", "stop_gradient"),
            ("dr", "stop_gradient"),
        ],
    )
    def test_added_rounds_are_those_of_one_long_fit(
        self, loss, conflict, structure, two
    ):
        X, Y = two
        params = {"loss": loss, "conflict": conflict, "structure": structure}
        if conflict == "balance":
            params["balancer"] = "mgda"
        once = funnel(**params, n_estimators=12).fit(X, Y)
        est = funnel(**params, warm_start=True)
        for n in (4, 5, 12):
            est.set_params(n_estimators=n).fit(X, Y)
            assert est.conflict_report_["share"].shape == (n, 1)
        assert_array_equal(est.apply(X), once.apply(X))
        assert_allclose(est.predict_proba(X), once.predict_proba(X), rtol=1e-5)
        for name, values in once.conflict_report_.items():
            assert_allclose(est.conflict_report_[name], values, rtol=1e-4)
        for name in ("train_loss", "weights", "gap"):
            assert_allclose(est.history_[name], once.history_[name], rtol=1e-4)

    def test_a_balancer_that_goes_by_losses(self, two):
        """They are shares of the constants' losses, also in added rounds."""
        X, Y = two
        params = {"loss": "entire_space", "conflict": "balance"}
        params["balancer"] = "tchebycheff"
        once = funnel(**params, n_estimators=12).fit(X, Y)
        est = funnel(**params, n_estimators=6, warm_start=True).fit(X, Y)
        est.set_params(n_estimators=12).fit(X, Y)
        assert len(np.unique(once.history_["weights"][6:], axis=0)) > 1
        assert_allclose(est.history_["weights"], once.history_["weights"], rtol=1e-4)

    def test_a_balancer_that_draws(self, two):
        """Added rounds do not repeat the first ones' weights."""
        X, Y = two
        params = {"loss": "entire_space", "conflict": "balance"}
        params["balancer"] = "random_loss"
        est = funnel(**params, n_estimators=6, warm_start=True).fit(X, Y)
        est.set_params(n_estimators=12).fit(X, Y)
        first, added = np.split(est.history_["weights"], 2)
        assert np.abs(first - added).min() > 1e-4

    @pytest.mark.parametrize(
        "change",
        [
            {"loss": "entire_space"},
            {"loss": {"conditional": 0.5}},
            {"conflict": "ignore"},
            {"min_propensity": 0.1},
            {"stage_names": ["a", "b"]},
        ],
        ids=str,
    )
    def test_what_a_stage_is_may_not_change(self, change, two):
        X, Y = two
        est = funnel(warm_start=True).fit(X, Y)
        before = est.predict_proba(X)
        (name,) = change
        with pytest.raises(ValueError, match=f"'{name}' parameter was changed"):
            est.set_params(**change, n_estimators=12).fit(X, Y)
        assert_array_equal(est.predict_proba(X), before)

    def test_other_rows(self, two):
        X, Y = two
        est = funnel(loss="entire_space", warm_start=True).fit(X[:500], Y[:500])
        est.set_params(n_estimators=15).fit(X[500:], Y[500:])
        assert_array_equal(est.n_iter_, 15)
        with pytest.raises(ValueError, match="'stage1' is 1 where"):
            est.set_params(n_estimators=18).fit(X, Y[:, ::-1])


class TestHeads:
    """Learners of each stage, on its own rows, whatever the loss."""

    @pytest.mark.parametrize("loss", ["conditional", "entire_space", "dr"])
    @pytest.mark.parametrize("heads", ["auto", "blend", "boost"])
    @pytest.mark.parametrize("held_out", [False, True])
    def test_predictions(self, held_out, heads, loss, two):
        X, Y = two
        est = funnel(loss=loss, conflict="ignore", heads=heads)
        if held_out:
            est.fit(X[:600], Y[:600], X_val=X[600:], y_val=Y[600:])
        else:
            est.fit(X, Y)
        reached = est.predict_proba(X)
        assert (np.diff(reached, axis=1) <= 0).all()
        assert_allclose(
            np.cumprod(est.predict_conditional_proba(X), axis=1), reached, rtol=1e-12
        )
        assert_allclose(list(est.staged_predict_proba(X))[-1], reached, rtol=1e-4)
        kinds = {"none", "boost" if heads == "boost" else "blend"}
        assert set(est.heads_) <= kinds
        assert est.score(X, Y) > 0.02

    def test_are_models_of_the_rows_that_reached_the_stage_before(self, two):
        X, Y = two
        est = funnel(
            loss="entire_space", heads="blend", n_estimators=25, early_stopping=False
        ).fit(X[:600], Y[:600], X_val=X[600:], y_val=Y[600:])
        assert est.heads_ == ["blend", "blend"]
        params = {"objective": "binary", "num_leaves": 7, "verbosity": -1}
        params |= {"deterministic": True, "force_col_wise": True, "seed": 0}
        shared = est._result.forest.scores(X, est.n_iter_, 1, np.float64)
        for k, share in enumerate(est.head_shares_):
            rows = np.flatnonzero(Y[:600, 0] == 1) if k else np.arange(600)
            model = lgb.train(params, lgb.Dataset(X[rows], Y[rows, k]), 25)
            own = model.predict(X, raw_score=True)
            expected = expit((1 - share) * shared[:, k] + share * own)
            found = est.predict_conditional_proba(X)[:, k]
            assert_allclose(found, expected, rtol=1e-4)

    def test_a_share_is_chosen_by_the_rows_that_could_reach_the_stage(self, two):
        X, Y = two
        params = {"heads": "blend", "n_estimators": 25}
        fits = []
        for fill in (0.0, np.nan):
            val = Y[600:].copy()
            val[val[:, 0] == 0, 1] = fill
            est = funnel(**params).fit(X[:600], Y[:600], X_val=X[600:], y_val=val)
            fits.append(est)
        assert_array_equal(fits[0].head_shares_, fits[1].head_shares_)
        assert_array_equal(fits[0].predict_proba(X), fits[1].predict_proba(X))
        reached = Y[600:, 0] == 1
        C = fits[0].predict_conditional_proba(X[600:])[reached, 1]
        alone = funnel(n_estimators=25).fit(
            X[:600], Y[:600], X_val=X[600:], y_val=Y[600:]
        )
        without = alone.predict_conditional_proba(X[600:])[reached, 1]
        z = Y[600:, 1][reached]
        assert log_loss(z, C) < log_loss(z, without)

    def test_head_params_by_stage(self, frames):
        X, Y = frames
        params = {"buy": {"n_estimators": 3, "learning_rate": 0.3}}
        est = funnel(heads="blend", head_params=params, n_estimators=20)
        est.fit(X[:600], Y[:600], X_val=X[600:], y_val=Y[600:])
        assert est.head_n_iter_[0] > 3
        assert est.head_n_iter_[1] <= 3
