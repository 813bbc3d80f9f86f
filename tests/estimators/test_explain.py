"""Contributions and importances."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError

from skmo import MultiObjectiveRegressor

from .explained import (
    FAST,
    NAMES,
    comparable,
    features,
    fitted,
    reals,
    regressor,
    user_scores,
)

each = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(autouse=True)
def _optional(request):
    if "frame" in request.node.name:
        pytest.importorskip("pandas", reason="data frames")


class TestContributions:
    @each
    def test_add_up_to_the_scores(self, name):
        est, X = fitted(name)
        contrib = est.predict_contrib(X)
        scores = user_scores(est, X)
        assert contrib.shape == (*scores.shape, est.n_features_in_ + 1)
        assert contrib.dtype == np.float64
        scale = np.abs(scores).max()
        assert_allclose(
            comparable(est, contrib.sum(axis=2)), scores, atol=1e-6 * max(scale, 1)
        )

    @each
    def test_start_from_the_expected_score(self, name):
        """The same for all rows; 0 for a feature no tree splits on."""
        est, X = fitted(name)
        contrib = est.predict_contrib(X)
        assert np.ptp(contrib[:, :, -1], axis=0).max() == 0
        unused = est.importances("split").sum(axis=0) == 0
        assert_array_equal(contrib[:, :, :-1][:, :, unused], 0)

    @each
    def test_views_have_those_of_their_objective(self, name):
        est, X = fitted(name)
        contrib = est.predict_contrib(X)
        for k, part in enumerate(est._result.coder.scores):
            own = est.for_objective(k).predict_contrib(X)
            expected = contrib[:, part]
            if expected.shape[1] == 1:
                expected = expected[:, 0]
            assert_allclose(own, expected, atol=1e-12)

    def test_equal_lightgbms_for_one_target(self):
        """The very trees, so the very contributions."""
        X, y = features(), reals(features())[:, 0]
        est = MultiObjectiveRegressor(**FAST).fit(X, y)
        booster = lightgbm_model(X, y)
        assert_allclose(
            est.predict_contrib(X)[:, 0],
            booster.predict(X, pred_contrib=True),
            atol=1e-6,
        )

    def test_of_a_stump_by_hand(self):
        """One split of 30 and 10 rows; a row of the mean 0 joins their 2 and -6."""
        X = np.repeat([0.0, 1.0], [30, 10])[:, np.newaxis]
        y = np.where(X[:, 0] > 0, -6.0, 2.0)
        Y = np.column_stack([y, y + 5])
        est = MultiObjectiveRegressor(
            **{**FAST, "n_estimators": 1}, learning_rate=1.0, heads="none"
        ).fit(X, Y)
        left, right = 2 * 30 / 31, -6 * 10 / 11
        mean = (30 * left + 10 * right) / 40
        expected = [
            [[left - mean, mean], [left - mean, mean + 5]],
            [[right - mean, mean], [right - mean, mean + 5]],
        ]
        assert_allclose(est.predict_contrib([[0.0], [1.0]]), expected, atol=1e-5)

    def test_blocks_of_sparse_rows(self, monkeypatch):
        est, X = fitted("sparse")
        whole = est.predict_contrib(X)
        assert_allclose(est.predict_contrib(X.toarray()), whole, atol=1e-12)
        monkeypatch.setattr("skmo.boosting._contrib._DENSE_CELLS", 37)
        assert_array_equal(est.predict_contrib(X), whole)

    def test_rankers_mix_by_their_preference(self):
        """Contributions are linear: those of a mix are the mix of those."""
        est, X = fitted("ranker")
        mix = np.array([3.0, 1.0]) / 4
        total = np.einsum("nkf,k->n", est.predict_contrib(X), mix)
        assert_allclose(total, est.predict(X, preference=[3, 1]), atol=1e-6)

    def test_need_a_fit(self):
        with pytest.raises(NotFittedError):
            MultiObjectiveRegressor().predict_contrib([[1.0]])

    def test_check_the_features(self):
        est, _ = fitted("shared trees")
        with pytest.raises(ValueError, match="X has 1 features"):
            est.predict_contrib([[1.0]])


class TestImportances:
    @each
    def test_shares_of_gain_are_the_attribute(self, name):
        est, _ = fitted(name)
        gains = est.importances()
        shares = gains / np.maximum(gains.sum(axis=1, keepdims=True), 1e-300)
        assert_allclose(shares, est.objective_importances_, atol=1e-12)

    @each
    def test_splits_are_those_of_the_trees_predicted_with(self, name):
        """Counted in the dump, column by column."""
        pytest.importorskip("pandas", reason="to_dataframe")
        est, _ = fitted(name)
        frame = est.to_dataframe()
        names = getattr(est, "feature_names_in_", None)
        if names is None:
            names = [f"Column_{j}" for j in range(est.n_features_in_)]
        values = [column for column in frame if column.startswith("value_")]
        expected = np.zeros((est.n_objectives_, len(names)), dtype=int)
        for k, part in enumerate(est._result.coder.scores):
            used = frame[values[part]].notna().any(axis=1)
            counts = frame.loc[used, "split_feature"].value_counts()
            expected[k] = [counts.get(feature, 0) for feature in names]
        counts = est.importances("split")
        assert counts.dtype.kind == "i"
        assert_array_equal(counts, expected)

    @pytest.mark.parametrize("kind", ["gain", "split"])
    @each
    def test_shared_and_own_make_up_all(self, name, kind):
        est, _ = fitted(name)
        total = est.importances(kind)
        shared = est.importances(kind, trees="shared")
        own = est.importances(kind, trees="own")
        for k, head in enumerate(est.heads_):
            if head == "none":
                assert_array_equal(own[k], 0)
            if head != "blend" or kind == "split":
                assert_allclose(total[k], shared[k] + own[k])
            else:
                share = est.head_shares_[k]
                assert_allclose(
                    total[k].sum(),
                    (1 - share) * shared[k].sum() + share * own[k].sum(),
                )

    @pytest.mark.parametrize("kind", ["gain", "split"])
    def test_of_one_target_are_lightgbms(self, kind):
        X, y = features(), reals(features())[:, 0]
        est = MultiObjectiveRegressor(**FAST).fit(X, y)
        expected = lightgbm_model(X, y).feature_importance(kind)
        assert_allclose(est.importances(kind)[0], expected, rtol=1e-4)
        assert_allclose(est.structure_importances(kind), expected, rtol=1e-4)

    def test_of_own_trees_are_lightgbms(self):
        est, _ = fitted("heads that boost")
        heads = est._result.heads
        assert any(head is not None for head in heads)
        for k, head in enumerate(heads):
            if head is not None:
                for kind in ("gain", "split"):
                    expected = head.trees._booster.feature_importance(
                        kind, iteration=head.n_iter
                    )
                    own = est.importances(kind, trees="own")[k]
                    assert_allclose(own, expected)

    def test_trees_apart_are_each_objectives_own(self):
        est, _ = fitted("trees apart")
        counts = est.importances("split")
        assert counts.sum() == est.structure_importances("split").sum()
        assert_allclose(
            est.structure_importances("gain").sum(), est.importances().sum(), rtol=1e-3
        )

    def test_structure_counts_a_shared_split_once(self):
        est, _ = fitted("shared trees")
        assert_array_equal(
            est.importances("split"), [est.structure_importances("split")] * 3
        )

    def test_stop_where_the_objective_does(self):
        est, X = fitted("stopped early")
        assert len(set(est.n_iter_)) > 1
        assert est.n_iter_.max() < est.apply(X).shape[1]
        totals = est.importances("split", trees="shared").sum(axis=1)
        last = np.array(
            [
                0 if s == 1 else n
                for s, n in zip(est.head_shares_, est.n_iter_, strict=True)
            ]
        )
        assert (np.diff(totals[np.argsort(last)]) >= 0).all()
        assert est.structure_importances("split").sum() == 5 * est.n_iter_.max()

    def test_without_a_tree_are_zero(self):
        est, _ = regressor(min_child_samples=200)
        for kind in ("gain", "split"):
            for trees in ("all", "shared", "own"):
                assert_array_equal(est.importances(kind, trees=trees), np.zeros((3, 5)))
            assert_array_equal(est.structure_importances(kind), np.zeros(5))
        contrib = est.predict_contrib(features(3))
        assert_array_equal(contrib[:, :, :-1], 0)

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (
                lambda e: e.importances("gini"),
                "'kind' parameter must be 'gain' or 'spl",
            ),
            (
                lambda e: e.importances(trees="mine"),
                "'trees' parameter must be 'all' or",
            ),
            (lambda e: e.importances(None), "Got None instead"),
            (lambda e: e.structure_importances("cover"), "'kind' parameter"),
        ],
    )
    def test_say_what_can_be_asked_for(self, call, message):
        with pytest.raises(ValueError, match=message):
            call(fitted("shared trees")[0])

    @pytest.mark.parametrize("method", ["importances", "structure_importances"])
    def test_need_a_fit(self, method):
        with pytest.raises(NotFittedError):
            getattr(MultiObjectiveRegressor(), method)()


def lightgbm_model(X, y):
    params = {
        "num_leaves": FAST["num_leaves"],
        "min_data_in_leaf": FAST["min_child_samples"],
        "verbosity": -1,
        "num_threads": 1,
        "deterministic": True,
        "force_col_wise": True,
    }
    return lgb.train(params, lgb.Dataset(X, y), FAST["n_estimators"])
