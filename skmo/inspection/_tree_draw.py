"""The parts of a tree's picture."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._rounds import foreground
from ._tree_layout import Node, branch_words, is_none, middle

# In inches: a row, a step of depth, what is left of the root, the counts of rows, a
# column of bars with numbers.
_ROW, _STEP, _ROOT, _COUNT, _COLUMN = 0.27, 1.6, 0.12, 1.05, 1.2
_HEAD = 0.72  # above the rows: the title, names and scales
_NUMBERS = 0.95  # columns narrower than that have bars alone
_SIZE = 8.0  # of the font, in points
_LETTER = 0.6  # width of a letter in font sizes


def figure_size(n_rows: int, depth: int, n_columns: int) -> tuple[float, float]:
    """Width and height in inches that suit a tree."""
    width = _ROOT + _STEP * max(depth, 1) + _COUNT + _COLUMN * n_columns
    return max(width, 4.5), _HEAD + _ROW * max(n_rows, 2)


@dataclass(frozen=True)
class TreeRoom:
    """How axes are shared out, in inches across and in rows down.

    Attributes
    ----------
    width : float
    step : float
        Of a level of depth.
    tree : float
        Where the tree ends and the counts begin.
    count, column : float
        Widths of the counts, and of a column of bars.
    row : float
        Height of one.
    head : float
        Rows above the first one.
    size : float
        Of the font, in points.
    """

    width: float
    step: float
    tree: float
    count: float
    column: float
    row: float
    head: float
    size: float

    @classmethod
    def within(
        cls, inches: tuple[float, float], n_rows: int, depth: int, n_columns: int
    ) -> TreeRoom:
        """For axes of this width and height."""
        width, height = inches
        natural = figure_size(n_rows, depth, n_columns)
        # Words are shortened before they are made small.
        scale = min(1.0, height / natural[1], max(1.2 * width / natural[0], 0.8))
        size = max(_SIZE * scale, 3.5)
        head = _HEAD * size / _SIZE
        row = (height - head) / n_rows
        count = _COUNT * size / _SIZE
        column = _COLUMN
        if width < natural[0]:
            column *= max(width / natural[0], 0.6)
            column = min(column, 0.5 * (width - count) / max(n_columns, 1))
        tree = width - count - column * n_columns
        step = (tree - _ROOT) / max(depth, 1)
        return cls(width, step, tree, count, column, row, head / row, size)

    def letters(self, width: float) -> int:
        """How many fit."""
        return max(int(width * 72 / (_LETTER * self.size)), 3)

    def at(self, node: Node) -> float:
        """Where the branches of a node part."""
        return _ROOT + self.step * node.depth


def draw_branches(
    ax: Any, nodes: Sequence[Node], columns: Mapping[str, list], room: TreeRoom
) -> list:
    """Lines, as thick as they are taken by rows, and what they say."""
    ink, texts = foreground(ax), []
    counts = np.nan_to_num(np.array(columns["count"], dtype=np.float64), nan=1.0)
    total = max(counts[nodes[0].place], 1.0)
    if not nodes[0].children:
        ax.plot([0, room.tree], [0, 0], color=ink, linewidth=1.0, alpha=0.45)
        return texts
    ax.plot([0, _ROOT], [nodes[0].y] * 2, color=ink, linewidth=4.4, alpha=0.45)
    longest = room.letters(room.step - 0.12)
    for node in nodes:
        if not node.children:
            continue
        x = room.at(node)
        words = branch_words(columns, node.place, longest)
        for child, text in zip(node.children, words, strict=True):
            end = room.at(child) if child.children else room.tree
            ax.plot(
                [x, x, end],
                [node.y, child.y, child.y],
                color=ink,
                linewidth=0.6 + 3.8 * np.sqrt(counts[child.place] / total),
                alpha=0.45,
                solid_joinstyle="miter",
                solid_capstyle="butt",
            )
            texts.append(
                ax.annotate(
                    text.replace("$", r"\$"),
                    (x + 0.07, child.y),
                    (0, 2.0),
                    textcoords="offset points",
                    va="bottom",
                    ha="left",
                    fontsize=room.size,
                    color=ink,
                )
            )
    return texts


def draw_counts(
    ax: Any, ends: Sequence[Node], columns: Mapping[str, list], room: TreeRoom
) -> None:
    """Which leaf a row is, and how many training rows it has."""
    ink = foreground(ax)
    style = {"va": "center", "fontsize": room.size, "color": ink}
    left, right = room.tree + 0.06, room.tree + room.count - 0.1
    _head(ax, left, "leaf", room, "left")
    _head(ax, right, "rows", room, "right")
    for node in ends:
        name = str(columns["node_index"][node.place]).rpartition("-")[2]
        words = name[1:] if node.n_leaves == 1 else f"{node.n_leaves} leaves"
        ax.text(left, node.y, words, ha="left", alpha=0.75, **style)
        count = columns["count"][node.place]
        if not is_none(count):
            ax.text(right, node.y, f"{int(count)}", ha="right", **style)


def draw_bars(
    ax: Any,
    ends: Sequence[Node],
    name: str,
    values: Sequence[Any],
    place: int,
    room: TreeRoom,
    colours: tuple[Any, Any],
) -> Any:
    """A column of bars from its line of zero, with numbers where there is room."""
    left = room.tree + room.count + place * room.column
    numbers = room.column >= _NUMBERS * room.size / _SIZE
    width = room.column * (0.56 if numbers else 0.86)
    centre = left + 0.06 * room.column + width / 2
    shown = np.array([values[node.place] for node in ends], dtype=np.float64)
    largest = np.nanmax(np.abs(shown), initial=0.0)
    known = np.nan_to_num(shown) / largest if largest > 0 else np.zeros(len(shown))
    rows = [node.y for node in ends]
    middle_of = left + 0.5 * room.column
    label = middle(name, room.letters(room.column - 0.08)).replace("$", r"\$")
    _head(ax, middle_of, label, room, "center", lines_above=1)
    scale = "no value" if np.isnan(shown).all() else f"± {largest:.2g}"
    _head(ax, middle_of, scale, room, "center", alpha=0.75)
    ink = foreground(ax)
    ax.plot([centre] * 2, [-0.45, len(rows) - 0.55], color=ink, linewidth=0.7)
    bars = ax.barh(
        rows,
        known * width / 2,
        left=centre,
        height=min(0.62, 0.2 / room.row),
        color=[colours[0] if value >= 0 else colours[1] for value in known],
    )
    for bar, node, value in zip(bars, ends, shown, strict=True):
        if node.n_leaves > 1:
            bar.set_alpha(0.5)
        if numbers and np.isfinite(value):
            ax.text(
                left + room.column - 0.05,
                node.y,
                f"{value:.2g}".replace("-", "−"),
                ha="right",
                va="center",
                fontsize=0.9 * room.size,
                color=ink,
            )
    return bars


def _head(
    ax: Any,
    x: float,
    text: str,
    room: TreeRoom,
    side: str,
    lines_above: int = 0,
    alpha: float = 1.0,
) -> None:
    ax.annotate(
        text,
        (x, -0.5),
        (0, 3 + 1.3 * room.size * lines_above),
        textcoords="offset points",
        ha=side,
        va="bottom",
        fontsize=room.size,
        color=foreground(ax),
        alpha=alpha,
    )


def wrap(text: str, letters: int) -> str:
    """Over as many lines as it needs."""
    return "\n".join(textwrap.wrap(text, letters))
