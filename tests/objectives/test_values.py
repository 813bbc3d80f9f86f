"""Values worked by hand, and agreement with independent implementations."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest
import scipy.special
from numpy.testing import assert_allclose
from sklearn import metrics

from skmo.objectives import OBJECTIVES, Huber, Poisson, Quantile, grouped_quantile

E = np.e

# name: target, score, loss, gradient, Hessian (1 where it is constant).
BY_HAND = {
    # (3 - 1)^2 / 2
    "squared_error": (3.0, 1.0, 2.0, -2.0, 1.0),
    "absolute_error": (3.0, 1.0, 2.0, -1.0, 1.0),
    # 0.9 * (3 - 1)
    "quantile": (3.0, 1.0, 1.8, -0.9, 1.0),
    # 1.35 * (2 - 1.35 / 2) = 1.35 * 1.325
    "huber": (3.0, 1.0, 1.78875, -1.35, 1.0),
    # e - 2 - 2 + 2 log 2; Hessian e^(1 + 0.7)
    "poisson": (2.0, 1.0, E - 4 + 2 * np.log(2), E - 2, np.exp(1.7)),
    # 2/e + 1 - log 2 - 1
    "gamma": (2.0, 1.0, 2 / E - np.log(2), 1 - 2 / E, 2 / E),
    # y = 4, e^f = 9, power 3/2: 4^.5 / (-1/4) + 4 * 9^-.5 / (1/2) + 9^.5 / (1/2)
    # = -8 + 8/3 + 6; gradient -4/3 + 3; Hessian 4/6 + 3/2
    "tweedie": (4.0, np.log(9), 2 / 3, 5 / 3, 13 / 6),
    # p = 1 / (1 + 1/3) = 3/4 at the score log 3
    "binary": (0.0, np.log(3), np.log(4), 0.75, 3 / 16),
    # y = 1/2: -log(2)/1 - log(p (1 - p)) / 2 = log(16 / 3) / 2 - log 2
    "cross_entropy": (0.5, np.log(3), np.log(16 / 3) / 2 - np.log(2), 0.25, 3 / 16),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand(name):
    objective = OBJECTIVES[name]()
    target, score, loss, gradient, hessian = (np.array([v]) for v in BY_HAND[name])
    assert_allclose(objective.loss(target, score), loss, rtol=1e-12)
    found_gradient, found_hessian = np.empty(1), np.ones(1)
    objective.gradient_hessian(
        target,
        score,
        found_gradient,
        None if objective.constant_hessian else found_hessian,
    )
    assert_allclose(found_gradient, gradient, rtol=1e-12)
    assert_allclose(found_hessian, hessian, rtol=1e-12)


def test_multiclass_by_hand():
    # Scores log 1, log 2, log 5 give p = (1/8, 1/4, 5/8); the factor is 3/2, so
    # the Hessian is 3/2 * (7/64, 3/16, 15/64).
    objective = OBJECTIVES["multiclass"]()
    score = np.log([[1.0, 2.0, 5.0]])
    target = np.array([1.0])
    gradient, hessian = np.empty_like(score), np.empty_like(score)
    objective.gradient_hessian(target, score, gradient, hessian)
    assert_allclose(objective.loss(target, score), [np.log(4)])
    assert_allclose(objective.inverse_link(score), [[1 / 8, 1 / 4, 5 / 8]])
    assert_allclose(gradient, [[1 / 8, -3 / 4, 5 / 8]])
    assert_allclose(hessian, [[21 / 128, 9 / 32, 45 / 128]])


def test_multiclass_always_has_two_scores():
    objective = OBJECTIVES["multiclass"]()
    assert objective.n_scores(np.zeros(3)) == 2
    assert objective.n_scores(np.array([0.0, 4.0])) == 5
    # log 1 for the class that is there, LightGBM's log 1e-15 for the other.
    assert_allclose(objective.init_score(np.zeros(3), None), [0, np.log(1e-15)])


def test_leaf_quantiles():
    quantiles = {
        name: objective().leaf_quantile for name, objective in OBJECTIVES.items()
    }
    assert quantiles.pop("absolute_error") == 0.5
    assert quantiles.pop("quantile") == 0.9
    assert set(quantiles.values()) == {None}
    assert Quantile(alpha=0.2).leaf_quantile == 0.2


def test_kinks_as_lightgbm_has_them():
    # At score = target: sign(0) = 0, and 1 - alpha for the quantile.
    gradient = np.empty(3)
    target, score = np.array([0.0, 1.0, 2.0]), np.ones(3)
    OBJECTIVES["absolute_error"]().gradient_hessian(target, score, gradient, None)
    assert_allclose(gradient, [1, 0, -1])
    Quantile(alpha=0.75).gradient_hessian(target, score, gradient, None)
    assert_allclose(gradient, [0.25, 0.25, -0.75])


def test_logistic_gradient_of_both_zeros():
    # p = 1/2 at a score of 0, whatever its sign.
    objective = OBJECTIVES["cross_entropy"]()
    gradient, hessian = np.empty(2), np.empty(2)
    objective.gradient_hessian(
        np.full(2, 0.2), np.array([0.0, -0.0]), gradient, hessian
    )
    assert_allclose(gradient, [0.3, 0.3])
    assert_allclose(hessian, [0.25, 0.25])


def test_logistic_keeps_its_digits_in_float32():
    # 1 - expit(20) = 2.06e-9 is far below float32's spacing at 1.
    objective = OBJECTIVES["binary"]()
    gradient, hessian = np.empty((2, 2), dtype=np.float32)
    objective.gradient_hessian(
        np.array([1.0, 0.0], dtype=np.float32),
        np.array([20.0, -20.0], dtype=np.float32),
        gradient,
        hessian,
    )
    tail = scipy.special.expit(-20.0)
    assert_allclose(gradient, [-tail, tail], rtol=1e-6)
    assert_allclose(hessian, [tail, tail], rtol=1e-6)


def test_poisson_keeps_its_digits_in_float32():
    # y = 1e6 and a mean 0.1 % above: y * (e^d - 1 - d) with d = log 1.001, about
    # 0.5, the difference of terms of 1.4e7.
    target = np.array([1e6], dtype=np.float32)
    score = np.log(1.001e6 * np.ones(1)).astype(np.float32)
    expected = metrics.mean_poisson_deviance(target, np.exp(score.astype(float))) / 2
    assert_allclose(Poisson().loss(target, score), expected, rtol=2e-3)


def _kullback_leibler(target, prediction):
    return scipy.special.rel_entr(target, prediction) + scipy.special.rel_entr(
        1 - target, 1 - prediction
    )


# Independent losses of one row, from the target and the prediction.
ORACLES = {
    "squared_error": lambda y, p: metrics.mean_squared_error([y], [p]) / 2,
    "absolute_error": lambda y, p: metrics.mean_absolute_error([y], [p]),
    "quantile": lambda y, p: metrics.mean_pinball_loss([y], [p], alpha=0.9),
    "quantile-0.25": lambda y, p: metrics.mean_pinball_loss([y], [p], alpha=0.25),
    "huber": lambda y, p: scipy.special.huber(1.35, y - p),
    "huber-target": lambda y, p: scipy.special.huber(0.5, y - p),
    "poisson": lambda y, p: metrics.mean_poisson_deviance([y], [p]) / 2,
    "poisson-0": lambda y, p: metrics.mean_poisson_deviance([y], [p]) / 2,
    "gamma": lambda y, p: metrics.mean_gamma_deviance([y], [p]) / 2,
    "tweedie": lambda y, p: metrics.mean_tweedie_deviance([y], [p], power=1.5) / 2,
    "tweedie-1.2": lambda y, p: metrics.mean_tweedie_deviance([y], [p], power=1.2) / 2,
    "tweedie-1.9": lambda y, p: metrics.mean_tweedie_deviance([y], [p], power=1.9) / 2,
    "binary": lambda y, p: metrics.log_loss([y], [p], labels=[0, 1]),
    "cross_entropy": _kullback_leibler,
    "multiclass": lambda y, p: metrics.log_loss([y], [p], labels=range(p.size)),
}


def test_every_case_has_an_oracle(cases):
    assert set(ORACLES) == set(cases)


def test_loss_agrees_with_the_oracle(case, cases):
    name = next(name for name, other in cases.items() if other is case)
    prediction = case.objective.inverse_link(case.score)
    expected = [
        ORACLES[name](y, p) for y, p in zip(case.target, prediction, strict=True)
    ]
    assert_allclose(case.objective.loss(case.target, case.score), expected, rtol=1e-9)


# LightGBM's name and parameters.
LIGHTGBM = {
    "squared_error": {"objective": "regression"},
    "absolute_error": {"objective": "regression_l1"},
    "quantile": {"objective": "quantile", "alpha": 0.9},
    "quantile-0.25": {"objective": "quantile", "alpha": 0.25},
    "huber": {"objective": "huber", "alpha": 1.35},
    "huber-target": {"objective": "huber", "alpha": 0.5},
    "poisson": {"objective": "poisson", "poisson_max_delta_step": 0.7},
    "gamma": {"objective": "gamma"},
    "tweedie": {"objective": "tweedie", "tweedie_variance_power": 1.5},
    "tweedie-1.2": {"objective": "tweedie", "tweedie_variance_power": 1.2},
    "tweedie-1.9": {"objective": "tweedie", "tweedie_variance_power": 1.9},
    "binary": {"objective": "binary"},
    "cross_entropy": {"objective": "cross_entropy"},
    "multiclass": {"objective": "multiclass", "num_class": 4},
}


def lightgbm_tree(case, parameters, init_score, **tree):
    """Raw scores and leaves of LightGBM's first tree (of each class)."""
    data = np.arange(float(case.target.size))[:, np.newaxis]
    common = {
        "verbose": -1,
        "num_threads": 1,
        "learning_rate": 1.0,
        "min_data_in_bin": 1,
        "min_data_in_leaf": 1,
        "min_sum_hessian_in_leaf": 0.0,
    }
    dataset = lightgbm.Dataset(data, case.target, init_score=init_score)
    model = lightgbm.train(common | tree | parameters, dataset, num_boost_round=1)
    return model.predict(data, raw_score=True), model.predict(data, pred_leaf=True)


