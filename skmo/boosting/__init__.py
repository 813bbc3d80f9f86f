"""The shared-gradient balancing booster."""

from ._bag import bagging_seed
from ._booster import SharedBooster
from ._coder import TargetCoder, observed
from ._communicator import ALONE, Communicator, Features, Span
from ._contrib import contributions, only_scores
from ._export import combined_sum, lightgbm_text
from ._forest import Forest
from ._funnel_rows import FunnelRows, conditional_target
from ._head_training import HeadTrainer
from ._heads import (
    Head,
    combined_scores,
    staged_combined_scores,
    to_one,
)
from ._importance import shared_nodes, split_counts, structure_importance
from ._imputation import impute
from ._joint_rows import JointRows
from ._leaf_values import LeafSettings
from ._lightgbm_params import check_lightgbm_params
from ._limits import Limits
from ._links import lightgbm_objective, link_of
from ._native import native_objective
from ._network import Collectives, LightGBMNetwork, lightgbm_network
from ._nodes import NodeTable
from ._one_score_coder import OneScoreCoder
from ._own import OwnSettings
from ._reconcile import CONFLICTS, Reconciler
from ._result import BoostingResult
from ._rows import TargetRows
from ._run import Run
from ._single import SingleModel, SingleRows, train_single
from ._trajectory import MAX_OBJECTIVES
from ._tree import TreeError, TreeGrower, read_booster
from ._tree_text import TreeSum, TreeText, ValuedTree
from ._watch import Watch

__all__ = [
    "ALONE",
    "CONFLICTS",
    "MAX_OBJECTIVES",
    "BoostingResult",
    "Collectives",
    "Communicator",
    "Features",
    "Forest",
    "FunnelRows",
    "Head",
    "HeadTrainer",
    "JointRows",
    "LeafSettings",
    "LightGBMNetwork",
    "Limits",
    "NodeTable",
    "OneScoreCoder",
    "OwnSettings",
    "Reconciler",
    "Run",
    "SharedBooster",
    "SingleModel",
    "SingleRows",
    "Span",
    "TargetCoder",
    "TargetRows",
    "TreeError",
    "TreeGrower",
    "TreeSum",
    "TreeText",
    "ValuedTree",
    "Watch",
    "bagging_seed",
    "check_lightgbm_params",
    "combined_scores",
    "combined_sum",
    "conditional_target",
    "contributions",
    "impute",
    "lightgbm_network",
    "lightgbm_objective",
    "lightgbm_text",
    "link_of",
    "native_objective",
    "observed",
    "only_scores",
    "read_booster",
    "shared_nodes",
    "split_counts",
    "staged_combined_scores",
    "structure_importance",
    "to_one",
    "train_single",
]
