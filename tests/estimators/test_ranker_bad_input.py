"""What the ranker refuses: each a clear error, before training."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal
from sklearn.exceptions import NotFittedError, UndefinedMetricWarning

from skmo import MultiObjectiveRanker
from skmo.exceptions import ConstantTargetWarning
from skmo.objectives import LambdaRank
from tests.estimators.ranking import COMBINE, dealt, queries, ranker

N = np.nan
X, Y, QID = queries(20, n_noise_features=0)
n, SIZES = len(X), np.bincount(QID)
MIXED = dealt(QID)
GRADIENTS = {"combine": "gradients"}


def column(array, value, k=1):
    array = np.array(array, dtype=object if isinstance(value, str) else None)
    array[:, k] = value
    return array


def put(array, value, row=5):
    array = np.array(array, dtype=object if isinstance(value, str | None) else None)
    array[row] = value
    return array


def whole(rows, value):
    """The same for this many rows."""
    return np.full(rows, value)


QUERIES = [
    ({}, "'group' .*'qid' .*Got neither"),
    ({"qid": QID, "group": SIZES}, "'group' .*'qid' .*Got both"),
    ({"group": SIZES[:-1]}, rf"'group'.*sum to the {n} rows.*Got 19 values"),
    ({"group": SIZES + 0.5}, "'group'.*integers above 0"),
    ({"group": [0, *SIZES]}, "'group'.*integers above 0"),
    ({"group": -SIZES}, "'group'.*integers above 0"),
    ({"group": put(SIZES.astype(float), N)}, "'group'.*Got 20 values"),
    ({"group": SIZES[None]}, "'group'.*number of rows of each query"),
    ({"group": n}, "'group'.*number of rows of each query"),
    ({"group": "a"}, "'group' must hold numbers"),
    ({"qid": QID[:-1]}, rf"'qid'.*shape \({n},\).*Got shape \({n - 1},\)"),
    ({"qid": QID[:, None]}, rf"'qid'.*Got shape \({n}, 1\)"),
    ({"qid": 3}, r"'qid'.*Got shape \(\)"),
    ({"qid": put(QID.astype(float), N)}, r"'qid' is missing in 1 rows.*row 5.*drop"),
    ({"qid": put(QID, None)}, r"'qid' is missing in 1 rows.*row 5"),
    (
        {"qid": np.where(QID == 3, np.datetime64("NaT", "D"), QID.astype("M8[D]"))},
        "'qid' is missing in",
    ),
]

WEIGHTS = [
    (whole(n + 1, 1.0), rf"sample_weight.*\({n},\).*Got shape \({n + 1},\)"),
    (whole(n - 1, 1.0), rf"sample_weight.*Got shape \({n - 1},\)"),
    (whole(19, 1.0), r"sample_weight.*per query \(20,\).*Got shape \(19,\)"),
    (np.ones((20, 2)), r"sample_weight.*Got shape \(20, 2\)"),
    (np.ones((n, 3)), rf"sample_weight.*Got \({n}, 3\)"),
    (whole(n, -1.0), "sample_weight contains negative values.*-1"),
    (whole(20, -1.0), "sample_weight contains negative values.*-1"),
    (whole(n, N), "sample_weight contains NaN or infinity.*Use 0"),
    (whole(20, np.inf), "sample_weight contains NaN or infinity"),
    (whole(n, 0.0), "All of sample_weight is zero"),
    (["a"] * 20, "sample_weight must hold numbers"),
    (column(np.ones((n, 2)), 0.0), "'target1'.*positive weight"),
]

GRADES = [
    (column(Y, -1.0), "'target1'.*LambdaRank.*at least 0.*-1.*Shift the grades"),
    (column(Y, 2000.0), "'target1'.*LambdaRank.*2000.*gain='linear'"),
    (column(Y, np.inf), "'target1'.*infinity.*NaN"),
    (column(Y, N), "'target1'.*no observed value.*Drop the column"),
    (column(Y, "good"), "'target1'.*must hold numbers; got 'good'"),
    (Y + 1j, "[Cc]omplex"),
    (Y[:, :0], "0 columns"),
    (Y[:, :, None], "y must have shape"),
    (sp.csr_matrix(Y), "y is sparse.*toarray"),
    (Y[:-3], rf"inconsistent numbers of samples.*{n}.*{n - 3}"),
    (np.vstack([Y, Y]), rf"inconsistent numbers of samples.*{n}.*{2 * n}"),
    (None, "[Gg]rades.*'y' is None"),
]

PARAMETERS = [
    ({"combine": "ranks"}, "'combine' parameter.*'gradients'"),
    ({"objectives": "ndcg"}, "Unknown objective 'ndcg'.*lambdarank"),
    ({"objectives": ["lambdarank"]}, "'objectives' .*lists 1 .*2 label"),
    ({"objectives": "multiclass"}, "Multiclass.*score per class.*lambdarank"),
    ({"objectives": LambdaRank(truncation=0)}, "'truncation' parameter.*Got 0"),
    ({"objectives": LambdaRank(gain=[0, 1])}, "'target0'.*2 gains.*0 to 1"),
    ({"objectives": 3}, "'objectives' parameter.*Got 3"),
    ({"preference": [1, 2, 3]}, r"'preference'.*shape \(2,\).*Got shape \(3,\)"),
    ({"preference": [0, 0]}, r"'preference'.*not all 0.*Got \[0.0, 0.0\]"),
    ({"preference": [2, -1]}, r"'preference'.*at least 0.*Got \[2.0, -1.0\]"),
    ({"preference": [N, 1]}, "'preference'.*finite.*nan"),
    ({"preference": "equal"}, "'preference' parameter.*Got 'equal'"),
    ({"balancer": "best"}, "Unknown balancer 'best'"),
    ({"structure": "alone"}, "Unknown structure 'alone'.*apart"),
    ({"n_estimators": 0}, "'n_estimators' parameter.*Got 0"),
    ({"bounds": {0: 0.1}}, "'bounds'.*one score.*combine='gradients'"),
    ({"bounds": [0.1], **GRADIENTS}, "'bounds'.*2, or be a dict. Got 1 entries"),
    ({"bounds": {"x": 0.1}, **GRADIENTS}, "'bounds' .*'x'.*target0.*target1"),
    ({"bounds": {2: 0.1}, **GRADIENTS}, "'bounds' parameter names 2.*target0"),
    ({"bounds": {0: 1.0}, **GRADIENTS}, "'bounds'.*below 1. Got 1.0 for 0.*0.01"),
    ({"bounds": {0: -0.1}, **GRADIENTS}, "'bounds'.*at least 0.*Got -0.1 for 0"),
    ({"bounds": {0: N}, **GRADIENTS}, "'bounds'.*Got nan for 0"),
    ({"bounds": {0: "all"}, **GRADIENTS}, "'bounds'.*Got 'all' for 0"),
    ({"bounds": [0.1, 0.1], **GRADIENTS}, "'bounds'.*bounds all objectives"),
    ({"bounds": {0: 0.1, -2: 0.2}, **GRADIENTS}, "'bounds'.*'target0' twice"),
    ({"bounds": "all", **GRADIENTS}, "'bounds' parameter.*Got 'all'"),
    (
        {"bounds": {0: 0.1}, "balancer": "tchebycheff", **GRADIENTS},
        "Tchebycheff takes no bounds.*augmented_lagrangian",
    ),
    (
        {"bounds": {0: 0.1}, "preference": [1, 0], **GRADIENTS},
        r"'preference'.*'bounds'.*target1.*\[1.0, 0.0\]",
    ),
    ({"balancer": "mgda", "preference": [2, 1], **GRADIENTS}, "MGDA takes no pref"),
    ({"balancer": "epo", "preference": [1, 0], **GRADIENTS}, r"EPO.*\[1.0, 0.0\]"),
]


@pytest.mark.usefixtures("no_training")
class TestFit:
    def refused(self, message, params=None, data=(X, Y), **more):
        with pytest.raises(ValueError, match=f"(?s){message}") as caught:
            ranker(**(params or {})).fit(*data, **more)
        assert "LightGBM" not in str(caught.value)

    @pytest.mark.parametrize(("given", "message"), QUERIES)
    def test_queries(self, given, message):
        self.refused(message, **given)

    @pytest.mark.parametrize(("given", "message"), QUERIES)
    def test_queries_of_validation_rows(self, given, message):
        message = message.replace("'group'", "'group_val'").replace("qid", "qid_val")
        given = {f"{name}_val": value for name, value in given.items()}
        self.refused(message, qid=QID, X_val=X, y_val=Y, **given)

    @pytest.mark.parametrize("rows", [np.arange(n), MIXED], ids=["sorted", "mixed"])
    @pytest.mark.parametrize(("weight", "message"), WEIGHTS)
    def test_weights(self, weight, message, rows):
        self.refused(message, None, (X[rows], Y), qid=QID[rows], sample_weight=weight)

    # A label may go unwatched.
    @pytest.mark.parametrize(("weight", "message"), WEIGHTS[:-1])
    def test_weights_of_validation_rows(self, weight, message):
        given = {"X_val": X, "y_val": Y, "qid_val": QID, "sample_weight_val": weight}
        message = message.replace("sample_weight", "sample_weight_val")
        self.refused(message, qid=QID, **given)

    @pytest.mark.parametrize("rows", [np.arange(n), MIXED], ids=["sorted", "mixed"])
    @pytest.mark.parametrize(("y", "message"), GRADES)
    def test_grades(self, y, message, rows):
        self.refused(message, None, (X[rows], y), qid=QID[rows])

    @pytest.mark.parametrize(("params", "message"), PARAMETERS, ids=str)
    def test_parameters(self, params, message):
        self.refused(message, params, qid=QID)

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"X_val": X, "qid_val": QID}, "without X_val and y_val: pass all"),
            ({"y_val": Y, "qid_val": QID}, "without X_val and y_val: pass all"),
            ({"qid_val": QID}, "'qid_val'.*without X_val and y_val"),
            ({"group_val": SIZES}, "'group_val'.*without X_val and y_val"),
            ({"sample_weight_val": whole(n, 1.0)}, "sample_weight_val.*without X_val"),
            ({"X_val": X, "y_val": Y[:, :1], "qid_val": QID}, "y_val has 1 target"),
            ({"X_val": X, "y_val": Y * N, "qid_val": QID}, "y_val has no observed"),
        ],
    )
    def test_validation_rows(self, given, message):
        self.refused(message, qid=QID, **given)

    def test_bounds_that_no_validation_row_can_tell(self):
        val = {"X_val": X, "y_val": column(Y, N, 0), "qid_val": QID}
        params = {"bounds": {0: 0.1}, **GRADIENTS}
        with pytest.warns(UserWarning, match="Early stopping cannot watch"):
            self.refused("bounds.*'target0'.*no validation row", params, qid=QID, **val)

    def test_too_few_rows_or_queries(self):
        self.refused("0 sample", None, (X[:0], Y[:0]), qid=QID[:0])
        self.refused("at least 2 samples", None, (X[:1], Y[:1]), qid=QID[:1])
        params = {"early_stopping": True}
        self.refused("1 queries.*none.*X_val", params, (X, Y), group=[n])


class TestFitted:
    @pytest.mark.parametrize("combine", COMBINE)
    def test_a_refit_that_fails_loses_nothing(self, combine):
        est = ranker(combine=combine).fit(X, Y, qid=QID)
        before, predicted = vars(est).copy(), est.predict(X)
        for more in ({"y": column(Y, N)}, {"X": column(X, np.inf)}, {"qid": QID[:3]}):
            with pytest.raises(ValueError):  # noqa: PT011 - any of them
                est.fit(**{"X": X, "y": Y, "qid": QID, **more})
        assert vars(est) == before
        assert_array_equal(est.predict(X), predicted)

    @pytest.mark.parametrize("combine", COMBINE)
    def test_scoring(self, combine):
        est = ranker(combine=combine).fit(X, Y, qid=QID)
        for given, message in QUERIES[:12]:
            with pytest.raises(ValueError, match=message):
                est.score(X, Y, **given)
        for rows in (np.arange(n), MIXED):
            for weight, message in WEIGHTS:
                with pytest.raises(ValueError, match=message):
                    est.score(X[rows], Y, qid=QID[rows], sample_weight=weight)
            for y, message in GRADES:
                with pytest.raises(ValueError, match=message):
                    est.score_objectives(X[rows], y, qid=QID[rows])
        with pytest.raises(ValueError, match=r"y has 1 target\(s\).* has 2"):
            est.score(X, Y[:, 0], qid=QID)
        with pytest.raises(ValueError, match="features"):
            est.score(X[:, 1:], Y, qid=QID)

    def test_columns_in_another_order(self):
        pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
        frame = pd.DataFrame(Y, columns=["relevance", "freshness"])
        est = ranker().fit(X, frame, qid=QID)
        assert est.objective_names_ == ["relevance", "freshness"]
        with pytest.raises(ValueError, match="order"):
            est.score(X, frame[["freshness", "relevance"]], qid=QID)

    @pytest.mark.parametrize("method", ["predict", "score_objectives"])
    @pytest.mark.parametrize(
        ("preference", "message"),
        [
            ([1], r"'preference'.*shape \(2,\).*Got shape \(1,\)"),
            ([[1, 2]], r"'preference'.*Got shape \(1, 2\)"),
            (1, r"'preference'.*Got shape \(\)"),
            ([0, 0], "'preference'.*not all 0"),
            ([-1, 2], "'preference'.*at least 0"),
            ([N, 2], "'preference'.*finite"),
            ("ab", "'preference'.*must hold numbers"),
        ],
    )
    def test_preferences(self, method, preference, message):
        est = ranker().fit(X, Y, qid=QID)
        more = {} if method == "predict" else {"y": Y, "qid": QID}
        with pytest.raises(ValueError, match=message):
            getattr(est, method)(X, preference=preference, **more)

    @pytest.mark.parametrize("k", [slice(0, 2), 0], ids=["two", "one"])
    def test_one_score_has_no_others(self, k):
        est = ranker(**GRADIENTS).fit(X, Y[:, k], qid=QID)
        with pytest.raises(ValueError, match=r"'preference'.*combine='scores'"):
            est.predict(X, preference=[1, 1])
        with pytest.raises(ValueError, match=r"combine='gradients'.*combine='scores'"):
            est.predict_objectives(X)

    def test_a_label_that_orders_nothing(self):
        nothing = column(Y, 0.0)
        with pytest.warns(ConstantTargetWarning, match="'target1' tells no two"):
            est = ranker().fit(X, nothing, qid=QID)
        with pytest.warns(UndefinedMetricWarning, match="label 'target1' is not"):
            scores = est.score_objectives(X, nothing, qid=QID)
        assert_array_equal(np.isnan(scores), [False, True])

    def test_not_fitted(self):
        calls = [
            lambda e: e.predict(X),
            lambda e: e.predict_objectives(X),
            lambda e: e.score(X, Y, qid=QID),
            lambda e: e.score_objectives(X, Y, qid=QID),
            lambda e: e.apply(X),
        ]
        for call in calls:
            with pytest.raises(NotFittedError):
                call(MultiObjectiveRanker())
