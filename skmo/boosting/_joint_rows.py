"""Losses and gradients of objectives that see queries, or share a score."""

from __future__ import annotations

import numpy as np

from ._blocks import RowBlocks
from ._coder import TargetCoder
from ._gramian import inverse
from ._pulls import Pulls
from ._readers import Reader, RowReader
from ._rows import TargetRows, unit_weights


class JointRows(TargetRows):
    """Some rows' targets, each with a loss over rows or over queries.

    Objectives have a score each, or all read the same: as the coder says.

    Parameters
    ----------
    coder : TargetCoder
        With a `OneScoreCoder` all objectives read one score.
    target : ndarray of shape (n_samples, n_objectives)
        In the user's units, NaN where unobserved.
    weight : ndarray of shape (n_samples, 1) or (n_samples, n_objectives), or None
    n_threads : int
    query : ndarray of shape (n_samples,), int, or None
        The query of each row, never falling; None where no loss is over queries.
    seed : int
        For losses that draw.
    """

    def __init__(
        self,
        coder: TargetCoder,
        target: np.ndarray,
        weight: np.ndarray | None,
        n_threads: int = 1,
        *,
        query: np.ndarray | None = None,
        seed: int = 0,
    ):
        self.coder, self.query = coder, query
        n, n_objectives = target.shape
        self.blocks = RowBlocks(n, n_objectives, n_threads)
        if weight is not None and n_objectives > 1:
            weight = unit_weights(weight)
        self.weight = None if weight is None else weight.astype(np.float32)
        self._readers = [
            self._reader(k, target, n_threads, seed) for k in range(n_objectives)
        ]
        self.weight_sums = np.array([r.weight_sum for r in self._readers])
        informative = np.column_stack([r.informative for r in self._readers])
        root = np.ones((1, 1)) if self.weight is None else self.weight
        self._gradient_weights = np.where(informative, root, 0).sum(axis=0, dtype=float)
        self._shares = informative.mean(axis=0)
        self.shared_hessian = False
        # A leaf of a shared score holds rows of whichever objective.
        observed = ~np.isnan(target)
        missing = not (coder.shares_score or observed.all())
        self.observed = observed if missing else None
        self.pulls, self._unit = None, np.ones(n_objectives)
        self._judged = observed if self.weight is None else observed & (self.weight > 0)

    def _reader(self, k: int, target: np.ndarray, n_threads: int, seed: int) -> Reader:
        objective, weight = self.coder.objectives[k], self.weight_of(k)
        if objective.task == "ranking":
            weight = None if weight is None else weight.astype(np.float64)
            return objective.over(
                target[:, k], self.query, weight, seed=seed + k, n_threads=n_threads
            )
        own = self.coder.only(k)
        return RowReader(own, self.coder.encode(target, [k])[:, 0], weight, n_threads)

    def close(self) -> None:
        super().close()
        for reader in self._readers:
            if isinstance(reader, RowReader):
                reader.close()

    def memory(self) -> list:
        return [reader.memory() for reader in self._readers]

    def remember(self, memory: list) -> None:
        for reader, remembered in zip(self._readers, memory, strict=True):
            reader.remember(remembered)

    def target(self, k: int) -> np.ndarray:
        return self._readers[k].target

    def share_observed(self, k: int) -> float:
        # Queries whose grades are all equal have no gradient.
        return self._shares[k]

    @property
    def gradient_weights(self) -> np.ndarray:
        return self._gradient_weights

    def constant_losses(self) -> np.ndarray:
        """The losses of the objectives' own best constants."""
        return np.array([reader.constant_loss() for reader in self._readers])

    def loss_units(self) -> np.ndarray:
        """What losses are measured against: 1 for those of rankings."""
        return np.array([reader.loss_unit() for reader in self._readers])

    def losses(self, scores: np.ndarray) -> np.ndarray:
        columns = zip(self._readers, self.coder.reads, strict=True)
        return np.array([reader.loss(scores[:, s]) for reader, s in columns])

    def gradients(
        self, scores: np.ndarray, gradient: np.ndarray, hessian: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Fill in the gradients of scores of their own.

        Those of a shared score go to ``pulls`` instead, for `merge` to sum up.
        """
        n, n_objectives = len(self), len(self._readers)
        self._scores = scores
        if self.coder.shares_score and self.pulls is None:
            room = np.empty((n, n_objectives, 1), dtype=np.float32)
            self.pulls = Pulls(room, np.empty(0))
            self._curvature = np.empty((n, n_objectives), dtype=np.float32)
        found_g, found_h = gradient, hessian
        if self.pulls is not None:
            found_g, found_h = self.pulls.gradient[:, :, 0], self._curvature
        losses, g, h = np.empty(n_objectives), *np.empty((2, n), dtype=np.float32)
        for k, (reader, s) in enumerate(
            zip(self._readers, self.coder.reads, strict=True)
        ):
            losses[k] = reader.gradient_hessian(scores[:, s], g, h)
            found_g[:, k], found_h[:, k] = g, h
        products = self._products(found_g)
        if self.pulls is None:
            return losses, np.diag(products)
        self.pulls.products = products
        return losses, np.array([np.trace(products)])

    def _products(self, gradient: np.ndarray) -> np.ndarray:
        """Inner products of the gradients over rows, a row counting by its weight."""
        root = None
        if self.weight is not None and (
            self.coder.shares_score or self.weight.shape[1] == 1
        ):
            root = np.sqrt(inverse(self.weight.max(axis=1, keepdims=True)))
        elif self.weight is not None:
            root = np.sqrt(inverse(self.weight))

        def block(rows: slice) -> np.ndarray:
            g = gradient[rows] if root is None else gradient[rows] * root[rows]
            return np.einsum("nk,nj->kj", g, g, dtype=np.float64)

        return np.sum(self.blocks.map(block), axis=0)

    def set_units(self) -> None:
        """Take the gradients' lengths before the first tree as the objectives' units.

        At a start that heeds no preference, which would count twice otherwise, and
        relative to their geometric mean, so that a single objective stays as it is.
        What an objective's weight means then depends neither on the scale of its
        loss, nor on how many rows it has something to say of, nor on the round.
        """
        constant = self.coder.own_constants.mean()
        start = np.full((len(self), 1), constant, dtype=self.coder.init_scores.dtype)
        self.gradients(start, *np.empty((2, len(self), 1), dtype=np.float32))
        self._unit = relative_lengths(np.sqrt(np.diag(self.pulls.products)))

    def smooth_losses(self, scores: np.ndarray | None = None) -> np.ndarray:
        """What balancers compare: losses that fall smoothly, near 1 at first.

        At these scores (n_samples, 1), or those of the last `gradients`.
        """
        scores = self._scores if scores is None else scores
        return np.array([r.smooth_loss(scores[:, 0]) for r in self._readers])

    def products_in_units(self) -> np.ndarray:
        """The gradients' mean inner products, each gradient over its unit."""
        return self.pulls.products / np.outer(self._unit, self._unit) / len(self)

    def merge(
        self, weights: np.ndarray, gradient: np.ndarray, hessian: np.ndarray
    ) -> None:
        """Fill in the weighted sums of the objectives' gradients and Hessians.

        Parameters
        ----------
        weights : ndarray of shape (n_objectives,) or (n_samples, n_objectives)
            Of the losses in their units.
        gradient, hessian : ndarray of shape (n_samples, 1)
        """
        weights = (weights / self._unit).astype(np.float32)

        def block(rows: slice) -> None:
            w = weights if weights.ndim == 1 else weights[rows]
            pulls, curvature = self.pulls.gradient[rows, :, 0], self._curvature[rows]
            gradient[rows, 0] = (pulls * w).sum(axis=1)
            # Negative weights turn gradients round; steps stay steps.
            hessian[rows, 0] = (curvature * np.abs(w)).sum(axis=1)

        self.blocks.map(block)

    def draw_labels(self, chances: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One objective for each query (or row), as weights of 1 and 0.

        Drawn among those that the query was judged by.

        Parameters
        ----------
        chances : ndarray of shape (n_objectives,)
        rng : numpy.random.Generator

        Returns
        -------
        ndarray of shape (n_samples, n_objectives), float32
        """
        known, group = self._judged, np.arange(len(self))
        if self.query is not None:
            group = np.unique(self.query, return_inverse=True)[1].reshape(-1)
            starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
            known = np.logical_or.reduceat(known, starts, axis=0)
        ends = np.cumsum(known * chances, axis=1)
        drawn = (rng.random(len(ends))[:, None] * ends[:, -1:] >= ends).sum(axis=1)
        one_hot = np.eye(len(chances) + 1, len(chances), dtype=np.float32)[drawn]
        return one_hot[group]


def relative_lengths(lengths: np.ndarray) -> np.ndarray:
    """Lengths over their geometric mean.

    What vanishes but for rounding has no length to measure by: it is left out and 1.
    """
    some = lengths > 1e-6 * lengths.max()
    found = np.ones(len(lengths))
    if some.any():
        logs = np.log(lengths[some])
        found[some] = np.exp(logs - logs.mean())
    return found
