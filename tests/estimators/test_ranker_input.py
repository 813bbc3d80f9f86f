"""What the ranker makes of queries, weights and unjudged documents."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal

from tests.estimators.ranking import COMBINE, dealt, ndcg, queries, ranker, rows_of

N = np.nan


@pytest.fixture(scope="module")
def data():
    return queries()


def sizes_of(qid):
    return [len(rows) for rows in rows_of(qid)]


def qid_kinds(qid):
    """The same queries by other names, in the same order of appearance."""
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    names = np.array([f"q{q}" for q in qid])
    mixed = np.array([f"q{q}" if q % 2 else int(q) for q in qid], dtype=object)
    return {
        "falling numbers": -qid,
        "fractions": qid / 7,
        "strings": names,
        "objects": names.astype(object),
        "mixed": mixed,
        "tuple": tuple(qid.tolist()),
        "days": qid.astype("M8[D]"),
        "series": pd.Series(qid, index=qid + 5),
        "nullable series": pd.Series(qid, dtype="Int64"),
        "categories": pd.Series(names, dtype="category"),
        "polars": pl.Series(names),
    }


NUMBERS = ["falling numbers", "fractions", "tuple", "days"]
STRINGS = ["strings", "objects", "mixed"]
LIBRARIES = ["series", "nullable series", "categories", "polars"]


@pytest.mark.parametrize("combine", COMBINE)
class TestQueries:
    def test_sizes_are_ids(self, combine, data):
        X, Y, qid = data
        other = queries(10, seed=1)
        by_id = ranker(combine=combine)
        by_id.fit(X, Y, qid=qid, X_val=other[0], y_val=other[1], qid_val=other[2])
        by_size = ranker(combine=combine).fit(
            X,
            Y,
            sizes_of(qid),
            X_val=other[0],
            y_val=other[1],
            group_val=np.array(sizes_of(other[2])),
        )
        assert_array_equal(by_size.predict(X), by_id.predict(X))
        for name in ("train_loss", "val_loss"):
            assert_array_equal(by_size.history_[name], by_id.history_[name])
        assert by_size.score(X, Y, sizes_of(qid)) == by_id.score(X, Y, qid=qid)

    def test_rows_come_in_any_order(self, combine, data):
        X, Y, qid = data
        weight = np.random.default_rng(0).uniform(0.5, 2, Y.shape)
        order = dealt(qid)
        assert not (np.diff(qid[order]) >= 0).all()
        sorted_rows = ranker(combine=combine)
        sorted_rows.fit(X, Y, qid=qid, sample_weight=weight)
        mixed = ranker(combine=combine)
        mixed.fit(X[order], Y[order], qid=qid[order], sample_weight=weight[order])
        assert_array_equal(mixed.predict(X), sorted_rows.predict(X))
        found = mixed.score_objectives(
            X[order], Y[order], qid=qid[order], sample_weight=weight[order]
        )
        expected = mixed.score_objectives(X, Y, qid=qid, sample_weight=weight)
        assert_allclose(found, expected, rtol=1e-12)

    def test_a_query_is_not_compared_with_others(self, combine):
        X, Y, qid = queries(60)
        # All documents of every other query are graded higher, which tells nothing.
        Y = np.clip(Y, 0, 2)
        raised = Y + 2.0 * (qid % 2 == 0)[:, None]
        linear = {"objectives": "xendcg", "combine": combine, "n_estimators": 20}
        est = ranker(**linear).fit(np.column_stack([X, qid % 2]), raised, qid=qid)
        assert est.feature_importances_[-1] < 0.01


@pytest.mark.parametrize("kind", [*NUMBERS, *STRINGS, *LIBRARIES])
def test_names_of_queries_mean_nothing(kind, data):
    X, Y, qid = data
    order = dealt(qid)
    expected = ranker().fit(X, Y, qid=qid)
    found = ranker().fit(X, Y, qid=qid_kinds(qid)[kind])
    assert_array_equal(found.predict(X), expected.predict(X))
    found = ranker().fit(X[order], Y[order], qid=qid_kinds(qid[order])[kind])
    assert_array_equal(found.predict(X), expected.predict(X))


def frames(X, Y):
    """The same rows as other types; the labels' names are those of an array."""
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    names, features = ["target0", "target1"], [f"f{j}" for j in range(X.shape[1])]
    holed = pd.DataFrame(Y, columns=names, index=np.arange(len(Y))[::-1])
    return {
        "lists": (X.tolist(), Y.tolist()),
        "pandas": (pd.DataFrame(X, columns=features), holed),
        "nullable": (pd.DataFrame(X).astype("Float64"), holed.astype("Int64")),
        "objects": (X.astype(object), holed.astype(object).where(holed.notna(), None)),
        "polars": (pl.DataFrame(X, features), pl.DataFrame(Y, names)),
        "csr": (sp.csr_matrix(X), Y),
        "csc": (sp.csc_array(X), Y),
        "coo": (sp.coo_matrix(X), Y),
        "float32": (X.astype(np.float32), Y.astype(np.float32)),
    }


