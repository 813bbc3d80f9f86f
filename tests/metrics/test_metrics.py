"""NaN-aware scores against scikit-learn's, and the comparisons of score vectors."""

import numpy as np
import pytest
from sklearn import metrics as sk
from sklearn.exceptions import UndefinedMetricWarning

from skmo import metrics

REAL = [
    (metrics.r2_score, sk.r2_score, {}),
    (metrics.root_mean_squared_error, sk.root_mean_squared_error, {}),
    (metrics.mean_absolute_error, sk.mean_absolute_error, {}),
    (metrics.d2_tweedie_score, sk.d2_tweedie_score, {"power": 0}),
    (metrics.d2_tweedie_score, sk.d2_tweedie_score, {"power": 1}),
    (metrics.d2_tweedie_score, sk.d2_tweedie_score, {"power": 1.5}),
    (metrics.d2_tweedie_score, sk.d2_tweedie_score, {"power": 2}),
    (metrics.d2_pinball_score, sk.d2_pinball_score, {"alpha": 0.5}),
    (metrics.d2_pinball_score, sk.d2_pinball_score, {"alpha": 0.9}),
]
BINARY = [
    (metrics.roc_auc_score, sk.roc_auc_score, {}),
    (metrics.average_precision_score, sk.average_precision_score, {}),
    (metrics.log_loss, sk.log_loss, {}),
    (metrics.brier_score_loss, sk.brier_score_loss, {}),
    (metrics.d2_log_loss_score, sk.d2_log_loss_score, {}),
]


def _case(binary, seed=0):
    rng = np.random.default_rng(seed)
    P = rng.uniform(0.05, 0.95, size=(60, 3))
    Y = (rng.uniform(size=P.shape) < P).astype(float) if binary else rng.gamma(2, P)
    W = rng.integers(1, 4, size=P.shape).astype(float)
    missing = rng.uniform(size=P.shape) < 0.3
    missing[:, 0] = False
    return np.where(missing, np.nan, Y), P, W


@pytest.mark.parametrize("weights", ["none", "rows", "cells"])
@pytest.mark.parametrize(
    ("score", "reference", "options", "binary"),
    [(*case, False) for case in REAL] + [(*case, True) for case in BINARY],
)
def test_equals_scikit_learn_on_the_observed_rows(
    score, reference, options, binary, weights
):
    Y, P, W = _case(binary)
    W = {"none": None, "rows": W[:, 0], "cells": W}[weights]
    expected = []
    for k in range(3):
        rows = ~np.isnan(Y[:, k])
        w = W if W is None or W.ndim == 1 else W[:, k]
        w = None if w is None else w[rows]
        expected.append(reference(Y[rows, k], P[rows, k], sample_weight=w, **options))
    raw = score(Y, P, sample_weight=W, multioutput="raw_values", **options)
    np.testing.assert_allclose(raw, expected, rtol=1e-10)
    mean = score(Y, P, sample_weight=W, **options)
    assert isinstance(mean, float)
    assert mean == pytest.approx(np.mean(expected))
    if weights != "cells":
        single = score(Y[:, 0], P[:, 0], sample_weight=W, **options)
        assert single == pytest.approx(expected[0])


@pytest.mark.parametrize(
    ("score", "options", "binary"),
    [(score, options, True) for score, _, options in BINARY]
    + [(score, options, False) for score, _, options in REAL],
)
def test_an_unobserved_target_scores_nan_and_warns(score, options, binary):
    Y, P, _ = _case(binary)
    Y[:, 1] = np.nan
    with pytest.warns(UndefinedMetricWarning, match="column 1 is not defined by its 0"):
        raw = score(Y, P, multioutput="raw_values", **options)
    assert np.isnan(raw).tolist() == [False, True, False]


RELATIVE = [
    metrics.roc_auc_score,
    metrics.average_precision_score,
    metrics.d2_log_loss_score,
    metrics.r2_score,
    metrics.d2_tweedie_score,
    metrics.d2_pinball_score,
]


