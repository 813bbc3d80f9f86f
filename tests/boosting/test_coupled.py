"""Objectives that read and move one another's scores: gap, cosines, checkpoints."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize
from scipy.special import expit

from skmo import EntireSpaceClassifier
from skmo.boosting._best_scores import BestScores
from skmo.boosting._blocks import RowBlocks
from skmo.boosting._grown import Tree
from skmo.boosting._pulls import Pulls
from skmo.datasets import make_funnel
from skmo.objectives import EntireSpaceLoss, Stage, log_cumulative

FAST = {
    "num_leaves": 5,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
    "loss": "entire_space",
    "conflict": "ignore",
}


def funnel(n_stages, **params):
    params = {**FAST, "n_estimators": 1, **params}
    X, Y = make_funnel(
        500, rates=(0.7, 0.6, 0.7)[:n_stages], n_noise_features=0, random_state=1
    )
    return X, Y, EntireSpaceClassifier(**params)


def pulls(Y, scores, weight):
    """Each stage's weighted gradient by every score, (n_samples, K, K)."""
    gradient = np.zeros((*Y.shape, Y.shape[1]))
    for k in range(Y.shape[1]):
        stage = Stage(scores[:, : k + 1], Y[:, k], np.ones(len(Y)))
        gradient[:, k, : k + 1] = EntireSpaceLoss().derivatives(stage).gradient
    return weight[:, None, None] * gradient


