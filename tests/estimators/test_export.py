"""Estimators as models that stock LightGBM reads."""

from __future__ import annotations

import json

import lightgbm as lgb
import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, softmax
from sklearn.exceptions import NotFittedError

from skmo import (
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRegressor,
)
from skmo.datasets import make_funnel
from skmo.exceptions import ConstantTargetWarning, NoTreesWarning
from skmo.objectives import Poisson, SquaredError
from tests.estimators.ranking import queries, ranker

FEW = {"n_estimators": 8, "num_leaves": 7, "random_state": 0, "n_jobs": 1}
QUICK = {"heads": "none", **FEW}


def features(n: int = 400) -> np.ndarray:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 5))
    X[rng.random(X.shape) < 0.1] = np.nan
    return X


def factors(X: np.ndarray, n_targets: int = 4) -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.nan_to_num(X) @ rng.normal(size=(5, n_targets)) + rng.normal(
        size=(len(X), n_targets)
    )


X = features()
F = factors(X)
POSITIVE = np.exp(F / 3)
LABELS = (F > 0).astype(int)
CLASSES = np.digitize(F, [-1, 1])
MIXED = np.column_stack([LABELS[:, 0], CLASSES[:, 1], POSITIVE[:, 2], 50 + 9 * F[:, 3]])
UNITS = F * [1, 10, 100, 1000] + [0, 5, 1000, -1e4]


def regressor(objective="squared_error", **params):
    return MultiObjectiveRegressor(objective, **{**QUICK, **params})


def classifier(**params):
    return MultiObjectiveClassifier(**{**QUICK, **params})


def mixture(objectives, **params):
    return MultiObjectiveEstimator(objectives, **{**QUICK, **params})


MIX = ["binary", "multiclass", "poisson", "squared_error"]
LOCATIONS = ["squared_error", "quantile", "huber", "absolute_error"]
# The estimator, its targets, and whether LightGBM's own predict gives predictions
# (False: raw scores, where links of several objectives are not all the identity).
CASES = {
    "real": (regressor(heads="auto"), UNITS, True),
    "separate trees": (
        regressor(LOCATIONS, structure="apart", heads="auto"),
        UNITS,
        True,
    ),
    "drawn objective": (regressor(structure="objective", subsample=0.7), UNITS, True),
    "no heads": (regressor(), UNITS, True),
    "blend": (regressor(heads="blend"), UNITS, True),
    "boost": (regressor(heads="boost"), UNITS, True),
    "one real": (regressor(), UNITS[:, 3], True),
    "one quantile": (regressor("quantile"), UNITS[:, 3], True),
    "one poisson": (regressor("poisson"), POSITIVE[:, 0], True),
    "one gamma": (regressor("gamma"), POSITIVE[:, 0], True),
    "one tweedie": (regressor("tweedie"), POSITIVE[:, 0], True),
    "means": (regressor("poisson", heads="boost"), POSITIVE, False),
    "one label": (classifier(), LABELS[:, 0], True),
    "labels": (classifier(heads="blend"), LABELS, True),
    "classes": (classifier(heads="boost"), CLASSES[:, 0], True),
    "columns of classes": (classifier(heads="auto"), CLASSES[:, :2], False),
    "odds": (mixture(["binary", "cross_entropy"]), LABELS[:, :2], True),
    "one chance": (mixture(["cross_entropy"]), expit(F[:, :1]), True),
    "mix": (mixture(MIX), MIXED, False),
    "mix of heads": (mixture(MIX, heads="boost"), MIXED, False),
    "one score": (
        mixture(["squared_error", "quantile"], shared_score=True),
        UNITS[:, 2:],
        True,
    ),
    "one chance for all": (
        mixture(["binary", "cross_entropy"], shared_score=True),
        LABELS[:, :2],
        True,
    ),
}
each_case = pytest.mark.parametrize("case", CASES)


@pytest.fixture(scope="module")
def fitted():
    """The fitted estimator of a case, fitted once."""
    known = {}

    def fit(case: str):
        if case not in known:
            est, y, _ = CASES[case]
            known[case] = est.fit(X, y)
        return known[case]

    return fit


