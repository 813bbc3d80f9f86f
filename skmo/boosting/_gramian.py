"""Inner products of the objectives' gradients.

The user guide's page on balancing derives what is computed here.
"""

from __future__ import annotations

import numpy as np

from ._communicator import ALONE, Communicator

# Rows and multiplications a round's Gramian may cost at most.
_MAX_ROWS, _MAX_PRODUCTS = 100_000, 2e9


def sample_size(n_rows: int, n_scores: int) -> int:
    """Rows a Gramian is estimated from.

    Beyond 100 000 rows, or 2 GFLOP, a sample; never fewer than four rows per
    score, so that the sample itself does not make gradients dependent.
    """
    most = max(int(_MAX_PRODUCTS / n_scores**2), 4 * n_scores)
    return min(n_rows, _MAX_ROWS, most)


# Rows added to those that observe two targets, as if their gradients were unrelated.
_PRIOR_ROWS = 10


def cosines(
    gradient: np.ndarray,
    weight: np.ndarray | None,
    observed: np.ndarray | None = None,
    communicator: Communicator = ALONE,
) -> np.ndarray:
    """Cosines between the scores' gradients over rows, (n_scores, n_scores).

    Over the rows that observe both targets, as absent values say nothing of
    whether two targets want the same trees; few such rows are shrunk towards 0.
    The diagonal is 1 (0 for a gradient that vanishes). BLAS adds them up, and
    another number of BLAS threads (not ``n_jobs``) may change their last digits.

    Parameters
    ----------
    gradient : ndarray of shape (n_samples, n_scores)
        Times the weights.
    weight : ndarray of shape (n_samples, 1) or (n_samples, n_scores), or None
        A row counts by its weight, as that many rows would.
    observed : ndarray of shape (n_samples, n_scores), bool, optional
        Gradients are 0 elsewhere. None means all.
    communicator : Communicator
        With the processes that hold further rows.
    """
    if gradient.shape[1] == 1:
        gradient = gradient.astype(np.float64)  # as in `TargetRows`
    if weight is not None:
        root = np.sqrt(weight)
        gradient = np.divide(
            gradient, root, out=np.zeros_like(gradient), where=root > 0
        )
    sums = [(gradient.T @ gradient).astype(np.float64)]
    if observed is not None:
        seen = observed.astype(np.float32)
        # Entry (k, j): the squared length of gradient k over the rows that observe j.
        sums += [(gradient**2).T @ seen, seen.T @ seen]
    products, *over_observed = communicator.sum(*sums)
    scale = inverse(np.sqrt(np.diag(products)))
    if observed is None:
        return scale[:, None] * products * scale
    squares, joint = (sums.astype(np.float64) for sums in over_observed)
    found = products * inverse(np.sqrt(squares * squares.T))
    found *= joint / (joint + _PRIOR_ROWS)
    np.fill_diagonal(found, scale > 0)
    return found


def nearest_correlation(between: np.ndarray) -> np.ndarray:
    """Cosines without negative eigenvalues, which different rows may have caused."""
    values, vectors = np.linalg.eigh(between)
    if values[0] >= 0:
        return between
    found = (vectors * np.maximum(values, 0.0)) @ vectors.T
    scale = inverse(np.sqrt(np.maximum(np.diag(found), 0.0)))
    return scale[:, None] * found * scale


def draw_rows(n_rows: int, n_drawn: int, rng: np.random.Generator) -> np.ndarray | None:
    """So many rows in their order; None if that is all of them."""
    if n_drawn >= n_rows:
        return None
    return np.sort(rng.choice(n_rows, n_drawn, replace=False, shuffle=False))


def inverse(norms: np.ndarray) -> np.ndarray:
    """1 / norms, and 0 for a norm of 0."""
    return np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0)


def structure_gramian(
    between_scores: np.ndarray, owner: np.ndarray, *, linear: bool
) -> np.ndarray:
    """The Gramian of what the balancer's weights multiply.

    Parameters
    ----------
    between_scores : ndarray of shape (n_scores, n_scores)
        Cosines.
    owner : ndarray of shape (n_scores,), int
        The objective of each score, 0 to n_objectives - 1.
    linear : bool
        Whether the weights multiply the gradients themselves. An objective with
        several scores then takes part by a random mixture of them, whose
        products with other objectives are 0 in expectation. Otherwise they
        multiply each objective's sum of ``g g'`` over its scores, and inner
        products are squared cosines.

    Returns
    -------
    ndarray of shape (n_objectives, n_objectives)
        Positive semi-definite. The diagonal is 1 (0 for an objective whose
        gradient vanishes): lengths are units, or the number of classes.
    """
    if linear:
        n_scores = np.bincount(owner)
        several = (n_scores > 1)[owner]
        alone = np.where(several[:, None] | several, 0.0, between_scores)
        np.fill_diagonal(alone, np.diag(between_scores))
        return _sum_blocks(alone, owner) / np.sqrt(np.outer(n_scores, n_scores))
    return _likeness(between_scores, owner)


def objective_cosines(between_scores: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """How alike the objectives' gradients are, between -1 and 1.

    For two objectives with one score each it is the cosine of their gradients.
    Otherwise it is the root of the RV coefficient, which is its absolute value
    for one score each: a mixture of scores has no sign.
    """
    if len(owner) == 1 + owner.max(initial=0):
        return between_scores
    n_scores = np.bincount(owner)
    found = np.sqrt(_likeness(between_scores, owner))
    single = n_scores == 1
    columns = np.flatnonzero(single[owner])
    found[np.ix_(single, single)] = between_scores[np.ix_(columns, columns)]
    return found


def _likeness(between_scores: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """RV coefficients: squared cosines where objectives have one score each."""
    squares = _sum_blocks(between_scores**2, owner)
    scale = inverse(np.sqrt(np.diag(squares)))
    return scale[:, None] * squares * scale


def _sum_blocks(values: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Sums over the blocks of scores of each pair of objectives."""
    n_objectives = 1 + int(owner.max())
    if n_objectives == len(owner):
        return values
    sums = np.zeros((n_objectives, n_objectives))
    np.add.at(sums, (owner[:, None], owner[None, :]), values)
    return sums
