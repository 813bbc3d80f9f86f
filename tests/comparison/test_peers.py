"""Other libraries: what they are asked, what they answer, what they cannot do."""

import sys

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import r2_score

from skmo import MultiObjectiveClassifier, MultiObjectiveEstimator, compare
from skmo.comparison._peers import PEERS, select_peers
from skmo.objectives import (
    AbsoluteError,
    Binary,
    CrossEntropy,
    Gamma,
    Huber,
    Multiclass,
    Poisson,
    Quantile,
    SquaredError,
    Tweedie,
)

SMALL = {"n_estimators": 30, "num_leaves": 8, "n_jobs": 1, "learning_rate": 0.3}
RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 3))
SIGNAL = X[:, 0] + 0.1 * RNG.normal(size=300)
TARGETS = {
    SquaredError: SIGNAL,
    AbsoluteError: SIGNAL,
    Quantile: SIGNAL,
    Huber: SIGNAL,
    Poisson: RNG.poisson(np.exp(SIGNAL)),
    Tweedie: RNG.poisson(np.exp(SIGNAL)),
    Gamma: np.exp(SIGNAL),
    Binary: SIGNAL > 0,
    CrossEntropy: 1 / (1 + np.exp(-SIGNAL)),
    Multiclass: np.digitize(SIGNAL, [-0.5, 0.5]),
}
# What each peer has no loss for.
LACKING = {
    "catboost": {Gamma},
    "xgboost": {Huber},
    "forest": {AbsoluteError, Quantile, Huber},
}


def run(Y, peers, objectives=None, **options):
    estimator = options.pop("estimator", None) or MultiObjectiveEstimator(
        objectives=objectives, **SMALL
    )
    peers = [peers] if isinstance(peers, str) else peers
    for peer in peers:
        pytest.importorskip(PEERS[peer].package, reason="an optional peer")
    return compare(X, Y, estimator=estimator, peers=peers, random_state=0, **options)


@pytest.mark.parametrize("peer", LACKING)
def test_every_loss_of_every_peer(peer):
    kinds = list(TARGETS)
    result = run(
        np.column_stack([TARGETS[kind] for kind in kinds]).astype(float),
        peer,
        objectives=[kind() for kind in kinds],
        target_names=[kind.__name__ for kind in kinds],
    )
    lacking = {kind.__name__ for kind in LACKING[peer]}
    assert set(result.unsupported.get(peer, {})) == lacking
    for record in result.to_records():
        if record["objective"] in lacking:
            assert np.isnan(record[peer])
            word = result.unsupported[peer][record["objective"]]
            assert word.startswith(f"no {record['objective']} loss")
        else:
            # The signal is nearly free of noise, counts aside.
            assert 0.25 < record[peer] <= 1
    assert result.seconds[peer] > 0
    assert result.peers == [peer]


@pytest.mark.parametrize("peer", ["catboost_joint", "xgboost_joint"])
@pytest.mark.parametrize("kind", [SquaredError, Binary, CrossEntropy])
def test_joint_losses(peer, kind):
    # In units a thousand times apart, which a sum of squares would not survive.
    unit = 1000.0 if kind is SquaredError else 1.0
    first = TARGETS[kind].astype(float)
    second = X[:, 1] if kind is SquaredError else X[:, 1] > 0
    result = run(
        np.column_stack([unit * first + (unit > 1) * 7e4, second]).astype(float),
        peer,
        objectives=[kind(), kind()],
    )
    assert result.unsupported == {}
    for record in result.to_records():
        assert 0.5 < record[peer] <= 1


