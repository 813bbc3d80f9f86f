"""A funnel's losses and gradients, against a row by row recomputation."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, logit

from skmo.balancing import Balancer, Equal, UPGrad
from skmo.boosting import (
    CONFLICTS,
    FunnelRows,
    Reconciler,
    TargetCoder,
    TargetRows,
    conditional_target,
)
from skmo.estimators._stages import encode_stages
from skmo.objectives import (
    Binary,
    ConditionalLoss,
    EntireSpaceLoss,
    Stage,
    get_stage_losses,
)

LOSSES = {
    "conditional": "conditional",
    "twice conditional": {"conditional": 2.0},
    "entire_space": "entire_space",
    "ips": "ips",
    "dr": "dr",
    "mix": {"conditional": 1.0, "entire_space": 0.3},
    "mix of three": {"dr": 0.5, "entire_space": 0.2, "ips": 0.1},
}
each_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
each_conflict = pytest.mark.parametrize("conflict", CONFLICTS)
each_weight = pytest.mark.parametrize("weights", [None, "rows", "cells"])
each_length = pytest.mark.parametrize("n_stages", [2, 3])
# Gradients are kept in float32.
CLOSE = {"rtol": 3e-6, "atol": 3e-7}


class Problem:
    """Stages, some of them unknown, with weights and scores."""

    def __init__(self, n_stages, weights=None, *, holes=True, n=50, seed=0):
        rng = np.random.default_rng(seed)
        target = np.logical_and.accumulate(
            rng.random((n, n_stages)) < 0.7, axis=1
        ).astype(float)
        if holes:
            target[rng.random(target.shape) < 0.25] = np.nan
        # As the estimator passes them on: rows of which nothing is known are left out.
        target = encode_stages(list(target.T), [str(k) for k in range(n_stages)])
        self.target = target[~np.isnan(target).all(axis=1)]
        n = len(self.target)
        self.n_stages = n_stages
        self.scores = rng.normal(size=(n, n_stages))
        self.imputed = rng.uniform(size=(n, n_stages))
        self.weight = None
        if weights is not None:
            shape = (n, 1 if weights == "rows" else n_stages)
            self.weight = rng.uniform(0.2, 3.0, shape)
            self.weight[rng.random(n) < 0.1] = 0.0
            if weights == "cells":
                self.weight[rng.random(shape) < 0.1] = 0.0

    @classmethod
    def given(cls, target):
        """These stages at scores of 0."""
        problem = cls(len(target[0]))
        problem.target = np.array(target, dtype=float)
        problem.scores, problem.imputed = np.zeros((2, *problem.target.shape))
        return problem

    def rows(
        self, loss="entire_space", conflict="ignore", n_threads=1, coder=None, **params
    ):
        if coder is None:
            conditional = conditional_target(self.target, self.weight)
            coder = TargetCoder([Binary() for _ in range(self.n_stages)])
            coder.fit(conditional, self.weight)
        balancer = UPGrad() if conflict == "balance" else None
        reconciler = None
        if conflict != "stop_gradient":
            reconciler = Reconciler(conflict, params.pop("balancer", balancer))
        rows = FunnelRows(
            coder,
            self.target,
            self.weight,
            n_threads,
            losses=get_stage_losses(loss),
            reconciler=reconciler,
            **params,
        )
        rows.impute(self.imputed)
        return rows

    @property
    def cell_weight(self):
        """As the booster counts: each column's mean positive weight is 1."""
        if self.weight is None:
            return np.ones_like(self.target)
        mean = [column[column > 0].mean() for column in self.weight.T]
        return np.broadcast_to(self.weight / mean, self.target.shape)


def shares(target, weight):
    """Of those who reached the stage before, the share of which a stage is known.

    By stage; and by row the product over the earlier stages that it reached.
    """
    n, n_stages = target.shape
    observed, known = np.ones(n_stages), np.ones((n, n_stages))
    for k in range(1, n_stages):
        seen = total = 0.0
        for row, w in zip(target, weight, strict=True):
            if row[k - 1] == 1:
                total += w.max()
                seen += w.max() * (not np.isnan(row[k]) and w[k] > 0)
        observed[k] = seen / total
    for i, k in np.ndindex(n, n_stages):
        for j in range(1, k):
            known[i, k] *= observed[j] if target[i, j - 1] == 1 else 1.0
    return observed, known


