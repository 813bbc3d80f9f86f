"""Estimators as ONNX models, run by onnxruntime."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

from skmo import (
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRanker,
    MultiObjectiveRegressor,
    MultiQuantileRegressor,
)
from skmo.datasets import make_funnel
from skmo.exceptions import ConstantTargetWarning, NoTreesWarning
from skmo.objectives import Poisson
from skmo.onnx import register_converters, to_onnx

onnx = pytest.importorskip("onnx", reason="needs the extra 'onnx'")
skl2onnx = pytest.importorskip("skl2onnx", reason="needs the extra 'onnx'")
runtime = pytest.importorskip("onnxruntime", reason="needs the extra 'onnx'")

RANKER = {"n_estimators": 5, "num_leaves": 7, "random_state": 0, "n_jobs": 1}
QUICK = {"heads": "none", **RANKER}
each_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


def features(n: int = 300) -> np.ndarray:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 5)).astype(np.float32)
    X[rng.random(X.shape) < 0.1] = np.nan
    return X


X = features()
F = np.nan_to_num(X) @ np.random.default_rng(1).normal(size=(5, 3))
F += np.random.default_rng(2).normal(size=F.shape)
LABELS = (F > 0).astype(int)
CLASSES = np.digitize(F, [-1, 1])
NAMES = np.array(["low", "middle", "high"])


def run(model, X, dtype="float32"):
    session = runtime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"X": X.astype(dtype)})


def assert_near(found, expected):
    """Within float32's rounding of sums over the trees."""
    assert found.shape == expected.shape
    spread = np.abs(expected).max()
    assert_allclose(found, expected, rtol=1e-5, atol=2e-6 * spread)


REGRESSIONS = {
    "real": ({"heads": "auto"}, F * [1, 10, 1000] + [0, 5, -1e3]),
    "apart": ({"structure": "apart"}, F),
    "blend": ({"heads": "blend"}, F),
    "boost": ({"heads": "boost"}, F),
    "one": ({}, F[:, 0]),
    "means": ({"objective": ["poisson", "squared_error", "gamma"]}, np.exp(F / 3)),
    "all means": ({"objective": "poisson"}, np.exp(F / 3)),
    "a mean": ({"objective": "tweedie"}, np.exp(F[:, 0] / 3)),
}


