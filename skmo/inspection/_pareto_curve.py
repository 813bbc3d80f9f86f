"""Lines of a Pareto front in two objectives, drawn on axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._pareto_board import Board
from ._pareto_lines import attained_region, rays, staircase
from ._pareto_points import Points
from ._rounds import foreground, inches

_MOST_RAYS = 25  # more would be a fan that hides the front


def draw_staircase(
    ax: Any, points: Points, board: Board, title: str, colour: Any
) -> Any:
    """The border of what the front attains."""
    corners = staircase(points.scores, points.sign, points.worst)
    (line,) = ax.plot(*corners.T, color=colour, linewidth=1.5, zorder=3.5)
    (handle,) = ax.plot([], [], color=colour, linewidth=1.5, marker="o", markersize=5)
    board.entries[title] = handle
    return line


def draw_region(ax: Any, points: Points, colour: Any) -> Any:
    """Shade what the hypervolume measures; None if it is 0 or has no reference."""
    corners = attained_region(points)
    if corners is None:
        return None
    (region,) = ax.fill(*corners.T, color=colour, alpha=0.1, linewidth=0, zorder=1)
    return region


def draw_rays(ax: Any, points: Points, board: Board) -> Any:
    """Lines where the products of preference and gap are equal, or None."""
    from matplotlib.collections import LineCollection

    lines = rays(points)
    if lines is None or len(lines) > _MOST_RAYS:
        return None
    style = {"linewidths": 0.7, "linestyles": [(0, (4, 3))], "alpha": 0.45}
    drawn = LineCollection(lines, colors=[foreground(ax)], zorder=1.5, **style)
    # The ideal may be far off: the view is that of the points.
    ax.add_collection(drawn, autolim=False)
    board.enter("preferences", drawn)
    return drawn


def draw_name(ax: Any, points: Points, size: float) -> Any:
    """Name the selected point, on the better or the worse side of the border."""
    from matplotlib.patheffects import withStroke

    if points.selected is None:
        return None
    at = points.scores[points.selected]
    ax.autoscale_view()
    side = points.sign * _free_side(ax, at, points.sign, size)
    text = ax.annotate(
        "selected",
        at,
        (7 * side[0], 7 * side[1]),
        textcoords="offset points",
        ha="left" if side[0] > 0 else "right",
        va="bottom" if side[1] > 0 else "top",
        color=foreground(ax),
        fontsize=size,
        zorder=7,
    )
    text.set_path_effects([withStroke(linewidth=2.5, foreground=ax.get_facecolor())])
    return text


def _free_side(ax: Any, at: np.ndarray, sign: np.ndarray, size: float) -> np.ndarray:
    """Where the word stays in the axes: 1 towards the better values, or -1.

    First where no point of the front can be, then where the border is not.
    """
    share = ax.transAxes.inverted().transform(ax.transData.transform(at))
    needed = np.array([0.07, 0.03]) * size  # inches
    for side in np.array([[1, 1], [-1, -1], [-1, 1]]):
        room = np.where(side * sign > 0, 1 - share, share) * inches(ax)
        if (room >= needed * [1, side[1] < 0]).all():
            return side
    return np.array([-1, 1])
