"""What every objective promises, checked over the table in conftest."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize
from sklearn.base import clone

from skmo.objectives import (
    OBJECTIVES,
    AbsoluteError,
    Huber,
    Quantile,
    SquaredError,
    Tweedie,
)

STEP = 1e-5


def slopes(function, score):
    """Central differences of a row-wise function, by each score of the row."""
    columns = np.atleast_2d(score.T).T.shape[1]
    differences = []
    for column in range(columns):
        shift = np.zeros_like(score)
        shift[(..., column) if score.ndim == 2 else ...] = STEP
        differences.append(
            (function(score + shift) - function(score - shift)) / (2 * STEP)
        )
    return np.array(differences)


def weighted_loss(case, constant, weight):
    score = np.broadcast_to(constant, (case.target.size, np.size(constant)))
    if not case.objective.multi_score:
        score = score[:, 0]
    return weight @ case.objective.loss(case.target, score) / weight.sum()


def integer_weight(size):
    weight = np.random.default_rng(2).integers(1, 5, size=size)
    weight[3] = 1
    return weight


def test_the_table_holds_every_objective(cases):
    assert {type(case.objective) for case in cases.values()} == set(OBJECTIVES.values())
    for name, objective in OBJECTIVES.items():
        assert repr(cases[name].objective) == repr(objective())


def test_gradient_is_the_derivative_of_the_loss(case):
    gradient, _ = case.derivatives(case.target, case.score)
    expected = slopes(lambda score: case.objective.loss(case.target, score), case.score)
    expected = expected.T if case.objective.multi_score else expected[0]
    assert_allclose(gradient, expected, rtol=1e-6, atol=1e-8)


def test_hessian_is_the_declared_multiple_of_the_second_derivative(case):
    if case.hessian is None:
        assert case.objective.constant_hessian
        return
    assert not case.objective.constant_hessian
    _, hessian = case.derivatives(case.target, case.score)
    second = slopes(lambda score: case.derivatives(case.target, score)[0], case.score)
    # The Hessian is the diagonal: each score's gradient by that score.
    second = np.einsum("cic->ic", second) if case.objective.multi_score else second[0]
    assert_allclose(hessian, case.hessian * second, rtol=1e-6, atol=1e-8)


def test_loss_is_not_negative_and_zero_at_the_perfect_score(case):
    assert np.all(case.objective.loss(case.target, case.score) > 0)
    perfect = case.perfect(case.target)
    for dtype in (np.float64, np.float32):
        loss = case.objective.loss(case.target.astype(dtype), perfect.astype(dtype))
        assert np.all(loss >= 0)
        tolerance = np.full(case.target.shape, 1e-6)
        if isinstance(case.objective, Tweedie):
            # The loss of the target 0 is exp(b * score) / b with b = 2 - power,
            # and scores below -80 count as -80.
            b = 2 - case.objective.power
            tolerance[case.target == 0] = 1.01 * np.exp(-80 * b) / b
        assert np.all(loss <= tolerance)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_loss_is_not_negative_beside_the_perfect_score(case, dtype):
    # Where rounding could turn the difference of equal terms negative.
    rng = np.random.default_rng(0)
    target = rng.choice(case.target, size=20_000).astype(dtype)
    if case.objective.task == "regression" and not case.objective.standardise:
        target *= rng.lognormal(sigma=5.0, size=target.size).astype(dtype)
    score = np.clip(case.perfect(target), -50, 50).astype(dtype)
    score *= 1 + np.finfo(dtype).eps * rng.integers(-8, 9, size=score.shape)
    loss = case.objective.loss(target, score.astype(dtype))
    assert loss.dtype == dtype
    assert np.all(loss >= 0)


def test_loss_has_one_value_per_target_and_leaves_its_input_alone(case):
    target, score = case.target.copy(), case.score
    before = score.copy()
    assert case.objective.loss(target, score).shape == target.shape
    case.derivatives(target, score)
    case.objective.inverse_link(score)
    assert_array_equal(target, case.target)
    assert_array_equal(score, before)


def test_init_score_has_the_least_weighted_loss(case):
    weight = integer_weight(case.target.size).astype(np.float64)
    if case.objective.leaf_quantile is not None:
        # Unequal weights put quantiles between two targets.
        weight[:] = 1.0
    init = case.objective.init_score(case.target, weight)
    assert init.shape == (case.objective.n_scores(case.target),)
    assert init.dtype == np.float64
    found = minimize(
        lambda constant: weighted_loss(case, constant, weight),
        init + 0.3,
        method="Nelder-Mead",
        options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 5000},
    )
    assert weighted_loss(case, init, weight) <= found.fun + 1e-9


def test_init_score_treats_weights_as_repetitions(case):
    weight = integer_weight(case.target.size)
    weighted = case.objective.init_score(case.target, weight.astype(np.float64))
    repeated = case.objective.init_score(np.repeat(case.target, weight), None)
    assert_allclose(weighted, repeated, rtol=1e-12)


def test_init_score_does_not_depend_on_the_weights_scale(case):
    weight = integer_weight(case.target.size) / 7.0
    init = case.objective.init_score(case.target, weight)
    assert_allclose(case.objective.init_score(case.target, 1e3 * weight), init)


def test_init_score_of_a_single_value_is_finite(case):
    for value in np.unique(case.target):
        init = case.objective.init_score(np.full(3, value), None)
        assert np.all(np.isfinite(init))
        prediction = case.objective.inverse_link(init[np.newaxis])
        if case.objective.multi_score:
            assert prediction.argmax() == value
        else:
            assert_allclose(prediction, value, atol=1e-9)


@pytest.mark.parametrize("magnitude", [1e2, 1e3, 1e6])
def test_extreme_scores_stay_finite_in_float32(case, magnitude):
    score = np.copysign(magnitude, case.score).astype(np.float32)
    target = case.target.astype(np.float32)
    with np.errstate(all="raise", under="ignore"):
        for sign in (score, -score):
            gradient, hessian = case.derivatives(target, sign)
            loss = case.objective.loss(target, sign)
            prediction = case.objective.inverse_link(sign)
    for values in (gradient, loss, prediction):
        assert np.all(np.isfinite(values))
    if hessian is not None:
        assert np.all(np.isfinite(hessian))
        assert np.all(hessian > 0)


def test_extreme_targets_stay_finite_in_float32(regression_case):
    case = regression_case
    target = np.array([1e-30, 1e30, 1e30, 1e-30], dtype=np.float32)
    score = np.array([1e3, -1e3, 1e3, -1e3], dtype=np.float32)
    gradient, hessian = case.derivatives(target, score)
    assert np.all(np.isfinite(gradient))
    if hessian is not None:
        assert np.all(np.isfinite(hessian))
        assert np.all(hessian > 0)


def test_float32_agrees_with_float64(case):
    gradient, hessian = case.derivatives(case.target, case.score)
    target, score = case.target.astype(np.float32), case.score.astype(np.float32)
    gradient32, hessian32 = case.derivatives(target, score)
    assert_allclose(gradient32, gradient, rtol=1e-4, atol=1e-5)
    if hessian is not None:
        assert_allclose(hessian32, hessian, rtol=1e-4, atol=1e-5)
    loss = case.objective.loss(target, score)
    assert_allclose(
        loss, case.objective.loss(case.target, case.score), rtol=1e-4, atol=1e-5
    )


def test_float32_is_kept_also_with_numpy_parameters(case):
    parameters = {
        name: np.float64(value) if isinstance(value, float) else value
        for name, value in case.objective.get_params().items()
    }
    objective = clone(case.objective).set_params(**parameters)
    target, score = case.target.astype(np.float32), case.score.astype(np.float32)
    assert objective.loss(target, score).dtype == np.float32
    assert objective.inverse_link(score).dtype == np.float32


def test_missing_targets_leave_the_other_rows_alone(case):
    target, missing = case.target.copy(), np.arange(case.target.size) % 3 == 0
    target[missing] = np.nan
    gradient, hessian = case.derivatives(case.target, case.score)
    partial_gradient, partial_hessian = case.derivatives(target, case.score)
    assert_allclose(partial_gradient[~missing], gradient[~missing], rtol=1e-14)
    if hessian is not None:
        assert_allclose(partial_hessian[~missing], hessian[~missing], rtol=1e-14)
    loss = case.objective.loss(case.target, case.score)
    partial_loss = case.objective.loss(target, case.score)
    assert_allclose(partial_loss[~missing], loss[~missing], rtol=1e-14)
    assert np.all(np.isnan(partial_loss[missing]))


def test_missing_class_gives_missing_gradients(cases):
    case = cases["multiclass"]
    target = case.target.copy()
    target[5] = np.nan
    gradient, _ = case.derivatives(target, case.score)
    assert_array_equal(np.isnan(gradient).all(axis=1), np.isnan(target))
    assert np.isnan(gradient).sum() == case.score.shape[1]


def test_several_targets_at_once_into_strided_output(elementwise_case):
    case = elementwise_case
    target = np.stack([case.target, case.target[::-1]], axis=1)
    score = np.stack([case.score, case.score + 0.25], axis=1)
    gradient = np.full((21, 4), 7.0)
    hessian = np.full((21, 4), 7.0)
    case.objective.gradient_hessian(
        target,
        score,
        gradient[:, ::2],
        None if case.objective.constant_hessian else hessian[:, ::2],
    )
    for column in (0, 1):
        alone, curvature = case.derivatives(target[:, column], score[:, column])
        assert_allclose(gradient[:, 2 * column], alone, rtol=1e-14)
        if curvature is not None:
            assert_allclose(hessian[:, 2 * column], curvature, rtol=1e-14)
    assert_array_equal(gradient[:, 1::2], 7.0)
    loss = case.objective.loss(target, score)
    assert_allclose(loss[:, 1], case.objective.loss(target[:, 1], score[:, 1]))


def test_inverse_link_fits_the_task(case):
    task = case.objective.task
    prediction = case.objective.inverse_link(case.score)
    assert prediction.shape == case.score.shape
    if task == "classification":
        assert_allclose(prediction.sum(axis=1), 1)
        assert case.objective.multi_score
    if task != "regression":
        assert np.all((prediction > 0) & (prediction < 1))
    # The derivative by the score vanishes where the prediction is the target:
    # for the mean-valued losses, which all but the location losses are here.
    if not case.objective.standardise and not case.objective.multi_score:
        gradient, _ = case.derivatives(prediction, case.score)
        assert_allclose(gradient, 0, atol=1e-12)


def test_standardised_losses_keep_their_meaning():
    objectives = [
        SquaredError(),
        AbsoluteError(),
        Quantile(alpha=0.3),
        Huber(delta=0.5, units="target"),
    ]
    standardised = {cls for cls in OBJECTIVES.values() if cls.standardise}
    assert {type(objective) for objective in objectives} == standardised
    rng = np.random.default_rng(0)
    target, score = rng.normal(size=(2, 50))
    scale, shift = 3.7, -2.5
    for objective in objectives:
        loss = objective.loss(scale * target + shift, scale * score + shift)
        inside = objective.with_scale(scale, 1.0).loss(target, score)
        assert_allclose(loss, scale**objective.loss_degree * inside)


def test_clone_repr_and_pickle(case):
    for copy in (clone(case.objective), pickle.loads(pickle.dumps(case.objective))):
        assert copy is not case.objective
        assert type(copy) is type(case.objective)
        assert copy.get_params() == case.objective.get_params()
        assert repr(copy) == repr(case.objective)
    names = {cls.__name__: cls for cls in OBJECTIVES.values()}
    rebuilt = eval(repr(case.objective), names)
    assert rebuilt.get_params() == case.objective.get_params()
