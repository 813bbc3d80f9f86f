"""A Pareto front in many objectives as parallel coordinates."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ._pareto_board import Board
from ._pareto_panels import MISSED, words
from ._pareto_points import Points
from ._rounds import foreground, inches


class Parallel:
    """Axes side by side, one per objective, best at the top.

    Each is scaled to the worst and the best of all fronts' points.

    Parameters
    ----------
    ax : matplotlib Axes
    points : Points
        Of the first front.
    size : float
        Of the letters, in points.
    """

    def __init__(self, ax: Any, points: Points, size: float):
        self.ax, self.sign, self.size = ax, points.sign, size
        self.ink = foreground(ax)
        self.drawn: list[tuple[Any, np.ndarray]] = []  # lines and their values
        self.shades: list[tuple[Any, int, float]] = []  # patches, objectives, bounds
        self._dress(points)

    def add(self, points: Points, board: Board, title: str, colour: Any) -> list:
        """Draw a front and fit the axes to all; the front's lines are returned."""
        from matplotlib.patheffects import withStroke

        (handle,) = self.ax.plot([], [], color=colour, linewidth=1.2)
        board.enter(title, handle)
        for row in points.dominated:
            board.enter("dominated", self._line(row, colour, 0.8, 0.35, 2))
        faint = float(np.clip(4 / len(points.scores) ** 0.5, 0.3, 0.8))
        lines = []
        for k, (row, meets) in enumerate(
            zip(points.scores, points.meets_bounds, strict=True)
        ):
            chosen = k == points.selected
            width, alpha = (3.0, 1.0) if chosen else (1.2, faint)
            line = self._line(row, colour, width, alpha, 5 if chosen else 3)
            if not meets:
                line.set_linestyle((0, (3, 2)))
            if chosen:
                line.set(marker="o", markersize=7, markeredgecolor=self.ink)
                line.set_clip_on(False)
                rim = withStroke(linewidth=5.5, foreground=self.ax.get_facecolor())
                line.set_path_effects([rim])
                board.enter("selected", line)
            lines.append(line)
        self._shade(points, board)
        self._scale()
        return lines

    def _line(
        self, row: np.ndarray, colour: Any, width: float, alpha: float, zorder: float
    ) -> Any:
        style = {"color": colour, "linewidth": width, "alpha": alpha, "zorder": zorder}
        (line,) = self.ax.plot(np.arange(len(row)), row, **style)
        self.drawn.append((line, row))
        return line

    def _shade(self, points: Points, board: Board) -> None:
        from matplotlib.patches import Rectangle

        for k in np.flatnonzero(np.isfinite(points.bounds)):
            patch = Rectangle((k - 0.12, 0), 0.24, 0, color=self.ink, linewidth=0)
            patch.set(alpha=0.2, zorder=1)
            self.ax.add_artist(patch)
            self.shades.append((patch, k, points.bounds[k]))
            board.enter(MISSED, patch)

    def _scale(self) -> None:
        """Put all lines between the ends of all, and write these."""
        values = np.array([row for _, row in self.drawn])
        low, high = values.min(axis=0), values.max(axis=0)
        # Something to either side of a value that all points have.
        pad = np.where(high > low, 0.0, np.maximum(0.05 * np.abs(high), 1e-3))
        low, high = low - pad, high + pad
        self.worst = np.where(self.sign > 0, low, high)
        self.best = np.where(self.sign > 0, high, low)
        for line, row in self.drawn:
            line.set_ydata(self._share(row))
        for patch, k, bound in self.shades:
            share = (bound - self.worst[k]) / (self.best[k] - self.worst[k])
            patch.set_height(float(np.clip(share, 0, 1)))
        for k, (bottom, top) in enumerate(self.ends):
            bottom.set_text(number(self.worst[k], self.best[k]))
            top.set_text(number(self.best[k], self.worst[k]))

    def _share(self, row: np.ndarray) -> np.ndarray:
        return (row - self.worst) / (self.best - self.worst)

    def _dress(self, points: Points) -> None:
        """A line, two ends and a name for each objective."""
        ax, at = self.ax, np.arange(points.n_objectives)
        ax.set(xlim=(-0.3, at[-1] + 0.3), ylim=(0, 1))
        ax.margins(0)
        ax.spines[["top", "right", "left", "bottom"]].set_visible(False)
        ax.vlines(at, 0, 1, color=self.ink, linewidth=0.9, alpha=0.5, zorder=2.5)
        style = {"ha": "center", "color": self.ink, "fontsize": 0.9 * self.size}
        self.ends = [
            tuple(
                ax.annotate(
                    "", (k, y), (0, dy), textcoords="offset points", va=va, **style
                )
                for y, dy, va in ((0, -4, "top"), (1, 4, "bottom"))
            )
            for k in at
        ]
        ax.set_yticks([0, 1], ["worst", "best"])
        ax.tick_params(axis="both", length=0, colors=self.ink, labelsize=self.size)
        self._write_names(points, at)

    def _write_names(self, points: Points, at: np.ndarray) -> None:
        """Below the worst values; slanted where there is no room side by side."""
        room = inches(self.ax)[0] / (len(at) - 0.4)
        upright = [words(points, k, room, self.size) for k in at]
        slanted = room * 72 / (0.6 * self.size) < max(
            min(12, len(str(name))) for name in points.names
        )
        if slanted:
            length = min(1.6, 0.5 * inches(self.ax)[1])
            upright = [words(points, k, length, self.size) for k in at]
        self.ax.set_xticks(at, upright)
        self.ax.tick_params(axis="x", pad=4 + 1.5 * self.size)
        if slanted:
            style = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}
            for label in self.ax.get_xticklabels():
                label.set(**style)


def number(value: float, other: float) -> str:
    """A value with the digits that tell it from another."""
    apart = abs(value - other)
    digits = 1 - math.floor(math.log10(apart)) if apart else 3
    if abs(value) >= 1e5 or digits > 5:
        return f"{value:.3g}".replace("-", "−")
    return f"{value:.{max(digits, 0)}f}".replace("-", "−")