@pytest.mark.parametrize(
    ("objectives", "missing", "categorical", "words"),
    [
        (
            ["binary", "squared_error"],
            False,
            None,
            {"catboost_joint": "no mixed losses", "xgboost_joint": "no mixed losses"},
        ),
        (["squared_error"] * 2, True, None, {"xgboost_joint": "no missing targets"}),
        (
            ["binary"] * 2,
            True,
            None,
            {
                "catboost_joint": "no missing labels",
                "xgboost_joint": "no missing targets",
            },
        ),
        (
            ["squared_error"] * 2,
            False,
            [2],
            {"xgboost_joint": "no categorical features"},
        ),
        (
            ["squared_error"],
            False,
            None,
            {"catboost_joint": "nothing to share", "xgboost_joint": "nothing to share"},
        ),
    ],
)
def test_what_joint_losses_cannot_do_is_said(objectives, missing, categorical, words):
    Y = np.column_stack(
        [SIGNAL > 0 if name == "binary" else SIGNAL for name in objectives]
    ).astype(float)
    if missing:
        Y[::4, 1] = np.nan
    features = X.copy()
    features[:, 2] = np.arange(300) % 3
    pytest.importorskip("catboost", reason="an optional peer")
    pytest.importorskip("xgboost", reason="an optional peer")
    result = compare(
        features,
        Y,
        estimator=MultiObjectiveEstimator(
            objectives, categorical_features=categorical, **SMALL
        ),
        peers=list(words) if len(words) == 2 else ["catboost_joint", *words],
        random_state=0,
    )
    assert set(result.unsupported) == set(words)
    for peer, word in words.items():
        assert set(result.unsupported[peer]) == {
            r["objective"] for r in result._records
        }
        assert all(said.startswith(word) for said in result.unsupported[peer].values())
        assert f"{peer} did not run: {word}" in str(result)
    if "catboost_joint" not in words:
        assert all(r["catboost_joint"] > 0.5 for r in result.to_records())


def test_forest_is_scikit_learns_on_the_training_rows():
    Y = np.column_stack([SIGNAL, X[:, 1]])
    Y[::5, 1] = np.nan
    result = compare(
        X[:250],
        Y[:250],
        X_test=X[250:],
        Y_test=Y[250:],
        time=np.arange(250),
        estimator=MultiObjectiveEstimator(["squared_error"] * 2, **SMALL),
        peers=["forest"],
        random_state=3,
    )
    rows = np.flatnonzero(~np.isnan(Y[:225, 1]))
    forest = RandomForestRegressor(100, min_samples_leaf=5, random_state=3)
    forest.fit(X[rows], Y[rows, 1])
    test = 250 + np.flatnonzero(~np.isnan(Y[250:, 1]))
    expected = r2_score(Y[test, 1], forest.predict(X[test]))
    assert result.to_records()[1]["forest"] == pytest.approx(expected)


@pytest.mark.parametrize("peer", ["catboost", "xgboost", "forest"])
def test_categories_missing_features_and_constants(peer):
    features = X.copy()
    features[:, 2] = RNG.permutation(np.arange(300) % 4)
    effect = np.array([0.0, 3.0, -3.0, 1.0])[features[:, 2].astype(int)]
    features[::9, 2] = np.nan
    features[::7, 0] = np.nan
    Y = np.column_stack([effect, np.full(300, 2.0)])
    Y[::3, 0] = np.nan
    pytest.importorskip(PEERS[peer].package, reason="an optional peer")
    Y[280:, 1] = 1.0
    result = compare(
        features[:250],
        Y[:250],
        X_test=features[250:],
        Y_test=Y[250:],
        estimator=MultiObjectiveEstimator(
            ["squared_error"] * 2, categorical_features=[2], **SMALL
        ),
        peers=[peer],
        random_state=0,
    )
    record, constant = result.to_records()
    assert record[peer] > 0.5
    assert constant[peer] == pytest.approx(constant["separate"])


@pytest.mark.parametrize("peer", ["catboost", "catboost_joint", "xgboost"])
def test_sparse_features(peer):
    sparse = pytest.importorskip("scipy.sparse")
    pytest.importorskip(PEERS[peer].package, reason="an optional peer")
    features = sparse.csr_matrix(np.where(np.abs(X) > 0.3, X, 0))
    result = compare(
        features,
        np.column_stack([SIGNAL, X[:, 1]]),
        estimator=MultiObjectiveEstimator(["squared_error"] * 2, **SMALL),
        peers=[peer],
        random_state=0,
    )
    assert all(record[peer] > 0.5 for record in result.to_records())


