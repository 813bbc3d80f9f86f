"""A funnel of binary stages, each possible only after the one before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn.utils import Bunch, check_random_state

from ._checks import check_integer, check_share, import_pandas

_N_INFORMATIVE = 10
# Of the terms that make up each stage's function of the features.
_N_TERMS = 8
# The mean over the hidden variable is the trapezoidal rule from -8 to 8, which
# converges exponentially for functions analytic in a strip. The steeper the
# logistic functions the narrower theirs: at steps of at most 0.66 / confounding the
# means, also of products of five, are exact to 1e-9.
_HIDDEN_RANGE = 8.0
_LEAST_NODES = 40
_NODES_PER_CONFOUNDING = 25


def make_funnel(
    n_samples: int = 10_000,
    *,
    rates: Sequence[float] = (0.3, 0.3),
    signal: float = 1.5,
    likeness: float = 0.5,
    confounding: float = 0.5,
    n_noise_features: int = 10,
    random_state: int | np.random.RandomState | None = None,
    return_truth: bool = False,
    as_frame: bool = False,
) -> tuple[Any, ...]:
    r"""Generate a funnel: click, then conversion, then as many stages as you like.

    A stage can happen only where the one before it did. The probability of each
    given the one before is a function of the features and of a variable that is
    not among them. Each ``random_state`` draws other functions.

    Parameters
    ----------
    n_samples : int, default=10000
        The number of impressions.
    rates : sequence of float, default=(0.3, 0.3)
        The rate of each stage among those that reached the one before, each in
        (0, 1). Two at least. ``(0.1, 0.03)`` is like advertisements,
        ``(0.75, 0.8)`` like a feed.
    signal : float, default=1.5
        Standard deviation, over the features, of each stage's log-odds: on
        average over the functions drawn, as their two parts may be correlated.
    likeness : float, default=0.5
        The correlation, in [0, 1], between any two stages' log-odds given the
        features, on average over the functions drawn.
    confounding : float, default=0.5
        What one standard deviation of the hidden variable adds to the log-odds
        of every stage, at least 0. Those who reach a stage then differ from all
        others in ways that no feature tells.
    n_noise_features : int, default=10
        Standard normal features that tell nothing about any stage.
    random_state : int, RandomState instance or None, default=None
        Pass an int for the same data in every call.
    return_truth : bool, default=False
        Whether to return the true probabilities as well.
    as_frame : bool, default=False
        Whether to return pandas data frames, with the columns ``x0``, ``x1``, …
        and ``stage0``, ``stage1``, …, instead of arrays.

    Returns
    -------
    X : ndarray or DataFrame of shape (n_samples, 10 + n_noise_features)
        Independent and standard normal; the first ten tell something.
    Y : ndarray or DataFrame of shape (n_samples, n_stages)
        0 or 1, never rising from one stage to the next.
    truth : Bunch of ndarray of shape (n_samples, n_stages)
        Only if ``return_truth`` is True. ``cumulative``: the probability that a
        stage is reached. ``conditional``: given that the one before was reached.
        ``potential``: had the one before been brought about, which a hidden
        variable makes another number, and which no method can learn from such
        data without further assumptions.

    Raises
    ------
    ValueError
        If a number is outside its range.
    ImportError
        If ``as_frame`` is True and pandas is not installed.

    Notes
    -----
    Stage k happens, once stage k - 1 did, with probability

    .. math::

        \sigma(c_k + s (\sqrt{\rho}\, h_0(x) + \sqrt{1 - \rho}\, h_k(x)) + \gamma u),

    with :math:`u \sim N(0, 1)` hidden and one for all stages, ``signal`` s,
    ``likeness`` :math:`\rho` and ``confounding`` :math:`\gamma`. Each h is a sum
    of eight terms with normal coefficients, drawn from :math:`x_i`,
    :math:`\sin 2 x_i`, :math:`x_i x_j` and :math:`x_j` where :math:`x_i > 0`,
    scaled to mean 0 and variance 1 over the sample. The constants c are solved
    for the rates, and the means over u are quadratures exact to 1e-9.

    Examples
    --------
    >>> from skmo.datasets import make_funnel
    >>> X, Y, truth = make_funnel(
    ...     20_000, rates=(0.75, 0.8), random_state=0, return_truth=True
    ... )
    >>> X.shape, Y.shape
    ((20000, 20), (20000, 2))
    >>> truth.cumulative.mean(axis=0).round(3)
    array([0.75, 0.6 ])
    """
    name = "make_funnel"
    check_integer(name, "n_samples", n_samples, 1)
    check_integer(name, "n_noise_features", n_noise_features, 0)
    rates = _check_rates(rates)
    check_share(name, "likeness", likeness, 0, 1)
    for parameter, value in (("signal", signal), ("confounding", confounding)):
        check_share(name, parameter, value, 0, 20)
    rng = check_random_state(random_state)
    X = rng.normal(size=(n_samples, _N_INFORMATIVE + n_noise_features))
    common = _function(X, rng)
    effects = np.column_stack(
        [
            signal * (np.sqrt(likeness) * common + np.sqrt(1 - likeness) * own)
            for own in (_function(X, rng) for _ in rates)
        ]
    )
    stages = _Stages(effects, confounding)
    stages.solve(rates)
    hidden = rng.normal(size=n_samples)
    chance = expit(stages.intercepts + effects + confounding * hidden[:, None])
    happened = rng.uniform(size=chance.shape) < chance
    Y = np.logical_and.accumulate(happened, axis=1).astype(np.float64)
    truth = stages.truth() if return_truth else None
    if as_frame:
        pd = import_pandas(name)
        X = pd.DataFrame(X, columns=[f"x{j}" for j in range(X.shape[1])])
        Y = pd.DataFrame(Y, columns=[f"stage{k}" for k in range(Y.shape[1])])
    return (X, Y, truth) if return_truth else (X, Y)


def _function(X: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
    """A random function of the informative features, scaled over the rows."""
    total = np.zeros(len(X))
    for term in range(_N_TERMS):
        i, j = rng.choice(_N_INFORMATIVE, size=2, replace=False)
        a, b = X[:, i], X[:, j]
        kind = (a, np.sin(2 * a), a * b, np.where(a > 0, b, 0.0))[term % 4]
        total += rng.normal() * kind
    spread = total.std()
    return (total - total.mean()) / (spread if spread > 0 else 1.0)


class _Stages:
    """The probabilities of the stages, the hidden variable averaged out.

    Parameters
    ----------
    effects : ndarray of shape (n_samples, n_stages)
        Of the features on the log-odds.
    confounding : float
    """

    def __init__(self, effects: np.ndarray, confounding: float):
        n_nodes = max(_LEAST_NODES, int(np.ceil(_NODES_PER_CONFOUNDING * confounding)))
        nodes = np.linspace(-_HIDDEN_RANGE, _HIDDEN_RANGE, n_nodes)
        weights = np.exp(-(nodes**2) / 2)
        self._weights = weights / weights.sum()
        self._hidden = confounding * nodes
        self._effects = effects
        self.intercepts = np.zeros(effects.shape[1])

    def solve(self, rates: Sequence[float]) -> None:
        """Find the intercepts that give each stage its rate among the reached."""
        reached = np.ones((len(self._effects), len(self._hidden)))
        for k, rate in enumerate(rates):
            weights = reached * self._weights
            wanted = rate * weights.sum()

            def excess(
                intercept: float,
                k: int = k,
                weights: np.ndarray = weights,
                wanted: float = wanted,
            ) -> float:
                return float((weights * self._chance(k, intercept)).sum() - wanted)

            # Where all chances are below the rate, and where they are above.
            own = self._effects[:, k]
            low = logit(rate) - own.max() - self._hidden.max() - 1
            high = logit(rate) - own.min() - self._hidden.min() + 1
            self.intercepts[k] = brentq(excess, low, high)
            reached = reached * self._chance(k, self.intercepts[k])

    def _chance(self, k: int, intercept: float) -> np.ndarray:
        """Of stage k given the one before and the hidden variable, (n, n_nodes)."""
        return expit(intercept + self._effects[:, [k]] + self._hidden)

    def truth(self) -> Bunch:
        cumulative = np.empty_like(self._effects)
        potential = np.empty_like(self._effects)
        reached: Any = 1.0
        for k, intercept in enumerate(self.intercepts):
            chance = self._chance(k, intercept)
            reached = reached * chance
            cumulative[:, k] = reached @ self._weights
            potential[:, k] = chance @ self._weights
        conditional = cumulative.copy()
        conditional[:, 1:] /= cumulative[:, :-1]
        return Bunch(
            cumulative=cumulative, conditional=conditional, potential=potential
        )


def _check_rates(rates: Any) -> list[float]:
    try:
        found = [float(rate) for rate in rates]
    except (TypeError, ValueError):
        found = []
    if len(found) < 2 or not all(0 < rate < 1 for rate in found):
        raise ValueError(
            "The 'rates' parameter of make_funnel must hold at least two rates "
            f"between 0 and 1, both excluded. Got {rates!r:.200} instead."
        )
    return found
