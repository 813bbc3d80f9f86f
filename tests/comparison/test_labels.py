"""Classifiers: labels of any type, several classes, some of them unseen."""

import numpy as np
import pytest
from sklearn.metrics import d2_log_loss_score, roc_auc_score

from skmo import MultiObjectiveClassifier, compare
from skmo.objectives import Binary

SMALL = {"n_estimators": 8, "num_leaves": 5, "n_jobs": 1}
RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 3))
SIGNAL = X[:, :2] + 0.3 * RNG.normal(size=(400, 2))


def labels():
    Y = np.empty((400, 2), dtype=object)
    Y[:, 0] = np.where(SIGNAL[:, 0] > 0, "yes", "no")
    Y[:, 1] = np.array(["a", "b", "c"])[np.digitize(SIGNAL[:, 1], [-0.5, 0.5])]
    Y[::6, 0] = None
    return Y


def compared(Y, **options):
    estimator = options.pop("estimator", MultiObjectiveClassifier(**SMALL))
    names = ["answer", "kind"][: Y.shape[1]]
    return compare(
        X[:300],
        Y[:300],
        X_test=X[300:],
        Y_test=Y[300:],
        estimator=estimator,
        target_names=names,
        time=np.arange(300),
        random_state=0,
        **options,
    )


def test_scores_of_labels():
    Y = labels()
    result = compared(Y)
    answer, kind = result.to_records()
    proba = result.estimator_.predict_proba(X[300:])
    rows = Y[300:, 0] != None  # noqa: E711
    auc = roc_auc_score(Y[300:, 0][rows] == "yes", proba[0][rows, 1])
    assert (answer["metric"], answer["n_test"]) == ("AUC", rows.sum())
    assert answer["skmo"] == pytest.approx(auc)
    d2 = d2_log_loss_score(Y[300:, 1].astype(str), proba[1])
    assert (kind["metric"], kind["skmo"]) == ("D2", pytest.approx(d2))
    assert kind["n_rarer"] is None
    assert min(answer["separate"], kind["separate"]) > 0.3
    assert [c.tolist() for c in result.estimator_.classes_] == [
        ["no", "yes"],
        ["a", "b", "c"],
    ]


def test_labels_are_the_codes_of_numbers():
    Y = labels()
    codes = np.column_stack(
        [
            np.where(Y[:, 0] == "yes", 1.0, 0.0),
            np.searchsorted(["a", "b", "c"], Y[:, 1].astype(str)),
        ]
    )
    codes[::6, 0] = np.nan
    by_label, by_code = compared(Y), compared(codes)
    assert by_label.to_records() == by_code.to_records()


def test_unseen_labels_count_as_unobserved():
    Y = labels()
    missing = Y.copy()
    Y[[290, 350], 1] = "d"  # a validation row and a test row
    missing[[290, 350], 1] = None
    assert compared(Y).to_records() == compared(missing).to_records()


def test_a_single_column_and_softmax_of_two_classes():
    Y = labels()[:, :1]
    (record,) = compared(
        Y, estimator=MultiObjectiveClassifier("multiclass", **SMALL)
    ).to_records()
    assert record["metric"] == "AUC"
    assert record["separate"] > 0.9
    assert record["skmo"] > 0.9


class OwnLoss(Binary):
    """A user's own loss, of which LightGBM knows nothing."""


def test_own_loss_of_labels():
    own, plain = (
        compared(labels()[:, :1], estimator=MultiObjectiveClassifier(loss, **SMALL))
        for loss in (OwnLoss(), "binary")
    )
    assert own.to_records()[0]["separate"] == pytest.approx(
        plain.to_records()[0]["separate"], abs=1e-6
    )


def test_frames_of_labels_over_folds():
    pd = pytest.importorskip("pandas", reason="frames need pandas")
    Y = pd.DataFrame(labels(), columns=["answer", "kind"])
    Y["kind"] = Y["kind"].astype("category")
    result = compare(
        X, Y, estimator=MultiObjectiveClassifier(**SMALL), cv=2, random_state=0
    )
    assert [r["metric"] for r in result.to_records()] == ["AUC", "D2"]
    assert result.estimator_.objective_names_ == ["answer", "kind"]


def test_bad_labels():
    classifier = MultiObjectiveClassifier(**SMALL)
    with pytest.raises(
        ValueError, match=r"'Y' .* must be numeric.*MultiObjectiveClassi"
    ):
        compare(X, labels())
    with pytest.raises(ValueError, match=r"'Y' .* must have the shape"):
        compare(X, np.zeros((400, 2, 2)), estimator=classifier)
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        compare(X, SIGNAL, estimator=classifier)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
def test_a_class_that_a_fold_did_not_train_on():
    """Three classes over all rows, but two in the training rows of a fold."""
    Y = np.where(SIGNAL > 0, "a", "b").astype(object)
    Y[5, 1] = "c"
    result = compare(
        X,
        Y,
        estimator=MultiObjectiveClassifier(**SMALL),
        peers=["forest"],
        cv=3,
        random_state=0,
    )
    assert [r["metric"] for r in result.to_records()] == ["AUC", "D2"]
    for record in result.to_records():
        assert all(np.isfinite(record[side]) for side in ("separate", "skmo", "forest"))
