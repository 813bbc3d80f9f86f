"""The dump of all trees: against LightGBM's own, `apply`, and predictions."""

from __future__ import annotations

import sys

import lightgbm as lgb
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError

from skmo import MultiObjectiveRegressor

from .explained import FAST, NAMES, features, fitted, reals, regressor

pd = pytest.importorskip("pandas", reason="to_dataframe")
each = pytest.mark.parametrize("name", NAMES)
LIGHTGBM = [
    "tree_index",
    "node_depth",
    "node_index",
    "left_child",
    "right_child",
    "parent_index",
    "split_feature",
    "split_gain",
    "threshold",
    "decision_type",
    "missing_direction",
    "missing_type",
    "weight",
    "count",
]


def values_of(frame):
    return [column for column in frame if column.startswith("value_")]


def first_rows(X, n=12):
    return X.iloc[:n] if hasattr(X, "iloc") else X[:n]


def walk(frame, X):
    """The leaf of each row (n_samples, n_trees), by the frame's conditions alone."""
    if hasattr(X, "iloc"):
        rows = X.to_dict("records")
    else:
        rows = X.toarray() if hasattr(X, "toarray") else X
        rows = [{f"Column_{j}": v for j, v in enumerate(row)} for row in rows.tolist()]
    nodes = frame.set_index("node_index").to_dict("index")
    roots = [name for name, split in nodes.items() if split["node_depth"] == 1]
    return np.array([[_leaf(nodes, root, row) for root in roots] for row in rows])


def _leaf(nodes, node, row):
    while isinstance(nodes[node]["split_feature"], str):
        split = nodes[node]
        value = row[split["split_feature"]]
        if split["decision_type"] == "==":
            left = str(value) in split["threshold"].split("||")
        elif split["missing_type"] == "NaN" and value != value:
            left = split["missing_direction"] == "left"
        else:  # LightGBM takes NaN for 0 where training had none
            left = np.nan_to_num(value) <= split["threshold"]
        node = split["left_child" if left else "right_child"]
    return node


@each
def test_leaf_values_add_up_to_the_scores(name):
    """Rows led through the tree by the frame, which is all one needs to predict."""
    est, X = fitted(name)
    frame = est.to_dataframe()
    X = first_rows(X)
    names = values_of(frame)
    at = frame.set_index("node_index")[names]
    total = np.tile([frame.attrs["constants"][n] for n in names], (X.shape[0], 1))
    for leaves in walk(frame, X).T:
        total += at.loc[leaves].fillna(0).to_numpy()
    assert_allclose(total, est.predict_contrib(X).sum(axis=2), rtol=1e-6, atol=1e-6)


@each
def test_shared_leaves_are_those_of_apply(name):
    est, X = fitted(name)
    frame = est.to_dataframe(trees="shared")
    X = first_rows(X)
    expected = [[f"{t}-L{leaf}" for t, leaf in enumerate(row)] for row in est.apply(X)]
    assert_array_equal(walk(frame, X), expected)


@each
def test_has_lightgbms_columns(name):
    """Of the shared trees, as LightGBM itself dumps them; types as well."""
    est, _ = fitted(name)
    frame = est.to_dataframe(trees="shared")
    assert [c for c in frame if not c.startswith("value_")] == [*LIGHTGBM, "head"]
    assert frame["head"].isna().all()
    first = 0
    for structure in est._result.forest.structures:
        expected = lgb.Booster(model_str=structure.text).trees_to_dataframe()
        expected["tree_index"] += first
        for column in ("node_index", "left_child", "right_child", "parent_index"):
            expected[column] = expected[column].map(
                lambda n, first=first: (
                    n
                    if not isinstance(n, str)
                    else f"{int(n.partition('-')[0]) + first}-{n.partition('-')[2]}"
                )
            )
        expected = expected[LIGHTGBM].astype({"weight": float})
        found = frame[frame["tree_index"].between(first, first + structure.n_trees - 1)]
        found = found[LIGHTGBM].reset_index(drop=True)
        if name == "frame":  # features and categories by the user's names
            free = ["split_feature", "threshold"]
            codes = found["threshold"].map(
                lambda v: v if not isinstance(v, str) else None
            )
            numbers = expected["decision_type"] != "=="
            assert_array_equal(
                codes[numbers].astype(float),
                expected.loc[numbers, "threshold"].astype(float),
            )
            assert set(found["split_feature"].dropna()) <= {*est.feature_names_in_}
            found, expected = found.drop(columns=free), expected.drop(columns=free)
        pd.testing.assert_frame_equal(found, expected, check_dtype=name != "frame")
        first += structure.n_trees
    assert first == frame["tree_index"].nunique()


