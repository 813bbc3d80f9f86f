"""Several folds: which rows they use, and what is made of their scores."""

import numpy as np
import pytest
from scipy.stats import t as student
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, KFold, TimeSeriesSplit

from skmo import MultiObjectiveEstimator, MultiObjectiveRegressor, compare
from skmo.comparison._splits import folds

NAMES = ["click", "long_view", "watch_time"]
SMALL = {"n_estimators": 8, "num_leaves": 5, "n_jobs": 1}


@pytest.fixture(scope="module")
def result(feed):
    estimator = MultiObjectiveEstimator(
        objectives=["binary", "binary", "poisson"], **SMALL
    )
    return compare(*feed, estimator=estimator, target_names=NAMES, cv=3, random_state=0)


def test_means_and_intervals_of_the_folds(result):
    pd = pytest.importorskip("pandas", reason="the fold scores are a data frame")
    scores = result.fold_scores
    assert isinstance(scores, pd.DataFrame)
    assert scores["fold"].tolist() == [0] * 3 + [1] * 3 + [2] * 3
    assert result.n_rows == {"train": 360, "validation": 40, "test": 200}
    assert (result.n_folds, result.confidence) == (3, 0.95)
    observed = scores.groupby("objective", sort=False)["n_test"].sum()
    for k, record in enumerate(result.to_records()):
        rows = scores[scores["objective"] == record["objective"]]
        difference = (rows["skmo"] - rows["separate"]).to_numpy()
        assert record["skmo"] == pytest.approx(rows["skmo"].mean())
        assert record["separate"] == pytest.approx(rows["separate"].mean())
        assert record["difference"] == pytest.approx(difference.mean())
        assert record["n_test"] == observed.iloc[k]
        # Nadeau and Bengio: half as many rows to test on as to learn from.
        share = pytest.approx(0.5, abs=0.03 if k else 1e-9)
        ratio = (record["standard_error"] ** 2 / difference.var(ddof=1)) - 1 / 3
        assert ratio == share
        half = student.ppf(0.975, 2) * record["standard_error"]
        assert record["upper"] == pytest.approx(record["difference"] + half)
        assert record["lower"] == pytest.approx(record["difference"] - half)
    assert "over 3 folds:" in result.verdict


def test_mean_over_objectives(result):
    by_fold = np.reshape(
        [r["skmo"] - r["separate"] for r in result._fold_records], (3, 3)
    ).mean(axis=1)
    change = result.mean_change
    assert change["difference"] == pytest.approx(by_fold.mean())
    ratio = change["standard_error"] ** 2 / by_fold.var(ddof=1) - 1 / 3
    assert ratio == pytest.approx(0.5, abs=0.02)
    assert change["n_objectives"] == 3
    assert f"\nMean over 3 objectives: {change['difference']:+.4f} (" in str(result)


def test_models_of_all_folds_are_kept(feed, result):
    X, Y = feed
    assert len(result.estimators_) == 3
    assert result.estimator_ is result.estimators_[-1]
    assert len(result.separate_) == 3
    split = KFold(3, shuffle=True, random_state=0).split(X)
    for model, (_, test), record in zip(
        result.estimators_, split, result._fold_records[::3], strict=True
    ):
        auc = roc_auc_score(Y[test, 0], model.predict(X[test])[:, 0])
        assert record["skmo"] == pytest.approx(auc)


def test_splitters_and_pairs_give_the_same_folds(feed, result):
    estimator = result.estimator_
    splitter = KFold(3, shuffle=True, random_state=0)
    for cv in (splitter, list(splitter.split(feed[0]))):
        again = compare(
            *feed, estimator=estimator, target_names=NAMES, cv=cv, random_state=0
        )
        assert again.to_records() == result.to_records()


def test_groups_stay_together_and_windows_expand():
    groups = np.repeat(np.arange(20), 5)
    parts = folds(4, 100, groups=groups, random_state=0)
    expected = GroupKFold(4, shuffle=True, random_state=0).split(groups, groups=groups)
    for (learn, test), pair in zip(parts, expected, strict=True):
        assert not set(groups[learn]) & set(groups[test])
        np.testing.assert_array_equal(test, pair[1])
    time = np.random.default_rng(0).permutation(100)
    parts = folds(4, 100, time=time)
    windows = TimeSeriesSplit(4).split(time)
    for (learn, test), pair in zip(parts, windows, strict=True):
        assert time[learn].max() < time[test].min()
        np.testing.assert_array_equal(np.sort(time[learn]), pair[0])


