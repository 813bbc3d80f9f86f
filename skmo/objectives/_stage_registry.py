"""The losses of a funnel's stages that have a name, and mixes of them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

from .._registry import resolve
from ._stage import StageLoss
from ._stage_losses import (
    ConditionalLoss,
    DoublyRobustLoss,
    EntireSpaceLoss,
    InversePropensityLoss,
)

STAGE_LOSSES: dict[str, type[StageLoss]] = {
    "entire_space": EntireSpaceLoss,
    "conditional": ConditionalLoss,
    "ips": InversePropensityLoss,
    "dr": DoublyRobustLoss,
}


def get_stage_losses(
    loss: Any, min_propensity: float | None = None
) -> list[tuple[StageLoss, float]]:
    """The losses that a name, an instance or a mix of names stands for.

    Parameters
    ----------
    loss : str, StageLoss, subclass of StageLoss, or dict of str to float
        A dict is a sum of named losses, each times its weight.
    min_propensity : float, default=None
        That of the losses made from names. None leaves their default.

    Returns
    -------
    list of (StageLoss, float)
        New instances, and their weights; those of weight 0 are left out.

    Raises
    ------
    ValueError
        For an unknown name, a negative weight, or weights that are all 0.

    Examples
    --------
    >>> from skmo.objectives import get_stage_losses
    >>> get_stage_losses({"conditional": 1.0, "entire_space": 0.3})
    [(ConditionalLoss(), 1.0), (EntireSpaceLoss(), 0.3)]
    >>> get_stage_losses("ips", min_propensity=0.1)
    [(InversePropensityLoss(min_propensity=0.1), 1.0)]
    """
    # Pairs, as what is wrongly given for a loss may not serve as a key.
    mix = list(loss.items()) if isinstance(loss, Mapping) else [(loss, 1.0)]
    found = []
    for name, weight in mix:
        if not isinstance(weight, Real) or not 0 <= float(weight) < math.inf:
            raise ValueError(
                "The weights of a 'loss' that is a mix must be finite numbers of at "
                f"least 0. Got {weight!r:.200} for {name!r:.200}."
            )
        part = resolve(name, STAGE_LOSSES, StageLoss, "loss")
        named = isinstance(name, str)
        if named and min_propensity is not None and _has_propensity(part):
            part.set_params(min_propensity=min_propensity)
        part.validate_params()
        if float(weight) > 0:
            found.append((part, float(weight)))
    if not found:
        raise ValueError(
            "A 'loss' that is a mix must have a positive weight. Got "
            f"{loss!r:.200} instead."
        )
    return found


def _has_propensity(part: StageLoss) -> bool:
    return "min_propensity" in inspect.signature(type(part)).parameters
