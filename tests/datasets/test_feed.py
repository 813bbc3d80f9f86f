"""The feed generator: its formulas, its missing targets, its seed."""

import numpy as np
import pytest

from skmo.datasets import FEED_FEATURES, FEED_TARGETS, make_feed
from skmo.datasets._feed import CATEGORIES, DEVICES


def test_same_seed_same_data_and_numpy_global_state_untouched():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, again = make_feed(500, random_state=3), make_feed(500, random_state=3)
    other = make_feed(500, random_state=4)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first[0], other[0])


def test_shapes_and_domains():
    X, Y = make_feed(700, n_noise_features=2, random_state=0)
    assert X.shape == (700, len(FEED_FEATURES) + 2)
    assert Y.shape == (700, len(FEED_TARGETS))
    assert np.isfinite(X).all()
    click, long_view, watch = Y.T
    assert set(np.unique(click)) == {0, 1}
    assert set(np.unique(long_view[~np.isnan(long_view)])) == {0, 1}
    assert np.nanmin(watch) == 0
    assert set(X[:, 0]) == set(range(len(CATEGORIES)))
    assert set(X[:, 1]) == set(range(len(DEVICES)))


def test_kinds_of_targets_are_as_described():
    _, Y = make_feed(20_000, missing=0.0, random_state=0)
    assert np.isfinite(Y).all()
    click, long_view, watch = Y.T
    assert long_view[click == 1].mean() > 3 * long_view[click == 0].mean()
    neither = (click == 0) & (long_view == 0)
    np.testing.assert_array_equal(watch == 0, neither)
    assert np.median(watch) < watch.mean()


def test_truth_is_the_conditional_mean():
    # In bins of the predicted mean the average outcome agrees within 4.5 standard
    # errors: for 30 bins, false alarms are rarer than 1 in 4000 seeds.
    _, Y, truth = make_feed(60_000, missing=0.0, random_state=0, return_truth=True)
    for y, mean in zip(Y.T, truth.T, strict=True):
        for rows in np.array_split(np.argsort(mean), 10):
            residual = y[rows] - mean[rows]
            error = residual.std() / np.sqrt(len(rows))
            assert abs(residual.mean()) < 4.5 * error


def test_missing_targets_an_outage_and_at_random():
    _, Y = make_feed(10_000, missing=0.2, random_state=0)
    missing = np.isnan(Y)
    assert not missing[:, 0].any()
    np.testing.assert_array_equal(np.flatnonzero(missing[:, 1]), np.arange(3000, 5000))
    # Binomial(10000, 0.2) has a standard deviation of 40.
    assert abs(missing[:, 2].sum() - 2000) < 200
    assert abs(missing[:1000, 2].sum() - 200) < 65


def test_frames_hold_the_same_numbers():
    pd = pytest.importorskip("pandas", reason="frames need pandas")
    X, Y, truth = make_feed(300, random_state=0, return_truth=True)
    frames = make_feed(300, random_state=0, return_truth=True, as_frame=True)
    assert list(frames[0].columns[:11]) == list(FEED_FEATURES)
    assert list(frames[1].columns) == list(frames[2].columns) == list(FEED_TARGETS)
    for name, j in (("category", 0), ("device", 1)):
        assert isinstance(frames[0][name].dtype, pd.CategoricalDtype)
        np.testing.assert_array_equal(frames[0][name].cat.codes, X[:, j])
    np.testing.assert_array_equal(frames[0].iloc[:, 2:], X[:, 2:])
    np.testing.assert_array_equal(frames[1], Y)
    np.testing.assert_array_equal(frames[2], truth)


@pytest.mark.parametrize("n_samples", [1, 7])
def test_tiny(n_samples):
    X, Y = make_feed(n_samples, n_noise_features=0, random_state=0)
    assert (len(X), len(Y)) == (n_samples, n_samples)


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"n_samples": 0}, "n_samples"),
        ({"n_samples": 10.5}, "n_samples"),
        ({"n_noise_features": -1}, "n_noise_features"),
        ({"missing": 1.0}, "missing"),
        ({"missing": float("nan")}, "missing"),
    ],
)
def test_bad_parameters(parameters, name):
    with pytest.raises(ValueError, match=f"'{name}' parameter of make_feed"):
        make_feed(**parameters)
