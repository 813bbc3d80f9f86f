"""The report card as data and as text."""

import numpy as np
import pytest

from skmo.comparison import ComparisonResult
from skmo.comparison._statistics import Interval, change_in_words


def make_result(
    *changes, seconds=(4.0, 2.0), tolerance=0.002, n_rarer=50, half=None, peers=None
):
    """Of one split, or, with the intervals' half widths, of four folds."""
    records = [
        {
            "objective": f"target{k}",
            "metric": "AUC",
            "separate": 0.7,
            "skmo": 0.7 + change,
            "difference": change,
            "n_test": 100,
            "n_rarer": n_rarer,
            "trees_separate": 5,
            "trees_skmo": 6,
        }
        for k, change in enumerate(changes)
    ]
    for record, width in zip(records, half or (), strict=False):
        change = record["difference"]
        interval = Interval(width / 2, change - width, change + width)
        record.update(
            interval._asdict(), change=change_in_words(change, interval, tolerance)
        )
    for name, scores in (peers or {}).items():
        for record, score in zip(records, scores, strict=True):
            record[name] = score
    return ComparisonResult(
        records,
        seconds={
            "separate": seconds[0],
            "skmo": seconds[1],
            **dict.fromkeys(peers or (), 3.0),
        },
        n_rows={"train": 60, "validation": 10, "test": 30},
        tolerance=tolerance,
        confidence=0.95 if half else None,
        fold_records=[{**records[0], "fold": fold} for fold in range(4 * bool(half))],
        peers=list(peers or ()),
        unsupported={
            name: {
                record["objective"]: "no mixed losses"
                for record, score in zip(records, scores, strict=True)
                if np.isnan(score)
            }
            for name, scores in (peers or {}).items()
            if np.isnan(scores).any()
        },
    )


@pytest.mark.parametrize(
    ("changes", "better", "verdict"),
    [
        (
            (0.01, -0.001),
            True,
            "Pareto improvement: no objective fell by more than 0.002 and 1 of 2 rose.",
        ),
        (
            (0.01, -0.0123, -0.02),
            False,
            "No Pareto improvement: target2 fell by 0.0200, target1 fell by 0.0123; "
            "1 of 3 rose (by more than 0.002).",
        ),
        (
            (0.001, -0.001),
            False,
            "No difference: no objective moved by more than 0.002.",
        ),
        (
            (0.01, np.nan),
            True,
            "Pareto improvement: no objective fell by more than 0.002 and 1 of 1 rose. "
            "Not scored on the test rows: target1.",
        ),
        ((np.nan,), False, "No verdict: no objective has a score."),
    ],
)
def test_verdict(changes, better, verdict):
    result = make_result(*changes)
    assert result.verdict == verdict
    assert result.pareto_improvement is better


def test_text():
    assert str(make_result(0.0123, np.nan)) == (
        "Report card: 2 objectives; rows: 60 train, 10 validation, 30 test\n"
        "\n"
        "objective  metric  separate    skmo  difference  trees\n"
        "target0    AUC       0.7000  0.7123     +0.0123    5/6\n"
        "target1    AUC            -       -           -    5/6\n"
        "\n"
        "Pareto improvement: no objective fell by more than 0.002 and 1 of 1 rose. "
        "Not scored on the test rows: target1.\n"
        "Fitting took 4.0 s for 2 separate LightGBM models and 2.0 s for skmo "
        "(2.0 times as fast)."
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        ((2.0, 4.0), "2.0 times as slow"),
        ((2.0, 2.05), "as fast"),
        ((2.0, 0.0), "as fast"),
    ],
)
def test_pace(seconds, words):
    text = str(make_result(0.1, seconds=seconds))
    assert text.endswith(f"{words}).")
    assert "1 objective;" in text
    assert "1 separate LightGBM model and" in text


def test_caution_where_one_class_is_rare():
    assert make_result(0.01, 0.02, n_rarer=30).caution == ""
    assert make_result(0.01, 0.02, n_rarer=None).caution == ""
    result = make_result(0.01, np.nan, n_rarer=29)
    line = "Caution, few test rows of the rarer class: target0 (29)."
    assert result.caution == line
    assert f"\n{line}\n" in str(result)


def test_table():
    pd = pytest.importorskip("pandas", reason="the table is a data frame with pandas")
    result = make_result(0.0123, -0.01)
    assert isinstance(result.table, pd.DataFrame)
    assert result.table.to_dict("records") == result.to_records()
    assert result.table["difference"].tolist() == [0.0123, -0.01]


def test_table_without_pandas(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    result = make_result(0.0123)
    assert result.table == result.to_records()


def test_records_are_copies():
    result = make_result(0.0123)
    result.to_records()[0]["skmo"] = 0.0
    assert result.to_records()[0]["skmo"] == pytest.approx(0.7123)


def test_verdict_over_folds_says_what_is_clear():
    changes = (0.03, 0.001, -0.01, -0.02, 0.0, 0.01)
    result = make_result(*changes, half=(0.01, 0.0005, 0.02, 0.001, 0.001, 0.02))
    assert [r["change"] for r in result.to_records()] == [
        *("rose", "unchanged", "no clear change", "fell", "unchanged"),
        "no clear change",
    ]
    assert result.verdict == (
        "No Pareto improvement: target3 fell by 0.0200, target2 fell by 0.0100; 2 of 6 "
        "rose (by more than 0.002). By the 95 % intervals over 4 folds: 1 rose, 1 fell "
        "(target3), 2 unchanged, 2 without clear change."
    )


def test_text_of_folds_and_peers():
    result = make_result(
        *(0.0123, 0.01),
        half=(0.01, 0.02),
        peers={"forest": [0.71, 0.6], "xgboost_joint": [np.nan, np.nan]},
    )
    lines = str(result).splitlines()
    assert lines[0] == (
        "Report card: 2 objectives; 4 folds, about 60 train, 10 validation, 30 test "
        "rows each"
    )
    assert lines[2].split()[-6:] == [
        *("difference", "95", "%", "interval", "change", "trees")
    ]
    assert "0.7123  0.7100              -     +0.0123  +0.0023 to +0.0223" in lines[3]
    assert lines[3].split()[-2:] == ["rose", "5/6"]
    assert lines[-3:] == [
        "Not worse than separate models by more than 0.002: skmo 2 of 2, forest 1 of "
        "2.",
        "xgboost_joint did not run: no mixed losses.",
        "Fitting took 4.0 s for 2 separate LightGBM models and 2.0 s for skmo (2.0 "
        "times as fast). Peers: forest 3.0 s.",
    ]


def test_text_names_the_objectives_a_peer_lacks():
    result = make_result(0.1, 0.1, peers={"forest": [0.7, np.nan]})
    assert "forest did not run for target1: no mixed losses.\n" in str(result)


def test_change_of_one_split():
    result = make_result(0.01, -0.01, 0.001, np.nan)
    records = result.to_records()
    words = ["rose", "fell", "unchanged", "not scored"]
    assert [r["change"] for r in records] == words
    assert all(r["lower"] is None and r["upper"] is None for r in records)
    assert result.n_folds == 1
    assert result.confidence is None
