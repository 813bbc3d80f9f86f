"""Balancers that look at losses, and those that draw or learn weights."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import approx_fprime, linprog
from scipy.special import logsumexp, softmax

from skmo.balancing import (
    DWA,
    EPO,
    FAMO,
    GLS,
    ExcessMTL,
    RandomLoss,
    SmoothTchebycheff,
    Tchebycheff,
    UncertaintyWeighting,
)


def by_losses(balancer, *rows, preference=None):
    """The weights of each call with one row of losses."""
    return np.array(
        [balancer.weights(np.eye(len(row)), row, preference=preference) for row in rows]
    )


def by_energies(balancer, *rows):
    return np.array([balancer.weights(np.diag(row)) for row in rows])


def sample(n, seed, scale=1.0):
    rng = np.random.default_rng([n, seed])
    gradients = scale * rng.normal(size=(n, n + 5))
    return gradients @ gradients.T, rng.uniform(0.1, 2.0, n), rng


# Parameters ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "balancer",
    [
        RandomLoss(distribution="cauchy"),
        RandomLoss(random_state="zero"),
        UncertaintyWeighting(learning_rate=0),
        DWA(temperature=0),
        FAMO(learning_rate=11),
        FAMO(decay=0.2),
        FAMO(eps=0),
        ExcessMTL(learning_rate=-1),
        Tchebycheff(ideal=[0.0, np.nan]),
        Tchebycheff(ideal=0.0),
        SmoothTchebycheff(mu=0),
        SmoothTchebycheff(ideal=[[0.0, 0.0]]),
        EPO(eps=-1),
        EPO(relax="yes"),
    ],
    ids=repr,
)
def test_bad_parameters_are_named(balancer):
    with pytest.raises(ValueError, match=f"parameter of {type(balancer).__name__}"):
        balancer.weights(np.eye(2), [1.0, 1.0])


@pytest.mark.parametrize("cls", [UncertaintyWeighting, DWA, FAMO, ExcessMTL])
def test_another_number_of_objectives_says_what_to_do(cls):
    balancer = cls()
    balancer.weights(np.eye(3), np.ones(3))
    with pytest.raises(
        ValueError, match=rf"{cls.__name__} remembers 3 .* 2.*reset\(\)"
    ):
        balancer.weights(np.eye(2), np.ones(2))
    balancer.reset()
    assert balancer.weights(np.eye(2), np.ones(2)).shape == (2,)


@pytest.mark.parametrize("cls", [UncertaintyWeighting, DWA, FAMO, ExcessMTL])
def test_memory_is_not_the_callers_array(cls):
    _, _, rng = sample(3, 0)
    rows = rng.uniform(0.1, 1.0, (5, 3))
    a, b, reused = cls(), cls(), np.empty(3)
    for row in rows:
        reused[:] = row
        found = a.weights(np.diag(reused), reused)
        reused[:] = 7.0
        expected = b.weights(np.diag(row), row)
        expected, kept = expected.copy(), expected
        kept[:] = 9.0  # what is returned is the caller's
        assert_allclose(found, expected, rtol=1e-15)


# RandomLoss ---------------------------------------------------------------------


@pytest.mark.parametrize("distribution", ["normal", "uniform", "dirichlet"])
def test_random_weights_are_equal_on_average(distribution):
    balancer = RandomLoss(distribution, random_state=0)
    draws = np.array([balancer.weights(np.eye(4)) for _ in range(2000)])
    assert_allclose(draws.sum(axis=1), 1.0, rtol=1e-12)
    assert (draws > 0).all()
    assert_allclose(draws.mean(axis=0), 0.25, atol=0.02)
    spread = {"uniform": 0.06, "normal": 0.19, "dirichlet": 0.19}[distribution]
    assert_allclose(draws.std(axis=0), spread, atol=0.02)


def test_uniform_draws_differ_at_most_by_e():
    balancer = RandomLoss("uniform", random_state=1)
    for _ in range(200):
        w = balancer.weights(np.eye(5))
        assert w.max() / w.min() <= np.e


def test_random_sequences():
    first = RandomLoss(random_state=3)
    drawn = [first.weights(np.eye(3)) for _ in range(3)]
    first.reset()
    assert_allclose([first.weights(np.eye(3)) for _ in range(3)], drawn)
    own = RandomLoss(random_state=np.random.RandomState(3))
    assert_allclose(own.weights(np.eye(3)), drawn[0])
    assert not np.allclose(RandomLoss(random_state=4).weights(np.eye(3)), drawn[0])
    assert_allclose(RandomLoss().weights(np.eye(1)), 1.0)


# UncertaintyWeighting -----------------------------------------------------------


def test_learned_variances_approach_the_optimum():
    values = np.array([1e-3, 0.5, 40.0, 1e6])
    balancer = UncertaintyWeighting(learning_rate=0.5)
    rows = by_losses(balancer, *[values] * 200)
    assert_allclose(rows[-1], 1 / (2 * values), rtol=1e-6)
    assert_allclose(
        by_losses(UncertaintyWeighting(learning_rate=None), values)[0],
        1 / (2 * values),
    )
    # Monotone: no step overshoots, however long.
    for learning_rate in (0.1, 10.0, 100.0):
        rows = by_losses(UncertaintyWeighting(learning_rate), *[values] * 20)
        signs = np.where(values < 1, 1.0, -1.0)
        assert (np.diff(rows, axis=0) * signs >= -1e-12 * rows[1:]).all()


def test_the_implicit_step_is_the_explicit_one_for_short_steps():
    _, values, _ = sample(4, 0)
    rate = 1e-5
    w = by_losses(UncertaintyWeighting(learning_rate=rate), values)[0]
    # The gradient of exp(-s) L / 2 + s / 2 at s = 0.
    s = -rate * (1 - values) / 2
    assert_allclose(-np.log(2 * w), s, rtol=1e-4)
    # At any length the step solves its own equation.
    w = by_losses(UncertaintyWeighting(learning_rate=3.0), values)[0]
    s = -np.log(2 * w)
    assert_allclose(s, -1.5 * (1 - np.exp(-s) * values), rtol=1e-12)


def test_variances_of_losses_of_zero_do_not_fall_without_end():
    w = by_losses(UncertaintyWeighting(learning_rate=100), *[[0.0, 1.0]] * 5)[-1]
    assert_allclose(w, [np.exp(100) / 2, 0.5])
    w = by_losses(UncertaintyWeighting(learning_rate=None), [0.0, 1.0])[0]
    assert_allclose(w, [np.exp(100) / 2, 0.5])


# DWA ----------------------------------------------------------------------------


def test_dwa_is_the_papers_formula():
    _, _, rng = sample(5, 0)
    rows = rng.uniform(0.1, 2.0, (6, 5))
    found = by_losses(DWA(temperature=0.7), *rows)
    assert_allclose(found[0], 1.0)
    for now, before, w in zip(rows[1:], rows[:-1], found[1:], strict=True):
        assert_allclose(w, 5 * softmax(now / before / 0.7))
    assert_allclose(found.sum(axis=1), 5.0)


def test_dwa_reads_rates_only():
    _, _, rng = sample(3, 0)
    rows = rng.uniform(0.1, 2.0, (4, 3))
    unit = np.array([1e-12, 1.0, 1e12])
    assert_allclose(by_losses(DWA(), *rows * unit), by_losses(DWA(), *rows))


@pytest.mark.parametrize("temperature", [1e-300, 1e-3, 2.0, 1e300])
def test_dwa_is_finite(temperature):
    rows = [[0.0, 1e-300, 1e300], [1e300, 1e300, 0.0], [0.0, 0.0, 1e-300]]
    found = by_losses(DWA(temperature), *rows)
    assert np.isfinite(found).all()
    assert_allclose(found.sum(axis=1), 3.0)


# FAMO ---------------------------------------------------------------------------


def test_famo_is_a_gradient_step_on_the_papers_objective():
    """The step is the gradient of z(logits) @ delta plus that of the decay."""
    _, _, rng = sample(4, 1)
    rows = rng.uniform(0.5, 2.0, (8, 4))
    balancer, logits = FAMO(learning_rate=3.0, decay=0.05), np.zeros(4)
    for t, row in enumerate(rows):
        delta = np.log(rows[max(t - 1, 0)] / row)
        gradient = approx_fprime(logits, lambda x: softmax(x) @ delta, 1e-7)  # noqa: B023
        logits = logits - 3.0 * (gradient + 0.05 * logits)
        expected = softmax(logits) / row
        found = by_losses(balancer, row)[0]
        assert_allclose(found, expected / expected.sum(), rtol=1e-5)


def test_famo_does_not_depend_on_units():
    _, _, rng = sample(3, 2)
    rows = rng.uniform(0.1, 2.0, (6, 3))
    unit = np.array([1e-20, 1.0, 1e20])
    found = by_losses(FAMO(), *rows * unit) * unit
    expected = by_losses(FAMO(), *rows)
    assert_allclose(
        found / found.sum(axis=1, keepdims=True),
        expected / expected.sum(axis=1, keepdims=True),
    )


def test_famo_raises_what_falls_behind_and_forgets():
    stalled = [[1.0, 0.9**t] for t in range(50)]
    logits = by_losses(FAMO(), *stalled)[:, 0] / by_losses(FAMO(), *stalled)[:, 1]
    # Times the ratio of the losses, that of z is left: it grows.
    z = logits / [row[1] / row[0] for row in stalled]
    assert (np.diff(z[1:]) > 0).all()
    balancer = FAMO(decay=0.1)
    by_losses(balancer, *stalled)
    equal = by_losses(balancer, *[[1.0, 1.0]] * 200)[-1]
    assert_allclose(equal, 0.5, atol=1e-6)


def test_famo_equalises_rates():
    """Two quadratics in different units, one harder: the rates come together."""
    rates = {}
    for decay in (0.1, 0.0):
        balancer, x = FAMO(learning_rate=10.0, decay=decay), np.ones(2)
        history = []
        for _ in range(400):
            values = np.array([1.0, 1e4]) * x**2
            w = balancer.weights(np.eye(2), values)
            # Per unit of weighted relative gain the second one moves half as much.
            x = x * np.exp(-0.01 * w * values / (w @ values) * [1.0, 0.5])
            history.append(np.log(values))
        falls = -np.diff(history, axis=0)[-50:].mean(axis=0)
        rates[decay] = falls[0] / falls[1]
    assert abs(rates[0.0] - 1) < 0.05
    assert abs(rates[0.0] - 1) < abs(rates[0.1] - 1)


def test_famo_and_losses_of_zero():
    found = by_losses(FAMO(), [0, 0], [0, 1], [0, 0], [1e-300, 1], [1e300, 0])
    assert np.isfinite(found).all()
    assert_allclose(found.sum(axis=1), 1.0)
    assert_allclose(found[0], 0.5)
    assert_allclose(found[1], [0, 1])
    assert_allclose(found[4], [1, 0])


# ExcessMTL ----------------------------------------------------------------------


def test_excess_is_the_papers_where_all_entries_of_a_gradient_shrink_alike():
    """The released code's estimate with one curvature per parameter."""
    rng = np.random.default_rng(0)
    directions = np.sign(rng.normal(size=(3, 40))) * [[1.0], [20.0], [1e-3]]
    sizes = rng.uniform(0.2, 1.0, (6, 3))
    balancer, squares, logits = ExcessMTL(learning_rate=0.7), 0.0, np.zeros(3)
    for t, size in enumerate(sizes):
        gradients = size[:, None] * directions
        squares = squares + gradients**2
        excess = (gradients**2 / np.sqrt(squares)).sum(axis=1)
        if t == 0:
            first = excess
        else:
            logits = logits + 0.7 * excess / first
        found = balancer.weights(gradients @ gradients.T)
        assert_allclose(found, softmax(logits), rtol=1e-10)


