"""Scorers, on skmo's and scikit-learn's models, against scores by hand."""

import pickle

import numpy as np
import pytest
import sklearn
from sklearn import metrics as sk
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score, cross_validate
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmo import (
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRegressor,
)
from skmo.metrics import d2_pinball_score, make_scorer
from skmo.metrics._scorer import METRICS

SMALL = {
    "n_estimators": 8,
    "num_leaves": 5,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
}
RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 4))
SIGNAL = X[:, :3] + RNG.normal(size=(300, 3))
REAL = SIGNAL.copy()
REAL[RNG.uniform(size=REAL.shape) < 0.2] = np.nan
LABELS = np.column_stack(
    [np.where(SIGNAL[:, 0] > 0, "yes", "no"), np.digitize(SIGNAL[:, 1], [-1, 1])]
).astype(object)
LABELS[::5, 0] = None
MIX = np.column_stack(
    [SIGNAL[:, 0] > 0, np.exp(SIGNAL[:, 1]), np.digitize(SIGNAL[:, 2], [-1, 1])]
).astype(float)
MIX[::7, :2] = np.nan


def seen(y, p):
    rows = ~np.isnan(y)
    return y[rows], p[rows]


def test_regressor_by_name_and_by_objective():
    est = MultiObjectiveRegressor(**SMALL).fit(X, REAL)
    P = est.predict(X)
    each = [sk.r2_score(*seen(REAL[:, k], P[:, k])) for k in range(3)]
    assert make_scorer("r2")(est, X, REAL) == pytest.approx(np.mean(each))
    assert make_scorer("r2", combine="min")(est, X, REAL) == pytest.approx(min(each))
    assert make_scorer(objective=1)(est, X, REAL) == pytest.approx(each[1])
    assert make_scorer(objective=-1)(est, X, REAL) == pytest.approx(each[2])
    assert make_scorer(objective="target2")(est, X, REAL) == pytest.approx(each[2])
    every = make_scorer(combine=None)(est, X, REAL)
    assert every == pytest.approx(
        {
            **{f"target{k}": value for k, value in enumerate(each)},
            "mean": np.mean(each),
            "min": min(each),
        }
    )
    for name, loss in (
        ("neg_root_mean_squared_error", sk.root_mean_squared_error),
        ("neg_mean_absolute_error", sk.mean_absolute_error),
    ):
        expected = -loss(*seen(REAL[:, 0], P[:, 0]))
        assert make_scorer(name, objective=0)(est, X, REAL) == pytest.approx(expected)


def test_auto_is_the_natural_score_of_a_mix():
    est = MultiObjectiveEstimator(
        objectives=["binary", "gamma", "multiclass"], **SMALL
    ).fit(X, MIX)
    proba, P = est.predict_proba(X), est.predict(X)
    expected = [
        sk.roc_auc_score(*seen(MIX[:, 0], proba[0][:, 1])),
        sk.d2_tweedie_score(*seen(MIX[:, 1], P[:, 1]), power=2),
        sk.d2_log_loss_score(MIX[:, 2], proba[2]),
    ]
    for k, value in enumerate(expected):
        assert make_scorer(objective=k)(est, X, MIX) == pytest.approx(value)
    y, p = seen(MIX[:, 0], proba[0][:, 1])
    for name, value in (
        ("roc_auc", expected[0]),
        ("average_precision", sk.average_precision_score(y, p)),
        ("neg_brier_score", -sk.brier_score_loss(y, p)),
        ("neg_log_loss", -sk.log_loss(y, p)),
        ("d2_log_loss", sk.d2_log_loss_score(y, p)),
    ):
        assert make_scorer(name, objective=0)(est, X, MIX) == pytest.approx(value)
    loss = make_scorer("neg_log_loss", objective=2)(est, X, MIX)
    assert loss == pytest.approx(-sk.log_loss(MIX[:, 2], proba[2]))


def test_classifier_with_labels_of_several_types():
    est = MultiObjectiveClassifier(**SMALL).fit(X, LABELS)
    first, second = est.predict_proba(X)
    rows = LABELS[:, 0] != None  # noqa: E711
    y = LABELS[rows, 0] == "yes"
    scores = make_scorer(combine=None)(est, X, LABELS)
    assert scores["target0"] == pytest.approx(sk.roc_auc_score(y, first[rows, 1]))
    codes = LABELS[:, 1].astype(int)
    assert scores["target1"] == pytest.approx(sk.d2_log_loss_score(codes, second))
    loss = make_scorer("neg_log_loss")(est, X, LABELS)
    expected = [sk.log_loss(y, first[rows, 1]), sk.log_loss(codes, second)]
    assert loss == pytest.approx(-np.mean(expected))


