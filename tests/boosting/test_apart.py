"""A tree of its own for each score: separate LightGBM models, side by side."""

from __future__ import annotations

import pickle

import lightgbm as lgb
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit

from skmo import (
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRegressor,
)
from skmo.boosting._bag import Bag, bagging_seed
from skmo.boosting._tree import TreeGrower
from skmo.boosting.structure import STRUCTURE_RULES, ApartTrees, StructureRule
from skmo.datasets import make_funnel
from skmo.exceptions import IneffectiveBalancerWarning

DETERMINISTIC = {"deterministic": True, "force_col_wise": True, "verbosity": -1}
APART = {"structure": "apart", "heads": "none", "n_jobs": 1, "random_state": 0}
# Scores of several objectives are float32.
CLOSE = {"rtol": 1e-5, "atol": 1e-5}
# One bin per value, so that rows that are not observed do not move the bins.
ONE_BIN = {"min_data_in_bin": 1}


@pytest.fixture(scope="module")
def problem():
    """Two real targets that need different rounds and features."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(900, 5))
    Y = np.column_stack([X[:, 0] + np.sin(3 * X[:, 1]), 0.5 * X[:, 2] * X[:, 3]])
    return X, Y + 0.5 * rng.normal(size=Y.shape)


def lightgbm_fit(
    X, y, rounds=15, weight=None, callbacks=None, val=None, categories=(), **params
):
    params = {**DETERMINISTIC, "seed": 0, "num_leaves": 7, **params}
    data = lgb.Dataset(X, y, weight=weight, categorical_feature=list(categories))
    valid = [] if val is None else [data.create_valid(*val)]
    return lgb.train(params, data, rounds, valid_sets=valid, callbacks=callbacks)


def models(X, Y, **params):
    """One on each standardised target, as penalties count in those units."""
    scaled = (Y - Y.mean(axis=0)) / Y.std(axis=0)
    return [
        lightgbm_fit(X, y, **{"objective": "regression", **params}) for y in scaled.T
    ]


def predictions(models, X, Y, **options):
    scaled = np.column_stack([model.predict(X, **options) for model in models])
    return scaled * Y.std(axis=0) + Y.mean(axis=0)


def regressor(n_estimators=15, num_leaves=7, **params):
    return MultiObjectiveRegressor(
        n_estimators=n_estimators, num_leaves=num_leaves, **{**APART, **params}
    )


class TestSeparateModels:
    @pytest.mark.parametrize(
        "params",
        [
            {},
            {"learning_rate": 0.5, "num_leaves": 31},
            {"reg_lambda": 3.0, "min_split_gain": 0.5},
            {"reg_alpha": 2.0},
            {"min_child_samples": 100},
            {"max_depth": 2, "max_bin": 15},
        ],
        ids=str,
    )
    def test_real_targets(self, params, problem):
        X, Y = problem
        references = models(X, Y, **params)
        est = regressor(**params).fit(X, Y)
        assert_allclose(est.predict(X), predictions(references, X, Y), **CLOSE)
        leaves = [model.predict(X, pred_leaf=True) for model in references]
        assert_array_equal(est.apply(X), np.stack(leaves, axis=2).reshape(len(X), -1))

    def test_units(self, problem):
        """Without penalties on the targets as they are."""
        X, Y = problem
        Y = Y * [1, 1000] + [0, 1e4]
        found = regressor().fit(X, Y).predict(X)
        for k in (0, 1):
            reference = lightgbm_fit(X, Y[:, k], objective="regression").predict(X)
            assert_allclose(found[:, k], reference, rtol=1e-5, atol=1e-4)

    @pytest.mark.parametrize("columns", [False, True])
    def test_weights(self, columns, problem):
        X, Y = problem
        W = np.random.default_rng(1).uniform(0.2, 3.0, Y.shape)
        if not columns:
            W[:, 1] = W[:, 0]
        est = regressor().fit(X, Y, W if columns else W[:, 0])
        for k in (0, 1):
            # By weights that are 1 in the mean: the least Hessian of a leaf is not 0.
            weight = W[:, k] / W[:, k].mean()
            reference = lightgbm_fit(X, Y[:, k], objective="regression", weight=weight)
            assert_allclose(est.predict(X)[:, k], reference.predict(X), **CLOSE)

    def test_labels(self, problem):
        X, Y = problem
        labels = np.column_stack([Y[:, 0] > 0.5, np.digitize(Y[:, 1], [-0.4, 0.4])])
        est = MultiObjectiveClassifier(n_estimators=15, num_leaves=7, **APART)
        binary, three = est.fit(X, labels.astype(int)).predict_proba(X)
        reference = lightgbm_fit(X, labels[:, 0], objective="binary")
        assert_allclose(binary[:, 1], reference.predict(X), **CLOSE)
        reference = lightgbm_fit(X, labels[:, 1], objective="multiclass", num_class=3)
        assert_allclose(three, reference.predict(X), **CLOSE)
        # A tree for each class.
        assert est.apply(X).shape == (len(X), 15 * 4)

    def test_categories(self, problem):
        """Leaves of categorical splits carry LightGBM's cat_l2."""
        X, Y = problem[0].copy(), problem[1]
        rng = np.random.default_rng(1)
        X[:, 4] = rng.integers(0, 30, len(X))
        Y = Y + 2 * rng.normal(size=(30, 2))[X[:, 4].astype(int)]
        est = regressor(categorical_features=[4]).fit(X, Y)
        for k in (0, 1):
            model = lightgbm_fit(X, Y[:, k], objective="regression", categories=[4])
            assert "num_cat=0" not in model.model_to_string(num_iteration=1)
            assert_allclose(est.predict(X)[:, k], model.predict(X), **CLOSE)

    def test_a_mix_of_objectives(self, problem):
        X, Y = problem
        Y = np.column_stack([Y[:, 0], np.floor(np.exp(Y[:, 1]) * 3)])
        est = MultiObjectiveEstimator(
            ["absolute_error", "poisson"], n_estimators=8, num_leaves=7, **APART
        )
        found = est.fit(X, Y).predict(X)
        params = {"objective": "regression_l1", "rounds": 8}
        reference = lightgbm_fit(X, Y[:, 0], **params).predict(X)
        assert_allclose(found[:, 0], reference, rtol=1e-5, atol=1e-4)
        params = {"objective": "poisson", "poisson_max_delta_step": 0.7, "rounds": 8}
        reference = lightgbm_fit(X, Y[:, 1], **params).predict(X)
        assert_allclose(found[:, 1], reference, rtol=1e-4)

    def test_one_objective_is_the_same_for_every_structure(self, problem):
        X, Y = problem
        expected = regressor(structure="random").fit(X, Y[:, 0])
        est = regressor().fit(X, Y[:, 0])
        assert_array_equal(est.predict(X), expected.predict(X))
        assert_array_equal(est.apply(X), expected.apply(X))

    def test_what_the_other_target_is_does_not_matter(self, problem):
        X, Y = problem
        expected = regressor().fit(X, Y).predict(X)
        other = np.column_stack([Y[:, 0], np.roll(Y[:, 1], 5) ** 3])
        assert_array_equal(regressor().fit(X, other).predict(X)[:, 0], expected[:, 0])
        swapped = regressor().fit(X, Y[:, ::-1]).predict(X)
        assert_array_equal(swapped[:, ::-1], expected)


