"""Between the targets in the user's units and the booster's scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..objectives import Objective, weighted_quantile
from ._communicator import ALONE, Communicator
from ._plugins import check_constant

# Spreads whose squares float32 holds.
MIN_SPREAD, MAX_SPREAD = 1e-15, 1e15
# Distance between the quartiles of a standard normal variable.
_NORMAL_QUARTILES = 1.3489795003921634
# The log-probability of a class that does not occur.
_ABSENT_CLASS_SCORE = np.log(1e-15)
_TURNED_ROWS = 128


class TargetCoder:
    """What is learnt from the targets before the first tree.

    Targets of `Objective.standardise` objectives are centred and scaled (by mean
    and standard deviation, or by quartiles for robust losses), so that their
    scale neither decides which objective the trees listen to nor costs float32
    digits. With a single objective nothing competes: it is centred but keeps its
    scale (unless float32 could not hold it), so that thresholds such as
    ``reg_alpha`` and ``min_split_gain`` mean what they mean in LightGBM.

    Parameters
    ----------
    objectives : sequence of Objective
        One per target.
    n_scores : sequence of int, default=None
        Scores of each target, where the targets fitted on may not show all
        classes. None asks the objectives.

    Attributes
    ----------
    objectives : list of Objective
        Adapted to the scaled targets.
    centre, scale : ndarray of shape (n_objectives,)
    scores : list of slice
        The columns of the score matrix each objective reads.
    owner : ndarray of shape (n_scores,), int
        The objective each score belongs to.
    init_scores : ndarray of shape (n_scores,)
        The constants of least loss. Scores have their dtype: float32, or
        float64 where there is one score.
    constant : ndarray of shape (n_objectives,), bool
        Targets with a single observed value: nothing to learn from trees.
    """

    def __init__(
        self, objectives: Sequence[Objective], n_scores: Sequence[int] | None = None
    ):
        self.objectives = list(objectives)
        self._n_scores = n_scores

    def fit(
        self,
        target: np.ndarray,
        weight: np.ndarray | None,
        communicator: Communicator = ALONE,
    ) -> TargetCoder:
        """Learn from targets (n_samples, n_objectives) and their weights.

        ``weight`` is None, (n_samples, 1) or the targets' shape; NaN targets
        are unobserved. One process sees all of a target's values: medians and
        users' own constants are no sums.
        """
        n_objectives = len(self.objectives)
        self.centre = np.zeros(n_objectives)
        self.scale = np.ones(n_objectives)
        self.constant = np.zeros(n_objectives, dtype=bool)
        self.scores = []
        init_scores = []
        first = 0
        for k, objective in enumerate(self.objectives):
            column = communicator.together(*observed(target, weight, k))
            found = communicator.decide(lambda k=k, c=column: self._measure(k, *c))
            self.centre[k], self.scale[k], spread, self.constant[k], constant = found
            if objective.standardise:
                self.objectives[k] = objective.with_scale(self.scale[k], spread)
            init_scores.append(constant)
            self.scores.append(slice(first, first + len(constant)))
            first += len(constant)
        self.init_scores = np.concatenate(init_scores).astype(_score_dtype(first))
        self.owner = np.repeat(
            np.arange(n_objectives), [s.stop - s.start for s in self.scores]
        )
        return self

    def _measure(
        self, k: int, values: np.ndarray, weights: np.ndarray | None
    ) -> tuple[float, float, float, bool, np.ndarray]:
        """Centre, scale, scaled spread, constancy and constant of target ``k``."""
        objective = self.objectives[k]
        centre, scale, spread = 0.0, 1.0, 1.0
        if objective.standardise:
            centre, spread = moments(values, weights)
            unit = spread
            if objective.robust:
                centre, unit = quartiles(values, weights, spread)
            if len(self.objectives) > 1 or not MIN_SPREAD < unit < MAX_SPREAD:
                scale = unit
            values = (values - centre) / scale
            spread /= scale
            objective = objective.with_scale(scale, spread)
        constant = check_constant(objective.init_score(values, weights), objective)
        if self._n_scores is not None:
            constant = pad_scores(constant, max(len(constant), self._n_scores[k]))
        return centre, scale, spread, values.min() == values.max(), constant

    @property
    def n_scores(self) -> int:
        return len(self.owner)

    @property
    def nothing_varies(self) -> bool:
        """Whether every target has a single observed value."""
        return bool(self.constant.all())

    @property
    def shares_score(self) -> bool:
        """Whether several objectives read the same score."""
        return len(self.reads) > self.n_scores

    @property
    def reads(self) -> np.ndarray:
        """The scores each objective reads, one objective's after the other's."""
        return np.concatenate([np.arange(s.start, s.stop) for s in self.scores])

    @property
    def reader(self) -> np.ndarray:
        """The objective that each entry of `reads` belongs to."""
        lengths = [s.stop - s.start for s in self.scores]
        return np.repeat(np.arange(len(lengths)), lengths)

    @property
    def loss_unit(self) -> np.ndarray:
        """Factor from a loss of scaled targets to one in the user's units."""
        degree = [o.loss_degree if o.standardise else 0 for o in self.objectives]
        with np.errstate(over="ignore", under="ignore"):
            return self.scale ** np.array(degree, dtype=np.float64)

    def only(self, k: int) -> TargetCoder:
        """The coder of objective ``k`` alone, for its scaled target."""
        coder = TargetCoder([self.objectives[k]])
        coder.centre, coder.scale = np.zeros(1), np.ones(1)
        coder.constant = self.constant[[k]]
        init_scores = self.init_scores[self.scores[k]]
        n_scores = len(init_scores)
        coder.init_scores = init_scores.astype(_score_dtype(n_scores))
        coder.scores = [slice(0, n_scores)]
        coder.owner = np.zeros(n_scores, dtype=np.int64)
        return coder

    def encode(self, target: np.ndarray, columns: Sequence[int]) -> np.ndarray:
        """These targets scaled, float32 in rows, NaN where unobserved."""
        columns = np.asarray(columns)
        centre, scale = self.centre[columns], self.scale[columns]
        every = np.array_equal(columns, np.arange(target.shape[1]))
        encoded = np.empty((len(target), len(columns)), dtype=np.float32)
        # Targets lie column by column: blocks that the cache holds are turned over.
        for start in range(0, len(target), _TURNED_ROWS):
            rows = slice(start, start + _TURNED_ROWS)
            part = target[rows] if every else target[rows, columns]
            encoded[rows] = (part - centre) / scale
        return encoded

    def predict_columns(self, scores: np.ndarray) -> np.ndarray:
        """The same side by side, (n_samples, n_objectives), where each has one."""
        links = {type(objective).inverse_link for objective in self.objectives}
        if links != {Objective.inverse_link} or self.n_scores != len(self.objectives):
            return np.column_stack(self.predict(scores))
        return scores.astype(np.float64, copy=False) * self.scale + self.centre

    def predict(self, scores: np.ndarray) -> list[np.ndarray]:
        """One prediction per objective from scores (n_samples, n_scores).

        Returns
        -------
        list of ndarray, float64
            (n_samples,) in the user's units, or (n_samples, n_classes).
        """
        predictions = []
        for k, objective in enumerate(self.objectives):
            score = scores[:, self.scores[k]].astype(np.float64)
            if not objective.multi_score:
                score = score[:, 0]
            value = objective.inverse_link(score)
            predictions.append(value * self.scale[k] + self.centre[k])
        return predictions


