"""What reaches the user's terminal: nothing, unless asked for."""

from __future__ import annotations

import re

import numpy as np
import pytest
import scipy.sparse as sp

from skmo import (
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRegressor,
)

FAST = {"n_estimators": 30, "num_leaves": 7, "n_jobs": 1, "random_state": 0}


def categories(X):
    X = X.copy()
    X[:, 0] = np.round(np.abs(X[:, 0]) * 3)
    return X


CASES = {
    "plain": ({}, lambda X, Y: (X, Y)),
    "one target": ({}, lambda X, Y: (X, Y[:, 0])),
    "sampled": ({"subsample": 0.5, "colsample_bytree": 0.5}, lambda X, Y: (X, Y)),
    "held out": ({"early_stopping": True}, lambda X, Y: (X, Y)),
    "sparse": ({}, lambda X, Y: (sp.csr_array(X * (X > 0)), Y)),
    "constant features": ({}, lambda X, Y: (np.ones_like(X), Y)),
    "one constant feature": ({}, lambda X, Y: (X * [0, 1, 1, 1, 1], Y)),
    "missing features": ({}, lambda X, Y: (np.full_like(X, np.nan), Y)),
    "constant targets": ({}, lambda X, Y: (X, np.zeros_like(Y))),
    "few rows": ({}, lambda X, Y: (X[:5], Y[:5])),
    "two rows": ({"min_child_samples": 1}, lambda X, Y: (X[:2], Y[:2])),
    "no limit": ({"min_child_samples": 0}, lambda X, Y: (X, Y)),
    "no split": ({"min_split_gain": 1e9}, lambda X, Y: (X, Y)),
    "deep": ({"max_depth": 2, "num_leaves": 300}, lambda X, Y: (X, Y)),
    "categories": ({"categorical_features": [0]}, lambda X, Y: (categories(X), Y)),
    "many bins": ({"max_bin": 1000}, lambda X, Y: (X, Y)),
}


@pytest.mark.filterwarnings("ignore::skmo.exceptions.NoTreesWarning")
@pytest.mark.parametrize(("params", "change"), CASES.values(), ids=CASES)
def test_nothing_is_printed(params, change, real, capfd):
    X, Y = change(*real)
    est = MultiObjectiveRegressor(**{**FAST, "n_estimators": 8, **params}).fit(X, Y)
    est.set_params(n_estimators=12, warm_start=True).fit(X, Y)
    assert np.isfinite(est.predict(X)).all()
    est.apply(X)
    out, err = capfd.readouterr()
    assert out == err == ""


@pytest.mark.parametrize("params", [{}, {"n_estimators": 3}, {"early_stopping": True}])
def test_nothing_is_printed_of_labels(params, labels, capfd):
    MultiObjectiveClassifier(**{**FAST, **params}).fit(*labels).predict(labels[0])
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("verbose", "rounds"), [(1, [10, 20, 30]), (2, range(1, 31))])
@pytest.mark.parametrize("validate", [False, True])
def test_verbose(verbose, rounds, validate, mixed, capfd):
    X, Y = mixed
    est = MultiObjectiveEstimator(
        ["binary", "squared_error", "poisson"], **FAST, verbose=verbose
    )
    val = {"X_val": X[:100], "y_val": Y[:100]} if validate else {}
    est.fit(X, Y, **val)
    out, err = capfd.readouterr()
    assert err == ""
    *lines, first, last = out.splitlines()
    # The long silence behind the rounds is explained.
    assert first == "heads: training learners of the objectives' own …"
    kept = [
        n for n, h in zip(est.objective_names_, est.heads_, strict=True) if h != "none"
    ]
    shown = ", ".join(kept) or "none"
    assert re.fullmatch(rf"heads: {shown} kept \(\d+\.\d s\)", last)
    assert [int(re.match(r"\[(\d+)\]", line)[1]) for line in lines] == list(rounds)
    kind = "val_loss" if validate else "train_loss"
    for line, n in zip(lines, rounds, strict=True):
        assert f" {kind}: " in line
        for name, loss in zip(
            est.objective_names_, est.history_[kind][n - 1], strict=True
        ):
            assert f"{name} {loss:.5g}" in line
        gap, conflict = (est.history_[key][n - 1] for key in ("gap", "conflict"))
        assert f"; gap {gap:.2g}, conflict {conflict:.0%} (" in line


def test_what_lightgbm_refuses_is_explained(real, capfd):
    est = MultiObjectiveRegressor(**FAST, lightgbm_params={"extra_trees": "perhaps"})
    with pytest.raises((ValueError, RuntimeError), match="'lightgbm_params'"):
        est.fit(*real)
    # Its line on stderr before it gives up cannot be silenced.
    assert capfd.readouterr().out == ""
