"""The comparison: same rows, same settings, the report of both sides."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor

from skmo import MultiObjectiveEstimator, compare
from skmo.datasets import make_feed

NAMES = ["click", "long_view", "watch_time"]
SMALL = {"n_estimators": 8, "num_leaves": 5, "n_jobs": 1}


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
        assert 1 <= r["trees_skmo"] <= 16  # shared ones and its own
    assert [r["n_rarer"] is None for r in records] == [False, False, True]
    assert 0 < records[0]["n_rarer"] <= 75
    assert result.n_rows == {"train": 405, "validation": 45, "test": 150}
    assert min(result.seconds.values()) > 0
    estimator = result.estimator_
    trees = estimator.n_iter_ + estimator.head_n_iter_
    assert list(trees) == [r["trees_skmo"] for r in records]
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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"test_size": 0.0}, "'test_size' parameter of compare"),
        ({"test_size": 1.0}, "'test_size' parameter of compare"),
        ({"validation_fraction": 1.5}, "'validation_fraction' parameter of compare"),
        ({"tolerance": -1.0}, r"'tolerance' parameter of compare.* Got -1\.0"),
        ({"tolerance": "0.1"}, "'tolerance' parameter of compare.* Got '0.1'"),
        ({"test_size": "0.1"}, "'test_size' parameter of compare.* Got '0.1'"),
        ({"confidence": 1.0}, "'confidence' parameter of compare.* Got 1.0"),
        ({"confidence": "high"}, "'confidence' parameter of compare"),
        (
            {"groups": [1, 2]},
            r"'groups' parameter of compare must hold one value per row.*\(600,\)",
        ),
        (
            {"time": np.full(600, np.nan)},
            "'time' parameter of compare has no value in 600 rows",
        ),
        (
            {"groups": np.array([None, *range(599)])},
            "'groups' parameter of compare has no value in 1 rows",
        ),
        (
            {"groups": np.arange(600), "time": np.arange(600)},
            "'groups' and 'time' parameters",
        ),
        (
            {"target_names": ["a"]},
            r"'target_names' .* 3 in all. Got \['a'\] instead, 1",
        ),
        ({"target_names": ["a", "b", "a"]}, r"names hold \['a'\] more than once"),
        ({"X_test": np.zeros((2, 19))}, "must be given together"),
        (
            {"X_test": np.zeros((2, 19)), "Y_test": np.zeros((2, 2))},
            "Y has 3 columns but Y_test has 2",
        ),
        (
            {"X_test": np.zeros((3, 19)), "Y_test": np.zeros((2, 3))},
            "X_test has 3 rows but Y_test has 2",
        ),
        (
            {"X_test": np.zeros((1, 19)), "Y_test": [[0, np.nan, 0]]},
            "test rows hold no observed value of 'target1'",
        ),
        (
            {"estimator": MultiObjectiveEstimator(), "objectives": ["binary"] * 3},
            "give the objectives to the estimator",
        ),
    ],
)
def test_bad_input(feed, options, message):
    with pytest.raises(ValueError, match=message):
        compare(*feed, **options)


def test_one_prediction_for_all_targets_is_refused():
    X, Y = np.zeros((40, 2)), np.zeros((40, 2))
    est = MultiObjectiveEstimator(shared_score=True)
    with pytest.raises(ValueError, match=r"one prediction for all.*score_objectives"):
        compare(X, Y, estimator=est)


def test_bad_targets_and_estimators(feed):
    X, Y = feed
    with pytest.raises(ValueError, match="X has 600 rows but Y has 10"):
        compare(X, Y[:10])
    with pytest.raises(ValueError, match="'Y' parameter of compare must be numeric"):
        compare(X, np.full((600, 2), "a"))
    with pytest.raises(
        ValueError, match="'Y' parameter of compare must have the shape"
    ):
        compare(X, np.zeros((600, 2, 2)))
    with pytest.raises(TypeError, match=r"'estimator' parameter.*join by 'peers'"):
        compare(X, Y, estimator=RandomForestRegressor())


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
