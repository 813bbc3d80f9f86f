"""Every balancer inside the estimators."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skmo import (
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRegressor,
)
from skmo.balancing import (
    BALANCERS,
    CRMOGM,
    MGDA,
    AlignedMTL,
    Balancer,
    Fixed,
    RandomLoss,
    RegularisedMinNorm,
    SmoothTchebycheff,
    Tchebycheff,
    UPGrad,
    get_balancer,
)
from skmo.exceptions import IneffectiveBalancerWarning

FAST = {
    "n_estimators": 12,
    "num_leaves": 7,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
}


def make(name, n_objectives=3):
    return Fixed(values=np.arange(1, n_objectives + 1)) if name == "fixed" else name


def instance(name):
    return get_balancer(make(name))


def ineffective(name, structure="random"):
    balancer = instance(name)
    acts_on = balancer.acts_on
    if balancer.draws_labels or balancer.takes_bounds or acts_on == "lengths":
        return True
    return acts_on == "conflict" and structure != "sum"


def fit(est, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IneffectiveBalancerWarning)
        return est.fit(*args, **kwargs)


@pytest.fixture(scope="module")
def problem():
    """Three related targets, some missing; the last one is opposed and noisy."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 5))
    base = X[:, 0] + X[:, 1] * X[:, 2]
    Y = np.column_stack([base, base + X[:, 3], -base + 2 * rng.normal(size=400)])
    Y += 0.3 * rng.normal(size=Y.shape)
    Y[rng.random(Y.shape) < 0.1] = np.nan
    return X, Y


@pytest.mark.parametrize("structure", ["random", "sum"])
@pytest.mark.parametrize("name", BALANCERS)
def test_every_balancer_trains(name, structure, problem):
    X, Y = problem
    est = MultiObjectiveRegressor(balancer=make(name), structure=structure, **FAST)
    fit(est, X, Y)
    weights = est.history_["weights"]
    assert weights.shape == (12, 3)
    assert (weights >= 0).all()
    assert_allclose(weights.sum(axis=1), 1.0)
    assert np.isfinite(est.predict(X)).all()
    first, last = est.history_["train_loss"][[0, -1]]
    assert (last <= first + 1e-6).all()
    if structure != "random":
        return
    # A new fit of it, and of a clone, is the same model.
    before = est.predict(X)
    for again in (est, pickle.loads(pickle.dumps(clone(est)))):
        assert_array_equal(fit(again, X, Y).predict(X), before)


@pytest.mark.parametrize("name", BALANCERS)
def test_every_balancer_goes_on_when_an_objective_stops(name, problem):
    X, Y = problem
    params = {**FAST, "n_estimators": 20, "n_iter_no_change": 3}
    est = MultiObjectiveRegressor(balancer=make(name), **params)
    # The last objective can only get worse on these rows.
    Y_val = Y[250:] * [1, 1, -1]
    fit(est, X[:250], Y[:250], X_val=X[250:], y_val=Y_val)
    weights, cosines = est.history_["weights"], est.history_["cosines"]
    assert len(weights) > 5
    assert_allclose(weights.sum(axis=1), 1.0)
    assert (weights[3:, 2] == 0).all()
    assert np.isnan(cosines[3:, 2]).all()
    assert np.isfinite(cosines[:3]).all()
    assert est.n_iter_[2] == 0
    assert est.n_iter_[:2].min() > 3


@pytest.mark.parametrize("name", BALANCERS)
def test_every_balancer_with_one_target_is_plain_boosting(name, problem):
    X, Y = problem
    rows = ~np.isnan(Y[:, 0])
    X, y = X[rows], Y[rows, 0]
    plain = MultiObjectiveRegressor(**FAST).fit(X, y)
    est = MultiObjectiveRegressor(balancer=make(name, 1), **FAST).fit(X, y)
    assert_array_equal(est.predict(X), plain.predict(X))


@pytest.mark.parametrize("structure", ["random", "objective", "eigen", "sum"])
@pytest.mark.parametrize("name", ["mgda", "nash_mtl", "aligned_mtl", "epo", "upgrad"])
def test_mixed_objectives(name, structure, problem):
    """A softmax objective takes part as one."""
    X, Y = problem
    Y = np.nan_to_num(Y)
    classes = np.digitize(Y[:, 1], [-1, 1])
    Y = np.column_stack([Y[:, 0], classes, Y[:, 2] > 0])
    est = MultiObjectiveEstimator(
        ["squared_error", "multiclass", "binary"],
        balancer=name,
        structure=structure,
        **FAST,
    )
    fit(est, X, Y)
    assert est.history_["weights"].shape == (12, 3)
    assert_allclose(est.history_["weights"].sum(axis=1), 1.0)


