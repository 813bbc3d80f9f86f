"""Which of LightGBM's texts reach LightGBM."""

from __future__ import annotations

import re

import lightgbm as lgb
import numpy as np
import pytest

from skmo.exceptions import ModelFileError
from skmo.persistence._lightgbm_text import read_trees

OBJECTIVES = {
    "regression": {},
    "regression_l1": {},
    "quantile": {"alpha": 0.3},
    "huber": {},
    "poisson": {},
    "gamma": {},
    "tweedie": {},
    "binary": {},
    "cross_entropy": {},
    "multiclass": {"num_class": 3},
}


def rows(n=400):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 4))
    X[::7, 1] = np.nan
    X[:, 2] = np.where(rng.random(n) < 0.3, 0.0, X[:, 2])
    X[:, 3] = rng.integers(0, 40, n)
    return X


def train(objective="regression", **params):
    X = rows()
    y = np.abs(X[:, 0]) + X[:, 3] % 3 + 0.1
    if objective in ("binary", "cross_entropy"):
        y = (y > 1.5).astype(float)
    if objective == "multiclass":
        y = np.digitize(y, [1, 2])
    params = {"objective": objective, "num_threads": 1, "verbosity": -1, **params}
    data = lgb.Dataset(X, y, categorical_feature=[3])
    return lgb.train(params, data, 3), X


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_lightgbms_own_models_pass(objective):
    booster, X = train(objective, **OBJECTIVES[objective])
    found = read_trees(booster.model_to_string())
    again = lgb.Booster(model_str=found.text)
    for options in ({}, {"raw_score": True}, {"pred_leaf": True}):
        np.testing.assert_array_equal(
            again.predict(X, **options), booster.predict(X, **options)
        )
    assert found.n_features == 4
    assert found.n_per_round == OBJECTIVES[objective].get("num_class", 1)
    assert read_trees(found.text).text == found.text
    expected = [tree["num_leaves"] for tree in booster.dump_model()["tree_info"]]
    assert found.leaves.tolist() == expected


@pytest.mark.parametrize(
    "params",
    [
        {"zero_as_missing": True},
        {"use_missing": False},
        {"max_depth": 1},
        {"num_leaves": 200, "min_child_samples": 1, "min_child_weight": 0},
        {"max_cat_to_onehot": 1, "cat_smooth": 0.0, "min_data_per_group": 1},
        {"extra_trees": True},
    ],
)
def test_models_of_other_settings_pass(params):
    booster, X = train(**params)
    again = lgb.Booster(model_str=read_trees(booster.model_to_string()).text)
    np.testing.assert_array_equal(again.predict(X), booster.predict(X))


def test_a_model_without_splits_passes():
    X = rows()
    booster = lgb.train(
        {"objective": "regression", "verbosity": -1}, lgb.Dataset(X, np.ones(len(X))), 2
    )
    found = read_trees(booster.model_to_string())
    assert set(found.leaves.tolist()) == {1}
    again = lgb.Booster(model_str=found.text)
    np.testing.assert_array_equal(again.predict(X), np.ones(len(X)))


@pytest.fixture(scope="module")
def text():
    booster, _ = train()
    text = booster.model_to_string()
    assert "cat_threshold=" in text
    return text


def line(name, change):
    """Change the values of the first line of a name."""

    def edit(text):
        values = re.search(rf"^{name}=(.*)$", text, re.MULTILINE)[1]
        new = change(values.split(" "))
        new = " ".join(map(str, new)) if isinstance(new, list) else new
        return re.sub(rf"^{name}=.*$", f"{name}={new}", text, count=1, flags=re.M)

    return edit


def replace(i, value):
    return lambda values: [*values[:i], value, *values[i:][1:]]


