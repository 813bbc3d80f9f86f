"""Which pairs of objectives pull apart, as a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ._rounds import (
    alone,
    cut,
    dress,
    foreground,
    has_layout,
    inches,
    moving_mean,
    say,
    shown,
    two_axes,
)

_RED = "#d6604d"  # the colour map's, seen on white and on black
_MOST_WRITTEN = 8  # objectives whose cosines fit into the cells


class PairMap:
    """The heat map and the shares of pairs, drawn.

    Parameters
    ----------
    plt : module
        matplotlib's pyplot.
    ax : matplotlib Axes or pair of them
    cosines : ndarray of shape (n_rounds, n_objectives, n_objectives)
    conflict : ndarray of shape (n_rounds,) or None
    names : sequence of str
    chosen : ndarray of int
        The rounds to average over, counted from 0.
    window : int
        Rounds in the moving average of the shares.

    Attributes
    ----------
    ax, beside : matplotlib Axes
        The latter may be None.
    mean_cosines : ndarray of shape (n_objectives, n_objectives)
    image : matplotlib AxesImage
    text : ndarray of shape (n_objectives, n_objectives) or None
    line : matplotlib Line2D or None
    colorbar : matplotlib Colorbar
    """

    def __init__(
        self,
        plt: Any,
        ax: Any,
        cosines: np.ndarray,
        conflict: np.ndarray | None,
        names: Sequence[Any],
        chosen: np.ndarray,
        window: int,
    ):
        shares = conflict is not None and has_shares(conflict)
        ax, beside = two_axes(ax, "the share of conflicting pairs")
        if conflict is None and beside is not None:
            raise ValueError(
                "ax is a pair of axes, but there is no conflict to draw on the second: "
                "pass single axes, or the conflict."
            )
        self.mean_cosines = _mean(cosines[chosen])
        labels = [shown(name, 14) for name in names]
        if shares and beside is None:
            beside = self._cut(ax, labels)
        self._draw_map(plt, ax, labels)
        self.line = None
        if conflict is not None and shares:
            self._draw_shares(beside, conflict, window, chosen, foreground(ax))
        elif beside is not None:
            beside.set_axis_off()
            say(beside, "no pairs with a sign", foreground(ax))
        self.ax, self.beside = ax, beside

    def _cut(self, ax: Any, labels: list[str]) -> Any:
        """Axes for the shares, past the heat map's own names."""
        width, height = inches(ax)
        # Names reach out of the axes; a layout would find the room for them.
        reach = 0.0 if has_layout(ax) else _reach(labels)
        if reach:
            cut(ax, "left", reach, panel=False)
        if width > 1.5 * height:
            if reach:
                cut(ax, "bottom", reach, panel=False)
            gap = 1.3 if reach else 0.3
            return cut(ax, "right", 0.4 * inches(ax)[0], gap=gap)
        if reach:
            cut(ax, "right", 0.3, panel=False)
        gap = reach + 0.4 if reach else 0.12
        return cut(ax, "bottom", 0.2 * height, gap=gap)

    def _draw_map(self, plt: Any, ax: Any, labels: list[str]) -> None:
        from matplotlib.colors import to_rgba

        n = len(labels)
        unknown = to_rgba(foreground(ax), alpha=0.15)
        colours = plt.get_cmap("RdBu").with_extremes(bad=unknown)
        # Square cells would make a layout misjudge the room that names need.
        self.image = ax.imshow(
            np.ma.masked_invalid(self.mean_cosines),
            cmap=colours,
            vmin=-1,
            vmax=1,
            aspect="auto",
        )
        self._draw_bar(ax)
        room = np.array(inches(ax))
        if has_layout(ax):  # which is yet to make room for names and colour bar
            room -= max(0.0, _reach(labels) - 0.4)
            room[0] -= 0.4
        width, height = np.maximum(room, 0.5) / n
        self._write_names(ax, labels, width, height)
        ax.tick_params(length=0)
        for spine in ax.spines.values():
            spine.set_visible(False)
        self.text: np.ndarray | None = None
        size = min(10.0, 72 * min(0.24 * width, 0.5 * height))
        if n <= _MOST_WRITTEN and size >= 4.5:
            self._write(ax, size)

    def _write_names(
        self, ax: Any, labels: list[str], width: float, height: float
    ) -> None:
        """The names on both sides; of crowded ones every second, third … only."""
        flat = 0.09 * max(map(len, labels)) < width
        for axis, cell in ((ax.xaxis, width), (ax.yaxis, height)):
            step = int(np.ceil(0.11 / cell))
            axis.set_ticks(
                np.arange(0, len(labels), step),
                labels[::step],
                fontsize=float(np.clip(54 * cell * step, 6, 9)),
                rotation=90 if axis is ax.xaxis and not flat else 0,
            )

    def _draw_bar(self, ax: Any) -> None:
        ink = foreground(ax)
        self.colorbar = ax.figure.colorbar(
            self.image, ax=ax, ticks=[-1, 0, 1], fraction=0.046, pad=0.03
        )
        self.colorbar.outline.set_visible(False)
        self.colorbar.ax.tick_params(color=ink, labelcolor=ink, labelsize=9)
        self.colorbar.set_label("mean cosine of gradients", fontsize=9, color=ink)

    def _write(self, ax: Any, size: float) -> None:
        """The values, light on dark cells and dark on light ones."""
        values = self.mean_cosines
        texts = np.empty(values.shape, dtype=object)
        for (row, column), value in np.ndenumerate(values):
            colour, text = foreground(ax), "–"
            if np.isfinite(value):
                red, green, blue, _ = self.image.cmap(self.image.norm(value))
                light = 0.3 * red + 0.59 * green + 0.11 * blue > 0.5
                colour = "black" if light else "white"
                # Neither −0.00 nor a hyphen for a minus.
                text = f"{round(value, 2) + 0.0:.2f}".replace("-", "−")
            texts[row, column] = ax.text(
                column, row, text, ha="center", va="center", color=colour, fontsize=size
            )
        self.text = texts

    def _draw_shares(
        self, ax: Any, conflict: np.ndarray, window: int, chosen: np.ndarray, ink: Any
    ) -> None:
        from matplotlib.ticker import PercentFormatter

        at = np.arange(1, len(conflict) + 1)
        if len(chosen) < len(conflict):
            ends = (chosen.min() + 0.5, chosen.max() + 1.5)
            ax.axvspan(*ends, color=ink, alpha=0.1, linewidth=0, zorder=0)
        shares = moving_mean(conflict, window)
        (self.line,) = ax.plot(
            at,
            shares,
            color=_RED,
            linewidth=1.5,
            marker=".",
            markevery=alone(shares).tolist(),
        )
        ax.fill_between(at, shares, color=_RED, alpha=0.2, linewidth=0)
        dress(ax, len(conflict))
        ax.set_ylim(-0.04, 1.04)  # a line along an end is seen
        ax.yaxis.set_major_formatter(PercentFormatter(1.0))
        ax.set_yticks([0, 0.5, 1])
        words = "pairs in conflict"
        ax.set_title(
            words if window == 1 else f"{words}, mean of {window} rounds",
            fontsize=9,
            loc="left",
            color=ink,
        )


def has_shares(conflict: np.ndarray) -> bool:
    """Whether there is any share of pairs to draw."""
    return bool(np.isfinite(conflict).any())


def _reach(labels: Sequence[str]) -> float:
    """How many inches names reach out of the axes."""
    return 0.075 * max(map(len, labels)) + 0.1


def _mean(cosines: np.ndarray) -> np.ndarray:
    """Means over the rounds in which both objectives were learning."""
    known = np.isfinite(cosines)
    counts = known.sum(axis=0)
    sums = np.where(known, cosines, 0.0).sum(axis=0)
    means = np.full(counts.shape, np.nan)
    return np.divide(sums, counts, out=means, where=counts > 0)