def test_excess_does_not_depend_on_units_or_losses():
    rng = np.random.default_rng(0)
    rows = rng.uniform(0.1, 1.0, (5, 3))
    unit = np.array([1e-20, 1.0, 1e20])
    expected = by_energies(ExcessMTL(), *rows)
    assert_allclose(by_energies(ExcessMTL(), *rows * unit), expected)
    balancer = ExcessMTL()
    found = [balancer.weights(np.diag(row), rng.uniform(size=3)) for row in rows]
    assert_allclose(found, expected)


def test_excess_raises_what_is_further_from_its_optimum():
    rows = [[1.0, 0.5**t] for t in range(10)]
    found = by_energies(ExcessMTL(), *rows)
    assert (np.diff(found[:, 0]) > 0).all()
    assert np.isfinite(by_energies(ExcessMTL(1e6), [1e30, 1e-30], [1e-30, 1e30])).all()


# GLS ----------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 5])
def test_gls_is_the_gradient_of_the_geometric_mean(n):
    _, values, _ = sample(n, 0)
    w = by_losses(GLS(), values)[0]
    gradient = approx_fprime(values, lambda x: np.prod(x) ** (1 / n), 1e-7)
    assert_allclose(w, gradient, rtol=1e-5)
    assert_allclose(w @ values, np.prod(values) ** (1 / n))


