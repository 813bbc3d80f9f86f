"""The shared booster on real data sets, against separate LightGBM models."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import train_test_split

from skmo import EntireSpaceClassifier, MultiObjectiveEstimator

pytestmark = pytest.mark.data

# The least mean score, and of how many targets at most one LightGBM model each at
# the same settings may be better by 0.01.
SETS = {
    "enb": (0.985, 0),
    "wq": (0.10, 3),
    "emotions": (0.81, 1),
}


@pytest.mark.parametrize("name", SETS)
def test_against_separate_models(name, load_dataset):
    least, most_worse = SETS[name]
    X, Y, _ = load_dataset(name)
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    binary = np.isin(Y, (0, 1)).all(axis=0)
    rest, test = train_test_split(np.arange(len(X)), random_state=0)
    train, val = train_test_split(rest, test_size=0.2, random_state=0)
    rounds, settings = 500, {"learning_rate": 0.05, "min_child_samples": 10}
    shared = MultiObjectiveEstimator(
        objectives=["binary" if b else "squared_error" for b in binary],
        n_estimators=rounds,
        n_jobs=2,
        random_state=0,
        **settings,
    ).fit(X[train], Y[train], X_val=X[val], y_val=Y[val])
    predicted = shared.predict(X[test])
    scores = []
    for k, is_label in enumerate(binary):
        data = lgb.Dataset(X[train], Y[train, k])
        single = lgb.train(
            {
                "objective": "binary" if is_label else "regression",
                "verbosity": -1,
                "num_threads": 2,
                **settings,
            },
            data,
            rounds,
            valid_sets=[data.create_valid(X[val], Y[val, k])],
            callbacks=[lgb.early_stopping(50, verbose=False)],
        )
        score = roc_auc_score if is_label else r2_score
        y = Y[test, k]
        scores.append([score(y, single.predict(X[test])), score(y, predicted[:, k])])
    separate, found = np.transpose(scores)
    assert found.mean() > least
    assert np.sum(found < separate - 0.01) <= most_worse


def test_missing_endpoints(load_dataset, data_dir):
    """Molecules with half of their endpoints unmeasured: none is left behind."""
    _, Y, _ = load_dataset("adme_biogen")
    parts = np.load(data_dir / "adme_biogen" / "adme_biogen_features.npz")
    X = parts["descriptors"].astype(np.float32)
    X[~np.isfinite(X)] = np.nan
    Y = np.asarray(Y, dtype=float)
    assert 0.4 < np.isnan(Y).mean() < 0.5
    train, test = train_test_split(np.arange(len(X)), random_state=0)
    # The choice of heads out of fold would take most of the test's time.
    est = MultiObjectiveEstimator(
        n_estimators=150, heads="none", n_jobs=2, random_state=0
    )
    est.fit(X[train], Y[train])
    predicted = est.predict(X[test])
    for k in range(Y.shape[1]):
        rows = ~np.isnan(Y[test, k])
        assert r2_score(Y[test][rows, k], predicted[rows, k]) > 0.2


def single(X, y, X_val, y_val, X_test):
    data = lgb.Dataset(X, y)
    booster = lgb.train(
        {"objective": "binary", "learning_rate": 0.05, "verbosity": -1},
        data,
        500,
        valid_sets=[data.create_valid(X_val, y_val)],
        callbacks=[lgb.early_stopping(50, verbose=False)],
    )
    return booster.predict(X_test)


def test_a_funnel_against_separate_models_and_their_product(load_dataset):
    """Visit, then conversion: no stage half a per cent worse than the better."""
    X, Y, _ = load_dataset("hillstrom_email")
    Y = Y[["visit", "conversion"]].to_numpy(dtype=float)
    rest, test = train_test_split(np.arange(len(X)), random_state=0)
    train, val = train_test_split(rest, test_size=0.2, random_state=0)
    est = EntireSpaceClassifier(
        ["visit", "conversion"],
        n_estimators=500,
        learning_rate=0.05,
        n_jobs=2,
        random_state=0,
    ).fit(X.iloc[train], Y[train], X_val=X.iloc[val], y_val=Y[val])
    found = log_loss_by_stage(Y[test], est.predict_proba(X.iloc[test]))
    parts = [X.iloc[rows] for rows in (train, val, test)]
    visit, conversion = (
        single(parts[0], Y[train, k], parts[1], Y[val, k], parts[2]) for k in (0, 1)
    )
    seen, seen_val = train[Y[train, 0] == 1], val[Y[val, 0] == 1]
    given = single(X.iloc[seen], Y[seen, 1], X.iloc[seen_val], Y[seen_val, 1], parts[2])
    for second in (conversion, visit * given):
        separate = log_loss_by_stage(Y[test], np.column_stack([visit, second]))
        assert (found < 1.005 * separate).all()


def log_loss_by_stage(Y, P):
    return -np.where(Y == 1, np.log(P), np.log1p(-P)).mean(axis=0)
