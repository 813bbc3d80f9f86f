"""Which rows train, validate and test."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from skmo import MultiObjectiveEstimator, compare
from skmo.comparison._splits import split


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


@pytest.mark.parametrize(
    ("n_rows", "by", "what"),
    [
        (1, {"time": np.arange(6)}, "1 rows"),
        (1, {}, "1 rows"),
        (6, {"groups": np.zeros(6)}, "1 groups"),
    ],
)
def test_too_few_rows_to_divide(n_rows, by, what):
    message = f"^{what} are too few to hold out 0.3 of them"
    with pytest.raises(ValueError, match=message):
        split(np.arange(n_rows), 0.3, **by)


def test_two_rows_are_too_few(feed):
    X, Y = feed
    with pytest.raises(ValueError, match="1 rows are too few"):
        compare(X[:2], Y[:2, :1], random_state=0)


def test_groups_and_time_reach_the_split(feed):
    X, Y = feed
    estimator = MultiObjectiveEstimator(n_estimators=8, num_leaves=5, n_jobs=1)
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