def test_groups_and_time_reach_the_folds(feed):
    estimator = MultiObjectiveEstimator(early_stopping=False, **SMALL)
    options = {"estimator": estimator, "random_state": 0, "cv": 2}
    by_group = compare(*feed, groups=np.arange(600) // 100, **options)
    assert by_group.n_rows == {"train": 200, "validation": 100, "test": 300}
    by_time = compare(*feed, time=np.arange(600), **options)
    assert by_time.n_rows == {"train": 270, "validation": 30, "test": 200}


def test_auto_objectives_are_those_of_all_rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    # The only 2 is in the first fold's test rows.
    Y = (X + rng.normal(size=X.shape) > 0).astype(float)
    Y[0, 1] = 2
    estimator = MultiObjectiveEstimator(**SMALL)
    result = compare(X, Y, estimator=estimator, cv=KFold(2), random_state=0)
    assert [r["metric"] for r in result.to_records()] == ["AUC", "R2"]


def test_folds_without_a_score_are_left_out_and_named(feed):
    X, Y = feed
    Y = Y[:, :2].copy()
    Y[:200, 0] = 0
    with pytest.warns(UndefinedMetricWarning, match="of fold 1 do not .* AUC of 'a'"):
        result = compare(
            X,
            Y,
            estimator=MultiObjectiveEstimator(objectives=["binary"] * 2, **SMALL),
            target_names=["a", "b"],
            cv=KFold(3),
            random_state=0,
        )
    scores = [r["skmo"] for r in result._fold_records if r["objective"] == "a"]
    assert np.isnan(scores[0])
    record = result.to_records()[0]
    assert record["skmo"] == pytest.approx(np.mean(scores[1:]))
    assert record["lower"] < record["difference"] < record["upper"]
    # Their mean needs objectives that all folds score.
    assert result.mean_change["n_objectives"] == 1
    assert result.mean_change["difference"] == pytest.approx(
        result.to_records()[1]["difference"]
    )


@pytest.mark.parametrize(
    ("cv", "message"),
    [
        (1, "'cv' parameter of compare must be .* Got 1 instead"),
        (True, "'cv' parameter of compare"),
        ("kfold", "'cv' parameter of compare.*'kfold'"),
        (2.5, "'cv' parameter of compare"),
        (601, "cv=601 folds need at least 601 rows. Got 600"),
        ([(np.arange(9), np.arange(9, 20))], r"'cv' .* gives 1 fold\(s\).*cv=None"),
        ([(np.arange(9), np.arange(8, 20))] * 2, "9 training and 12 test rows, 1 of"),
        ([(np.arange(9), [])] * 2, "must give indices|9 training and 0 test"),
        ([(np.arange(9), [600])] * 2, "indices of rows from 0 to 599"),
    ],
)
def test_bad_folds(feed, cv, message):
    with pytest.raises(ValueError, match=message):
        compare(*feed, cv=cv, random_state=0)


def test_bad_combinations(feed):
    X, Y = feed
    with pytest.raises(ValueError, match="either cv or X_test and Y_test"):
        compare(X, Y, cv=2, X_test=X, Y_test=Y)
    with pytest.raises(ValueError, match=r"cv=5 folds need at least 5 groups\. Got 3"):
        compare(X, Y, cv=5, groups=np.arange(600) // 200)
    Y = Y[:, :1].copy()
    Y[200:] = np.nan
    with pytest.raises(
        ValueError, match=r"training rows of fold 1 hold no .*'target0'"
    ):
        compare(X, Y, cv=KFold(3))


def test_progress_counts_the_folds(feed, capsys):
    estimator = MultiObjectiveRegressor(**SMALL)
    options = {"cv": 2, "peers": ["forest"], "progress": True, "random_state": 0}
    compare(*feed, estimator=estimator, **options)
    err = capsys.readouterr().err
    assert "9/10" in err
    assert "fold 2/2: random forest" in err
