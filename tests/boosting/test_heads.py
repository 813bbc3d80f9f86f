"""Objectives' own trees: how they are grown, what part they get, how they combine."""

from __future__ import annotations

from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize_scalar
from scipy.special import log_expit

from skmo.balancing import Equal
from skmo.boosting import (
    BoostingResult,
    Head,
    HeadTrainer,
    LeafSettings,
    OwnSettings,
    SharedBooster,
    TargetCoder,
    TargetRows,
    TreeGrower,
    to_one,
)
from skmo.boosting import _head_choice as choice
from skmo.boosting._own import OwnRows, train_own
from skmo.boosting.structure import RandomDirection
from skmo.objectives import (
    Binary,
    Huber,
    Multiclass,
    Objective,
    Poisson,
    Quantile,
    SquaredError,
    Tweedie,
)

TREE = {"num_leaves": 7, "min_data_in_leaf": 10, "max_bin": 63}
SETTINGS = OwnSettings(
    tree_params=TREE,
    leaves=LeafSettings(learning_rate=0.2),
    n_estimators=15,
    patience=5,
    tol=0.0,
    seed=3,
)
DETERMINISTIC = {"deterministic": True, "force_col_wise": True, "verbosity": -1}


class Given(Objective):
    """The loss of a row is its score: losses made by hand."""

    def init_score(self, target, weight):
        return np.zeros(1)

    def loss(self, target, score):
        return score

    def gradient_hessian(self, target, score, gradient, hessian):
        gradient[...] = hessian[...] = 1


class OwnSquare(SquaredError):
    """What LightGBM has no name for, with a loss that it knows."""


class OwnBinary(Binary):
    """The same for labels, whose constant is not 0."""


def rows_of(objectives, Y, W=None, n_train=None):
    """Encoded targets; the coder sees the first rows alone, by default all."""
    Y, seen = np.asarray(Y, dtype=float), slice(n_train)
    coder = TargetCoder(objectives).fit(Y[seen], None if W is None else W[seen])
    return TargetRows(coder, Y, W)


def given(before, after, weight=None, **options):
    """The choice between losses made by hand."""
    Y = np.zeros((len(before), 2))
    W = None if weight is None else np.array(weight, dtype=float)[:, None]
    rows = rows_of([Given(), SquaredError()], Y, W)
    columns = (np.array(a, dtype=float)[:, None] for a in (before, after))
    return choice.choose_share(rows, 0, *columns, **options)


