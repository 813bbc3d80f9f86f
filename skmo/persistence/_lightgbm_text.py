"""LightGBM's text format, checked before LightGBM's own reader sees it.

That reader trusts its input: a child or a feature out of range, or arrays that are
shorter than announced, end the process, loop for ever or read beyond the memory that
is theirs. What passes here is written anew from its parts, so that nothing else reaches
LightGBM.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from ..exceptions import ModelFileError
from ._lightgbm_trees import check_trees

_INTEGER = r"-?[0-9]{1,10}"
_NUMBER = r"[-+]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?(?:[eE][-+]?[0-9]{1,4})?|inf|nan)"
_NAMES = re.compile(r'[^\s",:\[\]{}]{1,1000}(?: [^\s",:\[\]{}]{1,1000})*')
_INFO = rf"(?:none|\[{_NUMBER}:{_NUMBER}\]|{_INTEGER}(?::{_INTEGER})*)"
_INFOS = re.compile(rf"{_INFO}(?: {_INFO})*")
_OBJECTIVE = re.compile(
    r"regression|regression_l1|quantile|huber|poisson|gamma|tweedie"
    r"|binary sigmoid:1|cross_entropy|multiclass num_class:([0-9]{1,6})"
)
_FOOTER = """end of trees

feature_importances:

parameters:

end of parameters

pandas_categorical:null
"""


@dataclass(frozen=True)
class TreesText:
    """A model in LightGBM's text format that its reader can be given.

    Attributes
    ----------
    text : str
        Without the parameters it was trained with and its importances, which
        follow from the trees.
    n_features : int
    n_per_round : int
        Trees per round.
    leaves : ndarray of shape (n_trees,), int
        The leaves of each tree.
    """

    text: str
    n_features: int
    n_per_round: int
    leaves: np.ndarray


def read_trees(text: str) -> TreesText:
    """Check a model in LightGBM's text format.

    Raises
    ------
    ModelFileError
        If it is not what LightGBM 4 writes for the trees that skmo grows.
    """
    header, _, rest = text.partition("\n\n")
    body = rest.partition("end of trees")[0].strip("\n")
    fields = _read_header(header)
    blocks = [block.split("\n") for block in body.split("\n\n\n")] if body else []
    trees = [_fields(lines[1:]) for lines in blocks]
    if any(lines[0] != f"Tree={t}" for t, lines in enumerate(blocks)):
        raise ModelFileError("The trees of a LightGBM model are out of order.")
    n_features = int(fields["max_feature_idx"]) + 1
    n_per_round = int(fields["num_tree_per_iteration"])
    if len(trees) % n_per_round:
        raise ModelFileError("A LightGBM model has an unfinished round.")
    leaves = check_trees(trees, n_features)
    sections = ["\n".join([*lines, "", "", ""]) for lines in blocks]
    fields["tree_sizes"] = " ".join(str(len(section)) for section in sections)
    head = ["tree", *(f"{name}={value}" for name, value in fields.items()), "", ""]
    found = "".join(["\n".join(head), *sections, _FOOTER])
    return TreesText(found, n_features, n_per_round, leaves)


def _read_header(header: str) -> dict[str, str]:
    first, *lines = header.split("\n")
    fields = _fields(lines)
    fields.pop("tree_sizes", None)  # by these LightGBM would jump anywhere
    expected = ["version", "num_class", "num_tree_per_iteration", "label_index"]
    expected += ["max_feature_idx", "objective", "feature_names", "feature_infos"]
    if "objective" not in fields:
        expected.remove("objective")
    if first != "tree" or list(fields) != expected or fields["version"] != "v4":
        raise ModelFileError("A LightGBM model does not begin as LightGBM 4 writes it.")
    n_classes = fields["num_class"]
    # A shared tree has none.
    objective = _OBJECTIVE.fullmatch(fields.get("objective", "regression"))
    good = (
        re.fullmatch(r"[1-9][0-9]{0,5}", n_classes)
        and fields["num_tree_per_iteration"] == n_classes
        and fields["label_index"] == "0"
        and re.fullmatch(r"[0-9]{1,9}", fields["max_feature_idx"])
        and objective
        and (objective[1] or "1") == n_classes
    )
    if not good:
        raise ModelFileError("A LightGBM model has a header that does not fit it.")
    n_features = int(fields["max_feature_idx"]) + 1
    for name, pattern in (("feature_names", _NAMES), ("feature_infos", _INFOS)):
        value = fields[name]
        if value.count(" ") + 1 != n_features or not pattern.fullmatch(value):
            raise ModelFileError(f"A LightGBM model has bad {name!r}.")
    return fields


def _fields(lines: list[str]) -> dict[str, str]:
    fields = {}
    for line in lines:
        name, equals, value = line.partition("=")
        if not equals or name in fields:
            raise ModelFileError(f"A LightGBM model has a bad line: {line[:40]!r}.")
        fields[name] = value
    return fields


def without_training(text: str) -> str:
    """LightGBM's own text without what it was trained with and its importances."""
    return text.partition("end of trees")[0] + _FOOTER