class TestUnobserved:
    """What a row does not tell of a target, its trees are grown without."""

    @pytest.mark.parametrize("least", [1, 20])
    def test_real_targets(self, least, problem):
        X, Y = np.round(problem[0], 1), problem[1].copy()
        seen = np.random.default_rng(0).random(len(Y)) < 0.3
        Y[~seen, 1] = np.nan
        params = {"min_child_samples": least, "lightgbm_params": ONE_BIN}
        found = regressor(**params).fit(X, Y).predict(X)
        params = {"min_child_samples": least, **ONE_BIN}
        (whole,) = models(X, Y[:, :1], **params)
        assert_allclose(found[:, :1], predictions([whole], X, Y[:, :1]), **CLOSE)
        if least > 1:
            # LightGBM reads the number of rows of a leaf off its Hessian, which
            # rounds in another way among all rows: alike, not the same.
            return
        (part,) = models(X[seen], Y[seen, 1:], **params)
        expected = predictions([part], X, Y[seen, 1:])
        assert_allclose(found[:, 1:], expected, **CLOSE)

    @pytest.mark.parametrize("seed", range(3))
    def test_leaves_hold_rows_that_are_observed(self, seed, problem):
        X, Y = problem[0], problem[1].copy()
        rng = np.random.default_rng(seed)
        seen = rng.random(len(Y)) < 0.2
        Y[~seen, 1] = np.nan
        est = regressor(min_child_samples=20).fit(X, Y)
        for leaf in est.apply(X)[seen, 1::2].T:
            counts = np.bincount(leaf)
            # By LightGBM's estimate from Hessians, as it does not count them. By the
            # number of all rows it would be four.
            assert counts.min() >= 10
            assert np.median(counts) >= 20

    def test_the_stages_of_a_funnel(self):
        X, Y = make_funnel(1500, rates=(0.4, 0.5), n_noise_features=0, random_state=0)
        X = np.round(X, 1)
        est = EntireSpaceClassifier(
            loss="conditional",
            n_estimators=15,
            num_leaves=7,
            min_child_samples=1,
            lightgbm_params=ONE_BIN,
            **APART,
        ).fit(X, Y)
        found = est.predict_conditional_proba(X)
        reached = Y[:, 0] == 1
        params = {"objective": "binary", "min_child_samples": 1, **ONE_BIN}
        click = lightgbm_fit(X, Y[:, 0], **params)
        assert_allclose(found[:, 0], click.predict(X), **CLOSE)
        conversion = lightgbm_fit(X[reached], Y[reached, 1], **params)
        assert_allclose(found[:, 1], conversion.predict(X), **CLOSE)

    def test_a_target_whose_rows_cannot_be_split(self, problem):
        """Before the other's first tree, after it, or beside it throughout."""
        X, Y = problem
        few = np.arange(len(Y)) < 12
        for k in (0, 1):
            holed = Y.copy()
            holed[~few, k] = np.nan
            est = regressor(lightgbm_params={"min_sum_hessian_in_leaf": 10})
            found = est.fit(X, holed).predict(X)
            assert_allclose(found[:, k], Y[few, k].mean(), rtol=1e-5)
            (other,) = models(X, Y[:, [1 - k]], min_sum_hessian_in_leaf=10)
            expected = predictions([other], X, Y[:, [1 - k]])[:, 0]
            assert_allclose(found[:, 1 - k], expected, **CLOSE)
            assert est.apply(X).shape == (len(X), 15)
            assert_array_equal(est.n_iter_, 15)


