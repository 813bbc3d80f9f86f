"""A Pareto front's points in two or three objectives, drawn on axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._pareto_board import Board
from ._pareto_points import Points
from ._rounds import foreground, inches, shown

MISSED = "misses a bound"
_SMALL = 2.4  # inches, that have no room for numbers in three dimensions
_FAR = 1e3  # widths of the axes, more than another front will widen them


def words(points: Points, k: int, room: float, size: float) -> str:
    """An objective's name that fits so many inches, and whether less is better."""
    note = "" if points.sign[k] > 0 else " (less is better)"
    n_letters = int(room * 72 / (0.6 * size))
    if n_letters - len(note) < 12:
        note = note and " (−)"
    return shown(points.names[k], max(6, n_letters - len(note))) + note


def face_colours(ax: Any, points: Points, colour: Any) -> np.ndarray:
    """The points' inside: hollow where one misses a bound."""
    from matplotlib.colors import to_rgba

    full, hollow = to_rgba(colour), to_rgba(ax.get_facecolor())
    return np.where(points.meets_bounds[:, None], full, hollow)


def star(ax: Any, colour: Any, size: float) -> dict[str, Any]:
    """Style of the selected point, with a rim that parts it from others."""
    from matplotlib.patheffects import withStroke

    rim = [withStroke(linewidth=3.5, foreground=ax.get_facecolor())]
    style = {
        "marker": "*",
        "s": (2.3 * max(size, 5)) ** 2,
        "zorder": 6,
        "linewidths": 0.9,
    }
    colours = {"color": [colour], "edgecolors": [foreground(ax)]}
    return {**style, **colours, "path_effects": rim}


def next_colour(ax: Any) -> Any:
    """The axes' next colour, as a line takes it, so that fronts differ."""
    (line,) = ax.plot([], [])
    line.remove()
    return line.get_color()


class Panel:
    """Points of a front in some of its objectives, on two or three axes.

    Parameters
    ----------
    ax : matplotlib Axes
        In three dimensions for three objectives.
    points : Points
    at : list of int
        The objectives.
    board : Board
        Gets the legend's entries.
    title : str
        The front's entry.
    colour : colour
    size : float, default=6.0
        Of a marker, in points.

    Attributes
    ----------
    dots : matplotlib PathCollection
        The front.
    """

    def __init__(
        self,
        ax: Any,
        points: Points,
        at: list[int],
        board: Board,
        title: str,
        colour: Any,
        size: float = 6.0,
    ):
        self.ax, self.points, self.at, self.board = ax, points, at, board
        self.colour, self.size = colour, size
        self._draw_dots(title)
        self._draw_dominated()
        self._draw_reference()
        self._draw_selected()
        if len(at) == 2:
            self._draw_errors()
            self._draw_bounds()

    def _scatter(self, scores: np.ndarray, **style: Any) -> Any:
        if len(self.at) == 3:
            style["depthshade"] = False
            self.ax.computed_zorder = False  # or others hide the selected point
        return self.ax.scatter(*scores[:, self.at].T, **style)

    def _draw_dots(self, title: str) -> None:
        faces = face_colours(self.ax, self.points, self.colour)
        style = {"edgecolors": [self.colour], "linewidths": 1.0, "zorder": 4}
        self.dots = self._scatter(self.points.scores, s=self.size**2, c=faces, **style)
        self.board.enter(title, self.ax.plot([], [], **self._mark())[0])

    def _mark(self) -> dict[str, Any]:
        """Style of the legend's mark, full whatever bounds the first point misses."""
        mark = {"marker": "o", "linestyle": "", "markersize": 0.8 * self.size}
        return {**mark, "color": self.colour}

    def _draw_dominated(self) -> None:
        if len(self.points.dominated):
            style = {"color": [self.colour], "alpha": 0.4, "linewidths": 0, "zorder": 2}
            size = 0.6 * self.size**2
            dots = self._scatter(self.points.dominated, s=size, **style)
            self.board.enter("dominated", dots)

    def _draw_reference(self) -> None:
        if self.points.reference is not None:
            style = {"marker": "x", "linewidths": 1.2, "zorder": 3, "s": 30}
            ink = foreground(self.ax)
            cross = self._scatter(self.points.reference[None], color=[ink], **style)
            self.board.enter("reference", cross)

    def _draw_selected(self) -> None:
        if self.points.selected is not None:
            chosen = self.points.scores[[self.points.selected]]
            mark = self._scatter(chosen, **star(self.ax, self.colour, self.size))
            if self.board.kind != "curve":  # where it is named beside the point
                self.board.enter("selected", mark)

    def _draw_errors(self) -> None:
        if self.points.std is None:
            return
        x, y = self.points.scores[:, self.at].T
        dx, dy = self.points.std[:, self.at].T
        style = {"ecolor": self.colour, "elinewidth": 0.8, "alpha": 0.45, "zorder": 3}
        self.ax.errorbar(x, y, xerr=dx, yerr=dy, fmt="none", **style)

    def _draw_bounds(self) -> None:
        """Shade what is worse than a bound; the bound itself is always seen."""
        for axis, k in enumerate(self.at):
            bound = self.points.bounds[k]
            if np.isfinite(bound):
                seen = self.points.scores[:1, self.at].copy()
                seen[0, axis] = bound
                self.ax.update_datalim(seen)
                self.ax.autoscale_view()
                self._shade(axis, bound, worse=-self.points.sign[k])

    def _shade(self, axis: int, bound: float, *, worse: float) -> None:
        from matplotlib.patches import Rectangle

        limits = self.ax.dataLim.intervaly if axis else self.ax.dataLim.intervalx
        reach = worse * _FAR * max(np.ptp(limits), 1e-9 * abs(bound), 1e-300)
        style = {"color": foreground(self.ax), "linewidth": 0, "alpha": 0.12}
        style["zorder"] = 0.5
        if axis:
            across = {"transform": self.ax.get_yaxis_transform(), **style}
            patch = Rectangle((0, bound), 1, reach, **across)
        else:
            across = {"transform": self.ax.get_xaxis_transform(), **style}
            patch = Rectangle((bound, 0), reach, 1, **across)
        # Added as a patch it would widen the limits.
        self.ax.add_artist(patch)
        self.board.enter(MISSED, patch)


