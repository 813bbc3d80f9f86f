"""The classifier's labels, by the conventions of scikit-learn's forests."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.ensemble import RandomForestClassifier

from skmo import MultiObjectiveClassifier, MultiObjectiveEstimator
from skmo.exceptions import ConstantTargetWarning
from skmo.objectives import Binary, Multiclass

FAST = {
    "n_estimators": 10,
    "num_leaves": 7,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
}
WORDS = np.array(["ham", "spam", "a longer label"])


def classifier(**params):
    return MultiObjectiveClassifier(**{**FAST, **params})


def as_list(value):
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize(
    "encode",
    {
        "int": lambda Y: Y,
        "1d int": lambda Y: Y[:, 1],
        "1d negative": lambda Y: 2 * Y[:, 0] - 1,
        "1d bool": lambda Y: Y[:, 0] > 0,
        "1d str": lambda Y: WORDS[Y[:, 1]],
        "1d object": lambda Y: WORDS.astype(object)[Y[:, 1]],
        "1d list": lambda Y: WORDS[Y[:, 1]].tolist(),
        "bool": lambda Y: Y > 0,
        "str": lambda Y: WORDS[Y],
        "object": lambda Y: WORDS.astype(object)[Y],
        "float": lambda Y: Y.astype(float),
        "uint8": lambda Y: Y.astype(np.uint8),
        "list": lambda Y: Y.tolist(),
        "multilabel": lambda Y: np.column_stack([Y[:, 0], Y[:, 1] > 0, Y[:, 1] > 1]),
    }.items(),
    ids=lambda case: case[0],
)
def test_as_forests(encode, labels):
    X, Y = labels
    y = encode[1](Y)
    ours = classifier().fit(X, y)
    forest = RandomForestClassifier(5, random_state=0).fit(X, y)
    assert isinstance(ours.classes_, list) == isinstance(forest.classes_, list)
    for mine, theirs in zip(
        as_list(ours.classes_), as_list(forest.classes_), strict=True
    ):
        assert_array_equal(mine, theirs)
        assert mine.dtype == theirs.dtype
    assert ours.n_classes_ == forest.n_classes_
    assert ours.predict(X).shape == np.shape(y)
    assert ours.predict(X).dtype.kind == np.asarray(y).dtype.kind
    assert np.mean(ours.predict(X) == np.asarray(y)) > 0.8
    proba, theirs = ours.predict_proba(X), forest.predict_proba(X)
    assert isinstance(proba, list) == isinstance(theirs, list)
    for p, q, classes in zip(
        as_list(proba), as_list(theirs), as_list(ours.classes_), strict=True
    ):
        assert p.shape == q.shape
        assert p.dtype == np.float64
        assert_allclose(p.sum(axis=1), 1)
        assert p.min() >= 0
        # The most likely class is the one predicted.
        if p is proba:
            assert_array_equal(classes[p.argmax(axis=1)], ours.predict(X))
    for k, p in enumerate(proba if isinstance(proba, list) else ()):
        assert_array_equal(ours.classes_[k][p.argmax(axis=1)], ours.predict(X)[:, k])


def test_one_column_is_two_dimensional(labels):
    X, Y = labels
    est = classifier().fit(X, Y[:, :1])
    assert est.predict(X).shape == (300, 1)
    assert [p.shape for p in est.predict_proba(X)] == [(300, 2)]
    assert [c.tolist() for c in est.classes_] == [[0, 1]]
    assert est.n_classes_ == [2]
    flat = classifier().fit(X, Y[:, 0])
    assert_array_equal(est.predict(X)[:, 0], flat.predict(X))


def test_columns_of_different_types(labels):
    pd = pytest.importorskip("pandas", reason="needs the extra 'pandas'")
    X, Y = labels
    table = pd.DataFrame(
        {
            "click": Y[:, 0] > 0,
            "mood": WORDS[Y[:, 1]],
            "stars": Y[:, 1] + 1,
            "kind": pd.Categorical(WORDS[Y[:, 1]]),
        }
    )
    est = classifier().fit(X, table)
    assert est.objective_names_ == ["click", "mood", "stars", "kind"]
    assert [c.dtype.kind for c in est.classes_] == ["b", "O", "i", "O"]
    assert [type(o) for o in est.objectives_] == [Binary, *[Multiclass] * 3]
    prediction = est.predict(X)
    assert prediction.dtype == object
    assert prediction.shape == table.shape
    assert (prediction == table.to_numpy(dtype=object)).mean() > 0.8
    assert est.score(X, table) > 0.3
    # Any row's values are of their own column's type.
    assert [type(v) for v in prediction[0]][1:] == [str, int, str]


@pytest.mark.parametrize("missing", [None, np.nan])
@pytest.mark.parametrize("words", [True, False])
def test_missing_labels(missing, words, labels):
    X, Y = labels
    values = (WORDS if words else np.arange(3) + 4).astype(object)[Y]
    values[::5, 1] = missing
    est = classifier().fit(X, values)
    expected = sorted(WORDS) if words else [4, 5, 6]
    assert est.classes_[1].tolist() == expected
    assert set(est.predict(X)[:, 1]) == set(expected)
    # A single column without the unlabelled rows is the same model, exactly.
    kept = np.arange(len(X)) % 5 != 0
    one = classifier().fit(X, values[:, 1])
    assert_array_equal(
        one.predict_proba(X),
        classifier().fit(X[kept], values[kept, 1]).predict_proba(X),
    )


def test_whole_numbers_beside_nan_stay_integers(labels):
    X, Y = labels
    y = np.where(np.arange(len(Y)) % 4 == 0, np.nan, Y[:, 1])
    est = classifier().fit(X, y)
    assert est.classes_.dtype == np.int64
    assert est.predict(X).dtype == np.int64


@pytest.mark.parametrize(("label", "kind"), [(1.0, "f"), (2.0**60, "O")])
def test_numbers_of_several_types_are_in_one_array_of_numbers(label, kind, labels):
    """Unless it would round them."""
    X, Y = labels
    y = np.column_stack([Y[:, 0] * label, Y[:, 0].astype(float)])
    y[::4, 0] = np.nan
    est = classifier().fit(X, y)
    assert [classes.dtype.kind for classes in est.classes_] == ["i", "f"]
    assert est.predict(X).dtype.kind == kind
    assert_array_equal(np.unique(est.predict(X)[:, 0].astype(float)), [0, label])


def test_objectives(labels):
    X, Y = labels
    softmax = classifier(objective="multiclass").fit(X, Y)
    assert [type(o) for o in softmax.objectives_] == [Multiclass, Multiclass]
    assert [p.shape[1] for p in softmax.predict_proba(X)] == [2, 3]
    binary = classifier(objective=Binary).fit(X, Y)
    assert [type(o) for o in binary.objectives_] == [Binary, Multiclass]
    assert_allclose(softmax.predict_proba(X)[0], binary.predict_proba(X)[0], atol=0.25)


def test_staged_probabilities(labels):
    X, Y = labels
    est = classifier().fit(X, Y)
    stages = list(est.staged_predict_proba(X))
    assert len(stages) == 10
    for p, q in zip(stages[-1], est.predict_proba(X), strict=True):
        assert_allclose(p, q, rtol=1e-5, atol=1e-7)
    flat = list(classifier().fit(X, Y[:, 1]).staged_predict_proba(X))
    assert [p.shape for p in flat] == [(300, 3)] * 10


@pytest.mark.parametrize("label", [3, "spam", True])
@pytest.mark.parametrize("two_dimensional", [False, True])
def test_one_class_is_warned_of_and_predicted(label, two_dimensional, labels):
    X, Y = labels
    column = np.full(len(X), label)
    y = column
    if two_dimensional:
        y = np.column_stack([Y[:, 0].astype(object), column.astype(object)])
    with pytest.warns(ConstantTargetWarning, match=f"target.*{label}") as caught:
        est = classifier().fit(X, y)
    assert caught[0].filename == __file__
    proba, prediction = est.predict_proba(X), est.predict(X)
    if two_dimensional:
        assert est.n_classes_ == [2, 1]
        proba, prediction = proba[1], prediction[:, 1]
        assert np.mean(est.predict(X)[:, 0] == Y[:, 0]) > 0.8
    assert_array_equal(proba, np.ones((len(X), 1)))
    assert_array_equal(prediction, column)


def test_one_class_of_the_mixed_estimator(labels):
    X, Y = labels
    est = MultiObjectiveEstimator(["binary", "multiclass", "binary"], **FAST)
    with pytest.warns(ConstantTargetWarning) as caught:
        est.fit(X, np.column_stack([Y[:, 0], np.full(300, 4), np.ones(300)]))
    warned = " ".join(str(warning.message) for warning in caught)
    assert "'target1'" in warned
    assert "'target2'" in warned
    assert "'target0'" not in warned
    assert_array_equal(est.predict(X)[:, 1], 4)
    assert_allclose(est.predict(X)[:, 2], 1, atol=1e-6)
    assert est.predict_proba(X)[1].shape == (300, 1)


@pytest.mark.parametrize("two_dimensional", [False, True])
def test_a_class_without_training_rows_keeps_its_place(two_dimensional, labels):
    X, Y = labels
    y = Y if two_dimensional else Y[:, 1]
    weight = (Y[:, 1] != 2).astype(float)
    est = classifier().fit(X, y, sample_weight=weight)
    proba = as_list(est.predict_proba(X))[-1]
    assert_array_equal(as_list(est.classes_)[-1], [0, 1, 2])
    assert proba.shape == (300, 3)
    assert_allclose(proba.sum(axis=1), 1)
    assert proba[:, 2].max() < 1e-6


def test_a_class_that_is_held_out_entirely():
    X = np.random.default_rng(0).normal(size=(60, 2))
    y = np.repeat([0, 1, 2], 20)
    y[30] = 3
    for seed in range(12):  # the fourth class is held out with probability 1/4
        est = classifier(early_stopping=True, validation_fraction=0.25)
        est.set_params(random_state=seed, min_child_samples=3).fit(X, y)
        assert est.predict_proba(X).shape == (60, 4)
        assert np.isfinite(est.history_["val_loss"]).all()
