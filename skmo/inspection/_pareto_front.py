"""Pareto fronts as pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._pareto_draw import choose_kind, draw_front
from ._pareto_points import check_points, split_points
from ._pareto_search import read_search
from ._rounds import import_pyplot


class ParetoFrontDisplay:
    """Points none of which is better in one objective without loss in another.

    Two objectives have the border of what the front attains [1]_, a staircase: what
    lies on its worse side, some point is at least as good as. Three have a view in
    three dimensions beside those of every two; more have parallel coordinates [2]_,
    an axis each with the best value at the top. Points that miss a bound are hollow,
    or dashed lines.

    Make it with :meth:`from_estimator` or :meth:`from_scores`.

    Parameters
    ----------
    scores : array-like of shape (n_points, n_objectives)
        The front. The staircase leaves out points that others dominate.
    objective_names : sequence of str or None, default=None
        None counts them from 0.
    preferences : array-like of shape (n_points, n_objectives) or None, default=None
        Importance of each objective to each point, of any sum, for rays in the
        picture of two objectives; see Notes.
    dominated : array-like of shape (n_dominated, n_objectives) or None, default=None
        Scores of other points, drawn faint.
    std : array-like of shape (n_points, n_objectives) or None, default=None
        Standard deviations of the scores, half the length of error bars; NaN has
        none. Not drawn in three dimensions and parallel coordinates.
    selected : int or None, default=None
        Index of the point that is marked.
    bounds : array-like of shape (n_objectives,), dict or None, default=None
        Worst value allowed of each objective, NaN where there is none; or a dict by
        objectives' names or indices. Worse values are shaded.
    reference : float, array-like of shape (n_objectives,) or None, default=None
        The hypervolume's reference point. In two objectives what lies between it
        and the front is shaded, whose area is the hypervolume. Not drawn in parallel
        coordinates.
    ideal : float, array-like of shape (n_objectives,) or None, default=None
        Where rays start; at least as good as every score. None is the best score of
        each objective.
    greater_is_better : bool or sequence of bool, default=True
        Whether greater scores are better, of all objectives or of each.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The first of the axes.
    axes_ : ndarray of shape (n_axes,)
        All of them, but the legend's: of pairs row by row of the triangle, then of
        the view in three dimensions.
    figure_ : matplotlib Figure
    points_ : list of matplotlib PathCollection
        The front's points in each of the axes; none in parallel coordinates.
    line_ : matplotlib Line2D or None
        The staircase of two objectives.
    lines_ : list of matplotlib Line2D or None
        Parallel coordinates: one per point.
    rays_ : matplotlib LineCollection or None
        Of up to 25 preferences.
    region_ : matplotlib Polygon or None
        What the hypervolume measures.
    text_ : matplotlib Annotation or None
        Names the selected point of two objectives.
    legend_ : matplotlib Legend
        Of all fronts in these axes.

    Notes
    -----
    The ray of a preference :math:`p` has the points :math:`f` at which
    :math:`p_k (z_k - f_k)` is the same in all objectives :math:`k`, of the ideal
    point :math:`z`. Where it meets a front, the largest of these products is least:
    there aim weighted Tchebycheff methods and searches for exact Pareto optima [3]_.
    Without ``ideal`` the front's range is first scaled to 1 in each objective, as
    ``ParetoSearchCV`` does to choose by a preference. With it scores are taken as
    they are: of those that are 1 less the loss, as NDCG, ``ideal=1`` makes the gaps
    the losses. A weighted sum of losses has no such ray: its preference is a normal
    of the front, and its points may lie far from the rays.

    References
    ----------
    .. [1] V. Grunert da Fonseca, C. M. Fonseca, A. O. Hall, "Inferential performance
       assessment of stochastic optimisers and the attainment function", EMO 2001,
       https://doi.org/10.1007/3-540-44719-9_15
    .. [2] A. Inselberg, "The plane with parallel coordinates", The Visual Computer,
       1985.
    .. [3] D. Mahapatra, V. Rajan, "Multi-task learning with user preferences: gradient
       descent with controlled ascent in Pareto optimization", ICML 2020.
       Of [1]_ and this others' descriptions were at hand, of [2]_ the first page.

    Examples
    --------
    >>> from skmo.inspection import ParetoFrontDisplay
    >>> display = ParetoFrontDisplay(
    ...     [[0.2, 0.9], [0.6, 0.7], [0.8, 0.3]],
    ...     objective_names=["click", "purchase"],
    ...     selected=1,
    ...     reference=0.0,
    ... ).plot()
    >>> display.line_.get_xydata()[:4]
    array([[0. , 0.9],
           [0.2, 0.9],
           [0.2, 0.7],
           [0.6, 0.7]])

    Another front joins it:

    >>> other = ParetoFrontDisplay([[0.4, 0.5]]).plot(ax=display.ax_, label="linear")
    >>> [text.get_text() for text in other.legend_.get_texts()]
    ['Pareto front', 'reference', 'linear']
    """

    def __init__(
        self,
        scores: ArrayLike,
        *,
        objective_names: Sequence[str] | None = None,
        preferences: ArrayLike | None = None,
        dominated: ArrayLike | None = None,
        std: ArrayLike | None = None,
        selected: int | None = None,
        bounds: ArrayLike | Mapping[Any, float] | None = None,
        reference: ArrayLike | None = None,
        ideal: ArrayLike | None = None,
        greater_is_better: bool | Sequence[bool] = True,
    ):
        self.scores = scores
        self.objective_names = objective_names
        self.preferences = preferences
        self.dominated = dominated
        self.std = std
        self.selected = selected
        self.bounds = bounds
        self.reference = reference
        self.ideal = ideal
        self.greater_is_better = greater_is_better

    @classmethod
    def from_estimator(
        cls,
        search: Any,
        *,
        bounds: ArrayLike | Mapping[Any, float] | None = None,
        ideal: ArrayLike | None = None,
        kind: str = "auto",
        ax: Any = None,
        fig: Any = None,
        label: str | None = None,
    ) -> ParetoFrontDisplay:
        """Draw the front a search found, with its choice and what it dominates.

        Parameters
        ----------
        search : fitted ParetoSearchCV
        bounds, ideal
            As of the class. ``bounds=None`` takes those by which the point in use
            was chosen, if it was by bounds.
        kind, ax, fig, label
            As of :meth:`plot`.

        Returns
        -------
        ParetoFrontDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the search is not fitted.
        ValueError
            If the estimator has no front.
        """
        found = read_search(search, cls)
        if bounds is not None:
            found["bounds"] = bounds
        display = cls(**found, ideal=ideal)
        return display.plot(ax=ax, fig=fig, kind=kind, label=label)

    @classmethod
    def from_scores(
        cls,
        scores: ArrayLike,
        *,
        preferences: ArrayLike | None = None,
        std: ArrayLike | None = None,
        selected: int | None = None,
        greater_is_better: bool | Sequence[bool] = True,
        kind: str = "auto",
        ax: Any = None,
        fig: Any = None,
        label: str | None = None,
        **parameters: Any,
    ) -> ParetoFrontDisplay:
        """Draw any points: those that no other dominates are the front.

        Parameters
        ----------
        scores : array-like of shape (n_points, n_objectives)
            Rows with a value that is not finite are left out.
        preferences, std, selected, greater_is_better
            As of the class, of all points. Only one of the front may be selected.
        kind, ax, fig, label
            As of :meth:`plot`.
        **parameters
            Others of the class.

        Returns
        -------
        ParetoFrontDisplay

        Raises
        ------
        ValueError
            If no row is finite, or the selected point is not of the front.
        """
        rows = {"preferences": preferences, "std": std}
        found = split_points(scores, rows, selected, greater_is_better)
        display = cls(**found, greater_is_better=greater_is_better, **parameters)
        return display.plot(ax=ax, fig=fig, kind=kind, label=label)

    def plot(
        self,
        ax: Any = None,
        *,
        fig: Any = None,
        kind: str = "auto",
        label: str | None = None,
    ) -> ParetoFrontDisplay:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes or sequence of them, default=None
            Axes to draw on. A part of them becomes the legend's, and for several
            panels they are cut into these; a sequence has one for each panel. With
            another display's ``ax_`` or ``axes_`` this front joins it. None makes a
            figure.
        fig : matplotlib Figure or SubFigure, default=None
            Where to make axes instead.
        kind : {"auto", "curve", "scatter3d", "pairs", "parallel"}, default="auto"
            "auto" is "curve" for two objectives, "scatter3d" and "pairs" in one
            figure for three and "parallel" for more. "pairs" draws up to eight
            objectives.
        label : str or None, default=None
            The front's name in the legend; None is "Pareto front".

        Returns
        -------
        ParetoFrontDisplay
            This object, with the attributes above.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If shapes do not agree or a kind does not suit the number of objectives.
        """
        plt = import_pyplot(self)
        points = check_points(self)
        drawn = draw_front(plt, points, choose_kind(kind, points), ax, fig, label)
        self.points_, self.line_, self.lines_ = drawn.points, drawn.line, drawn.lines
        self.rays_, self.region_, self.text_ = drawn.rays, drawn.region, drawn.text
        self.legend_ = drawn.legend
        self.axes_ = np.array(drawn.axes, dtype=object)
        self.ax_ = drawn.axes[0]
        self.figure_ = self.ax_.figure
        return self