def test_gls_is_finite_for_all_losses():
    extreme = np.array([5e-324, 1e-300, 1.0, 1e300, 0.0, *[1e308] * 20])
    w = by_losses(GLS(), extreme)[0]
    assert np.isfinite(w).all()
    assert w[4] == 0
    assert np.argmax(w) == 0


# Tchebycheff and SmoothTchebycheff ----------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 5])
def test_tchebycheff_is_the_gradient(n):
    _, values, rng = sample(n, 0)
    p = rng.dirichlet(np.ones(n))
    ideal = rng.uniform(-1, 1, n)
    w = by_losses(Tchebycheff(ideal), values, preference=p)[0]
    gradient = approx_fprime(values, lambda x: np.max(p * (x - ideal)), 1e-8)
    assert_allclose(w, gradient, atol=1e-6)
    w = by_losses(SmoothTchebycheff(0.3, ideal), values, preference=p)[0]
    gradient = approx_fprime(
        values, lambda x: 0.3 * logsumexp(p * (x - ideal) / 0.3), 1e-7
    )
    assert_allclose(w, gradient, rtol=1e-5)


def test_ties_are_shared():
    assert_allclose(
        by_losses(Tchebycheff(), [2, 1, 2, 2])[0], [1 / 12, 0, 1 / 12, 1 / 12]
    )
    # 0.3 * 0.7 is not quite 0.7 * 0.3 * (1 + 1e-16).
    w = by_losses(Tchebycheff(), [0.7, 0.3 * (1 + 2e-16)], preference=[0.3, 0.7])[0]
    assert_allclose(w, [0.15, 0.35])
    w = by_losses(Tchebycheff(), [0.7, 0.3 * (1 + 1e-9)], preference=[0.3, 0.7])[0]
    assert_allclose(w, [0.0, 0.7])