def test_entire_space_losses_as_published():
    """ESMM with two LightGBM models in place of its towers, written out."""
    X, Y = make_funnel(1500, rates=(0.6, 0.7), n_noise_features=0, random_state=0)
    y, z = Y.T
    params = {
        **DETERMINISTIC,
        "num_leaves": 7,
        "objective": "custom",
        "metric": "None",
        "boost_from_average": False,
    }
    data = lgb.Dataset(X, params=params).construct()
    towers = [lgb.Booster(params, data) for _ in range(2)]
    rates = np.array([y.mean(), z[y == 1].mean()])
    start = np.log(rates / (1 - rates))
    scores = np.tile(start, (len(X), 1))
    for _ in range(20):
        p, q = expit(scores).T
        odds = p * q / (1 - p * q)
        derivatives = (
            (
                p - y + np.where(z == 1, -(1 - p), (1 - p) * odds),
                p * (1 - p) + np.where(z == 1, p * (1 - p), (1 - p) ** 2 * odds),
            ),
            (
                np.where(z == 1, -(1 - q), (1 - q) * odds),
                np.where(z == 1, q * (1 - q), (1 - q) ** 2 * odds),
            ),
        )
        for tower, (g, h) in zip(towers, derivatives, strict=True):
            gh = g.astype(np.float32), h.astype(np.float32)
            tower.update(fobj=lambda *_, gh=gh: gh)
        scores = start + np.column_stack([tower.predict(X) for tower in towers])
    est = EntireSpaceClassifier(
        loss="entire_space", conflict="ignore", n_estimators=20, num_leaves=7, **APART
    ).fit(X, Y)
    chances = expit(scores)
    assert_allclose(est.predict_conditional_proba(X), chances, rtol=1e-5)
    assert_allclose(est.predict_proba(X), np.cumprod(chances, axis=1), rtol=1e-5)
    other = est.set_params(conflict="stop_gradient").fit(X, Y)
    assert np.abs(other.predict_conditional_proba(X) - chances).max() > 0.01


PATIENCE = 3


@pytest.fixture(scope="module")
def stopped(problem):
    X, Y = problem
    est = regressor(
        n_estimators=300, learning_rate=0.3, n_iter_no_change=PATIENCE, tol=0.0
    )
    return est.fit(X[:600], Y[:600], X_val=X[600:], y_val=Y[600:])


