"""How much a funnel's later stages pull against each stage, as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._rounds import (
    NARROW,
    Legend,
    alone,
    cut,
    dress,
    foreground,
    has_inner_layout,
    has_layout,
    inches,
    line_styles,
    log_scale,
    moving_mean,
    say,
    shown,
    spans_scales,
    split,
)

_RATIO = "size_ratio"
KEYS = ("share", _RATIO, "reversed")  # a panel each, in this order


def check_report(
    report: Mapping[str, ArrayLike], n_stages: int
) -> dict[str, np.ndarray]:
    """What is drawn of a report, in float64."""
    if not isinstance(report, Mapping):
        raise ValueError(
            "report must be a dict such as the conflict_report_ of "
            f"EntireSpaceClassifier; got {type(report).__name__}."
        )
    for key in KEYS:
        if key not in report:
            raise ValueError(
                f"report has no {key!r}. It needs 'share', 'size_ratio' and "
                "'reversed', as the conflict_report_ of EntireSpaceClassifier has; "
                "one that is not known may be NaN throughout."
            )
    found = {key: np.asarray(report[key], dtype=np.float64) for key in KEYS}
    for key, values in found.items():
        _check_values(key, values, n_stages)
    if len({len(values) for values in found.values()}) > 1:
        counts = ", ".join(f"{len(found[key])} of {key!r}" for key in KEYS)
        raise ValueError(
            f"report must have each entry of the same rounds; got {counts}."
        )
    return found


def _check_values(key: str, values: np.ndarray, n_stages: int) -> None:
    entry = f"report[{key!r}]"
    if values.ndim != 2 or values.shape[1] != n_stages - 1:
        raise ValueError(
            f"{entry} must have the shape (n_rounds, n_stages - 1), as the last stage "
            f"has no column, and there are {n_stages} names; got the shape "
            f"{values.shape}. names needs all stages, the last one too."
        )
    if not len(values):
        raise ValueError(f"{entry} must have a row for at least one round; got none.")
    wrong = values < 0
    if key != _RATIO:
        wrong |= values > 1 + 1e-9
    if wrong.any():
        limits = "of at least 0" if key == _RATIO else "from 0 to 1, not in percent"
        raise ValueError(
            f"{entry} must have numbers {limits}; got {values[wrong][0]:g}."
        )


class StagePanels:
    """Three panels, drawn: how many rows, how hard a pull, how often a wrong move.

    Parameters
    ----------
    plt : module
        matplotlib's pyplot.
    ax : matplotlib Axes or three of them
    report : dict of ndarray of shape (n_rounds, n_stages - 1)
        From :func:`check_report`.
    names : sequence of str
        Of all stages.
    chosen : ndarray of int
        The rounds to draw, counted from 0.
    window : int
        Rounds in the moving averages.

    Attributes
    ----------
    axes : ndarray of shape (3,)
    lines : dict of list of matplotlib Line2D
    legend : matplotlib Legend or None
    """

    def __init__(
        self,
        plt: Any,
        ax: Any,
        report: dict[str, np.ndarray],
        names: Sequence[Any],
        chosen: np.ndarray,
        window: int,
    ):
        labels = [shown(name) for name in names[:-1]]
        legend = self._arrange(plt, ax, labels)
        styles = line_styles(plt, len(labels))
        at = np.arange(chosen.min(), chosen.max() + 1)
        left_out = ~np.isin(at, chosen)
        self.lines: dict[str, list] = {}
        for key, panel in zip(KEYS, self.axes, strict=True):
            values = moving_mean(report[key], window)[at]
            values[left_out] = np.nan
            self.lines[key] = _lines(panel, at + 1, values, styles)
            self._dress(panel, key, values)
            label = panel is self.axes[-1] or not self._one_axis
            _dress_rounds(panel, at + 1, window, label=label)
        _write_titles(self.axes, names)
        self.legend = None
        if legend is not None:
            lowest = self.axes[-1] if self._one_axis else self._host
            self.legend = legend.draw(self._host, lowest, self.lines["share"])

    def _arrange(self, plt: Any, ax: Any, labels: list[str]) -> Legend | None:
        """Find or make the panels, with room for a legend if there is one."""
        panels = _three(ax)
        self._host = ax if panels is None else _host(panels)
        before = inches(self._host)
        legend = Legend(plt, self._host, labels) if len(labels) > 1 else None
        self._one_axis = False
        if panels is None:
            panels, self._one_axis = _split(ax)
            self._host = panels[0 if self._one_axis else -1]
        else:
            lost = np.subtract(before, inches(self._host))
            _cut_alike([part for part in panels if part is not self._host], lost)
        self.axes = np.array(panels, dtype=object)
        self._taken = 0.0  # of a panel's height, in inches, by a layout
        if has_layout(panels[0]):
            below = 0.5 + (legend.below if legend is not None else 0.0)
            self._taken = 0.25 + below / (len(KEYS) if self._one_axis else 1)
        return legend

    def _dress(self, ax: Any, key: str, values: np.ndarray) -> None:
        from matplotlib.ticker import PercentFormatter

        if not np.isfinite(values).any():
            ax.set_yticks([])
            words = "no later stage pulls" if key == "share" else "no rows in conflict"
            say(ax, words, foreground(ax))
        elif key != _RATIO:
            ax.set_ylim(-0.04, 1.04)  # a line along an end is seen
            ax.yaxis.set_major_formatter(PercentFormatter(1.0))
            roomy = inches(ax)[1] - self._taken > 0.5
            ax.set_yticks([0, 0.5, 1] if roomy else [0, 1])
        else:
            ax.axhline(1, color=foreground(ax), linewidth=0.9, alpha=0.6, zorder=1)
            if spans_scales(np.append(values[values > 0], 1.0)):
                log_scale(ax, self._taken)
            else:
                ax.set_ylim(bottom=0)


# Axes -------------------------------------------------------------------------------


def _three(ax: Any) -> list | None:
    """The user's three axes; None if they are single."""
    from matplotlib.axes import Axes

    if isinstance(ax, Axes):
        return None
    panels = list(np.ravel(np.asarray(ax, dtype=object)))
    if len(panels) != 3 or not all(isinstance(part, Axes) for part in panels):
        raise ValueError(
            "ax must be matplotlib axes or three of them, for the rows in conflict, "
            f"the size of the pull and the rows moved the wrong way; got {ax!r:.200}."
        )
    return panels


