"""Axes that one or several Pareto fronts are drawn on, and their legend."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

from ._pareto_points import Points, default_names
from ._rounds import NARROW, cut, foreground, has_inner_layout, inches

BOTH = "pairs and scatter3d"  # of three objectives
_KEY = "_skmo_pareto_board"  # the axes' attribute, by which another front finds it
_LETTERS = 14  # a legend's line at least has room for


class Board:
    """The axes, and which front has which entry in the legend.

    Parameters
    ----------
    kind : str
    points : Points
        Of the first front.
    axes : sequence of matplotlib Axes
        A panel each.
    strip : matplotlib Axes or None
        Where the legend goes; None puts it on the first panel.
    n_columns, n_letters : int
        Of the legend.
    """

    def __init__(
        self,
        kind: str,
        points: Points,
        axes: Sequence[Any],
        strip: Any = None,
        n_columns: int = 1,
        n_letters: int = _LETTERS,
    ):
        self.kind, self.axes, self.strip = kind, list(axes), strip
        self.n_columns, self.n_letters = n_columns, n_letters
        self.start(points)
        for ax in self.axes:
            setattr(ax, _KEY, self)

    def start(self, points: Points) -> None:
        """Before the first front."""
        self.points = points
        self.entries: dict[str, Any] = {}
        self.n_fronts = 0
        self.parallel: Any = None  # the lines that another front may rescale

    def title(self, label: str | None) -> str:
        """A front's entry; those without a label are numbered."""
        self.n_fronts += 1
        if label is not None:
            return str(label)
        return "Pareto front" + (f" {self.n_fronts}" if self.n_fronts > 1 else "")

    def enter(self, label: str, handle: Any) -> None:
        """Add to the legend, where the first of several of a label stands for all."""
        self.entries.setdefault(label, handle)

    def draw_legend(self, size: float) -> Any:
        """The entries of all fronts by now, in place of an earlier legend."""
        host = self.axes[0] if self.strip is None else self.strip
        place: dict[str, Any] = {"loc": "best", "framealpha": 0.7}
        if self.strip is not None:
            # In the corner of pairs it ends where they do.
            corner = self.kind == "pairs" and self.points.n_objectives > 2
            place = {"loc": "upper right" if corner else "upper left"}
            place.update(borderaxespad=0, borderpad=0, frameon=False)
            place["ncols"] = self.n_columns
        # A label that begins with "_" would be left out, were it not set later.
        legend = host.legend(
            list(self.entries.values()),
            ["\n".join(["entry"] * len(self._lines(label))) for label in self.entries],
            fontsize=size,
            handlelength=1.6,
            labelspacing=0.4,
            columnspacing=1.2,
            **place,
        )
        for text, label in zip(legend.get_texts(), self.entries, strict=True):
            text.set_text("\n".join(self._lines(label)))
            text.set_color(foreground(self.axes[0]))
        return legend

    def _lines(self, label: str) -> list[str]:
        return textwrap.wrap(label, self.n_letters) or [label]


def find_board(ax: Any, kind: str, points: Points) -> Board | None:
    """What fronts were drawn on before, if these axes are of it."""
    board: Board | None = getattr(ax, _KEY, None)
    if board is None:
        return None
    n_objectives, before = points.n_objectives, board.points.n_objectives
    if (board.kind, before) != (kind, n_objectives):
        raise ValueError(
            f"ax has a front of {before} objectives, drawn as {board.kind!r}, and this "
            f"one of {n_objectives} would be {kind!r}. Draw both in one kind, or on "
            "axes of their own."
        )
    others = points.names not in (board.points.names, default_names(n_objectives))
    if others or (points.sign != board.points.sign).any():
        raise ValueError(
            f"ax has a front of the objectives {board.points.names}, and this one is "
            f"of {points.names}, or of others of which less is better. Draw it on "
            "axes of its own, or bring the columns of scores into one order."
        )
    # As after a call of clear.
    if all(handle.axes is None for handle in board.entries.values()):
        board.start(points)
    return board


def make_board(
    host: Any, kind: str, points: Points, labels: Sequence[str], size: float
) -> Board:
    """Cut axes into panels and a strip for a legend of such labels."""
    n_objectives = points.n_objectives
    n_letters = max(_LETTERS, min(26, max(map(len, labels))))
    n_columns, strip = 1, None
    if kind != "pairs" or n_objectives < 3:
        strip, n_columns = _strip(host, n_letters, len(labels), size)
    axes = [host]
    if kind in ("pairs", BOTH):
        axes, corner = _triangle(host, n_objectives, solid=kind == BOTH)
        strip = strip or corner
    strip.set_axis_off()
    return Board(kind, points, axes, strip, n_columns, n_letters)


def _strip(host: Any, n_letters: int, n_labels: int, size: float) -> tuple[Any, int]:
    """Axes for the legend right of wide ones or below, and its columns."""
    # Of a handle and letters of middling width.
    column = (3.5 + 0.58 * n_letters) * size / 72
    width = inches(host)[0]
    gaps = not has_inner_layout(host)
    if width >= NARROW:
        return cut(host, "right", column, gap=0.1 * gaps), 1
    n_columns = max(1, int(width / column))
    n_rows = math.ceil((n_labels + gaps) / n_columns)
    return cut(host, "bottom", n_rows * 1.6 * size / 72, gap=0.5 * gaps), n_columns


def pair_objectives(n_objectives: int) -> list[tuple[int, int]]:
    """The objectives on each panel's axes: those of a triangle, row by row."""
    return [(x, y) for y in range(1, n_objectives) for x in range(y)]


def _triangle(host: Any, n_objectives: int, *, solid: bool) -> tuple[list, Any]:
    """Panels of all pairs, with one in three dimensions or none in the free corner.

    And that corner's axes, where there are such.
    """
    cells = _cells(host, n_objectives - 1)
    figure, face = host.figure, host.get_facecolor()
    panels: dict[tuple[int, int], Any] = {}
    for x, y in pair_objectives(n_objectives):
        share = {"sharex": panels.get((x, x + 1)), "sharey": panels.get((0, y))}
        if not panels:
            panels[x, y] = host
            continue
        panel = figure.add_subplot(cells[y - 1, x], **share, facecolor=face)
        panels[x, y] = panel
    for (x, y), panel in panels.items():
        panel.tick_params(labelbottom=y == n_objectives - 1, labelleft=x == 0)
    axes, corner = list(panels.values()), None
    if solid:
        axes.append(figure.add_subplot(cells[0, -1], projection="3d", facecolor=face))
    elif n_objectives > 2:
        corner = figure.add_subplot(cells[0, 1:])
    return axes, corner


def _cells(host: Any, n: int) -> Any:
    """A square grid in place of axes, which get its first cell."""
    from matplotlib.gridspec import GridSpec, GridSpecFromSubplotSpec

    space = {"wspace": 0.12, "hspace": 0.12}
    spec = host.get_subplotspec()
    if spec is not None:
        grid: Any = GridSpecFromSubplotSpec(n, n, spec, **space)
        host.set_subplotspec(grid[0, 0])
        return grid
    x, y, width, height = host.get_position().bounds
    sides = {"left": x, "right": x + width, "bottom": y, "top": y + height}
    grid = GridSpec(n, n, host.figure, **sides, **space)
    host.set_axes_locator(None)
    host.set_position(grid[0, 0].get_position(host.figure))
    return grid