class TestEstimators:
    @each_dtype
    def test_quantiles_in_order(self, dtype):
        est = MultiQuantileRegressor([0.49, 0.5, 0.51], **{**QUICK, "n_estimators": 30})
        est.fit(X, F[:, 0])
        raw = est.to_lightgbm().predict(X)
        assert (np.diff(raw, axis=1) < 0).any()
        (found,) = run(to_onnx(est, dtype=dtype), X, dtype)
        assert_near(found, est.predict(X))

    @each_dtype
    @pytest.mark.parametrize("case", REGRESSIONS)
    def test_regressor(self, case, dtype):
        params, Y = REGRESSIONS[case]
        est = MultiObjectiveRegressor(**QUICK).set_params(**params).fit(X, Y)
        model = to_onnx(est, dtype=dtype)
        onnx.checker.check_model(model, full_check=True)
        (found,) = run(model, X, dtype)
        assert found.dtype == dtype
        assert_near(found, est.predict(X).reshape(len(X), -1))

    @each_dtype
    @pytest.mark.parametrize(
        "y",
        [LABELS, CLASSES, NAMES[CLASSES], LABELS > 0, LABELS + 0.5 > 1],
        ids=["numbers", "classes", "strings", "booleans", "more booleans"],
    )
    def test_classifier(self, y, dtype):
        est = MultiObjectiveClassifier(**QUICK).fit(X, y)
        label, probabilities = run(to_onnx(est, dtype=dtype), X, dtype)
        assert_array_equal(label, est.predict(X))
        expected = est.predict_proba(X)
        assert len(probabilities) == len(expected) == 3
        for one, other in zip(probabilities, expected, strict=True):
            assert_near(one, other)

    @pytest.mark.parametrize(
        "y", [LABELS[:, 0], CLASSES[:, 0], NAMES[CLASSES[:, 0]], LABELS[:, 0] * 2.0]
    )
    def test_classifier_of_one_column(self, y):
        est = MultiObjectiveClassifier(**QUICK).fit(X, y)
        label, probabilities = run(to_onnx(est), X)
        assert_array_equal(label, est.predict(X))
        assert_near(probabilities, est.predict_proba(X))

    def test_classifier_of_labels_of_several_kinds(self):
        y = np.column_stack([LABELS[:, 0], LABELS[:, 1] > 0]).astype(object)
        est = MultiObjectiveClassifier(**QUICK).fit(X, y)
        assert_array_equal(run(to_onnx(est), X)[0], est.predict(X).astype(int))
        y[:, 1] = NAMES[CLASSES[:, 1]]
        est.fit(X, y)
        with pytest.raises(ValueError, match="mix strings and numbers"):
            to_onnx(est)

    def test_classifier_of_a_single_class(self):
        y = CLASSES.copy()
        y[:, 1] = 7
        est = MultiObjectiveClassifier("multiclass", **QUICK)
        with pytest.warns(ConstantTargetWarning):
            est.fit(X, y)
        label, probabilities = run(to_onnx(est), X)
        assert_array_equal(label, est.predict(X))
        assert_array_equal(probabilities[1], np.ones((len(X), 1)))

    @each_dtype
    def test_mix(self, dtype):
        Y = np.column_stack([LABELS[:, 0], CLASSES[:, 1], np.exp(F[:, 2] / 3), F[:, 0]])
        objectives = ["binary", "multiclass", "poisson", "huber"]
        est = MultiObjectiveEstimator(objectives, **QUICK)
        est.set_params(heads="boost").fit(X, Y)
        found, probabilities = run(to_onnx(est, dtype=dtype), X, dtype)
        assert_near(found, est.predict(X))
        expected = [p for p in est.predict_proba(X) if p is not None]
        for one, other in zip(probabilities, expected, strict=True):
            assert_near(one, other)

    def test_one_score_for_all(self):
        params = {"shared_score": True, **QUICK}
        est = MultiObjectiveEstimator(["squared_error", "quantile"], **params)
        est.fit(X, F[:, :2] * 9 + 5)
        (found,) = run(to_onnx(est), X)
        assert_near(found[:, 0], est.predict(X))
        est = MultiObjectiveEstimator(["binary", "cross_entropy"], **params)
        est.fit(X, LABELS[:, :2])
        found, probabilities = run(to_onnx(est), X)
        assert_near(found[:, 0], est.predict(X))
        assert_near(probabilities, est.predict_proba(X))

    @each_dtype
    def test_funnel(self, dtype):
        rows, Y = make_funnel(600, rates=(0.6, 0.7, 0.8), random_state=0)
        rows = rows.astype(np.float32)
        est = EntireSpaceClassifier(**QUICK).fit(rows, Y)
        label, probabilities = run(to_onnx(est, dtype=dtype), rows, dtype)
        assert_array_equal(label, est.predict(rows))
        assert_near(probabilities, est.predict_proba(rows))

    @pytest.mark.parametrize("combine", ["scores", "gradients"])
    def test_ranker(self, combine):
        qid = np.repeat(np.arange(30), 10)
        est = MultiObjectiveRanker(combine=combine, preference=[3, 1], **RANKER)
        est.fit(X, CLASSES[:, :2], qid=qid)
        (found,) = run(to_onnx(est), X)
        assert_near(found[:, 0], est.predict(X))

    def test_subclass_of_a_users_own(self):
        class Own(MultiObjectiveRegressor):
            pass

        est = Own(**QUICK).fit(X, F)
        assert_near(run(to_onnx(est), X)[0], est.predict(X))

    def test_one_column_of_classes_among_numbers(self):
        est = MultiObjectiveEstimator(["multiclass"], **QUICK).fit(X, CLASSES[:, 0])
        found, probabilities = run(to_onnx(est), X)
        assert_array_equal(found[:, 0], est.predict(X))
        assert_near(probabilities, est.predict_proba(X))

    def test_constants(self):
        est = MultiObjectiveRegressor(min_split_gain=1e9, **QUICK)
        with pytest.warns(NoTreesWarning):
            est.fit(X, F + np.arange(3))
        (found,) = run(to_onnx(est), X)
        assert_near(found, est.predict(X))


