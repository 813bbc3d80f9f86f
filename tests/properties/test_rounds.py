"""Rounds: losses that fall, and models that are their own beginnings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from skmo import MultiObjectiveEstimator

from .strategies import KINDS, QUICK, SEEDS, TARGETS, outputs, signal, target
from .test_layouts import ordinary

# Each a convex loss; Newton steps of a tenth do not pass its minimum. Not the pinball
# loss: a leaf's quantile is interpolated, as LightGBM's is, and of few rows beside the
# least loss.
_LOSSES = [
    (name, kind)
    for name in TARGETS
    if name != "quantile"
    for kind in TARGETS[name]
    if kind not in ("all scales", "huge", "tiny", "heavy tails", "beyond")
]


@pytest.mark.parametrize("structure", ["sum", "objective"])
@given(
    seed=SEEDS,
    n=st.integers(5, 60),
    losses=st.lists(st.sampled_from(_LOSSES), min_size=1, max_size=3),
    holes=st.booleans(),
)
def test_training_losses_never_rise(structure, seed, n, losses, holes):
    """Not even of the objectives that a round's tree was not grown for."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    Y = np.column_stack([target(rng, signal(X), *loss) for loss in losses])
    if holes:
        Y[1:][rng.random((n - 1, len(losses))) < 0.3] = np.nan
    est = MultiObjectiveEstimator(
        [name for name, _ in losses],
        structure=structure,
        **{**QUICK, "n_estimators": 8},
    ).fit(X, Y)
    loss = est.history_["train_loss"]
    # The scores' rounding to float32, of whatever size they are.
    rounding = 1e-5 * np.maximum(loss[:1], 1e-3)
    assert (np.diff(loss, axis=0) <= rounding).all()


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_a_model_begins_as_the_shorter_one(kind, data):
    """The first rounds of a fit are those of one that ends there."""
    problem = data.draw(ordinary(kind))
    long = problem.fit_or_reject(n_estimators=5)
    n_rounds = len(long.history_["seconds"])
    for t in range(1, n_rounds + 1):
        short = problem.fit(n_estimators=t)
        for name in set(long.history_) - {"seconds"}:
            assert_array_equal(
                short.history_[name], long.history_[name][:t], err_msg=name
            )
        leaves = short.apply(problem.X)
        n_trees = leaves.shape[1]
        assert n_trees >= t
        assert_array_equal(leaves, long.apply(problem.X)[:, :n_trees])


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), patience=st.integers(1, 3))
def test_n_iter_says_which_rounds_predict(kind, data, patience):
    """What stopped early predicts as the model cut at its best rounds."""
    problem = data.draw(ordinary(kind))
    rng = np.random.default_rng(problem.recipe[-1])
    # Validation rows of noise, so that objectives stop, and at different rounds.
    order = rng.permutation(len(problem.X))
    val = {"X_val": problem.X[order], "y_val": problem.Y}
    if kind == "ranker":
        val["qid_val"] = problem.more["qid"]
    stopped = problem.on(more={**problem.more, **val})
    params = {"n_iter_no_change": patience, "learning_rate": 0.5}
    long = stopped.fit_or_reject(n_estimators=12, **params)
    if not long.n_iter_.any():
        rows = np.reshape(long.predict(problem.X), (len(order), -1))
        assert_array_equal(rows, np.tile(rows[0], (len(rows), 1)))  # constants
        return
    short = stopped.fit(n_estimators=int(long.n_iter_.max()), **params)
    assert_array_equal(short.n_iter_, long.n_iter_)
    found = outputs(short, problem.X)
    for name, expected in outputs(long, problem.X).items():
        assert_array_equal(found[name], expected, err_msg=name)
    *_, last = (np.asarray(p, dtype=float) for p in long.staged_predict(problem.X))
    # Of numbers: tree by tree, where `predict` adds up all trees first.
    scale = np.maximum(np.abs(last).max(axis=0), np.finfo(float).tiny)
    whole = outputs(long, problem.X)["predict"]
    assert_allclose(last / scale, whole / scale, rtol=0, atol=1e-13)
