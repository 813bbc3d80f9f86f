"""Learners of each objective's own, beside or after the shared trees."""

from __future__ import annotations

import pickle
import warnings

import joblib
import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, KFold

from skmo import (
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRegressor,
)
from skmo.boosting import TargetRows
from skmo.boosting import _head_choice as choice
from skmo.exceptions import ConstantTargetWarning, ValidationWarning
from skmo.objectives import Huber, Quantile, SquaredError

FAST = {"n_estimators": 12, "num_leaves": 7, "n_jobs": 1, "random_state": 0}
KINDS = ["none", "boost", "blend", "auto"]
HEADED = KINDS[1:]


class OwnSquare(SquaredError):
    """A loss of the user's own: LightGBM has no name for it."""


def regressor(**params):
    return MultiObjectiveRegressor(**{**FAST, **params})


def fit_some(est, X, Y, n_val, weight=None):
    """Fit on all but the last rows and validate on those, if there are any."""
    split = X.shape[0] - n_val
    weights = [None, None] if weight is None else [weight[:split], weight[split:]]
    val = {}
    if n_val:
        val = {"X_val": X[split:], "y_val": Y[split:], "sample_weight_val": weights[1]}
    return est.fit(X[:split], Y[:split], weights[0], **val)


def raw_parts(est, X):
    """Scores of the shared trees, and of each head (None without)."""
    result = est._result
    shared = result.forest.scores(X, result.n_iter[result.coder.owner], 1, np.float64)
    return shared, [h and h.trees.scores(X) for h in result.heads]


def assert_sound(est, X):
    """What holds of any fit: attributes, stages and predictions fit together."""
    n = est.n_objectives_
    kinds, shares, rounds = est.heads_, est.head_shares_, est.head_n_iter_
    assert isinstance(kinds, list)
    assert shares.shape == rounds.shape == est.n_iter_.shape == (n,)
    assert rounds.dtype.kind == "i"
    own = "boost" if est.heads == "boost" else "blend"
    for kind, share, n_own in zip(kinds, shares, rounds, strict=True):
        assert kind in ("none", own)
        assert (share == 0) == (kind == "none")
        assert 0 <= share <= 1
        assert kind == "blend" or share in (0, 1)
        assert n_own == 0 or kind != "none"
    if est.heads == "none":
        assert set(kinds) == {"none"}
    sums = est.objective_importances_.sum(axis=1)
    assert_allclose(sums[sums > 0], 1)
    assert est.objective_importances_.min() >= 0
    predicted = est.predict(X)
    last = est.n_iter_ + rounds if own == "boost" else np.maximum(est.n_iter_, rounds)
    stages = list(est.staged_predict(X))
    assert len(stages) == last.max()
    if not stages:
        stages = [predicted]
    if isinstance(est, MultiObjectiveClassifier):
        probabilities = est.predict_proba(X)
        if predicted.ndim == 1:
            probabilities = [probabilities]
        for p in probabilities:
            assert np.isfinite(p).all()
            assert_allclose(p.sum(axis=1), 1)
        *_, final = [probabilities, *est.staged_predict_proba(X)]
        final = [final] if isinstance(final, np.ndarray) else final
        for p, q in zip(final, probabilities, strict=True):
            assert_allclose(p, q, rtol=1e-5, atol=1e-6)
        return
    assert np.isfinite(predicted).all()
    scale = np.abs(predicted).max(axis=0)
    assert (np.abs(stages[-1] - predicted) <= 2e-6 * scale).all()
    for k, t in enumerate(last):
        # Its prediction stands from its own last tree on.
        if t and predicted.ndim > 1:
            assert (np.abs(stages[t - 1] - predicted)[:, k] <= 2e-6 * scale[k]).all()


OBJECTIVES = [
    "binary",
    "poisson",
    "multiclass",
    Quantile(alpha=0.8),
    Huber(),
    "absolute_error",
    OwnSquare(),
    "tweedie",
    "squared_error",
]


@pytest.fixture
def every():
    """A target for every loss; the last depends on two of the others' features."""
    rng = np.random.default_rng(4)
    X = rng.normal(size=(240, 4))
    noise = 0.3 * rng.normal(size=(240, 4))
    Y = np.column_stack(
        [
            X[:, 0] + noise[:, 0] > 0,
            rng.poisson(np.exp(X[:, 1])),
            np.digitize(X[:, 2] + noise[:, 1], [-1, 0.5]),
            *(3 * X[:, :3] + noise[:, :3]).T,
            X[:, 0] - X[:, 3],
            np.maximum(X[:, 1], 0),
            X[:, 2] * X[:, 3] + noise[:, 3],
        ]
    )
    return X, Y.astype(float)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_val", [0, 70])