@pytest.mark.parametrize("name", LIGHTGBM)
def test_init_score_is_lightgbms(name, cases):
    case = cases[name]
    init = case.objective.init_score(case.target, None)
    if isinstance(case.objective, Huber):
        # The one documented difference.
        assert abs(init[0] - case.target.mean()) > 0.01
        init = np.array([case.target.mean()])
    # A tree without splits.
    found, _ = lightgbm_tree(case, LIGHTGBM[name], None, min_data_in_leaf=1000)
    found = found.reshape(case.target.size, -1)
    assert_allclose(found, np.broadcast_to(init, found.shape), rtol=1e-6)


@pytest.mark.parametrize("name", LIGHTGBM)
def test_steps_are_lightgbms(name, cases):
    # At arbitrary scores, every leaf of LightGBM's tree must hold the step that
    # this objective gives the leaf's rows.
    case = cases[name]
    score = case.score.copy()
    found, leaves = lightgbm_tree(case, LIGHTGBM[name], score, num_leaves=12)
    gradient, hessian = case.derivatives(case.target, score)
    if hessian is None:
        hessian = np.ones_like(gradient)
    n_leaves = 0
    for g, h, step, leaf in zip(
        *(values.reshape(21, -1).T for values in (gradient, hessian, found, leaves)),
        strict=True,
    ):
        if case.objective.leaf_quantile is None:
            expected = -np.bincount(leaf, g) / np.bincount(leaf, h)
        else:
            level = case.objective.leaf_quantile
            expected = grouped_quantile(
                case.target - score, leaf, leaf.max() + 1, level
            )
        assert_allclose(step, expected[leaf], rtol=1e-4, atol=1e-5)
        n_leaves += expected.size
    assert n_leaves >= 5