def predictions(raw: np.ndarray, outputs: list[dict]) -> list[np.ndarray]:
    """What the user guide tells to do with raw scores, without skmo."""
    raw = raw.reshape(len(raw), -1)
    links = {
        "identity": lambda score: score[:, 0],
        "exp": lambda score: np.exp(score[:, 0]),
        "sigmoid": lambda score: expit(score[:, 0]),
        "softmax": lambda score: softmax(score, axis=1),
        "sigmoid_product": lambda score: expit(score).prod(axis=1),
    }
    return [links[o["link"]](raw[:, o["columns"]]) for o in outputs]


def known_predictions(est, X) -> list[np.ndarray]:
    """One array per objective from skmo's own methods."""
    if isinstance(est, MultiObjectiveClassifier):
        found = est.predict_proba(X)
        found = found if isinstance(found, list) else [found]
        return [p[:, 1] if p.shape[1] == 2 else p for p in found]
    values = est.predict(X).reshape(len(X), -1)
    if getattr(est, "shared_score", False):
        return [values[:, 0]] * est.n_objectives_
    found = list(values.T)
    for k, objective in enumerate(est.objectives_):
        if objective.multi_score:
            found[k] = est.predict_proba(X)[k]
    return found


def assert_equal(found: list[np.ndarray], expected: list[np.ndarray]) -> None:
    """Far closer than the 1e-6 of a target's spread that is promised."""
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert_allclose(one, other, rtol=1e-12, atol=1e-12 * other.std())


class TestPredictions:
    @each_case
    def test_of_lightgbm_are_those_of_skmo(self, case, fitted):
        est, transformed = fitted(case), CASES[case][2]
        booster = est.to_lightgbm()
        raw = booster.predict(X, raw_score=True)
        expected = known_predictions(est, X)
        assert_equal(predictions(raw, est.lightgbm_outputs()), expected)
        found = booster.predict(X)
        if not transformed:
            assert_array_equal(found, raw)
            return
        if getattr(est, "shared_score", False):
            expected = expected[:1]
        assert_equal([found.reshape(len(X), -1)], [np.column_stack(expected)])

    def test_of_a_funnel(self):
        X, Y = make_funnel(600, rates=(0.6, 0.7), random_state=0)
        est = EntireSpaceClassifier(**QUICK).fit(X, Y)
        booster, outputs = est.to_lightgbm(), est.lightgbm_outputs()
        assert_allclose(booster.predict(X), est.predict_conditional_proba(X), 1e-12)
        raw = booster.predict(X, raw_score=True)
        assert_equal(predictions(raw, outputs), list(est.predict_proba(X).T))
        assert [output["columns"] for output in outputs] == [[0], [0, 1]]
        reached = np.cumprod(booster.predict(X), axis=1)
        assert_allclose(reached, est.predict_proba(X), 1e-12)

    def test_after_each_iteration(self, fitted):
        est = fitted("no heads")
        booster = est.to_lightgbm()
        for t, expected in enumerate(est.staged_predict(X), 1):
            found = booster.predict(X, num_iteration=t)
            assert_allclose(found, expected, rtol=1e-9, atol=1e-9)

    def test_after_a_warm_start(self):
        est = regressor(warm_start=True).fit(X, UNITS)
        est.set_params(n_estimators=12).fit(X, UNITS)
        booster = est.to_lightgbm()
        assert booster.num_trees() == 12 * 4
        assert_allclose(booster.predict(X), est.predict(X), rtol=1e-12, atol=1e-9)

    def test_of_many_trees_on_far_off_targets(self):
        Y = F + np.array([0, 1e3, -1e5, 1e6])
        est = regressor(n_estimators=100).fit(X, Y)
        error = np.abs(est.to_lightgbm().predict(X) - est.predict(X)) / F.std(axis=0)
        assert error.max() < 1e-6

    def test_of_sparse_rows(self):
        dense = np.where(np.abs(np.nan_to_num(X)) < 0.5, 0.0, np.nan_to_num(X))
        rows = sp.csr_matrix(dense)
        est = regressor().fit(rows, UNITS)
        found = est.to_lightgbm().predict(rows)
        assert_allclose(found, est.predict(rows), rtol=1e-12, atol=1e-9)

    def test_of_300_objectives(self):
        Y = factors(X, 300)
        est = regressor(n_estimators=3).fit(X, Y)
        booster = est.to_lightgbm()
        assert booster.num_trees() == 900
        assert_allclose(booster.predict(X), est.predict(X), rtol=1e-12, atol=1e-12)

    def test_of_missing_targets(self):
        Y = UNITS.copy()
        Y[::2, 0] = np.nan
        Y[1::3, 2] = np.nan
        est = regressor(heads="boost").fit(X, Y)
        found = est.to_lightgbm().predict(X)
        assert_allclose(found, est.predict(X), rtol=1e-12, atol=1e-9)

    def test_of_a_loss_that_lightgbm_does_not_have(self):
        class Own(SquaredError):
            pass

        est = regressor([Own(), Own()], heads="blend").fit(X, UNITS[:, :2])
        found = est.to_lightgbm().predict(X)
        assert_allclose(found, est.predict(X), rtol=1e-6, atol=1e-6)
        assert [o["objective"] for o in est.lightgbm_outputs()] == ["Own", "Own"]

    def test_of_a_link_that_lightgbm_does_not_have(self):
        class Squared(Poisson):
            def inverse_link(self, score):
                return score**2

        est = regressor(Squared()).fit(X, POSITIVE[:, 0])
        raw = est.to_lightgbm().predict(X)
        assert_allclose(raw**2, est.predict(X), rtol=1e-12)
        assert est.lightgbm_outputs()[0]["link"] == "custom"