class TestAllKinds:
    @pytest.mark.parametrize("weighted", [False, True])
    def test_every_loss(self, weighted, kind, n_val, every):
        """With missing targets and weights, some of them 0."""
        X, Y = every
        rng = np.random.default_rng(0)
        Y = np.where(rng.random(Y.shape) < 0.2, np.nan, Y)
        weight = None
        if weighted:
            weight = rng.uniform(0.2, 3, Y.shape) * (rng.random(Y.shape) < 0.9)
        est = MultiObjectiveEstimator(OBJECTIVES, heads=kind, **FAST)
        assert_sound(fit_some(est, X, Y, n_val, weight), X)
        if kind != "none":
            assert len(set(est.heads_)) == 2 or est.head_shares_.all()
            assert est.head_shares_.mean() > 0.2

    def test_labels(self, kind, n_val, labels):
        X, Y = labels
        est = MultiObjectiveClassifier(heads=kind, **FAST)
        assert_sound(fit_some(est, X, Y, n_val), X)
        assert est.score(X, Y) > 0.4

    def test_real_targets(self, kind, n_val, holed):
        X, Y = holed
        est = regressor(heads=kind)
        assert_sound(fit_some(est, X, Y, n_val), X)
        assert est.score(X, Y) > 0.5


# The default with and without validation rows, the others one way each.
@pytest.mark.parametrize(
    ("n_val", "kind"), [(0, "auto"), (70, "auto"), (0, "boost"), (70, "blend")]
)
class TestHeads:
    def test_one_target_needs_no_head(self, kind, n_val, real, labels):
        X, Y = real
        est = fit_some(regressor(heads=kind), X, Y[:, 0], n_val)
        assert_sound(est, X)
        assert est.heads_ == ["none"]
        plain = fit_some(regressor(heads="none"), X, Y[:, 0], n_val)
        assert_array_equal(est.predict(X), plain.predict(X))
        X, Y = labels
        est = MultiObjectiveClassifier(heads=kind, **FAST)
        assert_sound(fit_some(est, X, Y[:, 1], n_val), X)
        assert est.heads_ == ["none"]

    def test_shared_trees_are_left_alone(self, kind, n_val, holed):
        """Heads come after them and change nothing about them."""
        X, Y = holed
        est = fit_some(regressor(heads=kind), X, Y, n_val)
        plain = fit_some(regressor(heads="none"), X, Y, n_val)
        assert_array_equal(est.apply(X), plain.apply(X))
        assert_array_equal(est.n_iter_, plain.n_iter_)
        for name in set(plain.history_) - {"seconds"}:
            assert_array_equal(est.history_[name], plain.history_[name])
        # What the heads add is their part, no more.
        shared, own = raw_parts(est, X)
        assert_allclose(plain._raw_predict(X), shared)
        raw = est._raw_predict(X)
        for k, (scores, share) in enumerate(zip(own, est.head_shares_, strict=True)):
            expected = shared[:, k]
            if est.heads_[k] == "boost":
                expected = expected + scores[:, 0]
            elif est.heads_[k] == "blend":
                expected = (1 - share) * expected + share * scores[:, 0]
            assert_allclose(raw[:, k], expected, rtol=1e-5, atol=1e-6)

    def test_a_constant_target(self, kind, n_val, real):
        X, Y = real
        Y = np.column_stack([Y, np.full(len(Y), 7.0)])
        est = fit_some(regressor(heads=kind), X, Y, n_val)
        assert_sound(est, X)
        assert est.heads_[3] == "none"
        assert_allclose(est.predict(X)[:, 3], 7)

    def test_few_rows(self, kind, n_val, real):
        X, Y = real
        losses = ["squared_error", "quantile", OwnSquare()]
        for n in (2, 3, 4, 5, 6, 7, 9):
            est = regressor(heads=kind, objective=losses, min_child_samples=1)
            val = {"X_val": X[200:202], "y_val": Y[200:202]} if n_val else {}
            assert_sound(est.fit(X[:n], Y[:n], **val), X)

    @pytest.mark.parametrize("n_observed", [1, 2, 3, 4, 8])
    def test_few_observed(self, n_observed, kind, n_val, real):
        """Some folds have no row to train on, some none to judge by."""
        X, Y = real[0][:90], real[1][:90].copy()
        Y[n_observed : 90 - n_val // 2, :2] = np.nan
        est = regressor(heads=kind, objective=["squared_error", OwnSquare(), "huber"])
        assert_sound(fit_some(est, X, Y, n_val // 2), X)

    @pytest.mark.parametrize("objective", ["squared_error", OwnSquare()])
    def test_few_rows_in_the_bag(self, objective, kind, n_val, real):
        """Rows suffice for the shared trees' bag, not for that of a fold or head."""
        X, Y = real[0][:120], real[1][:120].copy()
        Y[5 : 120 - n_val, 2] = np.nan
        est = regressor(
            heads=kind, objective=objective, subsample=0.1, min_child_samples=1
        )
        assert_sound(fit_some(est, X, Y, n_val), X)
        est.set_params(subsample=0.2)
        assert_sound(est.fit(X[:6], Y[:6, :2]), X)

    def test_rare_labels(self, kind, n_val):
        """A class, or all but one, is absent from folds and from what is left."""
        rng = np.random.default_rng(0)
        X = rng.normal(size=(130, 3))
        for n_rare in (1, 2, 4):
            rare = np.arange(130) < n_rare
            Y = np.column_stack(
                [rare, np.where(rare, 5, X[:, 0] > 0), np.where(rare, 2, 1)]
            ).astype(int)
            est = MultiObjectiveClassifier(heads=kind, **FAST)
            assert_sound(fit_some(est, X, Y, n_val), X)
            assert (est.predict(X)[n_val:, 1] < 5).mean() > 0.9

    def test_counts_that_are_nearly_all_zero(self, kind, n_val):
        rng = np.random.default_rng(0)
        X = rng.normal(size=(130, 3))
        zeros = (np.arange(130) < 3).astype(float)
        Y = np.column_stack([zeros, 4 * zeros, zeros / 2, X[:, 0] > 0])
        est = MultiObjectiveEstimator(
            ["poisson", "tweedie", "cross_entropy", "binary"], heads=kind, **FAST
        )
        assert_sound(fit_some(est, X, Y, n_val), X)

    def test_features_that_cannot_be_split(self, kind, n_val, real):
        """Nothing varies but in rows that one objective does not observe."""
        X, Y = real
        Y = Y.copy()
        varied = np.arange(len(X)) < 100
        X = np.where(varied[:, None], X, 0.0)
        Y[varied, 2] = np.nan
        for objective in ("squared_error", OwnSquare()):
            est = regressor(heads=kind, objective=objective)
            assert_sound(fit_some(est, X, Y, n_val), X)

    def test_nothing_is_printed(self, kind, n_val, every, capfd):
        X, Y = every
        est = MultiObjectiveEstimator(OBJECTIVES, heads=kind, **FAST)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            fit_some(est, X, Y, n_val).predict(X)
            pickle.loads(pickle.dumps(est)).predict(X)
        assert capfd.readouterr() == ("", "")

    def test_round_trip_and_clone(self, kind, n_val, every, tmp_path):
        X, Y = every
        est = MultiObjectiveEstimator(OBJECTIVES, heads=kind, **FAST)
        fit_some(est, X, Y, n_val)
        if n_val:
            loaded = pickle.loads(pickle.dumps(est))
        else:
            joblib.dump(est, tmp_path / "model.joblib")
            loaded = joblib.load(tmp_path / "model.joblib")
        again = fit_some(clone(est), X, Y, n_val)
        for other in (loaded, again):
            assert_array_equal(other.predict(X), est.predict(X))
            assert other.heads_ == est.heads_
            assert_array_equal(other.head_shares_, est.head_shares_)
            assert_array_equal(other.head_n_iter_, est.head_n_iter_)
            assert_array_equal(other.objective_importances_, est.objective_importances_)
        stages = zip(loaded.staged_predict(X), est.staged_predict(X), strict=True)
        for one, other in stages:
            assert_array_equal(one, other)

    def test_jobs_change_nothing(self, kind, n_val, every):
        X, Y = every
        one, two = (
            fit_some(
                MultiObjectiveEstimator(
                    OBJECTIVES, heads=kind, **{**FAST, "n_jobs": n_jobs}, subsample=0.6
                ),
                X,
                Y,
                n_val,
            )
            for n_jobs in (1, 2)
        )
        assert_array_equal(one.predict(X), two.predict(X))
        assert_array_equal(one.head_shares_, two.head_shares_)

    def test_sparse_features(self, kind, n_val, real):
        X, Y = real
        X = np.where(X > 0, np.round(X, 1), 0.0)
        dense = fit_some(regressor(heads=kind), X, Y, n_val)
        for convert in (sp.csr_matrix, sp.csc_array):
            thin = convert(X).tocsr()
            est = fit_some(regressor(heads=kind), thin, Y, n_val)
            assert_allclose(est.predict(convert(X)), dense.predict(X), rtol=1e-6)
            assert_array_equal(est.head_shares_, dense.head_shares_)
            assert_sound(est, thin)

    def test_categories(self, kind, n_val):
        """Effects that no order of the codes follows, for losses of both sorts."""
        rng = np.random.default_rng(1)
        code = rng.permutation(np.arange(600) % 12)
        X = np.column_stack([rng.normal(size=600), code])
        effect = 3 * rng.normal(size=12)[code]
        Y = np.column_stack([effect + X[:, 0], effect, X[:, 0]])
        objective = ["squared_error", OwnSquare(), "huber"]
        score = {}
        for categorical in (None, [1]):
            est = regressor(
                heads=kind,
                objective=objective,
                categorical_features=categorical,
                num_leaves=5,
            )
            assert_sound(fit_some(est, X, Y, n_val), X)
            assert est.head_shares_[:2].all()
            found = np.array(raw_parts(est, X)[1][:2])[:, :, 0]
            if kind == "boost":
                found = est.predict(X).T
            score[categorical is None] = [
                np.corrcoef(found[k], Y[:, k])[0, 1] for k in (0, 1)
            ]
        assert (np.array(score[False]) >= np.array(score[True])).all()

    def test_units_do_not_matter(self, kind, n_val, real):
        X, Y = real
        before = fit_some(regressor(heads=kind), X, Y, n_val)
        for unit in (2.0**-40, 2.0**40):
            est = fit_some(regressor(heads=kind), X, Y * [1, unit, 1], n_val)
            assert_array_equal(est.head_shares_, before.head_shares_)
            predicted = est.predict(X) / [1, unit, 1]
            assert_allclose(predicted, before.predict(X), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", HEADED)
def test_an_objective_without_validation_rows_has_no_head(kind, real):
    X, Y = real
    y_val = Y[200:].copy()
    y_val[:, 1] = np.nan
    est = regressor(heads=kind)
    with pytest.warns(ValidationWarning, match="target1"):
        est.fit(X[:200], Y[:200], X_val=X[200:], y_val=y_val)
    assert_sound(est, X)
    assert est.heads_[1] == "none"
    assert est.head_shares_[[0, 2]].all()


@pytest.mark.parametrize("kind", HEADED)
def test_a_hold_out_decides(kind, real):
    X, Y = real
    est = regressor(heads=kind, early_stopping=True, validation_fraction=0.3)
    assert_sound(est.fit(X, Y), X)
    assert est.head_shares_.all()
    again = clone(est).fit(X, Y)
    assert_array_equal(again.predict(X), est.predict(X))


@pytest.mark.parametrize("kind", HEADED)
def test_without_early_stopping_validation_rows_still_choose(kind, real):
    """All rounds are used; whether they help is for the validation rows to say."""
    X, Y = real
    noise = np.random.default_rng(0).normal(size=Y.shape)
    params = {"early_stopping": False, "head_params": {"n_estimators": 60}}
    est = regressor(heads=kind, **params)
    est.fit(X[:200], Y[:200], X_val=X[200:], y_val=Y[200:])
    assert_sound(est, X)
    assert_array_equal(est.n_iter_, 12)
    kept = est.head_shares_ > 0
    assert kept.all()
    rounds = 60 if kind != "auto" else est.head_n_iter_[0]
    assert_array_equal(est.head_n_iter_, rounds)
    # The same training rows, but what was learnt is no use to these.
    lost = regressor(heads=kind, **params)
    lost.fit(X[:200], Y[:200], X_val=X[200:], y_val=noise[200:])
    assert (lost.head_shares_ < est.head_shares_).all()
    assert lost.head_shares_.max() <= 0.5


@pytest.mark.parametrize("kind", ["boost", "blend"])
def test_heads_stop_early_by_themselves(kind, mixed):
    X, Y = mixed
    est = MultiObjectiveEstimator(
        ["binary", "squared_error", "poisson"],
        heads=kind,
        n_iter_no_change=5,
        head_params={"n_estimators": 400, "learning_rate": 0.2},
        **FAST,
    )
    fit_some(est, X, Y, 150)
    assert_sound(est, X)
    kept = est.head_shares_ > 0
    assert kept.sum() >= 2
    assert (est.head_n_iter_[kept] < 395).all()
    assert len(set(est.head_n_iter_[kept])) > 1


class TestChoice:
    @staticmethod
    def losses(est, X, Y, scores):
        return TargetRows(est._result.coder, Y, None).losses(scores)

    def test_boosting_never_raises_a_validation_loss(self, every):
        X, Y = every
        Y = np.column_stack([Y, np.random.default_rng(0).normal(size=(len(Y), 2))])
        objectives = [*OBJECTIVES, "squared_error", "absolute_error"]
        eager = {"min_child_samples": 1, "num_leaves": 50, "n_estimators": 30}
        for early_stopping in ("auto", False):
            est = MultiObjectiveEstimator(
                objectives,
                heads="boost",
                head_params=eager,
                early_stopping=early_stopping,
                **FAST,
            )
            fit_some(est, X, Y, 100)
            X_val, y_val = X[-100:], Y[-100:]
            shared, _ = raw_parts(est, X_val)
            before = self.losses(est, X_val, y_val, shared)
            after = self.losses(est, X_val, y_val, est._raw_predict(X_val))
            kept = est.head_shares_ > 0
            assert kept.sum() > 4
            assert (after[kept] < before[kept]).all()
            assert_allclose(after[~kept], before[~kept], rtol=1e-5)
        assert not kept[-2:].any()  # noise learnt by heart

    @pytest.mark.parametrize("kind", ["blend", "auto"])
    def test_no_other_share_has_less_penalised_validation_loss(self, kind, every):
        X, Y = every
        est = MultiObjectiveEstimator(OBJECTIVES, heads=kind, **FAST)
        fit_some(est, X, Y, 100)
        X_val, y_val = X[-100:], Y[-100:]
        shared, own = raw_parts(est, X_val)
        coder = est._result.coder
        shares = np.linspace(0, 1, 21)
        checked = 0
        for k, share in enumerate(est.head_shares_):
            if own[k] is None:
                continue
            objective, columns = coder.objectives[k], coder.scores[k]
            target = (y_val[:, k] - coder.centre[k]) / coder.scale[k]
            blends = []
            for w in shares:
                score = (1 - w) * shared[:, columns] + w * own[k]
                score = score if objective.multi_score else score[:, 0].astype(float)
                blends.append(objective.loss(target, score))
            blends = np.array(blends)
            caution = choice._CAUTION * (blends[-1] - blends[0]).std() / 10
            total = blends.mean(axis=1) + caution * (shares - 0.5) ** 2
            assert total[np.argmin(np.abs(shares - share))] <= total.min() + 1e-7
            checked += 1
        assert checked > 6

    @pytest.mark.parametrize("kind", HEADED)
    @pytest.mark.parametrize("n_val", [0, 80])
    def test_noise_learnt_by_heart_gets_no_share(self, kind, n_val):
        """On the training rows such a head is right to the last digit."""
        rng = np.random.default_rng(0)
        X = rng.normal(size=(240, 4))
        Y = np.column_stack([X[:, 0], rng.normal(size=(240, 3))])
        eager = {"min_child_samples": 1, "num_leaves": 200, "n_estimators": 40}
        est = regressor(heads=kind, head_params={**eager, "learning_rate": 0.5})
        fit_some(est, X, Y, n_val)
        assert_sound(est, X)
        assert (est.head_shares_[1:] < 0.5).all()
        if kind != "blend":
            assert est.head_shares_[1:].max() == 0 or n_val

    @pytest.mark.parametrize("kind", ["blend", "auto"])
    def test_the_folds_choice_depends_on_the_seed_alone(self, kind, real):
        X, Y = real
        est = regressor(heads=kind, objective=["squared_error", "huber", OwnSquare()])

        def chosen(seed, order=1):
            est.set_params(random_state=seed).fit(X[::order], Y[::order])
            return np.concatenate([est.head_shares_, est.head_n_iter_])

        first = chosen(0)
        others = [chosen(1), chosen(2), chosen(0, order=-1)]
        if kind == "blend":
            assert any((other != first).any() for other in others)
        np.random.default_rng().normal(size=3)
        assert_array_equal(chosen(0), first)

    @pytest.mark.parametrize(
        ("objective", "n_val", "kind"),
        [
            ("squared_error", 0, "auto"),
            (OwnSquare(), 0, "boost"),
            (OwnSquare(), 150, "auto"),
            ("squared_error", 150, "blend"),
        ],
    )
    def test_an_objective_that_sharing_drowns_is_saved(self, objective, n_val, kind):
        """Nine targets follow three features; the tenth two others.

        In a dozen rounds hardly a tree is about the tenth.
        """
        rng = np.random.default_rng(0)
        X = rng.normal(size=(800, 12))
        crowd = X[:, :3] @ rng.normal(size=(3, 9))
        lone = np.sign(X[:, 10]) + np.sign(X[:, 11])
        Y = np.column_stack([crowd, lone])
        Y += 0.1 * rng.normal(size=Y.shape)
        rows, test = slice(500), slice(500, None)
        objectives = ["squared_error"] * 9 + [objective]
        score = {}
        for heads in ("none", kind):
            est = regressor(heads=heads, objective=objectives, num_leaves=5)
            fit_some(est, X[rows], Y[rows], n_val)
            score[heads] = r2_score(
                Y[test], est.predict(X[test]), multioutput="raw_values"
            )
        assert score["none"][9] < 0.3
        assert score[kind][9] > 0.8
        assert est.head_shares_[9] > 0.8
        assert (score[kind] > score["none"] - 0.01).all()


class TestHeadParams:
    @pytest.fixture(params=[0, 100], ids=["folds", "validation"])
    def fit(self, request, real):
        X, Y = real

        def fit(**params):
            params = {"early_stopping": False, "heads": "blend", **params}
            est = regressor(**params)
            fit_some(est, X, Y, request.param)
            assert_sound(est, X)
            return est

        return fit

    def test_for_all_objectives(self, fit, real):
        est = fit(head_params={"n_estimators": 40})
        assert_array_equal(est.n_iter_, 12)
        assert set(est.head_n_iter_[est.head_shares_ > 0]) == {40}
        X = real[0]
        # Stumps add up over the features: swap the first of pairs of rows.
        one, other = X[:100], X[100:200]
        swapped = [a.copy() for a in (one, other)]
        swapped[0][:, 0], swapped[1][:, 0] = other[:, 0], one[:, 0]
        for num_leaves in (2, 7):
            est = fit(head_params={"n_estimators": 40, "num_leaves": num_leaves})
            trees = est._result.heads[2].trees
            plain, mixed = (
                sum(trees.scores(part) for part in parts)
                for parts in ((one, other), swapped)
            )
            additive = np.allclose(plain, mixed, atol=1e-6)
            assert additive == (num_leaves == 2)

    def test_for_some(self, fit):
        own = {
            "target0": {"n_estimators": 37, "learning_rate": 0.2},
            "target2": {"n_estimators": 39},
        }
        est = fit(head_params=own)
        assert est.head_n_iter_.tolist() == [37, 12, 39]

    def test_each_takes_effect(self, fit, real):
        """Own scores differ from those at the estimator's settings."""
        X = real[0]
        plain = raw_parts(fit(), X)[1][0]
        for params in (
            {"learning_rate": 0.31},
            {"max_depth": 2},
            {"min_child_samples": 60},
            {"min_split_gain": 3.0},
            {"reg_alpha": 3.0},
            {"reg_lambda": 30.0},
            {"subsample": 0.5},
            {"colsample_bytree": 0.4},
            {"max_bin": 7},
            {"lightgbm_params": {"extra_trees": True}},
        ):
            est = fit(head_params={"target0": params})
            found = raw_parts(est, X)[1][0]
            assert found is None or np.abs(found - plain).max() > 1e-3, params
        # One that is the estimator's already changes nothing.
        same = fit(head_params={"target0": {"num_leaves": 7}})
        assert_array_equal(raw_parts(same, X)[1][0], plain)

    def test_the_estimators_are_inherited(self, real):
        X, Y = real
        for params in (
            {"reg_lambda": 30.0},
            {"lightgbm_params": {"extra_trees": True}},
        ):
            found = []
            for by_head in (False, True):
                own = {"head_params": params} if by_head else params
                est = regressor(heads="blend", **own)
                fit_some(est, X, Y, 100)
                found.append(raw_parts(est, X)[1][0])
            assert_array_equal(*found)

    def test_patience(self, real):
        X, Y = real
        rounds = []
        for patience in (1, 50):
            est = regressor(
                heads="blend",
                objective="absolute_error",
                n_estimators=200,
                head_params={"n_iter_no_change": patience, "learning_rate": 0.5},
            )
            rounds.append(fit_some(est, X, Y, 100).head_n_iter_)
        assert (rounds[0] <= rounds[1]).all()
        assert rounds[0].sum() < rounds[1].sum()

    def test_auto_keeps_a_rate_of_its_own(self, real):
        """Longer steps are auto's choice, in as many times fewer rounds."""
        X, Y = real
        for own, rounds in (({}, None), ({"learning_rate": 0.02}, 40)):
            est = regressor(
                heads="auto",
                n_estimators=40,
                learning_rate=0.02,
                early_stopping=False,
                head_params=own,
            )
            fit_some(est, X, Y, 100)
            assert_array_equal(est.n_iter_, 40)
            assert_array_equal(est.head_n_iter_, rounds or est.head_n_iter_[0])
            if rounds is None:
                assert 10 <= est.head_n_iter_[0] <= 20

    def test_names_of_a_data_frame(self, real):
        pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
        X, Y = real
        table = pd.DataFrame(Y, columns=["click", "watch", "share"])
        est = regressor(heads="blend", head_params={"watch": {"n_estimators": 33}})
        assert est.fit(X, table).head_n_iter_.tolist() == [12, 33, 12]


@pytest.mark.parametrize("kind", HEADED)
class TestWarmStart:
    def test_heads_are_trained_anew(self, kind, real):
        X, Y = real
        once = fit_some(regressor(heads=kind, n_estimators=18), X, Y, 100)
        est = regressor(heads=kind, warm_start=True, n_estimators=6)
        for n in (6, 18):
            fit_some(est.set_params(n_estimators=n), X, Y, 100)
            assert_sound(est, X)
            assert est.n_iter_.max() == n
        assert_array_equal(est.head_shares_, once.head_shares_)
        assert_array_equal(est.head_n_iter_, once.head_n_iter_)
        assert_allclose(est.predict(X), once.predict(X), rtol=1e-4, atol=1e-4)

    def test_without_validation_rows(self, kind, real):
        X, Y = real
        est = regressor(heads=kind, warm_start=True).fit(X, Y)
        assert_sound(est.set_params(n_estimators=20).fit(X, Y), X)
        assert_array_equal(est.n_iter_, 20)
        before = est.predict(X)
        assert_allclose(est.fit(X, Y).predict(X), before, rtol=1e-6, atol=1e-6)
        # Heads can be added to trees that had none, and be taken away.
        est.set_params(heads="none").fit(X, Y)
        assert est.heads_ == ["none"] * 3
        assert_allclose(est.set_params(heads=kind).fit(X, Y).predict(X), before)


@pytest.mark.parametrize("kind", HEADED)
def test_weights_of_zero_are_absent_rows(kind, real):
    """For the heads, too, and for the rows that judge them."""
    X, Y = real
    kept = np.random.default_rng(0).random(Y.shape) < 0.6
    for n_val in (0, 100):
        by_nan = fit_some(regressor(heads=kind), X, np.where(kept, Y, np.nan), n_val)
        by_weight = fit_some(
            regressor(heads=kind), X, np.where(kept, Y, 1e9), n_val, 1.0 * kept
        )
        assert_allclose(by_weight.predict(X), by_nan.predict(X), rtol=1e-5, atol=1e-5)
        assert_array_equal(by_weight.head_shares_, by_nan.head_shares_)


@pytest.mark.parametrize("kind", HEADED)
def test_heads_learn_from_weights(kind, real):
    """Half of the rows say the opposite; the heavy half is believed."""
    X, Y = real
    side = np.arange(len(X)) % 2 == 0
    Y = np.where(side[:, None], Y, -Y)
    for heavy in (side, ~side):
        weight = np.where(heavy, 20.0, 1.0)
        est = fit_some(regressor(heads=kind), X, Y, 100, weight)
        predicted = est.predict(X[heavy])
        assert np.corrcoef(predicted[:, 0], Y[heavy, 0])[0, 1] > 0.8


def test_importances_are_those_of_what_predicts(real):
    """The head's share of the gains is its share of the prediction."""
    X, Y = real
    for kind in HEADED:
        est = fit_some(regressor(heads=kind), X, Y, 100)
        plain = fit_some(regressor(heads="none"), X, Y, 100)
        for k, head in enumerate(est._result.heads):
            own = head.trees.gains()
            shared = plain.objective_importances_[k]
            if kind == "boost":
                shared = est._result.importances[k]
                expected = (shared + own) / (shared + own).sum()
            else:
                expected = (1 - head.share) * shared + head.share * own / own.sum()
            assert_allclose(est.objective_importances_[k], expected, atol=1e-12)
        assert_allclose(
            est.feature_importances_, est.objective_importances_.mean(axis=0)
        )
        assert est.objective_importances_[0].argmax() == 0
        assert est.objective_importances_[1].argmax() == 1


def test_stages_of_a_blend_have_as_many_trees_on_both_sides(real):
    X, Y = real
    est = regressor(heads="blend", early_stopping=False)
    fit_some(est, X, Y, 100)
    coder = est._result.coder
    stages = list(est.staged_predict(X))
    assert len(stages) == 12
    for t in (0, 4, 11):
        for k, head in enumerate(est._result.heads):
            shared = est._result.forest.scores(X, np.full(3, t + 1), 1, np.float64)[
                :, k
            ]
            own = list(head.trees.staged_scores(X))[t][:, 0]
            score = (1 - head.share) * shared + head.share * own
            expected = score * coder.scale[k] + coder.centre[k]
            assert_allclose(stages[t][:, k], expected, rtol=1e-5, atol=1e-5)


def test_stages_of_a_boosting_head_come_last(real):
    X, Y = real
    est = regressor(heads="boost")
    fit_some(est, X, Y, 100)
    plain = fit_some(regressor(heads="none"), X, Y, 100)
    stages, shared = list(est.staged_predict(X)), list(plain.staged_predict(X))
    for k, n in enumerate(est.n_iter_):
        assert_allclose(stages[n - 1][:, k], shared[n - 1][:, k], rtol=1e-6)
        if est.head_n_iter_[k]:
            assert np.abs(stages[n][:, k] - shared[n - 1][:, k]).max() > 1e-3


def test_grid_search_over_heads(real):
    X, Y = real
    search = GridSearchCV(
        regressor(),
        {"heads": KINDS, "head_params": [None, {"num_leaves": 4}]},
        cv=KFold(2, shuffle=True, random_state=0),
        error_score="raise",
    ).fit(X, Y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    scores = search.cv_results_["mean_test_score"]
    none = [p["heads"] == "none" for p in search.cv_results_["params"]]
    assert len(set(scores[none])) == 1
    assert search.best_params_["heads"] != "none"


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_inside_of_joblib(backend, holed):
    """Workers fit as the main process does, whatever their threads."""
    X, Y = holed
    ests = [regressor(heads=kind, n_jobs=2) for kind in HEADED]
    fitted = joblib.Parallel(n_jobs=2, backend=backend)(
        joblib.delayed(est.fit)(X, Y) for est in ests
    )
    for est in fitted:
        expected = clone(est).fit(X, Y).predict(X)
        assert_array_equal(est.predict(X), expected)


def test_a_failed_fit_keeps_the_heads(real):
    X, Y = real
    est = regressor(heads="blend").fit(X, Y)
    before = est.predict(X)
    with pytest.raises(ValueError, match="head_params"):
        est.set_params(head_params={"num_leaves": 0}).fit(X, Y)
    assert_array_equal(est.predict(X), before)


def test_a_single_class_left_in_a_column():
    X = np.random.default_rng(0).normal(size=(60, 2))
    Y = np.column_stack([X[:, 0] > 0, np.zeros(60)]).astype(int)
    est = MultiObjectiveClassifier(**FAST)
    with pytest.warns(ConstantTargetWarning):
        est.fit(X, Y)
    assert_sound(est, X)
    assert est.heads_[1] == "none"
