"""The comparison: same rows, same settings, genuine LightGBM on the other side."""

import numpy as np
import pytest
from sklearn.metrics import r2_score, roc_auc_score

from skmo import MultiObjectiveClassifier, MultiObjectiveEstimator, compare
from skmo.comparison._splits import split
from skmo.datasets import make_feed
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

NAMES = ["click", "long_view", "watch_time"]
SMALL = {"n_estimators": 8, "num_leaves": 5, "n_jobs": 1}


@pytest.fixture(scope="module")
def feed():
    return make_feed(600, random_state=0)


@pytest.fixture(scope="module")
def result(feed):
    estimator = MultiObjectiveEstimator(objectives=["binary", "binary", "poisson"])
    estimator.set_params(**SMALL)
    return compare(
        *feed, estimator=estimator, target_names=NAMES, random_state=0, n_jobs=1
    )


def test_report(result):
    records = result.to_records()
    assert [r["objective"] for r in records] == NAMES
    assert [r["metric"] for r in records] == ["AUC", "AUC", "D2"]
    for r in records:
        assert r["difference"] == pytest.approx(r["skmo"] - r["separate"])
        assert 1 <= r["trees_separate"] <= 8
        assert 1 <= r["trees_skmo"] <= 8
    assert [r["n_rarer"] is None for r in records] == [False, False, True]
    assert 0 < records[0]["n_rarer"] <= 75
    assert result.n_rows == {"train": 405, "validation": 45, "test": 150}
    assert min(result.seconds.values()) > 0
    assert list(result.estimator_.n_iter_) == [r["trees_skmo"] for r in records]
    assert len(result.separate_) == 3
    for name in NAMES:
        assert name in str(result)


def test_same_seed_same_scores(feed, result):
    again = compare(
        *feed,
        estimator=MultiObjectiveEstimator(
            objectives=["binary", "binary", "poisson"], **SMALL
        ),
        target_names=NAMES,
        random_state=0,
    )
    assert again.to_records() == result.to_records()


def test_parameters_are_left_alone(feed):
    estimator = MultiObjectiveEstimator(**SMALL)
    before = estimator.get_params()
    X, Y = (part.copy() for part in feed)
    compare(X, Y, estimator=estimator, random_state=0)
    assert estimator.get_params() == before
    assert not hasattr(estimator, "n_iter_")
    np.testing.assert_array_equal(X, feed[0])
    np.testing.assert_array_equal(Y, feed[1])


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


class Halved(SquaredError):
    """A user's own loss."""


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
        (Halved(), "R2"),
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


def test_frames_give_names_and_categories():
    pytest.importorskip("pandas", reason="frames need pandas")
    X, Y = make_feed(400, random_state=0, as_frame=True)
    result = compare(X, Y, estimator=MultiObjectiveEstimator(**SMALL), random_state=0)
    assert [r["objective"] for r in result.to_records()] == NAMES
    assert list(result.estimator_.feature_names_in_) == list(X.columns)


def test_default_estimator_and_objectives(feed):
    X, Y = feed
    result = compare(X[:200], Y[:200], objectives=["squared_error"] * 3, random_state=0)
    params = result.estimator_.get_params()
    assert (params["n_estimators"], params["learning_rate"]) == (1000, 0.05)
    assert {r["metric"] for r in result.to_records()} == {"R2"}


def test_one_class_in_the_test_rows_is_left_out_of_the_verdict(feed):
    X, Y = feed
    Y_test = Y[450:].copy()
    Y_test[:, 0] = 0
    with pytest.warns(UserWarning, match="column 0 is not defined"):
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


def test_group_split_keeps_groups_whole():
    rows, groups = np.arange(100), np.repeat(np.arange(20), 5)
    kept, held = split(rows, 0.25, groups=groups, random_state=0)
    assert sorted([*kept, *held]) == rows.tolist()
    assert not set(groups[kept]) & set(groups[held])
    assert len(held) == 25
    inner, validation = split(kept, 0.2, groups=groups, random_state=0)
    assert set(inner) | set(validation) == set(kept)
    assert not set(groups[inner]) & set(groups[validation])