def test_classifier(problem):
    X, Y = problem
    labels = np.nan_to_num(Y) > 0
    est = MultiObjectiveClassifier(balancer="fairgrad", **FAST).fit(X, labels)
    assert est.score(X, labels) > 0.15  # all three labels right


@pytest.mark.parametrize("structure", ["random", "sum"])
@pytest.mark.parametrize("name", BALANCERS)
def test_ineffective_balancers_are_named(name, structure, problem):
    """A warning where, and only where, the weights cannot but be equal."""
    X, Y = problem
    est = MultiObjectiveRegressor(balancer=make(name), structure=structure, **FAST)
    if not ineffective(name, structure):
        est.fit(X, Y)
        return
    with pytest.warns(IneffectiveBalancerWarning, match=BALANCERS[name].__name__):
        est.fit(X, Y)
    assert_allclose(est.history_["weights"], 1 / 3, rtol=1e-4)
    equal = MultiObjectiveRegressor(structure=structure, **FAST).fit(X, Y)
    assert_allclose(est.predict(X), equal.predict(X), atol=1e-3)


def test_a_wrapper_is_as_ineffective_as_what_it_wraps(problem):
    with pytest.warns(IneffectiveBalancerWarning):
        MultiObjectiveRegressor(balancer=CRMOGM(UPGrad()), **FAST).fit(*problem)


@pytest.mark.parametrize("name", BALANCERS)
def test_a_preference_is_used_or_refused_before_training(name, problem):
    X, Y = problem
    params = {**FAST, "balancer": make(name), "structure": "sum"}
    est = fit(MultiObjectiveRegressor(**params), X, Y)
    before = est.predict(X)
    est.set_params(preference=[6, 1, 1])
    if instance(name).takes_preference:
        weights = fit(est, X, Y).history_["weights"].mean(axis=0)
        plain = fit(clone(est).set_params(preference=None), X, Y)
        assert weights[0] > plain.history_["weights"].mean(axis=0)[0]
        return
    with pytest.raises(ValueError, match=r"takes no preference.*'equal'"):
        est.fit(X, Y)
    assert_array_equal(est.predict(X), before)  # nothing is lost


@pytest.mark.parametrize(
    ("balancer", "message"),
    [
        ("mgdaa", "Unknown balancer 'mgdaa'. Did you mean 'mgda'"),
        ("fixed", "'values' parameter of Fixed must be given"),
        (Fixed(values=[1, 2]), r"'values' parameter of Fixed must have shape \(3,\)"),
        (CRMOGM(MGDA(), alpha=2.0), "'alpha' parameter of CRMOGM must be"),
        (CRMOGM("mgdaa"), "Unknown balancer 'mgdaa'"),
        (CRMOGM(CRMOGM(MGDA(), alpha=-1.0)), "'alpha' parameter of CRMOGM must be"),
    ],
)
def test_bad_balancers(balancer, message, problem):
    with pytest.raises(ValueError, match=message):
        MultiObjectiveRegressor(balancer=balancer, **FAST).fit(*problem)


@pytest.mark.parametrize("balancer", ["RLW", "rlw", RandomLoss, CRMOGM("random_loss")])
def test_draws_follow_the_estimators_seed(balancer, problem):
    X, Y = problem
    params = {**FAST, "balancer": balancer}
    runs = [
        MultiObjectiveRegressor(**{**params, "random_state": seed}).fit(X, Y)
        for seed in (0, 0, 1)
    ]
    weights = [est.history_["weights"] for est in runs]
    assert_array_equal(weights[0], weights[1])
    assert not np.array_equal(weights[0], weights[2])
    assert weights[0].std(axis=0).min() > 0.01


def test_a_balancers_own_seed_wins(problem):
    X, Y = problem
    params = {**FAST, "balancer": RandomLoss(random_state=7)}
    a = MultiObjectiveRegressor(**params).fit(X, Y)
    b = MultiObjectiveRegressor(**{**params, "random_state": 5}).fit(X, Y)
    assert_array_equal(a.history_["weights"], b.history_["weights"])


