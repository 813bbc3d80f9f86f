"""How the stages of a funnel pull apart on shared scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..objectives import EntireSpaceLoss, Stage


def stage_conflict(stages: Sequence[Stage], weight: np.ndarray) -> np.ndarray:
    """How the entire-space losses of later stages pull on earlier scores.

    Parameters
    ----------
    stages : sequence of Stage
        From the first to the last, of the same rows.
    weight : ndarray of shape (n_samples, n_stages)

    Returns
    -------
    ndarray of shape (4, n_stages - 1)
        By stage, over the rows that its own loss and a later one pull on, which
        count by their weight: the share of them that are pulled both ways; the later
        losses' pull over the own one there; the share of those where it is the
        greater; and the mean cosine, 1 or -1 in each row.
    """
    own, later = np.zeros((2, *weight.shape))
    for k, stage in enumerate(stages):
        found = EntireSpaceLoss().derivatives(stage).gradient * weight[:, [k]]
        own[:, k] = found[:, -1]
        later[:, :k] += found[:, :-1]
    own, later = own[:, :-1], later[:, :-1]
    both = (own != 0) & (later != 0)
    against = own * later < 0
    outweighed = against & (np.abs(later) > np.abs(own))
    counts = weight.max(axis=1, keepdims=True)
    n_both, n_against, n_outweighed = (
        (counts * where).sum(axis=0) for where in (both, against, outweighed)
    )
    own_size, later_size = (
        np.abs(pull).sum(axis=0, where=against) for pull in (own, later)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.array(
            [
                n_against / n_both,
                later_size / own_size,
                n_outweighed / n_against,
                1 - 2 * n_against / n_both,
            ]
        )