def gradients(rows, scores):
    """Losses, gradient, Hessian and energy."""
    gradient = np.full(scores.shape, np.nan, dtype=np.float32)
    hessian = rows.new_hessian()
    losses, energy = rows.gradients(scores, gradient, hessian)
    return losses, gradient, hessian, energy


class Direct:
    """The same from the stages' losses, one row and one stage at a time."""

    def __init__(self, problem, loss):
        n, n_stages = problem.target.shape
        self.weight = weight = problem.cell_weight
        self.gradient, self.curvature = np.zeros((2, n, n_stages, n_stages))
        total, count = np.zeros((2, n_stages))
        observed, known = shares(problem.target, weight)
        for i in range(n):
            for k in range(n_stages):
                stage = Stage(
                    problem.scores[[i], : k + 1],
                    problem.target[[i], k],
                    problem.target[[i], k - 1] if k else np.ones(1),
                    problem.imputed[[i], k],
                    observed[k],
                    known[[i], k],
                )
                parts = get_stage_losses(loss) if k else [(ConditionalLoss(), 1.0)]
                counts = 0.0
                for part, share in parts:
                    found = part.derivatives(stage)
                    share = share * weight[i, k]
                    total[k] += share * found.loss[0]
                    self.gradient[i, k, : k + 1] += share * found.gradient[0]
                    self.curvature[i, k, : k + 1] += share * found.curvature[0]
                    counts = max(counts, part.counted(stage)[0])
                count[k] += weight[i, k] * counts
        self.losses = total / count
        self.row_weight = weight.max(axis=1)
        self.coupled = any(part.coupled for part, _ in get_stage_losses(loss))

    @property
    def gramian(self):
        seen = self.row_weight > 0
        g = self.gradient[seen] / np.sqrt(self.row_weight[seen])[:, None, None]
        return np.einsum("iks,ijs->kj", g, g)

    def merged(self, conflict):
        """Gradient and Hessian by every score."""
        if conflict == "stop_gradient" or not self.coupled:
            return [np.einsum("ikk->ik", x) for x in (self.gradient, self.curvature)]
        if conflict == "project":
            total, bend = self.gradient.sum(axis=1), self.curvature.sum(axis=1)
            projected = project(self.gradient).sum(axis=1)
            return projected, bend + np.abs(projected - total)
        weights = np.ones(self.gradient.shape[1])
        if conflict == "balance":
            gramian = self.gramian / len(self.gradient)
            weights = UPGrad().weights(gramian, np.ones(len(weights)))
            weights = weights / weights.mean()
        return [
            np.einsum("k,iks->is", weights, x) for x in (self.gradient, self.curvature)
        ]

    def energy(self, gradient, conflict):
        """Of weighted gradients; a row (or its cell, if apart) counts by weight."""
        weight = np.broadcast_to(self.row_weight[:, None], gradient.shape)
        if conflict == "stop_gradient" or not self.coupled:
            weight = self.weight
        seen = weight > 0
        squares = np.zeros_like(gradient)
        squares[seen] = gradient[seen] ** 2 / weight[seen]
        return squares.sum(axis=0)


def project(gradient):
    """PCGrad, row by row, as its algorithm 1 reads, in the objectives' order."""
    projected = gradient.copy()
    for row, own in zip(projected, gradient, strict=True):
        for k in range(len(row)):
            for j in range(len(row)):
                product = row[k] @ own[j]
                if j != k and product < 0:
                    row[k] -= product / (own[j] @ own[j]) * own[j]
    return projected


@each_length
@each_weight
@each_conflict
@each_loss
def test_losses_and_gradients_row_by_row(loss, conflict, weights, n_stages):
    problem = Problem(n_stages, weights)
    direct = Direct(problem, loss)
    rows = problem.rows(loss, conflict)
    losses, gradient, hessian, energy = gradients(rows, problem.scores)
    assert_allclose(losses, direct.losses, rtol=1e-6)
    assert_allclose(rows.losses(problem.scores), direct.losses, rtol=1e-6)
    expected = direct.merged(conflict)
    assert_allclose(gradient, expected[0], **CLOSE)
    assert_allclose(hessian, expected[1], **CLOSE)
    assert_allclose(energy, direct.energy(expected[0], conflict), rtol=1e-5)
    if direct.coupled and conflict != "stop_gradient":
        assert_allclose(rows.pulls.products, direct.gramian, rtol=1e-5)
        assert_allclose(rows.pulls.gradient, direct.gradient, **CLOSE)
    else:
        assert rows.pulls is None
        assert rows.reconciled is None


