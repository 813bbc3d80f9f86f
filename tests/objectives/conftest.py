"""One table of sample objectives, over which the tests of the contract run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.special import logit

from skmo.objectives import (
    AbsoluteError,
    Binary,
    CrossEntropy,
    Gamma,
    Huber,
    Multiclass,
    Objective,
    Poisson,
    Quantile,
    SquaredError,
    Tweedie,
)

N_CLASSES = 4


@dataclass(frozen=True)
class Case:
    """An objective, targets it accepts and what is known of it.

    Attributes
    ----------
    objective : Objective
    target : ndarray of shape (21,), float64
        21, so that the quantiles 0.25, 0.5 and 0.9 fall on a target.
    perfect : callable
        Maps targets to the scores of loss 0.
    hessian : float or None
        The declared Hessian as a multiple of the second derivative (of its
        diagonal with several scores), or None if it is declared to be 1.
    outside : tuple of float
        Values that ``check_target`` refuses.
    """

    objective: Objective
    target: np.ndarray
    perfect: Callable[[np.ndarray], np.ndarray]
    hessian: float | None
    outside: tuple[float, ...] = ()

    @property
    def score(self) -> np.ndarray:
        """Scores that differ from the targets and avoid the losses' kinks."""
        shape = (self.target.size, N_CLASSES)
        score = 1.5 * np.random.default_rng(1).normal(size=shape)
        return score if self.objective.multi_score else score[:, 0]

    def derivatives(self, target, score):
        """Gradient and Hessian (None if constant) in the scores' precision."""
        gradient = np.empty_like(score)
        hessian = None if self.objective.constant_hessian else np.empty_like(score)
        self.objective.gradient_hessian(target, score, gradient, hessian)
        return gradient, hessian


def _identity(target):
    return target


def _log(target):
    # The clip of the exponents makes exp(-1000) a 0 to 34 digits.
    return np.log(target, out=np.full_like(target, -1e3), where=target > 0)


def _log_odds(target):
    return np.clip(logit(target), -1e3, 1e3)


def _one_hot(target):
    return 1e3 * (target[:, np.newaxis] == np.arange(N_CLASSES))


_rng = np.random.default_rng(0)
_real = 2.0 * _rng.normal(size=21)
_count = _rng.poisson(1.5, size=21).astype(np.float64)
_positive = _rng.gamma(2.0, size=21)
_lumpy = np.where(_rng.random(21) < 0.3, 0.0, _positive)
_bit = np.array([0.0, 1.0, 1.0] * 7)
_share = np.concatenate([[0.0, 1.0], _rng.random(19)])
_class = np.resize(np.arange(float(N_CLASSES)), 21)

CASES = {
    "squared_error": Case(SquaredError(), _real, _identity, None),
    "absolute_error": Case(AbsoluteError(), _real, _identity, None),
    "quantile": Case(Quantile(), _real, _identity, None),
    "quantile-0.25": Case(Quantile(alpha=0.25), _real, _identity, None),
    "huber": Case(Huber(), _real, _identity, None),
    "huber-target": Case(Huber(0.5, units="target"), _real, _identity, None),
    "poisson": Case(Poisson(), _count, _log, np.exp(0.7), (-1.0, np.nan)),
    "poisson-0": Case(Poisson(max_delta_step=0), _count, _log, 1.0, (-1e-9,)),
    "gamma": Case(Gamma(), _positive, _log, 1.0, (0.0, -1.0)),
    "tweedie": Case(Tweedie(), _lumpy, _log, 1.0, (-1.0,)),
    "tweedie-1.2": Case(Tweedie(power=1.2), _lumpy, _log, 1.0, (-1.0,)),
    "tweedie-1.9": Case(Tweedie(power=1.9), _lumpy, _log, 1.0, (-1.0,)),
    "binary": Case(Binary(), _bit, _log_odds, 1.0, (2.0, -1.0, 0.5)),
    "cross_entropy": Case(CrossEntropy(), _share, _log_odds, 1.0, (1.01, -0.1)),
    "multiclass": Case(
        Multiclass(), _class, _one_hot, N_CLASSES / (N_CLASSES - 1), (-1.0, 1.5)
    ),
}


@pytest.fixture
def cases() -> dict[str, Case]:
    """The whole table."""
    return CASES


def _each(condition=lambda objective: True):
    chosen = {name: c for name, c in CASES.items() if condition(c.objective)}

    @pytest.fixture(params=chosen.values(), ids=chosen)
    def each(request) -> Case:
        return request.param

    return each


# Each row of the table, and each row of some kinds.
case = _each()
elementwise_case = _each(lambda objective: not objective.multi_score)
regression_case = _each(lambda objective: objective.task == "regression")
