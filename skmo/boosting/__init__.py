"""The shared-gradient balancing booster."""

from ._bag import bagging_seed
from ._booster import SharedBooster
from ._coder import TargetCoder, observed
from ._export import lightgbm_text
from ._forest import Forest
from ._funnel_rows import FunnelRows, conditional_target
from ._head_training import HeadTrainer
from ._heads import (
    Head,
    combined_scores,
    staged_combined_scores,
    to_one,
)
from ._imputation import impute
from ._joint_rows import JointRows
from ._leaf_values import LeafSettings
from ._lightgbm_params import check_lightgbm_params
from ._limits import Limits
from ._native import native_objective
from ._one_score_coder import OneScoreCoder
from ._own import OwnSettings
from ._reconcile import CONFLICTS, Reconciler
from ._result import BoostingResult
from ._rows import TargetRows
from ._run import Run
from ._single import SingleModel, SingleRows, train_single
from ._trajectory import MAX_OBJECTIVES
from ._tree import TreeError, TreeGrower, read_booster
from ._watch import Watch

__all__ = [
    "CONFLICTS",
    "MAX_OBJECTIVES",
    "BoostingResult",
    "Forest",
    "FunnelRows",
    "Head",
    "HeadTrainer",
    "JointRows",
    "LeafSettings",
    "Limits",
    "OneScoreCoder",
    "OwnSettings",
    "Reconciler",
    "Run",
    "SharedBooster",
    "SingleModel",
    "SingleRows",
    "TargetCoder",
    "TargetRows",
    "TreeError",
    "TreeGrower",
    "Watch",
    "bagging_seed",
    "check_lightgbm_params",
    "combined_scores",
    "conditional_target",
    "impute",
    "lightgbm_text",
    "native_objective",
    "observed",
    "read_booster",
    "staged_combined_scores",
    "to_one",
    "train_single",
]
