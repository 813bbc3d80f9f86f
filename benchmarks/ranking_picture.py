"""The picture of the ranking benchmark: fronts of some methods on both main sets."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from picture import OURS
from ranking_data import MAIN
from ranking_models import BASE, DEFAULT
from ranking_summary import Table

from skmo.inspection import ParetoFrontDisplay

# Apart in lightness too, so that they are told apart in grey.
METHODS = {
    DEFAULT: ("skmo, default", OURS),
    BASE: ("two LightGBM, mixed", "#1b1b1b"),
    "mixed_label": ("LightGBM on a mix", "#b0b0b0"),
    "linear": ("linear", "#3b6fb6"),
    "smooth_tchebycheff": ("smooth Tchebycheff", "#e0b02e"),
    "epo": ("EPO", "#5aa08a"),
    "bounds": ("bounds", "#8a5ab0"),
}


def draw(table: Table, path: Path) -> None:
    """A panel per set; points of the first seed."""
    names = [name for name in MAIN if name in table]
    mpl.rcParams["svg.hashsalt"] = "skmo"  # the same results, the same file
    figure = Figure(figsize=(10, 5), layout="constrained")
    parts = figure.subfigures(1, len(names), squeeze=False)[0]
    for part, name in zip(parts, names, strict=True):
        shown = [model for model in METHODS if model in table[name]]
        colours = [METHODS[model][1] for model in shown]
        with mpl.rc_context({"axes.prop_cycle": mpl.cycler(color=colours)}):
            axes = part.add_subplot()
        for model in shown:
            display = ParetoFrontDisplay.from_scores(
                table[name][model].points[0],
                ax=axes,
                label=METHODS[model][0],
                objective_names=["NDCG@5 by relevance", f"NDCG@5 by {name}"],
            )
            axes = display.ax_
        axes.set_title(name, fontsize=10)
    # No date in the file either.
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else {})
