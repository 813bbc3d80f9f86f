"""The report card as a picture."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from ..comparison import ComparisonResult

BETTER, WORSE, SAME, REFERENCE = "#1b7f4d", "#c0392b", "#7f8c8d", "#5d6d7e"
_PRINTED = {"R2": "R²", "D2": "D²"}
_COLUMNS = (10, 66)  # points from the axes' right edge


class ReportCardDisplay:
    """Test scores of skmo against separate models, one row per objective.

    All separate models stand on the line of no change; a dot to the right of
    the band is an objective that rose, one to its left an objective that fell.
    The verdict and the times of both fits stand above, the scores on the right.
    Make it with :meth:`from_result` or ``skmo.compare(...).plot()``.

    Parameters
    ----------
    names : sequence of str
        The objectives' names.
    metrics : sequence of str
        The names of their scores.
    separate, skmo : array-like of shape (n_objectives,)
        The scores; greater is better; NaN where undefined.
    tolerance : float, default=0.0
        Half the width of the band that counts as no change.
    seconds : dict or None, default=None
        Times under ``"separate"`` and ``"skmo"`` for the title.
    verdict : str, default=""
        Text below the title.

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
    ):
        self.names = names
        self.metrics = metrics
        self.separate = separate
        self.skmo = skmo
        self.tolerance = tolerance
        self.seconds = seconds
        self.verdict = verdict

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
        display = cls(
            names=[r["objective"] for r in records],
            metrics=[r["metric"] for r in records],
            separate=[r["separate"] for r in records],
            skmo=[r["skmo"] for r in records],
            tolerance=result.tolerance,
            seconds=result.seconds,
            verdict=result.verdict,
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
            size = self.figure_size(len(self.names))
            _, ax = plt.subplots(figsize=size, layout="constrained")
        change = np.asarray(self.skmo, float) - np.asarray(self.separate, float)
        colours = [self._colour(delta) for delta in change]

        ax.axvspan(-self.tolerance, self.tolerance, color="0.94", zorder=0)
        ax.axvline(0, color=REFERENCE, linewidth=1, zorder=1)
        for row, (delta, colour) in enumerate(zip(change, colours, strict=True)):
            if np.isnan(delta):
                continue
            ax.plot([0, delta], [row, row], color=colour, linewidth=3, zorder=2)
            ax.scatter(0, row, s=42, color="white", edgecolor=REFERENCE, zorder=3)
            ax.scatter(delta, row, s=64, color=colour, zorder=4)
        self._dress(ax, change)
        self._write_scores(ax, change, colours)
        self._write_title(ax)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    @staticmethod
    def figure_size(n_objectives: int) -> tuple[float, float]:
        """Width and height in inches that suit a number of objectives.

        Parameters
        ----------
        n_objectives : int

        Returns
        -------
        width, height : float
        """
        return 8.0, 2.0 + 0.35 * n_objectives

    def _colour(self, delta: float) -> str:
        if np.isnan(delta) or abs(delta) <= self.tolerance:
            return SAME
        return BETTER if delta > 0 else WORSE

    def _dress(self, ax: Any, change: np.ndarray) -> None:
        """Limits, the objectives' names on the left, grid and frame."""
        n = len(self.names)
        low = np.nanmin(change, initial=-2 * self.tolerance)
        high = np.nanmax(change, initial=2 * self.tolerance)
        margin = 0.06 * (high - low or 1.0)
        ax.set_xlim(low - margin, high + margin)
        ax.locator_params(axis="x", nbins=max(2, min(6, int(_inches(ax) * 1.2))))
        ax.set_ylim(n - 0.5, -0.5)
        pairs = zip(self.names, self.metrics, strict=True)
        names = [f"{_short(name)}  ({_PRINTED.get(m, m)})" for name, m in pairs]
        ax.set_yticks(range(n), names)
        ax.tick_params(axis="y", length=0)
        for side in ("top", "right", "left"):
            ax.spines[side].set_visible(False)
        ax.set_xlabel("change of the test score (shaded: counts as none)")
        ax.grid(axis="x", color="0.9", linewidth=0.6)
        ax.set_axisbelow(True)

    def _write_scores(
        self, ax: Any, change: np.ndarray, colours: Sequence[str]
    ) -> None:
        """Columns right of the axes: there no number meets a dot or a name."""
        for column, text in zip(_COLUMNS, ("change", "separate → skmo"), strict=True):
            _note(ax, text, (1, 1), (column, 8), color=REFERENCE)
        by_row = ax.get_yaxis_transform()
        both = np.column_stack([self.separate, self.skmo]).astype(float)
        for row, pair in enumerate(both):
            text = f"{change[row]:+.4f}" if np.isfinite(change[row]) else "not scored"
            scores = " → ".join("–" if np.isnan(v) else f"{v:.4f}" for v in pair)
            for column, entry, colour in zip(
                _COLUMNS, (text, scores), (colours[row], "black"), strict=True
            ):
                # The minus U+2212 is as wide as a plus.
                entry = entry.replace("-", "−")
                style = {"color": colour, "va": "center", "xycoords": by_row}
                _note(ax, entry, (1, row), (column, 0), **style)

    def _write_title(self, ax: Any) -> None:
        """What is compared and how long it took, above the verdict."""
        title = "skmo against separate LightGBM models"
        if self.seconds is not None:
            separate, skmo = self.seconds["separate"], self.seconds["skmo"]
            title = f"skmo ({skmo:.1f} s) against separate LightGBM ({separate:.1f} s)"
        lines = textwrap.wrap(
            self.verdict, max(20, int(13 * _inches(ax))), max_lines=4, placeholder=" …"
        )
        _note(ax, "\n".join(lines), (0, 1), (0, 24), color="0.25")
        pad = 28 + 13 * len(lines)
        ax.set_title(title, loc="left", fontsize=11, color="0.15", pad=pad)


def _note(
    ax: Any,
    text: str,
    place: tuple[float, float],
    offset: tuple[float, float],
    **style: Any,
) -> None:
    """Text ``offset`` points from a place, by default one in shares of the axes."""
    style = {"xycoords": "axes fraction", "fontsize": 9, **style}
    ax.annotate(
        text,
        place,
        offset,
        textcoords="offset points",
        annotation_clip=False,
        **style,
    )


def _inches(ax: Any) -> float:
    """The width of axes before a layout makes room for labels."""
    return ax.figure.get_size_inches()[0] * ax.get_position().width


def _short(name: str, longest: int = 26) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}…"
