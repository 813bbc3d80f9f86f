"""A Pareto front on axes that are its own or another front's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ._pareto_board import BOTH, Board, find_board, make_board, pair_objectives
from ._pareto_curve import draw_name, draw_rays, draw_region, draw_staircase
from ._pareto_panels import MISSED, Panel, dress, dress_solid, next_colour
from ._pareto_parallel import Parallel
from ._pareto_points import Points
from ._rounds import foreground

_KINDS = ("auto", "curve", "scatter3d", "pairs", "parallel")
_MOST_PAIRED = 8  # objectives; more panels are too small to read


@dataclass
class Drawn:
    """The axes and what is on them, as the display's attributes say."""

    axes: list
    points: list = field(default_factory=list)
    line: Any = None
    lines: list | None = None
    rays: Any = None
    region: Any = None
    text: Any = None
    legend: Any = None


def choose_kind(kind: str, points: Points) -> str:
    """A kind of picture that suits the number of objectives."""
    if kind not in _KINDS:
        raise ValueError(f"kind must be one of {_KINDS}; got {kind!r:.200}.")
    n_objectives = points.n_objectives
    if kind == "auto":
        return {2: "curve", 3: BOTH}.get(n_objectives, "parallel")
    needed = {"curve": 2, "scatter3d": 3}.get(kind, n_objectives)
    if n_objectives != needed:
        raise ValueError(
            f"kind={kind!r} draws {needed} objectives and there are {n_objectives}: "
            "use kind='auto', or pass those columns of scores alone."
        )
    if kind == "pairs" and n_objectives > _MOST_PAIRED:
        raise ValueError(
            f"kind='pairs' draws up to {_MOST_PAIRED} objectives and there are "
            f"{n_objectives}: use kind='parallel', or pass some columns of scores."
        )
    return kind


def draw_front(
    plt: Any, points: Points, kind: str, ax: Any, fig: Any, label: str | None
) -> Drawn:
    """Draw points on the axes that are given, or on new ones."""
    size = 0.9 * plt.rcParams["font.size"]
    board = _board(plt, points, kind, ax, fig, label, size)
    title = board.title(label)
    draw = _draw_parallel if kind == "parallel" else _draw_panels
    drawn = draw(board, points, title, size)
    drawn.legend = board.draw_legend(size)
    return drawn


# The axes ---------------------------------------------------------------------------


def _board(
    plt: Any,
    points: Points,
    kind: str,
    ax: Any,
    fig: Any,
    label: str | None,
    size: float,
) -> Board:
    if ax is not None and fig is not None:
        raise ValueError("Pass ax or fig, not both: axes have a figure of their own.")
    n_objectives = points.n_objectives
    solid = {"projection": "3d"} if kind == "scatter3d" else {}
    if ax is None:
        if fig is None:
            options = {"figsize": _figure_size(kind, n_objectives)}
            fig = plt.figure(**options, layout="constrained")
        host = fig.add_subplot(**solid)
    else:
        given = list(np.ravel(np.asarray(ax, dtype=object)))
        _check_axes(given, kind, n_objectives)
        board = find_board(given[0], kind, points)
        if board is not None:
            return board
        if len(given) > 1:
            return Board(kind, points, given)
        host = given[0]
    return make_board(host, kind, points, _labels(points, kind, label), size)


def _figure_size(kind: str, n_objectives: int) -> tuple[float, float]:
    if kind in ("pairs", BOTH):
        side = 1.0 + (2.8 if n_objectives < 4 else 1.5) * (n_objectives - 1)
        return (side + 2.6, side - 0.4) if kind == BOTH else (side, side - 0.4)
    if kind == "parallel":
        return min(12.0, 3.5 + 0.9 * n_objectives), 4.2
    return 7.2, 4.6


def _check_axes(given: list, kind: str, n_objectives: int) -> None:
    from matplotlib.axes import Axes

    n_pairs = n_objectives * (n_objectives - 1) // 2
    n_axes = {"pairs": n_pairs, BOTH: n_pairs + 1}.get(kind, 1)
    right = all(isinstance(part, Axes) for part in given)
    if not right or len(given) not in (1, n_axes):
        many = f", or {n_axes} of them, one for each panel" if n_axes > 1 else ""
        raise ValueError(f"ax must be matplotlib axes{many}; got {given!r:.200}.")
    flat = given[:-1] if kind == BOTH and len(given) > 1 else given
    if kind == "scatter3d":
        flat = []
    if any(hasattr(part, "zaxis") != (part not in flat) for part in given):
        raise ValueError(
            f"ax must have three dimensions where kind={kind!r} has them, and two "
            "elsewhere: make it with figure.add_subplot(projection='3d'), or leave "
            "ax out."
        )


def _labels(points: Points, kind: str, label: str | None) -> list[str]:
    """What the legend will have, in any order."""
    parts = {
        "dominated": bool(len(points.dominated)),
        "reference": points.reference is not None and kind != "parallel",
        "preferences": points.preferences is not None and kind == "curve",
        MISSED: bool(np.isfinite(points.bounds).any()) and kind != "scatter3d",
        "selected": points.selected is not None and kind != "curve",
    }
    title = "Pareto front" if label is None else str(label)
    return [title, *(name for name, there in parts.items() if there)]


# What is on them --------------------------------------------------------------------


def _draw_panels(board: Board, points: Points, title: str, size: float) -> Drawn:
    axes, ink = board.axes, foreground(board.axes[0])
    colour = next_colour(axes[0])
    drawn = Drawn(axes)
    objectives: list = pair_objectives(points.n_objectives)
    if board.kind == "scatter3d":
        objectives = []
    if len(objectives) < len(axes):
        objectives = [*objectives, (0, 1, 2)]
    if points.n_objectives > 3:
        size *= 0.85
    for ax, at in zip(axes, objectives, strict=True):
        marker = 6.0 if len(axes) < 5 else 4.0
        marker *= np.clip((40 / len(points.scores)) ** 0.5, 0.6, 1)
        panel = Panel(ax, points, list(at), board, title, colour, marker)
        drawn.points.append(panel.dots)
        if board.n_fronts > 1:
            continue
        if len(at) == 3:
            dress_solid(ax, points, ink, size, beside=len(axes) > 1)
        else:
            dress(ax, points, list(at), ink, size)
    if board.kind == "curve":
        _draw_lines(drawn, axes[0], board, points, title, colour, size)
    return drawn


def _draw_lines(
    drawn: Drawn,
    ax: Any,
    board: Board,
    points: Points,
    title: str,
    colour: Any,
    size: float,
) -> None:
    """What is drawn in two objectives alone."""
    ax.margins(0.09)  # room for a name
    drawn.line = draw_staircase(ax, points, board, title, colour)
    drawn.region = draw_region(ax, points, colour)
    drawn.rays = draw_rays(ax, points, board)
    drawn.text = draw_name(ax, points, size)


def _draw_parallel(board: Board, points: Points, title: str, size: float) -> Drawn:
    ax = board.axes[0]
    if board.parallel is None:
        board.parallel = Parallel(ax, points, size)
    lines = board.parallel.add(points, board, title, next_colour(ax))
    return Drawn(board.axes, lines=lines)
