"""The pictures of the balancers' pages: descent on two losses of one shared point.

Drawn while the documentation is built, by ``draw(name)``. Weights come from
``Balancer.weights``, the public interface, and from nothing else.

Most methods walk on two *bowls*, quadratics in the plane

    l_k(x) = (x - a_k)' diag(c_k) (x - a_k) / 2

with the lowest points a_1 = (-1, -0.6) and a_2 = (1, 0.6) and the curvatures
c_1 = (1, 3) and c_2 = (5, 2): the second loss has the longer gradients on most of the
plane, and between the lowest points the two oppose each other. Methods that aim at a
proportion of the losses walk on two *hollows*, l_k(x) = 1 - exp(-|x - a_k|^2) with
a_1 = (1, 1) / sqrt(2) and a_2 = -a_1 (Fonseca and Fleming), whose front is concave but
for its ends: no fixed weights lead to its middle.

A step is along the gradients' weighted sum, with the weights over the sum of their
sizes, so that all methods walk at a like pace. A walk ends where a step is too short
to be seen: beyond that, the rounding of a nearly singular Gramian decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D

from skmo.balancing import (
    MGDA,
    AugmentedLagrangian,
    Balancer,
    Equal,
    Fixed,
    LabelAggregation,
    get_balancer,
)

# Okabe and Ito's colours, which the colour-blind tell apart.
COLOURS = ("#0072B2", "#D55E00", "#009E73")
GREY, INK = "#9a9a9a", "#303030"
PARETO = {"color": INK, "lw": 4, "alpha": 0.25, "solid_capstyle": "round"}


@dataclass(frozen=True)
class Problem:
    """Two losses of a point in the plane.

    Attributes
    ----------
    losses : callable
        From points (..., 2) to losses (..., 2).
    gradients : callable
        From one point to the gradients, one a row.
    pareto : ndarray of shape (n_points, 2)
        The Pareto set.
    box : tuple of float
        What is drawn of the plane: left, right, bottom, top.
    limits : tuple of float
        Up to where the losses are drawn.
    levels : tuple of tuple of float
        Of the contours of either loss.
    starts : tuple of tuple of float
    step : float
    """

    losses: Callable
    gradients: Callable
    pareto: np.ndarray
    box: tuple
    limits: tuple
    levels: tuple
    starts: tuple
    step: float


LOWEST = np.array([[-1.0, -0.6], [1.0, 0.6]])
CURVATURE = np.array([[1.0, 3.0], [5.0, 2.0]])
# Where the gradients of a mean of the losses cancel, for all means.
_share = np.linspace(0, 1, 100)[:, None] ** 2
_pulls = np.stack([1 - _share, _share], axis=1) * CURVATURE
BOWLS = Problem(
    losses=lambda x: (CURVATURE * (x[..., None, :] - LOWEST) ** 2).sum(axis=-1) / 2,
    gradients=lambda x: CURVATURE * (x - LOWEST),
    pareto=(_pulls * LOWEST).sum(axis=1) / _pulls.sum(axis=1),
    box=(-2.2, 2.2, -2.0, 1.9),
    limits=(9.6, 20.0),
    levels=((0.25, 1.5, 4, 8), (0.5, 3, 8, 16)),
    starts=((-1.6, 1.4), (1.7, 1.2), (-0.9, -1.7)),
    step=0.07,
)

CENTRES = np.array([[1.0, 1.0], [-1.0, -1.0]]) / np.sqrt(2)


def _hollow_gradients(x: np.ndarray) -> np.ndarray:
    apart = x - CENTRES
    return 2 * apart * np.exp(-(apart**2).sum(axis=1))[:, None]


HOLLOWS = Problem(
    losses=lambda x: 1 - np.exp(-((x[..., None, :] - CENTRES) ** 2).sum(axis=-1)),
    gradients=_hollow_gradients,
    pareto=np.linspace(CENTRES[0], CENTRES[1], 100),
    box=(-1.5, 1.5, -1.5, 1.5),
    limits=(1.05, 1.05),
    levels=((0.2, 0.5, 0.85),) * 2,
    starts=((-0.7, 1.0),),
    step=0.08,
)
N_STEPS = 110
SHORTEST = 1e-4


@dataclass(frozen=True)
class Run:
    """A balancer, what is passed to it, and how its paths are called and drawn.

    With one run in a picture, colours are of the starts; with several, of the runs,
    and all have the first start. ``grey`` ones are there to compare.
    """

    label: str
    balancer: Balancer
    preference: tuple | None = None
    bounds: tuple | None = None
    grey: bool = False


@dataclass(frozen=True)
class Picture:
    runs: tuple[Run, ...]
    problem: Problem = BOWLS
    # Standard deviation of what is added to every gradient.
    noise: float = 0.0
    n_starts: int = 3


EQUAL = Run("equal weights", Equal(), grey=True)
ODDS = ((9, 1), (1, 1), (1, 9))
PROPORTIONS = ((3, 1), (1, 1), (1, 3))


def _beside_equal(name: str, **params) -> Picture:
    text = ", ".join(f"{key}={value}" for key, value in params.items())
    label = f"{name} ({text})" if text else name
    return Picture((EQUAL, Run(label, get_balancer(name).set_params(**params))))


def _beside_mgda(name: str) -> Picture:
    runs = Run("mgda", MGDA(), grey=True), Run(name, get_balancer(name))
    return Picture(runs, noise=1.5, n_starts=1)


def _to_proportions(name: str, **params) -> Picture:
    balancer = get_balancer(name).set_params(**params)
    return Picture(
        tuple(Run("equal weights", Equal(), p, grey=True) for p in PROPORTIONS)
        + tuple(Run(f"preference {p[0]} : {p[1]}", balancer, p) for p in PROPORTIONS),
        HOLLOWS,
    )


PICTURES: dict[str, Picture] = {
    "equal": Picture(
        tuple(Run(f"preference {a} : {b}", Equal(), (a, b)) for a, b in ODDS)
    ),
    "fixed": Picture(
        tuple(Run(f"values=[{a}, {b}]", Fixed(values=[a, b])) for a, b in ODDS)
    ),
    "random_loss": replace(_beside_equal("random_loss"), n_starts=2),
    "grad_normalised": _beside_equal("grad_normalised"),
    "mgda": _beside_equal("mgda"),
    "cr_mogm": _beside_mgda("cr_mogm"),
    "regularised_min_norm": _beside_equal("regularised_min_norm"),
    "sdmgrad": _beside_equal("sdmgrad"),
    "modo": _beside_mgda("modo"),
    "pcgrad": _beside_equal("pcgrad"),
    "gradvac": _beside_equal("gradvac", beta=0.1),
    "dualproj": _beside_equal("dualproj"),
    "upgrad": _beside_equal("upgrad"),
    "cagrad": _beside_equal("cagrad"),
    "imtl_g": _beside_equal("imtl_g"),
    "nash_mtl": _beside_equal("nash_mtl"),
    "fairgrad": _beside_equal("fairgrad", alpha=4.0),
    "aligned_mtl": _beside_equal("aligned_mtl"),
    "uncertainty_weighting": _beside_equal("uncertainty_weighting"),
    "dwa": _beside_equal("dwa"),
    "famo": _beside_equal("famo"),
    "excess_mtl": _beside_equal("excess_mtl"),
    "gls": _beside_equal("gls"),
    "tchebycheff": _to_proportions("tchebycheff"),
    "smooth_tchebycheff": _to_proportions("smooth_tchebycheff", mu=0.02),
    "epo": _to_proportions("epo"),
    "wc_mgda": _to_proportions("wc_mgda"),
    "augmented_lagrangian": Picture(
        tuple(
            Run(f"loss 2 at most {b}", AugmentedLagrangian(0.2), bounds=(np.inf, b))
            for b in (2, 6, 12)
        )
    ),
}


def walk(
    run: Run, problem: Problem, start: tuple, noise: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """The points of a descent, and the first objective's share of the weights."""
    balancer = get_balancer(run.balancer)
    balancer.seed(0)
    passed = {"preference": run.preference, "bounds": run.bounds}
    passed = {key: value for key, value in passed.items() if value is not None}
    draws = noise * np.random.default_rng(0).normal(size=(N_STEPS, 2, 2))
    x = np.array(start)
    path, shares = [x], []
    for draw in draws:
        gradients = problem.gradients(x) + draw
        w = balancer.weights(gradients @ gradients.T, problem.losses(x), **passed)
        w = w / np.abs(w).sum()
        step = problem.step * w @ gradients
        x = x - step
        path.append(x)
        shares.append(w[0])
        if np.linalg.norm(step) < SHORTEST:
            break
    return np.array(path), np.array(shares)


