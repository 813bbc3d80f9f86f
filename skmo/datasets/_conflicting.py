"""Real targets that one prediction has to serve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from ._causes import N_OWN, causes_of, mix
from ._checks import check_integer, check_share, import_pandas, per_target


def make_conflicting(
    n_samples: int = 1000,
    *,
    n_targets: int = 2,
    conflict: float = 0.5,
    noise: float | Sequence[float] = 0.5,
    n_noise_features: int = 8,
    random_state: int | np.random.RandomState | None = None,
    return_truth: bool = False,
    as_frame: bool = False,
) -> tuple[Any, ...]:
    r"""Generate real targets whose gradients conflict to a stated degree.

    Several parties want different values of what may be one prediction, and
    ``conflict`` says how far they disagree. What one prediction can reach is
    known in closed form.

    Parameters
    ----------
    n_samples : int, default=1000
        The number of rows.
    n_targets : int, default=2
        The number of targets K.
    conflict : float, default=0.5
        From 0, where the targets are the same but for noise, through 0.5, where
        any two are unrelated, to 1, where they are opposed: two targets exactly,
        more targets as far as all pairs can be at once.
    noise : float or sequence of float of length n_targets, default=0.5
        Standard deviation of the noise, in [0, inf), of all targets or of each.
        Their conditional means have one of 1.
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
    X : ndarray or DataFrame of shape (n_samples, 4 * n_targets + n_noise_features)
        ``x0``, ``x1``, …, then ``noise0``, …: independent and standard normal.
    Y : ndarray or DataFrame of shape (n_samples, n_targets)
        ``target0``, ``target1``, ….
    truth : ndarray or DataFrame of shape (n_samples, n_targets)
        The mean of each target given ``X``. Only if ``return_truth`` is True.

    Raises
    ------
    ValueError
        If a number is outside its range, or a sequence is not of one per target.
    ImportError
        If ``as_frame`` is True and pandas is not installed.

    Notes
    -----
    K causes, each of four features of its own, are independent of each other and
    have mean 0 and variance 1:

    .. math::

        h = \tfrac{1}{\sqrt 2} x_0 + \tfrac{1}{2 s} \sin 2 x_1
        + \tfrac{1}{2} x_2 x_3, \qquad s^2 = \tfrac{1}{2} (1 - e^{-8}).

    The conditional mean of target k mixes them around their mean
    :math:`\bar h`, and :math:`y_k = f_k + \sigma_k \epsilon_k` has standard
    normal noise:

    .. math::

        f_k = \sqrt{1 - \rho}\, (h_k - \bar h) + \sqrt{1 + (K - 1) \rho}\, \bar h.

    Any two conditional means then have the correlation

    .. math::

        \rho = \begin{cases} 1 - 2 c & \text{if } c \le 1/2, \\
        (1 - 2 c) / (K - 1) & \text{otherwise,} \end{cases}

    at the conflict c, as in :func:`~skmo.datasets.make_multi_ranking`. K of them
    cannot all have one below :math:`-1 / (K - 1)`. One target alone is its cause,
    whatever c is. What follows holds for squared errors, in expectation.

    *Gradients.* At predictions :math:`p_k` that are constant, or all 0, the
    gradient of target k is :math:`p_k - y_k` in each row, and the cosine between
    two of them, over the rows, is the correlation of the targets,

    .. math:: \frac{\rho}{\sqrt{(1 + \sigma_j^2) (1 + \sigma_k^2)}}.

    *Predictions of their own.* The least loss of target k is
    :math:`\sigma_k^2`, at :math:`p_k = f_k`, and the R² there
    :math:`1 / (1 + \sigma_k^2)`.

    *One prediction for all.* Weights w of at least 0 that sum to 1 are served best
    by :math:`p = \sum_k w_k f_k`, whose losses are

    .. math:: L_k = \sigma_k^2 + (1 - \rho) \lVert w - e_k \rVert^2,

    with the unit vector :math:`e_k`. Losses are convex in the prediction, so that
    these are the whole Pareto front, from which no loss can be lowered but at
    another's cost. Of two targets it is the curve

    .. math::

        \sqrt{L_0 - \sigma_0^2} + \sqrt{L_1 - \sigma_1^2} = \sqrt{2 (1 - \rho)}
        = 2 \sqrt c,

    and at conflict 0 the one point of both least losses. There the gradients have
    the cosines

    .. math:: (1 - \rho)\, \frac{(w - e_j) \cdot (w - e_k)}{\sqrt{L_j L_k}},

    with two targets, equal weights and equal noise :math:`-c / (c + \sigma^2)`:
    also targets that are nearly alike pull against each other in the end, when
    what they agree on has been learnt.

    ``conflict``, ``noise`` and ``n_noise_features`` leave all else that the same
    ``random_state`` draws as it is. Conditional means are the same functions of
    the features in all calls with the same ``n_targets`` and ``conflict``: another
    ``random_state`` draws test data.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.datasets import make_conflicting
    >>> X, Y, truth = make_conflicting(
    ...     50_000, conflict=0.75, random_state=0, return_truth=True
    ... )
    >>> X.shape, Y.shape
    ((50000, 16), (50000, 2))
    >>> np.corrcoef(truth.T).round(1)
    array([[ 1. , -0.5],
           [-0.5,  1. ]])

    One prediction half way between both parties, and its losses by the formula,
    0.25 + 1.5 · 0.5 each:

    >>> p = truth.mean(axis=1, keepdims=True)
    >>> ((Y - p) ** 2).mean(axis=0).round(1)
    array([1., 1.])
    """
    name = "make_conflicting"
    check_integer(name, "n_samples", n_samples, 1)
    check_integer(name, "n_targets", n_targets, 1)
    check_integer(name, "n_noise_features", n_noise_features, 0)
    check_share(name, "conflict", conflict, 0, 1)
    spread = per_target(name, "noise", noise, n_targets, 0, np.inf, "[)")
    rng = check_random_state(random_state)
    told = rng.normal(size=(n_samples, N_OWN * n_targets))
    truth = mix(causes_of(told), conflict)
    Y = truth + spread * rng.normal(size=truth.shape)
    # Last and column by column: how many there are changes nothing else.
    X = np.column_stack([told, rng.normal(size=(n_noise_features, n_samples)).T])
    if as_frame:
        pd = import_pandas(name)
        names = [f"x{j}" for j in range(told.shape[1])]
        names += [f"noise{j}" for j in range(n_noise_features)]
        X = pd.DataFrame(X, columns=names)
        columns = [f"target{k}" for k in range(n_targets)]
        Y, truth = (pd.DataFrame(part, columns=columns) for part in (Y, truth))
    return (X, Y, truth) if return_truth else (X, Y)
