"""How predictions follow from scores, in words that other libraries know."""

from __future__ import annotations

from collections.abc import Sequence

from ..objectives import (
    Binary,
    CrossEntropy,
    Gamma,
    Multiclass,
    Objective,
    Poisson,
    RankingObjective,
    Tweedie,
)

# By the function itself: a subclass that keeps it has the link.
_LINKS = {
    Objective.inverse_link: "identity",
    RankingObjective.inverse_link: "identity",
    Poisson.inverse_link: "exp",
    Gamma.inverse_link: "exp",
    Tweedie.inverse_link: "exp",
    Binary.inverse_link: "sigmoid",
    CrossEntropy.inverse_link: "sigmoid",
    Multiclass.inverse_link: "softmax",
}
# What LightGBM calls an objective with one score and this link.
_ONE_SCORE = {"identity": "regression", "exp": "poisson", "sigmoid": "binary sigmoid:1"}
_ONE_SCORE_OF = {Gamma: "gamma", Tweedie: "tweedie", CrossEntropy: "cross_entropy"}


def link_of(objective: Objective | RankingObjective) -> str:
    """Of "identity", "exp", "sigmoid", "softmax"; "custom" for a user's own."""
    return _LINKS.get(type(objective).inverse_link, "custom")


def lightgbm_objective(objectives: Sequence[Objective], n_scores: int) -> str | None:
    """The objective by which LightGBM predicts from raw scores as skmo does.

    Parameters
    ----------
    objectives : sequence of Objective
        Those that read a score of their own, or several.
    n_scores : int

    Returns
    -------
    str or None
        As in the header of LightGBM's text files. None where raw scores are the
        predictions already, or LightGBM has nothing that turns them into such.
    """
    links = {link_of(objective) for objective in objectives}
    if len(links) > 1:
        return None
    link = links.pop()
    if n_scores == 1:
        return _ONE_SCORE_OF.get(type(objectives[0]), _ONE_SCORE.get(link))
    if link == "sigmoid":
        return f"multiclassova num_class:{n_scores} sigmoid:1"
    if link == "softmax" and len(objectives) == 1:
        return f"multiclass num_class:{n_scores}"
    return None