def draw(name: str) -> None:
    """Draw one balancer's paths: in the plane, as losses, and their weights."""
    picture = PICTURES[name]
    problem = picture.problem
    _style()
    fig, axes = plt.subplots(1, 3, figsize=(8.0, 3.0))
    fig.subplots_adjust(left=0.01, right=0.98, bottom=0.25, top=0.91, wspace=0.2)
    plane, front, weights = axes
    _draw_ground(plane, front, problem)
    lowest, ends = 0.0, {plane: [], front: []}
    coloured = [run for run in picture.runs if not run.grey]
    starts = problem.starts[: picture.n_starts if len(coloured) == 1 else 1]
    for run in picture.runs:
        for k, start in enumerate(starts):
            colour = GREY if run.grey else COLOURS[k]
            if len(coloured) > 1 and not run.grey:
                colour = COLOURS[coloured.index(run)]
            path, shares = walk(run, problem, start, picture.noise)
            losses = problem.losses(path)
            style = {"color": colour, "zorder": 3 if run.grey else 4}
            for ax, points, size in (
                (plane, path, np.ptp(problem.box[:2])),
                (front, losses, problem.limits),
            ):
                ax.plot(*_thinned(points, size).T, lw=1.0 if run.grey else 1.5, **style)
                ends[ax].append((points[0], points[-1], colour))
            line = np.column_stack([np.arange(len(shares)), shares])
            weights.plot(*_thinned(line, (N_STEPS, 1.0)).T, lw=0.8, **style)
            lowest = min(lowest, shares.min())
        if run.bounds is not None:
            front.axhline(run.bounds[1], color=colour, lw=0.8, ls=":")
        if problem is HOLLOWS and not run.grey:
            # Where preference times loss is the same.
            ray = [[0, 2 / p] for p in run.preference]
            front.plot(*ray, color=colour, lw=0.8, ls=":")
    for ax, found in ends.items():
        first, last, colours = zip(*found, strict=True)
        ax.scatter(*np.transpose(first), c=colours, s=9, zorder=5)
        diamond = {"marker": "D", "s": 28, "edgecolors": "white", "linewidths": 0.6}
        ax.scatter(*np.transpose(last), c=colours, zorder=5, **diamond)
    plane.set(xlim=problem.box[:2], ylim=problem.box[2:], xticks=[], yticks=[])
    plane.set_title("The shared point")
    right, top = problem.limits
    front.set(xlim=(-0.03 * right, right), ylim=(-0.03 * top, top))
    front.set(xlabel="loss 1", ylabel="loss 2", title="The losses")
    weights.set(xlim=(-3, N_STEPS), ylim=(lowest - 0.04, 1.04))
    weights.set(xlabel="step", title="Weight of objective 1")
    for ax in axes:
        ax.spines[["top", "right"]].set_visible(False)
    _add_legend(fig, picture.runs, len(starts))