def test_smooth_tchebycheff_between_its_limits():
    _, values, rng = sample(5, 0)
    p = rng.dirichlet(np.ones(5))
    hard = by_losses(Tchebycheff(), values, preference=p)[0]
    assert_allclose(by_losses(SmoothTchebycheff(1e-4), values, preference=p)[0], hard)
    soft = by_losses(SmoothTchebycheff(1e6), values, preference=p)[0]
    assert_allclose(soft, p / 5, rtol=1e-5)
    scaled = by_losses(SmoothTchebycheff(20.0), 200 * values, preference=p)[0]
    assert_allclose(by_losses(SmoothTchebycheff(0.1), values, preference=p)[0], scaled)
    for values in ([0.0, 1e300], [1e300, 1e300], [0.0, 0.0]):
        assert np.isfinite(by_losses(SmoothTchebycheff(1e-300), values)).all()


@pytest.mark.parametrize("cls", [Tchebycheff, SmoothTchebycheff])
def test_an_objective_without_preference_has_no_weight(cls):
    for values in ([0.0, 0.0], [1.0, 9.0], [9.0, 1.0]):
        # Below the ideal point, too, where its own distance of 0 would be largest.
        for ideal in (None, [10.0, 10.0]):
            w = by_losses(cls(ideal=ideal), values, preference=[1, 0])[0]
            assert_allclose(w, [1.0, 0.0])


