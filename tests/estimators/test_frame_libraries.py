"""Every estimator on the data frames of every library."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmo import (
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRanker,
    MultiObjectiveRegressor,
)

pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
pa = pytest.importorskip("pyarrow", reason="needs the extra 'pandas'")
pl = pytest.importorskip("polars", reason="an optional library")

FAST = {"n_estimators": 4, "num_leaves": 5, "n_jobs": 1, "random_state": 0}


def frames(columns):
    """The same numbers and towns in every library."""
    yield pd.DataFrame(columns).astype({"town": "category"})
    yield pl.DataFrame(columns, schema_overrides={"town": pl.Categorical})
    arrow_table = pa.table(columns)
    town = arrow_table.column("town").dictionary_encode()
    arrow_table = arrow_table.set_column(2, "town", town)
    yield arrow_table
    yield arrow_table.combine_chunks().to_batches()[0]
    yield pa.concat_tables([arrow_table.slice(0, 50), arrow_table.slice(50)])


def problem(kind, n=160):
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(n, 2)).round(2)
    columns = {
        "a": numbers[:, 0].tolist(),
        "b": np.where(rng.random(n) < 0.2, None, numbers[:, 1]).tolist(),
        "town": rng.choice(["Rome", "Oslo", "Bonn", None], n).tolist(),
    }
    oslo = np.array(columns["town"]) == "Oslo"
    Y = np.column_stack([numbers[:, 0] + oslo, numbers[:, 1] - oslo])
    if kind is EntireSpaceClassifier:
        Y = np.logical_and.accumulate(Y > -0.5, axis=1)
    if kind in (MultiObjectiveClassifier, MultiObjectiveRanker):
        Y = Y > 0
    # Numbers for all but the labels, which keep their type.
    Y = Y.astype(int if Y.dtype == bool else float)
    params = {"qid": np.arange(n) // 10} if kind is MultiObjectiveRanker else {}
    return columns, Y, params


@pytest.mark.parametrize(
    "kind",
    [
        MultiObjectiveRegressor,
        MultiObjectiveClassifier,
        MultiObjectiveEstimator,
        EntireSpaceClassifier,
        MultiObjectiveRanker,
    ],
)
def test_every_estimator_reads_every_frame(kind):
    """Fitted on one library's frames, used on another's."""
    columns, Y, params = problem(kind)
    expected = None
    weight = np.arange(len(Y)) % 3 + 1.0
    targets = {"u": Y[:, 0], "v": Y[:, 1]}
    answers = [
        pd.DataFrame(targets),
        pl.DataFrame(targets),
        pa.table(targets),
        pa.RecordBatch.from_pydict({k: pa.array(v) for k, v in targets.items()}),
        pa.table(targets),
    ]
    weights = [
        pd.Series(weight, dtype="Float64"),
        pl.Series("w", weight),
        pa.array(weight),
        pa.chunked_array([weight[:9], weight[9:]]),
        pa.table({"w": weight}),
    ]
    kinds = list(zip(frames(columns), answers, weights, strict=True))
    for X, y, w in kinds:
        val = {"X_val": X, "y_val": y, **{f"{k}_val": v for k, v in params.items()}}
        heads = {} if params else {"heads": "none"}
        est = kind(**FAST, **heads).fit(X, y, sample_weight=w, **params, **val)
        assert est.objective_names_ == ["u", "v"]
        assert est.feature_names_in_.tolist() == ["a", "b", "town"]
        assert est._features.categorical == [2]
        found = est.predict(kinds[0][0])
        expected = found if expected is None else expected
        assert_array_equal(found, expected)
        for other, answer, _ in kinds:
            assert_array_equal(est.predict(other), expected)
            assert est.score(other, answer, **params) == est.score(X, y, **params)
    assert len(np.unique(expected, axis=0)) > 1


def reorder(X):
    if isinstance(X, pl.DataFrame):
        return X.select(["b", "a", "town"])
    return (
        X.select(["b", "a", "town"]) if hasattr(X, "schema") else X[["b", "a", "town"]]
    )


def test_names_and_their_order_are_checked():
    columns, Y, _ = problem(MultiObjectiveRegressor)
    for X in frames(columns):
        est = MultiObjectiveRegressor(**FAST, heads="none").fit(X, Y)
        with pytest.raises(ValueError, match="must be in the same order"):
            est.predict(reorder(X))
        with pytest.raises(ValueError, match="categorical by their dtype"):
            est.predict(np.zeros((2, 3)))
    small = pl.DataFrame(
        {"a": columns["a"], "c": columns["a"], "town": columns["town"]}
    )
    with pytest.raises(ValueError, match=r"unseen at fit time:\n- c"):
        est.predict(small)
    repeated = pa.table([pa.array([1.0, 2.0])] * 2, names=["a", "a"])
    with pytest.raises(ValueError, match="more than once"):
        MultiObjectiveRegressor().fit(repeated, [1.0, 2.0])


def test_no_rows_and_no_frame_yet():
    columns, Y, _ = problem(MultiObjectiveRegressor)
    for X in frames(columns):
        est = MultiObjectiveRegressor(**FAST, heads="none").fit(X, Y)
        none = X.slice(0, 0) if hasattr(X, "slice") else X[:0]
        with pytest.raises(ValueError, match=r"0 sample.* MultiObjectiveRegressor"):
            est.predict(none)
    lazy = pl.DataFrame({"a": [1.0, 2.0]}).lazy()
    for X, y in ((lazy, [1.0, 2.0]), ([[1.0], [2.0]], lazy)):
        with pytest.raises(TypeError, match=r"LazyFrame.*collect\(\)"):
            MultiObjectiveRegressor().fit(X, y)


def test_queries_in_any_order():
    """Rows are brought together by query, whatever they are in."""
    columns, Y, params = problem(MultiObjectiveRanker)
    order = np.random.default_rng(1).permutation(len(Y))
    qid = params["qid"]
    expected = None
    for X in frames(columns):
        mixed = X.take(order) if hasattr(X, "schema") and hasattr(X, "take") else None
        if mixed is None:
            mixed = X.iloc[order] if isinstance(X, pd.DataFrame) else X[order]
        answer = pa.table({"u": Y[order, 0], "v": Y[order, 1]})
        ids = pa.array([f"query {q}" for q in qid[order]])
        weight = pl.Series(np.ones(len(Y)))
        est = MultiObjectiveRanker(**FAST)
        est.fit(mixed, answer, qid=ids, sample_weight=weight)
        found = est.predict(X)
        expected = found if expected is None else expected
        assert_array_equal(found, expected)
        score = est.score(mixed, answer, qid=ids)
        assert score == pytest.approx(est.score(X, Y, qid=qid))