@pytest.mark.parametrize("score", RELATIVE)
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_equal_targets_score_nan_and_warn(score, label):
    with pytest.warns(UndefinedMetricWarning, match="all equal"):
        assert np.isnan(score([label] * 3, [0.1, 0.2, 0.3]))


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (metrics.mean_absolute_error, 0.8),
        (metrics.root_mean_squared_error, np.sqrt(0.65)),
        (metrics.brier_score_loss, 0.65),
        (metrics.log_loss, -np.log([0.1, 0.3]).mean()),
    ],
)
def test_losses_of_equal_targets_are_defined(loss, expected):
    assert loss([1.0, 1.0], [0.1, 0.3]) == pytest.approx(expected)


@pytest.mark.parametrize("score", [*RELATIVE, metrics.log_loss])
def test_a_weight_of_zero_leaves_a_row_out(score):
    y, p = np.array([0.0, 1.0, 1.0]), np.array([0.2, 0.4, 0.6])
    weight = np.array([1.0, 2.0, 0.0])
    expected = score(y[:2], p[:2], sample_weight=weight[:2])
    assert score(y, p, sample_weight=weight) == pytest.approx(expected)
    with pytest.warns(UndefinedMetricWarning, match="by its 0 observed rows"):
        assert np.isnan(score(y, p, sample_weight=np.zeros(3)))
    if score is not metrics.log_loss:
        with pytest.warns(UndefinedMetricWarning, match="by its 2 observed rows"):
            assert np.isnan(score(y, p, sample_weight=[0.0, 1.0, 1.0]))


def test_soft_labels_d2():
    y = np.array([0.2, 0.7, 0.5, 1.0])
    assert metrics.d2_log_loss_score(y, y) == pytest.approx(1)
    assert metrics.d2_log_loss_score(y, np.full(4, y.mean())) == pytest.approx(0)
    # By hand: cross-entropy of label 0.5 and probability 0.25 is
    # -(log 0.25 + log 0.75) / 2.
    assert metrics.log_loss([0.5], [0.25]) == pytest.approx(-np.log(0.1875) / 2)


def test_bad_input():
    with pytest.raises(ValueError, match=r"same shape.*\(3,\) and \(2,\)"):
        metrics.r2_score([1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="'multioutput' parameter must be"):
        metrics.r2_score([1, 2, 3], [1, 2, 3], multioutput="mean")
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        metrics.r2_score([1, 2, 3], [1, 2, 3], sample_weight=[1, 2])


@pytest.mark.parametrize(
    ("candidate", "tolerance", "better"),
    [
        ([0.7, 0.8], 0.0, False),
        ([0.7, 0.81], 0.0, True),
        ([0.69, 0.9], 0.0, False),
        ([0.69, 0.9], 0.02, True),
        ([0.71, 0.81], 0.02, False),
    ],
)
def test_pareto_improvement(candidate, tolerance, better):
    reference = [0.7, 0.8]
    assert (
        metrics.pareto_improvement(reference, candidate, tolerance=tolerance) is better
    )
    losses = metrics.pareto_improvement(
        np.negative(reference),
        np.negative(candidate),
        tolerance=tolerance,
        greater_is_better=False,
    )
    assert losses is better


def test_relative_improvement_by_hand():
    # Scores 0.5 -> 0.6 (+20 %) and 0.8 -> 0.7 (-12.5 %), loss 2 -> 1.8 (+10 %).
    change = metrics.relative_improvement(
        [0.5, 0.8, 2.0], [0.6, 0.7, 1.8], greater_is_better=[True, True, False]
    )
    assert change == pytest.approx((0.2 - 0.125 + 0.1) / 3)
    assert metrics.relative_improvement([-0.5], [-0.25]) == pytest.approx(0.5)


@pytest.mark.parametrize(
    "function", [metrics.pareto_improvement, metrics.relative_improvement]
)
def test_comparisons_refuse_what_they_cannot_judge(function):
    with pytest.raises(ValueError, match="A score is NaN"):
        function([0.5, np.nan], [0.5, 0.6])
    with pytest.raises(ValueError, match=r"shapes \(2,\) and \(1,\)"):
        function([0.5, 0.6], [0.5])
    with pytest.raises(ValueError, match="one score per objective"):
        function([], [])


def test_comparisons_refuse_bad_references_and_tolerances():
    with pytest.raises(ValueError, match="reference score of 0"):
        metrics.relative_improvement([0.0], [1.0])
    with pytest.raises(ValueError, match=r"'tolerance' .*\[0, inf\)\. Got -0\.1"):
        metrics.pareto_improvement([0.0], [1.0], tolerance=-0.1)