def _thinned(points: np.ndarray, size) -> np.ndarray:
    """Without points that are a hundredth of the picture or less from the last."""
    kept = [0]
    for i in range(1, len(points) - 1):
        if (np.abs(points[i] - points[kept[-1]]) / size).max() > 0.01:
            kept.append(i)
    return points[[*kept, len(points) - 1]]


def _draw_ground(plane, front, problem: Problem) -> None:
    """Contours, solid of the first loss, the Pareto set and its image."""
    left, right, low, high = problem.box
    x, y = np.meshgrid(np.linspace(left, right, 30), np.linspace(low, high, 30))
    losses = problem.losses(np.stack([x, y], axis=-1))
    for k, dashes in enumerate(("solid", "dashed")):
        line = {"colors": "#c8c8c8", "linewidths": 0.6, "linestyles": dashes}
        plane.contour(x, y, losses[..., k], problem.levels[k], zorder=1, **line)
    plane.plot(*problem.pareto.T, **PARETO, zorder=2)
    front.plot(*problem.losses(problem.pareto).T, **PARETO, zorder=2)


def _add_legend(fig, runs: tuple[Run, ...], n_starts: int) -> None:
    coloured = [run for run in runs if not run.grey]
    lines = [Line2D([], [], color=colour, lw=1.5) for colour in COLOURS]
    entries = {run.label: line for run, line in zip(coloured, lines, strict=False)}
    if n_starts > 1:
        entries = {
            f"{coloured[0].label}, from {n_starts} starts": tuple(lines[:n_starts])
        }
    for run in runs:
        if run.grey:
            entries[run.label] = Line2D([], [], color=GREY, lw=1.0)
    entries["Pareto set, front"] = Line2D([], [], **PARETO)
    fig.legend(
        entries.values(),
        entries,
        handler_map={tuple: HandlerTuple(ndivide=None)},
        loc="lower center",
        ncols=5,
        frameon=False,
        handlelength=2.2,
        columnspacing=1.4,
    )


