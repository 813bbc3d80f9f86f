"""What the objectives of NDCG share: grades, their gains and the truncation."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar

import numpy as np

from .._sklearn import Interval, StrOptions, validate_parameter_constraints
from ._ranking import RankingObjective

_GAINS = {"exponential": lambda y: np.exp2(y) - 1.0, "linear": lambda y: y}


class NDCGObjective(RankingObjective):
    """A ranking objective with the parameters ``truncation`` and ``gain``."""

    truncation: int
    gain: Any

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "truncation": [Interval(Integral, 1, None, closed="left")],
        "gain": [StrOptions(set(_GAINS)), "array-like"],
    }

    def validate_params(self) -> None:
        validate_parameter_constraints(
            self._parameter_constraints,
            self.get_params(deep=False),
            caller_name=type(self).__name__,
        )
        if not isinstance(self.gain, str):
            _label_gain(self)

    def check_target(self, target: np.ndarray) -> None:
        name = type(self).__name__
        bad = target[~(np.isfinite(target) & (target >= 0))]
        if len(bad):
            raise ValueError(
                f"{name} needs finite grades of at least 0; got {len(bad)} value(s) "
                f"outside, the first being {bad[0]:g}. Shift the grades so that the "
                "least is 0; NaN marks a row that is not judged."
            )
        if isinstance(self.gain, str):
            with np.errstate(over="ignore"):
                worth = _GAINS[self.gain](target)
            bad = target[~np.isfinite(worth)]
            remedy = "Use smaller grades, or gain='linear'."
        else:
            n = len(_label_gain(self))
            bad = target[(target != np.floor(target)) | (target >= n)]
            remedy = f"With a list of {n} gains, grades are the integers 0 to {n - 1}."
        if len(bad):
            raise ValueError(f"{name} has no gain for the grade {bad[0]:g}. {remedy}")

    def _gains(self, target: np.ndarray) -> np.ndarray:
        """What grades are worth; NaN where they are."""
        target = np.asarray(target, dtype=np.float64)
        if isinstance(self.gain, str):
            return _GAINS[self.gain](target)
        judged = ~np.isnan(target)
        worth = np.full(target.shape, np.nan)
        worth[judged] = _label_gain(self)[target[judged].astype(np.intp)]
        return worth


def _label_gain(objective: NDCGObjective) -> np.ndarray:
    try:
        gain = np.asarray(objective.gain, dtype=np.float64)
    except (TypeError, ValueError):
        gain = np.empty(0)
    if (
        gain.ndim != 1
        or not len(gain)
        or not np.isfinite(gain).all()
        or gain[0] < 0
        or np.any(gain[1:] < gain[:-1])
    ):
        raise ValueError(
            f"The 'gain' parameter of {type(objective).__name__}, if a list, must "
            "hold the gain of the grades 0, 1, ...: finite, at least 0 and not "
            f"decreasing. Got {objective.gain!r:.200} instead."
        )
    return gain
