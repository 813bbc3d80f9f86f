"""What the pictures over the rounds share: the history, room and legends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

MOST_COLOURS = 10  # objectives a reader still tells apart by colour
BEST, WORST = "#1b9e77", "#d95f02"  # seen by everybody, on white and on black
_SHAPES = {
    1: "(n_rounds,)",
    2: "(n_rounds, n_objectives)",
    3: "(n_rounds, n_objectives, n_objectives)",
}
NARROW = 4.0  # inches, that have no room for a legend on the right


def import_pyplot(display: Any) -> Any:
    """matplotlib's pyplot, or an error that says how to get it."""
    try:
        from matplotlib import pyplot as plt
    except ImportError as error:
        raise ImportError(
            f'{type(display).__name__} needs matplotlib: pip install "skmo[plot]".'
        ) from error
    return plt


# The history ------------------------------------------------------------------------


def read_history(estimator: Any, display: type) -> dict[str, np.ndarray]:
    """A fitted estimator's ``history_`` of at least one round."""
    check_is_fitted(estimator)
    history = getattr(estimator, "history_", None)
    if history is None:
        raise ValueError(
            f"{display.__name__} draws an estimator's history_, and "
            f"{type(estimator).__name__} has none. Pass the estimator of skmo "
            "itself; in a pipeline it is the last step, pipeline[-1]."
        )
    if not history or min(map(len, history.values())) == 0:
        raise ValueError(
            f"{display.__name__} has nothing to draw: the estimator was fitted "
            "without a round of boosting, as n_estimators=0 or no tree could be grown."
        )
    return history


def entry(history: dict[str, np.ndarray], key: str, otherwise: str = "") -> np.ndarray:
    """An entry of the history, or an error with what can be done instead."""
    if key not in history:
        raise ValueError(
            f"The estimator's history_ has no {key!r}: it was trained by an older "
            f"version of skmo. Fit it again{otherwise}."
        )
    return history[key]


def check_rounds(
    values: ArrayLike, name: str, n_objectives: int, n_dims: int
) -> np.ndarray:
    """An array with a row a round, in float64."""
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != n_dims or values.shape[1:] != (n_objectives,) * (n_dims - 1):
        raise ValueError(
            f"{name} must have the shape {_SHAPES[n_dims]} and there are "
            f"{n_objectives} names; got the shape {values.shape}."
        )
    if not len(values):
        raise ValueError(f"{name} must have a row for at least one round; got none.")
    return values


def check_length(name: str, values: np.ndarray, n_rounds: int) -> np.ndarray:
    if len(values) != n_rounds:
        raise ValueError(
            f"{name} must have a value for each of the {n_rounds} rounds; "
            f"got {len(values)}."
        )
    return values