def test_early_stopping_is_shared():
    xgb = pytest.importorskip("xgboost", reason="an optional peer")
    noise = RNG.normal(size=(300, 1))
    estimator = MultiObjectiveEstimator(
        ["squared_error"], n_iter_no_change=3, **{**SMALL, "n_estimators": 200}
    )
    asked = []
    train = xgb.train

    def spy(params, rows, rounds, **options):
        asked.append((params["learning_rate"], rounds, options))
        return train(params, rows, rounds, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xgb, "train", spy)
        run(noise, "xgboost", estimator=estimator)
        run(noise, "xgboost", estimator=estimator.set_params(early_stopping=False))
    assert asked[0][:2] == (0.3, 200)
    assert asked[0][2]["early_stopping_rounds"] == 3
    assert asked[1][2] == {}


def test_labels_of_a_classifier_over_folds():
    Y = np.array(["a", "b", "c"])[TARGETS[Multiclass]]
    result = compare(
        X,
        Y,
        estimator=MultiObjectiveClassifier(**{**SMALL, "n_estimators": 10}),
        peers="installed",
        cv=2,
        random_state=0,
    )
    (record,) = result.to_records()
    for peer in set(result.peers) - {"catboost_joint", "xgboost_joint"}:
        assert record[peer] > 0.5
    assert {"fold", "forest"} < set(result._fold_records[0])


def test_what_a_library_refuses_is_said(monkeypatch):
    catboost = pytest.importorskip("catboost", reason="an optional peer")

    def refuse(*arguments, **options):
        raise catboost.CatBoostError("too odd\nand more")

    monkeypatch.setattr(catboost.CatBoost, "fit", refuse)
    result = run(np.column_stack([SIGNAL]), "catboost", ["squared_error"])
    assert result.unsupported == {"catboost": {"target0": "refused: too odd"}}
    assert np.isnan(result.to_records()[0]["catboost"])


def test_selection():
    assert select_peers(("lightgbm",)) == []
    assert select_peers(["forest", "lightgbm", "forest"]) == ["forest"]
    assert "forest" in select_peers("installed")
    for peers, message in (
        ("forest", r"Pass peers=\['forest'\]"),
        ("all", "must be 'installed' or a list.* Got 'all'"),
        (["forest", "catbost"], "'catboost'.* Got 'catbost'"),
        ([3], "Got 3"),
    ):
        with pytest.raises(ValueError, match=message):
            select_peers(peers)


@pytest.mark.parametrize("name", ["catboost", "xgboost_joint"])
def test_a_peer_that_is_not_installed(feed, monkeypatch, name):
    monkeypatch.setitem(sys.modules, PEERS[name].package, None)
    assert name not in select_peers("installed")
    with pytest.raises(ImportError, match=r"names .* pip install \"skmo\[peers\]\""):
        compare(*feed, peers=[name])


# scikit-learn's own, before it refuses.
@pytest.mark.filterwarnings("ignore:overflow encountered in cast:RuntimeWarning")
@pytest.mark.parametrize("where", ["training", "test"])
def test_features_a_peer_refuses_end_nothing_else(where):
    """skmo and LightGBM take a feature beyond float32; a forest does not."""
    huge = X.copy()
    huge[0 if where == "training" else -1, 0] = 1e300
    result = compare(
        huge[:200],
        np.column_stack([SIGNAL, -SIGNAL])[:200],
        X_test=huge[200:],
        Y_test=np.column_stack([SIGNAL, -SIGNAL])[200:],
        estimator=MultiObjectiveEstimator(**SMALL),
        peers=["forest"],
        time=np.arange(200),
        random_state=0,
    )
    words = result.unsupported["forest"]
    assert list(words) == ["target0", "target1"]
    assert all(word.startswith("refused: Input X contains") for word in words.values())
    for record in result.to_records():
        assert np.isnan(record["forest"])
        assert np.isfinite(record["skmo"])
        assert np.isfinite(record["separate"])
