"""What tells one search's results from another's: equal hashes, equal results."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import get_scorer, make_scorer

from skmo.pareto._cache import digest


def key(value):
    return digest(value)


def without_source(text):
    """As typed into a shell."""
    names = {}
    exec(f"score = {text}", names)
    return names["score"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("lambda e, X, y: 1.0 * e.p[0]", "lambda e, X, y: 2.0 * e.p[1]"),
        ("lambda e, X, y: sum(y)", "lambda e, X, y: max(y)"),
        ("lambda e, X, y: X - y", "lambda e, X, y: y - X"),
        ("lambda e, X, *y: y", "lambda e, X, y: y"),
        ("lambda e, X, y=1: y", "lambda e, X, y=2: y"),
        ("lambda e, X, y: (lambda: 1)()", "lambda e, X, y: (lambda: 2)()"),
        ("lambda e, X, y: y in {1, 2}", "lambda e, X, y: y in {1, 3}"),
    ],
)
def test_functions_are_their_code(one, other):
    assert key(without_source(one)) == key(without_source(one))
    assert key(without_source(one)) != key(without_source(other))
    scorers = [make_scorer(without_source(text)) for text in (one, one, other)]
    assert key(scorers[0]) == key(scorers[1]) != key(scorers[2])


def test_functions_of_one_line_differ():
    one, other = (lambda X, y: X - y), (lambda X, y: y - X)
    assert key({"a": one, "b": other}) != key({"a": other, "b": one})


class Share:
    def __init__(self, alpha):
        self.alpha = alpha

    def score(self, estimator, X, y):
        return self.alpha

    def __call__(self, estimator, X, y):
        return self.alpha


def scaled(factor, estimator, X, y):
    return factor


@pytest.mark.parametrize(
    "made",
    [Share, lambda alpha: Share(alpha).score, lambda alpha: partial(scaled, alpha)],
)
def test_state_counts(made):
    assert key(made(1)) == key(made(1)) != key(made(2))


def test_functions_that_refer_to_themselves():
    def made(value):
        def one(n):
            return other(n - 1) if n else value

        def other(n):
            return one(n)

        return one

    assert key(made(1)) == key(made(1)) != key(made(2))


def test_names_of_scorers():
    assert key(get_scorer("r2")) == key(get_scorer("r2"))
    assert key(get_scorer("r2")) != key(get_scorer("neg_mean_absolute_error"))
    assert key(get_scorer("neg_log_loss")) != key(get_scorer("neg_brier_score"))


DENSE = np.arange(12.0).reshape(4, 3)


@pytest.mark.parametrize(
    "same",
    [
        np.asfortranarray(DENSE),
        np.repeat(DENSE, 2, axis=0)[::2],
        np.ascontiguousarray(DENSE[:, ::-1])[:, ::-1],
    ],
)
def test_memory_layout_does_not_count(same):
    assert key(same) == key(DENSE)


@pytest.mark.parametrize(
    "other", [DENSE.ravel(), DENSE.T, DENSE.astype(np.float32), DENSE + 1, DENSE[:, :2]]
)
def test_other_arrays(other):
    assert key(other) != key(DENSE)


@pytest.mark.parametrize(
    "kind", ["csr_matrix", "csc_matrix", "coo_matrix", "csr_array"]
)
def test_what_a_sparse_matrix_has_worked_out_does_not_count(kind):
    made = getattr(sparse, kind)
    entries = (np.array([1.0, 2, 3]), (np.array([0, 0, 1]), np.array([1, 1, 0])))
    matrix, worked = made(entries, shape=(2, 2)), made(entries, shape=(2, 2))
    worked.sum_duplicates()
    if hasattr(worked, "has_canonical_format"):
        assert worked.has_canonical_format
    assert key(matrix) == key(worked)
    assert key(matrix) != key(matrix * 2)


def test_what_a_data_frame_has_worked_out_does_not_count():
    pd = pytest.importorskip("pandas", reason="makes the frame")
    numbers = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0], "text": ["x", "y"]})
    kinds = pd.Categorical(["u", "v"])
    more = pd.DataFrame({"c": [5.0, 6.0], "kind": kinds, "n": pd.array([1, None])})
    frame = pd.concat([numbers, more], axis=1)
    before = key(frame)
    frame.mean(numeric_only=True)
    frame.sort_values("text")
    assert key(frame) == before == key(frame.copy())
    for name in frame:
        turned = frame.copy()
        turned[name] = frame[name].iloc[::-1].array
        assert key(turned) != before
        assert key(turned[name]) != key(frame[name]) == key(frame[name].copy())
    assert key(frame.rename(columns={"a": "A"})) != before
    turned = frame["kind"].cat.reorder_categories(["v", "u"])
    assert key(turned) != key(frame["kind"])


def test_chunks_do_not_count():
    pl = pytest.importorskip("polars", reason="makes the frames")
    frame = pl.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    parts = pl.concat([frame[:1], frame[1:]], rechunk=False)
    assert key(parts) == key(frame) != key(frame.reverse())
    for name in ("a", "b"):
        assert key(parts[name]) == key(frame[name]) != key(frame[name].reverse())


def endless():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    "value", [(n for n in ()), endless(), np.ma.masked_greater(DENSE, 3.0)]
)
def test_what_cannot_be_hashed(value):
    with pytest.raises(ValueError, match="that can be pickled"):
        key(value)
