"""The steps of a tree's leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._leaves import leaf_sums, newton_steps
from ._parts import Part
from ._plugins import check_curvature
from ._renewal import renew_by_quantile
from ._rows import TargetRows


@dataclass(frozen=True)
class LeafSettings:
    """How leaf values are computed.

    Attributes
    ----------
    learning_rate, reg_alpha, reg_lambda : float
    cat_l2 : float
        What LightGBM adds to ``reg_lambda`` in leaves made by a categorical
        split; 0 without categorical features.
    min_rows : int
        Observed rows below which a leaf value is shrunk.
    """

    learning_rate: float
    reg_alpha: float = 0.0
    reg_lambda: float = 0.0
    cat_l2: float = 0.0
    min_rows: int = 0


def leaf_values(
    part: Part,
    scores: np.ndarray,
    train: TargetRows,
    prior: np.ndarray,
    settings: LeafSettings,
    *,
    apart: bool,
) -> np.ndarray:
    """The step of each leaf and score, (n_leaves, n_scores).

    Parameters
    ----------
    part : Part
    scores : ndarray of shape (n_samples, n_scores)
        Before the step.
    train : TargetRows
    prior : ndarray of shape (n_scores,)
        See `leaf_prior`.
    settings : LeafSettings
    apart : bool
        Whether the tree was grown for its scores alone.
    """
    tree = part.tree
    check_curvature(part.hessian, part.scores, train.coder)
    reg_lambda: np.ndarray | float = settings.reg_lambda
    if apart:
        prior = np.zeros_like(prior)
    if settings.cat_l2 > 0:
        reg_lambda = _leaf_l2(part, settings)
    steps = newton_steps(
        part.gradient,
        part.hessian,
        learning_rate=settings.learning_rate,
        reg_alpha=settings.reg_alpha,
        reg_lambda=reg_lambda + prior[part.scores],
    )
    values = part.wide(steps, scores.shape[1])
    renew_by_quantile(values, tree, train, scores, settings.learning_rate, part.scores)
    if train.observed is not None and settings.min_rows > 0 and not apart:
        values *= _support(part, train, settings.min_rows)
    return values.astype(scores.dtype)


def _support(part: Part, train: TargetRows, min_rows: int) -> np.ndarray:
    """Factor of leaf values that too few observed rows stand behind.

    A tree's leaves hold ``min_child_samples`` rows, but an objective may observe
    few of them. Its step is that of a leaf filled up to so many rows with rows of
    average curvature and no gradient.
    """
    tree = part.tree
    counts = leaf_sums(tree.leaf, train.observed, tree.n_leaves, train.blocks, tree.bag)
    (counts,) = train.communicator.sum(counts)
    return np.minimum(counts / min_rows, 1.0)[:, train.coder.owner]


def _leaf_l2(part: Part, settings: LeafSettings) -> np.ndarray:
    """The L2 penalty LightGBM used in each leaf, (n_leaves, 1).

    LightGBM adds ``cat_l2`` where a many-versus-many categorical split made
    the leaf. Its own output for the structure gradient tells which: it is the
    Newton step with one penalty or with the other.
    """
    r = part.direction.astype(np.float64)
    g, h = part.gradient @ r, part.hessian @ r**2
    misfit = []
    for l2 in (settings.reg_lambda, settings.reg_lambda + settings.cat_l2):
        step = newton_steps(
            g, h, learning_rate=1.0, reg_alpha=settings.reg_alpha, reg_lambda=l2
        )
        misfit.append(np.abs(step - part.tree.outputs))
    plain, categorical = misfit
    return settings.reg_lambda + settings.cat_l2 * (categorical < plain)[:, None]
