"""The picture of the funnel's models: each stage against the best baseline."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from funnel_data import REGIMES
from funnel_summary import ALLOWED, Difference, Outcome, Table, difference, goals
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from picture import OURS

# Apart in lightness too, so that they are told apart in grey.
COLOURS = ("#1b3a5c", "#e08a1e", "#5aa08a")
MARKERS = ("o", "s", "^")
STAGES = ("first stage", "second", "third")
DEFAULT = "skmo, default"
NAMES = {
    "esmm": "ESMM",
    "skmo_es_ignore_apart_none": "ESMM by skmo",
    "skmo": DEFAULT,
    "separate_bagged2": "separate, two bags",
    "product_bagged2": "product, two bags",
}
COLUMNS = 4
# Beyond it an axis would hide the differences that matter: the number is written.
WIDEST = 4.0


def draw(table: Table, models: list[str], path: Path) -> None:
    """A panel per set, a row per model, a mark per stage with its standard error."""
    aims = list(goals(table))
    names = list(dict.fromkeys(name for name, _, _ in aims))
    if not names:
        return
    mpl.rcParams["svg.hashsalt"] = "skmo"  # the same results, the same file
    lines = -(-len(names) // COLUMNS)
    size = (2.9 * COLUMNS, 0.7 + lines * (0.7 + 0.45 * len(models)))
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(lines, COLUMNS, sharex=True, sharey=True, squeeze=False)
    for axes in panels.flat[len(names) :]:
        axes.axis("off")
    axes_of = dict(zip(names, panels.flat, strict=False))
    for name, axes in axes_of.items():
        _frame(axes, name, next(iter(table[name].values())), models)
    for name, k, base in aims:
        row = table[name]
        for i, model in enumerate(models):
            if model in row:
                found = difference(row[model], row[base], "log_loss", k)
                _mark(axes_of[name], found, i, k)
    handles = [
        Line2D([], [], color=colour, marker=marker, lw=0, label=stage)
        for colour, marker, stage in zip(COLOURS, MARKERS, STAGES, strict=True)
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=3, frameon=False)
    figure.supxlabel("log loss over all rows, % above the best baseline", fontsize=10)
    # No date in the file either.
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else {})


def _frame(axes: Axes, name: str, outcome: Outcome, models: list[str]) -> None:
    rates = REGIMES[name][0] if name in REGIMES else outcome.rates
    axes.set_title(
        f"{name}\n{' → '.join(f'{100 * rate:.2g} %' for rate in rates)}", fontsize=10
    )
    axes.axvline(0, color="black", lw=0.8)
    axes.axvspan(ALLOWED, WIDEST, color="0.93", lw=0)
    axes.set_yticks(range(len(models)), [NAMES.get(name, name) for name in models])
    axes.set_xlim(-WIDEST, WIDEST)
    axes.set_ylim(len(models) - 0.5, -0.5)
    for label in axes.get_yticklabels():
        label.set_color(OURS if label.get_text() == DEFAULT else "black")


def _mark(axes: Axes, found: Difference, line: int, k: int) -> None:
    """A stage's difference in the line of its model, or its number at the side."""
    y, colour = line + 0.24 * (k - 1), COLOURS[k]
    if abs(found.mean) > WIDEST:
        side = np.sign(found.mean)
        align = "right" if side > 0 else "left"
        text = f"{found.mean:+.0f} % ".replace("-", "−")
        style = {"color": colour, "fontsize": 8, "ha": align, "va": "center"}
        axes.text(0.93 * side * WIDEST, y, text, **style)
        axes.plot(0.96 * side * WIDEST, y, ">" if side > 0 else "<", color=colour, ms=5)
        return
    error = None if np.isnan(found.error) else found.error
    axes.errorbar(
        found.mean, y, xerr=error, color=colour, marker=MARKERS[k], ms=5, lw=1
    )
