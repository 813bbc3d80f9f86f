"""What the funnel classifier takes for stages, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmo import EntireSpaceClassifier
from skmo.datasets import make_funnel
from skmo.estimators._stages import encode_stages
from skmo.exceptions import ConstantTargetWarning, ValidationWarning

FAST = {
    "n_estimators": 5,
    "num_leaves": 5,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
}
N = np.nan


def funnel(*args, **params):
    return EntireSpaceClassifier(*args, **{**FAST, **params})


@pytest.fixture
def data():
    return make_funnel(200, rates=(0.7, 0.6, 0.6), n_noise_features=0, random_state=0)


@pytest.fixture
def two(data):
    return data[0], data[1][:, :2]


class TestEncoding:
    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            ([1, 1, 1], [1, 1, 1]),
            ([0, 0, 0], [0, 0, 0]),
            ([N, N, N], [N, N, N]),
            # What came before a 1 was reached.
            ([N, 1, 0], [1, 1, 0]),
            ([N, N, 1], [1, 1, 1]),
            ([1, N, 1], [1, 1, 1]),
            # What is behind a 0 was not.
            ([0, N, N], [0, 0, 0]),
            ([1, 0, N], [1, 0, 0]),
            ([N, 0, N], [N, 0, 0]),
            # Nothing follows.
            ([N, N, 0], [N, N, 0]),
            ([1, N, N], [1, N, N]),
            ([1, N, 0], [1, N, 0]),
        ],
    )
    def test_what_follows_is_filled_in(self, row, expected):
        columns = [np.array([value], dtype=float) for value in row]
        assert_array_equal(encode_stages(columns, "abc"), [expected])
        # The user's arrays are left alone.
        assert_array_equal(np.hstack(columns), row)

    @pytest.mark.parametrize(
        ("Y", "stage", "earlier", "rows"),
        [
            ([[1, 1], [0, 1], [1, 0]], "b", "a", r"1 row \(1\)"),
            ([[0, 1], [1, 0], [0, 1]], "b", "a", r"2 rows \(0, 2\)"),
            ([[0, 1]] * 9, "b", "a", r"9 rows \(0, 1, 2, 3, 4, …\)"),
            ([[1, 1, 1], [1, 0, 1]], "c", "b", r"1 row \(1\)"),
            ([[1, 1, 1], [0, N, 1]], "c", "a", r"1 row \(1\)"),
        ],
        ids=str,
    )
    def test_a_stage_reached_behind_one_that_was_not(self, Y, stage, earlier, rows):
        columns = list(np.array(Y, dtype=float).T)
        message = rf"'{stage}' is 1 .* earlier stage is 0 in y_val: {rows}"
        with pytest.raises(ValueError, match=message) as caught:
            encode_stages(columns, "abc"[: len(columns)], "y_val")
        assert f"{earlier!r} is 0" in str(caught.value)

    @pytest.mark.parametrize("value", [2.0, -1.0, 0.5])
    def test_other_numbers(self, value):
        columns = [np.ones(7), np.array([1, 0, value, 1, value, N, 0])]
        message = rf"'b' must be 0 or 1.*Got {value:g} in 2 rows \(2, 4\)"
        with pytest.raises(ValueError, match=message):
            encode_stages(columns, "ab")


def kinds(Y):
    """The same stages as other types."""
    pd = pytest.importorskip("pandas")
    names = ["click", "buy"]
    frame = pd.DataFrame(Y, columns=names)
    holed = frame.astype(object).where(frame.notna(), None)
    return {
        "float32": Y.astype(np.float32),
        "list": Y.tolist(),
        "object": holed.to_numpy(),
        "frame": frame,
        "frame of objects": holed,
        "nullable Int64": frame.astype("Int64"),
        "nullable boolean": frame.astype("boolean"),
        "nullable Float64": frame.convert_dtypes(),
    }


@pytest.mark.parametrize("kind", kinds(np.ones((2, 2))))
def test_types_of_stages(kind, two):
    X, Y = two
    Y = Y.copy()
    Y[::7, 1] = N
    expected = funnel().fit(X, Y).predict_proba(X)
    assert_array_equal(funnel().fit(X, kinds(Y)[kind]).predict_proba(X), expected)


@pytest.mark.parametrize("kind", [bool, int, np.int8, object])
def test_types_that_know_no_nan(kind, two):
    X, Y = two
    expected = funnel().fit(X, Y)
    est = funnel().fit(X, Y.astype(kind))
    assert_array_equal(est.predict_proba(X), expected.predict_proba(X))
    assert est.score(X, Y.astype(kind)) == expected.score(X, Y)


class TestNames:
    def test_are_those_of_a_frame(self, two):
        pd = pytest.importorskip("pandas")
        X, Y = two
        est = funnel().fit(X, pd.DataFrame(Y, columns=["click", "buy"]))
        assert est.stage_names_ == est.objective_names_ == ["click", "buy"]
        with pytest.raises(ValueError, match="order"):
            est.score(X, pd.DataFrame(Y, columns=["buy", "click"]))

    def test_are_those_given(self, two):
        pd = pytest.importorskip("pandas")
        X, Y = two
        frame = pd.DataFrame(Y, columns=["click", "buy"])
        for names in (["see", "try"], ("see", "try"), np.array(["see", "try"])):
            est = funnel(names).fit(X, frame)
            assert est.stage_names_ == est.objective_names_ == ["see", "try"]
            assert est.fit(X, Y, X_val=X, y_val=frame).stage_names_ == ["see", "try"]
        wrong = frame.copy()
        wrong.loc[3] = [0, 1]
        with pytest.raises(ValueError, match=r"'try' is 1.*row 3 'see' is 0"):
            est.fit(X, wrong)

    def test_are_numbers_otherwise(self, data):
        est = funnel().fit(*data)
        assert est.stage_names_ == ["stage0", "stage1", "stage2"]

    @pytest.mark.parametrize(
        "names", [["a"], ["a", "b", "c"], ["a", "a"], [1, "1"]], ids=str
    )
    def test_that_do_not_suit(self, names, two, no_training):
        with pytest.raises(ValueError, match=r"'stage_names'.*2 columns of y"):
            funnel(names).fit(*two)

    def test_a_single_string(self, two, no_training):
        with pytest.raises(ValueError, match="'stage_names' parameter"):
            funnel("ab").fit(*two)


@pytest.mark.usefixtures("no_training")
class TestRefused:
    """Before a tree is grown."""

    @pytest.mark.parametrize("flat", [True, False])
    def test_a_single_stage(self, flat, two):
        X, Y = two
        y = Y[:, 0] if flat else Y[:, :1]
        with pytest.raises(ValueError, match=r"at least 2 stages.*MultiObjectiveCl"):
            funnel().fit(X, y)

    @pytest.mark.parametrize("where", ["y", "y_val"])
    def test_stages_that_are_not_nested(self, where, two):
        X, Y = two
        wrong = Y.copy()
        wrong[[4, 9]] = [0, 1]
        val = {"X_val": X, "y_val": Y}
        if where == "y":
            given = (X, wrong)
        else:
            given, val["y_val"] = (X, Y), wrong
        message = rf"'stage1' is 1 .* in {where}: 2 rows \(4, 9\).*'stage0' is 0"
        with pytest.raises(ValueError, match=message):
            funnel().fit(*given, **val)

    @pytest.mark.parametrize("value", ["yes", 2, 0.5, np.inf])
    def test_values(self, value, two):
        X, Y = two
        Y = Y.astype(object)
        Y[3, 1] = value
        with pytest.raises(ValueError, match="stage1"):
            funnel().fit(X, Y)

    @pytest.mark.parametrize("column", [0, 1, 2])
    def test_a_stage_of_which_nothing_is_known(self, column, data):
        X, Y = data
        Y = Y.copy()
        if column == 0:
            Y[:] = np.where(Y[:, 1:2] == 1, N, N)
        else:
            Y = Y[Y[:, column - 1] == 1]
            X = X[: len(Y)]
            Y[:, column:] = N
        with pytest.raises(ValueError, match=f"stage{column}"):
            funnel().fit(X, Y)

    @pytest.mark.filterwarnings("ignore::skmo.exceptions.ConstantTargetWarning")
    @pytest.mark.parametrize("loss", ["conditional", "entire_space"])
    def test_a_stage_that_nobody_could_reach(self, loss, data):
        X, Y = data
        nobody = np.where(np.arange(3) == 0, Y, 0)
        with pytest.raises(ValueError, match=r"'stage2'.* reached 'stage1'"):
            funnel(loss=loss).fit(X, nobody)

    @pytest.mark.filterwarnings("ignore::skmo.exceptions.ConstantTargetWarning")
    def test_a_stage_whose_rows_weigh_nothing(self, two):
        X, Y = two
        W = np.ones_like(Y)
        W[:, 1] = 0
        with pytest.raises(ValueError, match=r"'stage1'.*positive weight"):
            funnel().fit(X, Y, W)
        with pytest.raises(ValueError, match=r"'stage0'.*positive weight"):
            funnel().fit(X, Y, W[:, ::-1])
        with pytest.raises(ValueError, match=r"'stage1'.*positive weight"):
            funnel().fit(X, Y, 1 - Y[:, 0])

    @pytest.mark.parametrize(
        ("params", "message"),
        [
            ({"loss": "entire"}, "Unknown loss 'entire'.*'entire_space'.*conditional"),
            ({"loss": "esmm"}, "Unknown loss 'esmm'. Valid names: entire_space"),
            ({"loss": {"ips": 1, "x": 1}}, "Unknown loss 'x'"),
            ({"loss": {"ips": -1}}, "at least 0. Got -1 for 'ips'"),
            ({"loss": {"ips": N}}, "Got nan for 'ips'"),
            ({"loss": {"ips": "1"}}, "Got '1' for 'ips'"),
            ({"loss": {"ips": 0}}, "must have a positive weight"),
            ({"loss": {}}, "must have a positive weight"),
            ({"loss": 3}, "'loss' parameter of EntireSpaceClassifier"),
            ({"loss": dict}, "'loss' parameter must be a name"),
            ({"conflict": "pcgrad"}, "'conflict' parameter.*'project'"),
            ({"conflict": None}, "'conflict' parameter"),
            ({"min_propensity": 0}, "'min_propensity' parameter"),
            ({"min_propensity": 1.1}, "'min_propensity' parameter"),
            ({"min_propensity": "a"}, "'min_propensity' parameter"),
            ({"conflict": "balance", "balancer": "x"}, "Unknown balancer 'x'"),
            ({"preference": [1, 2, 3]}, "'preference'.*2"),
            ({"heads": "all"}, "'heads' parameter"),
            ({"structure": "alone"}, "Unknown structure 'alone'.*apart"),
            ({"head_params": {"stage7": {}}}, "stage7"),
        ],
        ids=str,
    )
    def test_parameters(self, params, message, two):
        with pytest.raises(ValueError, match=f"(?s){message}"):
            funnel(**params).fit(*two)


class TestWarnings:
    @pytest.mark.parametrize("loss", ["conditional", "entire_space", "ips", "dr"])
    @pytest.mark.parametrize("outcome", [0, 1])
    def test_a_stage_that_does_not_vary(self, outcome, loss, two):
        X, Y = two
        Y = Y.copy()
        Y[:, 1] = Y[:, 0] * outcome
        with pytest.warns(ConstantTargetWarning, match=rf"'stage1' is {outcome} for"):
            est = funnel(loss=loss).fit(X, Y)
        conversion = est.predict_conditional_proba(X)[:, 1]
        np.testing.assert_allclose(conversion, outcome, atol=1e-6)
        click = est.predict_proba(X)[:, 0]
        assert np.ptp(click) > 0.1

    def test_everybody_clicks(self, two):
        X, Y = two
        reached = Y[:, 0] == 1
        X, Y = X[reached], Y[reached]
        with pytest.warns(ConstantTargetWarning, match="'stage0' is 1 for all"):
            est = funnel(loss="entire_space", conflict="ignore").fit(X, Y)
        reached, converted = est.predict_proba(X).T
        np.testing.assert_allclose(reached, 1, atol=1e-6)
        assert np.ptp(converted) > 0.1

    def test_a_stage_that_validation_rows_do_not_reach(self, two):
        X, Y = two
        val = Y[:, 0] == 0
        with pytest.warns(ValidationWarning, match="stage1"):
            est = funnel(loss="conditional").fit(X, Y, X_val=X[val], y_val=Y[val])
        assert est.n_iter_[1] == 5
