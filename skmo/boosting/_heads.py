"""Per-objective learners beside or behind the shared trees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from ._own import OwnTrees
from ._result import BoostingResult


@dataclass(frozen=True)
class Head:
    """One objective's own trees and their part in its prediction.

    Attributes
    ----------
    trees : OwnTrees
    share : float
        Weight of the own trees' prediction, in (0, 1].
    continues : bool
        Whether the trees add to the shared scores instead of starting anew.
    """

    trees: OwnTrees
    share: float
    continues: bool

    @property
    def n_iter(self) -> int:
        return self.trees.best_iteration

    def combine(self, shared: np.ndarray, own: np.ndarray) -> np.ndarray:
        """The objective's scores from the shared trees' and its own."""
        if self.continues:
            return shared + own
        return (1.0 - self.share) * shared + self.share * own

    @property
    def shared_share(self) -> float:
        """Weight of the shared trees' scores."""
        return 1.0 if self.continues else 1.0 - self.share

    def gains(self, shared: np.ndarray) -> np.ndarray:
        """Shares of split gain, given the shared trees' gains."""
        own = self.trees.gains()
        if self.continues:
            return to_one(shared + own)
        blend = (1.0 - self.share) * to_one(shared) + self.share * to_one(own)
        return to_one(blend)


def to_one(gains: np.ndarray) -> np.ndarray:
    """Gains over their sum; unchanged if that is 0."""
    total = gains.sum()
    return gains / total if total > 0 else gains


def combined_scores(
    result: BoostingResult,
    X: np.ndarray | sp.csr_matrix,
    n_threads: int,
    objectives: Sequence[int] | None = None,
) -> np.ndarray:
    """Scores (n_samples, n_scores) of shared trees and heads together.

    Summed in float64, whatever they were trained in: sums of many trees keep their
    digits then, and an exported model, which is summed so, gives the same.

    Given some ``objectives``, the scores that others read stay at their constants,
    which saves the trees that these alone predict with.
    """
    coder = result.coder
    n_rounds, wanted = result.n_iter[coder.owner], range(len(result.heads))
    if objectives is not None:
        wanted = objectives
        read = np.zeros(coder.n_scores, dtype=bool)
        for k in wanted:
            read[coder.scores[k]] = True
        n_rounds = np.where(read, n_rounds, 0)
    scores = result.forest.scores(X, n_rounds, n_threads, np.float64)
    for k in wanted:
        columns, head = coder.scores[k], result.heads[k]
        if head is not None:
            own = head.trees.scores(X, n_threads)
            scores[:, columns] = head.combine(scores[:, columns], own)
    return scores


def staged_combined_scores(
    result: BoostingResult, X: np.ndarray | sp.csr_matrix, n_threads: int
) -> Iterator[np.ndarray]:
    """The scores after 1, 2, … trees of each objective.

    A blend has so many shared trees and so many of its own; a continuing head's
    trees come after the shared ones.
    """
    coder, heads = result.coder, result.heads
    n_rounds = result.n_iter[coder.owner]
    shared = result.forest.staged_scores(X, n_rounds, n_threads, np.float64)
    staged = {
        k: head.trees.staged_scores(X, n_threads)
        for k, head in enumerate(heads)
        if head is not None
    }
    first = {k: result.n_iter[k] if heads[k].continues else 0 for k in staged}
    last = [0 if head is None else head.n_iter for head in heads]
    n_stages = max(
        int(result.n_iter.max(initial=0)),
        max((first[k] + last[k] for k in staged), default=0),
    )
    scores = np.tile(coder.init_scores.astype(np.float64), (X.shape[0], 1))
    own: dict[int, np.ndarray] = {}
    for t in range(n_stages):
        scores = next(shared, scores)
        stage = scores.copy()
        for k, trees in staged.items():
            if t >= first[k]:
                step = next(trees, None)
                if step is not None:
                    own[k] = step
                elif k not in own:  # a constant without a tree
                    own[k] = heads[k].trees.scores(X, n_threads)
                columns = coder.scores[k]
                stage[:, columns] = heads[k].combine(stage[:, columns], own[k])
        yield stage