FRAMES = [
    "lists",
    "pandas",
    "nullable",
    "objects",
    "polars",
    "csr",
    "csc",
    "coo",
    "float32",
]


@pytest.mark.filterwarnings("ignore:X has feature names:UserWarning")
@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("kind", FRAMES)
def test_types_of_rows(kind, mixed):
    X, Y, qid = queries(missing=0.2)
    X = X.astype(np.float32).astype(float)
    X[::5, 3] = 0
    rows = dealt(qid) if mixed else np.arange(len(X))
    X_kind, Y_kind = frames(X[rows], Y[rows])[kind]
    expected = ranker().fit(X, Y, qid=qid)
    est = ranker().fit(X_kind, Y_kind, qid=qid[rows])
    assert_array_equal(est.predict(X_kind), expected.predict(X)[rows])
    score = est.score(X_kind, Y_kind, qid=qid[rows])
    assert_allclose(score, expected.score(X, Y, qid=qid), rtol=1e-12)


@pytest.mark.parametrize("combine", COMBINE)
class TestUnjudged:
    def test_grades_of_no_weight_are_unjudged(self, combine):
        X, Y, qid = queries()
        unjudged = np.random.default_rng(0).random(Y.shape) < 0.3
        unjudged[qid < 5, 1] = True  # whole queries
        expected = ranker(combine=combine).fit(X, np.where(unjudged, N, Y), qid=qid)
        for grade in (0, 4):
            est = ranker(combine=combine).fit(
                X, np.where(unjudged, grade, Y), qid=qid, sample_weight=1.0 - unjudged
            )
            assert_array_equal(est.predict(X), expected.predict(X))
            for name in ("train_loss", "weights", "gap"):
                assert_allclose(est.history_[name], expected.history_[name], rtol=1e-6)

    def test_rows_judged_by_no_label_are_not_there(self, combine, data):
        X, Y, qid = data
        dropped = np.random.default_rng(1).random(len(X)) < 0.2
        holed = np.where(dropped[:, None], N, Y)
        est = ranker(combine=combine).fit(X, holed, qid=qid)
        kept = ~dropped
        expected = ranker(combine=combine).fit(X[kept], Y[kept], qid=qid[kept])
        assert_array_equal(est.predict(X), expected.predict(X))

    def test_documents_leave_their_query_for_that_label(self, combine):
        X, Y, qid = queries(missing=0.5)
        est = ranker(combine=combine).fit(X, Y, qid=qid)
        own = [est.predict(X)] * 2
        if combine == "scores":
            own = est.predict_objectives(X).T
        for k in range(2):
            rows = ~np.isnan(Y[:, k])
            expected = 1 - ndcg(Y[rows, k], own[k][rows], qid[rows])
            assert_allclose(est.history_["train_loss"][-1, k], expected, rtol=1e-5)

    def test_a_label_judged_for_few_queries_is_learnt(self, combine):
        X, Y, qid = queries(200, conflict=0.2)
        Y[qid >= 50, 1] = N
        est = ranker(combine=combine, n_estimators=30).fit(X, Y, qid=qid)
        X, Y, qid = queries(100, conflict=0.2, seed=1)
        nothing = ndcg(Y[:, 1], np.zeros(len(X)), qid)
        assert est.score_objectives(X, Y, qid=qid)[1] > nothing + 0.1


