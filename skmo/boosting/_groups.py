"""Targets that share an objective, and their columns."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..objectives import Objective
from ._coder import TargetCoder


@dataclass
class Group:
    """Targets that share an objective, worked on as one block of columns.

    Attributes
    ----------
    objective : Objective
    targets, scores : list of int
        Columns of the targets and of the score matrix.
    target : ndarray of shape (n_samples, n_targets), float32
        Its targets side by side: arithmetic on strided columns would cost
        several times as much.
    """

    objective: Objective
    targets: list[int] = field(default_factory=list)
    scores: list[int] = field(default_factory=list)
    target: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))


def group_targets(coder: TargetCoder) -> list[Group]:
    groups: dict[object, Group] = {}
    for k, objective in enumerate(coder.objectives):
        key: object = k
        params = objective.get_params(deep=False)
        if not objective.multi_score and all(map(np.isscalar, params.values())):
            key = (type(objective), *sorted(params.items()))
        group = groups.setdefault(key, Group(objective))
        group.targets.append(k)
        group.scores.extend(range(coder.scores[k].start, coder.scores[k].stop))
    return list(groups.values())


def selector(columns: list[int]) -> slice | list[int]:
    """A slice where the columns are neighbours, so that indexing copies nothing."""
    if columns == list(range(columns[0], columns[0] + len(columns))):
        return slice(columns[0], columns[-1] + 1)
    return columns


def put(found: np.ndarray, values: np.ndarray, rows: slice, group: Group) -> None:
    """Copy a group's block of derivatives to its place, unless that is where it is."""
    if not np.may_share_memory(found, values):
        values[rows, selector(group.scores)] = found


def columns_of(block: np.ndarray, columns: list[int]) -> np.ndarray:
    """These columns side by side in memory; the block itself if it is all of them."""
    return np.ascontiguousarray(block[:, selector(columns)])