def test_is_lightgbms_for_one_target():
    """All columns, the values but for the constant, which is told apart."""
    X, y = features(), reals(features())[:, 0]
    est = MultiObjectiveRegressor(**FAST).fit(X, pd.Series(y, name="price"))
    params = {
        "num_leaves": FAST["num_leaves"],
        "min_data_in_leaf": FAST["min_child_samples"],
        "verbosity": -1,
        "num_threads": 1,
        "deterministic": True,
        "force_col_wise": True,
    }
    booster = lgb.train(params, lgb.Dataset(X, y), FAST["n_estimators"])
    expected = booster.trees_to_dataframe()
    found = est.to_dataframe()
    exact = [c for c in LIGHTGBM if c not in ("split_gain", "weight")]
    pd.testing.assert_frame_equal(found[exact], expected[exact])
    for column in ("split_gain", "weight"):
        assert_allclose(found[column], expected[column], rtol=1e-4)
    constant = found.attrs["constants"]["value_price"]
    assert_allclose(constant, y.mean())
    first, leaf = found["tree_index"] == 0, found["left_child"].isna()
    values = found["value_price"] + constant * first
    assert_allclose(values[leaf], expected.loc[leaf, "value"], rtol=1e-5, atol=1e-7)
    assert_allclose(values[first], expected.loc[first, "value"], rtol=1e-4)


def test_splits_have_the_mean_of_their_rows():
    est, _ = fitted("frame")
    frame = est.to_dataframe()
    at = frame.set_index("node_index")
    for name in values_of(frame):
        splits = frame[frame["left_child"].notna()]
        sides = [at.loc[splits[f"{side}_child"]] for side in ("left", "right")]
        counts = [side["count"].to_numpy() for side in sides]
        sums = sum(s[name].to_numpy() * n for s, n in zip(sides, counts, strict=True))
        assert_allclose(splits[name], sums / sum(counts), atol=1e-12)


def test_own_trees_are_told_apart():
    est, _ = fitted("mixed, heads that boost")
    frame = est.to_dataframe()
    shared = est.to_dataframe(trees="shared")
    own = est.to_dataframe(trees="own")
    both = pd.concat([shared, own.astype(shared.dtypes.drop("head"))])
    pd.testing.assert_frame_equal(
        frame.drop(columns="head"), both.drop(columns="head").reset_index(drop=True)
    )
    assert_array_equal(frame["head"].dropna(), own["head"])
    n_shared = est.apply(np.zeros((1, 5))).shape[1]
    assert shared["tree_index"].max() + 1 == own["tree_index"].min() == n_shared
    sizes = own.groupby("head")["tree_index"].nunique()
    expected = {
        name: n_iter * (3 if name == "target3" else 1)
        for name, n_iter in zip(est.objective_names_, est.head_n_iter_, strict=True)
        if n_iter
    }
    assert sizes.to_dict() == expected
    for column in values_of(own):
        heads = own.loc[own[column].notna(), "head"].unique()
        assert len(heads) <= 1
        assert all(column.startswith(f"value_{head}") for head in heads)


def test_names_of_values():
    def found(name):
        return values_of(fitted(name)[0].to_dataframe())

    assert found("frame") == [
        "value_click",
        "value_count",
        "value_time",
        "value_kind_0",
        "value_kind_1",
        "value_kind_2",
    ]
    assert found("labels")[1:] == [f"value_target1_{c}" for c in "xyz"]
    assert found("one score") == found("ranker, one score") == ["value_score"]
    assert found("funnel") == ["value_stage0", "value_stage1", "value_stage2"]


def test_shared_trees_that_a_head_replaces_have_no_value():
    X = features()
    est = MultiObjectiveRegressor(**FAST, heads="blend").fit(X, reals(X))
    whole = [k for k, share in enumerate(est.head_shares_) if share == 1]
    frame = est.to_dataframe(trees="shared")
    for k, column in enumerate(values_of(frame)):
        assert frame[column].isna().all() == (k in whole)


def test_without_trees():
    est, _ = regressor(min_child_samples=200)
    frame = est.to_dataframe()
    assert len(frame) == 0
    assert values_of(frame) == [f"value_target{k}" for k in range(3)]
    assert_allclose(
        list(frame.attrs["constants"].values()), reals(features()).mean(axis=0)
    )


def test_bad_use(monkeypatch):
    with pytest.raises(NotFittedError):
        MultiObjectiveRegressor().to_dataframe()
    est, _ = fitted("shared trees")
    with pytest.raises(ValueError, match="'trees' parameter must be 'all' or 'shared'"):
        est.to_dataframe(trees="heads")
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r'pip install "skmo\[pandas\]"'):
        est.to_dataframe()