def test_the_instance_is_left_alone(problem):
    """What a fit remembers stays in its own copy, also of what is wrapped."""
    inner = MGDA()
    balancer = CRMOGM(inner)
    state = pickle.dumps(balancer)
    MultiObjectiveRegressor(balancer=balancer, **FAST).fit(*problem)
    assert pickle.dumps(balancer) == state
    assert balancer.balancer is inner


def test_parameters_are_searched_by_name(problem):
    X, Y = problem
    Y = np.nan_to_num(Y)
    grid = {"balancer__alpha": [0.0, 0.9], "balancer__balancer": ["mgda", "famo"]}
    model = MultiObjectiveRegressor(balancer=CRMOGM(MGDA()), **FAST)
    search = GridSearchCV(model, grid, cv=2).fit(X, Y)
    scores = search.cv_results_["mean_test_score"]
    assert np.isfinite(scores).all()
    assert len(np.unique(scores)) == 4


def test_duplicates_share_what_a_lone_objective_gets(problem):
    """MGDA on squared cosines: three copies and one unrelated target are halves."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2000, 4))
    y, other = X[:, 0], X[:, 1]
    Y = np.column_stack([y, -y, 2 * y, other]) + 1e-3 * rng.normal(size=(2000, 4))
    est = MultiObjectiveRegressor(balancer="mgda", **FAST).fit(X, Y)
    assert est.history_["weights"][0, 3] == pytest.approx(0.5, abs=0.01)
    est = MultiObjectiveRegressor(balancer="mgda", structure="sum", **FAST)
    # With signs, copy and negative cancel: nothing is left to improve both.
    first = est.fit(X, Y).history_["weights"][0]
    assert first[3] < 0.1
    assert first[1] == pytest.approx(first[0] + first[2], abs=0.1)


class Spy(Balancer):
    """Equal weights; notes what it is shown, for all copies."""

    needs_gramian = True
    gramians: list = []  # noqa: RUF012
    losses: list = []  # noqa: RUF012

    def reset(self):
        self.gramians.clear()
        self.losses.clear()

    def _weights(self, gramian, losses, preference):
        self.gramians.append(gramian)
        self.losses.append(losses)
        return np.ones(len(gramian))


def test_the_gramian_is_that_of_the_rule(problem):
    """Squared cosines under random directions, signed ones under the sum."""
    X, Y = problem
    Y = np.nan_to_num(Y)
    C = np.corrcoef(Y, rowvar=False)
    for structure, expected in (("random", C**2), ("sum", C)):
        MultiObjectiveRegressor(balancer=Spy(), structure=structure, **FAST).fit(X, Y)
        assert_allclose(Spy.gramians[0], expected, atol=1e-5)
        assert_allclose(Spy.losses[0], 1.0, rtol=1e-5)
        assert (np.array(Spy.losses[1:]) < 1).all()


@pytest.mark.parametrize(
    "balancer",
    [
        Fixed(values=[1, 2, 3]),
        CRMOGM(Fixed(values=[1, 2, 3])),
        Tchebycheff(ideal=[0.0, 0.0, 0.1]),
        CRMOGM(SmoothTchebycheff(ideal=[0.0, 0.0, 0.1])),
    ],
)
def test_an_objective_that_never_learns(balancer, problem):
    """A constant target is left out from the first round on."""
    X, Y = problem
    Y = np.nan_to_num(Y)
    Y[:, 1] = 3.0
    est = MultiObjectiveRegressor(balancer=balancer, **FAST).fit(X, Y)
    assert (est.history_["weights"][:, 1] == 0).all()
    if isinstance(balancer, Fixed):
        assert_allclose(est.history_["weights"][:, [0, 2]], [[0.25, 0.75]] * 12)


def test_a_warm_start_draws_anew(problem):
    X, Y = problem
    est = MultiObjectiveRegressor(balancer="rlw", warm_start=True, **FAST)
    for n in (1, 2, 3):
        est.set_params(n_estimators=n).fit(X, Y)
    assert len(np.unique(est.history_["weights"][:, 0])) == 3


@pytest.mark.parametrize("balancer", ["mgda", "upgrad", "sdmgrad", "cr_mogm"])
@pytest.mark.parametrize("structure", ["random", "sum"])
def test_two_objectives_have_one_angle(balancer, structure, problem):
    X, Y = problem
    Y = np.nan_to_num(Y[:, :2])
    est = MultiObjectiveRegressor(balancer=balancer, structure=structure, **FAST)
    with pytest.warns(IneffectiveBalancerWarning):
        est.fit(X, Y)
    assert_allclose(est.history_["weights"], 0.5, rtol=1e-4)


def test_softmax_objectives_never_conflict(problem):
    X, Y = problem
    labels = np.digitize(np.nan_to_num(Y), [-1, 1])
    est = MultiObjectiveClassifier(balancer="upgrad", structure="sum", **FAST)
    with pytest.warns(IneffectiveBalancerWarning, match="a single score each"):
        est.fit(X, labels)
    assert_allclose(est.history_["weights"], 1 / 3, rtol=1e-4)
    assert np.isnan(est.history_["conflict"]).all()


def test_references_may_act_where_what_gives_them_does_not(problem):
    """No warning: the penalised min-norm moves the weights."""
    X, Y = problem
    balancer = RegularisedMinNorm("upgrad", penalty=0.01)
    est = MultiObjectiveRegressor(balancer=balancer, **FAST).fit(X, Y)
    assert est.history_["weights"].std(axis=1).max() > 0.01


def test_negative_weights_are_held_at_zero():
    """Aligned-MTL on a nearly singular Gramian may give them."""
    gramian = np.array([[1.0, 0.99], [0.99, 1.0]]) * np.outer([1, 9], [1, 9])
    raw = AlignedMTL().weights(gramian, preference=[1e-6, 1])
    assert raw.min() < 0

    class Raw(Balancer):
        nonnegative = False

        def _weights(self, gramian, losses, preference):
            return raw

    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    est = MultiObjectiveRegressor(balancer=Raw(), **FAST).fit(X, X[:, :2])
    assert_allclose(np.sort(est.history_["weights"], axis=1), [[0, 1]] * 12)


@pytest.mark.parametrize("structure", ["random", "sum"])
def test_large_data_is_sampled_and_seeded(structure):
    """The Gramian of 120 000 rows is a close estimate, the same for one seed."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120_000, 2)).astype(np.float32)
    Y = np.column_stack([X[:, 0], X.sum(axis=1), X[:, 1]]).astype(float)
    params = {**FAST, "n_estimators": 2, "structure": structure}
    exact = np.corrcoef(Y, rowvar=False)
    exact = exact if structure == "sum" else exact**2
    seen = []
    for seed in (0, 0, 1):
        spy = Spy()
        est = MultiObjectiveRegressor(balancer=spy, **{**params, "random_state": seed})
        est.fit(X, Y)
        seen.append(np.array(Spy.gramians))
    assert_array_equal(seen[0], seen[1])
    difference = np.abs(seen[0][0] - exact)
    assert 1e-7 < difference.max() < 0.01
    assert not np.array_equal(seen[0], seen[2])