class TestSplits:
    @each_dtype
    def test_categories(self, dtype):
        rng = np.random.default_rng(3)
        values = [0, 3, -5, 11.5, 20, 21, 22, np.nan]
        rows = X.copy()
        rows[:, 0] = rng.choice(values, len(X))
        Y = F + np.where(np.isin(rows[:, [0]], [0, -5, 22]), 5, 0)
        params = {"min_data_per_group": 5, "cat_smooth": 1, "max_cat_to_onehot": 1}
        est = MultiObjectiveRegressor(
            categorical_features=[0], lightgbm_params=params, **QUICK
        ).fit(rows, Y)
        model = to_onnx(est, dtype=dtype)
        modes = next(
            a for n in model.graph.node for a in n.attribute if a.name == "nodes_modes"
        )
        assert list(modes.strings).count(b"BRANCH_EQ") > 10
        rows[:40, 0] = 99  # unseen
        (found,) = run(model, rows, dtype)
        assert_near(found, est.predict(rows))

    def test_categories_that_float32_confuses(self):
        rows = X.astype(np.float64)
        rows[:, 0] = np.where(np.nan_to_num(X[:, 0]) > 0, 2**24, 2**24 + 1)
        est = MultiObjectiveRegressor(categorical_features=[0], **QUICK).fit(rows, F)
        with pytest.raises(ValueError, match="float32 cannot tell apart"):
            to_onnx(est)
        (found,) = run(to_onnx(est, dtype="float64"), rows, "float64")
        assert_near(found, est.predict(rows))

    def test_categories_of_a_frame_are_their_positions(self):
        pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
        kinds = pd.Categorical(np.where(LABELS[:, 0], "b", "a"))
        frame = pd.DataFrame({"size": np.nan_to_num(X[:, 1]), "kind": kinds})
        est = MultiObjectiveRegressor(**QUICK).fit(frame, F)
        rows = np.column_stack([frame["size"], kinds.codes])
        (found,) = run(to_onnx(est), rows)
        assert_near(found, est.predict(frame))

    @pytest.mark.parametrize("params", [{}, {"zero_as_missing": True}])
    def test_missing_values(self, params):
        """Of features that had some, had none, or take 0 for one."""
        rng = np.random.default_rng(4)
        rows = np.where(rng.random(X.shape) < 0.3, 0, np.nan_to_num(X))
        for train in (X, rows):
            est = MultiObjectiveRegressor(lightgbm_params=params, **QUICK)
            est.fit(train, F)
            model = to_onnx(est)
            for new in (X, rows):
                assert_near(run(model, new)[0], est.predict(new))

    def test_float32_on_the_threshold_goes_the_same_way(self):
        """Neighbours in float32: half of the thresholds between them round up."""
        rng = np.random.default_rng(5)
        start = rng.uniform(0.5, 1, 40).astype(np.float32)
        pairs = np.stack([start, np.nextafter(start, np.float32(2))])
        column = rng.choice(40, 4000), rng.choice(2, 4000)
        rows = pairs[column[1], column[0]][:, None]
        Y = np.column_stack([column[1] * 1.0, -1.0 * column[1]])
        est = MultiObjectiveRegressor(max_bin=200, **QUICK)
        est.set_params(min_child_samples=1, num_leaves=60).fit(rows, Y)
        assert est.score(rows, Y) > 0.3
        (found,) = run(to_onnx(est), rows)
        assert_near(found, est.predict(rows))

    def test_float64_is_exact_where_float32_is_not(self):
        rng = np.random.default_rng(6)
        rows = 1 + 1e-9 * rng.integers(0, 100, size=(300, 1))
        Y = np.column_stack([rows > 1 + 5e-8, rows < 1 + 2e-8]) * 1.0
        est = MultiObjectiveRegressor(**QUICK).fit(rows, Y)
        (found,) = run(to_onnx(est, dtype="float64"), rows, "float64")
        assert_near(found, est.predict(rows))
        (rounded,) = run(to_onnx(est), rows)
        assert np.abs(rounded - est.predict(rows)).max() > 0.1


class TestPipelines:
    @each_dtype
    def test_scaler(self, dtype):
        register_converters()
        pipe = make_pipeline(StandardScaler(), MultiObjectiveClassifier(**QUICK))
        pipe.fit(X, LABELS)
        options = {MultiObjectiveClassifier: {"zipmap": False}}
        model = skl2onnx.to_onnx(pipe, X[:1].astype(dtype), options=options)
        label, probabilities = run(model, X, dtype)
        # The scaler itself is rounded to float32.
        assert np.mean(label == pipe.predict(X)) > 0.99
        found, expected = probabilities[0], pipe.predict_proba(X)[0]
        assert np.mean(np.abs(found - expected) < 1e-5) > 0.99

    def test_search_and_columns(self):
        register_converters()
        columns = ColumnTransformer(
            [("kind", OrdinalEncoder(), [0])], remainder=StandardScaler()
        )
        rows = np.nan_to_num(X)
        rows[:, 0] = np.digitize(rows[:, 0], [-1, 0, 1]) * 10
        est = MultiObjectiveRegressor(categorical_features=[0], **QUICK)
        search = GridSearchCV(
            make_pipeline(columns, est),
            {"multiobjectiveregressor__n_estimators": [2, 3]},
            cv=2,
        ).fit(rows, F)
        model = skl2onnx.to_onnx(search, rows[:1].astype(np.float64))
        (found,) = run(model, rows, "float64")
        assert_near(found, search.predict(rows))

    def test_whole_numbers(self):
        register_converters()
        rows = np.round(np.nan_to_num(X) * 9).astype(np.int64)
        est = MultiObjectiveRegressor(**QUICK).fit(rows, F)
        model = skl2onnx.to_onnx(est, rows[:1])
        (found,) = run(model, rows, np.int64)
        assert_near(found, est.predict(rows))


class TestErrors:
    def test_a_link_of_a_users_own(self):
        class Squared(Poisson):
            def inverse_link(self, score):
                return score**2

        est = MultiObjectiveRegressor(Squared(), **QUICK).fit(X, np.exp(F / 3))
        with pytest.raises(ValueError, match="inverse_link of its own"):
            to_onnx(est)

    def test_not_fitted(self):
        with pytest.raises(NotFittedError):
            to_onnx(MultiObjectiveRegressor())

    def test_of_another_library(self):
        with pytest.raises(TypeError, match="register_converters"):
            to_onnx(StandardScaler())

    def test_dtype(self):
        est = MultiObjectiveRegressor(**QUICK).fit(X, F)
        with pytest.raises(ValueError, match="'dtype' parameter"):
            to_onnx(est, dtype="float16")
