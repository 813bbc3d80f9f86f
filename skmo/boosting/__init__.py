"""The shared-gradient balancing booster."""

from ._bag import bagging_seed
from ._booster import BoostingResult, LeafSettings, SharedBooster
from ._coder import TargetCoder, observed
from ._forest import Forest
from ._lightgbm_params import check_lightgbm_params
from ._rows import TargetRows
from ._tree import SingleModel, TreeError, TreeGrower, train_single

__all__ = [
    "BoostingResult",
    "Forest",
    "LeafSettings",
    "SharedBooster",
    "SingleModel",
    "TargetCoder",
    "TargetRows",
    "TreeError",
    "TreeGrower",
    "bagging_seed",
    "check_lightgbm_params",
    "observed",
    "train_single",
]
