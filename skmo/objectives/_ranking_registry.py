"""The ranking objectives that have a name."""

from __future__ import annotations

import inspect

from .._registry import resolve
from ._base import Objective
from ._lambdarank import LambdaRank
from ._ranking import RankingObjective
from ._registry import OBJECTIVES, get_objective
from ._xendcg import XENDCG

RANKING_OBJECTIVES: dict[str, type[RankingObjective]] = {
    "lambdarank": LambdaRank,
    "xendcg": XENDCG,
}

# LightGBM's other name.
_ALIASES = {"rank_xendcg": "xendcg"}


def get_ranking_objective(
    objective: str
    | RankingObjective
    | Objective
    | type[RankingObjective]
    | type[Objective],
) -> RankingObjective | Objective:
    """The objective that a name, a class or an instance stands for.

    A ranking may be pulled on by losses of single rows as well, so that all that
    :func:`get_objective` takes is taken.

    Parameters
    ----------
    objective : str, RankingObjective, Objective or subclass of either
        A name or a class gives a new instance with default parameters, an
        instance a clone. Parameters are not checked. "rank_xendcg", LightGBM's
        name, is "xendcg".

    Returns
    -------
    RankingObjective or Objective

    Raises
    ------
    ValueError
        If it is none of these, with the list of names.

    Examples
    --------
    >>> from skmo.objectives import LambdaRank, get_ranking_objective
    >>> get_ranking_objective("rank_xendcg")
    XENDCG()
    >>> get_ranking_objective(LambdaRank(truncation=10))
    LambdaRank(truncation=10)
    >>> get_ranking_objective("poisson")
    Poisson()
    """
    if isinstance(objective, str):
        objective = _ALIASES.get(objective, objective)
    pointwise = inspect.isclass(objective) and issubclass(objective, Objective)
    if pointwise or isinstance(objective, Objective):
        return get_objective(objective)
    names = {**RANKING_OBJECTIVES, **OBJECTIVES}
    return resolve(objective, names, RankingObjective, "objective")
