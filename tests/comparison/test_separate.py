"""The other side: genuine LightGBM, or skmo where LightGBM lacks the loss."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import r2_score, roc_auc_score

from skmo import MultiObjectiveEstimator, compare
from skmo.boosting.structure import ObjectiveDirection
from skmo.exceptions import ConstantTargetWarning, ValidationWarning
from skmo.objectives import (
    AbsoluteError,
    CrossEntropy,
    Gamma,
    Huber,
    Multiclass,
    Poisson,
    Quantile,
    SquaredError,
    Tweedie,
)

SMALL = {"n_estimators": 8, "num_leaves": 5, "n_jobs": 1}


def test_separate_models_are_lightgbm_with_the_same_settings(feed):
    lgb = pytest.importorskip("lightgbm", reason="the reference implementation")
    X, Y = feed
    estimator = MultiObjectiveEstimator(
        objectives=["binary", "binary", "squared_error"],
        learning_rate=0.2,
        reg_lambda=1.0,
        min_child_samples=5,
        early_stopping=False,
        **SMALL,
    )
    test = np.arange(600) >= 450
    result = compare(
        X[~test],
        Y[~test],
        X_test=X[test],
        Y_test=Y[test],
        estimator=estimator,
        time=np.arange(450),
    )
    assert result.n_rows == {"train": 405, "validation": 45, "test": 150}
    for k, (kind, score) in enumerate(
        [
            (lgb.LGBMClassifier, roc_auc_score),
            (lgb.LGBMClassifier, roc_auc_score),
            (lgb.LGBMRegressor, r2_score),
        ]
    ):
        model = kind(
            learning_rate=0.2,
            reg_lambda=1.0,
            min_child_samples=5,
            verbose=-1,
            **SMALL,
        )
        rows = np.flatnonzero(~np.isnan(Y[:405, k]))
        model.fit(X[rows], Y[rows, k])
        seen = test & ~np.isnan(Y[:, k])
        if score is roc_auc_score:
            predicted = model.predict_proba(X[seen])[:, 1]
        else:
            predicted = model.predict(X[seen])
        record = result.to_records()[k]
        assert record["separate"] == pytest.approx(score(Y[seen, k], predicted))
        assert record["trees_separate"] == 8
        assert record["n_test"] == seen.sum()


def test_one_objective_equals_its_separate_model(feed):
    # With one objective the shared trees are LightGBM's own.
    X, Y = feed
    (record,) = compare(
        X,
        Y[:, :1],
        estimator=MultiObjectiveEstimator(objectives=["binary"], **SMALL),
        random_state=0,
    ).to_records()
    assert record["skmo"] == pytest.approx(record["separate"], abs=1e-6)
    assert record["trees_skmo"] == record["trees_separate"]


class PlainSquares(SquaredError):
    """A user's own loss, of which LightGBM knows nothing."""


@pytest.mark.parametrize(
    ("objective", "metric"),
    [
        (SquaredError(), "R2"),
        (Huber(), "R2"),
        (Huber(delta=2.0, units="target"), "R2"),
        (AbsoluteError(), "D2"),
        (Quantile(alpha=0.7), "D2"),
        (Poisson(), "D2"),
        (Tweedie(power=1.3), "D2"),
        (Gamma(), "D2"),
        (CrossEntropy(), "D2"),
        (Multiclass(), "D2"),
        (PlainSquares(), "R2"),
    ],
)
def test_every_objective_has_a_baseline_and_a_score(objective, metric):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3))
    signal = X[:, 0] + 0.1 * rng.normal(size=400)
    own = {
        "gamma": np.exp(signal),
        "poisson": rng.poisson(np.exp(signal)),
        "tweedie": rng.poisson(np.exp(signal)),
        "crossentropy": 1 / (1 + np.exp(-signal)),
        "multiclass": np.digitize(signal, [-0.5, 0.5]),
    }.get(type(objective).__name__.lower(), signal)
    Y = np.column_stack([own, signal])
    estimator = MultiObjectiveEstimator(
        objectives=[objective, "squared_error"],
        n_estimators=60,
        num_leaves=8,
        n_jobs=1,
    )
    record = compare(X, Y, estimator=estimator, random_state=0).to_records()[0]
    assert record["metric"] == metric
    # The signal is nearly free of noise (counts aside): both sides explain it.
    least = 0.3 if metric == "D2" else 0.9
    assert least < record["separate"] <= 1
    assert least < record["skmo"] <= 1


def test_own_objective_with_settings_for_several(feed):
    # What weighs the objectives against each other means nothing to one of them.
    X, Y = feed
    estimator = MultiObjectiveEstimator(
        objectives=[PlainSquares(), "squared_error"],
        preference=[3.0, 1.0],
        structure=ObjectiveDirection(),
        categorical_features=[0, 1],
        early_stopping=True,
        **SMALL,
    )
    result = compare(X, Y[:, [0, 0]], estimator=estimator, random_state=0)
    own, plain = result.to_records()
    assert own["separate"] == pytest.approx(plain["separate"], abs=1e-6)
    assert own["trees_separate"] == plain["trees_separate"]


def test_own_objective_without_validation_rows_keeps_its_training_rows(feed):
    X, Y = feed
    Y = Y[:, [0, 0]].copy()
    Y[400:450] = np.nan
    Y[430, 1] = 1.0  # one target must have something to stop by
    estimator = MultiObjectiveEstimator(
        objectives=[PlainSquares(), "squared_error"], early_stopping=True, **SMALL
    )
    with pytest.warns(ValidationWarning, match="own"):
        result = compare(
            X[:450],
            Y[:450],
            X_test=X[450:],
            Y_test=Y[450:],
            time=np.arange(450),
            validation_fraction=0.1,
            target_names=["own", "plain"],
            estimator=estimator,
        )
    assert result.to_records()[0]["trees_separate"] == 8


@pytest.mark.parametrize(
    ("objective", "value", "elsewhere"),
    [
        (Huber(), 0.1, 1.0),
        (SquaredError(), -3.0, 1.0),
        (AbsoluteError(), 2.0, 1.0),
        (Quantile(alpha=0.7), 2.0, 1.0),
        (Poisson(), 0.0, 1.0),
        (Tweedie(), 0.0, 1.0),
        (Gamma(), 2.0, 1.0),
        (CrossEntropy(), 0.25, 1.0),
        ("binary", 1.0, 0.0),
        (Multiclass(), 1.0, 2.0),
    ],
)
def test_constant_training_targets(feed, objective, value, elsewhere, capfd):
    X, Y = feed
    Y = Y[:, [0, 0]].copy()
    Y[:, 0] = value
    Y[500:, 0] = elsewhere
    estimator = MultiObjectiveEstimator(objectives=[objective, "binary"], **SMALL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConstantTargetWarning)
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        result = compare(
            X[:450], Y[:450], X_test=X[450:], Y_test=Y[450:], estimator=estimator
        )
    predicted = result.separate_[0].predict(X[:3])
    expected = np.full(3, value)
    if isinstance(objective, Multiclass):
        expected = [[1.0, 0.0]] * 3
    np.testing.assert_allclose(predicted, expected, rtol=1e-12, atol=1e-9)
    assert result.to_records()[0]["trees_separate"] == 0
    # Not a word from LightGBM.
    assert capfd.readouterr() == ("", "")
