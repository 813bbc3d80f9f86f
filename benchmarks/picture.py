"""The critical-difference picture of Demšar (JMLR 7, 2006, figure 1)."""

from __future__ import annotations

import math
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from ranks import Ranks, cliques

STEP = 0.42  # between lines of text, in inches
OURS = "#c1440e"


def draw(ranks: Ranks, path: Path) -> None:
    """Models on an axis of mean ranks; bars join those that do not differ."""
    models = sorted(ranks.mean, key=ranks.mean.__getitem__)
    half = math.ceil(len(models) / 2)
    bars = cliques(ranks)
    depth = 0.6 + 0.28 * len(bars)
    low, high = 1, len(models)
    figure = Figure(figsize=(8, 1.0 + depth + STEP * half))
    axes = figure.subplots()
    axes.set_xlim(low - 0.32 * (high - low), high + 0.32 * (high - low))
    axes.set_ylim(-(depth + STEP * half), 1.0)
    axes.axis("off")
    _axis(axes, low, high, ranks)
    for i, (start, end) in enumerate(bars):
        y = -0.3 - 0.28 * i
        axes.plot([start - 0.04, end + 0.04], [y, y], color="black", lw=4)
    for i, model in enumerate(models):
        best = i < half
        line = i if best else len(models) - 1 - i
        _label(axes, model, ranks.mean[model], -depth - STEP * line, best, low, high)
    figure.savefig(path, bbox_inches="tight", metadata=_undated(path))


def _axis(axes: Axes, low: int, high: int, ranks: Ranks) -> None:
    axes.plot([low, high], [0, 0], color="black", lw=1)
    for rank in range(low, high + 1):
        axes.plot([rank, rank], [0, 0.1], color="black", lw=1)
        axes.text(rank, 0.16, str(rank), ha="center", va="bottom")
    width = ranks.critical_difference
    end = min(low + width, high)
    axes.plot([low, end], [0.62, 0.62], color="black", lw=1)
    for x in (low, end):
        axes.plot([x, x], [0.56, 0.68], color="black", lw=1)
    text = f"critical difference {width:.2f}, {len(ranks.sets)} data sets"
    axes.text(low, 0.74, text, ha="left", va="bottom")


def _label(
    axes: Axes, model: str, rank: float, y: float, best: bool, low: int, high: int
) -> None:
    """A model's name at its side of the picture, led to its place on the axis."""
    side = low - 0.06 * (high - low) if best else high + 0.06 * (high - low)
    color = OURS if model.startswith("skmo") else "black"
    axes.plot([rank, rank, side], [0, y, y], color=color, lw=1)
    text = f"{model}  {rank:.2f}" if best else f"{rank:.2f}  {model}"
    align = "right" if best else "left"
    shift = (-0.01 if best else 0.01) * (high - low)
    axes.text(side + shift, y, text, ha=align, va="center", color=color)


def _undated(path: Path) -> dict[str, None]:
    """No date in the file: the same results give the same picture."""
    return {"Date": None} if path.suffix == ".svg" else {}
