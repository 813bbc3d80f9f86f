"""What objectives return, checked: a user's own may be wrong.

The checks cost nothing beside the work itself: shapes in every call, values once,
before the first tree.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..objectives import Objective


def check_constant(constant: Any, objective: Objective) -> np.ndarray:
    """What ``init_score`` returned, as float64.

    Raises
    ------
    ValueError
        If it is no vector of finite numbers, or not one number per score.
    """
    try:
        found = np.asarray(constant, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.full(1, np.nan)
    fits = found.ndim == 1 and (objective.multi_score or found.shape == (1,))
    if not fits or found.size == 0 or not np.isfinite(found).all():
        shape = "(n_scores,)" if objective.multi_score else "(1,)"
        raise ValueError(
            f"init_score of {objective!r} must return a finite array of shape {shape}. "
            f"Got {constant!r:.200} instead."
        )
    return found


def check_loss(loss: Any, target: np.ndarray, objective: Objective) -> np.ndarray:
    """What ``loss`` returned for these targets.

    Raises
    ------
    ValueError
        If it is not one number per target: a mean or a sum, for instance.
    """
    if not isinstance(loss, np.ndarray) or loss.shape != target.shape:
        raise ValueError(
            f"loss of {objective!r} must return an array of the targets' shape "
            f"{target.shape}, one loss per target. Got "
            f"{_described(loss)} instead."
        )
    return loss


def check_written(returned: Any, objective: Objective) -> None:
    """Raise ``ValueError`` if ``gradient_hessian`` returned its results."""
    if returned is not None:
        raise ValueError(
            f"gradient_hessian of {objective!r} must write into its arguments "
            "'gradient' and 'hessian' (gradient[...] = ...) and return None. Got "
            f"{_described(returned)} instead."
        )


def check_derivatives(
    gradient: np.ndarray,
    hessian: np.ndarray | None,
    missing: np.ndarray | None,
    objective: Objective,
) -> None:
    """Check the derivatives before the first tree, written over NaN.

    Parameters
    ----------
    gradient : ndarray of shape (n_samples, n_scores)
    hessian : ndarray of shape (n_samples, n_scores), or None
    missing : ndarray of shape (n_samples, n_targets), bool, or None
        Which targets were not observed: they may hold anything.
    objective : Objective

    Raises
    ------
    ValueError
        If a gradient is not finite, or a second derivative negative or not finite.
    """
    seen = True if missing is None else ~missing
    bad = ~np.isfinite(gradient) & seen
    if bad.any():
        raise ValueError(
            f"gradient_hessian of {objective!r} left {int(bad.sum())} of {bad.size} "
            "gradients NaN or infinite before the first tree. It must write finite "
            "numbers into 'gradient' (gradient[...] = ..., not gradient = ...)."
        )
    if hessian is None:
        return
    bad = ~(np.isfinite(hessian) & (hessian >= 0)) & seen
    if bad.any():
        first = float(hessian[bad][0])
        raise ValueError(
            f"gradient_hessian of {objective!r} gave {int(bad.sum())} of {bad.size} "
            f"second derivatives that are not positive numbers, the first being "
            f"{first:g}. Write a positive upper bound into 'hessian' where the loss is "
            "not convex, or set constant_hessian = True."
        )


def check_curvature(hessian: np.ndarray, scores: np.ndarray, coder: Any) -> None:
    """Check a tree's leaf sums of second derivatives.

    Parameters
    ----------
    hessian : ndarray of shape (n_leaves, n_scores of the tree) or (n_leaves, 1)
    scores : ndarray of int
        The scores that the tree has values for.
    coder : TargetCoder

    Raises
    ------
    FloatingPointError
        If one is negative (the loss is not convex there, and a Newton step would
        lead uphill) or NaN.
    """
    least = hessian.min(axis=0)
    bad = np.flatnonzero(~(least >= 0))
    if not bad.size:
        return
    place = int(bad[0])
    k = int(coder.owner[scores[place if hessian.shape[1] > 1 else 0]])
    raise FloatingPointError(
        f"The second derivatives of objective {k} ({coder.objectives[k]!r}) sum to "
        f"{least[place]:g} in a leaf. gradient_hessian must write positive numbers "
        "into 'hessian': take an upper bound where the loss is not convex."
    )


def _described(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    return f"a {type(value).__name__}"