def _host(panels: list) -> Any:
    """That of the user's axes which has room for a legend beside or below it."""
    first, last = panels[0], panels[-1]
    stacked = first.get_position().x0 >= last.get_position().x0 - 1e-3
    return first if stacked and inches(first)[0] >= NARROW else last


def _cut_alike(panels: list, lost: np.ndarray) -> None:
    """Cut off the user's other axes what a legend took of one of them."""
    for panel in panels:
        for side, size in zip(("right", "bottom"), lost, strict=True):
            if size > 1e-6:
                cut(panel, side, size, panel=False)


def _split(ax: Any) -> tuple[list, bool]:
    """Panels, and whether they share one axis of rounds, as they do stacked.

    Where that leaves them flat, they are side by side.
    """
    width, height = inches(ax)
    across = width > max(2.2 * height, 1.5 * NARROW)
    gap = 0.65 if across else 0.3
    if has_inner_layout(ax):  # which makes room for words by itself
        gap = 0.1
    panels = split(ax, len(KEYS), across=across, gap=gap)
    if not across:
        for panel in panels[1:]:
            panel.sharex(ax)
    return panels, not across


# Panels -----------------------------------------------------------------------------


def _lines(ax: Any, at: np.ndarray, values: np.ndarray, styles: list[dict]) -> list:
    lines = []
    for column, style in zip(values.T, styles, strict=True):
        (line,) = ax.plot(at, column, linewidth=1.6, **style)
        dots = alone(column).tolist()
        if dots:
            line.set(marker=".", markevery=dots)
        lines.append(line)
    return lines


def _dress_rounds(ax: Any, at: np.ndarray, window: int, *, label: bool) -> None:
    dress(ax, len(at), label=label)
    margin = 0.5 if len(at) == 1 else 0.0
    ax.set_xlim(at[0] - margin, at[-1] + margin)
    if label and window > 1:
        ax.set_xlabel(f"round (mean of {window} rounds)")


def _write_titles(panels: np.ndarray, names: Sequence[Any]) -> None:
    later, extent = "later stages", "rows in conflict"
    if len(names) == 2:  # there is no legend
        first = panels[0]
        room = (first.figure.bbox.x1 - first.get_window_extent().x0) / first.figure.dpi
        longest = int(np.clip((room / 0.08 - len(", pulled by ")) / 2, 8, 18))
        own, later = (shown(name, longest) for name in names)
        extent = f"{own}, pulled by {later}\n{extent}"
    titles = (extent, f"pull of {later} (own = 1)", "of those, moved the wrong way")
    for panel, title in zip(panels, titles, strict=True):
        panel.set_title(title, fontsize=9, loc="left", color=foreground(panel))
