"""The rows that an objective is checked on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike

from ._base import Objective

_STEP = 1e-5
_N_CLASSES = 4


@dataclass
class Case:
    """An objective, targets and scores around its constant."""

    objective: Objective
    target: np.ndarray

    def __post_init__(self) -> None:
        self.init = self.start(self.target, None)
        shape = (len(self.target), len(self.init))
        noise = 1.5 * np.random.default_rng(1).normal(size=shape)
        self.score = self.rows_of(self.init) + self.narrow(noise)

    def start(self, target: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        init = self.objective.init_score(target, weight)
        n = self.objective.n_scores(target)
        good = isinstance(init, np.ndarray) and init.shape == (n,)
        if not good or not np.isfinite(init).all():
            self.fail(
                f"init_score must return a finite array of shape ({n},). Got {init!r}"
            )
        return init

    def narrow(self, scores: np.ndarray) -> np.ndarray:
        """Without the scores' axis where a target has one score."""
        return scores if self.objective.multi_score else scores[:, 0]

    def rows_of(self, constant: np.ndarray) -> np.ndarray:
        return self.narrow(np.tile(constant, (len(self.target), 1)))

    def loss(self, score: np.ndarray, target: np.ndarray | None = None) -> np.ndarray:
        return self.objective.loss(self.target if target is None else target, score)

    def derive(
        self, score: np.ndarray, target: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Gradient and Hessian, which is 1 where it is constant."""
        target = self.target if target is None else target
        gradient = np.full_like(score, np.nan)
        hessian = np.ones_like(score)
        if not self.objective.constant_hessian:
            hessian = np.full_like(score, np.nan)
        returned = self.objective.gradient_hessian(
            target,
            score,
            gradient,
            None if self.objective.constant_hessian else hessian,
        )
        if returned is not None:
            self.fail(
                "gradient_hessian must write into 'gradient' and 'hessian' and return "
                f"None. Got a {type(returned).__name__}"
            )
        return gradient, hessian

    def mean_loss(self, constant: np.ndarray, weight: np.ndarray) -> float:
        return float(np.average(self.loss(self.rows_of(constant)), weights=weight))

    def fail(self, message: str) -> NoReturn:
        raise AssertionError(f"{self.objective!r}: {message}.")


def draw_target(objective: Objective, given: ArrayLike | None) -> np.ndarray:
    if given is not None:
        target = np.asarray(given, dtype=np.float64)
        if target.ndim != 1 or len(target) < 10 or not np.isfinite(target).all():
            raise ValueError(
                "'target' must hold at least 10 finite values in one dimension. Got "
                f"{target.tolist()!r:.200} instead."
            )
        objective.check_target(target)
        return target
    rng = np.random.default_rng(0)
    drawn = {
        "real values": 2.0 * rng.normal(size=41),
        "counts": rng.poisson(1.5, size=41).astype(np.float64),
        "positive values": rng.gamma(2.0, size=41),
        "shares": rng.random(41),
        "bits": np.resize([0.0, 1.0, 1.0], 41),
    }
    if objective.multi_score:
        drawn = {"class indices": np.resize(np.arange(float(_N_CLASSES)), 41)}
    for target in drawn.values():
        try:
            objective.check_target(target)
        except ValueError:
            continue
        return target
    raise ValueError(
        f"check_target of {objective!r} refuses {', '.join(drawn)}: pass 'target'."
    )


def slopes(
    function: Callable[[np.ndarray], np.ndarray], score: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of a function of each row by each score, and where there is no kink."""
    found, smooth = np.empty_like(score), np.empty(score.shape, dtype=bool)
    columns = [...] if score.ndim == 1 else [(..., c) for c in range(score.shape[1])]
    here = function(score)
    for column in columns:
        shift = np.zeros_like(score)
        shift[column] = _STEP
        ahead = (function(score + shift) - here) / _STEP
        behind = (here - function(score - shift)) / _STEP
        found[column] = (ahead + behind) / 2
        smooth[column] = np.abs(ahead - behind) < 1e-2 * (1 + np.abs(found[column]))
    return found, smooth