def test_huber_location_by_hand():
    objective = Huber(delta=1.0)
    # At 1.5, both 0 and 100 are further than 1 and cancel: the mean of 1 and 2.
    target = np.array([0.0, 1.0, 2.0, 100.0])
    assert_allclose(objective.init_score(target, None), [1.5])
    # Flat between two clusters out of reach of each other: the median.
    assert_allclose(objective.init_score(np.array([0.0, 10.0]), None), [5.0])
    # Starting between two clusters of unequal weight, where no target is in reach:
    # 1 + 1.5 * (c - 10) = 0.
    init = objective.init_score(np.array([0.0, 10.0]), np.array([1.0, 1.5]))
    assert_allclose(init, [10 - 2 / 3])
    # Far beyond all residuals the loss is squared: the mean.
    assert_allclose(Huber(delta=1e9).init_score(target, None), [25.75])
    # Far within, it is absolute: the median of an odd number.
    assert_allclose(Huber(delta=1e-9).init_score(target[:3], None), [1.0])


def test_huber_threshold_in_the_units_of_scaled_targets():
    # A target divided by 4, which leaves a standard deviation of 3: the user's 2
    # is 2 / 4 in units of the target, and 2 * 3 in standard deviations.
    for units, delta in (("target", 0.5), ("std", 6.0)):
        objective = Huber(delta=2.0, units=units)
        scaled = objective.with_scale(np.float64(4.0), np.float64(3.0))
        assert scaled.get_params() == {"delta": delta, "units": "target"}
        assert type(scaled.delta) is float
        assert objective.get_params() == {"delta": 2.0, "units": units}