def _style() -> None:
    # Text that stays text, a third less to load.
    plt.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "skmo"})
    plt.rcParams.update({"font.size": 9, "axes.titlesize": 10})


def draw_labels() -> None:
    """What ``label_aggregation`` draws, in place of paths: which label a query has."""
    balancer = LabelAggregation(random_state=0)
    n_rounds, n_queries = 40, 20
    p = balancer.weights(np.eye(2), preference=[3.0, 1.0])
    drawn = np.array(
        [balancer.generator(t).choice(2, n_queries, p=p) for t in range(n_rounds)]
    )
    _style()
    fig, (grid, share) = plt.subplots(1, 2, figsize=(8.0, 3.0), width_ratios=(1.6, 1))
    fig.subplots_adjust(left=0.06, right=0.99, bottom=0.25, top=0.91, wspace=0.15)
    pixels = np.array([to_rgb(colour) for colour in COLOURS])[drawn.T]
    area = (0.5, n_rounds + 0.5, 0.5, n_queries + 0.5)
    grid.imshow(pixels, extent=area, aspect="auto", interpolation="none")
    grid.set(yticks=[5, 10, 15, 20], xlabel="round", ylabel="query")
    grid.set(title="The label a query learns")
    rounds = np.arange(1, n_rounds + 1)
    of_each = (drawn == 0).cumsum(axis=0) / rounds[:, None]
    share.plot(rounds, of_each, color=GREY, lw=0.6)
    share.plot(rounds, of_each.mean(axis=1), color=COLOURS[0], lw=2)
    share.axhline(p[0], color=INK, lw=0.8, ls=":")
    share.set(ylim=(-0.04, 1.04), xlabel="round", title="Share of label 1 so far")
    for ax in (grid, share):
        ax.spines[["top", "right"]].set_visible(False)
    square = {"ls": "none", "marker": "s"}
    handles = [
        Line2D([], [], color=COLOURS[k], label=f"label {k + 1}", **square)
        for k in range(2)
    ]
    handles.append(Line2D([], [], color=GREY, lw=0.6, label="one query"))
    handles.append(Line2D([], [], color=COLOURS[0], lw=2, label="all queries"))
    fig.legend(handles=handles, loc="lower center", ncols=4, frameon=False)