def _score_dtype(n_scores: int) -> type:
    """One column costs little in LightGBM's own precision and then gives its
    very trees; the K-wide work runs in float32.
    """
    return np.float64 if n_scores == 1 else np.float32


def observed(
    target: np.ndarray, weight: np.ndarray | None, k: int
) -> tuple[np.ndarray, np.ndarray | None]:
    """The observed values of target ``k`` and their weights, float64."""
    values, rows = np.asarray(target[:, k], dtype=np.float64), slice(None)
    missing = np.isnan(values)
    if missing.any():
        rows = np.flatnonzero(~missing)
        values = values[rows]
    if weight is None:
        return values, None
    column = weight[:, k if weight.shape[1] > 1 else 0]
    kept = column[rows] > 0
    return values[kept], np.asarray(column[rows][kept], dtype=np.float64)


def quartiles(
    values: np.ndarray, weights: np.ndarray | None, spread: float
) -> tuple[float, float]:
    """Median and interquartile range over that of a standard normal.

    ``spread`` where half of the values are equal and the range is 0.
    """
    low, centre, high = (
        weighted_quantile(values, alpha, weights) for alpha in (0.25, 0.5, 0.75)
    )
    unit = (high - low) / _NORMAL_QUARTILES
    return centre, unit if unit > 1e-14 * max(abs(low), abs(high)) else spread


def pad_scores(constant: np.ndarray, n_scores: int) -> np.ndarray:
    """Constant scores with those of classes that do not occur added."""
    return np.pad(
        constant, (0, n_scores - len(constant)), constant_values=_ABSENT_CLASS_SCORE
    )


def moments(values: np.ndarray, weights: np.ndarray | None) -> tuple[float, float]:
    """Mean and standard deviation (1 for a constant), safe from overflow."""
    largest = np.abs(values).max()
    if largest == 0.0:
        return 0.0, 1.0
    unit = values / largest
    centre = np.average(unit, weights=weights)
    spread = np.sqrt(np.average((unit - centre) ** 2, weights=weights))
    # Below float64's own rounding of the values there is no spread to speak of.
    if spread <= 1e-14:
        return float(centre * largest), 1.0
    return float(centre * largest), float(spread * largest)