@each_weight
@each_loss
def test_losses_with_scores_of_their_own(loss, weights):
    """Each stage beside the others' scores."""
    problem = Problem(3, weights)
    rows = problem.rows(loss, "stop_gradient")
    scores, own = problem.scores, problem.scores[::-1].copy()
    found = rows.losses_with_own(scores, own)
    for k in range(3):
        mixed = scores.copy()
        mixed[:, k] = own[:, k]
        assert_allclose(found[k], rows.losses(mixed)[k], rtol=1e-6)
    # The click reads nobody's.
    assert_allclose(found[0], rows.losses(own)[0], rtol=1e-6)


@each_length
@each_weight
@pytest.mark.parametrize("loss", ["conditional", "entire_space", LOSSES["mix"]])
def test_gradient_is_that_of_the_sum_of_the_losses(loss, weights, n_stages):
    problem = Problem(n_stages, weights)
    rows = problem.rows(loss)
    _, gradient, _, _ = gradients(rows, problem.scores)

    def total(scores):
        return (rows.losses(scores) * rows.weight_sums).sum()

    step = 1e-5
    for i in range(0, len(rows), 4):
        for s in range(n_stages):
            shift = np.zeros_like(problem.scores)
            shift[i, s] = step
            slope = total(problem.scores + shift) - total(problem.scores - shift)
            assert_allclose(gradient[i, s], slope / (2 * step), rtol=2e-5, atol=2e-6)


def test_conditional_losses_are_those_of_targets_observed_where_reached():
    problem = Problem(3, "cells")
    target = conditional_target(problem.target, problem.weight)
    rows = problem.rows("conditional", "stop_gradient")
    plain = TargetRows(rows.coder, target, problem.weight)
    for found, expected in zip(
        gradients(rows, problem.scores), gradients(plain, problem.scores), strict=True
    ):
        assert_array_equal(found, expected)
    assert_array_equal(rows.observed, plain.observed)
    assert_array_equal(rows.weight_sums, plain.weight_sums)
    for k in range(3):
        assert_array_equal(rows.own().target(k), plain.target(k))


def test_what_is_known_of_a_stage_given_the_one_before():
    N = np.nan
    target = np.array([[1, 1], [1, 0], [1, N], [0, 0], [N, 0], [1, 0], [1, 0]])
    weight = np.array([1.0, 1, 1, 1, 1, 0, 1])[:, None] * np.ones((1, 2))
    weight[6] = [0, 1]
    found = conditional_target(target, weight)
    expected = [[1, 1], [1, 0], [1, N], [0, N], [N, N], [N, N], [N, 0]]
    assert_array_equal(found, expected)
    assert_array_equal(target[4], [N, 0])


class TestCounts:
    """Which rows a stage's mean loss is over: (click, conversion) as below."""

    target = ((1, 1), (1, 0), (1, np.nan), (0, 0), (np.nan, 0))

    @pytest.mark.parametrize(
        ("loss", "observed", "n_counted"),
        [
            ("conditional", [1, 1, 0, 0, 0], 2),
            # Two of three clicked rows stand for the third.
            ("entire_space", [1, 1, 0, 1, 1], 3 + 1 + 1),
            # Means over all rows of which the click is known.
            ("ips", [1, 1, 0, 0, 0], 4),
            ("dr", [1, 1, 1, 1, 0], 4),
            ({"conditional": 1, "entire_space": 1}, [1, 1, 0, 1, 1], 5),
            ({"conditional": 1, "ips": 1}, [1, 1, 0, 0, 0], 4),
        ],
        ids=str,
    )
    def test_rows(self, loss, observed, n_counted):
        rows = Problem.given(self.target).rows(loss, "stop_gradient")
        expected = np.column_stack([[1, 1, 1, 1, 0], observed]).astype(bool)
        assert_array_equal(rows.observed, expected)
        assert_array_equal(rows.weight_sums, [4, n_counted])
        assert_array_equal(rows.own().observed[:, 1], [1, 1, 0, 0, 0])

    def test_all(self):
        problem = Problem(2, holes=False)
        assert problem.rows("entire_space").observed is None
        assert problem.rows("conditional").observed is not None

    @pytest.mark.parametrize(
        ("loss", "reads"),
        [("conditional", False), ("entire_space", True), ("ips", True), ("dr", True)],
    )
    def test_losses_that_read_other_scores(self, loss, reads):
        assert Problem(2).rows(loss).reads_others is reads