@pytest.mark.parametrize("cls", [Tchebycheff, SmoothTchebycheff])
def test_the_ideal_point_follows_the_objectives(cls):
    balancer = cls(ideal=[0.0, 5.0, 1.0])
    balancer.weights(np.eye(3), [1.0, 5.0, 1.5])
    balancer.keep(np.array([True, False, True]))
    expected = cls(ideal=[0.0, 1.0]).weights(np.eye(2), [1.0, 1.5])
    assert_allclose(balancer.weights(np.eye(2), [1.0, 1.5]), expected)
    with pytest.raises(
        ValueError, match=rf"{cls.__name__} remembers 2 objectives.*with 3"
    ):
        balancer.weights(np.eye(3), np.ones(3))
    balancer.reset()
    assert balancer.weights(np.eye(3), np.ones(3)).shape == (3,)


@pytest.mark.parametrize("cls", [Tchebycheff, SmoothTchebycheff])
def test_a_refused_call_leaves_no_ideal_behind(cls):
    balancer = cls(ideal=[0.0, 5.0])
    with pytest.raises(ValueError, match=r"number for each of the 3.*Got 2 instead"):
        balancer.weights(np.eye(3), np.ones(3))
    balancer.ideal = [0.0, 5.0, 1.0]
    assert balancer.weights(np.eye(3), np.ones(3)).shape == (3,)


# EPO ----------------------------------------------------------------------------


def program(gramian, values, r, *, relax=False, eps=1e-4):
    """The linear program of EPO as written: c, A, b, and whether it balances."""
    n = len(values)
    u = r * values / (r @ values)
    mu = np.sum(u * np.log(n * u))
    a = r * (np.log(n * u) - mu)
    Ga = gramian @ a
    if mu <= eps:
        bound = min(0.0, Ga.max())
        rows = gramian if relax else np.vstack([gramian, Ga])
        return gramian.sum(axis=0), rows, np.append(np.zeros(n), bound)[: len(rows)], 0
    b = np.zeros(n)
    if (Ga > 0).any():
        b = np.where(Ga > 0, -np.inf, Ga)
        b[np.argmax(r * values)] = 0.0
    return Ga, gramian, b, 1


def instances(n_seeds=40):
    for n in (2, 3, 5, 8):
        for seed in range(n_seeds):
            gramian, values, rng = sample(n, seed)
            if seed % 3 == 0:
                # Opposed: less than the mean of the gradients.
                P = np.eye(n) - 1.3 / n
                gramian = P @ gramian @ P
            r = rng.dirichlet(3 * np.ones(n))
            if seed % 2:
                values = (1 + 1e-3 * rng.normal(size=n)) / r
            yield gramian, values, r


@pytest.mark.parametrize("relax", [False, True])
def test_epo_is_the_solution_of_the_linear_program(relax):
    kinds = set()
    for gramian, values, r in instances():
        c, A, b, balances = program(gramian, values, r, relax=relax)
        w = EPO(relax=relax).weights(gramian, values, preference=r)
        finite = np.isfinite(b)
        solved = linprog(
            -c,
            A_ub=-A[finite],
            b_ub=-b[finite],
            A_eq=np.ones((1, len(c))),
            b_eq=[1.0],
            options={
                "primal_feasibility_tolerance": 1e-10,
                "dual_feasibility_tolerance": 1e-10,
            },
        )
        kinds.add((balances, solved.status))
        if solved.status == 2:
            # The restriction cannot be met: as without it.
            assert not relax
            assert not balances
            expected = EPO(relax=True).weights(gramian, values, preference=r)
        else:
            assert solved.status == 0
            expected = solved.x
        assert_allclose(w, expected, atol=1e-8)
    assert {(0, 0), (1, 0)} <= kinds


def test_epo_of_two_objectives_is_the_best_of_a_fine_grid():
    grid = np.linspace(0, 1, 200_001)
    W = np.stack([grid, 1 - grid])
    for seed in range(30):
        gramian, values, rng = sample(2, seed)
        r = rng.dirichlet([3.0, 3.0])
        c, A, b, _ = program(gramian, values, r)
        can = (b[:, None] - 1e-4 * np.abs(A).max() <= A @ W).all(axis=0)
        best = grid[can][np.argmax(c @ W[:, can])]
        w = EPO().weights(gramian, values, preference=r)
        assert_allclose(w[0], best, atol=1e-3)