def least_norm(vectors):
    """Of the convex combinations of the rows, by a general solver."""
    n = len(vectors)
    found = minimize(
        lambda w: ((w @ vectors) ** 2).sum(),
        np.full(n, 1 / n),
        jac=lambda w: 2 * vectors @ (w @ vectors),
        bounds=[(0, 1)] * n,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert found.success
    return np.sqrt(found.fun)


def stages_weights(n, weighted):
    weight = np.random.default_rng(0).uniform(0.3, 3, n) if weighted else np.ones(n)
    return weight / weight.mean()


@pytest.mark.parametrize("n_stages", [2, 3])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("structure", ["random", "apart"])
@pytest.mark.parametrize("conflict", ["ignore", "project", "balance"])
class TestFirstRound:
    @pytest.fixture
    def fitted(self, conflict, structure, weighted, n_stages):
        X, Y, est = funnel(n_stages, conflict=conflict, structure=structure)
        if conflict == "balance":
            est.set_params(balancer="upgrad")
        weight = stages_weights(len(Y), weighted)
        est.fit(X, Y, sample_weight=weight if weighted else None)
        scores = np.tile(est._result.coder.init_scores, (len(Y), 1))
        return est, X, weight, pulls(Y, scores.astype(float), weight)

    def test_gap(self, fitted, structure):
        """The least norm in the simplex of gradients by the trees' leaf values."""
        est, X, weight, gradient = fitted
        n_stages = gradient.shape[1]
        leaves = est.apply(X)
        parts = []
        for s in range(n_stages):
            leaf = leaves[:, s if structure == "apart" else 0]
            sums = np.array(
                [np.bincount(leaf, gradient[:, k, s]) for k in range(n_stages)]
            )
            parts.append(sums / np.sqrt(np.bincount(leaf, weight) * weight.sum()))
        # In units of each stage's whole gradient before the first tree.
        whole = (gradient**2 / weight[:, None, None]).sum(axis=(0, 2)) / weight.sum()
        vectors = np.hstack(parts) / np.sqrt(whole)[:, None]
        assert_allclose(est.history_["gap"][0], least_norm(vectors), rtol=1e-4)

    def test_cosines(self, fitted):
        est, _, weight, gradient = fitted
        root = gradient / np.sqrt(weight)[:, None, None]
        products = np.einsum("iks,ijs->kj", root, root)
        length = np.sqrt(np.diag(products))
        found = est.history_["cosines"][0]
        assert_allclose(found, products / np.outer(length, length), rtol=1e-5)


@pytest.mark.parametrize("loss", ["entire_space", "conditional"])
def test_cosines_of_stages_on_scores_of_their_own(loss):
    """Over the rows, of each stage's gradient by its own score."""
    X, Y, est = funnel(2, conflict="stop_gradient", loss=loss)
    est.fit(X, Y)
    scores = np.tile(est._result.coder.init_scores, (len(Y), 1)).astype(float)
    own = np.einsum("ikk->ik", pulls(Y, scores, np.ones(len(Y))))
    if loss == "conditional":
        reached = Y[:, 0] == 1
        own = own[reached]
        own[:, 1] = 1 / (1 + np.exp(-scores[0, 1])) - Y[reached, 1]
    expected = own[:, 0] @ own[:, 1] / np.sqrt((own**2).sum(axis=0).prod())
    if loss == "conditional":
        # Ten rows more whose gradients are unrelated.
        expected *= len(own) / (len(own) + 10)
    found = est.history_["cosines"][0]
    assert_allclose(found, [[1, expected], [expected, 1]], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("bagged", [False, True])
def test_products_by_leaf_values(bagged):
    """Of the bag's rows alone, which the leaf values come from."""
    rng = np.random.default_rng(0)
    gradient = rng.normal(size=(40, 2, 3)).astype(np.float32)
    leaf = rng.integers(0, 4, 40).astype(np.int32)
    leaf[leaf == 2] = 0  # nobody's
    kept = rng.random(40) < 0.6 if bagged else np.ones(40, bool)
    tree = Tree(
        leaf=leaf,
        leaf_val=None,
        bag=kept if bagged else None,
        outputs=np.zeros(4),
        counts=np.bincount(leaf[kept], minlength=4),
        split_feature=np.zeros(3, int),
        left_child=np.zeros(3, int),
        right_child=np.zeros(3, int),
    )
    totals = rng.uniform(1, 2, 4) * (tree.counts > 0)
    scores = np.array([0, 2])
    pulls = Pulls(gradient, np.eye(2))
    found = pulls.on_leaves(tree, scores, totals, RowBlocks(40, 3))
    expected = np.zeros((2, 2))
    for index in (0, 1, 3):
        sums = gradient[kept & (leaf == index)].sum(axis=0)[:, scores]
        expected += sums @ sums.T / (totals[index] * totals.sum())
    assert_allclose(found, expected, rtol=1e-5)


def log_losses(Y, scores):
    log_p = log_cumulative(scores)
    losses = -np.where(Y == 1, log_p, np.log(-np.expm1(log_p)))
    return losses.mean(axis=0)


class TestWhatIsWatchedIsWhatIsPredicted:
    """Where a stage's loss depends on others, these are at their best round."""

    @pytest.fixture(scope="class", params=["random", "apart"])
    @staticmethod
    def rows(request):
        # Noise decides on the click, which soon stops; features on the conversion.
        rng = np.random.default_rng(2)
        X = rng.normal(size=(1500, 5))
        click = rng.random(len(X)) < 0.8 + 0.1 * (X[:, 0] > 0)
        chance = expit(4 * (np.sin(3 * X[:, 1]) + X[:, 2] * X[:, 3]))
        Y = np.column_stack([click, click & (rng.random(len(X)) < chance)])
        return request.param, X, Y.astype(float)

    def fit(self, rows, n_estimators=400, **params):
        structure, X, Y = rows
        params = {"conflict": "stop_gradient", "structure": structure, **params}
        est = EntireSpaceClassifier(
            **{**FAST, **params},
            n_estimators=n_estimators,
            n_iter_no_change=10,
            tol=0.0,
        )
        return est, X[:800], Y[:800], X[800:], Y[800:]

    @pytest.mark.parametrize("conflict", ["stop_gradient", "project"])
    def test_of_the_stages_that_go_on(self, conflict, rows):
        est, X, Y, X_val, Y_val = self.fit(rows, conflict=conflict)
        est.fit(X, Y, X_val=X_val, y_val=Y_val)
        click, conversion = est.n_iter_
        assert 0 < click < click + 10 < conversion
        recorded = est.history_["val_loss"]
        stages = list(est.staged_predict_proba(X_val))
        for n_rounds in range(1, conversion + 1):
            if click < n_rounds < click + 10:
                continue  # the click has not given up yet
            P = stages[n_rounds - 1]
            losses = -np.where(Y_val == 1, np.log(P), np.log1p(-P)).mean(axis=0)
            assert_allclose(recorded[n_rounds - 1], losses, rtol=1e-4)
        # The click stood elsewhere when it gave up.
        assert recorded[click + 8, 0] > recorded[click - 1, 0]
        assert_allclose(recorded[click + 9 :, 0], recorded[click - 1, 0], rtol=1e-6)
        # So are the training losses, which the next trees go by.
        losses = log_losses(Y, est._raw_predict(X))
        assert_allclose(est.history_["train_loss"][-1, 0], losses[0], rtol=1e-4)

    @pytest.mark.parametrize("conflict", ["stop_gradient", "ignore"])
    def test_improvement_is_by_ones_own_score(self, conflict, rows):
        """A conversion of noise gains nothing by clicks that are predicted better."""
        structure, X, Y = rows
        noise = np.random.default_rng(0).random(len(Y)) < 0.6
        Y = np.column_stack([Y[:, 1], Y[:, 1] * noise])
        est, X, Y, X_val, Y_val = self.fit((structure, X, Y), 60, conflict=conflict)
        est.set_params(early_stopping=False).fit(X, Y)
        P = np.array(list(est.staged_predict_proba(X_val)))
        C = P.copy()
        C[..., 1] /= P[..., 0]
        scores = np.log(C) - np.log1p(-C)
        best = np.tile(est._result.coder.init_scores, (len(X_val), 1)).astype(float)
        best_round = np.zeros(2, dtype=int)
        for n_rounds, score in enumerate(scores, start=1):
            others = np.column_stack([score[:, 0], best[:, 1]])
            so_far = log_losses(Y_val, best)[0], log_losses(Y_val, others)[1]
            improved = log_losses(Y_val, score) < so_far
            best[:, improved] = score[:, improved]
            best_round[improved] = n_rounds
            if (n_rounds - best_round >= 10).any():
                break
        assert 10 < n_rounds < 60
        assert best_round[1] < best_round[0]
        # By the product's loss alone it would have gone on.
        losses = [log_losses(Y_val, score)[1] for score in scores[:n_rounds]]
        by_product = np.argmin(losses) + 1
        assert by_product > best_round[1] or conflict == "ignore"
        est.set_params(early_stopping=True, n_estimators=n_rounds)
        est.fit(X, Y, X_val=X_val, y_val=Y_val)
        assert_array_equal(est.n_iter_, best_round)

    @pytest.mark.parametrize("loss", ["entire_space", "ips"])
    def test_after_a_warm_start(self, loss, rows):
        est, X, Y, X_val, Y_val = self.fit(rows, loss=loss, warm_start=True)
        val = {"X_val": X_val, "y_val": Y_val}
        est.set_params(n_estimators=60).fit(X, Y, **val)
        first = est.n_iter_.copy()
        assert first[0] + 10 < first[1]
        est.set_params(n_estimators=400).fit(X, Y, **val)
        # The click was no better than before; its last rounds are not predicted with.
        assert est.n_iter_[0] == first[0]
        assert est.n_iter_[1] > 60 + 10
        recorded = est.history_["val_loss"]
        losses = log_losses(Y_val, est._raw_predict(X_val))
        assert_allclose(recorded[-1, 0], losses[0], rtol=1e-4)
        if loss == "entire_space":
            assert_allclose(recorded[est.n_iter_[1] - 1, 1], losses[1], rtol=1e-4)


class TestBestScores:
    def test_by_hand(self):
        scores = np.zeros((2, 3))
        kept = BestScores(scores, np.array([0, 1, 1]))
        no, yes = np.zeros(2, bool), np.ones(2, bool)
        first, second = np.array([True, False]), np.array([False, True])
        scores += 1
        assert not kept.update(yes, no)
        scores += 1
        assert not kept.update(first, no)
        assert_array_equal(scores, 2)
        scores += 1
        # The second objective's best was 1; both of its scores go back, once.
        assert kept.update(first, second)
        assert_array_equal(scores, [[3, 1, 1]] * 2)
        scores[:, 0] += 1
        assert not kept.update(no, second)
        assert_array_equal(scores, [[4, 1, 1]] * 2)
        assert kept.update(no, yes)
        assert_array_equal(scores, [[3, 1, 1]] * 2)

    def test_never_better_than_where_it_started(self):
        scores = np.full((1, 2), 7.0)
        kept = BestScores(scores, np.arange(2))
        scores += 5
        no, yes = np.zeros(2, bool), np.ones(2, bool)
        assert kept.update(no, yes)
        assert_array_equal(scores, 7)

    def test_from_an_earlier_fit(self):
        scores, best = np.full((1, 2), 7.0), np.full((1, 2), 4.0)
        kept = BestScores(scores, np.arange(2), best)
        assert_array_equal(scores, 7)
        scores += 5
        assert kept.update(np.array([True, False]), np.array([False, True]))
        assert_array_equal(scores, [[12, 4]])
        assert_array_equal(best, 4)
