"""Parts of the report card's picture: notes, limits, other models' marks."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

BETTER, WORSE, SAME, REFERENCE = "#1b7f4d", "#c0392b", "#7f8c8d", "#5d6d7e"
# Marker, colour and what it is called.
PEER_MARKS = {
    "catboost": ("D", "#2471a3", "CatBoost"),
    "catboost_joint": ("^", "#2471a3", "CatBoost, joint"),
    "xgboost": ("s", "#af601a", "XGBoost"),
    "xgboost_joint": ("v", "#af601a", "XGBoost, joint"),
    "forest": ("P", "#7d3c98", "random forest"),
}
_OTHER_MARKS = ("X", "<", ">", "p")
_BELOW = 0.27  # of a row, so that peers hide neither each other's dot nor skmo's


def note(
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


def inches(ax: Any) -> float:
    """The width of axes before a layout makes room for labels."""
    return ax.figure.get_size_inches()[0] * ax.get_position().width


def is_narrow(ax: Any) -> bool:
    """Whether the axes have no room for a column of scores beside them."""
    return inches(ax) < 4


def short(name: str, longest: int) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def wrapped(text: str, ax: Any, per_inch: float, max_lines: int) -> list[str]:
    """Lines that fit the axes."""
    width = max(20, int(per_inch * inches(ax)))
    return textwrap.wrap(text, width, max_lines=max_lines, placeholder=" …")


def limits(
    change: np.ndarray, others: np.ndarray, tolerance: float
) -> tuple[float, float]:
    """From the least to the greatest change, with room for most of the others.

    A far-off peer or a wide interval may widen the axis by its own width on
    either side, no more: the changes are what it is about.
    """
    low = np.nanmin(change, initial=-2 * tolerance)
    high = np.nanmax(change, initial=2 * tolerance)
    room = high - low or 1.0
    if others.size:
        low = max(np.nanmin(others, initial=low), low - room)
        high = min(np.nanmax(others, initial=high), high + room)
    margin = 0.06 * (high - low or 1.0)
    return low - margin, high + margin


def draw_changes(
    ax: Any, change: np.ndarray, colours: Sequence[str], *, faint: bool
) -> None:
    """A dot for either model and what lies between them."""
    for row, (delta, colour) in enumerate(zip(change, colours, strict=True)):
        if np.isnan(delta):
            continue
        line = {"linewidth": 3, "alpha": 0.35 if faint else 1.0, "zorder": 2}
        ax.plot([0, delta], [row, row], color=colour, **line)
        ax.scatter(0, row, s=42, color="white", edgecolor=REFERENCE, zorder=3)
        ax.scatter(delta, row, s=64, color=colour, zorder=4)


def draw_intervals(ax: Any, intervals: ArrayLike, colours: Sequence[str]) -> None:
    """Bars with caps; one that leaves the axis is cut there."""
    style = {"linewidth": 1.2, "marker": "|", "markersize": 8, "zorder": 3.5}
    pairs = zip(np.asarray(intervals, float), colours, strict=True)
    for row, (ends, colour) in enumerate(pairs):
        if not np.isnan(ends).any():
            ax.plot(ends, [row, row], color=colour, **style)


def draw_peers(ax: Any, changes: Mapping[str, np.ndarray]) -> list[Any]:
    """A small mark per peer and objective; an arrowhead where one is off the axis.

    Returns the marks for the legend.
    """
    low, high = ax.get_xlim()
    shown = []
    for number, (peer, change) in enumerate(changes.items()):
        default = (_OTHER_MARKS[number % len(_OTHER_MARKS)], "#616a6b", peer)
        marker, colour, title = PEER_MARKS.get(peer, default)
        rows = np.flatnonzero(~np.isnan(change))
        if not rows.size:
            continue
        inside = (change[rows] >= low) & (change[rows] <= high)
        style = {"color": colour, "linewidths": 0.5, "zorder": 5}
        mark = ax.scatter(
            change[rows[inside]], rows[inside] + _BELOW, s=20, marker=marker, **style
        )
        mark.set_label(title)
        shown.append(mark)
        for edge, beyond, head in (
            (low, change[rows] < low, "$\\leftarrow$"),
            (high, change[rows] > high, "$\\rightarrow$"),
        ):
            if beyond.any():
                at = np.full(beyond.sum(), edge + (0.015 * (high - low)) * (edge < 0))
                ax.scatter(at, rows[beyond] + _BELOW, s=40, marker=head, **style)
    return shown


def draw_legend(ax: Any, marks: list[Any], n_lines_above: int) -> None:
    """The models' marks, below the ticks' numbers and the label's lines."""
    from matplotlib.transforms import ScaledTranslation

    down = -(26 + 13 * n_lines_above) / 72
    below = ScaledTranslation(0, down, ax.figure.dpi_scale_trans)
    ax.legend(
        handles=marks,
        loc="upper left",
        bbox_to_anchor=(0, 0),
        bbox_transform=ax.transAxes + below,
        borderaxespad=0,
        ncols=max(1, min(len(marks), int(inches(ax) / 1.3))),
        frameon=False,
        fontsize=9,
        handletextpad=0.2,
        columnspacing=1.2,
        borderpad=0,
    )


def draw_no_worse_line(ax: Any, tolerance: float) -> None:
    """The line an objective must not be left of, with its name above."""
    ax.axvline(-tolerance, color=WORSE, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    low, high = ax.get_xlim()
    right = (-tolerance - low) / (high - low) > 0.5
    name = "no worse"
    if tolerance and not is_narrow(ax):
        name += f": {-tolerance:g}"
    note(
        ax,
        name.replace("-", "−"),
        (-tolerance, 1),
        (-2 if right else 2, 8),
        ha="right" if right else "left",
        xycoords=ax.get_xaxis_transform(),
        color=WORSE,
        fontsize=8,
    )