class TestWithoutTrees:
    def test_at_all(self):
        est = regressor(min_child_samples=10**6)
        with pytest.warns(NoTreesWarning):
            est.set_params(min_child_samples=20, min_split_gain=1e9).fit(X, UNITS)
        booster = est.to_lightgbm()
        assert booster.num_trees() == 4
        assert_allclose(booster.predict(X), est.predict(X), rtol=1e-15)
        base = booster.predict(X[:3], pred_contrib=True).reshape(3, 4, -1)
        assert_allclose(base[:, :, -1], est.predict(X[:3]), rtol=1e-15)
        assert not base[:, :, :-1].any()

    def test_of_a_constant_target(self):
        Y = UNITS.copy()
        Y[:, 1] = 3.5
        est = regressor(heads="none").fit(X, Y)
        found = est.to_lightgbm().predict(X)
        assert_array_equal(found[:, 1], 3.5)
        assert_allclose(found, est.predict(X), rtol=1e-12, atol=1e-9)

    def test_of_a_single_class(self):
        Y = LABELS.copy()
        Y[:, 1] = 1
        with pytest.warns(ConstantTargetWarning):
            est = classifier().fit(X, Y)
        assert est.lightgbm_outputs()[1]["classes"] == [1]
        found = est.to_lightgbm().predict(X)
        assert_allclose(found[:, 0], est.predict_proba(X)[0][:, 1], rtol=1e-12)

    def test_of_an_objective_that_stops_first(self):
        rng = np.random.default_rng(2)
        Y = np.column_stack([UNITS[:, 0], rng.normal(size=len(X))])
        est = regressor(n_estimators=60, n_iter_no_change=5, tol=0.0)
        est.fit(X[:200], Y[:200], X_val=X[200:], y_val=Y[200:])
        assert est.n_iter_[1] < est.n_iter_[0]
        booster = est.to_lightgbm()
        assert booster.num_trees() == 2 * est.n_iter_[0]
        leaves = [t["num_leaves"] for t in booster.dump_model()["tree_info"]]
        assert np.sum(np.array(leaves[1::2]) > 1) == est.n_iter_[1]
        assert_allclose(booster.predict(X), est.predict(X), rtol=1e-12, atol=1e-12)


