"""The report card as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ._card_parts import (
    BETTER,
    REFERENCE,
    SAME,
    WORSE,
    draw_changes,
    draw_intervals,
    draw_legend,
    draw_no_worse_line,
    draw_peers,
    inches,
    is_narrow,
    limits,
    note,
    short,
    wrapped,
)

if TYPE_CHECKING:
    from ..comparison import ComparisonResult

_PRINTED = {"R2": "R²", "D2": "D²"}
_COLUMNS = (10, 66)  # points from the axes' right edge


class ReportCardDisplay:
    """Test scores of skmo against separate models, one row per objective.

    All separate models stand on the line of no change; a dot to the right of
    the band is an objective that rose, one to its left an objective that fell.
    The verdict and the times of both fits stand above, the scores on the right.
    Bars are intervals over folds, small marks other models; an arrow points to
    one beyond the axis. Make it with :meth:`from_result` or
    ``skmo.compare(...).plot()``.

    Parameters
    ----------
    names : sequence of str
        The objectives' names.
    metrics : sequence of str
        The names of their scores.
    separate, skmo : array-like of shape (n_objectives,)
        The scores; greater is better; NaN where undefined.
    tolerance : float, default=0.0
        Half the width of the band that counts as no change; its left border is
        the line of what is no worse.
    seconds : dict or None, default=None
        Times under ``"separate"`` and ``"skmo"`` for the title.
    verdict : str, default=""
        Text below the title.
    intervals : array-like of shape (n_objectives, 2) or None, default=None
        Lower and upper end of each change's interval, NaN where there is none.
    confidence : float or None, default=None
        The intervals' probability, for the label.
    peers : dict or None, default=None
        Other models' scores, shape (n_objectives,), by their names.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure

    Examples
    --------
    >>> from skmo.inspection import ReportCardDisplay
    >>> display = ReportCardDisplay(
    ...     names=["click", "watch_time"],
    ...     metrics=["AUC", "D2"],
    ...     separate=[0.71, 0.20],
    ...     skmo=[0.72, 0.22],
    ...     tolerance=0.002,
    ... )
    >>> figure = display.plot().figure_
    """

    def __init__(
        self,
        *,
        names: Sequence[str],
        metrics: Sequence[str],
        separate: ArrayLike,
        skmo: ArrayLike,
        tolerance: float = 0.0,
        seconds: Mapping[str, float] | None = None,
        verdict: str = "",
        intervals: ArrayLike | None = None,
        confidence: float | None = None,
        peers: Mapping[str, ArrayLike] | None = None,
    ):
        self.names = names
        self.metrics = metrics
        self.separate = separate
        self.skmo = skmo
        self.tolerance = tolerance
        self.seconds = seconds
        self.verdict = verdict
        self.intervals = intervals
        self.confidence = confidence
        self.peers = peers

    @classmethod
    def from_result(
        cls, result: ComparisonResult, *, ax: Any = None
    ) -> ReportCardDisplay:
        """Draw a comparison's report card.

        Parameters
        ----------
        result : ComparisonResult
            What :func:`skmo.compare` returned.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        ReportCardDisplay
        """
        records = result.to_records()
        intervals = None
        if result.n_folds > 1:
            ends = [(r["lower"], r["upper"]) for r in records]
            intervals = np.array(ends, dtype=np.float64)
        display = cls(
            names=[r["objective"] for r in records],
            metrics=[r["metric"] for r in records],
            separate=[r["separate"] for r in records],
            skmo=[r["skmo"] for r in records],
            tolerance=result.tolerance,
            seconds=result.seconds,
            verdict=result.verdict,
            intervals=intervals,
            confidence=result.confidence,
            peers={peer: [r[peer] for r in records] for peer in result.peers},
        )
        return display.plot(ax=ax)

    def plot(self, ax: Any = None) -> ReportCardDisplay:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure 8 inches wide.

        Returns
        -------
        ReportCardDisplay
            This object, with ``ax_`` and ``figure_``.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        try:
            from matplotlib import pyplot as plt
        except ImportError as error:
            raise ImportError(
                'ReportCardDisplay needs matplotlib: pip install "skmo[plot]".'
            ) from error
        if ax is None:
            size = self.figure_size(len(self.names), len(self.peers or ()))
            _, ax = plt.subplots(figsize=size, layout="constrained")
        separate = np.asarray(self.separate, float)
        change = np.asarray(self.skmo, float) - separate
        others = {
            peer: np.asarray(scores, float) - separate
            for peer, scores in (self.peers or {}).items()
        }
        colours = [self._colour(delta) for delta in change]
        self._dress(ax, change, others)
        if self.intervals is not None:
            draw_intervals(ax, self.intervals, colours)
        draw_changes(ax, change, colours, faint=self.intervals is not None)
        marks = draw_peers(ax, others)
        if marks:
            dot = ax.scatter([], [], s=64, color=BETTER, label="skmo")
            circle = ax.scatter(
                [], [], s=42, color="white", edgecolor=REFERENCE, label="separate"
            )
            draw_legend(ax, [dot, circle, *marks], len(self._label(ax)))
        self._write_scores(ax, change, colours)
        self._write_title(ax)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    @staticmethod
    def figure_size(n_objectives: int, n_peers: int = 0) -> tuple[float, float]:
        """Width and height in inches that suit a number of objectives.

        Parameters
        ----------
        n_objectives : int
        n_peers : int, default=0
            Other models, which need a legend and higher rows.

        Returns
        -------
        width, height : float
        """
        if n_peers:
            return 8.0, 2.5 + 0.42 * n_objectives
        return 8.0, 2.0 + 0.35 * n_objectives

    def _colour(self, delta: float) -> str:
        if np.isnan(delta) or abs(delta) <= self.tolerance:
            return SAME
        return BETTER if delta > 0 else WORSE

    def _dress(
        self, ax: Any, change: np.ndarray, others: Mapping[str, np.ndarray]
    ) -> None:
        """Limits, band, lines, the objectives' names on the left, grid and frame."""
        n = len(self.names)
        ends = np.full((n, 2), np.nan)
        if self.intervals is not None:
            ends = np.asarray(self.intervals, float)
        beside = np.concatenate([ends.ravel(), *others.values()])
        ax.set_xlim(limits(change, beside, self.tolerance))
        ax.axvspan(-self.tolerance, self.tolerance, color="0.94", zorder=0)
        ax.axvline(0, color=REFERENCE, linewidth=1, zorder=1)
        draw_no_worse_line(ax, self.tolerance)
        narrow = is_narrow(ax)
        n_ticks = 2 if narrow else max(2, min(6, int(inches(ax) * 1.2)))
        ax.locator_params(axis="x", nbins=n_ticks)
        ax.set_ylim(n - 0.5, -0.5)
        names = [
            f"{short(name, 14 if narrow else 26)}  ({_PRINTED.get(metric, metric)})"
            for name, metric in zip(self.names, self.metrics, strict=True)
        ]
        ax.set_yticks(range(n), names)
        ax.tick_params(axis="y", length=0)
        for side in ("top", "right", "left"):
            ax.spines[side].set_visible(False)
        ax.set_xlabel("\n".join(self._label(ax)))
        ax.grid(axis="x", color="0.9", linewidth=0.6)
        ax.set_axisbelow(True)

    def _label(self, ax: Any) -> list[str]:
        """Lines below the axis."""
        lines = ["change of the test score (shaded: counts as none)"]
        if self.intervals is not None:
            share = "" if self.confidence is None else f"{100 * self.confidence:g} % "
            lines.append(f"bars: {share}intervals over folds")
        return [part for line in lines for part in wrapped(line, ax, 13, 3)]

    def _write_scores(
        self, ax: Any, change: np.ndarray, colours: Sequence[str]
    ) -> None:
        """Columns right of the axes: there no number meets a dot or a name."""
        columns = _COLUMNS[: 1 if is_narrow(ax) else 2]
        for column, text in zip(columns, ("change", "separate → skmo"), strict=False):
            note(ax, text, (1, 1), (column, 8), color=REFERENCE)
        by_row = ax.get_yaxis_transform()
        both = np.column_stack([self.separate, self.skmo]).astype(float)
        for row, pair in enumerate(both):
            text = f"{change[row]:+.4f}" if np.isfinite(change[row]) else "not scored"
            scores = " → ".join("–" if np.isnan(v) else f"{v:.4f}" for v in pair)
            entries = zip(
                columns, (text, scores), (colours[row], "black"), strict=False
            )
            for column, entry, colour in entries:
                # The minus U+2212 is as wide as a plus.
                entry = entry.replace("-", "−")
                style = {"color": colour, "va": "center", "xycoords": by_row}
                note(ax, entry, (1, row), (column, 0), **style)

    def _write_title(self, ax: Any) -> None:
        """What is compared and how long it took, above the verdict."""
        title = "skmo against separate LightGBM models"
        if self.seconds is not None:
            separate, skmo = self.seconds["separate"], self.seconds["skmo"]
            title = f"skmo ({skmo:.1f} s) against separate LightGBM ({separate:.1f} s)"
        lines = wrapped(self.verdict, ax, 13, 4)
        note(ax, "\n".join(lines), (0, 1), (0, 24), color="0.25")
        pad = 28 + 13 * len(lines)
        title = "\n".join(wrapped(title, ax, 11, 2))
        ax.set_title(title, loc="left", fontsize=11, color="0.15", pad=pad)