def test_epo_does_not_raise_the_non_uniformity_or_the_largest_product():
    for gramian, values, r in instances():
        c, _, _, balances = program(gramian, values, r)
        w = EPO().weights(gramian, values, preference=r)
        scale = np.abs(gramian).max()
        if balances:
            # Unless every single objective raises it.
            assert c @ w >= min(0.0, c.max()) - 1e-10 * scale
            assert (gramian @ w)[np.argmax(r * values)] >= -1e-10 * scale
        else:
            assert (gramian @ w >= -1e-10 * scale).all()


@pytest.mark.parametrize("preference", [[1, 1], [3, 1], [1, 9]])
def test_epo_reaches_the_exact_point_of_the_front(preference):
    """Distances from two points: the front is the line between them."""
    a, b = np.array([1.0, 0.0]), np.array([-1.0, 0.0])
    x = np.array([0.4, 1.5])
    r = np.array(preference, float)
    for _ in range(4000):
        values = np.array([(x - a) @ (x - a), (x - b) @ (x - b)])
        gradients = np.array([2 * (x - a), 2 * (x - b)])
        w = EPO().weights(gradients @ gradients.T, values, preference=r)
        x = x - 0.002 * w @ gradients
    products = r * values
    assert_allclose(products[0], products[1], rtol=0.05)
    assert abs(x[1]) < 0.01
    assert -1 < x[0] < 1


def test_epo_needs_preferences_above_zero():
    with pytest.raises(ValueError, match="EPO needs a preference of more than 0"):
        EPO().weights(np.eye(3), np.ones(3), preference=[1, 0, 1])


def test_epo_shares_ties_evenly():
    gradients = np.array([[1.0, 0.2], [1.0, 0.2], [-0.5, 1.0]])
    gramian = gradients @ gradients.T
    for values in ([1.0, 1.0, 1.0], [2.0, 2.0, 1.0], [1.0, 1.0, 3.0]):
        w = EPO().weights(gramian, values)
        assert w[0] == w[1]
    assert_allclose(EPO().weights(np.eye(4), np.ones(4)), 0.25)
    assert_allclose(EPO().weights(np.ones((4, 4)), np.ones(4)), 0.25)


def test_epo_of_degenerate_input():
    assert_allclose(EPO().weights([[0.0]], [0.0]), 1.0)
    opposed = np.array([[1.0, -2.0], [-2.0, 4.0]])
    # The only weights that descend for both make a gradient of 0.
    assert_allclose(EPO().weights(opposed, [1.0, 1.0]), [2 / 3, 1 / 3])
    assert_allclose(EPO().weights(opposed, [0.0, 0.0]), [2 / 3, 1 / 3])
    # A loss of 0 is as balanced as one of 2.2e-16 of all.
    a = EPO().weights(np.eye(2), [1.0, 0.0])
    assert_allclose(a, EPO().weights(np.eye(2), [1.0, 1e-20]))
    assert_allclose(a, [1.0, 0.0])
    # Indefinite beyond rounding: no weights descend for both.
    worse = np.array([[1.0, -1.1], [-1.1, 1.0]])
    w = EPO().weights(worse, [1.0, 1.0], preference=[1, 1])
    assert_allclose(w, 0.5)


def test_epo_with_many_objectives():
    gramian, values, _ = sample(100, 0)
    w = EPO().weights(gramian, values)
    c, A, b, balances = program(gramian, values, np.full(100, 0.01))
    assert balances
    finite = np.isfinite(b)
    solved = linprog(
        -c, A_ub=-A[finite], b_ub=-b[finite], A_eq=np.ones((1, 100)), b_eq=[1.0]
    )
    assert_allclose(c @ w, -solved.fun, rtol=1e-8)
    assert (A[finite] @ w >= b[finite] - 1e-9 * np.abs(A).max()).all()