def dress(ax: Any, points: Points, at: list[int], ink: Any, size: float) -> None:
    """Names, few plain numbers, no frame above and on the right."""
    width, height = inches(ax)
    ax.spines[["top", "right"]].set_visible(False)
    # A number of five digits is about half an inch wide.
    _number(ax.xaxis, int(np.clip(width / 0.7, 2, 7)))
    _number(ax.yaxis, int(np.clip(height / 0.45, 2, 7)))
    ax.tick_params(colors=ink, labelsize=size)
    for side in ("left", "bottom"):
        ax.spines[side].set_edgecolor(ink)
    x, y = at
    if ax.xaxis.get_major_ticks(1)[0].label1.get_visible():
        ax.set_xlabel(words(points, x, width, size), color=ink, fontsize=size)
    if ax.yaxis.get_major_ticks(1)[0].label1.get_visible():
        ax.set_ylabel(words(points, y, height, size), color=ink, fontsize=size)


def _number(axis: Any, most: int) -> None:
    """Few plain numbers, unless the axis has others, such as logarithms."""
    from matplotlib.ticker import MaxNLocator, ScalarFormatter

    if isinstance(axis.get_major_formatter(), ScalarFormatter):
        axis.get_major_formatter().set_useOffset(False)
    if isinstance(axis.get_major_locator(), MaxNLocator):
        axis.get_major_locator().set_params(nbins=most)


def dress_solid(
    ax: Any, points: Points, ink: Any, size: float, *, beside: bool
) -> None:
    """The same in three dimensions, where less than half the width is a name's.

    Small axes beside those of pairs have no numbers, which are there.
    """
    from matplotlib.backends.backend_agg import RendererAgg

    width = min(inches(ax))
    room = 0.38 * width
    # Without a zoom the names are outside the axes, where they are cut off.
    ax.set_box_aspect(None, zoom=float(np.clip(0.35 * width, 0.65, 0.85)))
    for k, axis in enumerate((ax.xaxis, ax.yaxis, ax.zaxis)):
        axis.set_pane_color(ax.get_facecolor())
        axis.line.set_color(ink)
        axis.set_tick_params(labelsize=0.85 * size, labelcolor=ink, pad=-2)
        axis.set_label_text(words(points, k, room, size), color=ink, fontsize=size)
        axis.set_rotate_label(True)  # or short ones would not be
        axis.labelpad = -4
    ax.ticklabel_format(useOffset=False)
    if beside and width < _SMALL:
        for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
            axis.set_ticklabels([])
    ax.locator_params(nbins=4 if width > 3.0 else 2)
    # Matplotlib 3.7 places the names as it draws, and a layout comes before that.
    ax.draw(RendererAgg(*ax.figure.bbox.size, ax.figure.dpi))
