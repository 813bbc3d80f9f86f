"""The report card as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ._result import ComparisonResult


def report(result: ComparisonResult) -> str:
    """The whole report card."""
    records = result.to_records()
    n = len(records)
    counts = ", ".join(f"{rows} {part}" for part, rows in result.n_rows.items())
    if result.n_folds > 1:
        rows = f"{result.n_folds} folds, about {counts} rows each"
    else:
        rows = f"rows: {counts}"
    parts = [
        f"Report card: {n} objective{'s' * (n > 1)}; {rows}\n\n"
        f"{_table(records, result)}\n\n{result.verdict}",
        _mean(result.mean_change, n),
        result.caution,
        *_of_peers(records, result),
        _times(result.seconds, n, _that_ran(records, result.peers)),
    ]
    return "\n".join(part for part in parts if part)


def _table(records: Sequence[Mapping[str, Any]], result: ComparisonResult) -> str:
    several = result.n_folds > 1
    head = ["objective", "metric", "separate", "skmo", *result.peers, "difference"]
    if several:
        head += [f"{100 * result.confidence:g} % interval", "change"]
    rows = [[*head, "trees"]]
    for r in records:
        scores = [_score(r[side]) for side in ("separate", "skmo", *result.peers)]
        scores.append(_signed(r["difference"]))
        if np.isnan(r["difference"]):
            scores = ["-"] * len(scores)
        if several:
            scores += [_interval(r), r["change"]]
        trees = f"{r['trees_separate']}/{r['trees_skmo']}"
        rows.append([r["objective"], r["metric"], *scores, trees])
    return aligned(rows, left=2)


def _score(score: float) -> str:
    return "-" if np.isnan(score) else f"{score:.4f}"


def _signed(change: float) -> str:
    return f"{change:+.4f}"


def _interval(record: Mapping[str, Any]) -> str:
    if record["lower"] is None:
        return "-"
    return f"{_signed(record['lower'])} to {_signed(record['upper'])}"


def _mean(change: Mapping[str, Any] | None, n: int) -> str:
    if change is None or n == 1:
        return ""
    return (
        f"Mean over {change['n_objectives']} objectives: "
        f"{_signed(change['difference'])} ({_interval(change)}), {change['change']}."
    )


def _of_peers(
    records: Sequence[Mapping[str, Any]], result: ComparisonResult
) -> list[str]:
    """How many objectives each peer does not lose, and what peers cannot do."""
    if not result.peers:
        return []
    lines = []
    for side in ("skmo", *result.peers):
        changes = np.array([r[side] - r["separate"] for r in records])
        changes = changes[~np.isnan(changes)]
        if len(changes):
            count = int((changes >= -result.tolerance).sum())
            lines.append(f"{side} {count} of {len(changes)}")
    parts = [
        f"Not worse than separate models by more than {result.tolerance:g}: "
        f"{', '.join(lines)}."
    ]
    for peer, words in result.unsupported.items():
        kinds: dict[str, list[str]] = {}
        for name, word in words.items():
            kinds.setdefault(word, []).append(name)
        for word, names in kinds.items():
            which = "" if len(names) == len(records) else f" for {', '.join(names)}"
            parts.append(f"{peer} did not run{which}: {word}.")
    return parts


def _that_ran(records: Sequence[Mapping[str, Any]], peers: Sequence[str]) -> list[str]:
    return [p for p in peers if any(np.isfinite(r[p]) for r in records)]


def _times(seconds: Mapping[str, float], n: int, peers: Sequence[str]) -> str:
    separate, skmo = seconds["separate"], seconds["skmo"]
    text = (
        f"Fitting took {separate:.1f} s for {n} separate LightGBM "
        f"model{'s' * (n > 1)} and {skmo:.1f} s for skmo ({pace(separate, skmo)})."
    )
    others = [f"{peer} {seconds[peer]:.1f} s" for peer in peers if peer in seconds]
    return f"{text} Peers: {', '.join(others)}." if others else text


def verdict(
    records: Sequence[Mapping[str, Any]],
    tolerance: float,
    n_folds: int,
    confidence: float | None,
) -> str:
    """The comparison in one or a few sentences."""
    scored = [r for r in records if np.isfinite(r["difference"])]
    text = _by_means(scored, tolerance)
    if scored and n_folds > 1 and confidence is not None:
        text += f" {_by_intervals(scored, n_folds, confidence)}"
    unscored = [r["objective"] for r in records if not np.isfinite(r["difference"])]
    if unscored and scored:
        text += f" Not scored on the test rows: {', '.join(unscored)}."
    return text


def _by_means(scored: Sequence[Mapping[str, Any]], tolerance: float) -> str:
    fell = [r for r in scored if r["difference"] < -tolerance]
    n_rose = sum(r["difference"] > tolerance for r in scored)
    if fell:
        fell.sort(key=lambda r: r["difference"])
        falls = [f"{r['objective']} fell by {-r['difference']:.4f}" for r in fell]
        return (
            f"No Pareto improvement: {', '.join(falls)}; {n_rose} of {len(scored)} "
            f"rose (by more than {tolerance:g})."
        )
    if n_rose:
        return (
            f"Pareto improvement: no objective fell by more than "
            f"{tolerance:g} and {n_rose} of {len(scored)} rose."
        )
    if scored:
        return f"No difference: no objective moved by more than {tolerance:g}."
    return "No verdict: no objective has a score."


def _by_intervals(
    scored: Sequence[Mapping[str, Any]], n_folds: int, confidence: float
) -> str:
    counts = []
    for change in ("rose", "fell", "unchanged", "no clear change"):
        names = [r["objective"] for r in scored if r["change"] == change]
        if change == "fell" and names:
            counts.append(f"{len(names)} fell ({', '.join(names)})")
        elif names or change in ("rose", "fell"):
            words = f"{len(names)} {change}"
            if change == "no clear change":
                words = f"{len(names)} without clear change"
            counts.append(words)
    return (
        f"By the {100 * confidence:g} % intervals over {n_folds} folds: "
        f"{', '.join(counts)}."
    )


def aligned(rows: Sequence[Sequence[str]], *, left: int) -> str:
    """Rows of strings as a table of text, the first ``left`` columns flush left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if j < left else cell.rjust(width)
            for j, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def pace(separate: float, skmo: float) -> str:
    """The two times' ratio in words."""
    ratio = separate / max(skmo, 1e-9)
    if 0.95 <= ratio <= 1.05:
        return "as fast"
    if ratio > 1:
        return f"{ratio:.1f} times as fast"
    return f"{1 / ratio:.1f} times as slow"
