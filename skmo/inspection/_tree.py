"""One tree with a leaf value per objective as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Integral
from typing import Any

from sklearn.utils.validation import check_is_fitted

from ._rounds import foreground, import_pyplot, inches, shown
from ._tree_draw import (
    TreeRoom,
    draw_bars,
    draw_branches,
    draw_counts,
    figure_size,
    wrap,
)
from ._tree_layout import Node, check_nodes, is_none, read_tree

_VALUE = "value_"
_MOST = 8  # columns of bars, unless more are asked for


class TreeDisplay:
    """A tree, with the value its leaves have for each objective.

    The tree grows from left to right, each branch with its condition; a thick one is
    taken by many rows. ∅ marks the branch of missing values, where the feature had
    any in training. On the right a row per leaf: its index in ``apply``, how many
    training rows it has, and a bar per objective for what it adds to the score, to
    the right of the line if it raises it. Each objective's bars have a scale of
    their own, whose end stands below its name. Below ``max_depth`` leaves are drawn
    together, in pale: the mean of their values by rows.

    Make it with :meth:`from_estimator`.

    Parameters
    ----------
    nodes : mapping of str to sequence, or DataFrame
        The rows of one tree of ``to_dataframe``.
    names : sequence of str, default=None
        The columns of values to draw, without ``value_``. None draws those the tree
        has values for, the first eight of them; the title says how many more there
        are.
    labels : sequence of str, default=None
        What to call them. None takes ``names``.
    max_depth : int, default=4
        Splits in a row that are drawn; None draws all.
    title : str, default=""

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    names_ : list of str
        The columns of values drawn.
    omitted_ : list of str
        Those left out, as there are too many or the tree has no value for them.
    texts_ : list of matplotlib Text
        What the branches say.
    bars_ : list of matplotlib BarContainer
        One per column of ``names_``.

    Examples
    --------
    >>> from sklearn.datasets import make_regression
    >>> from skmo import MultiObjectiveRegressor
    >>> from skmo.inspection import TreeDisplay
    >>> X, Y = make_regression(n_samples=200, n_targets=3, random_state=0)
    >>> est = MultiObjectiveRegressor(n_estimators=5, heads="none", random_state=0)
    >>> display = TreeDisplay.from_estimator(est.fit(X, Y), tree_index=2)
    >>> display.names_
    ['target0', 'target1', 'target2']
    """

    def __init__(
        self,
        *,
        nodes: Mapping[str, Sequence],
        names: Sequence[str] | None = None,
        labels: Sequence[str] | None = None,
        max_depth: int | None = 4,
        title: str = "",
    ):
        self.nodes = nodes
        self.names = names
        self.labels = labels
        self.max_depth = max_depth
        self.title = title

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        tree_index: int = 0,
        *,
        objectives: Sequence[str | int] | None = None,
        feature_names: Sequence[str] | None = None,
        labels: Sequence[str] | None = None,
        max_depth: int | None = 4,
        ax: Any = None,
    ) -> TreeDisplay:
        """Draw a tree of a fitted estimator.

        Parameters
        ----------
        estimator : fitted estimator of skmo
        tree_index : int, default=0
            As in ``to_dataframe``: the shared trees, then the objectives' own ones.
        objectives : sequence of str or int, default=None
            Names or indices of those to draw. None draws up to eight.
        feature_names : sequence of str of length n_features, default=None
            What to call the features. None takes the columns' names.
        labels : sequence of str, default=None
            What to call the columns of values that are drawn, in their order.
        max_depth : int, default=4
            Splits in a row that are drawn; None draws all.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure as large as the tree needs.

        Returns
        -------
        TreeDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If there is no such tree or objective, or too few or many names.
        """
        check_is_fitted(estimator)
        if not hasattr(estimator, "_tree_reader"):
            raise ValueError(
                f"{cls.__name__} draws trees of skmo's estimators, and "
                f"{type(estimator).__name__} is none. In a pipeline it is the last "
                "step, pipeline[-1]."
            )
        if not isinstance(tree_index, Integral) or isinstance(tree_index, bool):
            raise ValueError(
                "The 'tree_index' parameter must be an int. Got "
                f"{tree_index!r:.200} instead."
            )
        reader = estimator._tree_reader()
        if feature_names is not None:
            if len(feature_names) != estimator.n_features_in_:
                raise ValueError(
                    "The 'feature_names' parameter must have a name for each of the "
                    f"{estimator.n_features_in_} features. Got "
                    f"{len(feature_names)} instead."
                )
            reader = replace(reader, feature_names=list(feature_names))
        nodes = reader.one(int(tree_index))
        names = None
        if objectives is not None:
            names = _columns_of(estimator, reader.score_names, objectives)
        head, n_shared = nodes["head"][0], reader.result.forest.n_trees
        title = f"shared tree {tree_index} of {n_shared}"
        if head is not None:
            title = f"tree {tree_index}, of {shown(head)} alone"
        display = cls(
            nodes=nodes, names=names, labels=labels, max_depth=max_depth, title=title
        )
        return display.plot(ax=ax)

    def plot(self, ax: Any = None) -> TreeDisplay:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure as large as the tree needs.

        Returns
        -------
        TreeDisplay
            This object, with the attributes above.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If ``nodes`` are not those of one tree, or ``names`` not among them.
        """
        plt = import_pyplot(self)
        columns = check_nodes(self.nodes)
        depth = self.max_depth
        if depth is not None and (
            not isinstance(depth, Integral) or isinstance(depth, bool) or depth < 1
        ):
            raise ValueError(
                "The 'max_depth' parameter must be an int from 1, or None. Got "
                f"{depth!r:.200} instead."
            )
        root = read_tree(columns, depth)
        self.names_, self.omitted_ = self._choose(columns)
        labels = self._labels()
        nodes = root.walk()
        ends = [node for node in nodes if not node.children]
        shape = len(ends), max(node.depth for node in nodes), len(self.names_)
        if ax is None:
            # Nothing of it is outside of the axes: a layout has nothing to do.
            size, edge = figure_size(*shape), 0.05
            width, height = (side + 2 * edge for side in size)
            figure = plt.figure(figsize=(width, height))
            place = edge / width, edge / height, size[0] / width, size[1] / height
            ax = figure.add_axes(place)
        room = TreeRoom.within(inches(ax), *shape)
        ax.set_axis_off()
        ax.set_xlim(0, room.width)
        ax.set_ylim(len(ends) - 0.5, -0.5 - room.head)
        self.texts_ = draw_branches(ax, nodes, columns, room)
        draw_counts(ax, ends, columns, room)
        colours = plt.rcParams["axes.prop_cycle"].by_key().get("color", ["C0"])
        pair = colours[0], colours[1 % len(colours)]
        self.bars_ = [
            draw_bars(ax, ends, label, columns[_VALUE + name], place, room, pair)
            for place, (name, label) in enumerate(zip(self.names_, labels, strict=True))
        ]
        self._write_title(ax, root, ends, room)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _labels(self) -> list[str]:
        labels = self.names_ if self.labels is None else list(self.labels)
        if len(labels) != len(self.names_):
            raise ValueError(
                "The 'labels' parameter must have one entry for each of the columns "
                f"{self.names_}. Got {labels!r:.200} instead."
            )
        return [str(label) for label in labels]

    def _choose(self, columns: Mapping[str, list]) -> tuple[list[str], list[str]]:
        """The columns of values to draw, and those left out."""
        known = [n[len(_VALUE) :] for n in columns if n.startswith(_VALUE)]
        if self.names is not None:
            unknown = [name for name in self.names if name not in known]
            if unknown or not len(self.names):
                raise ValueError(
                    f"The 'names' parameter must have at least one of {known}, and no "
                    f"others. Got {list(self.names)!r:.200} instead."
                )
            chosen = list(self.names)
        else:
            has = [n for n in known if not all(map(is_none, columns[_VALUE + n]))]
            chosen = has[:_MOST]
        return chosen, [name for name in known if name not in chosen]

    def _write_title(
        self, ax: Any, root: Node, ends: Sequence[Node], room: TreeRoom
    ) -> None:
        """What the tree is, and what of it is not seen."""
        plural = "leaf" if root.n_leaves == 1 else "leaves"
        words = [f"{root.n_leaves} {plural}"]
        if self.title:
            words.insert(0, self.title)
        if len(ends) < root.n_leaves:
            words.append(f"drawn to depth {self.max_depth}, means below (pale)")
        if self.omitted_:
            n_all = len(self.names_) + len(self.omitted_)
            words.append(f"{len(self.names_)} of {n_all} columns of values")
        ax.text(
            0,
            -0.5 - room.head,
            wrap("; ".join(words), room.letters(room.width)),
            va="top",
            ha="left",
            fontsize=room.size,
            color=foreground(ax),
            linespacing=1.25,
        )


def _columns_of(
    estimator: Any, names: Sequence[str], objectives: Sequence[str | int]
) -> list[str]:
    """The columns of values of these objectives."""
    if isinstance(objectives, str | Integral):
        objectives = [objectives]
    found = []
    for objective in objectives:
        k = estimator._objective_index(objective)
        found += names[estimator._result.coder.scores[k]]
    return list(dict.fromkeys(found))