HOSTILE = {
    "child out of range": line("left_child", replace(0, 1000)),
    "leaf out of range": line("right_child", replace(0, -1000)),
    "child of itself": line("left_child", replace(0, 0)),
    "child before its parent": line("left_child", replace(3, 1)),
    "child of two": line("left_child", replace(0, 2)),
    "leaf of two": line("right_child", replace(0, -1)),
    "huge child": line("left_child", replace(0, 2**40)),
    "feature out of range": line("split_feature", replace(0, 4)),
    "negative feature": line("split_feature", replace(0, -1)),
    "huge num_leaves": line("num_leaves", lambda _: "2000000000"),
    "more leaves": line("num_leaves", lambda v: int(v[0]) + 1),
    "no leaves": line("num_leaves", lambda _: "0"),
    "negative leaves": line("num_leaves", lambda _: "-5"),
    "one leaf": line("num_leaves", lambda _: "1"),
    "short leaf values": line("leaf_value", lambda v: v[:-1]),
    "long leaf values": line("leaf_value", lambda v: [*v, "1"]),
    "empty leaf values": line("leaf_value", lambda _: ""),
    "words for numbers": line("threshold", replace(0, "abc")),
    "two spaces": line("threshold", replace(0, "")),
    "hexadecimal": line("leaf_value", replace(0, "0x1p3")),
    "underscores": line("leaf_value", replace(0, "1_0")),
    "other digits": line("split_feature", replace(0, "٣")),
    "unknown kind of split": line("decision_type", replace(0, 64)),
    "missing type": line("decision_type", replace(0, 12)),
    "categorical everywhere": line("decision_type", lambda v: ["1"] * len(v)),
    "no sets": line("num_cat", lambda _: "0"),
    "more sets": line("num_cat", lambda v: int(v[0]) + 1),
    "fewer sets": line("num_cat", lambda v: max(int(v[0]) - 1, 0)),
    "sets out of range": line("cat_boundaries", lambda v: [*v[:-1], 10**6]),
    "sets do not start": line("cat_boundaries", lambda v: ["-3", *v[1:]]),
    "sets go back": line("cat_boundaries", lambda v: ["0", "-1", *v[2:]]),
    "words too large": line("cat_threshold", replace(0, 2**32)),
    "negative counts": line("leaf_count", replace(0, -1)),
    "linear": line("is_linear", lambda _: "1"),
    "features without names": line("max_feature_idx", lambda _: "2000000000"),
    "more features": line("max_feature_idx", lambda _: "4"),
    "negative features": line("max_feature_idx", lambda _: "-2"),
    "other names": line("feature_names", lambda v: v[:-1]),
    "names with quotes": line("feature_names", replace(0, '"x"')),
    "other infos": line("feature_infos", replace(0, "[0:1](2)")),
    "classes": line("num_class", lambda _: "3"),
    "trees per round": line("num_tree_per_iteration", lambda _: "2"),
    "no trees per round": line("num_tree_per_iteration", lambda _: "0"),
    "unknown objective": line("objective", lambda _: "lambdarank"),
    "objective of more classes": line("objective", lambda _: "multiclass num_class:9"),
    "old version": line("version", lambda _: "v2"),
    "a line more": lambda text: text.replace("label_index=0", "label_index=0\nx=1"),
    "a line twice": lambda text: text.replace("num_cat=", "num_leaves=3\nnum_cat=", 1),
    "a line less": lambda text: re.sub("internal_count=.*\n", "", text, count=1),
    "averages": lambda text: text.replace("label_index=0", "average_output"),
    "trees out of order": lambda text: text.replace("Tree=1", "Tree=7"),
    "nothing": lambda text: "",
    "no header": lambda text: text[text.index("Tree=0") :],
    "binary": lambda text: text.replace("0", "\0"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_refused(name, text):
    edited = HOSTILE[name](text)
    assert edited != text
    with pytest.raises(ModelFileError):
        read_trees(edited)


def test_sizes_of_trees_are_not_believed(text):
    """LightGBM would jump by them."""
    edited = re.sub("^tree_sizes=.*$", "tree_sizes=9 99999999 -5", text, flags=re.M)
    assert read_trees(edited).text == read_trees(text).text


def test_parameters_are_not_passed_on(text):
    assert "[num_leaves" in text
    assert "[num_leaves" not in read_trees(text).text


def chain(n_leaves):
    """A tree whose every split has a leaf on its left."""
    n = n_leaves - 1
    zeros, ones = " ".join("0" * n), " ".join("1" * n_leaves)
    right = " ".join(map(str, [*range(1, n), -n_leaves]))
    left = " ".join(str(-k) for k in range(1, n_leaves))
    lines = {
        "num_leaves": n_leaves, "num_cat": 0, "split_feature": zeros,
        "split_gain": zeros, "threshold": zeros,
        "decision_type": " ".join("2" * n), "left_child": left, "right_child": right,
        "leaf_value": ones, "leaf_weight": ones, "leaf_count": ones,
        "internal_value": zeros, "internal_weight": zeros, "internal_count": zeros,
        "is_linear": 0, "shrinkage": 1,
    }  # fmt: skip
    tree = "\n".join(f"{name}={value}" for name, value in lines.items())
    return (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
        "max_feature_idx=0\nfeature_names=x\nfeature_infos=none\n\n"
        f"Tree=0\n{tree}\n\n\nend of trees\n"
    )


def test_recursions_are_bounded():
    """LightGBM walks down a tree by recursion: the stack would overflow."""
    found = read_trees(chain(4097))
    booster = lgb.Booster(model_str=found.text)
    assert booster.predict(np.zeros((1, 1))).tolist() == [1.0]
    assert booster.predict(np.zeros((1, 1)), pred_contrib=True).shape == (1, 2)
    with pytest.raises(ModelFileError, match=r"4096 splits deep.*max_depth"):
        read_trees(chain(4098))