def test_projection():
    """Of a clicked row that did not convert, at p = q = 1/2; other rows are let be."""
    problem = Problem.given([[1, 0], [1, 1], [0, 0], [1, 1], [0, 0]])
    rows = problem.rows("entire_space", "project")
    _, gradient, hessian, _ = gradients(rows, problem.scores)
    assert_allclose(gradient[0], [-1 / 4, 5 / 12], rtol=1e-6)
    # Of the sum p (1 - p) + (1 - p)^2 P / (1 - P), and what the gradient moved by
    # from (-1/3, 1/6).
    expected = [1 / 4 + 1 / 12 + 1 / 12, 1 / 12 + 1 / 4]
    assert_allclose(hessian[0], expected, rtol=1e-6)
    scores = np.random.default_rng(0).normal(size=(5, 2))
    _, gradient, _, _ = gradients(rows, scores)
    plain = rows.pulls.gradient.sum(axis=1)
    assert_allclose(gradient[1:], plain[1:], rtol=1e-6)
    assert np.abs(gradient[0] - plain[0]).min() > 0.01


class Noting(Balancer):
    """Gives what it was told to, and keeps what it was given."""

    needs_gramian = True
    needs_losses = True
    takes_preference = True
    nonnegative = False

    def __init__(self, given=(1.0, 1.0)):
        self.given = given

    def _weights(self, gramian, losses, preference):
        self.__dict__.setdefault("calls", []).append((gramian, losses, preference))
        return np.array(self.given)

    def reset(self):
        self.calls = []


class TestBalance:
    def test_equal_weights_are_the_plain_sum(self):
        problem = Problem(3, "rows")
        plain = gradients(problem.rows(), problem.scores)
        rows = problem.rows(conflict="balance", balancer=Equal())
        for found, expected in zip(gradients(rows, problem.scores), plain, strict=True):
            assert_allclose(found, expected, rtol=1e-6, atol=1e-7)
        assert_allclose(rows.reconciled, 1)

    @each_weight
    def test_what_the_balancer_is_given(self, weights):
        problem = Problem(2, weights)
        balancer = Noting()
        rows = problem.rows(conflict="balance", balancer=balancer)
        expected = []
        for shift in (0.0, 0.5):
            problem.scores = problem.scores + shift
            gradients(rows, problem.scores)
            expected.append(Direct(problem, "entire_space"))
        problem.scores = rows.new_scores()
        constant = Direct(problem, "entire_space").losses
        for (gramian, shares, _), direct in zip(balancer.calls, expected, strict=True):
            assert_allclose(gramian, direct.gramian / len(rows), rtol=1e-5)
            assert_allclose(shares, direct.losses / constant, rtol=1e-6)
            assert np.abs(shares - 1).min() > 0.01

    def test_weights_are_scaled_and_may_be_negative(self):
        problem = Problem(2)
        direct = Direct(problem, "entire_space")
        rows = problem.rows(conflict="balance", balancer=Noting((-1.0, 3.0)))
        _, gradient, hessian, _ = gradients(rows, problem.scores)
        assert_allclose(rows.reconciled, [-0.5, 1.5])
        pulls, curvature = direct.gradient, direct.curvature
        assert_allclose(gradient, 1.5 * pulls[:, 1] - 0.5 * pulls[:, 0], **CLOSE)
        # A step is a step, whichever way it goes.
        assert_allclose(hessian, 1.5 * curvature[:, 1] + 0.5 * curvature[:, 0], **CLOSE)

    def test_only_scores_that_move_count(self):
        """A stage that moves none of them has no say either."""
        problem, balancer = Problem(2), Noting()
        rows = problem.rows(conflict="balance", balancer=balancer)
        direct = Direct(problem, "entire_space").gradient
        rows.freeze(np.array([True, False]))
        balancer.given = (3.0,)
        gradients(rows, problem.scores)
        expected = (direct[:, 1, 1] ** 2).mean()
        assert_allclose(balancer.calls[0][0], [[expected]], rtol=1e-5)
        assert_allclose(rows.reconciled, [0, 1])
        rows.freeze(np.array([False, True]))
        balancer.given = (1.0, 1.0)
        gradients(rows, problem.scores)
        expected = np.einsum("ik,ij->kj", direct[:, :, 0], direct[:, :, 0]) / len(rows)
        assert_allclose(balancer.calls[-1][0], expected, rtol=1e-5)

    def test_another_fit_remembers_nothing(self):
        problem, balancer = Problem(2), Noting()
        rows = problem.rows(conflict="balance", balancer=balancer)
        gradients(rows, problem.scores)
        taken = rows.take(np.arange(10, 40))
        other = taken._reconciler._balancer
        assert other is not balancer
        assert other.calls == []
        gradients(taken, taken.new_scores())
        assert len(balancer.calls) == len(other.calls) == 1
        # Of the constants' losses on its own rows.
        assert_allclose(other.calls[0][1], 1)