def test_a_label_that_training_lacked_counts_as_unobserved():
    est = MultiObjectiveClassifier(**SMALL).fit(X, LABELS)
    strange = LABELS.copy()
    strange[:3, 0], missing = "perhaps", strange.copy()
    missing[:3, 0] = None
    scorer = make_scorer(combine=None)
    assert scorer(est, X, strange) == scorer(est, X, missing)


@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(5, random_state=0),
        MultiOutputClassifier(LogisticRegression()),
        MLPClassifier(4, max_iter=5, random_state=0),
        make_pipeline(StandardScaler(), MultiOutputClassifier(LogisticRegression())),
    ],
    ids=["forest", "per output", "multilabel", "pipeline"],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_classifiers_of_scikit_learn(model):
    Y = (SIGNAL > 0).astype(int)
    proba = model.fit(X, Y).predict_proba(X)
    if isinstance(proba, list):
        proba = np.column_stack([p[:, 1] for p in proba])
    Y = Y.astype(float)
    Y[::4, 1] = np.nan
    expected = [sk.roc_auc_score(*seen(Y[:, k], proba[:, k])) for k in range(3)]
    assert make_scorer()(model, X, Y) == pytest.approx(np.mean(expected))
    assert make_scorer("roc_auc", objective=1)(model, X, Y) == pytest.approx(
        expected[1]
    )


@pytest.mark.parametrize(
    "model", [RandomForestRegressor(5, random_state=0), MultiOutputRegressor(Ridge())]
)
def test_regressors_of_scikit_learn(model):
    P = model.fit(X, SIGNAL).predict(X)
    expected = np.mean([sk.r2_score(*seen(REAL[:, k], P[:, k])) for k in range(3)])
    assert make_scorer()(model, X, REAL) == pytest.approx(expected)
    # What only ranks needs no probabilities.
    Y = (SIGNAL > 0).astype(float)
    auc = make_scorer("roc_auc", objective=0)(model, X, Y)
    assert auc == pytest.approx(sk.roc_auc_score(Y[:, 0], P[:, 0]))


def test_one_dimensional_targets():
    y = np.where(SIGNAL[:, 0] > 0, "b", "a")
    for model in (
        MultiObjectiveClassifier(**SMALL).fit(X, y),
        LogisticRegression().fit(X, y),
    ):
        expected = sk.roc_auc_score(y == "b", model.predict_proba(X)[:, 1])
        assert make_scorer()(model, X, y) == pytest.approx(expected)


def test_callables_get_predictions():
    est = MultiObjectiveRegressor("absolute_error", **SMALL).fit(X, REAL)
    expected = d2_pinball_score(REAL, est.predict(X))
    assert make_scorer(d2_pinball_score)(est, X, REAL) == pytest.approx(expected)
    assert make_scorer("d2_absolute_error")(est, X, REAL) == pytest.approx(expected)


@pytest.mark.parametrize("shape", [(300,), (300, 3)])
def test_weights(shape):
    est = MultiObjectiveRegressor(**SMALL).fit(X, REAL)
    weight = RNG.integers(0, 3, size=shape).astype(float)
    P, each = est.predict(X), np.broadcast_to(weight.reshape(300, -1), (300, 3))
    expected = []
    for k in range(3):
        rows = ~np.isnan(REAL[:, k])
        w = each[rows, k]
        expected.append(sk.r2_score(REAL[rows, k], P[rows, k], sample_weight=w))
    score = make_scorer("r2")(est, X, REAL, sample_weight=weight)
    assert score == pytest.approx(np.mean(expected))


def test_grid_search_over_missing_targets():
    search = GridSearchCV(
        MultiObjectiveEstimator(objectives=["binary", "gamma", "multiclass"], **SMALL),
        {"learning_rate": [1e-6, 0.3]},
        scoring=make_scorer(combine=None),
        refit="min",
        cv=KFold(2, shuffle=True, random_state=0),
    ).fit(X, MIX)
    assert search.best_params_ == {"learning_rate": 0.3}
    table = search.cv_results_
    names = [f"mean_test_target{k}" for k in range(3)]
    means = np.array([table[name] for name in names])
    np.testing.assert_allclose(table["mean_test_mean"], means.mean(axis=0))
    # The search itself can be scored by its best model.
    assert make_scorer()(search, X, MIX) == make_scorer()(
        search.best_estimator_, X, MIX
    )


def test_cross_validation_with_frames_and_names():
    pd = pytest.importorskip("pandas", reason="names come from data frames")
    Y = pd.DataFrame(REAL, columns=["a", "b", "c"])
    est = MultiObjectiveRegressor(**SMALL)
    scores = cross_val_score(est, X, Y, scoring=make_scorer(objective="b"), cv=2)
    every = cross_validate(est, X, Y, scoring=make_scorer(combine=None), cv=2)
    np.testing.assert_allclose(scores, every["test_b"])
    assert {"test_a", "test_b", "test_c", "test_mean", "test_min"} < set(every)


