"""From the folds' scores to one record per objective."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.exceptions import UndefinedMetricWarning

from ..exceptions import warn_user
from ._fold import FoldOutcome
from ._statistics import change_in_words, corrected_interval


def summarise(
    outcomes: Sequence[FoldOutcome],
    peers: Sequence[str],
    *,
    tolerance: float,
    confidence: float,
) -> list[dict[str, Any]]:
    """Means over folds; of the difference its interval, too."""
    by_objective = zip(*(outcome.records for outcome in outcomes), strict=True)
    return [_record(folds, peers, tolerance, confidence) for folds in by_objective]


def _record(
    folds: Sequence[dict[str, Any]],
    peers: Sequence[str],
    tolerance: float,
    confidence: float,
) -> dict[str, Any]:
    _warn_undefined(folds)
    separate, skmo = (
        np.array([fold[side] for fold in folds]) for side in ("separate", "skmo")
    )
    difference = skmo - separate
    defined = np.flatnonzero(~np.isnan(difference))
    interval = None
    if len(folds) > 1:
        test_share = np.mean([fold["n_test"] / fold["n_learn"] for fold in folds])
        interval = corrected_interval(difference, float(test_share), confidence)
    mean = _mean(difference[defined])
    record = {
        "objective": folds[0]["objective"],
        "metric": folds[0]["metric"],
        "separate": _mean(separate[defined]),
        "skmo": _mean(skmo[defined]),
        "difference": mean,
        "standard_error": interval and interval.standard_error,
        "lower": interval and interval.lower,
        "upper": interval and interval.upper,
        "change": change_in_words(mean, interval, tolerance),
        "n_test": sum(fold["n_test"] for fold in folds),
        "n_rarer": None,
        "trees_separate": _rounded([fold["trees_separate"] for fold in folds]),
        "trees_skmo": _rounded([fold["trees_skmo"] for fold in folds]),
    }
    if folds[0]["n_rarer"] is not None:
        record["n_rarer"] = sum(fold["n_rarer"] for fold in folds)
    for peer in peers:
        record[peer] = _mean(np.array([fold[peer] for fold in folds])[defined])
    return record


def mean_change(
    outcomes: Sequence[FoldOutcome], *, tolerance: float, confidence: float
) -> dict[str, Any] | None:
    """The mean difference over objectives, with its interval over folds.

    Objectives that some fold does not score are left out, for the folds must
    average the same ones. None for one fold, or if no objective is left.
    """
    differences, shares = (
        np.array([[of(r) for r in outcome.records] for outcome in outcomes])
        for of in (
            lambda r: r["skmo"] - r["separate"],
            lambda r: r["n_test"] / r["n_learn"],
        )
    )
    scored = ~np.isnan(differences).any(axis=0)
    if len(outcomes) < 2 or not scored.any():
        return None
    by_fold = differences[:, scored].mean(axis=1)
    share = float(shares[:, scored].mean())
    interval = corrected_interval(by_fold, share, confidence)
    mean = float(by_fold.mean())
    return {
        "difference": mean,
        **interval._asdict(),
        "change": change_in_words(mean, interval, tolerance),
        "n_objectives": int(scored.sum()),
    }


def _warn_undefined(folds: Sequence[dict[str, Any]]) -> None:
    undefined = [
        str(fold["fold"] + 1)
        for fold in folds
        if np.isnan(fold["skmo"] - fold["separate"])
    ]
    if undefined:
        where = f" of fold {', '.join(undefined)}" if len(folds) > 1 else ""
        warn_user(
            f"The test rows{where} do not define the {folds[0]['metric']} of "
            f"{folds[0]['objective']!r} (too few observed values, or all equal).",
            UndefinedMetricWarning,
        )


def _mean(values: np.ndarray) -> float:
    """NaN for no value, or if one is NaN: a peer that failed in a fold."""
    return float(values.mean()) if len(values) else np.nan


def _rounded(counts: Sequence[int]) -> int:
    return round(float(np.mean(counts)))


def merged(outcomes: Sequence[FoldOutcome]) -> dict[str, dict[str, str]]:
    """What peers could not do in some fold, without those that could do all."""
    words: dict[str, dict[str, str]] = {}
    for outcome in outcomes:
        for peer, by_objective in outcome.unsupported.items():
            if by_objective:
                words.setdefault(peer, {}).update(by_objective)
    return words


def total_seconds(outcomes: Sequence[FoldOutcome]) -> dict[str, float]:
    """Times by model, summed over folds."""
    names = outcomes[0].seconds
    return {name: sum(outcome.seconds[name] for outcome in outcomes) for name in names}
