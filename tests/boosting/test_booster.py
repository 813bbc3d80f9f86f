"""The parts of the round loop, on values worked by hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmo import MultiObjectiveEstimator
from skmo.boosting._blocks import RowBlocks
from skmo.boosting._coder import TargetCoder
from skmo.boosting._grown import Tree, match_leaves
from skmo.boosting._importance import GainImportance, split_gains
from skmo.boosting._leaves import leaf_prior, leaf_sums, newton_steps
from skmo.boosting._rows import TargetRows
from skmo.boosting._stopping import EarlyStopping
from skmo.boosting._tree import TreeGrower
from skmo.objectives import Binary, Huber, Multiclass, Poisson, SquaredError


@pytest.mark.parametrize("n_rows", [1, 255, 256, 257, 10_000, 100_000])
@pytest.mark.parametrize("n_scores", [1, 7, 300])
def test_blocks_cover_the_rows_once(n_rows, n_scores):
    blocks = RowBlocks(n_rows, n_scores)
    covered = np.concatenate([np.arange(n_rows)[rows] for rows in blocks.slices])
    assert_array_equal(covered, np.arange(n_rows))


def test_leaf_sums():
    rng = np.random.default_rng(0)
    leaf = rng.integers(0, 5, 40_000).astype(np.int32)
    values = rng.normal(size=(40_000, 3)).astype(np.float32)
    bag = rng.random(40_000) < 0.5
    expected = [
        [values[(leaf == j) & bag, s].sum(dtype=float) for s in range(3)]
        for j in range(5)
    ]
    found = []
    for n_threads in (1, 2):
        with RowBlocks(40_000, 3, n_threads) as blocks:
            found.append(leaf_sums(leaf, values, 5, blocks, bag))
    assert_allclose(found[0], expected, rtol=1e-4, atol=1e-3)
    assert_array_equal(found[0], found[1])


def test_leaf_sums_keep_their_digits():
    """Twenty million ones in one leaf: float32 alone would lose count at 2**24."""
    n = 20_000_000
    leaf = np.zeros(n, dtype=np.int32)
    ones = np.ones((n, 1), dtype=np.float32)
    assert leaf_sums(leaf, ones, 1, RowBlocks(n, 1))[0, 0] == n


def test_newton_steps_by_hand():
    """-0.5 · T_1(ΣG) / (ΣH + 2): T_1(-5) = -4 → 0.5·4/(2+2) = 0.5; an empty leaf 0."""
    gradient = np.array([[-5.0, 0.5], [0.0, 3.0]])
    hessian = np.array([[2.0, 2.0], [0.0, 0.0]])
    steps = newton_steps(
        gradient, hessian, learning_rate=0.5, reg_alpha=1.0, reg_lambda=2.0
    )
    assert_allclose(steps, [[0.5, 0.0], [0.0, -0.5]])
    steps = newton_steps(
        gradient, hessian, learning_rate=1.0, reg_alpha=0.0, reg_lambda=0.0
    )
    assert_allclose(steps, [[2.5, -0.25], [0.0, 0.0]])


def test_split_gains_by_hand():
    """Root splits feature 3 into leaf 0 and node 1; node 1 splits feature 1.

    One score, ΣG = (-2, 1, 3), ΣH = (1, 1, 3), λ = 0.
    Node 1: 1²/1 + 3²/3 − 4²/4 = 0. Root: (−2)²/1 + 4²/4 − 2²/5 = 7.2.
    """
    tree = Tree(
        leaf=np.empty(0, np.int32),
        leaf_val=None,
        bag=None,
        outputs=np.zeros(3),
        counts=np.array([1, 1, 3]),
        split_feature=np.array([3, 1]),
        left_child=np.array([-1, -2]),
        right_child=np.array([1, -3]),
    )
    gains = split_gains(
        tree, np.array([[-2.0], [1.0], [3.0]]), np.array([[1.0], [1.0], [3.0]]), 0.0
    )
    assert_allclose(gains, [[7.2], [0.0]], atol=1e-12)
    importance = GainImportance(np.array([0]), np.zeros((1, 4)), np.zeros((1, 4)))
    importance.add(tree.split_feature, gains)
    assert_allclose(importance.best, 0.0)
    importance.keep(np.array([True]))
    assert_allclose(importance.best, [[0, 0, 0, 7.2]])


def stopping(patience=2, watched=(True, True), tol=0.0):
    return EarlyStopping(
        patience,
        tol,
        np.array(watched),
        np.zeros(2, dtype=int),
        np.array([1.0, 1.0]),
    )


def test_each_objective_stops_by_itself():
    watch = stopping()
    for n_rounds, losses in enumerate(
        [(0.9, 0.9), (0.95, 0.8), (0.92, 0.7), (0.5, 0.75), (0.4, 0.71)], start=1
    ):
        watch.update(n_rounds, np.array(losses))
        if n_rounds == 3:
            assert_array_equal(watch.stopped, [True, False])
    # The first stopped after round 3: what it reached later does not count.
    assert_array_equal(watch.best_round, [1, 3])
    assert watch.finished


def test_a_loss_that_never_falls_stops_at_no_trees():
    watch = stopping()
    for n_rounds in (1, 2):
        watch.update(n_rounds, np.array([1.5, 1.0]))
    assert_array_equal(watch.best_round, [0, 0])
    assert watch.finished


def test_objectives_without_validation_rows_go_on():
    watch = stopping(watched=(True, False))
    for n_rounds in (1, 2):
        watch.update(n_rounds, np.array([2.0, np.nan]))
    assert_array_equal(watch.best_round, [0, 2])
    assert watch.finished
    assert not stopping(watched=(False, False)).finished


def test_tol_is_a_share_of_the_least_loss_so_far():
    """A fifth: below 0.8 of 1 first; then below 0.8 · 0.79 = 0.632."""
    watch = stopping(tol=0.2, patience=5)
    watch.update(1, np.array([0.81, 0.79]))
    assert_array_equal(watch.best_round, [0, 1])
    watch.update(2, np.array([0.79, 0.64]))
    assert_array_equal(watch.best_round, [2, 1])
    watch.update(3, np.array([0.70, 0.63]))
    assert_array_equal(watch.best_round, [2, 3])


def test_targets_are_standardised_per_objective():
    rng = np.random.default_rng(0)
    Y = np.column_stack(
        [
            1e6 + 1e-3 * rng.normal(size=500),
            1e200 * rng.normal(size=500),
            rng.random(500),
        ]
    )
    coder = TargetCoder([SquaredError(), SquaredError(), Poisson()]).fit(Y, None)
    encoded = coder.encode(Y, range(Y.shape[1]))
    assert_allclose(encoded[:, :2].mean(axis=0), 0.0, atol=1e-4)
    assert_allclose(encoded[:, :2].std(axis=0), 1.0, rtol=1e-4)
    assert_allclose(encoded[:, 2], Y[:, 2], rtol=1e-6)
    decoded = coder.predict(np.column_stack([encoded[:, :2], np.log(Y[:, 2])]))
    assert_allclose(decoded[0], Y[:, 0], rtol=1e-9)
    assert_allclose(decoded[1], Y[:, 1], rtol=1e-5, atol=1e195)
    assert_allclose(coder.loss_unit, [Y[:, 0].var(), np.inf, 1.0], rtol=1e-3)


def test_a_single_target_keeps_its_scale():
    Y = np.array([[10.0], [30.0]])
    coder = TargetCoder([SquaredError()]).fit(Y, None)
    assert_allclose(coder.encode(Y, range(Y.shape[1])), [[-10], [10]])


def test_a_constant_target_is_marked():
    Y = np.array([[3.0, 1.0], [3.0, 2.0]])
    coder = TargetCoder([SquaredError(), SquaredError()]).fit(Y, None)
    assert_array_equal(coder.constant, [True, False])
    assert_allclose(coder.predict(coder.init_scores[None, :])[0], 3.0)


def test_weights_count_in_what_is_learnt_before_the_trees():
    Y = np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 5.0]])
    W = np.array([[2.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
    coder = TargetCoder([Binary(), SquaredError()]).fit(np.where(W > 0, Y, np.nan), W)
    assert_allclose(coder.init_scores[0], 0.0, atol=1e-12)  # 2 zeros, 2 ones
    assert_allclose(coder.centre[1], 0.5)


def test_huber_counts_in_standard_deviations():
    """delta = 2 standard deviations, whether the target is scaled or not."""
    y = np.array([0.0, 2.0, 4.0, 6.0])
    alone = TargetCoder([Huber(delta=2.0)]).fit(y[:, None], None)
    two = TargetCoder([Huber(delta=2.0), Huber(delta=2.0)]).fit(
        np.column_stack([y, 100 * y]), None
    )
    assert_allclose(alone.objectives[0].delta, 2.0 * y.std())
    deltas = [
        o.delta * scale for o, scale in zip(two.objectives, two.scale, strict=True)
    ]
    assert_allclose(deltas, [2.0 * y.std(), 200.0 * y.std()])
    raw = TargetCoder([Huber(delta=2.0, units="target")] * 2).fit(
        np.column_stack([y, 100 * y]), None
    )
    assert_allclose(
        [o.delta * s for o, s in zip(raw.objectives, raw.scale, strict=True)], 2.0
    )


def rows_of(objectives, Y, W=None, n_threads=1):
    coder = TargetCoder(objectives).fit(Y, W)
    rows = TargetRows(coder, Y, W, n_threads)
    scores = rows.new_scores()
    rng = np.random.default_rng(5)
    scores += rng.normal(size=scores.shape).astype(np.float32)
    gradient = np.empty(scores.shape, np.float32)
    hessian = rows.new_hessian()
    losses, energy = rows.gradients(scores, gradient, hessian)
    return (
        rows,
        scores,
        gradient,
        np.broadcast_to(hessian, scores.shape),
        losses,
        energy,
    )


MIXED = [SquaredError(), Binary(), SquaredError(), Multiclass(), Poisson()]


def mixed_targets(n=700):
    rng = np.random.default_rng(4)
    return np.column_stack(
        [
            rng.normal(size=n),
            rng.integers(0, 2, n),
            5 + rng.normal(size=n),
            rng.integers(0, 3, n),
            rng.poisson(2, n),
        ]
    ).astype(float)


def test_objectives_are_worked_on_apart_or_together_alike():
    """Columns that share a loss are one block; each is as on its own."""
    Y = mixed_targets()
    *_, gradient, hessian, losses, energy = rows_of(MIXED, Y)
    rows, scores, *_ = rows_of(MIXED, Y)
    coder = rows.coder
    for k, objective in enumerate(coder.objectives):
        columns = coder.scores[k]
        target = rows.target(k)
        if not objective.multi_score:
            target = target[:, None]
        g = np.empty_like(scores[:, columns])
        h = np.ones_like(g)
        objective.gradient_hessian(
            target, scores[:, columns], g, None if objective.constant_hessian else h
        )
        assert_allclose(gradient[:, columns], g, rtol=1e-6)
        assert_allclose(hessian[:, columns], h, rtol=1e-6)
        loss = objective.loss(target, scores[:, columns]).mean()
        assert_allclose(losses[k], loss, rtol=1e-5)
    assert_allclose(energy, (gradient.astype(float) ** 2).sum(axis=0), rtol=1e-5)


def test_missing_targets_and_zero_weights_have_no_gradient():
    Y = mixed_targets()
    rng = np.random.default_rng(6)
    Y[rng.random(Y.shape) < 0.3] = np.nan
    W = rng.uniform(0.5, 2.0, Y.shape)
    rows, _, gradient, hessian, losses, _ = rows_of(MIXED, Y, W)
    unweighted = rows_of(MIXED, Y)
    assert not rows.shared_hessian
    for k, columns in enumerate(rows.coder.scores):
        missing = np.isnan(Y[:, k])
        assert not gradient[missing, columns].any()
        assert not hessian[missing, columns].any()
        assert (hessian[~missing, columns] > 0).all()
    relative = W / W.mean(axis=0)
    assert_allclose(
        rows.weight_sums, np.where(np.isnan(Y), 0, relative).sum(axis=0), rtol=1e-6
    )
    assert_allclose(unweighted[0].weight_sums, (~np.isnan(Y)).sum(axis=0))
    assert np.isfinite(losses).all()


def test_threads_change_nothing():
    Y = np.tile(mixed_targets(), (60, 1))
    one, two = rows_of(MIXED, Y, n_threads=1), rows_of(MIXED, Y, n_threads=2)
    for a, b in zip(one[2:], two[2:], strict=True):
        assert_array_equal(a, b)


def test_match_finds_leaves_by_their_outputs():
    outputs = np.array([0.3, -0.2, 0.1])
    leaf = np.array([2, 0, 1, 1, 0])
    before = np.linspace(-5, 5, 5)
    after = before + outputs[leaf]
    assert_array_equal(match_leaves(after - before, outputs, 5.0), leaf)


def test_match_gives_up_on_ties():
    assert match_leaves(np.array([0.1]), np.array([0.1, 0.1, 0.2]), 1.0) is None
    near = 0.1 + 1e-15
    assert match_leaves(np.array([0.1]), np.array([0.1, near]), 1000.0) is None


def test_tied_leaves_are_told_apart(monkeypatch):
    """Opposite corners have the same output: the trees are walked instead."""
    corners = np.repeat(np.arange(4), 100)
    X = np.column_stack([corners // 2, corners % 2]).astype(float)
    # The first feature's margin makes the root split; below it, ±1 twice.
    gradient = np.array([1.0, -1.0, -1.0, 1.0], np.float32)[corners]
    hessian = np.array([1.0, 1.0, 1.0, 1.0], np.float32)[corners]
    hessian[:50] = 0.5  # one corner less curved, so that the root gains
    gradient[:50] = 0.5
    gave_up = []

    def watched(*args):
        leaf = match_leaves(*args)
        gave_up.append(leaf is None)
        return leaf

    monkeypatch.setattr("skmo.boosting._tree.match_leaves", watched)
    grower = TreeGrower(X, {"num_leaves": 4, "min_data_in_leaf": 1}, X_val=X[::7])
    tree = grower.grow(gradient, hessian)
    assert tree.n_leaves == 4
    assert gave_up == [True, True]
    for corner in range(4):
        assert len(set(tree.leaf[corners == corner])) == 1
    assert len(set(tree.leaf)) == 4
    assert_array_equal(tree.leaf[::7], tree.leaf_val)


def test_no_split_leaves_no_tree():
    X = np.random.default_rng(0).normal(size=(100, 2))
    grower = TreeGrower(X, {})
    zero, one = np.zeros(100, np.float32), np.ones(100, np.float32)
    assert grower.grow(zero, one) is None
    assert grower.n_trees == 0
    assert grower.grow(X[:, 0].astype(np.float32), one) is not None
    assert grower.n_trees == 1
    assert grower.grow(zero, one) is None
    assert grower.n_trees == 1
    assert grower.finish().n_trees == 1


def test_the_prior_weighs_like_one_row():
    """By hand: Σg² / Σh of each score; 1 for log loss and squared error."""
    energy, curvature = np.array([6.0, 1.0, 3.0]), np.array([3.0, 0.0, 1.5])
    assert_allclose(leaf_prior(energy, curvature), [2.0, 0.0, 2.0])
    assert_array_equal(leaf_prior(np.array([6.0]), curvature[:1]), [0.0])
    rng = np.random.default_rng(0)
    Y = np.column_stack([rng.random(4000) < 0.01, rng.normal(5, 3, 4000)]).astype(float)
    coder = TargetCoder([Binary(), SquaredError()]).fit(Y, None)
    rows = TargetRows(coder, Y, None)
    scores = rows.new_scores()
    gradient, hessian = np.empty(scores.shape, np.float32), rows.new_hessian()
    _, energy = rows.gradients(scores, gradient, hessian)
    assert_allclose(leaf_prior(energy, hessian.sum(axis=0)), 1.0, rtol=1e-4)


def test_a_rare_label_does_not_leap():
    """Noise labels, one in a thousand: a step stays below a few units of log-odds.

    Without the prior the Newton step of a leaf of 20 rows with one positive is
    about 0.1 · 1 / (20 · 0.001) = 5, round after round.
    """
    rng = np.random.default_rng(0)
    X = rng.normal(size=(6000, 5))
    Y = np.column_stack([X[:, 0], X[:, 1], rng.random(6000) < 0.001])
    est = MultiObjectiveEstimator(
        objectives=["squared_error", "squared_error", "binary"],
        n_estimators=30,
        random_state=0,
    ).fit(X, Y)
    steps = np.concatenate([values[:, 2] for values in est._result.forest.values])
    assert np.abs(steps).max() < 0.5
