"""The objectives' weights over the rounds as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._rounds import (
    MOST_COLOURS,
    Legend,
    check_length,
    check_rounds,
    check_window,
    dress,
    entry,
    foreground,
    import_pyplot,
    line_styles,
    moving_mean,
    read_history,
    round_limits,
    shown,
)

_LARGEST = 7  # drawn one by one where there are too many; short of a cycle's grey


class WeightsDisplay:
    """How much each objective weighed in each round.

    A band per objective, as high as its weight, one upon the other. Dotted lines
    are where the bands' borders would be if the objectives that still learn
    weighed the same, so a band thicker than its dotted one was favoured. Of more
    than ten objectives the seven with the greatest mean weight have a band each,
    and the others one together.

    Make it with :meth:`from_estimator`.

    Parameters
    ----------
    weights : array-like of shape (n_rounds, n_objectives)
        0 for an objective that has stopped.
    names : sequence of str
        The objectives' names.
    smooth : int or "auto", default="auto"
        Rounds in the moving average of the weights, without which those of some
        balancers are a blur; 1 draws them as they are. "auto": a twentieth of all
        rounds. The label has the number.
    kind : {"auto", "area", "line"}, default="auto"
        Bands or a line per objective, then with a single dotted line. "auto":
        bands unless a weight is negative.
    active : array-like of shape (n_rounds, n_objectives) or None, default=None
        Whether an objective was learning, of bool. None: until its weight is 0 for
        good, which takes one for stopped that merely weighs nothing in the last
        rounds.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    weights_ : ndarray of shape (n_rounds, n_shown)
        The averaged weights that are drawn, the last of them the others' sum (in
        lines: their mean) if there are others.
    labels_ : list of str
        What they are called, in the same order: that of the objectives, or from
        the greatest mean on if there are others.
    areas_ : list of matplotlib PolyCollection or None
        The bands from the lowest up.
    lines_ : list of matplotlib Line2D or None
    reference_ : list of matplotlib Line2D
        The dotted lines; none with a single objective.
    legend_ : matplotlib Legend

    Examples
    --------
    >>> from skmo.inspection import WeightsDisplay
    >>> display = WeightsDisplay(
    ...     weights=[[0.2, 0.8], [0.4, 0.6], [0.6, 0.4]],
    ...     names=["click", "watch_time"],
    ...     smooth=3,
    ... ).plot()
    >>> display.weights_
    array([[0.3, 0.7],
           [0.4, 0.6],
           [0.5, 0.5]])
    """

    def __init__(
        self,
        *,
        weights: ArrayLike,
        names: Sequence[str],
        smooth: int | str = "auto",
        kind: str = "auto",
        active: ArrayLike | None = None,
    ):
        self.weights = weights
        self.names = names
        self.smooth = smooth
        self.kind = kind
        self.active = active

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        smooth: int | str = "auto",
        kind: str = "auto",
        ax: Any = None,
    ) -> WeightsDisplay:
        """Draw a fitted estimator's weights.

        Parameters
        ----------
        estimator : fitted estimator of skmo
            Of up to 64 objectives, ``history_["cosines"]`` has who was learning.
        smooth : int or "auto", default="auto"
            Rounds in the moving average.
        kind : {"auto", "area", "line"}, default="auto"
            Bands or lines.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        WeightsDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If there was no round of boosting.
        """
        history = read_history(estimator, cls)
        active = None
        if "cosines" in history:
            own = np.diagonal(history["cosines"], axis1=1, axis2=2)
            active = ~np.isnan(own)
        display = cls(
            weights=entry(history, "weights"),
            names=estimator.objective_names_,
            smooth=smooth,
            kind=kind,
            active=active,
        )
        return display.plot(ax=ax)

    def plot(self, ax: Any = None) -> WeightsDisplay:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        WeightsDisplay
            This object, with the attributes above.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If shapes do not agree, or bands are asked for where a weight is
            negative.
        """
        plt = import_pyplot(self)
        weights = check_rounds(self.weights, "weights", len(self.names), 2)
        window = check_window(self.smooth, len(weights))
        learns = self._learning(weights)
        bands = self._in_bands(weights)
        equal = moving_mean(_equal(weights, learns), window)
        weights = moving_mean(weights, window)
        if ax is None:
            _, ax = plt.subplots(figsize=(7.0, 3.8), layout="constrained")
        weights, equal = self._choose(weights, equal, bands)
        styles = line_styles(plt, weights.shape[1])
        if weights.shape[1] < len(self.names):
            styles[-1] = {"color": foreground(ax), "alpha": 0.25}
        self.weights_ = weights
        reference = ["equal weights"] if len(self.names) > 1 else []
        labels = [*(self.labels_[::-1] if bands else self.labels_), *reference]
        legend = Legend(plt, ax, labels)
        self.areas_: list | None = None
        self.lines_: list | None = None
        if bands:
            handles = self._draw_bands(ax, styles, equal)
        else:
            handles = self._draw_lines(ax, styles, equal)
        dress(ax, len(weights))
        ax.set_ylabel("weight" if window == 1 else f"weight (mean of {window} rounds)")
        self.legend_ = legend.draw(ax, ax, [*handles, *self.reference_[:1]])
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _learning(self, weights: np.ndarray) -> np.ndarray:
        """Who was learning, round by round."""
        if self.active is None:
            return np.cumsum((weights != 0)[::-1], axis=0)[::-1] > 0
        active = check_rounds(self.active, "active", weights.shape[1], 2)
        return check_length("active", active, len(weights)) != 0

    def _in_bands(self, weights: np.ndarray) -> bool:
        if self.kind not in ("auto", "area", "line"):
            raise ValueError(
                f"kind must be 'auto', 'area' or 'line'; got {self.kind!r:.200}."
            )
        negative = bool((weights < 0).any())
        if negative and self.kind == "area":
            raise ValueError(
                "kind='area' needs weights of at least 0, and the least is "
                f"{np.nanmin(weights):g}. Use kind='line'."
            )
        return self.kind == "area" or (self.kind == "auto" and not negative)

    def _choose(
        self, weights: np.ndarray, equal: np.ndarray, bands: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """All objectives, or the largest and what the others are together."""
        names = [shown(name) for name in self.names]
        if len(names) <= MOST_COLOURS:
            self.labels_ = names
            return weights, equal
        order = np.argsort(-weights.mean(axis=0), kind="stable")
        largest, others = order[:_LARGEST], order[_LARGEST:]
        combine = np.sum if bands else np.mean
        words = "others" if bands else "others, mean"
        self.labels_ = [*(names[k] for k in largest), f"{len(others)} {words}"]
        return (
            np.column_stack([weights[:, largest], combine(weights[:, others], axis=1)]),
            np.column_stack([equal[:, largest], combine(equal[:, others], axis=1)]),
        )

    def _draw_bands(self, ax: Any, styles: list[dict], equal: np.ndarray) -> list:
        at, heights, edges = _drawn(self.weights_, equal.cumsum(axis=1)[:, :-1])
        areas = ax.stackplot(
            at,
            heights.T,
            colors=[style["color"] for style in styles],
            edgecolor=ax.get_facecolor(),
            linewidth=0.5,
        )
        for area, style in zip(areas, styles, strict=True):
            # Neither the lines' patterns nor their full strength: dots lie on them.
            area.set_alpha(style.get("alpha", 0.85))
            if style.get("linestyle", "-") != "-":
                area.set_hatch("//")
        self._draw_reference(ax, at, edges)
        ax.set_ylim(0, heights.sum(axis=1).max() or 1.0)
        self.areas_ = areas
        return areas[::-1]

    def _draw_lines(self, ax: Any, styles: list[dict], equal: np.ndarray) -> list:
        at, heights, level = _drawn(self.weights_, equal.max(axis=1, keepdims=True))
        self.lines_ = [
            ax.plot(at, column, linewidth=1.6, **style)[0]
            for column, style in zip(heights.T, styles, strict=True)
        ]
        self._draw_reference(ax, at, level if len(self.names) > 1 else level[:, :0])
        if (heights >= 0).all():
            ax.set_ylim(bottom=0)
        return self.lines_

    def _draw_reference(self, ax: Any, at: np.ndarray, levels: np.ndarray) -> None:
        from matplotlib.patheffects import withStroke

        # Seen on a band of any colour.
        halo = [withStroke(linewidth=2.5, foreground=ax.get_facecolor())]
        self.reference_ = [
            ax.plot(
                at,
                column,
                color=foreground(ax),
                linewidth=1.1,
                linestyle=(0, (1, 2)),
                path_effects=halo,
                zorder=4,
            )[0]
            for column in levels.T
        ]


def _equal(weights: np.ndarray, learns: np.ndarray) -> np.ndarray:
    """What those that learn would have if they shared a round's weights equally."""
    n_learning = np.maximum(learns.sum(axis=1, keepdims=True), 1)
    return learns * weights.sum(axis=1, keepdims=True) / n_learning


def _drawn(*values: np.ndarray) -> tuple[np.ndarray, ...]:
    """Places on the axis of rounds, and values there: a single round has width."""
    n_rounds = len(values[0])
    if n_rounds == 1:
        at = np.array(round_limits(1))
        return at, *(np.repeat(part, 2, axis=0) for part in values)
    return np.arange(1, n_rounds + 1), *values
