"""Quantile regressors in what all estimators can do, where sorting matters."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import skmo
from skmo import MultiQuantileRegressor
from skmo.callbacks import checkpoint, stop_when
from skmo.exceptions import InterruptedFitWarning

# So close to each other that learnt quantiles cross.
LEVELS = [0.1, 0.45, 0.5, 0.55, 0.9]


def model(**params):
    plain = {"n_estimators": 12, "num_leaves": 5, "n_jobs": 1, "random_state": 0}
    return MultiQuantileRegressor(LEVELS, **{**plain, **params})


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(250, 3))
    return X, X[:, 0] + np.exp(0.5 * X[:, 1]) * rng.normal(size=250)


@pytest.fixture(scope="module")
def fitted(rows):
    return model().fit(*rows)


def test_the_exported_model_has_them_as_learnt(rows, fitted):
    X, _ = rows
    raw = fitted.to_lightgbm().predict(X)
    assert (np.diff(raw, axis=1) < 0).any()
    assert_allclose(np.sort(raw, axis=1), fitted.predict(X), atol=1e-6)
    assert [output["link"] for output in fitted.lightgbm_outputs()] == ["identity"] * 5


def test_contributions_add_up_to_those(rows, fitted):
    X, _ = rows
    raw = fitted.to_lightgbm().predict(X[:40])
    total = fitted.predict_contrib(X[:40]).sum(axis=2)
    assert_allclose(total, raw, atol=1e-6)


def test_a_view_is_a_column_of_the_sorted(rows, fitted):
    X, y = rows
    view = fitted.for_objective("q0.5")
    assert_array_equal(view.predict(X), fitted.predict(X)[:, 2])
    assert view.score(X, y) > 0.2


def test_data_frames(rows, fitted):
    pd = pytest.importorskip("pandas")
    X, _ = rows
    framed = model().fit(*rows).set_output(predict="pandas")
    found = framed.predict(X)
    assert isinstance(found, pd.DataFrame)
    assert list(found) == ["q0.1", "q0.45", "q0.5", "q0.55", "q0.9"]
    assert_array_equal(found, fitted.predict(X))
    # The ends of the 80 % interval are 0.1 and 0.9 up to rounding.
    assert list(framed.predict_interval(X, 0.8)) == ["q0.1", "q0.9"]
    assert framed.predict(X, quantiles=0.5).shape == (250,)


def test_files(rows, fitted, tmp_path):
    fitted.save_model(tmp_path / "m.skmo")
    loaded = skmo.load_model(tmp_path / "m.skmo")
    assert type(loaded) is MultiQuantileRegressor
    assert_array_equal(loaded.predict(rows[0]), fitted.predict(rows[0]))
    assert_array_equal(
        loaded.predict_interval(rows[0]), fitted.predict_interval(*rows[:1])
    )


def test_resumed_to_the_same_model(rows, fitted, tmp_path):
    path = tmp_path / "run.ckpt"
    stop = stop_when(lambda env: env.iteration == 6)
    model().fit(*rows, callbacks=[checkpoint(path, every=3), stop])
    resumed = model().fit(*rows, resume_from=path)
    assert_array_equal(resumed.predict(rows[0]), fitted.predict(rows[0]))
    assert_array_equal(resumed.n_iter_, fitted.n_iter_)


def test_interrupted(rows):
    def interrupt(env):
        if env.iteration == 4:
            raise KeyboardInterrupt

    est = model(on_interrupt="keep", heads="none")
    with pytest.warns(InterruptedFitWarning, match="after 5 of 12 rounds"):
        est.fit(*rows, callbacks=[interrupt])
    shorter = model(n_estimators=5, heads="none").fit(*rows)
    assert_array_equal(est.predict(rows[0]), shorter.predict(rows[0]))