class TestShare:
    """The weight of a blend."""

    @staticmethod
    def scores(n, seed=0):
        """A target and two unlike, equally fallible predictions of it."""
        rng = np.random.default_rng(seed)
        signal = rng.normal(size=n)
        shared, own = signal + 0.8 * rng.normal(size=(2, n)) * [[1.0], [0.8]]
        return rng, signal, shared, own

    @staticmethod
    def penalty(before, after, weight):
        """The preference for an even blend: standard errors of the difference."""
        weight = np.ones(len(before)) if weight is None else weight
        p = weight / weight.sum()
        fall = before - after
        variance = p @ (fall - p @ fall) ** 2
        return choice._CAUTION * np.sqrt(variance * (p**2).sum())

    @pytest.mark.parametrize("weighted", [False, True])
    @pytest.mark.parametrize("n", [12, 100, 5000])
    def test_squared_error_in_closed_form(self, n, weighted):
        """f(w) = E(r − w d)² / 2 + P (w − ½)²: least at (E[r d] + P) / (E[d²] + 2P).

        r = y − shared, d = own − shared; shares are multiples of .05.
        """
        rng, signal, shared, own = self.scores(n)
        y = signal + 0.5 * rng.normal(size=n)
        weight = rng.uniform(0.1, 3, n) if weighted else None
        W = None if weight is None else np.tile(weight[:, None], (1, 2))
        rows = rows_of([SquaredError()] * 2, np.column_stack([y, y]), W)
        centre, scale = rows.coder.centre[0], rows.coder.scale[0]
        z, shared, own = ((a - centre) / scale for a in (y, shared, own))
        found = choice.choose_share(
            rows, 0, shared[:, None], own[:, None], continues=False
        )
        r, d = z - shared, own - shared
        P = self.penalty(r**2 / 2, (r - d) ** 2 / 2, weight)
        mean = np.average(np.stack([r * d, d * d]), axis=1, weights=weight)
        expected = (mean[0] + P) / (mean[1] + 2 * P)
        assert 0.05 < expected < 0.95
        assert abs(found - expected) <= 0.0251

    @pytest.mark.parametrize("n", [15, 400])
    def test_log_loss_against_scipy(self, n):
        rng, signal, shared, own = self.scores(n, seed=2)
        y = (rng.random(n) < 1 / (1 + np.exp(-1.5 * signal))).astype(float)
        rows = rows_of([Binary(), SquaredError()], np.column_stack([y, signal]))

        def losses(score):
            return -np.where(y == 1, log_expit(score), log_expit(-score))

        P = self.penalty(losses(shared), losses(own), None)
        expected = minimize_scalar(
            lambda w: losses((1 - w) * shared + w * own).mean() + P * (w - 0.5) ** 2,
            bounds=(0, 1),
            method="bounded",
        ).x
        found = choice.choose_share(
            rows, 0, shared[:, None], own[:, None], continues=False
        )
        assert abs(found - expected) <= 0.05

    def test_multiclass_scores_blend_together(self):
        """The right class has score 2 in the one and 0 in the other."""
        y = np.arange(60) % 3
        rows = rows_of([Multiclass(), SquaredError()], np.column_stack([y, y]))
        right, wrong = 2.0 * np.eye(3)[y], 2.0 * np.eye(3)[(y + 1) % 3]
        assert choice.choose_share(rows, 0, wrong, right, continues=False) == 1.0
        assert choice.choose_share(rows, 0, right, wrong, continues=False) == 0.0

    def test_losses_by_hand(self):
        """Losses linear in the share: ½ + fall / (2 · caution · standard error).

        Falls of 1 ± 2 in four rows: mean 1, standard error 2 / √4 = 1. With a
        caution of 2 the share is ½ + ¼; a fall of 2 or more is worth all.
        """
        falls = np.array([-1.0, 3.0, -1.0, 3.0])
        caution = choice._CAUTION
        for shift in (0.0, -1.0, 0.4, -0.4):
            share = given([10.0] * 4, 10.0 - falls - shift, continues=False)
            expected = 0.5 + (1 + shift) / (2 * caution)
            assert abs(share - expected) <= 0.0251
        assert given([10.0] * 4, 10.0 - falls - 2 * caution, continues=False) == 1.0
        assert given([10.0] * 4, 10.0 - falls + 2 * caution, continues=False) == 0.0

    def test_without_a_difference_the_blend_is_certain(self):
        """All rows alike: no error, so the side of less loss is taken whole."""
        assert given([3.0] * 5, [2.0] * 5, continues=False) == 1.0
        assert given([2.0] * 5, [3.0] * 5, continues=False) == 0.0

    def test_one_row_decides(self):
        assert given([3.0], [2.0], continues=False) == 1.0
        assert given([2.0], [2.0], continues=True) == 0.0

    def test_weights_count_as_rows(self):
        rng, signal, shared, own = self.scores(50)
        whole = rng.integers(1, 4, 50)
        y = signal + rng.normal(size=50)

        def share(times, W):
            Y = np.repeat(np.column_stack([y, y]), times, axis=0)
            rows = rows_of([SquaredError()] * 2, Y, W)
            scores = (np.repeat(a, times)[:, None] for a in (shared, own))
            return choice.choose_share(rows, 0, *scores, continues=False)

        repeated = share(whole, None)
        weighted = share(np.ones(50, int), whole[:, None].astype(float))
        # Weights are fewer rows than repetitions, and so a little more careful.
        assert abs(weighted - repeated) <= 0.05
        # A heavy row decides against the others.
        falls = np.array([5.0, -1.0, -1.0, -1.0])
        assert given([9.0] * 4, -falls, [1, 9, 9, 9], continues=True) == 0.0
        assert given([9.0] * 4, -falls, [9, 1, 1, 1], continues=True) == 1.0