def test_time_split_holds_out_the_last_rows():
    time = np.array([5.0, 1.0, 4.0, 2.0, 3.0, 0.0])
    kept, held = split(np.arange(6), 0.3, time=time)
    assert kept.tolist() == [5, 1, 3, 4]
    assert held.tolist() == [2, 0]
    with pytest.raises(ValueError, match="1 rows are too few"):
        split(np.arange(1), 0.3, time=time)


def test_groups_and_time_reach_the_split(feed):
    X, Y = feed
    estimator = MultiObjectiveEstimator(**SMALL)
    by_group = compare(
        X, Y, estimator=estimator, groups=np.arange(600) // 100, random_state=0
    )
    assert by_group.n_rows == {"train": 300, "validation": 100, "test": 200}
    by_time = compare(X, Y, estimator=estimator, time=-np.arange(600), random_state=0)
    # The first 150 rows are the latest.
    k = 0
    scores = by_time.estimator_.predict(X[:150])[:, k]
    expected = roc_auc_score(Y[:150, k], scores)
    assert by_time.to_records()[k]["skmo"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"test_size": 0.0}, "'test_size' parameter of compare"),
        ({"test_size": 1.0}, "'test_size' parameter of compare"),
        ({"validation_fraction": 1.5}, "'validation_fraction' parameter of compare"),
        ({"tolerance": -1.0}, "tolerance must not be negative"),
        ({"groups": [1, 2]}, r"groups must hold one value per row.*\(600,\)"),
        ({"time": np.full(600, np.nan)}, "time is missing in 600 rows"),
        ({"groups": np.array([None, *range(599)])}, "groups is missing in 1 rows"),
        ({"groups": np.arange(600), "time": np.arange(600)}, "by groups or by time"),
        ({"target_names": ["a"]}, "target_names holds 1 names for 3"),
        ({"X_test": np.zeros((2, 19))}, "must be given together"),
        (
            {"X_test": np.zeros((2, 19)), "Y_test": np.zeros((2, 2))},
            "Y has 3 columns but Y_test 2",
        ),
        (
            {"X_test": np.zeros((1, 19)), "Y_test": [[0, np.nan, 0]]},
            "test rows hold no observed value of 'target1'",
        ),
        (
            {"estimator": MultiObjectiveEstimator(), "objectives": ["binary"] * 3},
            "Give the objectives to the estimator",
        ),
    ],
)
def test_bad_input(feed, options, message):
    with pytest.raises(ValueError, match=message):
        compare(*feed, **options)


def test_bad_targets_and_estimators(feed):
    X, Y = feed
    with pytest.raises(ValueError, match="X has 600 rows but Y has 10"):
        compare(X, Y[:10])
    with pytest.raises(ValueError, match="Y must be numeric"):
        compare(X, np.full((600, 2), "a"))
    with pytest.raises(ValueError, match="Y must have the shape"):
        compare(X, np.zeros((600, 2, 2)))
    with pytest.raises(TypeError, match="instead of a classifier"):
        compare(X, Y, estimator=MultiObjectiveClassifier())


def test_progress_line(feed, capsys):
    estimator = MultiObjectiveEstimator(**SMALL)
    compare(*feed, estimator=estimator, random_state=0, target_names=NAMES)
    assert capsys.readouterr() == ("", "")
    options = {"random_state": 0, "target_names": NAMES, "progress": True}
    compare(*feed, estimator=estimator, **options)
    out, err = capsys.readouterr()
    assert out == ""
    assert "\n" not in err
    assert "3/4" in err
    assert "separate LightGBM: watch_time" in err
    # The terminal's line is blank at the end, the cursor at its start.
    assert err.endswith("\r")
    assert err.split("\r")[-2].strip() == ""
    assert len(err.split("\r")[-2]) >= len(err.split("\r")[-3].rstrip())


def test_progress_line_is_cleared_after_an_error(feed, capsys):
    X, Y = feed
    estimator = MultiObjectiveEstimator(objectives=["binary"] * 3)
    with pytest.raises(ValueError, match="binary"):
        compare(X, Y, estimator=estimator, progress=True)
    assert capsys.readouterr().err.split("\r")[-2].strip() == ""
