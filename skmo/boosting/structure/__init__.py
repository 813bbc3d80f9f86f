"""Rules for the structure gradient: which direction a shared tree is grown on."""

from ._apart import ApartTrees
from ._base import StructureRule, StructureState
from ._eigen import EigenDirection
from ._objective import ObjectiveDirection
from ._random import RandomDirection
from ._sum import SumDirection

STRUCTURE_RULES: dict[str, type[StructureRule]] = {
    "random": RandomDirection,
    "objective": ObjectiveDirection,
    "eigen": EigenDirection,
    "sum": SumDirection,
    "apart": ApartTrees,
}

__all__ = [
    "STRUCTURE_RULES",
    "ApartTrees",
    "EigenDirection",
    "ObjectiveDirection",
    "RandomDirection",
    "StructureRule",
    "StructureState",
    "SumDirection",
]
