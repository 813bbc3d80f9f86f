"""One objective as an estimator: scikit-learn's own tools on it."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV, CalibrationDisplay
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import (
    PartialDependenceDisplay,
    partial_dependence,
    permutation_importance,
)
from sklearn.metrics import (
    PredictionErrorDisplay,
    RocCurveDisplay,
    accuracy_score,
    brier_score_loss,
    r2_score,
)
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from skmo import MultiObjectiveClassifier, MultiObjectiveEstimator
from skmo.datasets import make_multi_ranking
from skmo.metrics import ndcg_score
from skmo.objectives import Binary, CrossEntropy

from .explained import FAST, NAMES, features, fitted, mix, reals

each = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(autouse=True)
def _optional(request):
    if "frame" in request.node.name:
        pytest.importorskip("pandas", reason="data frames")


def predictions(est, X, k):
    """What the estimator itself says of an objective: values, or probabilities."""
    name = type(est).__name__
    if name == "EntireSpaceClassifier":
        p = est.predict_proba(X)[:, k]
        return np.column_stack([1 - p, p])
    if name == "MultiObjectiveRanker":
        own = est.combine == "scores"
        return est.predict_objectives(X)[:, k] if own else est.predict(X)
    if name == "MultiObjectiveClassifier":
        return est.predict_proba(X)[k]
    found = est.predict(X)
    if name == "MultiObjectiveEstimator" and est.classes_[k] is not None:
        probability = est.predict_proba(X)
        return probability if est.shared_score else probability[k]
    return found if found.ndim == 1 else found[:, k]


class TestViews:
    @each
    def test_predict_what_the_estimator_does(self, name):
        est, X = fitted(name)
        for k, objective in enumerate(est.objective_names_):
            view = est.for_objective(objective)
            expected = predictions(est, X, k)
            if is_classifier(view):
                assert_array_equal(view.predict_proba(X), expected)
                labels = view.classes_[expected.argmax(axis=1)]
                assert_array_equal(view.predict(X), labels)
                assert view.classes_.shape == (expected.shape[1],)
            else:
                assert is_regressor(view)
                assert not hasattr(view, "predict_proba")
                assert_array_equal(view.predict(X), expected)

    @each
    def test_are_fitted_estimators_of_scikit_learn(self, name):
        est, X = fitted(name)
        view = est.for_objective(-1)
        check_is_fitted(view)
        assert view.n_features_in_ == X.shape[1]
        names = getattr(est, "feature_names_in_", None)
        assert_array_equal(getattr(view, "feature_names_in_", None), names)
        assert_array_equal(view.feature_importances_, est.objective_importances_[-1])
        assert get_tags(view).input_tags == get_tags(est).input_tags
        assert not get_tags(view).target_tags.multi_output
        assert view.get_params(deep=False)["objective"] == -1
        assert type(view).__name__ in repr(view)
        assert type(view).__name__ in view._repr_html_()

    @each
    def test_export(self, name):
        """LightGBM predicts as the view; of a stage given the one before."""
        est, X = fitted(name)
        for k in range(min(est.n_objectives_, 2)):
            view = est.for_objective(k)
            booster, contrib = view.to_lightgbm(), view.predict_contrib(X)
            raw = booster.predict(X, raw_score=True)
            assert_allclose(raw, contrib.sum(axis=-1), rtol=1e-6, atol=1e-6)
            expected = view._output(X)
            if name == "funnel":
                expected = est.predict_conditional_proba(X)[:, [k, k]]
            if expected.ndim == 2 and raw.ndim == 1:
                expected = expected[:, 1]
            assert_allclose(booster.predict(X), expected, rtol=1e-5, atol=1e-6)

    @each
    def test_pickle(self, name):
        est, X = fitted(name)
        view = est.for_objective(0)
        assert_array_equal(pickle.loads(pickle.dumps(view)).predict(X), view.predict(X))

    def test_share_the_trees(self):
        est, _ = fitted("mixed, heads")
        assert est.for_objective(0).estimator._result is est._result

    def test_stay_as_they_were_made(self):
        X = features()
        est = MultiObjectiveEstimator(["squared_error"] * 3, **FAST).fit(X, reals(X))
        view = est.for_objective(1)
        before = view.predict(X)
        est.set_params(objectives=["binary", "binary"]).fit(X, X[:, :2] > 0)
        assert_array_equal(view.predict(X), before)
        assert is_classifier(est.for_objective(1))

    def test_ask_no_head_of_another_objective(self, monkeypatch):
        est, X = fitted("heads that blend")
        heads = est._result.heads
        k = next(k for k, head in enumerate(heads) if head is not None)
        view, expected = est.for_objective(k), est.predict(X)[:, k]
        others = [head for head in heads if head not in (None, heads[k])]
        assert others
        for head in others:
            monkeypatch.setattr(head.trees, "scores", lambda *_: pytest.fail("asked"))
        assert_array_equal(view.predict(X), expected)

    @pytest.mark.parametrize("objective", ["price", 3, -4, 1.0, True, None], ids=repr)
    def test_of_unknown_objectives(self, objective):
        est, _ = fitted("shared trees")
        with pytest.raises(
            ValueError, match="'objective' parameter must be one of"
        ) as e:
            est.for_objective(objective)
        assert repr(objective) in str(e.value)

    def test_need_a_fit(self):
        with pytest.raises(NotFittedError):
            MultiObjectiveClassifier().for_objective(0)

    def test_cannot_be_fitted_or_cloned(self):
        est, X = fitted("shared trees")
        view = est.for_objective(0)
        with pytest.raises(TypeError, match="cannot be fitted, as all"):
            view.fit(X, reals(X)[:, 0])
        with pytest.raises(TypeError, match=r"Pass FrozenEstimator\(view\) of"):
            clone(view)
        assert clone(FrozenEstimator(view)).estimator is view

    def test_check_features_as_the_estimator_does(self):
        est, X = fitted("frame")
        view = est.for_objective("click")
        with pytest.raises(ValueError, match="feature names should match"):
            view.predict(X.rename(columns={"a": "z"}))


class TestKinds:
    """Which objectives are of labels."""

    @pytest.mark.parametrize(
        ("objective", "labels"),
        [
            ("binary", True),
            (Binary, True),
            ("cross_entropy", False),
            (CrossEntropy(), False),
            ("multiclass", True),
            ("tweedie", False),
        ],
    )
    def test_of_a_mix(self, objective, labels):
        X = features(80)
        Y = np.column_stack([X[:, 0] > 0, X[:, 1]])
        est = MultiObjectiveEstimator([objective, "squared_error"], **FAST).fit(X, Y)
        assert is_classifier(est.for_objective(0)) == labels
        if not labels:
            assert_array_equal(est.for_objective(0).predict(X), est.predict(X)[:, 0])

    def test_a_loss_that_does_not_tell_has_labels(self):
        from skmo.objectives import Objective

        class Own(Binary):
            check_target = Objective.check_target

        X = features(80)
        Y = np.column_stack([X[:, 0] > 0, X[:, 1]])
        est = MultiObjectiveEstimator([Own, "squared_error"], **FAST).fit(X, Y)
        assert_array_equal(est.for_objective(0).classes_, [0, 1])

    def test_one_class_only(self):
        X = features(80)
        with pytest.warns(UserWarning, match="holds one class"):
            est = MultiObjectiveClassifier(**FAST).fit(
                X, np.column_stack([np.full(80, "a"), np.where(X[:, 0] > 0, "b", "c")])
            )
        view = est.for_objective(0)
        assert_array_equal(view.classes_, ["a"])
        assert_array_equal(view.predict_proba(X), np.ones((80, 1)))


class TestScore:
    def test_is_r2(self):
        est, X = fitted("shared trees")
        y, w = reals(X)[:, 0], np.arange(len(X))
        view = est.for_objective(0)
        assert view.score(X, y) == r2_score(y, view.predict(X))
        expected = r2_score(y, view.predict(X), sample_weight=w)
        assert view.score(X, y, sample_weight=w) == expected

    @pytest.mark.parametrize("k", [0, 1])
    def test_is_accuracy(self, k):
        est, X = fitted("labels")
        view = est.for_objective(k)
        y = np.where(np.arange(len(X)) % 3, view.predict(X), view.classes_[0])
        assert view.score(X, y) == accuracy_score(y, view.predict(X))

    def test_leaves_unobserved_rows_out(self):
        est, X = fitted("mixed")
        Y, w = mix(X), np.arange(1.0, len(X) + 1)
        seen = np.arange(len(X)) % 4 > 0
        for k in range(4):
            view = est.for_objective(k)
            y = np.where(seen, Y[:, k], np.nan)
            expected = view.score(X[seen], Y[seen, k], w[seen])
            assert view.score(X, y, w) == expected
            assert view.score(X, y.astype(object), w) == expected

    def test_of_labels_that_are_floats_for_nan(self):
        X = features()
        Y = mix(X)[:, [0, 3]]
        est = MultiObjectiveClassifier(**FAST).fit(X, Y.astype(int))
        y = Y[:, 1].copy()
        y[0] = np.nan
        view = est.for_objective(1)
        assert view.score(X, y) == view.score(X[1:], Y[1:, 1].astype(int))

    def test_of_sparse_rows_and_of_frames(self):
        est, X = fitted("sparse")
        y = reals(X.toarray())[:, 0]
        y[::2] = np.nan
        view = est.for_objective(0)
        assert view.score(X, y) == view.score(X[1::2], y[1::2])
        pytest.importorskip("pandas", reason="data frames")
        est, X = fitted("frame")
        y = mix(X.to_numpy()[:, :5].astype(float))[:, 0]
        y[::2] = np.nan
        view = est.for_objective("click")
        assert view.score(X, y) == view.score(X[1::2], y[1::2])

    @pytest.mark.parametrize("combine", ["scores", "gradients"])
    def test_of_a_ranker_is_ndcg(self, combine):
        name = "ranker" if combine == "scores" else "ranker, one score"
        est, X = fitted(name)
        _, Y, qid = make_multi_ranking(25, mean_size=8, random_state=0)
        for k in range(2):
            view = est.for_objective(k)
            truncation = est.objectives_[k].truncation
            expected = ndcg_score(Y[:, k], view.predict(X), group_ids=qid, k=truncation)
            assert_allclose(view.score(X, Y[:, k], qid=qid), expected, atol=0.02)
            if combine == "scores":
                alone = np.eye(2)[k]
                whole = est.score_objectives(X, Y, qid=qid, preference=alone)[k]
                assert_allclose(view.score(X, Y[:, k], qid=qid), whole, rtol=1e-6)

    def test_of_a_ranker_needs_the_queries(self):
        est, X = fitted("ranker")
        with pytest.raises(ValueError, match="Pass one of 'group'"):
            est.for_objective(0).score(X, np.zeros(len(X)))

    @pytest.mark.parametrize("name", ["shared trees", "labels"])
    def test_wants_one_target(self, name):
        est, X = fitted(name)
        with pytest.raises(ValueError, match="y must hold the target 'target0' alone"):
            est.for_objective(0).score(X, np.zeros((len(X), 2)))
        with pytest.raises(ValueError, match="no observed value"):
            est.for_objective(0).score(X, np.full(len(X), np.nan))


class TestTools:
    """Of scikit-learn."""

    def test_permutation_importance(self):
        est, X = fitted("mixed")
        Y = mix(X)
        for k, driver in enumerate([0, 1, 0, 2]):
            found = permutation_importance(
                est.for_objective(k), X, Y[:, k], n_repeats=2, random_state=0
            )
            assert found.importances_mean.argmax() == driver

    def test_permutation_importance_of_a_label(self):
        est, X = fitted("ranker")
        _, Y, qid = make_multi_ranking(25, mean_size=8, random_state=0)

        def ndcg(view, rows, grades):
            return view.score(rows, grades, qid=qid)

        found = permutation_importance(
            est.for_objective(1), X, Y[:, 1], scoring=ndcg, n_repeats=1, random_state=0
        )
        assert found.importances_mean.max() > 0.01

    @each
    def test_partial_dependence(self, name):
        """The mean prediction with the feature set to a value, by hand."""
        est, X = fitted(name)
        if name == "sparse":
            pytest.skip("scikit-learn varies dense features")
        rows = X[:40]
        view = est.for_objective(0)
        feature = "a" if name == "frame" else 0
        found = partial_dependence(
            view, rows, [feature], grid_resolution=4, method="brute", kind="average"
        )
        values = found["grid_values"][0]
        average = found["average"]
        for j, value in enumerate(values):
            changed = rows.copy()
            if name == "frame":
                changed["a"] = value
            else:
                changed[:, 0] = value
            output = view._output(changed)
            if output.ndim == 2 and output.shape[1] == 2:
                output = output[:, 1:]
            expected = output.mean(axis=0)
            assert_allclose(average[:, j], np.atleast_1d(expected), rtol=1e-6)

    def test_partial_dependence_of_several_targets_directly(self):
        est, X = fitted("shared trees")
        found = partial_dependence(est, X, [0], grid_resolution=4)["average"]
        for k in range(3):
            one = partial_dependence(est.for_objective(k), X, [0], grid_resolution=4)
            assert_allclose(found[k], one["average"][0])

    def test_calibration_on_held_out_rows(self):
        """Steps too long for noisy labels make probabilities too sure."""
        X, rng = features(600), np.random.default_rng(0)
        Y = np.column_stack([X[:, 0] + 2 * rng.normal(size=600) > 0, X[:, 1]])
        est = MultiObjectiveEstimator(
            ["binary", "squared_error"], **{**FAST, "learning_rate": 1.0}
        ).fit(X[:200], Y[:200])
        view = est.for_objective(0)
        held, test = slice(200, 400), slice(400, 600)
        calibrated = CalibratedClassifierCV(FrozenEstimator(view))
        calibrated.fit(X[held], Y[held, 0].astype(int))
        y = Y[test, 0]
        before = brier_score_loss(y, view.predict_proba(X[test])[:, 1])
        after = brier_score_loss(y, calibrated.predict_proba(X[test])[:, 1])
        assert after < before

    def test_calibration_of_a_stage_and_of_classes(self):
        for name, k, y in (
            ("funnel", 1, np.arange(400) % 2),
            ("labels", 1, np.array(["x", "y", "z"])[np.arange(240) % 3]),
        ):
            est, X = fitted(name)
            frozen = FrozenEstimator(est.for_objective(k))
            probability = CalibratedClassifierCV(frozen).fit(X, y).predict_proba(X)
            assert_allclose(probability.sum(axis=1), 1)

    def test_calibration_by_folds_of_one_column(self):
        X = features()
        y = mix(X)[:, 0].astype(int)
        calibrated = CalibratedClassifierCV(MultiObjectiveClassifier(**FAST), cv=3)
        probability = calibrated.fit(X, y).predict_proba(X)
        assert probability.shape == (240, 2)
        assert accuracy_score(y, calibrated.predict(X)) > 0.8


class TestDisplays:
    @pytest.fixture(autouse=True)
    def _axes(self):
        figure = pytest.importorskip("matplotlib.figure", reason="plots")
        self.ax = figure.Figure().subplots()

    def test_partial_dependence(self):
        est, X = fitted("mixed")
        display = PartialDependenceDisplay.from_estimator(
            est.for_objective(0), X, [0], grid_resolution=4, ax=self.ax
        )
        assert display.lines_.shape == (1, 1)

    @pytest.mark.parametrize("target", [0, 2])
    def test_partial_dependence_of_several_targets_directly(self, target):
        est, X = fitted("shared trees")
        PartialDependenceDisplay.from_estimator(
            est, X, [0], target=target, grid_resolution=4, ax=self.ax
        )

    def test_of_probabilities(self):
        est, X = fitted("funnel")
        y = est.for_objective(0).predict(X)
        y[:5] = 1 - y[:5]
        for display in (RocCurveDisplay, CalibrationDisplay):
            drawn = display.from_estimator(est.for_objective(0), X, y, ax=self.ax)
            assert drawn.ax_ is self.ax

    def test_of_errors(self):
        est, X = fitted("heads that blend")
        drawn = PredictionErrorDisplay.from_estimator(
            est.for_objective(1), X, reals(X)[:, 1], ax=self.ax
        )
        assert drawn.ax_ is self.ax