class TestConflict:
    """What later stages' entire-space losses do to a score, whatever is trained on."""

    @staticmethod
    def direct(problem):
        n_stages = problem.n_stages
        sums = np.zeros((5, n_stages - 1))
        observed, known = shares(problem.target, problem.cell_weight)
        for i, (score, target, weight) in enumerate(
            zip(problem.scores, problem.target, problem.cell_weight, strict=True)
        ):
            size = weight / known[i]
            size[1:] /= np.where(target[:-1] == 1, observed[1:], 1.0)
            p = expit(score)
            for s in range(n_stages - 1):
                own = later = 0.0
                for k in range(s, n_stages):
                    P = p[: k + 1].prod()
                    pull = {1.0: p[s] - 1, 0.0: (1 - p[s]) * P / (1 - P)}
                    if k == s:
                        own = size[k] * pull.get(target[k], 0.0)
                    else:
                        later += size[k] * pull.get(target[k], 0.0)
                if own == 0 or later == 0:
                    continue
                count = weight.max()
                sums[0, s] += count
                if own * later < 0:
                    sums[1, s] += count
                    sums[2, s] += abs(own)
                    sums[3, s] += abs(later)
                    sums[4, s] += count * (abs(later) > abs(own))
        both, against, own, later, outweighed = sums
        return np.array(
            [against / both, later / own, outweighed / against, 1 - 2 * against / both]
        )

    @each_length
    @each_weight
    @each_loss
    def test_row_by_row(self, loss, weights, n_stages):
        problem = Problem(n_stages, weights, n=200)
        problem.scores += 0.7  # so that the later losses outweigh on some rows
        found = problem.rows(loss, "stop_gradient").conflict(problem.scores)
        expected = self.direct(problem)
        assert_allclose(found, expected, rtol=1e-6)
        assert (expected[:3] > 0.05).all()

    def test_by_hand(self):
        """A row of each kind, at p = 3/4 and q = 4/5, P = 3/5."""
        problem = Problem.given([[1, 0], [1, 1], [0, 0]])
        scores = np.tile(logit([0.75, 0.8]), (3, 1))
        found = problem.rows().conflict(scores)
        # The first: own -1/4, later 1/4 * (3/5) / (2/5) = 3/8.
        assert_allclose(found[:, 0], [1 / 3, 1.5, 1.0, 1 / 3])

    def test_none(self):
        problem = Problem.given([[1, 1], [0, 0], [1, 1]])
        found = problem.rows().conflict(np.zeros((3, 2)))
        assert_array_equal(found[:, 0], [0, np.nan, np.nan, 1])

    def test_a_stage_that_weighs_nothing_does_not_pull(self):
        problem = Problem(2, holes=False)
        unknown = (np.arange(len(problem.target)) % 3 == 0) & (
            problem.target[:, 0] == 1
        )
        problem.weight = np.ones_like(problem.target)
        problem.weight[unknown, 1] = 0.0
        by_weight = problem.rows().conflict(problem.scores)
        problem.weight, problem.target = None, problem.target.copy()
        problem.target[unknown, 1] = np.nan
        assert_allclose(by_weight, problem.rows().conflict(problem.scores), rtol=1e-6)

    def test_many_rows_are_sampled(self, monkeypatch):
        monkeypatch.setattr("skmo.boosting._funnel_rows._WATCHED_ROWS", 60)
        problem = Problem(2, "rows", n=300)
        sampled = problem.rows(seed=3).conflict(problem.scores)
        assert_array_equal(problem.rows(seed=3).conflict(problem.scores), sampled)
        other = problem.rows(seed=4).conflict(problem.scores)
        assert (other != sampled).any()
        monkeypatch.undo()
        exact = problem.rows().conflict(problem.scores)
        assert (exact != sampled).any()
        assert_allclose(sampled[0], exact[0], atol=0.2)