def raw(est, X):
    """Scores in the units they were trained in."""
    if est.combine == "gradients":
        return est.predict(X)
    return est.predict_objectives(X) * est.score_spreads_


@pytest.mark.parametrize("combine", COMBINE)
class TestWeights:
    def test_of_queries_are_those_of_their_rows(self, combine, data):
        X, Y, qid = data
        by_query = np.random.default_rng(0).uniform(0.1, 3, qid[-1] + 1)
        by_row = by_query[qid]
        by_cell = np.column_stack([by_row] * 2)
        fits = [
            ranker(combine=combine).fit(X, Y, qid=qid, sample_weight=w)
            for w in (by_query, by_query.tolist(), by_row, by_cell)
        ]
        plain = ranker(combine=combine).fit(X, Y, qid=qid)
        assert np.abs(fits[0].predict(X) - plain.predict(X)).max() > 0.1
        for est in fits[1:]:
            assert_allclose(est.predict(X), fits[0].predict(X), atol=1e-5)
        scores = [
            plain.score_objectives(X, Y, qid=qid, sample_weight=w)
            for w in (by_query, by_row, by_cell)
        ]
        assert_allclose(scores[1:], [scores[0]] * 2)

    def test_of_queries_are_in_order_of_appearance(self, combine, data):
        X, Y, qid = data
        by_query = np.random.default_rng(0).uniform(0.1, 3, qid[-1] + 1)
        order = np.argsort(qid[-1] - qid, kind="stable")
        found, expected = (
            ranker(combine=combine)
            .fit(X[order], Y[order], qid=qid[order], sample_weight=w)
            .predict(X)
            for w in (by_query[::-1], by_query[qid][order])
        )
        assert_array_equal(found, expected)

    def test_count_as_repetitions(self, combine, data):
        X, Y, qid = data
        # The same bins, however often a value is there.
        X = X.round(1)
        params = {
            "combine": combine,
            "min_child_samples": 1,
            "num_leaves": 5,
            "lightgbm_params": {"min_data_in_bin": 1, "min_sum_hessian_in_leaf": 0.0},
        }
        again = qid % 3 == 0
        weighted = ranker(**params).fit(X, Y, qid=qid, sample_weight=1.0 + again)
        twice = ranker(**params).fit(
            np.vstack([X, X[again]]),
            np.vstack([Y, Y[again]]),
            qid=np.append(qid, qid[again] + 1000),
        )
        plain = ranker(**params).fit(X, Y, qid=qid)
        assert_allclose(
            weighted.history_["train_loss"], twice.history_["train_loss"], rtol=1e-4
        )
        found, expected, other = (raw(est, X) for est in (weighted, twice, plain))
        assert_allclose(found, expected, atol=2e-3)
        assert np.abs(found - other).max() > 0.1

    def test_have_no_unit(self, combine, data):
        X, Y, qid = data
        weight = np.random.default_rng(0).uniform(0.5, 2, len(X))
        fits = [
            ranker(combine=combine).fit(X, Y, qid=qid, sample_weight=c * weight)
            for c in (1.0, 64.0)
        ]
        assert_allclose(*(est.predict(X) for est in fits), atol=1e-6)

    def test_of_validation_rows(self, combine, data):
        X, Y, qid = data
        X_val, Y_val, qid_val = queries(20, seed=1)
        by_query = np.random.default_rng(0).uniform(0.1, 3, 20)
        est = ranker(combine=combine).fit(
            X,
            Y,
            qid=qid,
            X_val=X_val,
            y_val=Y_val,
            qid_val=qid_val,
            sample_weight_val=by_query,
        )
        n = est.n_iter_.max()
        if combine == "gradients":
            found = 1 - est.history_["val_loss"][n - 1]
            weight = {"qid": qid_val, "sample_weight": by_query}
            expected = est.score_objectives(X_val, Y_val, **weight)
            assert_allclose(found, expected, rtol=1e-5)
        weight = by_query[qid_val]
        zero = 1 - ndcg(Y_val, np.zeros(len(X_val)), qid_val, sample_weight=weight)
        assert (est.history_["val_loss"].min(axis=0) < zero).all()
