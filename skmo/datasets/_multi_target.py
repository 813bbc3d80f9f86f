"""Real targets with causes in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from ._causes import N_OWN, causes_of
from ._checks import check_integer, check_share, import_pandas, per_target


def make_multi_target(
    n_samples: int = 1000,
    *,
    n_targets: int = 4,
    n_causes: int = 2,
    sharing: float = 0.8,
    best_score: float | Sequence[float] = 0.8,
    missing: float | Sequence[float] = 0.0,
    n_noise_features: int = 8,
    random_state: int | np.random.RandomState | None = None,
    return_truth: bool = False,
    as_frame: bool = False,
) -> tuple[Any, ...]:
    r"""Generate real targets that have nonlinear causes in common.

    Each target is a mixture of causes that all targets share and of one that is
    its own, plus noise. How much is shared and how well the best model can do
    are parameters.

    Parameters
    ----------
    n_samples : int, default=1000
        The number of rows.
    n_targets : int, default=4
        The number of targets K.
    n_causes : int, default=2
        The number of shared causes C. With one the targets' shared parts are the
        same; the more there are the more differently targets mix them.
    sharing : float, default=0.8
        The share, in [0, 1], of the variance of each conditional mean that is of
        the shared causes. The rest is of the target's own.
    best_score : float or sequence of float of length n_targets, default=0.8
        The R² of the conditional mean, in (0, 1], for all targets or for each: no
        model can expect more. 1 is without noise.
    missing : float or sequence of float of length n_targets, default=0.0
        The chance, in [0, 1), that a value is NaN, for all targets or for each.
    n_noise_features : int, default=8
        Standard normal features that tell nothing about any target.
    random_state : int, RandomState instance or None, default=None
        Pass an int for the same data in every call.
    return_truth : bool, default=False
        Whether to return the targets' conditional means as well.
    as_frame : bool, default=False
        Whether to return pandas data frames, with names, instead of arrays.

    Returns
    -------
    X : ndarray or DataFrame of shape (n_samples, n_features)
        Four features per shared cause, ``shared0``, ``shared1``, …, four per
        target, ``own0``, ``own1``, …, then ``noise0``, …: independent and
        standard normal.
    Y : ndarray or DataFrame of shape (n_samples, n_targets)
        ``target0``, ``target1``, …, NaN where missing.
    truth : ndarray or DataFrame of shape (n_samples, n_targets)
        The mean of each target given ``X``: no model can predict better. Only if
        ``return_truth`` is True.

    Raises
    ------
    ValueError
        If a number is outside its range, or a sequence is not of one per target.
    ImportError
        If ``as_frame`` is True and pandas is not installed.

    Notes
    -----
    All causes are the same function of four features of their own, with mean 0
    and variance 1, so that they are independent of each other:

    .. math::

        h = \tfrac{1}{\sqrt 2} x_0 + \tfrac{1}{2 s} \sin 2 x_1
        + \tfrac{1}{2} x_2 x_3, \qquad s^2 = \tfrac{1}{2} (1 - e^{-8}).

    With shared causes :math:`h_0, \dots, h_{C-1}`, the target's own cause
    :math:`g_k`, sharing :math:`\rho` and best score :math:`b_k`, target k is

    .. math::

        y_k = \sqrt\rho \sum_c w_{kc} h_c + \sqrt{1 - \rho}\, g_k
        + \sqrt{1 / b_k - 1}\; \epsilon_k, \qquad \epsilon_k \sim N(0, 1).

    The weights of target k are the start of the row of a discrete cosine
    transform, scaled to :math:`\sum_c w_{kc}^2 = 1`:

    .. math::

        w_{kc} \propto a_c \cos \frac{\pi c (k + 1/2)}{\max(K, C)}, \qquad
        a_0 = 1 / \sqrt 2, \quad a_c = 1 \text{ for } c > 0.

    Conditional means thus have variance 1, noise has :math:`1 / b_k - 1`, and
    their R² is :math:`1 / (1 + 1 / b_k - 1) = b_k`: in expectation, while that of a
    sample scatters about it. Two conditional means have the correlation
    :math:`\rho \sum_c w_{jc} w_{kc}`. It is :math:`\rho` with one shared cause. With
    two and more, targets whose numbers are close are alike and others less so,
    or opposed. With as many causes as targets it is 0: what they share is then
    the features and where these bend, not the direction.

    ``sharing``, ``best_score``, ``missing`` and ``n_noise_features`` leave all
    else that the same ``random_state`` draws as it is. Conditional means are the
    same functions of the features in all calls with the same ``n_targets``,
    ``n_causes`` and ``sharing``: another ``random_state`` draws test data.

    Examples
    --------
    >>> from sklearn.metrics import r2_score
    >>> from skmo.datasets import make_multi_target
    >>> X, Y, truth = make_multi_target(
    ...     20_000, best_score=[0.9, 0.9, 0.6, 0.6], random_state=0, return_truth=True
    ... )
    >>> X.shape, Y.shape
    ((20000, 32), (20000, 4))
    >>> r2_score(Y, truth, multioutput="raw_values").round(1)
    array([0.9, 0.9, 0.6, 0.6])
    """
    name = "make_multi_target"
    check_integer(name, "n_samples", n_samples, 1)
    check_integer(name, "n_targets", n_targets, 1)
    check_integer(name, "n_causes", n_causes, 1)
    check_integer(name, "n_noise_features", n_noise_features, 0)
    check_share(name, "sharing", sharing, 0, 1)
    best = per_target(name, "best_score", best_score, n_targets, 0, 1, "(]")
    chance = per_target(name, "missing", missing, n_targets, 0, 1, "[)")
    rng = check_random_state(random_state)
    told = rng.normal(size=(n_samples, N_OWN * (n_causes + n_targets)))
    causes = causes_of(told)
    shared = causes[:, :n_causes] @ _weights(n_targets, n_causes).T
    truth = np.sqrt(sharing) * shared + np.sqrt(1 - sharing) * causes[:, n_causes:]
    Y = truth + np.sqrt(1 / best - 1) * rng.normal(size=truth.shape)
    Y[rng.uniform(size=Y.shape) < chance] = np.nan
    # Last and column by column: how many there are changes nothing else.
    noise = rng.normal(size=(n_noise_features, n_samples)).T
    X = np.column_stack([told, noise])
    if as_frame:
        pd = import_pandas(name)
        counts = {
            "shared": N_OWN * n_causes,
            "own": N_OWN * n_targets,
            "noise": n_noise_features,
        }
        X = pd.DataFrame(
            X, columns=[f"{kind}{j}" for kind, n in counts.items() for j in range(n)]
        )
        columns = [f"target{k}" for k in range(n_targets)]
        Y, truth = (pd.DataFrame(part, columns=columns) for part in (Y, truth))
    return (X, Y, truth) if return_truth else (X, Y)


def _weights(n_targets: int, n_causes: int) -> np.ndarray:
    """Of the shared causes in each target, with rows of length 1."""
    turn = np.pi / max(n_targets, n_causes)
    weights = np.cos(turn * np.outer(np.arange(n_targets) + 0.5, np.arange(n_causes)))
    weights[:, 0] /= np.sqrt(2)
    return weights / np.linalg.norm(weights, axis=1, keepdims=True)
