"""Targets that part of the rows does not observe, or only one value of."""

import numpy as np
import pytest
from sklearn.exceptions import UndefinedMetricWarning

from skmo import MultiObjectiveEstimator, compare
from skmo.exceptions import ConstantTargetWarning
from skmo.metrics._natural import natural_score
from skmo.objectives import Multiclass

NAMES = ["click", "long_view", "watch_time"]
SMALL = {"n_estimators": 8, "num_leaves": 5, "n_jobs": 1}


def test_multiclass_test_rows_of_one_class_have_no_score(feed):
    X, Y = feed
    labels = np.random.default_rng(0).integers(3, size=600)
    Y = np.column_stack([labels, Y[:, 0]])
    Y[450:, 0] = 1
    estimator = MultiObjectiveEstimator(objectives=["multiclass", "binary"], **SMALL)
    with pytest.warns(UndefinedMetricWarning, match="define the D2 of 'kind'"):
        result = compare(
            X[:450],
            Y[:450],
            X_test=X[450:],
            Y_test=Y[450:],
            estimator=estimator,
            target_names=["kind", "click"],
        )
    assert np.isnan(result.to_records()[0]["separate"])
    assert np.isnan(result.to_records()[0]["skmo"])
    assert "Not scored on the test rows: kind." in result.verdict


def test_multiclass_score_of_one_class_warns():
    metric, score = natural_score(Multiclass())
    assert metric == "D2"
    proba = np.array([[0.2, 0.8], [0.5, 0.5]])
    with pytest.warns(UndefinedMetricWarning, match="all equal"):
        assert np.isnan(score(np.array([1.0, np.nan]), proba))
    assert score(np.array([1.0, 0.0]), proba) == pytest.approx(
        1 + np.log(0.8 * 0.5) / (2 * np.log(2))
    )


def test_validation_labels_unseen_in_training_count_as_unobserved(feed):
    X, _ = feed
    labels = np.random.default_rng(0).integers(3, size=600).astype(float)
    unseen = labels.copy()
    labels[[420, 440]] = 7  # the last 45 of the first 450 rows validate
    unseen[[420, 440]] = np.nan
    estimator = MultiObjectiveEstimator(objectives=["multiclass"], **SMALL)
    first, second = (
        compare(
            X[:450],
            y[:450],
            X_test=X[450:],
            Y_test=y[450:],
            time=np.arange(450),
            estimator=estimator,
            random_state=0,
        ).to_records()
        for y in (labels, unseen)
    )
    assert first == second


def test_messages_speak_of_the_targets_by_name(feed):
    X, Y = feed
    estimator = MultiObjectiveEstimator(objectives=["binary"] * 3, **SMALL)
    with pytest.raises(ValueError, match="Target 'watch_time'"):
        compare(X, Y, estimator=estimator, target_names=NAMES)
    Y = Y[:, :2].copy()
    Y[:450, 0] = 1
    with pytest.warns(ConstantTargetWarning, match="Target 'click'"):
        result = compare(
            X[:450],
            Y[:450],
            X_test=X[450:],
            Y_test=Y[450:],
            estimator=MultiObjectiveEstimator(objectives=["binary"] * 2, **SMALL),
            target_names=NAMES[:2],
        )
    assert result.estimator_.objective_names_ == NAMES[:2]


def test_validation_rows_without_any_target(feed):
    X, Y = feed
    Y = Y[:450, :1].copy()
    Y[405:] = np.nan
    with pytest.raises(ValueError, match="validation rows hold no observed value"):
        compare(X[:450], Y, X_test=X[450:], Y_test=Y[:150], time=np.arange(450))


def test_one_class_in_the_test_rows_is_left_out_of_the_verdict(feed):
    X, Y = feed
    Y_test = Y[450:].copy()
    Y_test[:, 0] = 0
    with pytest.warns(UserWarning, match="do not define the AUC of 'click'"):
        result = compare(
            X[:450],
            Y[:450],
            X_test=X[450:],
            Y_test=Y_test,
            estimator=MultiObjectiveEstimator(**SMALL),
            target_names=NAMES,
        )
    assert np.isnan(result.to_records()[0]["difference"])
    assert "Not scored on the test rows: click." in result.verdict