class TestSurely:
    """All or nothing, and the rule of one standard error."""

    def test_continuing_trees_are_kept_where_the_loss_falls(self):
        # They add to the shared scores: the loss is 3 + (-0.1) on average.
        assert given([3.0, 3.0], [-0.2, 0.0], continues=True) == 1.0
        assert given([3.0, 3.0], [0.2, -0.1], continues=True) == 0.0
        assert given([3.0, 3.0], [0.0, 0.0], continues=True) == 0.0

    @pytest.mark.parametrize(
        ("falls", "kept"),
        [
            ([1.0, 3.0], True),  # 2 against 1 / √2
            ([-1.0, 3.0], False),  # 1 against 2 / √2 = 1.41
            ([-1.0, 3.0] * 3, True),  # 1 against 2 / √6 = 0.82
            ([-2.0, -1.0], False),
            ([0.0, 0.0], False),
        ],
    )
    def test_one_standard_error(self, falls, kept):
        falls = np.array(falls)
        before = np.full(len(falls), 10.0)
        assert given(before, -falls, continues=True, surely=True) == kept
        assert given(before, -falls, continues=True) == (falls.mean() > 0)
        # A blend's own share is judged: here all of it.
        share = given(before, before - 10 * falls, continues=False, surely=True)
        assert (share > 0) == kept

    def test_weights_in_the_standard_error(self):
        """Weights 3, 1: mean (3·1 + 5) / 4 = 2, variance 3, rows 16 / 10 = 1.6.

        The error is √(3 / 1.6) = 1.37. Falls of 0.3 and 4.3 have mean 1.3,
        variance 3 again, and 1.3 < 1.37.
        """
        options = {"continues": True, "surely": True}
        assert given([9.0] * 2, [-1.0, -5.0], [3, 1], **options) == 1.0
        assert given([9.0] * 2, [-0.3, -4.3], [3, 1], **options) == 0.0


# What LightGBM calls an objective, on targets from a signal, and the target it is
# trained on. Centres and scales are worked out here, not taken from the coder.
def standardised(y, weight=None):
    centre = np.average(y, weights=weight)
    return (y - centre) / np.sqrt(np.average((y - centre) ** 2, weights=weight))


def by_quartiles(y, weight=None):
    low, centre, high = np.quantile(y, [0.25, 0.5, 0.75])
    return (y - centre) / ((high - low) / 1.3489795003921634)


NATIVE = {
    "squared_error": (
        SquaredError(),
        {"objective": "regression"},
        lambda f, r: 5 + 3 * f,
        standardised,
    ),
    "poisson": (
        Poisson(max_delta_step=0.5),
        {"objective": "poisson", "poisson_max_delta_step": 0.5},
        lambda f, r: r.poisson(np.exp(f / 3)),
        None,
    ),
    "tweedie": (
        Tweedie(power=1.3),
        {"objective": "tweedie", "tweedie_variance_power": 1.3},
        lambda f, r: np.maximum(f, 0),
        None,
    ),
    "binary": (Binary(), {"objective": "binary"}, lambda f, r: f > 0, None),
    "multiclass": (
        Multiclass(),
        {"objective": "multiclass", "num_class": 3},
        lambda f, r: np.digitize(f, [-0.5, 0.5]),
        None,
    ),
    "quantile": (
        Quantile(alpha=0.8),
        {"objective": "quantile", "alpha": 0.8},
        lambda f, r: 5 + 3 * f,
        by_quartiles,
    ),
}


@pytest.fixture(scope="module")
def signal():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(700, 5))
    f = X[:, 0] + np.sin(2 * X[:, 1]) + 0.5 * rng.normal(size=700)
    return X, f


def native_case(name, signal, weighted=False):
    """Features, rows of the objective and another, its observed rows, LightGBM's."""
    X, f = signal
    rng = np.random.default_rng(1)
    objective, params, target, encode = NATIVE[name]
    y = np.asarray(target(f, rng), dtype=float)
    seen = rng.random(len(y)) < 0.7
    W = rng.uniform(0.5, 2, (len(y), 2)) if weighted else None
    Y = np.column_stack([X[:, 2], np.where(seen, y, np.nan)])
    rows = rows_of([SquaredError(), objective], Y, W)
    # Columns of weights are divided by their mean.
    weight = W[seen, 1] / W[:, 1].mean() if weighted else None
    label = y[seen] if encode is None else encode(y[seen], weight)
    params = {**params, **TREE, "learning_rate": 0.2, "seed": 3, **DETERMINISTIC}
    return rows, seen, label, weight, params