def test_metadata_routing_of_weights():
    weight = RNG.integers(1, 3, size=300).astype(float)
    est = MultiObjectiveRegressor(**SMALL)
    with sklearn.config_context(enable_metadata_routing=True):
        scorer = make_scorer("r2").set_score_request(sample_weight=True)
        routed = cross_val_score(
            est.set_fit_request(sample_weight=True),
            X,
            REAL,
            scoring=scorer,
            cv=2,
            params={"sample_weight": weight},
        )
    rows = np.arange(150)
    fitted = clone(est).fit(X[150:], REAL[150:], sample_weight=weight[150:])
    expected = make_scorer("r2")(fitted, X[rows], REAL[rows], weight[rows])
    assert routed[0] == pytest.approx(expected)


def test_pickle_clone_and_repr():
    est = MultiObjectiveRegressor(**SMALL).fit(X, REAL)
    scorer = make_scorer("neg_mean_absolute_error", objective=1)
    for copy in (pickle.loads(pickle.dumps(scorer)), clone(scorer)):
        assert copy(est, X, REAL) == scorer(est, X, REAL)
    assert "neg_mean_absolute_error" in repr(scorer)


def test_undefined_scores_are_left_out():
    est = MultiObjectiveRegressor(**SMALL).fit(X, REAL)
    Y = REAL.copy()
    Y[:, 1] = 1.0
    with pytest.warns(UndefinedMetricWarning, match=r"of \['target1'\]: too few"):
        every = make_scorer(combine=None)(est, X, Y)
    assert np.isnan(every["target1"])
    assert every["mean"] == pytest.approx((every["target0"] + every["target2"]) / 2)
    Y[:] = 1.0
    with pytest.warns(UndefinedMetricWarning):
        assert np.isnan(make_scorer()(est, X, Y))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metric": "f1"}, "'metric' parameter must be .*'f1'"),
        ({"combine": "max"}, "'combine' parameter must be .*'max'"),
        ({"objective": 1.5}, "'objective' parameter must be .*1.5"),
        ({"objective": True}, "'objective' parameter must be .*True"),
    ],
)
def test_bad_parameters(options, message):
    with pytest.raises(ValueError, match=message):
        make_scorer(**options)


def test_metrics_that_do_not_suit():
    mix = MultiObjectiveEstimator(
        objectives=["binary", "gamma", "multiclass"], **SMALL
    ).fit(X, MIX)
    for options, message in (
        ({"metric": "r2"}, "scores numbers, but objective 'target2' holds labels"),
        ({"metric": "neg_log_loss"}, "none for objective 'target1'"),
        ({"metric": "roc_auc", "objective": 1}, "'target1' has values such as"),
        ({"metric": "roc_auc", "objective": 2}, "'target2' has 3 classes"),
        ({"objective": 3}, "must be an index below 3.* Got 3"),
        ({"objective": "click"}, r"one of \['target0'.* Got 'click'"),
        ({"metric": d2_pinball_score}, "'d2_pinball_score' scores numbers"),
    ):
        with pytest.raises(ValueError, match=message):
            make_scorer(**options)(mix, X, MIX)
    with pytest.raises(ValueError, match="y has 1 target"):
        make_scorer()(mix, X, MIX[:, :1])
    labels = RidgeClassifier().fit(X, (SIGNAL > 0).astype(int))
    with pytest.raises(ValueError, match="scores probabilities, but the model has non"):
        make_scorer()(labels, X, (SIGNAL > 0).astype(int))


def test_a_target_named_like_a_combination():
    pd = pytest.importorskip("pandas", reason="names come from data frames")
    Y = pd.DataFrame(REAL, columns=["mean", "b", "c"])
    est = MultiObjectiveRegressor(**SMALL).fit(X, Y)
    with pytest.raises(ValueError, match=r"A target is named 'mean'.*rename"):
        make_scorer(combine=None)(est, X, Y)
    assert make_scorer(objective="mean")(est, X, Y) < 1


def test_every_metric_is_documented():
    for name in METRICS:
        assert f'"{name}"' in make_scorer.__doc__


def test_brier_score_of_a_label_that_never_varied():
    """One class in training: its probability is 1, of the other 0."""
    Y = np.column_stack([np.ones(300), SIGNAL[:, 0] > 0]).astype(int)
    est = RandomForestClassifier(5, random_state=0).fit(X, Y)
    assert est.classes_[0].tolist() == [1]
    scorer = make_scorer("neg_brier_score", objective=0)
    assert scorer(est, X, Y) == 0.0