def test_losses_are_shares_of_the_constants_loss(problem):
    """1 at the start; after a warm start they go on from where they were."""
    X, Y = problem
    Y = np.nan_to_num(Y)
    params = {**FAST, "n_estimators": 6, "warm_start": True}
    est = MultiObjectiveRegressor(balancer=Spy(), **params).fit(X, Y)
    first = np.array(Spy.losses)
    loss = est.history_["train_loss"] / (Y.var(axis=0) / 2)
    assert_allclose(first[0], 1.0, rtol=1e-5)
    assert_allclose(first[1:], loss[:-1], rtol=1e-4)
    est.set_params(n_estimators=8).fit(X, Y)
    assert_allclose(Spy.losses[0], loss[-1], rtol=1e-4)


def test_training_ends_when_those_with_weight_have_stopped(problem):
    X, Y = problem
    params = {**FAST, "n_estimators": 40, "n_iter_no_change": 3}
    est = MultiObjectiveRegressor(balancer=Fixed(values=[0, 0, 1]), **params)
    # The only one that counts can only get worse on these rows.
    est.fit(X[:250], Y[:250], X_val=X[250:], y_val=Y[250:] * [1, 1, -1])
    assert_allclose(est.history_["weights"], [[0, 0, 1]] * 3)
    assert est.n_iter_[2] == 0
