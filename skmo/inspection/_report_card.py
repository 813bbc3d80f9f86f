"""The report card as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from ..comparison import ComparisonResult

BETTER, WORSE, SAME, REFERENCE = "#1b7f4d", "#c0392b", "#7f8c8d", "#5d6d7e"
_PRINTED = {"R2": "R²", "D2": "D²"}


class ReportCardDisplay:
    """Test scores of skmo against separate models, one row per objective.

    All separate models stand on the line of no change; a dot to the right of
    the band is an objective that rose, one to its left an objective that fell.
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
    ):
        self.names = names
        self.metrics = metrics
        self.separate = separate
        self.skmo = skmo
        self.tolerance = tolerance
        self.seconds = seconds

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
        n = len(self.names)
        if ax is None:
            _, ax = plt.subplots(figsize=(8, 1.5 + 0.4 * n), layout="constrained")
        change = np.asarray(self.skmo, float) - np.asarray(self.separate, float)

        ax.axvspan(-self.tolerance, self.tolerance, color="0.94", zorder=0)
        ax.axvline(0, color=REFERENCE, linewidth=1, zorder=1)
        for row, delta in enumerate(change):
            if np.isnan(delta):
                self._label(ax, 0, row, "not scored", SAME)
                continue
            colour = SAME
            if abs(delta) > self.tolerance:
                colour = BETTER if delta > 0 else WORSE
            ax.plot([0, delta], [row, row], color=colour, linewidth=3, zorder=2)
            ax.scatter(0, row, s=42, color="white", edgecolor=REFERENCE, zorder=3)
            ax.scatter(delta, row, s=64, color=colour, zorder=4)
            self._label(ax, delta, row, f"{delta:+.4f}", colour)
        self._dress(ax, change)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    @staticmethod
    def _label(ax: Any, x: float, row: int, text: str, colour: str) -> None:
        """Write beside a dot, on the side away from the line of no change."""
        ax.annotate(
            text,
            (x, row),
            (9 if x >= 0 else -9, 0),
            textcoords="offset points",
            ha="left" if x >= 0 else "right",
            va="center",
            color=colour,
            fontsize=9,
        )

    def _dress(self, ax: Any, change: np.ndarray) -> None:
        """Axes, names to the left, scores to the right and the title."""
        n = len(self.names)
        low = np.nanmin(change, initial=-2 * self.tolerance)
        high = np.nanmax(change, initial=2 * self.tolerance)
        span = high - low or 1.0
        # Labels need about a fifth of the width beyond the outermost dot.
        left = 0.3 if low < -2 * self.tolerance else 0.05
        ax.set_xlim(low - left * span, high + 0.3 * span)
        ax.locator_params(axis="x", nbins=6)
        ax.set_ylim(n - 0.4, -1.2)
        pairs = zip(self.names, self.metrics, strict=True)
        names = [f"{_short(name)}  ({_PRINTED.get(m, m)})" for name, m in pairs]
        ax.set_yticks(range(n), names)
        scores = ["separate → skmo"]
        both = np.column_stack([self.separate, self.skmo]).astype(float)
        for pair in both:
            scores.append(" → ".join("–" if np.isnan(v) else f"{v:.4f}" for v in pair))
        right = ax.secondary_yaxis("right")
        right.set_yticks([-0.8, *range(n)], scores, fontsize=9)
        right.get_yticklabels()[0].set_color(REFERENCE)
        ax.text(0, -0.8, " separate models", color=REFERENCE, va="center", fontsize=9)
        for axis in (ax, right):
            axis.tick_params(axis="y", length=0)
            for side in ("top", "right", "left"):
                axis.spines[side].set_visible(False)
        ax.set_xlabel("change of the test score (shaded: counts as none)")
        ax.grid(axis="x", color="0.9", linewidth=0.6)
        ax.set_axisbelow(True)
        title = "skmo against separate LightGBM models"
        if self.seconds is not None:
            separate, skmo = self.seconds["separate"], self.seconds["skmo"]
            title = f"skmo ({skmo:.1f} s) against separate LightGBM ({separate:.1f} s)"
        ax.set_title(title, loc="left", fontsize=11, color="0.15")


def _short(name: str, longest: int = 26) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}…"