class TestParts:
    """Rows taken out of others; rows worked on block by block."""

    @each_loss
    @each_conflict
    def test_take(self, loss, conflict):
        problem = Problem(3)
        whole = problem.rows(loss, conflict)
        gradients(whole, problem.scores)  # leaves nothing behind in what is taken
        chosen = np.array([1, 4, 5, 9, 20, 33, 2])
        taken = whole.take(chosen)
        assert taken.pulls is None
        part = Problem(3)
        part.target, part.imputed, part.scores = (
            values[chosen] for values in (part.target, part.imputed, part.scores)
        )
        expected = part.rows(loss, conflict, coder=whole.coder)
        assert len(taken) == 7
        assert_array_equal(taken.weight_sums, expected.weight_sums)
        for found, value in zip(
            gradients(taken, part.scores), gradients(expected, part.scores), strict=True
        ):
            assert_array_equal(found, value)
        assert taken.conflict(part.scores) is None  # nobody asks for it
        assert len(whole) == len(problem.target)

    @each_weight
    def test_weights_stay_as_they_are(self, weights):
        problem = Problem(2, weights, holes=False)
        if weights == "cells":
            problem.weight[problem.weight == 0] = 1.0
        whole = problem.rows("entire_space", "project")
        chosen = np.arange(0, len(whole), 3)
        _, gradient, hessian, _ = gradients(whole, problem.scores)
        taken = whole.take(chosen)
        _, part, part_hessian, _ = gradients(taken, problem.scores[chosen])
        assert_array_equal(part, gradient[chosen])
        assert_array_equal(part_hessian, hessian[chosen])
        if weights is not None:
            assert_array_equal(taken.weight, whole.weight[chosen])
            assert_array_equal(taken.own().weight, whole.weight[chosen])

    @each_loss
    @each_conflict
    def test_blocks_and_threads_change_nothing(self, loss, conflict, monkeypatch):
        problem = Problem(3, "rows")
        whole = gradients(problem.rows(loss, conflict), problem.scores)
        monkeypatch.setattr("skmo.boosting._blocks._MAX_BLOCK_ROWS", 7)
        parts = problem.rows(loss, conflict)
        assert len(parts.blocks.slices) > 5
        in_parts = gradients(parts, problem.scores)
        for found, expected in zip(in_parts, whole, strict=True):
            assert_allclose(found, expected, rtol=1e-5, atol=1e-7)
        threaded = problem.rows(loss, conflict, n_threads=3)
        try:
            for found, expected in zip(
                gradients(threaded, problem.scores), in_parts, strict=True
            ):
                assert_array_equal(found, expected)
            assert_array_equal(
                threaded.losses(problem.scores), parts.losses(problem.scores)
            )
        finally:
            threaded.blocks.close()

    @each_conflict
    def test_scores_in_float32(self, conflict):
        problem = Problem(2, "rows")
        rows = problem.rows("entire_space", conflict)
        _, exact, _, _ = gradients(rows, problem.scores)
        rows = problem.rows("entire_space", conflict)
        _, rounded, _, _ = gradients(rows, problem.scores.astype(np.float32))
        assert_allclose(rounded, exact, rtol=1e-4, atol=1e-6)


@each_conflict
@pytest.mark.parametrize("size", [30.0, 300.0])
def test_extreme_scores(size, conflict):
    problem = Problem(3, holes=False)
    problem.scores = size * np.sign(problem.scores)
    for loss in ("conditional", "entire_space", "ips", "dr"):
        rows = problem.rows(loss, conflict)
        for part in gradients(rows, problem.scores):
            assert np.isfinite(part).all()
    assert np.isfinite(rows.conflict(problem.scores)[0]).all()


def test_the_entire_space_pulls_against_the_click_where_it_was_not_followed():
    """The published flaw: by one scalar score, in opposite directions."""
    stage = Stage(logit([[0.75, 0.8]]), np.zeros(1), np.ones(1))
    later = EntireSpaceLoss().derivatives(stage).gradient[0, 0]
    assert later > 0 > 0.75 - 1
    problem = Problem.given([[1, 0], [1, 1], [0, 0]])
    scores = np.tile(logit([0.75, 0.8]), (3, 1))
    pull = {}
    for conflict in CONFLICTS[:3]:
        rows = problem.rows("entire_space", conflict)
        pull[conflict] = gradients(rows, scores)[1][0, 0]
    # -(1 - p) (1 - 2 P) / (1 - P): up for a row that was clicked.
    assert_allclose(pull["ignore"], 0.25 * 0.2 / 0.4, rtol=1e-6)
    assert_allclose(pull["stop_gradient"], -0.25, rtol=1e-6)
    assert pull["project"] < 0