class TestEarlyStopping:
    def test_is_that_of_separate_models(self, stopped, problem):
        X, Y = problem
        mean, spread = Y[:600].mean(axis=0), Y[:600].std(axis=0)
        scaled = (Y - mean) / spread
        for k, n_rounds in enumerate(stopped.n_iter_):
            reference = lightgbm_fit(
                X[:600],
                scaled[:600, k],
                rounds=300,
                objective="regression",
                learning_rate=0.3,
                val=(X[600:], scaled[600:, k]),
                callbacks=[lgb.early_stopping(PATIENCE, verbose=False)],
            )
            assert n_rounds == reference.best_iteration
            expected = reference.predict(X) * spread[k] + mean[k]
            assert_allclose(stopped.predict(X)[:, k], expected, **CLOSE)

    def test_a_stopped_objective_has_no_more_trees(self, stopped, problem):
        first, last = np.sort(stopped.n_iter_)
        assert first + PATIENCE < last
        losses = stopped.history_["val_loss"]
        assert len(losses) == last + PATIENCE < 300
        n_trees = first + last + 2 * PATIENCE
        assert stopped.apply(problem[0]).shape == (900, n_trees)
        weights = stopped.history_["weights"]
        early = stopped.n_iter_.argmin()
        assert_allclose(weights[: first + PATIENCE], 0.5)
        assert_array_equal(weights[first + PATIENCE :, early], 0)
        # Its loss stays where it was.
        assert np.ptp(losses[first + PATIENCE :, early]) == 0

    def test_stages_count_rounds(self, stopped, problem):
        X, Y = problem
        stages = list(stopped.staged_predict(X[600:]))
        assert len(stages) == stopped.n_iter_.max()
        assert_allclose(stages[-1], stopped.predict(X[600:]), rtol=1e-5, atol=1e-6)
        losses = np.array([((P - Y[600:]) ** 2 / 2).mean(axis=0) for P in stages])
        for k, n_rounds in enumerate(stopped.n_iter_):
            expected = stopped.history_["val_loss"][:n_rounds, k]
            assert_allclose(losses[:n_rounds, k], expected, rtol=1e-5)
            # After its own last round a target stays as it is.
            assert np.ptp(losses[n_rounds - 1 :, k]) == 0


class TestGoesOnAndKeeps:
    def test_warm_start(self, problem):
        X, Y = problem
        once = regressor(n_estimators=12).fit(X, Y)
        est = regressor(warm_start=True)
        for n in (5, 6, 12):
            est.set_params(n_estimators=n).fit(X, Y)
            assert est.apply(X).shape == (len(X), 2 * n)
            assert_array_equal(est.n_iter_, n)
        assert_array_equal(est.apply(X), once.apply(X))
        assert_allclose(est.predict(X), once.predict(X), rtol=1e-5, atol=1e-5)
        for name in ("train_loss", "weights", "gap"):
            assert_allclose(est.history_[name], once.history_[name], rtol=1e-4)
        assert_allclose(
            est.objective_importances_, once.objective_importances_, atol=1e-4
        )

    def test_from_shared_trees_on(self, problem):
        """Rounds of one tree, then rounds of two."""
        X, Y = problem
        est = regressor(n_estimators=4, structure="random", warm_start=True).fit(X, Y)
        before = est.predict(X)
        est.set_params(structure="apart", n_estimators=7).fit(X, Y)
        assert est.apply(X).shape == (len(X), 4 + 3 * 2)
        stages = list(est.staged_predict(X))
        assert len(stages) == 7
        assert_allclose(stages[3], before, rtol=1e-5, atol=1e-6)
        assert_allclose(stages[-1], est.predict(X), rtol=1e-5, atol=1e-6)

    def test_pickle(self, problem):
        X, Y = problem
        est = regressor().fit(X, Y)
        again = pickle.loads(pickle.dumps(est))
        assert_array_equal(again.predict(X), est.predict(X))
        assert_array_equal(again.apply(X), est.apply(X))
        for one, other in zip(
            again.staged_predict(X), est.staged_predict(X), strict=True
        ):
            assert_array_equal(one, other)

    def test_importances_are_those_of_separate_models(self, problem):
        X, Y = problem
        est = regressor().fit(X, Y)
        for own, model in zip(est.objective_importances_, models(X, Y), strict=True):
            gains = model.feature_importance("gain")
            assert_allclose(own, gains / gains.sum(), rtol=1e-3, atol=1e-6)

    @pytest.mark.parametrize("n_jobs", [2, 3])
    def test_threads_change_nothing(self, n_jobs, problem):
        X, Y = problem
        expected = regressor().fit(X, Y)
        est = regressor(n_jobs=n_jobs).fit(X, Y)
        assert_array_equal(est.predict(X), expected.predict(X))


