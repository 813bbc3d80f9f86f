"""How much objectives pull apart, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..boosting import MAX_OBJECTIVES
from ._pair_conflict import PairMap, has_shares
from ._rounds import (
    check_length,
    check_rounds,
    check_window,
    entry,
    import_pyplot,
    read_history,
)
from ._stage_conflict import StagePanels, check_report


class ConflictDisplay:
    """Which objectives' gradients pull apart, and in how many rounds.

    The heat map has the cosine between every two objectives' gradients, averaged
    over rounds: blue where one step serves both, red where it serves one at the
    other's cost, white where they do not meet. Up to eight objectives have the
    values written in. A second panel has the share of the pairs that conflict
    (cosine below 0) round by round, where there are pairs whose cosine has a sign:
    an objective with several scores, as of several classes, has but a likeness to
    others, from 0 to 1.

    Of a funnel, :class:`~skmo.EntireSpaceClassifier`, it is another picture: what
    the entire-space losses of later stages do to the score of each stage but the
    last before ``conflict`` resolves it, or would do, as they are measured whatever
    ``loss`` is. Three panels have a line per stage, round by round:

    - the share of the rows on which they pull against the stage's own loss, of
      those on which both pull,
    - how hard they pull on those in conflict; the stage's own loss is the thin line
      at 1, and the axis is logarithmic where values differ from it or one another
      by more than a factor of 20,
    - on what share of those in conflict they outweigh the own loss, so that the sum
      of both moves the score the wrong way.

    Make it with :meth:`from_estimator`.

    Parameters
    ----------
    cosines : array-like of shape (n_rounds, n_objectives, n_objectives), default=None
        Cosines between the objectives' gradients, for the heat map; NaN where an
        objective had stopped.
    names : sequence of str
        The objectives' names, or the stages' in order, two at least.
    conflict : array-like of shape (n_rounds,) or None, default=None
        Share of the pairs with a cosine below 0, which adds the second panel,
        unless it is NaN throughout. NaN where no two objectives with a score each
        were learning, which leaves a gap in the line.
    rounds : slice, range, sequence of int or None, default=None
        The rounds to average the cosines over, counted from 0: ``slice(0, 50)``
        for the first 50, ``slice(-50, None)`` for the last. None means all. The
        second panel has them shaded. Of a report, which is not averaged, they are
        the rounds to draw.
    smooth : int or "auto", default="auto"
        Rounds in the moving averages that are drawn as lines; 1 draws values as
        they are. "auto": a twentieth of all rounds, of a report those drawn.
    report : dict of array-like of shape (n_rounds, n_stages - 1), default=None
        Instead of ``cosines``: a funnel's conflict, with the entries ``"share"``,
        ``"size_ratio"`` and ``"reversed"`` as in its ``conflict_report_``, a column
        for each stage but the last. NaN, as where no row is in conflict, leaves a
        gap. Others are not drawn: ``"mean_cosine"``, of cosines that are 1 or -1,
        is 1 less twice the share.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The heat map's axes, or the first of a report's.
    figure_ : matplotlib Figure
    conflict_ax_ : matplotlib Axes or None
        Those of the shares. Without any share they are None, or if they are the
        user's say so.
    mean_cosines_ : ndarray of shape (n_objectives, n_objectives) or None
        NaN for two that were at no time learning together. None, like the next
        four, with a report.
    image_ : matplotlib AxesImage or None
    text_ : ndarray of shape (n_objectives, n_objectives) or None
        The texts in the cells; None if they are not written.
    line_ : matplotlib Line2D or None
        The averaged shares.
    colorbar_ : matplotlib Colorbar or None
    axes_ : ndarray of shape (3,) or None
        A report's axes. None, like the next two, with cosines.
    lines_ : dict of list of matplotlib Line2D or None
        A report's averaged values by their keys, a line for each stage but the last.
    legend_ : matplotlib Legend or None
        The stages. With two stages, a title has them instead.

    Examples
    --------
    >>> from skmo.inspection import ConflictDisplay
    >>> together, apart = [[1.0, 0.8], [0.8, 1.0]], [[1.0, -0.6], [-0.6, 1.0]]
    >>> display = ConflictDisplay(
    ...     cosines=[together, apart],
    ...     names=["click", "watch_time"],
    ...     conflict=[0.0, 1.0],
    ... ).plot()
    >>> display.mean_cosines_.round(3)
    array([[1. , 0.1],
           [0.1, 1. ]])

    A funnel of two stages, trained for two rounds:

    >>> display = ConflictDisplay(
    ...     report={
    ...         "share": [[0.2], [0.3]],
    ...         "size_ratio": [[0.4], [0.8]],
    ...         "reversed": [[0.0], [0.1]],
    ...     },
    ...     names=["click", "conversion"],
    ... ).plot()
    >>> display.lines_["size_ratio"][0].get_ydata()
    array([0.4, 0.8])
    """

    # None in one of the two pictures.
    mean_cosines_: np.ndarray | None
    text_: np.ndarray | None
    axes_: np.ndarray | None
    lines_: dict[str, list] | None

    def __init__(
        self,
        *,
        cosines: ArrayLike | None = None,
        names: Sequence[str],
        conflict: ArrayLike | None = None,
        rounds: slice | range | Sequence[int] | None = None,
        smooth: int | str = "auto",
        report: Mapping[str, ArrayLike] | None = None,
    ):
        self.cosines = cosines
        self.names = names
        self.conflict = conflict
        self.rounds = rounds
        self.smooth = smooth
        self.report = report

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        rounds: slice | range | Sequence[int] | None = None,
        smooth: int | str = "auto",
        ax: Any = None,
    ) -> ConflictDisplay:
        """Draw a fitted estimator's conflicts.

        Parameters
        ----------
        estimator : fitted estimator of skmo
            Of 2 to 64 objectives, or a funnel, whose ``conflict_report_`` is drawn.
        rounds : slice, range, sequence of int or None, default=None
            The rounds to average the cosines over, or of a funnel to draw, counted
            from 0; None means all.
        smooth : int or "auto", default="auto"
            Rounds in the moving averages that are drawn as lines.
        ax : matplotlib Axes, two or of a funnel three of them, default=None
            See :meth:`plot`.

        Returns
        -------
        ConflictDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If there was no round of boosting, a single objective, or more than 64.
        """
        history = read_history(estimator, cls)
        names = estimator.objective_names_
        _check_pairs(names)
        report = getattr(estimator, "conflict_report_", None)
        if report is not None:
            display = cls(report=report, names=names, rounds=rounds, smooth=smooth)
            return display.plot(ax=ax)
        if "cosines" not in history and len(names) > MAX_OBJECTIVES:
            raise ValueError(
                "The estimator's history_ has no 'cosines': they are kept for up to "
                f"{MAX_OBJECTIVES} objectives, as their number grows with the square "
                f"of the objectives', and there are {len(names)}. Fit an estimator to "
                "some of the columns of y, or see ConvergenceDisplay and "
                "WeightsDisplay, which draw any number."
            )
        display = cls(
            cosines=entry(history, "cosines"),
            names=names,
            conflict=entry(history, "conflict"),
            rounds=rounds,
            smooth=smooth,
        )
        return display.plot(ax=ax)

    def plot(self, ax: Any = None) -> ConflictDisplay:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, two or of a report three of them, default=None
            Axes to draw on. With shares, a part of single axes becomes a panel of
            its own: below, or on the right if they are wide. Of a pair the second
            is for the shares, or says that no pair has a sign. A report's three
            panels share single axes likewise. None makes a figure.

        Returns
        -------
        ConflictDisplay
            This object, with the attributes above.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If shapes do not agree, there is a single objective, no round is
            chosen, or there are both cosines and a report, or neither.
        """
        plt = import_pyplot(self)
        names = list(self.names)
        _check_pairs(names)
        self._check_kind()
        if self.report is not None:
            self._plot_stages(plt, ax, names, self.report)
        elif self.cosines is not None:
            self._plot_pairs(plt, ax, names, self.cosines)
        self.figure_ = self.ax_.figure
        return self

    def _check_kind(self) -> None:
        if (self.cosines is None) == (self.report is None):
            raise ValueError(
                "ConflictDisplay draws either cosines or a report: pass one of them; "
                f"got {'neither' if self.report is None else 'both'}."
            )
        if self.report is not None and self.conflict is not None:
            raise ValueError(
                "conflict, the share of pairs, goes with cosines; a report has the "
                "share of rows as report['share']. Leave out conflict."
            )

    def _plot_stages(
        self, plt: Any, ax: Any, names: list, report: Mapping[str, ArrayLike]
    ) -> None:
        found = check_report(report, len(names))
        chosen = np.unique(self._chosen(len(found["share"])))
        window = check_window(self.smooth, len(chosen))
        if ax is None:
            _, ax = plt.subplots(figsize=(7.0, 5.6), layout="constrained")
        panels = StagePanels(plt, ax, found, names, chosen, window)
        self.axes_, self.lines_ = panels.axes, panels.lines
        self.legend_ = panels.legend
        self.ax_ = self.axes_[0]
        self.conflict_ax_ = self.mean_cosines_ = self.image_ = None
        self.text_ = self.line_ = self.colorbar_ = None

    def _plot_pairs(self, plt: Any, ax: Any, names: list, cosines: ArrayLike) -> None:
        cosines = check_rounds(cosines, "cosines", len(names), 3)
        n_rounds = len(cosines)
        window = check_window(self.smooth, n_rounds)
        chosen = self._chosen(n_rounds)
        conflict = None
        if self.conflict is not None:
            conflict = check_rounds(self.conflict, "conflict", len(names), 1)
            check_length("conflict", conflict, n_rounds)
        if ax is None:
            shares = conflict is not None and has_shares(conflict)
            size = (6.4, 7.0 if shares else 5.4)
            _, ax = plt.subplots(figsize=size, layout="constrained")
        pairs = PairMap(plt, ax, cosines, conflict, names, chosen, window)
        self.ax_, self.conflict_ax_ = pairs.ax, pairs.beside
        self.mean_cosines_, self.text_ = pairs.mean_cosines, pairs.text
        self.image_, self.line_, self.colorbar_ = (
            pairs.image,
            pairs.line,
            pairs.colorbar,
        )
        self.axes_ = self.lines_ = self.legend_ = None

    def _chosen(self, n_rounds: int) -> np.ndarray:
        """Indices of the rounds to average over."""
        every = np.arange(n_rounds)
        if self.rounds is None:
            return every
        index: Any = self.rounds
        try:
            if not isinstance(index, slice):
                index = np.asarray(index)
                index = index if index.size else slice(0)
            chosen = np.atleast_1d(every[index])
        except (IndexError, TypeError) as error:
            raise ValueError(
                f"rounds must be a slice or whole numbers from 0 below the "
                f"{n_rounds} rounds there are; got {self.rounds!r:.200}."
            ) from error
        if not chosen.size:
            raise ValueError(
                f"rounds must choose at least one of the {n_rounds} rounds; got "
                f"{self.rounds!r:.200}."
            )
        return chosen


def _check_pairs(names: Sequence[str]) -> None:
    if len(names) < 2:
        raise ValueError(
            "ConflictDisplay needs at least two objectives, as a single one has "
            f"nothing to be in conflict with; got the names {list(names)}."
        )
