"""What each structure rule does, alone and in a booster."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skmo import MultiObjectiveRegressor
from skmo.balancing import Equal
from skmo.boosting._coder import TargetCoder
from skmo.boosting._direction import Derivatives, StructureGradient
from skmo.boosting._rows import TargetRows
from skmo.boosting.structure import (
    STRUCTURE_RULES,
    EigenDirection,
    ObjectiveDirection,
    RandomDirection,
    StructureState,
    SumDirection,
)
from skmo.exceptions import NoTreesWarning
from skmo.objectives import SquaredError


def state(owner, weights, gramian=None):
    n = len(owner)
    return StructureState(
        np.asarray(owner),
        np.asarray(weights, dtype=float),
        np.eye(n) if gramian is None else gramian,
    )


def draws(rule, state, n=4000):
    return np.array([rule.direction(state, np.random.default_rng(i)) for i in range(n)])


@pytest.mark.parametrize("name", STRUCTURE_RULES)
@pytest.mark.parametrize("owner", [[0, 1, 2], [0, 1, 1, 1, 2]])
def test_every_rule(name, owner):
    """Finite, reproducible, and blind to an objective that has stopped."""
    rule = STRUCTURE_RULES[name]()
    s = state(owner, [0.5, 0.5, 0.0])
    for seed in range(20):
        r = rule.direction(s, np.random.default_rng(seed))
        assert r.shape == (len(owner),)
        assert np.isfinite(r).all()
        assert r.any()
        assert r[-1] == 0.0
        assert_allclose(r, rule.direction(s, np.random.default_rng(seed)))


@pytest.mark.parametrize("rule", [RandomDirection(), EigenDirection()])
def test_second_moment_is_the_weights(rule):
    """E[r rᵀ] = diag(λ): a leaf's expected squared sum is Σ λ_k G_k².

    For the eigenvectors of D^{1/2} C D^{1/2} with C = I this holds up to the
    trace: E[r rᵀ] = Σ_i (μ_i / Σ μ) D^{1/2} v_i v_iᵀ D^{1/2} = D² / Σ λ.
    """
    weights = np.array([0.6, 0.3, 0.1])
    r = draws(rule, state([0, 1, 2], weights))
    expected = weights if isinstance(rule, RandomDirection) else weights**2
    assert_allclose(r.T @ r / len(r), np.diag(expected), atol=0.03)


def test_objective_picks_by_weight():
    r = draws(ObjectiveDirection(), state([0, 1, 1], [0.75, 0.25]))
    first = r[:, 0] != 0
    assert 0.72 < first.mean() < 0.78
    assert not r[first, 1:].any()
    assert_allclose(np.linalg.norm(r[~first], axis=1), 1.0)


def test_sum_is_the_weights():
    r = SumDirection().direction(state([0, 1], [0.7, 0.3]), np.random.default_rng(0))
    assert_allclose(r, [0.7, 0.3])


def test_eigen_by_hand():
    """Two equal objectives and a lone one: C = [[1,1,0],[1,1,0],[0,0,1]].

    Eigenvalues 2 (along (1,1,0)/√2), 1 (along (0,0,1)) and 0: the pair is drawn
    in two thirds of the rounds.
    """
    C = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    r = draws(EigenDirection(), state([0, 1, 2], [1.0, 1.0, 1.0], C))
    pair = np.abs(r[:, 2]) < 1e-8
    assert 0.64 < pair.mean() < 0.69
    assert_allclose(r[pair, 0], r[pair, 1])
    assert_allclose(np.abs(r[~pair]), [[0, 0, 1]] * (~pair).sum(), atol=1e-8)


def test_an_objective_with_many_classes_weighs_as_one():
    """Three classes share an objective's weight."""
    s = state([0, 1, 1, 1], [0.5, 0.5])
    assert_allclose(s.score_weights, [0.5, 0.5 / 3, 0.5 / 3, 0.5 / 3])


def test_the_direction_is_over_gradients_of_unit_size():
    """The scale of an objective's weights, and so of its gradient, has no say."""
    equal = projection_with_weights((1.0, 1.0, 1.0))
    assert np.abs(equal).max() > 0.1
    assert_allclose(projection_with_weights((1.0, 1e4, 1e-4)), equal, atol=1e-4)


def projection_with_weights(weights):
    rng = np.random.default_rng(0)
    Y = rng.normal(size=(500, 3))
    W = np.ones_like(Y) * weights
    coder = TargetCoder([SquaredError()] * 3).fit(Y, W)
    train = TargetRows(coder, Y, W)
    scores = train.new_scores()
    found = Derivatives.room(scores.shape, train.new_hessian())
    found.losses, found.energy = train.gradients(scores, found.gradient, found.hessian)
    structure = StructureGradient(RandomDirection(), Equal(), train, None, seed=0)
    chosen = structure.weigh(0, found, np.ones(3, bool))
    assert_allclose(chosen.weights, 1 / 3)
    return found.gradient @ chosen.direction


def unrelated(n=1500, n_targets=4):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, n_targets))
    return X, np.sign(X) + 0.1 * rng.normal(size=X.shape)


def test_objective_rule_on_unrelated_targets():
    """Each tree is one target's: its splits are on that target's feature alone."""
    X, Y = unrelated()
    est = MultiObjectiveRegressor(
        structure="objective", n_estimators=12, num_leaves=2, random_state=0
    ).fit(X, Y)
    leaves = est.apply(X)
    served = set()
    for tree in leaves.T:
        split = [np.abs(np.corrcoef(tree, np.sign(x))[0, 1]) for x in X.T]
        served.add(int(np.argmax(split)))
        assert max(split) > 0.95
    assert served == {0, 1, 2, 3}
    importances = est.objective_importances_
    assert (np.diag(importances) > 0.99).all()


@pytest.mark.parametrize("structure", STRUCTURE_RULES)
def test_opposed_targets(structure):
    """Gradients of y and −y cancel in the sum and in no other rule."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 3))
    y = X[:, 0] + X[:, 1] * X[:, 2]
    Y = np.column_stack([y, -y])
    est = MultiObjectiveRegressor(
        structure=structure, n_estimators=60, heads="none", random_state=0
    )
    if structure == "sum":
        with pytest.warns(NoTreesWarning):
            est.fit(X, Y)
        assert abs(est.score(X, Y)) < 1e-6
    else:
        assert est.fit(X, Y).score(X, Y) > 0.9


def test_sum_serves_aligned_targets():
    X, Y = unrelated(n_targets=1)
    aligned = Y @ np.ones((1, 3)) + 0.01 * np.arange(3)
    est = MultiObjectiveRegressor(structure="sum", n_estimators=50).fit(X, aligned)
    assert est.score(X, aligned) > 0.9