def check_window(smooth: Any, n_rounds: int) -> int:
    """How many rounds a moving average takes in; "auto" is a twentieth of them."""
    if isinstance(smooth, str) and smooth == "auto":
        return max(1, n_rounds // 20)
    if not isinstance(smooth, Integral) or isinstance(smooth, bool) or smooth < 1:
        raise ValueError(
            "smooth must be 'auto' or a whole number of rounds from 1; got "
            f"{smooth!r:.200}."
        )
    return min(int(smooth), n_rounds)


def moving_mean(values: np.ndarray, window: int) -> np.ndarray:
    """Means over the rounds around each, over fewer at the ends.

    NaN is left out, and stays where it was.
    """
    if window == 1:
        return values.copy()
    n_rounds = len(values)
    at = np.arange(n_rounds)
    low = np.maximum(at - (window - 1) // 2, 0)
    high = np.minimum(at + window // 2 + 1, n_rounds)
    known = np.isfinite(values)

    def sums(terms: np.ndarray) -> np.ndarray:
        total = np.cumsum(np.concatenate([np.zeros_like(terms[:1]), terms]), axis=0)
        return total[high] - total[low]

    means = np.full(values.shape, np.nan)
    counts = sums(known.astype(np.float64))
    np.divide(sums(np.where(known, values, 0.0)), counts, out=means, where=known)
    return means


def alone(values: np.ndarray) -> np.ndarray:
    """Indices of the values no line reaches, as there is none on either side."""
    known = np.pad(np.isfinite(values), 1)
    return np.flatnonzero(known[1:-1] & ~known[:-2] & ~known[2:])


# Names and colours ------------------------------------------------------------------


def shown(name: Any, longest: int = 18) -> str:
    """A name for the picture; a long one loses its middle.

    Long names are often alike at the start and differ at the end.
    """
    name = str(name)
    if len(name) > longest:
        tail = (longest - 1) // 2
        name = f"{name[: longest - 1 - tail]}…{name[-tail:]}"
    return name.replace("$", r"\$")  # not a formula


def foreground(ax: Any) -> Any:
    """The colour of the axes' own text: dark on light, light on dark."""
    return ax.xaxis.label.get_color()


def line_styles(plt: Any, n_lines: int) -> list[dict[str, Any]]:
    """Colours of the current style; where they are used up, dashed, then dotted."""
    colours = plt.rcParams["axes.prop_cycle"].by_key().get("color", ["C0"])
    return [
        {
            "color": colours[k % len(colours)],
            "linestyle": ("-", "--", ":", "-.")[k // len(colours) % 4],
        }
        for k in range(n_lines)
    ]


def dress(ax: Any, n_rounds: int, *, label: bool = True) -> None:
    """The axis of rounds, and no frame above and on the right."""
    from matplotlib.ticker import MaxNLocator

    ax.set_xlim(round_limits(n_rounds))
    n_ticks = max(2, min(8, int(1.5 * inches(ax)[0])))
    # A single round has no room for a second whole number.
    low = 1 if n_rounds == 1 else 2
    ax.xaxis.set_major_locator(MaxNLocator(n_ticks, integer=True, min_n_ticks=low))
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    if label:
        ax.set_xlabel("round")
    else:
        ax.tick_params(axis="x", labelbottom=False)


def say(ax: Any, words: str, ink: Any) -> None:
    """Words in the middle of axes, in place of lines that there are not."""
    ax.text(
        0.5,
        0.5,
        words,
        ha="center",
        va="center",
        fontsize=9,
        color=ink,
        transform=ax.transAxes,
    )


def round_limits(n_rounds: int) -> tuple[float, float]:
    return (0.5, 1.5) if n_rounds == 1 else (1, n_rounds)


def spans_scales(values: np.ndarray) -> bool:
    """Whether values are positive and their logarithms read better."""
    values = values[np.isfinite(values)]
    return bool(values.size and values.min() > 0 and values.max() > 20 * values.min())


def log_scale(ax: Any, taken: float = 0.0) -> None:
    """A logarithmic axis of values with plain numbers, no more than there is room.

    ``taken`` is how many inches of its height a layout is going to take.
    """
    from matplotlib.ticker import (
        FixedLocator,
        FormatStrFormatter,
        LogLocator,
        NullFormatter,
    )

    ax.set_yscale("log")
    low, high = np.log10(ax.get_ylim())
    size = ax.yaxis.get_major_ticks(1)[0].label1.get_size()
    # In decades: what a number needs, and how near 2 and 5, or 3, bring them.
    n_ticks = np.clip((inches(ax)[1] - taken) * 72 / (1.25 * size), 2, 8)
    need = (high - low) / n_ticks
    choices = ((0.30, (1.0, 2.0, 5.0)), (0.47, (1.0, 3.0)))
    steps = next((steps for apart, steps in choices if apart >= need), None)
    decades = np.arange(np.ceil(low), np.floor(high) + 1)
    if steps is None and len(decades) > 1:
        # Matplotlib before 3.8 may leave one of them.
        every = int(np.ceil(len(decades) / int(n_ticks)))
        ax.yaxis.set_major_locator(FixedLocator(10.0 ** decades[::every]))
    elif steps is None:  # one in a decade, of which two are seen
        shifts = np.log10([1.0, 2.0, 5.0])
        n_seen = np.floor(high - shifts) - np.ceil(low - shifts) + 1
        steps = ((1.0, 2.0, 5.0)[int(np.argmax(n_seen >= 2))],)
    if steps is not None:
        ax.yaxis.set_major_locator(LogLocator(subs=steps, numticks=int(n_ticks)))
    ax.yaxis.set_major_formatter(FormatStrFormatter("%g"))
    ax.yaxis.set_minor_formatter(NullFormatter())


# Room -------------------------------------------------------------------------------


def inches(ax: Any) -> tuple[float, float]:
    """Width and height of axes before a layout makes room for labels."""
    box = ax.get_window_extent()
    return box.width / ax.figure.dpi, box.height / ax.figure.dpi


def has_layout(ax: Any) -> bool:
    """Whether the figure makes room by itself for what is outside axes."""
    from matplotlib.layout_engine import PlaceHolderLayoutEngine

    engine = ax.figure.get_layout_engine()
    return engine is not None and not isinstance(engine, PlaceHolderLayoutEngine)


def has_inner_layout(ax: Any) -> bool:
    """Whether it does so between the parts of axes that were cut as well."""
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    return isinstance(ax.figure.get_layout_engine(), ConstrainedLayoutEngine)


def cut(
    ax: Any, side: str, size: float, *, gap: float = 0.0, panel: bool = True
) -> Any:
    """Cut so many inches off axes, as a colour bar does; None or axes put there.

    Neighbours keep their places, and in a grid of axes the layout knows about both
    parts.
    """
    from matplotlib.gridspec import GridSpecFromSubplotSpec

    across = side in ("left", "right")
    whole = inches(ax)[0 if across else 1]
    gap = min(gap, 0.4 * whole)
    size = min(size, 0.7 * (whole - gap))
    rest = whole - gap - size
    first = side == "left"
    ratios = [size, rest] if first else [rest, size]
    figure, spec = ax.figure, ax.get_subplotspec()
    if spec is not None:
        space = 2 * gap / (whole - gap)  # in mean sizes of the two
        shape = (1, 2) if across else (2, 1)
        kind = ("width_ratios", "wspace") if across else ("height_ratios", "hspace")
        options = dict(zip(kind, (ratios, space), strict=True))
        grid = GridSpecFromSubplotSpec(*shape, spec, **options)
        ax.set_subplotspec(grid[int(first)])
        return figure.add_subplot(grid[int(not first)]) if panel else None
    x, y, width, height = ax.get_position().bounds
    ax.set_axes_locator(None)
    if across:
        unit = width / whole
        ax.set_position((x + size * unit * first, y, rest * unit, height))
        place = (x if first else x + (rest + gap) * unit, y, size * unit, height)
    else:
        unit = height / whole
        ax.set_position((x, y + (size + gap) * unit, width, rest * unit))
        place = (x, y, width, size * unit)
    return figure.add_axes(place) if panel else None


def split(ax: Any, n_parts: int, *, across: bool, gap: float) -> list:
    """Cut axes into equal parts, that many inches apart, of which they are the first.

    The others look like it, whatever the style is by now.
    """
    from matplotlib.gridspec import GridSpecFromSubplotSpec

    whole = inches(ax)[0 if across else 1]
    gap = min(gap, 0.5 * whole / n_parts)
    size = (whole - (n_parts - 1) * gap) / n_parts
    figure, spec = ax.figure, ax.get_subplotspec()
    if spec is not None:
        shape = (1, n_parts) if across else (n_parts, 1)
        space = {"wspace" if across else "hspace": gap / size}
        grid = GridSpecFromSubplotSpec(*shape, spec, **space)
        ax.set_subplotspec(grid[0])
        others = [figure.add_subplot(grid[k]) for k in range(1, n_parts)]
    else:
        x, y, width, height = ax.get_position().bounds
        step, share = (size + gap) / whole, size / whole
        if across:
            places = [
                (x + k * step * width, y, share * width, height) for k in range(n_parts)
            ]
        else:
            places = [
                (x, y + (1 - share - k * step) * height, width, share * height)
                for k in range(n_parts)
            ]
        ax.set_axes_locator(None)
        ax.set_position(places[0])
        others = [figure.add_axes(place) for place in places[1:]]
    for part in others:
        _look_like(part, ax)
    return [ax, *others]


def _look_like(part: Any, ax: Any) -> None:
    ink = foreground(ax)
    part.set_facecolor(ax.get_facecolor())
    for side, spine in part.spines.items():
        spine.set_edgecolor(ax.spines[side].get_edgecolor())
    for axis, model in ((part.xaxis, ax.xaxis), (part.yaxis, ax.yaxis)):
        axis.label.set_color(ink)
        tick = model.get_major_ticks(1)[0]
        axis.set_tick_params(
            which="both",
            color=tick.tick1line.get_markeredgecolor(),
            labelcolor=tick.label1.get_color(),
        )


def two_axes(ax: Any, what: str) -> tuple[Any, Any]:
    """The user's axes and None, or the user's pair of axes."""
    from matplotlib.axes import Axes

    if isinstance(ax, Axes):
        return ax, None
    pair = list(np.ravel(np.asarray(ax, dtype=object)))
    if len(pair) != 2 or not all(isinstance(part, Axes) for part in pair):
        raise ValueError(
            f"ax must be matplotlib axes or a pair of them, the second for {what}; "
            f"got {ax!r:.200}."
        )
    return pair[0], pair[1]


class Legend:
    """Entries right of axes, or below narrow ones; never on the data.

    Made before axes are cut further, it takes the room it needs where the figure
    has no layout to find it.
    """

    def __init__(self, plt: Any, ax: Any, labels: Sequence[str]):
        self.size = 0.83 * plt.rcParams["font.size"]
        self.labels = labels
        longest = max(map(len, labels))
        # Of a handle and a text of letters of middling width.
        column = (3.5 + 0.58 * longest) * self.size / 72
        width = inches(ax)[0]
        self.right = width >= NARROW
        self.n_columns = 1 if self.right else max(1, int(width / column))
        n_rows = 0 if self.right else math.ceil(len(labels) / self.n_columns)
        # What it takes of the height, in inches.
        self.below = n_rows and n_rows * 1.45 * self.size / 72 + 0.25
        if has_layout(ax):
            return
        if self.right:
            cut(ax, "right", column, panel=False)
        else:
            cut(ax, "bottom", self.below, panel=False)

    def draw(self, ax: Any, lowest: Any, handles: Sequence[Any]) -> Any:
        """Draw beside ``ax``, or below ``lowest`` and its label."""
        from matplotlib.transforms import ScaledTranslation

        host = ax if self.right else lowest
        place, offset = (1, 1), (0.08, 0.0)
        if not self.right:
            place, offset = (0, 0), (0.0, -4.4 * self.size / 72)
        shift = ScaledTranslation(*offset, ax.figure.dpi_scale_trans)
        # A label that begins with "_" would be left out, were it not set later.
        legend = host.legend(
            handles,
            [f"entry {k}" for k in range(len(handles))],
            loc="upper left",
            bbox_to_anchor=place,
            bbox_transform=host.transAxes + shift,
            ncols=self.n_columns,
            borderaxespad=0,
            borderpad=0,
            frameon=False,
            fontsize=self.size,
            handlelength=1.6,
            labelspacing=0.3,
            columnspacing=1.2,
        )
        for text, label in zip(legend.get_texts(), self.labels, strict=True):
            text.set_text(label)
            text.set_color(foreground(ax))
        return legend
