"""What an estimator says of its balancer before training."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..balancing import Balancer, Equal
from ..boosting import TargetCoder
from ..boosting.structure import StructureRule
from ..exceptions import IneffectiveBalancerWarning, warn_user


def warn_if_ineffective(
    balancer: Balancer, structure: StructureRule, coder: TargetCoder, preference: Any
) -> None:
    """Warn where what the balancer acts on does not occur.

    The user guide's page on balancing derives which Gramian it is given.
    """
    n_objectives = len(coder.objectives)
    if n_objectives == 1:
        return
    if structure.apart:
        _warn_if_apart(balancer, preference)
        return
    n_single = int((np.bincount(coder.owner) == 1).sum())
    reason = ""
    if balancer.draws_labels or balancer.takes_bounds:
        reason = "objectives that share one score"
    elif balancer.acts_on == "lengths":
        reason = "the lengths of gradients, which are scaled to 1"
    elif balancer.acts_on == "conflict" and not structure.linear:
        reason = (
            "gradients that oppose each other. Objectives with scores of their own "
            f"never do where trees are grown on {type(structure).__name__}"
        )
    elif balancer.acts_on == "conflict" and n_single < 2:
        reason = (
            "gradients that oppose each other, and no two objectives have a single "
            "score each"
        )
    elif balancer.acts_on != "all" and n_objectives == 2 and preference is None:
        reason = "the angles between gradients, and two objectives have one"
    if reason:
        warn_user(
            f"{type(balancer).__name__} acts on {reason}: the weights are those of "
            "balancer='equal'. Choose that or another balancer.",
            IneffectiveBalancerWarning,
        )


def _warn_if_apart(balancer: Balancer, preference: Any) -> None:
    """Trees of their own heed no weights, but whether they are 0."""
    weighed = preference is not None and np.all(preference)
    if weighed or not isinstance(balancer, Equal):
        warn_user(
            "'balancer' and 'preference' weigh objectives that share trees. With "
            "structure='apart' each has its own, whatever the weights: leave them at "
            "their defaults, or choose another structure.",
            IneffectiveBalancerWarning,
        )
