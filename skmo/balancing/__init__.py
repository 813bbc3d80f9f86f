"""Balancers: how much each objective weighs in a round."""

from ._aligned_mtl import AlignedMTL
from ._augmented_lagrangian import AugmentedLagrangian
from ._base import Balancer
from ._cagrad import CAGrad
from ._check import check_balancer
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
from ._registry import BALANCERS, get_balancer
from ._regularised_min_norm import RegularisedMinNorm
from ._sdmgrad import SDMGrad
from ._smooth_tchebycheff import SmoothTchebycheff
from ._tchebycheff import Tchebycheff
from ._uncertainty_weighting import UncertaintyWeighting
from ._upgrad import UPGrad
from ._wc_mgda import WCMGDA

__all__ = [
    "BALANCERS",
    "CRMOGM",
    "DWA",
    "EPO",
    "FAMO",
    "GLS",
    "IMTLG",
    "MGDA",
    "WCMGDA",
    "AlignedMTL",
    "AugmentedLagrangian",
    "Balancer",
    "CAGrad",
    "DualProj",
    "Equal",
    "ExcessMTL",
    "FairGrad",
    "Fixed",
    "GradNormalised",
    "GradVac",
    "LabelAggregation",
    "MoDo",
    "NashMTL",
    "PCGrad",
    "RandomLoss",
    "RegularisedMinNorm",
    "SDMGrad",
    "SmoothTchebycheff",
    "Tchebycheff",
    "UPGrad",
    "UncertaintyWeighting",
    "check_balancer",
    "get_balancer",
]
