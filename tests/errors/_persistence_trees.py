"""Errors of LightGBM's text, in files that were made to do harm."""

from __future__ import annotations

from functools import partial

from skmo.exceptions import ModelFileError
from skmo.persistence._lightgbm_text import read_trees

from .case import Case

HEADER = {
    "version": "v4",
    "num_class": "1",
    "num_tree_per_iteration": "1",
    "label_index": "0",
    "max_feature_idx": "0",
    "objective": "regression",
    "feature_names": "x",
    "feature_infos": "none",
}


def stick(n_splits):
    """The lines of a tree whose every split has a leaf on its left."""
    leaves = range(1, n_splits + 1)
    left = [-k for k in leaves]
    right = [*range(1, n_splits), -(n_splits + 1)]
    nodes, ends = ["0"] * n_splits, ["1"] * (n_splits + 1)
    lines = {
        "num_leaves": [n_splits + 1],
        "num_cat": [0],
        "split_feature": nodes,
        "split_gain": nodes,
        "threshold": nodes,
        "decision_type": ["2"] * n_splits,
        "left_child": left,
        "right_child": right,
        "leaf_value": ends,
        "leaf_weight": ends,
        "leaf_count": ends,
        "internal_value": nodes,
        "internal_weight": nodes,
        "internal_count": nodes,
        "is_linear": [0],
        "shrinkage": [1],
    }
    return {name: " ".join(map(str, values)) for name, values in lines.items()}


def read(header=HEADER, *trees, first="tree", numbers=None):
    """Read trees of these lines."""
    if not trees:
        trees = [stick(2)]
    parts = [joined(first, header), ""]
    for t, lines in zip(numbers or range(len(trees)), trees, strict=True):
        parts += [joined(f"Tree={t}", lines), "", ""]
    read_trees("\n".join([*parts, "end of trees\n"]))


def joined(first, lines):
    return "\n".join([first, *(f"{name}={text}" for name, text in lines.items())])


def read_header(**changes):
    read({**HEADER, **changes})


def read_tree(**changes):
    read(HEADER, {**stick(2), **changes})


def misfit(name, **changes):
    """A line that does not fit its tree, by its name."""
    value = f"The line {name!r} of a LightGBM tree does not fit it."
    return Case(partial(read_tree, **changes), ModelFileError, None, value, None)


of_text = partial(Case, error=ModelFileError, parameter=None, remedy=None)

CASES = {
    "too deep": Case(
        partial(read, HEADER, stick(4100)),
        ModelFileError,
        "'max_depth'",
        "A LightGBM tree is more than 4096 splits deep",
        "Limit 'max_depth'",
    ),
    "order": of_text(
        partial(read, HEADER, stick(1), stick(2), numbers=[1, 0]),
        value="The trees of a LightGBM model are out of order.",
    ),
    "unfinished round": of_text(
        partial(
            read,
            {
                **HEADER,
                "num_class": "2",
                "num_tree_per_iteration": "2",
                "objective": "multiclass num_class:2",
            },
        ),
        value="A LightGBM model has an unfinished round.",
    ),
    "first line": of_text(
        partial(read, first="forest"),
        value="A LightGBM model does not begin as LightGBM 4 writes it.",
    ),
    "version": of_text(
        partial(read_header, version="v2"),
        value="A LightGBM model does not begin as LightGBM 4 writes it.",
    ),
    "classes": of_text(
        partial(read_header, num_class="3"),
        value="A LightGBM model has a header that does not fit it.",
    ),
    "names of features": of_text(
        partial(read_header, feature_names="x y"),
        value="A LightGBM model has bad 'feature_names'.",
    ),
    "infos of features": of_text(
        partial(read_header, feature_infos="[0:1](2)"),
        value="A LightGBM model has bad 'feature_infos'.",
    ),
    "line of no value": of_text(
        partial(read_header, label_index="0\nanything"),
        value="A LightGBM model has a bad line: 'anything'.",
    ),
    "line twice": of_text(
        partial(read_header, label_index="0\nversion=v4"),
        value="A LightGBM model has a bad line: 'version=v4'.",
    ),
    "a line more": of_text(
        partial(read_tree, more="1"),
        value="A LightGBM tree does not have the lines it should.",
    ),
    "linear leaves": of_text(
        partial(read_tree, is_linear="1"),
        value="A LightGBM tree has linear models in its leaves.",
    ),
    "no leaves": misfit("num_leaves", num_leaves="0"),
    "a value less": misfit("leaf_value", leaf_value="1 1"),
    "letters": misfit("threshold", threshold="x 0"),
    "no number": misfit("threshold", threshold="0 --1"),
    "too large a number": misfit("split_feature", split_feature=f"0 {2**80}"),
    "feature": misfit("split_feature", split_feature="0 1"),
    "children": misfit("left_child or right_child", left_child="0 -2"),
    "child of two": misfit("left_child or right_child", left_child="1 -2"),
    "sets": misfit("num_cat", num_cat="1"),
}
