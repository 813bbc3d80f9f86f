"""Losses over the rounds as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._rounds import (
    BEST,
    MOST_COLOURS,
    WORST,
    Legend,
    check_length,
    check_rounds,
    cut,
    dress,
    entry,
    foreground,
    import_pyplot,
    inches,
    line_styles,
    log_scale,
    read_history,
    shown,
    spans_scales,
    two_axes,
)

_KINDS = {"train_loss": "training loss", "val_loss": "validation loss"}


class ConvergenceDisplay:
    """Every objective's loss over the rounds, and the gap to Pareto stationarity.

    Each loss is divided by that of the first round, so that all lines start at 1
    whatever their units. A dot marks the last round an objective predicts with. Up
    to ten objectives have a colour each; of more, the one that fell most and the
    one that fell least stand out, with the median. A second panel has the gap: the
    nearer to 0, the less all objectives that still learn could gain at once. It
    may jump where one stops. Either axis is logarithmic where values differ by
    more than a factor of 20.

    Make it with :meth:`from_estimator`.

    Parameters
    ----------
    losses : array-like of shape (n_rounds, n_objectives)
        NaN where not measured.
    names : sequence of str
        The objectives' names.
    kind : str, default="train_loss"
        What the losses are, for the label: ``"train_loss"``, ``"val_loss"`` or
        words.
    n_iter : array-like of shape (n_objectives,) or None, default=None
        Rounds each objective predicts with, for the dots; 0 has none.
    gap : array-like of shape (n_rounds,) or None, default=None
        The Pareto-stationarity gap, which adds the second panel.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The losses' axes.
    gap_ax_ : matplotlib Axes or None
        The gap's.
    figure_ : matplotlib Figure
    lines_ : list of matplotlib Line2D
        One per objective: the relative losses.
    dots_ : matplotlib PathCollection or None
        One dot per objective.
    median_line_ : matplotlib Line2D or None
        With more than ten objectives.
    gap_line_ : matplotlib Line2D or None
    legend_ : matplotlib Legend

    Notes
    -----
    A loss that is below 0 in the first round has no share that could be read, so
    its change is divided by its size: a line below 1 is a loss that fell all the
    same. A loss that is 0 in the first round is 1 as long as it stays there. One
    that was not measured in the first round is divided by its first known value.

    Examples
    --------
    >>> from skmo.inspection import ConvergenceDisplay
    >>> display = ConvergenceDisplay(
    ...     losses=[[0.5, 8.0], [0.4, 6.0], [0.3, 7.0]],
    ...     names=["click", "watch_time"],
    ...     kind="val_loss",
    ...     n_iter=[3, 2],
    ...     gap=[0.3, 0.1, 0.02],
    ... ).plot()
    >>> display.lines_[1].get_ydata()
    array([1.   , 0.75 , 0.875])
    """

    def __init__(
        self,
        *,
        losses: ArrayLike,
        names: Sequence[str],
        kind: str = "train_loss",
        n_iter: ArrayLike | None = None,
        gap: ArrayLike | None = None,
    ):
        self.losses = losses
        self.names = names
        self.kind = kind
        self.n_iter = n_iter
        self.gap = gap

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, kind: str = "auto", gap: bool = True, ax: Any = None
    ) -> ConvergenceDisplay:
        """Draw a fitted estimator's losses.

        Parameters
        ----------
        estimator : fitted estimator of skmo
        kind : {"auto", "train_loss", "val_loss"}, default="auto"
            The losses of the training or of the validation rows. "auto": of the
            validation rows if ``fit`` had any.
        gap : bool, default=True
            Whether to draw the gap too.
        ax : matplotlib Axes or pair of them, default=None
            See :meth:`plot`.

        Returns
        -------
        ConvergenceDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If there was no round of boosting, no validation rows though their loss
            is asked for, or if the history has no gap.
        """
        if kind not in ("auto", *_KINDS):
            raise ValueError(
                f"kind must be 'auto', 'train_loss' or 'val_loss'; got {kind!r:.200}."
            )
        history = read_history(estimator, cls)
        if kind == "auto":
            kind = "val_loss" if "val_loss" in history else "train_loss"
        if kind == "val_loss" and kind not in history:
            raise ValueError(
                "The estimator's history_ has no 'val_loss': fit was given no "
                "validation rows (X_val, y_val). Use kind='train_loss'."
            )
        without = ", or draw the losses alone with gap=False"
        display = cls(
            losses=entry(history, kind),
            names=estimator.objective_names_,
            kind=kind,
            n_iter=estimator.n_iter_,
            gap=entry(history, "gap", without) if gap else None,
        )
        return display.plot(ax=ax)

    def plot(self, ax: Any = None) -> ConvergenceDisplay:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes or pair of them, default=None
            Axes to draw on. With a gap, the lower part of single axes becomes a
            panel of its own; of a pair the second is for the gap. None makes a
            figure.

        Returns
        -------
        ConvergenceDisplay
            This object, with the attributes above.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If shapes do not agree.
        """
        plt = import_pyplot(self)
        names = list(self.names)
        losses = check_rounds(self.losses, "losses", len(names), 2)
        last = self._last_rounds(len(losses), len(names))
        gap = None
        if self.gap is not None:
            gap = check_rounds(self.gap, "gap", len(names), 1)
            check_length("gap", gap, len(losses))
        if ax is None:
            size = (7.0, 3.8 if gap is None else 5.0)
            _, ax = plt.subplots(figsize=size, layout="constrained")
        ax, gap_ax = two_axes(ax, "the gap")
        if gap is None and gap_ax is not None:
            raise ValueError(
                "ax is a pair of axes, but there is no gap to draw on the second: pass "
                "single axes, or the gap."
            )
        relative = _relative(losses)
        draw = self._draw_few if len(names) <= MOST_COLOURS else self._draw_many
        handles, labels = draw(plt, ax, relative, last)
        legend = Legend(plt, ax, labels)
        below = gap is not None and gap_ax is None
        if below:
            gap_ax = cut(ax, "bottom", 0.27 * inches(ax)[1], gap=0.12)
            gap_ax.sharex(ax)
        self._dress(ax, relative, label=not below)
        self.gap_line_ = None
        if gap is not None:
            self._draw_gap(gap_ax, gap, ax)
        self.legend_ = legend.draw(ax, gap_ax if below else ax, handles)
        self.ax_, self.gap_ax_, self.figure_ = ax, gap_ax, ax.figure
        return self

    def _last_rounds(self, n_rounds: int, n_objectives: int) -> np.ndarray | None:
        """Number of the last round each objective predicts with."""
        if self.n_iter is None:
            return None
        last = np.asarray(self.n_iter)
        if last.shape != (n_objectives,):
            raise ValueError(
                "n_iter must have the shape (n_objectives,) and there are "
                f"{n_objectives} names; got the shape {last.shape}."
            )
        return np.minimum(last.astype(np.int64), n_rounds)

    def _draw_few(
        self, plt: Any, ax: Any, relative: np.ndarray, last: np.ndarray | None
    ) -> tuple[list, list[str]]:
        """A colour per objective."""
        styles = line_styles(plt, relative.shape[1])
        self.lines_ = _lines(ax, relative, [{"linewidth": 1.6, **s} for s in styles])
        self._draw_dots(ax, relative, last, [s["color"] for s in styles], 30)
        self.median_line_ = None
        return self.lines_, [
            shown(name) + ("" if np.isfinite(column).any() else " (no loss)")
            for name, column in zip(self.names, relative.T, strict=True)
        ]

    def _draw_many(
        self, plt: Any, ax: Any, relative: np.ndarray, last: np.ndarray | None
    ) -> tuple[list, list[str]]:
        """The best, the worst and the median before a crowd."""
        n_rounds, n_objectives = relative.shape
        ink = foreground(ax)
        final = relative[-1]
        if last is not None:
            final = relative[np.maximum(last, 1) - 1, np.arange(n_objectives)]
        colours = [ink] * n_objectives
        crowd = {"color": ink, "linewidth": 0.7, "alpha": 0.3, "zorder": 2}
        styles = [crowd] * n_objectives
        ends = {}
        if np.isfinite(final).any():
            ends = {
                "best": (int(np.nanargmin(final)), BEST),
                "worst": (int(np.nanargmax(final)), WORST),
            }
        for k, colour in ends.values():
            colours[k] = colour
            styles[k] = {"color": colour, "linewidth": 2.0, "zorder": 4}
        self.lines_ = _lines(ax, relative, styles)
        sizes = np.full(n_objectives, 9.0)
        sizes[[k for k, _ in ends.values()]] = 36
        self._draw_dots(ax, relative, last, colours, sizes)
        (self.median_line_,) = ax.plot(
            np.arange(1, n_rounds + 1),
            _median(relative),
            color=ink,
            linewidth=1.8,
            linestyle=(0, (4, 2)),
            zorder=3,
        )
        handles = [self.lines_[k] for k, _ in ends.values()]
        labels = [f"{end}: {shown(self.names[k])}" for end, (k, _) in ends.items()]
        chosen = {k for k, _ in ends.values()}
        other = next(k for k in range(n_objectives) if k not in chosen)
        n_others = n_objectives - len(chosen)
        handles += [self.median_line_, self.lines_[other]]
        return handles, [*labels, f"median of {n_objectives}", f"{n_others} others"]

    def _draw_dots(
        self,
        ax: Any,
        relative: np.ndarray,
        last: np.ndarray | None,
        colours: list,
        size: ArrayLike,
    ) -> None:
        self.dots_ = None
        if last is None:
            return
        at = relative[np.maximum(last, 1) - 1, np.arange(len(last))]
        self.dots_ = ax.scatter(
            last,
            np.where(last > 0, at, np.nan),
            s=size,
            c=colours,
            zorder=5,
            clip_on=False,
        )

    def _dress(self, ax: Any, relative: np.ndarray, *, label: bool) -> None:
        ax.axhline(1, color=foreground(ax), linewidth=0.7, alpha=0.4, zorder=1)
        if spans_scales(relative):
            log_scale(ax)
        dress(ax, len(relative), label=label)
        ax.set_ylabel(f"{_KINDS.get(self.kind, self.kind)} (first = 1)")

    def _draw_gap(self, ax: Any, gap: np.ndarray, above: Any) -> None:
        at = np.arange(1, len(gap) + 1)
        (self.gap_line_,) = ax.plot(
            at,
            gap,
            color=foreground(above),
            linewidth=1.2,
            marker="." if len(gap) == 1 else "",
        )
        if spans_scales(gap[gap > 0]):
            log_scale(ax)
        else:
            ax.set_ylim(bottom=0)
        dress(ax, len(gap))
        ax.set_ylabel("gap")


def _lines(ax: Any, values: np.ndarray, styles: list[dict[str, Any]]) -> list:
    at = np.arange(1, len(values) + 1)
    marker = "." if len(values) == 1 else ""
    return [
        ax.plot(at, column, marker=marker, **style)[0]
        for column, style in zip(values.T, styles, strict=True)
    ]


def _relative(losses: np.ndarray) -> np.ndarray:
    """Losses over those of the first round."""
    known = np.isfinite(losses)
    first = losses[known.argmax(axis=0), np.arange(losses.shape[1])]
    change = losses - first
    relative = np.where(change == 0, 1.0, np.nan)
    np.divide(change, np.abs(first), out=change, where=first != 0)
    relative[:, first != 0] = 1.0 + change[:, first != 0]
    relative[~known] = np.nan
    return relative


def _median(values: np.ndarray) -> np.ndarray:
    """Median of each row's known values; NaN where there are none."""
    known = np.isfinite(values).any(axis=1)
    median = np.full(len(values), np.nan)
    median[known] = np.nanmedian(values[known], axis=1)
    return median