class TestTrees:
    def test_a_tree_for_each_score_and_iteration(self, fitted):
        est = fitted("separate trees")
        booster = est.to_lightgbm()
        n_shared = est.apply(X).shape[1]
        n_own = max(est.head_n_iter_)
        assert n_shared == 8 * 4
        assert booster.num_model_per_iteration() == 4
        assert booster.num_trees() == 4 * (8 + n_own)

    @pytest.mark.parametrize(
        "case", ["real", "boost", "mix of heads", "drawn objective"]
    )
    def test_contributions_add_up(self, case, fitted):
        est = fitted(case)
        booster = est.to_lightgbm()
        raw = booster.predict(X, raw_score=True)
        parts = booster.predict(X, pred_contrib=True)
        parts = parts.reshape(len(X), raw.shape[1], X.shape[1] + 1)
        assert_allclose(parts.sum(axis=2), raw, rtol=1e-9, atol=1e-9)
        if case != "drawn objective":  # trained on all rows: the base is their mean
            assert_allclose(parts[0, :, -1], raw.mean(axis=0), rtol=1e-9, atol=1e-9)

    def test_counts_and_means_are_those_of_the_rows(self, fitted):
        est = fitted("no heads")
        leaves = est.apply(X)
        info = est.to_lightgbm().dump_model()["tree_info"]
        for t, leaf in enumerate(leaves.T):
            for tree in info[4 * t : 4 * t + 4]:
                root = tree["tree_structure"]
                assert root["internal_count"] == len(X)
                found = self.walk(root)
                counts = {index: count for index, count, _ in found}
                assert counts == dict(enumerate(np.bincount(leaf).tolist()))
                mean = sum(count * value for _, count, value in found) / len(X)
                assert_allclose(root["internal_value"], mean, rtol=1e-5, atol=1e-5)

    def walk(self, node):
        if "leaf_index" in node:
            return [(node["leaf_index"], node["leaf_count"], node["leaf_value"])]
        return self.walk(node["left_child"]) + self.walk(node["right_child"])

    @pytest.mark.parametrize("case", ["real", "mix", "labels", "one tweedie"])
    def test_come_back_from_a_file(self, case, fitted, tmp_path):
        booster = fitted(case).to_lightgbm()
        booster.save_model(tmp_path / "model.txt")
        read = lgb.Booster(model_file=tmp_path / "model.txt")
        assert_array_equal(read.predict(X), booster.predict(X))
        again = lgb.Booster(model_str=read.model_to_string())
        assert_array_equal(again.predict(X), booster.predict(X))
        assert len(read.trees_to_dataframe()) == len(booster.trees_to_dataframe())

    def test_say_nothing(self, fitted, capfd):
        fitted("mix").to_lightgbm().predict(X)
        assert capfd.readouterr() == ("", "")


class TestOutputs:
    @each_case
    def test_are_json_of_all_objectives(self, case, fitted):
        est = fitted(case)
        outputs = est.lightgbm_outputs()
        assert json.loads(json.dumps(outputs)) == outputs
        assert [output["name"] for output in outputs] == est.objective_names_

    def test_of_a_mix(self, fitted):
        label, classes, count, real = fitted("mix").lightgbm_outputs()
        assert label == {
            "name": "target0",
            "objective": "binary",
            "link": "sigmoid",
            "columns": [0],
            "classes": [0, 1],
        }
        assert classes["link"] == "softmax"
        assert classes["columns"] == [1, 2, 3]
        assert classes["classes"] == [0.0, 1.0, 2.0]
        assert (count["link"], count["columns"]) == ("exp", [4])
        assert (real["link"], real["columns"], real["classes"]) == (
            "identity",
            [5],
            None,
        )

    def test_of_a_ranker(self):
        rows, Y, qid = queries()
        outputs = ranker(combine="scores").fit(rows, Y, qid=qid).lightgbm_outputs()
        assert [output["columns"] for output in outputs] == [[0]] * Y.shape[1]

    @pytest.mark.parametrize("method", ["to_lightgbm", "lightgbm_outputs"])
    def test_need_a_fit(self, method):
        with pytest.raises(NotFittedError):
            getattr(regressor(), method)()


