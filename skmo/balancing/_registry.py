"""The balancers' names."""

from __future__ import annotations

from typing import Any

from .._registry import resolve
from ._aligned_mtl import AlignedMTL
from ._augmented_lagrangian import AugmentedLagrangian
from ._base import Balancer
from ._cagrad import CAGrad
from ._cr_mogm import CRMOGM
from ._dualproj import DualProj
from ._dwa import DWA
from ._epo import EPO
from ._equal import Equal
from ._excess_mtl import ExcessMTL
from ._fairgrad import FairGrad
from ._famo import FAMO
from ._fixed import Fixed
from ._gls import GLS
from ._grad_normalised import GradNormalised
from ._gradvac import GradVac
from ._imtl_g import IMTLG
from ._label_aggregation import LabelAggregation
from ._mgda import MGDA
from ._modo import MoDo
from ._nash_mtl import NashMTL
from ._pcgrad import PCGrad
from ._random_loss import RandomLoss
from ._regularised_min_norm import RegularisedMinNorm
from ._sdmgrad import SDMGrad
from ._smooth_tchebycheff import SmoothTchebycheff
from ._tchebycheff import Tchebycheff
from ._uncertainty_weighting import UncertaintyWeighting
from ._upgrad import UPGrad
from ._wc_mgda import WCMGDA

BALANCERS: dict[str, type[Balancer]] = {
    "equal": Equal,
    "fixed": Fixed,
    "random_loss": RandomLoss,
    "grad_normalised": GradNormalised,
    "mgda": MGDA,
    "cr_mogm": CRMOGM,
    "regularised_min_norm": RegularisedMinNorm,
    "sdmgrad": SDMGrad,
    "modo": MoDo,
    "pcgrad": PCGrad,
    "gradvac": GradVac,
    "dualproj": DualProj,
    "upgrad": UPGrad,
    "cagrad": CAGrad,
    "imtl_g": IMTLG,
    "nash_mtl": NashMTL,
    "fairgrad": FairGrad,
    "aligned_mtl": AlignedMTL,
    "uncertainty_weighting": UncertaintyWeighting,
    "dwa": DWA,
    "famo": FAMO,
    "excess_mtl": ExcessMTL,
    "gls": GLS,
    "tchebycheff": Tchebycheff,
    "smooth_tchebycheff": SmoothTchebycheff,
    "epo": EPO,
    "wc_mgda": WCMGDA,
    "augmented_lagrangian": AugmentedLagrangian,
    "label_aggregation": LabelAggregation,
}

# Other names the literature uses.
ALIASES: dict[str, str] = {
    "aligned": "aligned_mtl",
    "chebyshev": "tchebycheff",
    "crmogm": "cr_mogm",
    "dual_proj": "dualproj",
    "e_constraint": "augmented_lagrangian",
    "ec": "augmented_lagrangian",
    "epsilon_constraint": "augmented_lagrangian",
    "ew": "equal",
    "excessmtl": "excess_mtl",
    "gem": "dualproj",
    "imtlg": "imtl_g",
    "imtl": "imtl_g",
    "linear_scalarisation": "equal",
    "linear_scalarization": "equal",
    "ls": "equal",
    "mgda_preference": "wc_mgda",
    "min_norm": "mgda",
    "nashmtl": "nash_mtl",
    "nash": "nash_mtl",
    "rlw": "random_loss",
    "sla": "label_aggregation",
    "stch": "smooth_tchebycheff",
    "stochastic_label_aggregation": "label_aggregation",
    "tch": "tchebycheff",
    "uw": "uncertainty_weighting",
    "wcmgda": "wc_mgda",
}


def get_balancer(balancer: Any) -> Balancer:
    """A balancer from its name, its class or an instance.

    Parameters
    ----------
    balancer : str, type or Balancer
        A name of ``BALANCERS`` or another common one, in any case and spelled with
        hyphens or without ("Nash-MTL"); a subclass of
        `Balancer`; or an instance, which is cloned: what a fit remembers in it
        stays its own.

    Returns
    -------
    Balancer
        With valid parameters and no memory.

    Raises
    ------
    ValueError
        For an unknown name or an invalid parameter.

    Examples
    --------
    >>> from skmo.balancing import get_balancer
    >>> get_balancer("ew")
    Equal()
    """
    if isinstance(balancer, str):
        balancer = balancer.lower().replace("-", "_").replace(" ", "_")
        balancer = ALIASES.get(balancer, balancer)
    found = resolve(balancer, BALANCERS, Balancer, "balancer")
    found.validate_params()
    return found