def assert_same_scores(trees, X, reference, rtol=1e-5):
    expected = reference.predict(X, raw_score=True).reshape(len(X), -1)
    scale = np.abs(expected).max()
    assert_allclose(trees.scores(X), expected, rtol=rtol, atol=rtol * scale)


@pytest.mark.parametrize(
    ("name", "weighted"),
    [*((name, False) for name in NATIVE), ("squared_error", True), ("binary", True)],
)
def test_a_blended_head_is_plain_lightgbm(name, weighted, signal):
    """On the observed rows of the standardised target."""
    X, _ = signal
    rows, seen, label, weight, params = native_case(name, signal, weighted)
    own = OwnRows.take(X, rows, 1, None)
    assert own.X.shape == (seen.sum(), 5)
    trees = train_own(own, None, SETTINGS, categorical=[], n_threads=1)
    reference = lgb.train(params, lgb.Dataset(X[seen], label, weight=weight), 15)
    assert trees.best_iteration == 15
    assert_same_scores(trees, X, reference)
    assert_allclose(
        trees.gains(), reference.feature_importance("gain"), rtol=1e-3, atol=1e-3
    )


@pytest.mark.parametrize("name", ["squared_error", "binary", "multiclass"])
def test_a_boosting_head_is_lightgbm_from_the_shared_scores(name, signal):
    X, _ = signal
    rows, seen, label, _, params = native_case(name, signal)
    n_scores = 3 if name == "multiclass" else 1
    start = 0.3 * np.random.default_rng(5).normal(size=(len(X), n_scores))
    own = OwnRows.take(X, rows, 1, start)
    assert_array_equal(own.start, start[seen])
    trees = train_own(own, None, SETTINGS, categorical=[], n_threads=1)
    init = start[seen] if n_scores > 1 else start[seen, 0]
    reference = lgb.train(params, lgb.Dataset(X[seen], label, init_score=init), 15)
    assert_same_scores(trees, X, reference)
    stages = list(trees.staged_scores(X))
    assert len(stages) == 15
    assert_allclose(stages[-1], trees.scores(X), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("continues", [False, True])
def test_heads_stop_where_lightgbm_stops(continues, signal):
    X, _ = signal
    rows, seen, label, _, params = native_case("squared_error", signal)
    train, val = np.arange(400), np.arange(400, 700)
    start = 0.2 * X[:, [3]] if continues else None
    own = [
        OwnRows.take(
            X[part], rows.take(part), 1, None if start is None else start[part]
        )
        for part in (train, val)
    ]
    settings = replace(SETTINGS, n_estimators=200)
    trees = train_own(*own, settings, categorical=[], n_threads=1)
    init = [None, None]
    if continues:
        init = [start[part][seen[part], 0] for part in (train, val)]
    n_train = seen[:400].sum()
    data = lgb.Dataset(X[:400][seen[:400]], label[:n_train], init_score=init[0])
    reference = lgb.train(
        params,
        data,
        200,
        valid_sets=[
            data.create_valid(X[400:][seen[400:]], label[n_train:], init_score=init[1])
        ],
        callbacks=[lgb.early_stopping(5, verbose=False)],
    )
    assert trees.best_iteration == reference.best_iteration < 195
    assert_same_scores(trees, X, reference)


@pytest.mark.parametrize("own", [False, True])
def test_tol_is_a_share_of_the_least_loss_so_far(own, signal):
    """Played back from the losses of a LightGBM fit that never stops."""
    X, f = signal
    train, val = np.arange(400), np.arange(400, 700)
    objective = OwnSquare() if own else SquaredError()
    rows = rows_of([SquaredError(), objective], np.column_stack([f, f]), n_train=400)
    z = (f - f[:400].mean()) / f[:400].std()
    data, record = lgb.Dataset(X[:400], z[:400]), {}
    lgb.train(
        {"objective": "regression", **TREE, "learning_rate": 0.2, **DETERMINISTIC},
        data,
        100,
        valid_sets=[data.create_valid(X[400:], z[400:])],
        callbacks=[lgb.record_evaluation(record)],
    )
    losses = record["valid_0"]["l2"]
    found = set()
    for tol in (1e-3, 0.02, 0.2):
        best, least = 0, losses[0]
        for t, loss in enumerate(losses):
            if t and loss < (1 - tol) * least:
                best, least = t, loss
            if t - best >= 5:
                break
        trees = train_own(
            *(OwnRows.take(X[part], rows.take(part), 1, None) for part in (train, val)),
            replace(SETTINGS, n_estimators=100, tol=tol),
            categorical=[],
            n_threads=1,
        )
        # The shared booster's losses start at the constant, before any tree.
        assert trees.best_iteration in {best + 1, 0 if own and best == 0 else best + 1}
        found.add(trees.best_iteration)
    assert len(found) > 1


@pytest.mark.parametrize("continues", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "pair", [(SquaredError, OwnSquare), (Binary, OwnBinary)], ids=["square", "binary"]
)
def test_an_objective_without_a_name_gets_the_same_head(
    pair, weighted, continues, signal
):
    """A subclass may compute anything; this one computes the same."""
    X, f = signal
    rng = np.random.default_rng(1)
    y = 4 * f if pair[0] is SquaredError else f > 1.0
    Y = np.column_stack([X[:, 2], np.where(rng.random(700) < 0.3, np.nan, y)])
    W = rng.uniform(0.5, 2, Y.shape) if weighted else None
    start = 0.2 * X[:, [3]] if continues else None
    found = []
    for objective in pair:
        rows = rows_of([SquaredError(), objective()], Y, W, n_train=400)
        own = [
            OwnRows.take(
                X[part], rows.take(part), 1, None if start is None else start[part]
            )
            for part in (np.arange(400), np.arange(400, 700))
        ]
        settings = replace(SETTINGS, n_estimators=200)
        found.append(train_own(*own, settings, categorical=[], n_threads=1))
    native, other = found
    assert type(native) is not type(other)
    assert 5 < native.best_iteration < 195
    assert other.best_iteration == native.best_iteration
    assert_allclose(other.scores(X), native.scores(X), rtol=1e-4, atol=1e-4)
    assert_allclose(to_one(other.gains()), to_one(native.gains()), atol=1e-3)
    stages = list(other.staged_scores(X))
    assert len(stages) == other.best_iteration
    assert_allclose(stages[-1], other.scores(X), rtol=1e-5, atol=1e-6)
    if continues:
        assert_allclose(start, 0.2 * X[:, [3]], rtol=0)  # left as it was


def test_what_cannot_be_improved_gets_no_trees(signal):
    """From scores that are right on the validation rows every tree leads away."""
    X, f = signal
    rows = rows_of([SquaredError(), OwnSquare()], np.column_stack([f, f]), n_train=400)
    start = np.where(np.arange(700) < 400, 0.0, rows.target(1))[:, None]
    own = (
        OwnRows.take(X[part], rows.take(part), 1, start[part])
        for part in (np.arange(400), np.arange(400, 700))
    )
    trees = train_own(*own, SETTINGS, categorical=[], n_threads=1)
    assert trees.best_iteration == 0
    assert_array_equal(trees.scores(X), np.zeros((700, 1)))


def test_huber_keeps_its_threshold(signal):
    """Two standard deviations of the observed values, in the scaled target's units."""
    X, f = signal
    rng = np.random.default_rng(1)
    y = np.where(rng.random(700) < 0.05, 40.0, 5 + 3 * f)
    rows = rows_of([SquaredError(), Huber(delta=2.0)], np.column_stack([f, y]))
    own = OwnRows.take(X, rows, 1, None)
    trees = train_own(own, None, SETTINGS, categorical=[], n_threads=1)
    label = by_quartiles(y)
    params = {"objective": "huber", "alpha": 2 * label.std(), "learning_rate": 0.2}
    reference = lgb.train(
        {**params, **TREE, "seed": 3, **DETERMINISTIC}, lgb.Dataset(X, label), 15
    )
    assert_same_scores(trees, X, reference, rtol=1e-4)


def test_faster_keeps_the_length_of_the_way():
    leaves = LeafSettings(learning_rate=0.04)
    settings = replace(SETTINGS, leaves=leaves, n_estimators=100, patience=50)
    faster = settings.faster(3.0)
    assert_allclose(faster.learning_rate, 0.12)
    assert (faster.n_estimators, faster.patience) == (34, 17)
    assert faster.tree_params == settings.tree_params


class FakeTrees:
    best_iteration = 4

    def __init__(self, gains):
        self._gains = np.array(gains, dtype=float)

    def gains(self):
        return self._gains


def test_combined_scores_and_gains_by_hand():
    shared, own = np.array([[1.0], [2.0]]), np.array([[3.0], [-2.0]])
    blend = Head(FakeTrees([2, 0]), 0.25, continues=False)
    boost = Head(FakeTrees([2, 0]), 1.0, continues=True)
    assert blend.n_iter == boost.n_iter == 4
    assert_allclose(blend.combine(shared, own), [[1.5], [1.0]])
    assert_allclose(boost.combine(shared, own), [[4.0], [0.0]])
    # ¾ · (¼, ¾) + ¼ · (1, 0), and (1 + 2, 3 + 0) / 6.
    gains = np.array([1.0, 3.0])
    assert_allclose(blend.gains(gains), [0.4375, 0.5625])
    assert_allclose(boost.gains(gains), [0.5, 0.5])
    # Trees without a split take no part.
    assert_allclose(blend.gains(np.zeros(2)), [1.0, 0.0])
    assert_allclose(boost.gains(np.zeros(2)), [1.0, 0.0])
    stump = Head(FakeTrees([0, 0]), 0.25, continues=False)
    assert_allclose(stump.gains(gains), [0.25, 0.75])
    assert_allclose(stump.gains(np.zeros(2)), [0.0, 0.0])


class TestTrainer:
    """Both ways to decide, on real trees."""

    @staticmethod
    def fitted(Y, X, *, n_val=0, objectives=None, rounds=10):
        """Grower, rows, booster and the shared trees on all but the last rows."""
        objectives = objectives or [SquaredError()] * Y.shape[1]
        split = len(X) - n_val
        coder = TargetCoder(objectives).fit(Y[:split], None)
        train = TargetRows(coder, Y[:split], None)
        val = TargetRows(coder, Y[split:], None) if n_val else None
        grower = TreeGrower(X[:split], TREE, X_val=X[split:] if n_val else None)
        booster = SharedBooster(
            RandomDirection(),
            Equal(),
            preference=None,
            leaves=SETTINGS.leaves,
            n_estimators=rounds,
            patience=None,
            tol=0.0,
            seed=0,
        )
        result = BoostingResult.start(coder, X.shape[1])
        return grower, train, val, booster, booster.fit(grower, train, val, result)

    @staticmethod
    def trainer(n_objectives, *, continues, sparing=False, n_jobs=1, **changes):
        return HeadTrainer(
            continues=continues,
            sparing=sparing,
            settings=[replace(SETTINGS, **changes)] * n_objectives,
            seed=0,
            n_jobs=n_jobs,
            n_threads=n_jobs,
        )

    @pytest.mark.parametrize("continues", [False, True])
    def test_boost_is_kept_only_where_the_validation_loss_falls(
        self, continues, signal
    ):
        """Targets: a signal, and noise that an eager learner only learns by heart."""
        X, f = signal
        noise = np.random.default_rng(7).normal(size=len(f))
        grower, train, val, _, result = self.fitted(
            np.column_stack([f, noise]), X, n_val=300
        )
        eager = {**TREE, "num_leaves": 60, "min_data_in_leaf": 1}
        trainer = self.trainer(2, continues=continues, tree_params=eager)
        heads = trainer.by_validation(grower, train, val, result, watch=False)
        assert heads[0] is not None
        assert heads[0].n_iter == 15
        before = result.forest.scores(grower.X_val, result.n_iter)
        after = heads[0].combine(before[:, [0]], heads[0].trees.scores(grower.X_val))
        loss = np.square(val.target(0) - before[:, 0]).mean()
        assert np.square(val.target(0) - after[:, 0]).mean() < 0.9 * loss
        if continues:
            assert heads[1] is None
        else:
            assert heads[1] is None or heads[1].share < 0.5

    @pytest.mark.parametrize("continues", [False, True])
    def test_folds_do_not_look_at_training_loss(self, continues, signal):
        X, f = signal
        noise = np.random.default_rng(7).normal(size=len(f))
        grower, train, _, booster, result = self.fitted(np.column_stack([f, noise]), X)
        eager = {**TREE, "num_leaves": 200, "min_data_in_leaf": 1}
        trainer = self.trainer(2, continues=continues, tree_params=eager)
        heads = trainer.by_folds(grower, train, booster, result)
        assert heads[0] is not None
        assert heads[1] is None or heads[1].share < 0.5
        # Blended heads are trained on all rows for all rounds, boosting ones for
        # as many as the folds found best.
        assert heads[0].n_iter == 15 or (continues and heads[0].n_iter < 15)

    def test_boosting_heads_get_the_rounds_of_the_folds(self, signal, monkeypatch):
        X, f = signal
        grower, train, _, booster, result = self.fitted(np.column_stack([f, -f]), X)
        rounds = []

        def watched(train, val, *args, **options):
            trees = train_own(train, val, *args, **options)
            rounds.append(trees.best_iteration)
            return trees

        monkeypatch.setattr("skmo.boosting._head_training.train_own", watched)
        trainer = self.trainer(2, continues=True, n_estimators=200)
        heads = trainer.by_folds(grower, train, booster, result)
        assert len(rounds) == 8  # three folds of two objectives, then both on all rows
        assert max(rounds) < 195
        for k, head in enumerate(heads):
            assert head.n_iter == round(np.mean(rounds[k:6:2]))

    def test_sparing_heads_are_fewer(self, signal):
        """Identical learners on both sides: a blend gains, but hardly."""
        X, f = signal
        Y = np.column_stack([f, f + 1e-3 * X[:, 4], X[:, 0], np.sin(2 * X[:, 1])])
        grower, train, _, booster, result = self.fitted(Y, X, rounds=40)
        weak = self.trainer(4, continues=False, n_estimators=3)
        sparing = self.trainer(4, continues=False, sparing=True, n_estimators=3)
        kept = [
            np.array(
                [h is not None for h in t.by_folds(grower, train, booster, result)]
            )
            for t in (weak, sparing)
        ]
        assert not (kept[1] & ~kept[0]).any()
        assert kept[1].sum() < 4

    def test_objectives_without_anything_to_choose_by(self, signal):
        """No head for a constant target, nor for one without validation rows."""
        X, f = signal
        Y = np.column_stack([f, f, np.full(len(f), 2.0), f])
        Y[400:, 1] = np.nan
        Y[1:400, 3] = np.nan
        grower, train, val, _, result = self.fitted(Y, X, n_val=300)
        trainer = self.trainer(4, continues=False)
        heads = trainer.by_validation(grower, train, val, result, watch=True)
        assert [head is None for head in heads] == [False, True, True, True]

    def test_too_few_rows_for_folds(self, signal):
        X, f = signal
        Y = np.column_stack([f, -f])[:5]
        grower, train, _, booster, result = self.fitted(Y, X[:5])
        heads = self.trainer(2, continues=False).by_folds(
            grower, train, booster, result
        )
        assert heads == [None, None]

    @pytest.mark.parametrize("continues", [False, True])
    def test_jobs_change_nothing(self, continues, signal):
        X, f = signal
        Y = np.column_stack([f, np.sin(X[:, 2]), X[:, 3] * X[:, 4]])
        Y[::3, 0] = np.nan
        grower, train, _, booster, result = self.fitted(Y, X)
        found = []
        for n_jobs in (1, 3):
            trainer = self.trainer(3, continues=continues, n_jobs=n_jobs)
            found.append(trainer.by_folds(grower, train, booster, result))
        for one, other in zip(*found, strict=True):
            assert (one is None) == (other is None)
            if one is not None:
                assert one.share == other.share
                assert_array_equal(one.trees.scores(X), other.trees.scores(X))

    def test_folds_sample_many_rows(self, signal, monkeypatch):
        X, f = signal
        grower, train, _, booster, result = self.fitted(np.column_stack([f, -f]), X)
        seen = []
        take = TreeGrower.take

        def watched(self, rows, X_val=None):
            seen.append((len(rows), X_val.shape[0]))
            return take(self, rows, X_val=X_val)

        monkeypatch.setattr(TreeGrower, "take", watched)
        monkeypatch.setattr("skmo.boosting._head_training._MAX_FOLD_ROWS", 300)
        heads = self.trainer(2, continues=False).by_folds(
            grower, train, booster, result
        )
        assert seen == [(200, 100)] * 3
        assert all(head is not None for head in heads)