class TestFeatures:
    def frame(self, n: int = 300):
        pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
        rng = np.random.default_rng(3)
        frame = pd.DataFrame(
            {
                "size": rng.normal(size=n),
                "kind": rng.choice(["b", "a", "d", "c", None], n),
                "code": rng.choice([30, 7, 11, 2], n),
            }
        )
        frame["kind"] = frame["kind"].astype("category")
        frame["code"] = frame["code"].astype("category")
        shift = frame["kind"].isin(["b", "d"]).to_numpy() * 3.0
        shift = shift + frame["code"].isin([7, 30]).to_numpy()
        Y = shift[:, None] * [1, -1] + rng.normal(size=(n, 2)) / 5
        return frame, Y

    def test_a_frame_with_categories(self):
        frame, Y = self.frame()
        pd = pytest.importorskip("pandas")
        est = regressor(lightgbm_params={"min_data_per_group": 5, "cat_smooth": 1})
        booster = est.fit(frame, Y).to_lightgbm()
        assert booster.pandas_categorical == [["a", "b", "c", "d"], [2, 7, 11, 30]]
        assert_allclose(booster.predict(frame), est.predict(frame), rtol=1e-12)
        # Some unseen, some missing, and in another order.
        other = pd.DataFrame(
            {
                "size": [0.0, 1.0, 2.0, np.nan],
                "kind": pd.Categorical(["d", "x", None, "b"], ["x", "d", "b"]),
                "code": pd.Categorical([5, 7, 30, None], [30, 5, 7]),
            }
        )
        assert_allclose(booster.predict(other), est.predict(other), rtol=1e-12)
        read = lgb.Booster(model_str=booster.model_to_string())
        assert_allclose(read.predict(other), est.predict(other), rtol=1e-12)
        # Anything but a frame has the positions.
        kinds, codes = booster.pandas_categorical
        array = np.column_stack(
            [
                frame["size"],
                [
                    np.nan if k != k or k is None else kinds.index(k)
                    for k in frame["kind"]
                ],
                [codes.index(c) for c in frame["code"]],
            ]
        )
        assert_allclose(booster.predict(array), est.predict(frame), rtol=1e-12)

    def test_an_array_with_categories_keeps_their_numbers(self):
        rng = np.random.default_rng(4)
        rows = np.column_stack(
            [rng.choice([3, 40, 7, 1000, 0, np.nan], 300), rng.normal(size=300)]
        )
        Y = np.isin(rows[:, :1], [40, 1000]) * [2.0, -1.0] + rng.normal(size=(300, 2))
        params = {"min_data_per_group": 5, "cat_smooth": 1}
        est = regressor(categorical_features=[0], lightgbm_params=params).fit(rows, Y)
        rows[:40, 0] = 41  # unseen
        booster = est.to_lightgbm()
        assert booster.pandas_categorical is None
        info = booster.dump_model()["feature_infos"]["Column_0"]
        assert info["values"] == [0, 3, 7, 40, 1000]
        assert_allclose(booster.predict(rows), est.predict(rows), rtol=1e-12)

    @pytest.mark.parametrize("category", [-1, 0.5, 65536])
    def test_a_category_lightgbm_cannot_hold_is_refused(self, category):
        rows = X.copy()
        rows[:, 1] = np.where(np.nan_to_num(X[:, 1]) > 0, category, 2)
        est = regressor(categorical_features=[1]).fit(rows, UNITS)
        with pytest.raises(ValueError, match=rf"Feature 1 has the category {category}"):
            est.to_lightgbm()

    def test_names_without_what_lightgbm_forbids(self):
        pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
        names = ["a b", "a_b", 'x:[{"1"}]', "größe", ","]
        frame = pd.DataFrame(np.nan_to_num(X), columns=names)
        est = regressor().fit(frame, UNITS)
        booster = est.to_lightgbm()
        assert booster.feature_name() == ["a_b", "a_b_1", "x_1_", "größe", "_"]
        assert_allclose(booster.predict(frame), est.predict(frame), rtol=1e-9)
        read = lgb.Booster(model_str=booster.model_to_string())
        assert read.feature_name() == booster.feature_name()
        assert_array_equal(read.predict(frame), booster.predict(frame))

    def test_a_polars_frame(self):
        pl = pytest.importorskip("polars", reason="needs polars")
        frame, Y = self.frame()
        other = pl.DataFrame(
            {
                "size": frame["size"].to_numpy(),
                "kind": pl.Series(
                    frame["kind"]
                    .astype(object)
                    .where(frame["kind"].notna(), None)
                    .tolist()
                ).cast(pl.Categorical),
            }
        )
        est = regressor().fit(other, Y)
        found = est.to_lightgbm().predict(frame[["size", "kind"]])
        assert_allclose(found, est.predict(other), rtol=1e-12)