class TestSamples:
    """Rows are drawn for each tree: as LightGBM draws them for one after another."""

    def test_the_first_tree(self, problem):
        X, Y = problem
        params = {"subsample": 0.5, "subsample_freq": 1, "reg_lambda": 1.0}
        est = regressor(n_estimators=1, **params).fit(X, Y)
        (reference,) = models(X, Y[:, :1], rounds=1, **params)
        expected = predictions([reference], X, Y[:, :1])
        assert_allclose(est.predict(X)[:, :1], expected, **CLOSE)

    @pytest.mark.parametrize("freq", [1, 2])
    def test_bags_with_targets_observed_by_few(self, freq, problem):
        """LightGBM's own counts of leaves, whose least is set anew for each tree."""
        X, Y = problem
        params = {"bagging_fraction": 0.5, "bagging_freq": freq, "num_leaves": 7}
        grower = TreeGrower(X, {**params, "min_data_in_leaf": 20}, bagging_seed=5)
        seen = np.arange(len(X)) % 3 == 0
        for t in range(6):
            share = 1 / 3 if t % 2 else 1.0
            kept = (seen if t % 2 else np.ones(len(X))).astype(np.float32)
            g = (Y[:, t % 2] * kept).astype(np.float32)
            tree = grower.grow(g, kept, share)
            assert tree.n_leaves > 2
            assert tree.counts.min() >= 20
            counts = np.bincount(tree.leaf[tree.bag], minlength=tree.n_leaves)
            assert_array_equal(counts, tree.counts)

    def test_leaf_values_come_from_the_bag(self, problem):
        X, Y = problem
        est = regressor(n_estimators=1, subsample=0.5, subsample_freq=1).fit(X, Y)
        bag = Bag(len(X), 0.5, 1, bagging_seed(est._seed))
        for k, leaf in enumerate(est.apply(X).T):
            kept = bag.draw(k)
            rest = Y[:, k] - Y[:, k].mean()
            means = np.bincount(leaf[kept], rest[kept]) / np.bincount(leaf[kept])
            expected = Y[:, k].mean() + 0.1 * means[leaf]
            assert_allclose(est.predict(X)[:, k], expected, **CLOSE)


class TestRule:
    def test_it_has_a_name(self, problem):
        X, Y = problem
        assert STRUCTURE_RULES["apart"] is ApartTrees
        expected = regressor().fit(X, Y).predict(X)
        for structure in (ApartTrees, ApartTrees()):
            est = regressor(structure=structure).fit(X, Y)
            assert_array_equal(est.predict(X), expected)

    def test_objectives_of_no_weight_have_no_trees(self, problem):
        X, Y = problem
        est = regressor(preference=[0, 1]).fit(X, Y)
        assert est.apply(X).shape == (len(X), 15)
        expected = regressor().fit(X, Y).predict(X)
        assert_array_equal(est.predict(X)[:, 1], expected[:, 1])
        assert_allclose(est.predict(X)[:, 0], Y[:, 0].mean(), rtol=1e-6)

    @pytest.mark.parametrize(
        "params", [{"balancer": "mgda"}, {"preference": [3, 2, 1]}]
    )
    def test_weights_say_nothing(self, params, problem):
        X, Y = problem
        Y = np.column_stack([Y, Y.sum(axis=1)])
        with pytest.warns(IneffectiveBalancerWarning):
            est = regressor(n_estimators=3, **params).fit(X, Y)
        expected = regressor(n_estimators=3).fit(X, Y).predict(X)
        assert_array_equal(est.predict(X), expected)

    def test_a_users_own_rule(self, problem):
        """Trees where the direction is not 0; its size and sign are nothing."""

        class Turns(StructureRule):
            apart = True

            def direction(self, state, rng):
                self.turn = 1 - getattr(self, "turn", 1)
                return np.eye(2)[self.turn] * -3.0

        X, Y = problem
        est = regressor(n_estimators=8, structure=Turns()).fit(X, Y)
        assert est.apply(X).shape == (len(X), 8)
        expected = regressor(n_estimators=4).fit(X, Y).predict(X)
        assert_allclose(est.predict(X), expected, rtol=1e-5, atol=1e-6)

    def test_a_constant_target_has_no_trees(self, problem):
        X, Y = problem
        Y = np.column_stack([np.full(len(Y), 7.0), Y[:, 1]])
        est = regressor().fit(X, Y)
        assert est.apply(X).shape == (len(X), 15)
        assert_array_equal(est.predict(X)[:, 0], 7.0)
        assert_allclose(
            est.predict(X)[:, 1], regressor().fit(X, Y[:, 1]).predict(X), **CLOSE
        )

    def test_heads_may_be_blended_with_them(self, problem):
        X, Y = problem
        est = regressor(heads="blend").fit(
            X[:600], Y[:600], X_val=X[600:], y_val=Y[600:]
        )
        assert est.score(X[600:], Y[600:]) > 0.3
        stages = list(est.staged_predict(X))
        assert_allclose(stages[-1], est.predict(X), rtol=1e-5, atol=1e-5)
